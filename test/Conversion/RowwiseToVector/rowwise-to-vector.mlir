// RUN: seednorm-opt %s --rowwise-to-vector -canonicalize -cse -split-input-file | FileCheck %s

// Two sweeps: the first reduces, with two vectors of two rows in flight; the
// row scalars of the block come in between as one vector; the second stores.
// CHECK-LABEL: func @two_sweeps
// CHECK: scf.forall (%{{.*}}) in (%{{.*}}) {
// CHECK: memref.alloca() {{.*}} : memref<16xf32>
// CHECK: scf.for
// CHECK: scf.for %{{.*}} iter_args(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-4: vector.load {{.*}} vector<16xf32>
// CHECK: vector.reduction <add>
// CHECK: math.rsqrt %{{.*}} : vector<4xf32>
// CHECK: vector.store {{.*}} vector<16xf32>
func.func @two_sweeps(%x: memref<?x64xf32>, %y: memref<?x64xf32>) {
  rowwise.program rows(%x : memref<?x64xf32>) outs(%y : memref<?x64xf32>)
      schedule <vector_width = 16, vectors = 2, rows_in_flight = 2, rows_per_block = 4, rows_per_task = 8> {
  ^bb0(%a: tensor<64xf32>):
    %s = arith.mulf %a, %a : tensor<64xf32>
    %m = rowwise.reduce mean %s : tensor<64xf32> -> tensor<1xf32>
    %r = math.rsqrt %m : tensor<1xf32>
    %b = rowwise.broadcast %r : tensor<1xf32> -> tensor<64xf32>
    %n = arith.mulf %a, %b : tensor<64xf32>
    rowwise.yield %n : tensor<64xf32>
  }
  return
}

// -----

// 19 columns: one whole vector and a masked rest of three.
// CHECK-LABEL: func @masked
// CHECK: vector.load
// CHECK: vector.store
// CHECK: %[[M:.*]] = vector.constant_mask [3] : vector<16xi1>
// CHECK: vector.maskedload {{.*}}, %[[M]]
// CHECK: vector.maskedstore {{.*}}, %[[M]]
func.func @masked(%x: memref<?x19xf32>, %y: memref<?x19xf32>) {
  rowwise.program rows(%x : memref<?x19xf32>) outs(%y : memref<?x19xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8> {
  ^bb0(%a: tensor<19xf32>):
    %s = arith.negf %a : tensor<19xf32>
    rowwise.yield %s : tensor<19xf32>
  }
  return
}

// -----

// Non-temporal stores where the result is large and aligned, tested at run
// time; rows ahead are prefetched.
// CHECK-LABEL: func @streaming
// CHECK: memref.extract_aligned_pointer_as_index
// CHECK: scf.if
// CHECK: memref.prefetch
// CHECK: vector.store {{.*}} {alignment = 64 : i64, nontemporal = true}
// CHECK: } else {
// CHECK-NOT: nontemporal
func.func @streaming(%x: memref<?x64xf32>, %y: memref<?x64xf32>) {
  rowwise.program rows(%x : memref<?x64xf32>) outs(%y : memref<?x64xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8,
                nontemporal_min_bytes = 1000, prefetch_rows = 4> {
  ^bb0(%a: tensor<64xf32>):
    %s = arith.negf %a : tensor<64xf32>
    rowwise.yield %s : tensor<64xf32>
  }
  return
}

// -----

// Scalable vectors step by vscale.
// CHECK-LABEL: func @scalable
// CHECK: vector.vscale
// CHECK: vector.load {{.*}} vector<[4]xf32>
// CHECK: vector.create_mask {{.*}} : vector<[4]xi1>
func.func @scalable(%x: memref<?x64xf32>, %y: memref<?x64xf32>) {
  rowwise.program rows(%x : memref<?x64xf32>) outs(%y : memref<?x64xf32>)
      schedule <vector_width = 4, scalable = 1, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8> {
  ^bb0(%a: tensor<64xf32>):
    %s = arith.negf %a : tensor<64xf32>
    rowwise.yield %s : tensor<64xf32>
  }
  return
}

// -----

// Columns that are not next to each other are gathered and scattered.
// CHECK-LABEL: func @strided
// CHECK: vector.gather
// CHECK: vector.scatter
func.func @strided(%x: memref<?x16xf32, strided<[?, 3]>>, %y: memref<?x16xf32, strided<[?, 2]>>) {
  rowwise.program rows(%x : memref<?x16xf32, strided<[?, 3]>>) outs(%y : memref<?x16xf32, strided<[?, 2]>>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8> {
  ^bb0(%a: tensor<16xf32>):
    %s = arith.negf %a : tensor<16xf32>
    rowwise.yield %s : tensor<16xf32>
  }
  return
}

// -----

// At most 64 partial sums, whatever the number of threads, added up in order
// and a vector at a time.
// CHECK-LABEL: func @accumulates
// CHECK-DAG: arith.constant 64 : index
// CHECK: %[[P:.*]] = memref.alloc(%{{.*}}) : memref<?x16xf64>
// CHECK: scf.forall
// CHECK: vector.store %{{.*}}, %[[P]]
// CHECK: scf.forall
// CHECK: scf.for %{{.*}} iter_args(%[[SUM:.*]] = %{{.*}}) -> (vector<16xf64>)
// CHECK: %[[OWN:.*]] = vector.load %[[P]]
// CHECK: arith.addf %[[SUM]], %[[OWN]] : vector<16xf64>
// CHECK: arith.truncf %{{.*}} : vector<16xf64> to vector<16xf32>
// CHECK: memref.dealloc %[[P]]
func.func @accumulates(%x: memref<?x16xf32>, %y: memref<16xf32>) {
  rowwise.program rows(%x : memref<?x16xf32>) outs(%y : memref<16xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8> {
  ^bb0(%a: tensor<16xf32>):
    %s = rowwise.accumulate %a : tensor<16xf32>
    rowwise.yield %s : tensor<16xf32>
  }
  return
}

// Sizes that only show at run time are compared before anything is touched;
// those known to fit are not.
// CHECK-LABEL: func @dynamic_sizes
// CHECK: cf.assert {{.*}}arrays have different leading dimensions"
// CHECK: cf.assert {{.*}}arrays have rows of different lengths"
// CHECK: cf.assert {{.*}}the elements of a row cannot be divided into 4 groups"
// CHECK: scf.forall
func.func @dynamic_sizes(%x: memref<?x?xf32>, %b: memref<?xf32>, %y: memref<?x?xf32>) {
  rowwise.program rows(%x : memref<?x?xf32>) columns(%b : memref<?xf32>) outs(%y : memref<?x?xf32>)
      schedule <vector_width = 8, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8> {
  ^bb0(%a: tensor<?xf32>, %c: tensor<?xf32>):
    %p = arith.mulf %a, %c : tensor<?xf32>
    %s = rowwise.reduce add %p : tensor<?xf32> -> tensor<4xf32>
    %t = rowwise.broadcast %s : tensor<4xf32> -> tensor<?xf32>
    rowwise.yield %t : tensor<?xf32>
  }
  return
}

// CHECK-LABEL: func @known_sizes
// CHECK-NOT: cf.assert
func.func @known_sizes(%x: memref<?x8xf32>) {
  rowwise.program rows(%x : memref<?x8xf32>) outs(%x : memref<?x8xf32>)
      schedule <vector_width = 8, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8> {
  ^bb0(%a: tensor<8xf32>):
    rowwise.yield %a : tensor<8xf32>
  }
  return
}

// -----

// By tiles of columns: x and the column are loaded once, the sums of the tile
// are iteration arguments of the loop over the block's rows.
// CHECK-LABEL: func @tiles
// CHECK: scf.forall
// CHECK: vector.load %{{.*}} : memref<64xf32
// CHECK: scf.for %{{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) -> (vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-2: vector.load
// CHECK-NOT: vector.load
// CHECK: scf.yield %{{.*}}, %{{.*}} : vector<16xf32>, vector<16xf32>
// CHECK: arith.extf %{{.*}} : vector<16xf32> to vector<16xf64>
// CHECK: vector.store %{{.*}} : memref<?x64xf64>, vector<16xf64>
func.func @tiles(%x: memref<?x64xf32>, %c: memref<64xf32>, %y: memref<64xf32>) {
  rowwise.program rows(%x : memref<?x64xf32>) columns(%c : memref<64xf32>) outs(%y : memref<64xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 8, rows_per_task = 8, tile_vectors = 2> {
  ^bb0(%a: tensor<64xf32>, %b: tensor<64xf32>):
    %p = arith.mulf %a, %b : tensor<64xf32>
    %s = rowwise.accumulate %p : tensor<64xf32>
    rowwise.yield %s : tensor<64xf32>
  }
  return
}

// -----

// A flag is a byte in memory and in the buffers of row scalars; the masked rest
// divides by one where there are no elements.
// CHECK-LABEL: func @integers
// CHECK: memref.alloca() {{.*}} : memref<4xi8>
// CHECK: arith.trunci %{{.*}} : vector<4xi8> to vector<4xi1>
// CHECK: %[[MASK:.*]] = vector.constant_mask [2] : vector<4xi1>
// CHECK: %[[N:.*]] = vector.maskedload %{{.*}}, %[[MASK]]{{.*}} : memref<6xi32
// CHECK: %[[D:.*]] = arith.select %[[MASK]], %[[N]], %{{.*}} : vector<4xi1>, vector<4xi32>
// CHECK: arith.divsi %{{.*}}, %[[D]]
// CHECK: vector.maskedstore %{{.*}}, %[[MASK]]{{.*}} : memref<6xi8
func.func @integers(%n: memref<?x6xi32>, %f: memref<?x1xi1>, %k: memref<?x6xi1>, %y: memref<?x6xi32>) {
  rowwise.program rows(%n, %f, %k : memref<?x6xi32>, memref<?x1xi1>, memref<?x6xi1>) outs(%y, %k : memref<?x6xi32>, memref<?x6xi1>)
      schedule <vector_width = 4, vectors = 1, rows_in_flight = 1, rows_per_block = 4, rows_per_task = 8> {
  ^bb0(%a: tensor<6xi32>, %g: tensor<1xi1>, %l: tensor<6xi1>):
    %b = rowwise.broadcast %g : tensor<1xi1> -> tensor<6xi1>
    %m = arith.andi %b, %l : tensor<6xi1>
    %h = arith.constant dense<100> : tensor<6xi32>
    %q = arith.divsi %h, %a : tensor<6xi32>
    rowwise.yield %q, %m : tensor<6xi32>, tensor<6xi1>
  }
  return
}

// -----

// The row's index goes with its block; that of the columns is a step.
// CHECK-LABEL: func @indices
// CHECK: memref.alloca() {{.*}} : memref<4xi64>
// CHECK: arith.divui
// CHECK: vector.step : vector<[4]xindex>
// CHECK: arith.cmpi ule, %{{.*}} : vector<[4]xi64>
func.func @indices(%x: memref<2x?x64xf32>, %y: memref<2x?x64xi1>) {
  rowwise.program rows(%x : memref<2x?x64xf32>) outs(%y : memref<2x?x64xi1>)
      schedule <vector_width = 4, scalable = 1, vectors = 1, rows_in_flight = 1, rows_per_block = 4, rows_per_task = 8> {
  ^bb0(%a: tensor<64xf32>):
    %i = rowwise.index 0 : tensor<1xi64>
    %b = rowwise.broadcast %i : tensor<1xi64> -> tensor<64xi64>
    %c = rowwise.index 2 : tensor<64xi64>
    %k = arith.cmpi ule, %b, %c : tensor<64xi64>
    rowwise.yield %k : tensor<64xi1>
  }
  return
}

// -----

// Sums of 3 segments of 100 rows and over all of them: tasks of 8 rows stay
// within a segment, 13 for each, and the segments' sums have 13 each. Adding
// them up is too little for threads.
// CHECK-LABEL: func @segments
// CHECK: %[[P:.*]] = memref.alloc() : memref<39x16xf64>
// CHECK: %[[Q:.*]] = memref.alloc() : memref<39x16xf64>
// CHECK: scf.forall (%[[TASK:.*]]) in (39) {
// CHECK: %[[SEGMENT:.*]] = arith.divui %[[TASK]], %c13
// CHECK: arith.muli %[[SEGMENT]], %c100
// CHECK: arith.remui %[[TASK]], %c13
// CHECK: scf.for %[[UNIT:.*]] = %c0 to %c4
// CHECK: arith.cmpi ult, %[[UNIT]], %c3
// CHECK: scf.for %{{.*}} = %c0 to %c13
// CHECK: %[[REST:.*]] = arith.subi %[[UNIT]], %c3
// CHECK: arith.cmpi {{.*}} %[[REST]],
// CHECK: scf.for %{{.*}} = %c0 to %c39
// CHECK: memref.dealloc %[[P]]
// CHECK: memref.dealloc %[[Q]]
func.func @segments(%x: memref<3x100x16xf32>, %y: memref<3x1x16xf32>, %z: memref<16xf32>) {
  rowwise.program rows(%x : memref<3x100x16xf32>) outs(%y, %z : memref<3x1x16xf32>, memref<16xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8> {
  ^bb0(%a: tensor<16xf32>):
    %s = rowwise.accumulate %a : tensor<16xf32>
    rowwise.yield %s, %s : tensor<16xf32>, tensor<16xf32>
  }
  return
}

// -----

// What is compared with its own maximum must be rounded alike in both sweeps,
// so the product and the sum above the maximum are not contracted.
// CHECK-LABEL: func @compared
// CHECK: %[[P:.*]] = arith.mulf %{{.*}}, %{{.*}} : vector<16xf32>
// CHECK: arith.addf %[[P]], %{{.*}} : vector<16xf32>
// CHECK: arith.maximumf
// CHECK: %[[P:.*]] = arith.mulf %{{.*}}, %{{.*}} : vector<16xf32>
// CHECK: %[[Z:.*]] = arith.addf %[[P]], %{{.*}} : vector<16xf32>
// CHECK: arith.cmpf oeq, %[[Z]]
// CHECK: arith.mulf %[[Z]], %{{.*}} fastmath<contract>
func.func @compared(%x: memref<?x64xf32>, %g: memref<64xf32>, %y: memref<?x64xf32>) {
  rowwise.program rows(%x : memref<?x64xf32>) columns(%g : memref<64xf32>) outs(%y : memref<?x64xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8> {
  ^bb0(%a: tensor<64xf32>, %b: tensor<64xf32>):
    %p = arith.mulf %a, %b : tensor<64xf32>
    %z = arith.addf %p, %b : tensor<64xf32>
    %m = rowwise.reduce max %z : tensor<64xf32> -> tensor<1xf32>
    %mb = rowwise.broadcast %m : tensor<1xf32> -> tensor<64xf32>
    %c = arith.cmpf oeq, %z, %mb : tensor<64xf32>
    %q = arith.mulf %z, %a : tensor<64xf32>
    %r = arith.select %c, %q, %a : tensor<64xi1>, tensor<64xf32>
    rowwise.yield %r : tensor<64xf32>
  }
  return
}

// -----

// Rows of a dynamic width are compared with outs of a static one, also where
// these are sums.
// CHECK-LABEL: func @static_outs
// CHECK: %{{.*}}, %{{.*}}, %[[SIZES:.*]]:2, %{{.*}} = memref.extract_strided_metadata %arg0
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[SIZES]]#1, %c8
// CHECK: cf.assert %[[SAME]], "{{.*}}arrays have rows of different lengths"
func.func @static_outs(%x: memref<?x?xf32>, %y: memref<8xf32>) {
  rowwise.program rows(%x : memref<?x?xf32>) outs(%y : memref<8xf32>)
      schedule <vector_width = 4, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8> {
  ^bb0(%a: tensor<?xf32>):
    %s = rowwise.accumulate %a : tensor<?xf32>
    rowwise.yield %s : tensor<?xf32>
  }
  return
}

// -----

// 64 KiB of groups are the most that the stack is asked for.
// CHECK-LABEL: func @on_stack
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<16384xf32>
// CHECK-NOT: memref.alloc(
func.func @on_stack(%x: memref<?x2048xf32>, %y: memref<?x1024xf32>) {
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%y : memref<?x1024xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 16, rows_per_task = 16> {
  ^bb0(%a: tensor<2048xf32>):
    %s = rowwise.reduce add %a : tensor<2048xf32> -> tensor<1024xf32>
    rowwise.yield %s : tensor<1024xf32>
  }
  return
}

// -----

// CHECK-LABEL: func @on_heap
// CHECK: scf.forall
// CHECK-NOT: memref.alloca
// CHECK: %[[B:.*]] = memref.alloc() {alignment = 64 : i64} : memref<32768xf32>
// CHECK: scf.for
// CHECK: memref.dealloc %[[B]]
func.func @on_heap(%x: memref<?x2048xf32>, %y: memref<?x1024xf32>) {
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%y : memref<?x1024xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 32, rows_per_task = 32> {
  ^bb0(%a: tensor<2048xf32>):
    %s = rowwise.reduce add %a : tensor<2048xf32> -> tensor<1024xf32>
    rowwise.yield %s : tensor<1024xf32>
  }
  return
}
