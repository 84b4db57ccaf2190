//===- EvolutionSearcher.cpp - Mutations and crossings of the best -------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The strategy `evolution`. Knows nothing of what the knobs are.
//
//===----------------------------------------------------------------------===//

#include "Searchers.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::tuning;

namespace {

/// Measured points that have offspring, and so many before any has.
constexpr size_t populationSize = 12, firstDraws = 16;
/// Offspring for each one that is measured.
constexpr size_t offspringEach = 12;
/// One of so many is measured whatever the model says of it.
constexpr uint64_t blindly = 5;
/// Measurements without an improvement after which it starts anew, and what an
/// improvement is.
constexpr size_t patience = 48;
constexpr double improvement = 0.003;
/// Points in a row that are not new.
constexpr unsigned mostMisses = 400;

class EvolutionSearcher : public SearcherBase {
public:
  EvolutionSearcher(const SearchSpace &space, const LearnedModel *model,
                    uint64_t seed, ArrayRef<ScheduleAttr> near)
      : SearcherBase(space, model, seed) {
    for (ScheduleAttr schedule : near)
      if (ScheduleAttr point = space.getNearest(schedule))
        seeds.push_back(point);
  }

  std::vector<Candidate> ask(unsigned count) override;

private:
  void learn() override;
  std::vector<ScheduleAttr> getParents() const;
  std::pair<ScheduleAttr, StringRef> propose(ArrayRef<ScheduleAttr> parents);
  void takeOffspring(unsigned count, std::vector<Candidate> &candidates);

  std::vector<ScheduleAttr> seeds;
  /// Of those from here on come parents.
  size_t firstOfRun = 0, sinceImprovement = 0;
  double best = 0;
};

} // namespace

void EvolutionSearcher::learn() {
  ++sinceImprovement;
  double cost = known.back().cost;
  if (known.size() == 1 || cost < best - improvement) {
    best = cost;
    sinceImprovement = 0;
  } else if (sinceImprovement >= patience) {
    // New blood, then that and the old together.
    firstOfRun = firstOfRun ? 0 : known.size();
    sinceImprovement = 0;
  }
}

/// Best first.
std::vector<ScheduleAttr> EvolutionSearcher::getParents() const {
  std::vector<Known> run(known.begin() + firstOfRun, known.end());
  llvm::stable_sort(
      run, [](const Known &a, const Known &b) { return a.cost < b.cost; });
  std::vector<ScheduleAttr> parents;
  for (const Known &one : ArrayRef(run).take_front(populationSize))
    parents.push_back(one.schedule);
  return parents;
}

std::pair<ScheduleAttr, StringRef>
EvolutionSearcher::propose(ArrayRef<ScheduleAttr> parents) {
  // Until something is known, from around what should be good.
  if (known.size() - firstOfRun < firstDraws) {
    if (firstOfRun == 0 && drawBelow(random, 2)) {
      size_t from = drawBelow(random, seeds.size() + 1);
      ScheduleAttr start = from ? seeds[from - 1] : space.getDefault();
      ScheduleAttr once = space.mutate(start, random);
      return {drawBelow(random, 2) ? once : space.mutate(once, random),
              "mutation"};
    }
    return {space.draw(random), "random"};
  }
  // The better of two.
  auto choose = [&] {
    uint64_t a = drawBelow(random, parents.size());
    return parents[std::min(a, drawBelow(random, parents.size()))];
  };
  uint64_t kind = drawBelow(random, 10);
  if (kind == 0)
    return {space.draw(random), "random"};
  if (kind <= 6)
    return {space.mutate(choose(), random), "mutation"};
  ScheduleAttr child = space.cross(choose(), choose(), random);
  return {drawBelow(random, 3) ? child : space.mutate(child, random),
          "crossover"};
}

void EvolutionSearcher::takeOffspring(unsigned count,
                                      std::vector<Candidate> &candidates) {
  std::vector<ScheduleAttr> parents = getParents(), offspring;
  DenseMap<ScheduleAttr, StringRef> origins;
  for (unsigned misses = 0;
       offspring.size() < count * offspringEach && misses < mostMisses;) {
    auto [schedule, origin] = propose(parents);
    if (isNew(schedule) && origins.try_emplace(schedule, origin).second) {
      offspring.push_back(schedule);
      misses = 0;
    } else {
      ++misses;
    }
  }
  size_t end = candidates.size() + count;
  std::vector<ScheduleAttr> ranked = offspring;
  predictor.sort(ranked);
  for (ScheduleAttr schedule : ranked) {
    if (candidates.size() >= end)
      return;
    if (drawBelow(random, blindly) == 0)
      schedule = offspring[drawBelow(random, offspring.size())];
    take(schedule, origins.lookup(schedule), candidates);
  }
}

std::vector<Candidate> EvolutionSearcher::ask(unsigned count) {
  std::vector<Candidate> candidates;
  if (count)
    takeDefault(candidates);
  for (ScheduleAttr seed : seeds)
    if (candidates.size() < count)
      take(seed, "near", candidates);
  if (candidates.size() < count)
    takeOffspring(count - candidates.size(), candidates);
  if (candidates.size() < count)
    takeRest(count, "random", candidates);
  return candidates;
}

std::unique_ptr<Searcher>
tuning::createEvolutionSearcher(const SearchSpace &space,
                                const LearnedModel *model, uint64_t seed,
                                ArrayRef<ScheduleAttr> near) {
  return std::make_unique<EvolutionSearcher>(space, model, seed, near);
}
