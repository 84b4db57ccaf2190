// Indices of rows, columns and groups: over three dimensions, over one column,
// over a dynamic row with tails, and the causal mask that fuses into a softmax.
#ijk = affine_map<(i, j, k) -> (i, j, k)>

func.func @f(%x: tensor<3x?x40xf32>, %one: tensor<?x7x1xf32>, %s: tensor<4x?x?xf32>) -> (
    tensor<3x?x40xi64>, tensor<3x?x40xi64>, tensor<3x?x8xi64>, tensor<?x7x1xi64>, tensor<4x?x?xf32>, tensor<4x?x?xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c1 : tensor<3x?x40xf32>
  %m = tensor.dim %one, %c0 : tensor<?x7x1xf32>
  %p = tensor.dim %s, %c1 : tensor<4x?x?xf32>
  %q = tensor.dim %s, %c2 : tensor<4x?x?xf32>
  %o0 = tensor.empty(%n) : tensor<3x?x40xi64>
  %o2 = tensor.empty(%n) : tensor<3x?x8xi64>
  %y:3 = rowwise.program rows(%x : tensor<3x?x40xf32>)
      outs(%o0, %o0, %o2 : tensor<3x?x40xi64>, tensor<3x?x40xi64>, tensor<3x?x8xi64>) {
  ^bb0(%xr: tensor<40xf32>):
    %i = rowwise.index 0 : tensor<1xi64>
    %j = rowwise.index 1 : tensor<1xi64>
    %k = rowwise.index 2 : tensor<40xi64>
    %g = rowwise.index 2 : tensor<8xi64>
    %row = rowwise.row_index
    %ten = arith.constant dense<1000> : tensor<1xi64>
    %i0 = arith.muli %i, %ten : tensor<1xi64>
    %i1 = arith.addi %i0, %j : tensor<1xi64>
    %ib = rowwise.broadcast %i1 : tensor<1xi64> -> tensor<40xi64>
    %big = arith.constant dense<1000000> : tensor<40xi64>
    %k0 = arith.muli %k, %big : tensor<40xi64>
    %a = arith.addi %ib, %k0 : tensor<40xi64>
    %b = rowwise.broadcast %row : tensor<1xi64> -> tensor<40xi64>
    %c = arith.addi %b, %k : tensor<40xi64>
    %rg = rowwise.broadcast %row : tensor<1xi64> -> tensor<8xi64>
    %h = arith.constant dense<100> : tensor<8xi64>
    %rh = arith.muli %rg, %h : tensor<8xi64>
    %d = arith.addi %rh, %g : tensor<8xi64>
    rowwise.yield %a, %c, %d : tensor<40xi64>, tensor<40xi64>, tensor<8xi64>
  } -> tensor<3x?x40xi64>, tensor<3x?x40xi64>, tensor<3x?x8xi64>
  // A row of one column is its own row scalar.
  %o3 = tensor.empty(%m) : tensor<?x7x1xi64>
  %z = rowwise.program rows(%one : tensor<?x7x1xf32>) outs(%o3 : tensor<?x7x1xi64>) {
  ^bb0(%xr: tensor<1xf32>):
    %i = rowwise.index 0 : tensor<1xi64>
    %j = rowwise.index 1 : tensor<1xi64>
    %k = rowwise.index 2 : tensor<1xi64>
    %row = rowwise.row_index
    %ten = arith.constant dense<1000> : tensor<1xi64>
    %0 = arith.muli %i, %ten : tensor<1xi64>
    %1 = arith.addi %0, %j : tensor<1xi64>
    %2 = arith.muli %1, %ten : tensor<1xi64>
    %3 = arith.addi %2, %k : tensor<1xi64>
    %4 = arith.muli %3, %ten : tensor<1xi64>
    %5 = arith.addi %4, %row : tensor<1xi64>
    rowwise.yield %5 : tensor<1xi64>
  } -> tensor<?x7x1xi64>
  %o4 = tensor.empty(%p, %q) : tensor<4x?x?xf32>
  %o5 = tensor.empty(%p, %q) : tensor<4x?x?xi32>
  %masked:2 = linalg.generic {indexing_maps = [#ijk, #ijk, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s : tensor<4x?x?xf32>) outs(%o4, %o5 : tensor<4x?x?xf32>, tensor<4x?x?xi32>) {
  ^bb0(%a: f32, %out0: f32, %out1: i32):
    %never = arith.constant 0xFF800000 : f32
    %three = arith.constant 3 : index
    %head = linalg.index 0 : index
    %from = linalg.index 1 : index
    %to = linalg.index 2 : index
    %seen = arith.cmpi ule, %to, %from : index
    %r = arith.select %seen, %a, %never : f32
    %scaled = arith.muli %from, %three : index
    %sum = arith.addi %scaled, %head : index
    %i = arith.index_cast %sum : index to i32
    linalg.yield %r, %i : f32, i32
  } -> (tensor<4x?x?xf32>, tensor<4x?x?xi32>)
  %t = seednorm.softmax ins(%masked#0 : tensor<4x?x?xf32>) outs(%o4 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  return %y#0, %y#1, %y#2, %z, %t, %masked#1 : tensor<3x?x40xi64>, tensor<3x?x40xi64>, tensor<3x?x8xi64>, tensor<?x7x1xi64>, tensor<4x?x?xf32>, tensor<4x?x?xi32>
}
