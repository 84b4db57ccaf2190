// RUN: seednorm-opt %s -split-input-file -verify-diagnostics --rowwise-report-workspace=sizes=3,1000

#s = #rowwise.schedule<vector_width = 8, vectors = 1, rows_in_flight = 1, rows_per_block = 4, rows_per_task = 8>

// Blocks of 4 rows for 64 tasks at most: 3000 rows in 63 tasks of 48.
func.func @all(%x: tensor<?x?x8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  // expected-remark@below {{takes 4032 bytes for its sums over rows of 3x1000x8}}
  %y = rowwise.program rows(%x : tensor<?x?x8xf32>) outs(%o : tensor<8xf32>) schedule #s {
  ^bb0(%r: tensor<8xf32>):
    %s = rowwise.accumulate %r : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// 22 tasks for each of 3 segments are asked for: 21 of 48 rows do. One sum has
// 8 columns and one has 2.
func.func @segments(%x: tensor<?x?x8xf32>, %o: tensor<?x1x8xf32>, %q: tensor<2xf32>) -> (tensor<?x1x8xf32>, tensor<2xf32>) {
  // expected-remark@below {{takes 5040 bytes for its sums over rows of 3x1000x8}}
  %y:2 = rowwise.program rows(%x : tensor<?x?x8xf32>) outs(%o, %q : tensor<?x1x8xf32>, tensor<2xf32>) schedule #s {
  ^bb0(%r: tensor<8xf32>):
    %m = rowwise.reduce add %r : tensor<8xf32> -> tensor<2xf32>
    %s = rowwise.accumulate %r : tensor<8xf32>
    %t = rowwise.accumulate %m : tensor<2xf32>
    rowwise.yield %s, %t : tensor<8xf32>, tensor<2xf32>
  } -> tensor<?x1x8xf32>, tensor<2xf32>
  return %y#0, %y#1 : tensor<?x1x8xf32>, tensor<2xf32>
}

// One dynamic size is the first of those given.
func.func @fewer(%x: tensor<?x8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  // expected-remark@below {{takes 64 bytes for its sums over rows of 3x8}}
  %y = rowwise.program rows(%x : tensor<?x8xf32>) outs(%o : tensor<8xf32>) schedule #s {
  ^bb0(%r: tensor<8xf32>):
    %s = rowwise.accumulate %r : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// Without sums there is nothing to say, nor to ask for a schedule.
func.func @none(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = rowwise.program rows(%x : tensor<?x8xf32>) outs(%x : tensor<?x8xf32>) {
  ^bb0(%r: tensor<8xf32>):
    rowwise.yield %r : tensor<8xf32>
  } -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

func.func @no_schedule(%x: tensor<?x?x8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@below {{has no complete schedule; run rowwise-schedule first}}
  %y = rowwise.program rows(%x : tensor<?x?x8xf32>) outs(%o : tensor<8xf32>) schedule <vectors = 2> {
  ^bb0(%r: tensor<8xf32>):
    %s = rowwise.accumulate %r : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

func.func @few_sizes(%x: tensor<?x?x?xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error@below {{has 3 dynamic sizes, but 2 are given}}
  %y = rowwise.program rows(%x : tensor<?x?x?xf32>) outs(%o : tensor<?xf32>)
      schedule <vector_width = 8, vectors = 1, rows_in_flight = 1, rows_per_block = 4, rows_per_task = 8> {
  ^bb0(%r: tensor<?xf32>):
    %s = rowwise.accumulate %r : tensor<?xf32>
    rowwise.yield %s : tensor<?xf32>
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

func.func @overflow(%x: tensor<?x?x1000000000000000xf32>, %o: tensor<1000000000000000xf32>) -> tensor<1000000000000000xf32> {
  // expected-error@below {{of 3x1000x1000000000000000 has more elements than there can be}}
  %y = rowwise.program rows(%x : tensor<?x?x1000000000000000xf32>) outs(%o : tensor<1000000000000000xf32>)
      schedule <vector_width = 8, vectors = 1, rows_in_flight = 1, rows_per_block = 4, rows_per_task = 8> {
  ^bb0(%r: tensor<1000000000000000xf32>):
    %s = rowwise.accumulate %r : tensor<1000000000000000xf32>
    rowwise.yield %s : tensor<1000000000000000xf32>
  } -> tensor<1000000000000000xf32>
  return %y : tensor<1000000000000000xf32>
}
