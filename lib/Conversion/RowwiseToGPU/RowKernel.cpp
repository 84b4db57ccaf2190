//===- RowKernel.cpp - What the threads of a row's kernel do -------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rowwise;

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

/// The most threads, at most so many, that shuffles and exchanges divide.
static int64_t floorToTeam(int64_t threads, int64_t warp) {
  return threads >= warp ? threads / warp * warp
                         : int64_t(llvm::bit_floor<uint64_t>(threads));
}

ThreadLayout::ThreadLayout(ProgramOp program, const RowAnalysis &analysis,
                           int64_t warp)
    : groups(analysis.getNumGroups()), width(program.getRowWidth()),
      warp(warp) {
  ScheduleAttr schedule = program.getScheduleAttr();
  vector = schedule.getVectorWidth();
  threads = schedule.getThreadsPerRow();
  rows = schedule.getRowsPerBlock();
  ctas = std::max<int64_t>(schedule.getCtasPerRow(), 1);
  team = groups == 1 ? threads : floorToTeam(threads / groups, warp);
}

RowKernel::RowKernel(OpBuilder &builder, ProgramOp program,
                     const RowAnalysis &analysis,
                     const ProgramOperands &operands,
                     const ThreadLayout &layout, ArrayRef<Value> partials,
                     bool aligned)
    : builder(builder), loc(program.getLoc()), math{builder, loc},
      program(program), analysis(analysis), operands(operands), layout(layout),
      schedule(program.getScheduleAttr()), partials(partials),
      aligned(aligned) {}

//===----------------------------------------------------------------------===//
// Small words
//===----------------------------------------------------------------------===//

Value RowKernel::splat(TypedAttr value, Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    value = DenseElementsAttr::get(vector, value);
  return arith::ConstantOp::create(builder, loc, value);
}

Value RowKernel::both(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  return arith::AndIOp::create(builder, loc, a, b);
}

Value RowKernel::less(Value a, Value b) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, a, b);
}

Value RowKernel::equal(Value a, int64_t b) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, a,
                               math.constant(b));
}

/// `then` where the condition is null.
Value RowKernel::choose(Value condition, Value then, Value otherwise) {
  if (!condition)
    return then;
  return arith::SelectOp::create(builder, loc, condition, then, otherwise);
}

void RowKernel::when(Value condition, function_ref<void()> body) {
  if (!condition)
    return body();
  auto branch = scf::IfOp::create(builder, loc, condition, /*withElse=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  body();
}

Type RowKernel::typeOf(Value value, int64_t lanes) const {
  Type element = getElementTypeOrSelf(value);
  return lanes ? VectorType::get({lanes}, element) : element;
}

Value RowKernel::widen(Value value, Type least) {
  return rowwise::widen(builder, loc, value, least);
}

Value RowKernel::narrow(Value value, Type type) {
  return rowwise::narrow(builder, loc, value, type);
}

Value RowKernel::combine(ReduceKind kind, Value a, Value b) {
  return rowwise::combine(builder, loc, kind, a, b);
}

Value RowKernel::identity(ReduceKind kind, Type type) {
  return getIdentity(builder, loc, kind, type);
}

/// The lanes of a vector, combined in pairs.
Value RowKernel::addLanes(ReduceKind kind, Value vector) {
  SmallVector<Value> parts;
  for (int64_t i = 0; i < cast<VectorType>(vector.getType()).getDimSize(0); ++i)
    parts.push_back(vector::ExtractOp::create(builder, loc, vector, i));
  for (; parts.size() > 1; parts.resize(parts.size() / 2))
    for (size_t i = 0; i < parts.size() / 2; ++i)
      parts[i] = combine(kind, parts[i], parts[parts.size() / 2 + i]);
  return parts[0];
}

/// Where this thread's group is in a value of so many groups.
Value RowKernel::groupIndex(int64_t groups) {
  return math.div(group, math.constant(layout.groups / groups));
}

//===----------------------------------------------------------------------===//
// Threads and columns
//===----------------------------------------------------------------------===//

void RowKernel::placeThread(gpu::LaunchOp op) {
  launch = op;
  zero = math.constant(0);
  thread = launch.getThreadIds().x;
  width = operands.getArrays()[0].getWidth();
  Value threads = math.constant(layout.threads);
  rowOfCTA = zero;
  Value local = thread;
  if (layout.threads != layout.getCTASize()) {
    rowOfCTA = math.div(thread, threads);
    local = math.rem(thread, threads);
  }
  rank = zero;
  if (layout.ctas > 1) {
    rank = gpu::ClusterBlockIdOp::create(builder, loc, gpu::Dimension::x);
    local = math.add(math.mul(rank, threads), local);
  }
  place = position = local;
  group = zero;
  if (layout.groups == 1)
    return;
  Value team = math.constant(layout.team);
  group = math.div(local, team);
  position = math.rem(local, team);
  if (layout.team * layout.groups == layout.threads)
    return;
  inTeam = less(group, math.constant(layout.groups));
  group = math.min(group, math.constant(layout.groups - 1));
}

/// The first column of this thread's group.
Value RowKernel::teamFirst() const {
  return math.mul(group, math.div(width, math.constant(layout.groups)));
}

/// All slots of a row of static width: whole vectors, then single columns.
SmallVector<ColumnSlot> RowKernel::getSlots() {
  int64_t ofGroup = layout.width / layout.groups, lanes = layout.vector;
  int64_t around = layout.team * layout.ctas, vectors = ofGroup / lanes;
  SmallVector<ColumnSlot> slots;
  auto add = [&](int64_t count, int64_t lanes, int64_t begin) {
    for (int64_t i = 0; i < count; i += around) {
      Value index = math.add(position, math.constant(i));
      Value predicate = inTeam;
      if (i + around > count)
        predicate = both(predicate, less(index, math.constant(count)));
      Value column =
          math.add(math.mul(index, math.constant(lanes)), math.constant(begin));
      slots.push_back({lanes, math.add(teamFirst(), column), predicate});
    }
  };
  add(vectors, lanes, 0);
  add(ofGroup - vectors * lanes, 1, vectors * lanes);
  return slots;
}

/// Calls `body` for every slot of this thread. What is carried from one to the
/// next is changed in place.
void RowKernel::forEachSlot(
    Values &carried,
    function_ref<void(const ColumnSlot &, unsigned, MutableArrayRef<Value>)>
        body) {
  if (schedule.getKeepRow()) {
    for (auto [i, slot] : llvm::enumerate(slots))
      body(slot, i, carried);
    return;
  }
  Value first = teamFirst();
  Value ofGroup = math.div(width, math.constant(layout.groups));
  auto loop = [&](Value from, Value to, int64_t count, int64_t lanes,
                  Value begin) {
    Value step = math.constant(layout.team * count);
    auto op = scf::ForOp::create(builder, loc, from, to, step, carried);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(op.getBody());
    Values next(op.getRegionIterArgs());
    for (int64_t i = 0; i < count; ++i) {
      Value index =
          math.add(op.getInductionVar(), math.constant(i * layout.team));
      Value column = math.add(begin, math.mul(index, math.constant(lanes)));
      body({lanes, math.add(first, column), inTeam}, 0, next);
    }
    // Without iteration arguments the loop was built with its terminator.
    if (!carried.empty())
      scf::YieldOp::create(builder, loc, next);
    carried = Values(op.getResults());
  };
  Value vectors = math.div(ofGroup, math.constant(layout.vector));
  int64_t unroll = schedule.getVectors();
  Value around = math.constant(layout.team * unroll);
  Value whole = math.sub(vectors, math.rem(vectors, around));
  loop(position, whole, unroll, layout.vector, zero);
  loop(math.add(whole, position), vectors, 1, layout.vector, zero);
  if (layout.vector == 1)
    return;
  Value begin = math.mul(vectors, math.constant(layout.vector));
  loop(position, math.sub(ofGroup, begin), 1, 1, begin);
}

Value RowKernel::load(const RowArray &array, Value view, const ColumnSlot &slot,
                      Type element, bool streams) {
  auto type = VectorType::get({slot.lanes}, element);
  auto emit = [&]() -> Value {
    if (!array.hasUnitStride()) {
      SmallVector<Value> lanes;
      for (int64_t i = 0; i < slot.lanes; ++i)
        lanes.push_back(array.loadScalar(
            builder, loc, view, math.add(slot.column, math.constant(i))));
      return vector::FromElementsOp::create(builder, loc, type, lanes);
    }
    ArrayAccess access;
    if (aligned && slot.lanes == layout.vector) {
      access.alignment =
          std::min(accessBytes, slot.lanes * array.getElementBytes());
      access.nontemporal = streams && schedule.getCacheHints();
    }
    return array.load(builder, loc, view, slot.column, type, /*mask=*/Value(),
                      access);
  };
  if (!slot.predicate)
    return emit();
  auto branch = scf::IfOp::create(builder, loc, type, slot.predicate,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(builder, loc, emit());
  builder.setInsertionPointToStart(branch.elseBlock());
  Value none = splat(cast<TypedAttr>(builder.getZeroAttr(element)), type);
  scf::YieldOp::create(builder, loc, none);
  return branch.getResult(0);
}

void RowKernel::store(const RowArray &array, Value view, const ColumnSlot &slot,
                      Value value, Value predicate) {
  when(predicate, [&] {
    if (!array.hasUnitStride()) {
      for (int64_t i = 0; i < slot.lanes; ++i)
        array.storeScalar(builder, loc, view,
                          math.add(slot.column, math.constant(i)),
                          vector::ExtractOp::create(builder, loc, value, i));
      return;
    }
    ArrayAccess access;
    if (aligned && slot.lanes == layout.vector) {
      access.alignment =
          std::min(accessBytes, slot.lanes * array.getElementBytes());
      access.nontemporal = schedule.getCacheHints();
    }
    array.store(builder, loc, view, slot.column, value, /*mask=*/Value(),
                access);
  });
}

Value RowKernel::getView(const RowArray &array, Value row) {
  return array.getRowView(builder, loc, array.getRowOffset(builder, loc, row));
}

/// What is the same for all rows.
void RowKernel::loadColumns() {
  if (schedule.getKeepRow())
    slots = getSlots();
  for (BlockArgument argument : program.getColumnArguments()) {
    const RowArray &array = operands.getArrays()[argument.getArgNumber()];
    Value view = views[argument] = getView(array, zero);
    if (!analysis.isRow(argument)) {
      columnScalars[argument] = array.loadScalar(
          builder, loc, view, groupIndex(getWidthOf(argument)));
      continue;
    }
    if (!schedule.getKeepRow() || !schedule.getKeepColumns())
      continue;
    for (auto [i, slot] : llvm::enumerate(slots))
      kept[{argument, i}] = load(array, view, slot, array.getElementType(),
                                 /*streams=*/false);
  }
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

void RowKernel::emit(gpu::LaunchOp op, const Rows &rows) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&op.getBody().front());
  placeThread(op);
  if (schedule.getDependentLaunch()) {
    auto control = [&](NVVM::GridDepActionKind kind) {
      NVVM::GriddepcontrolOp::create(builder, loc, kind);
    };
    control(NVVM::GridDepActionKind::launch_dependents);
    control(NVVM::GridDepActionKind::wait);
  }
  // Before another CTA of the cluster may write to this one's memory.
  if (layout.ctas > 1)
    barrier();
  loadColumns();
  Value ctas = math.constant(layout.ctas);
  Value cta = math.div(launch.getBlockIds().x, ctas);
  Value grid = math.div(launch.getGridSize().x, ctas);
  if (hasSums(program)) {
    emitTasks(cta, grid, rows);
  } else {
    Value inCTA = math.constant(layout.rows);
    emitRows(math.mul(cta, inCTA), operands.getRowCount(),
             math.mul(grid, inCTA), {zero});
  }
  gpu::TerminatorOp::create(builder, loc);
}

/// Each task gives one partial sum of every accumulated out.
void RowKernel::emitTasks(Value cta, Value grid, const Rows &rows) {
  const RowTasks<Value> &tasks = rows.tasks;
  auto loop = scf::ForOp::create(builder, loc, cta, tasks.count, grid,
                                 ValueRange{zero});
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  task = loop.getInductionVar();
  Value segment = zero, first = zero, ofSegment = task;
  if (rows.segmentDims) {
    segment = math.div(task, tasks.perSegment);
    first = math.mul(segment, rows.segmentRows);
    ofSegment = math.rem(task, tasks.perSegment);
  }
  Value begin = math.add(first, math.mul(ofSegment, tasks.rows));
  Value end =
      math.min(math.add(begin, tasks.rows), math.add(first, rows.segmentRows));
  for (auto [i, partial] : llvm::enumerate(partials))
    if (program.isAccumulated(i) && !partial)
      views[program.getOuts()[i]] =
          getView(operands.getOut(i), getSumRow(i, begin));
  clearPartials();
  Values carried = getZeroSums();
  carried.push_back(loop.getRegionIterArg(0));
  carried = emitRows(begin, end, math.constant(layout.rows), carried);
  storeSums(ArrayRef(carried).drop_back());
  scf::YieldOp::create(builder, loc, carried.back());
}

/// `carried` are the sums, then which half of the exchange is used next.
RowKernel::Values RowKernel::emitRows(Value begin, Value end, Value step,
                                      Values carried) {
  auto loop = scf::ForOp::create(builder, loc, begin, end, step, carried);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Values next(loop.getRegionIterArgs());
  parity = next.pop_back_val();
  beginRow(math.add(loop.getInductionVar(), rowOfCTA), end);
  for (const Sweep &sweep : analysis.getSweeps())
    emitSweep(sweep, next);
  emitGroupOps(analysis.getFinalGroupOps());
  storeGroupResults(next);
  next.push_back(math.sub(math.constant(1), parity));
  scf::YieldOp::create(builder, loc, next);
  return Values(loop.getResults());
}

/// Takes the row up: all its loads come first.
void RowKernel::beginRow(Value index, Value end) {
  rowExists = nullptr;
  row = index;
  if (layout.getCTASize() != layout.threads) {
    rowExists = less(row, end);
    if (layout.getCTASize() != layout.threads * layout.rows)
      rowExists = both(rowExists, less(rowOfCTA, math.constant(layout.rows)));
    // Rows that do not exist repeat the last one, and write nothing.
    row = math.min(row, math.sub(end, math.constant(1)));
  }
  scalars = columnScalars;
  for (BlockArgument argument : program.getRowArguments()) {
    const RowArray &array = operands.getArrays()[argument.getArgNumber()];
    Value view = views[argument] = getView(array, row);
    if (!analysis.isRow(argument))
      scalars[argument] = array.loadScalar(builder, loc, view,
                                           groupIndex(getWidthOf(argument)));
    else if (schedule.getKeepRow())
      for (auto [i, slot] : llvm::enumerate(slots))
        kept[{argument, i}] = load(array, view, slot, array.getElementType(),
                                   /*streams=*/!array.isRepeated());
  }
  for (auto [i, out] : llvm::enumerate(program.getOuts()))
    if (!program.isAccumulated(i))
      views[out] = getView(operands.getOut(i), row);
}

void RowKernel::emitSweep(const Sweep &sweep, MutableArrayRef<Value> sums) {
  emitGroupOps(sweep.groupOps);
  // Of whole vectors and of single columns.
  Values accumulators;
  for (ReduceOp reduce : sweep.reductions)
    for (int64_t lanes : {layout.vector, int64_t(1)}) {
      Type element = getElementTypeOrSelf(reduce.getSource());
      if (element.getIntOrFloatBitWidth() < 32)
        element = builder.getF32Type();
      accumulators.push_back(
          identity(reduce.getKind(), VectorType::get({lanes}, element)));
    }
  forEachSlot(accumulators, [&](const ColumnSlot &slot, unsigned index,
                                MutableArrayRef<Value> carried) {
    Known known;
    for (auto [i, op] : llvm::enumerate(sweep.reductions)) {
      ReduceOp reduce = op;
      Value &sum = carried[2 * i + (slot.lanes != layout.vector)];
      Value value = widen(evaluate(reduce.getSource(), slot, index, known),
                          getElementTypeOrSelf(sum));
      value = choose(slot.predicate, value,
                     identity(reduce.getKind(), sum.getType()));
      sum = combine(reduce.getKind(), sum, value);
    }
    if (sweep.writes)
      writeResults(slot, index, known, sums);
  });
  finishReductions(sweep, accumulators);
}

/// All reductions of the sweep together.
void RowKernel::finishReductions(const Sweep &sweep,
                                 ArrayRef<Value> accumulators) {
  SmallVector<Contribution> contributions;
  for (auto [i, op] : llvm::enumerate(sweep.reductions)) {
    ReduceOp reduce = op;
    ReduceKind kind = reduce.getKind();
    Value value = addLanes(kind, accumulators[2 * i]);
    if (layout.vector != 1)
      value = combine(kind, value, addLanes(kind, accumulators[2 * i + 1]));
    contributions.push_back({kind, value, getWidthOf(reduce.getResult())});
  }
  for (auto [op, total] :
       llvm::zip(sweep.reductions, exchange(contributions))) {
    ReduceOp reduce = op;
    finishReduction(reduce, total,
                    math.div(width, math.constant(getWidthOf(reduce))));
  }
}

void RowKernel::finishReduction(ReduceOp reduce, Value total, Value count) {
  if (reduce.getKind() == ReduceKind::mean) {
    count =
        arith::IndexCastOp::create(builder, loc, builder.getI64Type(), count);
    count = arith::SIToFPOp::create(builder, loc, total.getType(), count);
    total = arith::DivFOp::create(builder, loc, total, count);
  }
  scalars[reduce.getResult()] =
      narrow(total, getElementTypeOrSelf(reduce.getResult()));
}
