func.func @f(%x: tensor<?x8xf64>, %m: tensor<3x?x8xf32>) -> (tensor<?xf64>, tensor<3x8xf32>, tensor<?x1xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf64>
  %k = tensor.dim %m, %c1 : tensor<3x?x8xf32>
  %init = tensor.empty(%n) : tensor<?x8xf64>
  %y = seednorm.softmax ins(%x : tensor<?x8xf64>) outs(%init : tensor<?x8xf64>) -> tensor<?x8xf64>
  %zero = arith.constant 0.0 : f64
  %zf = arith.constant 0xFF800000 : f32
  %re = tensor.empty(%n) : tensor<?xf64>
  %rz = linalg.fill ins(%zero : f64) outs(%re : tensor<?xf64>) -> tensor<?xf64>
  %r = linalg.reduce { arith.maximumf } ins(%y : tensor<?x8xf64>) outs(%rz : tensor<?xf64>) dimensions = [1]
  %se = tensor.empty() : tensor<3x8xf32>
  %sz = linalg.fill ins(%zf : f32) outs(%se : tensor<3x8xf32>) -> tensor<3x8xf32>
  %s = linalg.reduce { arith.maximumf } ins(%m : tensor<3x?x8xf32>) outs(%sz : tensor<3x8xf32>) dimensions = [1]
  %ie = tensor.empty(%n) : tensor<?x1xi8>
  %q = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%r : tensor<?xf64>) outs(%ie : tensor<?x1xi8>) {
  ^bb0(%a: f64, %o: i8):
    %h = arith.constant 127.0 : f64
    %b = arith.mulf %a, %h : f64
    %c = math.roundeven %b : f64
    %d = arith.fptosi %c : f64 to i8
    linalg.yield %d : i8
  } -> tensor<?x1xi8>
  return %r, %s, %q : tensor<?xf64>, tensor<3x8xf32>, tensor<?x1xi8>
}
