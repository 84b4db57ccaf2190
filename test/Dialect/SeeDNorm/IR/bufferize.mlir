// RUN: seednorm-opt %s --one-shot-bufferize="bufferize-function-boundaries" | FileCheck %s

// CHECK-LABEL: func @in_place
// CHECK-NOT: alloc
// CHECK: seednorm.norm ins(%arg0 : memref{{.*}}) beta(%arg1 : memref{{.*}}) outs(%arg2 : memref{{.*}}) {heads = 2 : i64}
// CHECK: return %arg2
func.func @in_place(%x: tensor<?x4xf32>, %b: tensor<4xf32>, %o: tensor<?x4xf32> {bufferization.writable = true}) -> tensor<?x4xf32> {
  %y = seednorm.norm ins(%x : tensor<?x4xf32>) beta(%b : tensor<4xf32>)
      outs(%o : tensor<?x4xf32>) {heads = 2} -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// The input is still wanted, so the result gets a buffer of its own.
// CHECK-LABEL: func @copies
// CHECK: memref.alloc
// CHECK: seednorm.softmax
func.func @copies(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %y = seednorm.softmax ins(%x : tensor<?x4xf32>) outs(%x : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %x, %y : tensor<?x4xf32>, tensor<?x4xf32>
}
