//===- TunerTest.cpp - Runs of the tuner ---------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With a worker that makes its times up, so that what has to come out is known;
// test/python/test_tune.py has the real one.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Tuner.h"
#include "../Runtime/Testing.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include <fstream>
#include <gtest/gtest.h>
#include <map>

using namespace seednorm;
using namespace seednorm::tuning;

namespace {

constexpr const char *source = R"(
func.func @f(%x: tensor<?x64xf32>, %g: tensor<64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %init = tensor.empty(%n) : tensor<?x64xf32>
  %y = seednorm.rms_norm ins(%x : tensor<?x64xf32>) gamma(%g : tensor<64xf32>)
      outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
})";

class TunerTest : public ::testing::Test {
protected:
  void SetUp() override {
    programs = llvm::cantFail(ProgramModule::extract(source, "model.mlir"));
    options.strategy = Strategy::Random;
    options.trials = 8;
    options.budget = 1e6;
    options.timeLimit = 5;
    options.run = "test";
    setRules("{}");
  }
  void setRules(const std::string &json) {
    std::ofstream(folder / "rules.json") << json;
    options.worker = {"/usr/bin/python3", SEEDNORM_FAKE_WORKER,
                      folder / "rules.json"};
  }

  Database openDatabase() {
    std::string warning;
    return llvm::cantFail(Database::open(folder / "tuning.db", warning));
  }

  TuningResult tune(Database *database) {
    reported.clear();
    return llvm::cantFail(tuning::tune(
        programs[0], programs[0].getShape(64), options, database,
        [&](const TuningProgress &state) {
          if (state.last)
            reported.push_back(*state.last);
        },
        [&] { return reported.size() >= interruptAfter; }));
  }

  seednorm::testing::TemporaryFolder folder;
  std::vector<ProgramModule> programs;
  TunerOptions options;
  size_t interruptAfter = SIZE_MAX;
  std::vector<Measurement> reported;
};

TEST_F(TunerTest, TheFastestIsFound) {
  setRules(R"({"3.o": 0.5, "5.o": 0.8, "6.o": 2})");
  Database database = openDatabase();
  TuningResult result = tune(&database);
  EXPECT_EQ(result.measured, 8u);
  EXPECT_EQ(result.failed, 0u);
  EXPECT_FALSE(result.interrupted);
  EXPECT_EQ(result.speedup.median, 2);
  EXPECT_EQ(result.speedup.low, 2);
  EXPECT_EQ(result.defaultSeconds, 1);
  EXPECT_EQ(result.seconds, 0.5);
  // A schedule after the best one is judged beside that, and comes out relative
  // to the default.
  ASSERT_EQ(reported.size(), 8u);
  EXPECT_EQ(reported[3].speedup, 2);
  EXPECT_EQ(reported[5].speedup, 1.25);
  EXPECT_EQ(reported[6].speedup, 0.5);
  auto best = llvm::cantFail(database.getBest(result.key));
  ASSERT_TRUE(best);
  EXPECT_EQ(best->schedule, reported[3].schedule);
  EXPECT_EQ(best->speedup, 2);
}

TEST_F(TunerTest, WhatFailsIsRecordedAndNeverChosen) {
  setRules(R"({"1.o": "crash", "2.o": "wrong", "4.o": "hang", "5.o": 0.9})");
  Database database = openDatabase();
  TuningResult result = tune(&database);
  EXPECT_EQ(result.measured, 5u);
  EXPECT_EQ(result.failed, 3u);
  ASSERT_EQ(reported.size(), 8u);
  EXPECT_EQ(reported[1].outcome, Outcome::Crashed);
  EXPECT_EQ(reported[1].message, "killed by signal 6 (Aborted)");
  EXPECT_EQ(reported[2].outcome, Outcome::Wrong);
  EXPECT_EQ(reported[2].message, "far off");
  EXPECT_EQ(reported[4].outcome, Outcome::TimedOut);
  EXPECT_NEAR(result.speedup.median, 1 / 0.9, 1e-12);
  for (const Measurement &failure : {reported[1], reported[2], reported[4]}) {
    Filter filter;
    filter.outcome = failure.outcome;
    auto found = llvm::cantFail(database.getMeasurements(filter));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].schedule, failure.schedule);
    EXPECT_EQ(found[0].message, failure.message);
  }
}

TEST_F(TunerTest, WhatWasKilledIsTriedOnceMore) {
  setRules(R"({"1.o": "kill-once", "2.o": "kill"})");
  tune(nullptr);
  ASSERT_EQ(reported.size(), 8u);
  EXPECT_EQ(reported[1].outcome, Outcome::Measured);
  EXPECT_EQ(reported[2].outcome, Outcome::Crashed);
  EXPECT_EQ(reported[2].message, "killed by signal 9 (Killed)");
}

TEST_F(TunerTest, TheDefaultStaysWhereNothingIsBetter) {
  setRules(R"({"0.o": 1.1, "1.o": 1.001})");
  Database database = openDatabase();
  TuningResult result = tune(&database);
  EXPECT_EQ(result.best, result.defaultSchedule);
  EXPECT_EQ(result.speedup.median, 1);
  // It is in the database as the measure of the others.
  auto all = llvm::cantFail(database.getMeasurements());
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0].origin, "default");
  EXPECT_EQ(all[0].speedup, 1);
}

TEST_F(TunerTest, TrialsAreSavedBeforeTheyAreReported) {
  Database database = openDatabase();
  bool wasThere = true;
  llvm::cantFail(tuning::tune(
      programs[0], programs[0].getShape(64), options, &database,
      [&](const TuningProgress &state) {
        if (!state.last)
          return;
        wasThere &=
            llvm::any_of(llvm::cantFail(database.getMeasurements()),
                         [&](const Measurement &other) {
                           return other.schedule == state.last->schedule;
                         });
      },
      [] { return false; }));
  EXPECT_TRUE(wasThere);
}

TEST_F(TunerTest, AnInterruptedRunKeepsWhatIsDoneAndIsResumed) {
  setRules(R"({"1.o": 0.5})");
  interruptAfter = 3;
  Database database = openDatabase();
  TuningResult first = tune(&database);
  EXPECT_TRUE(first.interrupted);
  EXPECT_EQ(first.getNumTrials(), 3u);
  EXPECT_EQ(first.speedup.median, 2);

  // The same search knows these three, and begins with their best.
  interruptAfter = SIZE_MAX;
  options.run = "second";
  options.seed = 7;
  options.trials = 2;
  setRules(R"({"resumed.o": 0.5})");
  TuningResult second = tune(&database);
  // All that is known, the default too, whatever the search would ask for.
  EXPECT_EQ(first.known, 0u);
  EXPECT_EQ(second.known, 4u);
  EXPECT_EQ(second.getNumTrials(), 2u);
  EXPECT_EQ(second.best, first.best);
  EXPECT_EQ(second.speedup.median, 2);

  // Without a trial nothing is measured, and what is known is said.
  options.trials = 0;
  TuningResult third = tune(&database);
  EXPECT_EQ(third.getNumTrials(), 0u);
  EXPECT_EQ(third.best, first.best);
  EXPECT_EQ(third.speedup.median, 2);
  EXPECT_EQ(third.defaultSeconds, 1);
  EXPECT_EQ(third.seconds, 0.5);
}

TEST_F(TunerTest, TheBudgetIsKept) {
  options.trials = ~0u;
  // Of which the final comparison takes 41 pairs of two seconds.
  options.budget = 85;
  TuningResult result = tune(nullptr);
  EXPECT_GT(result.getNumTrials(), 0u);
  EXPECT_FALSE(result.interrupted);
}

TEST_F(TunerTest, AWorkerThatCannotStartIsAnError) {
  options.worker = {"/nonexistent"};
  auto result = tuning::tune(
      programs[0], programs[0].getShape(64), options, nullptr,
      [](const TuningProgress &) {}, [] { return false; });
  ASSERT_FALSE(bool(result));
  EXPECT_EQ(llvm::toString(result.takeError()),
            "cannot start '/nonexistent': No such file or directory");
}

} // namespace
