// RUN: seednorm-opt %s -split-input-file -verify-diagnostics --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4"

func.func @scalable(%x: memref<?x64xf32>) {
  // expected-error@below {{has a schedule with scalable vectors, which the target does not have}}
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <scalable = 1> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  return
}

// -----

func.func @rows(%x: memref<?x64xf32>) {
  // expected-error@below {{has a schedule with 'rows_per_task' (8), which must be a multiple of 'rows_in_flight' (3)}}
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <rows_in_flight = 3, rows_per_task = 8> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  return
}

// -----

func.func @keep(%x: memref<?x2048xf32>) {
  // expected-error@below {{has a schedule with 'keep_row', but 128 vectors of rows, which must be at most 64}}
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%x : memref<?x2048xf32>) schedule <keep_row = 1> {
  ^bb0(%a: tensor<2048xf32>):
    rowwise.yield %a : tensor<2048xf32>
  }
  return
}

// -----

func.func @peel(%x: memref<?x?xf32>) {
  // expected-error@below {{has a schedule with 'peel_remainder', which a row of dynamic width cannot have}}
  rowwise.program rows(%x : memref<?x?xf32>) outs(%x : memref<?x?xf32>) schedule <peel_remainder = 1> {
  ^bb0(%a: tensor<?xf32>):
    rowwise.yield %a : tensor<?xf32>
  }
  return
}

// -----

func.func @pipeline(%x: memref<?x64xf32>) {
  // expected-error@below {{has a schedule with 'pipeline', but only 1 sweeps over a row, which must be two or more}}
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <pipeline = 1> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  return
}

// -----

func.func @pipelined_tiles(%x: memref<?x64xf32>) {
  // expected-error@below {{'pipeline' and 'tile_vectors' (4) exclude each other}}
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <pipeline = 1, tile_vectors = 4> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  return
}
