// RUN: seednorm-opt %s --pass-pipeline="builtin.module(gpu.module(rocdl-instructions))" --split-input-file --verify-diagnostics | FileCheck %s

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @sizes
  gpu.func @sizes(%out: memref<?xindex>) kernel {
    // CHECK: %[[P:.*]] = llvm.call_intrinsic "llvm.amdgcn.implicitarg.ptr"() : () -> !llvm.ptr<4>
    // CHECK: %[[A:.*]] = llvm.getelementptr %[[P]][1] : (!llvm.ptr<4>) -> !llvm.ptr<4>, i32
    // CHECK: %[[N:.*]] = llvm.load %[[A]] invariant {alignment = 4 : i64} : !llvm.ptr<4> -> i32
    // CHECK: %[[Y:.*]] = arith.index_castui %[[N]] : i32 to index
    // CHECK: memref.store %[[Y]]
    %y = gpu.grid_dim y
    memref.store %y, %out[%y] : memref<?xindex>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @asserts
  gpu.func @asserts(%arg: i1) kernel {
    // CHECK: %[[NOT:.*]] = arith.xori
    // CHECK: scf.if %[[NOT]]
    // CHECK-NEXT: llvm.intr.trap
    // CHECK-NOT: cf.assert
    cf.assert %arg, "no"
    gpu.return
  }
}

// -----

gpu.module @kernels {
  llvm.func @__ocml_exp_f64(f64) -> f64
  llvm.func @ours(f64) -> f64
  llvm.func @kernel(%x: f64) {
    %0 = llvm.call @ours(%x) : (f64) -> f64
    // expected-error @below {{needs '__ocml_exp_f64' of ROCm's device libraries, which kernels are not linked with; functions of f32 need none}}
    %1 = llvm.call @__ocml_exp_f64(%x) : (f64) -> f64
    // expected-error @below {{'llvm.intr.tanh' op needs ROCm's device libraries, which kernels are not linked with; functions of f32 need none}}
    %2 = llvm.intr.tanh(%x) : (f64) -> f64
    %3 = llvm.intr.sqrt(%x) : (f64) -> f64
    llvm.return
  }
}
