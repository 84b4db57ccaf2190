//===- InitAll.h - Everything that a tool registers -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_INITALL_H
#define SEEDNORM_INITALL_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::seednorm {

/// Our dialects and upstream's, with all their extensions.
void registerAllDialects(DialectRegistry &registry);
/// Our passes and pipelines and upstream's.
void registerAllPasses();

} // namespace mlir::seednorm

#endif // SEEDNORM_INITALL_H
