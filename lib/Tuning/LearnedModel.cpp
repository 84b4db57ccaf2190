//===- LearnedModel.cpp - A cost model that learns from a database -------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is learned from, the fit, and how well it ranks. Knows nothing of which
// features there are.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/LearnedModel.h"
#include "Features.h"
#include "Regression.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::tuning;

/// What is slower than this is as bad as anything.
static constexpr double mostLogRatio = 1, leastLogRatio = -2;
/// Of a file; more would not make the model better.
static constexpr size_t mostSamples = 50000;
/// For each unit of distance, where nothing else is known.
static constexpr double distanceCost = 0.01;
static constexpr double ridge = 1;

//===----------------------------------------------------------------------===//
// Samples
//===----------------------------------------------------------------------===//

/// Of the same key: the same code was the default.
static auto getIdentity(const Key &key) {
  return std::tie(key.program, key.types, key.width, key.rows, key.alignment,
                  key.target, key.threads, key.compiler);
}

std::vector<Sample> tuning::getSamples(ArrayRef<Measurement> measurements) {
  auto less = [](const Key *a, const Key *b) {
    return getIdentity(*a) < getIdentity(*b);
  };
  std::map<const Key *, ScheduleFields, decltype(less)> defaults(less);
  for (const Measurement &one : measurements)
    if (one.origin == defaultOrigin && one.outcome == Outcome::Measured)
      if (auto fields = parseScheduleFields(one.schedule))
        defaults[&one.key] = *fields;
  std::vector<Sample> samples;
  // The newest are at the end.
  for (const Measurement &one : reverse(measurements)) {
    auto usual = defaults.find(&one.key);
    if (one.outcome != Outcome::Measured || !std::isfinite(one.speedup) ||
        one.speedup <= 0 || usual == defaults.end())
      continue;
    auto fields = parseScheduleFields(one.schedule);
    if (!fields || *fields == usual->second)
      continue;
    double ratio =
        std::clamp(-std::log(one.speedup), leastLogRatio, mostLogRatio);
    samples.push_back({one.key, *fields, usual->second, ratio});
    if (samples.size() == mostSamples)
      break;
  }
  return samples;
}

//===----------------------------------------------------------------------===//
// The fit
//===----------------------------------------------------------------------===//

static Regression addUp(ArrayRef<const Sample *> samples, double weight) {
  Regression regression(getNumFeatures());
  for (const Sample *sample : samples)
    regression.add(
        getFeatureChange(sample->key, sample->fields, sample->defaults),
        sample->logRatio, weight);
  return regression;
}

/// Kernels that were tuned for long count no more than their share.
static std::map<std::string, std::vector<const Sample *>>
byProgram(ArrayRef<Sample> samples) {
  std::map<std::string, std::vector<const Sample *>> kernels;
  for (const Sample &sample : samples)
    kernels[sample.key.program].push_back(&sample);
  return kernels;
}

static double getWeight(size_t numSamples) {
  constexpr double many = 100;
  return std::min(1.0, std::sqrt(many / double(numSamples)));
}

LearnedModel LearnedModel::fit(ArrayRef<Measurement> measurements) {
  return fit(ArrayRef<Sample>(getSamples(measurements)));
}

LearnedModel LearnedModel::fit(ArrayRef<Sample> samples) {
  LearnedModel model;
  if (samples.empty())
    return model;
  Regression all(getNumFeatures());
  for (const auto &[program, own] : byProgram(samples))
    all.add(addUp(own, getWeight(own.size())), 1);
  model.numSamples = samples.size();
  model.weights = all.solve(ridge);
  return model;
}

double LearnedModel::predict(const Key &key, const ScheduleFields &fields,
                             const ScheduleFields &defaults) const {
  if (weights.empty())
    return distanceCost * getDistance(fields, defaults);
  double sum = dot(weights, getFeatureChange(key, fields, defaults));
  return std::isfinite(sum) ? sum : 0;
}

//===----------------------------------------------------------------------===//
// How well it ranks
//===----------------------------------------------------------------------===//

/// From 1; equal ones share the mean of theirs.
static std::vector<double> getRanks(ArrayRef<double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::stable_sort(order,
                    [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0, end; begin < order.size(); begin = end) {
    for (end = begin + 1;
         end < order.size() && !(values[order[begin]] < values[order[end]]);)
      ++end;
    for (size_t i = begin; i < end; ++i)
      ranks[order[i]] = double(begin + 1 + end) / 2;
  }
  return ranks;
}

double tuning::getRankCorrelation(ArrayRef<double> a, ArrayRef<double> b) {
  if (a.size() != b.size() || a.empty())
    return 0;
  std::vector<double> first = getRanks(a), second = getRanks(b);
  double mean = double(a.size() + 1) / 2, both = 0, ofA = 0, ofB = 0;
  for (auto [x, y] : zip_equal(first, second)) {
    both += (x - mean) * (y - mean);
    ofA += (x - mean) * (x - mean);
    ofB += (y - mean) * (y - mean);
  }
  return ofA > 0 && ofB > 0 ? both / std::sqrt(ofA * ofB) : 0;
}

/// Adds one key's to the sums.
static void addQuality(ArrayRef<double> predicted, ArrayRef<double> measured,
                       RankingQuality &quality) {
  constexpr size_t fewSamples = 8, first = 5;
  if (measured.size() < fewSamples)
    return;
  ++quality.kernels;
  quality.samples += measured.size();
  quality.spearman += getRankCorrelation(predicted, measured);
  std::vector<size_t> order(measured.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::stable_sort(
      order, [&](size_t a, size_t b) { return predicted[a] < predicted[b]; });
  double chosen = measured[order[0]];
  for (size_t i = 1; i < first; ++i)
    chosen = std::min(chosen, measured[order[i]]);
  double best = *llvm::min_element(measured);
  quality.topFiveRegret += std::exp(chosen - best) - 1;
}

RankingQuality tuning::crossValidate(ArrayRef<Measurement> measurements) {
  std::vector<Sample> samples = getSamples(measurements);
  auto kernels = byProgram(samples);
  std::map<std::string, Regression> own;
  Regression all(getNumFeatures());
  for (const auto &[program, list] : kernels) {
    auto at = own.emplace(program, addUp(list, getWeight(list.size()))).first;
    all.add(at->second, 1);
  }
  RankingQuality quality;
  for (const auto &[program, list] : kernels) {
    Regression others = all;
    others.add(own.at(program), -1);
    std::vector<double> weights = others.solve(ridge);
    using Identity = decltype(getIdentity(list.front()->key));
    std::map<Identity, std::pair<std::vector<double>, std::vector<double>>>
        keys;
    for (const Sample *sample : list) {
      auto &[predicted, measured] = keys[getIdentity(sample->key)];
      predicted.push_back(
          dot(weights,
              getFeatureChange(sample->key, sample->fields, sample->defaults)));
      measured.push_back(sample->logRatio);
    }
    for (const auto &[identity, both] : keys)
      addQuality(both.first, both.second, quality);
  }
  if (quality.kernels) {
    quality.spearman /= quality.kernels;
    quality.topFiveRegret /= quality.kernels;
  }
  return quality;
}
