//===- CPUSchedule.cpp - Default schedules for a CPU ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fills in what a schedule leaves open, from the target's vectors and the
// program's rows. Knows nothing of how the lowering obeys it.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/Transforms/CPUSchedule.h"

#include "mlir/IR/TypeUtilities.h"
#include "seednorm/Dialect/Rowwise/IR/ScheduleFields.h"
#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rowwise;

namespace {

/// Of rows in registers: more than there are, since what does not fit is as
/// well on the stack, but code for each has its bounds.
constexpr int64_t mostKeptVectors = 64;

/// What a program asks of the machine.
struct Profile {
  int64_t rowWidth;         // D, or a guess where it is dynamic
  int64_t rows = 0;         // row-shaped row operands
  int64_t rowBytes = 0;     // of all row operands together
  int64_t columnBytes = 0;  // of all column operands together
  int64_t elementBytes = 2; // of the widest float
  int64_t groupBytes = 0;   // of all group-shaped values of a row
  int64_t sweeps = 0;
  int64_t reductions = 0;   // of the sweep that has most
  bool sumsColumns = false; // adds rows up over all rows

  explicit Profile(ProgramOp program) {
    RowAnalysis analysis(program);
    rowWidth = program.getRowWidth();
    if (ShapedType::isDynamic(rowWidth))
      rowWidth = 1024;
    auto getElementBytes = [](Value value) -> int64_t {
      return llvm::divideCeil(
          getElementTypeOrSelf(value).getIntOrFloatBitWidth(), 8);
    };
    auto getBytes = [&](Block::BlockArgListType arguments) {
      int64_t bytes = 0;
      for (BlockArgument argument : arguments)
        if (analysis.isRow(argument))
          bytes += rowWidth * getElementBytes(argument);
      return bytes;
    };
    auto addGroups = [&](Value value) {
      if (!analysis.isRow(value))
        groupBytes += cast<ShapedType>(value.getType()).getNumElements() *
                      getElementBytes(value);
    };
    llvm::for_each(program.getBlock()->getArguments(), addGroups);
    for (Operation &op : *program.getBlock())
      llvm::for_each(op.getResults(), addGroups);
    rows =
        llvm::count_if(program.getRowArguments(), [&](BlockArgument argument) {
          return analysis.isRow(argument);
        });
    rowBytes = getBytes(program.getRowArguments());
    columnBytes = getBytes(program.getColumnArguments());
    sweeps = analysis.getSweeps().size();
    for (const Sweep &sweep : analysis.getSweeps())
      reductions = std::max<int64_t>(reductions, sweep.reductions.size());
    program.getBlock()->walk([&](AccumulateOp op) {
      sumsColumns |= analysis.isRow(op.getSource());
    });
    auto include = [&](Value value) {
      if (auto element = dyn_cast<FloatType>(getElementTypeOrSelf(value)))
        elementBytes = std::max<int64_t>(elementBytes, element.getWidth() / 8);
    };
    llvm::for_each(program.getBlock()->getArguments(), include);
    for (Operation &op : *program.getBlock())
      llvm::for_each(op.getResults(), include);
  }
};

/// Code that names every vector of a row, or ends it by the bits of its width,
/// needs the width.
LogicalResult checkRows(ProgramOp program, ScheduleAttr schedule) {
  auto refuse = [&](StringRef field) {
    return program.emitOpError("has a schedule with '") << field << "', ";
  };
  int64_t width = program.getRowWidth();
  bool isDynamic = ShapedType::isDynamic(width);
  if (schedule.getPeelRemainder() && isDynamic)
    return refuse("peel_remainder")
           << "which a row of dynamic width cannot have";
  if (!schedule.getKeepRow())
    return success();
  if (isDynamic)
    return refuse("keep_row") << "which a row of dynamic width cannot have";
  if (schedule.getScalable())
    return refuse("keep_row") << "which scalable vectors cannot have";
  int64_t vectors = schedule.getRowsPerBlock() * Profile(program).rows *
                    llvm::divideCeil(width, schedule.getVectorWidth());
  if (vectors > mostKeptVectors)
    return refuse("keep_row") << "but " << vectors << " vectors of rows, which "
                              << "must be at most " << mostKeptVectors;
  return success();
}

/// Two blocks are under way at a time only if the last sweep, over one, can go
/// along with the first, over the other.
LogicalResult checkPipeline(ProgramOp program) {
  RowAnalysis analysis(program);
  ArrayRef<Sweep> sweeps = analysis.getSweeps();
  auto refuse = [&]() {
    return program.emitOpError("has a schedule with 'pipeline', but ");
  };
  if (sweeps.size() < 2)
    return refuse() << "only " << sweeps.size() << " sweeps over a row, which "
                    << "must be two or more";
  if (!sweeps.back().writes)
    return refuse() << "the last sweep over a row writes nothing";
  if (sweeps.front().groups != sweeps.back().groups)
    return refuse() << "the first sweep over a row has "
                    << sweeps.front().groups << " groups and the last "
                    << sweeps.back().groups;
  return success();
}

} // namespace

LogicalResult mlir::rowwise::checkForCPU(ProgramOp program,
                                         ScheduleAttr schedule) {
  if (failed(checkRows(program, schedule)))
    return failure();
  return success(!schedule.getPipeline() || succeeded(checkPipeline(program)));
}

ScheduleAttr mlir::rowwise::completeForCPU(ProgramOp program,
                                           const VectorISA &isa) {
  Profile profile(program);
  ScheduleAttr given = program.getScheduleAttr();
  // What was chosen for a GPU says nothing of a CPU.
  if (!given || given.isForGPU())
    given = ScheduleAttr::get(program.getContext());
  if (given.getScalable() && !isa.scalable) {
    program.emitOpError("has a schedule with scalable vectors, which the "
                        "target does not have");
    return nullptr;
  }
  int64_t givenInFlight = std::max<int64_t>(given.getRowsInFlight(), 1);
  if (given.getRowsPerTask() % givenInFlight) {
    program.emitOpError("has a schedule with 'rows_per_task' (")
        << given.getRowsPerTask()
        << "), which must be a multiple of 'rows_in_flight' (" << givenInFlight
        << ")";
    return nullptr;
  }
  auto choose = [](int64_t value, int64_t otherwise) {
    return value ? value : otherwise;
  };
  int64_t width =
      choose(given.getVectorWidth(),
             isa.bits / (8 * std::max<int64_t>(profile.elementBytes, 4)));
  // A vector longer than the row would only ever be masked.
  if (!given.getVectorWidth() && !isa.scalable)
    width = std::min<int64_t>(width, llvm::PowerOf2Ceil(profile.rowWidth));
  bool isWhole = given.isComplete();
  // Vectors that have names, and ever narrower ones, are of a fixed length.
  bool isFixed = isWhole || given.getKeepRow() || given.getPeelRemainder();
  int64_t scalable = choose(given.getScalable(), isa.scalable && !isFixed);

  // Either a row stays in the first-level cache from one sweep to the next,
  // beside the columns, or a block's rows wait in the second-level cache for a
  // last sweep that goes down the columns: where the first-level cache does not
  // hold both, and where columns are summed.
  constexpr int64_t firstCache = 32 << 10, secondCache = 256 << 10;
  bool leavesCache = profile.rowBytes + profile.columnBytes >= firstCache;
  bool byTiles = (profile.sumsColumns || (leavesCache && profile.sweeps > 1)) &&
                 !given.getPipeline() && !given.getKeepRow();
  int64_t blockBytes = byTiles ? secondCache : 4 << 10;
  int64_t mostRows = !byTiles || leavesCache ? 16 : 32;
  if (byTiles && !profile.sumsColumns)
    mostRows = 8;
  // The groups of all rows of a block are kept.
  constexpr int64_t groupBytes = 64 << 10;
  int64_t fitting = std::clamp<int64_t>(
      std::min(blockBytes / std::max<int64_t>(profile.rowBytes, 1),
               groupBytes / std::max<int64_t>(profile.groupBytes, 1)),
      1, mostRows);
  // A row that is kept takes registers; where all rows of a block are in
  // flight, a number that is given for one is the other's.
  if (given.getKeepRow())
    fitting = std::clamp<int64_t>(
        mostKeptVectors /
            std::max<int64_t>(
                profile.rows * llvm::divideCeil(profile.rowWidth, width), 1),
        1, fitting);
  if ((given.getPipeline() || given.getKeepRow()) && given.getRowsInFlight())
    fitting = givenInFlight;
  int64_t block =
      choose(given.getRowsPerBlock(),
             givenInFlight * llvm::bit_floor<uint64_t>(std::max<int64_t>(
                                 fitting / givenInFlight, 1)));
  // A given task has whole blocks; at last, one of the rows in flight.
  while (!given.getRowsPerBlock() && given.getRowsPerTask() % block)
    block -= givenInFlight;
  // One row of a few vectors has too few operations that do not wait for each
  // other; more rows in flight than that only mix the streams of stores. Sweeps
  // that only reduce have no stores: there rows share the loads of columns that
  // the first-level cache does not hold.
  constexpr int64_t fewVectors = 4;
  int64_t together = 1;
  if (given.getPipeline() || given.getKeepRow())
    together = block;
  else if (byTiles && leavesCache)
    together = 4;
  else if (profile.rowWidth <= fewVectors * width)
    together = 2;
  int64_t inFlight =
      choose(given.getRowsInFlight(), block % together == 0 ? together : 1);
  // Independent sums hide each other's latency, if a row has vectors for
  // several rounds.
  int64_t sums = profile.sumsColumns ? 8 : 16;
  int64_t each = sums / (inFlight * std::max<int64_t>(profile.reductions, 1));
  int64_t vectors =
      choose(given.getVectors(),
             llvm::bit_floor<uint64_t>(std::clamp<int64_t>(
                 std::min(each, profile.rowWidth / width / 2), 1, sums / 2)));
  // A task is worth the hand-over to a thread.
  constexpr int64_t taskBytes = 256 << 10;
  // Sums change less often from tile to tile if these are wide; short rows have
  // few tiles.
  int64_t tile = profile.rowWidth >= 64 * width || leavesCache ? 8 : 4;
  int64_t task = choose(
      given.getRowsPerTask(),
      llvm::alignTo(std::max<int64_t>(
                        taskBytes / std::max<int64_t>(profile.rowBytes, 1), 1),
                    block));
  // Rows are fetched while others are written, into the second-level cache, and
  // far enough ahead that they have come. The rows of whole blocks would push
  // each other out, except where these are as long as the latency.
  int64_t ahead = byTiles && !leavesCache ? 0 : block;
  if (given.getPipeline())
    ahead *= 2; // The next block is being read.
  auto flag = [&](int64_t value, int64_t otherwise) {
    return isWhole ? value : choose(value, otherwise);
  };
  ScheduleFields fields(given);
  fields[ScheduleField::VectorWidth] = width;
  fields[ScheduleField::Scalable] = scalable;
  fields[ScheduleField::Vectors] = vectors;
  fields[ScheduleField::RowsInFlight] = inFlight;
  fields[ScheduleField::RowsPerBlock] = block;
  fields[ScheduleField::RowsPerTask] = task;
  fields[ScheduleField::NontemporalMinBytes] =
      flag(given.getNontemporalMinBytes(), isa.nontemporal ? 32 << 20 : 0);
  fields[ScheduleField::PrefetchRows] = flag(given.getPrefetchRows(), ahead);
  if (fields[ScheduleField::PrefetchRows])
    fields[ScheduleField::PrefetchLevel] = flag(given.getPrefetchLevel(), 2);
  fields[ScheduleField::TileVectors] =
      flag(given.getTileVectors(), byTiles ? tile : 0);
  ScheduleAttr schedule = fields.getChecked(
      [&] { return program.emitOpError("cannot be scheduled: "); },
      program.getContext());
  if (!schedule || failed(checkForCPU(program, schedule)))
    return nullptr;
  return schedule;
}
