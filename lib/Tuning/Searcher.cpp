//===- Searcher.cpp - Which schedule to try next -------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What strategies have in common, and the one that only draws.
//
//===----------------------------------------------------------------------===//

#include "Searchers.h"
#include <cmath>

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::tuning;

static constexpr std::pair<Strategy, StringLiteral> names[] = {
    {Strategy::Model, "model"},
    {Strategy::Exhaustive, "exhaustive"},
    {Strategy::Random, "random"},
    {Strategy::Evolution, "evolution"}};

StringRef tuning::stringifyStrategy(Strategy strategy) {
  for (const auto &[value, name] : names)
    if (value == strategy)
      return name;
  return "";
}

std::optional<Strategy> tuning::parseStrategy(StringRef text) {
  for (const auto &[value, name] : names)
    if (name == text)
      return value;
  return std::nullopt;
}

Searcher::~Searcher() = default;

void SearcherBase::tell(const Candidate &candidate,
                        const Measurement &measurement) {
  if (!asked.insert(candidate.schedule).second)
    numPending -= numPending != 0;
  double speedup = measurement.speedup;
  // That is what it is measured by.
  if (candidate.schedule == space.getDefault() && speedup == 0)
    speedup = 1;
  if (measurement.outcome != Outcome::Measured || !std::isfinite(speedup) ||
      speedup <= 0)
    return;
  known.push_back({candidate.schedule, -std::log(speedup)});
  predictor.add(candidate.schedule, known.back().cost);
  learn();
}

bool SearcherBase::take(ScheduleAttr schedule, StringRef origin,
                        std::vector<Candidate> &candidates) {
  if (!asked.insert(schedule).second)
    return false;
  candidates.push_back({schedule, origin.str()});
  ++numPending;
  return true;
}

void SearcherBase::takeRest(unsigned count, StringRef origin,
                            std::vector<Candidate> &candidates) {
  space.forEach([&](ScheduleAttr schedule) {
    if (candidates.size() < count)
      take(schedule, origin, candidates);
    return candidates.size() < count;
  });
}

namespace {

class RandomSearcher : public SearcherBase {
public:
  using SearcherBase::SearcherBase;

  std::vector<Candidate> ask(unsigned count) override {
    constexpr unsigned mostMisses = 400;
    std::vector<Candidate> candidates;
    if (count)
      takeDefault(candidates);
    for (unsigned misses = 0; candidates.size() < count;) {
      if (take(space.draw(random), "random", candidates))
        misses = 0;
      else if (++misses == mostMisses)
        break;
    }
    if (candidates.size() < count)
      takeRest(count, "random", candidates);
    return candidates;
  }
};

} // namespace

std::unique_ptr<Searcher> tuning::createSearcher(Strategy strategy,
                                                 const SearchSpace &space,
                                                 const LearnedModel *model,
                                                 uint64_t seed,
                                                 ArrayRef<ScheduleAttr> near) {
  switch (strategy) {
  case Strategy::Model:
    return createModelSearcher(space, model, seed);
  case Strategy::Exhaustive:
    return createExhaustiveSearcher(space, model, seed);
  case Strategy::Random:
    return std::make_unique<RandomSearcher>(space, model, seed);
  case Strategy::Evolution:
    return createEvolutionSearcher(space, model, seed, near);
  }
  return nullptr;
}
