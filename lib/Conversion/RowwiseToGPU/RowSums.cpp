//===- RowSums.cpp - Sums over the rows of a kernel -----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In registers or in memory, over a CTA's rows, one partial sum for each task.
//
//===----------------------------------------------------------------------===//

#include "RowKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rowwise;

/// The sums that threads keep: one for each slot of a row-shaped out if rows
/// are kept, else those are in memory; one for a group-shaped out.
unsigned RowKernel::getSumOffset(unsigned out) const {
  unsigned offset = 0;
  for (auto [i, value] : llvm::enumerate(
           ProgramOp(program).getYield()->getOperands().take_front(out))) {
    if (!ProgramOp(program).isAccumulated(i))
      continue;
    if (!analysis.isRow(value))
      ++offset;
    else if (schedule.getKeepRow())
      offset += slots.size();
  }
  return offset;
}

RowKernel::Values RowKernel::getZeroSums() {
  Values sums;
  for (auto [i, value] : llvm::enumerate(program.getYield()->getOperands())) {
    if (!program.isAccumulated(i))
      continue;
    FloatType element =
        getPartialType(schedule, getElementTypeOrSelf(value.getType()));
    if (!analysis.isRow(value))
      sums.push_back(splat(builder.getFloatAttr(element, 0), element));
    else if (schedule.getKeepRow())
      for (const ColumnSlot &slot : slots)
        sums.push_back(splat(builder.getFloatAttr(element, 0),
                             VectorType::get({slot.lanes}, element)));
  }
  return sums;
}

/// Where sums are in memory each thread starts with zeros in its columns.
void RowKernel::clearPartials() {
  if (schedule.getKeepRow())
    return;
  Value isFirstRow;
  if (layout.getCTASize() != layout.threads)
    isFirstRow = equal(rowOfCTA, 0);
  Values none;
  forEachSlot(none, [&](const ColumnSlot &slot, unsigned,
                        MutableArrayRef<Value>) {
    for (auto [i, value] : llvm::enumerate(program.getYield()->getOperands())) {
      if (!program.isAccumulated(i) || !analysis.isRow(value) || !partials[i])
        continue;
      Type element = cast<MemRefType>(partials[i].getType()).getElementType();
      Value zeros = splat(builder.getFloatAttr(element, 0),
                          VectorType::get({slot.lanes}, element));
      when(both(slot.predicate, isFirstRow),
           [&, i = i] { storePartial(i, slot, zeros); });
    }
  });
}

/// Rows of partial sums begin at whole vectors if their length is a multiple.
int64_t RowKernel::getPartialAlignment(unsigned out, int64_t lanes) const {
  auto type = cast<MemRefType>(partials[out].getType());
  int64_t bytes =
      std::min(accessBytes, lanes * type.getElementTypeBitWidth() / 8);
  bool whole = !ShapedType::isDynamic(layout.width) &&
               layout.width * type.getElementTypeBitWidth() / 8 % bytes == 0;
  return whole && lanes == layout.vector ? bytes : 0;
}

void RowKernel::storePartial(unsigned out, const ColumnSlot &slot, Value sum) {
  vector::StoreOp::create(
      builder, loc, sum, partials[out], ValueRange{task, slot.column},
      /*nontemporal=*/false,
      llvm::MaybeAlign(getPartialAlignment(out, slot.lanes)));
}

void RowKernel::addToPartial(unsigned out, const ColumnSlot &slot,
                             Value value) {
  if (!partials[out])
    return addAtomically(out, slot.column, value);
  Value before = vector::LoadOp::create(
      builder, loc, cast<VectorType>(value.getType()), partials[out],
      ValueRange{task, slot.column}, /*nontemporal=*/false,
      llvm::MaybeAlign(getPartialAlignment(out, slot.lanes)));
  storePartial(out, slot, combine(ReduceKind::add, before, value));
}

void RowKernel::addAtomically(unsigned out, Value column, Value value) {
  const RowArray &array = operands.getOut(out);
  Value view = views.lookup(program.getOuts()[out]);
  for (int64_t i = 0; i < cast<VectorType>(value.getType()).getDimSize(0);
       ++i) {
    Value lane = vector::ExtractOp::create(builder, loc, value, i);
    array.addAtomically(builder, loc, view, math.add(column, math.constant(i)),
                        lane);
  }
}

/// The row of its out that a sum from this row on belongs to.
Value RowKernel::getSumRow(unsigned out, Value firstRow) {
  unsigned dims = *program.getSumDims(out);
  Value rows = operands.countRows(builder, dims, operands.getLeading().size());
  return math.div(firstRow, rows);
}

void RowKernel::storeSums(ArrayRef<Value> sums) {
  Value isFirstRow;
  if (layout.getCTASize() != layout.threads)
    isFirstRow = equal(rowOfCTA, 0);
  for (auto [i, value] : llvm::enumerate(program.getYield()->getOperands())) {
    if (!program.isAccumulated(i))
      continue;
    if (!analysis.isRow(value)) {
      Type element = sums[getSumOffset(i)].getType();
      Value sum = vector::BroadcastOp::create(
          builder, loc, VectorType::get({1}, element), sums[getSumOffset(i)]);
      sum = combineRows(sum);
      int64_t groups = getWidthOf(value);
      ColumnSlot slot{1, groupIndex(groups), nullptr};
      when(both(isFirstOf(groups), isFirstRow), [&, i = i] {
        partials[i] ? storePartial(i, slot, sum)
                    : addAtomically(i, slot.column, sum);
      });
      continue;
    }
    if (!schedule.getKeepRow())
      continue;
    for (auto [k, slot] : llvm::enumerate(slots)) {
      Value sum = combineRows(sums[getSumOffset(i) + k]);
      when(both(slot.predicate, isFirstRow), [&, i = i, &slot = slot] {
        partials[i] ? storePartial(i, slot, sum)
                    : addAtomically(i, slot.column, sum);
      });
    }
  }
}

/// `sum` plus the pieces that `loadPiece` gives, where the condition holds.
Value RowKernel::addShared(Value sum, Value condition,
                           function_ref<Value(int64_t)> loadPiece) {
  auto type = cast<VectorType>(sum.getType());
  auto branch = scf::IfOp::create(builder, loc, type, condition,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  Value other = sum;
  for (int64_t at = 0, i = 0; at < type.getDimSize(0); ++i) {
    Value piece = loadPiece(i);
    other = vector::InsertStridedSliceOp::create(builder, loc, piece, other,
                                                 ArrayRef<int64_t>{at},
                                                 ArrayRef<int64_t>{1});
    at += cast<VectorType>(piece.getType()).getDimSize(0);
  }
  scf::YieldOp::create(builder, loc, combine(ReduceKind::add, sum, other));
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, loc, sum);
  return branch.getResult(0);
}

/// The sum over the rows of the CTA, in a fixed tree, for the first of them.
Value RowKernel::combineRows(Value sum) {
  auto type = cast<VectorType>(sum.getType());
  // In pieces of one access, so that neighbouring threads have neighbouring
  // ones.
  int64_t element = type.getElementTypeBitWidth() / 8;
  int64_t lanes = std::min(type.getDimSize(0), accessBytes / element);
  auto piece = VectorType::get({lanes}, type.getElementType());
  int64_t pieces = type.getDimSize(0) / lanes;
  for (int64_t half = layout.rows / 2; half >= 1; half /= 2) {
    int64_t threads = layout.threads * layout.rows / 2;
    Value &memory = rowMemory[piece];
    if (!memory ||
        cast<MemRefType>(memory.getType()).getDimSize(0) < threads * pieces)
      memory = makeShared(piece, threads * pieces);
    auto indexOf = [&](int64_t i, Value thread) {
      return math.add(thread, math.constant(i * threads));
    };
    Value upper = math.sub(rowOfCTA, math.constant(half));
    when(less(upper, math.constant(half)), [&] {
      Value at = math.sub(thread, math.constant(half * layout.threads));
      for (int64_t i = 0; i < pieces; ++i) {
        Value part = vector::ExtractStridedSliceOp::create(
            builder, loc, sum, ArrayRef<int64_t>{i * lanes},
            ArrayRef<int64_t>{lanes}, ArrayRef<int64_t>{1});
        memref::StoreOp::create(builder, loc, part, memory, indexOf(i, at));
      }
    });
    barrier();
    sum = addShared(sum, less(rowOfCTA, math.constant(half)), [&](int64_t i) {
      return memref::LoadOp::create(builder, loc, memory, indexOf(i, thread));
    });
    barrier();
  }
  return sum;
}
