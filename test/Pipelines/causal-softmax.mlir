// RUN: seednorm-opt %s --seednorm-row-programs | FileCheck %s

// A mask by position and the softmax after it are one row program: the scores
// are read once and only the probabilities are written.
// CHECK-LABEL: func.func @attention
// CHECK: rowwise.program rows(%arg0 : tensor<4x?x?xf32>)
// CHECK-DAG: rowwise.index 1 : tensor<1xi64>
// CHECK-DAG: rowwise.index 2 : tensor<?xi64>
// CHECK: arith.cmpi ule
// CHECK: rowwise.reduce max
// CHECK: rowwise.yield %{{[0-9]+}} : tensor<?xf32>
// CHECK-NOT: rowwise.program
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @attention(%x: tensor<4x?x?xf32>) -> tensor<4x?x?xf32> {
  %masked = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>],
      iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<4x?x?xf32>) outs(%x : tensor<4x?x?xf32>) {
  ^bb0(%a: f32, %out: f32):
    %scale = arith.constant 0.25 : f32
    %never = arith.constant 0xFF800000 : f32
    %from = linalg.index 1 : index
    %to = linalg.index 2 : index
    %seen = arith.cmpi ule, %to, %from : index
    %s = arith.mulf %a, %scale : f32
    %r = arith.select %seen, %s, %never : f32
    linalg.yield %r : f32
  } -> tensor<4x?x?xf32>
  %y = seednorm.softmax ins(%masked : tensor<4x?x?xf32>) outs(%x : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  return %y : tensor<4x?x?xf32>
}
