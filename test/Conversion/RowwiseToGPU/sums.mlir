// RUN: seednorm-opt %s --rowwise-to-gpu -canonicalize -cse -split-input-file | FileCheck %s

// Sums stay in registers over the rows of a task and make one partial sum, in
// f32, for each of at most 8 tasks; a second kernel adds them up in order, in
// f64, which it rounds once. It runs where there are no rows as well.
// CHECK-LABEL: func @sums
// CHECK: %[[MORE:.*]] = arith.addi %{{.*}}, %c7
// CHECK: arith.divui %[[MORE]], %c8
// CHECK: %[[P:.*]] = memref.alloc(%[[TASKS:.*]]) : memref<?x128xf32>
// CHECK: scf.if
// CHECK: gpu.launch blocks(%[[CTA:[a-z0-9]+]], %{{[a-z0-9]+}}, %{{[a-z0-9]+}}) in (%[[GRID:[a-z0-9]+]] = {{.*}} function(@sums_0_rows)
// CHECK: scf.for %[[TASK:[a-z0-9]+]] = %[[CTA]] to %[[TASKS]] step %[[GRID]]
// CHECK: scf.for {{.*}} iter_args(%[[SUM:[a-z0-9]+]] = %{{.*}}) -> (vector<4xf32>{{.*}})
// CHECK-NEXT: arith.muli
// CHECK: %[[X:.*]] = vector.load
// CHECK: %[[NEW:.*]] = arith.addf %[[SUM]], %[[X]] fastmath<contract> : vector<4xf32>
// CHECK: vector.store %{{.*}}, %[[P]][%[[TASK]], %{{.*}}] {alignment = 16 : i64} : memref<?x128xf32>, vector<4xf32>
// CHECK: gpu.launch {{.*}} function(@sums_0_rows_unaligned)
// CHECK: {{^    }}gpu.launch {{.*}} threads({{.*}} in (%{{[a-z0-9]+}} = %c32, %{{[a-z0-9]+}} = %c16, {{.*}} function(@sums_0_sums)
// CHECK-SAME: workgroup(%[[M:[a-z0-9]+]] : memref<512xf64, #gpu.address_space<workgroup>>)
// CHECK: scf.for {{.*}} to %{{.*}} step %c16 iter_args(%[[S:.*]] = %{{.*}}) -> (f64)
// CHECK: %[[L:.*]] = memref.load %[[P]]
// CHECK: %[[W:.*]] = arith.extf %[[L]] : f32 to f64
// CHECK: arith.addf %[[S]], %[[W]] : f64
// CHECK: memref.store %{{.*}}, %[[M]]
// CHECK: gpu.barrier
// CHECK-COUNT-15: memref.load %[[M]]
// CHECK: arith.truncf %{{.*}} : f64 to f32
// CHECK: memref.store
// CHECK: gpu.barrier
// CHECK: memref.dealloc %[[P]]
func.func @sums(%x: memref<?x128xf32>, %y: memref<128xf32>) {
  rowwise.program rows(%x : memref<?x128xf32>) outs(%y : memref<128xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<128xf32>):
    %s = rowwise.accumulate %a : tensor<128xf32>
    rowwise.yield %s : tensor<128xf32>
  }
  return
}

// -----

// Atomic additions want zeros before them and no memory.
// CHECK-LABEL: func @atomics
// CHECK-NOT: memref.alloc
// CHECK: gpu.launch {{.*}} function(@atomics_0_sums)
// CHECK: memref.store
// CHECK: gpu.launch {{.*}} function(@atomics_0_rows)
// CHECK: scf.for
// CHECK: scf.for
// CHECK-COUNT-4: memref.atomic_rmw addf
// CHECK-NOT: memref.atomic_rmw addf
// CHECK: gpu.terminator
// CHECK-NOT: function(@atomics_0_sums)
func.func @atomics(%x: memref<?x128xf32>, %y: memref<128xf32>) {
  rowwise.program rows(%x : memref<?x128xf32>) outs(%y : memref<128xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1,
                atomics = 1> {
  ^bb0(%a: tensor<128xf32>):
    %s = rowwise.accumulate %a : tensor<128xf32>
    rowwise.yield %s : tensor<128xf32>
  }
  return
}

// -----

// Four rows of a CTA: the upper two give their sums to the lower two, then the
// second gives its own to the first, which stores.
// CHECK-LABEL: func @rows_of_a_cta
// CHECK: gpu.launch
// CHECK-SAME: workgroup(%[[M:[a-z0-9]+]] : memref<64xvector<4xf32>, #gpu.address_space<workgroup>>)
// CHECK: scf.for
// CHECK: scf.for
// CHECK: memref.store %{{.*}}, %[[M]]
// CHECK: gpu.barrier
// CHECK: memref.load %[[M]]
// CHECK: gpu.barrier
// CHECK: memref.store %{{.*}}, %[[M]]
// CHECK: gpu.barrier
// CHECK: memref.load %[[M]]
// CHECK: gpu.barrier
// CHECK-NOT: gpu.barrier
// CHECK: vector.store
// CHECK: gpu.terminator
func.func @rows_of_a_cta(%x: memref<?x128xf32>, %y: memref<128xf32>) {
  rowwise.program rows(%x : memref<?x128xf32>) outs(%y : memref<128xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 4, rows_per_task = 4, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<128xf32>):
    %s = rowwise.accumulate %a : tensor<128xf32>
    rowwise.yield %s : tensor<128xf32>
  }
  return
}

// -----

// Rows that are not kept have their sums in memory, where each thread clears its
// own columns before the first row.
// CHECK-LABEL: func @in_memory
// CHECK: %[[P:.*]] = memref.alloc
// CHECK: gpu.launch {{.*}} function(@in_memory_0_rows)
// CHECK: scf.for %[[TASK:[a-z0-9]+]] =
// CHECK: scf.for
// CHECK: vector.store %cst{{.*}}, %[[P]][%[[TASK]],
// CHECK: scf.for
// CHECK: scf.for
// CHECK: %[[X:.*]] = vector.load
// CHECK: %[[BEFORE:.*]] = vector.load %[[P]][%[[TASK]],
// CHECK: %[[AFTER:.*]] = arith.addf %[[BEFORE]], %[[X]]
// CHECK: vector.store %[[AFTER]], %[[P]][%[[TASK]],
// CHECK: gpu.terminator
func.func @in_memory(%x: memref<?x4096xf32>, %y: memref<4096xf32>) {
  rowwise.program rows(%x : memref<?x4096xf32>) outs(%y : memref<4096xf32>)
      schedule <vector_width = 4, vectors = 1, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8> {
  ^bb0(%a: tensor<4096xf32>):
    %s = rowwise.accumulate %a : tensor<4096xf32>
    rowwise.yield %s : tensor<4096xf32>
  }
  return
}

// -----

// A sum for each sample: tasks stay within samples, and the second kernel adds up
// those of each.
// CHECK-LABEL: func @samples
// CHECK: %[[SAMPLES:.*]] = memref.dim %arg0, %c0
// CHECK: %[[ROWS:.*]] = memref.dim %arg0, %c1
// CHECK: cf.assert
// CHECK: %[[COUNT:.*]] = arith.muli %[[SAMPLES]], %[[EACH:[a-z0-9]+]]
// CHECK: memref.alloc(%[[COUNT]]) : memref<?x128xf32>
// CHECK: gpu.launch {{.*}} function(@samples_0_rows)
// CHECK: scf.for %[[TASK:[a-z0-9]+]] =
// CHECK: arith.divui %[[TASK]], %[[EACH]]
// CHECK: arith.remui %[[TASK]], %[[EACH]]
func.func @samples(%x: memref<?x?x128xf32>, %y: memref<?x1x128xf32>) {
  rowwise.program rows(%x : memref<?x?x128xf32>) outs(%y : memref<?x1x128xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<128xf32>):
    %s = rowwise.accumulate %a : tensor<128xf32>
    rowwise.yield %s : tensor<128xf32>
  }
  return
}

// -----

// Sums of f64 are in f64 from the start; those of narrower types in f32.
// CHECK-LABEL: func @types
// CHECK: memref.alloc({{.*}}) : memref<?x128xf64>
// CHECK: gpu.launch
// CHECK: memref.alloc({{.*}}) : memref<?x128xf32>
// CHECK: gpu.launch {{.*}} function(@types_1_rows)
// CHECK: arith.extf %{{.*}} : vector<8xbf16> to vector<8xf32>
// CHECK: arith.addf %{{.*}} : vector<8xf32>
// CHECK: gpu.launch {{.*}} function(@types_1_sums)
// CHECK: arith.truncf %{{.*}} : f64 to bf16
func.func @types(%x: memref<?x128xf64>, %y: memref<128xf64>, %z: memref<?x128xbf16>, %w: memref<128xbf16>) {
  rowwise.program rows(%x : memref<?x128xf64>) outs(%y : memref<128xf64>)
      schedule <vector_width = 2, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<128xf64>):
    %s = rowwise.accumulate %a : tensor<128xf64>
    rowwise.yield %s : tensor<128xf64>
  }
  rowwise.program rows(%z : memref<?x128xbf16>) outs(%w : memref<128xbf16>)
      schedule <vector_width = 8, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<128xbf16>):
    %s = rowwise.accumulate %a : tensor<128xbf16>
    rowwise.yield %s : tensor<128xbf16>
  }
  return
}
