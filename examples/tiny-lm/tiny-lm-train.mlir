// Written by export_train.py: Config(vocabulary=256, width=128, layers=4, heads=4, hidden=384, context=256, eps=1e-06),
// Training(windows=4, tokens=128, beta1=0.9, beta2=0.95, eps=1e-08, weight_decay=0.5).
// A map's name lists the loops, then those that it reads.

#_scalar = affine_map<() -> ()>
#bmnk_bmk = affine_map<(b, m, n, k) -> (b, m, k)>
#bmnk_bmn = affine_map<(b, m, n, k) -> (b, m, n)>
#bmnk_bnk = affine_map<(b, m, n, k) -> (b, n, k)>
#i_i = affine_map<(i) -> (i)>
#i_scalar = affine_map<(i) -> ()>
#ij_i = affine_map<(i, j) -> (i)>
#ij_ij = affine_map<(i, j) -> (i, j)>
#ij_scalar = affine_map<(i, j) -> ()>
#ijk_ijk = affine_map<(i, j, k) -> (i, j, k)>
#ijkl_ijkl = affine_map<(i, j, k, l) -> (i, j, k, l)>
#ijkl_jl = affine_map<(i, j, k, l) -> (j, l)>
#mnk_mk = affine_map<(m, n, k) -> (m, k)>
#mnk_mn = affine_map<(m, n, k) -> (m, n)>
#mnk_nk = affine_map<(m, n, k) -> (n, k)>

func.func private @block(
    %x: tensor<512x128xf32>,
    %cos: tensor<128x16xf32>,
    %sin: tensor<128x16xf32>,
    %wq_weight: tensor<128x128xf32>,
    %wk_weight: tensor<128x128xf32>,
    %wv_weight: tensor<128x128xf32>,
    %wo_weight: tensor<128x128xf32>,
    %gate_weight: tensor<384x128xf32>,
    %up_weight: tensor<384x128xf32>,
    %down_weight: tensor<128x384xf32>,
    %q_norm_alpha: tensor<128xf32>,
    %q_norm_beta: tensor<128xf32>,
    %q_norm_gamma: tensor<128xf32>,
    %k_norm_alpha: tensor<128xf32>,
    %k_norm_beta: tensor<128xf32>,
    %k_norm_gamma: tensor<128xf32>,
    %attn_norm_alpha: tensor<128xf32>,
    %attn_norm_beta: tensor<128xf32>,
    %attn_norm_gamma: tensor<128xf32>,
    %ffn_norm_alpha: tensor<128xf32>,
    %ffn_norm_beta: tensor<128xf32>,
    %ffn_norm_gamma: tensor<128xf32>) -> tensor<512x128xf32> {

  // Queries and keys, normalised and rotated.
  %0 = arith.constant 0.0 : f32
  %1 = tensor.empty() : tensor<512x128xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<512x128xf32>) -> tensor<512x128xf32>
  %3 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%x, %wq_weight : tensor<512x128xf32>, tensor<128x128xf32>) outs(%2 : tensor<512x128xf32>) -> tensor<512x128xf32>
  %4 = tensor.empty() : tensor<512x128xf32>
  %5 = seednorm.norm ins(%3 : tensor<512x128xf32>)
      alpha(%q_norm_alpha : tensor<128xf32>) beta(%q_norm_beta : tensor<128xf32>) gamma(%q_norm_gamma : tensor<128xf32>)
      outs(%4 : tensor<512x128xf32>) {heads = 4 : i64, eps = 1.0e-06 : f64} -> tensor<512x128xf32>
  %6 = tensor.expand_shape %5 [[0, 1], [2, 3]] output_shape [4, 128, 4, 32] : tensor<512x128xf32> into tensor<4x128x4x32xf32>
  %7 = tensor.extract_slice %6[0, 0, 0, 0] [4, 128, 4, 16] [1, 1, 1, 1] : tensor<4x128x4x32xf32> to tensor<4x128x4x16xf32>
  %8 = tensor.extract_slice %6[0, 0, 0, 16] [4, 128, 4, 16] [1, 1, 1, 1] : tensor<4x128x4x32xf32> to tensor<4x128x4x16xf32>
  %9 = tensor.empty() : tensor<4x128x4x16xf32>
  %10 = linalg.generic {indexing_maps = [#ijkl_ijkl, #ijkl_ijkl, #ijkl_jl, #ijkl_jl, #ijkl_ijkl], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%7, %8, %cos, %sin : tensor<4x128x4x16xf32>, tensor<4x128x4x16xf32>, tensor<128x16xf32>, tensor<128x16xf32>) outs(%9 : tensor<4x128x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<4x128x4x16xf32>
  %11 = tensor.empty() : tensor<4x128x4x16xf32>
  %12 = linalg.generic {indexing_maps = [#ijkl_ijkl, #ijkl_ijkl, #ijkl_jl, #ijkl_jl, #ijkl_ijkl], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%7, %8, %cos, %sin : tensor<4x128x4x16xf32>, tensor<4x128x4x16xf32>, tensor<128x16xf32>, tensor<128x16xf32>) outs(%11 : tensor<4x128x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<4x128x4x16xf32>
  %13 = tensor.empty() : tensor<4x128x4x32xf32>
  %14 = tensor.insert_slice %10 into %13[0, 0, 0, 0] [4, 128, 4, 16] [1, 1, 1, 1] : tensor<4x128x4x16xf32> into tensor<4x128x4x32xf32>
  %15 = tensor.insert_slice %12 into %14[0, 0, 0, 16] [4, 128, 4, 16] [1, 1, 1, 1] : tensor<4x128x4x16xf32> into tensor<4x128x4x32xf32>
  %16 = tensor.empty() : tensor<4x4x128x32xf32>
  %17 = linalg.transpose ins(%15 : tensor<4x128x4x32xf32>) outs(%16 : tensor<4x4x128x32xf32>) permutation = [0, 2, 1, 3]
  %18 = tensor.collapse_shape %17 [[0, 1], [2], [3]] : tensor<4x4x128x32xf32> into tensor<16x128x32xf32>
  %19 = arith.constant 0.0 : f32
  %20 = tensor.empty() : tensor<512x128xf32>
  %21 = linalg.fill ins(%19 : f32) outs(%20 : tensor<512x128xf32>) -> tensor<512x128xf32>
  %22 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%x, %wk_weight : tensor<512x128xf32>, tensor<128x128xf32>) outs(%21 : tensor<512x128xf32>) -> tensor<512x128xf32>
  %23 = tensor.empty() : tensor<512x128xf32>
  %24 = seednorm.norm ins(%22 : tensor<512x128xf32>)
      alpha(%k_norm_alpha : tensor<128xf32>) beta(%k_norm_beta : tensor<128xf32>) gamma(%k_norm_gamma : tensor<128xf32>)
      outs(%23 : tensor<512x128xf32>) {heads = 4 : i64, eps = 1.0e-06 : f64} -> tensor<512x128xf32>
  %25 = tensor.expand_shape %24 [[0, 1], [2, 3]] output_shape [4, 128, 4, 32] : tensor<512x128xf32> into tensor<4x128x4x32xf32>
  %26 = tensor.extract_slice %25[0, 0, 0, 0] [4, 128, 4, 16] [1, 1, 1, 1] : tensor<4x128x4x32xf32> to tensor<4x128x4x16xf32>
  %27 = tensor.extract_slice %25[0, 0, 0, 16] [4, 128, 4, 16] [1, 1, 1, 1] : tensor<4x128x4x32xf32> to tensor<4x128x4x16xf32>
  %28 = tensor.empty() : tensor<4x128x4x16xf32>
  %29 = linalg.generic {indexing_maps = [#ijkl_ijkl, #ijkl_ijkl, #ijkl_jl, #ijkl_jl, #ijkl_ijkl], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%26, %27, %cos, %sin : tensor<4x128x4x16xf32>, tensor<4x128x4x16xf32>, tensor<128x16xf32>, tensor<128x16xf32>) outs(%28 : tensor<4x128x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<4x128x4x16xf32>
  %30 = tensor.empty() : tensor<4x128x4x16xf32>
  %31 = linalg.generic {indexing_maps = [#ijkl_ijkl, #ijkl_ijkl, #ijkl_jl, #ijkl_jl, #ijkl_ijkl], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%26, %27, %cos, %sin : tensor<4x128x4x16xf32>, tensor<4x128x4x16xf32>, tensor<128x16xf32>, tensor<128x16xf32>) outs(%30 : tensor<4x128x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<4x128x4x16xf32>
  %32 = tensor.empty() : tensor<4x128x4x32xf32>
  %33 = tensor.insert_slice %29 into %32[0, 0, 0, 0] [4, 128, 4, 16] [1, 1, 1, 1] : tensor<4x128x4x16xf32> into tensor<4x128x4x32xf32>
  %34 = tensor.insert_slice %31 into %33[0, 0, 0, 16] [4, 128, 4, 16] [1, 1, 1, 1] : tensor<4x128x4x16xf32> into tensor<4x128x4x32xf32>
  %35 = tensor.empty() : tensor<4x4x128x32xf32>
  %36 = linalg.transpose ins(%34 : tensor<4x128x4x32xf32>) outs(%35 : tensor<4x4x128x32xf32>) permutation = [0, 2, 1, 3]
  %37 = tensor.collapse_shape %36 [[0, 1], [2], [3]] : tensor<4x4x128x32xf32> into tensor<16x128x32xf32>

  // Values.
  %38 = arith.constant 0.0 : f32
  %39 = tensor.empty() : tensor<512x128xf32>
  %40 = linalg.fill ins(%38 : f32) outs(%39 : tensor<512x128xf32>) -> tensor<512x128xf32>
  %41 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%x, %wv_weight : tensor<512x128xf32>, tensor<128x128xf32>) outs(%40 : tensor<512x128xf32>) -> tensor<512x128xf32>
  %42 = tensor.expand_shape %41 [[0, 1], [2, 3]] output_shape [4, 128, 4, 32] : tensor<512x128xf32> into tensor<4x128x4x32xf32>
  %43 = tensor.empty() : tensor<4x4x128x32xf32>
  %44 = linalg.transpose ins(%42 : tensor<4x128x4x32xf32>) outs(%43 : tensor<4x4x128x32xf32>) permutation = [0, 2, 1, 3]
  %45 = tensor.collapse_shape %44 [[0, 1], [2], [3]] : tensor<4x4x128x32xf32> into tensor<16x128x32xf32>

  // Causal attention.
  %46 = arith.constant 0.0 : f32
  %47 = tensor.empty() : tensor<16x128x128xf32>
  %48 = linalg.fill ins(%46 : f32) outs(%47 : tensor<16x128x128xf32>) -> tensor<16x128x128xf32>
  %49 = linalg.batch_matmul indexing_maps = [#bmnk_bmk, #bmnk_bnk, #bmnk_bmn] ins(%18, %37 : tensor<16x128x32xf32>, tensor<16x128x32xf32>) outs(%48 : tensor<16x128x128xf32>) -> tensor<16x128x128xf32>
  %50 = tensor.empty() : tensor<16x128x128xf32>
  %51 = linalg.generic {indexing_maps = [#ijk_ijk, #ijk_ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%49 : tensor<16x128x128xf32>) outs(%50 : tensor<16x128x128xf32>) {
  ^bb0(%a: f32, %out: f32):
    %scale = arith.constant 0.1767766952966369 : f32
    %masked = arith.constant 0xFF800000 : f32
    %from = linalg.index 1 : index
    %to = linalg.index 2 : index
    %seen = arith.cmpi ule, %to, %from : index
    %s = arith.mulf %a, %scale : f32
    %r = arith.select %seen, %s, %masked : f32
    linalg.yield %r : f32
  } -> tensor<16x128x128xf32>
  %52 = tensor.empty() : tensor<16x128x128xf32>
  %53 = seednorm.softmax ins(%51 : tensor<16x128x128xf32>) outs(%52 : tensor<16x128x128xf32>) -> tensor<16x128x128xf32>
  %54 = arith.constant 0.0 : f32
  %55 = tensor.empty() : tensor<16x128x32xf32>
  %56 = linalg.fill ins(%54 : f32) outs(%55 : tensor<16x128x32xf32>) -> tensor<16x128x32xf32>
  %57 = linalg.batch_matmul ins(%53, %45 : tensor<16x128x128xf32>, tensor<16x128x32xf32>) outs(%56 : tensor<16x128x32xf32>) -> tensor<16x128x32xf32>
  %58 = tensor.expand_shape %57 [[0, 1], [2], [3]] output_shape [4, 4, 128, 32] : tensor<16x128x32xf32> into tensor<4x4x128x32xf32>
  %59 = tensor.empty() : tensor<4x128x4x32xf32>
  %60 = linalg.transpose ins(%58 : tensor<4x4x128x32xf32>) outs(%59 : tensor<4x128x4x32xf32>) permutation = [0, 2, 1, 3]
  %61 = tensor.collapse_shape %60 [[0, 1], [2, 3]] : tensor<4x128x4x32xf32> into tensor<512x128xf32>
  %62 = arith.constant 0.0 : f32
  %63 = tensor.empty() : tensor<512x128xf32>
  %64 = linalg.fill ins(%62 : f32) outs(%63 : tensor<512x128xf32>) -> tensor<512x128xf32>
  %65 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%61, %wo_weight : tensor<512x128xf32>, tensor<128x128xf32>) outs(%64 : tensor<512x128xf32>) -> tensor<512x128xf32>
  %66 = tensor.empty() : tensor<512x128xf32>
  %67 = seednorm.norm ins(%65 : tensor<512x128xf32>)
      alpha(%attn_norm_alpha : tensor<128xf32>) beta(%attn_norm_beta : tensor<128xf32>) gamma(%attn_norm_gamma : tensor<128xf32>)
      outs(%66 : tensor<512x128xf32>) {heads = 1 : i64, eps = 1.0e-06 : f64} -> tensor<512x128xf32>
  %68 = tensor.empty() : tensor<512x128xf32>
  %69 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%x, %67 : tensor<512x128xf32>, tensor<512x128xf32>) outs(%68 : tensor<512x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<512x128xf32>

  // Feed-forward, silu(gate) * up.
  %70 = arith.constant 0.0 : f32
  %71 = tensor.empty() : tensor<512x384xf32>
  %72 = linalg.fill ins(%70 : f32) outs(%71 : tensor<512x384xf32>) -> tensor<512x384xf32>
  %73 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%69, %gate_weight : tensor<512x128xf32>, tensor<384x128xf32>) outs(%72 : tensor<512x384xf32>) -> tensor<512x384xf32>
  %74 = arith.constant 0.0 : f32
  %75 = tensor.empty() : tensor<512x384xf32>
  %76 = linalg.fill ins(%74 : f32) outs(%75 : tensor<512x384xf32>) -> tensor<512x384xf32>
  %77 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%69, %up_weight : tensor<512x128xf32>, tensor<384x128xf32>) outs(%76 : tensor<512x384xf32>) -> tensor<512x384xf32>
  %78 = tensor.empty() : tensor<512x384xf32>
  %79 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%73, %77 : tensor<512x384xf32>, tensor<512x384xf32>) outs(%78 : tensor<512x384xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %q = arith.addf %e, %one : f32
    %s = arith.divf %a, %q : f32
    %r = arith.mulf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<512x384xf32>
  %80 = arith.constant 0.0 : f32
  %81 = tensor.empty() : tensor<512x128xf32>
  %82 = linalg.fill ins(%80 : f32) outs(%81 : tensor<512x128xf32>) -> tensor<512x128xf32>
  %83 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%79, %down_weight : tensor<512x384xf32>, tensor<128x384xf32>) outs(%82 : tensor<512x128xf32>) -> tensor<512x128xf32>
  %84 = tensor.empty() : tensor<512x128xf32>
  %85 = seednorm.norm ins(%83 : tensor<512x128xf32>)
      alpha(%ffn_norm_alpha : tensor<128xf32>) beta(%ffn_norm_beta : tensor<128xf32>) gamma(%ffn_norm_gamma : tensor<128xf32>)
      outs(%84 : tensor<512x128xf32>) {heads = 1 : i64, eps = 1.0e-06 : f64} -> tensor<512x128xf32>
  %86 = tensor.empty() : tensor<512x128xf32>
  %87 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%69, %85 : tensor<512x128xf32>, tensor<512x128xf32>) outs(%86 : tensor<512x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<512x128xf32>
  return %87 : tensor<512x128xf32>
}

func.func private @loss(
    %tokens: tensor<4x128xi8>,
    %targets: tensor<4x128xi8>,
    %embedding_weight: tensor<256x128xf32>,
    %rope_cos: tensor<256x16xf32>,
    %rope_sin: tensor<256x16xf32>,
    %blocks_0_wq_weight: tensor<128x128xf32>,
    %blocks_0_wk_weight: tensor<128x128xf32>,
    %blocks_0_wv_weight: tensor<128x128xf32>,
    %blocks_0_wo_weight: tensor<128x128xf32>,
    %blocks_0_gate_weight: tensor<384x128xf32>,
    %blocks_0_up_weight: tensor<384x128xf32>,
    %blocks_0_down_weight: tensor<128x384xf32>,
    %blocks_0_q_norm_alpha: tensor<128xf32>,
    %blocks_0_q_norm_beta: tensor<128xf32>,
    %blocks_0_q_norm_gamma: tensor<128xf32>,
    %blocks_0_k_norm_alpha: tensor<128xf32>,
    %blocks_0_k_norm_beta: tensor<128xf32>,
    %blocks_0_k_norm_gamma: tensor<128xf32>,
    %blocks_0_attn_norm_alpha: tensor<128xf32>,
    %blocks_0_attn_norm_beta: tensor<128xf32>,
    %blocks_0_attn_norm_gamma: tensor<128xf32>,
    %blocks_0_ffn_norm_alpha: tensor<128xf32>,
    %blocks_0_ffn_norm_beta: tensor<128xf32>,
    %blocks_0_ffn_norm_gamma: tensor<128xf32>,
    %blocks_1_wq_weight: tensor<128x128xf32>,
    %blocks_1_wk_weight: tensor<128x128xf32>,
    %blocks_1_wv_weight: tensor<128x128xf32>,
    %blocks_1_wo_weight: tensor<128x128xf32>,
    %blocks_1_gate_weight: tensor<384x128xf32>,
    %blocks_1_up_weight: tensor<384x128xf32>,
    %blocks_1_down_weight: tensor<128x384xf32>,
    %blocks_1_q_norm_alpha: tensor<128xf32>,
    %blocks_1_q_norm_beta: tensor<128xf32>,
    %blocks_1_q_norm_gamma: tensor<128xf32>,
    %blocks_1_k_norm_alpha: tensor<128xf32>,
    %blocks_1_k_norm_beta: tensor<128xf32>,
    %blocks_1_k_norm_gamma: tensor<128xf32>,
    %blocks_1_attn_norm_alpha: tensor<128xf32>,
    %blocks_1_attn_norm_beta: tensor<128xf32>,
    %blocks_1_attn_norm_gamma: tensor<128xf32>,
    %blocks_1_ffn_norm_alpha: tensor<128xf32>,
    %blocks_1_ffn_norm_beta: tensor<128xf32>,
    %blocks_1_ffn_norm_gamma: tensor<128xf32>,
    %blocks_2_wq_weight: tensor<128x128xf32>,
    %blocks_2_wk_weight: tensor<128x128xf32>,
    %blocks_2_wv_weight: tensor<128x128xf32>,
    %blocks_2_wo_weight: tensor<128x128xf32>,
    %blocks_2_gate_weight: tensor<384x128xf32>,
    %blocks_2_up_weight: tensor<384x128xf32>,
    %blocks_2_down_weight: tensor<128x384xf32>,
    %blocks_2_q_norm_alpha: tensor<128xf32>,
    %blocks_2_q_norm_beta: tensor<128xf32>,
    %blocks_2_q_norm_gamma: tensor<128xf32>,
    %blocks_2_k_norm_alpha: tensor<128xf32>,
    %blocks_2_k_norm_beta: tensor<128xf32>,
    %blocks_2_k_norm_gamma: tensor<128xf32>,
    %blocks_2_attn_norm_alpha: tensor<128xf32>,
    %blocks_2_attn_norm_beta: tensor<128xf32>,
    %blocks_2_attn_norm_gamma: tensor<128xf32>,
    %blocks_2_ffn_norm_alpha: tensor<128xf32>,
    %blocks_2_ffn_norm_beta: tensor<128xf32>,
    %blocks_2_ffn_norm_gamma: tensor<128xf32>,
    %blocks_3_wq_weight: tensor<128x128xf32>,
    %blocks_3_wk_weight: tensor<128x128xf32>,
    %blocks_3_wv_weight: tensor<128x128xf32>,
    %blocks_3_wo_weight: tensor<128x128xf32>,
    %blocks_3_gate_weight: tensor<384x128xf32>,
    %blocks_3_up_weight: tensor<384x128xf32>,
    %blocks_3_down_weight: tensor<128x384xf32>,
    %blocks_3_q_norm_alpha: tensor<128xf32>,
    %blocks_3_q_norm_beta: tensor<128xf32>,
    %blocks_3_q_norm_gamma: tensor<128xf32>,
    %blocks_3_k_norm_alpha: tensor<128xf32>,
    %blocks_3_k_norm_beta: tensor<128xf32>,
    %blocks_3_k_norm_gamma: tensor<128xf32>,
    %blocks_3_attn_norm_alpha: tensor<128xf32>,
    %blocks_3_attn_norm_beta: tensor<128xf32>,
    %blocks_3_attn_norm_gamma: tensor<128xf32>,
    %blocks_3_ffn_norm_alpha: tensor<128xf32>,
    %blocks_3_ffn_norm_beta: tensor<128xf32>,
    %blocks_3_ffn_norm_gamma: tensor<128xf32>,
    %final_norm_alpha: tensor<128xf32>,
    %final_norm_beta: tensor<128xf32>,
    %final_norm_gamma: tensor<128xf32>,
    %head_weight: tensor<256x128xf32>) -> tensor<f32> {
  %0 = tensor.collapse_shape %tokens [[0, 1]] : tensor<4x128xi8> into tensor<512xi8>

  // Embedding, and the rotation of each position.
  %1 = tensor.extract_slice %rope_cos[0, 0] [128, 16] [1, 1] : tensor<256x16xf32> to tensor<128x16xf32>
  %2 = tensor.extract_slice %rope_sin[0, 0] [128, 16] [1, 1] : tensor<256x16xf32> to tensor<128x16xf32>
  %3 = tensor.empty() : tensor<512x128xf32>
  %4 = linalg.generic {indexing_maps = [#ij_i, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<512xi8>) outs(%3 : tensor<512x128xf32>) {
  ^bb0(%a: i8, %out: f32):
    %byte = arith.extui %a : i8 to i64
    %row = arith.index_cast %byte : i64 to index
    %column = linalg.index 1 : index
    %r = tensor.extract %embedding_weight[%row, %column] : tensor<256x128xf32>
    linalg.yield %r : f32
  } -> tensor<512x128xf32>

  // Block 0.
  %5 = call @block(
      %4, %1, %2, %blocks_0_wq_weight, %blocks_0_wk_weight, %blocks_0_wv_weight,
      %blocks_0_wo_weight, %blocks_0_gate_weight, %blocks_0_up_weight, %blocks_0_down_weight,
      %blocks_0_q_norm_alpha, %blocks_0_q_norm_beta, %blocks_0_q_norm_gamma,
      %blocks_0_k_norm_alpha, %blocks_0_k_norm_beta, %blocks_0_k_norm_gamma,
      %blocks_0_attn_norm_alpha, %blocks_0_attn_norm_beta, %blocks_0_attn_norm_gamma,
      %blocks_0_ffn_norm_alpha, %blocks_0_ffn_norm_beta, %blocks_0_ffn_norm_gamma)
      : (
      tensor<512x128xf32>, tensor<128x16xf32>, tensor<128x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<512x128xf32>

  // Block 1.
  %6 = call @block(
      %5, %1, %2, %blocks_1_wq_weight, %blocks_1_wk_weight, %blocks_1_wv_weight,
      %blocks_1_wo_weight, %blocks_1_gate_weight, %blocks_1_up_weight, %blocks_1_down_weight,
      %blocks_1_q_norm_alpha, %blocks_1_q_norm_beta, %blocks_1_q_norm_gamma,
      %blocks_1_k_norm_alpha, %blocks_1_k_norm_beta, %blocks_1_k_norm_gamma,
      %blocks_1_attn_norm_alpha, %blocks_1_attn_norm_beta, %blocks_1_attn_norm_gamma,
      %blocks_1_ffn_norm_alpha, %blocks_1_ffn_norm_beta, %blocks_1_ffn_norm_gamma)
      : (
      tensor<512x128xf32>, tensor<128x16xf32>, tensor<128x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<512x128xf32>

  // Block 2.
  %7 = call @block(
      %6, %1, %2, %blocks_2_wq_weight, %blocks_2_wk_weight, %blocks_2_wv_weight,
      %blocks_2_wo_weight, %blocks_2_gate_weight, %blocks_2_up_weight, %blocks_2_down_weight,
      %blocks_2_q_norm_alpha, %blocks_2_q_norm_beta, %blocks_2_q_norm_gamma,
      %blocks_2_k_norm_alpha, %blocks_2_k_norm_beta, %blocks_2_k_norm_gamma,
      %blocks_2_attn_norm_alpha, %blocks_2_attn_norm_beta, %blocks_2_attn_norm_gamma,
      %blocks_2_ffn_norm_alpha, %blocks_2_ffn_norm_beta, %blocks_2_ffn_norm_gamma)
      : (
      tensor<512x128xf32>, tensor<128x16xf32>, tensor<128x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<512x128xf32>

  // Block 3.
  %8 = call @block(
      %7, %1, %2, %blocks_3_wq_weight, %blocks_3_wk_weight, %blocks_3_wv_weight,
      %blocks_3_wo_weight, %blocks_3_gate_weight, %blocks_3_up_weight, %blocks_3_down_weight,
      %blocks_3_q_norm_alpha, %blocks_3_q_norm_beta, %blocks_3_q_norm_gamma,
      %blocks_3_k_norm_alpha, %blocks_3_k_norm_beta, %blocks_3_k_norm_gamma,
      %blocks_3_attn_norm_alpha, %blocks_3_attn_norm_beta, %blocks_3_attn_norm_gamma,
      %blocks_3_ffn_norm_alpha, %blocks_3_ffn_norm_beta, %blocks_3_ffn_norm_gamma)
      : (
      tensor<512x128xf32>, tensor<128x16xf32>, tensor<128x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<512x128xf32>
  %9 = tensor.collapse_shape %targets [[0, 1]] : tensor<4x128xi8> into tensor<512xi8>

  // Head.
  %10 = tensor.empty() : tensor<512x128xf32>
  %11 = seednorm.norm ins(%8 : tensor<512x128xf32>)
      alpha(%final_norm_alpha : tensor<128xf32>) beta(%final_norm_beta : tensor<128xf32>) gamma(%final_norm_gamma : tensor<128xf32>)
      outs(%10 : tensor<512x128xf32>) {heads = 1 : i64, eps = 1.0e-06 : f64} -> tensor<512x128xf32>
  %12 = arith.constant 0.0 : f32
  %13 = tensor.empty() : tensor<512x256xf32>
  %14 = linalg.fill ins(%12 : f32) outs(%13 : tensor<512x256xf32>) -> tensor<512x256xf32>
  %15 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%11, %head_weight : tensor<512x128xf32>, tensor<256x128xf32>) outs(%14 : tensor<512x256xf32>) -> tensor<512x256xf32>

  // log(sum(exp(logits))) - logits[target], without overflow.
  %16 = tensor.empty() : tensor<512x1xf32>
  %17 = rowwise.program rows(%15 : tensor<512x256xf32>) outs(%16 : tensor<512x1xf32>) {
  ^bb0(%x: tensor<256xf32>):
    %max = rowwise.reduce max %x : tensor<256xf32> -> tensor<1xf32>
    %maxes = rowwise.broadcast %max : tensor<1xf32> -> tensor<256xf32>
    %below = arith.subf %x, %maxes : tensor<256xf32>
    %exp = math.exp %below : tensor<256xf32>
    %sum = rowwise.reduce add %exp : tensor<256xf32> -> tensor<1xf32>
    %log = math.log %sum : tensor<1xf32>
    %r = arith.addf %log, %max : tensor<1xf32>
    rowwise.yield %r : tensor<1xf32>
  } -> tensor<512x1xf32>
  %18 = tensor.collapse_shape %17 [[0, 1]] : tensor<512x1xf32> into tensor<512xf32>
  %19 = tensor.empty() : tensor<512xf32>
  %20 = linalg.generic {indexing_maps = [#i_i, #i_i, #i_i], iterator_types = ["parallel"]}
      ins(%9, %18 : tensor<512xi8>, tensor<512xf32>) outs(%19 : tensor<512xf32>) {
  ^bb0(%a: i8, %b: f32, %out: f32):
    %byte = arith.extui %a : i8 to i64
    %column = arith.index_cast %byte : i64 to index
    %row = linalg.index 0 : index
    %logit = tensor.extract %15[%row, %column] : tensor<512x256xf32>
    %r = arith.subf %b, %logit : f32
    linalg.yield %r : f32
  } -> tensor<512xf32>

  // Their mean.
  %21 = tensor.expand_shape %20 [[0, 1]] output_shape [1, 512] : tensor<512xf32> into tensor<1x512xf32>
  %22 = tensor.empty() : tensor<1x1xf32>
  %23 = rowwise.program rows(%21 : tensor<1x512xf32>) outs(%22 : tensor<1x1xf32>) {
  ^bb0(%x: tensor<512xf32>):
    %r = rowwise.reduce mean %x : tensor<512xf32> -> tensor<1xf32>
    rowwise.yield %r : tensor<1xf32>
  } -> tensor<1x1xf32>
  %24 = tensor.collapse_shape %23 [] : tensor<1x1xf32> into tensor<f32>
  return %24 : tensor<f32>
}

func.func private @loss_gradient(
    tensor<4x128xi8>,
    tensor<4x128xi8>,
    tensor<256x128xf32>,
    tensor<256x16xf32>,
    tensor<256x16xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<384x128xf32>,
    tensor<384x128xf32>,
    tensor<128x384xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<384x128xf32>,
    tensor<384x128xf32>,
    tensor<128x384xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<384x128xf32>,
    tensor<384x128xf32>,
    tensor<128x384xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<384x128xf32>,
    tensor<384x128xf32>,
    tensor<128x384xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<256x128xf32>,
    tensor<f32>) -> (
    tensor<f32>,
    tensor<256x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<384x128xf32>,
    tensor<384x128xf32>,
    tensor<128x384xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<384x128xf32>,
    tensor<384x128xf32>,
    tensor<128x384xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<384x128xf32>,
    tensor<384x128xf32>,
    tensor<128x384xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<384x128xf32>,
    tensor<384x128xf32>,
    tensor<128x384xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<256x128xf32>)
    attributes {seednorm.gradient_of = @loss, seednorm.with_values,
      seednorm.wrt = array<i64: 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84>}

func.func private @update_256x128(
    %parameter: tensor<256x128xf32>,
    %gradient: tensor<256x128xf32>,
    %exp_avg: tensor<256x128xf32>,
    %exp_avg_sq: tensor<256x128xf32>,
    %step_size: tensor<f32>,
    %correction: tensor<f32>,
    %keep: tensor<f32>) -> (
    tensor<256x128xf32>,
    tensor<256x128xf32>,
    tensor<256x128xf32>) {
  %0 = tensor.empty() : tensor<256x128xf32>
  %1 = tensor.empty() : tensor<256x128xf32>
  %2 = tensor.empty() : tensor<256x128xf32>
  %3:3 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij, #ij_ij, #ij_scalar, #ij_scalar, #ij_scalar, #ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%parameter, %gradient, %exp_avg, %exp_avg_sq, %step_size, %correction, %keep : tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%0, %1, %2 : tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %e: f32, %f: f32, %g: f32, %out: f32, %out1: f32, %out2: f32):
    %rate1 = arith.constant 0.09999999999999998 : f32
    %beta2 = arith.constant 0.95 : f32
    %rate2 = arith.constant 0.050000000000000044 : f32
    %eps = arith.constant 1.0e-08 : f32
    %change = arith.subf %b, %c : f32
    %part = arith.mulf %change, %rate1 : f32
    %m = arith.addf %c, %part : f32
    %old = arith.mulf %d, %beta2 : f32
    %square = arith.mulf %b, %b : f32
    %new = arith.mulf %square, %rate2 : f32
    %v = arith.addf %old, %new : f32
    %root = math.sqrt %v : f32
    %corrected = arith.divf %root, %f : f32
    %below = arith.addf %corrected, %eps : f32
    %kept = arith.mulf %a, %g : f32
    %direction = arith.divf %m, %below : f32
    %step = arith.mulf %direction, %e : f32
    %p = arith.subf %kept, %step : f32
    linalg.yield %p, %m, %v : f32, f32, f32
  } -> (tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>)
  return %3#0, %3#1, %3#2 : tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>
}

func.func private @update_128x128(
    %parameter: tensor<128x128xf32>,
    %gradient: tensor<128x128xf32>,
    %exp_avg: tensor<128x128xf32>,
    %exp_avg_sq: tensor<128x128xf32>,
    %step_size: tensor<f32>,
    %correction: tensor<f32>,
    %keep: tensor<f32>) -> (
    tensor<128x128xf32>,
    tensor<128x128xf32>,
    tensor<128x128xf32>) {
  %0 = tensor.empty() : tensor<128x128xf32>
  %1 = tensor.empty() : tensor<128x128xf32>
  %2 = tensor.empty() : tensor<128x128xf32>
  %3:3 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij, #ij_ij, #ij_scalar, #ij_scalar, #ij_scalar, #ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%parameter, %gradient, %exp_avg, %exp_avg_sq, %step_size, %correction, %keep : tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%0, %1, %2 : tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %e: f32, %f: f32, %g: f32, %out: f32, %out1: f32, %out2: f32):
    %rate1 = arith.constant 0.09999999999999998 : f32
    %beta2 = arith.constant 0.95 : f32
    %rate2 = arith.constant 0.050000000000000044 : f32
    %eps = arith.constant 1.0e-08 : f32
    %change = arith.subf %b, %c : f32
    %part = arith.mulf %change, %rate1 : f32
    %m = arith.addf %c, %part : f32
    %old = arith.mulf %d, %beta2 : f32
    %square = arith.mulf %b, %b : f32
    %new = arith.mulf %square, %rate2 : f32
    %v = arith.addf %old, %new : f32
    %root = math.sqrt %v : f32
    %corrected = arith.divf %root, %f : f32
    %below = arith.addf %corrected, %eps : f32
    %kept = arith.mulf %a, %g : f32
    %direction = arith.divf %m, %below : f32
    %step = arith.mulf %direction, %e : f32
    %p = arith.subf %kept, %step : f32
    linalg.yield %p, %m, %v : f32, f32, f32
  } -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  return %3#0, %3#1, %3#2 : tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>
}

func.func private @update_384x128(
    %parameter: tensor<384x128xf32>,
    %gradient: tensor<384x128xf32>,
    %exp_avg: tensor<384x128xf32>,
    %exp_avg_sq: tensor<384x128xf32>,
    %step_size: tensor<f32>,
    %correction: tensor<f32>,
    %keep: tensor<f32>) -> (
    tensor<384x128xf32>,
    tensor<384x128xf32>,
    tensor<384x128xf32>) {
  %0 = tensor.empty() : tensor<384x128xf32>
  %1 = tensor.empty() : tensor<384x128xf32>
  %2 = tensor.empty() : tensor<384x128xf32>
  %3:3 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij, #ij_ij, #ij_scalar, #ij_scalar, #ij_scalar, #ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%parameter, %gradient, %exp_avg, %exp_avg_sq, %step_size, %correction, %keep : tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%0, %1, %2 : tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %e: f32, %f: f32, %g: f32, %out: f32, %out1: f32, %out2: f32):
    %rate1 = arith.constant 0.09999999999999998 : f32
    %beta2 = arith.constant 0.95 : f32
    %rate2 = arith.constant 0.050000000000000044 : f32
    %eps = arith.constant 1.0e-08 : f32
    %change = arith.subf %b, %c : f32
    %part = arith.mulf %change, %rate1 : f32
    %m = arith.addf %c, %part : f32
    %old = arith.mulf %d, %beta2 : f32
    %square = arith.mulf %b, %b : f32
    %new = arith.mulf %square, %rate2 : f32
    %v = arith.addf %old, %new : f32
    %root = math.sqrt %v : f32
    %corrected = arith.divf %root, %f : f32
    %below = arith.addf %corrected, %eps : f32
    %kept = arith.mulf %a, %g : f32
    %direction = arith.divf %m, %below : f32
    %step = arith.mulf %direction, %e : f32
    %p = arith.subf %kept, %step : f32
    linalg.yield %p, %m, %v : f32, f32, f32
  } -> (tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>)
  return %3#0, %3#1, %3#2 : tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>
}

func.func private @update_128x384(
    %parameter: tensor<128x384xf32>,
    %gradient: tensor<128x384xf32>,
    %exp_avg: tensor<128x384xf32>,
    %exp_avg_sq: tensor<128x384xf32>,
    %step_size: tensor<f32>,
    %correction: tensor<f32>,
    %keep: tensor<f32>) -> (
    tensor<128x384xf32>,
    tensor<128x384xf32>,
    tensor<128x384xf32>) {
  %0 = tensor.empty() : tensor<128x384xf32>
  %1 = tensor.empty() : tensor<128x384xf32>
  %2 = tensor.empty() : tensor<128x384xf32>
  %3:3 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij, #ij_ij, #ij_scalar, #ij_scalar, #ij_scalar, #ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%parameter, %gradient, %exp_avg, %exp_avg_sq, %step_size, %correction, %keep : tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%0, %1, %2 : tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %e: f32, %f: f32, %g: f32, %out: f32, %out1: f32, %out2: f32):
    %rate1 = arith.constant 0.09999999999999998 : f32
    %beta2 = arith.constant 0.95 : f32
    %rate2 = arith.constant 0.050000000000000044 : f32
    %eps = arith.constant 1.0e-08 : f32
    %change = arith.subf %b, %c : f32
    %part = arith.mulf %change, %rate1 : f32
    %m = arith.addf %c, %part : f32
    %old = arith.mulf %d, %beta2 : f32
    %square = arith.mulf %b, %b : f32
    %new = arith.mulf %square, %rate2 : f32
    %v = arith.addf %old, %new : f32
    %root = math.sqrt %v : f32
    %corrected = arith.divf %root, %f : f32
    %below = arith.addf %corrected, %eps : f32
    %kept = arith.mulf %a, %g : f32
    %direction = arith.divf %m, %below : f32
    %step = arith.mulf %direction, %e : f32
    %p = arith.subf %kept, %step : f32
    linalg.yield %p, %m, %v : f32, f32, f32
  } -> (tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>)
  return %3#0, %3#1, %3#2 : tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>
}

func.func private @update_128(
    %parameter: tensor<128xf32>,
    %gradient: tensor<128xf32>,
    %exp_avg: tensor<128xf32>,
    %exp_avg_sq: tensor<128xf32>,
    %step_size: tensor<f32>,
    %correction: tensor<f32>,
    %keep: tensor<f32>) -> (
    tensor<128xf32>,
    tensor<128xf32>,
    tensor<128xf32>) {
  %0 = tensor.empty() : tensor<128xf32>
  %1 = tensor.empty() : tensor<128xf32>
  %2 = tensor.empty() : tensor<128xf32>
  %3:3 = linalg.generic {indexing_maps = [#i_i, #i_i, #i_i, #i_i, #i_scalar, #i_scalar, #i_scalar, #i_i, #i_i, #i_i], iterator_types = ["parallel"]}
      ins(%parameter, %gradient, %exp_avg, %exp_avg_sq, %step_size, %correction, %keep : tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>, tensor<f32>, tensor<f32>) outs(%0, %1, %2 : tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %e: f32, %f: f32, %g: f32, %out: f32, %out1: f32, %out2: f32):
    %rate1 = arith.constant 0.09999999999999998 : f32
    %beta2 = arith.constant 0.95 : f32
    %rate2 = arith.constant 0.050000000000000044 : f32
    %eps = arith.constant 1.0e-08 : f32
    %change = arith.subf %b, %c : f32
    %part = arith.mulf %change, %rate1 : f32
    %m = arith.addf %c, %part : f32
    %old = arith.mulf %d, %beta2 : f32
    %square = arith.mulf %b, %b : f32
    %new = arith.mulf %square, %rate2 : f32
    %v = arith.addf %old, %new : f32
    %root = math.sqrt %v : f32
    %corrected = arith.divf %root, %f : f32
    %below = arith.addf %corrected, %eps : f32
    %kept = arith.mulf %a, %g : f32
    %direction = arith.divf %m, %below : f32
    %step = arith.mulf %direction, %e : f32
    %p = arith.subf %kept, %step : f32
    linalg.yield %p, %m, %v : f32, f32, f32
  } -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  return %3#0, %3#1, %3#2 : tensor<128xf32>, tensor<128xf32>, tensor<128xf32>
}

func.func @train_step(
    %tokens: tensor<4x128xi8> {seednorm.name = "tokens"},
    %targets: tensor<4x128xi8> {seednorm.name = "targets"},
    %lr: tensor<f64> {seednorm.name = "lr"},
    %step: tensor<i64> {seednorm.name = "step"},
    %embedding_weight: tensor<256x128xf32> {seednorm.name = "embedding.weight"},
    %rope_cos: tensor<256x16xf32> {seednorm.name = "rope_cos"},
    %rope_sin: tensor<256x16xf32> {seednorm.name = "rope_sin"},
    %blocks_0_wq_weight: tensor<128x128xf32> {seednorm.name = "blocks.0.wq.weight"},
    %blocks_0_wk_weight: tensor<128x128xf32> {seednorm.name = "blocks.0.wk.weight"},
    %blocks_0_wv_weight: tensor<128x128xf32> {seednorm.name = "blocks.0.wv.weight"},
    %blocks_0_wo_weight: tensor<128x128xf32> {seednorm.name = "blocks.0.wo.weight"},
    %blocks_0_gate_weight: tensor<384x128xf32> {seednorm.name = "blocks.0.gate.weight"},
    %blocks_0_up_weight: tensor<384x128xf32> {seednorm.name = "blocks.0.up.weight"},
    %blocks_0_down_weight: tensor<128x384xf32> {seednorm.name = "blocks.0.down.weight"},
    %blocks_0_q_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.0.q_norm.alpha"},
    %blocks_0_q_norm_beta: tensor<128xf32> {seednorm.name = "blocks.0.q_norm.beta"},
    %blocks_0_q_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.0.q_norm.gamma"},
    %blocks_0_k_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.0.k_norm.alpha"},
    %blocks_0_k_norm_beta: tensor<128xf32> {seednorm.name = "blocks.0.k_norm.beta"},
    %blocks_0_k_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.0.k_norm.gamma"},
    %blocks_0_attn_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.0.attn_norm.alpha"},
    %blocks_0_attn_norm_beta: tensor<128xf32> {seednorm.name = "blocks.0.attn_norm.beta"},
    %blocks_0_attn_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.0.attn_norm.gamma"},
    %blocks_0_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.0.ffn_norm.alpha"},
    %blocks_0_ffn_norm_beta: tensor<128xf32> {seednorm.name = "blocks.0.ffn_norm.beta"},
    %blocks_0_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.0.ffn_norm.gamma"},
    %blocks_1_wq_weight: tensor<128x128xf32> {seednorm.name = "blocks.1.wq.weight"},
    %blocks_1_wk_weight: tensor<128x128xf32> {seednorm.name = "blocks.1.wk.weight"},
    %blocks_1_wv_weight: tensor<128x128xf32> {seednorm.name = "blocks.1.wv.weight"},
    %blocks_1_wo_weight: tensor<128x128xf32> {seednorm.name = "blocks.1.wo.weight"},
    %blocks_1_gate_weight: tensor<384x128xf32> {seednorm.name = "blocks.1.gate.weight"},
    %blocks_1_up_weight: tensor<384x128xf32> {seednorm.name = "blocks.1.up.weight"},
    %blocks_1_down_weight: tensor<128x384xf32> {seednorm.name = "blocks.1.down.weight"},
    %blocks_1_q_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.1.q_norm.alpha"},
    %blocks_1_q_norm_beta: tensor<128xf32> {seednorm.name = "blocks.1.q_norm.beta"},
    %blocks_1_q_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.1.q_norm.gamma"},
    %blocks_1_k_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.1.k_norm.alpha"},
    %blocks_1_k_norm_beta: tensor<128xf32> {seednorm.name = "blocks.1.k_norm.beta"},
    %blocks_1_k_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.1.k_norm.gamma"},
    %blocks_1_attn_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.1.attn_norm.alpha"},
    %blocks_1_attn_norm_beta: tensor<128xf32> {seednorm.name = "blocks.1.attn_norm.beta"},
    %blocks_1_attn_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.1.attn_norm.gamma"},
    %blocks_1_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.1.ffn_norm.alpha"},
    %blocks_1_ffn_norm_beta: tensor<128xf32> {seednorm.name = "blocks.1.ffn_norm.beta"},
    %blocks_1_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.1.ffn_norm.gamma"},
    %blocks_2_wq_weight: tensor<128x128xf32> {seednorm.name = "blocks.2.wq.weight"},
    %blocks_2_wk_weight: tensor<128x128xf32> {seednorm.name = "blocks.2.wk.weight"},
    %blocks_2_wv_weight: tensor<128x128xf32> {seednorm.name = "blocks.2.wv.weight"},
    %blocks_2_wo_weight: tensor<128x128xf32> {seednorm.name = "blocks.2.wo.weight"},
    %blocks_2_gate_weight: tensor<384x128xf32> {seednorm.name = "blocks.2.gate.weight"},
    %blocks_2_up_weight: tensor<384x128xf32> {seednorm.name = "blocks.2.up.weight"},
    %blocks_2_down_weight: tensor<128x384xf32> {seednorm.name = "blocks.2.down.weight"},
    %blocks_2_q_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.2.q_norm.alpha"},
    %blocks_2_q_norm_beta: tensor<128xf32> {seednorm.name = "blocks.2.q_norm.beta"},
    %blocks_2_q_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.2.q_norm.gamma"},
    %blocks_2_k_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.2.k_norm.alpha"},
    %blocks_2_k_norm_beta: tensor<128xf32> {seednorm.name = "blocks.2.k_norm.beta"},
    %blocks_2_k_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.2.k_norm.gamma"},
    %blocks_2_attn_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.2.attn_norm.alpha"},
    %blocks_2_attn_norm_beta: tensor<128xf32> {seednorm.name = "blocks.2.attn_norm.beta"},
    %blocks_2_attn_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.2.attn_norm.gamma"},
    %blocks_2_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.2.ffn_norm.alpha"},
    %blocks_2_ffn_norm_beta: tensor<128xf32> {seednorm.name = "blocks.2.ffn_norm.beta"},
    %blocks_2_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.2.ffn_norm.gamma"},
    %blocks_3_wq_weight: tensor<128x128xf32> {seednorm.name = "blocks.3.wq.weight"},
    %blocks_3_wk_weight: tensor<128x128xf32> {seednorm.name = "blocks.3.wk.weight"},
    %blocks_3_wv_weight: tensor<128x128xf32> {seednorm.name = "blocks.3.wv.weight"},
    %blocks_3_wo_weight: tensor<128x128xf32> {seednorm.name = "blocks.3.wo.weight"},
    %blocks_3_gate_weight: tensor<384x128xf32> {seednorm.name = "blocks.3.gate.weight"},
    %blocks_3_up_weight: tensor<384x128xf32> {seednorm.name = "blocks.3.up.weight"},
    %blocks_3_down_weight: tensor<128x384xf32> {seednorm.name = "blocks.3.down.weight"},
    %blocks_3_q_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.3.q_norm.alpha"},
    %blocks_3_q_norm_beta: tensor<128xf32> {seednorm.name = "blocks.3.q_norm.beta"},
    %blocks_3_q_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.3.q_norm.gamma"},
    %blocks_3_k_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.3.k_norm.alpha"},
    %blocks_3_k_norm_beta: tensor<128xf32> {seednorm.name = "blocks.3.k_norm.beta"},
    %blocks_3_k_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.3.k_norm.gamma"},
    %blocks_3_attn_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.3.attn_norm.alpha"},
    %blocks_3_attn_norm_beta: tensor<128xf32> {seednorm.name = "blocks.3.attn_norm.beta"},
    %blocks_3_attn_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.3.attn_norm.gamma"},
    %blocks_3_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "blocks.3.ffn_norm.alpha"},
    %blocks_3_ffn_norm_beta: tensor<128xf32> {seednorm.name = "blocks.3.ffn_norm.beta"},
    %blocks_3_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "blocks.3.ffn_norm.gamma"},
    %final_norm_alpha: tensor<128xf32> {seednorm.name = "final_norm.alpha"},
    %final_norm_beta: tensor<128xf32> {seednorm.name = "final_norm.beta"},
    %final_norm_gamma: tensor<128xf32> {seednorm.name = "final_norm.gamma"},
    %head_weight: tensor<256x128xf32> {seednorm.name = "head.weight"},
    %exp_avg_embedding_weight: tensor<256x128xf32> {seednorm.name = "exp_avg.embedding.weight"},
    %exp_avg_blocks_0_wq_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.0.wq.weight"},
    %exp_avg_blocks_0_wk_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.0.wk.weight"},
    %exp_avg_blocks_0_wv_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.0.wv.weight"},
    %exp_avg_blocks_0_wo_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.0.wo.weight"},
    %exp_avg_blocks_0_gate_weight: tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.0.gate.weight"},
    %exp_avg_blocks_0_up_weight: tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.0.up.weight"},
    %exp_avg_blocks_0_down_weight: tensor<128x384xf32> {seednorm.name = "exp_avg.blocks.0.down.weight"},
    %exp_avg_blocks_0_q_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.q_norm.alpha"},
    %exp_avg_blocks_0_q_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.q_norm.beta"},
    %exp_avg_blocks_0_q_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.q_norm.gamma"},
    %exp_avg_blocks_0_k_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.k_norm.alpha"},
    %exp_avg_blocks_0_k_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.k_norm.beta"},
    %exp_avg_blocks_0_k_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.k_norm.gamma"},
    %exp_avg_blocks_0_attn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.attn_norm.alpha"},
    %exp_avg_blocks_0_attn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.attn_norm.beta"},
    %exp_avg_blocks_0_attn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.attn_norm.gamma"},
    %exp_avg_blocks_0_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.ffn_norm.alpha"},
    %exp_avg_blocks_0_ffn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.ffn_norm.beta"},
    %exp_avg_blocks_0_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.ffn_norm.gamma"},
    %exp_avg_blocks_1_wq_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.1.wq.weight"},
    %exp_avg_blocks_1_wk_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.1.wk.weight"},
    %exp_avg_blocks_1_wv_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.1.wv.weight"},
    %exp_avg_blocks_1_wo_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.1.wo.weight"},
    %exp_avg_blocks_1_gate_weight: tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.1.gate.weight"},
    %exp_avg_blocks_1_up_weight: tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.1.up.weight"},
    %exp_avg_blocks_1_down_weight: tensor<128x384xf32> {seednorm.name = "exp_avg.blocks.1.down.weight"},
    %exp_avg_blocks_1_q_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.q_norm.alpha"},
    %exp_avg_blocks_1_q_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.q_norm.beta"},
    %exp_avg_blocks_1_q_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.q_norm.gamma"},
    %exp_avg_blocks_1_k_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.k_norm.alpha"},
    %exp_avg_blocks_1_k_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.k_norm.beta"},
    %exp_avg_blocks_1_k_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.k_norm.gamma"},
    %exp_avg_blocks_1_attn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.attn_norm.alpha"},
    %exp_avg_blocks_1_attn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.attn_norm.beta"},
    %exp_avg_blocks_1_attn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.attn_norm.gamma"},
    %exp_avg_blocks_1_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.ffn_norm.alpha"},
    %exp_avg_blocks_1_ffn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.ffn_norm.beta"},
    %exp_avg_blocks_1_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.ffn_norm.gamma"},
    %exp_avg_blocks_2_wq_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.2.wq.weight"},
    %exp_avg_blocks_2_wk_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.2.wk.weight"},
    %exp_avg_blocks_2_wv_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.2.wv.weight"},
    %exp_avg_blocks_2_wo_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.2.wo.weight"},
    %exp_avg_blocks_2_gate_weight: tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.2.gate.weight"},
    %exp_avg_blocks_2_up_weight: tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.2.up.weight"},
    %exp_avg_blocks_2_down_weight: tensor<128x384xf32> {seednorm.name = "exp_avg.blocks.2.down.weight"},
    %exp_avg_blocks_2_q_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.q_norm.alpha"},
    %exp_avg_blocks_2_q_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.q_norm.beta"},
    %exp_avg_blocks_2_q_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.q_norm.gamma"},
    %exp_avg_blocks_2_k_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.k_norm.alpha"},
    %exp_avg_blocks_2_k_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.k_norm.beta"},
    %exp_avg_blocks_2_k_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.k_norm.gamma"},
    %exp_avg_blocks_2_attn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.attn_norm.alpha"},
    %exp_avg_blocks_2_attn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.attn_norm.beta"},
    %exp_avg_blocks_2_attn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.attn_norm.gamma"},
    %exp_avg_blocks_2_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.ffn_norm.alpha"},
    %exp_avg_blocks_2_ffn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.ffn_norm.beta"},
    %exp_avg_blocks_2_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.ffn_norm.gamma"},
    %exp_avg_blocks_3_wq_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.3.wq.weight"},
    %exp_avg_blocks_3_wk_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.3.wk.weight"},
    %exp_avg_blocks_3_wv_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.3.wv.weight"},
    %exp_avg_blocks_3_wo_weight: tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.3.wo.weight"},
    %exp_avg_blocks_3_gate_weight: tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.3.gate.weight"},
    %exp_avg_blocks_3_up_weight: tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.3.up.weight"},
    %exp_avg_blocks_3_down_weight: tensor<128x384xf32> {seednorm.name = "exp_avg.blocks.3.down.weight"},
    %exp_avg_blocks_3_q_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.q_norm.alpha"},
    %exp_avg_blocks_3_q_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.q_norm.beta"},
    %exp_avg_blocks_3_q_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.q_norm.gamma"},
    %exp_avg_blocks_3_k_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.k_norm.alpha"},
    %exp_avg_blocks_3_k_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.k_norm.beta"},
    %exp_avg_blocks_3_k_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.k_norm.gamma"},
    %exp_avg_blocks_3_attn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.attn_norm.alpha"},
    %exp_avg_blocks_3_attn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.attn_norm.beta"},
    %exp_avg_blocks_3_attn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.attn_norm.gamma"},
    %exp_avg_blocks_3_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.ffn_norm.alpha"},
    %exp_avg_blocks_3_ffn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.ffn_norm.beta"},
    %exp_avg_blocks_3_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.ffn_norm.gamma"},
    %exp_avg_final_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg.final_norm.alpha"},
    %exp_avg_final_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg.final_norm.beta"},
    %exp_avg_final_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg.final_norm.gamma"},
    %exp_avg_head_weight: tensor<256x128xf32> {seednorm.name = "exp_avg.head.weight"},
    %exp_avg_sq_embedding_weight: tensor<256x128xf32> {seednorm.name = "exp_avg_sq.embedding.weight"},
    %exp_avg_sq_blocks_0_wq_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.wq.weight"},
    %exp_avg_sq_blocks_0_wk_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.wk.weight"},
    %exp_avg_sq_blocks_0_wv_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.wv.weight"},
    %exp_avg_sq_blocks_0_wo_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.wo.weight"},
    %exp_avg_sq_blocks_0_gate_weight: tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.gate.weight"},
    %exp_avg_sq_blocks_0_up_weight: tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.up.weight"},
    %exp_avg_sq_blocks_0_down_weight: tensor<128x384xf32> {seednorm.name = "exp_avg_sq.blocks.0.down.weight"},
    %exp_avg_sq_blocks_0_q_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.q_norm.alpha"},
    %exp_avg_sq_blocks_0_q_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.q_norm.beta"},
    %exp_avg_sq_blocks_0_q_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.q_norm.gamma"},
    %exp_avg_sq_blocks_0_k_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.k_norm.alpha"},
    %exp_avg_sq_blocks_0_k_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.k_norm.beta"},
    %exp_avg_sq_blocks_0_k_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.k_norm.gamma"},
    %exp_avg_sq_blocks_0_attn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.attn_norm.alpha"},
    %exp_avg_sq_blocks_0_attn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.attn_norm.beta"},
    %exp_avg_sq_blocks_0_attn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.attn_norm.gamma"},
    %exp_avg_sq_blocks_0_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.ffn_norm.alpha"},
    %exp_avg_sq_blocks_0_ffn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.ffn_norm.beta"},
    %exp_avg_sq_blocks_0_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.ffn_norm.gamma"},
    %exp_avg_sq_blocks_1_wq_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.wq.weight"},
    %exp_avg_sq_blocks_1_wk_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.wk.weight"},
    %exp_avg_sq_blocks_1_wv_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.wv.weight"},
    %exp_avg_sq_blocks_1_wo_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.wo.weight"},
    %exp_avg_sq_blocks_1_gate_weight: tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.gate.weight"},
    %exp_avg_sq_blocks_1_up_weight: tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.up.weight"},
    %exp_avg_sq_blocks_1_down_weight: tensor<128x384xf32> {seednorm.name = "exp_avg_sq.blocks.1.down.weight"},
    %exp_avg_sq_blocks_1_q_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.q_norm.alpha"},
    %exp_avg_sq_blocks_1_q_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.q_norm.beta"},
    %exp_avg_sq_blocks_1_q_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.q_norm.gamma"},
    %exp_avg_sq_blocks_1_k_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.k_norm.alpha"},
    %exp_avg_sq_blocks_1_k_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.k_norm.beta"},
    %exp_avg_sq_blocks_1_k_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.k_norm.gamma"},
    %exp_avg_sq_blocks_1_attn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.attn_norm.alpha"},
    %exp_avg_sq_blocks_1_attn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.attn_norm.beta"},
    %exp_avg_sq_blocks_1_attn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.attn_norm.gamma"},
    %exp_avg_sq_blocks_1_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.ffn_norm.alpha"},
    %exp_avg_sq_blocks_1_ffn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.ffn_norm.beta"},
    %exp_avg_sq_blocks_1_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.ffn_norm.gamma"},
    %exp_avg_sq_blocks_2_wq_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.wq.weight"},
    %exp_avg_sq_blocks_2_wk_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.wk.weight"},
    %exp_avg_sq_blocks_2_wv_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.wv.weight"},
    %exp_avg_sq_blocks_2_wo_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.wo.weight"},
    %exp_avg_sq_blocks_2_gate_weight: tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.gate.weight"},
    %exp_avg_sq_blocks_2_up_weight: tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.up.weight"},
    %exp_avg_sq_blocks_2_down_weight: tensor<128x384xf32> {seednorm.name = "exp_avg_sq.blocks.2.down.weight"},
    %exp_avg_sq_blocks_2_q_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.q_norm.alpha"},
    %exp_avg_sq_blocks_2_q_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.q_norm.beta"},
    %exp_avg_sq_blocks_2_q_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.q_norm.gamma"},
    %exp_avg_sq_blocks_2_k_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.k_norm.alpha"},
    %exp_avg_sq_blocks_2_k_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.k_norm.beta"},
    %exp_avg_sq_blocks_2_k_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.k_norm.gamma"},
    %exp_avg_sq_blocks_2_attn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.attn_norm.alpha"},
    %exp_avg_sq_blocks_2_attn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.attn_norm.beta"},
    %exp_avg_sq_blocks_2_attn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.attn_norm.gamma"},
    %exp_avg_sq_blocks_2_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.ffn_norm.alpha"},
    %exp_avg_sq_blocks_2_ffn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.ffn_norm.beta"},
    %exp_avg_sq_blocks_2_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.ffn_norm.gamma"},
    %exp_avg_sq_blocks_3_wq_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.wq.weight"},
    %exp_avg_sq_blocks_3_wk_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.wk.weight"},
    %exp_avg_sq_blocks_3_wv_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.wv.weight"},
    %exp_avg_sq_blocks_3_wo_weight: tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.wo.weight"},
    %exp_avg_sq_blocks_3_gate_weight: tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.gate.weight"},
    %exp_avg_sq_blocks_3_up_weight: tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.up.weight"},
    %exp_avg_sq_blocks_3_down_weight: tensor<128x384xf32> {seednorm.name = "exp_avg_sq.blocks.3.down.weight"},
    %exp_avg_sq_blocks_3_q_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.q_norm.alpha"},
    %exp_avg_sq_blocks_3_q_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.q_norm.beta"},
    %exp_avg_sq_blocks_3_q_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.q_norm.gamma"},
    %exp_avg_sq_blocks_3_k_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.k_norm.alpha"},
    %exp_avg_sq_blocks_3_k_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.k_norm.beta"},
    %exp_avg_sq_blocks_3_k_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.k_norm.gamma"},
    %exp_avg_sq_blocks_3_attn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.attn_norm.alpha"},
    %exp_avg_sq_blocks_3_attn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.attn_norm.beta"},
    %exp_avg_sq_blocks_3_attn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.attn_norm.gamma"},
    %exp_avg_sq_blocks_3_ffn_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.ffn_norm.alpha"},
    %exp_avg_sq_blocks_3_ffn_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.ffn_norm.beta"},
    %exp_avg_sq_blocks_3_ffn_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.ffn_norm.gamma"},
    %exp_avg_sq_final_norm_alpha: tensor<128xf32> {seednorm.name = "exp_avg_sq.final_norm.alpha"},
    %exp_avg_sq_final_norm_beta: tensor<128xf32> {seednorm.name = "exp_avg_sq.final_norm.beta"},
    %exp_avg_sq_final_norm_gamma: tensor<128xf32> {seednorm.name = "exp_avg_sq.final_norm.gamma"},
    %exp_avg_sq_head_weight: tensor<256x128xf32> {seednorm.name = "exp_avg_sq.head.weight"}) -> (
    tensor<f32> {seednorm.name = "loss"},
    tensor<i64> {seednorm.name = "step"},
    tensor<256x128xf32> {seednorm.name = "embedding.weight"},
    tensor<256x128xf32> {seednorm.name = "exp_avg.embedding.weight"},
    tensor<256x128xf32> {seednorm.name = "exp_avg_sq.embedding.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.0.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.0.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.0.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.0.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.0.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.0.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.0.wo.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.0.wo.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.wo.weight"},
    tensor<384x128xf32> {seednorm.name = "blocks.0.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.0.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "blocks.0.up.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.0.up.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.0.up.weight"},
    tensor<128x384xf32> {seednorm.name = "blocks.0.down.weight"},
    tensor<128x384xf32> {seednorm.name = "exp_avg.blocks.0.down.weight"},
    tensor<128x384xf32> {seednorm.name = "exp_avg_sq.blocks.0.down.weight"},
    tensor<128xf32> {seednorm.name = "blocks.0.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.0.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.0.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.0.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.0.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.0.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.0.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.0.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.0.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.0.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.0.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.0.ffn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.0.ffn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.0.ffn_norm.gamma"},
    tensor<128x128xf32> {seednorm.name = "blocks.1.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.1.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.1.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.1.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.1.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.1.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.1.wo.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.1.wo.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.wo.weight"},
    tensor<384x128xf32> {seednorm.name = "blocks.1.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.1.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "blocks.1.up.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.1.up.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.1.up.weight"},
    tensor<128x384xf32> {seednorm.name = "blocks.1.down.weight"},
    tensor<128x384xf32> {seednorm.name = "exp_avg.blocks.1.down.weight"},
    tensor<128x384xf32> {seednorm.name = "exp_avg_sq.blocks.1.down.weight"},
    tensor<128xf32> {seednorm.name = "blocks.1.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.1.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.1.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.1.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.1.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.1.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.1.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.1.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.1.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.1.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.1.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.1.ffn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.1.ffn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.1.ffn_norm.gamma"},
    tensor<128x128xf32> {seednorm.name = "blocks.2.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.2.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.2.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.2.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.2.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.2.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.2.wo.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.2.wo.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.wo.weight"},
    tensor<384x128xf32> {seednorm.name = "blocks.2.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.2.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "blocks.2.up.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.2.up.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.2.up.weight"},
    tensor<128x384xf32> {seednorm.name = "blocks.2.down.weight"},
    tensor<128x384xf32> {seednorm.name = "exp_avg.blocks.2.down.weight"},
    tensor<128x384xf32> {seednorm.name = "exp_avg_sq.blocks.2.down.weight"},
    tensor<128xf32> {seednorm.name = "blocks.2.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.2.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.2.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.2.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.2.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.2.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.2.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.2.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.2.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.2.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.2.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.2.ffn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.2.ffn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.2.ffn_norm.gamma"},
    tensor<128x128xf32> {seednorm.name = "blocks.3.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.3.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.wq.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.3.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.3.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.wk.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.3.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.3.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.wv.weight"},
    tensor<128x128xf32> {seednorm.name = "blocks.3.wo.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg.blocks.3.wo.weight"},
    tensor<128x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.wo.weight"},
    tensor<384x128xf32> {seednorm.name = "blocks.3.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.3.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.gate.weight"},
    tensor<384x128xf32> {seednorm.name = "blocks.3.up.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg.blocks.3.up.weight"},
    tensor<384x128xf32> {seednorm.name = "exp_avg_sq.blocks.3.up.weight"},
    tensor<128x384xf32> {seednorm.name = "blocks.3.down.weight"},
    tensor<128x384xf32> {seednorm.name = "exp_avg.blocks.3.down.weight"},
    tensor<128x384xf32> {seednorm.name = "exp_avg_sq.blocks.3.down.weight"},
    tensor<128xf32> {seednorm.name = "blocks.3.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.q_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.3.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.q_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.3.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.q_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.3.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.k_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.3.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.k_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.3.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.k_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.3.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.attn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.3.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.attn_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.3.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.attn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "blocks.3.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.ffn_norm.alpha"},
    tensor<128xf32> {seednorm.name = "blocks.3.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.ffn_norm.beta"},
    tensor<128xf32> {seednorm.name = "blocks.3.ffn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.blocks.3.ffn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.blocks.3.ffn_norm.gamma"},
    tensor<128xf32> {seednorm.name = "final_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg.final_norm.alpha"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.final_norm.alpha"},
    tensor<128xf32> {seednorm.name = "final_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg.final_norm.beta"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.final_norm.beta"},
    tensor<128xf32> {seednorm.name = "final_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg.final_norm.gamma"},
    tensor<128xf32> {seednorm.name = "exp_avg_sq.final_norm.gamma"},
    tensor<256x128xf32> {seednorm.name = "head.weight"},
    tensor<256x128xf32> {seednorm.name = "exp_avg.head.weight"},
    tensor<256x128xf32> {seednorm.name = "exp_avg_sq.head.weight"}) {

  // The loss and its gradient.
  %0 = arith.constant dense<1.0> : tensor<f32>
  %1:82 = call @loss_gradient(
      %tokens, %targets, %embedding_weight, %rope_cos, %rope_sin, %blocks_0_wq_weight,
      %blocks_0_wk_weight, %blocks_0_wv_weight, %blocks_0_wo_weight, %blocks_0_gate_weight,
      %blocks_0_up_weight, %blocks_0_down_weight, %blocks_0_q_norm_alpha, %blocks_0_q_norm_beta,
      %blocks_0_q_norm_gamma, %blocks_0_k_norm_alpha, %blocks_0_k_norm_beta,
      %blocks_0_k_norm_gamma, %blocks_0_attn_norm_alpha, %blocks_0_attn_norm_beta,
      %blocks_0_attn_norm_gamma, %blocks_0_ffn_norm_alpha, %blocks_0_ffn_norm_beta,
      %blocks_0_ffn_norm_gamma, %blocks_1_wq_weight, %blocks_1_wk_weight, %blocks_1_wv_weight,
      %blocks_1_wo_weight, %blocks_1_gate_weight, %blocks_1_up_weight, %blocks_1_down_weight,
      %blocks_1_q_norm_alpha, %blocks_1_q_norm_beta, %blocks_1_q_norm_gamma,
      %blocks_1_k_norm_alpha, %blocks_1_k_norm_beta, %blocks_1_k_norm_gamma,
      %blocks_1_attn_norm_alpha, %blocks_1_attn_norm_beta, %blocks_1_attn_norm_gamma,
      %blocks_1_ffn_norm_alpha, %blocks_1_ffn_norm_beta, %blocks_1_ffn_norm_gamma,
      %blocks_2_wq_weight, %blocks_2_wk_weight, %blocks_2_wv_weight, %blocks_2_wo_weight,
      %blocks_2_gate_weight, %blocks_2_up_weight, %blocks_2_down_weight, %blocks_2_q_norm_alpha,
      %blocks_2_q_norm_beta, %blocks_2_q_norm_gamma, %blocks_2_k_norm_alpha,
      %blocks_2_k_norm_beta, %blocks_2_k_norm_gamma, %blocks_2_attn_norm_alpha,
      %blocks_2_attn_norm_beta, %blocks_2_attn_norm_gamma, %blocks_2_ffn_norm_alpha,
      %blocks_2_ffn_norm_beta, %blocks_2_ffn_norm_gamma, %blocks_3_wq_weight,
      %blocks_3_wk_weight, %blocks_3_wv_weight, %blocks_3_wo_weight, %blocks_3_gate_weight,
      %blocks_3_up_weight, %blocks_3_down_weight, %blocks_3_q_norm_alpha, %blocks_3_q_norm_beta,
      %blocks_3_q_norm_gamma, %blocks_3_k_norm_alpha, %blocks_3_k_norm_beta,
      %blocks_3_k_norm_gamma, %blocks_3_attn_norm_alpha, %blocks_3_attn_norm_beta,
      %blocks_3_attn_norm_gamma, %blocks_3_ffn_norm_alpha, %blocks_3_ffn_norm_beta,
      %blocks_3_ffn_norm_gamma, %final_norm_alpha, %final_norm_beta, %final_norm_gamma,
      %head_weight, %0)
      : (
      tensor<4x128xi8>, tensor<4x128xi8>, tensor<256x128xf32>, tensor<256x16xf32>,
      tensor<256x16xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<128x384xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>,
      tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<384x128xf32>, tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<256x128xf32>,
      tensor<f32>) -> (tensor<f32>, tensor<256x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<256x128xf32>)

  // AdamW.
  %2 = tensor.empty() : tensor<i64>
  %3 = linalg.generic {indexing_maps = [#_scalar, #_scalar], iterator_types = []}
      ins(%step : tensor<i64>) outs(%2 : tensor<i64>) {
  ^bb0(%a: i64, %out: i64):
    %one = arith.constant 1 : i64
    %r = arith.addi %a, %one : i64
    linalg.yield %r : i64
  } -> tensor<i64>
  %4 = tensor.empty() : tensor<f32>
  %5 = tensor.empty() : tensor<f32>
  %6 = tensor.empty() : tensor<f32>
  %7 = tensor.empty() : tensor<f32>
  %8:4 = linalg.generic {indexing_maps = [#_scalar, #_scalar, #_scalar, #_scalar, #_scalar, #_scalar], iterator_types = []}
      ins(%lr, %3 : tensor<f64>, tensor<i64>) outs(%4, %5, %6, %7 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  ^bb0(%a: f64, %b: i64, %out: f32, %out1: f32, %out2: f32, %out3: f32):
    %one = arith.constant 1.0 : f64
    %beta1 = arith.constant 0.9 : f64
    %beta2 = arith.constant 0.95 : f64
    %decay = arith.constant 0.5 : f64
    %n = arith.sitofp %b : i64 to f64
    %power1 = math.powf %beta1, %n : f64
    %correction1 = arith.subf %one, %power1 : f64
    %size = arith.divf %a, %correction1 : f64
    %power2 = math.powf %beta2, %n : f64
    %correction2 = arith.subf %one, %power2 : f64
    %root = math.sqrt %correction2 : f64
    %lost = arith.mulf %a, %decay : f64
    %kept = arith.subf %one, %lost : f64
    %s = arith.truncf %size : f64 to f32
    %r = arith.truncf %root : f64 to f32
    %k = arith.truncf %kept : f64 to f32
    %all = arith.constant 1.0 : f32
    linalg.yield %s, %r, %k, %all : f32, f32, f32, f32
  } -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>)
  %9:3 = call @update_256x128(
      %embedding_weight, %1#1, %exp_avg_embedding_weight, %exp_avg_sq_embedding_weight, %8#0,
      %8#1, %8#2)
      : (
      tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>)
  %10:3 = call @update_128x128(
      %blocks_0_wq_weight, %1#2, %exp_avg_blocks_0_wq_weight, %exp_avg_sq_blocks_0_wq_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %11:3 = call @update_128x128(
      %blocks_0_wk_weight, %1#3, %exp_avg_blocks_0_wk_weight, %exp_avg_sq_blocks_0_wk_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %12:3 = call @update_128x128(
      %blocks_0_wv_weight, %1#4, %exp_avg_blocks_0_wv_weight, %exp_avg_sq_blocks_0_wv_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %13:3 = call @update_128x128(
      %blocks_0_wo_weight, %1#5, %exp_avg_blocks_0_wo_weight, %exp_avg_sq_blocks_0_wo_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %14:3 = call @update_384x128(
      %blocks_0_gate_weight, %1#6, %exp_avg_blocks_0_gate_weight,
      %exp_avg_sq_blocks_0_gate_weight, %8#0, %8#1, %8#2)
      : (
      tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>)
  %15:3 = call @update_384x128(
      %blocks_0_up_weight, %1#7, %exp_avg_blocks_0_up_weight, %exp_avg_sq_blocks_0_up_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>)
  %16:3 = call @update_128x384(
      %blocks_0_down_weight, %1#8, %exp_avg_blocks_0_down_weight,
      %exp_avg_sq_blocks_0_down_weight, %8#0, %8#1, %8#2)
      : (
      tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>)
  %17:3 = call @update_128(
      %blocks_0_q_norm_alpha, %1#9, %exp_avg_blocks_0_q_norm_alpha,
      %exp_avg_sq_blocks_0_q_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %18:3 = call @update_128(
      %blocks_0_q_norm_beta, %1#10, %exp_avg_blocks_0_q_norm_beta,
      %exp_avg_sq_blocks_0_q_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %19:3 = call @update_128(
      %blocks_0_q_norm_gamma, %1#11, %exp_avg_blocks_0_q_norm_gamma,
      %exp_avg_sq_blocks_0_q_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %20:3 = call @update_128(
      %blocks_0_k_norm_alpha, %1#12, %exp_avg_blocks_0_k_norm_alpha,
      %exp_avg_sq_blocks_0_k_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %21:3 = call @update_128(
      %blocks_0_k_norm_beta, %1#13, %exp_avg_blocks_0_k_norm_beta,
      %exp_avg_sq_blocks_0_k_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %22:3 = call @update_128(
      %blocks_0_k_norm_gamma, %1#14, %exp_avg_blocks_0_k_norm_gamma,
      %exp_avg_sq_blocks_0_k_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %23:3 = call @update_128(
      %blocks_0_attn_norm_alpha, %1#15, %exp_avg_blocks_0_attn_norm_alpha,
      %exp_avg_sq_blocks_0_attn_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %24:3 = call @update_128(
      %blocks_0_attn_norm_beta, %1#16, %exp_avg_blocks_0_attn_norm_beta,
      %exp_avg_sq_blocks_0_attn_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %25:3 = call @update_128(
      %blocks_0_attn_norm_gamma, %1#17, %exp_avg_blocks_0_attn_norm_gamma,
      %exp_avg_sq_blocks_0_attn_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %26:3 = call @update_128(
      %blocks_0_ffn_norm_alpha, %1#18, %exp_avg_blocks_0_ffn_norm_alpha,
      %exp_avg_sq_blocks_0_ffn_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %27:3 = call @update_128(
      %blocks_0_ffn_norm_beta, %1#19, %exp_avg_blocks_0_ffn_norm_beta,
      %exp_avg_sq_blocks_0_ffn_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %28:3 = call @update_128(
      %blocks_0_ffn_norm_gamma, %1#20, %exp_avg_blocks_0_ffn_norm_gamma,
      %exp_avg_sq_blocks_0_ffn_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %29:3 = call @update_128x128(
      %blocks_1_wq_weight, %1#21, %exp_avg_blocks_1_wq_weight, %exp_avg_sq_blocks_1_wq_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %30:3 = call @update_128x128(
      %blocks_1_wk_weight, %1#22, %exp_avg_blocks_1_wk_weight, %exp_avg_sq_blocks_1_wk_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %31:3 = call @update_128x128(
      %blocks_1_wv_weight, %1#23, %exp_avg_blocks_1_wv_weight, %exp_avg_sq_blocks_1_wv_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %32:3 = call @update_128x128(
      %blocks_1_wo_weight, %1#24, %exp_avg_blocks_1_wo_weight, %exp_avg_sq_blocks_1_wo_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %33:3 = call @update_384x128(
      %blocks_1_gate_weight, %1#25, %exp_avg_blocks_1_gate_weight,
      %exp_avg_sq_blocks_1_gate_weight, %8#0, %8#1, %8#2)
      : (
      tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>)
  %34:3 = call @update_384x128(
      %blocks_1_up_weight, %1#26, %exp_avg_blocks_1_up_weight, %exp_avg_sq_blocks_1_up_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>)
  %35:3 = call @update_128x384(
      %blocks_1_down_weight, %1#27, %exp_avg_blocks_1_down_weight,
      %exp_avg_sq_blocks_1_down_weight, %8#0, %8#1, %8#2)
      : (
      tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>)
  %36:3 = call @update_128(
      %blocks_1_q_norm_alpha, %1#28, %exp_avg_blocks_1_q_norm_alpha,
      %exp_avg_sq_blocks_1_q_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %37:3 = call @update_128(
      %blocks_1_q_norm_beta, %1#29, %exp_avg_blocks_1_q_norm_beta,
      %exp_avg_sq_blocks_1_q_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %38:3 = call @update_128(
      %blocks_1_q_norm_gamma, %1#30, %exp_avg_blocks_1_q_norm_gamma,
      %exp_avg_sq_blocks_1_q_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %39:3 = call @update_128(
      %blocks_1_k_norm_alpha, %1#31, %exp_avg_blocks_1_k_norm_alpha,
      %exp_avg_sq_blocks_1_k_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %40:3 = call @update_128(
      %blocks_1_k_norm_beta, %1#32, %exp_avg_blocks_1_k_norm_beta,
      %exp_avg_sq_blocks_1_k_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %41:3 = call @update_128(
      %blocks_1_k_norm_gamma, %1#33, %exp_avg_blocks_1_k_norm_gamma,
      %exp_avg_sq_blocks_1_k_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %42:3 = call @update_128(
      %blocks_1_attn_norm_alpha, %1#34, %exp_avg_blocks_1_attn_norm_alpha,
      %exp_avg_sq_blocks_1_attn_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %43:3 = call @update_128(
      %blocks_1_attn_norm_beta, %1#35, %exp_avg_blocks_1_attn_norm_beta,
      %exp_avg_sq_blocks_1_attn_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %44:3 = call @update_128(
      %blocks_1_attn_norm_gamma, %1#36, %exp_avg_blocks_1_attn_norm_gamma,
      %exp_avg_sq_blocks_1_attn_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %45:3 = call @update_128(
      %blocks_1_ffn_norm_alpha, %1#37, %exp_avg_blocks_1_ffn_norm_alpha,
      %exp_avg_sq_blocks_1_ffn_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %46:3 = call @update_128(
      %blocks_1_ffn_norm_beta, %1#38, %exp_avg_blocks_1_ffn_norm_beta,
      %exp_avg_sq_blocks_1_ffn_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %47:3 = call @update_128(
      %blocks_1_ffn_norm_gamma, %1#39, %exp_avg_blocks_1_ffn_norm_gamma,
      %exp_avg_sq_blocks_1_ffn_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %48:3 = call @update_128x128(
      %blocks_2_wq_weight, %1#40, %exp_avg_blocks_2_wq_weight, %exp_avg_sq_blocks_2_wq_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %49:3 = call @update_128x128(
      %blocks_2_wk_weight, %1#41, %exp_avg_blocks_2_wk_weight, %exp_avg_sq_blocks_2_wk_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %50:3 = call @update_128x128(
      %blocks_2_wv_weight, %1#42, %exp_avg_blocks_2_wv_weight, %exp_avg_sq_blocks_2_wv_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %51:3 = call @update_128x128(
      %blocks_2_wo_weight, %1#43, %exp_avg_blocks_2_wo_weight, %exp_avg_sq_blocks_2_wo_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %52:3 = call @update_384x128(
      %blocks_2_gate_weight, %1#44, %exp_avg_blocks_2_gate_weight,
      %exp_avg_sq_blocks_2_gate_weight, %8#0, %8#1, %8#2)
      : (
      tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>)
  %53:3 = call @update_384x128(
      %blocks_2_up_weight, %1#45, %exp_avg_blocks_2_up_weight, %exp_avg_sq_blocks_2_up_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>)
  %54:3 = call @update_128x384(
      %blocks_2_down_weight, %1#46, %exp_avg_blocks_2_down_weight,
      %exp_avg_sq_blocks_2_down_weight, %8#0, %8#1, %8#2)
      : (
      tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>)
  %55:3 = call @update_128(
      %blocks_2_q_norm_alpha, %1#47, %exp_avg_blocks_2_q_norm_alpha,
      %exp_avg_sq_blocks_2_q_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %56:3 = call @update_128(
      %blocks_2_q_norm_beta, %1#48, %exp_avg_blocks_2_q_norm_beta,
      %exp_avg_sq_blocks_2_q_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %57:3 = call @update_128(
      %blocks_2_q_norm_gamma, %1#49, %exp_avg_blocks_2_q_norm_gamma,
      %exp_avg_sq_blocks_2_q_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %58:3 = call @update_128(
      %blocks_2_k_norm_alpha, %1#50, %exp_avg_blocks_2_k_norm_alpha,
      %exp_avg_sq_blocks_2_k_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %59:3 = call @update_128(
      %blocks_2_k_norm_beta, %1#51, %exp_avg_blocks_2_k_norm_beta,
      %exp_avg_sq_blocks_2_k_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %60:3 = call @update_128(
      %blocks_2_k_norm_gamma, %1#52, %exp_avg_blocks_2_k_norm_gamma,
      %exp_avg_sq_blocks_2_k_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %61:3 = call @update_128(
      %blocks_2_attn_norm_alpha, %1#53, %exp_avg_blocks_2_attn_norm_alpha,
      %exp_avg_sq_blocks_2_attn_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %62:3 = call @update_128(
      %blocks_2_attn_norm_beta, %1#54, %exp_avg_blocks_2_attn_norm_beta,
      %exp_avg_sq_blocks_2_attn_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %63:3 = call @update_128(
      %blocks_2_attn_norm_gamma, %1#55, %exp_avg_blocks_2_attn_norm_gamma,
      %exp_avg_sq_blocks_2_attn_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %64:3 = call @update_128(
      %blocks_2_ffn_norm_alpha, %1#56, %exp_avg_blocks_2_ffn_norm_alpha,
      %exp_avg_sq_blocks_2_ffn_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %65:3 = call @update_128(
      %blocks_2_ffn_norm_beta, %1#57, %exp_avg_blocks_2_ffn_norm_beta,
      %exp_avg_sq_blocks_2_ffn_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %66:3 = call @update_128(
      %blocks_2_ffn_norm_gamma, %1#58, %exp_avg_blocks_2_ffn_norm_gamma,
      %exp_avg_sq_blocks_2_ffn_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %67:3 = call @update_128x128(
      %blocks_3_wq_weight, %1#59, %exp_avg_blocks_3_wq_weight, %exp_avg_sq_blocks_3_wq_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %68:3 = call @update_128x128(
      %blocks_3_wk_weight, %1#60, %exp_avg_blocks_3_wk_weight, %exp_avg_sq_blocks_3_wk_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %69:3 = call @update_128x128(
      %blocks_3_wv_weight, %1#61, %exp_avg_blocks_3_wv_weight, %exp_avg_sq_blocks_3_wv_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %70:3 = call @update_128x128(
      %blocks_3_wo_weight, %1#62, %exp_avg_blocks_3_wo_weight, %exp_avg_sq_blocks_3_wo_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>)
  %71:3 = call @update_384x128(
      %blocks_3_gate_weight, %1#63, %exp_avg_blocks_3_gate_weight,
      %exp_avg_sq_blocks_3_gate_weight, %8#0, %8#1, %8#2)
      : (
      tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>)
  %72:3 = call @update_384x128(
      %blocks_3_up_weight, %1#64, %exp_avg_blocks_3_up_weight, %exp_avg_sq_blocks_3_up_weight,
      %8#0, %8#1, %8#2)
      : (
      tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>)
  %73:3 = call @update_128x384(
      %blocks_3_down_weight, %1#65, %exp_avg_blocks_3_down_weight,
      %exp_avg_sq_blocks_3_down_weight, %8#0, %8#1, %8#2)
      : (
      tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>)
  %74:3 = call @update_128(
      %blocks_3_q_norm_alpha, %1#66, %exp_avg_blocks_3_q_norm_alpha,
      %exp_avg_sq_blocks_3_q_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %75:3 = call @update_128(
      %blocks_3_q_norm_beta, %1#67, %exp_avg_blocks_3_q_norm_beta,
      %exp_avg_sq_blocks_3_q_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %76:3 = call @update_128(
      %blocks_3_q_norm_gamma, %1#68, %exp_avg_blocks_3_q_norm_gamma,
      %exp_avg_sq_blocks_3_q_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %77:3 = call @update_128(
      %blocks_3_k_norm_alpha, %1#69, %exp_avg_blocks_3_k_norm_alpha,
      %exp_avg_sq_blocks_3_k_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %78:3 = call @update_128(
      %blocks_3_k_norm_beta, %1#70, %exp_avg_blocks_3_k_norm_beta,
      %exp_avg_sq_blocks_3_k_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %79:3 = call @update_128(
      %blocks_3_k_norm_gamma, %1#71, %exp_avg_blocks_3_k_norm_gamma,
      %exp_avg_sq_blocks_3_k_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %80:3 = call @update_128(
      %blocks_3_attn_norm_alpha, %1#72, %exp_avg_blocks_3_attn_norm_alpha,
      %exp_avg_sq_blocks_3_attn_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %81:3 = call @update_128(
      %blocks_3_attn_norm_beta, %1#73, %exp_avg_blocks_3_attn_norm_beta,
      %exp_avg_sq_blocks_3_attn_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %82:3 = call @update_128(
      %blocks_3_attn_norm_gamma, %1#74, %exp_avg_blocks_3_attn_norm_gamma,
      %exp_avg_sq_blocks_3_attn_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %83:3 = call @update_128(
      %blocks_3_ffn_norm_alpha, %1#75, %exp_avg_blocks_3_ffn_norm_alpha,
      %exp_avg_sq_blocks_3_ffn_norm_alpha, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %84:3 = call @update_128(
      %blocks_3_ffn_norm_beta, %1#76, %exp_avg_blocks_3_ffn_norm_beta,
      %exp_avg_sq_blocks_3_ffn_norm_beta, %8#0, %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %85:3 = call @update_128(
      %blocks_3_ffn_norm_gamma, %1#77, %exp_avg_blocks_3_ffn_norm_gamma,
      %exp_avg_sq_blocks_3_ffn_norm_gamma, %8#0, %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %86:3 = call @update_128(
      %final_norm_alpha, %1#78, %exp_avg_final_norm_alpha, %exp_avg_sq_final_norm_alpha, %8#0,
      %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %87:3 = call @update_128(
      %final_norm_beta, %1#79, %exp_avg_final_norm_beta, %exp_avg_sq_final_norm_beta, %8#0,
      %8#1, %8#2)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %88:3 = call @update_128(
      %final_norm_gamma, %1#80, %exp_avg_final_norm_gamma, %exp_avg_sq_final_norm_gamma, %8#0,
      %8#1, %8#3)
      : (
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<f32>,
      tensor<f32>, tensor<f32>) -> (tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
  %89:3 = call @update_256x128(
      %head_weight, %1#81, %exp_avg_head_weight, %exp_avg_sq_head_weight, %8#0, %8#1, %8#2)
      : (
      tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>,
      tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>)
  return %1#0, %3, %9#0, %9#1, %9#2, %10#0, %10#1, %10#2, %11#0, %11#1, %11#2, %12#0, %12#1, %12#2, %13#0, %13#1, %13#2, %14#0, %14#1, %14#2, %15#0, %15#1, %15#2, %16#0, %16#1, %16#2, %17#0, %17#1, %17#2, %18#0, %18#1, %18#2, %19#0, %19#1, %19#2, %20#0, %20#1, %20#2, %21#0, %21#1, %21#2, %22#0, %22#1, %22#2, %23#0, %23#1, %23#2, %24#0, %24#1, %24#2, %25#0, %25#1, %25#2, %26#0, %26#1, %26#2, %27#0, %27#1, %27#2, %28#0, %28#1, %28#2, %29#0, %29#1, %29#2, %30#0, %30#1, %30#2, %31#0, %31#1, %31#2, %32#0, %32#1, %32#2, %33#0, %33#1, %33#2, %34#0, %34#1, %34#2, %35#0, %35#1, %35#2, %36#0, %36#1, %36#2, %37#0, %37#1, %37#2, %38#0, %38#1, %38#2, %39#0, %39#1, %39#2, %40#0, %40#1, %40#2, %41#0, %41#1, %41#2, %42#0, %42#1, %42#2, %43#0, %43#1, %43#2, %44#0, %44#1, %44#2, %45#0, %45#1, %45#2, %46#0, %46#1, %46#2, %47#0, %47#1, %47#2, %48#0, %48#1, %48#2, %49#0, %49#1, %49#2, %50#0, %50#1, %50#2, %51#0, %51#1, %51#2, %52#0, %52#1, %52#2, %53#0, %53#1, %53#2, %54#0, %54#1, %54#2, %55#0, %55#1, %55#2, %56#0, %56#1, %56#2, %57#0, %57#1, %57#2, %58#0, %58#1, %58#2, %59#0, %59#1, %59#2, %60#0, %60#1, %60#2, %61#0, %61#1, %61#2, %62#0, %62#1, %62#2, %63#0, %63#1, %63#2, %64#0, %64#1, %64#2, %65#0, %65#1, %65#2, %66#0, %66#1, %66#2, %67#0, %67#1, %67#2, %68#0, %68#1, %68#2, %69#0, %69#1, %69#2, %70#0, %70#1, %70#2, %71#0, %71#1, %71#2, %72#0, %72#1, %72#2, %73#0, %73#1, %73#2, %74#0, %74#1, %74#2, %75#0, %75#1, %75#2, %76#0, %76#1, %76#2, %77#0, %77#1, %77#2, %78#0, %78#1, %78#2, %79#0, %79#1, %79#2, %80#0, %80#1, %80#2, %81#0, %81#1, %81#2, %82#0, %82#1, %82#2, %83#0, %83#1, %83#2, %84#0, %84#1, %84#2, %85#0, %85#1, %85#2, %86#0, %86#1, %86#2, %87#0, %87#1, %87#2, %88#0, %88#1, %88#2, %89#0, %89#1, %89#2 : tensor<f32>, tensor<i64>, tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<384x128xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<256x128xf32>, tensor<256x128xf32>, tensor<256x128xf32>
}
