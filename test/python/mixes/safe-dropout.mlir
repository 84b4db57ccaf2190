// Safe mode and dropout between element-wise operations that fuse with them.
func.func @f(%x: tensor<?x96xf32>, %res: tensor<?x96xf32>, %a: tensor<96xf32>, %b: tensor<96xf32>, %seed: tensor<2xi64>) -> (tensor<?x96xf32>, tensor<?x96xf32>, tensor<?x96xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x96xf32>
  %o = tensor.empty(%n) : tensor<?x96xf32>
  %h = arith.addf %x, %res : tensor<?x96xf32>
  %0 = seednorm.norm ins(%h : tensor<?x96xf32>) alpha(%a : tensor<96xf32>) beta(%b : tensor<96xf32>) gamma(%a : tensor<96xf32>)
      seed(%seed : tensor<2xi64>) outs(%o : tensor<?x96xf32>) {heads = 6, dropout = 0.5, safe} -> tensor<?x96xf32>
  %1 = seednorm.layer_norm ins(%0 : tensor<?x96xf32>) gamma(%a : tensor<96xf32>) outs(%o : tensor<?x96xf32>) {safe} -> tensor<?x96xf32>
  %2 = seednorm.norm ins(%1 : tensor<?x96xf32>) beta(%b : tensor<96xf32>) seed(%seed : tensor<2xi64>)
      outs(%o : tensor<?x96xf32>) {elementwise, dropout = 0.25} -> tensor<?x96xf32>
  return %0, %1, %2 : tensor<?x96xf32>, tensor<?x96xf32>, tensor<?x96xf32>
}
