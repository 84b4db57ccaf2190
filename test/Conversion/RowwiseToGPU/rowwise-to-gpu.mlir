// RUN: seednorm-opt %s --rowwise-to-gpu -canonicalize -cse -split-input-file | FileCheck %s

// A warp for each row needs no barrier. Nothing is launched for no rows; CTAs
// take row after row, each of which is read once. Where an array is not
// aligned another kernel does the same.
// CHECK-LABEL: func @warp
// CHECK: %[[N:.*]] = memref.dim
// CHECK: cf.assert %{{.*}}, "{{.*}}arrays have different leading dimensions"
// CHECK: %[[SOME:.*]] = arith.cmpi ne, %[[N]], %c0
// CHECK: scf.if %[[SOME]]
// CHECK-COUNT-2: memref.extract_aligned_pointer_as_index
// CHECK: scf.if
// CHECK: %[[CTAS:.*]] = arith.minui %[[N]], %c8
// CHECK: gpu.launch blocks(%[[CTA:[a-z0-9]+]], {{.*}} in (%[[GRID:[a-z0-9]+]] = %[[CTAS]], {{.*}} threads(%{{.*}}) in (%{{[a-z0-9]+}} = %c32, {{.*}} module(@seednorm_kernels) function(@warp_0_rows)
// CHECK: scf.for %{{.*}} = %[[CTA]] to %[[N]] step %[[GRID]]
// CHECK: vector.load {{.*}} {alignment = 16 : i64} : {{.*}} vector<4xf32>
// CHECK-NOT: vector.load
// CHECK-NOT: gpu.barrier
// CHECK-COUNT-5: gpu.shuffle xor
// CHECK-NOT: gpu.shuffle
// CHECK-NOT: gpu.barrier
// CHECK: vector.store {{.*}} {alignment = 16 : i64} : {{.*}} vector<4xf32>
// CHECK: } else {
// CHECK: gpu.launch {{.*}} function(@warp_0_rows_unaligned)
// CHECK-NOT: alignment
// CHECK: return
func.func @warp(%x: memref<?x128xf32>, %y: memref<?x128xf32>) {
  rowwise.program rows(%x : memref<?x128xf32>) outs(%y : memref<?x128xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<128xf32>):
    %s = arith.mulf %a, %a : tensor<128xf32>
    %m = rowwise.reduce mean %s : tensor<128xf32> -> tensor<1xf32>
    %r = math.rsqrt %m : tensor<1xf32>
    %b = rowwise.broadcast %r : tensor<1xf32> -> tensor<128xf32>
    %n = arith.mulf %a, %b : tensor<128xf32>
    rowwise.yield %n : tensor<128xf32>
  }
  return
}

// -----

// Of several warps both reductions are in one exchange, with one barrier: eight
// values each, twice, as the next row must not write where another thread still
// reads. The parity goes from row to row. All of a row is loaded first, past the
// caches.
// CHECK-LABEL: func @warps
// CHECK: gpu.launch
// CHECK-SAME: workgroup(%[[A:[a-z0-9]+]] : memref<16xf32, #gpu.address_space<workgroup>>, %[[B:[a-z0-9]+]] : memref<16xf32, #gpu.address_space<workgroup>>)
// CHECK: scf.for {{.*}} iter_args(%[[PARITY:.*]] = %c0)
// CHECK-COUNT-2: vector.load {{.*}} {alignment = 16 : i64, nontemporal = true}
// CHECK-NOT: vector.load
// CHECK-COUNT-10: gpu.shuffle xor
// CHECK: %[[HALF:.*]] = arith.muli %[[PARITY]], %c8
// CHECK-NOT: gpu.barrier
// CHECK: memref.store %{{.*}}, %[[A]]
// CHECK-NOT: gpu.barrier
// CHECK: memref.store %{{.*}}, %[[B]]
// CHECK: gpu.barrier
// CHECK-NOT: gpu.barrier
// CHECK: memref.load %[[A]]
// CHECK-COUNT-3: gpu.shuffle xor
// CHECK: memref.load %[[B]]
// CHECK-COUNT-3: gpu.shuffle xor
// CHECK-NOT: gpu.shuffle
// CHECK-NOT: gpu.barrier
// CHECK-COUNT-2: vector.store {{.*}} {alignment = 16 : i64, nontemporal = true}
// CHECK: %[[NEXT:.*]] = arith.subi %c1, %[[PARITY]]
// CHECK: scf.yield %[[NEXT]]
func.func @warps(%x: memref<?x2048xf32>, %y: memref<?x2048xf32>) {
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%y : memref<?x2048xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 256, ctas = 8, keep_row = 1, cache_hints = 1> {
  ^bb0(%a: tensor<2048xf32>):
    %s = arith.mulf %a, %a : tensor<2048xf32>
    %m = rowwise.reduce mean %s : tensor<2048xf32> -> tensor<1xf32>
    %x1 = rowwise.reduce max %a : tensor<2048xf32> -> tensor<1xf32>
    %r = arith.addf %m, %x1 : tensor<1xf32>
    %b = rowwise.broadcast %r : tensor<1xf32> -> tensor<2048xf32>
    %n = arith.mulf %a, %b : tensor<2048xf32>
    rowwise.yield %n : tensor<2048xf32>
  }
  return
}

// -----

// Without 'keep_row' each sweep is a loop, two vectors at a time, and reads the
// row. What is read again stays in the caches.
// CHECK-LABEL: func @read_again
// CHECK: gpu.launch {{.*}} function(@read_again_0_rows)
// CHECK: scf.for
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<4xf32>
// CHECK-COUNT-2: vector.load {{.*}} {alignment = 16 : i64} : {{.*}} vector<4xf32>
// CHECK: gpu.barrier
// CHECK: scf.for
// CHECK: vector.load {{.*}} {alignment = 16 : i64} : {{.*}} vector<4xf32>
// CHECK: vector.store {{.*}} {alignment = 16 : i64, nontemporal = true}
// CHECK: vector.load {{.*}} {alignment = 16 : i64} : {{.*}} vector<4xf32>
// CHECK: vector.store {{.*}} {alignment = 16 : i64, nontemporal = true}
// CHECK: gpu.terminator
func.func @read_again(%x: memref<?x2048xf32>, %y: memref<?x2048xf32>) {
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%y : memref<?x2048xf32>)
      schedule <vector_width = 4, vectors = 2, rows_per_block = 1, rows_per_task = 1, threads_per_row = 256, ctas = 8, cache_hints = 1> {
  ^bb0(%a: tensor<2048xf32>):
    %s = arith.mulf %a, %a : tensor<2048xf32>
    %m = rowwise.reduce mean %s : tensor<2048xf32> -> tensor<1xf32>
    %r = math.rsqrt %m : tensor<1xf32>
    %b = rowwise.broadcast %r : tensor<1xf32> -> tensor<2048xf32>
    %n = arith.mulf %a, %b : tensor<2048xf32>
    rowwise.yield %n : tensor<2048xf32>
  }
  return
}

// -----

// 131 columns: a vector for each thread, then three single columns, for the
// threads that have one; others neither load nor store, and add nothing.
// CHECK-LABEL: func @tail
// CHECK: gpu.launch blocks{{.*}} threads(%[[T:[a-z0-9]+]],
// CHECK: %[[IN:.*]] = arith.cmpi ult, %[[T]], %c3
// CHECK: vector.load {{.*}} vector<4xf32>
// CHECK: %[[ONE:.*]] = scf.if %[[IN]] -> (vector<1xf32>)
// CHECK: vector.load {{.*}} vector<1xf32>
// CHECK: arith.select %[[IN]], %{{.*}}, %{{.*}} : vector<1xf32>
// CHECK: vector.store {{.*}} vector<4xf32>
// CHECK: scf.if %[[IN]]
// CHECK: vector.store {{.*}} vector<1xf32>
// CHECK: gpu.terminator
func.func @tail(%x: memref<?x131xf32>, %y: memref<?x131xf32>) {
  rowwise.program rows(%x : memref<?x131xf32>) outs(%y : memref<?x131xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<131xf32>):
    %s = arith.mulf %a, %a : tensor<131xf32>
    %m = rowwise.reduce mean %s : tensor<131xf32> -> tensor<1xf32>
    %r = math.rsqrt %m : tensor<1xf32>
    %b = rowwise.broadcast %r : tensor<1xf32> -> tensor<131xf32>
    %n = arith.mulf %a, %b : tensor<131xf32>
    rowwise.yield %n : tensor<131xf32>
  }
  return
}

// -----

// Eight rows of a CTA, eight threads each: three shuffles. Rows after the last
// repeat it, and write nothing.
// CHECK-LABEL: func @rows_of_a_cta
// CHECK: %[[N:.*]] = memref.dim
// CHECK: gpu.launch blocks({{.*}} threads(%[[T:[a-z0-9]+]], {{.*}} in (%{{[a-z0-9]+}} = %c64,
// CHECK: %[[WHICH:.*]] = arith.divui %[[T]], %c8
// CHECK: scf.for %[[I:[a-z0-9]+]] =
// CHECK: %[[ROW:.*]] = arith.addi %[[I]], %[[WHICH]]
// CHECK: %[[EXISTS:.*]] = arith.cmpi ult, %[[ROW]], %[[N]]
// CHECK: arith.minui %[[ROW]],
// CHECK-COUNT-3: gpu.shuffle xor
// CHECK-NOT: gpu.shuffle
// CHECK: scf.if %[[EXISTS]]
// CHECK-NEXT: vector.store
// CHECK: gpu.terminator
func.func @rows_of_a_cta(%x: memref<?x32xf32>, %y: memref<?x32xf32>) {
  rowwise.program rows(%x : memref<?x32xf32>) outs(%y : memref<?x32xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 8, rows_per_task = 8, threads_per_row = 8, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<32xf32>):
    %s = arith.mulf %a, %a : tensor<32xf32>
    %m = rowwise.reduce mean %s : tensor<32xf32> -> tensor<1xf32>
    %r = math.rsqrt %m : tensor<1xf32>
    %b = rowwise.broadcast %r : tensor<1xf32> -> tensor<32xf32>
    %n = arith.mulf %a, %b : tensor<32xf32>
    rowwise.yield %n : tensor<32xf32>
  }
  return
}

// -----

// Two CTAs of a cluster have one row: each warp writes its value into the shared
// memory of both. All of them exist before the first does.
// CHECK-LABEL: func @cluster
// CHECK: %[[GRID:.*]] = arith.muli %{{.*}}, %c2
// CHECK: gpu.launch clusters({{.*}}) in (%{{[a-z0-9]+}} = %c2, {{.*}} blocks({{.*}} in (%{{[a-z0-9]+}} = %[[GRID]],
// CHECK-SAME: workgroup(%[[M:[a-z0-9]+]] : memref<32xf32, #gpu.address_space<workgroup>>)
// CHECK: gpu.cluster_block_id x
// CHECK: nvvm.cluster.arrive {aligned}
// CHECK-NEXT: nvvm.cluster.wait {aligned}
// CHECK: scf.for
// CHECK-COUNT-2: vector.load
// CHECK-COUNT-5: gpu.shuffle xor
// CHECK: memref.extract_aligned_pointer_as_index %[[M]]
// CHECK: %[[PEER:.*]] = nvvm.mapa %{{.*}}, %{{.*}} : !llvm.ptr<3> -> !llvm.ptr<7>
// CHECK-NEXT: llvm.store %{{.*}}, %[[PEER]] : f32, !llvm.ptr<7>
// CHECK: nvvm.cluster.arrive {aligned}
// CHECK-NEXT: nvvm.cluster.wait {aligned}
// CHECK-NOT: nvvm.cluster
// CHECK-COUNT-4: gpu.shuffle xor
// CHECK-NOT: gpu.shuffle
// CHECK-NOT: gpu.barrier
// CHECK: gpu.terminator
func.func @cluster(%x: memref<?x4096xf32>, %y: memref<?x4096xf32>) {
  rowwise.program rows(%x : memref<?x4096xf32>) outs(%y : memref<?x4096xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 256, ctas = 64, ctas_per_row = 2, keep_row = 1> {
  ^bb0(%a: tensor<4096xf32>):
    %s = arith.mulf %a, %a : tensor<4096xf32>
    %m = rowwise.reduce mean %s : tensor<4096xf32> -> tensor<1xf32>
    %r = math.rsqrt %m : tensor<1xf32>
    %b = rowwise.broadcast %r : tensor<1xf32> -> tensor<4096xf32>
    %n = arith.mulf %a, %b : tensor<4096xf32>
    rowwise.yield %n : tensor<4096xf32>
  }
  return
}

// -----

// The next kernel may begin, this one waits for the one before it, and only then
// reads.
// CHECK-LABEL: func @dependent
// CHECK: gpu.launch
// CHECK: nvvm.griddepcontrol launch_dependents
// CHECK-NEXT: nvvm.griddepcontrol wait
// CHECK: vector.load
func.func @dependent(%x: memref<?x128xf32>, %y: memref<?x128xf32>) {
  rowwise.program rows(%x : memref<?x128xf32>) outs(%y : memref<?x128xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1, dependent_launch = 1> {
  ^bb0(%a: tensor<128xf32>):
    %s = arith.mulf %a, %a : tensor<128xf32>
    %m = rowwise.reduce mean %s : tensor<128xf32> -> tensor<1xf32>
    %r = math.rsqrt %m : tensor<1xf32>
    %b = rowwise.broadcast %r : tensor<1xf32> -> tensor<128xf32>
    %n = arith.mulf %a, %b : tensor<128xf32>
    rowwise.yield %n : tensor<128xf32>
  }
  return
}

// -----

// Only tanh may be approximate.
// CHECK-LABEL: func @approximate
// CHECK: math.tanh %{{.*}} fastmath<contract,afn>
// CHECK-NEXT: math.exp %{{.*}} fastmath<contract>
func.func @approximate(%x: memref<?x128xf32>, %y: memref<?x128xf32>) {
  rowwise.program rows(%x : memref<?x128xf32>) outs(%y : memref<?x128xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1, approximate = 1> {
  ^bb0(%a: tensor<128xf32>):
    %t = math.tanh %a : tensor<128xf32>
    %e = math.exp %t : tensor<128xf32>
    rowwise.yield %e : tensor<128xf32>
  }
  return
}

// -----

// Columns are loaded with each row, or before the first one.
// CHECK-LABEL: func @columns
// CHECK: gpu.launch {{.*}} function(@columns_0_rows)
// CHECK: scf.for
// CHECK: vector.load {{.*}} memref<128xf32
// CHECK: vector.load {{.*}} memref<128xf32
// CHECK: gpu.terminator
// CHECK: gpu.launch {{.*}} function(@columns_1_rows)
// CHECK: %[[C:.*]] = vector.load
// CHECK: scf.for
// CHECK: %[[R:.*]] = vector.load
// CHECK-NOT: vector.load
// CHECK: arith.mulf %[[R]], %[[C]]
// CHECK: gpu.terminator
func.func @columns(%x: memref<?x128xf32>, %c: memref<128xf32>, %y: memref<?x128xf32>) {
  rowwise.program rows(%x : memref<?x128xf32>) columns(%c : memref<128xf32>) outs(%y : memref<?x128xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<128xf32>, %b: tensor<128xf32>):
    %s = arith.mulf %a, %b : tensor<128xf32>
    rowwise.yield %s : tensor<128xf32>
  }
  rowwise.program rows(%x : memref<?x128xf32>) columns(%c : memref<128xf32>) outs(%y : memref<?x128xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1,
                keep_columns = 1> {
  ^bb0(%a: tensor<128xf32>, %b: tensor<128xf32>):
    %s = arith.mulf %a, %b : tensor<128xf32>
    rowwise.yield %s : tensor<128xf32>
  }
  return
}

// -----

// Each of 4 groups has a team of 8 threads, whose shuffles stay within it; one
// of them stores the group's result.
// CHECK-LABEL: func @groups
// CHECK: gpu.launch blocks({{.*}} threads(%[[T:[a-z0-9]+]],
// CHECK: %[[G:.*]] = arith.divui %[[T]], %c8
// CHECK: %[[P:.*]] = arith.remui %[[T]], %c8
// CHECK: %[[FIRST:.*]] = arith.muli %[[G]], %c32
// CHECK-COUNT-3: gpu.shuffle xor
// CHECK-NOT: gpu.shuffle
// CHECK-NOT: gpu.barrier
// CHECK: %[[ONE:.*]] = arith.cmpi eq, %[[P]], %c0
// CHECK: scf.if %[[ONE]]
// CHECK-NEXT: memref.store %{{.*}}, %{{.*}}[%[[G]]]
// CHECK: gpu.terminator
func.func @groups(%x: memref<?x128xf32>, %y: memref<?x4xf32>) {
  rowwise.program rows(%x : memref<?x128xf32>) outs(%y : memref<?x4xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<128xf32>):
    %s = rowwise.reduce add %a : tensor<128xf32> -> tensor<4xf32>
    rowwise.yield %s : tensor<4xf32>
  }
  return
}

// -----

// Three groups on 32 threads: teams of 8, and 8 threads that have no group.
// CHECK-LABEL: func @left_over
// CHECK: gpu.launch blocks({{.*}} threads(%[[T:[a-z0-9]+]],
// CHECK: %[[G:.*]] = arith.divui %[[T]], %c8
// CHECK: %[[IN:.*]] = arith.cmpi ult, %[[G]], %c3
// CHECK: arith.minui %[[G]], %c2
// CHECK: scf.if %[[IN]]
// CHECK-NEXT: vector.load
// CHECK: gpu.terminator
func.func @left_over(%x: memref<?x96xf32>, %y: memref<?x3xf32>) {
  rowwise.program rows(%x : memref<?x96xf32>) outs(%y : memref<?x3xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<96xf32>):
    %s = rowwise.reduce add %a : tensor<96xf32> -> tensor<3xf32>
    rowwise.yield %s : tensor<3xf32>
  }
  return
}

// -----

// Of dynamic width: whole steps, whole vectors, then single columns.
// CHECK-LABEL: func @dynamic
// CHECK: gpu.launch {{.*}} function(@dynamic_0_rows)
// CHECK: scf.for
// CHECK: scf.for {{.*}} step %c64 iter_args
// CHECK-COUNT-2: vector.load {{.*}} vector<4xf32>
// CHECK: scf.for {{.*}} step %c32 iter_args
// CHECK: vector.load {{.*}} vector<4xf32>
// CHECK: scf.for
// CHECK: vector.load {{.*}} vector<1xf32>
// CHECK: gpu.shuffle
func.func @dynamic(%x: memref<?x?xf32>, %y: memref<?x1xf32>) {
  rowwise.program rows(%x : memref<?x?xf32>) outs(%y : memref<?x1xf32>)
      schedule <vector_width = 4, vectors = 2, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8> {
  ^bb0(%a: tensor<?xf32>):
    %s = rowwise.reduce add %a : tensor<?xf32> -> tensor<1xf32>
    rowwise.yield %s : tensor<1xf32>
  }
  return
}

// -----

// Elements that are not side by side are accessed one by one, and no second
// kernel is needed: there is no aligned one.
// CHECK-LABEL: func @strided
// CHECK: gpu.launch {{.*}} function(@strided_0_rows_unaligned)
// CHECK: scf.for
// CHECK-COUNT-4: memref.load
// CHECK-COUNT-4: memref.store
// CHECK-NOT: gpu.launch
func.func @strided(%x: memref<?x128xf32, strided<[512, 4]>>, %y: memref<?x128xf32, strided<[512, 4]>>) {
  rowwise.program rows(%x : memref<?x128xf32, strided<[512, 4]>>) outs(%y : memref<?x128xf32, strided<[512, 4]>>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<128xf32>):
    %s = arith.negf %a : tensor<128xf32>
    rowwise.yield %s : tensor<128xf32>
  }
  return
}

// -----

// An i1 is a byte in memory: 4 of them are less than 128 bits.
// CHECK-LABEL: func @booleans
// CHECK: gpu.launch {{.*}} function(@booleans_0_rows)
// CHECK-DAG: vector.load {{.*}} {alignment = 4 : i64} : memref<{{.*}}xi8, {{.*}} vector<4xi8>
// CHECK-DAG: arith.trunci {{.*}} : vector<4xi8> to vector<4xi1>
// CHECK: arith.extui {{.*}} : vector<4xi1> to vector<4xi8>
// CHECK: vector.store {{.*}} {alignment = 4 : i64} : memref<{{.*}}xi8, {{.*}} vector<4xi8>
func.func @booleans(%x: memref<?x128xi1>, %z: memref<?x128xi1>, %y: memref<?x128xi1>) {
  rowwise.program rows(%x, %z : memref<?x128xi1>, memref<?x128xi1>) outs(%y : memref<?x128xi1>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<128xi1>, %b: tensor<128xi1>):
    %s = arith.andi %a, %b : tensor<128xi1>
    rowwise.yield %s : tensor<128xi1>
  }
  return
}
