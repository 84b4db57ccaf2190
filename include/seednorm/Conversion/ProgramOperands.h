//===- ProgramOperands.h - Operands of a row program, apart -----*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every lowering of a row program on memrefs begins with: sizes, arrays
// and the checks of them. Knows no target.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_PROGRAMOPERANDS_H
#define SEEDNORM_CONVERSION_PROGRAMOPERANDS_H

#include "seednorm/Conversion/RowAccess.h"
#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"

namespace mlir::rowwise {

/// An error, said at the program, if it is not what a lowering takes: on
/// memrefs, scheduled, with sums of adjacent rows only.
LogicalResult checkLowerable(ProgramOp program);

/// The operands of a program, taken apart where the builder is.
class ProgramOperands {
public:
  ProgramOperands(OpBuilder &builder, ProgramOp program,
                  const RowAnalysis &analysis);

  /// In the order of the operands.
  ArrayRef<RowArray> getArrays() const { return arrays; }
  const RowArray &getOut(unsigned index) const {
    return arrays[firstOut + index];
  }
  /// The sizes of the leading dimensions, and their product.
  ArrayRef<Value> getLeading() const { return leading; }
  Value getRowCount() const { return rowCount; }
  /// The number of rows that the leading dimensions from `begin` to `end` have.
  Value countRows(OpBuilder &builder, unsigned begin, unsigned end) const;

  /// Asserts what the verifier could not see: dynamic sizes that do not fit
  /// would be accesses out of bounds.
  void checkShapes(OpBuilder &builder) const;

  /// The value of the region that one row of an operand is.
  Value getRowValue(unsigned operand) const;

private:
  bool isShared(unsigned operand) const;

  ProgramOp program;
  const RowAnalysis &analysis;
  SmallVector<RowArray> arrays;
  SmallVector<Value> leading;
  Value rowCount;
  unsigned firstOut;
};

} // namespace mlir::rowwise

#endif // SEEDNORM_CONVERSION_PROGRAMOPERANDS_H
