// RUN: seednorm-opt %s -split-input-file -verify-diagnostics --rowwise-schedule="triple=nvptx64-nvidia-cuda cpu=sm_90"

func.func @groups(%x: memref<?x4096xf32>, %y: memref<?x2048xf32>) {
  // expected-error@below {{has 2048 groups in a row, but a GPU takes at most 1024, the threads of a CTA}}
  rowwise.program rows(%x : memref<?x4096xf32>) outs(%y : memref<?x2048xf32>) {
  ^bb0(%a: tensor<4096xf32>):
    %s = rowwise.reduce add %a : tensor<4096xf32> -> tensor<2048xf32>
    rowwise.yield %s : tensor<2048xf32>
  }
  return
}

// -----

func.func @threads_for_groups(%x: memref<?x64xf32>, %y: memref<?x16xf32>) {
  // expected-error@below {{has a schedule with 'threads_per_row' (8), which must be at least the number of groups (16)}}
  rowwise.program rows(%x : memref<?x64xf32>) outs(%y : memref<?x16xf32>) schedule <threads_per_row = 8> {
  ^bb0(%a: tensor<64xf32>):
    %s = rowwise.reduce add %a : tensor<64xf32> -> tensor<16xf32>
    rowwise.yield %s : tensor<16xf32>
  }
  return
}

// -----

func.func @clusters_and_groups(%x: memref<?x64xf32>, %y: memref<?x4xf32>) {
  // expected-error@below {{has a schedule with 'ctas_per_row' (2), but 4 groups in a row, which clusters do not divide}}
  rowwise.program rows(%x : memref<?x64xf32>) outs(%y : memref<?x4xf32>) schedule <ctas_per_row = 2, keep_row = 1> {
  ^bb0(%a: tensor<64xf32>):
    %s = rowwise.reduce add %a : tensor<64xf32> -> tensor<4xf32>
    rowwise.yield %s : tensor<4xf32>
  }
  return
}

// -----

func.func @vectors_and_groups(%x: memref<?x24xf32>, %y: memref<?x4xf32>) {
  // expected-error@below {{has a schedule with 'vector_width' (4), which must divide the columns of each of the 4 groups}}
  rowwise.program rows(%x : memref<?x24xf32>) outs(%y : memref<?x4xf32>) schedule <vector_width = 4> {
  ^bb0(%a: tensor<24xf32>):
    %s = rowwise.reduce add %a : tensor<24xf32> -> tensor<4xf32>
    rowwise.yield %s : tensor<4xf32>
  }
  return
}

// -----

func.func @vectors_and_groups_of_dynamic_width(%x: memref<?x?xf32>, %y: memref<?x4xf32>) {
  // expected-error@below {{has a schedule with 'vector_width' (2), which must divide the columns of each of the 4 groups}}
  rowwise.program rows(%x : memref<?x?xf32>) outs(%y : memref<?x4xf32>) schedule <vector_width = 2> {
  ^bb0(%a: tensor<?xf32>):
    %s = rowwise.reduce add %a : tensor<?xf32> -> tensor<4xf32>
    rowwise.yield %s : tensor<4xf32>
  }
  return
}

// -----

func.func @sums_in_memory(%x: memref<?x64xf32>, %y: memref<64xf32>) {
  // expected-error@below {{has a schedule with 'rows_per_block' (4), which must be 1 for sums over rows without 'keep_row'}}
  rowwise.program rows(%x : memref<?x64xf32>) outs(%y : memref<64xf32>)
      schedule <threads_per_row = 32, rows_per_block = 4> {
  ^bb0(%a: tensor<64xf32>):
    %s = rowwise.accumulate %a : tensor<64xf32>
    rowwise.yield %s : tensor<64xf32>
  }
  return
}

// -----

func.func @dynamic_row_is_not_kept(%x: memref<?x?xf32>) {
  // expected-error@below {{has a schedule with 'keep_row', which a row of dynamic width cannot have}}
  rowwise.program rows(%x : memref<?x?xf32>) outs(%x : memref<?x?xf32>) schedule <threads_per_row = 32, keep_row = 1> {
  ^bb0(%a: tensor<?xf32>):
    rowwise.yield %a : tensor<?xf32>
  }
  return
}

// -----

func.func @too_much_to_keep(%x: memref<?x10000xf32>) {
  // expected-error@below {{has a schedule with 'keep_row', but 313 elements of the row for each thread, which must be at most 256}}
  rowwise.program rows(%x : memref<?x10000xf32>) outs(%x : memref<?x10000xf32>) schedule <threads_per_row = 32, keep_row = 1> {
  ^bb0(%a: tensor<10000xf32>):
    rowwise.yield %a : tensor<10000xf32>
  }
  return
}

// -----

// The CTAs of a cluster keep it together: 16384 elements, 256 for each of 64.
func.func @kept_by_a_cluster(%x: memref<?x16384xf32>) {
  rowwise.program rows(%x : memref<?x16384xf32>) outs(%x : memref<?x16384xf32>)
      schedule <threads_per_row = 32, ctas_per_row = 2, rows_per_block = 1, keep_row = 1> {
  ^bb0(%a: tensor<16384xf32>):
    rowwise.yield %a : tensor<16384xf32>
  }
  return
}

// -----

func.func @narrow_atomics(%x: memref<?x64xbf16>, %y: memref<?x64xbf16>, %z: memref<64xbf16>) {
  // expected-error@below {{has a schedule with 'atomics', but out 1 sums in 'bf16', which must be f32 or f64}}
  rowwise.program rows(%x : memref<?x64xbf16>) outs(%y, %z : memref<?x64xbf16>, memref<64xbf16>) schedule <atomics = 1> {
  ^bb0(%a: tensor<64xbf16>):
    %s = rowwise.accumulate %a : tensor<64xbf16>
    rowwise.yield %a, %s : tensor<64xbf16>, tensor<64xbf16>
  }
  return
}

// -----

func.func @wide_atomics(%x: memref<?x64xf32>, %z: memref<64xf32>) {
  rowwise.program rows(%x : memref<?x64xf32>) outs(%z : memref<64xf32>) schedule <atomics = 1> {
  ^bb0(%a: tensor<64xf32>):
    %s = rowwise.accumulate %a : tensor<64xf32>
    rowwise.yield %s : tensor<64xf32>
  }
  return
}
