// RUN: seednorm-opt %s --rowwise-to-gpu -canonicalize -cse | FileCheck %s --check-prefixes=CHECK,W32
// RUN: seednorm-opt %s --rowwise-to-gpu=subgroup-size=64 -canonicalize -cse | FileCheck %s --check-prefixes=CHECK,W64

// 128 threads are four warps or two wavefronts: the values of each are combined
// by shuffles, then those of all.
// CHECK-LABEL: func @several
// W32: workgroup({{.*}} : memref<8xf32, #gpu.address_space<workgroup>>)
// W32-COUNT-5: gpu.shuffle xor %{{.*}}, %{{.*}}, %c32_i32
// W64: workgroup({{.*}} : memref<4xf32, #gpu.address_space<workgroup>>)
// W64-COUNT-6: gpu.shuffle xor %{{.*}}, %{{.*}}, %c64_i32
// CHECK-NOT: gpu.shuffle
// CHECK: gpu.barrier
// W32-COUNT-2: gpu.shuffle
// W64-COUNT-1: gpu.shuffle
// CHECK-NOT: gpu.shuffle
// CHECK: gpu.terminator
func.func @several(%x: memref<?x512xf32>, %y: memref<?x1xf32>) {
  rowwise.program rows(%x : memref<?x512xf32>) outs(%y : memref<?x1xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 128, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<512xf32>):
    %s = rowwise.reduce add %a : tensor<512xf32> -> tensor<1xf32>
    rowwise.yield %s : tensor<1xf32>
  }
  return
}

// A row of 16 threads: a CTA has a whole warp all the same, and the rest of it no
// row.
// CHECK-LABEL: func @few
// W32: gpu.launch {{.*}} threads({{.*}} in (%{{[a-z0-9]+}} = %c32,
// W64: gpu.launch {{.*}} threads({{.*}} in (%{{[a-z0-9]+}} = %c64,
// CHECK-COUNT-4: gpu.shuffle xor
// CHECK-NOT: gpu.shuffle
// CHECK-NOT: gpu.barrier
// CHECK: gpu.terminator
func.func @few(%x: memref<?x64xf32>, %y: memref<?x1xf32>) {
  rowwise.program rows(%x : memref<?x64xf32>) outs(%y : memref<?x1xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 16, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<64xf32>):
    %s = rowwise.reduce add %a : tensor<64xf32> -> tensor<1xf32>
    rowwise.yield %s : tensor<1xf32>
  }
  return
}

// 96 threads are three warps, but no whole number of wavefronts: there each adds
// all of them up from memory.
// CHECK-LABEL: func @uneven
// W32: workgroup({{.*}} : memref<6xf32, #gpu.address_space<workgroup>>)
// W32: gpu.shuffle
// W64: workgroup(%[[M:[a-z0-9]+]] : memref<192xf32, #gpu.address_space<workgroup>>)
// W64-NOT: gpu.shuffle
// CHECK: gpu.barrier
// W64: scf.for {{.*}} to %c96
// W64-NEXT: arith.addi
// W64-NEXT: arith.addi
// W64-NEXT: memref.load %[[M]]
// W64-NOT: gpu.shuffle
// CHECK: gpu.terminator
func.func @uneven(%x: memref<?x384xf32>, %y: memref<?x1xf32>) {
  rowwise.program rows(%x : memref<?x384xf32>) outs(%y : memref<?x1xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 96, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<384xf32>):
    %s = rowwise.reduce add %a : tensor<384xf32> -> tensor<1xf32>
    rowwise.yield %s : tensor<1xf32>
  }
  return
}
