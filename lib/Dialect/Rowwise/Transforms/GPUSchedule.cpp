//===- GPUSchedule.cpp - Default schedules for a GPU ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fills in what a schedule leaves open: how many threads a row has, whether it
// stays in their registers, how many CTAs go over the rows. Knows nothing of
// how the lowering obeys it.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/Transforms/GPUSchedule.h"

#include "mlir/IR/TypeUtilities.h"
#include "seednorm/Dialect/Rowwise/IR/ScheduleFields.h"
#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"
#include "seednorm/Dialect/Rowwise/Transforms/Workspace.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rowwise;

namespace {

/// Threads of a CTA that share rows where nothing else decides.
constexpr int64_t ctaThreads = 256;
constexpr int64_t mostThreads = 512;
/// Vectors of a cache line, and of the least that memory moves.
constexpr int64_t lineVectors = 8, sectorVectors = 2;
/// Registers that addresses, row scalars and temporaries take.
constexpr int64_t otherRegisters = 40;
/// So many leave room for other threads.
constexpr int64_t fewRegisters = 64;
/// Threads of a processor at a time.
constexpr int64_t mostResident = 2048;
/// Bytes of shared memory for sums over the rows of a CTA.
constexpr int64_t mostShared = 32 << 10;
/// Elements of a row that a thread keeps.
constexpr int64_t mostElements = 256;

class Model {
public:
  Model(ProgramOp program, const GPUTarget &target);
  ScheduleAttr choose(ScheduleAttr given);

private:
  int64_t getVectorWidth() const;
  int64_t getThreads(int64_t width, int64_t elements) const;
  int64_t getRegisters(int64_t elements, bool keepsColumns) const;

  ProgramOp program;
  const GPUTarget &target;
  int64_t rowWidth, groups;
  bool isStatic, sums = false;
  /// Of row-shaped values, in 32-bit registers for each element of a thread:
  /// what is read, columns, and sums.
  int64_t rowRegisters = 0, columnRegisters = 0, sumRegisters = 0;
  int64_t narrowest = 16;
};

Model::Model(ProgramOp program, const GPUTarget &target)
    : program(program), target(target), rowWidth(program.getRowWidth()) {
  RowAnalysis analysis(program);
  groups = analysis.getNumGroups();
  isStatic = !ShapedType::isDynamic(rowWidth);
  if (!isStatic)
    rowWidth = 4096;
  sums = hasSums(program);
  auto bytesOf = [](Value value) -> int64_t {
    return llvm::divideCeil(getElementTypeOrSelf(value).getIntOrFloatBitWidth(),
                            8);
  };
  // Narrow elements are widened where they are used.
  auto registersOf = [&](Value value) {
    return std::max<int64_t>(bytesOf(value) / 4, 1);
  };
  for (BlockArgument argument : program.getRowArguments())
    if (analysis.isRow(argument)) {
      narrowest = std::min(narrowest, bytesOf(argument));
      rowRegisters += registersOf(argument);
    }
  for (BlockArgument argument : program.getColumnArguments())
    if (analysis.isRow(argument))
      columnRegisters += registersOf(argument);
  for (Value value : program.getYield()->getOperands()) {
    if (auto accumulate = value.getDefiningOp<AccumulateOp>()) {
      if (analysis.isRow(accumulate.getSource()))
        sumRegisters += registersOf(accumulate.getSource());
    } else if (analysis.isRow(value)) {
      narrowest = std::min(narrowest, bytesOf(value));
    }
  }
}

/// 128 bits of the narrowest array, if groups begin at whole vectors.
int64_t Model::getVectorWidth() const {
  int64_t width = 16 / narrowest;
  int64_t ofGroup = rowWidth / groups;
  if (groups > 1)
    return isStatic ? std::min(width, ofGroup & -ofGroup) : 1;
  return std::min<int64_t>(
      width, llvm::bit_floor<uint64_t>(std::max<int64_t>(rowWidth, 1)));
}

/// So many that each has about `elements` of a row, in whole vectors: each
/// group of columns has a power of two up to a warp, or whole warps.
int64_t Model::getThreads(int64_t width, int64_t elements) const {
  int64_t vectors = std::max<int64_t>(rowWidth / groups / width, 1);
  auto allowed = [&](int64_t threads) {
    return threads <= target.warp ? int64_t(llvm::PowerOf2Ceil(threads))
                                  : llvm::alignTo(threads, target.warp);
  };
  int64_t most = std::max(mostThreads, groups);
  // Neighbours read whole cache lines between them, those of a group at least
  // whole sectors.
  int64_t together = groups > 1 ? sectorVectors : lineVectors;
  int64_t few = std::max<int64_t>(vectors / together, 1);
  for (int64_t each = std::clamp<int64_t>(elements / width, 1, few);; ++each) {
    int64_t team = allowed(llvm::divideCeil(vectors, each));
    int64_t threads = allowed(team * groups);
    if (threads <= most || team == 1)
      return threads;
  }
}

int64_t Model::getRegisters(int64_t elements, bool keepsColumns) const {
  return otherRegisters + elements * (rowRegisters + sumRegisters +
                                      (keepsColumns ? columnRegisters : 0));
}

ScheduleAttr Model::choose(ScheduleAttr given) {
  bool isWhole = given.isForGPU();
  auto pick = [](int64_t value, int64_t otherwise) {
    return value ? value : otherwise;
  };
  auto flag = [&](int64_t value, bool otherwise) {
    return isWhole ? value : int64_t(value || otherwise);
  };
  int64_t width = pick(given.getVectorWidth(), getVectorWidth());
  // A warp for a row needs no barrier; sums want few elements for each thread,
  // so that as many threads as hide the memory's latency have few partial sums.
  int64_t elements = sums ? 8 : rowWidth <= 1024 ? 32 : 16;
  int64_t threads = getThreads(width, elements);
  if (given.getCtasPerRow() > 1)
    threads = llvm::alignTo(threads, target.warp);
  threads = pick(given.getThreadsPerRow(), threads);
  int64_t perCTA = sums && rowWidth > 1024 ? mostThreads : ctaThreads;
  int64_t rows = pick(
      given.getRowsPerBlock(),
      given.getCtasPerRow() > 1
          ? 1
          : llvm::bit_floor<uint64_t>(std::max<int64_t>(perCTA / threads, 1)));
  // What a thread may have without spilling.
  int64_t ctaSize = std::max(threads * rows, target.warp);
  int64_t available =
      std::min<int64_t>(target.registers / ctaSize, 255) / 8 * 8;
  int64_t each =
      llvm::divideCeil(
          llvm::divideCeil(rowWidth, threads * pick(given.getCtasPerRow(), 1)),
          width) *
      width;
  bool keepsRow = isStatic && getRegisters(each, false) <= available;
  // Columns that are read again come from the first-level cache; threads that
  // wait for memory are worth more.
  bool keepsColumns = keepsRow && getRegisters(each, true) <= fewRegisters;
  int64_t registers =
      llvm::alignTo(getRegisters(keepsRow ? each : 0, keepsColumns), 8);
  int64_t resident =
      std::min(target.registers / registers, mostResident) / ctaSize;
  // Each CTA has a partial sum of its own.
  if (sums)
    resident = std::min(resident, mostThreads / ctaSize);
  int64_t perProcessor = std::max<int64_t>(resident, 1);
  int64_t clusters = pick(given.getCtasPerRow(), 1);
  int64_t ctas = llvm::alignTo(target.processors * perProcessor, clusters);
  if (!isStatic && sums && !isWhole)
    rows = 1;
  if (sums && !isWhole && !keepsRow)
    rows = 1;
  ScheduleFields fields;
  fields[ScheduleField::VectorWidth] = width;
  fields[ScheduleField::Vectors] = pick(given.getVectors(), 4);
  fields[ScheduleField::RowsPerBlock] = rows;
  fields[ScheduleField::RowsPerTask] = pick(given.getRowsPerTask(), rows);
  fields[ScheduleField::ThreadsPerRow] = threads;
  fields[ScheduleField::Ctas] = pick(given.getCtas(), ctas);
  fields[ScheduleField::CtasPerRow] = given.getCtasPerRow();
  fields[ScheduleField::KeepRow] = flag(given.getKeepRow(), keepsRow);
  fields[ScheduleField::KeepColumns] =
      flag(given.getKeepColumns(), keepsColumns);
  fields[ScheduleField::CacheHints] = flag(given.getCacheHints(), true);
  fields[ScheduleField::Atomics] = given.getAtomics();
  fields[ScheduleField::DependentLaunch] = given.getDependentLaunch();
  fields[ScheduleField::Approximate] = given.getApproximate();
  return fields.getChecked(
      [&] { return program.emitOpError("cannot be scheduled: "); },
      program.getContext());
}

/// Memory adds atomically in its own type, and sums are kept in f32 at least.
LogicalResult checkAtomics(ProgramOp program, ScheduleAttr given) {
  for (auto [i, value] : llvm::enumerate(program.getYield()->getOperands())) {
    Type type = getElementTypeOrSelf(value);
    if (given.getAtomics() && program.isAccumulated(i) &&
        type.getIntOrFloatBitWidth() < 32)
      return program.emitOpError("has a schedule with 'atomics', but out ")
             << i << " sums in " << type << ", which must be f32 or f64";
  }
  return success();
}

/// An error if the schedule asks for what the GPU does not have.
LogicalResult checkTarget(ProgramOp program, ScheduleAttr schedule,
                          const GPUTarget &target) {
  auto refuse = [&](StringRef field, StringRef who) {
    return program.emitOpError("has a schedule with '")
           << field << "', which only NVIDIA's GPUs have" << who;
  };
  StringRef from = " from sm_90 on";
  if (schedule.getCtasPerRow() > 1 && !target.hasClusters)
    return refuse("ctas_per_row", from);
  if (schedule.getDependentLaunch() && !target.hasClusters)
    return refuse("dependent_launch", from);
  if (schedule.getApproximate() && !target.isNVIDIA)
    return refuse("approximate", "");
  if (schedule.getAtomics() && !target.hasAtomics)
    return program.emitOpError("has a schedule with 'atomics', but SPIR-V adds "
                               "no floats atomically without extensions");
  return success();
}

} // namespace

ScheduleAttr mlir::rowwise::completeForGPU(ProgramOp program,
                                           const GPUTarget &target) {
  ScheduleAttr given = program.getScheduleAttr();
  // What was chosen for a CPU says nothing of a GPU.
  if (!given || given.getRowsInFlight())
    given = ScheduleAttr::get(program.getContext());
  if (failed(checkTarget(program, given, target)))
    return nullptr;
  RowAnalysis analysis(program);
  int64_t groups = analysis.getNumGroups();
  if (groups > 1024) {
    program.emitOpError("has ")
        << groups << " groups in a row, but a GPU takes at most 1024, the "
        << "threads of a CTA";
    return nullptr;
  }
  if (given.getThreadsPerRow() && given.getThreadsPerRow() < groups) {
    program.emitOpError("has a schedule with 'threads_per_row' (")
        << given.getThreadsPerRow() << "), which must be at least the number "
        << "of groups (" << groups << ")";
    return nullptr;
  }
  if (given.getCtasPerRow() > 1 && groups > 1) {
    program.emitOpError("has a schedule with 'ctas_per_row' (")
        << given.getCtasPerRow() << "), but " << groups
        << " groups in a row, which clusters do not divide";
    return nullptr;
  }
  int64_t width = given.getVectorWidth(), row = program.getRowWidth();
  if (width && groups > 1 &&
      (ShapedType::isDynamic(row) ? width != 1 : row / groups % width != 0)) {
    program.emitOpError("has a schedule with 'vector_width' (")
        << width << "), which must divide the columns of each of the " << groups
        << " groups";
    return nullptr;
  }
  if (failed(checkAtomics(program, given)))
    return nullptr;
  ScheduleAttr schedule = Model(program, target).choose(given);
  if (!schedule)
    return nullptr;
  int64_t shared = schedule.getThreadsPerRow() * schedule.getRowsPerBlock() *
                   schedule.getVectorWidth() * 2;
  if (hasSums(program) && schedule.getRowsPerBlock() > 1 &&
      shared > mostShared) {
    program.emitOpError(
        "has a schedule whose sums over the rows of a CTA take ")
        << shared << " bytes of shared memory, at most " << mostShared;
    return nullptr;
  }
  if (hasSums(program) && !schedule.getKeepRow() &&
      schedule.getRowsPerBlock() > 1) {
    program.emitOpError("has a schedule with 'rows_per_block' (")
        << schedule.getRowsPerBlock()
        << "), which must be 1 for sums over rows without 'keep_row'";
    return nullptr;
  }
  if (schedule.getKeepRow() && ShapedType::isDynamic(row)) {
    program.emitOpError("has a schedule with 'keep_row', which a row of "
                        "dynamic width cannot have");
    return nullptr;
  }
  int64_t threads = schedule.getThreadsPerRow() *
                    std::max<int64_t>(schedule.getCtasPerRow(), 1);
  if (schedule.getKeepRow() && row > mostElements * threads) {
    program.emitOpError("has a schedule with 'keep_row', but ")
        << llvm::divideCeil(row, threads)
        << " elements of the row for each thread, which must be at most "
        << mostElements;
    return nullptr;
  }
  return schedule;
}
