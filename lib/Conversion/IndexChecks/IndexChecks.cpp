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
  bool isOutside(OpFoldResult value) const {
    auto dynamic = dyn_cast<Value>(value);
    return !dynamic ||
           !op->isAncestor(dynamic.getParentRegion()->getParentOp());
  }
};

class Access {
public:
  Access(Operation *op, Value memref, DataFlowSolver &solver)
      : op(op), memref(cast<TypedValue<MemRefType>>(memref)), solver(solver) {}
  void checkIndices(ValueRange indices);
  void checkSlice(memref::SubViewOp slice);
  void checkSizes(ArrayRef<int64_t> sizes);

private:
  std::optional<ConstantIntRanges> findValues(OpFoldResult value);
  bool isKnown(Value index, int64_t dim);
  bool isKnown(const Range &slice, int64_t dim);
  bool isSize(OpFoldResult value, int64_t dim);
  bool isWithin(const Range &range, int64_t dim);
  std::optional<Loop> findLoop();
  const std::optional<Loop> &getLoop() {
    if (!loop)
      loop = findLoop();
    return *loop;
  }
  void checkIndex(Value index, int64_t dim);
  void checkSlice(const Range &slice, int64_t dim);
  Value getSize(OpBuilder &builder, int64_t dim);
  void assertHolds(const std::optional<Loop> &before,
                   function_ref<Value(OpBuilder &)> build,
                   const Twine &message);

  Operation *op;
  TypedValue<MemRefType> memref;
  DataFlowSolver &solver;
  /// Once it is looked for, as its ranges are code.
  std::optional<std::optional<Loop>> loop;
};

} // namespace

/// The values that an index can have, as far as they are known.
std::optional<ConstantIntRanges> Access::findValues(OpFoldResult value) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return ConstantIntRanges::constant(APInt(64, *constant, true));
  auto *lattice = solver.lookupState<dataflow::IntegerValueRangeLattice>(
      cast<Value>(value));
  if (!lattice || lattice->getValue().isUninitialized())
    return std::nullopt;
  return lattice->getValue().getValue();
}

/// Whether an index cannot be out of bounds, whatever the data is.
bool Access::isKnown(Value index, int64_t dim) {
  std::optional<ConstantIntRanges> values = findValues(index);
  return values && !memref.getType().isDynamicDim(dim) &&
         values->umax().ult(memref.getType().getDimSize(dim));
}

/// The same for the elements of a slice. One of the whole dimension is, too.
bool Access::isKnown(const Range &slice, int64_t dim) {
  if (isConstantIntValue(slice.offset, 0) &&
      isConstantIntValue(slice.stride, 1) && isSize(slice.size, dim))
    return true;
  auto offsets = findValues(slice.offset), sizes = findValues(slice.size),
       steps = findValues(slice.stride);
  if (!offsets || !sizes || !steps || memref.getType().isDynamicDim(dim) ||
      sizes->smin().slt(1) || steps->smin().isNegative())
    return false;
  uint64_t last = llvm::SaturatingMultiplyAdd(sizes->umax().getZExtValue() - 1,
                                              steps->umax().getZExtValue(),
                                              offsets->umax().getZExtValue());
  return last < uint64_t(memref.getType().getDimSize(dim));
}

/// Whether a value is read from the memref as the size of the dimension.
bool Access::isSize(OpFoldResult value, int64_t dim) {
  auto dynamic = dyn_cast<Value>(value);
  auto size = dynamic ? dynamic.getDefiningOp<memref::DimOp>() : nullptr;
  return size && size.getSource() == memref && size.getConstantIndex() == dim;
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
  return isSize(range.size, dim);
}

std::optional<Loop> Access::findLoop() {
  Operation *parent = op->getParentOp();
  OpBuilder builder(parent);
  Loop loop{parent, {}};
  auto forOp = dyn_cast<scf::ForOp>(parent);
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(parent)) {
    loop.ranges = linalgOp.createLoopRanges(builder, op->getLoc());
  } else if (forOp && !forOp.getUnsignedCmp() &&
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

static Value compare(OpBuilder &builder, Location loc, CmpIPredicate predicate,
                     Value a, Value b) {
  return builder.createOrFold<arith::CmpIOp>(loc, predicate, a, b);
}

/// Before the loop, unless that does nothing, or else before the access.
void Access::assertHolds(const std::optional<Loop> &before,
                         function_ref<Value(OpBuilder &)> build,
                         const Twine &message) {
  OpBuilder builder(before ? before->op : op);
  Location loc = op->getLoc();
  auto get = [&](OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(builder, loc, value);
  };
  Value holds = build(builder);
  for (const Range &range :
       before ? ArrayRef(before->ranges) : ArrayRef<Range>()) {
    Value isEmpty = compare(builder, loc, CmpIPredicate::sge, get(range.offset),
                            get(range.size));
    holds = builder.createOrFold<arith::OrIOp>(loc, holds, isEmpty);
  }
  seednorm::assertHolds(builder, loc, holds, message);
}

void Access::checkIndex(Value index, int64_t dim) {
  if (isKnown(index, dim))
    return;
  std::optional<Loop> loop = getLoop();
  std::optional<Range> range = loop ? loop->findRange(index) : std::nullopt;
  if (range && isWithin(*range, dim))
    return;
  // Longer steps may end anywhere before the bound.
  if (range && !isConstantIntValue(range->stride, 1))
    range = std::nullopt;
  if (!range && loop && !loop->isOutside(index))
    loop = std::nullopt;
  Location loc = op->getLoc();
  assertHolds(
      loop,
      [&](OpBuilder &builder) {
        Value size = getSize(builder, dim);
        if (!range)
          return compare(builder, loc, CmpIPredicate::ult, index, size);
        auto get = [&](OpFoldResult value) {
          return getValueOrCreateConstantIndexOp(builder, loc, value);
        };
        Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
        return builder.createOrFold<arith::AndIOp>(
            loc,
            compare(builder, loc, CmpIPredicate::sle, get(range->size), size),
            compare(builder, loc, CmpIPredicate::sge, get(range->offset),
                    zero));
      },
      "an index is out of bounds of dimension " + Twine(dim));
}

/// Whether `dim` elements have those of a slice among them. Nothing overflows,
/// and most is folded for the usual constants.
static Value holdsSlice(OpBuilder &builder, Location loc, const Range &slice,
                        Value dim) {
  auto get = [&](OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(builder, loc, value);
  };
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  auto compare = [&](CmpIPredicate predicate, Value a, Value b) {
    return ::compare(builder, loc, predicate, a, b);
  };
  auto select = [&](Value condition, Value a, Value b) {
    return builder.createOrFold<arith::SelectOp>(loc, condition, a, b);
  };
  auto sub = [&](Value a, Value b) {
    return builder.createOrFold<arith::SubIOp>(loc, a, b);
  };
  Value offset = get(slice.offset), size = get(slice.size),
        step = get(slice.stride);
  Value zero = constant(0), one = constant(1);
  // From the offset there is so far to go, up or down.
  Value isDown = compare(CmpIPredicate::slt, step, zero);
  Value room = select(isDown, offset, sub(sub(dim, offset), one));
  Value length = builder.createOrFold<arith::MaxUIOp>(
      loc, select(isDown, sub(zero, step), step), one);
  Value most = builder.createOrFold<arith::AddIOp>(
      loc, builder.createOrFold<arith::DivUIOp>(loc, room, length), one);
  most =
      select(compare(CmpIPredicate::eq, step, zero), constant(INT64_MAX), most);
  Value inside = builder.createOrFold<arith::AndIOp>(
      loc, compare(CmpIPredicate::ult, offset, dim),
      compare(CmpIPredicate::ule, size, most));
  // Nothing may be taken from the end.
  Value nothing = builder.createOrFold<arith::AndIOp>(
      loc, compare(CmpIPredicate::eq, size, zero),
      compare(CmpIPredicate::eq, offset, dim));
  return builder.createOrFold<arith::OrIOp>(loc, inside, nothing);
}

void Access::checkSlice(const Range &slice, int64_t dim) {
  // One element is taken as by its index.
  if (isConstantIntValue(slice.size, 1) && isa<Value>(slice.offset))
    return checkIndex(cast<Value>(slice.offset), dim);
  if (isKnown(slice, dim))
    return;
  std::optional<Loop> loop = getLoop();
  if (loop &&
      !llvm::all_of(ArrayRef{slice.offset, slice.size, slice.stride},
                    [&](OpFoldResult value) { return loop->isOutside(value); }))
    loop = std::nullopt;
  assertHolds(
      loop,
      [&](OpBuilder &builder) {
        return holdsSlice(builder, op->getLoc(), slice, getSize(builder, dim));
      },
      "a slice is out of bounds of dimension " + Twine(dim));
}

void Access::checkIndices(ValueRange indices) {
  for (auto [dim, index] : llvm::enumerate(indices))
    checkIndex(index, dim);
}

void Access::checkSlice(memref::SubViewOp slice) {
  for (auto [dim, offset, size, step] :
       llvm::enumerate(slice.getMixedOffsets(), slice.getMixedSizes(),
                       slice.getMixedStrides()))
    checkSlice(Range{offset, size, step}, dim);
}

/// Of a memref that is taken for one of these sizes.
void Access::checkSizes(ArrayRef<int64_t> sizes) {
  for (auto [i, size] : llvm::enumerate(sizes)) {
    int64_t dim = i, wanted = size;
    if (!memref.getType().isDynamicDim(dim) || ShapedType::isDynamic(wanted))
      continue;
    assertHolds(
        getLoop(),
        [&](OpBuilder &builder) {
          return compare(
              builder, op->getLoc(), CmpIPredicate::eq, getSize(builder, dim),
              arith::ConstantIndexOp::create(builder, op->getLoc(), wanted));
        },
        "dimension " + Twine(dim) + " must be of size " + Twine(wanted));
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
      if (isa<memref::LoadOp, memref::StoreOp, memref::SubViewOp,
              memref::CastOp>(op))
        accesses.push_back(op);
    });
    for (Operation *op : accesses) {
      if (auto load = dyn_cast<memref::LoadOp>(op))
        Access(op, load.getMemRef(), solver).checkIndices(load.getIndices());
      else if (auto store = dyn_cast<memref::StoreOp>(op))
        Access(op, store.getMemRef(), solver).checkIndices(store.getIndices());
      else if (auto slice = dyn_cast<memref::SubViewOp>(op))
        Access(op, slice.getSource(), solver).checkSlice(slice);
      else if (auto cast = dyn_cast<memref::CastOp>(op);
               isa<MemRefType>(cast.getSource().getType()) &&
               isa<MemRefType>(cast.getType()))
        Access(op, cast.getSource(), solver)
            .checkSizes(mlir::cast<MemRefType>(cast.getType()).getShape());
    }
  }
};

} // namespace
