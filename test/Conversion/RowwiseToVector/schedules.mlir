// RUN: seednorm-opt %s --split-input-file --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4" --rowwise-to-vector --canonicalize --cse | FileCheck %s

// The last sweep over a block goes along with the first over the next: in one
// loop over the columns one row is summed and another written.
// CHECK-LABEL: func @pipeline
// CHECK: scf.forall
// CHECK: scf.if
// The first sweep over the first block.
// CHECK: vector.reduction <add>
// CHECK: %[[LAST_SLOT:.*]] = scf.for %{{.*}} iter_args(%[[SLOT:.*]] = %c0) -> (index)
// CHECK: %[[NEXT:.*]] = arith.subi %c16, %[[SLOT]]
// CHECK: scf.for {{.*}} step %c16 iter_args
// CHECK: vector.load
// CHECK: arith.addf
// CHECK: vector.load
// CHECK: arith.mulf
// CHECK: vector.store
// CHECK: vector.reduction <add>
// CHECK: scf.yield %[[NEXT]] : index
// The last sweep over the last block.
// CHECK: memref.load %{{.*}}[%[[LAST_SLOT]]]
// CHECK: vector.store
func.func @pipeline(%x: memref<?x64xf32>, %y: memref<?x64xf32>) {
  rowwise.program rows(%x : memref<?x64xf32>) outs(%y : memref<?x64xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8, pipeline = 1> {
  ^bb0(%a: tensor<64xf32>):
    %s = rowwise.reduce add %a : tensor<64xf32> -> tensor<1xf32>
    %t = rowwise.broadcast %s : tensor<1xf32> -> tensor<64xf32>
    %m = arith.mulf %a, %t : tensor<64xf32>
    rowwise.yield %m : tensor<64xf32>
  }
  return
}

// -----

// A row that is kept is loaded once.
// CHECK-LABEL: func @keep_row
// CHECK: scf.forall
// CHECK: scf.for
// CHECK-COUNT-2: vector.load {{.*}} : memref<32xf32
// CHECK-NOT: vector.load {{.*}} : memref<32xf32
// CHECK: vector.reduction <add>
// CHECK-NOT: vector.load {{.*}} : memref<32xf32
// CHECK-COUNT-2: vector.store
func.func @keep_row(%x: memref<?x32xf32>, %y: memref<?x32xf32>) {
  rowwise.program rows(%x : memref<?x32xf32>) outs(%y : memref<?x32xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8, keep_row = 1> {
  ^bb0(%a: tensor<32xf32>):
    %s = rowwise.reduce add %a : tensor<32xf32> -> tensor<1xf32>
    %t = rowwise.broadcast %s : tensor<1xf32> -> tensor<32xf32>
    %m = arith.mulf %a, %t : tensor<32xf32>
    rowwise.yield %m : tensor<32xf32>
  }
  return
}

// -----

// Sweeps of one and of two groups end their vectors elsewhere.
// CHECK-LABEL: func @keep_row_of_other_groups
// CHECK: vector.load {{.*}}, vector<16xf32>
// CHECK: vector.load {{.*}}, vector<8xf32>
// CHECK: vector.load {{.*}}, vector<4xf32>
func.func @keep_row_of_other_groups(%x: memref<?x24xf32>, %y: memref<?x24xf32>) {
  rowwise.program rows(%x : memref<?x24xf32>) outs(%y : memref<?x24xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 4, peel_remainder = 1, keep_row = 1> {
  ^bb0(%a: tensor<24xf32>):
    %s = rowwise.reduce add %a : tensor<24xf32> -> tensor<1xf32>
    %t = rowwise.broadcast %s : tensor<1xf32> -> tensor<24xf32>
    %m = arith.mulf %a, %t : tensor<24xf32>
    %g = rowwise.reduce add %m : tensor<24xf32> -> tensor<2xf32>
    %h = rowwise.broadcast %g : tensor<2xf32> -> tensor<24xf32>
    %n = arith.mulf %a, %h : tensor<24xf32>
    rowwise.yield %n : tensor<24xf32>
  }
  return
}

// -----

// 12 columns are left: 8 and 4.
// CHECK-LABEL: func @peel
// CHECK-NOT: vector.create_mask
// CHECK: vector.load {{.*}}, vector<16xf32>
// CHECK: vector.load {{.*}}, vector<8xf32>
// CHECK: vector.insert_strided_slice {{.*}} : vector<8xf32> into vector<16xf32>
// CHECK: vector.load {{.*}}, vector<4xf32>
// CHECK: vector.insert_strided_slice {{.*}} : vector<4xf32> into vector<16xf32>
// CHECK: vector.reduction <add>
// CHECK: vector.store {{.*}}, vector<16xf32>
// CHECK: vector.store {{.*}}, vector<8xf32>
// CHECK: vector.store {{.*}}, vector<4xf32>
func.func @peel(%x: memref<?x60xf32>, %y: memref<?x60xf32>) {
  rowwise.program rows(%x : memref<?x60xf32>) outs(%y : memref<?x60xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8, peel_remainder = 1> {
  ^bb0(%a: tensor<60xf32>):
    %s = rowwise.reduce add %a : tensor<60xf32> -> tensor<1xf32>
    %t = rowwise.broadcast %s : tensor<1xf32> -> tensor<60xf32>
    %m = arith.mulf %a, %t : tensor<60xf32>
    rowwise.yield %m : tensor<60xf32>
  }
  return
}

// -----

// Every line of a wide vector is fetched, to the second-level cache.
// CHECK-LABEL: func @prefetch
// CHECK-COUNT-2: memref.prefetch {{.*}}, read, locality<2>, data
// CHECK-NOT: memref.prefetch
func.func @prefetch(%x: memref<?x64xf32>, %y: memref<?x64xf32>) {
  rowwise.program rows(%x : memref<?x64xf32>) outs(%y : memref<?x64xf32>)
      schedule <vector_width = 32, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8, prefetch_rows = 2, prefetch_level = 2> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  return
}
