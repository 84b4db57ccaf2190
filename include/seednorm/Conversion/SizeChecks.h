//===- SizeChecks.h - Checks of sizes at run time ---------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_SIZECHECKS_H
#define SEEDNORM_CONVERSION_SIZECHECKS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::seednorm {

/// Asserts that an i1 holds, or else says the message with the operation's
/// place in the model.
void assertHolds(OpBuilder &builder, Location loc, Value holds,
                 const Twine &message);

/// Asserts that the two sizes of every pair are the same. Pairs that are known
/// to be need no code.
void assertEqualSizes(OpBuilder &builder, Location loc,
                      ArrayRef<std::pair<Value, Value>> pairs,
                      const Twine &message);

/// The same for the operands of a structured operation on memrefs along which
/// one loop runs.
void assertEqualLoopSizes(OpBuilder &builder, linalg::LinalgOp op,
                          const Twine &message);

} // namespace mlir::seednorm

#endif // SEEDNORM_CONVERSION_SIZECHECKS_H
