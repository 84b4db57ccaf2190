//===- Passes.h - Conversions between the three levels ----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_PASSES_H
#define SEEDNORM_CONVERSION_PASSES_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/Pass.h"

namespace mlir::seednorm {

/// Whether a function is the host's own bookkeeping of buffers, which
/// convert-bufferization-to-memref makes.
bool takesOwnership(Operation *function);

#define GEN_PASS_DECL
#include "seednorm/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "seednorm/Conversion/Passes.h.inc"

} // namespace mlir::seednorm

#endif // SEEDNORM_CONVERSION_PASSES_H
