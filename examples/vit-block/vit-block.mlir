// Written by export.py: Config(image=224, patch=16, width=768, heads=12, norm_heads=16, hidden=3072, eps=1e-06).
// A map's name lists the loops, then those that it reads.

#bmnk_bmk = affine_map<(b, m, n, k) -> (b, m, k)>
#bmnk_bmn = affine_map<(b, m, n, k) -> (b, m, n)>
#bmnk_bnk = affine_map<(b, m, n, k) -> (b, n, k)>
#ij_ij = affine_map<(i, j) -> (i, j)>
#ij_j = affine_map<(i, j) -> (j)>
#ijk_ijk = affine_map<(i, j, k) -> (i, j, k)>
#ijklm_ijklm = affine_map<(i, j, k, l, m) -> (i, j, k, l, m)>
#ijklm_iljmk = affine_map<(i, j, k, l, m) -> (i, l, j, m, k)>
#mnk_mk = affine_map<(m, n, k) -> (m, k)>
#mnk_mn = affine_map<(m, n, k) -> (m, n)>
#mnk_nk = affine_map<(m, n, k) -> (n, k)>

func.func @forward(
    %image: tensor<224x224x3xi8> {seednorm.name = "image"},
    %patch_weight: tensor<768x768xf32> {seednorm.param = "patch.weight"},
    %patch_bias: tensor<768xf32> {seednorm.param = "patch.bias"},
    %cls: tensor<1x768xf32> {seednorm.param = "cls"},
    %position: tensor<197x768xf32> {seednorm.param = "position"},
    %qkv_weight: tensor<2304x768xf32> {seednorm.param = "qkv.weight"},
    %qkv_bias: tensor<2304xf32> {seednorm.param = "qkv.bias"},
    %proj_weight: tensor<768x768xf32> {seednorm.param = "proj.weight"},
    %proj_bias: tensor<768xf32> {seednorm.param = "proj.bias"},
    %fc1_weight: tensor<3072x768xf32> {seednorm.param = "fc1.weight"},
    %fc1_bias: tensor<3072xf32> {seednorm.param = "fc1.bias"},
    %fc2_weight: tensor<768x3072xf32> {seednorm.param = "fc2.weight"},
    %fc2_bias: tensor<768xf32> {seednorm.param = "fc2.bias"},
    %norm1_alpha: tensor<768xf32> {seednorm.param = "norm1.alpha"},
    %norm1_beta: tensor<768xf32> {seednorm.param = "norm1.beta"},
    %norm1_gamma: tensor<768xf32> {seednorm.param = "norm1.gamma"},
    %norm2_alpha: tensor<768xf32> {seednorm.param = "norm2.alpha"},
    %norm2_beta: tensor<768xf32> {seednorm.param = "norm2.beta"},
    %norm2_gamma: tensor<768xf32> {seednorm.param = "norm2.gamma"}) -> tensor<197x768xf32> {

  // Patches of the image, channels first as in a convolution's weight,
  // with bytes mapped to [-1, 1].
  %0 = tensor.expand_shape %image [[0, 1], [2, 3], [4]] output_shape [14, 16, 14, 16, 3] : tensor<224x224x3xi8> into tensor<14x16x14x16x3xi8>
  %1 = tensor.empty() : tensor<14x14x3x16x16xf32>
  %2 = linalg.generic {indexing_maps = [#ijklm_iljmk, #ijklm_ijklm], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%0 : tensor<14x16x14x16x3xi8>) outs(%1 : tensor<14x14x3x16x16xf32>) {
  ^bb0(%a: i8, %out: f32):
    %scale = arith.constant 0.00784313725490196 : f32
    %one = arith.constant 1.0 : f32
    %byte = arith.uitofp %a : i8 to f32
    %s = arith.mulf %byte, %scale : f32
    %r = arith.subf %s, %one : f32
    linalg.yield %r : f32
  } -> tensor<14x14x3x16x16xf32>
  %3 = tensor.collapse_shape %2 [[0, 1], [2, 3, 4]] : tensor<14x14x3x16x16xf32> into tensor<196x768xf32>

  // Patch embedding, class token first, positions added.
  %4 = tensor.empty() : tensor<197x768xf32>
  %5 = tensor.insert_slice %cls into %4[0, 0] [1, 768] [1, 1] : tensor<1x768xf32> into tensor<197x768xf32>
  %6 = arith.constant 0.0 : f32
  %7 = tensor.empty() : tensor<196x768xf32>
  %8 = linalg.fill ins(%6 : f32) outs(%7 : tensor<196x768xf32>) -> tensor<196x768xf32>
  %9 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%3, %patch_weight : tensor<196x768xf32>, tensor<768x768xf32>) outs(%8 : tensor<196x768xf32>) -> tensor<196x768xf32>
  %10 = tensor.empty() : tensor<196x768xf32>
  %11 = linalg.generic {indexing_maps = [#ij_ij, #ij_j, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%9, %patch_bias : tensor<196x768xf32>, tensor<768xf32>) outs(%10 : tensor<196x768xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<196x768xf32>
  %12 = tensor.insert_slice %11 into %5[1, 0] [196, 768] [1, 1] : tensor<196x768xf32> into tensor<197x768xf32>
  %13 = tensor.empty() : tensor<197x768xf32>
  %14 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%12, %position : tensor<197x768xf32>, tensor<197x768xf32>) outs(%13 : tensor<197x768xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<197x768xf32>
  %15 = tensor.empty() : tensor<197x768xf32>
  %16 = seednorm.norm ins(%14 : tensor<197x768xf32>)
      alpha(%norm1_alpha : tensor<768xf32>) beta(%norm1_beta : tensor<768xf32>) gamma(%norm1_gamma : tensor<768xf32>)
      outs(%15 : tensor<197x768xf32>) {heads = 16 : i64, eps = 1.0e-06 : f64, scaled_dot} -> tensor<197x768xf32>

  // Queries, keys and values.
  %17 = arith.constant 0.0 : f32
  %18 = tensor.empty() : tensor<197x2304xf32>
  %19 = linalg.fill ins(%17 : f32) outs(%18 : tensor<197x2304xf32>) -> tensor<197x2304xf32>
  %20 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%16, %qkv_weight : tensor<197x768xf32>, tensor<2304x768xf32>) outs(%19 : tensor<197x2304xf32>) -> tensor<197x2304xf32>
  %21 = tensor.empty() : tensor<197x2304xf32>
  %22 = linalg.generic {indexing_maps = [#ij_ij, #ij_j, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%20, %qkv_bias : tensor<197x2304xf32>, tensor<2304xf32>) outs(%21 : tensor<197x2304xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<197x2304xf32>
  %23 = tensor.extract_slice %22[0, 0] [197, 768] [1, 1] : tensor<197x2304xf32> to tensor<197x768xf32>
  %24 = tensor.expand_shape %23 [[0], [1, 2]] output_shape [197, 12, 64] : tensor<197x768xf32> into tensor<197x12x64xf32>
  %25 = tensor.empty() : tensor<12x197x64xf32>
  %26 = linalg.transpose ins(%24 : tensor<197x12x64xf32>) outs(%25 : tensor<12x197x64xf32>) permutation = [1, 0, 2]
  %27 = tensor.extract_slice %22[0, 768] [197, 768] [1, 1] : tensor<197x2304xf32> to tensor<197x768xf32>
  %28 = tensor.expand_shape %27 [[0], [1, 2]] output_shape [197, 12, 64] : tensor<197x768xf32> into tensor<197x12x64xf32>
  %29 = tensor.empty() : tensor<12x197x64xf32>
  %30 = linalg.transpose ins(%28 : tensor<197x12x64xf32>) outs(%29 : tensor<12x197x64xf32>) permutation = [1, 0, 2]
  %31 = tensor.extract_slice %22[0, 1536] [197, 768] [1, 1] : tensor<197x2304xf32> to tensor<197x768xf32>
  %32 = tensor.expand_shape %31 [[0], [1, 2]] output_shape [197, 12, 64] : tensor<197x768xf32> into tensor<197x12x64xf32>
  %33 = tensor.empty() : tensor<12x197x64xf32>
  %34 = linalg.transpose ins(%32 : tensor<197x12x64xf32>) outs(%33 : tensor<12x197x64xf32>) permutation = [1, 0, 2]

  // Attention.
  %35 = arith.constant 0.0 : f32
  %36 = tensor.empty() : tensor<12x197x197xf32>
  %37 = linalg.fill ins(%35 : f32) outs(%36 : tensor<12x197x197xf32>) -> tensor<12x197x197xf32>
  %38 = linalg.batch_matmul indexing_maps = [#bmnk_bmk, #bmnk_bnk, #bmnk_bmn] ins(%26, %30 : tensor<12x197x64xf32>, tensor<12x197x64xf32>) outs(%37 : tensor<12x197x197xf32>) -> tensor<12x197x197xf32>
  %39 = tensor.empty() : tensor<12x197x197xf32>
  %40 = linalg.generic {indexing_maps = [#ijk_ijk, #ijk_ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%38 : tensor<12x197x197xf32>) outs(%39 : tensor<12x197x197xf32>) {
  ^bb0(%a: f32, %out: f32):
    %scale = arith.constant 0.125 : f32
    %r = arith.mulf %a, %scale : f32
    linalg.yield %r : f32
  } -> tensor<12x197x197xf32>
  %41 = tensor.empty() : tensor<12x197x197xf32>
  %42 = seednorm.softmax ins(%40 : tensor<12x197x197xf32>) outs(%41 : tensor<12x197x197xf32>) -> tensor<12x197x197xf32>
  %43 = arith.constant 0.0 : f32
  %44 = tensor.empty() : tensor<12x197x64xf32>
  %45 = linalg.fill ins(%43 : f32) outs(%44 : tensor<12x197x64xf32>) -> tensor<12x197x64xf32>
  %46 = linalg.batch_matmul ins(%42, %34 : tensor<12x197x197xf32>, tensor<12x197x64xf32>) outs(%45 : tensor<12x197x64xf32>) -> tensor<12x197x64xf32>
  %47 = tensor.empty() : tensor<197x12x64xf32>
  %48 = linalg.transpose ins(%46 : tensor<12x197x64xf32>) outs(%47 : tensor<197x12x64xf32>) permutation = [1, 0, 2]
  %49 = tensor.collapse_shape %48 [[0], [1, 2]] : tensor<197x12x64xf32> into tensor<197x768xf32>
  %50 = arith.constant 0.0 : f32
  %51 = tensor.empty() : tensor<197x768xf32>
  %52 = linalg.fill ins(%50 : f32) outs(%51 : tensor<197x768xf32>) -> tensor<197x768xf32>
  %53 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%49, %proj_weight : tensor<197x768xf32>, tensor<768x768xf32>) outs(%52 : tensor<197x768xf32>) -> tensor<197x768xf32>
  %54 = tensor.empty() : tensor<197x768xf32>
  %55 = linalg.generic {indexing_maps = [#ij_ij, #ij_j, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%53, %proj_bias : tensor<197x768xf32>, tensor<768xf32>) outs(%54 : tensor<197x768xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<197x768xf32>
  %56 = tensor.empty() : tensor<197x768xf32>
  %57 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%14, %55 : tensor<197x768xf32>, tensor<197x768xf32>) outs(%56 : tensor<197x768xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<197x768xf32>

  // MLP with the tanh form of GELU.
  %58 = tensor.empty() : tensor<197x768xf32>
  %59 = seednorm.norm ins(%57 : tensor<197x768xf32>)
      alpha(%norm2_alpha : tensor<768xf32>) beta(%norm2_beta : tensor<768xf32>) gamma(%norm2_gamma : tensor<768xf32>)
      outs(%58 : tensor<197x768xf32>) {heads = 16 : i64, eps = 1.0e-06 : f64, scaled_dot} -> tensor<197x768xf32>
  %60 = arith.constant 0.0 : f32
  %61 = tensor.empty() : tensor<197x3072xf32>
  %62 = linalg.fill ins(%60 : f32) outs(%61 : tensor<197x3072xf32>) -> tensor<197x3072xf32>
  %63 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%59, %fc1_weight : tensor<197x768xf32>, tensor<3072x768xf32>) outs(%62 : tensor<197x3072xf32>) -> tensor<197x3072xf32>
  %64 = tensor.empty() : tensor<197x3072xf32>
  %65 = linalg.generic {indexing_maps = [#ij_ij, #ij_j, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%63, %fc1_bias : tensor<197x3072xf32>, tensor<3072xf32>) outs(%64 : tensor<197x3072xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<197x3072xf32>
  %66 = tensor.empty() : tensor<197x3072xf32>
  %67 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%65 : tensor<197x3072xf32>) outs(%66 : tensor<197x3072xf32>) {
  ^bb0(%a: f32, %out: f32):
    %c0 = arith.constant 0.044715 : f32
    %c1 = arith.constant 0.7978845608028654 : f32
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %square = arith.mulf %a, %a : f32
    %cube = arith.mulf %square, %a : f32
    %t = arith.mulf %cube, %c0 : f32
    %u = arith.addf %a, %t : f32
    %v = arith.mulf %u, %c1 : f32
    %tanh = math.tanh %v : f32
    %w = arith.addf %tanh, %one : f32
    %h = arith.mulf %a, %half : f32
    %r = arith.mulf %h, %w : f32
    linalg.yield %r : f32
  } -> tensor<197x3072xf32>
  %68 = arith.constant 0.0 : f32
  %69 = tensor.empty() : tensor<197x768xf32>
  %70 = linalg.fill ins(%68 : f32) outs(%69 : tensor<197x768xf32>) -> tensor<197x768xf32>
  %71 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%67, %fc2_weight : tensor<197x3072xf32>, tensor<768x3072xf32>) outs(%70 : tensor<197x768xf32>) -> tensor<197x768xf32>
  %72 = tensor.empty() : tensor<197x768xf32>
  %73 = linalg.generic {indexing_maps = [#ij_ij, #ij_j, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%71, %fc2_bias : tensor<197x768xf32>, tensor<768xf32>) outs(%72 : tensor<197x768xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<197x768xf32>
  %74 = tensor.empty() : tensor<197x768xf32>
  %75 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%57, %73 : tensor<197x768xf32>, tensor<197x768xf32>) outs(%74 : tensor<197x768xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<197x768xf32>
  return %75 : tensor<197x768xf32>
}
