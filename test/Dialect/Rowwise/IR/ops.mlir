// RUN: seednorm-opt %s | seednorm-opt | FileCheck %s
// RUN: seednorm-opt --mlir-print-op-generic %s | seednorm-opt | FileCheck %s

// CHECK-LABEL: func @program
// CHECK: rowwise.program rows(%arg0, %arg1 : tensor<2x?x64xbf16>, tensor<1x?x4xf32>) columns(%arg2 : tensor<64xf32>)
// CHECK-SAME: outs(%arg0, %arg3 : tensor<2x?x64xbf16>, tensor<64xf32>)
// CHECK-SAME: schedule <vector_width = 16, rows_per_block = 4> {
func.func @program(%x: tensor<2x?x64xbf16>, %p: tensor<1x?x4xf32>, %g: tensor<64xf32>,
                   %o: tensor<64xf32>) -> (tensor<2x?x64xbf16>, tensor<64xf32>) {
  %y:2 = rowwise.program rows(%x, %p : tensor<2x?x64xbf16>, tensor<1x?x4xf32>)
      columns(%g : tensor<64xf32>) outs(%x, %o : tensor<2x?x64xbf16>, tensor<64xf32>)
      schedule <vector_width = 16, rows_per_block = 4> {
  ^bb0(%xr: tensor<64xbf16>, %pr: tensor<4xf32>, %gr: tensor<64xf32>):
    %e = arith.extf %xr : tensor<64xbf16> to tensor<64xf32>
    // CHECK: rowwise.reduce add %{{.*}} : tensor<64xf32> -> tensor<4xf32>
    %s = rowwise.reduce add %e : tensor<64xf32> -> tensor<4xf32>
    // CHECK: rowwise.reduce max
    %m = rowwise.reduce max %e : tensor<64xf32> -> tensor<1xf32>
    // CHECK: rowwise.reduce min
    %n = rowwise.reduce min %e : tensor<64xf32> -> tensor<1xf32>
    // CHECK: rowwise.reduce mean %{{.*}} : tensor<4xf32> -> tensor<1xf32>
    %a = rowwise.reduce mean %s : tensor<4xf32> -> tensor<1xf32>
    %q = arith.addf %s, %pr : tensor<4xf32>
    // CHECK: rowwise.broadcast %{{.*}} : tensor<4xf32> -> tensor<64xf32>
    %b = rowwise.broadcast %q : tensor<4xf32> -> tensor<64xf32>
    %c = rowwise.broadcast %m : tensor<1xf32> -> tensor<4xf32>
    // CHECK: rowwise.broadcast %{{.*}} : tensor<4xf32> -> tensor<16xf32>
    %d = rowwise.broadcast %q : tensor<4xf32> -> tensor<16xf32>
    %r = arith.mulf %b, %gr : tensor<64xf32>
    %t = arith.truncf %r : tensor<64xf32> to tensor<64xbf16>
    // CHECK: rowwise.accumulate %{{.*}} : tensor<64xf32>
    %u = rowwise.accumulate %r : tensor<64xf32>
    // CHECK: rowwise.yield %{{.*}}, %{{.*}} : tensor<64xbf16>, tensor<64xf32>
    rowwise.yield %t, %u : tensor<64xbf16>, tensor<64xf32>
  } -> tensor<2x?x64xbf16>, tensor<64xf32>
  return %y#0, %y#1 : tensor<2x?x64xbf16>, tensor<64xf32>
}

// CHECK-LABEL: func @integers
func.func @integers(%x: tensor<2x?x64xi1>, %o: tensor<2x?x64xi64>) -> tensor<2x?x64xi64> {
  %y = rowwise.program rows(%x : tensor<2x?x64xi1>) outs(%o : tensor<2x?x64xi64>) {
  ^bb0(%flag: tensor<64xi1>):
    // CHECK: rowwise.index 1 : tensor<1xi64>
    %i = rowwise.index 1 : tensor<1xi64>
    // CHECK: rowwise.index 2 : tensor<64xi64>
    %c = rowwise.index 2 : tensor<64xi64>
    // CHECK: rowwise.index 2 : tensor<8xi64>
    %h = rowwise.index 2 : tensor<8xi64>
    // CHECK: rowwise.row_index{{$}}
    %r = rowwise.row_index
    %s = arith.addi %i, %r : tensor<1xi64>
    // CHECK: rowwise.broadcast %{{.*}} : tensor<1xi64> -> tensor<64xi64>
    %b = rowwise.broadcast %s : tensor<1xi64> -> tensor<64xi64>
    %t = arith.select %flag, %b, %c : tensor<64xi1>, tensor<64xi64>
    rowwise.yield %t : tensor<64xi64>
  } -> tensor<2x?x64xi64>
  return %y : tensor<2x?x64xi64>
}

// CHECK-LABEL: func @on_memrefs
// CHECK: rowwise.program rows(%arg0 : memref<?x?xf64, strided<[?, 1]>>) outs(%arg0 : memref<?x?xf64, strided<[?, 1]>>) {
// CHECK-NOT: ->
func.func @on_memrefs(%x: memref<?x?xf64, strided<[?, 1]>>) {
  rowwise.program rows(%x : memref<?x?xf64, strided<[?, 1]>>) outs(%x : memref<?x?xf64, strided<[?, 1]>>) {
  ^bb0(%xr: tensor<?xf64>):
    rowwise.yield %xr : tensor<?xf64>
  }
  return
}

// Sums over all rows, over some, and over rows that are not adjacent.
// CHECK-LABEL: func @sums
// CHECK: outs(%{{.*}} : tensor<64xf32>, tensor<?x1x64xf32>, tensor<1x?x64xf32>)
func.func @sums(%x: tensor<?x?x64xf32>, %a: tensor<64xf32>, %b: tensor<?x1x64xf32>,
                %c: tensor<1x?x64xf32>) -> (tensor<64xf32>, tensor<?x1x64xf32>, tensor<1x?x64xf32>) {
  %y:3 = rowwise.program rows(%x : tensor<?x?x64xf32>)
      outs(%a, %b, %c : tensor<64xf32>, tensor<?x1x64xf32>, tensor<1x?x64xf32>) {
  ^bb0(%r: tensor<64xf32>):
    %s = rowwise.accumulate %r : tensor<64xf32>
    rowwise.yield %s, %s, %s : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  } -> tensor<64xf32>, tensor<?x1x64xf32>, tensor<1x?x64xf32>
  return %y#0, %y#1, %y#2 : tensor<64xf32>, tensor<?x1x64xf32>, tensor<1x?x64xf32>
}
