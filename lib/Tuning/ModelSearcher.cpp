//===- ModelSearcher.cpp - What the model says is fastest ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The strategy `model`: what the model predicts, and for an NVIDIA GPU what the
// static estimate makes of the best of it.
//
//===----------------------------------------------------------------------===//

#include "Searchers.h"
#include "seednorm/Tuning/GPUEstimate.h"
#include <limits>

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::tuning;

namespace {

/// Draws to begin with, those that go on, and how often these are changed.
constexpr size_t numDraws = 1024, numKept = 32, numRounds = 12, numChanges = 4;
/// Of those that the model ranks first, and of any, for the estimate, which
/// takes about half a second each.
constexpr size_t numBest = 12, numDrawn = 20;

class ModelSearcher : public SearcherBase {
public:
  using SearcherBase::SearcherBase;
  std::vector<Candidate> ask(unsigned count) override;

private:
  void climb();
  void estimate();

  bool isRanked = false;
  std::vector<ScheduleAttr> ranked;
  size_t next = 0;
};

} // namespace

/// From draws and the default to what no change makes better.
void ModelSearcher::climb() {
  DenseSet<ScheduleAttr> seen;
  auto add = [&](ScheduleAttr point) {
    if (seen.insert(point).second)
      ranked.push_back(point);
  };
  add(space.getDefault());
  for (size_t i = 0; i < numDraws; ++i)
    add(space.draw(random));
  predictor.sort(ranked);
  for (size_t round = 0; round < numRounds; ++round) {
    size_t kept = std::min(numKept, ranked.size());
    for (size_t i = 0; i < kept * numChanges; ++i)
      add(space.mutate(ranked[i % kept], random));
    predictor.sort(ranked);
  }
}

/// Orders the fastest and some of the draws by the estimate; the rest stays
/// behind them.
void ModelSearcher::estimate() {
  Expected<std::optional<GPUEstimator>> estimator = GPUEstimator::create(space);
  if (!estimator)
    return consumeError(estimator.takeError());
  if (!*estimator)
    return;
  std::vector<std::pair<double, ScheduleAttr>> estimated;
  DenseSet<ScheduleAttr> chosen;
  for (size_t i = 0; i < ranked.size() && chosen.size() < numBest; ++i)
    chosen.insert(ranked[i]);
  // All knobs alike: without data the model knows the neighbours alone.
  std::vector<ScheduleAttr> points(ranked.begin(),
                                   ranked.begin() + chosen.size());
  for (size_t i = 0; i < numDrawn; ++i)
    if (ScheduleAttr point = space.draw(random); chosen.insert(point).second)
      points.push_back(point);
  for (ScheduleAttr point : points) {
    Expected<GPUEstimate> estimate = (*estimator)->estimate(point);
    estimated.push_back(
        {estimate ? estimate->seconds : std::numeric_limits<double>::infinity(),
         point});
    if (!estimate)
      consumeError(estimate.takeError());
  }
  llvm::stable_sort(estimated, [](const auto &a, const auto &b) {
    return a.first < b.first;
  });
  llvm::erase_if(ranked,
                 [&](ScheduleAttr point) { return chosen.contains(point); });
  points.clear();
  for (const auto &[seconds, point] : estimated)
    points.push_back(point);
  ranked.insert(ranked.begin(), points.begin(), points.end());
}

std::vector<Candidate> ModelSearcher::ask(unsigned count) {
  if (!isRanked) {
    climb();
    estimate();
  }
  isRanked = true;
  std::vector<Candidate> candidates;
  while (candidates.size() < count && next < ranked.size()) {
    ScheduleAttr schedule = ranked[next++];
    bool isDefault = schedule == space.getDefault();
    take(schedule, isDefault ? "default" : "model", candidates);
  }
  return candidates;
}

std::unique_ptr<Searcher> tuning::createModelSearcher(const SearchSpace &space,
                                                      const LearnedModel *model,
                                                      uint64_t seed) {
  return std::make_unique<ModelSearcher>(space, model, seed);
}
