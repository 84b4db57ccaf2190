// RUN: seednorm-opt %s --parallel-outermost --convert-linalg-to-parallel-loops | FileCheck %s

// A sum over rows: columns are parallel, each of them is summed in order.
// CHECK-LABEL: func @columns(
// CHECK: scf.parallel
// CHECK-NEXT: scf.for
func.func @columns(%x: memref<64x32xf32>, %y: memref<32xf32>) {
  linalg.reduce { arith.addf } ins(%x : memref<64x32xf32>) outs(%y : memref<32xf32>) dimensions = [0]
  return
}

// What is in order already stays as it is.
// CHECK-LABEL: func @rows(
// CHECK: scf.parallel
// CHECK-NEXT: scf.for
func.func @rows(%x: memref<64x32xf32>, %y: memref<64xf32>) {
  linalg.reduce { arith.addf } ins(%x : memref<64x32xf32>) outs(%y : memref<64xf32>) dimensions = [1]
  return
}

// CHECK-LABEL: func @all(
// CHECK-NOT: scf.parallel
// CHECK: scf.for
func.func @all(%x: memref<64xf32>, %y: memref<f32>) {
  linalg.reduce { arith.addf } ins(%x : memref<64xf32>) outs(%y : memref<f32>) dimensions = [0]
  return
}
