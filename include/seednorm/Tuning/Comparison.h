//===- Comparison.h - Which of two is faster, from pairs --------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Statistics of times measured in pairs, whose order is drawn at random, on a
// machine with any kind of noise. Knows nothing of what was timed.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_COMPARISON_H
#define SEEDNORM_TUNING_COMPARISON_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

namespace seednorm::tuning {

/// A factor: above 1, the candidate takes less time than the incumbent.
struct Speedup {
  double median = 1;
  /// The interval that holds the median of all possible pairs; 0 and infinity
  /// as long as there are too few.
  double low = 0, high = 0;
};

/// The median of the pairs' ratios, and its interval of order statistics: it
/// assumes nothing of the noise but that pairs have a common median.
Speedup estimateSpeedup(llvm::ArrayRef<double> ratios, double confidence);

enum class Verdict { Better, Worse, Undecided };

struct ComparisonOptions {
  /// A candidate that is not better is called better with a probability of at
  /// most 1 - `confidence`, all looks together.
  double confidence = 0.95;
  /// A candidate that is not worse is called worse with a probability of at
  /// most this, all looks together. Rather large: a good candidate that is
  /// lost costs little, and bad ones, of which there are many, cost pairs.
  double dropError = 0.4;
  /// A candidate whose gain is likely below this is not looked at further.
  double leastGain = 0.005;
  /// After so many pairs the data is looked at.
  llvm::SmallVector<unsigned> looks = {3, 5, 8, 12, 18, 27, 40};
};

/// Sequential sign tests at a fixed schedule of looks. Under the hypothesis
/// that both take the same time, the faster one of a pair is either with
/// probability one half because their order was drawn, whatever drifts and
/// bursts there are.
class Comparison {
public:
  explicit Comparison(ComparisonOptions options = {});

  /// The seconds of one pair, both positive.
  void add(double incumbent, double candidate);

  /// How many more pairs are wanted before the next look; 0: it is over.
  unsigned getNumWanted() const;
  Verdict getVerdict() const { return verdict; }
  unsigned getNumPairs() const { return ratios.size(); }
  Speedup getSpeedup() const {
    return estimateSpeedup(ratios, options.confidence);
  }

private:
  void look();

  ComparisonOptions options;
  /// Of one look.
  double betterError = 0;
  llvm::SmallVector<double> ratios;
  unsigned nextLook = 0;
  Verdict verdict = Verdict::Undecided;
  bool isOver = false;
};

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_COMPARISON_H
