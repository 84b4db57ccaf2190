// RUN: seednorm-opt %s --rowwise-to-gpu -split-input-file -verify-diagnostics

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
  rowwise.program rows(%x : memref<2x8xf32>) outs(%x : memref<2x8xf32>) schedule <threads_per_row = 32> {
  ^bb0(%a: tensor<8xf32>):
    rowwise.yield %a : tensor<8xf32>
  }
  return
}

// -----

func.func @for_a_cpu(%x: memref<2x8xf32>) {
  // expected-error@+1 {{has a schedule for a CPU; run rowwise-schedule with the triple of a GPU}}
  rowwise.program rows(%x : memref<2x8xf32>) outs(%x : memref<2x8xf32>)
      schedule <vector_width = 8, vectors = 1, rows_in_flight = 1, rows_per_block = 1, rows_per_task = 8> {
  ^bb0(%a: tensor<8xf32>):
    rowwise.yield %a : tensor<8xf32>
  }
  return
}

// -----

func.func @not_adjacent(%x: memref<2x3x8xf32>, %y: memref<1x3x8xf32>) {
  // expected-error@+1 {{out 0 sums rows that are not adjacent; run rowwise-split-sums first}}
  rowwise.program rows(%x : memref<2x3x8xf32>) outs(%y : memref<1x3x8xf32>)
      schedule <vector_width = 4, vectors = 4, rows_per_block = 1, rows_per_task = 1, threads_per_row = 32, ctas = 8, keep_row = 1> {
  ^bb0(%a: tensor<8xf32>):
    %s = rowwise.accumulate %a : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  }
  return
}
