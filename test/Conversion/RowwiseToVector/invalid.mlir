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

// -----

func.func @not_adjacent(%x: memref<2x3x8xf32>, %y: memref<1x3x8xf32>) {
  // expected-error@+1 {{out 0 sums rows that are not adjacent; run rowwise-split-sums first}}
  rowwise.program rows(%x : memref<2x3x8xf32>) outs(%y : memref<1x3x8xf32>)
      schedule <vector_width = 8, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8> {
  ^bb0(%a: tensor<8xf32>):
    %s = rowwise.accumulate %a : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  }
  return
}

// -----

func.func @peel(%x: memref<?x?xf32>) {
  // expected-error@below {{has a schedule with 'peel_remainder', which a row of dynamic width cannot have}}
  rowwise.program rows(%x : memref<?x?xf32>) outs(%x : memref<?x?xf32>)
      schedule <vector_width = 16, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8, peel_remainder = 1> {
  ^bb0(%a: tensor<?xf32>):
    rowwise.yield %a : tensor<?xf32>
  }
  return
}
