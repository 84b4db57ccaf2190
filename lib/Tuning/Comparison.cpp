//===- Comparison.cpp - Which of two is faster, from pairs ---------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How many of n fair coins show heads, and what follows from it for medians.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Comparison.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <limits>

using namespace llvm;
using namespace seednorm::tuning;

/// The largest k for which fewer than k of n fair coins show heads with a
/// probability of at most `error`: the median of all is beyond the k-th of n
/// ordered values with no more than that. 0: n is too small to tell.
static unsigned findRank(unsigned n, double error) {
  double term = std::exp2(-double(n)), sum = 0;
  for (unsigned k = 0; k < n; ++k) {
    sum += term;
    if (sum > error)
      return k;
    term *= double(n - k) / (k + 1);
  }
  return n;
}

static SmallVector<double> getSorted(ArrayRef<double> values) {
  SmallVector<double> sorted(values);
  llvm::sort(sorted);
  return sorted;
}

/// The bounds that the median of all exceeds, or is below, but for `error`.
static double getLowerBound(ArrayRef<double> sorted, double error) {
  unsigned rank = findRank(sorted.size(), error);
  return rank ? sorted[rank - 1] : 0;
}
static double getUpperBound(ArrayRef<double> sorted, double error) {
  unsigned rank = findRank(sorted.size(), error);
  return rank ? sorted[sorted.size() - rank]
              : std::numeric_limits<double>::infinity();
}

Speedup seednorm::tuning::estimateSpeedup(ArrayRef<double> ratios,
                                          double confidence) {
  if (ratios.empty())
    return {1, 0, std::numeric_limits<double>::infinity()};
  SmallVector<double> sorted = getSorted(ratios);
  size_t half = sorted.size() / 2;
  double median = sorted.size() % 2
                      ? sorted[half]
                      : std::sqrt(sorted[half - 1] * sorted[half]);
  double error = (1 - confidence) / 2;
  return {median, getLowerBound(sorted, error), getUpperBound(sorted, error)};
}

Comparison::Comparison(ComparisonOptions given) : options(std::move(given)) {
  // Looks that could not call anything better take no part of the error.
  double error = 1 - options.confidence;
  unsigned able = count_if(options.looks, [&](unsigned pairs) {
    return std::exp2(-double(pairs)) <= error / options.looks.size();
  });
  betterError = error / std::max(able, 1u);
}

unsigned Comparison::getNumWanted() const {
  return isOver ? 0 : options.looks[nextLook] - getNumPairs();
}

void Comparison::add(double incumbent, double candidate) {
  ratios.push_back(incumbent / candidate);
  if (!isOver && getNumPairs() == options.looks[nextLook])
    look();
}

void Comparison::look() {
  SmallVector<double> sorted = getSorted(ratios);
  // A third of it, so that most losers go at the first look, and the rest
  // alike.
  double share = nextLook == 0
                     ? options.dropError / 3
                     : options.dropError * 2 / 3 / (options.looks.size() - 1);
  ++nextLook;
  isOver = true;
  if (getLowerBound(sorted, betterError) > 1) {
    verdict = Verdict::Better;
    return;
  }
  if (getUpperBound(sorted, share) < 1) {
    verdict = Verdict::Worse;
    return;
  }
  // Not an error of either kind, so it may be judged more boldly.
  constexpr double futilityError = 0.2;
  isOver = nextLook == options.looks.size() ||
           getUpperBound(sorted, futilityError) < 1 + options.leastGain;
}
