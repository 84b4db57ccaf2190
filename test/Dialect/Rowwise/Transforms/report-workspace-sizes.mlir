// RUN: not seednorm-opt %s --rowwise-report-workspace=sizes=-5,4 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not seednorm-opt %s --rowwise-report-workspace=sizes=100,4,7 2>&1 | FileCheck %s --check-prefix=SURPLUS

// NEGATIVE: error: sizes must not be negative, but -5 is given
// SURPLUS: error: no row program with sums has more than 2 dynamic sizes, but 3 are given
func.func @f(%x: tensor<?x?xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
  %y = rowwise.program rows(%x : tensor<?x?xf32>) outs(%o : tensor<?xf32>)
      schedule <vector_width = 8, vectors = 1, rows_in_flight = 1, rows_per_block = 4, rows_per_task = 8> {
  ^bb0(%r: tensor<?xf32>):
    %s = rowwise.accumulate %r : tensor<?xf32>
    rowwise.yield %s : tensor<?xf32>
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}
