// RUN: seednorm-opt %s --parallel-loops-to-gpu -split-input-file -verify-diagnostics

func.func @element(%x: memref<?xf32>, %i: index) -> f32 {
  // expected-error@+1 {{needs an element of an array on the host, but arrays are in the GPU's memory}}
  %v = memref.load %x[%i] : memref<?xf32>
  return %v : f32
}

// -----

func.func @value_of_a_loop(%x: memref<?xf32>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %s = scf.for %i = %c0 to %n step %c1 iter_args(%a = %zero) -> f32 {
    // expected-error@+1 {{needs an element of an array on the host, but arrays are in the GPU's memory}}
    %v = memref.load %x[%i] : memref<?xf32>
    %b = arith.addf %a, %v : f32
    scf.yield %b : f32
  }
  return %s : f32
}

// -----

func.func @value_of_a_parallel_loop(%x: memref<?xf32>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  // expected-error@+1 {{needs an element of an array on the host, but arrays are in the GPU's memory}}
  %s = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
    %v = memref.load %x[%i] : memref<?xf32>
    scf.reduce(%v : f32) {
    ^bb0(%a: f32, %b: f32):
      %c = arith.addf %a, %b : f32
      scf.reduce.return %c : f32
    }
  }
  return %s : f32
}

// -----

func.func private @side_effect()
func.func @not_a_kernel(%x: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  // expected-error@+1 {{needs an element of an array on the host, but arrays are in the GPU's memory}}
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    func.call @side_effect() : () -> ()
    memref.store %one, %x[%i] : memref<?xf32>
  }
  return
}
