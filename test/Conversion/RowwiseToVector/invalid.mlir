// RUN: seednorm-opt %s --rowwise-to-vector -split-input-file -verify-diagnostics

func.func @tensors(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
  // expected-error@+1 {{is on tensors; run rowwise-bufferize first}}
  %y = rowwise.program rows(%x : tensor<2x8xf32>) outs(%x : tensor<2x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    rowwise.yield %a : tensor<8xf32>
  } -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// -----

func.func @no_schedule(%x: memref<2x8xf32>) {
  // expected-error@+1 {{has no complete schedule; run rowwise-schedule first}}
  rowwise.program rows(%x : memref<2x8xf32>) outs(%x : memref<2x8xf32>) schedule <vectors = 2> {
  ^bb0(%a: tensor<8xf32>):
    rowwise.yield %a : tensor<8xf32>
  }
  return
}
