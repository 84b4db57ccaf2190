// RUN: seednorm-opt %s --export-entries="triple=t cpu=c features=+f" | FileCheck %s

// Private functions are no entry points.
// CHECK: llvm.mlir.global external constant @seednorm_module_metadata
// CHECK-SAME: \22entries\22:[{\22inputs\22:[{\22dtype\22:\22bf16\22,\22name\22:\22x\22,\22shape\22:[-1,8]},{\22dtype\22:\22f32\22,\22name\22:\22arg1\22,\22param\22:\22a.b\22,\22shape\22:[]}],\22name\22:\22f\22,\22results\22:[{\22dtype\22:\22i8\22,\22name\22:\22result0\22,\22shape\22:[3]}]}]
// CHECK-SAME: \22target\22:{\22cpu\22:\22c\22,\22features\22:\22+f\22,\22triple\22:\22t\22},\22version\22:1}\00
// CHECK: func.func @f(%arg0: tensor<?x8xbf16> {bufferization.writable = false}, %arg1: tensor<f32> {bufferization.writable = false}) -> tensor<3xi8> attributes {llvm.emit_c_interface}
func.func @f(%x: tensor<?x8xbf16> {seednorm.name = "x"}, %p: tensor<f32> {seednorm.param = "a.b"}) -> tensor<3xi8> {
  %r = call @g() : () -> tensor<3xi8>
  return %r : tensor<3xi8>
}
func.func private @g() -> tensor<3xi8> {
  %c = arith.constant dense<0> : tensor<3xi8>
  return %c : tensor<3xi8>
}

// RUN: seednorm-opt %s --export-entries="triple=t device=nvvm chip=sm_90 format=isa" | FileCheck %s --check-prefix=DEVICE
// DEVICE: {\22device\22:{\22chip\22:\22sm_90\22,\22format\22:\22isa\22,\22kind\22:\22nvvm\22},\22entries\22
