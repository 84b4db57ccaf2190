//===- RowKernel.cpp - What the threads of a row's kernel do -------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rowwise;

static int64_t getWidthOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getDimSize(0);
}

/// Bytes that a thread accesses at once at most.
static constexpr int64_t accessBytes = 16;

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

/// The most threads, at most so many, that shuffles and exchanges divide.
static int64_t floorToTeam(int64_t threads) {
  return threads >= 32 ? threads / 32 * 32
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
  team = groups == 1 ? threads : floorToTeam(threads / groups);
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
  if (getElementTypeOrSelf(value).getIntOrFloatBitWidth() >=
      least.getIntOrFloatBitWidth())
    return value;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    least = vector.clone(least);
  return arith::ExtFOp::create(builder, loc, least, value);
}

Value RowKernel::narrow(Value value, Type type) {
  if (value.getType() == type)
    return value;
  return arith::TruncFOp::create(builder, loc, type, value);
}

/// Contraction to fused multiply-add is what a row program allows: it only ever
/// removes a rounding.
static void addFastMath(Operation *op, arith::FastMathFlags flags) {
  auto fast = dyn_cast<arith::ArithFastMathInterface>(op);
  // Casts have no flags unless they are given some.
  if (!fast || !fast.getFastMathFlagsAttr())
    return;
  op->setAttr(
      fast.getFastMathAttrName(),
      arith::FastMathFlagsAttr::get(
          op->getContext(), fast.getFastMathFlagsAttr().getValue() | flags));
}

Value RowKernel::combine(ReduceKind kind, Value a, Value b) {
  Operation *op = nullptr;
  switch (kind) {
  case ReduceKind::add:
  case ReduceKind::mean:
    op = arith::AddFOp::create(builder, loc, a, b);
    break;
  case ReduceKind::max:
    op = arith::MaximumFOp::create(builder, loc, a, b);
    break;
  case ReduceKind::min:
    op = arith::MinimumFOp::create(builder, loc, a, b);
    break;
  }
  addFastMath(op, arith::FastMathFlags::contract);
  return op->getResult(0);
}

/// The value that changes nothing, as a scalar or a splat of a vector type.
Value RowKernel::identity(ReduceKind kind, Type type) {
  auto element = cast<FloatType>(getElementTypeOrSelf(type));
  const llvm::fltSemantics &semantics = element.getFloatSemantics();
  APFloat value = APFloat::getZero(semantics, /*Negative=*/true);
  if (kind == ReduceKind::max)
    value = APFloat::getInf(semantics, /*Negative=*/true);
  if (kind == ReduceKind::min)
    value = APFloat::getInf(semantics);
  return splat(FloatAttr::get(element, value), type);
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
  if (layout.threads / layout.team == layout.groups)
    return;
  inTeam = less(group, math.constant(layout.groups));
  group = math.min(group, math.constant(layout.groups - 1));
}

/// The first column of this thread's group.
Value RowKernel::teamFirst() const {
  return math.mul(group, math.div(width, math.constant(layout.groups)));
}

/// All slots of a row of static width: whole vectors, then single columns.
SmallVector<ColumnSlot> RowKernel::getSlots() const {
  auto &self = const_cast<RowKernel &>(*this);
  int64_t ofGroup = layout.width / layout.groups, lanes = layout.vector;
  int64_t around = layout.team * layout.ctas, vectors = ofGroup / lanes;
  SmallVector<ColumnSlot> slots;
  auto add = [&](int64_t count, int64_t lanes, int64_t begin) {
    for (int64_t i = 0; i < count; i += around) {
      Value index = math.add(position, math.constant(i));
      Value predicate = inTeam;
      if (i + around > count)
        predicate =
            self.both(predicate, self.less(index, math.constant(count)));
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
  if (predicate &&
      isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
          arith::FloorDivSIOp, arith::CeilDivSIOp, arith::CeilDivUIOp>(op)) {
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

//===----------------------------------------------------------------------===//
// Sums over rows
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Reductions across threads
//===----------------------------------------------------------------------===//

void RowKernel::barrier() {
  if (layout.ctas == 1) {
    gpu::BarrierOp::create(builder, loc);
    return;
  }
  NVVM::ClusterArriveOp::create(builder, loc,
                                /*aligned=*/builder.getUnitAttr());
  NVVM::ClusterWaitOp::create(builder, loc, /*aligned=*/builder.getUnitAttr());
}

Value RowKernel::makeShared(Type element, int64_t count) {
  auto space = gpu::AddressSpaceAttr::get(
      builder.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
  auto type =
      MemRefType::get({count}, element, MemRefLayoutAttrInterface(), space);
  return launch.addWorkgroupAttribution(type, loc);
}

/// The threads, of all CTAs of a cluster, that share an element of a value of
/// so many groups.
int64_t RowKernel::getSpan(int64_t groups) const {
  if (groups == 1)
    return layout.threads * layout.ctas;
  return layout.groups / groups * layout.team;
}

Value RowKernel::shuffleTree(ReduceKind kind, Value value, int64_t lanes) {
  for (int64_t offset = lanes / 2; offset >= 1; offset /= 2) {
    auto shuffle =
        gpu::ShuffleOp::create(builder, loc, value, int32_t(offset),
                               int32_t(layout.warp), gpu::ShuffleMode::XOR);
    value = combine(kind, value, shuffle.getShuffleResult());
  }
  return value;
}

/// Each contribution combined over the threads that share its element: one tree
/// of shuffles, and for those that more than a warp shares one exchange in
/// memory, whose two halves take turns from row to row.
RowKernel::Values RowKernel::exchange(ArrayRef<Contribution> contributions) {
  struct Pending {
    size_t index;
    Value memory;
    int64_t span, count;
    bool byThread;
  };
  SmallVector<Pending> pending;
  Values results;
  for (auto [i, contribution] : llvm::enumerate(contributions)) {
    int64_t span = getSpan(contribution.groups);
    bool byThread = !(span <= layout.warp ? llvm::isPowerOf2_64(span)
                                          : span % layout.warp == 0);
    Value value = contribution.value;
    if (!byThread)
      value =
          shuffleTree(contribution.kind, value, std::min(span, layout.warp));
    results.push_back(value);
    if (!byThread && span <= layout.warp)
      continue;
    int64_t count =
        layout.getCTASize() * layout.ctas / (byThread ? 1 : layout.warp);
    Value memory = makeShared(value.getType(), 2 * count);
    pending.push_back({i, memory, span, count, byThread});
  }
  if (pending.empty())
    return results;
  for (const Pending &one : pending)
    writeShared(one.memory, one.count, results[one.index], one.byThread);
  barrier();
  for (const Pending &one : pending)
    results[one.index] = readShared(contributions[one.index].kind, one.memory,
                                    one.count, one.span, one.byThread);
  return results;
}

void RowKernel::writeShared(Value memory, int64_t count, Value value,
                            bool byThread) {
  Value half = math.mul(parity, math.constant(count));
  if (byThread) {
    memref::StoreOp::create(builder, loc, value, memory,
                            ValueRange{math.add(half, thread)});
    return;
  }
  Value warp = math.constant(layout.warp);
  Value lane = math.rem(thread, warp);
  if (layout.ctas == 1) {
    Value at = math.add(half, math.div(thread, warp));
    when(equal(lane, 0),
         [&] { memref::StoreOp::create(builder, loc, value, memory, at); });
    return;
  }
  // One lane for each CTA of the cluster.
  Value at = math.add(half, math.div(place, warp));
  when(less(lane, math.constant(layout.ctas)),
       [&] { storeToPeer(memory, at, value, lane); });
}

/// Stores into the shared memory of another CTA of the cluster.
void RowKernel::storeToPeer(Value memory, Value index, Value value,
                            Value peer) {
  MLIRContext *context = builder.getContext();
  auto i32 = builder.getI32Type();
  Type shared = LLVM::LLVMPointerType::get(
      context, unsigned(NVVM::NVVMMemorySpace::Shared));
  Type remote = LLVM::LLVMPointerType::get(
      context, unsigned(NVVM::NVVMMemorySpace::SharedCluster));
  auto toInt = [&](Value value, Type type) -> Value {
    return arith::IndexCastOp::create(builder, loc, type, value);
  };
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, memory);
  int64_t bytes = value.getType().getIntOrFloatBitWidth() / 8;
  Value address = math.add(base, math.mul(index, math.constant(bytes)));
  Value pointer = LLVM::IntToPtrOp::create(
      builder, loc, shared, toInt(address, builder.getI64Type()));
  pointer =
      NVVM::MapaOp::create(builder, loc, remote, pointer, toInt(peer, i32));
  LLVM::StoreOp::create(builder, loc, value, pointer);
}

Value RowKernel::readShared(ReduceKind kind, Value memory, int64_t count,
                            int64_t span, bool byThread) {
  Value half = math.mul(parity, math.constant(count));
  auto loadAt = [&](Value index) -> Value {
    return memref::LoadOp::create(builder, loc, memory,
                                  ValueRange{math.add(half, index)});
  };
  Type type = cast<MemRefType>(memory.getType()).getElementType();
  if (byThread) {
    Value inRow = math.rem(thread, math.constant(layout.threads));
    Value first = math.sub(thread, math.rem(inRow, math.constant(span)));
    auto loop = scf::ForOp::create(
        builder, loc, zero, math.constant(span), math.constant(1),
        ValueRange{identity(kind, type)},
        [&](OpBuilder &, Location, Value i, ValueRange sum) {
          scf::YieldOp::create(
              builder, loc, combine(kind, sum[0], loadAt(math.add(first, i))));
        });
    return loop.getResult(0);
  }
  // The warps' values lie together; each lane takes some of them.
  int64_t values = span / layout.warp;
  Value lane = math.rem(thread, math.constant(layout.warp));
  Value warp = math.div(thread, math.constant(layout.warp));
  Value first = layout.ctas > 1
                    ? zero
                    : math.sub(warp, math.rem(warp, math.constant(values)));
  int64_t lanes = std::min<int64_t>(llvm::PowerOf2Ceil(values), layout.warp);
  Value total;
  for (int64_t from = 0; from < values; from += lanes) {
    Value index =
        math.add(math.rem(lane, math.constant(lanes)), math.constant(from));
    Value value;
    if (from + lanes <= values) {
      value = loadAt(math.add(first, index));
    } else {
      Value exists = less(index, math.constant(values));
      index = math.min(index, math.constant(values - 1));
      value =
          choose(exists, loadAt(math.add(first, index)), identity(kind, type));
    }
    total = total ? combine(kind, total, value) : value;
  }
  return shuffleTree(kind, total, lanes);
}
