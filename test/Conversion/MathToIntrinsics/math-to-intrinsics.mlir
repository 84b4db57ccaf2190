// RUN: seednorm-opt %s --math-to-intrinsics | FileCheck %s

// CHECK-LABEL: func @instructions
// CHECK-DAG: llvm.call_intrinsic "llvm.sqrt"(%arg0) : (f32) -> f32
// CHECK-DAG: llvm.call_intrinsic "llvm.fma"(%arg0, %arg0, %arg0) : (f32, f32, f32) -> f32
// CHECK-DAG: llvm.call_intrinsic "llvm.fabs"(%arg1) : (vector<4xf32>) -> vector<4xf32>
// CHECK-DAG: llvm.call_intrinsic "llvm.copysign"(%arg0, %arg0)
// CHECK-DAG: llvm.call_intrinsic "llvm.floor"(%arg2) : (f64) -> f64
// CHECK-DAG: llvm.call_intrinsic "llvm.ceil"(%arg0)
// CHECK-DAG: llvm.call_intrinsic "llvm.roundeven"(%arg0)
// CHECK-DAG: llvm.call_intrinsic "llvm.trunc"(%arg0)
// CHECK-NOT: math.
func.func @instructions(%x: f32, %v: vector<4xf32>, %d: f64) -> (f32, f32, vector<4xf32>, f32, f64, f32, f32, f32) {
  %0 = math.sqrt %x : f32
  %1 = math.fma %x, %x, %x : f32
  %2 = math.absf %v : vector<4xf32>
  %3 = math.copysign %x, %x : f32
  %4 = math.floor %d : f64
  %5 = math.ceil %x : f32
  %6 = math.roundeven %x : f32
  %7 = math.trunc %x : f32
  return %0, %1, %2, %3, %4, %5, %6, %7 : f32, f32, vector<4xf32>, f32, f64, f32, f32, f32
}

// What needs a library stays, and what LLVM has no type for.
// CHECK-LABEL: func @others
// CHECK-NEXT: math.tanh
// CHECK-NEXT: math.sqrt %{{.*}} : vector<2x2xf32>
// CHECK-NEXT: math.sqrt %{{.*}} : tensor<4xf32>
func.func @others(%x: f32, %m: vector<2x2xf32>, %t: tensor<4xf32>) -> (f32, vector<2x2xf32>, tensor<4xf32>) {
  %0 = math.tanh %x : f32
  %1 = math.sqrt %m : vector<2x2xf32>
  %2 = math.sqrt %t : tensor<4xf32>
  return %0, %1, %2 : f32, vector<2x2xf32>, tensor<4xf32>
}
