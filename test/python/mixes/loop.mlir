func.func @f(%x: tensor<?x8xf32>, %g: tensor<8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %init = tensor.empty(%n) : tensor<?x8xf32>
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%v = %x) -> tensor<?x8xf32> {
    %y = seednorm.rms_norm ins(%v : tensor<?x8xf32>) gamma(%g : tensor<8xf32>) outs(%init : tensor<?x8xf32>) -> tensor<?x8xf32>
    scf.yield %y : tensor<?x8xf32>
  }
  return %r : tensor<?x8xf32>
}
