// Written by export.py: Config(vocabulary=256, width=128, layers=4, heads=4, hidden=384, context=256, eps=1e-06).
// A map's name lists the loops, then those that it reads.

#bmnk_bmk = affine_map<(b, m, n, k) -> (b, m, k)>
#bmnk_bmn = affine_map<(b, m, n, k) -> (b, m, n)>
#bmnk_bnk = affine_map<(b, m, n, k) -> (b, n, k)>
#i_i = affine_map<(i) -> (i)>
#ij_i = affine_map<(i, j) -> (i)>
#ij_ij = affine_map<(i, j) -> (i, j)>
#ijk_ijk = affine_map<(i, j, k) -> (i, j, k)>
#ijk_ik = affine_map<(i, j, k) -> (i, k)>
#mnk_mk = affine_map<(m, n, k) -> (m, k)>
#mnk_mn = affine_map<(m, n, k) -> (m, n)>
#mnk_nk = affine_map<(m, n, k) -> (n, k)>

func.func private @block(
    %x: tensor<?x128xf32>,
    %cos: tensor<?x16xf32>,
    %sin: tensor<?x16xf32>,
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
    %ffn_norm_gamma: tensor<128xf32>) -> tensor<?x128xf32> {
  %zero = arith.constant 0 : index
  %count = tensor.dim %x, %zero : tensor<?x128xf32>

  // Queries and keys, normalised and rotated.
  %0 = arith.constant 0.0 : f32
  %1 = tensor.empty(%count) : tensor<?x128xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %3 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%x, %wq_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%2 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %4 = tensor.empty(%count) : tensor<?x128xf32>
  %5 = seednorm.norm ins(%3 : tensor<?x128xf32>)
      alpha(%q_norm_alpha : tensor<128xf32>) beta(%q_norm_beta : tensor<128xf32>) gamma(%q_norm_gamma : tensor<128xf32>)
      outs(%4 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-06 : f64} -> tensor<?x128xf32>
  %6 = tensor.expand_shape %5 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %7 = tensor.extract_slice %6[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %8 = tensor.extract_slice %6[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %9 = tensor.empty(%count) : tensor<?x4x16xf32>
  %10 = linalg.generic {indexing_maps = [#ijk_ijk, #ijk_ijk, #ijk_ik, #ijk_ik, #ijk_ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%7, %8, %cos, %sin : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%9 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %11 = tensor.empty(%count) : tensor<?x4x16xf32>
  %12 = linalg.generic {indexing_maps = [#ijk_ijk, #ijk_ijk, #ijk_ik, #ijk_ik, #ijk_ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%7, %8, %cos, %sin : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%11 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %13 = tensor.empty(%count) : tensor<?x4x32xf32>
  %14 = tensor.insert_slice %10 into %13[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %15 = tensor.insert_slice %12 into %14[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %16 = tensor.empty(%count) : tensor<4x?x32xf32>
  %17 = linalg.transpose ins(%15 : tensor<?x4x32xf32>) outs(%16 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %18 = arith.constant 0.0 : f32
  %19 = tensor.empty(%count) : tensor<?x128xf32>
  %20 = linalg.fill ins(%18 : f32) outs(%19 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %21 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%x, %wk_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%20 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %22 = tensor.empty(%count) : tensor<?x128xf32>
  %23 = seednorm.norm ins(%21 : tensor<?x128xf32>)
      alpha(%k_norm_alpha : tensor<128xf32>) beta(%k_norm_beta : tensor<128xf32>) gamma(%k_norm_gamma : tensor<128xf32>)
      outs(%22 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-06 : f64} -> tensor<?x128xf32>
  %24 = tensor.expand_shape %23 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %25 = tensor.extract_slice %24[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %26 = tensor.extract_slice %24[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %27 = tensor.empty(%count) : tensor<?x4x16xf32>
  %28 = linalg.generic {indexing_maps = [#ijk_ijk, #ijk_ijk, #ijk_ik, #ijk_ik, #ijk_ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%25, %26, %cos, %sin : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%27 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %29 = tensor.empty(%count) : tensor<?x4x16xf32>
  %30 = linalg.generic {indexing_maps = [#ijk_ijk, #ijk_ijk, #ijk_ik, #ijk_ik, #ijk_ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%25, %26, %cos, %sin : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%29 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %31 = tensor.empty(%count) : tensor<?x4x32xf32>
  %32 = tensor.insert_slice %28 into %31[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %33 = tensor.insert_slice %30 into %32[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %34 = tensor.empty(%count) : tensor<4x?x32xf32>
  %35 = linalg.transpose ins(%33 : tensor<?x4x32xf32>) outs(%34 : tensor<4x?x32xf32>) permutation = [1, 0, 2]

  // Values.
  %36 = arith.constant 0.0 : f32
  %37 = tensor.empty(%count) : tensor<?x128xf32>
  %38 = linalg.fill ins(%36 : f32) outs(%37 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %39 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%x, %wv_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%38 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %40 = tensor.expand_shape %39 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %41 = tensor.empty(%count) : tensor<4x?x32xf32>
  %42 = linalg.transpose ins(%40 : tensor<?x4x32xf32>) outs(%41 : tensor<4x?x32xf32>) permutation = [1, 0, 2]

  // Causal attention.
  %43 = arith.constant 0.0 : f32
  %44 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %45 = linalg.fill ins(%43 : f32) outs(%44 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %46 = linalg.batch_matmul indexing_maps = [#bmnk_bmk, #bmnk_bnk, #bmnk_bmn] ins(%17, %35 : tensor<4x?x32xf32>, tensor<4x?x32xf32>) outs(%45 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %47 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %48 = linalg.generic {indexing_maps = [#ijk_ijk, #ijk_ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%46 : tensor<4x?x?xf32>) outs(%47 : tensor<4x?x?xf32>) {
  ^bb0(%a: f32, %out: f32):
    %scale = arith.constant 0.1767766952966369 : f32
    %masked = arith.constant 0xFF800000 : f32
    %from = linalg.index 1 : index
    %to = linalg.index 2 : index
    %seen = arith.cmpi ule, %to, %from : index
    %s = arith.mulf %a, %scale : f32
    %r = arith.select %seen, %s, %masked : f32
    linalg.yield %r : f32
  } -> tensor<4x?x?xf32>
  %49 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %50 = seednorm.softmax ins(%48 : tensor<4x?x?xf32>) outs(%49 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %51 = arith.constant 0.0 : f32
  %52 = tensor.empty(%count) : tensor<4x?x32xf32>
  %53 = linalg.fill ins(%51 : f32) outs(%52 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %54 = linalg.batch_matmul ins(%50, %42 : tensor<4x?x?xf32>, tensor<4x?x32xf32>) outs(%53 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %55 = tensor.empty(%count) : tensor<?x4x32xf32>
  %56 = linalg.transpose ins(%54 : tensor<4x?x32xf32>) outs(%55 : tensor<?x4x32xf32>) permutation = [1, 0, 2]
  %57 = tensor.collapse_shape %56 [[0], [1, 2]] : tensor<?x4x32xf32> into tensor<?x128xf32>
  %58 = arith.constant 0.0 : f32
  %59 = tensor.empty(%count) : tensor<?x128xf32>
  %60 = linalg.fill ins(%58 : f32) outs(%59 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %61 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%57, %wo_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%60 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %62 = tensor.empty(%count) : tensor<?x128xf32>
  %63 = seednorm.norm ins(%61 : tensor<?x128xf32>)
      alpha(%attn_norm_alpha : tensor<128xf32>) beta(%attn_norm_beta : tensor<128xf32>) gamma(%attn_norm_gamma : tensor<128xf32>)
      outs(%62 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-06 : f64} -> tensor<?x128xf32>
  %64 = tensor.empty(%count) : tensor<?x128xf32>
  %65 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%x, %63 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%64 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Feed-forward, silu(gate) * up.
  %66 = arith.constant 0.0 : f32
  %67 = tensor.empty(%count) : tensor<?x384xf32>
  %68 = linalg.fill ins(%66 : f32) outs(%67 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %69 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%65, %gate_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%68 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %70 = arith.constant 0.0 : f32
  %71 = tensor.empty(%count) : tensor<?x384xf32>
  %72 = linalg.fill ins(%70 : f32) outs(%71 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %73 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%65, %up_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%72 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %74 = tensor.empty(%count) : tensor<?x384xf32>
  %75 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%69, %73 : tensor<?x384xf32>, tensor<?x384xf32>) outs(%74 : tensor<?x384xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %q = arith.addf %e, %one : f32
    %s = arith.divf %a, %q : f32
    %r = arith.mulf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x384xf32>
  %76 = arith.constant 0.0 : f32
  %77 = tensor.empty(%count) : tensor<?x128xf32>
  %78 = linalg.fill ins(%76 : f32) outs(%77 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %79 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%75, %down_weight : tensor<?x384xf32>, tensor<128x384xf32>) outs(%78 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %80 = tensor.empty(%count) : tensor<?x128xf32>
  %81 = seednorm.norm ins(%79 : tensor<?x128xf32>)
      alpha(%ffn_norm_alpha : tensor<128xf32>) beta(%ffn_norm_beta : tensor<128xf32>) gamma(%ffn_norm_gamma : tensor<128xf32>)
      outs(%80 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-06 : f64} -> tensor<?x128xf32>
  %82 = tensor.empty(%count) : tensor<?x128xf32>
  %83 = linalg.generic {indexing_maps = [#ij_ij, #ij_ij, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%65, %81 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%82 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>
  return %83 : tensor<?x128xf32>
}

func.func @logits(
    %tokens: tensor<?xi8> {seednorm.name = "tokens"},
    %embedding_weight: tensor<256x128xf32> {seednorm.param = "embedding.weight"},
    %rope_cos: tensor<256x16xf32> {seednorm.param = "rope_cos"},
    %rope_sin: tensor<256x16xf32> {seednorm.param = "rope_sin"},
    %blocks_0_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wq.weight"},
    %blocks_0_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wk.weight"},
    %blocks_0_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wv.weight"},
    %blocks_0_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wo.weight"},
    %blocks_0_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.0.gate.weight"},
    %blocks_0_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.0.up.weight"},
    %blocks_0_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.0.down.weight"},
    %blocks_0_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.q_norm.alpha"},
    %blocks_0_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.q_norm.beta"},
    %blocks_0_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.q_norm.gamma"},
    %blocks_0_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.k_norm.alpha"},
    %blocks_0_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.k_norm.beta"},
    %blocks_0_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.k_norm.gamma"},
    %blocks_0_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.attn_norm.alpha"},
    %blocks_0_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.attn_norm.beta"},
    %blocks_0_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.attn_norm.gamma"},
    %blocks_0_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.ffn_norm.alpha"},
    %blocks_0_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.ffn_norm.beta"},
    %blocks_0_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.ffn_norm.gamma"},
    %blocks_1_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wq.weight"},
    %blocks_1_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wk.weight"},
    %blocks_1_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wv.weight"},
    %blocks_1_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wo.weight"},
    %blocks_1_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.1.gate.weight"},
    %blocks_1_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.1.up.weight"},
    %blocks_1_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.1.down.weight"},
    %blocks_1_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.q_norm.alpha"},
    %blocks_1_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.q_norm.beta"},
    %blocks_1_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.q_norm.gamma"},
    %blocks_1_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.k_norm.alpha"},
    %blocks_1_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.k_norm.beta"},
    %blocks_1_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.k_norm.gamma"},
    %blocks_1_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.attn_norm.alpha"},
    %blocks_1_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.attn_norm.beta"},
    %blocks_1_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.attn_norm.gamma"},
    %blocks_1_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.ffn_norm.alpha"},
    %blocks_1_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.ffn_norm.beta"},
    %blocks_1_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.ffn_norm.gamma"},
    %blocks_2_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wq.weight"},
    %blocks_2_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wk.weight"},
    %blocks_2_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wv.weight"},
    %blocks_2_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wo.weight"},
    %blocks_2_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.2.gate.weight"},
    %blocks_2_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.2.up.weight"},
    %blocks_2_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.2.down.weight"},
    %blocks_2_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.q_norm.alpha"},
    %blocks_2_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.q_norm.beta"},
    %blocks_2_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.q_norm.gamma"},
    %blocks_2_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.k_norm.alpha"},
    %blocks_2_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.k_norm.beta"},
    %blocks_2_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.k_norm.gamma"},
    %blocks_2_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.attn_norm.alpha"},
    %blocks_2_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.attn_norm.beta"},
    %blocks_2_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.attn_norm.gamma"},
    %blocks_2_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.ffn_norm.alpha"},
    %blocks_2_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.ffn_norm.beta"},
    %blocks_2_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.ffn_norm.gamma"},
    %blocks_3_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wq.weight"},
    %blocks_3_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wk.weight"},
    %blocks_3_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wv.weight"},
    %blocks_3_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wo.weight"},
    %blocks_3_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.3.gate.weight"},
    %blocks_3_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.3.up.weight"},
    %blocks_3_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.3.down.weight"},
    %blocks_3_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.q_norm.alpha"},
    %blocks_3_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.q_norm.beta"},
    %blocks_3_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.q_norm.gamma"},
    %blocks_3_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.k_norm.alpha"},
    %blocks_3_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.k_norm.beta"},
    %blocks_3_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.k_norm.gamma"},
    %blocks_3_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.attn_norm.alpha"},
    %blocks_3_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.attn_norm.beta"},
    %blocks_3_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.attn_norm.gamma"},
    %blocks_3_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.ffn_norm.alpha"},
    %blocks_3_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.ffn_norm.beta"},
    %blocks_3_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.ffn_norm.gamma"},
    %final_norm_alpha: tensor<128xf32> {seednorm.param = "final_norm.alpha"},
    %final_norm_beta: tensor<128xf32> {seednorm.param = "final_norm.beta"},
    %final_norm_gamma: tensor<128xf32> {seednorm.param = "final_norm.gamma"},
    %head_weight: tensor<256x128xf32> {seednorm.param = "head.weight"}) -> tensor<?x256xf32> {
  %zero = arith.constant 0 : index
  %count = tensor.dim %tokens, %zero : tensor<?xi8>
  %0 = arith.constant 256 : index
  %1 = arith.cmpi ule, %count, %0 : index
  cf.assert %1, "tokens: at most 256 of them"

  // Embedding, and the rotation of each position.
  %2 = tensor.extract_slice %rope_cos[0, 0] [%count, 16] [1, 1] : tensor<256x16xf32> to tensor<?x16xf32>
  %3 = tensor.extract_slice %rope_sin[0, 0] [%count, 16] [1, 1] : tensor<256x16xf32> to tensor<?x16xf32>
  %4 = tensor.empty(%count) : tensor<?x128xf32>
  %5 = linalg.generic {indexing_maps = [#ij_i, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%tokens : tensor<?xi8>) outs(%4 : tensor<?x128xf32>) {
  ^bb0(%a: i8, %out: f32):
    %byte = arith.extui %a : i8 to i64
    %row = arith.index_cast %byte : i64 to index
    %column = linalg.index 1 : index
    %r = tensor.extract %embedding_weight[%row, %column] : tensor<256x128xf32>
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 0.
  %6 = call @block(
      %5, %2, %3, %blocks_0_wq_weight, %blocks_0_wk_weight, %blocks_0_wv_weight,
      %blocks_0_wo_weight, %blocks_0_gate_weight, %blocks_0_up_weight, %blocks_0_down_weight,
      %blocks_0_q_norm_alpha, %blocks_0_q_norm_beta, %blocks_0_q_norm_gamma,
      %blocks_0_k_norm_alpha, %blocks_0_k_norm_beta, %blocks_0_k_norm_gamma,
      %blocks_0_attn_norm_alpha, %blocks_0_attn_norm_beta, %blocks_0_attn_norm_gamma,
      %blocks_0_ffn_norm_alpha, %blocks_0_ffn_norm_beta, %blocks_0_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>

  // Block 1.
  %7 = call @block(
      %6, %2, %3, %blocks_1_wq_weight, %blocks_1_wk_weight, %blocks_1_wv_weight,
      %blocks_1_wo_weight, %blocks_1_gate_weight, %blocks_1_up_weight, %blocks_1_down_weight,
      %blocks_1_q_norm_alpha, %blocks_1_q_norm_beta, %blocks_1_q_norm_gamma,
      %blocks_1_k_norm_alpha, %blocks_1_k_norm_beta, %blocks_1_k_norm_gamma,
      %blocks_1_attn_norm_alpha, %blocks_1_attn_norm_beta, %blocks_1_attn_norm_gamma,
      %blocks_1_ffn_norm_alpha, %blocks_1_ffn_norm_beta, %blocks_1_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>

  // Block 2.
  %8 = call @block(
      %7, %2, %3, %blocks_2_wq_weight, %blocks_2_wk_weight, %blocks_2_wv_weight,
      %blocks_2_wo_weight, %blocks_2_gate_weight, %blocks_2_up_weight, %blocks_2_down_weight,
      %blocks_2_q_norm_alpha, %blocks_2_q_norm_beta, %blocks_2_q_norm_gamma,
      %blocks_2_k_norm_alpha, %blocks_2_k_norm_beta, %blocks_2_k_norm_gamma,
      %blocks_2_attn_norm_alpha, %blocks_2_attn_norm_beta, %blocks_2_attn_norm_gamma,
      %blocks_2_ffn_norm_alpha, %blocks_2_ffn_norm_beta, %blocks_2_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>

  // Block 3.
  %9 = call @block(
      %8, %2, %3, %blocks_3_wq_weight, %blocks_3_wk_weight, %blocks_3_wv_weight,
      %blocks_3_wo_weight, %blocks_3_gate_weight, %blocks_3_up_weight, %blocks_3_down_weight,
      %blocks_3_q_norm_alpha, %blocks_3_q_norm_beta, %blocks_3_q_norm_gamma,
      %blocks_3_k_norm_alpha, %blocks_3_k_norm_beta, %blocks_3_k_norm_gamma,
      %blocks_3_attn_norm_alpha, %blocks_3_attn_norm_beta, %blocks_3_attn_norm_gamma,
      %blocks_3_ffn_norm_alpha, %blocks_3_ffn_norm_beta, %blocks_3_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>

  // Head.
  %10 = tensor.empty(%count) : tensor<?x128xf32>
  %11 = seednorm.norm ins(%9 : tensor<?x128xf32>)
      alpha(%final_norm_alpha : tensor<128xf32>) beta(%final_norm_beta : tensor<128xf32>) gamma(%final_norm_gamma : tensor<128xf32>)
      outs(%10 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-06 : f64} -> tensor<?x128xf32>
  %12 = arith.constant 0.0 : f32
  %13 = tensor.empty(%count) : tensor<?x256xf32>
  %14 = linalg.fill ins(%12 : f32) outs(%13 : tensor<?x256xf32>) -> tensor<?x256xf32>
  %15 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%11, %head_weight : tensor<?x128xf32>, tensor<256x128xf32>) outs(%14 : tensor<?x256xf32>) -> tensor<?x256xf32>
  return %15 : tensor<?x256xf32>
}

func.func @last_logits(
    %tokens: tensor<?xi8> {seednorm.name = "tokens"},
    %embedding_weight: tensor<256x128xf32> {seednorm.param = "embedding.weight"},
    %rope_cos: tensor<256x16xf32> {seednorm.param = "rope_cos"},
    %rope_sin: tensor<256x16xf32> {seednorm.param = "rope_sin"},
    %blocks_0_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wq.weight"},
    %blocks_0_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wk.weight"},
    %blocks_0_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wv.weight"},
    %blocks_0_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wo.weight"},
    %blocks_0_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.0.gate.weight"},
    %blocks_0_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.0.up.weight"},
    %blocks_0_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.0.down.weight"},
    %blocks_0_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.q_norm.alpha"},
    %blocks_0_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.q_norm.beta"},
    %blocks_0_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.q_norm.gamma"},
    %blocks_0_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.k_norm.alpha"},
    %blocks_0_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.k_norm.beta"},
    %blocks_0_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.k_norm.gamma"},
    %blocks_0_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.attn_norm.alpha"},
    %blocks_0_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.attn_norm.beta"},
    %blocks_0_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.attn_norm.gamma"},
    %blocks_0_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.ffn_norm.alpha"},
    %blocks_0_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.ffn_norm.beta"},
    %blocks_0_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.ffn_norm.gamma"},
    %blocks_1_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wq.weight"},
    %blocks_1_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wk.weight"},
    %blocks_1_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wv.weight"},
    %blocks_1_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wo.weight"},
    %blocks_1_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.1.gate.weight"},
    %blocks_1_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.1.up.weight"},
    %blocks_1_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.1.down.weight"},
    %blocks_1_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.q_norm.alpha"},
    %blocks_1_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.q_norm.beta"},
    %blocks_1_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.q_norm.gamma"},
    %blocks_1_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.k_norm.alpha"},
    %blocks_1_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.k_norm.beta"},
    %blocks_1_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.k_norm.gamma"},
    %blocks_1_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.attn_norm.alpha"},
    %blocks_1_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.attn_norm.beta"},
    %blocks_1_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.attn_norm.gamma"},
    %blocks_1_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.ffn_norm.alpha"},
    %blocks_1_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.ffn_norm.beta"},
    %blocks_1_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.ffn_norm.gamma"},
    %blocks_2_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wq.weight"},
    %blocks_2_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wk.weight"},
    %blocks_2_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wv.weight"},
    %blocks_2_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wo.weight"},
    %blocks_2_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.2.gate.weight"},
    %blocks_2_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.2.up.weight"},
    %blocks_2_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.2.down.weight"},
    %blocks_2_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.q_norm.alpha"},
    %blocks_2_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.q_norm.beta"},
    %blocks_2_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.q_norm.gamma"},
    %blocks_2_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.k_norm.alpha"},
    %blocks_2_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.k_norm.beta"},
    %blocks_2_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.k_norm.gamma"},
    %blocks_2_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.attn_norm.alpha"},
    %blocks_2_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.attn_norm.beta"},
    %blocks_2_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.attn_norm.gamma"},
    %blocks_2_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.ffn_norm.alpha"},
    %blocks_2_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.ffn_norm.beta"},
    %blocks_2_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.ffn_norm.gamma"},
    %blocks_3_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wq.weight"},
    %blocks_3_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wk.weight"},
    %blocks_3_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wv.weight"},
    %blocks_3_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wo.weight"},
    %blocks_3_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.3.gate.weight"},
    %blocks_3_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.3.up.weight"},
    %blocks_3_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.3.down.weight"},
    %blocks_3_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.q_norm.alpha"},
    %blocks_3_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.q_norm.beta"},
    %blocks_3_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.q_norm.gamma"},
    %blocks_3_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.k_norm.alpha"},
    %blocks_3_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.k_norm.beta"},
    %blocks_3_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.k_norm.gamma"},
    %blocks_3_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.attn_norm.alpha"},
    %blocks_3_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.attn_norm.beta"},
    %blocks_3_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.attn_norm.gamma"},
    %blocks_3_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.ffn_norm.alpha"},
    %blocks_3_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.ffn_norm.beta"},
    %blocks_3_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.ffn_norm.gamma"},
    %final_norm_alpha: tensor<128xf32> {seednorm.param = "final_norm.alpha"},
    %final_norm_beta: tensor<128xf32> {seednorm.param = "final_norm.beta"},
    %final_norm_gamma: tensor<128xf32> {seednorm.param = "final_norm.gamma"},
    %head_weight: tensor<256x128xf32> {seednorm.param = "head.weight"}) -> tensor<256xf32> {
  %zero = arith.constant 0 : index
  %count = tensor.dim %tokens, %zero : tensor<?xi8>
  %0 = arith.constant 256 : index
  %1 = arith.cmpi ule, %count, %0 : index
  cf.assert %1, "tokens: at most 256 of them"

  // Embedding, and the rotation of each position.
  %2 = tensor.extract_slice %rope_cos[0, 0] [%count, 16] [1, 1] : tensor<256x16xf32> to tensor<?x16xf32>
  %3 = tensor.extract_slice %rope_sin[0, 0] [%count, 16] [1, 1] : tensor<256x16xf32> to tensor<?x16xf32>
  %4 = tensor.empty(%count) : tensor<?x128xf32>
  %5 = linalg.generic {indexing_maps = [#ij_i, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%tokens : tensor<?xi8>) outs(%4 : tensor<?x128xf32>) {
  ^bb0(%a: i8, %out: f32):
    %byte = arith.extui %a : i8 to i64
    %row = arith.index_cast %byte : i64 to index
    %column = linalg.index 1 : index
    %r = tensor.extract %embedding_weight[%row, %column] : tensor<256x128xf32>
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 0.
  %6 = call @block(
      %5, %2, %3, %blocks_0_wq_weight, %blocks_0_wk_weight, %blocks_0_wv_weight,
      %blocks_0_wo_weight, %blocks_0_gate_weight, %blocks_0_up_weight, %blocks_0_down_weight,
      %blocks_0_q_norm_alpha, %blocks_0_q_norm_beta, %blocks_0_q_norm_gamma,
      %blocks_0_k_norm_alpha, %blocks_0_k_norm_beta, %blocks_0_k_norm_gamma,
      %blocks_0_attn_norm_alpha, %blocks_0_attn_norm_beta, %blocks_0_attn_norm_gamma,
      %blocks_0_ffn_norm_alpha, %blocks_0_ffn_norm_beta, %blocks_0_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>

  // Block 1.
  %7 = call @block(
      %6, %2, %3, %blocks_1_wq_weight, %blocks_1_wk_weight, %blocks_1_wv_weight,
      %blocks_1_wo_weight, %blocks_1_gate_weight, %blocks_1_up_weight, %blocks_1_down_weight,
      %blocks_1_q_norm_alpha, %blocks_1_q_norm_beta, %blocks_1_q_norm_gamma,
      %blocks_1_k_norm_alpha, %blocks_1_k_norm_beta, %blocks_1_k_norm_gamma,
      %blocks_1_attn_norm_alpha, %blocks_1_attn_norm_beta, %blocks_1_attn_norm_gamma,
      %blocks_1_ffn_norm_alpha, %blocks_1_ffn_norm_beta, %blocks_1_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>

  // Block 2.
  %8 = call @block(
      %7, %2, %3, %blocks_2_wq_weight, %blocks_2_wk_weight, %blocks_2_wv_weight,
      %blocks_2_wo_weight, %blocks_2_gate_weight, %blocks_2_up_weight, %blocks_2_down_weight,
      %blocks_2_q_norm_alpha, %blocks_2_q_norm_beta, %blocks_2_q_norm_gamma,
      %blocks_2_k_norm_alpha, %blocks_2_k_norm_beta, %blocks_2_k_norm_gamma,
      %blocks_2_attn_norm_alpha, %blocks_2_attn_norm_beta, %blocks_2_attn_norm_gamma,
      %blocks_2_ffn_norm_alpha, %blocks_2_ffn_norm_beta, %blocks_2_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>

  // Block 3.
  %9 = call @block(
      %8, %2, %3, %blocks_3_wq_weight, %blocks_3_wk_weight, %blocks_3_wv_weight,
      %blocks_3_wo_weight, %blocks_3_gate_weight, %blocks_3_up_weight, %blocks_3_down_weight,
      %blocks_3_q_norm_alpha, %blocks_3_q_norm_beta, %blocks_3_q_norm_gamma,
      %blocks_3_k_norm_alpha, %blocks_3_k_norm_beta, %blocks_3_k_norm_gamma,
      %blocks_3_attn_norm_alpha, %blocks_3_attn_norm_beta, %blocks_3_attn_norm_gamma,
      %blocks_3_ffn_norm_alpha, %blocks_3_ffn_norm_beta, %blocks_3_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>

  // The last position.
  %10 = arith.constant 0 : index
  %11 = arith.cmpi ugt, %count, %10 : index
  cf.assert %11, "tokens: at least one"
  %12 = arith.constant 1 : index
  %13 = arith.subi %count, %12 : index
  %14 = tensor.extract_slice %9[%13, 0] [1, 128] [1, 1] : tensor<?x128xf32> to tensor<1x128xf32>

  // Head.
  %15 = tensor.empty() : tensor<1x128xf32>
  %16 = seednorm.norm ins(%14 : tensor<1x128xf32>)
      alpha(%final_norm_alpha : tensor<128xf32>) beta(%final_norm_beta : tensor<128xf32>) gamma(%final_norm_gamma : tensor<128xf32>)
      outs(%15 : tensor<1x128xf32>) {heads = 1 : i64, eps = 1.0e-06 : f64} -> tensor<1x128xf32>
  %17 = arith.constant 0.0 : f32
  %18 = tensor.empty() : tensor<1x256xf32>
  %19 = linalg.fill ins(%17 : f32) outs(%18 : tensor<1x256xf32>) -> tensor<1x256xf32>
  %20 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%16, %head_weight : tensor<1x128xf32>, tensor<256x128xf32>) outs(%19 : tensor<1x256xf32>) -> tensor<1x256xf32>
  %21 = tensor.collapse_shape %20 [[0, 1]] : tensor<1x256xf32> into tensor<256xf32>
  return %21 : tensor<256xf32>
}

func.func @nll(
    %tokens: tensor<?xi8> {seednorm.name = "tokens"},
    %targets: tensor<?xi8> {seednorm.name = "targets"},
    %embedding_weight: tensor<256x128xf32> {seednorm.param = "embedding.weight"},
    %rope_cos: tensor<256x16xf32> {seednorm.param = "rope_cos"},
    %rope_sin: tensor<256x16xf32> {seednorm.param = "rope_sin"},
    %blocks_0_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wq.weight"},
    %blocks_0_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wk.weight"},
    %blocks_0_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wv.weight"},
    %blocks_0_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.0.wo.weight"},
    %blocks_0_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.0.gate.weight"},
    %blocks_0_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.0.up.weight"},
    %blocks_0_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.0.down.weight"},
    %blocks_0_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.q_norm.alpha"},
    %blocks_0_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.q_norm.beta"},
    %blocks_0_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.q_norm.gamma"},
    %blocks_0_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.k_norm.alpha"},
    %blocks_0_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.k_norm.beta"},
    %blocks_0_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.k_norm.gamma"},
    %blocks_0_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.attn_norm.alpha"},
    %blocks_0_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.attn_norm.beta"},
    %blocks_0_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.attn_norm.gamma"},
    %blocks_0_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.0.ffn_norm.alpha"},
    %blocks_0_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.0.ffn_norm.beta"},
    %blocks_0_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.0.ffn_norm.gamma"},
    %blocks_1_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wq.weight"},
    %blocks_1_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wk.weight"},
    %blocks_1_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wv.weight"},
    %blocks_1_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.1.wo.weight"},
    %blocks_1_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.1.gate.weight"},
    %blocks_1_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.1.up.weight"},
    %blocks_1_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.1.down.weight"},
    %blocks_1_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.q_norm.alpha"},
    %blocks_1_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.q_norm.beta"},
    %blocks_1_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.q_norm.gamma"},
    %blocks_1_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.k_norm.alpha"},
    %blocks_1_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.k_norm.beta"},
    %blocks_1_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.k_norm.gamma"},
    %blocks_1_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.attn_norm.alpha"},
    %blocks_1_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.attn_norm.beta"},
    %blocks_1_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.attn_norm.gamma"},
    %blocks_1_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.1.ffn_norm.alpha"},
    %blocks_1_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.1.ffn_norm.beta"},
    %blocks_1_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.1.ffn_norm.gamma"},
    %blocks_2_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wq.weight"},
    %blocks_2_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wk.weight"},
    %blocks_2_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wv.weight"},
    %blocks_2_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.2.wo.weight"},
    %blocks_2_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.2.gate.weight"},
    %blocks_2_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.2.up.weight"},
    %blocks_2_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.2.down.weight"},
    %blocks_2_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.q_norm.alpha"},
    %blocks_2_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.q_norm.beta"},
    %blocks_2_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.q_norm.gamma"},
    %blocks_2_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.k_norm.alpha"},
    %blocks_2_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.k_norm.beta"},
    %blocks_2_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.k_norm.gamma"},
    %blocks_2_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.attn_norm.alpha"},
    %blocks_2_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.attn_norm.beta"},
    %blocks_2_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.attn_norm.gamma"},
    %blocks_2_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.2.ffn_norm.alpha"},
    %blocks_2_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.2.ffn_norm.beta"},
    %blocks_2_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.2.ffn_norm.gamma"},
    %blocks_3_wq_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wq.weight"},
    %blocks_3_wk_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wk.weight"},
    %blocks_3_wv_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wv.weight"},
    %blocks_3_wo_weight: tensor<128x128xf32> {seednorm.param = "blocks.3.wo.weight"},
    %blocks_3_gate_weight: tensor<384x128xf32> {seednorm.param = "blocks.3.gate.weight"},
    %blocks_3_up_weight: tensor<384x128xf32> {seednorm.param = "blocks.3.up.weight"},
    %blocks_3_down_weight: tensor<128x384xf32> {seednorm.param = "blocks.3.down.weight"},
    %blocks_3_q_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.q_norm.alpha"},
    %blocks_3_q_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.q_norm.beta"},
    %blocks_3_q_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.q_norm.gamma"},
    %blocks_3_k_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.k_norm.alpha"},
    %blocks_3_k_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.k_norm.beta"},
    %blocks_3_k_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.k_norm.gamma"},
    %blocks_3_attn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.attn_norm.alpha"},
    %blocks_3_attn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.attn_norm.beta"},
    %blocks_3_attn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.attn_norm.gamma"},
    %blocks_3_ffn_norm_alpha: tensor<128xf32> {seednorm.param = "blocks.3.ffn_norm.alpha"},
    %blocks_3_ffn_norm_beta: tensor<128xf32> {seednorm.param = "blocks.3.ffn_norm.beta"},
    %blocks_3_ffn_norm_gamma: tensor<128xf32> {seednorm.param = "blocks.3.ffn_norm.gamma"},
    %final_norm_alpha: tensor<128xf32> {seednorm.param = "final_norm.alpha"},
    %final_norm_beta: tensor<128xf32> {seednorm.param = "final_norm.beta"},
    %final_norm_gamma: tensor<128xf32> {seednorm.param = "final_norm.gamma"},
    %head_weight: tensor<256x128xf32> {seednorm.param = "head.weight"}) -> tensor<?xf32> {
  %zero = arith.constant 0 : index
  %count = tensor.dim %tokens, %zero : tensor<?xi8>
  %0 = arith.constant 256 : index
  %1 = arith.cmpi ule, %count, %0 : index
  cf.assert %1, "tokens: at most 256 of them"

  // Embedding, and the rotation of each position.
  %2 = tensor.extract_slice %rope_cos[0, 0] [%count, 16] [1, 1] : tensor<256x16xf32> to tensor<?x16xf32>
  %3 = tensor.extract_slice %rope_sin[0, 0] [%count, 16] [1, 1] : tensor<256x16xf32> to tensor<?x16xf32>
  %4 = tensor.empty(%count) : tensor<?x128xf32>
  %5 = linalg.generic {indexing_maps = [#ij_i, #ij_ij], iterator_types = ["parallel", "parallel"]}
      ins(%tokens : tensor<?xi8>) outs(%4 : tensor<?x128xf32>) {
  ^bb0(%a: i8, %out: f32):
    %byte = arith.extui %a : i8 to i64
    %row = arith.index_cast %byte : i64 to index
    %column = linalg.index 1 : index
    %r = tensor.extract %embedding_weight[%row, %column] : tensor<256x128xf32>
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 0.
  %6 = call @block(
      %5, %2, %3, %blocks_0_wq_weight, %blocks_0_wk_weight, %blocks_0_wv_weight,
      %blocks_0_wo_weight, %blocks_0_gate_weight, %blocks_0_up_weight, %blocks_0_down_weight,
      %blocks_0_q_norm_alpha, %blocks_0_q_norm_beta, %blocks_0_q_norm_gamma,
      %blocks_0_k_norm_alpha, %blocks_0_k_norm_beta, %blocks_0_k_norm_gamma,
      %blocks_0_attn_norm_alpha, %blocks_0_attn_norm_beta, %blocks_0_attn_norm_gamma,
      %blocks_0_ffn_norm_alpha, %blocks_0_ffn_norm_beta, %blocks_0_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>

  // Block 1.
  %7 = call @block(
      %6, %2, %3, %blocks_1_wq_weight, %blocks_1_wk_weight, %blocks_1_wv_weight,
      %blocks_1_wo_weight, %blocks_1_gate_weight, %blocks_1_up_weight, %blocks_1_down_weight,
      %blocks_1_q_norm_alpha, %blocks_1_q_norm_beta, %blocks_1_q_norm_gamma,
      %blocks_1_k_norm_alpha, %blocks_1_k_norm_beta, %blocks_1_k_norm_gamma,
      %blocks_1_attn_norm_alpha, %blocks_1_attn_norm_beta, %blocks_1_attn_norm_gamma,
      %blocks_1_ffn_norm_alpha, %blocks_1_ffn_norm_beta, %blocks_1_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>

  // Block 2.
  %8 = call @block(
      %7, %2, %3, %blocks_2_wq_weight, %blocks_2_wk_weight, %blocks_2_wv_weight,
      %blocks_2_wo_weight, %blocks_2_gate_weight, %blocks_2_up_weight, %blocks_2_down_weight,
      %blocks_2_q_norm_alpha, %blocks_2_q_norm_beta, %blocks_2_q_norm_gamma,
      %blocks_2_k_norm_alpha, %blocks_2_k_norm_beta, %blocks_2_k_norm_gamma,
      %blocks_2_attn_norm_alpha, %blocks_2_attn_norm_beta, %blocks_2_attn_norm_gamma,
      %blocks_2_ffn_norm_alpha, %blocks_2_ffn_norm_beta, %blocks_2_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>

  // Block 3.
  %9 = call @block(
      %8, %2, %3, %blocks_3_wq_weight, %blocks_3_wk_weight, %blocks_3_wv_weight,
      %blocks_3_wo_weight, %blocks_3_gate_weight, %blocks_3_up_weight, %blocks_3_down_weight,
      %blocks_3_q_norm_alpha, %blocks_3_q_norm_beta, %blocks_3_q_norm_gamma,
      %blocks_3_k_norm_alpha, %blocks_3_k_norm_beta, %blocks_3_k_norm_gamma,
      %blocks_3_attn_norm_alpha, %blocks_3_attn_norm_beta, %blocks_3_attn_norm_gamma,
      %blocks_3_ffn_norm_alpha, %blocks_3_ffn_norm_beta, %blocks_3_ffn_norm_gamma)
      : (
      tensor<?x128xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<128x128xf32>,
      tensor<128x128xf32>, tensor<128x128xf32>, tensor<128x128xf32>, tensor<384x128xf32>,
      tensor<384x128xf32>, tensor<128x384xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>,
      tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x128xf32>
  %10 = arith.constant 0 : index
  %11 = tensor.dim %targets, %10 : tensor<?xi8>
  %12 = arith.cmpi eq, %11, %count : index
  cf.assert %12, "targets: one for each token"

  // Head.
  %13 = tensor.empty(%count) : tensor<?x128xf32>
  %14 = seednorm.norm ins(%9 : tensor<?x128xf32>)
      alpha(%final_norm_alpha : tensor<128xf32>) beta(%final_norm_beta : tensor<128xf32>) gamma(%final_norm_gamma : tensor<128xf32>)
      outs(%13 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-06 : f64} -> tensor<?x128xf32>
  %15 = arith.constant 0.0 : f32
  %16 = tensor.empty(%count) : tensor<?x256xf32>
  %17 = linalg.fill ins(%15 : f32) outs(%16 : tensor<?x256xf32>) -> tensor<?x256xf32>
  %18 = linalg.matmul indexing_maps = [#mnk_mk, #mnk_nk, #mnk_mn] ins(%14, %head_weight : tensor<?x128xf32>, tensor<256x128xf32>) outs(%17 : tensor<?x256xf32>) -> tensor<?x256xf32>

  // log(sum(exp(logits))) - logits[target], without overflow.
  %19 = tensor.empty(%count) : tensor<?x1xf32>
  %20 = rowwise.program rows(%18 : tensor<?x256xf32>) outs(%19 : tensor<?x1xf32>) {
  ^bb0(%x: tensor<256xf32>):
    %max = rowwise.reduce max %x : tensor<256xf32> -> tensor<1xf32>
    %maxes = rowwise.broadcast %max : tensor<1xf32> -> tensor<256xf32>
    %below = arith.subf %x, %maxes : tensor<256xf32>
    %exp = math.exp %below : tensor<256xf32>
    %sum = rowwise.reduce add %exp : tensor<256xf32> -> tensor<1xf32>
    %log = math.log %sum : tensor<1xf32>
    %r = arith.addf %log, %max : tensor<1xf32>
    rowwise.yield %r : tensor<1xf32>
  } -> tensor<?x1xf32>
  %21 = tensor.collapse_shape %20 [[0, 1]] : tensor<?x1xf32> into tensor<?xf32>
  %22 = tensor.empty(%count) : tensor<?xf32>
  %23 = linalg.generic {indexing_maps = [#i_i, #i_i, #i_i], iterator_types = ["parallel"]}
      ins(%targets, %21 : tensor<?xi8>, tensor<?xf32>) outs(%22 : tensor<?xf32>) {
  ^bb0(%a: i8, %b: f32, %out: f32):
    %byte = arith.extui %a : i8 to i64
    %column = arith.index_cast %byte : i64 to index
    %row = linalg.index 0 : index
    %logit = tensor.extract %18[%row, %column] : tensor<?x256xf32>
    %r = arith.subf %b, %logit : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  return %23 : tensor<?xf32>
}
