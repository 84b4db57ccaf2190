// RUN: seednorm-opt %s -canonicalize | FileCheck %s

// One group for each column: nothing to reduce, nothing to repeat.
// CHECK-LABEL: func @trivial
// CHECK-NOT: rowwise.reduce
// CHECK-NOT: rowwise.broadcast
func.func @trivial(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %y = rowwise.program rows(%x : tensor<3x4xf32>) outs(%x : tensor<3x4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    %s = rowwise.reduce add %a : tensor<4xf32> -> tensor<4xf32>
    %b = rowwise.broadcast %s : tensor<4xf32> -> tensor<4xf32>
    %r = math.exp %b : tensor<4xf32>
    rowwise.yield %r : tensor<4xf32>
  } -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// Every dynamic width of a program is D.
// CHECK-LABEL: func @trivial_dynamic
// CHECK-NOT: rowwise.reduce
// CHECK-NOT: rowwise.broadcast
func.func @trivial_dynamic(%x: tensor<3x?xf32>) -> tensor<3x?xf32> {
  %y = rowwise.program rows(%x : tensor<3x?xf32>) outs(%x : tensor<3x?xf32>) {
  ^bb0(%a: tensor<?xf32>):
    %s = rowwise.reduce mean %a : tensor<?xf32> -> tensor<?xf32>
    %b = rowwise.broadcast %s : tensor<?xf32> -> tensor<?xf32>
    %r = math.exp %b : tensor<?xf32>
    rowwise.yield %r : tensor<?xf32>
  } -> tensor<3x?xf32>
  return %y : tensor<3x?xf32>
}

// CHECK-LABEL: func @constants
// CHECK: arith.constant dense<2.000000e+00> : tensor<4xf32>
// CHECK-NOT: rowwise.broadcast
func.func @constants(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %y = rowwise.program rows(%x : tensor<3x4xf32>) outs(%x : tensor<3x4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    %c = arith.constant dense<2.0> : tensor<1xf32>
    %b = rowwise.broadcast %c : tensor<1xf32> -> tensor<4xf32>
    %r = arith.mulf %a, %b : tensor<4xf32>
    rowwise.yield %r : tensor<4xf32>
  } -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// The second result, the repeated row and the unread column go.
// CHECK-LABEL: func @unused
// CHECK: rowwise.program rows(%arg0 : tensor<3x4xf32>) outs(%arg1 : tensor<3x4xf32>) {
// CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<4xf32>):
// CHECK-NEXT: arith.addf %[[A]], %[[A]]
func.func @unused(%x: tensor<3x4xf32>, %o: tensor<3x4xf32>, %g: tensor<4xf32>) -> tensor<3x4xf32> {
  %y:2 = rowwise.program rows(%x, %x : tensor<3x4xf32>, tensor<3x4xf32>) columns(%g : tensor<4xf32>)
      outs(%o, %x : tensor<3x4xf32>, tensor<3x4xf32>) {
  ^bb0(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>):
    %r = arith.addf %a, %b : tensor<4xf32>
    rowwise.yield %r, %a : tensor<4xf32>, tensor<4xf32>
  } -> tensor<3x4xf32>, tensor<3x4xf32>
  return %y#0 : tensor<3x4xf32>
}

// The first result is a row as it stands and the third what the second is:
// neither is written. A repeated row is no result.
// CHECK-LABEL: func @forwarded
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<3x4xf32>, %[[R:[a-z0-9]+]]: tensor<1x4xf32>
// CHECK: %[[Y:.*]]:2 = rowwise.program {{.*}} outs(%[[X]], %[[X]] :
// CHECK: return %[[X]], %[[Y]]#0, %[[Y]]#0, %[[Y]]#1
func.func @forwarded(%x: tensor<3x4xf32>, %r: tensor<1x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) {
  %y:4 = rowwise.program rows(%x, %r : tensor<3x4xf32>, tensor<1x4xf32>)
      outs(%x, %x, %x, %x : tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) {
  ^bb0(%a: tensor<4xf32>, %b: tensor<4xf32>):
    %s = arith.addf %a, %b : tensor<4xf32>
    rowwise.yield %a, %s, %s, %b : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  } -> tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
  return %y#0, %y#1, %y#2, %y#3 : tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
}

// A cast that is folded into an operand makes the whole program static.
// CHECK-LABEL: func @refined
// CHECK: %[[X:.*]] = tensor.cast %arg0 : tensor<?x?xf32> to tensor<?x8xf32>
// CHECK: %[[Y:.*]] = rowwise.program rows(%[[X]] : tensor<?x8xf32>) columns(%arg1 : tensor<8xf32>) outs(%{{.*}} : tensor<?x8xf32>)
// CHECK: arith.mulf %{{.*}} : tensor<8xf32>
// CHECK: tensor.cast %[[Y]] : tensor<?x8xf32> to tensor<?x?xf32>
func.func @refined(%x: tensor<?x?xf32>, %p: tensor<8xf32>, %o: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c = tensor.cast %p : tensor<8xf32> to tensor<?xf32>
  %y = rowwise.program rows(%x : tensor<?x?xf32>) columns(%c : tensor<?xf32>) outs(%o : tensor<?x?xf32>) {
  ^bb0(%a: tensor<?xf32>, %b: tensor<?xf32>):
    %s = arith.mulf %a, %b : tensor<?xf32>
    rowwise.yield %s : tensor<?xf32>
  } -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
