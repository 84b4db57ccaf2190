// RUN: seednorm-opt %s -split-input-file -verify-diagnostics --seednorm-to-rowwise --rowwise-differentiate --canonicalize --cse | FileCheck %s

// Two sweeps: every sum is of products of operands, with no broadcast inside,
// and A_h is taken once for the gradients of both s and r.
// CHECK-LABEL: func.func @norm_backward(
// CHECK-SAME: -> (tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>)
// CHECK: rowwise.program rows(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<?x64xf32>)
// CHECK: ^bb0(%[[X:.*]]: tensor<64xf32>, %[[G:.*]]: tensor<64xf32>, %[[A:.*]]: tensor<64xf32>, %[[B:.*]]: tensor<64xf32>, %[[C:.*]]: tensor<64xf32>):
// CHECK: %[[SQ:.*]] = arith.mulf %[[X]], %[[X]]
// CHECK: rowwise.reduce mean %[[SQ]]
// CHECK: %[[XB:.*]] = arith.mulf %[[X]], %[[B]]
// CHECK: rowwise.reduce add %[[XB]] : tensor<64xf32> -> tensor<4xf32>
// CHECK: %[[XG:.*]] = arith.mulf %[[X]], %[[G]]
// CHECK: %[[XGA:.*]] = arith.mulf %[[XG]], %[[A]]
// CHECK: %[[AH:.*]] = rowwise.reduce add %[[XGA]] : tensor<64xf32> -> tensor<4xf32>
// CHECK: %[[S:.*]] = arith.mulf %[[AH]],
// CHECK: rowwise.reduce add %[[S]] : tensor<4xf32> -> tensor<1xf32>
// CHECK: %[[XGC:.*]] = arith.mulf %[[XG]], %[[C]]
// CHECK: rowwise.reduce add %[[XGC]] : tensor<64xf32> -> tensor<1xf32>
// CHECK-NOT: rowwise.reduce
// CHECK-COUNT-3: rowwise.accumulate
// CHECK-NOT: rowwise.accumulate
func.func @norm(%x: tensor<?x64xf32>, %a: tensor<64xf32>, %b: tensor<64xf32>, %g: tensor<64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = seednorm.norm ins(%x : tensor<?x64xf32>) alpha(%a : tensor<64xf32>) beta(%b : tensor<64xf32>) gamma(%g : tensor<64xf32>) outs(%init : tensor<?x64xf32>) {heads = 4} -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// The gradient of a column is summed in f32 and stays there.
// CHECK-LABEL: func.func @narrow_backward(
// CHECK-SAME: -> (tensor<?x64xbf16>, tensor<64xf32>)
// CHECK: %[[SUM:.*]] = rowwise.accumulate %{{.*}} : tensor<64xf32>
// CHECK: rowwise.yield %{{.*}}, %[[SUM]] : tensor<64xbf16>, tensor<64xf32>
func.func @narrow(%x: tensor<?x64xbf16>, %g: tensor<64xbf16>, %init: tensor<?x64xbf16>) -> tensor<?x64xbf16> {
  %y = seednorm.rms_norm ins(%x : tensor<?x64xbf16>) gamma(%g : tensor<64xbf16>) outs(%init : tensor<?x64xbf16>) -> tensor<?x64xbf16>
  return %y : tensor<?x64xbf16>
}

// -----

// The adjoint of a reduction of groups to fewer groups.
// CHECK-LABEL: func.func @groups_of_groups_backward(
// CHECK: rowwise.broadcast %{{.*}} : tensor<2xf32> -> tensor<4xf32>
// CHECK: rowwise.broadcast %{{.*}} : tensor<4xf32> -> tensor<8xf32>
func.func @groups_of_groups(%x: tensor<4x8xf32>, %init: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %y = rowwise.program rows(%x : tensor<4x8xf32>) outs(%init : tensor<4x2xf32>) {
  ^bb0(%r: tensor<8xf32>):
    %s = rowwise.reduce add %r : tensor<8xf32> -> tensor<4xf32>
    %t = math.tanh %s : tensor<4xf32>
    %z = rowwise.reduce add %t : tensor<4xf32> -> tensor<2xf32>
    rowwise.yield %z : tensor<2xf32>
  } -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}

// -----

func.func @unknown(%x: tensor<4x8xf32>, %init: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %y = rowwise.program rows(%x : tensor<4x8xf32>) outs(%init : tensor<4x8xf32>) {
  ^bb0(%r: tensor<8xf32>):
    // expected-error @below {{'arith.remf' op has no derivative that is known here}}
    %z = arith.remf %r, %r : tensor<8xf32>
    rowwise.yield %z : tensor<8xf32>
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// expected-error @below {{has 0 row programs, but one is what can be differentiated}}
func.func @none(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  return %x : tensor<4x8xf32>
}

// -----

// The gradient of a row operand that repeats is a sum over the rows it serves,
// in its shape and in f32; that of one value a row too.
// CHECK-LABEL: func.func @repeated_backward(
// CHECK-SAME: -> (tensor<?x?x8xbf16>, tensor<?x1x8xf32>, tensor<1x?x1xf32>)
// CHECK: outs(%{{.*}} : tensor<?x?x8xbf16>, tensor<?x1x8xf32>, tensor<1x?x1xf32>)
// CHECK: ^bb0(%[[X:.*]]: tensor<8xbf16>, %{{.*}}: tensor<8xbf16>, %{{.*}}: tensor<1xf32>, %[[G:.*]]: tensor<8xf32>):
// CHECK: %[[XE:.*]] = arith.extf %[[X]]
// CHECK: %[[B:.*]] = rowwise.broadcast
// CHECK: %[[GB:.*]] = arith.mulf %[[G]], %[[B]] : tensor<8xf32>
// CHECK: %[[GBX:.*]] = arith.mulf %[[GB]], %[[XE]] : tensor<8xf32>
// CHECK: %[[T:.*]] = rowwise.accumulate %[[GBX]] : tensor<8xf32>
// CHECK: %[[U:.*]] = rowwise.accumulate %{{.*}} : tensor<1xf32>
// CHECK: rowwise.yield %{{.*}}, %[[T]], %[[U]]
func.func @repeated(%x: tensor<?x?x8xbf16>, %s: tensor<?x1x8xbf16>, %u: tensor<1x?x1xf32>, %init: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = rowwise.program rows(%x, %s, %u : tensor<?x?x8xbf16>, tensor<?x1x8xbf16>, tensor<1x?x1xf32>) outs(%init : tensor<?x?x8xf32>) {
  ^bb0(%r: tensor<8xbf16>, %t: tensor<8xbf16>, %v: tensor<1xf32>):
    %re = arith.extf %r : tensor<8xbf16> to tensor<8xf32>
    %te = arith.extf %t : tensor<8xbf16> to tensor<8xf32>
    %b = rowwise.broadcast %v : tensor<1xf32> -> tensor<8xf32>
    %z = arith.mulf %re, %te : tensor<8xf32>
    %w = arith.mulf %z, %b : tensor<8xf32>
    rowwise.yield %w : tensor<8xf32>
  } -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

// The cotangent of a sum over some rows is a row operand that repeats.
// CHECK-LABEL: func.func @sum_backward(
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>, %{{.*}}: tensor<?x1x8xf32>, %{{.*}}: tensor<8xf32>, %[[G:.*]]: tensor<?x1x8xf32>, %[[H:.*]]: tensor<8xf32>)
// CHECK: rowwise.program rows(%[[X]], %[[G]] : {{.*}}) columns(%[[H]] : tensor<8xf32>)
func.func @sum(%x: tensor<?x?x8xf32>, %o: tensor<?x1x8xf32>, %p: tensor<8xf32>) -> (tensor<?x1x8xf32>, tensor<8xf32>) {
  %y:2 = rowwise.program rows(%x : tensor<?x?x8xf32>) outs(%o, %p : tensor<?x1x8xf32>, tensor<8xf32>) {
  ^bb0(%r: tensor<8xf32>):
    %q = arith.mulf %r, %r : tensor<8xf32>
    %s = rowwise.accumulate %q : tensor<8xf32>
    %t = rowwise.accumulate %r : tensor<8xf32>
    rowwise.yield %s, %t : tensor<8xf32>, tensor<8xf32>
  } -> tensor<?x1x8xf32>, tensor<8xf32>
  return %y#0, %y#1 : tensor<?x1x8xf32>, tensor<8xf32>
}

// -----

// Integers get no gradient, and give none to what is made of them.
// CHECK-LABEL: func.func @integers_backward(
// CHECK-SAME: -> (tensor<4x8xf32>, tensor<8xf32>)
// CHECK: %[[SCALE:.*]] = arith.sitofp
// CHECK: %[[DC:.*]] = arith.select %[[KEEP:.*]], %{{.*}}, %{{.*}} : tensor<8xi1>
// CHECK: arith.select %[[KEEP]],
// CHECK: %[[DX:.*]] = arith.mulf %{{.*}}, %[[SCALE]]
// CHECK: %[[SUM:.*]] = rowwise.accumulate %[[DC]]
// CHECK: rowwise.yield %[[DX]], %[[SUM]] : tensor<8xf32>, tensor<8xf32>
func.func @integers(%x: tensor<4x8xf32>, %n: tensor<4x8xi32>, %c: tensor<8xf32>, %keep: tensor<8xi1>, %init: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %y = rowwise.program rows(%x, %n : tensor<4x8xf32>, tensor<4x8xi32>) columns(%c, %keep : tensor<8xf32>, tensor<8xi1>) outs(%init : tensor<4x8xf32>) {
  ^bb0(%r: tensor<8xf32>, %m: tensor<8xi32>, %b: tensor<8xf32>, %k: tensor<8xi1>):
    %i = rowwise.index 1 : tensor<8xi64>
    %t = arith.trunci %i : tensor<8xi64> to tensor<8xi32>
    %s = arith.addi %m, %t : tensor<8xi32>
    %f = arith.sitofp %s : tensor<8xi32> to tensor<8xf32>
    %z = arith.mulf %r, %f : tensor<8xf32>
    %u = arith.addf %z, %b : tensor<8xf32>
    %v = arith.select %k, %u, %z : tensor<8xi1>, tensor<8xf32>
    rowwise.yield %v : tensor<8xf32>
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// An argument that is given twice gets the gradient of both uses.
// CHECK-LABEL: func.func @square_backward(
// CHECK: ^bb0(%[[X:.*]]: tensor<8xf32>, %[[G:.*]]: tensor<8xf32>):
// CHECK: %[[P:.*]] = arith.mulf %[[G]], %[[X]]
// CHECK: %[[D:.*]] = arith.addf %[[P]], %[[P]]
// CHECK: rowwise.yield %[[D]]
func.func @square(%x: tensor<4x8xf32>, %init: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %y = rowwise.program rows(%x, %x : tensor<4x8xf32>, tensor<4x8xf32>) outs(%init : tensor<4x8xf32>) {
  ^bb0(%a: tensor<8xf32>, %b: tensor<8xf32>):
    %p = arith.mulf %a, %b : tensor<8xf32>
    rowwise.yield %p : tensor<8xf32>
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @behind_another(%x: tensor<4x8xf32>, %init: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %z = arith.addf %x, %x : tensor<4x8xf32>
  // expected-error @below {{'rowwise.program' op operand 1 is no argument of the function, so a gradient would be lost}}
  %y = rowwise.program rows(%x, %z : tensor<4x8xf32>, tensor<4x8xf32>) outs(%init : tensor<4x8xf32>) {
  ^bb0(%a: tensor<8xf32>, %b: tensor<8xf32>):
    %p = arith.mulf %a, %b : tensor<8xf32>
    rowwise.yield %p : tensor<8xf32>
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @row_and_column(%x: tensor<8xf32>, %init: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @below {{'rowwise.program' op operand 0 is both a row and a column}}
  %y = rowwise.program rows(%x : tensor<8xf32>) columns(%x : tensor<8xf32>) outs(%init : tensor<8xf32>) {
  ^bb0(%a: tensor<8xf32>, %b: tensor<8xf32>):
    %p = arith.mulf %a, %b : tensor<8xf32>
    rowwise.yield %p : tensor<8xf32>
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

// The maximum is detached: no gradient goes through it, and both sums that are
// left are taken in the sweep after it.
// CHECK-LABEL: func.func @softmax_backward(
// CHECK: ^bb0(%[[X:.*]]: tensor<64xf32>, %[[G:.*]]: tensor<64xf32>):
// CHECK: rowwise.reduce max %[[X]]
// CHECK: %[[E:.*]] = math.exp
// CHECK: rowwise.reduce add %[[E]]
// CHECK: %[[GE:.*]] = arith.mulf %[[G]], %[[E]]
// CHECK: rowwise.reduce add %[[GE]]
// CHECK-NOT: rowwise.reduce
// CHECK-NOT: rowwise.detach
// CHECK: rowwise.yield
func.func @softmax(%x: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = seednorm.softmax ins(%x : tensor<?x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// In safe mode no gradient goes through the unit, so there are the forward's
// three sweeps.
// CHECK-LABEL: func.func @safe_backward(
// CHECK: rowwise.reduce max
// CHECK: rowwise.reduce mean
// CHECK-COUNT-3: rowwise.reduce add %{{.*}} : tensor<64xf32>
// CHECK-NOT: tensor<64xf32> -> tensor<1xf32>
// CHECK-COUNT-3: rowwise.accumulate
func.func @safe(%x: tensor<?x64xf32>, %a: tensor<64xf32>, %b: tensor<64xf32>, %g: tensor<64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = seednorm.norm ins(%x : tensor<?x64xf32>) alpha(%a : tensor<64xf32>) beta(%b : tensor<64xf32>) gamma(%g : tensor<64xf32>) outs(%init : tensor<?x64xf32>) {safe} -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// expected-error @below {{has no argument that has a gradient}}
func.func @only_integers(%x: tensor<4x8xi32>, %init: tensor<4x8xi32>) -> tensor<4x8xi32> {
  %y = rowwise.program rows(%x : tensor<4x8xi32>) outs(%init : tensor<4x8xi32>) {
  ^bb0(%a: tensor<8xi32>):
    %z = arith.addi %a, %a : tensor<8xi32>
    rowwise.yield %z : tensor<8xi32>
  } -> tensor<4x8xi32>
  return %y : tensor<4x8xi32>
}
