//===- ModelSearcher.cpp - What the model says is fastest ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The strategy `model`. Knows nothing of how times are predicted.
//
//===----------------------------------------------------------------------===//

#include "Searchers.h"

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::tuning;

namespace {

/// Draws to begin with, those that go on, and how often these are changed.
constexpr size_t numDraws = 1024, numKept = 32, numRounds = 12, numChanges = 4;

class ModelSearcher : public SearcherBase {
public:
  using SearcherBase::SearcherBase;
  std::vector<Candidate> ask(unsigned count) override;

private:
  void climb();

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

std::vector<Candidate> ModelSearcher::ask(unsigned count) {
  if (!isRanked)
    climb();
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
