// RUN: seednorm-opt %s --linalg-to-gemm -canonicalize -cse | FileCheck %s

// CHECK: func.func private @seednorm_rt_gemm(i32, i64, i64, i64, i64, !llvm.ptr, i64, i64, i64, !llvm.ptr, i64, i64, i64, !llvm.ptr, i64, i64, i64, i32)

// The zeros that only the product reads are not written.
// CHECK-LABEL: func @matmul
// CHECK-NOT: linalg.fill
// CHECK: %[[STORE:.*]] = arith.constant 0 : i32
// CHECK: cf.assert {{.*}}the sizes of a matrix product do not agree"
// CHECK: call @seednorm_rt_gemm({{.*}}, %[[STORE]])
func.func @matmul(%a: memref<?x4xf32>, %b: memref<8x4xf32>, %c: memref<?x8xf32>) {
  %z = arith.constant 0.0 : f32
  linalg.fill ins(%z : f32) outs(%c : memref<?x8xf32>)
  linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
                                 affine_map<(m, n, k) -> (m, n)>]
      ins(%a, %b : memref<?x4xf32>, memref<8x4xf32>) outs(%c : memref<?x8xf32>)
  return
}

// What is there is added to.
// CHECK-LABEL: func @accumulates
// CHECK-NOT: cf.assert
// CHECK: %[[ADD:.*]] = arith.constant 1 : i32
// CHECK: linalg.fill
// CHECK: call @seednorm_rt_gemm({{.*}}, %[[ADD]])
func.func @accumulates(%a: memref<2x3x4xbf16>, %b: memref<2x4x5xbf16>, %c: memref<2x3x5xbf16>) {
  %one = arith.constant 1.0 : bf16
  linalg.fill ins(%one : bf16) outs(%c : memref<2x3x5xbf16>)
  linalg.batch_matmul ins(%a, %b : memref<2x3x4xbf16>, memref<2x4x5xbf16>) outs(%c : memref<2x3x5xbf16>)
  return
}

// CHECK-LABEL: func @read_between
// CHECK: linalg.fill
// CHECK: call @seednorm_rt_gemm
func.func @read_between(%a: memref<4x4xf32>, %c: memref<4x4xf32>, %d: memref<4x4xf32>) {
  %z = arith.constant 0.0 : f32
  linalg.fill ins(%z : f32) outs(%c : memref<4x4xf32>)
  memref.copy %c, %d : memref<4x4xf32> to memref<4x4xf32>
  linalg.matmul ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>) outs(%c : memref<4x4xf32>)
  return
}

// CHECK-LABEL: func @stays
// CHECK: linalg.matmul
// CHECK-NOT: call
func.func @stays(%a: memref<4x4xf64>) {
  linalg.matmul ins(%a, %a : memref<4x4xf64>, memref<4x4xf64>) outs(%a : memref<4x4xf64>)
  return
}
