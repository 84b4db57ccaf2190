// RUN: seednorm-opt %s --copy-to-linalg=all | FileCheck %s

// Contiguous arrays as well, also of one element: on a device nothing copies
// them otherwise.
// CHECK-LABEL: func @contiguous
// CHECK-NOT: memref.copy
// CHECK: linalg.generic {{.*}}["parallel", "parallel"]
// CHECK-NOT: memref.copy
func.func @contiguous(%x: memref<4x4xf32>, %y: memref<4x4xf32>) {
  memref.copy %x, %y : memref<4x4xf32> to memref<4x4xf32>
  return
}

// CHECK-LABEL: func @element
// CHECK: linalg.generic {{.*}}iterator_types = []
// CHECK-NOT: memref.copy
func.func @element(%x: memref<f32>, %y: memref<f32>) {
  memref.copy %x, %y : memref<f32> to memref<f32>
  return
}
