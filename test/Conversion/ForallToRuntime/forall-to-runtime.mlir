// RUN: seednorm-opt %s --forall-to-runtime | FileCheck %s

// CHECK: func.func private @seednorm_rt_parallel_for(!llvm.ptr, !llvm.ptr, i64)
// CHECK: func.func private @loop_task_0(%[[CTX:.*]]: !llvm.ptr, %[[I:.*]]: index)
// CHECK-SAME: llvm.linkage = #llvm.linkage<internal>
// CHECK: llvm.load %{{.*}} : !llvm.ptr -> !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
// CHECK: memref.store %{{.*}}[%[[I]]]
// CHECK: func.func private @loop_task_0_range(%{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64)
// CHECK: scf.for
// CHECK: func.call @loop_task_0
// CHECK-LABEL: func.func @loop(
// CHECK: llvm.alloca
// CHECK: constant @loop_task_0_range
// CHECK: call @seednorm_rt_parallel_for
// CHECK-NOT: scf.forall
func.func @loop(%x: memref<?xf32>, %n: index) {
  %one = arith.constant 1.0 : f32
  scf.forall (%i) in (%n) {
    memref.store %one, %x[%i] : memref<?xf32>
  }
  return
}
