//===- ParallelOutermost.cpp - Sums inside of parallel loops -------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a GPU runs a structured operation, its parallel loops must be around
// those that sum, or one thread does all.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_PARALLELOUTERMOST
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {
struct ParallelOutermost
    : seednorm::impl::ParallelOutermostBase<ParallelOutermost> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : ops)
      if (failed(interchange(rewriter, op)))
        return signalPassFailure();
  }

  LogicalResult interchange(IRRewriter &rewriter, linalg::LinalgOp op) {
    SmallVector<unsigned> order, sums;
    for (auto [i, iterator] : llvm::enumerate(op.getIteratorTypesArray()))
      (linalg::isParallelIterator(iterator) ? order : sums).push_back(i);
    order.append(sums);
    if (llvm::is_sorted(order))
      return success();
    rewriter.setInsertionPoint(op);
    FailureOr<linalg::GenericOp> generic =
        dyn_cast<linalg::GenericOp>(op.getOperation());
    if (!*generic)
      generic = linalg::generalizeNamedOp(rewriter, op);
    if (failed(generic))
      return op.emitOpError("has no general form");
    return linalg::interchangeGenericOp(rewriter, *generic, order);
  }
};
} // namespace
