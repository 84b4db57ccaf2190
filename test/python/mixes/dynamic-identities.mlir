func.func @f(%x: tensor<?x?xf32>, %o: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = rowwise.program rows(%x : tensor<?x?xf32>) outs(%o : tensor<?x?xf32>) {
  ^bb0(%a: tensor<?xf32>):
    %b = rowwise.reduce add %a : tensor<?xf32> -> tensor<?xf32>
    %c = rowwise.broadcast %b : tensor<?xf32> -> tensor<?xf32>
    %d = arith.addf %c, %a : tensor<?xf32>
    rowwise.yield %d : tensor<?xf32>
  } -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
