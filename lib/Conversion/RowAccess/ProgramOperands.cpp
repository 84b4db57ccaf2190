//===- ProgramOperands.cpp - Operands of a row program, apart ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Conversion/ProgramOperands.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "seednorm/Conversion/SizeChecks.h"
#include <numeric>

using namespace mlir;
using namespace mlir::rowwise;

LogicalResult mlir::rowwise::checkLowerable(ProgramOp program) {
  if (!program.hasBufferSemantics())
    return program.emitOpError("is on tensors; run rowwise-bufferize first");
  ScheduleAttr schedule = program.getScheduleAttr();
  if (!schedule || !schedule.isComplete())
    return program.emitOpError(
        "has no complete schedule; run rowwise-schedule first");
  for (unsigned i = 0; i < program.getOuts().size(); ++i)
    if (program.isAccumulated(i) && !program.getSumDims(i))
      return program.emitOpError("out ")
             << i
             << " sums rows that are not adjacent; run rowwise-split-sums "
                "first";
  return success();
}

ProgramOperands::ProgramOperands(OpBuilder &builder, ProgramOp program,
                                 const RowAnalysis &analysis)
    : program(program), analysis(analysis),
      firstOut(program.getRows().size() + program.getColumns().size()) {
  Location loc = program.getLoc();
  Value first = program.getRows()[0];
  for (int64_t i = 0, e = program.getLeadingShape().size(); i < e; ++i)
    leading.push_back(builder.createOrFold<memref::DimOp>(loc, first, i));
  rowCount = countRows(builder, 0, leading.size());
  IndexMath math{builder, loc};
  for (auto [i, operand] : llvm::enumerate(program->getOperands())) {
    SmallVector<Value> own;
    if (!isShared(i))
      own = leading;
    // The rows of an array of sums are the sums.
    if (i >= firstOut && program.isAccumulated(i - firstOut))
      std::fill(own.begin() + *program.getSumDims(i - firstOut), own.end(),
                math.constant(1));
    arrays.emplace_back(builder, loc, operand, own);
  }
}

Value ProgramOperands::countRows(OpBuilder &builder, unsigned begin,
                                 unsigned end) const {
  IndexMath math{builder, program->getLoc()};
  Value product = math.constant(1);
  for (Value size : ArrayRef(leading).slice(begin, end - begin))
    product = math.mul(product, size);
  return product;
}

/// One for all rows: columns and sums over all rows.
bool ProgramOperands::isShared(unsigned operand) const {
  ProgramOp op = program;
  return operand >= op.getRows().size() &&
         cast<MemRefType>(op->getOperand(operand).getType()).getRank() == 1 &&
         (operand < firstOut || op.isAccumulated(operand - firstOut));
}

Value ProgramOperands::getRowValue(unsigned operand) const {
  ProgramOp op = program;
  if (operand < firstOut)
    return op.getBlock()->getArgument(operand);
  return op.getYield()->getOperand(operand - firstOut);
}

void ProgramOperands::checkShapes(OpBuilder &builder) const {
  ProgramOp op = program;
  Location loc = op.getLoc();
  IndexMath math{builder, loc};
  SmallVector<std::pair<Value, Value>> rows, widths, groups;
  Value first = op.getRows()[0], width = arrays[0].getWidth();
  ArrayRef<int64_t> shape = op.getLeadingShape();
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    if (operand == first)
      continue;
    auto type = cast<MemRefType>(operand.getType());
    // The verifier has compared the number of groups with the width.
    if (analysis.isRow(getRowValue(i)))
      widths.push_back({arrays[i].getWidth(), width});
    for (size_t dim = 0; !isShared(i) && dim < shape.size(); ++dim)
      if (type.getDimSize(dim) != 1 || shape[dim] == 1)
        rows.push_back({builder.createOrFold<memref::DimOp>(loc, operand, dim),
                        builder.createOrFold<memref::DimOp>(loc, first, dim)});
  }
  int64_t count = 1;
  for (const Sweep &sweep : analysis.getSweeps())
    count = std::lcm(count, sweep.groups);
  if (count > 1)
    groups.push_back({math.rem(width, math.constant(count)), math.constant(0)});
  seednorm::assertEqualSizes(builder, loc, rows,
                             "arrays have different leading dimensions");
  seednorm::assertEqualSizes(builder, loc, widths,
                             "arrays have rows of different lengths");
  seednorm::assertEqualSizes(builder, loc, groups,
                             "the elements of a row cannot be divided into " +
                                 Twine(count) + " groups");
}
