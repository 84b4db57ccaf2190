// Two dynamic dimensions joined and divided again around a norm; parameters whose
// length the row's type does not know, and the other way round.
func.func @f(%x: tensor<?x?x8xf32>, %p: tensor<8xf32>, %y: tensor<?x8xf32>, %z: tensor<5x?xf32>, %q: tensor<5xf32>) -> (tensor<?x?x8xf32>, tensor<?x8xf32>, tensor<5x?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %flat = tensor.collapse_shape %x [[0, 1], [2]] : tensor<?x?x8xf32> into tensor<?x8xf32>
  %n = tensor.dim %flat, %c0 : tensor<?x8xf32>
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %0 = seednorm.rms_norm ins(%flat : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %1 = tensor.expand_shape %0 [[0, 1], [2]] output_shape [%b, %t, 8] : tensor<?x8xf32> into tensor<?x?x8xf32>
  %dynamic = tensor.cast %p : tensor<8xf32> to tensor<?xf32>
  %rows = tensor.dim %y, %c0 : tensor<?x8xf32>
  %ye = tensor.empty(%rows) : tensor<?x8xf32>
  %2 = seednorm.rms_norm ins(%y : tensor<?x8xf32>) gamma(%dynamic : tensor<?xf32>) outs(%ye : tensor<?x8xf32>) -> tensor<?x8xf32>
  %d = tensor.dim %z, %c1 : tensor<5x?xf32>
  %ze = tensor.empty(%d) : tensor<5x?xf32>
  %3 = seednorm.rms_norm ins(%z : tensor<5x?xf32>) gamma(%q : tensor<5xf32>) outs(%ze : tensor<5x?xf32>) -> tensor<5x?xf32>
  return %1, %2, %3 : tensor<?x?x8xf32>, tensor<?x8xf32>, tensor<5x?xf32>
}
