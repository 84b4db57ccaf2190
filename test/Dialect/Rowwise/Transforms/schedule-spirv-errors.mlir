// RUN: seednorm-opt %s --rowwise-schedule="triple=spirv64-unknown-unknown" --verify-diagnostics

func.func @f(%x: memref<?x64xf32>) {
  // expected-error@below {{has a schedule with 'atomics', but SPIR-V adds no floats atomically without extensions}}
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <threads_per_row = 32, atomics = 1> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  return
}
