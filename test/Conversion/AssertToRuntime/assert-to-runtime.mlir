// RUN: seednorm-opt %s --assert-to-runtime | FileCheck %s

// CHECK: func.func private @seednorm_rt_fail(!llvm.ptr)
// CHECK: llvm.mlir.global internal constant @seednorm_message_0("not so\00")
// CHECK-LABEL: func @f
// CHECK: %[[N:.*]] = arith.xori %arg0
// CHECK: scf.if %[[N]] {
// CHECK: %[[M:.*]] = llvm.mlir.addressof @seednorm_message_0
// CHECK: call @seednorm_rt_fail(%[[M]])
// CHECK-NOT: cf.assert
func.func @f(%c: i1) {
  cf.assert %c, "not so"
  return
}
