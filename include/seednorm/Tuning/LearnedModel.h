//===- LearnedModel.h - A cost model that learns from a database *- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ridge regression of the time relative to the default schedule's on what a key
// and the fields of a schedule say, so that a database is all it needs. It must
// not know programs or targets, and trusts nothing that it reads.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_LEARNEDMODEL_H
#define SEEDNORM_TUNING_LEARNEDMODEL_H

#include "seednorm/Dialect/Rowwise/IR/ScheduleFields.h"
#include "seednorm/Tuning/Database.h"

namespace seednorm::tuning {

/// The fields of a schedule's text, as databases have it; none if it is not
/// one. Values are within their limits.
std::optional<mlir::rowwise::ScheduleFields>
parseScheduleFields(llvm::StringRef text);

/// One measured schedule as the model sees it.
struct Sample {
  Key key;
  mlir::rowwise::ScheduleFields fields, defaults;
  /// log(time / time of the default schedule)
  double logRatio = 0;
};

/// What can be learned from: measured, with a speedup that is a number and a
/// default schedule of the same key. Default schedules themselves are left out.
std::vector<Sample> getSamples(llvm::ArrayRef<Measurement> measurements);

class LearnedModel {
public:
  /// Without data: ranks by the distance from the default schedule.
  LearnedModel() = default;
  static LearnedModel fit(llvm::ArrayRef<Measurement> measurements);
  static LearnedModel fit(llvm::ArrayRef<Sample> samples);

  /// log(time / time of the default schedule), 0 for that itself; always a
  /// number. Smaller is faster.
  double predict(const Key &key, const mlir::rowwise::ScheduleFields &fields,
                 const mlir::rowwise::ScheduleFields &defaults) const;
  double predict(const Key &key, mlir::rowwise::ScheduleAttr schedule,
                 mlir::rowwise::ScheduleAttr defaults) const {
    return predict(key, mlir::rowwise::ScheduleFields(schedule),
                   mlir::rowwise::ScheduleFields(defaults));
  }
  size_t getNumSamples() const { return numSamples; }

private:
  size_t numSamples = 0;
  std::vector<double> weights;
};

/// How well predictions order what was measured.
struct RankingQuality {
  /// Of kernels with at least 8 samples; the rest is their mean.
  unsigned kernels = 0;
  size_t samples = 0;
  /// Spearman's rank correlation of predicted and measured times.
  double spearman = 0;
  /// How much slower the best of the five that are predicted fastest is than
  /// the best of all: 0.02 is 2 %.
  double topFiveRegret = 0;
};

/// Each kernel predicted from all other kernels; a kernel is a program on a
/// target.
RankingQuality crossValidate(llvm::ArrayRef<Measurement> measurements);

/// Spearman's rank correlation, ties at their mean rank; 0 where one side has
/// nothing to rank.
double getRankCorrelation(llvm::ArrayRef<double> a, llvm::ArrayRef<double> b);

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_LEARNEDMODEL_H
