//===- ComparisonTest.cpp - Simulated machines ---------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Thousands of comparisons under noise of several kinds: how often a candidate
// is called what it is not, and how often a small gain is found.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Comparison.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace seednorm::tuning;

namespace {

enum class Noise { Normal, HeavyTails, Bursts, Drift };
constexpr Noise noises[] = {Noise::Normal, Noise::HeavyTails, Noise::Bursts,
                            Noise::Drift};

/// A machine on which one measurement takes 1 plus noise.
class Machine {
public:
  Machine(Noise noise, double scale, uint64_t seed)
      : noise(noise), scale(scale), random(seed) {}

  double measure(double seconds) {
    switch (noise) {
    case Noise::Normal:
      return seconds * std::exp(scale * normal(random));
    case Noise::HeavyTails: // without a variance
      return seconds * std::exp(scale * std::abs(cauchy(random)));
    case Noise::Bursts: // a neighbour comes for a dozen measurements
      if (burst == 0 && uniform(random) < 0.05)
        burst = 12;
      if (burst > 0)
        --burst;
      return seconds * (burst ? 1.5 : 1) * std::exp(scale * normal(random));
    case Noise::Drift: // slower and slower
      drift *= 1.01;
      return seconds * drift * std::exp(scale * normal(random));
    }
    return seconds;
  }

  bool toss() { return uniform(random) < 0.5; }

private:
  Noise noise;
  double scale, drift = 1;
  int burst = 0;
  std::mt19937_64 random;
  std::normal_distribution<double> normal;
  std::cauchy_distribution<double> cauchy;
  std::uniform_real_distribution<double> uniform;
};

struct Counts {
  double better = 0, worse = 0, pairs = 0;
};

/// Shares of `runs` comparisons of a candidate that takes 1 / speedup.
Counts simulate(Noise noise, double speedup, double scale, unsigned runs,
                const ComparisonOptions &options = {}) {
  Counts counts;
  for (unsigned run = 0; run < runs; ++run) {
    Machine machine(noise, scale, run);
    Comparison comparison(options);
    while (comparison.getNumWanted()) {
      double times[2];
      bool candidateFirst = machine.toss();
      for (bool isCandidate : {candidateFirst, !candidateFirst})
        times[isCandidate] = machine.measure(isCandidate ? 1 / speedup : 1);
      comparison.add(times[0], times[1]);
    }
    counts.better += comparison.getVerdict() == Verdict::Better;
    counts.worse += comparison.getVerdict() == Verdict::Worse;
    counts.pairs += comparison.getNumPairs();
  }
  return {counts.better / runs, counts.worse / runs, counts.pairs / runs};
}

TEST(ComparisonTest, EqualCandidatesAreRarelyCalledBetter) {
  for (Noise noise : noises)
    for (double confidence : {0.95, 0.8}) {
      ComparisonOptions options;
      options.confidence = confidence;
      Counts counts = simulate(noise, 1, 0.02, 4000, options);
      EXPECT_LE(counts.better, 1 - confidence) << int(noise);
      // The test would be pointless if nothing ever were.
      EXPECT_GE(counts.better, (1 - confidence) / 20) << int(noise);
      EXPECT_LE(counts.worse, options.dropError) << int(noise);
    }
}

TEST(ComparisonTest, WorseCandidatesAreHardlyEverCalledBetter) {
  for (Noise noise : noises)
    EXPECT_LE(simulate(noise, 1 / 1.01, 0.02, 4000).better, 0.02) << int(noise);
}

TEST(ComparisonTest, FindsTwoPercent) {
  // Noise of 1 % of one measurement: 1.4 % of a ratio.
  for (Noise noise : {Noise::Normal, Noise::Drift, Noise::Bursts})
    EXPECT_GE(simulate(noise, 1.02, 0.01, 2000).better, 0.75) << int(noise);
}

TEST(ComparisonTest, DropsLosersEarly) {
  for (Noise noise : noises) {
    Counts counts = simulate(noise, 1 / 1.2, 0.02, 2000);
    // The others end undecided, which keeps no candidate either.
    EXPECT_GE(counts.worse, 0.8) << int(noise);
    EXPECT_EQ(counts.better, 0) << int(noise);
    EXPECT_LE(counts.pairs, 4.5) << int(noise);
  }
}

TEST(ComparisonTest, DoesNotSpendPairsOnEqualsWithoutNoise) {
  EXPECT_LE(simulate(Noise::Normal, 1, 1e-4, 500).pairs, 9);
}

TEST(ComparisonTest, IntervalsHoldTheMedian) {
  for (Noise noise : noises) {
    unsigned held = 0, runs = 2000;
    for (unsigned run = 0; run < runs; ++run) {
      Machine machine(noise, 0.05, run);
      std::vector<double> ratios;
      for (int i = 0; i < 31; ++i) {
        double times[2];
        bool candidateFirst = machine.toss();
        for (bool isCandidate : {candidateFirst, !candidateFirst})
          times[isCandidate] = machine.measure(isCandidate ? 1 / 1.1 : 1);
        ratios.push_back(times[0] / times[1]);
      }
      Speedup speedup = estimateSpeedup(ratios, 0.9);
      EXPECT_LE(speedup.low, speedup.median);
      EXPECT_LE(speedup.median, speedup.high);
      held += speedup.low <= 1.1 && 1.1 <= speedup.high;
    }
    EXPECT_GE(double(held) / runs, 0.9) << int(noise);
  }
}

TEST(ComparisonTest, FewPairsSayNothing) {
  double ratios[] = {1.5, 1.6, 1.7};
  Speedup speedup = estimateSpeedup(ratios, 0.95);
  EXPECT_EQ(speedup.median, 1.6);
  EXPECT_EQ(speedup.low, 0);
  EXPECT_TRUE(std::isinf(speedup.high));
  EXPECT_EQ(estimateSpeedup({}, 0.95).median, 1);
}

TEST(ComparisonTest, IntervalsAreThoseOfTheBinomial) {
  // Of 9 values the 2nd and the 8th hold the median with 1 - 20 / 512.
  double ratios[] = {9, 1, 8, 2, 7, 3, 6, 4, 5};
  Speedup speedup = estimateSpeedup(ratios, 0.96);
  EXPECT_EQ(speedup.median, 5);
  EXPECT_EQ(speedup.low, 2);
  EXPECT_EQ(speedup.high, 8);
  EXPECT_EQ(estimateSpeedup(ratios, 0.97).low, 1);
}

} // namespace
