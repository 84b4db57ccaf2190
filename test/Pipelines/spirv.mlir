// RUN: seednorm-opt %S/Inputs/norms.mlir --seednorm-spirv-pipeline="format=none" | FileCheck %s --check-prefix=IR
// RUN: seednorm-opt %S/Inputs/norms.mlir --seednorm-spirv-pipeline="format=isa" | %kernel-binary | FileCheck %s --check-prefix=TEXT
// RUN: seednorm-opt %S/Inputs/norms.mlir --seednorm-spirv-pipeline="subgroup-size=16 format=isa" | %kernel-binary | FileCheck %s --check-prefix=SIXTEEN
// RUN: not seednorm-opt %S/Inputs/norms.mlir --seednorm-spirv-pipeline="format=exe" 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: not seednorm-opt %S/Inputs/norms.mlir --seednorm-spirv-pipeline="subgroup-size=12" 2>&1 | FileCheck %s --check-prefix=SIZE
// RUN: not seednorm-opt %s --seednorm-spirv-pipeline 2>&1 | FileCheck %s --check-prefix=BF16

// bf16 are integers, and all arrays in global memory.
// IR: llvm.func spir_kernelcc @narrow_0_rows(%{{[a-z0-9]+}}: !llvm.ptr<1>{{.*}}intel_reqd_sub_group_size = 32 : i32
// IR: llvm.call spir_funccc @_Z21sub_group_shuffle_xorfj
// IR: llvm.func spir_kernelcc @bf16_{{[0-9]+}}_rows(
// IR: llvm.load {{.*}} : !llvm.ptr<1> -> vector<8xi16>

// TEXT: OpMemoryModel Physical64 OpenCL
// TEXT-NOT: SubgroupSize 16

// SIXTEEN-NOT: SubgroupSize 32
// SIXTEEN: SubgroupSize 16
// SIXTEEN-NOT: SubgroupSize 32

// FORMAT: error: unknown kernel format 'exe', where llvm, isa or bin is expected

// SIZE: error: the size of subgroups (12) must be a power of two, 128 at most

// BF16: 'arith.addf' op computes in bf16, but kernels for SPIR-V only load and store it; f32 is needed in between
func.func @sum(%x: tensor<?x768xbf16>) -> tensor<?x768xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x768xbf16>
  %e = tensor.empty(%n) : tensor<?x768xbf16>
  %y = linalg.add ins(%x, %x : tensor<?x768xbf16>, tensor<?x768xbf16>) outs(%e : tensor<?x768xbf16>) -> tensor<?x768xbf16>
  return %y : tensor<?x768xbf16>
}
