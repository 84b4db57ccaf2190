//===- LearnedModelTest.cpp - Tests of the learned cost model ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

#include "seednorm/Tuning/LearnedModel.h"
#include "seednorm/Tuning/SearchSpace.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::testing;
using namespace seednorm::tuning;

using Field = ScheduleField;

static std::string print(ScheduleAttr schedule) {
  std::string text;
  raw_string_ostream(text) << schedule;
  return text;
}

/// What is fast depends on the width: long rows want few in flight.
static double getLogRatio(int64_t width, ScheduleAttr schedule) {
  ScheduleFields fields(schedule);
  double wanted = width >= 2048 ? 0 : 2;
  double log =
      0.1 * std::abs(std::log2(double(fields[Field::RowsInFlight])) - wanted);
  log +=
      0.05 * std::abs(std::log2(double(fields[Field::PrefetchRows] + 1)) - 1);
  log += fields[Field::TileVectors] ? 0.1 : 0;
  log += fields[Field::NontemporalMinBytes] ? 0 : 0.3;
  log -= 0.04 * std::log2(double(fields[Field::VectorWidth]));
  return log + 0.03 * std::log2(double(fields[Field::RowsPerBlock]));
}

/// A database of several widths, with 2 % of noise.
static std::vector<Measurement> makeDatabase(ArrayRef<int64_t> widths,
                                             unsigned each) {
  std::vector<Measurement> measurements;
  Random random(5);
  for (int64_t width : widths) {
    Programs programs({"norm", width});
    SearchSpace space =
        cantFail(SearchSpace::create(programs.get(), wideTarget, 16384, 1));
    double usual = getLogRatio(width, space.getDefault());
    for (unsigned i = 0; i < each; ++i) {
      ScheduleAttr point = i ? space.draw(random) : space.getDefault();
      Measurement one;
      one.key = space.getKey();
      one.key.program = "norm" + std::to_string(width);
      one.schedule = print(point);
      one.origin = i ? "random" : "default";
      double noise = double(drawBelow(random, 4001)) / 1e5 - 0.02;
      one.speedup = std::exp(usual - getLogRatio(width, point) + noise);
      one.seconds = 1e-3 / one.speedup;
      measurements.push_back(one);
    }
  }
  return measurements;
}

TEST(LearnedModel, ParsesSchedules) {
  Programs programs({"norm", 2048});
  SearchSpace space =
      cantFail(SearchSpace::create(programs.get(), wideTarget, 16384, 1));
  auto fields = parseScheduleFields(print(space.getDefault()));
  ASSERT_TRUE(fields.has_value());
  EXPECT_TRUE(*fields == ScheduleFields(space.getDefault()));
  EXPECT_TRUE(parseScheduleFields("#rowwise.schedule<>").has_value());
  for (const char *text :
       {"", "#rowwise.schedule", "#rowwise.schedule<vectors>",
        "#rowwise.schedule<vectors = >", "#rowwise.schedule<vectors = -1>",
        "#rowwise.schedule<vectors = 33>", "#rowwise.schedule<lanes = 3>",
        "#rowwise.schedule<vectors = 99999999999999999999>",
        "#rowwise.schedule<vectors = 3", "#rowwise.schedule<,>", "\xff\x00<>"})
    EXPECT_FALSE(parseScheduleFields(text).has_value()) << text;
}

TEST(LearnedModel, RanksByTheDistanceWithoutData) {
  LearnedModel model;
  ScheduleFields usual, near, far;
  usual[Field::Vectors] = 4;
  near[Field::Vectors] = 6;
  far[Field::Vectors] = 32;
  EXPECT_EQ(model.predict(Key(), usual, usual), 0);
  EXPECT_LT(model.predict(Key(), near, usual),
            model.predict(Key(), far, usual));
  EXPECT_GT(model.predict(Key(), near, usual), 0);
  EXPECT_EQ(LearnedModel::fit(ArrayRef<Measurement>()).getNumSamples(), 0u);
}

/// Kernels of the widths between are predicted from those around.
TEST(LearnedModel, RecoversARanking) {
  std::vector<Measurement> database =
      makeDatabase({512, 768, 1024, 2048, 3072, 4096, 8192}, 150);
  RankingQuality quality = crossValidate(database);
  EXPECT_EQ(quality.kernels, 7u);
  EXPECT_GT(quality.spearman, 0.9);
  EXPECT_LT(quality.topFiveRegret, 0.05);
  // Times that have nothing to do with schedules have no ranking.
  Random random(9);
  for (Measurement &one : database)
    one.speedup = 0.5 + double(drawBelow(random, 1000)) / 1000;
  EXPECT_LT(std::abs(crossValidate(database).spearman), 0.2);
}

TEST(LearnedModel, FewSamplesAreBetterThanNone) {
  std::vector<Measurement> few = makeDatabase({1024}, 40),
                           many = makeDatabase({1024}, 200);
  LearnedModel model = LearnedModel::fit(few);
  EXPECT_GT(model.getNumSamples(), 30u);
  std::vector<double> predicted, measured;
  for (const Sample &sample : getSamples(many)) {
    predicted.push_back(
        model.predict(sample.key, sample.fields, sample.defaults));
    measured.push_back(sample.logRatio);
  }
  EXPECT_GT(getRankCorrelation(predicted, measured), 0.6);
}

TEST(LearnedModel, SurvivesHostileData) {
  std::vector<Measurement> database = makeDatabase({1024, 2048}, 60);
  Random random(11);
  const double odd[] = {NAN, INFINITY, -INFINITY, -1, 0, 1e308, 5e-324, 1e-12};
  const int64_t numbers[] = {INT64_MIN, -1, 0, INT64_MAX, int64_t(1) << 62};
  const char *texts[] = {"", "f32->", "->", ",,,,->,,,", "\xff\xfe", "f32"};
  for (int i = 0; i < 2000; ++i) {
    Measurement one = database[drawBelow(random, 120)];
    if (drawBelow(random, 2))
      one.speedup = odd[drawBelow(random, 8)];
    if (drawBelow(random, 2))
      one.key.width = numbers[drawBelow(random, 5)];
    if (drawBelow(random, 2))
      one.key.rows = numbers[drawBelow(random, 5)];
    if (drawBelow(random, 2))
      one.key.threads = numbers[drawBelow(random, 5)];
    if (drawBelow(random, 2))
      one.key.types = texts[drawBelow(random, 6)];
    if (drawBelow(random, 3) == 0)
      one.schedule = "#rowwise.schedule<nontemporal_min_bytes = "
                     "9223372036854775807, rows_per_task = 1048576>";
    if (drawBelow(random, 3) == 0)
      one.origin = "default";
    one.outcome = Outcome(drawBelow(random, 5));
    database.push_back(one);
  }
  LearnedModel model = LearnedModel::fit(database);
  RankingQuality quality = crossValidate(database);
  EXPECT_TRUE(std::isfinite(quality.spearman));
  EXPECT_TRUE(std::isfinite(quality.topFiveRegret));
  EXPECT_LE(std::abs(quality.spearman), 1);
  for (const Measurement &one : database) {
    auto fields = parseScheduleFields(one.schedule);
    ASSERT_TRUE(fields.has_value());
    EXPECT_TRUE(
        std::isfinite(model.predict(one.key, *fields, ScheduleFields())));
    EXPECT_EQ(model.predict(one.key, *fields, *fields), 0);
  }
}

TEST(LearnedModel, FailuresTeachNothing) {
  std::vector<Measurement> database = makeDatabase({1024}, 60);
  for (Measurement &one : database)
    if (one.origin != "default")
      one.outcome = Outcome::Wrong;
  EXPECT_EQ(LearnedModel::fit(database).getNumSamples(), 0u);
}

TEST(LearnedModel, RankCorrelation) {
  EXPECT_DOUBLE_EQ(getRankCorrelation({1, 2, 3}, {10, 20, 1000}), 1);
  EXPECT_DOUBLE_EQ(getRankCorrelation({1, 2, 3}, {3, 2, 1}), -1);
  EXPECT_DOUBLE_EQ(getRankCorrelation({1, 1, 1}, {3, 2, 1}), 0);
  EXPECT_DOUBLE_EQ(getRankCorrelation({}, {}), 0);
  // Ties share a rank: 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
  EXPECT_NEAR(getRankCorrelation({1, 2, 2, 3}, {1, 2, 3, 4}), 0.9487, 1e-4);
}
