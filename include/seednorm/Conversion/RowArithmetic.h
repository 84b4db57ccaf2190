//===- RowArithmetic.h - Reductions as arithmetic ---------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How values of a row program are combined, widened and contracted, the same on
// every target. Knows nothing of where they are.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_ROWARITHMETIC_H
#define SEEDNORM_CONVERSION_ROWARITHMETIC_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"

namespace mlir::rowwise {

/// Adds to the fast-math flags of an operation that has some. Contraction to
/// fused multiply-add is what a row program allows: it only ever removes a
/// rounding.
void addFastMath(Operation *op, arith::FastMathFlags flags);

/// Two scalars or vectors as a reduction of this kind combines them.
Value combine(OpBuilder &builder, Location loc, ReduceKind kind, Value a,
              Value b);
/// The value that changes nothing, as a scalar or a splat of a vector type.
Value getIdentity(OpBuilder &builder, Location loc, ReduceKind kind, Type type);

/// A scalar or vector with elements of at least this type.
Value widen(OpBuilder &builder, Location loc, Value value, Type least);
/// Back to the type that was widened.
Value narrow(OpBuilder &builder, Location loc, Value value, Type type);

/// Where masked lanes must not divide by zero.
bool isIntegerDivision(Operation *op);

} // namespace mlir::rowwise

#endif // SEEDNORM_CONVERSION_ROWARITHMETIC_H
