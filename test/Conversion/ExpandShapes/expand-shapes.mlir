// RUN: seednorm-opt %s --expand-shapes | FileCheck %s

// CHECK-LABEL: func @two_dynamic
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<?x8xf32, strided<[?, 1], offset: ?>>, %[[A:[a-z0-9]+]]: index, %[[B:[a-z0-9]+]]: index
// CHECK: %[[BASE:.*]], %[[OFFSET:.*]], %{{.*}}:2, %[[S:.*]]:2 = memref.extract_strided_metadata %[[X]]
// CHECK: %[[OUTER:.*]] = arith.muli %[[S]]#0, %[[B]]
// CHECK: memref.reinterpret_cast %[[BASE]] to offset: [%[[OFFSET]]], sizes: [%[[A]], %[[B]], 8], strides: [%[[OUTER]], %[[S]]#0, 1]
func.func @two_dynamic(%x: memref<?x8xf32, strided<[?, 1], offset: ?>>, %a: index, %b: index)
    -> memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>> {
  %y = memref.expand_shape %x [[0, 1], [2]] output_shape [%a, %b, 8]
      : memref<?x8xf32, strided<[?, 1], offset: ?>> into memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>>
  return %y : memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>>
}

// One dynamic size in a group is upstream's.
// CHECK-LABEL: func @one_dynamic
// CHECK: memref.expand_shape
func.func @one_dynamic(%x: memref<?x8xf32>, %a: index) -> memref<?x4x8xf32> {
  %y = memref.expand_shape %x [[0, 1], [2]] output_shape [%a, 4, 8] : memref<?x8xf32> into memref<?x4x8xf32>
  return %y : memref<?x4x8xf32>
}
