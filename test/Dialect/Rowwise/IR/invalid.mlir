// RUN: seednorm-opt %s -split-input-file -verify-diagnostics

func.func @leading(%x: tensor<2x3x8xf32>, %z: tensor<2x4x8xf32>) {
  // expected-error@+1 {{row operand 1 has the leading dimensions [2, 4] but the program has [2, 3]}}
  %y = rowwise.program rows(%x, %z : tensor<2x3x8xf32>, tensor<2x4x8xf32>) outs(%x : tensor<2x3x8xf32>) {
  ^bb0(%a: tensor<8xf32>, %b: tensor<8xf32>):
    rowwise.yield %a : tensor<8xf32>
  } -> tensor<2x3x8xf32>
  return
}

// -----

func.func @column_rank(%x: tensor<2x8xf32>) {
  // expected-error@+1 {{column operand 0 must have one dimension, but has 2}}
  %y = rowwise.program rows(%x : tensor<2x8xf32>) columns(%x : tensor<2x8xf32>) outs(%x : tensor<2x8xf32>) {
  ^bb0(%a: tensor<8xf32>, %b: tensor<8xf32>):
    rowwise.yield %a : tensor<8xf32>
  } -> tensor<2x8xf32>
  return
}

// -----

func.func @empty_row(%x: tensor<2x0xf32>) {
  // expected-error@+1 {{rows must have at least one element, but D is 0}}
  %y = rowwise.program rows(%x : tensor<2x0xf32>) outs(%x : tensor<2x0xf32>) {
  ^bb0(%a: tensor<0xf32>):
    rowwise.yield %a : tensor<0xf32>
  } -> tensor<2x0xf32>
  return
}

// -----

func.func @element(%x: tensor<2x8xi4>) {
  // expected-error@+1 {{element types are f16, bf16, f32, f64, i1, i8, i16, i32 and i64, but an operand has 'i4'}}
  %y = rowwise.program rows(%x : tensor<2x8xi4>) outs(%x : tensor<2x8xi4>) {
  ^bb0(%a: tensor<8xi4>):
    rowwise.yield
  } -> tensor<2x8xi4>
  return
}

// -----

func.func @signed(%x: tensor<2x8xsi32>) {
  // expected-error@+1 {{but an operand has 'si32'}}
  %y = rowwise.program rows(%x : tensor<2x8xsi32>) outs(%x : tensor<2x8xsi32>) {
  ^bb0(%a: tensor<8xsi32>):
    rowwise.yield
  } -> tensor<2x8xsi32>
  return
}

// -----

func.func @inner_element(%x: tensor<2x8xi32>) {
  %y = rowwise.program rows(%x : tensor<2x8xi32>) outs(%x : tensor<2x8xi32>) {
  ^bb0(%a: tensor<8xi32>):
    // expected-error@+1 {{gives elements of 'index', which no row program has}}
    %i = arith.index_cast %a : tensor<8xi32> to tensor<8xindex>
    rowwise.yield %a : tensor<8xi32>
  } -> tensor<2x8xi32>
  return
}

// -----

func.func @two_results(%x: tensor<2x8xi32>) {
  %y = rowwise.program rows(%x : tensor<2x8xi32>) outs(%x : tensor<2x8xi32>) {
  ^bb0(%a: tensor<8xi32>):
    // expected-error@+1 {{has 2 results, but one is what an operation of a row program has}}
    %l, %h = arith.mului_extended %a, %a : tensor<8xi32>
    rowwise.yield %h : tensor<8xi32>
  } -> tensor<2x8xi32>
  return
}

// -----

func.func @accumulated_integers(%x: tensor<2x8xi32>, %o: tensor<8xi32>) {
  %y = rowwise.program rows(%x : tensor<2x8xi32>) outs(%o : tensor<8xi32>) {
  ^bb0(%a: tensor<8xi32>):
    // expected-error@+1 {{operand #0 must be 1D tensor of 16-bit float or bfloat16 type or 32-bit float or 64-bit float values, but got 'tensor<8xi32>'}}
    %s = rowwise.accumulate %a : tensor<8xi32>
    rowwise.yield %s : tensor<8xi32>
  } -> tensor<8xi32>
  return
}

// -----

func.func @index_dimension(%x: tensor<2x8xf32>) {
  %y = rowwise.program rows(%x : tensor<2x8xf32>) outs(%x : tensor<2x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    // expected-error@+1 {{of dimension 2, but the program's are 0 to 1}}
    %i = rowwise.index 2 : tensor<8xi64>
    rowwise.yield %a : tensor<8xf32>
  } -> tensor<2x8xf32>
  return
}

// -----

func.func @index_of_rows(%x: tensor<2x8xf32>) {
  %y = rowwise.program rows(%x : tensor<2x8xf32>) outs(%x : tensor<2x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    // expected-error@+1 {{of a leading dimension is one element for a row, but the result has 8}}
    %i = rowwise.index 0 : tensor<8xi64>
    rowwise.yield %a : tensor<8xf32>
  } -> tensor<2x8xf32>
  return
}

// -----

func.func @index_groups(%x: tensor<2x8xf32>) {
  %y = rowwise.program rows(%x : tensor<2x8xf32>) outs(%x : tensor<2x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    // expected-error@+1 {{gives 3 elements, which is neither a row nor a number of groups that divides its 8 elements}}
    %i = rowwise.index 1 : tensor<3xi64>
    rowwise.yield %a : tensor<8xf32>
  } -> tensor<2x8xf32>
  return
}

// -----

func.func @index_outside() {
  // expected-error@+1 {{expects parent op 'rowwise.program'}}
  %i = rowwise.index 0 : tensor<1xi64>
  return
}

// -----

func.func @width(%x: tensor<2x8xf32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{operand 1 has 3 elements, which is neither the 8 of a row nor a number of groups that divides it}}
  %y = rowwise.program rows(%x : tensor<2x8xf32>) columns(%g : tensor<3xf32>) outs(%x : tensor<2x8xf32>) {
  ^bb0(%a: tensor<8xf32>, %b: tensor<3xf32>):
    rowwise.yield %a : tensor<8xf32>
  } -> tensor<2x8xf32>
  return
}

// -----

func.func @argument_type(%x: tensor<2x8xf32>) {
  // expected-error@+1 {{region argument 0 must be 'tensor<8xf32>', but is 'tensor<8xf64>'}}
  %y = rowwise.program rows(%x : tensor<2x8xf32>) outs(%x : tensor<2x8xf32>) {
  ^bb0(%a: tensor<8xf64>):
    rowwise.yield
  } -> tensor<2x8xf32>
  return
}

// -----

func.func @yields(%x: tensor<2x8xf32>) {
  // expected-error@+1 {{has 1 outs but yields 2 values}}
  %y = rowwise.program rows(%x : tensor<2x8xf32>) outs(%x : tensor<2x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    rowwise.yield %a, %a : tensor<8xf32>, tensor<8xf32>
  } -> tensor<2x8xf32>
  return
}

// -----

func.func @out_element(%x: tensor<2x8xf32>, %o: tensor<2x8xf64>) {
  // expected-error@+1 {{out 0 has elements of 'f64' but the region yields 'f32'}}
  %y = rowwise.program rows(%x : tensor<2x8xf32>) outs(%o : tensor<2x8xf64>) {
  ^bb0(%a: tensor<8xf32>):
    rowwise.yield %a : tensor<8xf32>
  } -> tensor<2x8xf64>
  return
}

// -----

func.func @out_rank(%x: tensor<2x8xf32>, %o: tensor<1x2x8xf32>) {
  // expected-error@+1 {{out 0 must have 2 dimensions, but has 3}}
  %y = rowwise.program rows(%x : tensor<2x8xf32>) outs(%o : tensor<1x2x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    rowwise.yield %a : tensor<8xf32>
  } -> tensor<1x2x8xf32>
  return
}

// -----

func.func @sum_rank(%x: tensor<2x3x8xf32>, %o: tensor<2x8xf32>) {
  // expected-error@+1 {{out 0 must have 3 dimensions, or 1 for a sum over all rows, but has 2}}
  %y = rowwise.program rows(%x : tensor<2x3x8xf32>) outs(%o : tensor<2x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %s = rowwise.accumulate %a : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<2x8xf32>
  return
}

// -----

func.func @sum_leading(%x: tensor<2x?x8xf32>, %o: tensor<3x1x8xf32>) {
  // expected-error@+1 {{out 0 has the leading dimensions [3, 1] but the program has [2, ?], of which a sum may have 1 in place of any}}
  %y = rowwise.program rows(%x : tensor<2x?x8xf32>) outs(%o : tensor<3x1x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %s = rowwise.accumulate %a : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<3x1x8xf32>
  return
}

// -----

func.func @not_a_sum(%x: tensor<2x3x8xf32>, %o: tensor<2x1x8xf32>) {
  // expected-error@+1 {{out 0 has the leading dimensions [2, 1] but the program has [2, 3], and only sums of rows may share one}}
  %y = rowwise.program rows(%x : tensor<2x3x8xf32>) outs(%o : tensor<2x1x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    rowwise.yield %a : tensor<8xf32>
  } -> tensor<2x1x8xf32>
  return
}

// -----

// One row that every row of a dynamic number would be written to.
func.func @not_a_sum_dynamic(%x: tensor<?x8xf32>, %o: tensor<1x8xf32>) {
  // expected-error@+1 {{out 0 has the leading dimensions [1] but the program has [?], and only sums of rows may share one}}
  %y = rowwise.program rows(%x : tensor<?x8xf32>) outs(%o : tensor<1x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    rowwise.yield %a : tensor<8xf32>
  } -> tensor<1x8xf32>
  return
}

// -----

func.func @groups_to_dynamic_width(%x: tensor<?x8xf32>, %o: tensor<?x?xf32>) {
  // expected-error@+1 {{out 0 has ? elements in a row but the region yields 2}}
  %y = rowwise.program rows(%x : tensor<?x8xf32>) outs(%o : tensor<?x?xf32>) {
  ^bb0(%a: tensor<8xf32>):
    %b = rowwise.reduce add %a : tensor<8xf32> -> tensor<2xf32>
    rowwise.yield %b : tensor<2xf32>
  } -> tensor<?x?xf32>
  return
}

// -----

func.func @sums_of_groups_to_dynamic_width(%x: tensor<?x?xf32>, %o: tensor<?xf32>) {
  // expected-error@+1 {{out 0 has ? elements in a row but the region yields 2}}
  %y = rowwise.program rows(%x : tensor<?x?xf32>) outs(%o : tensor<?xf32>) {
  ^bb0(%a: tensor<?xf32>):
    %b = rowwise.reduce add %a : tensor<?xf32> -> tensor<2xf32>
    %c = rowwise.accumulate %b : tensor<2xf32>
    rowwise.yield %c : tensor<2xf32>
  } -> tensor<?xf32>
  return
}

// -----

func.func @not_elementwise(%x: tensor<2x8xf32>) {
  %y = rowwise.program rows(%x : tensor<2x8xf32>) outs(%x : tensor<2x8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    // expected-error@+1 {{is not element-wise and cannot stand in a row program}}
    %e = tensor.empty() : tensor<8xf32>
    rowwise.yield %e : tensor<8xf32>
  } -> tensor<2x8xf32>
  return
}

// -----

func.func @not_splat(%x: tensor<2x2xf32>) {
  %y = rowwise.program rows(%x : tensor<2x2xf32>) outs(%x : tensor<2x2xf32>) {
  ^bb0(%a: tensor<2xf32>):
    // expected-error@+1 {{in a row program must be a splat}}
    %e = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
    rowwise.yield %e : tensor<2xf32>
  } -> tensor<2x2xf32>
  return
}

// -----

func.func @accumulation_used(%x: tensor<2x8xf32>, %o: tensor<8xf32>) {
  %y = rowwise.program rows(%x : tensor<2x8xf32>) outs(%o : tensor<8xf32>) {
  ^bb0(%a: tensor<8xf32>):
    // expected-error@+1 {{is complete only after the last row and can only be yielded, but is used by 'arith.addf'}}
    %s = rowwise.accumulate %a : tensor<8xf32>
    %t = arith.addf %s, %s : tensor<8xf32>
    rowwise.yield %s : tensor<8xf32>
  } -> tensor<8xf32>
  return
}

// -----

func.func @groups_divide(%x: tensor<8xf32>) {
  // expected-error@+1 {{cannot divide 8 elements into 3 groups}}
  %s = rowwise.reduce add %x : tensor<8xf32> -> tensor<3xf32>
  return
}

// -----

func.func @groups_static(%x: tensor<8xf32>) {
  // expected-error@+1 {{needs a static number of groups, but the result has ? elements}}
  %s = rowwise.reduce add %x : tensor<8xf32> -> tensor<?xf32>
  return
}

// -----

// expected-error@+1 {{'rows_per_block' (3) must be a multiple of 'rows_in_flight' (2)}}
#s = #rowwise.schedule<rows_in_flight = 2, rows_per_block = 3>

// -----

// expected-error@+1 {{'vector_width' must be a power of two, got 12}}
#s = #rowwise.schedule<vector_width = 12>

// -----

// expected-error@+1 {{'vectors' must be from 0 to 32, got 100}}
#s = #rowwise.schedule<vectors = 100>

// -----

// expected-error@+1 {{'threads_per_row' must be from 0 to 1024, got 2048}}
#s = #rowwise.schedule<threads_per_row = 2048>

// -----

// expected-error@+1 {{'threads_per_row' must be a power of two up to 32 or a multiple of 32, got 24}}
#s = #rowwise.schedule<threads_per_row = 24>

// -----

// expected-error@+1 {{'threads_per_row' must be a power of two up to 32 or a multiple of 32, got 48}}
#s = #rowwise.schedule<threads_per_row = 48>

// -----

// expected-error@+1 {{'rows_per_block' must be a power of two on a GPU, got 3}}
#s = #rowwise.schedule<rows_per_block = 3, threads_per_row = 32>

// -----

// expected-error@+1 {{'threads_per_row' (256) times 'rows_per_block' (8) must be at most 1024, the threads of a CTA}}
#s = #rowwise.schedule<rows_per_block = 8, threads_per_row = 256>

// -----

// expected-error@+1 {{'ctas' must be from 0 to 65536, got 65537}}
#s = #rowwise.schedule<ctas = 65537>

// -----

// expected-error@+1 {{'ctas_per_row' must be from 0 to 16, got 17}}
#s = #rowwise.schedule<ctas_per_row = 17>

// -----

// expected-error@+1 {{'ctas_per_row' (2) needs 'keep_row' and one row per block}}
#s = #rowwise.schedule<ctas_per_row = 2>

// -----

// expected-error@+1 {{'ctas_per_row' (4) needs 'keep_row' and one row per block}}
#s = #rowwise.schedule<rows_per_block = 2, ctas_per_row = 4, keep_row = 1>

// -----

// expected-error@+1 {{'keep_row' must be from 0 to 1, got 2}}
#s = #rowwise.schedule<keep_row = 2>

// -----

// expected-error@+1 {{'keep_columns' must be from 0 to 1, got 2}}
#s = #rowwise.schedule<keep_columns = 2>

// -----

// expected-error@+1 {{'cache_hints' must be from 0 to 1, got 2}}
#s = #rowwise.schedule<cache_hints = 2>

// -----

// expected-error@+1 {{'atomics' must be from 0 to 1, got 2}}
#s = #rowwise.schedule<atomics = 2>

// -----

// expected-error@+1 {{'dependent_launch' must be from 0 to 1, got 2}}
#s = #rowwise.schedule<dependent_launch = 2>

// -----

// expected-error@+1 {{'approximate' must be from 0 to 1, got -1}}
#s = #rowwise.schedule<approximate = -1>
