//===- Predictor.h - What a search has learned so far -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The learned model, corrected by what this search has measured. It must not
// know which strategy asks.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_PREDICTOR_H
#define SEEDNORM_LIB_TUNING_PREDICTOR_H

#include "Regression.h"
#include "seednorm/Tuning/LearnedModel.h"
#include "seednorm/Tuning/SearchSpace.h"

namespace seednorm::tuning {

class Predictor {
public:
  Predictor(const SearchSpace &space, const LearnedModel *model);

  /// That a schedule took so long, as log(time / time of the default).
  void add(mlir::rowwise::ScheduleAttr schedule, double logRatio);
  /// Whether predictions rest on more than the distance from the default.
  bool isInformed() const;
  double predict(mlir::rowwise::ScheduleAttr schedule);
  /// Fastest first; equal ones in the order they had.
  void sort(std::vector<mlir::rowwise::ScheduleAttr> &schedules);

private:
  const SearchSpace &space;
  LearnedModel model;
  mlir::rowwise::ScheduleFields defaults;
  Regression corrections;
  std::vector<double> weights;
  size_t numMeasured = 0;
  bool isStale = false;
};

} // namespace seednorm::tuning

#endif // SEEDNORM_LIB_TUNING_PREDICTOR_H
