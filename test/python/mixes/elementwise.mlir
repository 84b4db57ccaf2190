func.func @f(%x: tensor<?x8xf32>, %g: tensor<8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %init = tensor.empty(%n) : tensor<?x8xf32>
  %t = math.tanh %x : tensor<?x8xf32>
  %u = arith.addf %t, %x : tensor<?x8xf32>
  %y = seednorm.rms_norm ins(%u : tensor<?x8xf32>) gamma(%g : tensor<8xf32>) outs(%init : tensor<?x8xf32>) -> tensor<?x8xf32>
  %z = arith.mulf %y, %t : tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}
