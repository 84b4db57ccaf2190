//===- SearchKnobs.cpp - The fields that vary, and their values ----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the program and the target leave to choose. Knows nothing of how points
// are walked through.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"
#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"
#include "seednorm/Dialect/Rowwise/Transforms/Workspace.h"
#include "seednorm/Tuning/SearchSpace.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::tuning;

using Field = ScheduleField;

/// Rows of a block that wait in the second-level cache, and rows fetched ahead
/// that must not push out others.
static constexpr int64_t mostBlockBytes = 1 << 20,
                         mostPrefetchedBytes = 1 << 20;
/// More chunks than this differ from their neighbours in nothing.
static constexpr unsigned mostTaskSizes = 8;

static SmallVector<int64_t> powersOfTwo(int64_t from, int64_t to) {
  SmallVector<int64_t> values;
  for (int64_t value = from; value <= to; value *= 2)
    values.push_back(value);
  return values;
}

void SearchSpace::findFacts() {
  RowAnalysis analysis(program);
  facts.width = program.getRowWidth();
  if (mlir::ShapedType::isDynamic(facts.width))
    facts.width = 0;
  facts.groups = analysis.getNumGroups();
  facts.numSweeps = analysis.getSweeps().size();
  for (const Sweep &sweep : analysis.getSweeps()) {
    facts.reductions =
        std::max<int64_t>(facts.reductions, sweep.reductions.size());
    facts.sweepGroups = std::max(facts.sweepGroups, sweep.groups);
    facts.writes |= sweep.writes;
  }
  facts.hasSums = hasSums(program);
  facts.segmentDims = getSegmentDims(program);
  auto bytesOf = [](mlir::Value value) -> int64_t {
    return divideCeil(mlir::getElementTypeOrSelf(value).getIntOrFloatBitWidth(),
                      8);
  };
  auto addRow = [&](mlir::Value value, int64_t &bytes) {
    bytes += bytesOf(value);
    facts.hasNarrow |= bytesOf(value) < 4;
  };
  for (auto [i, argument] : enumerate(program.getRowArguments()))
    if (analysis.isRow(argument)) {
      addRow(argument, facts.readBytes);
      facts.readsRows |= !program.isRepeated(i);
    }
  for (mlir::Value argument : program.getColumnArguments())
    facts.hasColumns |= analysis.isRow(argument);
  for (auto [i, value] : enumerate(program.getYield()->getOperands())) {
    if (!analysis.isRow(value))
      continue;
    if (program.isAccumulated(i))
      ++facts.sums;
    else
      addRow(value, facts.storedBytes);
  }
  program.getBlock()->walk([&](mlir::math::TanhOp) { facts.hasTanh = true; });
}

void SearchSpace::addKnob(Field field, ArrayRef<int64_t> values) {
  const ScheduleFieldInfo &info = getScheduleFieldInfos()[unsigned(field)];
  SmallVector<int64_t> all(values);
  all.push_back(Fields(defaultSchedule)[field]);
  llvm::sort(all);
  all.erase(llvm::unique(all), all.end());
  erase_if(all, [&](int64_t value) { return value > info.most; });
  if (all.size() > 1)
    knobs.push_back({field, info.name, std::move(all)});
}

/// If the compiler takes it, alone and with rows one by one at least.
void SearchSpace::addFlag(Field field) {
  Fields fields(defaultSchedule), single = fields;
  fields[field] = single[field] = 1;
  fields[Field::TileVectors] = single[Field::TileVectors] = 0;
  single[Field::RowsInFlight] = single[Field::RowsPerBlock] = 1;
  if (getPoint(fields) || getPoint(single))
    addKnob(field, {0, 1});
}

/// From one block to what gives every thread one.
SmallVector<int64_t> SearchSpace::getTaskSizes(int64_t mostRows,
                                               int64_t threads) const {
  int64_t usual = defaultSchedule.getRowsPerTask();
  int64_t most =
      PowerOf2Ceil(key.rows ? divideCeil(mostRows, threads) : usual * 16);
  // Sums have 64 tasks at most.
  int64_t least = 1;
  if (facts.hasSums && key.rows && facts.segmentDims == 0 && !gpu)
    least = std::max<int64_t>(bit_floor(uint64_t(mostRows)) / 64, 1);
  SmallVector<int64_t> sizes =
      powersOfTwo(least, std::min<int64_t>(std::max(most, least), 1 << 20));
  if (sizes.size() > mostTaskSizes)
    sizes.erase(sizes.begin(), sizes.end() - mostTaskSizes);
  return sizes;
}

void SearchSpace::addCPUKnobs(int64_t threads, const SpaceOptions &options) {
  int64_t rows = key.rows ? key.rows : 1 << 20;
  int64_t width = defaultSchedule.getVectorWidth();
  int64_t length = facts.width ? facts.width / facts.sweepGroups : 0;
  SmallVector<int64_t> widths;
  if (!isa->scalable) {
    widths = powersOfTwo(std::max<int64_t>(width / 4, 1), width);
    // A vector of the widest type is several of a narrower one's.
    if (facts.hasNarrow && (!length || 2 * width <= length))
      widths.push_back(2 * width);
  }
  addKnob(Field::VectorWidth, widths);
  addKnob(Field::Vectors, {1, 2, 3, 4, 6, 8});
  addKnob(Field::RowsInFlight, powersOfTwo(1, std::min<int64_t>(rows, 8)));
  auto rowsOf = [&](int64_t bytes, int64_t most) {
    if (facts.width)
      bytes /= std::max<int64_t>(facts.width * facts.readBytes, 1);
    return std::clamp<int64_t>(facts.width ? bytes : most, 1,
                               std::min(rows, most));
  };
  addKnob(Field::RowsPerBlock, powersOfTwo(1, rowsOf(mostBlockBytes, 64)));
  SmallVector<int64_t> tasks = getTaskSizes(rows, threads);
  if (const Knob *blocks = findKnob(Field::RowsPerBlock))
    append_range(tasks, blocks->values);
  addKnob(Field::RowsPerTask, tasks);
  if (isa->nontemporal && !isa->scalable && facts.writes && facts.storedBytes)
    addKnob(Field::NontemporalMinBytes, getNontemporalSizes());
  if (facts.readsRows && facts.numSweeps) {
    SmallVector<int64_t> ahead = {0};
    append_range(ahead, powersOfTwo(1, rowsOf(mostPrefetchedBytes, 64)));
    addKnob(Field::PrefetchRows, ahead);
    addKnob(Field::PrefetchLevel, {0, 2, 3});
  }
  if (facts.writes)
    addKnob(Field::TileVectors, {0, 2, 4, 8, 16});
  addFlag(Field::Pipeline);
  if (facts.width && facts.numSweeps > 1 && facts.readsRows)
    addFlag(Field::KeepRow);
  const Knob *widthKnob = findKnob(Field::VectorWidth);
  bool isWhole = length && length % width == 0 &&
                 (!widthKnob || length % widthKnob->values.back() == 0);
  if (!isWhole)
    addFlag(Field::PeelRemainder);
  if (options.approximate && facts.hasTanh)
    addFlag(Field::Approximate);
}

/// Never, always, and the default threshold unless it comes to one of these.
SmallVector<int64_t> SearchSpace::getNontemporalSizes() const {
  int64_t threshold = defaultSchedule.getNontemporalMinBytes();
  if (!key.rows || !facts.width || threshold <= 1)
    return {0, 1};
  bool isAbove = facts.storedBytes * facts.width * key.rows >= threshold;
  return {isAbove ? 0 : 1};
}

void SearchSpace::addGPUKnobs(const SpaceOptions &options) {
  int64_t width = defaultSchedule.getVectorWidth();
  int64_t usual = defaultSchedule.getThreadsPerRow(), warp = gpu->warp;
  addKnob(Field::VectorWidth,
          powersOfTwo(std::max<int64_t>(width / 4, 1), width));
  SmallVector<int64_t> threads = powersOfTwo(
      PowerOf2Ceil(std::max<int64_t>({usual / 8, facts.groups, 1})), 1024);
  for (int64_t other : {usual / 2, usual * 2})
    if (other >= facts.groups && other % warp == 0 && other <= 1024)
      threads.push_back(other);
  erase_if(threads, [&](int64_t count) {
    return count > 32 ? count % warp != 0 : !isPowerOf2_64(count);
  });
  addKnob(Field::ThreadsPerRow, threads);
  const Knob *threadsKnob = findKnob(Field::ThreadsPerRow);
  int64_t fewest = threadsKnob ? threadsKnob->values.front() : usual;
  addKnob(Field::RowsPerBlock,
          powersOfTwo(1, std::min<int64_t>(1024 / fewest, 32)));
  if (facts.hasSums)
    addKnob(Field::RowsPerTask, powersOfTwo(1, 64));
  SmallVector<int64_t> ctas;
  for (int64_t each : {1, 2, 4, 8, 16})
    ctas.push_back(gpu->processors * each);
  addKnob(Field::Ctas, ctas);
  if (gpu->hasClusters && facts.width && facts.groups == 1)
    addKnob(Field::CtasPerRow, {0, 2, 4, 8});
  if (facts.width) {
    addKnob(Field::KeepRow, {0, 1});
    if (facts.hasColumns)
      addKnob(Field::KeepColumns, {0, 1});
  }
  addKnob(Field::Vectors, {1, 2, 4, 8});
  addKnob(Field::CacheHints, {0, 1});
  if (options.atomics && facts.hasSums && gpu->hasAtomics)
    addKnob(Field::Atomics, {0, 1});
  if (gpu->hasClusters)
    addKnob(Field::DependentLaunch, {0, 1});
  if (options.approximate && gpu->isNVIDIA && facts.hasTanh)
    addKnob(Field::Approximate, {0, 1});
}

//===----------------------------------------------------------------------===//
// Fields without effect
//===----------------------------------------------------------------------===//

/// Every count from `whole` on does the same.
int64_t SearchSpace::capCount(Field field, int64_t value, int64_t whole) const {
  int64_t usual = Fields(defaultSchedule)[field];
  const Knob *knob = findKnob(field);
  if (!knob || value < whole)
    return value;
  if (usual >= whole)
    return usual;
  // The first that is not zero if all are more.
  int64_t capped = 0;
  for (int64_t other : knob->values)
    if (other && (!capped || other <= whole))
      capped = other;
  return capped;
}

void SearchSpace::dropWithoutEffectOnCPU(Fields &fields) const {
  Fields usual(defaultSchedule);
  auto drop = [&](Field field) { fields[field] = usual[field]; };
  int64_t width = fields[Field::VectorWidth];
  int64_t length = facts.width / facts.sweepGroups;
  if (facts.width && !isa->scalable) {
    int64_t whole = std::max<int64_t>(length / width, 1);
    fields[Field::Vectors] =
        capCount(Field::Vectors, fields[Field::Vectors], whole);
    if (fields[Field::TileVectors])
      fields[Field::TileVectors] =
          capCount(Field::TileVectors, fields[Field::TileVectors], whole);
    if (length % width == 0)
      drop(Field::PeelRemainder);
    // Only whole vectors fetch.
    if (length < width)
      drop(Field::PrefetchRows);
  }
  if (!fields[Field::PrefetchRows] ||
      (facts.width && !isa->scalable && length < width)) {
    drop(Field::PrefetchLevel);
  }
  // Both take a block's rows together.
  if (fields[Field::TileVectors] ||
      fields[Field::RowsPerBlock] != fields[Field::RowsInFlight])
    fields[Field::Pipeline] = fields[Field::KeepRow] = 0;
  if (fields[Field::Pipeline])
    fields[Field::KeepRow] = 0;
  // Only the rows that no whole block has then go by vectors in flight.
  if (fields[Field::KeepRow])
    drop(Field::Vectors);
  // The only sweep goes by tiles.
  if (fields[Field::TileVectors] && facts.numSweeps == 1) {
    drop(Field::Vectors);
    drop(Field::RowsInFlight);
    if (fields[Field::RowsPerBlock] % fields[Field::RowsInFlight])
      fields[Field::RowsInFlight] = 1;
  }
}

void SearchSpace::dropWithoutEffectOnGPU(Fields &fields) const {
  Fields usual(defaultSchedule);
  auto drop = [&](Field field) { fields[field] = usual[field]; };
  if (fields[Field::KeepRow])
    drop(Field::Vectors);
  else
    fields[Field::KeepColumns] = 0;
  if (!facts.hasSums) {
    fields[Field::RowsPerTask] = fields[Field::RowsPerBlock];
    if (key.rows)
      fields[Field::Ctas] =
          capCount(Field::Ctas, fields[Field::Ctas],
                   divideCeil(key.rows, fields[Field::RowsPerBlock]) *
                       std::max<int64_t>(fields[Field::CtasPerRow], 1));
  }
}

/// Points that could only spill, or leave most threads idle, are left out.
bool SearchSpace::isSensible(const Fields &fields) const {
  if (fields == Fields(defaultSchedule))
    return true;
  if (!gpu) {
    constexpr int64_t mostVectors = 64;
    return fields[Field::RowsInFlight] * fields[Field::Vectors] *
                   std::max<int64_t>(facts.reductions, 1) <=
               mostVectors &&
           fields[Field::TileVectors] * facts.sums <= mostVectors;
  }
  if (!facts.width)
    return true;
  int64_t threads = fields[Field::ThreadsPerRow] *
                    std::max<int64_t>(fields[Field::CtasPerRow], 1);
  return fields[Field::ThreadsPerRow] == defaultSchedule.getThreadsPerRow() ||
         threads * fields[Field::VectorWidth] <
             2 * int64_t(PowerOf2Ceil(facts.width)) ||
         threads <= facts.groups;
}
