// REQUIRES: spirv-val
// RUN: seednorm-opt %S/Inputs/norms.mlir --seednorm-spirv-pipeline | %kernel-binary %t.spv
// RUN: spirv-val --target-env spv1.4 %t.spv
// RUN: seednorm-opt %S/causal-softmax.mlir --seednorm-spirv-pipeline | %kernel-binary %t.softmax.spv
// RUN: spirv-val --target-env spv1.4 %t.softmax.spv
// RUN: spirv-dis %t.spv | FileCheck %s

// Kernels of OpenCL: what they take is global memory, what they share is the
// workgroup's.
// CHECK: Version: 1.4
// CHECK-DAG: OpCapability Kernel
// CHECK-DAG: OpCapability GroupNonUniformShuffle
// CHECK-NOT: OpExtension
// CHECK: OpMemoryModel Physical64 OpenCL
// CHECK: OpEntryPoint Kernel %narrow_0_rows "narrow_0_rows"
// CHECK: OpExecutionMode %narrow_0_rows SubgroupSize 32
// CHECK-DAG: [[F32:%[a-z0-9_]+]] = OpTypeFloat 32
// CHECK-DAG: [[GLOBAL:%[a-zA-Z0-9_]+]] = OpTypePointer CrossWorkgroup
// CHECK-DAG: OpTypePointer Workgroup
// CHECK: %narrow_0_rows = OpFunction %void
// CHECK-NEXT: OpFunctionParameter %_ptr_CrossWorkgroup_
// CHECK: OpLoad %v4float {{.*}} Aligned{{.*}} 16
// CHECK: OpGroupNonUniformShuffleXor
// CHECK: %wide_{{[0-9]+}}_rows = OpFunction %void
// CHECK: OpControlBarrier
