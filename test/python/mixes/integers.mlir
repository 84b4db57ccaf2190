// Row programs with integers of every width, as rows, columns and group values.
#ij = affine_map<(i, j) -> (i, j)>
#j = affine_map<(i, j) -> (j)>

func.func @f(%x: tensor<?x37xf32>, %keep: tensor<?x37xi1>, %a: tensor<?x37xi64>,
             %b: tensor<?x37xi8>, %per_row: tensor<?x1xi32>, %flag: tensor<?x1xi1>,
             %c: tensor<37xi64>, %d: tensor<37xi1>) -> (
    tensor<?x37xf32>, tensor<?x37xi1>, tensor<?x37xi64>, tensor<?x37xi8>, tensor<?x1xi1>, tensor<?x1xi64>, tensor<?x37xi64>) {
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %x, %c0 : tensor<?x37xf32>
  %o = tensor.empty(%rows) : tensor<?x1xi64>
  %y:6 = rowwise.program
      rows(%x, %keep, %a, %b, %per_row, %flag : tensor<?x37xf32>, tensor<?x37xi1>, tensor<?x37xi64>, tensor<?x37xi8>, tensor<?x1xi32>, tensor<?x1xi1>)
      columns(%c, %d : tensor<37xi64>, tensor<37xi1>)
      outs(%x, %keep, %a, %b, %flag, %o : tensor<?x37xf32>, tensor<?x37xi1>, tensor<?x37xi64>, tensor<?x37xi8>, tensor<?x1xi1>, tensor<?x1xi64>) {
  ^bb0(%xr: tensor<37xf32>, %k: tensor<37xi1>, %ar: tensor<37xi64>, %br: tensor<37xi8>, %p: tensor<1xi32>, %f: tensor<1xi1>, %cr: tensor<37xi64>, %dr: tensor<37xi1>):
    // All bits of an i64, and a high half of a product.
    %big = arith.constant dense<-7046029254386353131> : tensor<37xi64>
    %low = arith.constant dense<4294967295> : tensor<37xi64>
    %shift = arith.constant dense<32> : tensor<37xi64>
    %m = arith.muli %ar, %big : tensor<37xi64>
    %n = arith.xori %m, %cr : tensor<37xi64>
    %h = arith.shrui %n, %shift : tensor<37xi64>
    %l = arith.andi %n, %low : tensor<37xi64>
    %q = arith.muli %h, %l : tensor<37xi64>
    // A mask from a row's flag, a column's and an element's.
    %fb = rowwise.broadcast %f : tensor<1xi1> -> tensor<37xi1>
    %both = arith.andi %k, %dr : tensor<37xi1>
    %all = arith.xori %both, %fb : tensor<37xi1>
    %zero = arith.constant dense<0.0> : tensor<37xf32>
    %pb = rowwise.broadcast %p : tensor<1xi32> -> tensor<37xi32>
    %pf = arith.sitofp %pb : tensor<37xi32> to tensor<37xf32>
    %s = arith.addf %xr, %pf : tensor<37xf32>
    %masked = arith.select %all, %s, %zero : tensor<37xi1>, tensor<37xf32>
    %sum = rowwise.reduce add %masked : tensor<37xf32> -> tensor<1xf32>
    %z1 = arith.constant dense<0.0> : tensor<1xf32>
    %positive = arith.cmpf ogt, %sum, %z1 : tensor<1xf32>
    %not = arith.xori %positive, %f : tensor<1xi1>
    // Neither lanes beyond the row nor rows beyond the last divide by zero.
    %one8 = arith.constant dense<1> : tensor<37xi8>
    %odd = arith.ori %br, %one8 : tensor<37xi8>
    %t8 = arith.trunci %ar : tensor<37xi64> to tensor<37xi8>
    %r8 = arith.remsi %t8, %odd : tensor<37xi8>
    %one32 = arith.constant dense<1> : tensor<1xi32>
    %oddrow = arith.ori %p, %one32 : tensor<1xi32>
    %hundred = arith.constant dense<1000000> : tensor<1xi32>
    %quotient = arith.divsi %hundred, %oddrow : tensor<1xi32>
    %wide = arith.extsi %quotient : tensor<1xi32> to tensor<1xi64>
    rowwise.yield %masked, %all, %q, %r8, %not, %wide : tensor<37xf32>, tensor<37xi1>, tensor<37xi64>, tensor<37xi8>, tensor<1xi1>, tensor<1xi64>
  } -> tensor<?x37xf32>, tensor<?x37xi1>, tensor<?x37xi64>, tensor<?x37xi8>, tensor<?x1xi1>, tensor<?x1xi64>
  // Through linalg, with a divisor as operand: lanes beyond the row hold zeros.
  %g = linalg.generic {indexing_maps = [#ij, #ij, #j, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%y#2, %a, %c : tensor<?x37xi64>, tensor<?x37xi64>, tensor<37xi64>) outs(%a : tensor<?x37xi64>) {
  ^bb0(%e0: i64, %e1: i64, %e2: i64, %out: i64):
    %square = arith.muli %e2, %e2 : i64
    %c1 = arith.constant 1 : i64
    %divisor = arith.addi %square, %c1 : i64
    %quotient = arith.divui %e0, %divisor : i64
    %r = arith.maxsi %quotient, %e1 : i64
    linalg.yield %r : i64
  } -> tensor<?x37xi64>
  return %y#0, %y#1, %y#2, %y#3, %y#4, %y#5, %g : tensor<?x37xf32>, tensor<?x37xi1>, tensor<?x37xi64>, tensor<?x37xi8>, tensor<?x1xi1>, tensor<?x1xi64>, tensor<?x37xi64>
}
