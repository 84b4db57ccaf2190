// RUN: seednorm-opt %s --rowwise-bufferize | FileCheck %s

// The region keeps its tensors; arguments may be views with any distance
// between rows.
// CHECK-LABEL: func @program
// CHECK-SAME: %[[X:.*]]: memref<?x8xf32, strided<[?, 1], offset: ?>>, %[[G:.*]]: memref<8xf32>
// CHECK: %[[Y:.*]] = memref.alloc(%{{.*}}) {alignment = 64 : i64} : memref<?x8xf32>
// CHECK: rowwise.program rows(%[[X]] : {{.*}}) columns(%[[G]] : memref<8xf32>) outs(%[[Y]] : memref<?x8xf32>) {
// CHECK-NEXT: ^bb0(%{{.*}}: tensor<8xf32>, %{{.*}}: tensor<8xf32>):
// CHECK-NEXT: arith.constant dense<2.000000e+00> : tensor<8xf32>
func.func @program(%x: tensor<?x8xf32>, %g: tensor<8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %init = tensor.empty(%n) : tensor<?x8xf32>
  %y = rowwise.program rows(%x : tensor<?x8xf32>) columns(%g : tensor<8xf32>) outs(%init : tensor<?x8xf32>) {
  ^bb0(%a: tensor<8xf32>, %b: tensor<8xf32>):
    %c = arith.constant dense<2.0> : tensor<8xf32>
    %s = arith.mulf %a, %c : tensor<8xf32>
    %r = arith.mulf %s, %b : tensor<8xf32>
    rowwise.yield %r : tensor<8xf32>
  } -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Products that share a zero get one each instead of copies of it.
// CHECK-LABEL: func @fills
// CHECK-COUNT-2: linalg.fill
// CHECK-NOT: memref.copy
func.func @fills(%x: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %a = linalg.matmul ins(%x, %x : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  %b = linalg.matmul ins(%a, %x : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %a, %b : tensor<8x8xf32>, tensor<8x8xf32>
}

// The caller frees every result, so a value that is given back twice is copied,
// also where the second is a view of it.
// CHECK-LABEL: func @results
// CHECK: %[[Y:.*]] = memref.alloc
// CHECK: %[[ONE:.*]] = bufferization.clone
// CHECK: %[[TWO:.*]] = bufferization.clone
// CHECK: return %{{.*}}, %[[ONE]], %[[TWO]]
func.func @results(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<32xf32>) {
  %y = rowwise.program rows(%x : tensor<4x8xf32>) outs(%x : tensor<4x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %s = arith.mulf %a, %a : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<4x8xf32>
  %z = tensor.collapse_shape %y [[0, 1]] : tensor<4x8xf32> into tensor<32xf32>
  return %y, %y, %z : tensor<4x8xf32>, tensor<4x8xf32>, tensor<32xf32>
}
