//===- RowwiseToGPU.cpp - Row programs to kernels ------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: what the host does for a row program on memrefs. It chooses between
// kernels for aligned and for other arrays, sizes the grid and launches the
// kernel that adds partial sums up. What a kernel does is RowKernel's.
//
//===----------------------------------------------------------------------===//

#include "RowKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "seednorm/Conversion/KernelLaunch.h"
#include "seednorm/Conversion/Passes.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_ROWWISETOGPU
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;
using namespace mlir::rowwise;

namespace {

/// The second kernel: a CTA adds `sumColumns` columns up, so many tasks at a
/// time, the columns side by side in memory.
constexpr int64_t sumColumns = 32, sumTasks = 16;
constexpr int64_t mostSumCTAs = 4096;

class ProgramLowering {
public:
  ProgramLowering(ProgramOp program, StringRef name, int64_t warp)
      : program(program), builder(program), loc(program.getLoc()),
        math{builder, loc}, name(name), analysis(program),
        operands(builder, program, analysis), layout(program, analysis, warp) {}

  void run();

private:
  void divideRows();
  void allocatePartials();
  Value areAligned();
  void launchRows(bool aligned);
  /// The partial sums of one out: of `tasks` tasks for each of its rows.
  struct Addition {
    unsigned out;
    Value tasks, chunks, units;
  };
  Addition planAddition(unsigned out);
  void launchSums();
  void addUnitUp(const Addition &addition, Value unit, Value column, Value lane,
                 Value memory);
  Value ceilDiv(Value a, Value b) {
    return math.div(math.sub(math.add(a, b), math.constant(1)), b);
  }
  bool usesAtomics() { return program.getScheduleAttr().getAtomics(); }

  ProgramOp program;
  OpBuilder builder;
  Location loc;
  IndexMath math;
  StringRef name;
  RowAnalysis analysis;
  ProgramOperands operands;
  ThreadLayout layout;
  RowKernel::Rows rows;
  SmallVector<Value> partials;
};

void ProgramLowering::divideRows() {
  unsigned rank = operands.getLeading().size();
  rows.segmentDims = getSegmentDims(program);
  rows.segmentRows = operands.countRows(builder, rows.segmentDims, rank);
  rows.tasks = divideIntoTasks(
      math, program.getScheduleAttr(), hasSums(program),
      operands.countRows(builder, 0, rows.segmentDims), rows.segmentRows);
}

void ProgramLowering::allocatePartials() {
  for (unsigned i = 0; i < program.getOuts().size(); ++i) {
    partials.push_back(nullptr);
    if (!program.isAccumulated(i) || usesAtomics())
      continue;
    const RowArray &out = operands.getOut(i);
    auto type = MemRefType::get(
        {ShapedType::kDynamic, ShapedType::kDynamic},
        getPartialType(program.getScheduleAttr(), out.getElementType()));
    // A static width keeps its multiples known.
    if (std::optional<int64_t> width = IndexMath::getConstant(out.getWidth()))
      type = MemRefType::get({ShapedType::kDynamic, *width},
                             type.getElementType());
    SmallVector<Value> sizes = {rows.tasks.count};
    if (type.getNumDynamicDims() == 2)
      sizes.push_back(out.getWidth());
    partials.back() = memref::AllocOp::create(builder, loc, type, sizes);
  }
}

/// An i1: every vector of every array begins at a multiple of its size, up to
/// 16 bytes.
Value ProgramLowering::areAligned() {
  Value aligned = arith::ConstantIntOp::create(builder, loc, 1, 1);
  unsigned firstOut = program.getNumOperands() - program.getOuts().size();
  for (auto [i, array] : llvm::enumerate(operands.getArrays())) {
    if (!analysis.isRow(operands.getRowValue(i)) ||
        (i >= firstOut && program.isAccumulated(i - firstOut)))
      continue;
    int64_t bytes =
        std::min<int64_t>(16, layout.vector * array.getElementBytes());
    if (bytes > array.getElementBytes())
      aligned = builder.createOrFold<arith::AndIOp>(
          loc, aligned, array.isAligned(builder, loc, bytes));
  }
  return aligned;
}

void ProgramLowering::launchRows(bool aligned) {
  Value ctas = hasSums(program) ? rows.tasks.count
                                : ceilDiv(operands.getRowCount(),
                                          math.constant(layout.rows));
  int64_t most = program.getScheduleAttr().getCtas() / layout.ctas;
  ctas = math.min(ctas, math.constant(std::max<int64_t>(most, 1)));
  ctas = math.mul(ctas, math.constant(layout.ctas));
  gpu::LaunchOp launch = seednorm::createKernelLaunch(
      builder, loc, name + (aligned ? "_rows" : "_rows_unaligned"), ctas,
      layout.getCTASize(), 1, layout.ctas);
  RowKernel(builder, program, analysis, operands, layout, partials, aligned)
      .emit(launch, rows);
}

ProgramLowering::Addition ProgramLowering::planAddition(unsigned out) {
  Addition addition;
  addition.out = out;
  unsigned dims = *program.getSumDims(out);
  addition.tasks = math.mul(operands.countRows(builder, dims, rows.segmentDims),
                            rows.tasks.perSegment);
  if (usesAtomics())
    addition.tasks = math.constant(0);
  addition.chunks =
      ceilDiv(operands.getOut(out).getWidth(), math.constant(sumColumns));
  addition.units =
      math.mul(operands.countRows(builder, 0, dims), addition.chunks);
  return addition;
}

/// `column` and `lane` are this thread's column of the unit and which tasks it
/// takes; `memory` has a place for each.
void ProgramLowering::addUnitUp(const Addition &addition, Value unit,
                                Value column, Value lane, Value memory) {
  const RowArray &out = operands.getOut(addition.out);
  Value partial = partials[addition.out], zero = math.constant(0);
  Type wide = builder.getF64Type();
  Value sumIndex = math.div(unit, addition.chunks);
  Value at = math.add(
      math.mul(math.rem(unit, addition.chunks), math.constant(sumColumns)),
      column);
  Value exists = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult,
                                       at, out.getWidth());
  Value none =
      arith::ConstantOp::create(builder, loc, builder.getFloatAttr(wide, 0));
  Value own = none;
  if (partial) {
    Value loaded = math.min(at, math.sub(out.getWidth(), math.constant(1)));
    Value first = math.mul(sumIndex, addition.tasks);
    auto loop = scf::ForOp::create(
        builder, loc, lane, addition.tasks, math.constant(sumTasks),
        ValueRange{none},
        [&](OpBuilder &, Location, Value task, ValueRange sum) {
          Value value = memref::LoadOp::create(
              builder, loc, partial, ValueRange{math.add(first, task), loaded});
          if (value.getType() != wide)
            value = arith::ExtFOp::create(builder, loc, wide, value);
          scf::YieldOp::create(
              builder, loc,
              arith::AddFOp::create(builder, loc, sum[0], value).getResult());
        });
    own = loop.getResult(0);
  }
  Value place = math.add(math.mul(lane, math.constant(sumColumns)), column);
  memref::StoreOp::create(builder, loc, own, memory, place);
  gpu::BarrierOp::create(builder, loc);
  Value isFirst =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, lane, zero);
  auto branch = scf::IfOp::create(
      builder, loc, arith::AndIOp::create(builder, loc, isFirst, exists),
      /*withElse=*/false);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    Value total = own;
    for (int64_t i = 1; i < sumTasks; ++i) {
      Value other = memref::LoadOp::create(
          builder, loc, memory,
          ValueRange{math.add(column, math.constant(i * sumColumns))});
      total = arith::AddFOp::create(builder, loc, total, other);
    }
    if (out.getElementType() != wide)
      total =
          arith::TruncFOp::create(builder, loc, out.getElementType(), total);
    Value view =
        out.getRowView(builder, loc, out.getRowOffset(builder, loc, sumIndex));
    out.storeScalar(builder, loc, view, at, total);
  }
  gpu::BarrierOp::create(builder, loc);
}

/// Adds partial sums up in the order of the tasks, or writes the zeros that
/// atomic additions begin with.
void ProgramLowering::launchSums() {
  SmallVector<Addition> additions;
  Value units = math.constant(1);
  for (unsigned i = 0; i < program.getOuts().size(); ++i)
    if (program.isAccumulated(i)) {
      additions.push_back(planAddition(i));
      units = math.max(units, additions.back().units);
    }
  Value ctas = math.min(units, math.constant(mostSumCTAs));
  gpu::LaunchOp launch = seednorm::createKernelLaunch(
      builder, loc, name + "_sums", ctas, sumColumns, sumTasks);
  OpBuilder::InsertionGuard guard(builder);
  auto space = gpu::AddressSpaceAttr::get(
      builder.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
  Value memory = launch.addWorkgroupAttribution(
      MemRefType::get({sumColumns * sumTasks}, builder.getF64Type(),
                      MemRefLayoutAttrInterface(), space),
      loc);
  builder.setInsertionPointToStart(&launch.getBody().front());
  for (const Addition &addition : additions) {
    auto loop = scf::ForOp::create(builder, loc, launch.getBlockIds().x,
                                   addition.units, launch.getGridSize().x);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    addUnitUp(addition, loop.getInductionVar(), launch.getThreadIds().x,
              launch.getThreadIds().y, memory);
  }
  gpu::TerminatorOp::create(builder, loc);
}

void ProgramLowering::run() {
  operands.checkShapes(builder);
  divideRows();
  allocatePartials();
  bool sums = hasSums(program);
  if (sums && usesAtomics())
    launchSums();
  Value exist = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne,
                                      operands.getRowCount(), math.constant(0));
  auto guarded = scf::IfOp::create(builder, loc, exist, /*withElse=*/false);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(guarded.thenBlock());
    Value condition = areAligned();
    auto branch = scf::IfOp::create(builder, loc, condition, /*withElse=*/true);
    builder.setInsertionPointToStart(branch.thenBlock());
    launchRows(/*aligned=*/true);
    builder.setInsertionPointToStart(branch.elseBlock());
    launchRows(/*aligned=*/false);
  }
  if (sums && !usesAtomics())
    launchSums();
  for (Value partial : partials)
    if (partial)
      memref::DeallocOp::create(builder, loc, partial);
  program.erase();
}

struct RowwiseToGPU : seednorm::impl::RowwiseToGPUBase<RowwiseToGPU> {
  using RowwiseToGPUBase::RowwiseToGPUBase;

  void runOnOperation() override {
    if (subgroupSize > 128 || !llvm::isPowerOf2_64(subgroupSize)) {
      getOperation()->emitError("the size of subgroups (")
          << subgroupSize.getValue() << ") must be a power of two, 128 at most";
      return signalPassFailure();
    }
    SmallVector<ProgramOp> programs;
    getOperation()->walk(
        [&](ProgramOp program) { programs.push_back(program); });
    for (auto [i, program] : llvm::enumerate(programs)) {
      if (failed(checkLowerable(program)))
        return signalPassFailure();
      if (!program.getScheduleAttr().isForGPU()) {
        program.emitOpError("has a schedule for a CPU; run rowwise-schedule "
                            "with the triple of a GPU");
        return signalPassFailure();
      }
      foldIdentities(program);
      auto function = program->getParentOfType<FunctionOpInterface>();
      std::string name =
          ((function ? function.getName() : "program") + "_" + Twine(i)).str();
      ProgramLowering(program, name, subgroupSize).run();
    }
  }
};

} // namespace
