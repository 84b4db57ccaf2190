// Norms and their gradients: heads, wide rows, bf16.
func.func @narrow(%x: tensor<?x768xf32>, %a: tensor<768xf32>, %b: tensor<768xf32>, %g: tensor<768xf32>) -> tensor<?x768xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x768xf32>
  %e = tensor.empty(%n) : tensor<?x768xf32>
  %y = seednorm.norm ins(%x : tensor<?x768xf32>) alpha(%a : tensor<768xf32>) beta(%b : tensor<768xf32>) gamma(%g : tensor<768xf32>) outs(%e : tensor<?x768xf32>) {heads = 12} -> tensor<?x768xf32>
  return %y : tensor<?x768xf32>
}
func.func private @narrow_gradient(tensor<?x768xf32>, tensor<768xf32>, tensor<768xf32>, tensor<768xf32>, tensor<?x768xf32>) -> (tensor<?x768xf32>, tensor<768xf32>, tensor<768xf32>, tensor<768xf32>)
    attributes {seednorm.gradient_of = @narrow}
func.func @narrow_backward(%x: tensor<?x768xf32>, %a: tensor<768xf32>, %b: tensor<768xf32>, %g: tensor<768xf32>, %dy: tensor<?x768xf32>) -> (tensor<?x768xf32>, tensor<768xf32>, tensor<768xf32>, tensor<768xf32>) {
  %r:4 = call @narrow_gradient(%x, %a, %b, %g, %dy) : (tensor<?x768xf32>, tensor<768xf32>, tensor<768xf32>, tensor<768xf32>, tensor<?x768xf32>) -> (tensor<?x768xf32>, tensor<768xf32>, tensor<768xf32>, tensor<768xf32>)
  return %r#0, %r#1, %r#2, %r#3 : tensor<?x768xf32>, tensor<768xf32>, tensor<768xf32>, tensor<768xf32>
}
func.func @wide(%x: tensor<?x8192xf32>, %a: tensor<8192xf32>, %b: tensor<8192xf32>, %g: tensor<8192xf32>) -> tensor<?x8192xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8192xf32>
  %e = tensor.empty(%n) : tensor<?x8192xf32>
  %y = seednorm.norm ins(%x : tensor<?x8192xf32>) alpha(%a : tensor<8192xf32>) beta(%b : tensor<8192xf32>) gamma(%g : tensor<8192xf32>) outs(%e : tensor<?x8192xf32>) -> tensor<?x8192xf32>
  return %y : tensor<?x8192xf32>
}
func.func private @wide_gradient(tensor<?x8192xf32>, tensor<8192xf32>, tensor<8192xf32>, tensor<8192xf32>, tensor<?x8192xf32>) -> (tensor<?x8192xf32>, tensor<8192xf32>, tensor<8192xf32>, tensor<8192xf32>)
    attributes {seednorm.gradient_of = @wide}
func.func @wide_backward(%x: tensor<?x8192xf32>, %a: tensor<8192xf32>, %b: tensor<8192xf32>, %g: tensor<8192xf32>, %dy: tensor<?x8192xf32>) -> (tensor<?x8192xf32>, tensor<8192xf32>, tensor<8192xf32>, tensor<8192xf32>) {
  %r:4 = call @wide_gradient(%x, %a, %b, %g, %dy) : (tensor<?x8192xf32>, tensor<8192xf32>, tensor<8192xf32>, tensor<8192xf32>, tensor<?x8192xf32>) -> (tensor<?x8192xf32>, tensor<8192xf32>, tensor<8192xf32>, tensor<8192xf32>)
  return %r#0, %r#1, %r#2, %r#3 : tensor<?x8192xf32>, tensor<8192xf32>, tensor<8192xf32>, tensor<8192xf32>
}
func.func @bf16(%x: tensor<?x4096xbf16>, %a: tensor<4096xbf16>, %b: tensor<4096xbf16>, %g: tensor<4096xbf16>) -> tensor<?x4096xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4096xbf16>
  %e = tensor.empty(%n) : tensor<?x4096xbf16>
  %y = seednorm.norm ins(%x : tensor<?x4096xbf16>) alpha(%a : tensor<4096xbf16>) beta(%b : tensor<4096xbf16>) gamma(%g : tensor<4096xbf16>) outs(%e : tensor<?x4096xbf16>) -> tensor<?x4096xbf16>
  return %y : tensor<?x4096xbf16>
}
func.func private @bf16_gradient(tensor<?x4096xbf16>, tensor<4096xbf16>, tensor<4096xbf16>, tensor<4096xbf16>, tensor<?x4096xbf16>) -> (tensor<?x4096xbf16>, tensor<4096xf32>, tensor<4096xf32>, tensor<4096xf32>)
    attributes {seednorm.gradient_of = @bf16}
func.func @bf16_backward(%x: tensor<?x4096xbf16>, %a: tensor<4096xbf16>, %b: tensor<4096xbf16>, %g: tensor<4096xbf16>, %dy: tensor<?x4096xbf16>) -> (tensor<?x4096xbf16>, tensor<4096xf32>, tensor<4096xf32>, tensor<4096xf32>) {
  %r:4 = call @bf16_gradient(%x, %a, %b, %g, %dy) : (tensor<?x4096xbf16>, tensor<4096xbf16>, tensor<4096xbf16>, tensor<4096xbf16>, tensor<?x4096xbf16>) -> (tensor<?x4096xbf16>, tensor<4096xf32>, tensor<4096xf32>, tensor<4096xf32>)
  return %r#0, %r#1, %r#2, %r#3 : tensor<?x4096xbf16>, tensor<4096xf32>, tensor<4096xf32>, tensor<4096xf32>
}
