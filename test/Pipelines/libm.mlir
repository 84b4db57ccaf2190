// RUN: seednorm-opt %s --seednorm-cpu-pipeline="triple=x86_64-linux-gnu cpu=x86-64-v4" | mlir-translate --mlir-to-llvmir | FileCheck %s

// Functions without an intrinsic are calls to libm, element by element.
// CHECK-DAG: call float @asinhf(float
// CHECK-DAG: call double @erf(double
func.func @f(%x: tensor<?x64xf32>, %z: tensor<?x64xf64>) -> (tensor<?x64xf32>, tensor<?x64xf64>) {
  %a:2 = rowwise.program rows(%x, %z : tensor<?x64xf32>, tensor<?x64xf64>)
      outs(%x, %z : tensor<?x64xf32>, tensor<?x64xf64>) {
  ^bb0(%r: tensor<64xf32>, %s: tensor<64xf64>):
    %a = math.asinh %r : tensor<64xf32>
    %b = math.erf %s : tensor<64xf64>
    rowwise.yield %a, %b : tensor<64xf32>, tensor<64xf64>
  } -> tensor<?x64xf32>, tensor<?x64xf64>
  return %a#0, %a#1 : tensor<?x64xf32>, tensor<?x64xf64>
}
