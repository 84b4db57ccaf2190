// RUN: seednorm-opt %s --launch-to-runtime -split-input-file -verify-diagnostics

module attributes {gpu.container_module} {
  // expected-error@+1 {{must have one object, but has 2}}
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_80">, "a">, #gpu.object<#nvvm.target<chip = "sm_90">, "b">]
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k() kernel {
      gpu.return
    }
  }
  func.func @not_compiled() {
    %c1 = arith.constant 1 : index
    // expected-error@+1 {{has no binary; run gpu-module-to-binary first}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, "a">]
  func.func @asynchronous() {
    %c1 = arith.constant 1 : index
    // expected-error@+1 {{must not be asynchronous}}
    %token = gpu.launch_func async @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
}
