//===- RowValues.cpp - The values of a row program, by threads -----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the region's operations become for one thread. Knows nothing of where
// the thread is.
//
//===----------------------------------------------------------------------===//

#include "RowKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rowwise;

//===----------------------------------------------------------------------===//
// Group-shaped values: one scalar for each thread, that of its group
//===----------------------------------------------------------------------===//

/// Reductions whose operands are known share an exchange.
void RowKernel::emitGroupOps(ArrayRef<Operation *> ops) {
  SmallVector<Operation *> left(ops);
  while (!left.empty()) {
    SmallVector<Operation *> blocked;
    SmallVector<ReduceOp> reductions;
    SmallVector<Contribution> contributions;
    for (Operation *op : left) {
      bool ready = llvm::all_of(op->getOperands(), [&](Value operand) {
        return scalars.contains(operand);
      });
      auto reduce = dyn_cast<ReduceOp>(op);
      if (reduce && analysis.isRow(reduce.getSource()))
        continue; // its sweep has made it
      if (!ready) {
        blocked.push_back(op);
      } else if (reduce) {
        reductions.push_back(reduce);
        contributions.push_back(getGroupContribution(reduce));
      } else {
        emitGroupOp(op);
      }
    }
    for (auto [op, total] : llvm::zip(reductions, exchange(contributions))) {
      ReduceOp reduce = op;
      finishReduction(reduce, total,
                      math.constant(getWidthOf(reduce.getSource()) /
                                    getWidthOf(reduce.getResult())));
    }
    left = std::move(blocked);
  }
}

/// Every thread of a group has its value; one of them gives it.
RowKernel::Contribution RowKernel::getGroupContribution(ReduceOp reduce) {
  Value value = scalars.lookup(reduce.getSource());
  value = widen(value, builder.getF32Type());
  Value gives = isFirstOf(getWidthOf(reduce.getSource()));
  value = arith::SelectOp::create(builder, loc, gives, value,
                                  identity(reduce.getKind(), value.getType()));
  return {reduce.getKind(), value, getWidthOf(reduce.getResult())};
}

/// Whether this thread is the first one of those that have the same element of
/// a value of so many groups.
Value RowKernel::isFirstOf(int64_t groups) {
  Value first = both(equal(position, 0), inTeam);
  if (groups != layout.groups)
    first =
        both(first,
             equal(math.rem(group, math.constant(layout.groups / groups)), 0));
  return first;
}

void RowKernel::emitGroupOp(Operation *op) {
  Value result = op->getResult(0);
  if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
    scalars[result] = scalars.lookup(broadcast.getSource());
  } else if (auto index = dyn_cast<IndexOp>(op); index && index.isInRow()) {
    scalars[result] = arith::IndexCastOp::create(
        builder, loc, builder.getI64Type(), groupIndex(getWidthOf(result)));
  } else if (isa<IndexOp, RowIndexOp>(op)) {
    scalars[result] = getRowIndex(op);
  } else {
    IRMapping mapping;
    for (Value operand : op->getOperands())
      mapping.map(operand, scalars.lookup(operand));
    scalars[result] =
        cloneOp(op, mapping, typeOf(result, /*lanes=*/0), /*predicate=*/{});
  }
}

Value RowKernel::getRowIndex(Operation *op) {
  Value at = row;
  ArrayRef<Value> leading = operands.getLeading();
  if (auto index = dyn_cast<IndexOp>(op)) {
    unsigned dimension = index.getDimension();
    for (Value inner : llvm::reverse(leading.drop_front(dimension + 1)))
      at = math.div(at, inner);
    if (dimension != 0)
      at = math.rem(at, leading[dimension]);
  }
  return arith::IndexCastOp::create(builder, loc, builder.getI64Type(), at);
}

/// The operation on operands of another shape.
Value RowKernel::cloneOp(Operation *op, IRMapping &mapping, Type type,
                         Value predicate) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return splat(cast<TypedAttr>(cast<SplatElementsAttr>(constant.getValue())
                                     .getSplatValue<Attribute>()),
                 type);
  // Where nothing was loaded there is nothing to divide by.
  if (predicate && isIntegerDivision(op)) {
    Value divisor = mapping.lookup(op->getOperand(1));
    Type element = getElementTypeOrSelf(divisor);
    mapping.map(
        op->getOperand(1),
        choose(predicate, divisor,
               splat(builder.getIntegerAttr(element, 1), divisor.getType())));
  }
  Operation *clone = builder.clone(*op, mapping);
  clone->getResult(0).setType(type);
  if (!analysis.isCompared(op->getResult(0)))
    addFastMath(clone, arith::FastMathFlags::contract);
  if (schedule.getApproximate() && isa<math::TanhOp>(clone))
    addFastMath(clone, arith::FastMathFlags::afn);
  return clone->getResult(0);
}

/// Writes group-shaped results, and adds group-shaped accumulations up.
void RowKernel::storeGroupResults(MutableArrayRef<Value> sums) {
  for (auto [i, value] : llvm::enumerate(program.getYield()->getOperands())) {
    auto accumulate = value.getDefiningOp<AccumulateOp>();
    Value source = accumulate ? accumulate.getSource() : value;
    if (analysis.isRow(source))
      continue;
    Value scalar = scalars.lookup(source);
    if (accumulate) {
      Value &sum = sums[getSumOffset(i)];
      scalar = widen(scalar, sum.getType());
      Value none = identity(ReduceKind::add, sum.getType());
      sum = combine(ReduceKind::add, sum, choose(rowExists, scalar, none));
      continue;
    }
    int64_t groups = getWidthOf(source);
    when(both(isFirstOf(groups), rowExists), [&, i = i] {
      operands.getOut(i).storeScalar(builder, loc,
                                     views.lookup(program.getOuts()[i]),
                                     groupIndex(groups), scalar);
    });
  }
}

//===----------------------------------------------------------------------===//
// Row-shaped values: a vector for each slot
//===----------------------------------------------------------------------===//

Value RowKernel::evaluateIndex(Operation *op, const ColumnSlot &slot) {
  Type type = typeOf(op->getResult(0), slot.lanes);
  auto index = dyn_cast<IndexOp>(op);
  if (!index || !index.isInRow())
    return vector::BroadcastOp::create(builder, loc, type, getRowIndex(op));
  auto offsets = llvm::to_vector(llvm::seq<int64_t>(0, slot.lanes));
  Value column = arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                            slot.column);
  Value first = vector::BroadcastOp::create(builder, loc, type, column);
  Value lanes = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(cast<VectorType>(type), ArrayRef(offsets)));
  return arith::AddIOp::create(builder, loc, first, lanes);
}

Value RowKernel::evaluate(Value value, const ColumnSlot &slot, unsigned index,
                          Known &known) {
  if (Value found = known.lookup(value))
    return found;
  if (Value found = kept.lookup({value, index}))
    return found;
  Operation *op = value.getDefiningOp();
  Type type = typeOf(value, slot.lanes);
  Value result;
  if (!op) {
    unsigned operand = cast<BlockArgument>(value).getArgNumber();
    const RowArray &array = operands.getArrays()[operand];
    // A row that is read again must stay where it is.
    result = load(array, views.lookup(value), slot, array.getElementType(),
                  /*streams=*/false);
  } else if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
    result = vector::BroadcastOp::create(builder, loc, type,
                                         scalars.lookup(broadcast.getSource()));
  } else if (isa<IndexOp, RowIndexOp>(op)) {
    result = evaluateIndex(op, slot);
  } else {
    IRMapping mapping;
    for (Value operand : op->getOperands())
      mapping.map(operand, evaluate(operand, slot, index, known));
    result = cloneOp(op, mapping, type, slot.predicate);
  }
  known[value] = result;
  return result;
}

void RowKernel::writeResults(const ColumnSlot &slot, unsigned index,
                             Known &known, MutableArrayRef<Value> sums) {
  Value predicate = both(slot.predicate, rowExists);
  for (auto [i, value] : llvm::enumerate(program.getYield()->getOperands())) {
    auto accumulate = value.getDefiningOp<AccumulateOp>();
    Value source = accumulate ? accumulate.getSource() : value;
    if (!analysis.isRow(source))
      continue;
    Value vector = evaluate(source, slot, index, known);
    if (!accumulate) {
      store(operands.getOut(i), views.lookup(program.getOuts()[i]), slot,
            vector, predicate);
      continue;
    }
    vector = widen(vector, getPartialType(schedule, vector.getType()));
    if (!schedule.getKeepRow()) {
      when(predicate, [&, i = i] { addToPartial(i, slot, vector); });
      continue;
    }
    Value &sum = sums[getSumOffset(i) + index];
    Value none = identity(ReduceKind::add, sum.getType());
    sum = combine(ReduceKind::add, sum, choose(predicate, vector, none));
  }
}
