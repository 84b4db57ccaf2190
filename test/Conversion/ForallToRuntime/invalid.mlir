// RUN: seednorm-opt %s --forall-to-runtime -verify-diagnostics

func.func @two_dimensions(%x: memref<?x?xf32>, %n: index) {
  %one = arith.constant 1.0 : f32
  // expected-error@+1 {{must have one dimension from 0 in steps of 1 and no outputs to become a runtime call}}
  scf.forall (%i, %j) in (%n, %n) {
    memref.store %one, %x[%i, %j] : memref<?x?xf32>
  }
  return
}
