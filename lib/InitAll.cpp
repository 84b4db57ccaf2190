//===- InitAll.cpp - Everything that a tool registers --------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/InitAll.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNorm.h"
#include "seednorm/Dialect/SeeDNorm/Transforms/Passes.h"
#include "seednorm/Pipelines/Pipelines.h"

using namespace mlir;

void mlir::seednorm::registerAllDialects(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  // What gpu-module-to-binary translates kernels by.
  registerAllGPUToLLVMIRTranslations(registry);
  registry.insert<rowwise::RowwiseDialect, SeeDNormDialect>();
  rowwise::registerBufferizableOpInterfaceExternalModels(registry);
  registerBufferizableOpInterfaceExternalModels(registry);
}

void mlir::seednorm::registerAllPasses() {
  mlir::registerAllPasses();
  rowwise::registerRowwisePasses();
  registerSeeDNormPasses();
  registerSeeDNormConversionPasses();
  registerPipelines();
}
