//===- CPUPipeline.h - Stages that pipelines share --------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_PIPELINES_CPUPIPELINE_H
#define SEEDNORM_LIB_PIPELINES_CPUPIPELINE_H

#include "mlir/Pass/PassManager.h"

namespace mlir::seednorm {

void addCleanup(OpPassManager &pm);
/// To memrefs, with every buffer freed where it dies.
void addBufferization(OpPassManager &pm);
/// The host's code, from loops to the LLVM dialect.
void addLLVM(OpPassManager &pm);

} // namespace mlir::seednorm

#endif // SEEDNORM_LIB_PIPELINES_CPUPIPELINE_H
