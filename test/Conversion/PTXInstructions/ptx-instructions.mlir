// RUN: seednorm-opt %s --pass-pipeline='builtin.module(gpu.module(ptx-instructions))' | FileCheck %s

gpu.module @kernels {

// 128 bits at a time, past the first-level cache.
// CHECK-LABEL: llvm.func @load
// CHECK: %[[G:.*]] = llvm.addrspacecast %arg0 : !llvm.ptr to !llvm.ptr<1>
// CHECK: %[[P:.*]] = llvm.getelementptr %[[G]][0]
// CHECK: llvm.inline_asm has_side_effects {{.*}}"ld.global.L1::evict_first.v4.b32 {$0, $1, $2, $3}, [$4];", "=r,=r,=r,=r,l" %[[P]]
// CHECK: llvm.bitcast %{{.*}} : vector<4xi32> to vector<4xf32>
// CHECK-NOT: llvm.load
llvm.func @load(%p: !llvm.ptr) -> vector<4xf32> {
  %v = llvm.load %p {alignment = 16 : i64, nontemporal} : !llvm.ptr -> vector<4xf32>
  llvm.return %v : vector<4xf32>
}

// CHECK-LABEL: llvm.func @store
// CHECK: llvm.bitcast %arg1 : vector<4xf32> to vector<4xi32>
// CHECK: llvm.inline_asm has_side_effects {{.*}}"st.global.L1::evict_first.v4.b32 [$0], {$1, $2, $3, $4};", "l,r,r,r,r"
// CHECK-NOT: llvm.store
llvm.func @store(%p: !llvm.ptr, %v: vector<4xf32>) {
  llvm.store %v, %p {alignment = 16 : i64, nontemporal} : vector<4xf32>, !llvm.ptr
  llvm.return
}

// More than that in pieces.
// CHECK-LABEL: llvm.func @pieces
// CHECK: llvm.getelementptr %{{.*}}[0]
// CHECK: v4.b32
// CHECK: llvm.getelementptr %{{.*}}[4]
// CHECK: v4.b32
// CHECK: llvm.bitcast %{{.*}} : vector<8xi32> to vector<8xf32>
llvm.func @pieces(%p: !llvm.ptr) -> vector<8xf32> {
  %v = llvm.load %p {alignment = 16 : i64, nontemporal} : !llvm.ptr -> vector<8xf32>
  llvm.return %v : vector<8xf32>
}

// Narrow elements, two to a register; 64 bits if there are no more.
// CHECK-LABEL: llvm.func @narrow
// CHECK: v4.b32
// CHECK: llvm.bitcast %{{.*}} : vector<4xi32> to vector<8xbf16>
// CHECK: "ld.global.L1::evict_first.v2.b32 {$0, $1}, [$2];"
// CHECK: llvm.bitcast %{{.*}} : vector<2xi32> to vector<4xf16>
llvm.func @narrow(%p: !llvm.ptr) -> !llvm.struct<(vector<8xbf16>, vector<4xf16>)> {
  %v = llvm.load %p {alignment = 16 : i64, nontemporal} : !llvm.ptr -> vector<8xbf16>
  %w = llvm.load %p {alignment = 8 : i64, nontemporal} : !llvm.ptr -> vector<4xf16>
  %0 = llvm.mlir.poison : !llvm.struct<(vector<8xbf16>, vector<4xf16>)>
  %1 = llvm.insertvalue %v, %0[0] : !llvm.struct<(vector<8xbf16>, vector<4xf16>)>
  %2 = llvm.insertvalue %w, %1[1] : !llvm.struct<(vector<8xbf16>, vector<4xf16>)>
  llvm.return %2 : !llvm.struct<(vector<8xbf16>, vector<4xf16>)>
}

// What is not marked, not aligned or of another size stays.
// CHECK-LABEL: llvm.func @others
// CHECK-NOT: inline_asm
// CHECK-COUNT-4: llvm.load
// CHECK-NOT: inline_asm
// CHECK: llvm.return
llvm.func @others(%p: !llvm.ptr, %q: !llvm.ptr) {
  %1 = llvm.load %p {alignment = 8 : i64, nontemporal} : !llvm.ptr -> vector<4xf32>
  %2 = llvm.load %p {nontemporal} : !llvm.ptr -> vector<4xf32>
  %3 = llvm.load %p {alignment = 16 : i64, nontemporal} : !llvm.ptr -> vector<3xf32>
  %4 = llvm.load %p {alignment = 4 : i64, nontemporal} : !llvm.ptr -> f32
  llvm.return
}

// Beside rows that go first stay vectors that are not marked; shared memory is
// no cache.
// CHECK-LABEL: llvm.func @parameters
// CHECK: "ld.global.L1::evict_last.v4.b32 {$0, $1, $2, $3}, [$4];"
// CHECK: llvm.load %{{.*}} : !llvm.ptr<3>
// CHECK: "st.global.L1::evict_first.v4.b32
llvm.func @parameters(%p: !llvm.ptr, %q: !llvm.ptr, %s: !llvm.ptr<3>) {
  %0 = llvm.load %p {alignment = 16 : i64} : !llvm.ptr -> vector<4xf32>
  %1 = llvm.load %s {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
  %2 = llvm.fadd %0, %1 : vector<4xf32>
  llvm.store %2, %q {alignment = 16 : i64, nontemporal} : vector<4xf32>, !llvm.ptr
  llvm.return
}

// Without such rows nothing is hinted.
// CHECK-LABEL: llvm.func @plain
// CHECK-NOT: inline_asm
// CHECK: llvm.return
llvm.func @plain(%p: !llvm.ptr) -> vector<4xf32> {
  %0 = llvm.load %p {alignment = 16 : i64} : !llvm.ptr -> vector<4xf32>
  llvm.return %0 : vector<4xf32>
}

// CHECK-LABEL: func.func @tanh
// CHECK: llvm.inline_asm {{.*}}"tanh.approx.f32 $0, $1;", "=f,f" %arg0 : (f32) -> f32
// CHECK-COUNT-2: tanh.approx.f32
// CHECK: vector.from_elements %{{.*}}, %{{.*}} : vector<2xf32>
func.func @tanh(%x: f32, %v: vector<2xf32>) -> (f32, vector<2xf32>) {
  %0 = math.tanh %x fastmath<afn> : f32
  %1 = math.tanh %v fastmath<contract,afn> : vector<2xf32>
  return %0, %1 : f32, vector<2xf32>
}

// CHECK-LABEL: func.func @accurate
// CHECK-NOT: tanh.approx
// CHECK: math.tanh %arg0 fastmath<contract>
// CHECK: math.tanh %arg1 fastmath<afn> : f64
func.func @accurate(%x: f32, %d: f64) -> (f32, f64) {
  %0 = math.tanh %x fastmath<contract> : f32
  %1 = math.tanh %d fastmath<afn> : f64
  return %0, %1 : f32, f64
}

}
