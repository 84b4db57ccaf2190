//===- SizeChecks.cpp - Checks of sizes at run time -----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes that do not fit would be accesses out of bounds in compiled code; those
// that are dynamic can only be compared when it runs.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Conversion/SizeChecks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

void seednorm::assertHolds(OpBuilder &builder, Location loc, Value holds,
                           const Twine &message) {
  std::string place;
  if (auto file = loc->findInstanceOf<FileLineColLoc>())
    place = (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" +
             Twine(file.getColumn()) + ": ")
                .str();
  cf::AssertOp::create(builder, loc, holds,
                       builder.getStringAttr(place + message));
}

void seednorm::assertEqualSizes(OpBuilder &builder, Location loc,
                                ArrayRef<std::pair<Value, Value>> pairs,
                                const Twine &message) {
  Value holds;
  for (auto [a, b] : pairs) {
    if (isEqualConstantIntOrValue(a, b))
      continue;
    Value same =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, a, b);
    holds = holds ? arith::AndIOp::create(builder, loc, holds, same) : same;
  }
  if (holds)
    assertHolds(builder, loc, holds, message);
}

void seednorm::assertEqualLoopSizes(OpBuilder &builder, linalg::LinalgOp op,
                                    const Twine &message) {
  Location loc = op.getLoc();
  SmallVector<Value> sizes(op.getNumLoops());
  SmallVector<std::pair<Value, Value>> pairs;
  for (OpOperand &operand : op->getOpOperands())
    for (auto [i, expression] :
         llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(expression);
      if (!dim)
        continue;
      Value size = builder.createOrFold<memref::DimOp>(loc, operand.get(), i);
      Value &first = sizes[dim.getPosition()];
      if (first)
        pairs.push_back({first, size});
      else
        first = size;
    }
  assertEqualSizes(builder, loc, pairs, message);
}
