func.func @f(%x: tensor<2x?x3x16xbf16>, %b: tensor<16xf32>, %flag: tensor<i1>) -> tensor<2x?x3x16xf16> {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<2x?x3x16xbf16>
  %init = tensor.empty(%n) : tensor<2x?x3x16xbf16>
  %f = tensor.extract %flag[] : tensor<i1>
  %y = scf.if %f -> tensor<2x?x3x16xbf16> {
    %a = seednorm.norm ins(%x : tensor<2x?x3x16xbf16>) beta(%b : tensor<16xf32>) outs(%init : tensor<2x?x3x16xbf16>) {heads = 2 : i64} -> tensor<2x?x3x16xbf16>
    scf.yield %a : tensor<2x?x3x16xbf16>
  } else {
    %a = seednorm.dyt ins(%x : tensor<2x?x3x16xbf16>) a(%b : tensor<16xf32>) outs(%init : tensor<2x?x3x16xbf16>) -> tensor<2x?x3x16xbf16>
    scf.yield %a : tensor<2x?x3x16xbf16>
  }
  %w = arith.extf %y : tensor<2x?x3x16xbf16> to tensor<2x?x3x16xf32>
  %h = arith.truncf %w : tensor<2x?x3x16xf32> to tensor<2x?x3x16xf16>
  return %h : tensor<2x?x3x16xf16>
}
