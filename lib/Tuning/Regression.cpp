//===- Regression.cpp - Ridge regression ---------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// By Cholesky's decomposition.
//
//===----------------------------------------------------------------------===//

#include "Regression.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;
using namespace seednorm::tuning;

double seednorm::tuning::dot(ArrayRef<double> a, ArrayRef<double> b) {
  double sum = 0;
  for (auto [x, y] : zip_equal(a, b))
    sum += x * y;
  return sum;
}

void Regression::add(ArrayRef<double> row, double target, double weight) {
  for (size_t i = 0; i < size; ++i) {
    // Most features of a schedule are those of the default.
    if (row[i] == 0)
      continue;
    double scaled = weight * row[i];
    for (size_t j = 0; j <= i; ++j)
      gram[i * size + j] += scaled * row[j];
    right[i] += scaled * target;
  }
}

void Regression::add(const Regression &other, double times) {
  for (auto [own, more] : zip_equal(gram, other.gram))
    own += times * more;
  for (auto [own, more] : zip_equal(right, other.right))
    own += times * more;
}

std::vector<double> Regression::solve(double ridge) const {
  std::vector<double> factor(gram), weights(right);
  auto at = [&](size_t i, size_t j) -> double & {
    return factor[i * size + j];
  };
  for (size_t i = 0; i < size; ++i) {
    at(i, i) += ridge;
    for (size_t j = 0; j <= i; ++j) {
      double value = at(i, j);
      for (size_t k = 0; k < j; ++k)
        value -= at(i, k) * at(j, k);
      at(i, j) = i == j ? std::sqrt(value) : value / at(j, j);
    }
    if (!(at(i, i) > 0))
      return std::vector<double>(size, 0);
  }
  for (size_t i = 0; i < size; ++i) {
    for (size_t k = 0; k < i; ++k)
      weights[i] -= at(i, k) * weights[k];
    weights[i] /= at(i, i);
  }
  for (size_t i = size; i-- > 0;) {
    for (size_t k = i + 1; k < size; ++k)
      weights[i] -= at(k, i) * weights[k];
    weights[i] /= at(i, i);
  }
  if (!all_of(weights, [](double weight) { return std::isfinite(weight); }))
    return std::vector<double>(size, 0);
  return weights;
}
