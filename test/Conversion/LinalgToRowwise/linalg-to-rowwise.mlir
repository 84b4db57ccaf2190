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
func.func @stays(%x: tensor<4x8xf32>, %t: tensor<8x4xf32>, %i: tensor<4x8xi32>, %o: tensor<4xf32>) {
  // A transposition.
  %0 = linalg.transpose ins(%x : tensor<4x8xf32>) outs(%t : tensor<8x4xf32>) permutation = [1, 0]
  // Integers.
  %1 = linalg.add ins(%i, %i : tensor<4x8xi32>, tensor<4x8xi32>) outs(%i : tensor<4x8xi32>) -> tensor<4x8xi32>
  // A reduction.
  %2 = linalg.reduce {arith.addf} ins(%x : tensor<4x8xf32>) outs(%o : tensor<4xf32>) dimensions = [1]
  // The position matters.
  %3 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x8xf32>) outs(%x : tensor<4x8xf32>) {
  ^bb0(%a: f32, %b: f32):
    %p = linalg.index 1 : index
    %q = arith.index_cast %p : index to i32
    %f = arith.sitofp %q : i32 to f32
    %r = arith.mulf %a, %f : f32
    linalg.yield %r : f32
  } -> tensor<4x8xf32>
  // No operand spans the loops.
  %z = arith.constant 0.0 : f32
  %4 = linalg.fill ins(%z : f32) outs(%x : tensor<4x8xf32>) -> tensor<4x8xf32>
  return
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
