// RUN: seednorm-opt %s --seednorm-to-rowwise | FileCheck %s

// CHECK-LABEL: func @norm
// CHECK: rowwise.program rows(%arg0 : tensor<?x64xf32>) columns(%arg1, %arg2, %arg3 : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>)
// CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<64xf32>, %[[A:.*]]: tensor<64xf32>, %[[B:.*]]: tensor<64xf32>, %[[G:.*]]: tensor<64xf32>):
// CHECK: %[[SQ:.*]] = arith.mulf %[[X]], %[[X]]
// CHECK: %[[MS:.*]] = rowwise.reduce mean %[[SQ]] : tensor<64xf32> -> tensor<1xf32>
// CHECK: %[[E:.*]] = arith.addf %[[MS]]
// CHECK: %[[R:.*]] = math.rsqrt %[[E]]
// CHECK: %[[XB:.*]] = arith.mulf %[[X]], %[[B]]
// CHECK: %[[DOT:.*]] = rowwise.reduce add %[[XB]] : tensor<64xf32> -> tensor<4xf32>
// CHECK: %[[T:.*]] = math.tanh %[[DOT]] : tensor<4xf32>
// CHECK: %[[S:.*]] = rowwise.broadcast %[[T]] : tensor<4xf32> -> tensor<64xf32>
// CHECK: %[[SA:.*]] = arith.mulf %[[S]], %[[A]]
// CHECK: %[[K:.*]] = arith.addf %[[SA]], %[[G]]
// CHECK: %[[RB:.*]] = rowwise.broadcast %[[R]]
// CHECK: %[[XR:.*]] = arith.mulf %[[X]], %[[RB]]
// CHECK: %[[Y:.*]] = arith.mulf %[[K]], %[[XR]]
// CHECK: rowwise.yield %[[Y]]
func.func @norm(%x: tensor<?x64xf32>, %a: tensor<64xf32>, %b: tensor<64xf32>, %g: tensor<64xf32>) -> tensor<?x64xf32> {
  %y = seednorm.norm ins(%x : tensor<?x64xf32>) alpha(%a : tensor<64xf32>) beta(%b : tensor<64xf32>)
      gamma(%g : tensor<64xf32>) outs(%x : tensor<?x64xf32>) {heads = 4} -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// Statistics leave in f32 whatever the row is.
// CHECK-LABEL: func @statistics
// CHECK: arith.extf %{{.*}} : tensor<64xbf16> to tensor<64xf32>
// CHECK: %[[R:.*]] = math.rsqrt
// CHECK: %[[S:.*]] = math.tanh
// CHECK: %[[Y:.*]] = arith.truncf %{{.*}} : tensor<64xf32> to tensor<64xbf16>
// CHECK: rowwise.yield %[[Y]], %[[R]], %[[S]] : tensor<64xbf16>, tensor<1xf32>, tensor<2xf32>
func.func @statistics(%x: tensor<?x64xbf16>, %b: tensor<64xf32>, %r: tensor<?x1xf32>, %s: tensor<?x2xf32>)
    -> (tensor<?x64xbf16>, tensor<?x1xf32>, tensor<?x2xf32>) {
  %y:3 = seednorm.norm ins(%x : tensor<?x64xbf16>) beta(%b : tensor<64xf32>)
      outs(%x, %r, %s : tensor<?x64xbf16>, tensor<?x1xf32>, tensor<?x2xf32>) {heads = 2}
      -> tensor<?x64xbf16>, tensor<?x1xf32>, tensor<?x2xf32>
  return %y#0, %y#1, %y#2 : tensor<?x64xbf16>, tensor<?x1xf32>, tensor<?x2xf32>
}

// CHECK-LABEL: func @scaled_sigmoid
// CHECK: rowwise.reduce mean %{{.*}} : tensor<8xf32> -> tensor<2xf32>
// CHECK: arith.negf
// CHECK: math.exp
// CHECK: arith.divf
func.func @scaled_sigmoid(%x: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<8xf32> {
  %y = seednorm.norm ins(%x : tensor<8xf32>) beta(%b : tensor<8xf32>) outs(%x : tensor<8xf32>)
      {heads = 2, scaled_dot, activation = #seednorm.activation<sigmoid>} -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// Without a dot product there is one reduction.
// CHECK-LABEL: func @elementwise
// CHECK: rowwise.reduce mean
// CHECK-NOT: rowwise.reduce
// CHECK: arith.minimumf
// CHECK: arith.maximumf
func.func @elementwise(%x: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<8xf32> {
  %y = seednorm.norm ins(%x : tensor<8xf32>) beta(%b : tensor<8xf32>) outs(%x : tensor<8xf32>)
      {elementwise, activation = #seednorm.activation<hardtanh>} -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// A dynamic row with scalar parameters; f64 is computed in f64.
// CHECK-LABEL: func @dynamic
// CHECK: ^bb0(%{{.*}}: tensor<?xf64>, %[[G:.*]]: tensor<1xf64>):
// CHECK: rowwise.broadcast %[[G]] : tensor<1xf64> -> tensor<?xf64>
// CHECK-NOT: arith.truncf
func.func @dynamic(%x: tensor<?x?xf64>, %g: tensor<1xf64>) -> tensor<?x?xf64> {
  %y = seednorm.rms_norm ins(%x : tensor<?x?xf64>) gamma(%g : tensor<1xf64>) outs(%x : tensor<?x?xf64>) -> tensor<?x?xf64>
  return %y : tensor<?x?xf64>
}

// CHECK-LABEL: func @layer_norm
// CHECK: rowwise.reduce mean
// CHECK: arith.subf
// CHECK: rowwise.reduce mean
// CHECK: math.rsqrt
func.func @layer_norm(%x: memref<3x8xf32>, %y: memref<3x8xf32>) {
  seednorm.layer_norm ins(%x : memref<3x8xf32>) outs(%y : memref<3x8xf32>)
  return
}

// CHECK-LABEL: func @dyt
// CHECK-NOT: rowwise.reduce
// CHECK: math.tanh %{{.*}} : tensor<8xf32>
func.func @dyt(%x: memref<3x8xf32>, %a: memref<1xf32>, %g: memref<8xf32>) {
  seednorm.dyt ins(%x : memref<3x8xf32>) a(%a : memref<1xf32>) gamma(%g : memref<8xf32>) beta(%g : memref<8xf32>) outs(%x : memref<3x8xf32>)
  return
}

// CHECK-LABEL: func @softmax
// CHECK: rowwise.reduce max
// CHECK: math.exp
// CHECK: rowwise.reduce add
func.func @softmax(%x: tensor<3x8xf16>) -> tensor<3x8xf16> {
  %y = seednorm.softmax ins(%x : tensor<3x8xf16>) outs(%x : tensor<3x8xf16>) -> tensor<3x8xf16>
  return %y : tensor<3x8xf16>
}

// A backward is the derivative of its forward's program. Without statistics
// they are computed again,
// CHECK-LABEL: func @backward(
// CHECK: rowwise.program rows(%arg0, %arg1 : {{.*}}) columns({{.*}}) outs(%arg0, %arg3, %arg3 :
// CHECK: rowwise.reduce mean
// CHECK-COUNT-2: rowwise.accumulate
func.func @backward(%x: tensor<?x8xf32>, %dy: tensor<?x8xf32>, %p: tensor<8xf32>, %o: tensor<8xf32>) -> (tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>) {
  %0:3 = seednorm.norm_backward ins(%x : tensor<?x8xf32>) beta(%p : tensor<8xf32>) gamma(%p : tensor<8xf32>) grad(%dy : tensor<?x8xf32>)
      outs(%x, %o, %o : tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>
  return %0#0, %0#1, %0#2 : tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>
}

// with them no mean square, tanh or square root is left.
// CHECK-LABEL: func @backward_saved(
// CHECK: rowwise.program rows(%arg0, %arg1, %arg4, %arg5 :
// CHECK-NOT: reduce mean
// CHECK-NOT: math.
// CHECK: return
func.func @backward_saved(%x: tensor<?x8xf32>, %dy: tensor<?x8xf32>, %p: tensor<8xf32>, %o: tensor<8xf32>, %r: tensor<?x1xf32>, %s: tensor<?x2xf32>) -> (tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>) {
  %0:3 = seednorm.norm_backward ins(%x : tensor<?x8xf32>) beta(%p : tensor<8xf32>) gamma(%p : tensor<8xf32>) grad(%dy : tensor<?x8xf32>)
      statistics(%r, %s : tensor<?x1xf32>, tensor<?x2xf32>)
      outs(%x, %o, %o : tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>) {heads = 2} -> tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>
  return %0#0, %0#1, %0#2 : tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>
}

// Outs of other static sizes than the operands are cast to.
// CHECK-LABEL: func @backward_cast(
// CHECK: tensor.cast %{{.*}} : tensor<?x8xf32> to tensor<4x8xf32>
func.func @backward_cast(%x: tensor<?x8xf32>, %o: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = seednorm.softmax_backward ins(%x : tensor<?x8xf32>) grad(%x : tensor<?x8xf32>)
      outs(%o : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// Parameters with rows are row operands, which come before the columns.
// CHECK-LABEL: func @modulated(
// CHECK: rowwise.program rows(%arg0, %arg1, %arg2 : tensor<?x?x8xf32>, tensor<?x1x8xbf16>, tensor<1x?x1xf32>) columns(%arg3 : tensor<8xf32>)
// CHECK: ^bb0(%{{.*}}: tensor<8xf32>, %[[S:.*]]: tensor<8xbf16>, %[[T:.*]]: tensor<1xf32>, %{{.*}}: tensor<8xf32>):
// CHECK-DAG: %[[SE:.*]] = arith.extf %[[S]]
// CHECK-DAG: %[[TB:.*]] = rowwise.broadcast %[[T]] : tensor<1xf32> -> tensor<8xf32>
// CHECK: %[[ONE:.*]] = arith.addf %[[SE]],
// CHECK: %[[Y:.*]] = arith.mulf %{{.*}}, %[[ONE]]
// CHECK: arith.addf %[[Y]], %[[TB]]
func.func @modulated(%x: tensor<?x?x8xf32>, %s: tensor<?x1x8xbf16>, %t: tensor<1x?x1xf32>, %p: tensor<8xf32>) -> tensor<?x?x8xf32> {
  %y = seednorm.norm ins(%x : tensor<?x?x8xf32>) beta(%p : tensor<8xf32>) scale(%s : tensor<?x1x8xbf16>)
      shift(%t : tensor<1x?x1xf32>) outs(%x : tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// Their gradients are sums over the rows that share them, in the order of the
// operation's operands.
// CHECK-LABEL: func @backward_modulated(
// CHECK: %[[P:.*]]:4 = rowwise.program rows(%arg0, %arg1, %arg2, %arg0 : {{.*}}) columns(%arg3 : tensor<8xf32>)
// CHECK-SAME: outs(%arg0, %arg3, %arg4, %arg2 : tensor<?x?x8xf32>, tensor<8xf32>, tensor<?x1x8xf32>, tensor<1x?x1xf32>)
// CHECK-COUNT-3: rowwise.accumulate
// CHECK: return %[[P]]#0, %[[P]]#1, %[[P]]#2, %[[P]]#3
func.func @backward_modulated(%x: tensor<?x?x8xf32>, %s: tensor<?x1x8xbf16>, %t: tensor<1x?x1xf32>, %p: tensor<8xf32>, %o: tensor<?x1x8xf32>)
    -> (tensor<?x?x8xf32>, tensor<8xf32>, tensor<?x1x8xf32>, tensor<1x?x1xf32>) {
  %0:4 = seednorm.norm_backward ins(%x : tensor<?x?x8xf32>) beta(%p : tensor<8xf32>) scale(%s : tensor<?x1x8xbf16>)
      shift(%t : tensor<1x?x1xf32>) grad(%x : tensor<?x?x8xf32>)
      outs(%x, %p, %o, %t : tensor<?x?x8xf32>, tensor<8xf32>, tensor<?x1x8xf32>, tensor<1x?x1xf32>)
      -> tensor<?x?x8xf32>, tensor<8xf32>, tensor<?x1x8xf32>, tensor<1x?x1xf32>
  return %0#0, %0#1, %0#2, %0#3 : tensor<?x?x8xf32>, tensor<8xf32>, tensor<?x1x8xf32>, tensor<1x?x1xf32>
}

// The row is divided by the power of two below its largest element, within
// bounds that depend on the type and eps; the dot product is multiplied by it.
// CHECK-LABEL: func @safe(
// CHECK-DAG: %[[A:.*]] = math.absf %[[X:.*]] : tensor<8xf32>
// CHECK-DAG: %[[M:.*]] = rowwise.reduce max %[[A]]
// CHECK-DAG: %[[LEAST:.*]] = arith.constant dense<1.000000e-03> : tensor<1xf32>
// CHECK-DAG: %[[LARGEST:.*]] = arith.maximumf %[[M]], %[[LEAST]]
// CHECK-DAG: %[[MOST:.*]] = arith.constant dense<7.92281625E+28> : tensor<1xf32>
// CHECK-DAG: %[[BOUNDED:.*]] = arith.minimumf %[[LARGEST]], %[[MOST]]
// CHECK-DAG: %[[BITS:.*]] = arith.bitcast %[[BOUNDED]] : tensor<1xf32> to tensor<1xi32>
// CHECK-DAG: %[[EXPONENT:.*]] = arith.constant dense<2139095040> : tensor<1xi32>
// CHECK: arith.andi %[[BITS]], %[[EXPONENT]]
// CHECK: %[[UNIT:.*]] = rowwise.detach %{{.*}} : tensor<1xf32>
// CHECK: arith.divf %{{.*}}, %[[UNIT]]
// CHECK: rowwise.detach
// CHECK: rowwise.reduce mean
// CHECK: %[[DOT:.*]] = rowwise.reduce add
// CHECK: %[[S:.*]] = arith.mulf %[[DOT]], %[[UNIT]]
// CHECK: math.tanh %[[S]]
func.func @safe(%x: tensor<3x8xf32>, %b: tensor<8xf32>) -> tensor<3x8xf32> {
  %y = seednorm.norm ins(%x : tensor<3x8xf32>) beta(%b : tensor<8xf32>) outs(%x : tensor<3x8xf32>) {safe} -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}

// The mask is drawn at the row's index and the head's; the statistic s is that
// before it.
// CHECK-LABEL: func @dropout(
// CHECK-DAG: %[[SEED:.*]] = tensor.extract_slice %[[S:.*]][0] [1] [1] : tensor<2xi64> to tensor<1xi64>
// CHECK-DAG: %[[OFFSET:.*]] = tensor.extract_slice %[[S]][1] [1] [1] : tensor<2xi64> to tensor<1xi64>
// CHECK: rowwise.program {{.*}} columns(%{{.*}}, %[[SEED]], %[[OFFSET]] :
// CHECK: %[[COEFFICIENT:.*]] = math.tanh
// CHECK: rowwise.row_index
// CHECK: rowwise.index 2 : tensor<2xi64>
// CHECK: %[[KEPT:.*]] = arith.cmpi uge, %{{.*}} : tensor<2xi64>
// CHECK: arith.constant dense<1.33333337> : tensor<1xf32>
// CHECK: %[[FACTOR:.*]] = arith.select %[[KEPT]]
// CHECK: arith.mulf %[[COEFFICIENT]], %[[FACTOR]] : tensor<2xf32>
// CHECK: rowwise.yield %{{.*}}, %{{.*}}, %[[COEFFICIENT]]
func.func @dropout(%x: tensor<5x?x8xf32>, %b: tensor<8xf32>, %seed: tensor<2xi64>, %r: tensor<5x?x1xf32>, %s: tensor<5x?x2xf32>)
    -> (tensor<5x?x8xf32>, tensor<5x?x1xf32>, tensor<5x?x2xf32>) {
  %y:3 = seednorm.norm ins(%x : tensor<5x?x8xf32>) beta(%b : tensor<8xf32>) seed(%seed : tensor<2xi64>)
      outs(%x, %r, %s : tensor<5x?x8xf32>, tensor<5x?x1xf32>, tensor<5x?x2xf32>) {dropout = 0.25, heads = 2}
      -> tensor<5x?x8xf32>, tensor<5x?x1xf32>, tensor<5x?x2xf32>
  return %y#0, %y#1, %y#2 : tensor<5x?x8xf32>, tensor<5x?x1xf32>, tensor<5x?x2xf32>
}

// CHECK-LABEL: func @dropout_on_memrefs
// CHECK: memref.subview %{{.*}}[1] [1] [1] : memref<2xi64> to memref<1xi64, strided<[1], offset: 1>>
func.func @dropout_on_memrefs(%x: memref<3x8xf32>, %b: memref<8xf32>, %seed: memref<2xi64>) {
  seednorm.norm ins(%x : memref<3x8xf32>) beta(%b : memref<8xf32>) seed(%seed : memref<2xi64>) outs(%x : memref<3x8xf32>) {dropout = 0.25}
  return
}

// A parameter has the row's length by its type too: another one would be a number
// of groups.
// CHECK-LABEL: func @lengths
// CHECK: tensor.cast %{{.*}} : tensor<8xf32> to tensor<?xf32>
// CHECK-NOT: rowwise.broadcast %{{.*}} : tensor<8xf32>
// CHECK: tensor.cast %{{.*}} : tensor<?xf32> to tensor<8xf32>
func.func @lengths(%x: tensor<?x?xf32>, %p: tensor<8xf32>, %y: tensor<?x8xf32>, %q: tensor<?xf32>) -> (tensor<?x?xf32>, tensor<?x8xf32>) {
  %0 = seednorm.rms_norm ins(%x : tensor<?x?xf32>) gamma(%p : tensor<8xf32>) outs(%x : tensor<?x?xf32>) -> tensor<?x?xf32>
  %1 = seednorm.rms_norm ins(%y : tensor<?x8xf32>) gamma(%q : tensor<?xf32>) outs(%y : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0, %1 : tensor<?x?xf32>, tensor<?x8xf32>
}
