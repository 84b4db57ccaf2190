// RUN: seednorm-opt %s --rowwise-schedule="triple=amdgcn-amd-amdhsa cpu=gfx942" --split-input-file --verify-diagnostics
// RUN: seednorm-opt %s --rowwise-schedule="triple=spirv64-unknown-unknown" --split-input-file --verify-diagnostics

func.func @f(%x: memref<?x64xf32>) {
  // expected-error@below {{has a schedule with 'ctas_per_row', which only NVIDIA's GPUs have from sm_90 on}}
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <threads_per_row = 32, rows_per_block = 1, keep_row = 1, ctas_per_row = 2> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  return
}

// -----

func.func @f(%x: memref<?x64xf32>) {
  // expected-error@below {{has a schedule with 'dependent_launch', which only NVIDIA's GPUs have from sm_90 on}}
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <threads_per_row = 32, dependent_launch = 1> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  return
}

// -----

func.func @f(%x: memref<?x64xf32>) {
  // expected-error@below {{has a schedule with 'approximate', which only NVIDIA's GPUs have}}
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <threads_per_row = 32, approximate = 1> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  return
}
