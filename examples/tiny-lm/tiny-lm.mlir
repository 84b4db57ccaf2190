// Written by export.py: Config(vocabulary=256, width=128, layers=4, heads=4, hidden=384, context=256)

func.func @logits(%tokens: tensor<?xi8> {seednorm.name = "tokens"},
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

  // Embedding and the rotation of each position.
  %0 = arith.constant 256 : index
  %1 = arith.cmpi ule, %count, %0 : index
  cf.assert %1, "tokens: at most 256 of them"
  %2 = tensor.extract_slice %rope_cos[0, 0] [%count, 16] [1, 1] : tensor<256x16xf32> to tensor<?x16xf32>
  %3 = tensor.extract_slice %rope_sin[0, 0] [%count, 16] [1, 1] : tensor<256x16xf32> to tensor<?x16xf32>
  %4 = tensor.empty(%count) : tensor<?x128xf32>
  %5 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%tokens : tensor<?xi8>) outs(%4 : tensor<?x128xf32>) {
  ^bb0(%a: i8, %out: f32):
    %byte = arith.extui %a : i8 to i64
    %row = arith.index_cast %byte : i64 to index
    %column = linalg.index 1 : index
    %r = tensor.extract %embedding_weight[%row, %column] : tensor<256x128xf32>
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 0: attention.
  %6 = arith.constant 0.0 : f32
  %7 = tensor.empty(%count) : tensor<?x128xf32>
  %8 = linalg.fill ins(%6 : f32) outs(%7 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %9 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%5, %blocks_0_wq_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%8 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %10 = tensor.empty(%count) : tensor<?x128xf32>
  %11 = seednorm.norm ins(%9 : tensor<?x128xf32>) alpha(%blocks_0_q_norm_alpha : tensor<128xf32>) beta(%blocks_0_q_norm_beta : tensor<128xf32>) gamma(%blocks_0_q_norm_gamma : tensor<128xf32>) outs(%10 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %12 = arith.constant 0.0 : f32
  %13 = tensor.empty(%count) : tensor<?x128xf32>
  %14 = linalg.fill ins(%12 : f32) outs(%13 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %15 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%5, %blocks_0_wk_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%14 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %16 = tensor.empty(%count) : tensor<?x128xf32>
  %17 = seednorm.norm ins(%15 : tensor<?x128xf32>) alpha(%blocks_0_k_norm_alpha : tensor<128xf32>) beta(%blocks_0_k_norm_beta : tensor<128xf32>) gamma(%blocks_0_k_norm_gamma : tensor<128xf32>) outs(%16 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %18 = tensor.expand_shape %11 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %19 = tensor.extract_slice %18[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %20 = tensor.extract_slice %18[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %21 = tensor.empty(%count) : tensor<?x4x16xf32>
  %22 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%19, %20, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%21 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %23 = tensor.empty(%count) : tensor<?x4x16xf32>
  %24 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%19, %20, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%23 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %25 = tensor.empty(%count) : tensor<?x4x32xf32>
  %26 = tensor.insert_slice %22 into %25[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %27 = tensor.insert_slice %24 into %26[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %28 = tensor.empty(%count) : tensor<4x?x32xf32>
  %29 = linalg.transpose ins(%27 : tensor<?x4x32xf32>) outs(%28 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %30 = tensor.expand_shape %17 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %31 = tensor.extract_slice %30[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %32 = tensor.extract_slice %30[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %33 = tensor.empty(%count) : tensor<?x4x16xf32>
  %34 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%31, %32, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%33 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %35 = tensor.empty(%count) : tensor<?x4x16xf32>
  %36 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%31, %32, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%35 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %37 = tensor.empty(%count) : tensor<?x4x32xf32>
  %38 = tensor.insert_slice %34 into %37[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %39 = tensor.insert_slice %36 into %38[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %40 = tensor.empty(%count) : tensor<4x?x32xf32>
  %41 = linalg.transpose ins(%39 : tensor<?x4x32xf32>) outs(%40 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %42 = arith.constant 0.0 : f32
  %43 = tensor.empty(%count) : tensor<?x128xf32>
  %44 = linalg.fill ins(%42 : f32) outs(%43 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %45 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%5, %blocks_0_wv_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%44 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %46 = tensor.expand_shape %45 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %47 = tensor.empty(%count) : tensor<4x?x32xf32>
  %48 = linalg.transpose ins(%46 : tensor<?x4x32xf32>) outs(%47 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %49 = arith.constant 0.0 : f32
  %50 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %51 = linalg.fill ins(%49 : f32) outs(%50 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %52 = linalg.batch_matmul indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>] ins(%29, %41 : tensor<4x?x32xf32>, tensor<4x?x32xf32>) outs(%51 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %53 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %54 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%52 : tensor<4x?x?xf32>) outs(%53 : tensor<4x?x?xf32>) {
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
  %55 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %56 = seednorm.softmax ins(%54 : tensor<4x?x?xf32>) outs(%55 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %57 = arith.constant 0.0 : f32
  %58 = tensor.empty(%count) : tensor<4x?x32xf32>
  %59 = linalg.fill ins(%57 : f32) outs(%58 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %60 = linalg.batch_matmul ins(%56, %48 : tensor<4x?x?xf32>, tensor<4x?x32xf32>) outs(%59 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %61 = tensor.empty(%count) : tensor<?x4x32xf32>
  %62 = linalg.transpose ins(%60 : tensor<4x?x32xf32>) outs(%61 : tensor<?x4x32xf32>) permutation = [1, 0, 2]
  %63 = tensor.collapse_shape %62 [[0], [1, 2]] : tensor<?x4x32xf32> into tensor<?x128xf32>
  %64 = arith.constant 0.0 : f32
  %65 = tensor.empty(%count) : tensor<?x128xf32>
  %66 = linalg.fill ins(%64 : f32) outs(%65 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %67 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%63, %blocks_0_wo_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%66 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %68 = tensor.empty(%count) : tensor<?x128xf32>
  %69 = seednorm.norm ins(%67 : tensor<?x128xf32>) alpha(%blocks_0_attn_norm_alpha : tensor<128xf32>) beta(%blocks_0_attn_norm_beta : tensor<128xf32>) gamma(%blocks_0_attn_norm_gamma : tensor<128xf32>) outs(%68 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %70 = tensor.empty(%count) : tensor<?x128xf32>
  %71 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%5, %69 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%70 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 0: feed-forward.
  %72 = arith.constant 0.0 : f32
  %73 = tensor.empty(%count) : tensor<?x384xf32>
  %74 = linalg.fill ins(%72 : f32) outs(%73 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %75 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%71, %blocks_0_gate_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%74 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %76 = arith.constant 0.0 : f32
  %77 = tensor.empty(%count) : tensor<?x384xf32>
  %78 = linalg.fill ins(%76 : f32) outs(%77 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %79 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%71, %blocks_0_up_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%78 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %80 = tensor.empty(%count) : tensor<?x384xf32>
  %81 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%75, %79 : tensor<?x384xf32>, tensor<?x384xf32>) outs(%80 : tensor<?x384xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %q = arith.addf %e, %one : f32
    %s = arith.divf %a, %q : f32
    %r = arith.mulf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x384xf32>
  %82 = arith.constant 0.0 : f32
  %83 = tensor.empty(%count) : tensor<?x128xf32>
  %84 = linalg.fill ins(%82 : f32) outs(%83 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %85 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%81, %blocks_0_down_weight : tensor<?x384xf32>, tensor<128x384xf32>) outs(%84 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %86 = tensor.empty(%count) : tensor<?x128xf32>
  %87 = seednorm.norm ins(%85 : tensor<?x128xf32>) alpha(%blocks_0_ffn_norm_alpha : tensor<128xf32>) beta(%blocks_0_ffn_norm_beta : tensor<128xf32>) gamma(%blocks_0_ffn_norm_gamma : tensor<128xf32>) outs(%86 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %88 = tensor.empty(%count) : tensor<?x128xf32>
  %89 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%71, %87 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%88 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 1: attention.
  %90 = arith.constant 0.0 : f32
  %91 = tensor.empty(%count) : tensor<?x128xf32>
  %92 = linalg.fill ins(%90 : f32) outs(%91 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %93 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%89, %blocks_1_wq_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%92 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %94 = tensor.empty(%count) : tensor<?x128xf32>
  %95 = seednorm.norm ins(%93 : tensor<?x128xf32>) alpha(%blocks_1_q_norm_alpha : tensor<128xf32>) beta(%blocks_1_q_norm_beta : tensor<128xf32>) gamma(%blocks_1_q_norm_gamma : tensor<128xf32>) outs(%94 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %96 = arith.constant 0.0 : f32
  %97 = tensor.empty(%count) : tensor<?x128xf32>
  %98 = linalg.fill ins(%96 : f32) outs(%97 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %99 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%89, %blocks_1_wk_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%98 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %100 = tensor.empty(%count) : tensor<?x128xf32>
  %101 = seednorm.norm ins(%99 : tensor<?x128xf32>) alpha(%blocks_1_k_norm_alpha : tensor<128xf32>) beta(%blocks_1_k_norm_beta : tensor<128xf32>) gamma(%blocks_1_k_norm_gamma : tensor<128xf32>) outs(%100 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %102 = tensor.expand_shape %95 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %103 = tensor.extract_slice %102[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %104 = tensor.extract_slice %102[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %105 = tensor.empty(%count) : tensor<?x4x16xf32>
  %106 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%103, %104, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%105 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %107 = tensor.empty(%count) : tensor<?x4x16xf32>
  %108 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%103, %104, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%107 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %109 = tensor.empty(%count) : tensor<?x4x32xf32>
  %110 = tensor.insert_slice %106 into %109[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %111 = tensor.insert_slice %108 into %110[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %112 = tensor.empty(%count) : tensor<4x?x32xf32>
  %113 = linalg.transpose ins(%111 : tensor<?x4x32xf32>) outs(%112 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %114 = tensor.expand_shape %101 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %115 = tensor.extract_slice %114[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %116 = tensor.extract_slice %114[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %117 = tensor.empty(%count) : tensor<?x4x16xf32>
  %118 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%115, %116, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%117 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %119 = tensor.empty(%count) : tensor<?x4x16xf32>
  %120 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%115, %116, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%119 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %121 = tensor.empty(%count) : tensor<?x4x32xf32>
  %122 = tensor.insert_slice %118 into %121[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %123 = tensor.insert_slice %120 into %122[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %124 = tensor.empty(%count) : tensor<4x?x32xf32>
  %125 = linalg.transpose ins(%123 : tensor<?x4x32xf32>) outs(%124 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %126 = arith.constant 0.0 : f32
  %127 = tensor.empty(%count) : tensor<?x128xf32>
  %128 = linalg.fill ins(%126 : f32) outs(%127 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %129 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%89, %blocks_1_wv_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%128 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %130 = tensor.expand_shape %129 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %131 = tensor.empty(%count) : tensor<4x?x32xf32>
  %132 = linalg.transpose ins(%130 : tensor<?x4x32xf32>) outs(%131 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %133 = arith.constant 0.0 : f32
  %134 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %135 = linalg.fill ins(%133 : f32) outs(%134 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %136 = linalg.batch_matmul indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>] ins(%113, %125 : tensor<4x?x32xf32>, tensor<4x?x32xf32>) outs(%135 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %137 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %138 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%136 : tensor<4x?x?xf32>) outs(%137 : tensor<4x?x?xf32>) {
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
  %139 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %140 = seednorm.softmax ins(%138 : tensor<4x?x?xf32>) outs(%139 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %141 = arith.constant 0.0 : f32
  %142 = tensor.empty(%count) : tensor<4x?x32xf32>
  %143 = linalg.fill ins(%141 : f32) outs(%142 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %144 = linalg.batch_matmul ins(%140, %132 : tensor<4x?x?xf32>, tensor<4x?x32xf32>) outs(%143 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %145 = tensor.empty(%count) : tensor<?x4x32xf32>
  %146 = linalg.transpose ins(%144 : tensor<4x?x32xf32>) outs(%145 : tensor<?x4x32xf32>) permutation = [1, 0, 2]
  %147 = tensor.collapse_shape %146 [[0], [1, 2]] : tensor<?x4x32xf32> into tensor<?x128xf32>
  %148 = arith.constant 0.0 : f32
  %149 = tensor.empty(%count) : tensor<?x128xf32>
  %150 = linalg.fill ins(%148 : f32) outs(%149 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %151 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%147, %blocks_1_wo_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%150 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %152 = tensor.empty(%count) : tensor<?x128xf32>
  %153 = seednorm.norm ins(%151 : tensor<?x128xf32>) alpha(%blocks_1_attn_norm_alpha : tensor<128xf32>) beta(%blocks_1_attn_norm_beta : tensor<128xf32>) gamma(%blocks_1_attn_norm_gamma : tensor<128xf32>) outs(%152 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %154 = tensor.empty(%count) : tensor<?x128xf32>
  %155 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%89, %153 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%154 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 1: feed-forward.
  %156 = arith.constant 0.0 : f32
  %157 = tensor.empty(%count) : tensor<?x384xf32>
  %158 = linalg.fill ins(%156 : f32) outs(%157 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %159 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%155, %blocks_1_gate_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%158 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %160 = arith.constant 0.0 : f32
  %161 = tensor.empty(%count) : tensor<?x384xf32>
  %162 = linalg.fill ins(%160 : f32) outs(%161 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %163 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%155, %blocks_1_up_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%162 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %164 = tensor.empty(%count) : tensor<?x384xf32>
  %165 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%159, %163 : tensor<?x384xf32>, tensor<?x384xf32>) outs(%164 : tensor<?x384xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %q = arith.addf %e, %one : f32
    %s = arith.divf %a, %q : f32
    %r = arith.mulf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x384xf32>
  %166 = arith.constant 0.0 : f32
  %167 = tensor.empty(%count) : tensor<?x128xf32>
  %168 = linalg.fill ins(%166 : f32) outs(%167 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %169 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%165, %blocks_1_down_weight : tensor<?x384xf32>, tensor<128x384xf32>) outs(%168 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %170 = tensor.empty(%count) : tensor<?x128xf32>
  %171 = seednorm.norm ins(%169 : tensor<?x128xf32>) alpha(%blocks_1_ffn_norm_alpha : tensor<128xf32>) beta(%blocks_1_ffn_norm_beta : tensor<128xf32>) gamma(%blocks_1_ffn_norm_gamma : tensor<128xf32>) outs(%170 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %172 = tensor.empty(%count) : tensor<?x128xf32>
  %173 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%155, %171 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%172 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 2: attention.
  %174 = arith.constant 0.0 : f32
  %175 = tensor.empty(%count) : tensor<?x128xf32>
  %176 = linalg.fill ins(%174 : f32) outs(%175 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %177 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%173, %blocks_2_wq_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%176 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %178 = tensor.empty(%count) : tensor<?x128xf32>
  %179 = seednorm.norm ins(%177 : tensor<?x128xf32>) alpha(%blocks_2_q_norm_alpha : tensor<128xf32>) beta(%blocks_2_q_norm_beta : tensor<128xf32>) gamma(%blocks_2_q_norm_gamma : tensor<128xf32>) outs(%178 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %180 = arith.constant 0.0 : f32
  %181 = tensor.empty(%count) : tensor<?x128xf32>
  %182 = linalg.fill ins(%180 : f32) outs(%181 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %183 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%173, %blocks_2_wk_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%182 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %184 = tensor.empty(%count) : tensor<?x128xf32>
  %185 = seednorm.norm ins(%183 : tensor<?x128xf32>) alpha(%blocks_2_k_norm_alpha : tensor<128xf32>) beta(%blocks_2_k_norm_beta : tensor<128xf32>) gamma(%blocks_2_k_norm_gamma : tensor<128xf32>) outs(%184 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %186 = tensor.expand_shape %179 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %187 = tensor.extract_slice %186[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %188 = tensor.extract_slice %186[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %189 = tensor.empty(%count) : tensor<?x4x16xf32>
  %190 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%187, %188, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%189 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %191 = tensor.empty(%count) : tensor<?x4x16xf32>
  %192 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%187, %188, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%191 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %193 = tensor.empty(%count) : tensor<?x4x32xf32>
  %194 = tensor.insert_slice %190 into %193[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %195 = tensor.insert_slice %192 into %194[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %196 = tensor.empty(%count) : tensor<4x?x32xf32>
  %197 = linalg.transpose ins(%195 : tensor<?x4x32xf32>) outs(%196 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %198 = tensor.expand_shape %185 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %199 = tensor.extract_slice %198[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %200 = tensor.extract_slice %198[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %201 = tensor.empty(%count) : tensor<?x4x16xf32>
  %202 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%199, %200, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%201 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %203 = tensor.empty(%count) : tensor<?x4x16xf32>
  %204 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%199, %200, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%203 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %205 = tensor.empty(%count) : tensor<?x4x32xf32>
  %206 = tensor.insert_slice %202 into %205[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %207 = tensor.insert_slice %204 into %206[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %208 = tensor.empty(%count) : tensor<4x?x32xf32>
  %209 = linalg.transpose ins(%207 : tensor<?x4x32xf32>) outs(%208 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %210 = arith.constant 0.0 : f32
  %211 = tensor.empty(%count) : tensor<?x128xf32>
  %212 = linalg.fill ins(%210 : f32) outs(%211 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %213 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%173, %blocks_2_wv_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%212 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %214 = tensor.expand_shape %213 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %215 = tensor.empty(%count) : tensor<4x?x32xf32>
  %216 = linalg.transpose ins(%214 : tensor<?x4x32xf32>) outs(%215 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %217 = arith.constant 0.0 : f32
  %218 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %219 = linalg.fill ins(%217 : f32) outs(%218 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %220 = linalg.batch_matmul indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>] ins(%197, %209 : tensor<4x?x32xf32>, tensor<4x?x32xf32>) outs(%219 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %221 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %222 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%220 : tensor<4x?x?xf32>) outs(%221 : tensor<4x?x?xf32>) {
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
  %223 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %224 = seednorm.softmax ins(%222 : tensor<4x?x?xf32>) outs(%223 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %225 = arith.constant 0.0 : f32
  %226 = tensor.empty(%count) : tensor<4x?x32xf32>
  %227 = linalg.fill ins(%225 : f32) outs(%226 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %228 = linalg.batch_matmul ins(%224, %216 : tensor<4x?x?xf32>, tensor<4x?x32xf32>) outs(%227 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %229 = tensor.empty(%count) : tensor<?x4x32xf32>
  %230 = linalg.transpose ins(%228 : tensor<4x?x32xf32>) outs(%229 : tensor<?x4x32xf32>) permutation = [1, 0, 2]
  %231 = tensor.collapse_shape %230 [[0], [1, 2]] : tensor<?x4x32xf32> into tensor<?x128xf32>
  %232 = arith.constant 0.0 : f32
  %233 = tensor.empty(%count) : tensor<?x128xf32>
  %234 = linalg.fill ins(%232 : f32) outs(%233 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %235 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%231, %blocks_2_wo_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%234 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %236 = tensor.empty(%count) : tensor<?x128xf32>
  %237 = seednorm.norm ins(%235 : tensor<?x128xf32>) alpha(%blocks_2_attn_norm_alpha : tensor<128xf32>) beta(%blocks_2_attn_norm_beta : tensor<128xf32>) gamma(%blocks_2_attn_norm_gamma : tensor<128xf32>) outs(%236 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %238 = tensor.empty(%count) : tensor<?x128xf32>
  %239 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%173, %237 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%238 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 2: feed-forward.
  %240 = arith.constant 0.0 : f32
  %241 = tensor.empty(%count) : tensor<?x384xf32>
  %242 = linalg.fill ins(%240 : f32) outs(%241 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %243 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%239, %blocks_2_gate_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%242 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %244 = arith.constant 0.0 : f32
  %245 = tensor.empty(%count) : tensor<?x384xf32>
  %246 = linalg.fill ins(%244 : f32) outs(%245 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %247 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%239, %blocks_2_up_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%246 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %248 = tensor.empty(%count) : tensor<?x384xf32>
  %249 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%243, %247 : tensor<?x384xf32>, tensor<?x384xf32>) outs(%248 : tensor<?x384xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %q = arith.addf %e, %one : f32
    %s = arith.divf %a, %q : f32
    %r = arith.mulf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x384xf32>
  %250 = arith.constant 0.0 : f32
  %251 = tensor.empty(%count) : tensor<?x128xf32>
  %252 = linalg.fill ins(%250 : f32) outs(%251 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %253 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%249, %blocks_2_down_weight : tensor<?x384xf32>, tensor<128x384xf32>) outs(%252 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %254 = tensor.empty(%count) : tensor<?x128xf32>
  %255 = seednorm.norm ins(%253 : tensor<?x128xf32>) alpha(%blocks_2_ffn_norm_alpha : tensor<128xf32>) beta(%blocks_2_ffn_norm_beta : tensor<128xf32>) gamma(%blocks_2_ffn_norm_gamma : tensor<128xf32>) outs(%254 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %256 = tensor.empty(%count) : tensor<?x128xf32>
  %257 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%239, %255 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%256 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 3: attention.
  %258 = arith.constant 0.0 : f32
  %259 = tensor.empty(%count) : tensor<?x128xf32>
  %260 = linalg.fill ins(%258 : f32) outs(%259 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %261 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%257, %blocks_3_wq_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%260 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %262 = tensor.empty(%count) : tensor<?x128xf32>
  %263 = seednorm.norm ins(%261 : tensor<?x128xf32>) alpha(%blocks_3_q_norm_alpha : tensor<128xf32>) beta(%blocks_3_q_norm_beta : tensor<128xf32>) gamma(%blocks_3_q_norm_gamma : tensor<128xf32>) outs(%262 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %264 = arith.constant 0.0 : f32
  %265 = tensor.empty(%count) : tensor<?x128xf32>
  %266 = linalg.fill ins(%264 : f32) outs(%265 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %267 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%257, %blocks_3_wk_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%266 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %268 = tensor.empty(%count) : tensor<?x128xf32>
  %269 = seednorm.norm ins(%267 : tensor<?x128xf32>) alpha(%blocks_3_k_norm_alpha : tensor<128xf32>) beta(%blocks_3_k_norm_beta : tensor<128xf32>) gamma(%blocks_3_k_norm_gamma : tensor<128xf32>) outs(%268 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %270 = tensor.expand_shape %263 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %271 = tensor.extract_slice %270[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %272 = tensor.extract_slice %270[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %273 = tensor.empty(%count) : tensor<?x4x16xf32>
  %274 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%271, %272, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%273 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %275 = tensor.empty(%count) : tensor<?x4x16xf32>
  %276 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%271, %272, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%275 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %277 = tensor.empty(%count) : tensor<?x4x32xf32>
  %278 = tensor.insert_slice %274 into %277[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %279 = tensor.insert_slice %276 into %278[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %280 = tensor.empty(%count) : tensor<4x?x32xf32>
  %281 = linalg.transpose ins(%279 : tensor<?x4x32xf32>) outs(%280 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %282 = tensor.expand_shape %269 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %283 = tensor.extract_slice %282[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %284 = tensor.extract_slice %282[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %285 = tensor.empty(%count) : tensor<?x4x16xf32>
  %286 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%283, %284, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%285 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %287 = tensor.empty(%count) : tensor<?x4x16xf32>
  %288 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%283, %284, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%287 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %289 = tensor.empty(%count) : tensor<?x4x32xf32>
  %290 = tensor.insert_slice %286 into %289[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %291 = tensor.insert_slice %288 into %290[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %292 = tensor.empty(%count) : tensor<4x?x32xf32>
  %293 = linalg.transpose ins(%291 : tensor<?x4x32xf32>) outs(%292 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %294 = arith.constant 0.0 : f32
  %295 = tensor.empty(%count) : tensor<?x128xf32>
  %296 = linalg.fill ins(%294 : f32) outs(%295 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %297 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%257, %blocks_3_wv_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%296 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %298 = tensor.expand_shape %297 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %299 = tensor.empty(%count) : tensor<4x?x32xf32>
  %300 = linalg.transpose ins(%298 : tensor<?x4x32xf32>) outs(%299 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %301 = arith.constant 0.0 : f32
  %302 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %303 = linalg.fill ins(%301 : f32) outs(%302 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %304 = linalg.batch_matmul indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>] ins(%281, %293 : tensor<4x?x32xf32>, tensor<4x?x32xf32>) outs(%303 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %305 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %306 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%304 : tensor<4x?x?xf32>) outs(%305 : tensor<4x?x?xf32>) {
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
  %307 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %308 = seednorm.softmax ins(%306 : tensor<4x?x?xf32>) outs(%307 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %309 = arith.constant 0.0 : f32
  %310 = tensor.empty(%count) : tensor<4x?x32xf32>
  %311 = linalg.fill ins(%309 : f32) outs(%310 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %312 = linalg.batch_matmul ins(%308, %300 : tensor<4x?x?xf32>, tensor<4x?x32xf32>) outs(%311 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %313 = tensor.empty(%count) : tensor<?x4x32xf32>
  %314 = linalg.transpose ins(%312 : tensor<4x?x32xf32>) outs(%313 : tensor<?x4x32xf32>) permutation = [1, 0, 2]
  %315 = tensor.collapse_shape %314 [[0], [1, 2]] : tensor<?x4x32xf32> into tensor<?x128xf32>
  %316 = arith.constant 0.0 : f32
  %317 = tensor.empty(%count) : tensor<?x128xf32>
  %318 = linalg.fill ins(%316 : f32) outs(%317 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %319 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%315, %blocks_3_wo_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%318 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %320 = tensor.empty(%count) : tensor<?x128xf32>
  %321 = seednorm.norm ins(%319 : tensor<?x128xf32>) alpha(%blocks_3_attn_norm_alpha : tensor<128xf32>) beta(%blocks_3_attn_norm_beta : tensor<128xf32>) gamma(%blocks_3_attn_norm_gamma : tensor<128xf32>) outs(%320 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %322 = tensor.empty(%count) : tensor<?x128xf32>
  %323 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%257, %321 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%322 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 3: feed-forward.
  %324 = arith.constant 0.0 : f32
  %325 = tensor.empty(%count) : tensor<?x384xf32>
  %326 = linalg.fill ins(%324 : f32) outs(%325 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %327 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%323, %blocks_3_gate_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%326 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %328 = arith.constant 0.0 : f32
  %329 = tensor.empty(%count) : tensor<?x384xf32>
  %330 = linalg.fill ins(%328 : f32) outs(%329 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %331 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%323, %blocks_3_up_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%330 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %332 = tensor.empty(%count) : tensor<?x384xf32>
  %333 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%327, %331 : tensor<?x384xf32>, tensor<?x384xf32>) outs(%332 : tensor<?x384xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %q = arith.addf %e, %one : f32
    %s = arith.divf %a, %q : f32
    %r = arith.mulf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x384xf32>
  %334 = arith.constant 0.0 : f32
  %335 = tensor.empty(%count) : tensor<?x128xf32>
  %336 = linalg.fill ins(%334 : f32) outs(%335 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %337 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%333, %blocks_3_down_weight : tensor<?x384xf32>, tensor<128x384xf32>) outs(%336 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %338 = tensor.empty(%count) : tensor<?x128xf32>
  %339 = seednorm.norm ins(%337 : tensor<?x128xf32>) alpha(%blocks_3_ffn_norm_alpha : tensor<128xf32>) beta(%blocks_3_ffn_norm_beta : tensor<128xf32>) gamma(%blocks_3_ffn_norm_gamma : tensor<128xf32>) outs(%338 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %340 = tensor.empty(%count) : tensor<?x128xf32>
  %341 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%323, %339 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%340 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Head.
  %342 = tensor.empty(%count) : tensor<?x128xf32>
  %343 = seednorm.norm ins(%341 : tensor<?x128xf32>) alpha(%final_norm_alpha : tensor<128xf32>) beta(%final_norm_beta : tensor<128xf32>) gamma(%final_norm_gamma : tensor<128xf32>) outs(%342 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %344 = arith.constant 0.0 : f32
  %345 = tensor.empty(%count) : tensor<?x256xf32>
  %346 = linalg.fill ins(%344 : f32) outs(%345 : tensor<?x256xf32>) -> tensor<?x256xf32>
  %347 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%343, %head_weight : tensor<?x128xf32>, tensor<256x128xf32>) outs(%346 : tensor<?x256xf32>) -> tensor<?x256xf32>
  return %347 : tensor<?x256xf32>
}

func.func @nll(%tokens: tensor<?xi8> {seednorm.name = "tokens"},
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

  // Embedding and the rotation of each position.
  %0 = arith.constant 256 : index
  %1 = arith.cmpi ule, %count, %0 : index
  cf.assert %1, "tokens: at most 256 of them"
  %2 = tensor.extract_slice %rope_cos[0, 0] [%count, 16] [1, 1] : tensor<256x16xf32> to tensor<?x16xf32>
  %3 = tensor.extract_slice %rope_sin[0, 0] [%count, 16] [1, 1] : tensor<256x16xf32> to tensor<?x16xf32>
  %4 = tensor.empty(%count) : tensor<?x128xf32>
  %5 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%tokens : tensor<?xi8>) outs(%4 : tensor<?x128xf32>) {
  ^bb0(%a: i8, %out: f32):
    %byte = arith.extui %a : i8 to i64
    %row = arith.index_cast %byte : i64 to index
    %column = linalg.index 1 : index
    %r = tensor.extract %embedding_weight[%row, %column] : tensor<256x128xf32>
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 0: attention.
  %6 = arith.constant 0.0 : f32
  %7 = tensor.empty(%count) : tensor<?x128xf32>
  %8 = linalg.fill ins(%6 : f32) outs(%7 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %9 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%5, %blocks_0_wq_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%8 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %10 = tensor.empty(%count) : tensor<?x128xf32>
  %11 = seednorm.norm ins(%9 : tensor<?x128xf32>) alpha(%blocks_0_q_norm_alpha : tensor<128xf32>) beta(%blocks_0_q_norm_beta : tensor<128xf32>) gamma(%blocks_0_q_norm_gamma : tensor<128xf32>) outs(%10 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %12 = arith.constant 0.0 : f32
  %13 = tensor.empty(%count) : tensor<?x128xf32>
  %14 = linalg.fill ins(%12 : f32) outs(%13 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %15 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%5, %blocks_0_wk_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%14 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %16 = tensor.empty(%count) : tensor<?x128xf32>
  %17 = seednorm.norm ins(%15 : tensor<?x128xf32>) alpha(%blocks_0_k_norm_alpha : tensor<128xf32>) beta(%blocks_0_k_norm_beta : tensor<128xf32>) gamma(%blocks_0_k_norm_gamma : tensor<128xf32>) outs(%16 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %18 = tensor.expand_shape %11 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %19 = tensor.extract_slice %18[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %20 = tensor.extract_slice %18[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %21 = tensor.empty(%count) : tensor<?x4x16xf32>
  %22 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%19, %20, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%21 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %23 = tensor.empty(%count) : tensor<?x4x16xf32>
  %24 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%19, %20, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%23 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %25 = tensor.empty(%count) : tensor<?x4x32xf32>
  %26 = tensor.insert_slice %22 into %25[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %27 = tensor.insert_slice %24 into %26[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %28 = tensor.empty(%count) : tensor<4x?x32xf32>
  %29 = linalg.transpose ins(%27 : tensor<?x4x32xf32>) outs(%28 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %30 = tensor.expand_shape %17 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %31 = tensor.extract_slice %30[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %32 = tensor.extract_slice %30[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %33 = tensor.empty(%count) : tensor<?x4x16xf32>
  %34 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%31, %32, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%33 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %35 = tensor.empty(%count) : tensor<?x4x16xf32>
  %36 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%31, %32, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%35 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %37 = tensor.empty(%count) : tensor<?x4x32xf32>
  %38 = tensor.insert_slice %34 into %37[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %39 = tensor.insert_slice %36 into %38[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %40 = tensor.empty(%count) : tensor<4x?x32xf32>
  %41 = linalg.transpose ins(%39 : tensor<?x4x32xf32>) outs(%40 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %42 = arith.constant 0.0 : f32
  %43 = tensor.empty(%count) : tensor<?x128xf32>
  %44 = linalg.fill ins(%42 : f32) outs(%43 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %45 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%5, %blocks_0_wv_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%44 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %46 = tensor.expand_shape %45 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %47 = tensor.empty(%count) : tensor<4x?x32xf32>
  %48 = linalg.transpose ins(%46 : tensor<?x4x32xf32>) outs(%47 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %49 = arith.constant 0.0 : f32
  %50 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %51 = linalg.fill ins(%49 : f32) outs(%50 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %52 = linalg.batch_matmul indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>] ins(%29, %41 : tensor<4x?x32xf32>, tensor<4x?x32xf32>) outs(%51 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %53 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %54 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%52 : tensor<4x?x?xf32>) outs(%53 : tensor<4x?x?xf32>) {
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
  %55 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %56 = seednorm.softmax ins(%54 : tensor<4x?x?xf32>) outs(%55 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %57 = arith.constant 0.0 : f32
  %58 = tensor.empty(%count) : tensor<4x?x32xf32>
  %59 = linalg.fill ins(%57 : f32) outs(%58 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %60 = linalg.batch_matmul ins(%56, %48 : tensor<4x?x?xf32>, tensor<4x?x32xf32>) outs(%59 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %61 = tensor.empty(%count) : tensor<?x4x32xf32>
  %62 = linalg.transpose ins(%60 : tensor<4x?x32xf32>) outs(%61 : tensor<?x4x32xf32>) permutation = [1, 0, 2]
  %63 = tensor.collapse_shape %62 [[0], [1, 2]] : tensor<?x4x32xf32> into tensor<?x128xf32>
  %64 = arith.constant 0.0 : f32
  %65 = tensor.empty(%count) : tensor<?x128xf32>
  %66 = linalg.fill ins(%64 : f32) outs(%65 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %67 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%63, %blocks_0_wo_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%66 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %68 = tensor.empty(%count) : tensor<?x128xf32>
  %69 = seednorm.norm ins(%67 : tensor<?x128xf32>) alpha(%blocks_0_attn_norm_alpha : tensor<128xf32>) beta(%blocks_0_attn_norm_beta : tensor<128xf32>) gamma(%blocks_0_attn_norm_gamma : tensor<128xf32>) outs(%68 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %70 = tensor.empty(%count) : tensor<?x128xf32>
  %71 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%5, %69 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%70 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 0: feed-forward.
  %72 = arith.constant 0.0 : f32
  %73 = tensor.empty(%count) : tensor<?x384xf32>
  %74 = linalg.fill ins(%72 : f32) outs(%73 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %75 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%71, %blocks_0_gate_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%74 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %76 = arith.constant 0.0 : f32
  %77 = tensor.empty(%count) : tensor<?x384xf32>
  %78 = linalg.fill ins(%76 : f32) outs(%77 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %79 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%71, %blocks_0_up_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%78 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %80 = tensor.empty(%count) : tensor<?x384xf32>
  %81 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%75, %79 : tensor<?x384xf32>, tensor<?x384xf32>) outs(%80 : tensor<?x384xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %q = arith.addf %e, %one : f32
    %s = arith.divf %a, %q : f32
    %r = arith.mulf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x384xf32>
  %82 = arith.constant 0.0 : f32
  %83 = tensor.empty(%count) : tensor<?x128xf32>
  %84 = linalg.fill ins(%82 : f32) outs(%83 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %85 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%81, %blocks_0_down_weight : tensor<?x384xf32>, tensor<128x384xf32>) outs(%84 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %86 = tensor.empty(%count) : tensor<?x128xf32>
  %87 = seednorm.norm ins(%85 : tensor<?x128xf32>) alpha(%blocks_0_ffn_norm_alpha : tensor<128xf32>) beta(%blocks_0_ffn_norm_beta : tensor<128xf32>) gamma(%blocks_0_ffn_norm_gamma : tensor<128xf32>) outs(%86 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %88 = tensor.empty(%count) : tensor<?x128xf32>
  %89 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%71, %87 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%88 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 1: attention.
  %90 = arith.constant 0.0 : f32
  %91 = tensor.empty(%count) : tensor<?x128xf32>
  %92 = linalg.fill ins(%90 : f32) outs(%91 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %93 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%89, %blocks_1_wq_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%92 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %94 = tensor.empty(%count) : tensor<?x128xf32>
  %95 = seednorm.norm ins(%93 : tensor<?x128xf32>) alpha(%blocks_1_q_norm_alpha : tensor<128xf32>) beta(%blocks_1_q_norm_beta : tensor<128xf32>) gamma(%blocks_1_q_norm_gamma : tensor<128xf32>) outs(%94 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %96 = arith.constant 0.0 : f32
  %97 = tensor.empty(%count) : tensor<?x128xf32>
  %98 = linalg.fill ins(%96 : f32) outs(%97 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %99 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%89, %blocks_1_wk_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%98 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %100 = tensor.empty(%count) : tensor<?x128xf32>
  %101 = seednorm.norm ins(%99 : tensor<?x128xf32>) alpha(%blocks_1_k_norm_alpha : tensor<128xf32>) beta(%blocks_1_k_norm_beta : tensor<128xf32>) gamma(%blocks_1_k_norm_gamma : tensor<128xf32>) outs(%100 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %102 = tensor.expand_shape %95 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %103 = tensor.extract_slice %102[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %104 = tensor.extract_slice %102[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %105 = tensor.empty(%count) : tensor<?x4x16xf32>
  %106 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%103, %104, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%105 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %107 = tensor.empty(%count) : tensor<?x4x16xf32>
  %108 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%103, %104, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%107 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %109 = tensor.empty(%count) : tensor<?x4x32xf32>
  %110 = tensor.insert_slice %106 into %109[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %111 = tensor.insert_slice %108 into %110[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %112 = tensor.empty(%count) : tensor<4x?x32xf32>
  %113 = linalg.transpose ins(%111 : tensor<?x4x32xf32>) outs(%112 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %114 = tensor.expand_shape %101 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %115 = tensor.extract_slice %114[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %116 = tensor.extract_slice %114[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %117 = tensor.empty(%count) : tensor<?x4x16xf32>
  %118 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%115, %116, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%117 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %119 = tensor.empty(%count) : tensor<?x4x16xf32>
  %120 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%115, %116, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%119 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %121 = tensor.empty(%count) : tensor<?x4x32xf32>
  %122 = tensor.insert_slice %118 into %121[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %123 = tensor.insert_slice %120 into %122[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %124 = tensor.empty(%count) : tensor<4x?x32xf32>
  %125 = linalg.transpose ins(%123 : tensor<?x4x32xf32>) outs(%124 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %126 = arith.constant 0.0 : f32
  %127 = tensor.empty(%count) : tensor<?x128xf32>
  %128 = linalg.fill ins(%126 : f32) outs(%127 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %129 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%89, %blocks_1_wv_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%128 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %130 = tensor.expand_shape %129 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %131 = tensor.empty(%count) : tensor<4x?x32xf32>
  %132 = linalg.transpose ins(%130 : tensor<?x4x32xf32>) outs(%131 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %133 = arith.constant 0.0 : f32
  %134 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %135 = linalg.fill ins(%133 : f32) outs(%134 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %136 = linalg.batch_matmul indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>] ins(%113, %125 : tensor<4x?x32xf32>, tensor<4x?x32xf32>) outs(%135 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %137 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %138 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%136 : tensor<4x?x?xf32>) outs(%137 : tensor<4x?x?xf32>) {
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
  %139 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %140 = seednorm.softmax ins(%138 : tensor<4x?x?xf32>) outs(%139 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %141 = arith.constant 0.0 : f32
  %142 = tensor.empty(%count) : tensor<4x?x32xf32>
  %143 = linalg.fill ins(%141 : f32) outs(%142 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %144 = linalg.batch_matmul ins(%140, %132 : tensor<4x?x?xf32>, tensor<4x?x32xf32>) outs(%143 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %145 = tensor.empty(%count) : tensor<?x4x32xf32>
  %146 = linalg.transpose ins(%144 : tensor<4x?x32xf32>) outs(%145 : tensor<?x4x32xf32>) permutation = [1, 0, 2]
  %147 = tensor.collapse_shape %146 [[0], [1, 2]] : tensor<?x4x32xf32> into tensor<?x128xf32>
  %148 = arith.constant 0.0 : f32
  %149 = tensor.empty(%count) : tensor<?x128xf32>
  %150 = linalg.fill ins(%148 : f32) outs(%149 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %151 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%147, %blocks_1_wo_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%150 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %152 = tensor.empty(%count) : tensor<?x128xf32>
  %153 = seednorm.norm ins(%151 : tensor<?x128xf32>) alpha(%blocks_1_attn_norm_alpha : tensor<128xf32>) beta(%blocks_1_attn_norm_beta : tensor<128xf32>) gamma(%blocks_1_attn_norm_gamma : tensor<128xf32>) outs(%152 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %154 = tensor.empty(%count) : tensor<?x128xf32>
  %155 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%89, %153 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%154 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 1: feed-forward.
  %156 = arith.constant 0.0 : f32
  %157 = tensor.empty(%count) : tensor<?x384xf32>
  %158 = linalg.fill ins(%156 : f32) outs(%157 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %159 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%155, %blocks_1_gate_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%158 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %160 = arith.constant 0.0 : f32
  %161 = tensor.empty(%count) : tensor<?x384xf32>
  %162 = linalg.fill ins(%160 : f32) outs(%161 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %163 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%155, %blocks_1_up_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%162 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %164 = tensor.empty(%count) : tensor<?x384xf32>
  %165 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%159, %163 : tensor<?x384xf32>, tensor<?x384xf32>) outs(%164 : tensor<?x384xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %q = arith.addf %e, %one : f32
    %s = arith.divf %a, %q : f32
    %r = arith.mulf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x384xf32>
  %166 = arith.constant 0.0 : f32
  %167 = tensor.empty(%count) : tensor<?x128xf32>
  %168 = linalg.fill ins(%166 : f32) outs(%167 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %169 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%165, %blocks_1_down_weight : tensor<?x384xf32>, tensor<128x384xf32>) outs(%168 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %170 = tensor.empty(%count) : tensor<?x128xf32>
  %171 = seednorm.norm ins(%169 : tensor<?x128xf32>) alpha(%blocks_1_ffn_norm_alpha : tensor<128xf32>) beta(%blocks_1_ffn_norm_beta : tensor<128xf32>) gamma(%blocks_1_ffn_norm_gamma : tensor<128xf32>) outs(%170 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %172 = tensor.empty(%count) : tensor<?x128xf32>
  %173 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%155, %171 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%172 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 2: attention.
  %174 = arith.constant 0.0 : f32
  %175 = tensor.empty(%count) : tensor<?x128xf32>
  %176 = linalg.fill ins(%174 : f32) outs(%175 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %177 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%173, %blocks_2_wq_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%176 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %178 = tensor.empty(%count) : tensor<?x128xf32>
  %179 = seednorm.norm ins(%177 : tensor<?x128xf32>) alpha(%blocks_2_q_norm_alpha : tensor<128xf32>) beta(%blocks_2_q_norm_beta : tensor<128xf32>) gamma(%blocks_2_q_norm_gamma : tensor<128xf32>) outs(%178 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %180 = arith.constant 0.0 : f32
  %181 = tensor.empty(%count) : tensor<?x128xf32>
  %182 = linalg.fill ins(%180 : f32) outs(%181 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %183 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%173, %blocks_2_wk_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%182 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %184 = tensor.empty(%count) : tensor<?x128xf32>
  %185 = seednorm.norm ins(%183 : tensor<?x128xf32>) alpha(%blocks_2_k_norm_alpha : tensor<128xf32>) beta(%blocks_2_k_norm_beta : tensor<128xf32>) gamma(%blocks_2_k_norm_gamma : tensor<128xf32>) outs(%184 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %186 = tensor.expand_shape %179 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %187 = tensor.extract_slice %186[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %188 = tensor.extract_slice %186[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %189 = tensor.empty(%count) : tensor<?x4x16xf32>
  %190 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%187, %188, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%189 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %191 = tensor.empty(%count) : tensor<?x4x16xf32>
  %192 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%187, %188, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%191 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %193 = tensor.empty(%count) : tensor<?x4x32xf32>
  %194 = tensor.insert_slice %190 into %193[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %195 = tensor.insert_slice %192 into %194[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %196 = tensor.empty(%count) : tensor<4x?x32xf32>
  %197 = linalg.transpose ins(%195 : tensor<?x4x32xf32>) outs(%196 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %198 = tensor.expand_shape %185 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %199 = tensor.extract_slice %198[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %200 = tensor.extract_slice %198[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %201 = tensor.empty(%count) : tensor<?x4x16xf32>
  %202 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%199, %200, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%201 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %203 = tensor.empty(%count) : tensor<?x4x16xf32>
  %204 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%199, %200, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%203 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %205 = tensor.empty(%count) : tensor<?x4x32xf32>
  %206 = tensor.insert_slice %202 into %205[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %207 = tensor.insert_slice %204 into %206[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %208 = tensor.empty(%count) : tensor<4x?x32xf32>
  %209 = linalg.transpose ins(%207 : tensor<?x4x32xf32>) outs(%208 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %210 = arith.constant 0.0 : f32
  %211 = tensor.empty(%count) : tensor<?x128xf32>
  %212 = linalg.fill ins(%210 : f32) outs(%211 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %213 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%173, %blocks_2_wv_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%212 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %214 = tensor.expand_shape %213 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %215 = tensor.empty(%count) : tensor<4x?x32xf32>
  %216 = linalg.transpose ins(%214 : tensor<?x4x32xf32>) outs(%215 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %217 = arith.constant 0.0 : f32
  %218 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %219 = linalg.fill ins(%217 : f32) outs(%218 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %220 = linalg.batch_matmul indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>] ins(%197, %209 : tensor<4x?x32xf32>, tensor<4x?x32xf32>) outs(%219 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %221 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %222 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%220 : tensor<4x?x?xf32>) outs(%221 : tensor<4x?x?xf32>) {
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
  %223 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %224 = seednorm.softmax ins(%222 : tensor<4x?x?xf32>) outs(%223 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %225 = arith.constant 0.0 : f32
  %226 = tensor.empty(%count) : tensor<4x?x32xf32>
  %227 = linalg.fill ins(%225 : f32) outs(%226 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %228 = linalg.batch_matmul ins(%224, %216 : tensor<4x?x?xf32>, tensor<4x?x32xf32>) outs(%227 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %229 = tensor.empty(%count) : tensor<?x4x32xf32>
  %230 = linalg.transpose ins(%228 : tensor<4x?x32xf32>) outs(%229 : tensor<?x4x32xf32>) permutation = [1, 0, 2]
  %231 = tensor.collapse_shape %230 [[0], [1, 2]] : tensor<?x4x32xf32> into tensor<?x128xf32>
  %232 = arith.constant 0.0 : f32
  %233 = tensor.empty(%count) : tensor<?x128xf32>
  %234 = linalg.fill ins(%232 : f32) outs(%233 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %235 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%231, %blocks_2_wo_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%234 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %236 = tensor.empty(%count) : tensor<?x128xf32>
  %237 = seednorm.norm ins(%235 : tensor<?x128xf32>) alpha(%blocks_2_attn_norm_alpha : tensor<128xf32>) beta(%blocks_2_attn_norm_beta : tensor<128xf32>) gamma(%blocks_2_attn_norm_gamma : tensor<128xf32>) outs(%236 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %238 = tensor.empty(%count) : tensor<?x128xf32>
  %239 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%173, %237 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%238 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 2: feed-forward.
  %240 = arith.constant 0.0 : f32
  %241 = tensor.empty(%count) : tensor<?x384xf32>
  %242 = linalg.fill ins(%240 : f32) outs(%241 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %243 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%239, %blocks_2_gate_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%242 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %244 = arith.constant 0.0 : f32
  %245 = tensor.empty(%count) : tensor<?x384xf32>
  %246 = linalg.fill ins(%244 : f32) outs(%245 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %247 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%239, %blocks_2_up_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%246 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %248 = tensor.empty(%count) : tensor<?x384xf32>
  %249 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%243, %247 : tensor<?x384xf32>, tensor<?x384xf32>) outs(%248 : tensor<?x384xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %q = arith.addf %e, %one : f32
    %s = arith.divf %a, %q : f32
    %r = arith.mulf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x384xf32>
  %250 = arith.constant 0.0 : f32
  %251 = tensor.empty(%count) : tensor<?x128xf32>
  %252 = linalg.fill ins(%250 : f32) outs(%251 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %253 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%249, %blocks_2_down_weight : tensor<?x384xf32>, tensor<128x384xf32>) outs(%252 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %254 = tensor.empty(%count) : tensor<?x128xf32>
  %255 = seednorm.norm ins(%253 : tensor<?x128xf32>) alpha(%blocks_2_ffn_norm_alpha : tensor<128xf32>) beta(%blocks_2_ffn_norm_beta : tensor<128xf32>) gamma(%blocks_2_ffn_norm_gamma : tensor<128xf32>) outs(%254 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %256 = tensor.empty(%count) : tensor<?x128xf32>
  %257 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%239, %255 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%256 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 3: attention.
  %258 = arith.constant 0.0 : f32
  %259 = tensor.empty(%count) : tensor<?x128xf32>
  %260 = linalg.fill ins(%258 : f32) outs(%259 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %261 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%257, %blocks_3_wq_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%260 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %262 = tensor.empty(%count) : tensor<?x128xf32>
  %263 = seednorm.norm ins(%261 : tensor<?x128xf32>) alpha(%blocks_3_q_norm_alpha : tensor<128xf32>) beta(%blocks_3_q_norm_beta : tensor<128xf32>) gamma(%blocks_3_q_norm_gamma : tensor<128xf32>) outs(%262 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %264 = arith.constant 0.0 : f32
  %265 = tensor.empty(%count) : tensor<?x128xf32>
  %266 = linalg.fill ins(%264 : f32) outs(%265 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %267 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%257, %blocks_3_wk_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%266 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %268 = tensor.empty(%count) : tensor<?x128xf32>
  %269 = seednorm.norm ins(%267 : tensor<?x128xf32>) alpha(%blocks_3_k_norm_alpha : tensor<128xf32>) beta(%blocks_3_k_norm_beta : tensor<128xf32>) gamma(%blocks_3_k_norm_gamma : tensor<128xf32>) outs(%268 : tensor<?x128xf32>) {heads = 4 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %270 = tensor.expand_shape %263 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %271 = tensor.extract_slice %270[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %272 = tensor.extract_slice %270[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %273 = tensor.empty(%count) : tensor<?x4x16xf32>
  %274 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%271, %272, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%273 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %275 = tensor.empty(%count) : tensor<?x4x16xf32>
  %276 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%271, %272, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%275 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %277 = tensor.empty(%count) : tensor<?x4x32xf32>
  %278 = tensor.insert_slice %274 into %277[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %279 = tensor.insert_slice %276 into %278[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %280 = tensor.empty(%count) : tensor<4x?x32xf32>
  %281 = linalg.transpose ins(%279 : tensor<?x4x32xf32>) outs(%280 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %282 = tensor.expand_shape %269 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %283 = tensor.extract_slice %282[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %284 = tensor.extract_slice %282[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x32xf32> to tensor<?x4x16xf32>
  %285 = tensor.empty(%count) : tensor<?x4x16xf32>
  %286 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%283, %284, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%285 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.mulf %b, %d : f32
    %r = arith.subf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %287 = tensor.empty(%count) : tensor<?x4x16xf32>
  %288 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%283, %284, %2, %3 : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) outs(%287 : tensor<?x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %out: f32):
    %p = arith.mulf %b, %c : f32
    %q = arith.mulf %a, %d : f32
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?x4x16xf32>
  %289 = tensor.empty(%count) : tensor<?x4x32xf32>
  %290 = tensor.insert_slice %286 into %289[0, 0, 0] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %291 = tensor.insert_slice %288 into %290[0, 0, 16] [%count, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x4x32xf32>
  %292 = tensor.empty(%count) : tensor<4x?x32xf32>
  %293 = linalg.transpose ins(%291 : tensor<?x4x32xf32>) outs(%292 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %294 = arith.constant 0.0 : f32
  %295 = tensor.empty(%count) : tensor<?x128xf32>
  %296 = linalg.fill ins(%294 : f32) outs(%295 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %297 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%257, %blocks_3_wv_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%296 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %298 = tensor.expand_shape %297 [[0], [1, 2]] output_shape [%count, 4, 32] : tensor<?x128xf32> into tensor<?x4x32xf32>
  %299 = tensor.empty(%count) : tensor<4x?x32xf32>
  %300 = linalg.transpose ins(%298 : tensor<?x4x32xf32>) outs(%299 : tensor<4x?x32xf32>) permutation = [1, 0, 2]
  %301 = arith.constant 0.0 : f32
  %302 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %303 = linalg.fill ins(%301 : f32) outs(%302 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %304 = linalg.batch_matmul indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>] ins(%281, %293 : tensor<4x?x32xf32>, tensor<4x?x32xf32>) outs(%303 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %305 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %306 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%304 : tensor<4x?x?xf32>) outs(%305 : tensor<4x?x?xf32>) {
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
  %307 = tensor.empty(%count, %count) : tensor<4x?x?xf32>
  %308 = seednorm.softmax ins(%306 : tensor<4x?x?xf32>) outs(%307 : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %309 = arith.constant 0.0 : f32
  %310 = tensor.empty(%count) : tensor<4x?x32xf32>
  %311 = linalg.fill ins(%309 : f32) outs(%310 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %312 = linalg.batch_matmul ins(%308, %300 : tensor<4x?x?xf32>, tensor<4x?x32xf32>) outs(%311 : tensor<4x?x32xf32>) -> tensor<4x?x32xf32>
  %313 = tensor.empty(%count) : tensor<?x4x32xf32>
  %314 = linalg.transpose ins(%312 : tensor<4x?x32xf32>) outs(%313 : tensor<?x4x32xf32>) permutation = [1, 0, 2]
  %315 = tensor.collapse_shape %314 [[0], [1, 2]] : tensor<?x4x32xf32> into tensor<?x128xf32>
  %316 = arith.constant 0.0 : f32
  %317 = tensor.empty(%count) : tensor<?x128xf32>
  %318 = linalg.fill ins(%316 : f32) outs(%317 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %319 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%315, %blocks_3_wo_weight : tensor<?x128xf32>, tensor<128x128xf32>) outs(%318 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %320 = tensor.empty(%count) : tensor<?x128xf32>
  %321 = seednorm.norm ins(%319 : tensor<?x128xf32>) alpha(%blocks_3_attn_norm_alpha : tensor<128xf32>) beta(%blocks_3_attn_norm_beta : tensor<128xf32>) gamma(%blocks_3_attn_norm_gamma : tensor<128xf32>) outs(%320 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %322 = tensor.empty(%count) : tensor<?x128xf32>
  %323 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%257, %321 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%322 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Block 3: feed-forward.
  %324 = arith.constant 0.0 : f32
  %325 = tensor.empty(%count) : tensor<?x384xf32>
  %326 = linalg.fill ins(%324 : f32) outs(%325 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %327 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%323, %blocks_3_gate_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%326 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %328 = arith.constant 0.0 : f32
  %329 = tensor.empty(%count) : tensor<?x384xf32>
  %330 = linalg.fill ins(%328 : f32) outs(%329 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %331 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%323, %blocks_3_up_weight : tensor<?x128xf32>, tensor<384x128xf32>) outs(%330 : tensor<?x384xf32>) -> tensor<?x384xf32>
  %332 = tensor.empty(%count) : tensor<?x384xf32>
  %333 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%327, %331 : tensor<?x384xf32>, tensor<?x384xf32>) outs(%332 : tensor<?x384xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %q = arith.addf %e, %one : f32
    %s = arith.divf %a, %q : f32
    %r = arith.mulf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x384xf32>
  %334 = arith.constant 0.0 : f32
  %335 = tensor.empty(%count) : tensor<?x128xf32>
  %336 = linalg.fill ins(%334 : f32) outs(%335 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %337 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%333, %blocks_3_down_weight : tensor<?x384xf32>, tensor<128x384xf32>) outs(%336 : tensor<?x128xf32>) -> tensor<?x128xf32>
  %338 = tensor.empty(%count) : tensor<?x128xf32>
  %339 = seednorm.norm ins(%337 : tensor<?x128xf32>) alpha(%blocks_3_ffn_norm_alpha : tensor<128xf32>) beta(%blocks_3_ffn_norm_beta : tensor<128xf32>) gamma(%blocks_3_ffn_norm_gamma : tensor<128xf32>) outs(%338 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %340 = tensor.empty(%count) : tensor<?x128xf32>
  %341 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%323, %339 : tensor<?x128xf32>, tensor<?x128xf32>) outs(%340 : tensor<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<?x128xf32>

  // Head.
  %342 = tensor.empty(%count) : tensor<?x128xf32>
  %343 = seednorm.norm ins(%341 : tensor<?x128xf32>) alpha(%final_norm_alpha : tensor<128xf32>) beta(%final_norm_beta : tensor<128xf32>) gamma(%final_norm_gamma : tensor<128xf32>) outs(%342 : tensor<?x128xf32>) {heads = 1 : i64, eps = 1.0e-6 : f64} -> tensor<?x128xf32>
  %344 = arith.constant 0.0 : f32
  %345 = tensor.empty(%count) : tensor<?x256xf32>
  %346 = linalg.fill ins(%344 : f32) outs(%345 : tensor<?x256xf32>) -> tensor<?x256xf32>
  %347 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%343, %head_weight : tensor<?x128xf32>, tensor<256x128xf32>) outs(%346 : tensor<?x256xf32>) -> tensor<?x256xf32>

  // Negative log-likelihood of each target.
  %348 = arith.constant 0 : index
  %349 = tensor.dim %targets, %348 : tensor<?xi8>
  %350 = arith.cmpi eq, %349, %count : index
  cf.assert %350, "targets: one for each token"
  %351 = tensor.empty(%count) : tensor<?x256xf32>
  %352 = seednorm.softmax ins(%347 : tensor<?x256xf32>) outs(%351 : tensor<?x256xf32>) -> tensor<?x256xf32>
  %353 = tensor.empty(%count) : tensor<?xf32>
  %354 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%targets : tensor<?xi8>) outs(%353 : tensor<?xf32>) {
  ^bb0(%a: i8, %out: f32):
    %byte = arith.extui %a : i8 to i64
    %column = arith.index_cast %byte : i64 to index
    %row = linalg.index 0 : index
    %p = tensor.extract %352[%row, %column] : tensor<?x256xf32>
    %l = math.log %p : f32
    %r = arith.negf %l : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  return %354 : tensor<?xf32>
}
