// RUN: seednorm-opt %s -split-input-file -verify-diagnostics

func.func @parameter_size(%x: tensor<2x128xf32>, %a: tensor<64xf32>) {
  // expected-error@+1 {{'alpha' has 64 elements but the row has 128}}
  %y = seednorm.norm ins(%x : tensor<2x128xf32>) alpha(%a : tensor<64xf32>) gamma(%a : tensor<64xf32>)
      outs(%x : tensor<2x128xf32>) -> tensor<2x128xf32>
  return
}

// -----

func.func @parameter_rank(%x: tensor<2x8xf32>) {
  // expected-error@+1 {{'gamma' must have one dimension, but has 2}}
  %y = seednorm.rms_norm ins(%x : tensor<2x8xf32>) gamma(%x : tensor<2x8xf32>)
      outs(%x : tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

func.func @no_columns(%x: tensor<2x0xf32>) {
  // expected-error@+1 {{rows of 'input' must have at least one element, but D is 0}}
  %y = seednorm.softmax ins(%x : tensor<2x0xf32>) outs(%x : tensor<2x0xf32>) -> tensor<2x0xf32>
  return
}

// -----

func.func @scalar(%x: tensor<f32>) {
  // expected-error@+1 {{'input' has no dimension; its last one is the row}}
  %y = seednorm.softmax ins(%x : tensor<f32>) outs(%x : tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @integers(%x: tensor<4xi32>) {
  // expected-error@+1 {{'input' has elements of 'i32', but f16, bf16, f32 and f64 are what is supported}}
  %y = seednorm.softmax ins(%x : tensor<4xi32>) outs(%x : tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @heads_divide(%x: tensor<2x10xf32>, %g: tensor<10xf32>) {
  // expected-error@+1 {{'heads' is 4, which does not divide the 10 elements of a row}}
  %y = seednorm.norm ins(%x : tensor<2x10xf32>) beta(%g : tensor<10xf32>)
      outs(%x : tensor<2x10xf32>) {heads = 4} -> tensor<2x10xf32>
  return
}

// -----

func.func @heads_positive(%x: tensor<2x10xf32>, %g: tensor<10xf32>) {
  // expected-error@+1 {{'heads' must be at least 1, but is 0}}
  %y = seednorm.norm ins(%x : tensor<2x10xf32>) beta(%g : tensor<10xf32>)
      outs(%x : tensor<2x10xf32>) {heads = 0} -> tensor<2x10xf32>
  return
}

// -----

func.func @nothing_to_scale_with(%x: tensor<2x10xf32>, %g: tensor<10xf32>) {
  // expected-error@+1 {{needs 'beta' or 'gamma': without both every result is zero}}
  %y = seednorm.norm ins(%x : tensor<2x10xf32>) alpha(%g : tensor<10xf32>)
      outs(%x : tensor<2x10xf32>) -> tensor<2x10xf32>
  return
}

// -----

func.func @elementwise_heads(%x: tensor<2x10xf32>, %g: tensor<10xf32>) {
  // expected-error@+1 {{'elementwise' takes no dot product, so 'heads' must be 1, but is 2}}
  %y = seednorm.norm ins(%x : tensor<2x10xf32>) beta(%g : tensor<10xf32>)
      outs(%x : tensor<2x10xf32>) {elementwise, heads = 2} -> tensor<2x10xf32>
  return
}

// -----

func.func @elementwise_scaled(%x: tensor<2x10xf32>, %g: tensor<10xf32>) {
  // expected-error@+1 {{'elementwise' takes no dot product that 'scaled_dot' could scale}}
  %y = seednorm.norm ins(%x : tensor<2x10xf32>) beta(%g : tensor<10xf32>)
      outs(%x : tensor<2x10xf32>) {elementwise, scaled_dot} -> tensor<2x10xf32>
  return
}

// -----

func.func @negative_eps(%x: tensor<2x10xf32>) {
  // expected-error@+1 {{'eps' must be finite and not negative, but is -1.000000e+00}}
  %y = seednorm.rms_norm ins(%x : tensor<2x10xf32>)
      outs(%x : tensor<2x10xf32>) {eps = -1.0 : f64} -> tensor<2x10xf32>
  return
}

// -----

func.func @out_shape(%x: tensor<2x10xf32>, %o: tensor<3x10xf32>) {
  // expected-error@+1 {{out 0 has the shape [3, 10] but needs [2, 10]}}
  %y = seednorm.rms_norm ins(%x : tensor<2x10xf32>) outs(%o : tensor<3x10xf32>) -> tensor<3x10xf32>
  return
}

// -----

func.func @out_element(%x: tensor<2x10xf32>, %o: tensor<2x10xbf16>) {
  // expected-error@+1 {{out 0 has elements of 'bf16' but needs 'f32'}}
  %y = seednorm.rms_norm ins(%x : tensor<2x10xf32>) outs(%o : tensor<2x10xbf16>) -> tensor<2x10xbf16>
  return
}

// -----

func.func @number_of_outs(%x: tensor<2x10xf32>, %g: tensor<10xf32>) {
  // expected-error@+1 {{has 2 outs but needs 1, or 3 with statistics}}
  %y:2 = seednorm.norm ins(%x : tensor<2x10xf32>) gamma(%g : tensor<10xf32>)
      outs(%x, %x : tensor<2x10xf32>, tensor<2x10xf32>) -> tensor<2x10xf32>, tensor<2x10xf32>
  return
}

// -----

func.func @statistics_width(%x: tensor<2x10xf32>, %g: tensor<10xf32>, %r: tensor<2x1xf32>) {
  // expected-error@+1 {{out 2 has the shape [2, 1] but needs [2, 5]}}
  %y:3 = seednorm.norm ins(%x : tensor<2x10xf32>) beta(%g : tensor<10xf32>)
      outs(%x, %r, %r : tensor<2x10xf32>, tensor<2x1xf32>, tensor<2x1xf32>) {heads = 5}
      -> tensor<2x10xf32>, tensor<2x1xf32>, tensor<2x1xf32>
  return
}

// -----

func.func @mixed(%x: tensor<2x10xf32>, %o: memref<2x10xf32>) {
  // expected-error@+1 {{operands must be all tensors or all memrefs, but got both}}
  seednorm.rms_norm ins(%x : tensor<2x10xf32>) outs(%o : memref<2x10xf32>)
  return
}

// -----

func.func @backward_heads(%x: tensor<2x10xf32>, %g: tensor<10xf32>) {
  // expected-error@+1 {{'heads' is 3, which does not divide the 10 elements of a row}}
  %0:2 = seednorm.norm_backward ins(%x : tensor<2x10xf32>) gamma(%g : tensor<10xf32>) grad(%x : tensor<2x10xf32>)
      outs(%x, %g : tensor<2x10xf32>, tensor<10xf32>) {heads = 3} -> tensor<2x10xf32>, tensor<10xf32>
  return
}

// -----

func.func @backward_grad(%x: tensor<2x10xf32>, %dy: tensor<2x9xf32>) {
  // expected-error@+1 {{'grad' has the shape [2, 9] but needs [2, 10]}}
  %0 = seednorm.softmax_backward ins(%x : tensor<2x10xf32>) grad(%dy : tensor<2x9xf32>)
      outs(%x : tensor<2x10xf32>) -> tensor<2x10xf32>
  return
}

// -----

func.func @backward_outs(%x: tensor<2x10xf32>, %g: tensor<10xf32>) {
  // expected-error@+1 {{has 1 outs but needs 2: the gradients of the input and of each parameter}}
  %0 = seednorm.rms_norm_backward ins(%x : tensor<2x10xf32>) gamma(%g : tensor<10xf32>) grad(%x : tensor<2x10xf32>)
      outs(%x : tensor<2x10xf32>) -> tensor<2x10xf32>
  return
}

// -----

func.func @backward_sum_type(%x: tensor<2x10xbf16>, %g: tensor<10xbf16>) {
  // expected-error@+1 {{out 1, the gradient of 'gamma', has elements of 'bf16' but needs 'f32'}}
  %0:2 = seednorm.rms_norm_backward ins(%x : tensor<2x10xbf16>) gamma(%g : tensor<10xbf16>) grad(%x : tensor<2x10xbf16>)
      outs(%x, %g : tensor<2x10xbf16>, tensor<10xbf16>) -> tensor<2x10xbf16>, tensor<10xbf16>
  return
}

// -----

func.func @backward_statistics(%x: tensor<2x10xf32>, %g: tensor<10xf32>, %r: tensor<2x1xf32>) {
  // expected-error@+1 {{has 1 statistics but 2 are what the forward saves}}
  %0:2 = seednorm.norm_backward ins(%x : tensor<2x10xf32>) gamma(%g : tensor<10xf32>) grad(%x : tensor<2x10xf32>)
      statistics(%r : tensor<2x1xf32>)
      outs(%x, %g : tensor<2x10xf32>, tensor<10xf32>) -> tensor<2x10xf32>, tensor<10xf32>
  return
}

// -----

func.func @backward_statistic_shape(%x: tensor<2x10xf32>, %g: tensor<10xf32>, %r: tensor<2x1xf32>) {
  // expected-error@+1 {{statistic 1 has the shape [2, 1] but needs [2, 2]}}
  %0:2 = seednorm.norm_backward ins(%x : tensor<2x10xf32>) gamma(%g : tensor<10xf32>) grad(%x : tensor<2x10xf32>)
      statistics(%r, %r : tensor<2x1xf32>, tensor<2x1xf32>)
      outs(%x, %g : tensor<2x10xf32>, tensor<10xf32>) {heads = 2} -> tensor<2x10xf32>, tensor<10xf32>
  return
}

// -----

func.func @no_statistics(%x: tensor<2x10xf32>, %r: tensor<2x1xf32>) {
  // expected-error@+1 {{has 1 statistics but 0 are what the forward saves}}
  %0 = seednorm.softmax_backward ins(%x : tensor<2x10xf32>) grad(%x : tensor<2x10xf32>)
      statistics(%r : tensor<2x1xf32>) outs(%x : tensor<2x10xf32>) -> tensor<2x10xf32>
  return
}

// -----

func.func @scale_rank(%x: tensor<2x3x8xf32>, %g: tensor<8xf32>, %s: tensor<2x8xf32>) {
  // expected-error@+1 {{'scale' has the shape [2, 8] but needs the leading dimensions [2, 3] of 'input', or 1 in place of any}}
  %0 = seednorm.norm ins(%x : tensor<2x3x8xf32>) gamma(%g : tensor<8xf32>) scale(%s : tensor<2x8xf32>) outs(%x : tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  return
}

// -----

func.func @shift_leading(%x: tensor<2x?x8xf32>, %g: tensor<8xf32>, %s: tensor<3x1x8xf32>) {
  // expected-error@+1 {{'shift' has the shape [3, 1, 8] but needs the leading dimensions [2, ?] of 'input', or 1 in place of any}}
  %0 = seednorm.norm ins(%x : tensor<2x?x8xf32>) gamma(%g : tensor<8xf32>) shift(%s : tensor<3x1x8xf32>) outs(%x : tensor<2x?x8xf32>) -> tensor<2x?x8xf32>
  return
}

// -----

func.func @scale_width(%x: tensor<2x3x8xf32>, %g: tensor<8xf32>, %s: tensor<2x1x4xf32>) {
  // expected-error@+1 {{'scale' has 4 elements but the row has 8}}
  %0 = seednorm.norm ins(%x : tensor<2x3x8xf32>) gamma(%g : tensor<8xf32>) scale(%s : tensor<2x1x4xf32>) outs(%x : tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  return
}

// -----

func.func @scale_element(%x: tensor<2x8xf32>, %g: tensor<8xf32>, %s: tensor<1x8xi32>) {
  // expected-error@+1 {{'scale' has elements of 'i32', but f16, bf16, f32 and f64 are what is supported}}
  %0 = seednorm.norm ins(%x : tensor<2x8xf32>) gamma(%g : tensor<8xf32>) scale(%s : tensor<1x8xi32>) outs(%x : tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

// What several rows share is summed in f32,
func.func @backward_shared(%x: tensor<2x8xbf16>, %g: tensor<8xf32>, %s: tensor<1x8xbf16>) {
  // expected-error@+1 {{out 2, the gradient of 'scale', has elements of 'bf16' but needs 'f32'}}
  %0:3 = seednorm.norm_backward ins(%x : tensor<2x8xbf16>) gamma(%g : tensor<8xf32>) scale(%s : tensor<1x8xbf16>)
      grad(%x : tensor<2x8xbf16>) outs(%x, %g, %s : tensor<2x8xbf16>, tensor<8xf32>, tensor<1x8xbf16>)
      -> tensor<2x8xbf16>, tensor<8xf32>, tensor<1x8xbf16>
  return
}

// -----

// what each row has for itself is not.
func.func @backward_own(%x: tensor<2x8xbf16>, %g: tensor<8xf32>, %s: tensor<2x8xf32>) {
  // expected-error@+1 {{out 2, the gradient of 'scale', has elements of 'f32' but needs 'bf16'}}
  %0:3 = seednorm.norm_backward ins(%x : tensor<2x8xbf16>) gamma(%g : tensor<8xf32>) scale(%x : tensor<2x8xbf16>)
      grad(%x : tensor<2x8xbf16>) outs(%x, %g, %s : tensor<2x8xbf16>, tensor<8xf32>, tensor<2x8xf32>)
      -> tensor<2x8xbf16>, tensor<8xf32>, tensor<2x8xf32>
  return
}

// -----

func.func @safe_statistics(%x: tensor<2x10xf32>, %g: tensor<10xf32>, %r: tensor<2x1xf32>) {
  // expected-error@+1 {{'safe' has no row statistics to save: they could be out of range}}
  %0:3 = seednorm.norm ins(%x : tensor<2x10xf32>) gamma(%g : tensor<10xf32>)
      outs(%x, %r, %r : tensor<2x10xf32>, tensor<2x1xf32>, tensor<2x1xf32>) {safe}
      -> tensor<2x10xf32>, tensor<2x1xf32>, tensor<2x1xf32>
  return
}

// -----

func.func @backward_safe_statistics(%x: tensor<2x10xf32>, %g: tensor<10xf32>, %r: tensor<2x1xf32>) {
  // expected-error@+1 {{'safe' has no row statistics to save: they could be out of range}}
  %0:2 = seednorm.norm_backward ins(%x : tensor<2x10xf32>) gamma(%g : tensor<10xf32>) grad(%x : tensor<2x10xf32>)
      statistics(%r, %r : tensor<2x1xf32>, tensor<2x1xf32>)
      outs(%x, %g : tensor<2x10xf32>, tensor<10xf32>) {safe} -> tensor<2x10xf32>, tensor<10xf32>
  return
}

// -----

func.func @dropout_without_seed(%x: tensor<2x10xf32>, %g: tensor<10xf32>) {
  // expected-error@+1 {{'dropout' needs 'seed', two i64}}
  %0 = seednorm.norm ins(%x : tensor<2x10xf32>) beta(%g : tensor<10xf32>) outs(%x : tensor<2x10xf32>) {dropout = 0.1} -> tensor<2x10xf32>
  return
}

// -----

func.func @seed_without_dropout(%x: tensor<2x10xf32>, %g: tensor<10xf32>, %s: tensor<2xi64>) {
  // expected-error@+1 {{has a 'seed' but no 'dropout' that draws from it}}
  %0 = seednorm.norm ins(%x : tensor<2x10xf32>) beta(%g : tensor<10xf32>) seed(%s : tensor<2xi64>) outs(%x : tensor<2x10xf32>) -> tensor<2x10xf32>
  return
}

// -----

func.func @dropout_without_beta(%x: tensor<2x10xf32>, %g: tensor<10xf32>, %s: tensor<2xi64>) {
  // expected-error@+1 {{'dropout' needs 'beta': without it there is nothing to drop}}
  %0 = seednorm.norm ins(%x : tensor<2x10xf32>) gamma(%g : tensor<10xf32>) seed(%s : tensor<2xi64>) outs(%x : tensor<2x10xf32>) {dropout = 0.1} -> tensor<2x10xf32>
  return
}

// -----

func.func @dropout_of_all(%x: tensor<2x10xf32>, %g: tensor<10xf32>, %s: tensor<2xi64>) {
  // expected-error@+1 {{'dropout' must be from 0 to less than 1, but is 1.0}}
  %0 = seednorm.norm ins(%x : tensor<2x10xf32>) beta(%g : tensor<10xf32>) seed(%s : tensor<2xi64>) outs(%x : tensor<2x10xf32>) {dropout = 1.0} -> tensor<2x10xf32>
  return
}

// -----

func.func @dropout_nan(%x: tensor<2x10xf32>, %g: tensor<10xf32>, %s: tensor<2xi64>) {
  // expected-error@+1 {{'dropout' must be from 0 to less than 1, but is}}
  %0 = seednorm.norm ins(%x : tensor<2x10xf32>) beta(%g : tensor<10xf32>) seed(%s : tensor<2xi64>) outs(%x : tensor<2x10xf32>) {dropout = 0x7FF8000000000000 : f64} -> tensor<2x10xf32>
  return
}

// -----

func.func @seed_type(%x: tensor<2x10xf32>, %g: tensor<10xf32>, %s: tensor<2xi32>) {
  // expected-error@+1 {{'seed' must be two i64, but is 'tensor<2xi32>'}}
  %0 = seednorm.norm ins(%x : tensor<2x10xf32>) beta(%g : tensor<10xf32>) seed(%s : tensor<2xi32>) outs(%x : tensor<2x10xf32>) {dropout = 0.1} -> tensor<2x10xf32>
  return
}

// -----

func.func @seed_shape(%x: tensor<2x10xf32>, %g: tensor<10xf32>, %s: tensor<?xi64>) {
  // expected-error@+1 {{'seed' must be two i64, but is 'tensor<?xi64>'}}
  %0:2 = seednorm.norm_backward ins(%x : tensor<2x10xf32>) beta(%g : tensor<10xf32>) seed(%s : tensor<?xi64>) grad(%x : tensor<2x10xf32>)
      outs(%x, %g : tensor<2x10xf32>, tensor<10xf32>) {dropout = 0.1} -> tensor<2x10xf32>, tensor<10xf32>
  return
}

// -----

func.func @shared_out(%x: tensor<?x8xf32>, %o: tensor<1x8xf32>) {
  // expected-error@+1 {{out 0 has the shape [1, 8] but needs [?, 8]}}
  %y = seednorm.rms_norm ins(%x : tensor<?x8xf32>) outs(%o : tensor<1x8xf32>) -> tensor<1x8xf32>
  return
}

// -----

func.func @dynamic_statistics(%x: tensor<?x8xf32>, %b: tensor<8xf32>, %o: tensor<?x?xf32>) {
  // expected-error@+1 {{out 1 has the shape [?, ?] but its last dimension must be a static 1}}
  %y:3 = seednorm.norm ins(%x : tensor<?x8xf32>) beta(%b : tensor<8xf32>) outs(%x, %o, %o : tensor<?x8xf32>, tensor<?x?xf32>, tensor<?x?xf32>)
      -> tensor<?x8xf32>, tensor<?x?xf32>, tensor<?x?xf32>
  return
}
