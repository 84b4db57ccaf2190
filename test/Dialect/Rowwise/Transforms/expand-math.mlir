// RUN: seednorm-opt %s --rowwise-expand-math | FileCheck %s

// CHECK-LABEL: func @vectors
// CHECK-NOT: math.tanh
// CHECK-NOT: math.exp
// CHECK-NOT: math.log
// CHECK-NOT: math.erf
// CHECK: math.fma {{.*}} : vector<16xf32>
func.func @vectors(%x: vector<16xf32>) -> vector<16xf32> {
  %0 = math.tanh %x : vector<16xf32>
  %1 = math.exp %0 : vector<16xf32>
  %2 = math.log %1 : vector<16xf32>
  %3 = math.erf %2 : vector<16xf32>
  %4 = math.rsqrt %3 : vector<16xf32>
  return %4 : vector<16xf32>
}

// CHECK-LABEL: func @scalable
// CHECK-NOT: math.tanh
// CHECK: math.fma {{.*}} : vector<[4]xf32>
func.func @scalable(%x: vector<[4]xf32>) -> vector<[4]xf32> {
  %0 = math.tanh %x : vector<[4]xf32>
  return %0 : vector<[4]xf32>
}

// CHECK-LABEL: func @narrow
// CHECK: arith.extf %arg0 : vector<8xbf16> to vector<8xf32>
// CHECK: arith.truncf {{.*}} : vector<8xf32> to vector<8xbf16>
func.func @narrow(%x: vector<8xbf16>) -> vector<8xbf16> {
  %0 = math.tanh %x : vector<8xbf16>
  return %0 : vector<8xbf16>
}

// f64 is the C library's.
// CHECK-LABEL: func @wide
// CHECK: math.tanh {{.*}} : vector<8xf64>
func.func @wide(%x: vector<8xf64>) -> vector<8xf64> {
  %0 = math.tanh %x : vector<8xf64>
  return %0 : vector<8xf64>
}
