//===- Passes.h - Passes over models ----------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_SEEDNORM_TRANSFORMS_PASSES_H
#define SEEDNORM_DIALECT_SEEDNORM_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::seednorm {

#define GEN_PASS_DECL
#include "seednorm/Dialect/SeeDNorm/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "seednorm/Dialect/SeeDNorm/Transforms/Passes.h.inc"

} // namespace mlir::seednorm

#endif // SEEDNORM_DIALECT_SEEDNORM_TRANSFORMS_PASSES_H
