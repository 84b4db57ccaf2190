// RUN: seednorm-opt %s --seednorm-cpu-pipeline="triple=x86_64-linux-gnu cpu=x86-64-v4" | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: seednorm-opt %s --seednorm-cpu-pipeline="triple=x86_64-linux-gnu cpu=x86-64-v3" | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: seednorm-opt %s --seednorm-cpu-pipeline="triple=aarch64-linux-gnu" \
// RUN:   | mlir-translate --mlir-to-llvmir | llc -mtriple=aarch64-linux-gnu -O2 | FileCheck %s --check-prefix=NEON
// RUN: seednorm-opt %s --seednorm-cpu-pipeline="triple=aarch64-linux-gnu features=+sve" \
// RUN:   | mlir-translate --mlir-to-llvmir | llc -mtriple=aarch64-linux-gnu -mattr=+sve -O2 | FileCheck %s --check-prefix=SVE
// RUN: seednorm-opt %s --seednorm-cpu-pipeline="triple=x86_64-linux-gnu cpu=x86-64-v4" \
// RUN:   | mlir-translate --mlir-to-llvmir | llc -mtriple=x86_64-linux-gnu -mcpu=x86-64-v4 -O2 | FileCheck %s --check-prefix=ZMM

// A block around a norm: a residual addition before it, a matrix product and an
// activation after it.

// CHECK-DAG: llvm.mlir.global external constant @seednorm_module_metadata
// CHECK-DAG: llvm.func @seednorm_rt_gemm
// AVX512: vector<16xf32>
// AVX2: vector<8xf32>
// AVX2-NOT: vector<16xf32>
// CHECK: llvm.call @seednorm_rt_parallel_for
// CHECK: llvm.func @_mlir_ciface_block

// NEON: fmla v{{[0-9]+}}.4s
// SVE: {{fmla|fmad}} z{{[0-9]+}}.s
// ZMM: vmovntps %zmm
func.func @block(%x: tensor<?x1000xf32>, %res: tensor<?x1000xf32>, %b: tensor<1000xf32>,
                 %w: tensor<1000x64xf32>) -> (tensor<?x1000xf32>, tensor<?x64xf32>) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x1000xf32>
  %e = tensor.empty(%n) : tensor<?x1000xf32>
  %h = linalg.add ins(%x, %res : tensor<?x1000xf32>, tensor<?x1000xf32>) outs(%e : tensor<?x1000xf32>) -> tensor<?x1000xf32>
  %y = seednorm.norm ins(%h : tensor<?x1000xf32>) beta(%b : tensor<1000xf32>) outs(%e : tensor<?x1000xf32>) {heads = 8} -> tensor<?x1000xf32>
  %p = tensor.empty(%n) : tensor<?x64xf32>
  %f = linalg.fill ins(%z : f32) outs(%p : tensor<?x64xf32>) -> tensor<?x64xf32>
  %m = linalg.matmul ins(%y, %w : tensor<?x1000xf32>, tensor<1000x64xf32>) outs(%f : tensor<?x64xf32>) -> tensor<?x64xf32>
  %t = linalg.tanh ins(%m : tensor<?x64xf32>) outs(%p : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %h, %t : tensor<?x1000xf32>, tensor<?x64xf32>
}
