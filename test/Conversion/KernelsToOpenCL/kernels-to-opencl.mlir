// RUN: seednorm-opt %s --pass-pipeline="builtin.module(gpu.module(kernels-to-opencl{subgroup-size=16}))" --split-input-file --verify-diagnostics | FileCheck %s

gpu.module @kernels {
  // CHECK: llvm.func spir_kernelcc @copy(%{{.*}}: !llvm.ptr<1>, %{{.*}}: !llvm.ptr<1>, %{{.*}}: i64, {{.*}}intel_reqd_sub_group_size = 16 : i32
  gpu.func @copy(%from: memref<?xbf16>) workgroup(%shared: memref<16xbf16, #gpu.address_space<workgroup>>) kernel {
    %c0 = arith.constant 0 : index
    // CHECK: llvm.mlir.constant(16256 : i16) : i16
    %one = arith.constant 1.0 : bf16
    // CHECK: llvm.store %{{.*}}, %{{.*}} : i16, !llvm.ptr<1>
    memref.store %one, %from[%c0] : memref<?xbf16>
    // CHECK: llvm.load %{{.*}} : !llvm.ptr<1> -> vector<8xi16>
    %v = vector.load %from[%c0] : memref<?xbf16>, vector<8xbf16>
    %e = vector.extract %v[1] : bf16 from vector<8xbf16>
    // CHECK: llvm.store %{{.*}}, %{{.*}} : i16, !llvm.ptr<3>
    memref.store %e, %shared[%c0] : memref<16xbf16, #gpu.address_space<workgroup>>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @asserts(%arg: i1) kernel {
    // expected-error @below {{cannot be in a kernel for SPIR-V, which has no way to fail; indices that come from data need one}}
    cf.assert %arg, "no"
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @adds(%sums: memref<?xf32>, %value: f32) kernel {
    %c0 = arith.constant 0 : index
    // expected-error @below {{cannot be in a kernel for SPIR-V, which adds no floats atomically without extensions; a schedule must not have 'atomics'}}
    %old = memref.atomic_rmw addf %value, %sums[%c0] : (f32, memref<?xf32>) -> f32
    gpu.return
  }
}
