// RUN: seednorm-opt %s --reject-libdevice --split-input-file --verify-diagnostics

gpu.module @kernels {
  llvm.func @__nv_tan(f64) -> f64
  llvm.func @k(%x: f64) -> f64 {
    // expected-error @+1 {{needs the function '__nv_tan' of NVIDIA's libdevice.10.bc}}
    %0 = llvm.call @__nv_tan(%x) : (f64) -> f64
    llvm.return %0 : f64
  }
}

// -----

// Not what the host calls, and not a declaration that nothing calls.
llvm.func @__nv_tan(f64) -> f64
llvm.func @host(%x: f64) -> f64 {
  %0 = llvm.call @__nv_tan(%x) : (f64) -> f64
  llvm.return %0 : f64
}
gpu.module @kernels {
  llvm.func @__nv_sin(f64) -> f64
}
