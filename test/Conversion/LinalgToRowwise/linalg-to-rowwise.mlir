// RUN: seednorm-opt %s --linalg-to-rowwise -split-input-file | FileCheck %s

// CHECK-LABEL: func @add
// CHECK: rowwise.program rows(%arg0, %arg1 : tensor<?x8xf32>, tensor<?x8xf32>) outs(%arg0 : tensor<?x8xf32>)
// CHECK: arith.addf %{{.*}} : tensor<8xf32>
func.func @add(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %r = linalg.add ins(%x, %y : tensor<?x8xf32>, tensor<?x8xf32>) outs(%x : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

// -----

// Operands that some loop does not read repeat: a leading dimension, the row
// (one value for each), everything but the row, everything.
// CHECK-LABEL: func @repeats
// CHECK-DAG: %[[L:.*]] = tensor.expand_shape %arg1 {{.*}} : tensor<4x8xf32> into tensor<1x4x8xf32>
// CHECK-DAG: %[[R:.*]] = tensor.expand_shape %arg2 {{.*}} : tensor<3x4xf32> into tensor<3x4x1xf32>
// CHECK-DAG: %[[S:.*]] = tensor.from_elements %arg4 : tensor<1xf32>
// CHECK: rowwise.program rows(%arg0, %[[L]], %[[R]] : tensor<3x4x8xf32>, tensor<1x4x8xf32>, tensor<3x4x1xf32>)
// CHECK-SAME: columns(%arg3, %[[S]] : tensor<8xf32>, tensor<1xf32>)
// CHECK: rowwise.broadcast %{{.*}} : tensor<1xf32> -> tensor<8xf32>
func.func @repeats(%x: tensor<3x4x8xf32>, %l: tensor<4x8xf32>, %r: tensor<3x4xf32>,
                   %c: tensor<8xf32>, %s: f32) -> tensor<3x4x8xf32> {
  %y = linalg.generic {indexing_maps = [
      affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j, k)>,
      affine_map<(i, j, k) -> (i, j)>, affine_map<(i, j, k) -> (k)>,
      affine_map<(i, j, k) -> ()>, affine_map<(i, j, k) -> (i, j, k)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%l, %x, %r, %c, %s : tensor<4x8xf32>, tensor<3x4x8xf32>, tensor<3x4xf32>, tensor<8xf32>, f32)
      outs(%x : tensor<3x4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %d: f32, %e: f32, %f: f32, %o: f32):
    %half = arith.constant 0.5 : f32
    %0 = arith.addf %a, %b : f32
    %1 = arith.mulf %0, %d : f32
    %2 = arith.mulf %1, %e : f32
    %3 = arith.mulf %2, %f : f32
    %4 = arith.mulf %3, %half : f32
    linalg.yield %4 : f32
  } -> tensor<3x4x8xf32>
  return %y : tensor<3x4x8xf32>
}

// -----

// CHECK-LABEL: func @stays
// CHECK-NOT: rowwise.program
func.func @stays(%x: tensor<4x8xf32>, %t: tensor<8x4xf32>, %i: tensor<4x8xi4>, %o: tensor<4xf32>) {
  // A transposition.
  %0 = linalg.transpose ins(%x : tensor<4x8xf32>) outs(%t : tensor<8x4xf32>) permutation = [1, 0]
  // Integers of a width that row programs do not have.
  %1 = linalg.add ins(%i, %i : tensor<4x8xi4>, tensor<4x8xi4>) outs(%i : tensor<4x8xi4>) -> tensor<4x8xi4>
  // A reduction.
  %2 = linalg.reduce {arith.addf} ins(%x : tensor<4x8xf32>) outs(%o : tensor<4xf32>) dimensions = [1]
  // Elements from anywhere.
  %3 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x8xf32>) outs(%x : tensor<4x8xf32>) {
  ^bb0(%a: f32, %b: f32):
    %p = linalg.index 1 : index
    %c0 = arith.constant 0 : index
    %f = tensor.extract %x[%c0, %p] : tensor<4x8xf32>
    %r = arith.mulf %a, %f : f32
    linalg.yield %r : f32
  } -> tensor<4x8xf32>
  // No operand spans the loops.
  %z = arith.constant 0.0 : f32
  %4 = linalg.fill ins(%z : f32) outs(%x : tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// CHECK-LABEL: func @integers
// CHECK: rowwise.program rows(%arg0 : tensor<4x8xi32>) columns(%arg1, %{{.*}} : tensor<8xi8>, tensor<1xi1>) outs(%arg0 : tensor<4x8xi32>)
// CHECK: arith.extsi %{{.*}} : tensor<8xi8> to tensor<8xi32>
// CHECK: arith.select %{{.*}}, %{{.*}}, %{{.*}} : tensor<8xi1>, tensor<8xi32>
func.func @integers(%x: tensor<4x8xi32>, %c: tensor<8xi8>, %f: i1) -> tensor<4x8xi32> {
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>,
      affine_map<(i, j) -> ()>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %c, %f : tensor<4x8xi32>, tensor<8xi8>, i1) outs(%x : tensor<4x8xi32>) {
  ^bb0(%a: i32, %b: i8, %g: i1, %o: i32):
    %w = arith.extsi %b : i8 to i32
    %s = arith.muli %a, %w : i32
    %r = arith.select %g, %s, %a : i32
    linalg.yield %r : i32
  } -> tensor<4x8xi32>
  return %y : tensor<4x8xi32>
}

// Indices are i64 in a row program.
// CHECK-LABEL: func @causal_mask
// CHECK: rowwise.program rows(%arg0 : tensor<4x?x?xf32>)
// CHECK: %[[ROW:.*]] = rowwise.index 1 : tensor<1xi64>
// CHECK: %[[FROM:.*]] = rowwise.broadcast %[[ROW]] : tensor<1xi64> -> tensor<?xi64>
// CHECK: %[[TO:.*]] = rowwise.index 2 : tensor<?xi64>
// CHECK: %[[SEEN:.*]] = arith.cmpi ule, %[[TO]], %[[FROM]] : tensor<?xi64>
// CHECK: arith.select %[[SEEN]]
func.func @causal_mask(%x: tensor<4x?x?xf32>) -> tensor<4x?x?xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>],
      iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<4x?x?xf32>) outs(%x : tensor<4x?x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %masked = arith.constant 0xFF800000 : f32
    %from = linalg.index 1 : index
    %to = linalg.index 2 : index
    %seen = arith.cmpi ule, %to, %from : index
    %r = arith.select %seen, %a, %masked : f32
    linalg.yield %r : f32
  } -> tensor<4x?x?xf32>
  return %y : tensor<4x?x?xf32>
}

// Casts from and to index are those between i64 and the other type.
// CHECK-LABEL: func @index_casts
// CHECK: %[[I:.*]] = rowwise.index 1 : tensor<8xi64>
// CHECK: %[[S:.*]] = arith.extui %{{.*}} : tensor<8xi8> to tensor<8xi64>
// CHECK: %[[SUM:.*]] = arith.addi %[[I]], %[[S]]
// CHECK: %[[C:.*]] = arith.constant dense<7> : tensor<1xi64>
// CHECK: %[[B:.*]] = rowwise.broadcast %[[C]]
// CHECK: %[[MIN:.*]] = arith.minui %[[SUM]], %[[B]] : tensor<8xi64>
// CHECK: arith.trunci %[[MIN]] : tensor<8xi64> to tensor<8xi32>
func.func @index_casts(%x: tensor<4x8xi8>, %o: tensor<4x8xi32>) -> tensor<4x8xi32> {
  %c7 = arith.constant 7 : index
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x8xi8>) outs(%o : tensor<4x8xi32>) {
  ^bb0(%a: i8, %out: i32):
    %i = linalg.index 1 : index
    %w = arith.index_castui %a : i8 to index
    %s = arith.addi %i, %w : index
    %m = arith.minui %s, %c7 : index
    %r = arith.index_cast %m : index to i32
    linalg.yield %r : i32
  } -> tensor<4x8xi32>
  return %y : tensor<4x8xi32>
}

// Element-wise operations on tensors are row programs too.
// CHECK-LABEL: func @on_tensors
// CHECK: rowwise.program
// CHECK: math.tanh {{.*}} : tensor<8xf32>
func.func @on_tensors(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = math.tanh %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @softmax
// CHECK-NOT: linalg.softmax
// CHECK: rowwise.program
// CHECK: math.exp
func.func @softmax(%x: tensor<?x8xf32>, %o: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = linalg.softmax dimension(1) ins(%x : tensor<?x8xf32>) outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// The values of a row program are left as they are.
// CHECK-LABEL: func @in_program
// CHECK: math.exp %{{.*}} : tensor<8xf32>
// CHECK-NOT: linalg
func.func @in_program(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = rowwise.program rows(%x : tensor<?x8xf32>) outs(%x : tensor<?x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %b = math.exp %a : tensor<8xf32>
    rowwise.yield %b : tensor<8xf32>
  } -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// A read at computed indices becomes an operation of its own, with the inputs
// that its index needs; the arithmetic around it is a row program.
#at = affine_map<(i) -> (i)>
// CHECK-LABEL: func @gather
// CHECK-SAME: %[[TARGETS:[a-z0-9]+]]: tensor<?xi8>, %[[TOTAL:[a-z0-9]+]]: tensor<?xf32>, %[[L:[a-z0-9]+]]: tensor<?x256xf32>
// CHECK: %[[READ:.*]] = linalg.generic {{.*}} ins(%[[TARGETS]] : tensor<?xi8>)
// CHECK: %[[V:.*]] = tensor.extract %[[L]]
// CHECK-NEXT: linalg.yield %[[V]]
// CHECK: rowwise.program rows(%[[TOTAL]], %[[READ]] : tensor<?xf32>, tensor<?xf32>)
// CHECK: arith.subf
func.func @gather(%targets: tensor<?xi8>, %total: tensor<?xf32>, %logits: tensor<?x256xf32>) -> tensor<?xf32> {
  %y = linalg.generic {indexing_maps = [#at, #at, #at], iterator_types = ["parallel"]}
      ins(%targets, %total : tensor<?xi8>, tensor<?xf32>) outs(%total : tensor<?xf32>) {
  ^bb0(%a: i8, %b: f32, %o: f32):
    %byte = arith.extui %a : i8 to i64
    %column = arith.index_cast %byte : i64 to index
    %row = linalg.index 0 : index
    %logit = tensor.extract %logits[%row, %column] : tensor<?x256xf32>
    %r = arith.subf %b, %logit : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// Without dimensions: a row of one element.
// CHECK-LABEL: func @scalar
// CHECK: %[[X:.*]] = tensor.expand_shape %arg0 [] output_shape [1] : tensor<f32> into tensor<1xf32>
// CHECK: %[[Y:.*]] = rowwise.program rows(%[[X]]
// CHECK: tensor.collapse_shape %[[Y]] [] : tensor<1xf32> into tensor<f32>
func.func @scalar(%x: tensor<f32>, %y: tensor<f32>) -> tensor<f32> {
  %z = arith.divf %x, %y : tensor<f32>
  return %z : tensor<f32>
}

// A read whose index is computed by a region stays where it is.
// CHECK-LABEL: func @gather_by_region
// CHECK: linalg.generic
// CHECK: scf.if
// CHECK: arith.mulf
func.func @gather_by_region(%t: tensor<16xf32>, %w: tensor<8xf32>) -> tensor<8xf32> {
  %y = linalg.generic {indexing_maps = [#at, #at], iterator_types = ["parallel"]}
      ins(%w : tensor<8xf32>) outs(%w : tensor<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %c3 = arith.constant 3 : index
    %j = linalg.index 0 : index
    %lt = arith.cmpi slt, %j, %c3 : index
    %q = scf.if %lt -> index { scf.yield %j : index } else { scf.yield %c3 : index }
    %v = tensor.extract %t[%q] : tensor<16xf32>
    %m = arith.mulf %v, %a : f32
    linalg.yield %m : f32
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

// To a row program one row among dynamic numbers of them would repeat.
// CHECK-LABEL: func @sizes_to_compare
// CHECK-NOT: rowwise.program
func.func @sizes_to_compare(%x: tensor<?x?xf32>, %z: tensor<1x?xf32>) {
  %0 = linalg.add ins(%x, %z : tensor<?x?xf32>, tensor<1x?xf32>) outs(%x : tensor<?x?xf32>) -> tensor<?x?xf32>
  %1 = linalg.add ins(%x, %x : tensor<?x?xf32>, tensor<?x?xf32>) outs(%z : tensor<1x?xf32>) -> tensor<1x?xf32>
  return
}
