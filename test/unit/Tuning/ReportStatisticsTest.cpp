//===- ReportStatisticsTest.cpp - What measurements say ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Against numbers that were worked out by hand.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/ReportStatistics.h"
#include "gmock/gmock.h"
#include <cmath>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;
using namespace seednorm::tuning::report;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

static Measurement makeTrial(double speedup, StringRef schedule,
                             int64_t trial) {
  Measurement m;
  m.key.program = "p";
  m.schedule = schedule.str();
  m.speedup = m.low = m.high = speedup;
  m.seconds = 1 / speedup;
  m.trial = trial;
  return m;
}

static std::vector<std::pair<std::string, int64_t>> parse(StringRef text) {
  std::vector<std::pair<std::string, int64_t>> result;
  for (const ScheduleEntry &entry : parseSchedule(text))
    result.emplace_back(entry.name, entry.value);
  return result;
}

TEST(ParseScheduleTest, TakesNamesAndNumbers) {
  EXPECT_THAT(
      parse("#rowwise.schedule<vector_width = 16, vectors=4,\n ctas =-1>"),
      ElementsAre(std::pair("vector_width", 16), std::pair("vectors", 4),
                  std::pair("ctas", -1)));
}

TEST(ParseScheduleTest, PassesOverTheRest) {
  EXPECT_THAT(parse(""), IsEmpty());
  EXPECT_THAT(parse("#rowwise.schedule<>"), IsEmpty());
  EXPECT_THAT(parse("= 3, 4 = 5, a =, = , b = = 6, c == 7"), IsEmpty());
  EXPECT_THAT(parse("a = 1.5, b = 99999999999999999999, c = 3x, d = 4"),
              ElementsAre(std::pair("d", 4)));
  EXPECT_THAT(parse("a = true, e<f = 2>, g = \"h = 3\""),
              ElementsAre(std::pair("f", 2), std::pair("h", 3)));
}

TEST(SignatureTest, GivesBytesOfAnExecution) {
  Key key;
  key.width = 768;
  key.rows = 1024;
  auto get = [&](StringRef text) {
    std::optional<Signature> signature = parseSignature(text);
    return signature ? getBytes(key, *signature) : std::nullopt;
  };
  constexpr double elements = 768 * 1024;
  // One read and one written, three columns.
  EXPECT_EQ(
      get("rows f32xD[*]\ncolumns f32xD f32xD f32xD\nouts f32xD[*]\n%4 ="),
      elements * 8 + 3 * 768 * 4);
  // Two bf16 read and one written, columns and sums in f32.
  EXPECT_EQ(get("rows bf16xD[*] bf16xD[*]\ncolumns f32xD f32x16\n"
                "outs bf16xD[*] f32xD[+]\n"),
            elements * 6 + 768 * 4 + 16 * 4 + 768 * 4);
  // A number of each row, a row of all, a predicate.
  EXPECT_EQ(get("rows f32x1[*] f32xD[1] i1xD[*]\ncolumns\nouts f64xD[*]\n"),
            1024 * 4 + 768 * 4 + elements * (1 + 8));
  EXPECT_EQ(get("rows indexxD[*]\ncolumns\nouts f32xD[*]\n"), std::nullopt);
  EXPECT_EQ(get("rows\ncolumns\nouts\n"), std::nullopt);
  key.rows = 0;
  EXPECT_EQ(get("rows f32xD[*]\ncolumns\nouts f32xD[*]\n"), std::nullopt);
}

TEST(SignatureTest, IsNoneOfOtherTexts) {
  for (const char *text :
       {"", "rows", "rows f32xD[*]\nouts f32xD[*]\ncolumns\n",
        "rows f32[*]\ncolumns\nouts f32xD[*]\n",
        "rows f32x-3[*]\ncolumns\nouts f32xD[*]\n", "module {}\n\n\n"})
    EXPECT_FALSE(parseSignature(text)) << text;
}

TEST(SummaryTest, FollowsTheBestSoFar) {
  std::vector<Measurement> trials{
      makeTrial(1.0, "a = 1", 0), makeTrial(0.8, "a = 2", 1),
      makeTrial(1.2, "a = 3", 3), makeTrial(9.0, "a = 4", 2),
      makeTrial(1.5, "a = 5", 4), makeTrial(1.1, "a = 6", 5),
  };
  trials[0].origin = "default";
  trials[3].outcome = Outcome::Wrong;
  // Lucky, perhaps: it may be slower than the trial before it.
  trials[4].low = 1.1;
  trials[4].high = 1.9;
  Summary summary = summarize(trials);
  ASSERT_EQ(summary.kernels.size(), 1u);
  const KernelSummary &kernel = summary.kernels[0];
  EXPECT_THAT(kernel.bestSoFar, ElementsAre(1.0, 1.0, 1.0, 1.2, 1.2, 1.2));
  EXPECT_EQ(kernel.best, &trials[2]);
  EXPECT_EQ(kernel.fallback, &trials[0]);
  EXPECT_EQ(kernel.outcomes[unsigned(Outcome::Measured)], 5u);
  EXPECT_EQ(kernel.outcomes[unsigned(Outcome::Wrong)], 1u);
  EXPECT_DOUBLE_EQ(kernel.noise, 0.8 / 3);
}

TEST(SummaryTest, TakesTheFigureThatIsMostExact) {
  std::vector<Measurement> trials{
      makeTrial(1.0, "a = 1", 0), makeTrial(1.5, "a = 2", 1),
      makeTrial(1.3, "a = 2", 2), makeTrial(1.4, "a = 3", 3)};
  trials[1].low = 1.35;
  trials[1].high = 1.7;
  trials[2].low = 1.29;
  trials[2].high = 1.31;
  // Given up at once: its interval says nothing, and does not count as noise.
  trials[3].low = 0;
  trials[3].high = 1e6;
  Summary summary = summarize(trials);
  EXPECT_EQ(summary.kernels[0].best, &trials[2]);
  EXPECT_THAT(summary.kernels[0].bestSoFar, ElementsAre(1.0, 1.5, 1.5, 1.5));
  EXPECT_DOUBLE_EQ(summary.kernels[0].noise, (1.7 - 1.35) / 1.5 / 2);
}

TEST(SummaryTest, KnowsNoBestBeforeTheFirstTime) {
  std::vector<Measurement> trials{makeTrial(2, "", 0), makeTrial(2, "", 1)};
  trials[0].outcome = Outcome::Crashed;
  EXPECT_THAT(summarize(trials).kernels[0].bestSoFar, ElementsAre(0.0, 2.0));
}

TEST(SummaryTest, OrdersTrialsByTimeThenRunThenNumber) {
  std::vector<Measurement> trials{makeTrial(1, "", 1), makeTrial(2, "", 0),
                                  makeTrial(3, "", 0), makeTrial(4, "", 9)};
  trials[0].run = trials[1].run = "b";
  trials[2].run = "c";
  trials[3].time = -1;
  EXPECT_THAT(summarize(trials).kernels[0].trials,
              ElementsAre(&trials[3], &trials[1], &trials[0], &trials[2]));
}

TEST(SummaryTest, TellsWhichFieldsMattered) {
  std::vector<Measurement> trials{
      makeTrial(1.0, "a = 1, b = 1, c = 7", 0),
      makeTrial(1.6, "a = 2, b = 1, c = 7", 1),
      makeTrial(1.2, "a = 1, b = 2, c = 7", 2),
      // Without b, which is b = 0.
      makeTrial(2.0, "a = 2, c = 7", 3),
      // What failed says nothing.
      makeTrial(9.0, "a = 3, b = 9, c = 8", 4),
  };
  trials[4].outcome = Outcome::TimedOut;
  Summary summary = summarize(trials);
  const std::vector<Knob> &knobs = summary.kernels[0].knobs;
  ASSERT_EQ(knobs.size(), 2u);
  // Best of a = 1 is 1.2, of a = 2 is 2.
  EXPECT_EQ(knobs[0].name, "a");
  EXPECT_DOUBLE_EQ(knobs[0].spread, 2.0 / 1.2);
  // Of b: 0 has 2.0, 1 has 1.6, 2 has 1.2.
  EXPECT_EQ(knobs[1].name, "b");
  EXPECT_DOUBLE_EQ(knobs[1].spread, 2.0 / 1.2);
  ASSERT_EQ(knobs[1].values.size(), 3u);
  for (auto [i, best, count] :
       {std::tuple(0, 2.0, 1u), {1, 1.6, 2u}, {2, 1.2, 1u}}) {
    EXPECT_EQ(knobs[1].values[i].low, i);
    EXPECT_EQ(knobs[1].values[i].high, i);
    EXPECT_EQ(knobs[1].values[i].best, best);
    EXPECT_EQ(knobs[1].values[i].trials, count);
  }
}

TEST(SummaryTest, JoinsManyValuesOfAField) {
  std::vector<Measurement> trials;
  for (int64_t i = 0; i < 100; ++i)
    trials.push_back(makeTrial(1 + i, "a = " + std::to_string(i), i));
  Summary summary = summarize(trials);
  const Knob &knob = summary.kernels[0].knobs[0];
  ASSERT_EQ(knob.values.size(), mostKnobValues);
  int64_t next = 0;
  unsigned count = 0;
  for (const KnobValue &value : knob.values) {
    EXPECT_EQ(value.low, next);
    EXPECT_EQ(value.best, 1 + value.high);
    next = value.high + 1;
    count += value.trials;
  }
  EXPECT_EQ(next, 100);
  EXPECT_EQ(count, 100u);
}

TEST(SummaryTest, TakesGeometricMeansOverKernels) {
  std::vector<Measurement> trials;
  for (auto [width, one, two] :
       {std::tuple(64, 1.0, 2.0), {128, 1.0, 4.5}, {256, 0.5, 0.25}}) {
    trials.push_back(makeTrial(one, "a = 1", 0));
    trials.push_back(makeTrial(two, "a = 2", 1));
    trials[trials.size() - 2].key.width = trials.back().key.width = width;
  }
  // Never measured: not in the mean.
  trials.push_back(makeTrial(7, "", 0));
  trials.back().outcome = Outcome::Wrong;
  Summary summary = summarize(trials);
  EXPECT_EQ(summary.kernels.size(), 4u);
  EXPECT_EQ(summary.tuned, 3u);
  // 2, 4.5, and the default where nothing beats it.
  EXPECT_NEAR(summary.gain, std::cbrt(2.0 * 4.5 * 1.0), 1e-12);
  ASSERT_EQ(summary.knobs.size(), 1u);
  EXPECT_NEAR(summary.knobs[0].spread, std::cbrt(2.0 * 4.5 * 2.0), 1e-12);
  EXPECT_THAT(summary.knobs[0].spreads, ElementsAre(2.0, 4.5, 2.0));
}

TEST(SummaryTest, GathersByTheWholeKey) {
  std::vector<Measurement> trials(10, makeTrial(1, "", 0));
  trials[1].key.program = "q";
  trials[2].key.types = "f32->f32";
  trials[3].key.width = 1;
  trials[4].key.rows = 1;
  trials[5].key.alignment = 1;
  trials[6].key.target = "t";
  trials[7].key.threads = 5;
  trials[8].key.compiler = "c";
  EXPECT_EQ(summarize(trials).kernels.size(), 9u);
}

TEST(SummaryTest, GroupsFailuresByMessage) {
  std::vector<Measurement> trials(6, makeTrial(1, "", 0));
  for (unsigned i = 0; i < 5; ++i)
    trials[i].outcome = i < 3 ? Outcome::Wrong : Outcome::Crashed;
  trials[1].key.width = 5;
  for (unsigned i : {0, 1, 3, 4})
    trials[i].message = "m";
  Summary summary = summarize(trials);
  std::vector<std::tuple<Outcome, std::string, unsigned, unsigned>> groups;
  for (const FailureGroup &group : summary.failures)
    groups.emplace_back(group.first->outcome, group.first->message, group.count,
                        group.kernels);
  EXPECT_THAT(groups, ElementsAre(std::tuple(Outcome::Wrong, "m", 2, 2),
                                  std::tuple(Outcome::Crashed, "m", 2, 1),
                                  std::tuple(Outcome::Wrong, "", 1, 1)));
}

TEST(SummaryTest, SurvivesSchedulesOfNonsense) {
  std::vector<Measurement> trials;
  for (int64_t i = 0; i < 3000; ++i) {
    std::string name = "n" + std::to_string(i);
    trials.push_back(makeTrial(1, name + " = 1, " + name + " = 2", i));
  }
  EXPECT_LE(summarize(trials).kernels[0].knobs.size(), 64u);
}
