// RUN: seednorm-opt %s -rowwise-fuse -split-input-file | FileCheck %s

// A residual addition before a normalisation: one program, whose sum is a result
// because somebody else wants it as well.
// CHECK-LABEL: func @residual
// CHECK-COUNT-1: rowwise.program
// CHECK-NOT: rowwise.program
// CHECK: return
func.func @residual(%x: tensor<?x8xf32>, %res: tensor<?x8xf32>, %o: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %h = rowwise.program rows(%x, %res : tensor<?x8xf32>, tensor<?x8xf32>) outs(%o : tensor<?x8xf32>) {
  ^bb0(%a: tensor<8xf32>, %b: tensor<8xf32>):
    %s = arith.addf %a, %b : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<?x8xf32>
  %y = rowwise.program rows(%h : tensor<?x8xf32>) outs(%o : tensor<?x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %m = rowwise.reduce max %a : tensor<8xf32> -> tensor<1xf32>
    %b = rowwise.broadcast %m : tensor<1xf32> -> tensor<8xf32>
    %r = arith.divf %a, %b : tensor<8xf32>
    rowwise.yield %r : tensor<8xf32>
  } -> tensor<?x8xf32>
  return %h, %y : tensor<?x8xf32>, tensor<?x8xf32>
}

// -----

// Whoever reads the producer's result before the consumer stands in the way.
// CHECK-LABEL: func @read_before
// CHECK-COUNT-2: rowwise.program
func.func @read_before(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, f32) {
  %c0 = arith.constant 0 : index
  %h = rowwise.program rows(%x : tensor<4x8xf32>) outs(%x : tensor<4x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %s = math.exp %a : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<4x8xf32>
  %e = tensor.extract %h[%c0, %c0] : tensor<4x8xf32>
  %y = rowwise.program rows(%h : tensor<4x8xf32>) outs(%x : tensor<4x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %s = math.exp %a : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<4x8xf32>
  return %y, %e : tensor<4x8xf32>, f32
}

// -----

// A sum over all rows does not exist while rows are computed.
// CHECK-LABEL: func @accumulation
// CHECK-COUNT-2: rowwise.program
func.func @accumulation(%x: tensor<4x8xf32>, %o: tensor<8xf32>) -> tensor<4x8xf32> {
  %h:2 = rowwise.program rows(%x : tensor<4x8xf32>) outs(%x, %o : tensor<4x8xf32>, tensor<8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %s = rowwise.accumulate %a : tensor<8xf32>
    rowwise.yield %a, %s : tensor<8xf32>, tensor<8xf32>
  } -> tensor<4x8xf32>, tensor<8xf32>
  %y = rowwise.program rows(%h#0 : tensor<4x8xf32>) columns(%h#1 : tensor<8xf32>) outs(%x : tensor<4x8xf32>) {
  ^bb0(%a: tensor<8xf32>, %b: tensor<8xf32>):
    %s = arith.addf %a, %b : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// Rows that repeat are other rows.
// CHECK-LABEL: func @repeated
// CHECK-COUNT-2: rowwise.program
func.func @repeated(%x: tensor<4x8xf32>, %z: tensor<1x8xf32>) -> tensor<4x8xf32> {
  %h = rowwise.program rows(%z : tensor<1x8xf32>) outs(%z : tensor<1x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %s = math.exp %a : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<1x8xf32>
  %y = rowwise.program rows(%x, %h : tensor<4x8xf32>, tensor<1x8xf32>) outs(%x : tensor<4x8xf32>) {
  ^bb0(%a: tensor<8xf32>, %b: tensor<8xf32>):
    %s = arith.addf %a, %b : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// A consumer that writes where its producer wrote.
// CHECK-LABEL: func @out_of_producer
// CHECK: rowwise.program rows(%arg0 : tensor<?x8xf32>) outs(%arg1 : tensor<?x8xf32>)
// CHECK-NOT: rowwise.program
func.func @out_of_producer(%x: tensor<?x8xf32>, %o: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %0 = rowwise.program rows(%x : tensor<?x8xf32>) outs(%o : tensor<?x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %b = math.exp %a : tensor<8xf32>
    rowwise.yield %b : tensor<8xf32>
  } -> tensor<?x8xf32>
  %1 = rowwise.program rows(%0 : tensor<?x8xf32>) outs(%0 : tensor<?x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %b = math.tanh %a : tensor<8xf32>
    rowwise.yield %b : tensor<8xf32>
  } -> tensor<?x8xf32>
  return %1 : tensor<?x8xf32>
}

// -----

// A mask by position joins the softmax that follows it.
// CHECK-LABEL: func @causal_softmax
// CHECK-COUNT-1: rowwise.program
// CHECK: rowwise.index 1
// CHECK: rowwise.index 2
// CHECK: rowwise.reduce max
// CHECK-NOT: rowwise.program
// CHECK: return
func.func @causal_softmax(%x: tensor<4x?x?xf32>) -> tensor<4x?x?xf32> {
  %h = rowwise.program rows(%x : tensor<4x?x?xf32>) outs(%x : tensor<4x?x?xf32>) {
  ^bb0(%a: tensor<?xf32>):
    %i = rowwise.index 1 : tensor<1xi64>
    %from = rowwise.broadcast %i : tensor<1xi64> -> tensor<?xi64>
    %to = rowwise.index 2 : tensor<?xi64>
    %seen = arith.cmpi ule, %to, %from : tensor<?xi64>
    %c = arith.constant dense<0xFF800000> : tensor<1xf32>
    %never = rowwise.broadcast %c : tensor<1xf32> -> tensor<?xf32>
    %m = arith.select %seen, %a, %never : tensor<?xi1>, tensor<?xf32>
    rowwise.yield %m : tensor<?xf32>
  } -> tensor<4x?x?xf32>
  %y = rowwise.program rows(%h : tensor<4x?x?xf32>) outs(%x : tensor<4x?x?xf32>) {
  ^bb0(%a: tensor<?xf32>):
    %m = rowwise.reduce max %a : tensor<?xf32> -> tensor<1xf32>
    %b = rowwise.broadcast %m : tensor<1xf32> -> tensor<?xf32>
    %s = arith.subf %a, %b : tensor<?xf32>
    %e = math.exp %s : tensor<?xf32>
    rowwise.yield %e : tensor<?xf32>
  } -> tensor<4x?x?xf32>
  return %y : tensor<4x?x?xf32>
}
