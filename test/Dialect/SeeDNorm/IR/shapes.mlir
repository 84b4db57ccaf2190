// RUN: seednorm-opt %s --resolve-ranked-shaped-type-result-dims | FileCheck %s

// A result has the shape of the input.
// CHECK-LABEL: func @shape_of_result
// CHECK: %[[C:.*]] = arith.constant 0 : index
// CHECK: %[[D:.*]] = tensor.dim %arg0, %[[C]] : tensor<?x4xf32>
// CHECK: return %[[D]]
func.func @shape_of_result(%x: tensor<?x4xf32>, %o: tensor<?x4xf32>) -> index {
  %c0 = arith.constant 0 : index
  %y = seednorm.softmax ins(%x : tensor<?x4xf32>) outs(%o : tensor<?x4xf32>) -> tensor<?x4xf32>
  %d = tensor.dim %y, %c0 : tensor<?x4xf32>
  return %d : index
}
