//===- GPUPipeline.cpp - From model IR to host code and kernels ----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of the passes, the same for all GPUs, and the few that differ.
//
//===----------------------------------------------------------------------===//

#include "CPUPipeline.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Dialect/Rowwise/Transforms/GPUTarget.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"
#include "seednorm/Pipelines/Pipelines.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

using namespace mlir;
using namespace mlir::seednorm;

namespace {

/// What one vendor's GPUs have of their own.
struct Backend {
  /// As module metadata has it.
  StringRef device;
  std::string triple, chip, format;
  /// Threads that shuffle.
  int64_t subgroupSize = 32;
  bool hasBF16 = true;
  /// What the lowering does not know, before it and after it: may be null.
  std::function<std::unique_ptr<Pass>()> createInstructions;
  std::function<void(OpPassManager &kernels)> addLowering;
  std::function<void(OpPassManager &pm)> attachTarget; // may be null
  std::function<void(OpPassManager &pm)> addBinary;
};

} // namespace

/// Everything that touches an array becomes a kernel.
static void addKernels(OpPassManager &pm, const Backend &backend) {
  pm.addPass(createOwnershipToStack());
  pm.addPass(createLinalgToGemm());
  RowwiseToGPUOptions rows;
  rows.subgroupSize = backend.subgroupSize;
  pm.addPass(createRowwiseToGPU(rows));
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

/// The kernels alone, to the LLVM dialect and the backend's.
static void addKernelCode(OpPassManager &pm, const Backend &backend) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  auto addInstructions = [&] {
    if (backend.createInstructions)
      kernels.addPass(backend.createInstructions());
  };
  kernels.addPass(createExpandShapes());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  addInstructions();
  kernels.addPass(rowwise::createRowwiseExpandMath());
  kernels.addPass(createMathToIntrinsics());
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = !backend.hasBF16;
  kernels.addPass(arith::createArithExpandOpsPass(expand));
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createConvertVectorToSCFPass());
  kernels.addPass(createSCFToControlFlowPass());
  addCleanup(kernels);
  backend.addLowering(kernels);
  kernels.addPass(createConvertVectorToLLVMPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  addInstructions();
  addCleanup(kernels);
}

/// By the target that is attached to the kernels' module.
static void addTargetBinary(OpPassManager &pm, StringRef format,
                            StringRef toolkit, StringRef library = "") {
  GpuModuleToBinaryPassOptions binary;
  binary.compilationTarget = format.str();
  binary.toolkitPath = toolkit.str();
  if (!library.empty())
    binary.linkFiles = {library.str()};
  pm.addPass(createGpuModuleToBinaryPass(binary));
}

static void buildGPUPipeline(OpPassManager &pm,
                             const CPUPipelineOptions &options,
                             const Backend &backend) {
  ExportEntriesOptions entries;
  entries.triple = options.triple;
  entries.cpu = options.cpu;
  entries.features = options.features;
  entries.device = backend.device.str();
  entries.chip = backend.chip;
  entries.format = backend.format;
  pm.addPass(createExportEntries(entries));
  CPUPipelineOptions device;
  device.triple = backend.triple;
  device.cpu = backend.chip;
  device.database = options.database;
  device.mode = options.mode;
  device.threads = options.threads;
  device.printTuning = options.printTuning;
  buildRowProgramPipeline(pm, device);
  addBufferization(pm);
  addKernels(pm, backend);
  addKernelCode(pm, backend);
  if (backend.attachTarget)
    backend.attachTarget(pm);
  if (backend.format == "none")
    return;
  // The emulator says where in the model something went wrong.
  if (backend.format == "llvm")
    pm.addPass(LLVM::createDIScopeForLLVMFuncOpPass());
  backend.addBinary(pm);
  pm.addPass(createLaunchToRuntime());
  pm.addPass(createAssertToRuntime());
  addLLVM(pm);
}

/// Hints to caches need PTX 7.4, and LLVM writes the oldest version that knows
/// the chip. Newer chips need a newer one anyway.
static std::string getPTXFeature(StringRef chip) {
  bool older =
      llvm::is_contained({"sm_70", "sm_72", "sm_75", "sm_80", "sm_86"}, chip);
  return older ? "+ptx74" : "";
}

/// NVIDIA's library of functions, which f64 and a few rarer functions need;
/// empty: there is none.
static std::string findLibdevice(StringRef toolkit) {
  if (std::optional<std::string> named =
          llvm::sys::Process::GetEnv("SEEDNORM_LIBDEVICE"))
    return *named;
  std::string home =
      llvm::sys::Process::GetEnv("CUDA_HOME").value_or("/usr/local/cuda");
  SmallString<128> path(toolkit.empty() ? StringRef(home) : toolkit);
  llvm::sys::path::append(path, "nvvm", "libdevice", "libdevice.10.bc");
  return llvm::sys::fs::exists(path) ? path.str().str() : "";
}

void mlir::seednorm::buildNVVMPipeline(OpPassManager &pm,
                                       const NVVMPipelineOptions &options) {
  Backend backend;
  backend.device = "nvvm";
  backend.triple = "nvptx64-nvidia-cuda";
  backend.chip = options.chip;
  backend.format = options.format;
  std::string library = findLibdevice(options.toolkit);
  backend.addBinary = [&](OpPassManager &pm) {
    addTargetBinary(pm, options.format, options.toolkit, library);
  };
  backend.createInstructions = createPTXInstructions;
  backend.addLowering = [](OpPassManager &kernels) {
    kernels.addPass(createConvertGpuOpsToNVVMOps());
  };
  backend.attachTarget = [&](OpPassManager &pm) {
    GpuNVVMAttachTargetOptions target;
    target.chip = options.chip;
    target.features = getPTXFeature(options.chip);
    target.optLevel = 3;
    pm.addPass(createGpuNVVMAttachTarget(target));
    pm.addPass(createDependentLaunches());
    if (library.empty())
      pm.addPass(createRejectLibdevice());
  };
  buildGPUPipeline(pm, options, backend);
}

void mlir::seednorm::buildROCDLPipeline(OpPassManager &pm,
                                        const ROCDLPipelineOptions &options) {
  Backend backend;
  backend.device = "rocdl";
  backend.triple = "amdgcn-amd-amdhsa";
  backend.chip = options.chip;
  backend.format = options.format;
  backend.addBinary = [&](OpPassManager &pm) {
    addTargetBinary(pm, options.format, options.toolkit);
  };
  // rowwise-schedule reports a chip that does not exist.
  auto gpu = rowwise::getGPUTarget(backend.triple, backend.chip);
  if (gpu)
    backend.subgroupSize = gpu->warp;
  else
    llvm::consumeError(gpu.takeError());
  backend.createInstructions = createROCDLInstructions;
  backend.addLowering = [&](OpPassManager &kernels) {
    ConvertGpuOpsToROCDLOpsOptions lowering;
    lowering.chipset = options.chip;
    kernels.addPass(createConvertGpuOpsToROCDLOps(lowering));
  };
  backend.attachTarget = [&](OpPassManager &pm) {
    GpuROCDLAttachTargetOptions target;
    target.chip = options.chip;
    target.optLevel = 3;
    target.wave64Flag = backend.subgroupSize == 64;
    pm.addPass(createGpuROCDLAttachTarget(target));
  };
  buildGPUPipeline(pm, options, backend);
}

void mlir::seednorm::buildSPIRVPipeline(OpPassManager &pm,
                                        const SPIRVPipelineOptions &options) {
  Backend backend;
  backend.device = "spirv";
  backend.triple = "spirv64-unknown-unknown";
  backend.format = options.format;
  backend.subgroupSize = options.subgroupSize;
  backend.hasBF16 = false;
  backend.addLowering = [&](OpPassManager &kernels) {
    KernelsToOpenCLOptions lowering;
    lowering.subgroupSize = options.subgroupSize;
    kernels.addPass(createKernelsToOpenCL(lowering));
  };
  backend.addBinary = [&](OpPassManager &pm) {
    KernelsToSPIRVOptions binary;
    binary.format = options.format;
    pm.addPass(createKernelsToSPIRV(binary));
  };
  buildGPUPipeline(pm, options, backend);
}
