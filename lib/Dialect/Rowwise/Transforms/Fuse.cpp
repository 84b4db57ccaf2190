//===- Fuse.cpp - Inlines row programs into their consumers --------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fusion of row programs is inlining one region into another. Knows nothing of
// what either computes.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"

namespace mlir::rowwise {
#define GEN_PASS_DEF_ROWWISEFUSE
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h.inc"
} // namespace mlir::rowwise

using namespace mlir;
using namespace mlir::rowwise;

namespace {

/// The result of another program that can be computed inside `consumer`
/// instead; null if there is none.
OpResult findFusibleOperand(ProgramOp consumer) {
  auto isFusible = [&](Value operand) {
    auto producer = operand.getDefiningOp<ProgramOp>();
    if (!producer || producer->getBlock() != consumer->getBlock())
      return false;
    // The same rows: as many, and as wide.
    auto type = cast<RankedTensorType>(operand.getType());
    if (type.getShape().drop_back() != consumer.getLeadingShape() ||
        type.getShape().drop_back() != producer.getLeadingShape() ||
        type.getShape().back() != consumer.getRowWidth() ||
        producer.getRowWidth() != consumer.getRowWidth())
      return false;
    // Sums over rows exist only after the last of them.
    for (OpResult result : producer.getResults())
      if (producer.isAccumulated(result.getResultNumber()) &&
          llvm::is_contained(consumer.getOperands(), result))
        return false;
    // The fused program stands where the consumer does; whoever else uses the
    // producer must come after it.
    for (Operation *user : producer->getUsers()) {
      Operation *above = consumer->getBlock()->findAncestorOpInBlock(*user);
      if (above != consumer && (!above || above->isBeforeInBlock(consumer)))
        return false;
    }
    return true;
  };
  for (Value operand : consumer.getRows())
    if (isFusible(operand))
      return cast<OpResult>(operand);
  return {};
}

struct FuseProducer : OpRewritePattern<ProgramOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ProgramOp consumer,
                                PatternRewriter &rewriter) const override {
    if (consumer.hasBufferSemantics())
      return failure();
    OpResult fused = findFusibleOperand(consumer);
    if (!fused)
      return failure();
    auto producer = cast<ProgramOp>(fused.getOwner());

    // Rows and columns of both; the consumer's that the producer computes go.
    SmallVector<Value> rows(producer.getRows()), columns(producer.getColumns());
    for (Value row : consumer.getRows())
      if (row.getDefiningOp() != producer || !isComputed(producer, row))
        rows.push_back(row);
    llvm::append_range(columns, consumer.getColumns());
    SmallVector<Value> outs(consumer.getOuts());
    // What an out holds is never read, so the producer's own does as well.
    for (Value &out : outs)
      if (out.getDefiningOp() == producer)
        out = producer.getOuts()[cast<OpResult>(out).getResultNumber()];
    llvm::append_range(outs, producer.getOuts());

    auto both = ProgramOp::create(
        rewriter, consumer.getLoc(), rows, columns, outs,
        [&](OpBuilder &builder, Location loc, ValueRange arguments) {
          buildBody(builder, loc, producer, consumer, arguments, rows.size());
        });
    if (ScheduleAttr schedule = consumer.getScheduleAttr())
      both.setScheduleAttr(schedule);
    unsigned consumed = consumer.getNumResults();
    rewriter.replaceOp(consumer, both.getResults().take_front(consumed));
    rewriter.replaceOp(producer, both.getResults().drop_front(consumed));
    return success();
  }

private:
  static bool isComputed(ProgramOp producer, Value value) {
    return value.getDefiningOp() == producer &&
           !producer.isAccumulated(cast<OpResult>(value).getResultNumber());
  }

  static void buildBody(OpBuilder &builder, Location loc, ProgramOp producer,
                        ProgramOp consumer, ValueRange arguments,
                        unsigned rowCount) {
    IRMapping mapping;
    unsigned nextRow = 0, nextColumn = rowCount;
    for (BlockArgument argument : producer.getRowArguments())
      mapping.map(argument, arguments[nextRow++]);
    for (BlockArgument argument : producer.getColumnArguments())
      mapping.map(argument, arguments[nextColumn++]);
    for (Operation &op : producer.getBlock()->without_terminator())
      builder.clone(op, mapping);
    auto yielded = [&](OpResult result) {
      return mapping.lookup(
          producer.getYield()->getOperand(result.getResultNumber()));
    };
    for (auto [argument, operand] :
         llvm::zip(consumer.getRowArguments(), consumer.getRows()))
      mapping.map(argument, isComputed(producer, operand)
                                ? yielded(cast<OpResult>(operand))
                                : arguments[nextRow++]);
    for (BlockArgument argument : consumer.getColumnArguments())
      mapping.map(argument, arguments[nextColumn++]);
    for (Operation &op : consumer.getBlock()->without_terminator())
      builder.clone(op, mapping);
    SmallVector<Value> yields;
    for (Value value : consumer.getYield()->getOperands())
      yields.push_back(mapping.lookup(value));
    for (Value value : producer.getYield()->getOperands())
      yields.push_back(mapping.lookup(value));
    YieldOp::create(builder, loc, yields);
  }
};

struct RowwiseFuse : rowwise::impl::RowwiseFuseBase<RowwiseFuse> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseProducer>(&getContext());
    // Results that fusion made dead go at once, before they hinder more of it.
    ProgramOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
