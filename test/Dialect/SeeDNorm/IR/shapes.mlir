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

// A parameter's gradient has the shape of the parameter.
// CHECK-LABEL: func @shape_of_gradient
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<4x?xf32>, %[[G:[a-z0-9]+]]: tensor<?xf32>
// CHECK: %[[D:.*]] = tensor.dim %[[G]], %{{.*}} : tensor<?xf32>
// CHECK: return %[[D]]
func.func @shape_of_gradient(%x: tensor<4x?xf32>, %g: tensor<?xf32>) -> index {
  %c0 = arith.constant 0 : index
  %0:2 = seednorm.rms_norm_backward ins(%x : tensor<4x?xf32>) gamma(%g : tensor<?xf32>) grad(%x : tensor<4x?xf32>)
      outs(%x, %g : tensor<4x?xf32>, tensor<?xf32>) -> tensor<4x?xf32>, tensor<?xf32>
  %d = tensor.dim %0#1, %c0 : tensor<?xf32>
  return %d : index
}

// That of a parameter with rows too.
// CHECK-LABEL: func @shape_of_shared_gradient
// CHECK-SAME: %{{.*}}: tensor<?x?x4xf32>, %[[S:[a-z0-9]+]]: tensor<?x1x4xf32>
// CHECK: %[[D:.*]] = tensor.dim %[[S]], %{{.*}} : tensor<?x1x4xf32>
// CHECK: return %[[D]]
func.func @shape_of_shared_gradient(%x: tensor<?x?x4xf32>, %s: tensor<?x1x4xf32>, %g: tensor<4xf32>) -> index {
  %c0 = arith.constant 0 : index
  %0:3 = seednorm.norm_backward ins(%x : tensor<?x?x4xf32>) gamma(%g : tensor<4xf32>) scale(%s : tensor<?x1x4xf32>) grad(%x : tensor<?x?x4xf32>)
      outs(%x, %g, %s : tensor<?x?x4xf32>, tensor<4xf32>, tensor<?x1x4xf32>) -> tensor<?x?x4xf32>, tensor<4xf32>, tensor<?x1x4xf32>
  %d = tensor.dim %0#2, %c0 : tensor<?x1x4xf32>
  return %d : index
}
