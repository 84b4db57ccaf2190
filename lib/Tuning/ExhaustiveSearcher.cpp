//===- ExhaustiveSearcher.cpp - All combinations of a few knobs ----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The strategy `exhaustive`: knobs that act on each other are tried in every
// combination, the others at their best so far. What is predicted to be far
// behind is left out.
//
//===----------------------------------------------------------------------===//

#include "Searchers.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <deque>

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::tuning;

using Field = ScheduleField;

namespace {

/// Spaces of so few points have no blocks.
constexpr size_t smallSpace = 4096;
/// Of the best, those within so much of them go on to the next block.
constexpr size_t mostSurvivors = 2;
constexpr double closeToBest = 0.03;
/// Factor behind the best at which a prediction rules a point out, and how many
/// measurements predictions must rest on.
constexpr double farBehind = 1.5;
constexpr size_t fewMeasured = 64;
/// Measurements between one look at the predictions and the next.
constexpr size_t between = 32;

class ExhaustiveSearcher : public SearcherBase {
public:
  ExhaustiveSearcher(const SearchSpace &space, const LearnedModel *model,
                     uint64_t seed);
  std::vector<Candidate> ask(unsigned count) override;

private:
  bool startBlock();
  std::vector<ScheduleAttr> getSurvivors() const;
  void prune();

  std::vector<SmallVector<Field>> blocks;
  size_t nextBlock = 0, blocksWithoutPoints = 0, prunedAt = 0;
  std::deque<ScheduleAttr> queue;
};

} // namespace

ExhaustiveSearcher::ExhaustiveSearcher(const SearchSpace &space,
                                       const LearnedModel *model, uint64_t seed)
    : SearcherBase(space, model, seed) {
  size_t count = 0;
  if (space.forEach([&](ScheduleAttr) { return ++count <= smallSpace; })) {
    blocks.emplace_back();
    for (const Knob &knob : space.getKnobs())
      blocks.back().push_back(knob.field);
  } else if (space.isForGPU()) {
    blocks = {{Field::ThreadsPerRow, Field::RowsPerBlock, Field::VectorWidth,
               Field::Vectors, Field::KeepRow, Field::KeepColumns,
               Field::CtasPerRow},
              {Field::RowsPerBlock, Field::RowsPerTask, Field::Ctas,
               Field::CacheHints, Field::Atomics, Field::DependentLaunch,
               Field::Approximate}};
  } else {
    blocks = {{Field::VectorWidth, Field::Vectors, Field::RowsInFlight,
               Field::RowsPerBlock, Field::TileVectors, Field::Pipeline,
               Field::KeepRow},
              {Field::RowsPerBlock, Field::NontemporalMinBytes,
               Field::PrefetchRows, Field::PrefetchLevel},
              {Field::RowsPerTask, Field::RowsPerBlock, Field::PeelRemainder,
               Field::Approximate}};
  }
}

std::vector<ScheduleAttr> ExhaustiveSearcher::getSurvivors() const {
  std::vector<Known> sorted = known;
  llvm::stable_sort(
      sorted, [](const Known &a, const Known &b) { return a.cost < b.cost; });
  std::vector<ScheduleAttr> survivors;
  for (const Known &one : ArrayRef(sorted).take_front(mostSurvivors))
    if (one.cost <= sorted.front().cost + closeToBest)
      survivors.push_back(one.schedule);
  // Nothing of all that was asked for ran.
  if (survivors.empty())
    survivors.push_back(space.getDefault());
  return survivors;
}

/// Whether there is another block with new points.
bool ExhaustiveSearcher::startBlock() {
  while (blocksWithoutPoints < blocks.size()) {
    const auto &fields = blocks[nextBlock];
    nextBlock = (nextBlock + 1) % blocks.size();
    std::vector<ScheduleAttr> points;
    DenseSet<ScheduleAttr> seen;
    for (ScheduleAttr survivor : getSurvivors())
      space.forEach(survivor, fields, [&](ScheduleAttr point) {
        if (isNew(point) && seen.insert(point).second)
          points.push_back(point);
        return true;
      });
    predictor.sort(points);
    queue.assign(points.begin(), points.end());
    prunedAt = 0;
    prune();
    if (!queue.empty()) {
      blocksWithoutPoints = 0;
      return true;
    }
    ++blocksWithoutPoints;
  }
  return false;
}

/// What a search of a small space is for is to be complete.
void ExhaustiveSearcher::prune() {
  if (blocks.size() == 1 || known.size() < fewMeasured ||
      known.size() < prunedAt + between)
    return;
  prunedAt = known.size();
  double best = llvm::min_element(known, [](const Known &a, const Known &b) {
                  return a.cost < b.cost;
                })->cost;
  std::vector<ScheduleAttr> points;
  for (ScheduleAttr point : queue)
    if (predictor.predict(point) < best + std::log(farBehind))
      points.push_back(point);
  predictor.sort(points);
  queue.assign(points.begin(), points.end());
}

std::vector<Candidate> ExhaustiveSearcher::ask(unsigned count) {
  std::vector<Candidate> candidates;
  if (count)
    takeDefault(candidates);
  prune();
  while (candidates.size() < count) {
    // The first block needs to know of nothing.
    bool mayStart = numPending == 0 || (known.empty() && numPending == 1);
    if (queue.empty() && (!mayStart || !startBlock()))
      break;
    take(queue.front(), "exhaustive", candidates);
    queue.pop_front();
  }
  return candidates;
}

std::unique_ptr<Searcher>
tuning::createExhaustiveSearcher(const SearchSpace &space,
                                 const LearnedModel *model, uint64_t seed) {
  return std::make_unique<ExhaustiveSearcher>(space, model, seed);
}
