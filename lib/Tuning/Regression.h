//===- Regression.h - Ridge regression --------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Normal equations that grow sample by sample, and their solution. Knows
// nothing of what the numbers mean.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_REGRESSION_H
#define SEEDNORM_LIB_TUNING_REGRESSION_H

#include "llvm/ADT/ArrayRef.h"
#include <vector>

namespace seednorm::tuning {

/// Least squares through the origin.
class Regression {
public:
  explicit Regression(size_t size)
      : size(size), gram(size * size), right(size) {}

  void add(llvm::ArrayRef<double> row, double target, double weight);
  /// All samples of the other one, so many times: -1 takes them away.
  void add(const Regression &other, double times);

  /// The weights with the least squares and `ridge` times their own; zeros if
  /// there are none in numbers.
  std::vector<double> solve(double ridge) const;

private:
  size_t size;
  std::vector<double> gram, right;
};

double dot(llvm::ArrayRef<double> a, llvm::ArrayRef<double> b);

} // namespace seednorm::tuning

#endif // SEEDNORM_LIB_TUNING_REGRESSION_H
