//===- TrialDataTest.cpp - Inputs and comparisons of results -------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/TrialData.h"
#include <cmath>
#include <gtest/gtest.h>
#include <set>

using namespace seednorm;
using namespace seednorm::tuning;

namespace {

std::vector<double> make(DType dtype, llvm::ArrayRef<int64_t> shape,
                         InputKind kind, uint64_t seed = 0) {
  InputSpec spec{dtype, {shape.begin(), shape.end()}, kind};
  return llvm::cantFail(makeInput(spec, seed)).toDoubles();
}

TEST(TrialDataTest, InputsAreFixedAndDifferBySeed) {
  auto values = make(DType::F32, {3, 50}, InputKind::Row);
  EXPECT_EQ(values, make(DType::F32, {3, 50}, InputKind::Row));
  EXPECT_NE(values, make(DType::F32, {3, 50}, InputKind::Row, 1));
}

TEST(TrialDataTest, InputsAreWellScaled) {
  for (double x : make(DType::BF16, {1000}, InputKind::Scalars))
    EXPECT_TRUE(0.5 <= x && x <= 1.5);
  double sum = 0;
  for (double x : make(DType::F32, {4096}, InputKind::Row)) {
    EXPECT_LE(std::abs(x), 2);
    sum += x;
  }
  EXPECT_LE(std::abs(sum), 4096 * 0.05);
  for (double x : make(DType::F32, {4096}, InputKind::Column))
    EXPECT_LE(std::abs(x), 2. / 64);
}

TEST(TrialDataTest, IntegersAreColumns) {
  auto values = make(DType::I64, {1000, 1}, InputKind::Scalars);
  EXPECT_EQ(std::set<double>(values.begin(), values.end()),
            std::set<double>{0});
  for (DType dtype : {DType::I8, DType::I16, DType::I32, DType::I64})
    for (double x : make(dtype, {20, 30}, InputKind::Row))
      EXPECT_TRUE(0 <= x && x < 30);
  auto flags = make(DType::I1, {100}, InputKind::Row);
  EXPECT_EQ(std::set<double>(flags.begin(), flags.end()),
            (std::set<double>{0, 1}));
}

TEST(TrialDataTest, RowsOfLargeInputsDiffer) {
  InputSpec spec{DType::F16, {4096, 64}, InputKind::Row};
  Tensor tensor = llvm::cantFail(makeInput(spec, 0));
  std::set<std::vector<double>> rows;
  for (int64_t row = 0; row < 4096; ++row)
    rows.insert(llvm::cantFail(takeRows(tensor, {row})).toDoubles());
  EXPECT_EQ(rows.size(), 4096u);
}

Tensor fromDoubles(DType dtype, llvm::ArrayRef<double> values) {
  return llvm::cantFail(
      Tensor::fromDoubles(dtype, {int64_t(values.size())}, values));
}

TEST(TrialDataTest, DifferencesAreRelativeToTheLargestElement) {
  double inf = INFINITY, nan = NAN;
  auto difference = [](llvm::ArrayRef<double> a, llvm::ArrayRef<double> b) {
    return getDifference(fromDoubles(DType::F32, a),
                         fromDoubles(DType::F32, b));
  };
  EXPECT_EQ(difference({1, 2, -8}, {1, 2, -8}), 0);
  EXPECT_EQ(difference({1, 2.5, -8}, {1, 2, -8}), 0.0625);
  EXPECT_EQ(difference({nan, inf, 1}, {nan, inf, 1}), 0);
  EXPECT_EQ(difference({nan, 1}, {1, 1}), inf);
  EXPECT_EQ(difference({1, 1}, {nan, 1}), inf);
  EXPECT_EQ(difference({inf, 1}, {-inf, 1}), inf);
  EXPECT_EQ(difference({1, 1}, {1, 1, 1}), inf);
  // Where there is nothing to compare with, the error itself.
  EXPECT_EQ(difference({1}, {0}), 1);
  EXPECT_EQ(getDifference(fromDoubles(DType::I8, {1, -3}),
                          fromDoubles(DType::I8, {1, -1})),
            2);
  EXPECT_EQ(
      getDifference(fromDoubles(DType::I8, {1}), fromDoubles(DType::I16, {1})),
      inf);
}

TEST(TrialDataTest, SpoiltRowsAreSeen) {
  for (DType dtype : {DType::F32, DType::F16, DType::BF16, DType::I8}) {
    InputSpec spec{dtype, {2, 5, 4}, InputKind::Row};
    Tensor tensor = llvm::cantFail(makeInput(spec, 0));
    Tensor before = llvm::cantFail(tensor.copy());
    spoilRows(tensor, {7});
    EXPECT_GE(getDifference(tensor, before), 1) << int(dtype);
    EXPECT_EQ(getDifference(llvm::cantFail(takeRows(tensor, {0, 6, 8, 9})),
                            llvm::cantFail(takeRows(before, {0, 6, 8, 9}))),
              0);
  }
}

} // namespace
