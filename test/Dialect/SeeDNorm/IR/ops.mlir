// RUN: seednorm-opt %s | seednorm-opt | FileCheck %s
// RUN: seednorm-opt --mlir-print-op-generic %s | seednorm-opt | FileCheck %s

// CHECK-LABEL: func @norm_every_operand
// CHECK: seednorm.norm ins(%{{.*}} : tensor<2x?x64xf32>) alpha(%{{.*}} : tensor<64xf32>) beta(%{{.*}} : tensor<64xf32>) gamma(%{{.*}} : tensor<1xf32>)
// CHECK-SAME: {activation = #seednorm.activation<sigmoid>, eps = 1.000000e-05 : f64, heads = 4 : i64, scaled_dot}
// CHECK-SAME: -> tensor<2x?x64xf32>, tensor<2x?x1xf32>, tensor<2x?x4xf32>
func.func @norm_every_operand(%x: tensor<2x?x64xf32>, %a: tensor<64xf32>,
    %g: tensor<1xf32>, %r: tensor<2x?x1xf32>, %s: tensor<2x?x4xf32>)
    -> (tensor<2x?x64xf32>, tensor<2x?x1xf32>, tensor<2x?x4xf32>) {
  %y:3 = seednorm.norm ins(%x : tensor<2x?x64xf32>) alpha(%a : tensor<64xf32>)
      beta(%a : tensor<64xf32>) gamma(%g : tensor<1xf32>)
      outs(%x, %r, %s : tensor<2x?x64xf32>, tensor<2x?x1xf32>, tensor<2x?x4xf32>)
      {heads = 4, activation = #seednorm.activation<sigmoid>, eps = 1.0e-5 : f64, scaled_dot}
      -> tensor<2x?x64xf32>, tensor<2x?x1xf32>, tensor<2x?x4xf32>
  return %y#0, %y#1, %y#2 : tensor<2x?x64xf32>, tensor<2x?x1xf32>, tensor<2x?x4xf32>
}

// Defaults are not printed.
// CHECK-LABEL: func @norm_defaults
// CHECK: seednorm.norm ins(%{{.*}} : tensor<8xf64>) gamma(%{{.*}} : tensor<8xf64>) outs(%{{.*}} : tensor<8xf64>) -> tensor<8xf64>
func.func @norm_defaults(%x: tensor<8xf64>) -> tensor<8xf64> {
  %y = seednorm.norm ins(%x : tensor<8xf64>) gamma(%x : tensor<8xf64>)
      outs(%x : tensor<8xf64>) {heads = 1, eps = 1.0e-6 : f64} -> tensor<8xf64>
  return %y : tensor<8xf64>
}

// CHECK-LABEL: func @relatives
func.func @relatives(%x: tensor<?x?xbf16>, %g: tensor<?xf32>, %a: tensor<1xf32>) {
  // CHECK: seednorm.rms_norm ins(%{{.*}} : tensor<?x?xbf16>) outs(%{{.*}}) -> tensor<?x?xbf16>
  %0 = seednorm.rms_norm ins(%x : tensor<?x?xbf16>) outs(%x : tensor<?x?xbf16>) -> tensor<?x?xbf16>
  // CHECK: seednorm.layer_norm ins(%{{.*}}) gamma(%{{.*}}) beta(%{{.*}}) outs(%{{.*}})
  %1 = seednorm.layer_norm ins(%x : tensor<?x?xbf16>) gamma(%g : tensor<?xf32>)
      beta(%g : tensor<?xf32>) outs(%x : tensor<?x?xbf16>) -> tensor<?x?xbf16>
  // CHECK: seednorm.dyt ins(%{{.*}}) a(%{{.*}} : tensor<1xf32>) outs(%{{.*}})
  %2 = seednorm.dyt ins(%x : tensor<?x?xbf16>) a(%a : tensor<1xf32>) outs(%x : tensor<?x?xbf16>) -> tensor<?x?xbf16>
  // CHECK: seednorm.softmax ins(%{{.*}}) outs(%{{.*}})
  %3 = seednorm.softmax ins(%x : tensor<?x?xbf16>) outs(%x : tensor<?x?xbf16>) -> tensor<?x?xbf16>
  return
}

// CHECK-LABEL: func @on_memrefs
// CHECK: seednorm.rms_norm ins(%{{.*}} : memref<?x8xf16, strided<[?, 1], offset: ?>>) outs(%{{.*}} : memref<?x8xf16>)
func.func @on_memrefs(%x: memref<?x8xf16, strided<[?, 1], offset: ?>>, %y: memref<?x8xf16>) {
  seednorm.rms_norm ins(%x : memref<?x8xf16, strided<[?, 1], offset: ?>>) outs(%y : memref<?x8xf16>)
  return
}

// Every norm has its backward, with what its forward takes.
// CHECK-LABEL: func @backward
func.func @backward(%x: tensor<?x8xbf16>, %p: tensor<8xbf16>, %r: tensor<?x1xf32>, %s: tensor<?x2xf32>, %o: tensor<8xf32>, %one: tensor<1xf32>) {
  // CHECK: seednorm.norm_backward ins(%{{.*}} : tensor<?x8xbf16>) beta(%{{.*}} : tensor<8xbf16>) gamma(%{{.*}}) grad(%{{.*}} : tensor<?x8xbf16>) statistics(%{{.*}}, %{{.*}} : tensor<?x1xf32>, tensor<?x2xf32>) outs(%{{.*}}) {heads = 2 : i64} -> tensor<?x8xbf16>, tensor<8xf32>, tensor<8xf32>
  %0:3 = seednorm.norm_backward ins(%x : tensor<?x8xbf16>) beta(%p : tensor<8xbf16>) gamma(%p : tensor<8xbf16>)
      grad(%x : tensor<?x8xbf16>) statistics(%r, %s : tensor<?x1xf32>, tensor<?x2xf32>)
      outs(%x, %o, %o : tensor<?x8xbf16>, tensor<8xf32>, tensor<8xf32>) {heads = 2}
      -> tensor<?x8xbf16>, tensor<8xf32>, tensor<8xf32>
  // CHECK: seednorm.rms_norm_backward ins(%{{.*}}) grad(%{{.*}}) outs(%{{.*}}) {eps = 1.000000e-05 : f64} -> tensor<?x8xbf16>
  %1 = seednorm.rms_norm_backward ins(%x : tensor<?x8xbf16>) grad(%x : tensor<?x8xbf16>)
      outs(%x : tensor<?x8xbf16>) {eps = 1.0e-5 : f64} -> tensor<?x8xbf16>
  // CHECK: seednorm.layer_norm_backward ins(%{{.*}}) gamma(%{{.*}}) grad(%{{.*}}) outs(%{{.*}})
  %2:2 = seednorm.layer_norm_backward ins(%x : tensor<?x8xbf16>) gamma(%p : tensor<8xbf16>) grad(%x : tensor<?x8xbf16>)
      outs(%x, %o : tensor<?x8xbf16>, tensor<8xf32>) -> tensor<?x8xbf16>, tensor<8xf32>
  // CHECK: seednorm.dyt_backward ins(%{{.*}}) a(%{{.*}}) grad(%{{.*}}) outs(%{{.*}})
  %3:2 = seednorm.dyt_backward ins(%x : tensor<?x8xbf16>) a(%one : tensor<1xf32>) grad(%x : tensor<?x8xbf16>)
      outs(%x, %one : tensor<?x8xbf16>, tensor<1xf32>) -> tensor<?x8xbf16>, tensor<1xf32>
  // CHECK: seednorm.softmax_backward ins(%{{.*}}) grad(%{{.*}}) outs(%{{.*}})
  %4 = seednorm.softmax_backward ins(%x : tensor<?x8xbf16>) grad(%x : tensor<?x8xbf16>)
      outs(%x : tensor<?x8xbf16>) -> tensor<?x8xbf16>
  return
}

// A modulation for each sample, each position, or every row.
// CHECK-LABEL: func @modulated
func.func @modulated(%x: tensor<?x?x8xbf16>, %p: tensor<8xf32>, %a: tensor<?x1x8xf32>, %b: tensor<1x?x1xf32>, %i: tensor<?x?x8xbf16>) {
  // CHECK: seednorm.norm ins(%{{.*}}) beta(%{{.*}}) scale(%{{.*}} : tensor<?x1x8xf32>) shift(%{{.*}} : tensor<1x?x1xf32>) outs(%{{.*}})
  %0 = seednorm.norm ins(%x : tensor<?x?x8xbf16>) beta(%p : tensor<8xf32>) scale(%a : tensor<?x1x8xf32>)
      shift(%b : tensor<1x?x1xf32>) outs(%i : tensor<?x?x8xbf16>) -> tensor<?x?x8xbf16>
  // CHECK: seednorm.norm_backward ins(%{{.*}}) beta(%{{.*}}) scale(%{{.*}}) shift(%{{.*}}) grad(%{{.*}})
  %1:4 = seednorm.norm_backward ins(%x : tensor<?x?x8xbf16>) beta(%p : tensor<8xf32>) scale(%a : tensor<?x1x8xf32>)
      shift(%x : tensor<?x?x8xbf16>) grad(%x : tensor<?x?x8xbf16>)
      outs(%i, %p, %a, %i : tensor<?x?x8xbf16>, tensor<8xf32>, tensor<?x1x8xf32>, tensor<?x?x8xbf16>)
      -> tensor<?x?x8xbf16>, tensor<8xf32>, tensor<?x1x8xf32>, tensor<?x?x8xbf16>
  return
}

// CHECK-LABEL: func @safe
func.func @safe(%x: tensor<?x8xf32>, %p: tensor<8xf32>) {
  // CHECK: seednorm.norm {{.*}} {safe}
  %0 = seednorm.norm ins(%x : tensor<?x8xf32>) beta(%p : tensor<8xf32>) outs(%x : tensor<?x8xf32>) {safe} -> tensor<?x8xf32>
  // CHECK: seednorm.rms_norm {{.*}} {safe}
  %1 = seednorm.rms_norm ins(%x : tensor<?x8xf32>) outs(%x : tensor<?x8xf32>) {safe} -> tensor<?x8xf32>
  // CHECK: seednorm.layer_norm {{.*}} {safe}
  %2 = seednorm.layer_norm ins(%x : tensor<?x8xf32>) outs(%x : tensor<?x8xf32>) {safe} -> tensor<?x8xf32>
  return
}

// CHECK-LABEL: func @dropout
func.func @dropout(%x: tensor<?x8xf32>, %p: tensor<8xf32>, %s: tensor<2xi64>) {
  // CHECK: seednorm.norm {{.*}} beta(%{{.*}}) seed(%{{.*}} : tensor<2xi64>) outs(%{{.*}}) {dropout = 1.000000e-01 : f64}
  %0 = seednorm.norm ins(%x : tensor<?x8xf32>) beta(%p : tensor<8xf32>) seed(%s : tensor<2xi64>)
      outs(%x : tensor<?x8xf32>) {dropout = 0.1} -> tensor<?x8xf32>
  // The seed has no gradient.
  // CHECK: seednorm.norm_backward {{.*}} beta(%{{.*}}) seed(%{{.*}} : tensor<2xi64>) grad(%{{.*}}) outs(%{{.*}}, %{{.*}} : {{.*}}) {dropout = 1.000000e-01 : f64}
  %1:2 = seednorm.norm_backward ins(%x : tensor<?x8xf32>) beta(%p : tensor<8xf32>) seed(%s : tensor<2xi64>) grad(%x : tensor<?x8xf32>)
      outs(%x, %p : tensor<?x8xf32>, tensor<8xf32>) {dropout = 0.1} -> tensor<?x8xf32>, tensor<8xf32>
  return
}
