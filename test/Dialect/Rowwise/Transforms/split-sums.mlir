// RUN: seednorm-opt %s -split-input-file --rowwise-split-sums --canonicalize --cse | FileCheck %s

// Rows that lie together stay sums of the program; the others are summed after
// it, in f64.
// CHECK-LABEL: func.func @split(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>
// CHECK: %[[P:.*]]:2 = rowwise.program rows(%[[X]] : tensor<?x?x8xf32>) outs(%{{.*}}, %{{.*}} : tensor<?x1x8xf32>, tensor<?x?x8xf32>)
// CHECK: %[[S:.*]] = rowwise.accumulate %[[V:.*]] :
// CHECK: rowwise.yield %[[S]], %[[V]]
// CHECK: %[[R:.*]] = linalg.reduce ins(%[[P]]#1 : tensor<?x?x8xf32>) outs(%{{.*}} : tensor<?x8xf64>) dimensions = [0]
// CHECK: %[[T:.*]] = arith.truncf %[[R]] : tensor<?x8xf64> to tensor<?x8xf32>
// CHECK: %[[E:.*]] = tensor.expand_shape %[[T]] {{\[\[}}0, 1], [2]]
// CHECK: return %[[P]]#0, %[[E]] : tensor<?x1x8xf32>, tensor<1x?x8xf32>
func.func @split(%x: tensor<?x?x8xf32>, %a: tensor<?x1x8xf32>, %b: tensor<1x?x8xf32>) -> (tensor<?x1x8xf32>, tensor<1x?x8xf32>) {
  %y:2 = rowwise.program rows(%x : tensor<?x?x8xf32>) outs(%a, %b : tensor<?x1x8xf32>, tensor<1x?x8xf32>) {
  ^bb0(%r: tensor<8xf32>):
    %q = arith.mulf %r, %r : tensor<8xf32>
    %s = rowwise.accumulate %q : tensor<8xf32>
    rowwise.yield %s, %s : tensor<8xf32>, tensor<8xf32>
  } -> tensor<?x1x8xf32>, tensor<1x?x8xf32>
  return %y#0, %y#1 : tensor<?x1x8xf32>, tensor<1x?x8xf32>
}

// -----

// Ones on both sides, and one value a row.
// CHECK-LABEL: func.func @ones(
// CHECK: rowwise.program {{.*}} outs(%{{.*}} : tensor<2x3x4x1xf64>)
// CHECK: linalg.reduce {{.*}} ins(%{{.*}} : tensor<2x3x4x1xf64>) outs(%{{.*}} : tensor<3x1xf64>) dimensions = [0, 2]
// CHECK-NOT: truncf
// CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0, 1], [2, 3]] output_shape [1, 3, 1, 1]
func.func @ones(%x: tensor<2x3x4x8xf64>, %a: tensor<1x3x1x1xf64>) -> tensor<1x3x1x1xf64> {
  %y = rowwise.program rows(%x : tensor<2x3x4x8xf64>) outs(%a : tensor<1x3x1x1xf64>) {
  ^bb0(%r: tensor<8xf64>):
    %q = rowwise.reduce add %r : tensor<8xf64> -> tensor<1xf64>
    %s = rowwise.accumulate %q : tensor<1xf64>
    rowwise.yield %s : tensor<1xf64>
  } -> tensor<1x3x1x1xf64>
  return %y : tensor<1x3x1x1xf64>
}

// -----

// The new out has the sizes of the rows, so those of the old one are compared.
// CHECK-LABEL: func.func @sizes(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x3x?x4xf32>, %[[O:[a-z0-9]+]]: tensor<?x1x?x4xf32>
// CHECK-DAG: %[[X0:.*]] = tensor.dim %[[X]], %c0
// CHECK-DAG: %[[O0:.*]] = tensor.dim %[[O]], %c0
// CHECK-DAG: %[[X2:.*]] = tensor.dim %[[X]], %c2
// CHECK-DAG: %[[O2:.*]] = tensor.dim %[[O]], %c2
// CHECK-DAG: %[[A:.*]] = arith.cmpi eq, %[[O0]], %[[X0]]
// CHECK-DAG: %[[B:.*]] = arith.cmpi eq, %[[O2]], %[[X2]]
// CHECK: %[[C:.*]] = arith.andi %[[A]], %[[B]]
// CHECK: cf.assert %[[C]], "{{.*}}arrays have different leading dimensions"
func.func @sizes(%x: tensor<?x3x?x4xf32>, %o: tensor<?x1x?x4xf32>) -> tensor<?x1x?x4xf32> {
  %y = rowwise.program rows(%x : tensor<?x3x?x4xf32>) outs(%o : tensor<?x1x?x4xf32>) {
  ^bb0(%r: tensor<4xf32>):
    %s = rowwise.accumulate %r : tensor<4xf32>
    rowwise.yield %s : tensor<4xf32>
  } -> tensor<?x1x?x4xf32>
  return %y : tensor<?x1x?x4xf32>
}
