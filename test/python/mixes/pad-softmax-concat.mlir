func.func @f(%x: tensor<4x8xf32>, %g: tensor<12xf32>) -> (tensor<6x12xf32>, tensor<6xf32>, tensor<6x24xf32>) {
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %x low[1, 2] high[1, 2] {
  ^bb0(%i: index, %j: index):
    tensor.yield %z : f32
  } : tensor<4x8xf32> to tensor<6x12xf32>
  %init = tensor.empty() : tensor<6x12xf32>
  %y = seednorm.layer_norm ins(%p : tensor<6x12xf32>) gamma(%g : tensor<12xf32>) outs(%init : tensor<6x12xf32>) -> tensor<6x12xf32>
  %s = linalg.softmax dimension(1) ins(%y : tensor<6x12xf32>) outs(%init : tensor<6x12xf32>) -> tensor<6x12xf32>
  %re = tensor.empty() : tensor<6xf32>
  %rz = linalg.fill ins(%z : f32) outs(%re : tensor<6xf32>) -> tensor<6xf32>
  %r = linalg.reduce { arith.addf } ins(%s : tensor<6x12xf32>) outs(%rz : tensor<6xf32>) dimensions = [1]
  %c = tensor.concat dim(1) %y, %s : (tensor<6x12xf32>, tensor<6x12xf32>) -> tensor<6x24xf32>
  return %y, %r, %c : tensor<6x12xf32>, tensor<6xf32>, tensor<6x24xf32>
}
