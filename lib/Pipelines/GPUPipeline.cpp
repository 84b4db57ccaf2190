//===- GPUPipeline.cpp - From model IR to host code and kernels ----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of the passes, and nothing else.
//
//===----------------------------------------------------------------------===//

#include "CPUPipeline.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"
#include "seednorm/Pipelines/Pipelines.h"

using namespace mlir;
using namespace mlir::seednorm;

/// Everything that touches an array becomes a kernel.
static void addKernels(OpPassManager &pm) {
  pm.addPass(createOwnershipToStack());
  pm.addPass(createLinalgToGemm());
  pm.addPass(createRowwiseToGPU());
  pm.addPass(createLinalgSizeChecks());
  CopyToLinalgOptions copies;
  copies.all = true;
  pm.addPass(createCopyToLinalg(copies));
  pm.addPass(createParallelOutermost());
  pm.addPass(createConvertLinalgToParallelLoopsPass());
  addCleanup(pm);
  pm.addPass(createParallelLoopsToGPU());
  addCleanup(pm);
  pm.addPass(createGpuLaunchSinkIndexComputationsPass());
  pm.addPass(createGpuKernelOutliningPass());
}

/// The kernels alone, to the NVVM dialect.
static void addNVVM(OpPassManager &pm) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(createExpandShapes());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createPTXInstructions());
  kernels.addPass(rowwise::createRowwiseExpandMath());
  kernels.addPass(createMathToIntrinsics());
  kernels.addPass(arith::createArithExpandOpsPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createConvertVectorToSCFPass());
  kernels.addPass(createSCFToControlFlowPass());
  addCleanup(kernels);
  kernels.addPass(createConvertGpuOpsToNVVMOps());
  kernels.addPass(createConvertVectorToLLVMPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  kernels.addPass(createPTXInstructions());
  addCleanup(kernels);
}

/// Hints to caches need PTX 7.4, and LLVM writes the oldest version that knows
/// the chip. Newer chips need a newer one anyway.
static std::string getPTXFeature(StringRef chip) {
  bool older =
      llvm::is_contained({"sm_70", "sm_72", "sm_75", "sm_80", "sm_86"}, chip);
  return older ? "+ptx74" : "";
}

void mlir::seednorm::buildNVVMPipeline(OpPassManager &pm,
                                       const NVVMPipelineOptions &options) {
  ExportEntriesOptions entries;
  entries.triple = options.triple;
  entries.cpu = options.cpu;
  entries.features = options.features;
  entries.device = "nvvm";
  entries.chip = options.chip;
  entries.format = options.format;
  pm.addPass(createExportEntries(entries));
  CPUPipelineOptions device;
  device.triple = "nvptx64-nvidia-cuda";
  device.cpu = options.chip;
  buildRowProgramPipeline(pm, device);
  addBufferization(pm);
  addKernels(pm);
  addNVVM(pm);
  GpuNVVMAttachTargetOptions target;
  target.chip = options.chip;
  target.features = getPTXFeature(options.chip);
  target.optLevel = 3;
  pm.addPass(createGpuNVVMAttachTarget(target));
  pm.addPass(createDependentLaunches());
  if (options.format == "none")
    return;
  // The emulator says where in the model something went wrong.
  if (options.format == "llvm")
    pm.addPass(LLVM::createDIScopeForLLVMFuncOpPass());
  GpuModuleToBinaryPassOptions binary;
  binary.compilationTarget = options.format;
  binary.toolkitPath = options.toolkit;
  pm.addPass(createGpuModuleToBinaryPass(binary));
  pm.addPass(createLaunchToRuntime());
  pm.addPass(createAssertToRuntime());
  addLLVM(pm);
}
