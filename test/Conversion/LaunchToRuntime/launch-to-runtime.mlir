// RUN: seednorm-opt %s --launch-to-runtime --canonicalize --cse -split-input-file | FileCheck %s

// The binary is a constant, PTX with its end; an array is its descriptor's
// values, as the kernel takes them.
// CHECK-NOT: gpu.
// CHECK-DAG: llvm.mlir.global internal constant @kernels_binary("// PTX\00") {{.*}}alignment = 64
// CHECK-DAG: llvm.mlir.global internal constant @seednorm_kernel_k("k\00")
// CHECK-DAG: func.func private @seednorm_rt_launch(!llvm.ptr)
// CHECK-LABEL: func.func @launch(
// CHECK-SAME: %[[X:.*]]: memref<?xf32>, %[[S:.*]]: f32, %[[N:.*]]: index
// CHECK-DAG: llvm.alloca %{{.*}} x !llvm.struct<(ptr, ptr, i64, i64, i64, f32)>
// CHECK-DAG: llvm.alloca %{{.*}} x !llvm.array<6 x ptr>
// CHECK-DAG: %[[L:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, i64, ptr, array<3 x i32>, array<3 x i32>, array<3 x i32>, i32, i32, ptr, i64)>
// CHECK-DAG: %[[BINARY:.*]] = llvm.mlir.addressof @kernels_binary
// CHECK-DAG: %[[NAME:.*]] = llvm.mlir.addressof @seednorm_kernel_k
// CHECK: scf.for
// CHECK-NOT: llvm.alloca
// CHECK: llvm.store %[[S]], %{{.*}} : f32, !llvm.ptr
// CHECK: %[[P:.*]] = llvm.getelementptr %[[L]][0, 0]
// CHECK: llvm.store %[[BINARY]], %[[P]]
// CHECK: %[[P:.*]] = llvm.getelementptr %[[L]][0, 2]
// CHECK: llvm.store %[[NAME]], %[[P]]
// CHECK: %[[N32:.*]] = arith.index_cast %[[N]] : index to i32
// CHECK: %[[P:.*]] = llvm.getelementptr %[[L]][0, 3, 0]
// CHECK: llvm.store %[[N32]], %[[P]]
// CHECK: call @seednorm_rt_launch(%[[L]])
// CHECK-NOT: gpu.
module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, assembly = "// PTX">]
  func.func @launch(%x: memref<?xf32>, %s: f32, %n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %n step %c1 {
      gpu.launch_func @kernels::@k blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1) args(%x : memref<?xf32>, %s : f32)
    }
    return
  }
}

// -----

// Bitcode is as long as it is. Clusters, dynamic shared memory, and a launch that
// may begin early.
// CHECK-LABEL: func.func @all(
// CHECK-SAME: %[[SHARED:[a-z0-9]+]]: i32
// CHECK-DAG: %[[C1:.*]] = llvm.mlir.constant(1 : i32) : i32
// CHECK-DAG: %[[L:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, i64,
// CHECK-DAG: %[[CLUSTER:.*]] = llvm.getelementptr %[[L]][0, 5, 0]
// CHECK-DAG: llvm.store %{{.*}}, %[[CLUSTER]] : i32
// CHECK-DAG: %[[BYTES:.*]] = llvm.getelementptr %[[L]][0, 6]
// CHECK-DAG: llvm.store %[[SHARED]], %[[BYTES]]
// CHECK-DAG: %[[FLAGS:.*]] = llvm.getelementptr %[[L]][0, 7]
// CHECK-DAG: llvm.store %[[C1]], %[[FLAGS]]
// CHECK: llvm.mlir.global internal constant @kernels_binary("BC") {
module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, offload = "BC">]
  func.func @all(%shared: i32, %n: index) {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    gpu.launch_func @kernels::@k clusters in (%c2, %c1, %c1) blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1)
      dynamic_shared_memory_size %shared {seednorm.dependent}
    return
  }
}

// -----

// CHECK-LABEL: func.func @plain(
// CHECK-DAG: %[[C0:.*]] = llvm.mlir.constant(0 : i32) : i32
// CHECK-DAG: %[[L:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, i64,
// CHECK-DAG: %[[FLAGS:.*]] = llvm.getelementptr %[[L]][0, 7]
// CHECK-DAG: llvm.store %[[C0]], %[[FLAGS]]
module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, offload = "BC">]
  func.func @plain(%n: index) {
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@k blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
}

// -----

// A constant array is the device's copy of the module's: 6 elements of 2 bytes.
// CHECK-DAG: func.func private @seednorm_rt_constant(!llvm.ptr, i64) -> !llvm.ptr
// CHECK-LABEL: func.func @constant(
// CHECK: %[[BYTES:.*]] = llvm.mlir.constant(12 : i64)
// CHECK: %[[HOST:.*]] = memref.get_global @table
// CHECK: memref.extract_aligned_pointer_as_index %[[HOST]]
// CHECK: %[[DEVICE:.*]] = call @seednorm_rt_constant(%{{.*}}, %[[BYTES]])
// CHECK: llvm.insertvalue %[[DEVICE]],
// CHECK: %[[ARRAY:.*]] = builtin.unrealized_conversion_cast %{{.*}} : !llvm.struct<{{.*}}> to memref<2x3xbf16>
// CHECK: return %[[ARRAY]]
memref.global "private" constant @table : memref<2x3xbf16> = dense<1.0>
func.func @constant() -> memref<2x3xbf16> {
  %0 = memref.get_global @table : memref<2x3xbf16>
  return %0 : memref<2x3xbf16>
}
