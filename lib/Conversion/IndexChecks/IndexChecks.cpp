//===- IndexChecks.cpp - Indices that come from data compared -------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For the accesses that a model writes itself, right after bufferisation: what
// structured operations and row programs access follows from sizes, which have
// checks of their own.
//
//===----------------------------------------------------------------------===//

#include "mlir/Analysis/DataFlow/IntegerRangeAnalysis.h"
#include "mlir/Analysis/DataFlow/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Conversion/SizeChecks.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_INDEXCHECKS
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;
using arith::CmpIPredicate;

namespace {

/// The loop whose body an access is in, if what it checks can move before it.
struct Loop {
  Operation *op;
  /// Its bounds; those of a structured operation are all its loops'.
  SmallVector<Range> ranges;

  /// The one that an index runs over.
  std::optional<Range> findRange(Value index) const {
    if (auto linalgIndex = index.getDefiningOp<linalg::IndexOp>())
      return isa<linalg::LinalgOp>(op)
                 ? std::optional(ranges[linalgIndex.getDim()])
                 : std::nullopt;
    auto loop = dyn_cast<scf::ForOp>(op);
    if (loop && index == loop.getInductionVar())
      return ranges.front();
    return std::nullopt;
  }
  bool isOutside(Value value) const {
    return !op->isAncestor(value.getParentRegion()->getParentOp());
  }
};

class Access {
public:
  Access(Operation *op, Value memref, ValueRange indices,
         DataFlowSolver &solver)
      : op(op), memref(cast<TypedValue<MemRefType>>(memref)), indices(indices),
        solver(solver) {}
  void check();

private:
  bool isKnown(Value index, int64_t dim);
  bool isWithin(const Range &range, int64_t dim);
  std::optional<Loop> findLoop();
  Value getSize(OpBuilder &builder, int64_t dim);
  void checkBefore(const Loop &loop, Value index, int64_t dim);
  void assertHolds(OpBuilder &builder, Value holds, int64_t dim);

  Operation *op;
  TypedValue<MemRefType> memref;
  ValueRange indices;
  DataFlowSolver &solver;
};

} // namespace

static Value compare(OpBuilder &builder, Location loc, CmpIPredicate predicate,
                     Value a, Value b) {
  return builder.createOrFold<arith::CmpIOp>(loc, predicate, a, b);
}

/// Whether an index cannot be out of bounds, whatever the data is.
bool Access::isKnown(Value index, int64_t dim) {
  auto *lattice = solver.lookupState<dataflow::IntegerValueRangeLattice>(index);
  if (!lattice || lattice->getValue().isUninitialized() ||
      memref.getType().isDynamicDim(dim))
    return false;
  return lattice->getValue().getValue().umax().ult(
      memref.getType().getDimSize(dim));
}

/// Whether a loop's index stays within the dimension, where that is static or
/// is what bounds the loop.
bool Access::isWithin(const Range &range, int64_t dim) {
  std::optional<int64_t> from = getConstantIntValue(range.offset);
  if (!from || *from < 0)
    return false;
  if (std::optional<int64_t> size = getConstantIntValue(range.size))
    return !memref.getType().isDynamicDim(dim) &&
           *size <= memref.getType().getDimSize(dim);
  auto same = cast<Value>(range.size).getDefiningOp<memref::DimOp>();
  return same && same.getSource() == memref && same.getConstantIndex() == dim;
}

std::optional<Loop> Access::findLoop() {
  Operation *parent = op->getParentOp();
  OpBuilder builder(parent);
  Loop loop{parent, {}};
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(parent)) {
    loop.ranges = linalgOp.createLoopRanges(builder, op->getLoc());
  } else if (auto forOp = dyn_cast<scf::ForOp>(parent);
             forOp && !forOp.getUnsignedCmp() &&
             forOp.getInductionVar().getType().isIndex()) {
    // As a structured operation's, from the first index to before the last.
    loop.ranges = {{getAsOpFoldResult(forOp.getLowerBound()),
                    getAsOpFoldResult(forOp.getUpperBound()),
                    getAsOpFoldResult(forOp.getStep())}};
  } else {
    return std::nullopt;
  }
  if (!loop.isOutside(memref))
    return std::nullopt;
  return loop;
}

Value Access::getSize(OpBuilder &builder, int64_t dim) {
  return builder.createOrFold<memref::DimOp>(op->getLoc(), memref, dim);
}

void Access::assertHolds(OpBuilder &builder, Value holds, int64_t dim) {
  seednorm::assertHolds(builder, op->getLoc(), holds,
                        "an index is out of bounds of dimension " + Twine(dim));
}

/// Checks an index that the loop runs over or does not change, unless the loop
/// does nothing.
void Access::checkBefore(const Loop &loop, Value index, int64_t dim) {
  OpBuilder builder(loop.op);
  Location loc = op->getLoc();
  auto get = [&](OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(builder, loc, value);
  };
  Value size = getSize(builder, dim), holds;
  if (std::optional<Range> range = loop.findRange(index)) {
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value below =
        compare(builder, loc, CmpIPredicate::sle, get(range->size), size);
    Value above =
        compare(builder, loc, CmpIPredicate::sge, get(range->offset), zero);
    holds = builder.createOrFold<arith::AndIOp>(loc, below, above);
  } else {
    holds = compare(builder, loc, CmpIPredicate::ult, index, size);
  }
  for (const Range &range : loop.ranges) {
    Value isEmpty = compare(builder, loc, CmpIPredicate::sge, get(range.offset),
                            get(range.size));
    holds = builder.createOrFold<arith::OrIOp>(loc, holds, isEmpty);
  }
  assertHolds(builder, holds, dim);
}

void Access::check() {
  std::optional<Loop> loop;
  for (auto [i, index] : llvm::enumerate(indices)) {
    int64_t dim = i;
    if (isKnown(index, dim))
      continue;
    if (!loop)
      loop = findLoop();
    std::optional<Range> range = loop ? loop->findRange(index) : std::nullopt;
    if (range && isWithin(*range, dim))
      continue;
    // Longer steps may end anywhere before the bound.
    if (range && !isConstantIntValue(range->stride, 1))
      range = std::nullopt;
    if (loop && (range || loop->isOutside(index))) {
      checkBefore(*loop, index, dim);
      continue;
    }
    OpBuilder builder(op);
    assertHolds(builder,
                compare(builder, op->getLoc(), CmpIPredicate::ult, index,
                        getSize(builder, dim)),
                dim);
  }
}

namespace {

struct IndexChecks : seednorm::impl::IndexChecksBase<IndexChecks> {
  void runOnOperation() override {
    DataFlowSolver solver;
    dataflow::loadBaselineAnalyses(solver);
    solver.load<dataflow::IntegerRangeAnalysis>();
    if (failed(solver.initializeAndRun(getOperation())))
      return signalPassFailure();
    SmallVector<Operation *> accesses;
    getOperation()->walk([&](Operation *op) {
      if (isa<memref::LoadOp, memref::StoreOp>(op))
        accesses.push_back(op);
    });
    for (Operation *op : accesses) {
      if (auto load = dyn_cast<memref::LoadOp>(op))
        Access(op, load.getMemRef(), load.getIndices(), solver).check();
      else if (auto store = dyn_cast<memref::StoreOp>(op))
        Access(op, store.getMemRef(), store.getIndices(), solver).check();
    }
  }
};

} // namespace
