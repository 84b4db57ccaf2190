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
#include "seednorm/Conversion/SizeChecks.h"
#include <numeric>

namespace mlir::seednorm {
#define GEN_PASS_DEF_ROWWISETOVECTOR
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;
using namespace mlir::rowwise;

namespace {

/// Sums over all rows are made of at most this many partial sums, whatever the
/// number of threads.
constexpr int64_t maxPartials = 64;

class ProgramLowering {
public:
  ProgramLowering(ProgramOp program)
      : program(program), builder(program), loc(program.getLoc()),
        math{builder, loc}, analysis(program) {}

  void run();

private:
  bool isShared(unsigned operand);
  void takeOperandsApart();
  void checkShapes();
  Value getTaskRows();
  void allocatePartials(Value tasks);
  Value wantsNontemporal();
  void emitTasks(Value tasks, Value taskRows, bool nontemporal);
  void addPartialsUp(Value tasks);
  void forEach(Value end, function_ref<void(Value)> body);

  ProgramOp program;
  OpBuilder builder;
  Location loc;
  IndexMath math;
  RowAnalysis analysis;
  SmallVector<RowArray> arrays;
  SmallVector<Value> partials, leading;
  Value rowCount;
  unsigned firstOut = 0;
};

void ProgramLowering::forEach(Value end, function_ref<void(Value)> body) {
  auto loop =
      scf::ForOp::create(builder, loc, math.constant(0), end, math.constant(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

/// One for all rows: columns and sums over the rows.
bool ProgramLowering::isShared(unsigned operand) {
  return operand >= program.getRows().size() &&
         (operand < firstOut || program.isAccumulated(operand - firstOut));
}

void ProgramLowering::takeOperandsApart() {
  rowCount = math.constant(1);
  Value first = program.getRows()[0];
  for (int64_t i = 0, e = program.getLeadingShape().size(); i < e; ++i) {
    leading.push_back(builder.createOrFold<memref::DimOp>(loc, first, i));
    rowCount = math.mul(rowCount, leading.back());
  }
  firstOut = program.getRows().size() + program.getColumns().size();
  for (auto [i, operand] : llvm::enumerate(program->getOperands()))
    arrays.emplace_back(builder, loc, operand,
                        isShared(i) ? ArrayRef<Value>()
                                    : ArrayRef<Value>(leading));
}

/// What the verifier could not see: dynamic sizes that do not fit would be
/// accesses out of bounds.
void ProgramLowering::checkShapes() {
  SmallVector<std::pair<Value, Value>> rows, widths, groups;
  Value first = program.getRows()[0], width = arrays[0].getWidth();
  ArrayRef<int64_t> leading = program.getLeadingShape();
  for (auto [i, operand] : llvm::enumerate(program->getOperands())) {
    if (operand == first)
      continue;
    auto type = cast<MemRefType>(operand.getType());
    Value ownWidth = arrays[i].getWidth();
    if (type.getShape().back() == program.getRowWidth() ||
        type.isDynamicDim(type.getRank() - 1))
      widths.push_back({ownWidth, width});
    for (size_t dim = 0; !isShared(i) && dim < leading.size(); ++dim)
      if (type.getDimSize(dim) != 1 || leading[dim] == 1)
        rows.push_back({builder.createOrFold<memref::DimOp>(loc, operand, dim),
                        builder.createOrFold<memref::DimOp>(loc, first, dim)});
  }
  int64_t count = 1;
  for (const Sweep &sweep : analysis.getSweeps())
    count = std::lcm(count, sweep.groups);
  if (count > 1)
    groups.push_back({math.rem(width, math.constant(count)), math.constant(0)});
  seednorm::assertEqualSizes(builder, loc, rows,
                             "arrays have different leading dimensions");
  seednorm::assertEqualSizes(builder, loc, widths,
                             "arrays have rows of different lengths");
  seednorm::assertEqualSizes(builder, loc, groups,
                             "the elements of a row cannot be divided into " +
                                 Twine(count) + " groups");
}

/// Rows of one task. With accumulations it depends on the number of rows alone,
/// so that their sums do too.
Value ProgramLowering::getTaskRows() {
  ScheduleAttr schedule = program.getScheduleAttr();
  Value rows = math.constant(schedule.getRowsPerTask());
  bool accumulates = false;
  for (unsigned i = 0; i < program.getOuts().size(); ++i)
    accumulates |= program.isAccumulated(i);
  if (!accumulates)
    return rows;
  Value block = math.constant(schedule.getRowsPerBlock());
  auto ceilDiv = [&](Value a, Value b) {
    return math.div(math.sub(math.add(a, b), math.constant(1)), b);
  };
  Value least = ceilDiv(ceilDiv(rowCount, math.constant(maxPartials)), block);
  return builder.createOrFold<arith::MaxUIOp>(loc, rows,
                                              math.mul(least, block));
}

void ProgramLowering::allocatePartials(Value tasks) {
  for (unsigned i = 0; i < program.getOuts().size(); ++i) {
    partials.push_back(nullptr);
    if (!program.isAccumulated(i))
      continue;
    const RowArray &out = arrays[firstOut + i];
    // In f64, so that the error does not grow with the number of rows.
    auto type = MemRefType::get({ShapedType::kDynamic, ShapedType::kDynamic},
                                builder.getF64Type());
    partials.back() = memref::AllocOp::create(
        builder, loc, type, ValueRange{tasks, out.getWidth()});
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
    const RowArray &out = arrays[firstOut + i];
    int64_t element = out.getElementBytes();
    bytes = math.add(bytes, math.mul(math.mul(rowCount, out.getWidth()),
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
          math.rem(arrays[0].getWidth(),
                   math.constant(groups * schedule.getVectorWidth())),
          math.constant(0));
  return aligned;
}

void ProgramLowering::emitTasks(Value tasks, Value taskRows, bool nontemporal) {
  auto forall = scf::ForallOp::create(
      builder, loc, ArrayRef<OpFoldResult>{OpFoldResult(tasks)}, ValueRange(),
      std::nullopt);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(forall.getBody());
  Value task = forall.getInductionVar(0);
  for (auto [i, partial] : llvm::enumerate(partials)) {
    if (!partial)
      continue;
    Value zero = arith::ConstantOp::create(
        builder, loc, builder.getZeroAttr(builder.getF64Type()));
    forEach(arrays[firstOut + i].getWidth(), [&](Value column) {
      memref::StoreOp::create(builder, loc, zero, partial,
                              ValueRange{task, column});
    });
  }
  Value begin = math.mul(task, taskRows);
  Value end = math.min(math.add(begin, taskRows), rowCount);
  RowEmitter(builder, program, analysis, arrays, leading, rowCount, partials,
             nontemporal)
      .emitTask(task, begin, end);
}

void ProgramLowering::addPartialsUp(Value tasks) {
  for (auto [i, partial] : llvm::enumerate(partials)) {
    if (!partial)
      continue;
    const RowArray &out = arrays[firstOut + i];
    Value view = out.getRowView(
        builder, loc, out.getRowOffset(builder, loc, math.constant(0)));
    Value zero = arith::ConstantOp::create(
        builder, loc, builder.getZeroAttr(builder.getF64Type()));
    forEach(out.getWidth(), [&](Value column) {
      auto sum = scf::ForOp::create(
          builder, loc, math.constant(0), tasks, math.constant(1),
          ValueRange{zero},
          [&](OpBuilder &, Location, Value task, ValueRange before) {
            Value own = memref::LoadOp::create(builder, loc, partial,
                                               ValueRange{task, column});
            scf::YieldOp::create(builder, loc,
                                 ValueRange{arith::AddFOp::create(
                                     builder, loc, before[0], own)});
          });
      Value total = sum.getResult(0);
      if (out.getElementType() != total.getType())
        total =
            arith::TruncFOp::create(builder, loc, out.getElementType(), total);
      out.storeScalar(builder, loc, view, column, total);
    });
    memref::DeallocOp::create(builder, loc, partial);
  }
}

void ProgramLowering::run() {
  takeOperandsApart();
  checkShapes();
  Value taskRows = getTaskRows();
  Value tasks = math.div(
      math.sub(math.add(rowCount, taskRows), math.constant(1)), taskRows);
  allocatePartials(tasks);
  if (Value condition = wantsNontemporal()) {
    auto branch = scf::IfOp::create(builder, loc, condition, /*withElse=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    emitTasks(tasks, taskRows, /*nontemporal=*/true);
    builder.setInsertionPointToStart(branch.elseBlock());
    emitTasks(tasks, taskRows, /*nontemporal=*/false);
  } else {
    emitTasks(tasks, taskRows, /*nontemporal=*/false);
  }
  builder.setInsertionPoint(program);
  addPartialsUp(tasks);
  program.erase();
}

struct RowwiseToVector : seednorm::impl::RowwiseToVectorBase<RowwiseToVector> {
  void runOnOperation() override {
    SmallVector<ProgramOp> programs;
    getOperation()->walk(
        [&](ProgramOp program) { programs.push_back(program); });
    for (ProgramOp program : programs) {
      if (!program.hasBufferSemantics()) {
        program.emitOpError("is on tensors; run rowwise-bufferize first");
        return signalPassFailure();
      }
      ScheduleAttr schedule = program.getScheduleAttr();
      if (!schedule || !schedule.getVectorWidth() || !schedule.getVectors() ||
          !schedule.getRowsInFlight() || !schedule.getRowsPerBlock() ||
          !schedule.getRowsPerTask()) {
        program.emitOpError(
            "has no complete schedule; run rowwise-schedule first");
        return signalPassFailure();
      }
      foldIdentities(program);
      ProgramLowering(program).run();
    }
  }
};

} // namespace
