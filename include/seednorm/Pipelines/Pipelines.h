//===- Pipelines.h - The named pipelines -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From model IR to LLVM IR in one call. What comes after is the runtime's.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_PIPELINES_PIPELINES_H
#define SEEDNORM_PIPELINES_PIPELINES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

namespace mlir::seednorm {

/// What to generate code for; empty strings mean the host.
struct TargetOptions {
  std::string triple, cpu, features;
};

struct CPUPipelineOptions : PassPipelineOptions<CPUPipelineOptions> {
  Option<std::string> triple{
      *this, "triple", llvm::cl::desc("target triple; empty: the host's")};
  Option<std::string> cpu{
      *this, "cpu",
      llvm::cl::desc("target CPU as llc names it; empty: the host's")};
  Option<std::string> features{
      *this, "features", llvm::cl::desc("target features, as +avx2,-fma")};
  // As rowwise-schedule has them.
  Option<std::string> database{
      *this, "db", llvm::cl::desc("database of measured schedules")};
  Option<std::string> mode{
      *this, "tuning-mode",
      llvm::cl::desc("use, record, pinned or off; empty: use if db is given, "
                     "else off")};
  Option<int64_t> threads{
      *this, "threads",
      llvm::cl::desc("threads that the code will run with; 0: as "
                     "OMP_NUM_THREADS says, or all cores"),
      llvm::cl::init(0)};
  Option<bool> printTuning{
      *this, "print-tuning",
      llvm::cl::desc("say on stderr where every program's schedule comes from"),
      llvm::cl::init(false)};
};

struct NVVMPipelineOptions : CPUPipelineOptions {
  Option<std::string> chip{
      *this, "chip",
      llvm::cl::desc("the GPU's architecture: sm_80, sm_90, sm_100, sm_120, …"),
      llvm::cl::init("sm_90")};
  Option<std::string> format{
      *this, "format",
      llvm::cl::desc("what the kernels become: llvm (bitcode), isa (PTX), bin "
                     "(cubin), fatbin, or none: they stay in the NVVM dialect "
                     "and the host's code as it is before them"),
      llvm::cl::init("isa")};
  Option<std::string> toolkit{
      *this, "toolkit",
      llvm::cl::desc("where the CUDA toolkit is, for bin and fatbin; empty: "
                     "where it usually is")};
};

struct ROCDLPipelineOptions : CPUPipelineOptions {
  Option<std::string> chip{
      *this, "chip",
      llvm::cl::desc("the GPU's architecture: gfx90a, gfx942, gfx1100, …"),
      llvm::cl::init("gfx942")};
  Option<std::string> format{
      *this, "format",
      llvm::cl::desc("what the kernels become: llvm (bitcode), isa (assembly), "
                     "bin (a code object, by ROCm's linker), or none: they "
                     "stay in the ROCDL dialect and the host's code as it is "
                     "before them"),
      llvm::cl::init("isa")};
  Option<std::string> toolkit{
      *this, "toolkit",
      llvm::cl::desc("where ROCm is, for bin; empty: where it usually is")};
};

struct SPIRVPipelineOptions : CPUPipelineOptions {
  Option<std::string> format{
      *this, "format",
      llvm::cl::desc("what the kernels become: llvm (bitcode), isa (SPIR-V as "
                     "text), bin (SPIR-V), or none: they stay in the LLVM "
                     "dialect and the host's code as it is before them"),
      llvm::cl::init("bin")};
  Option<int64_t> subgroupSize{
      *this, "subgroup-size",
      llvm::cl::desc("threads of a subgroup, which kernels then require"),
      llvm::cl::init(32)};
};

/// Model IR (`seednorm`, `linalg`, `tensor`, …) to the LLVM dialect.
void buildCPUPipeline(OpPassManager &pm, const CPUPipelineOptions &options);

/// Model IR to the LLVM dialect for the host, every array in the GPU's memory,
/// with the kernels as a binary inside.
void buildNVVMPipeline(OpPassManager &pm, const NVVMPipelineOptions &options);

/// The same for AMD's GPUs.
void buildROCDLPipeline(OpPassManager &pm, const ROCDLPipelineOptions &options);

/// The same in SPIR-V for OpenCL.
void buildSPIRVPipeline(OpPassManager &pm, const SPIRVPipelineOptions &options);

/// The part of it that ends with fused and scheduled row programs on tensors.
void buildRowProgramPipeline(OpPassManager &pm,
                             const CPUPipelineOptions &options);

/// The part of that which comes before schedules: it depends on no target.
void buildFusionPipeline(OpPassManager &pm);

/// `seednorm-cpu-pipeline`, `seednorm-nvvm-pipeline`,
/// `seednorm-rocdl-pipeline`, `seednorm-spirv-pipeline` and
/// `seednorm-row-programs` for command lines.
void registerPipelines();

/// LLVM IR for the target, with a wrapper `void seednorm_entry_f(void **)` for
/// every entry point `f`.
llvm::Expected<std::unique_ptr<llvm::Module>>
translateToLLVM(ModuleOp module, llvm::LLVMContext &context,
                const TargetOptions &target);

} // namespace mlir::seednorm

#endif // SEEDNORM_PIPELINES_PIPELINES_H
