// RUN: seednorm-opt %s --rowwise-schedule="triple=nvptx64-nvidia-cuda cpu=sm_90" | FileCheck %s --check-prefixes=CHECK,SM90
// RUN: not seednorm-opt %s --rowwise-schedule="triple=nvptx64-nvidia-cuda cpu=sm_80" 2>&1 | FileCheck %s --check-prefix=SM80

// Each of 16 groups has a team of threads; vectors do not reach over groups.
// CHECK-LABEL: func @groups(
// CHECK: schedule <vector_width = 4, {{.*}}rows_per_block = 8, {{.*}}threads_per_row = 32,
// CHECK: schedule <vector_width = 2, {{.*}}threads_per_row = 64,
func.func @groups(%x: memref<?x1024xf32>, %y: memref<?x16xf32>, %z: memref<?x96xf32>) {
  rowwise.program rows(%x : memref<?x1024xf32>) outs(%y : memref<?x16xf32>) {
  ^bb0(%a: tensor<1024xf32>):
    %s = rowwise.reduce add %a : tensor<1024xf32> -> tensor<16xf32>
    rowwise.yield %s : tensor<16xf32>
  }
  rowwise.program rows(%z : memref<?x96xf32>) outs(%y : memref<?x16xf32>) {
  ^bb0(%a: tensor<96xf32>):
    %s = rowwise.reduce add %a : tensor<96xf32> -> tensor<16xf32>
    rowwise.yield %s : tensor<16xf32>
  }
  return
}

// What has no static width is not kept, and groups of it need not begin at
// whole vectors.
// CHECK-LABEL: func @dynamic(
// CHECK: schedule <vector_width = 4, {{.*}}threads_per_row = 256, ctas = {{[0-9]+}}, cache_hints = 1>
// CHECK: schedule <vector_width = 1, {{.*}}threads_per_row = {{[0-9]+}}, ctas = {{[0-9]+}}, cache_hints = 1>
func.func @dynamic(%x: memref<?x?xf32>, %y: memref<?x4xf32>) {
  rowwise.program rows(%x : memref<?x?xf32>) outs(%x : memref<?x?xf32>) {
  ^bb0(%a: tensor<?xf32>):
    rowwise.yield %a : tensor<?xf32>
  }
  rowwise.program rows(%x : memref<?x?xf32>) outs(%y : memref<?x4xf32>) {
  ^bb0(%a: tensor<?xf32>):
    %s = rowwise.reduce add %a : tensor<?xf32> -> tensor<4xf32>
    rowwise.yield %s : tensor<4xf32>
  }
  return
}

// SM80: error: 'rowwise.program' op has a schedule with 'dependent_launch', which only NVIDIA's GPUs have from sm_90 on

// What is given stays. With 'threads_per_row' a flag that is absent is off,
// else the model chooses it.
// CHECK-LABEL: func @given(
// CHECK: schedule <vector_width = 2, vectors = 3, rows_per_block = 2, rows_per_task = 6, threads_per_row = 64, ctas = 7, atomics = 1, dependent_launch = 1, approximate = 1>
// CHECK: schedule <vector_width = 2, vectors = 4, {{.*}}keep_row = 1, {{.*}}cache_hints = 1, atomics = 1, approximate = 1>
// A grid has whole clusters.
// SM90: schedule <{{.*}}ctas = 132, ctas_per_row = 3, keep_row = 1>
// SM90: schedule <{{.*}}ctas = 135, ctas_per_row = 5, keep_row = 1>
func.func @given(%x: memref<?x2048xf32>) {
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%x : memref<?x2048xf32>)
      schedule <vector_width = 2, vectors = 3, rows_per_block = 2, rows_per_task = 6, threads_per_row = 64, ctas = 7,
                atomics = 1, dependent_launch = 1, approximate = 1> {
  ^bb0(%a: tensor<2048xf32>):
    rowwise.yield %a : tensor<2048xf32>
  }
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%x : memref<?x2048xf32>)
      schedule <vector_width = 2, atomics = 1, approximate = 1> {
  ^bb0(%a: tensor<2048xf32>):
    rowwise.yield %a : tensor<2048xf32>
  }
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%x : memref<?x2048xf32>)
      schedule <threads_per_row = 1024, ctas_per_row = 3, rows_per_block = 1, keep_row = 1> {
  ^bb0(%a: tensor<2048xf32>):
    rowwise.yield %a : tensor<2048xf32>
  }
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%x : memref<?x2048xf32>)
      schedule <threads_per_row = 1024, ctas_per_row = 5, rows_per_block = 1, keep_row = 1> {
  ^bb0(%a: tensor<2048xf32>):
    rowwise.yield %a : tensor<2048xf32>
  }
  return
}
