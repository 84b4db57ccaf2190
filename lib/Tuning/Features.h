//===- Features.h - Schedules as numbers to learn from ----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a linear model sees of a key and a schedule: logarithms of the fields,
// their squares and a few products. Knows nothing of times.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_FEATURES_H
#define SEEDNORM_LIB_TUNING_FEATURES_H

#include "seednorm/Dialect/Rowwise/IR/ScheduleFields.h"
#include "seednorm/Tuning/Database.h"
#include <vector>

namespace seednorm::tuning {

/// The same number of them for every schedule, all of them finite.
std::vector<double> getFeatures(const Key &key,
                                const mlir::rowwise::ScheduleFields &fields);

/// Features as differences from the default schedule's, which has zeros.
std::vector<double>
getFeatureChange(const Key &key, const mlir::rowwise::ScheduleFields &fields,
                 const mlir::rowwise::ScheduleFields &defaults);

size_t getNumFeatures();

/// How far apart two schedules are: a field that doubles, or is turned on,
/// counts 1.
double getDistance(const mlir::rowwise::ScheduleFields &a,
                   const mlir::rowwise::ScheduleFields &b);

} // namespace seednorm::tuning

#endif // SEEDNORM_LIB_TUNING_FEATURES_H
