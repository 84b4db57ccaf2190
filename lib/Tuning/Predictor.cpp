//===- Predictor.cpp - What a search has learned so far ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A ridge regression of what the model gets wrong.
//
//===----------------------------------------------------------------------===//

#include "Predictor.h"
#include "Features.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::tuning;

/// So few say nothing yet.
static constexpr size_t fewMeasured = 8;
/// Against times that are good to about 2 %.
static constexpr double ridge = 0.1;
/// What is slower than this is as bad as anything.
static constexpr double mostLogRatio = 1, leastLogRatio = -2;

Predictor::Predictor(const SearchSpace &space, const LearnedModel *model)
    : space(space), model(model ? *model : LearnedModel()),
      defaults(space.getDefault()), corrections(getNumFeatures()) {}

void Predictor::add(ScheduleAttr schedule, double logRatio) {
  logRatio = std::clamp(logRatio, leastLogRatio, mostLogRatio);
  double known = model.getNumSamples() ? model.predict(space.getKey(), schedule,
                                                       space.getDefault())
                                       : 0;
  corrections.add(
      getFeatureChange(space.getKey(), ScheduleFields(schedule), defaults),
      logRatio - known, 1);
  ++numMeasured;
  isStale = true;
}

bool Predictor::isInformed() const {
  return model.getNumSamples() || numMeasured >= fewMeasured;
}

double Predictor::predict(ScheduleAttr schedule) {
  if (isStale && numMeasured >= fewMeasured)
    weights = corrections.solve(ridge);
  isStale = false;
  double known = model.predict(space.getKey(), schedule, space.getDefault());
  if (weights.empty())
    return known;
  double correction =
      dot(weights,
          getFeatureChange(space.getKey(), ScheduleFields(schedule), defaults));
  return model.getNumSamples() ? known + correction : correction;
}

void Predictor::sort(std::vector<ScheduleAttr> &schedules) {
  std::vector<std::pair<double, ScheduleAttr>> ranked;
  for (ScheduleAttr schedule : schedules)
    ranked.push_back({predict(schedule), schedule});
  llvm::stable_sort(
      ranked, [](const auto &a, const auto &b) { return a.first < b.first; });
  for (auto [schedule, entry] : zip_equal(schedules, ranked))
    schedule = entry.second;
}
