//===- SeparateGathers.cpp - Gathers apart from arithmetic ---------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An element-wise operation that also reads a tensor at computed indices
// becomes a gather and an operation that is element-wise alone. Knows nothing
// of rows.
//
//===----------------------------------------------------------------------===//

#include "SeparateGathers.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace {

/// A read of a tensor whose value is not yielded as it is.
tensor::ExtractOp findGather(linalg::GenericOp op) {
  Block *body = op.getBlock();
  for (auto extract : body->getOps<tensor::ExtractOp>())
    if (isa<FloatType>(extract.getType()) &&
        extract.getTensor().getParentBlock() != body &&
        body->getTerminator()->getOperand(0) != extract.getResult())
      return extract;
  return {};
}

struct SeparateGather : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || op->getNumResults() != 1 ||
        op.getNumParallelLoops() != op.getNumLoops() ||
        !op.getIndexingMapsArray().back().isIdentity() ||
        !op.getBlock()->getArguments().back().use_empty())
      return failure();
    tensor::ExtractOp extract = findGather(op);
    if (!extract)
      return failure();
    SetVector<Operation *> slice;
    if (!getIndexSlice(extract, slice))
      return failure();
    Value init = op.getDpsInits()[0];
    Value read = createGather(op, extract, slice, rewriter);

    // The same operation with one more input.
    SmallVector<Value> inputs(op.getInputs());
    inputs.push_back(read);
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    maps.push_back(maps.back());
    auto rest = linalg::GenericOp::create(
        rewriter, op.getLoc(), op->getResultTypes(), inputs, init, maps,
        op.getIteratorTypesArray(),
        [&](OpBuilder &builder, Location loc, ValueRange arguments) {
          IRMapping mapping;
          Block *body = op.getBlock();
          mapping.map(body->getArguments().drop_back(),
                      arguments.take_front(body->getNumArguments() - 1));
          for (Operation &nested : *body)
            if (&nested == extract)
              mapping.map(extract.getResult(),
                          arguments[body->getNumArguments() - 1]);
            else
              builder.clone(nested, mapping);
        });
    for (Operation &nested :
         llvm::make_early_inc_range(llvm::reverse(*rest.getBlock())))
      if (isOpTriviallyDead(&nested))
        rewriter.eraseOp(&nested);
    rewriter.replaceOp(op, rest);
    return success();
  }

private:
  /// The read and what its index is computed from; false if that has regions.
  static bool getIndexSlice(tensor::ExtractOp extract,
                            SetVector<Operation *> &slice) {
    BackwardSliceOptions options;
    options.filter = [&](Operation *op) {
      return op->getBlock() == extract->getBlock();
    };
    options.inclusive = true;
    return succeeded(
               getBackwardSlice(extract.getOperation(), &slice, options)) &&
           llvm::none_of(
               slice, [](Operation *op) { return op->getNumRegions() != 0; });
  }

  /// The read with what its index is computed from.
  static Value createGather(linalg::GenericOp op, tensor::ExtractOp extract,
                            const SetVector<Operation *> &slice,
                            PatternRewriter &rewriter) {
    Block *body = op.getBlock();
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    SmallVector<BlockArgument> used;
    for (OpOperand *input : op.getDpsInputOperands()) {
      BlockArgument argument = op.getMatchingBlockArgument(input);
      if (llvm::none_of(argument.getUsers(),
                        [&](Operation *user) { return slice.contains(user); }))
        continue;
      inputs.push_back(input->get());
      maps.push_back(op.getMatchingIndexingMap(input));
      used.push_back(argument);
    }
    maps.push_back(op.getIndexingMapsArray().back());
    Value empty = tensor::EmptyOp::create(
        rewriter, op.getLoc(),
        tensor::getMixedSizes(rewriter, op.getLoc(), op.getDpsInits()[0]),
        extract.getType());
    auto gather = linalg::GenericOp::create(
        rewriter, extract.getLoc(), empty.getType(), inputs, empty, maps,
        op.getIteratorTypesArray(),
        [&](OpBuilder &builder, Location loc, ValueRange arguments) {
          IRMapping mapping;
          for (auto [from, to] : llvm::zip(used, arguments))
            mapping.map(from, to);
          for (Operation &nested : *body)
            if (slice.contains(&nested))
              builder.clone(nested, mapping);
          linalg::YieldOp::create(builder, loc,
                                  mapping.lookup(extract.getResult()));
        });
    return gather.getResult(0);
  }
};

} // namespace

void mlir::seednorm::populateSeparateGathersPatterns(
    RewritePatternSet &patterns) {
  patterns.add<SeparateGather>(patterns.getContext());
}
