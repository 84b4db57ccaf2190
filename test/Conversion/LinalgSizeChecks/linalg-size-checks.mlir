// RUN: seednorm-opt %s --linalg-size-checks | FileCheck %s

// CHECK-LABEL: func @dynamic
// CHECK: %[[SAME:.*]] = arith.cmpi eq
// CHECK: cf.assert %[[SAME]], {{.*}}the sizes of the operands do not agree"
// CHECK: linalg.transpose
func.func @dynamic(%x: memref<?x4xf32>, %y: memref<4x?xf32>) {
  linalg.transpose ins(%x : memref<?x4xf32>) outs(%y : memref<4x?xf32>) permutation = [1, 0]
  return
}

// CHECK-LABEL: func @known
// CHECK-NOT: cf.assert
func.func @known(%x: memref<3x4xf32>, %y: memref<4x3xf32>) {
  linalg.transpose ins(%x : memref<3x4xf32>) outs(%y : memref<4x3xf32>) permutation = [1, 0]
  return
}
