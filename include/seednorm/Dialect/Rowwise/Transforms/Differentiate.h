//===- Differentiate.h - Backward of a row program --------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reverse mode on the region of a row program. Knows nothing of which
// normalisation it came from, nor of functions and targets.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_DIFFERENTIATE_H
#define SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_DIFFERENTIATE_H

#include "mlir/IR/Builders.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"

namespace mlir::rowwise {

/// The type that sums over rows are made in: f32 (f64 for f64).
Type getSumType(Type element);

/// The type of the gradient of an operand: a row operand's own; that of a
/// column operand and of a row operand that repeats is a sum over rows, in f32
/// whatever it holds (f64 for f64).
RankedTensorType getGradientType(ProgramOp program, OpOperand &operand);

/// Makes, at the builder's position, the program that computes the gradients of
/// the row and column operands `wanted` from `cotangents`, one for each result
/// of `program` in its type; a null one stands for zeros, and one at least must
/// be given. The forward values that it needs are computed again, but for
/// results that are handed in as `saved`: one for each result, or null, or none
/// at all. An operation without a derivative is an error.
FailureOr<ProgramOp> differentiate(OpBuilder &builder, ProgramOp program,
                                   ValueRange cotangents,
                                   ArrayRef<OpOperand *> wanted,
                                   ValueRange saved = {});

} // namespace mlir::rowwise

#endif // SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_DIFFERENTIATE_H
