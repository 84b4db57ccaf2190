// RUN: seednorm-opt %s --split-input-file --seednorm-autodiff | FileCheck %s
// RUN: seednorm-opt %s --split-input-file --seednorm-autodiff=recompute | FileCheck %s --check-prefix=AGAIN

// A module that asks for nothing is left as it is.
// CHECK-LABEL: func @unchanged
// CHECK: seednorm.softmax
func.func @unchanged(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %y = seednorm.softmax ins(%x : tensor<4x8xf32>) outs(%x : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// The residual addition is in the norm's program, forward and backward: its
// gradient is the cotangent itself, which is neither copied nor written.
// CHECK-LABEL: func private @norm_gradient(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x8xf32>, %[[H:[a-z0-9]+]]: tensor<?x8xf32>, %[[P:[a-z0-9]+]]: tensor<8xf32>, %[[D:[a-z0-9]+]]: tensor<?x8xf32>)
// CHECK: %[[G:.*]]:2 = rowwise.program rows(%[[H]], %[[D]] :
// CHECK-COUNT-1: rowwise.accumulate
// CHECK-NOT: rowwise.program
// CHECK: return %[[D]], %[[G]]#0, %[[G]]#1
func.func private @norm(%x: tensor<?x8xf32>, %h: tensor<?x8xf32>, %p: tensor<8xf32>) -> tensor<?x8xf32> {
  %y = seednorm.rms_norm ins(%h : tensor<?x8xf32>) gamma(%p : tensor<8xf32>) outs(%h : tensor<?x8xf32>) -> tensor<?x8xf32>
  %s = arith.addf %x, %y : tensor<?x8xf32>
  return %s : tensor<?x8xf32>
}
func.func private @norm_gradient(tensor<?x8xf32>, tensor<?x8xf32>, tensor<8xf32>, tensor<?x8xf32>)
    -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<8xf32>) attributes {seednorm.gradient_of = @norm}

// -----

// Added before: h = x + res goes on as well, and its gradient joins in the pass.
// CHECK-LABEL: func private @residual_gradient(
// CHECK-SAME: tensor<?x8xf32>, %[[P:[a-z0-9]+]]: tensor<8xf32>, %[[DH:[a-z0-9]+]]: tensor<?x8xf32>, %[[DY:[a-z0-9]+]]: tensor<?x8xf32>)
// CHECK: %[[G:.*]]:2 = rowwise.program
// CHECK-NOT: rowwise.program
// CHECK: return %[[G]]#0, %[[G]]#0, %[[G]]#1
func.func private @residual(%x: tensor<?x8xf32>, %r: tensor<?x8xf32>, %p: tensor<8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %h = arith.addf %x, %r : tensor<?x8xf32>
  %y = seednorm.rms_norm ins(%h : tensor<?x8xf32>) gamma(%p : tensor<8xf32>) outs(%h : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %h, %y : tensor<?x8xf32>, tensor<?x8xf32>
}
func.func private @residual_gradient(tensor<?x8xf32>, tensor<?x8xf32>, tensor<8xf32>, tensor<?x8xf32>, tensor<?x8xf32>)
    -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<8xf32>) attributes {seednorm.gradient_of = @residual}

// -----

// dA = dC · Bᵀ, dB = Aᵀ · dC, in place of what is known already; values first.
// CHECK: #[[MK:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK: #[[NK:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK: #[[MN:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK: #[[KM:.*]] = affine_map<(d0, d1, d2) -> (d2, d0)>
// CHECK: #[[KN:.*]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-LABEL: func private @product_gradient(
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<?x4xf32>, %[[B:[a-z0-9]+]]: tensor<4x6xf32>, %[[I:[a-z0-9]+]]: tensor<?x6xf32>, %[[D:[a-z0-9]+]]: tensor<?x6xf32>)
// CHECK: %[[C:.*]] = linalg.matmul ins(%[[A]], %[[B]]
// CHECK: %[[DA:.*]] = linalg.matmul indexing_maps = [#[[MK]], #[[NK]], #[[MN]]] ins(%[[D]], %[[B]] :
// CHECK: %[[DB:.*]] = linalg.matmul indexing_maps = [#[[KM]], #[[KN]], #[[MN]]] ins(%[[A]], %[[D]] :
// CHECK: return %[[C]], %[[DA]], %[[DB]], %[[D]]
func.func private @product(%a: tensor<?x4xf32>, %b: tensor<4x6xf32>, %i: tensor<?x6xf32>) -> tensor<?x6xf32> {
  %c = linalg.matmul ins(%a, %b : tensor<?x4xf32>, tensor<4x6xf32>) outs(%i : tensor<?x6xf32>) -> tensor<?x6xf32>
  return %c : tensor<?x6xf32>
}
func.func private @product_gradient(tensor<?x4xf32>, tensor<4x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>)
    -> (tensor<?x6xf32>, tensor<?x4xf32>, tensor<4x6xf32>, tensor<?x6xf32>)
    attributes {seednorm.gradient_of = @product, seednorm.with_values}

// -----

// Both factors the same: the second product adds to the first.
// CHECK-LABEL: func private @square_gradient(
// CHECK: %[[ONE:.*]] = linalg.matmul
// CHECK: %[[TWO:.*]] = linalg.matmul {{.*}} outs(%[[ONE]] :
// CHECK: return %[[TWO]]
func.func private @square(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  %c = linalg.matmul ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>) outs(%z : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %c : tensor<4x4xf32>
}
func.func private @square_gradient(tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    attributes {seednorm.gradient_of = @square}

// -----

// Layouts are undone; slices of one tensor share its gradient.
// CHECK-LABEL: func private @layout_gradient(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x6xf32>, %[[D:[a-z0-9]+]]: tensor<2x?x3xf32>)
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[D]] : {{.*}} permutation = [1, 0, 2]
// CHECK: %[[E:.*]] = tensor.collapse_shape %[[T]] {{\[}}[0], [1, 2]]
// CHECK: return %[[E]]
func.func private @layout(%x: tensor<?x6xf32>) -> tensor<2x?x3xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x6xf32>
  %s = tensor.expand_shape %x [[0], [1, 2]] output_shape [%n, 2, 3] : tensor<?x6xf32> into tensor<?x2x3xf32>
  %e = tensor.empty(%n) : tensor<2x?x3xf32>
  %t = linalg.transpose ins(%s : tensor<?x2x3xf32>) outs(%e : tensor<2x?x3xf32>) permutation = [1, 0, 2]
  return %t : tensor<2x?x3xf32>
}
func.func private @layout_gradient(tensor<?x6xf32>, tensor<2x?x3xf32>) -> tensor<?x6xf32>
    attributes {seednorm.gradient_of = @layout}

// CHECK-LABEL: func private @slices_gradient(
// CHECK-SAME: %[[D0:[a-z0-9]+]]: tensor<?x2xf32>, %[[D1:[a-z0-9]+]]: tensor<?x3xf32>)
// CHECK: %[[Z:.*]] = linalg.fill
// CHECK: %[[A:.*]] = tensor.insert_slice %[[D1]] into %[[Z]][0, 1]
// CHECK: %[[OLD:.*]] = tensor.extract_slice %[[A]][0, 0]
// CHECK: %[[SUM:.*]] = rowwise.program rows(%[[OLD]], %[[D0]] :
// CHECK: %[[B:.*]] = tensor.insert_slice %[[SUM]] into %[[A]][0, 0]
// CHECK: return %[[B]]
func.func private @slices(%x: tensor<?x6xf32>) -> (tensor<?x2xf32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x6xf32>
  %a = tensor.extract_slice %x[0, 0] [%n, 2] [1, 1] : tensor<?x6xf32> to tensor<?x2xf32>
  %b = tensor.extract_slice %x[0, 1] [%n, 3] [1, 1] : tensor<?x6xf32> to tensor<?x3xf32>
  return %a, %b : tensor<?x2xf32>, tensor<?x3xf32>
}
func.func private @slices_gradient(tensor<?x6xf32>, tensor<?x2xf32>, tensor<?x3xf32>) -> tensor<?x6xf32>
    attributes {seednorm.gradient_of = @slices}

// CHECK-LABEL: func private @insertion_gradient(
// CHECK-SAME: %[[D:[a-z0-9]+]]: tensor<4x6xf32>)
// CHECK-DAG: %[[S:.*]] = tensor.extract_slice %[[D]][0, 2] [4, 3] [1, 1]
// CHECK-DAG: %[[W:.*]] = tensor.insert_slice %{{.*}} into %[[D]][0, 2] [4, 3] [1, 1]
// CHECK: return %[[S]], %[[W]]
func.func private @insertion(%x: tensor<4x3xf32>, %y: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %a = tensor.insert_slice %x into %y[0, 2] [4, 3] [1, 1] : tensor<4x3xf32> into tensor<4x6xf32>
  return %a : tensor<4x6xf32>
}
func.func private @insertion_gradient(tensor<4x3xf32>, tensor<4x6xf32>, tensor<4x6xf32>) -> (tensor<4x3xf32>, tensor<4x6xf32>)
    attributes {seednorm.gradient_of = @insertion}

// -----

// CHECK-LABEL: func private @sum_gradient(
// CHECK-SAME: %[[D:[a-z0-9]+]]: tensor<8xf32>)
// CHECK: linalg.broadcast ins(%[[D]] : tensor<8xf32>) outs(%{{.*}} : tensor<?x8xf32>) dimensions = [0]
func.func private @sum(%x: tensor<?x8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %s = linalg.reduce { arith.addf } ins(%x : tensor<?x8xf32>) outs(%z : tensor<8xf32>) dimensions = [0]
  return %s : tensor<8xf32>
}
func.func private @sum_gradient(tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
    attributes {seednorm.gradient_of = @sum}

// CHECK-LABEL: func private @repeat_gradient(
// CHECK-SAME: %[[D:[a-z0-9]+]]: tensor<4x8xf32>)
// CHECK: linalg.reduce ins(%[[D]] : tensor<4x8xf32>) outs(%{{.*}} : tensor<8xf32>) dimensions = [0]
func.func private @repeat(%x: tensor<8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %s = linalg.broadcast ins(%x : tensor<8xf32>) outs(%e : tensor<4x8xf32>) dimensions = [0]
  return %s : tensor<4x8xf32>
}
func.func private @repeat_gradient(tensor<8xf32>, tensor<4x8xf32>) -> tensor<8xf32>
    attributes {seednorm.gradient_of = @repeat}

// -----

// What was gathered is added where it came from.
#i = affine_map<(i, j) -> (i)>
#ij = affine_map<(i, j) -> (i, j)>
// CHECK-LABEL: func private @gather_gradient(
// CHECK-SAME: %[[TABLE:[a-z0-9]+]]: tensor<9x4xf32>, %[[TOKENS:[a-z0-9]+]]: tensor<?xi32>, %[[D:[a-z0-9]+]]: tensor<?x4xf32>)
// CHECK: %[[Z:.*]] = linalg.fill
// CHECK: scf.for %[[I:.*]] = {{.*}} iter_args(%[[S0:.*]] = %[[Z]])
// CHECK: scf.for %[[J:.*]] = {{.*}} iter_args(%[[S:.*]] = %[[S0]])
// CHECK: %[[T:.*]] = tensor.extract %[[TOKENS]][%[[I]]]
// CHECK: %[[AT:.*]] = arith.index_cast %[[T]]
// CHECK: %[[OLD:.*]] = tensor.extract %[[S]][%[[AT]], %[[J]]]
// CHECK: %[[MORE:.*]] = tensor.extract %[[D]][%[[I]], %[[J]]]
// CHECK: %[[SUM:.*]] = arith.addf %[[OLD]], %[[MORE]]
// CHECK: tensor.insert %[[SUM]] into %[[S]][%[[AT]], %[[J]]]
func.func private @gather(%table: tensor<9x4xf32>, %tokens: tensor<?xi32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %tokens, %c0 : tensor<?xi32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %r = linalg.generic {indexing_maps = [#i, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%tokens : tensor<?xi32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%t: i32, %o: f32):
    %row = arith.index_cast %t : i32 to index
    %column = linalg.index 1 : index
    %v = tensor.extract %table[%row, %column] : tensor<9x4xf32>
    linalg.yield %v : f32
  } -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}
func.func private @gather_gradient(tensor<9x4xf32>, tensor<?xi32>, tensor<?x4xf32>) -> tensor<9x4xf32>
    attributes {seednorm.gradient_of = @gather}

// -----

// A called function hands over what its backward reads, here the product; with
// `recompute` the backward computes it again. Its arguments go in any case.
// CHECK-LABEL: func private @block_forward(
// CHECK: %[[P:.*]] = linalg.matmul
// CHECK: %[[Y:.*]] = rowwise.program
// CHECK: return %[[Y]], %[[P]]
// CHECK-LABEL: func private @block_backward(
// CHECK-NOT: linalg.matmul ins
// CHECK: rowwise.program
// CHECK-LABEL: func private @twice_gradient(
// CHECK: %[[F0:.*]]:2 = call @block_forward(
// CHECK: %[[F1:.*]]:2 = call @block_forward(%[[F0]]#0
// CHECK: %[[B1:.*]]:2 = call @block_backward(%[[F0]]#0, %{{.*}}, %[[F1]]#1, %{{.*}})
// CHECK: %[[B0:.*]]:2 = call @block_backward(%{{.*}}, %{{.*}}, %[[F0]]#1, %[[B1]]#0)
// AGAIN-NOT: @block_forward
// AGAIN-LABEL: func private @block_backward(
// AGAIN: linalg.matmul ins
// AGAIN-LABEL: func private @twice_gradient(
// AGAIN: %[[F0:.*]] = call @block(
// AGAIN: %[[B1:.*]]:2 = call @block_backward(%[[F0]], %{{.*}}, %{{.*}})
func.func private @block(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %p = linalg.matmul ins(%x, %w : tensor<8x8xf32>, tensor<8x8xf32>) outs(%z : tensor<8x8xf32>) -> tensor<8x8xf32>
  %y = seednorm.softmax ins(%p : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}
func.func private @twice(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = call @block(%x, %w) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = call @block(%0, %w) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}
func.func private @twice_gradient(tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>)
    attributes {seednorm.gradient_of = @twice}

// -----

// Only the gradients that are asked for are computed, and those that nothing
// reaches are zero. A bf16 parameter's sum is f32 if the declaration says so.
// CHECK-LABEL: func private @some_gradient(
// CHECK: rowwise.program {{.*}} outs(%{{.*}} : tensor<8xf32>)
// CHECK: rowwise.yield %{{.*}} : tensor<8xf32>
// CHECK: linalg.fill {{.*}} -> tensor<3xf32>
// CHECK-NOT: rowwise.program
// CHECK: return
func.func private @some(%x: tensor<?x8xbf16>, %p: tensor<8xbf16>, %unused: tensor<3xf32>) -> tensor<?x8xbf16> {
  %y = seednorm.rms_norm ins(%x : tensor<?x8xbf16>) gamma(%p : tensor<8xbf16>) outs(%x : tensor<?x8xbf16>) -> tensor<?x8xbf16>
  return %y : tensor<?x8xbf16>
}
func.func private @some_gradient(tensor<?x8xbf16>, tensor<8xbf16>, tensor<3xf32>, tensor<?x8xbf16>) -> (tensor<8xf32>, tensor<3xf32>)
    attributes {seednorm.gradient_of = @some, seednorm.wrt = array<i64: 1, 2>}

// -----

// A mean over everything: sums of no dimensions, and a division after them.
// CHECK-LABEL: func private @mean_gradient(
// CHECK-SAME: %[[D:[a-z0-9]+]]: tensor<f32>)
// CHECK: rowwise.program
// CHECK: arith.divf
// CHECK: linalg.broadcast ins(%{{.*}} : tensor<f32>) outs(%{{.*}} : tensor<4x8xf32>) dimensions = [0, 1]
func.func private @mean(%x: tensor<4x8xf32>, %n: tensor<f32>) -> tensor<f32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%x : tensor<4x8xf32>) outs(%z : tensor<f32>) dimensions = [0, 1]
  %y = arith.divf %s, %n : tensor<f32>
  return %y : tensor<f32>
}
func.func private @mean_gradient(tensor<4x8xf32>, tensor<f32>, tensor<f32>) -> tensor<4x8xf32>
    attributes {seednorm.gradient_of = @mean, seednorm.wrt = array<i64: 0>}

// -----

// A gradient of a gradient, declared before the one it is of; a function filled
// before it is called.
// CHECK-LABEL: func private @second(
// CHECK: math.exp
// CHECK-LABEL: func private @first(
// CHECK: math.exp
func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = math.exp %x : tensor<8xf32>
  return %y : tensor<8xf32>
}
func.func private @second(tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
    attributes {seednorm.gradient_of = @first}
func.func private @first(tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = @f}

// -----

// What was filled held nothing: its gradient is zero.
// CHECK-LABEL: func private @filled_gradient(
// CHECK: linalg.fill
// CHECK: return
func.func private @filled(%x: tensor<8xf32>, %init: tensor<8xf32>) -> tensor<8xf32> {
  %c = arith.constant 1.0 : f32
  %z = linalg.fill ins(%c : f32) outs(%init : tensor<8xf32>) -> tensor<8xf32>
  %y = arith.addf %x, %z : tensor<8xf32>
  return %y : tensor<8xf32>
}
func.func private @filled_gradient(tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
    attributes {seednorm.gradient_of = @filled}

// -----

// Factors of different narrow types are multiplied in f32.
// CHECK-LABEL: func private @narrow_gradient(
// CHECK: linalg.matmul {{.*}} : tensor<4x8xf32>, tensor<8x8xf32>) outs(%{{.*}} : tensor<4x8xf32>)
func.func private @narrow(%a: tensor<4x8xf16>, %b: tensor<8x8xbf16>, %z: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %y = linalg.matmul ins(%a, %b : tensor<4x8xf16>, tensor<8x8xbf16>) outs(%z : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}
func.func private @narrow_gradient(tensor<4x8xf16>, tensor<8x8xbf16>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
    attributes {seednorm.gradient_of = @narrow, seednorm.wrt = array<i64: 0>}
