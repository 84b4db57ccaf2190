//===- LinalgSizeChecks.cpp - Dynamic sizes of loop nests compared --------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For what stays a loop nest: row programs and matrix products have checks of
// their own.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Conversion/SizeChecks.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_LINALGSIZECHECKS
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {

struct LinalgSizeChecks
    : seednorm::impl::LinalgSizeChecksBase<LinalgSizeChecks> {
  void runOnOperation() override {
    getOperation()->walk([](linalg::LinalgOp op) {
      if (op.hasPureBufferSemantics())
        check(op);
    });
  }

  static void check(linalg::LinalgOp op) {
    OpBuilder builder(op);
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
    seednorm::assertEqualSizes(builder, loc, pairs,
                               "the sizes of the operands do not agree");
  }
};

} // namespace
