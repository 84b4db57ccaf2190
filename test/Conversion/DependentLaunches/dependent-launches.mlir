// RUN: seednorm-opt %s --dependent-launches | FileCheck %s

// Only a kernel that waits may begin early: one that merely lets others begin
// would read what is not there yet. Of a binary nothing is known.
// CHECK-LABEL: func.func @launches
// CHECK: gpu.launch_func @kernels::@waits {{.*}} {seednorm.dependent}
// CHECK-NOT: seednorm.dependent
module attributes {gpu.container_module} {
  func.func @launches() {
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@waits blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    gpu.launch_func @kernels::@triggers blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    gpu.launch_func @kernels::@plain blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    gpu.launch_func @binary::@unknown blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
  gpu.module @kernels {
    gpu.func @waits() kernel {
      nvvm.griddepcontrol launch_dependents
      nvvm.griddepcontrol wait
      gpu.return
    }
    gpu.func @triggers() kernel {
      nvvm.griddepcontrol launch_dependents
      gpu.return
    }
    gpu.func @plain() kernel {
      gpu.return
    }
  }
  gpu.binary @binary [#gpu.object<#nvvm.target, "">]
}
