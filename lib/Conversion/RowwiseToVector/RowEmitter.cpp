//===- RowEmitter.cpp - Loops over vectors for the rows of one task ------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rowwise;

static int64_t getWidthOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getDimSize(0);
}

static Type getElementOf(Value value) {
  return cast<ShapedType>(value.getType()).getElementType();
}

/// Additions of one lane into one partial sum.
static constexpr int64_t stepsOfPartialSum = 16;

/// What arithmetic that computes `value` may do.
void RowEmitter::setFlags(Operation *op, Value value) {
  if (!analysis.isCompared(value))
    addFastMath(op, arith::FastMathFlags::contract);
  if (schedule.getApproximate() && isa<mlir::math::TanhOp>(op))
    addFastMath(op, arith::FastMathFlags::afn);
}

/// What a masked lane holds is computed as well, and a division by zero there
/// would end the process: such lanes divide by one.
void RowEmitter::guardDivision(Operation *op, IRMapping &operands, Value mask) {
  Value divisor = operands.lookup(op->getOperand(1));
  auto type = cast<VectorType>(divisor.getType());
  Value one = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(type,
                             builder.getIntegerAttr(type.getElementType(), 1)));
  operands.map(op->getOperand(1),
               arith::SelectOp::create(builder, loc, mask, divisor, one));
}

Value mlir::rowwise::getLanes(const IndexMath &math, ScheduleAttr schedule) {
  Value lanes = math.constant(schedule.getVectorWidth());
  if (!schedule.getScalable())
    return lanes;
  return math.mul(lanes, vector::VectorScaleOp::create(math.builder, math.loc));
}

RowEmitter::RowEmitter(OpBuilder &builder, ProgramOp program,
                       const RowAnalysis &analysis,
                       const ProgramOperands &operands,
                       ArrayRef<Value> partials, bool nontemporal)
    : builder(builder), loc(program.getLoc()), math{builder, loc},
      program(program), analysis(analysis), schedule(program.getScheduleAttr()),
      arrays(operands.getArrays()), leading(operands.getLeading()),
      rowCount(operands.getRowCount()), width(arrays[0].getWidth()),
      partials(partials), nontemporal(nontemporal) {
  lanes = getLanes(math, schedule);
  slotRows =
      llvm::alignTo(schedule.getRowsPerBlock(), schedule.getVectorWidth());
}

const RowArray &RowEmitter::getArray(Value argument) const {
  return arrays[cast<BlockArgument>(argument).getArgNumber()];
}

Value RowEmitter::widen(Value value, Type wide) {
  return rowwise::widen(builder, loc, value, wide);
}

/// In f32 at least: f16 ends before the number of elements of long rows does.
Value RowEmitter::divide(Value sum, Value count) {
  Value wide = widen(sum, builder.getF32Type());
  count = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), count);
  count = arith::SIToFPOp::create(builder, loc, wide.getType(), count);
  return narrow(arith::DivFOp::create(builder, loc, wide, count),
                sum.getType());
}

Value RowEmitter::narrow(Value value, Type type) {
  return rowwise::narrow(builder, loc, value, type);
}

/// The vector that stands for a row-shaped value at one step.
VectorType RowEmitter::getVectorType(Value value, int64_t narrow) const {
  if (narrow)
    return VectorType::get({narrow}, getElementOf(value));
  return VectorType::get({schedule.getVectorWidth()}, getElementOf(value),
                         {schedule.getScalable() != 0});
}

void RowEmitter::forEach(Value begin, Value end, Value step,
                         function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(builder, loc, begin, end, step);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

Value RowEmitter::combine(ReduceKind kind, Value a, Value b) {
  return rowwise::combine(builder, loc, kind, a, b);
}

Value RowEmitter::getIdentity(ReduceOp reduce, Type type) {
  return rowwise::getIdentity(builder, loc, reduce.getKind(), type);
}

//===----------------------------------------------------------------------===//
// Tasks and blocks
//===----------------------------------------------------------------------===//

void RowEmitter::emitTask(Value taskIndex, Value begin, Value end) {
  task = taskIndex;
  slot = math.constant(0);
  allocateBuffers();
  fillColumnGroups();
  if (schedule.getPipeline())
    begin = emitPipeline(begin, end);
  else if (schedule.getKeepRow())
    begin = emitKeptBlocks(begin, end);
  forEach(begin, end, math.constant(schedule.getRowsPerBlock()),
          [&](Value firstRow) {
            Value rows = math.min(math.sub(end, firstRow),
                                  math.constant(schedule.getRowsPerBlock()));
            emitBlock(firstRow, rows);
          });
  if (buffersOnHeap)
    for (Value buffer : llvm::make_second_range(buffers))
      memref::DeallocOp::create(builder, loc, buffer);
}

/// Whole blocks, of which two are under way at a time: the last sweep of one
/// goes along with the first sweep of the next. Gives back where the rows begin
/// that are left.
Value RowEmitter::emitPipeline(Value begin, Value end) {
  ArrayRef<Sweep> sweeps = analysis.getSweeps();
  const Sweep &first = sweeps.front(), &last = sweeps.back();
  Value rows = math.constant(schedule.getRowsPerBlock());
  Value count = math.sub(end, begin);
  Value rest = math.sub(end, math.rem(count, rows));
  auto emitFront = [&](Value firstRow) {
    loadRowGroups(firstRow, rows);
    emitGroupOps(first.groupOps, firstRow, rows);
  };
  // The last sweep reduces nothing: what comes after it may come before.
  auto emitMiddle = [&](Value firstRow) {
    for (const Sweep &sweep : sweeps.drop_front()) {
      emitGroupOps(sweep.groupOps, firstRow, rows);
      if (&sweep != &last)
        emitSweep(sweep, firstRow, rows);
    }
    emitGroupOps(analysis.getFinalGroupOps(), firstRow, rows);
    storeGroupResults(firstRow, rows);
  };
  Value hasBlocks = arith::CmpIOp::create(
      builder, loc, arith::CmpIPredicate::uge, count, rows);
  auto branch = scf::IfOp::create(builder, loc, hasBlocks, /*withElse=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  emitFront(begin);
  emitSweep(first, begin, rows);
  Value lastBlock = math.sub(rest, rows);
  Value start = slot;
  auto loop = scf::ForOp::create(builder, loc, begin, lastBlock, rows, slot);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value firstRow = loop.getInductionVar();
    Value current = loop.getRegionIterArg(0);
    Value next = math.sub(math.constant(slotRows), current);
    slot = current;
    emitMiddle(firstRow);
    slot = next;
    Value nextRow = math.add(firstRow, rows);
    emitFront(nextRow);
    emitOverlap(first, nextRow, next, last, firstRow, current);
    scf::YieldOp::create(builder, loc, next);
  }
  slot = loop.getResult(0);
  emitMiddle(lastBlock);
  emitSweep(last, lastBlock, rows);
  slot = start;
  return rest;
}

/// Whole blocks whose rows stay in registers from sweep to sweep. Gives back
/// where the rows begin that are left.
Value RowEmitter::emitKeptBlocks(Value begin, Value end) {
  Value rows = math.constant(schedule.getRowsPerBlock());
  Value rest = math.sub(end, math.rem(math.sub(end, begin), rows));
  forEach(begin, rest, rows, [&](Value firstRow) {
    kept.clear();
    loadRowGroups(firstRow, rows);
    for (const Sweep &sweep : analysis.getSweeps()) {
      emitGroupOps(sweep.groupOps, firstRow, rows);
      emitKeptSweep(sweep, firstRow);
    }
    emitGroupOps(analysis.getFinalGroupOps(), firstRow, rows);
    storeGroupResults(firstRow, rows);
  });
  return rest;
}

/// Without loops: every vector of the rows has a name.
void RowEmitter::emitKeptSweep(const Sweep &sweep, Value firstRow) {
  Rows rows =
      makeRows(sweep, firstRow, math.constant(0), schedule.getRowsInFlight());
  Part part{&sweep, &rows, slot};
  initializeReductions(part);
  for (int64_t group = 0; group < sweep.groups; ++group) {
    Value groupIndex = math.constant(group);
    loadSplats(sweep, rows, groupIndex);
    Accumulators accumulators = getIdentities(part, 1);
    auto [begin, length] = getColumnsOf(sweep, groupIndex);
    int64_t first = *IndexMath::getConstant(begin);
    int64_t end = first + *IndexMath::getConstant(length);
    auto emit = [&](Columns columns) {
      int64_t at = *IndexMath::getConstant(columns.begin);
      // The last vectors of other sweeps may end elsewhere.
      keeping = &kept[{at, columns.mask ? end : -columns.narrow}];
      keeping->resize(rows.index.size());
      accumulators = emitColumns(part, columns, 1, accumulators);
    };
    int64_t width = schedule.getVectorWidth(), column = first;
    for (; column + width <= end; column += width)
      emit({math.constant(column), Value()});
    forEachRest(math.constant(column), math.constant(end), emit);
    finishReductions(part, accumulators, groupIndex);
  }
  keeping = nullptr;
}

/// Every group-shaped value of a block lives on the stack, or on the heap if
/// that would be too small for all of them, padded to whole vectors so that row
/// scalars need no masks.
void RowEmitter::allocateBuffers() {
  constexpr int64_t stackBytes = 64 << 10;
  SmallVector<std::pair<Value, MemRefType>> values;
  int64_t bytes = 0;
  auto add = [&](Value value) {
    if (analysis.isRow(value))
      return;
    int64_t size =
        schedule.getPipeline()
            ? 2 * slotRows * getWidthOf(value)
            : llvm::alignTo(schedule.getRowsPerBlock() * getWidthOf(value),
                            schedule.getVectorWidth());
    auto type = MemRefType::get({size}, getStoredType(getElementOf(value)));
    values.push_back({value, type});
    bytes += size * type.getElementTypeBitWidth() / 8;
  };
  for (BlockArgument argument : program.getBlock()->getArguments())
    add(argument);
  for (Operation &op : program.getBlock()->without_terminator())
    if (!isa<AccumulateOp>(op))
      add(op.getResult(0));
  IntegerAttr alignment = builder.getI64IntegerAttr(64);
  buffersOnHeap = bytes > stackBytes;
  for (auto [value, type] : values)
    buffers[value] =
        buffersOnHeap
            ? memref::AllocOp::create(builder, loc, type, alignment).getResult()
            : memref::AllocaOp::create(builder, loc, type, alignment);
}

Value RowEmitter::loadGroup(Value value, Value index, int64_t lanes) {
  index = math.add(math.mul(slot, math.constant(getWidthOf(value))), index);
  Type type = getElementOf(value);
  Value buffer = buffers.lookup(value), stored;
  if (lanes) {
    type = VectorType::get({lanes}, type);
    stored = vector::LoadOp::create(
        builder, loc, cast<VectorType>(getStoredType(type)), buffer, index);
  } else {
    stored = memref::LoadOp::create(builder, loc, buffer, index);
  }
  return fromStored(builder, loc, stored, type);
}

void RowEmitter::storeGroup(Value value, Value index, Value elements) {
  index = math.add(math.mul(slot, math.constant(getWidthOf(value))), index);
  Value buffer = buffers.lookup(value);
  elements = toStored(builder, loc, elements);
  if (isa<VectorType>(elements.getType()))
    vector::StoreOp::create(builder, loc, elements, buffer, index);
  else
    memref::StoreOp::create(builder, loc, elements, buffer, index);
}

/// Copies group-shaped column operands once for every row of a block.
void RowEmitter::fillColumnGroups() {
  Value zero = math.constant(0), one = math.constant(1);
  for (BlockArgument argument : program.getColumnArguments()) {
    if (analysis.isRow(argument))
      continue;
    const RowArray &array = getArray(argument);
    Value view =
        array.getRowView(builder, loc, array.getRowOffset(builder, loc, zero));
    Value groups = math.constant(getWidthOf(argument));
    // In both slots of a pipeline.
    int64_t slots = schedule.getPipeline() ? slotRows : 0;
    forEach(zero, math.constant(slots + schedule.getRowsPerBlock()), one,
            [&](Value row) {
              forEach(zero, groups, one, [&](Value group) {
                storeGroup(argument, math.add(math.mul(row, groups), group),
                           array.loadScalar(builder, loc, view, group));
              });
            });
  }
}

void RowEmitter::emitBlock(Value firstRow, Value rows) {
  loadRowGroups(firstRow, rows);
  for (const Sweep &sweep : analysis.getSweeps()) {
    emitGroupOps(sweep.groupOps, firstRow, rows);
    emitSweep(sweep, firstRow, rows);
  }
  emitGroupOps(analysis.getFinalGroupOps(), firstRow, rows);
  storeGroupResults(firstRow, rows);
}

void RowEmitter::loadRowGroups(Value firstRow, Value rows) {
  Value zero = math.constant(0), one = math.constant(1);
  for (BlockArgument argument : program.getRowArguments()) {
    if (analysis.isRow(argument))
      continue;
    const RowArray &array = getArray(argument);
    Value groups = math.constant(getWidthOf(argument));
    forEach(zero, rows, one, [&](Value row) {
      Value offset = array.getRowOffset(builder, loc, math.add(firstRow, row));
      Value view = array.getRowView(builder, loc, offset);
      forEach(zero, groups, one, [&](Value group) {
        storeGroup(argument, math.add(math.mul(row, groups), group),
                   array.loadScalar(builder, loc, view, group));
      });
    });
  }
}

/// Writes group-shaped results, and adds group-shaped accumulations up.
void RowEmitter::storeGroupResults(Value firstRow, Value rows) {
  Value zero = math.constant(0), one = math.constant(1);
  for (auto [i, value] : llvm::enumerate(program.getYield()->getOperands())) {
    auto accumulate = value.getDefiningOp<AccumulateOp>();
    Value source = accumulate ? accumulate.getSource() : value;
    if (analysis.isRow(source))
      continue;
    const RowArray &array =
        arrays[program.getRows().size() + program.getColumns().size() + i];
    Value groups = math.constant(getWidthOf(source));
    Value partial = partials[i];
    forEach(zero, rows, one, [&](Value row) {
      Value view;
      if (!accumulate)
        view = array.getRowView(
            builder, loc,
            array.getRowOffset(builder, loc, math.add(firstRow, row)));
      forEach(zero, groups, one, [&](Value group) {
        Value scalar =
            loadGroup(source, math.add(math.mul(row, groups), group));
        if (!accumulate)
          return array.storeScalar(builder, loc, view, group, scalar);
        Value sum = memref::LoadOp::create(builder, loc, partial,
                                           ValueRange{task, group});
        memref::StoreOp::create(
            builder, loc,
            combine(ReduceKind::add, sum, widen(scalar, builder.getF64Type())),
            partial, ValueRange{task, group});
      });
    });
  }
}

//===----------------------------------------------------------------------===//
// Group-shaped values: all rows of a block together
//===----------------------------------------------------------------------===//

void RowEmitter::emitGroupOps(ArrayRef<Operation *> ops, Value firstRow,
                              Value rows) {
  while (!ops.empty()) {
    Operation *first = ops.front();
    if (auto reduce = dyn_cast<ReduceOp>(first)) {
      if (!analysis.isRow(reduce.getSource()))
        emitGroupReduce(reduce);
      ops = ops.drop_front();
      continue;
    }
    if (auto broadcast = dyn_cast<BroadcastOp>(first)) {
      emitGroupBroadcast(broadcast);
      ops = ops.drop_front();
      continue;
    }
    if (isa<IndexOp, RowIndexOp>(first)) {
      emitGroupIndex(first, firstRow);
      ops = ops.drop_front();
      continue;
    }
    ArrayRef<Operation *> run = ops.take_while([&](Operation *op) {
      return !isa<ReduceOp, BroadcastOp, IndexOp, RowIndexOp>(op) &&
             getWidthOf(op->getResult(0)) == getWidthOf(first->getResult(0));
    });
    emitElementwiseGroupOps(run, rows);
    ops = ops.drop_front(run.size());
  }
}

void RowEmitter::emitElementwiseGroupOps(ArrayRef<Operation *> ops,
                                         Value rows) {
  int64_t groups = getWidthOf(ops.front()->getResult(0));
  int64_t total = schedule.getRowsPerBlock() * groups;
  int64_t lanesHere =
      std::min<int64_t>(schedule.getVectorWidth(), llvm::PowerOf2Ceil(total));
  Value zero = math.constant(0);
  forEach(zero, math.constant(total), math.constant(lanesHere), [&](Value i) {
    IRMapping mapping;
    for (Operation *op : ops) {
      auto type = VectorType::get({lanesHere}, getElementOf(op->getResult(0)));
      for (Value operand : op->getOperands())
        if (!mapping.contains(operand))
          mapping.map(operand, loadGroup(operand, i, lanesHere));
      Value result;
      if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
        auto splat = cast<SplatElementsAttr>(constant.getValue());
        result = arith::ConstantOp::create(
            builder, loc,
            DenseElementsAttr::get(type, splat.getSplatValue<Attribute>()));
      } else {
        IRMapping operands = mapping;
        if (isIntegerDivision(op)) {
          Value valid = math.sub(math.mul(rows, math.constant(groups)), i);
          guardDivision(
              op, operands,
              vector::CreateMaskOp::create(
                  builder, loc, type.clone(builder.getI1Type()), valid));
        }
        Operation *clone = builder.clone(*op, operands);
        clone->getResult(0).setType(type);
        setFlags(clone, op->getResult(0));
        result = clone->getResult(0);
      }
      mapping.map(op->getResult(0), result);
      storeGroup(op->getResult(0), i, result);
    }
  });
}

void RowEmitter::emitGroupReduce(ReduceOp op) {
  int64_t from = getWidthOf(op.getSource()), to = getWidthOf(op.getResult());
  Value zero = math.constant(0), one = math.constant(1);
  Value size = math.constant(from / to);
  Value total = math.constant(schedule.getRowsPerBlock() * to);
  // One sum after the other, so in f32 at least.
  Type element = getElementOf(op.getResult()), wide = builder.getF32Type();
  if (element.getIntOrFloatBitWidth() > wide.getIntOrFloatBitWidth())
    wide = element;
  forEach(zero, total, one, [&](Value i) {
    Value start = math.mul(i, size);
    auto loop = scf::ForOp::create(
        builder, loc, zero, size, one, ValueRange{getIdentity(op, wide)},
        [&](OpBuilder &, Location, Value j, ValueRange sum) {
          Value next =
              widen(loadGroup(op.getSource(), math.add(start, j)), wide);
          scf::YieldOp::create(builder, loc,
                               combine(op.getKind(), sum[0], next));
        });
    Value result = loop.getResult(0);
    if (op.getKind() == ReduceKind::mean)
      result = divide(result, size);
    storeGroup(op.getResult(), i, narrow(result, element));
  });
}

void RowEmitter::emitGroupBroadcast(BroadcastOp op) {
  int64_t from = getWidthOf(op.getSource()), to = getWidthOf(op.getResult());
  Value zero = math.constant(0), one = math.constant(1);
  Value total = math.constant(schedule.getRowsPerBlock() * to);
  forEach(zero, total, one, [&](Value i) {
    Value source = math.div(i, math.constant(to / from));
    storeGroup(op.getResult(), i, loadGroup(op.getSource(), source));
  });
}

Value RowEmitter::getRowIndex(Operation *op, Value row) {
  if (auto index = dyn_cast<IndexOp>(op)) {
    unsigned dimension = index.getDimension();
    for (Value inner : llvm::reverse(leading.drop_front(dimension + 1)))
      row = math.div(row, inner);
    if (dimension != 0)
      row = math.rem(row, leading[dimension]);
  }
  return arith::IndexCastOp::create(builder, loc, builder.getI64Type(), row);
}

void RowEmitter::emitGroupIndex(Operation *op, Value firstRow) {
  auto index = dyn_cast<IndexOp>(op);
  Value result = op->getResult(0);
  Value zero = math.constant(0), one = math.constant(1);
  Value groups = math.constant(getWidthOf(result));
  forEach(zero, math.constant(schedule.getRowsPerBlock()), one, [&](Value row) {
    Value ofRow;
    if (!index || !index.isInRow())
      ofRow = getRowIndex(op, math.add(firstRow, row));
    forEach(zero, groups, one, [&](Value group) {
      Value element = ofRow;
      if (!element)
        element = arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                             group);
      storeGroup(result, math.add(math.mul(row, groups), group), element);
    });
  });
}

//===----------------------------------------------------------------------===//
// Sweeps over the columns
//===----------------------------------------------------------------------===//

void RowEmitter::emitSweep(const Sweep &sweep, Value firstRow, Value rows) {
  if (sweep.writes && schedule.getTileVectors())
    return emitTiles(sweep, firstRow, rows);
  Value zero = math.constant(0), one = math.constant(1);
  unsigned inFlight = schedule.getRowsInFlight();
  Value step = math.constant(inFlight);
  Value whole = math.sub(rows, math.rem(rows, step));
  forEach(zero, whole, step,
          [&](Value i) { emitRows(sweep, firstRow, i, inFlight); });
  if (inFlight != 1)
    forEach(whole, rows, one,
            [&](Value i) { emitRows(sweep, firstRow, i, 1); });
}

RowEmitter::Rows RowEmitter::makeRows(const Sweep &sweep, Value firstRow,
                                      Value index, unsigned count) {
  Rows rows;
  for (unsigned k = 0; k < count; ++k)
    rows.index.push_back(math.add(index, math.constant(k)));
  makeViews(sweep, rows, firstRow);
  return rows;
}

void RowEmitter::emitRows(const Sweep &sweep, Value firstRow, Value index,
                          unsigned count) {
  Rows rows = makeRows(sweep, firstRow, index, count);
  emitParts({Part{&sweep, &rows, slot}});
}

/// The last sweep over one block and the first over the next.
void RowEmitter::emitOverlap(const Sweep &first, Value nextRow, Value nextSlot,
                             const Sweep &last, Value firstRow,
                             Value firstSlot) {
  unsigned count = schedule.getRowsInFlight();
  Value zero = math.constant(0);
  Rows next = makeRows(first, nextRow, zero, count);
  Rows rows = makeRows(last, firstRow, zero, count);
  emitParts({Part{&first, &next, nextSlot}, Part{&last, &rows, firstSlot}});
}

void RowEmitter::emitParts(ArrayRef<Part> parts) {
  const Sweep &sweep = *parts.front().sweep;
  Value zero = math.constant(0);
  if (sweep.groups == 1)
    return emitGroupOfColumns(parts, zero);
  initializeReductions(parts.front());
  forEach(zero, math.constant(sweep.groups), math.constant(1),
          [&](Value group) { emitGroupOfColumns(parts, group); });
}

/// Reductions to fewer groups than the loop has are combined in their buffers.
void RowEmitter::initializeReductions(const Part &part) {
  Value zero = math.constant(0), one = math.constant(1);
  slot = part.slot;
  for (ReduceOp reduce : part.sweep->reductions) {
    int64_t groups = getWidthOf(reduce.getResult());
    if (groups == part.sweep->groups)
      continue;
    for (Value row : part.rows->index)
      forEach(zero, math.constant(groups), one, [&](Value group) {
        storeGroup(reduce.getResult(),
                   math.add(math.mul(row, math.constant(groups)), group),
                   getIdentity(reduce, getElementOf(reduce.getResult())));
      });
  }
}

RowEmitter::Accumulators RowEmitter::getIdentities(const Part &part,
                                                   unsigned vectors) {
  Accumulators accumulators;
  for (unsigned k = 0; k < part.rows->index.size(); ++k)
    for (ReduceOp reduce : part.sweep->reductions)
      accumulators.append(
          vectors, getIdentity(reduce, getVectorType(reduce.getSource())));
  return accumulators;
}

void RowEmitter::finishReductions(const Part &part,
                                  ArrayRef<Value> accumulators, Value group) {
  slot = part.slot;
  for (Value row : part.rows->index)
    for (ReduceOp reduce : part.sweep->reductions) {
      finishReduction(reduce, *part.sweep, accumulators.front(), row, group);
      accumulators = accumulators.drop_front();
    }
}

void RowEmitter::makeViews(const Sweep &sweep, Rows &rows, Value firstRow) {
  // The last sweep finds its row in cache and only writes: there the reads of
  // rows to come have the memory's other direction to themselves.
  bool prefetches =
      schedule.getPrefetchRows() && &sweep == &analysis.getSweeps().back();
  Value last = math.sub(rowCount, math.constant(1));
  auto view = [&](const RowArray &array, Value row) {
    return array.getRowView(builder, loc,
                            array.getRowOffset(builder, loc, row));
  };
  for (auto [k, index] : llvm::enumerate(rows.index)) {
    Value row = math.add(firstRow, index);
    rows.linear.push_back(row);
    for (BlockArgument argument : program.getRowArguments()) {
      if (!analysis.isRow(argument))
        continue;
      const RowArray &array = getArray(argument);
      rows.views[{argument, k}] = view(array, row);
      if (!prefetches || array.isRepeated() || !array.hasUnitStride())
        continue;
      Value ahead = math.min(
          math.add(row, math.constant(schedule.getPrefetchRows())), last);
      rows.prefetchViews[{argument, k}] = view(array, ahead);
    }
    if (sweep.writes)
      for (auto [i, out] : llvm::enumerate(program.getOuts()))
        if (!program.isAccumulated(i))
          rows.views[{out, k}] = view(
              arrays[program.getNumOperands() - program.getOuts().size() + i],
              row);
  }
  for (BlockArgument argument : program.getColumnArguments())
    if (analysis.isRow(argument))
      rows.views[{argument, 0}] = view(getArray(argument), math.constant(0));
}

/// The row scalars that the sweep's columns are combined with.
void RowEmitter::loadSplats(const Sweep &sweep, Rows &rows, Value group) {
  rows.splats.clear();
  for (Operation *op : sweep.ops) {
    auto broadcast = dyn_cast<BroadcastOp>(op);
    if (!broadcast)
      continue;
    int64_t groups = getWidthOf(broadcast.getSource());
    for (auto [k, row] : llvm::enumerate(rows.index)) {
      Value of = math.div(math.mul(group, math.constant(groups)),
                          math.constant(sweep.groups));
      Value index = math.add(math.mul(row, math.constant(groups)), of);
      rows.splats[{broadcast, k}] =
          vector::BroadcastOp::create(builder, loc, getVectorType(broadcast),
                                      loadGroup(broadcast.getSource(), index));
    }
  }
}

std::pair<Value, Value> RowEmitter::getColumnsOf(const Sweep &sweep,
                                                 Value group) {
  Value groups = math.constant(sweep.groups);
  Value begin = math.div(math.mul(group, width), groups);
  if (std::optional<int64_t> constant = IndexMath::getConstant(width))
    return {begin, math.constant(*constant / sweep.groups)};
  Value end =
      math.div(math.mul(math.add(group, math.constant(1)), width), groups);
  return {begin, math.sub(end, begin)};
}

void RowEmitter::emitGroupOfColumns(ArrayRef<Part> parts, Value group) {
  for (const Part &part : parts) {
    slot = part.slot;
    loadSplats(*part.sweep, *part.rows, group);
  }
  // Only the first part reduces.
  const Part &front = parts.front();
  auto [begin, length] = getColumnsOf(*front.sweep, group);
  finishReductions(front,
                   emitColumnLoops(parts, begin, length,
                                   getIdentities(front, schedule.getVectors())),
                   group);
}

/// Partial sums of few steps each, added up: the error of a sum then grows with
/// the square root of the row's length at most.
void RowEmitter::emitCascade(Value end, Value step, const Sweep &sweep,
                             Accumulators &accumulators,
                             function_ref<void(Value, Value)> emitLoop) {
  auto outer = scf::ForOp::create(builder, loc, math.constant(0), end, step,
                                  accumulators);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(outer.getBody());
    auto reduceOf = [&](unsigned i) {
      return sweep
          .reductions[i / schedule.getVectors() % sweep.reductions.size()];
    };
    for (auto [i, accumulator] : llvm::enumerate(accumulators))
      accumulator = getIdentity(reduceOf(i), accumulator.getType());
    Value from = outer.getInductionVar();
    emitLoop(from, math.add(from, step));
    for (auto [i, accumulator] : llvm::enumerate(accumulators))
      accumulator = combine(reduceOf(i).getKind(), outer.getRegionIterArg(i),
                            accumulator);
    scf::YieldOp::create(builder, loc, accumulators);
  }
  accumulators = Accumulators(outer.getResults());
}

/// What is left of `length` columns after whole vectors: as one masked vector,
/// or as ever narrower ones.
void RowEmitter::forEachRest(Value whole, Value length,
                             function_ref<void(Columns)> body) {
  std::optional<int64_t> end = IndexMath::getConstant(length),
                         begin = IndexMath::getConstant(whole);
  if (end && begin && *end == *begin)
    return;
  if (!schedule.getPeelRemainder()) {
    auto maskType =
        VectorType::get({schedule.getVectorWidth()}, builder.getI1Type(),
                        {schedule.getScalable() != 0});
    Value mask = vector::CreateMaskOp::create(builder, loc, maskType,
                                              math.sub(length, whole));
    return body({whole, mask});
  }
  int64_t next = *begin;
  for (int64_t narrow = schedule.getVectorWidth() / 2; narrow; narrow /= 2)
    if ((*end - *begin) & narrow) {
      body({math.constant(next), Value(), narrow});
      next += narrow;
    }
}

/// Loops over groups of vectors, then single vectors, then a masked rest; the
/// accumulators of one reduction are combined into one vector on the way.
RowEmitter::Accumulators
RowEmitter::emitColumnLoops(ArrayRef<Part> parts, Value begin, Value length,
                            Accumulators accumulators) {
  const Sweep &sweep = *parts.front().sweep;
  Value zero = math.constant(0);
  auto loop = [&](Value from, Value to, unsigned vectors) {
    Value step = math.mul(lanes, math.constant(vectors));
    auto op = scf::ForOp::create(builder, loc, from, to, step, accumulators);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(op.getBody());
    Columns columns{math.add(begin, op.getInductionVar()), Value()};
    Accumulators next = emitColumns(parts, columns, vectors,
                                    SmallVector<Value>(op.getRegionIterArgs()));
    // Without iteration arguments the loop was built with its terminator.
    if (!accumulators.empty())
      scf::YieldOp::create(builder, loc, next);
    accumulators = Accumulators(op.getResults());
  };
  unsigned vectors = schedule.getVectors();
  Value step = math.mul(lanes, math.constant(vectors));
  Value unrolled = math.sub(length, math.rem(length, step));
  Value whole = math.sub(length, math.rem(length, lanes));
  Value cascaded = zero;
  Value cascade = math.mul(step, math.constant(stepsOfPartialSum));
  if (!accumulators.empty()) {
    cascaded = math.sub(length, math.rem(length, cascade));
    if (IndexMath::getConstant(cascaded) != 0)
      emitCascade(cascaded, cascade, sweep, accumulators,
                  [&](Value from, Value to) { loop(from, to, vectors); });
  }
  if (!IndexMath::getConstant(unrolled) ||
      IndexMath::getConstant(unrolled) != IndexMath::getConstant(cascaded))
    loop(cascaded, unrolled, vectors);
  Accumulators combined;
  for (unsigned i = 0; i < accumulators.size(); i += vectors) {
    ReduceOp reduce = sweep.reductions[i / vectors % sweep.reductions.size()];
    SmallVector<Value> parts(accumulators.begin() + i,
                             accumulators.begin() + i + vectors);
    for (; parts.size() > 1; parts.resize((parts.size() + 1) / 2))
      for (unsigned j = 0; j < parts.size() / 2; ++j)
        parts[j] =
            combine(reduce.getKind(), parts[j], parts[parts.size() - 1 - j]);
    combined.push_back(parts[0]);
  }
  accumulators = std::move(combined);
  if (vectors != 1 &&
      (!IndexMath::getConstant(whole) ||
       IndexMath::getConstant(whole) != IndexMath::getConstant(unrolled)))
    loop(unrolled, whole, 1);
  forEachRest(whole, length, [&](Columns columns) {
    columns.begin = math.add(begin, columns.begin);
    accumulators = emitColumns(parts, columns, 1, accumulators);
  });
  return accumulators;
}

/// Prefetches the `u`th vector of the rows to come.
void RowEmitter::emitPrefetches(const Rows &rows, const Columns &columns,
                                unsigned u) {
  for (auto &[key, view] : rows.prefetchViews) {
    constexpr int64_t line = 64;
    const RowArray &array = getArray(key.first);
    int64_t element = array.getElementBytes();
    int64_t bytes = schedule.getVectorWidth() * element;
    // Of the vectors of one line that are unrolled, one fetches it.
    if (columns.mask || (bytes < line && (u * bytes) % line != 0))
      continue;
    for (int64_t at = 0; at < bytes; at += line)
      array.prefetch(builder, loc, view,
                     math.add(columns.begin, math.constant(at / element)),
                     std::max<int64_t>(schedule.getPrefetchLevel(), 1));
  }
}

RowEmitter::Accumulators RowEmitter::emitColumns(ArrayRef<Part> parts,
                                                 Columns first,
                                                 unsigned vectors,
                                                 ArrayRef<Value> accumulators) {
  Accumulators next(accumulators.begin(), accumulators.end());
  for (unsigned u = 0; u < vectors; ++u) {
    Columns columns = first;
    columns.begin = math.add(first.begin, math.mul(lanes, math.constant(u)));
    Known known;
    unsigned i = 0;
    for (const Part &part : parts) {
      const Rows &rows = *part.rows;
      known.ofRow.clear();
      known.ofRow.resize(rows.index.size());
      emitPrefetches(rows, columns, u);
      for (unsigned k = 0; k < rows.index.size(); ++k)
        for (ReduceOp reduce : part.sweep->reductions) {
          Value value = evaluate(reduce.getSource(), rows, k, columns, known);
          Value &sum = next[i++ * vectors + u];
          sum = addTo(reduce, sum, value, columns);
        }
      if (part.sweep->writes)
        addToPartials(columns, writeResults(rows, columns, known));
    }
  }
  return next;
}

/// `sum` with what one vector of columns adds to it.
Value RowEmitter::addTo(ReduceOp reduce, Value sum, Value value,
                        const Columns &columns) {
  if (columns.narrow)
    value = vector::InsertStridedSliceOp::create(
        builder, loc, value, getIdentity(reduce, sum.getType()),
        /*offsets=*/0, /*strides=*/1);
  Value updated = combine(reduce.getKind(), sum, value);
  if (columns.mask)
    updated = arith::SelectOp::create(builder, loc, columns.mask, updated, sum);
  return updated;
}

/// Row-shaped: of the columns, or of rows that are one column wide.
Value RowEmitter::evaluateIndex(Operation *op, const Rows &rows, unsigned row,
                                const Columns &columns) {
  VectorType type = getVectorType(op->getResult(0), columns.narrow);
  auto index = dyn_cast<IndexOp>(op);
  if (!index || !index.isInRow())
    return vector::BroadcastOp::create(builder, loc, type,
                                       getRowIndex(op, rows.linear[row]));
  auto indices = cast<VectorType>(type.clone(builder.getIndexType()));
  Value begin =
      vector::BroadcastOp::create(builder, loc, indices, columns.begin);
  Value lanes = vector::StepOp::create(builder, loc, indices);
  return arith::IndexCastOp::create(
      builder, loc, type, arith::AddIOp::create(builder, loc, begin, lanes));
}

Value RowEmitter::evaluate(Value value, const Rows &rows, unsigned row,
                           const Columns &columns, Known &known) {
  bool shared = analysis.isRowInvariant(value);
  if (Value found = known.at(shared, row).lookup(value))
    return found;
  Value result = value.getDefiningOp()
                     ? compute(value, rows, row, columns, known)
                     : loadOperand(value, rows, row, columns);
  known.at(shared, row)[value] = result;
  return result;
}

Value RowEmitter::loadOperand(Value value, const Rows &rows, unsigned row,
                              const Columns &columns) {
  bool shared = analysis.isRowInvariant(value);
  bool isKept = keeping && !shared;
  if (isKept)
    if (Value found = (*keeping)[row].lookup(value))
      return found;
  Value view = rows.views.lookup({value, shared ? 0 : row});
  Value result =
      getArray(value).load(builder, loc, view, columns.begin,
                           getVectorType(value, columns.narrow), columns.mask);
  if (isKept)
    (*keeping)[row][value] = result;
  return result;
}

Value RowEmitter::compute(Value value, const Rows &rows, unsigned row,
                          const Columns &columns, Known &known) {
  Operation *op = value.getDefiningOp();
  VectorType type = getVectorType(value, columns.narrow);
  if (isa<BroadcastOp>(op)) {
    Value splat = rows.splats.lookup({value, row});
    if (!columns.narrow)
      return splat;
    return vector::ExtractStridedSliceOp::create(
        builder, loc, splat, /*offsets=*/0, columns.narrow, /*strides=*/1);
  }
  if (isa<IndexOp, RowIndexOp>(op))
    return evaluateIndex(op, rows, row, columns);
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    auto splat = cast<SplatElementsAttr>(constant.getValue());
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(type, splat.getSplatValue<Attribute>()));
  }
  IRMapping mapping;
  for (Value operand : op->getOperands())
    mapping.map(operand, evaluate(operand, rows, row, columns, known));
  if (columns.mask && isIntegerDivision(op))
    guardDivision(op, mapping, columns.mask);
  Operation *clone = builder.clone(*op, mapping);
  clone->getResult(0).setType(type);
  setFlags(clone, value);
  return clone->getResult(0);
}

SmallVector<Value> RowEmitter::writeResults(const Rows &rows,
                                            const Columns &columns,
                                            Known &known) {
  unsigned firstOut = program.getNumOperands() - program.getOuts().size();
  SmallVector<Value> sums;
  for (auto [i, value] : llvm::enumerate(program.getYield()->getOperands())) {
    auto accumulate = value.getDefiningOp<AccumulateOp>();
    Value source = accumulate ? accumulate.getSource() : value;
    if (!analysis.isRow(source))
      continue;
    Value sum;
    for (unsigned k = 0; k < rows.index.size(); ++k) {
      Value vector = evaluate(source, rows, k, columns, known);
      if (!accumulate) {
        const RowArray &out = arrays[firstOut + i];
        ArrayAccess access;
        if (nontemporal)
          access = {cast<VectorType>(vector.getType()).getNumElements() *
                        out.getElementBytes(),
                    true};
        out.store(builder, loc, rows.views.lookup({program.getOuts()[i], k}),
                  columns.begin, vector, columns.mask, access);
      } else {
        vector = widen(vector, builder.getF32Type());
        sum = sum ? combine(ReduceKind::add, sum, vector) : vector;
      }
    }
    if (accumulate)
      sums.push_back(sum);
  }
  return sums;
}

void RowEmitter::addToPartials(const Columns &columns, ArrayRef<Value> sums) {
  for (auto [i, value] : llvm::enumerate(program.getYield()->getOperands())) {
    auto accumulate = value.getDefiningOp<AccumulateOp>();
    if (!accumulate || !analysis.isRow(accumulate.getSource()))
      continue;
    addToPartial(partials[i], columns,
                 widen(sums.front(), builder.getF64Type()));
    sums = sums.drop_front();
  }
}

void RowEmitter::addToPartial(Value partial, const Columns &columns,
                              Value sum) {
  auto type = cast<VectorType>(sum.getType());
  SmallVector<Value> at = {task, columns.begin};
  if (!columns.mask) {
    Value old = vector::LoadOp::create(builder, loc, type, partial, at);
    vector::StoreOp::create(builder, loc, combine(ReduceKind::add, old, sum),
                            partial, at);
    return;
  }
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  Value old = vector::MaskedLoadOp::create(builder, loc, type, partial, at,
                                           columns.mask, zero);
  vector::MaskedStoreOp::create(builder, loc, partial, at, columns.mask,
                                combine(ReduceKind::add, old, sum));
}

//===----------------------------------------------------------------------===//
// The last sweep by tiles of columns: sums stay in registers over a block's
// rows
//===----------------------------------------------------------------------===//

void RowEmitter::emitTiles(const Sweep &sweep, Value firstRow, Value rows) {
  Value zero = math.constant(0);
  auto emitGroup = [&](Value group) {
    auto [first, length] = getColumnsOf(sweep, group);
    Value begin = first;
    Value whole =
        forEachColumns(builder, loc, length, lanes, schedule.getTileVectors(),
                       [&](Value column, unsigned vectors) {
                         emitTile(sweep, firstRow, rows, group, vectors,
                                  {math.add(begin, column), Value()});
                       });
    forEachRest(whole, length, [&](Columns columns) {
      columns.begin = math.add(begin, columns.begin);
      emitTile(sweep, firstRow, rows, group, 1, columns);
    });
  };
  if (sweep.groups == 1)
    return emitGroup(zero);
  forEach(zero, math.constant(sweep.groups), math.constant(1), emitGroup);
}

void RowEmitter::emitTile(const Sweep &sweep, Value firstRow, Value rows,
                          Value group, unsigned vectors, Columns first) {
  SmallVector<Columns> columns;
  SmallVector<Known> known(vectors);
  Rows shared;
  for (BlockArgument argument : program.getColumnArguments())
    if (analysis.isRow(argument))
      shared.views[{argument, 0}] =
          getArray(argument).getRowView(builder, loc, math.constant(0));
  SmallVector<Value> sums;
  for (unsigned u = 0; u < vectors; ++u) {
    columns.push_back(first);
    columns.back().begin =
        math.add(first.begin, math.mul(lanes, math.constant(u)));
    known[u].ofRow.resize(1);
    // What is the same for every row is computed once.
    for (BlockArgument argument : program.getColumnArguments())
      if (analysis.isRow(argument))
        evaluate(argument, shared, 0, columns[u], known[u]);
    for (Operation *op : sweep.ops)
      if (analysis.isRowInvariant(op->getResult(0)))
        evaluate(op->getResult(0), shared, 0, columns[u], known[u]);
    for (Value value : program.getYield()->getOperands())
      if (auto accumulate = value.getDefiningOp<AccumulateOp>())
        if (analysis.isRow(accumulate.getSource()))
          sums.push_back(widen(arith::ConstantOp::create(
                                   builder, loc,
                                   builder.getZeroAttr(getVectorType(
                                       accumulate.getSource(), first.narrow))),
                               builder.getF32Type()));
  }
  auto loop = scf::ForOp::create(builder, loc, math.constant(0), rows,
                                 math.constant(1), sums);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Rows one;
    one.index.push_back(loop.getInductionVar());
    makeViews(sweep, one, firstRow);
    loadSplats(sweep, one, group);
    SmallVector<Value> next(loop.getRegionIterArgs());
    size_t count = next.size() / vectors;
    for (unsigned u = 0; u < vectors; ++u) {
      emitPrefetches(one, columns[u], u);
      for (auto [i, added] :
           llvm::enumerate(writeResults(one, columns[u], known[u])))
        next[u * count + i] =
            combine(ReduceKind::add, next[u * count + i], added);
    }
    // Without iteration arguments the loop was built with its terminator.
    if (count)
      scf::YieldOp::create(builder, loc, next);
  }
  ArrayRef<Value> none;
  SmallVector<Value> results(loop.getResults());
  size_t count = results.size() / vectors;
  for (unsigned u = 0; u < vectors; ++u)
    addToPartials(columns[u],
                  count ? ArrayRef(results).slice(u * count, count) : none);
}

void RowEmitter::finishReduction(ReduceOp reduce, const Sweep &sweep,
                                 Value vector, Value rowIndex, Value group) {
  int64_t groups = getWidthOf(reduce.getResult());
  auto kind = vector::CombiningKind::ADD;
  if (reduce.getKind() == ReduceKind::max)
    kind = vector::CombiningKind::MAXIMUMF;
  if (reduce.getKind() == ReduceKind::min)
    kind = vector::CombiningKind::MINIMUMF;
  // Without reassociation the backend adds lane after lane.
  Value scalar = vector::ReductionOp::create(builder, loc, kind, vector,
                                             arith::FastMathFlags::reassoc);
  if (reduce.getKind() == ReduceKind::mean)
    scalar = divide(scalar, math.div(width, math.constant(groups)));
  Value of = math.div(math.mul(group, math.constant(groups)),
                      math.constant(sweep.groups));
  Value index = math.add(math.mul(rowIndex, math.constant(groups)), of);
  if (groups != sweep.groups)
    scalar =
        combine(reduce.getKind(), loadGroup(reduce.getResult(), index), scalar);
  storeGroup(reduce.getResult(), index, scalar);
}
