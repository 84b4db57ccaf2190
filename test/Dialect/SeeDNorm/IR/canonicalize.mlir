// RUN: seednorm-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func @zero_beta
// CHECK: seednorm.rms_norm ins(%arg0 : tensor<2x4xf32>) gamma(%arg1 : tensor<4xf32>) outs(%arg0 : tensor<2x4xf32>) {eps = 1.000000e-05 : f64}
func.func @zero_beta(%x: tensor<2x4xf32>, %g: tensor<4xf32>) -> tensor<2x4xf32> {
  %b = arith.constant dense<0.0> : tensor<4xf32>
  %y = seednorm.norm ins(%x : tensor<2x4xf32>) alpha(%g : tensor<4xf32>) beta(%b : tensor<4xf32>)
      gamma(%g : tensor<4xf32>) outs(%x : tensor<2x4xf32>) {eps = 1.0e-5 : f64} -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// The sigmoid of zero is a half.
// CHECK-LABEL: func @zero_beta_sigmoid
// CHECK: seednorm.norm {{.*}} beta(
func.func @zero_beta_sigmoid(%x: tensor<2x4xf32>, %g: tensor<4xf32>) -> tensor<2x4xf32> {
  %b = arith.constant dense<0.0> : tensor<4xf32>
  %y = seednorm.norm ins(%x : tensor<2x4xf32>) beta(%b : tensor<4xf32>)
      gamma(%g : tensor<4xf32>) outs(%x : tensor<2x4xf32>)
      {activation = #seednorm.activation<sigmoid>} -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// CHECK-LABEL: func @unused_statistics
// CHECK: seednorm.norm {{.*}} outs(%arg0 : tensor<2x4xf32>) {heads = 2 : i64} -> tensor<2x4xf32>
func.func @unused_statistics(%x: tensor<2x4xf32>, %g: tensor<4xf32>, %r: tensor<2x1xf32>,
                             %s: tensor<2x2xf32>) -> tensor<2x4xf32> {
  %y:3 = seednorm.norm ins(%x : tensor<2x4xf32>) beta(%g : tensor<4xf32>)
      outs(%x, %r, %s : tensor<2x4xf32>, tensor<2x1xf32>, tensor<2x2xf32>) {heads = 2}
      -> tensor<2x4xf32>, tensor<2x1xf32>, tensor<2x2xf32>
  return %y#0 : tensor<2x4xf32>
}

// CHECK-LABEL: func @more_static
// CHECK: seednorm.softmax ins(%arg0 : tensor<3x4xf32>)
func.func @more_static(%x: tensor<3x4xf32>, %o: tensor<3x4xf32>) -> tensor<?x4xf32> {
  %c = tensor.cast %x : tensor<3x4xf32> to tensor<?x4xf32>
  %p = tensor.cast %o : tensor<3x4xf32> to tensor<?x4xf32>
  %y = seednorm.softmax ins(%c : tensor<?x4xf32>) outs(%p : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// A modulation is more than RMSNorm has.
// CHECK-LABEL: func @modulated
// CHECK: seednorm.norm ins(%arg0 : tensor<2x4xf32>) gamma(%arg1 : tensor<4xf32>) scale(%arg2 : tensor<1x4xf32>)
// CHECK: seednorm.norm {{.*}} shift(%arg2 : tensor<1x4xf32>) outs(%arg0 : tensor<2x4xf32>) -> tensor<2x4xf32>
func.func @modulated(%x: tensor<2x4xf32>, %g: tensor<4xf32>, %s: tensor<1x4xf32>, %r: tensor<2x1xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %y = seednorm.norm ins(%x : tensor<2x4xf32>) gamma(%g : tensor<4xf32>) scale(%s : tensor<1x4xf32>)
      outs(%x : tensor<2x4xf32>) -> tensor<2x4xf32>
  %z:3 = seednorm.norm ins(%x : tensor<2x4xf32>) beta(%g : tensor<4xf32>) shift(%s : tensor<1x4xf32>)
      outs(%x, %r, %r : tensor<2x4xf32>, tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>, tensor<2x1xf32>, tensor<2x1xf32>
  return %y, %z#0 : tensor<2x4xf32>, tensor<2x4xf32>
}

// CHECK-LABEL: func @zero_beta_safe
// CHECK: seednorm.rms_norm {{.*}} {safe}
func.func @zero_beta_safe(%x: tensor<2x4xf32>, %g: tensor<4xf32>) -> tensor<2x4xf32> {
  %b = arith.constant dense<0.0> : tensor<4xf32>
  %y = seednorm.norm ins(%x : tensor<2x4xf32>) beta(%b : tensor<4xf32>)
      gamma(%g : tensor<4xf32>) outs(%x : tensor<2x4xf32>) {safe} -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// A dynamic coefficient of zero may be dropped.
// CHECK-LABEL: func @zero_beta_dropout
// CHECK: seednorm.rms_norm
func.func @zero_beta_dropout(%x: tensor<2x4xf32>, %g: tensor<4xf32>, %s: tensor<2xi64>) -> tensor<2x4xf32> {
  %b = arith.constant dense<0.0> : tensor<4xf32>
  %y = seednorm.norm ins(%x : tensor<2x4xf32>) beta(%b : tensor<4xf32>) gamma(%g : tensor<4xf32>)
      seed(%s : tensor<2xi64>) outs(%x : tensor<2x4xf32>) {dropout = 0.5} -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// CHECK-LABEL: func @unused_statistics_dropout
// CHECK: seednorm.norm {{.*}} seed(%arg4 : tensor<2xi64>) outs(%arg0 : tensor<2x4xf32>) {dropout = 5.000000e-01 : f64, heads = 2 : i64} -> tensor<2x4xf32>
func.func @unused_statistics_dropout(%x: tensor<2x4xf32>, %g: tensor<4xf32>, %r: tensor<2x1xf32>,
                                     %s: tensor<2x2xf32>, %seed: tensor<2xi64>) -> tensor<2x4xf32> {
  %y:3 = seednorm.norm ins(%x : tensor<2x4xf32>) beta(%g : tensor<4xf32>) seed(%seed : tensor<2xi64>)
      outs(%x, %r, %s : tensor<2x4xf32>, tensor<2x1xf32>, tensor<2x2xf32>) {heads = 2, dropout = 0.5}
      -> tensor<2x4xf32>, tensor<2x1xf32>, tensor<2x2xf32>
  return %y#0 : tensor<2x4xf32>
}
