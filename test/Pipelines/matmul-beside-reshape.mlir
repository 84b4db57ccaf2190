// RUN: seednorm-opt %s --seednorm-row-programs | FileCheck %s
// RUN: seednorm-opt %s --seednorm-cpu-pipeline | FileCheck %s --check-prefix=CALL

// A reshape stays out of a matrix product, which the runtime could not do then.
// CHECK: tensor.collapse_shape
// CHECK: linalg.matmul
// CHECK: tensor.expand_shape
// CALL: llvm.call @seednorm_rt_gemm
func.func @f(%x: tensor<8x4x16xf32>, %w: tensor<64x32xf32>) -> tensor<2x4x32xf32> {
  %zero = arith.constant 0.0 : f32
  %flat = tensor.collapse_shape %x [[0], [1, 2]] : tensor<8x4x16xf32> into tensor<8x64xf32>
  %init = tensor.empty() : tensor<8x32xf32>
  %filled = linalg.fill ins(%zero : f32) outs(%init : tensor<8x32xf32>) -> tensor<8x32xf32>
  %y = linalg.matmul ins(%flat, %w : tensor<8x64xf32>, tensor<64x32xf32>)
      outs(%filled : tensor<8x32xf32>) -> tensor<8x32xf32>
  %grid = tensor.expand_shape %y [[0, 1], [2]] output_shape [2, 4, 32]
      : tensor<8x32xf32> into tensor<2x4x32xf32>
  return %grid : tensor<2x4x32xf32>
}
