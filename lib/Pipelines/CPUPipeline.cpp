//===- CPUPipeline.cpp - From model IR to the LLVM dialect ---------------===//
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
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"
#include "seednorm/Dialect/SeeDNorm/Transforms/Passes.h"
#include "seednorm/Pipelines/Pipelines.h"

using namespace mlir;
using namespace mlir::seednorm;

void mlir::seednorm::addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void mlir::seednorm::buildFusionPipeline(OpPassManager &pm) {
  addCleanup(pm);
  pm.addPass(createSeeDNormAutodiff());
  pm.addPass(createSeeDNormToRowwise());
  pm.addPass(rowwise::createRowwiseSplitSums());
  pm.addPass(createLinalgToRowwise());
  pm.addPass(rowwise::createRowwiseFuse());
  addCleanup(pm);
}

void mlir::seednorm::buildRowProgramPipeline(
    OpPassManager &pm, const CPUPipelineOptions &options) {
  buildFusionPipeline(pm);
  rowwise::RowwiseScheduleOptions schedule;
  schedule.triple = options.triple;
  schedule.cpu = options.cpu;
  schedule.features = options.features;
  schedule.database = options.database;
  schedule.mode = options.mode;
  schedule.threads = options.threads;
  schedule.print = options.printTuning;
  pm.addPass(rowwise::createRowwiseSchedule(schedule));
}

void mlir::seednorm::addBufferization(OpPassManager &pm) {
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  pm.addPass(bufferization::createEmptyTensorToAllocTensorPass());
  pm.addPass(rowwise::createRowwiseBufferize());
  addCleanup(pm);
  // Accesses are still the model's own.
  pm.addPass(createIndexChecks());
  pm.addNestedPass<func::FuncOp>(bufferization::createBufferHoistingPass());
  bufferization::BufferDeallocationPipelineOptions deallocation;
  bufferization::buildBufferDeallocationPipeline(pm, deallocation);
  pm.addPass(createConvertBufferizationToMemRefPass());
}

static void addLoops(OpPassManager &pm, const CPUPipelineOptions &options) {
  pm.addPass(createLinalgToGemm());
  pm.addPass(createRowwiseToVector());
  pm.addPass(createLinalgSizeChecks());
  pm.addPass(createCopyToLinalg());
  pm.addPass(createConvertLinalgToLoopsPass());
  addCleanup(pm);
  pm.addPass(rowwise::createRowwiseExpandMath());
  BF16InstructionsOptions bf16;
  bf16.triple = options.triple;
  bf16.cpu = options.cpu;
  bf16.features = options.features;
  pm.addPass(createBF16Instructions(bf16));
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  pm.addPass(arith::createArithExpandOpsPass(expand));
  pm.addPass(createForallToRuntime());
  pm.addPass(createAssertToRuntime());
}

void mlir::seednorm::addLLVM(OpPassManager &pm) {
  pm.addPass(createExpandShapes());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(createSCFToControlFlowPass());
  addCleanup(pm);
  // What has no intrinsic is taken out of its vector for a call to libm.
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  FinalizeMemRefToLLVMConversionPassOptions memref;
  memref.useAlignedAlloc = true;
  memref.useGenericFunctions = true;
  pm.addPass(createFinalizeMemRefToLLVMConversionPass(memref));
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  addCleanup(pm);
}

void mlir::seednorm::buildCPUPipeline(OpPassManager &pm,
                                      const CPUPipelineOptions &options) {
  ExportEntriesOptions entries;
  entries.triple = options.triple;
  entries.cpu = options.cpu;
  entries.features = options.features;
  pm.addPass(createExportEntries(entries));
  buildRowProgramPipeline(pm, options);
  addBufferization(pm);
  addLoops(pm, options);
  addLLVM(pm);
}

void mlir::seednorm::registerPipelines() {
  PassPipelineRegistration<CPUPipelineOptions>(
      "seednorm-cpu-pipeline",
      "compile model IR to the LLVM dialect: vectorised code for a CPU",
      buildCPUPipeline);
  PassPipelineRegistration<NVVMPipelineOptions>(
      "seednorm-nvvm-pipeline",
      "compile model IR to the LLVM dialect with kernels for an NVIDIA GPU",
      buildNVVMPipeline);
  PassPipelineRegistration<ROCDLPipelineOptions>(
      "seednorm-rocdl-pipeline",
      "compile model IR to the LLVM dialect with kernels for an AMD GPU",
      buildROCDLPipeline);
  PassPipelineRegistration<SPIRVPipelineOptions>(
      "seednorm-spirv-pipeline",
      "compile model IR to the LLVM dialect with SPIR-V kernels for OpenCL",
      buildSPIRVPipeline);
  PassPipelineRegistration<CPUPipelineOptions>(
      "seednorm-row-programs",
      "turn model IR into fused and scheduled row programs on tensors",
      buildRowProgramPipeline);
}
