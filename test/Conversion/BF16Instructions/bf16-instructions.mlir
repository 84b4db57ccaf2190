// RUN: seednorm-opt %s --bf16-instructions="triple=x86_64-linux-gnu cpu=znver4" | FileCheck %s --check-prefixes=CHECK,BF16
// RUN: seednorm-opt %s --bf16-instructions="triple=x86_64-linux-gnu cpu=icelake-server" | FileCheck %s --check-prefixes=CHECK,NONE
// RUN: seednorm-opt %s --bf16-instructions="triple=aarch64-linux-gnu features=+sve" | FileCheck %s --check-prefixes=CHECK,NONE
// RUN: not seednorm-opt %s --bf16-instructions="triple=x86_64-linux-gnu cpu=abacus" 2>&1 | FileCheck %s --check-prefix=CPU

// CPU: error: unknown CPU 'abacus' for target 'x86_64

// The instruction flushes subnormal numbers: vectors with one, or with a zero,
// do without it.
// CHECK-LABEL: func @vector(
// CHECK-SAME: %[[X:.*]]: vector<16xf32>
// BF16: %[[BITS:.*]] = arith.bitcast %[[X]]
// BF16: %[[EXPONENT:.*]] = arith.andi %[[BITS]],
// BF16: %[[IS_ZERO:.*]] = arith.cmpi eq, %[[EXPONENT]],
// BF16: %[[ANY:.*]] = vector.reduction <or>, %[[IS_ZERO]]
// BF16: %[[Y:.*]] = scf.if %[[ANY]] -> (vector<16xbf16>) {
// BF16:   %[[SLOW:.*]] = arith.truncf %[[X]]
// BF16:   scf.yield %[[SLOW]]
// BF16: } else {
// BF16:   %[[FAST:.*]] = llvm.fptrunc %[[X]] : vector<16xf32> to vector<16xbf16>
// BF16:   scf.yield %[[FAST]]
// BF16: return %[[Y]]
// NONE-NOT: scf.if
// NONE: arith.truncf
func.func @vector(%x: vector<16xf32>) -> vector<16xbf16> {
  %y = arith.truncf %x : vector<16xf32> to vector<16xbf16>
  return %y : vector<16xbf16>
}

// What has no such instruction.
// CHECK-LABEL: func @others(
// CHECK-NOT: scf.if
// CHECK-COUNT-4: arith.truncf
func.func @others(%a: f32, %b: vector<2xf32>, %c: vector<16xf64>, %d: vector<16xf32>)
    -> (bf16, vector<2xbf16>, vector<16xbf16>, vector<16xf16>) {
  %0 = arith.truncf %a : f32 to bf16
  %1 = arith.truncf %b : vector<2xf32> to vector<2xbf16>
  %2 = arith.truncf %c : vector<16xf64> to vector<16xbf16>
  %3 = arith.truncf %d : vector<16xf32> to vector<16xf16>
  return %0, %1, %2, %3 : bf16, vector<2xbf16>, vector<16xbf16>, vector<16xf16>
}
