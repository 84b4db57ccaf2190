// RUN: seednorm-opt %S/Inputs/norms.mlir --seednorm-rocdl-pipeline="chip=gfx942 format=none" | FileCheck %s --check-prefix=IR
// RUN: seednorm-opt %S/Inputs/norms.mlir --seednorm-rocdl-pipeline="chip=gfx942 format=isa" > %t.mlir
// RUN: FileCheck %s --check-prefix=HOST < %t.mlir
// RUN: %kernel-binary < %t.mlir > %t.s
// RUN: FileCheck %s --check-prefix=ISA < %t.s
// RUN: FileCheck %s --check-prefix=MEMORY < %t.s
// RUN: seednorm-opt %S/Inputs/norms.mlir --seednorm-rocdl-pipeline="chip=gfx1100 format=isa" | %kernel-binary | FileCheck %s --check-prefix=RDNA
// RUN: not seednorm-opt %S/Inputs/norms.mlir --seednorm-rocdl-pipeline="chip=sm_90" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not seednorm-opt %S/Inputs/norms.mlir --seednorm-rocdl-pipeline="format=exe" 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: not seednorm-opt %s --seednorm-rocdl-pipeline 2>&1 | FileCheck %s --check-prefix=LIBRARY

// Waves of 64: the last step of a tree is within 32 lanes, the first is not.
// IR: gpu.module @seednorm_kernels [#rocdl.target<O = 3, chip = "gfx942">]
// IR: llvm.func @narrow_0_rows({{.*}}rocdl.kernel
// IR: llvm.call_intrinsic "llvm.amdgcn.implicitarg.ptr"
// IR-DAG: rocdl.ds_swizzle
// IR-DAG: rocdl.ds_bpermute
// IR-NOT: __ockl
// IR-NOT: __ocml

// HOST-DAG: llvm.mlir.global internal constant @seednorm_kernels_binary("
// HOST-DAG: llvm.call @seednorm_rt_launch

// A row within a wave needs no barrier, a longer one has one for each sweep.
// ISA: .amdgcn_target "amdgcn-amd-amdhsa--gfx942"
// ISA: {{^}}narrow_0_rows:
// ISA-NOT: s_barrier
// ISA: ds_swizzle_b32
// ISA-NOT: s_barrier
// ISA: {{^}}narrow_0_rows_unaligned:
// ISA: {{^}}wide_2_rows:
// ISA: global_load_dwordx4 {{.*}} nt
// ISA: ds_bpermute_b32
// ISA-COUNT-1: s_barrier
// ISA-NOT: s_barrier
// ISA: global_store_dwordx4
// ISA-NOT: s_barrier
// ISA: .amdhsa_private_segment_fixed_size 0

// No kernel has variables in memory or spills registers.
// MEMORY-NOT: scratch_{{load|store}}
// MEMORY-NOT: flat_{{load|store}}
// MEMORY-NOT: {{\.private_segment_fixed_size: *[1-9]}}
// MEMORY-NOT: {{gpr_spill_count: *[1-9]}}
// MEMORY: .vgpr_spill_count: 0
// MEMORY-NOT: {{\.private_segment_fixed_size: *[1-9]}}
// MEMORY-NOT: {{gpr_spill_count: *[1-9]}}
// MEMORY: amdhsa.target

// RDNA: .amdgcn_target "amdgcn-amd-amdhsa--gfx1100"
// RDNA: global_load_b128
// RDNA: .wavefront_size: 32

// CHIP: error: unknown chip 'sm_90': one of AMD's is expected, as gfx942
// FORMAT: error: Invalid format specified.

// LIBRARY: 'llvm.intr.tanh' op needs ROCm's device libraries, which kernels are not linked with; functions of f32 need none
func.func @f64(%x: tensor<?x768xf64>, %a: tensor<768xf64>) -> tensor<?x768xf64> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x768xf64>
  %e = tensor.empty(%n) : tensor<?x768xf64>
  %y = seednorm.norm ins(%x : tensor<?x768xf64>) alpha(%a : tensor<768xf64>) beta(%a : tensor<768xf64>) outs(%e : tensor<?x768xf64>) -> tensor<?x768xf64>
  return %y : tensor<?x768xf64>
}
