//===- GPUEstimateTest.cpp - Tests of the static estimate ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

#include "seednorm/Tuning/GPUEstimate.h"
#include "seednorm/Tuning/Searcher.h"
#include <gtest/gtest.h>

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::testing;
using namespace seednorm::tuning;

using Field = ScheduleField;

static bool hasAssembler() {
  auto assembler = gpureport::findAssembler();
  return assembler ? assembler->has_value()
                   : (consumeError(assembler.takeError()), false);
}

static ScheduleAttr change(const SearchSpace &space,
                           ArrayRef<std::pair<Field, int64_t>> values) {
  ScheduleFields fields(space.getDefault());
  for (auto [field, value] : values)
    fields[field] = value;
  auto *context = space.getDefault().getContext();
  return fields.getChecked(
      [&] { return mlir::emitError(mlir::UnknownLoc::get(context)); }, context);
}

static SearchSpace makeSpace(const Programs &programs, const Target &target,
                             int64_t rows = 16384) {
  return cantFail(SearchSpace::create(programs.get(), target, rows, 1));
}

TEST(GPUEstimate, NoneForOtherTargets) {
  Programs programs({"norm", 2048});
  for (const Target &target : {wideTarget, gpuTargets[2], gpuTargets[3]}) {
    SearchSpace space = makeSpace(programs, target);
    auto estimator = GPUEstimator::create(space);
    ASSERT_TRUE(bool(estimator));
    EXPECT_FALSE(estimator->has_value());
  }
}

TEST(GPUEstimate, TellsWhatIsHopeless) {
  if (!hasAssembler())
    GTEST_SKIP() << "without ptxas";
  Programs programs({"norm", 4096});
  SearchSpace space = makeSpace(programs, h100);
  GPUEstimator estimator = **GPUEstimator::create(space);
  auto estimate = [&](ScheduleAttr schedule) {
    EXPECT_TRUE(space.isLegal(schedule));
    return cantFail(estimator.estimate(schedule));
  };
  GPUEstimate usual = estimate(space.getDefault());
  EXPECT_EQ(usual.spilledBytes, 0u);
  EXPECT_GT(usual.occupancy, 0.3);
  // 512 MiB at 3.35 TB/s take 160 us.
  EXPECT_GT(usual.seconds, 140e-6);
  EXPECT_LT(usual.seconds, 320e-6);
  // 128 elements of a row in each thread do not fit its registers.
  GPUEstimate spilling = estimate(change(space, {{Field::ThreadsPerRow, 32},
                                                 {Field::RowsPerBlock, 1},
                                                 {Field::RowsPerTask, 1},
                                                 {Field::KeepColumns, 1}}));
  EXPECT_GT(spilling.spilledBytes, 0u);
  EXPECT_GT(spilling.seconds, 1.2 * usual.seconds);
  // Eight processors of 132.
  EXPECT_GT(estimate(change(space, {{Field::Ctas, 8}})).seconds,
            4 * usual.seconds);
}

/// The sums of a backward take a kernel of their own.
TEST(GPUEstimate, CountsTheSecondKernel) {
  if (!hasAssembler())
    GTEST_SKIP() << "without ptxas";
  Programs programs({"norm", 2048, "f32", 1, true});
  SearchSpace space = makeSpace(programs, h100);
  GPUEstimator estimator = **GPUEstimator::create(space);
  GPUEstimate usual = cantFail(estimator.estimate(space.getDefault()));
  GPUEstimate many =
      cantFail(estimator.estimate(change(space, {{Field::Ctas, 16384},
                                                 {Field::RowsPerTask, 1},
                                                 {Field::RowsPerBlock, 1}})));
  EXPECT_GT(many.seconds, 1.3 * usual.seconds);
}

TEST(GPUEstimate, OrdersTheModelStrategy) {
  if (!hasAssembler())
    GTEST_SKIP() << "without ptxas";
  Programs programs({"norm", 4096});
  SearchSpace space = makeSpace(programs, h100);
  auto searcher = createSearcher(Strategy::Model, space, nullptr, 1);
  std::vector<Candidate> first = searcher->ask(2);
  ASSERT_EQ(first.size(), 2u);
  GPUEstimator estimator = **GPUEstimator::create(space);
  auto estimate = [&](ScheduleAttr schedule) {
    return cantFail(estimator.estimate(schedule)).seconds;
  };
  double best = estimate(first[0].schedule);
  EXPECT_LE(best, estimate(first[1].schedule));
  EXPECT_LE(best, estimate(space.getDefault()));
}
