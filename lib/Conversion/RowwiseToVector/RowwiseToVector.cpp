//===- RowwiseToVector.cpp - Row programs to loops over vectors ----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: takes row programs on memrefs apart into parallel tasks, chooses
// between cached and non-temporal stores at run time, and adds the partial sums
// of accumulations up in a fixed order. What a task does is RowEmitter's.
//
//===----------------------------------------------------------------------===//

#include "RowEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Dialect/Rowwise/Transforms/CPUSchedule.h"
#include "seednorm/Dialect/Rowwise/Transforms/Workspace.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_ROWWISETOVECTOR
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;
using namespace mlir::rowwise;

namespace {

/// Vectors of columns whose partial sums are added up together.
constexpr unsigned vectorsOfAddition = 4;
/// Partial sums that are read at a time.
constexpr int64_t unitElements = (256 << 10) / sizeof(double);

class ProgramLowering {
public:
  ProgramLowering(ProgramOp program)
      : program(program), builder(program), loc(program.getLoc()),
        math{builder, loc}, analysis(program),
        operands(builder, program, analysis),
        segmentDims(getSegmentDims(program)) {}

  void run();

private:
  void divideRows();
  void allocatePartials();
  Value wantsNontemporal();
  void emitTasks(bool nontemporal);
  /// How the partial sums of one out are added up: by units of so many columns
  /// of one sum, each of so many tasks.
  struct Addition {
    Value partial;
    const RowArray *out = nullptr;
    Value tasks, columns, chunks, units;
  };
  Addition planAddition(unsigned index);
  void addPartialsUp();
  void addUnitUp(const Addition &addition, Value unit);
  void addColumnsUp(const Addition &addition, Value view, Value firstTask,
                    Value column, unsigned vectors, Value mask);
  void forEach(Value end, function_ref<void(Value)> body);

  ProgramOp program;
  OpBuilder builder;
  Location loc;
  IndexMath math;
  RowAnalysis analysis;
  ProgramOperands operands;
  SmallVector<Value> partials;
  Value segmentRows, lanes;
  RowTasks<Value> tasks;
  unsigned segmentDims;
};

void ProgramLowering::forEach(Value end, function_ref<void(Value)> body) {
  auto loop =
      scf::ForOp::create(builder, loc, math.constant(0), end, math.constant(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void ProgramLowering::divideRows() {
  unsigned rank = operands.getLeading().size();
  segmentRows = operands.countRows(builder, segmentDims, rank);
  tasks =
      divideIntoTasks(math, program.getScheduleAttr(), hasSums(program),
                      operands.countRows(builder, 0, segmentDims), segmentRows);
}

void ProgramLowering::allocatePartials() {
  for (unsigned i = 0; i < program.getOuts().size(); ++i) {
    partials.push_back(nullptr);
    if (!program.isAccumulated(i))
      continue;
    const RowArray &out = operands.getOut(i);
    // In f64, so that the error does not grow with the number of rows.
    auto type = MemRefType::get({ShapedType::kDynamic, ShapedType::kDynamic},
                                builder.getF64Type());
    partials.back() = memref::AllocOp::create(
        builder, loc, type, ValueRange{tasks.count, out.getWidth()});
  }
}

/// An i1: outputs are large, and aligned as non-temporal stores need. Null if
/// the schedule never wants them.
Value ProgramLowering::wantsNontemporal() {
  ScheduleAttr schedule = program.getScheduleAttr();
  if (!schedule.getNontemporalMinBytes() || schedule.getScalable() ||
      analysis.getSweeps().empty() || !analysis.getSweeps().back().writes)
    return {};
  Value bytes = math.constant(0), aligned;
  for (unsigned i = 0; i < program.getOuts().size(); ++i) {
    Value yielded = program.getYield()->getOperand(i);
    if (program.isAccumulated(i) || !analysis.isRow(yielded))
      continue;
    const RowArray &out = operands.getOut(i);
    int64_t element = out.getElementBytes();
    bytes = math.add(bytes,
                     math.mul(math.mul(operands.getRowCount(), out.getWidth()),
                              math.constant(element)));
    Value own =
        out.isAligned(builder, loc, element * schedule.getVectorWidth());
    aligned = aligned ? arith::AndIOp::create(builder, loc, aligned, own) : own;
  }
  if (!aligned)
    return {};
  auto holds = [&](arith::CmpIPredicate predicate, Value a, Value b) {
    aligned = arith::AndIOp::create(
        builder, loc, aligned,
        arith::CmpIOp::create(builder, loc, predicate, a, b));
  };
  holds(arith::CmpIPredicate::uge, bytes,
        math.constant(schedule.getNontemporalMinBytes()));
  // Groups of columns must begin at whole vectors as well.
  int64_t groups = analysis.getSweeps().back().groups;
  if (groups != 1)
    holds(arith::CmpIPredicate::eq,
          math.rem(operands.getArrays()[0].getWidth(),
                   math.constant(groups * schedule.getVectorWidth())),
          math.constant(0));
  return aligned;
}

void ProgramLowering::emitTasks(bool nontemporal) {
  auto forall = scf::ForallOp::create(
      builder, loc, ArrayRef<OpFoldResult>{OpFoldResult(tasks.count)},
      ValueRange(), std::nullopt);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(forall.getBody());
  Value task = forall.getInductionVar(0);
  for (auto [i, partial] : llvm::enumerate(partials)) {
    if (!partial)
      continue;
    Value zero = arith::ConstantOp::create(
        builder, loc, builder.getZeroAttr(builder.getF64Type()));
    forEach(operands.getOut(i).getWidth(), [&](Value column) {
      memref::StoreOp::create(builder, loc, zero, partial,
                              ValueRange{task, column});
    });
  }
  Value first = math.constant(0), taskOfSegment = task;
  if (segmentDims) {
    first = math.mul(math.div(task, tasks.perSegment), segmentRows);
    taskOfSegment = math.rem(task, tasks.perSegment);
  }
  Value begin = math.add(first, math.mul(taskOfSegment, tasks.rows));
  Value end =
      math.min(math.add(begin, tasks.rows), math.add(first, segmentRows));
  RowEmitter(builder, program, analysis, operands, partials, nontemporal)
      .emitTask(task, begin, end);
}

/// The sums of `vectors` vectors of columns over the tasks from `firstTask` on,
/// in their order.
void ProgramLowering::addColumnsUp(const Addition &addition, Value view,
                                   Value firstTask, Value column,
                                   unsigned vectors, Value mask) {
  ScheduleAttr schedule = program.getScheduleAttr();
  const RowArray &out = *addition.out;
  auto type = VectorType::get({schedule.getVectorWidth()}, builder.getF64Type(),
                              {schedule.getScalable() != 0});
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  SmallVector<Value> columns;
  for (unsigned u = 0; u < vectors; ++u)
    columns.push_back(math.add(column, math.mul(lanes, math.constant(u))));
  auto loop = scf::ForOp::create(
      builder, loc, math.constant(0), addition.tasks, math.constant(1),
      SmallVector<Value>(vectors, zero),
      [&](OpBuilder &, Location, Value task, ValueRange before) {
        SmallVector<Value> sums;
        for (unsigned u = 0; u < vectors; ++u) {
          SmallVector<Value> at = {math.add(firstTask, task), columns[u]};
          Value own = mask ? vector::MaskedLoadOp::create(builder, loc, type,
                                                          addition.partial, at,
                                                          mask, zero)
                                 .getResult()
                           : vector::LoadOp::create(builder, loc, type,
                                                    addition.partial, at)
                                 .getResult();
          sums.push_back(arith::AddFOp::create(builder, loc, before[u], own));
        }
        scf::YieldOp::create(builder, loc, sums);
      });
  for (auto [sum, at] : llvm::zip(loop.getResults(), columns)) {
    Value total = sum;
    if (!out.getElementType().isF64())
      total = arith::TruncFOp::create(builder, loc,
                                      type.clone(out.getElementType()), total);
    out.store(builder, loc, view, at, total, mask);
  }
}

ProgramLowering::Addition ProgramLowering::planAddition(unsigned index) {
  Addition addition;
  addition.partial = partials[index];
  addition.out = &operands.getOut(index);
  unsigned dims = *program.getSumDims(index);
  addition.tasks = math.mul(operands.countRows(builder, dims, segmentDims),
                            tasks.perSegment);
  auto ceilDiv = [&](Value a, Value b) {
    return math.div(math.sub(math.add(a, b), math.constant(1)), b);
  };
  Value step = math.mul(lanes, math.constant(vectorsOfAddition));
  Value ofStep = math.mul(math.max(addition.tasks, math.constant(1)), step);
  addition.columns =
      math.mul(ceilDiv(math.constant(unitElements), ofStep), step);
  addition.chunks = ceilDiv(addition.out->getWidth(), addition.columns);
  addition.units =
      math.mul(operands.countRows(builder, 0, dims), addition.chunks);
  return addition;
}

void ProgramLowering::addUnitUp(const Addition &addition, Value unit) {
  ScheduleAttr schedule = program.getScheduleAttr();
  const RowArray &out = *addition.out;
  Value sum = math.div(unit, addition.chunks);
  Value begin = math.mul(math.rem(unit, addition.chunks), addition.columns);
  Value length = math.min(addition.columns, math.sub(out.getWidth(), begin));
  Value view =
      out.getRowView(builder, loc, out.getRowOffset(builder, loc, sum));
  auto maskType =
      VectorType::get({schedule.getVectorWidth()}, builder.getI1Type(),
                      {schedule.getScalable() != 0});
  Value firstTask = math.mul(sum, addition.tasks);
  Value whole = forEachColumns(builder, loc, length, lanes, vectorsOfAddition,
                               [&](Value column, unsigned vectors) {
                                 addColumnsUp(addition, view, firstTask,
                                              math.add(begin, column), vectors,
                                              /*mask=*/Value());
                               });
  if (IndexMath::getConstant(length) &&
      IndexMath::getConstant(whole) == IndexMath::getConstant(length))
    return;
  Value mask = vector::CreateMaskOp::create(builder, loc, maskType,
                                            math.sub(length, whole));
  addColumnsUp(addition, view, firstTask, math.add(begin, whole), 1, mask);
}

/// One parallel loop for all outs: each has some of its units, and an iteration
/// is worth the hand-over to a thread.
void ProgramLowering::addPartialsUp() {
  SmallVector<Addition> additions;
  Value units = math.constant(0), elements = units;
  for (auto [i, partial] : llvm::enumerate(partials))
    if (partial) {
      additions.push_back(planAddition(i));
      units = math.add(units, additions.back().units);
      elements = math.add(elements,
                          math.mul(tasks.count, operands.getOut(i).getWidth()));
    }
  if (additions.empty())
    return;
  Value shares =
      math.max(math.min(units, math.div(elements, math.constant(unitElements))),
               math.constant(1));
  auto forall = scf::ForallOp::create(
      builder, loc, ArrayRef<OpFoldResult>{OpFoldResult(shares)}, ValueRange(),
      std::nullopt);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(forall.getBody());
  auto beginOf = [&](Value share) {
    return math.div(math.mul(share, units), shares);
  };
  Value share = forall.getInductionVar(0);
  Value next = math.add(share, math.constant(1));
  auto loop = scf::ForOp::create(builder, loc, beginOf(share), beginOf(next),
                                 math.constant(1));
  builder.setInsertionPointToStart(loop.getBody());
  // A unit before an out's first one wraps around to more than it has.
  Value unit = loop.getInductionVar();
  for (const Addition &addition : additions) {
    Value isOwn = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult,
                                        unit, addition.units);
    auto branch = scf::IfOp::create(builder, loc, isOwn, /*withElse=*/false);
    builder.setInsertionPointToStart(branch.thenBlock());
    addUnitUp(addition, unit);
    builder.setInsertionPointAfter(branch);
    unit = math.sub(unit, addition.units);
  }
  builder.setInsertionPointAfter(forall);
  for (const Addition &addition : additions)
    memref::DeallocOp::create(builder, loc, addition.partial);
}

void ProgramLowering::run() {
  lanes = getLanes(math, program.getScheduleAttr());
  operands.checkShapes(builder);
  divideRows();
  allocatePartials();
  if (Value condition = wantsNontemporal()) {
    auto branch = scf::IfOp::create(builder, loc, condition, /*withElse=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    emitTasks(/*nontemporal=*/true);
    builder.setInsertionPointToStart(branch.elseBlock());
    emitTasks(/*nontemporal=*/false);
  } else {
    emitTasks(/*nontemporal=*/false);
  }
  builder.setInsertionPoint(program);
  addPartialsUp();
  program.erase();
}

struct RowwiseToVector : seednorm::impl::RowwiseToVectorBase<RowwiseToVector> {
  void runOnOperation() override {
    SmallVector<ProgramOp> programs;
    getOperation()->walk(
        [&](ProgramOp program) { programs.push_back(program); });
    for (ProgramOp program : programs) {
      if (failed(checkLowerable(program)))
        return signalPassFailure();
      foldIdentities(program);
      if (failed(checkForCPU(program, program.getScheduleAttr())))
        return signalPassFailure();
      ProgramLowering(program).run();
    }
  }
};

} // namespace
