//===- WorkerTest.cpp - Children of all kinds ----------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scripts that misbehave in the worker's place, and the worker with objects
// that do.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Worker.h"
#include "../Runtime/Testing.h"
#include "seednorm/Runtime/Compile.h"
#include "seednorm/Runtime/Files.h"
#include "seednorm/Runtime/Npy.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <fstream>
#include <gtest/gtest.h>

using namespace seednorm;
using namespace seednorm::tuning;
using seednorm::testing::TemporaryFolder;

namespace {

/// The outcome and the message of a TrialError.
std::pair<Outcome, std::string> take(llvm::Error error) {
  std::pair<Outcome, std::string> result{Outcome::Measured, "no error"};
  llvm::handleAllErrors(
      std::move(error),
      [&](const TrialError &failure) {
        result = {failure.getOutcome(), failure.getMessage()};
      },
      [&](const llvm::ErrorInfoBase &other) {
        result.second = other.message();
      });
  return result;
}

//===----------------------------------------------------------------------===//
// Scripts
//===----------------------------------------------------------------------===//

class ScriptTest : public ::testing::Test {
protected:
  /// Answers the request to open, then does as the script says.
  Worker makeWorker(const std::string &script, double timeLimit = 60) {
    WorkerOptions options;
    options.command = {"/bin/sh", "-c",
                       "read line; echo '{\"ok\":true}'; read line; " + script};
    options.timeLimit = timeLimit;
    options.log = folder / "log";
    return Worker(std::move(options), TrialSetup());
  }

  std::pair<Outcome, std::string> load(const std::string &script,
                                       double timeLimit = 60) {
    Worker worker = makeWorker(script, timeLimit);
    auto result = take(worker.load("a.o", false));
    EXPECT_EQ(worker.getNumStarts(), 1u);
    // It goes on with another child.
    auto again = take(worker.load("a.o", false));
    EXPECT_EQ(again, result);
    EXPECT_EQ(worker.getNumStarts(), 2u);
    return result;
  }

  using Result = std::pair<Outcome, std::string>;
  TemporaryFolder folder;
};

TEST_F(ScriptTest, CrashesAreNamed) {
  EXPECT_EQ(
      load("kill -SEGV $$"),
      Result(Outcome::Crashed, "killed by signal 11 (Segmentation fault)"));
  EXPECT_EQ(load("kill -KILL $$"),
            Result(Outcome::Crashed, "killed by signal 9 (Killed)"));
  EXPECT_EQ(
      load("echo one >&2; echo 'no memory' >&2; exit 3"),
      Result(Outcome::Crashed, "ended with exit code 3; it said 'no memory'"));
}

TEST_F(ScriptTest, HangsEnd) {
  Result expected(Outcome::TimedOut,
                  "no answer within 0.5 s (see --time-limit)");
  EXPECT_EQ(load("while :; do :; done", 0.5), expected);
  EXPECT_EQ(load("trap '' TERM INT HUP; sleep 1000 & wait", 0.5), expected);
  EXPECT_EQ(load("printf '{\"ok\":'; sleep 1000", 0.5), expected);
}

TEST_F(ScriptTest, TheLimitOfAnAnswerFitsTheWork) {
  // Loading takes a second, so two pairs may take longer than the limit.
  Worker worker =
      makeWorker("sleep 1; echo '{\"ok\":true}'; read line; sleep 4; "
                 "echo '{\"seconds\":[1,1,1,1]}'; read line; sleep 1000",
                 2.5);
  ASSERT_EQ(take(worker.load("a.o", false)).second, "no error");
  auto pairs = worker.measure(2);
  ASSERT_TRUE(bool(pairs)) << llvm::toString(pairs.takeError());
  EXPECT_EQ(pairs->size(), 2u);
}

TEST_F(ScriptTest, GarbageIsNoAnswer) {
  EXPECT_EQ(load("echo garbage"),
            Result(Outcome::Crashed, "answered 'garbage'"));
  EXPECT_EQ(load("echo '[1, 2]'"),
            Result(Outcome::Crashed, "answered '[1, 2]'"));
  EXPECT_EQ(load("printf '\\377\\000\\n'"),
            Result(Outcome::Crashed, "answered '\\xff\\x00'"));
  EXPECT_EQ(load("yes | tr -d '\\n'"),
            Result(Outcome::Crashed, "its answer has no end"));
}

TEST_F(ScriptTest, AClosedPipeIsSeen) {
  EXPECT_EQ(load("exec <&- >&-; sleep 1000"),
            Result(Outcome::Crashed, "closed its output"));
  EXPECT_EQ(load("exit 0"), Result(Outcome::Crashed, "ended with exit code 0"));
}

TEST_F(ScriptTest, WrongResultsAreSaidBeforeTheChildGoes) {
  EXPECT_EQ(load("echo '{\"wrong\":\"far off\"}'"),
            Result(Outcome::Wrong, "far off"));
  EXPECT_EQ(load("echo '{\"error\":\"cannot\"}'"),
            Result(Outcome::Crashed, "cannot"));
}

TEST_F(ScriptTest, TimesAreLookedAt) {
  for (const char *times : {"[]", "[1]", "[1, 2, 3]", "[1, 0]", "[1, -1]",
                            "[1, \"a\"]", "1", "[1, 1e999]"}) {
    Worker worker = makeWorker(std::string("echo '{\"ok\":true}'; read line; "
                                           "echo '{\"seconds\":") +
                               times + "}'");
    ASSERT_EQ(take(worker.load("a.o", false)).second, "no error");
    auto pairs = worker.measure(1);
    ASSERT_FALSE(bool(pairs)) << times;
    EXPECT_EQ(take(pairs.takeError()).first, Outcome::Crashed) << times;
  }
}

TEST_F(ScriptTest, WithoutAChildNothingCanBeMeasured) {
  WorkerOptions options;
  options.command = {folder / "nothing"};
  Worker worker(options, TrialSetup());
  auto [outcome, message] = take(worker.load("a.o", false));
  EXPECT_EQ(outcome, Outcome::Measured); // not the candidate's fault
  EXPECT_EQ(message, "cannot start '" + (folder / "nothing") +
                         "': No such file or directory");
  options.command = {"/bin/sh", "-c", "exit 1"};
  Worker ends(options, TrialSetup());
  EXPECT_EQ(take(ends.load("a.o", false)).second,
            "the default schedule cannot be measured: ended with exit code 1");
  EXPECT_EQ(ends.getNumStarts(), 2u);
}

TEST_F(ScriptTest, TheChildDoesNotOutliveTheWorker) {
  std::string file = folder / "pid";
  {
    Worker worker =
        makeWorker("echo $$ > " + file + "; echo '{\"ok\":true}'; sleep 1000");
    ASSERT_EQ(take(worker.load("a.o", false)).second, "no error");
  }
  int pid = 0;
  std::ifstream(file) >> pid;
  ASSERT_GT(pid, 0);
  EXPECT_EQ(kill(pid, 0), -1);
}

//===----------------------------------------------------------------------===//
// Objects
//===----------------------------------------------------------------------===//

class ObjectTest : public ::testing::Test {
protected:
  void SetUp() override {
    setup.inputs = {{DType::F32, {200, 8}, InputKind::Row}};
    TrialCheck check;
    check.inputs = {{DType::F32, {5, 8}, InputKind::Row}};
    check.expected = {folder / "expected.npy"};
    auto inputs = llvm::cantFail(makeInputs(check.inputs));
    std::vector<double> twice = inputs[0].toDoubles();
    for (double &x : twice)
      x *= 2;
    llvm::cantFail(writeNpy(
        check.expected[0],
        llvm::cantFail(Tensor::fromDoubles(DType::F32, {5, 8}, twice))));
    setup.checks = {check};
    setup.reference = compile("reference", twiceBody);
    setup.memoryBytes = uint64_t(16) << 30;
  }

  static constexpr const char *twiceBody = R"(
    %y = linalg.add ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
        outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
    return %y : tensor<?x8xf32>)";

  /// Of %x, of %n rows, and %o, an array for the result.
  std::string compile(llvm::StringRef name, llvm::StringRef body) {
    std::string source = (R"(
  func.func @f(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
    %c0 = arith.constant 0 : index
    %n = tensor.dim %x, %c0 : tensor<?x8xf32>
    %o = tensor.empty(%n) : tensor<?x8xf32>)" +
                          body + "\n}")
                             .str();
    CompileReport report;
    auto object = compileModel(source, name, OutputKind::Object,
                               CompileOptions(), report);
    EXPECT_TRUE(bool(object)) << llvm::toString(object.takeError());
    std::string path = folder / (name + ".o").str();
    llvm::cantFail(writeFile(path, [&](llvm::raw_ostream &stream) {
      stream << (*object)->getBuffer();
      return llvm::Error::success();
    }));
    return path;
  }

  Worker makeWorker(double timeLimit = 120) {
    WorkerOptions options;
    options.command = {SEEDNORM_TUNE, "worker"};
    options.timeLimit = timeLimit;
    options.log = folder / "log";
    return Worker(std::move(options), setup);
  }

  TemporaryFolder folder;
  TrialSetup setup;
};

TEST_F(ObjectTest, RightOnesAreMeasured) {
  Worker worker = makeWorker();
  std::string same = compile("same", twiceBody);
  ASSERT_EQ(take(worker.load(same, false)).second, "no error");
  auto pairs = llvm::cantFail(worker.measure(7));
  EXPECT_EQ(pairs.size(), 7u);
  EXPECT_EQ(take(worker.setIncumbent(same)).second, "no error");
  ASSERT_EQ(take(worker.load(same, false)).second, "no error");
  EXPECT_EQ(llvm::cantFail(worker.measure(2)).size(), 2u);
  EXPECT_EQ(worker.getNumStarts(), 1u);
}

TEST_F(ObjectTest, WrongResultsAreFound) {
  Worker worker = makeWorker();
  auto [outcome, message] = take(worker.load(compile("wrong", R"(
    %t = linalg.add ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
        outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = linalg.add ins(%t, %x : tensor<?x8xf32>, tensor<?x8xf32>)
        outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
    return %y : tensor<?x8xf32>)"),
                                             false));
  EXPECT_EQ(outcome, Outcome::Wrong);
  EXPECT_EQ(message,
            "result 0 for 5x8xf32 is off by 5.00e-01 where 3.81e-06 is "
            "allowed");
  // The next one is judged by a child that the wrong one has not touched.
  EXPECT_EQ(take(worker.load(setup.reference, false)).second, "no error");
  EXPECT_EQ(worker.getNumStarts(), 2u);
}

TEST_F(ObjectTest, WrongResultsOfManyRowsAreFound) {
  Worker worker = makeWorker();
  // Right up to 100 rows.
  auto [outcome, message] = take(worker.load(compile("large", R"(
    %c100 = arith.constant 100 : index
    %few = arith.cmpi ult, %n, %c100 : index
    %t = linalg.add ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
        outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = scf.if %few -> tensor<?x8xf32> {
      scf.yield %t : tensor<?x8xf32>
    } else {
      %u = linalg.add ins(%t, %x : tensor<?x8xf32>, tensor<?x8xf32>)
          outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
      scf.yield %u : tensor<?x8xf32>
    }
    return %y : tensor<?x8xf32>)"),
                                             false));
  EXPECT_EQ(outcome, Outcome::Wrong);
  EXPECT_NE(message.find("in the measured shape"), std::string::npos)
      << message;
}

TEST_F(ObjectTest, UnwrittenRowsAreFound) {
  Worker worker = makeWorker();
  ASSERT_EQ(take(worker.load(setup.reference, false)).second, "no error");
  // Gives whatever lay in the memory of its result, which are right results.
  EXPECT_EQ(take(worker.load(compile("empty", R"(
    %c100 = arith.constant 100 : index
    %few = arith.cmpi ult, %n, %c100 : index
    %y = scf.if %few -> tensor<?x8xf32> {
      %t = linalg.add ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
          outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
      scf.yield %t : tensor<?x8xf32>
    } else {
      scf.yield %o : tensor<?x8xf32>
    }
    return %y : tensor<?x8xf32>)"),
                             false))
                .first,
            Outcome::Wrong);
}

TEST_F(ObjectTest, EndlessLoopsEnd) {
  std::string endless = compile("endless", R"(
    %c1 = arith.constant 1 : index
    %many = arith.constant 4000000000000000000 : index
    %zero = arith.constant 0.0 : f32
    %e = tensor.extract %x[%c0, %c0] : tensor<?x8xf32>
    %s = scf.for %i = %c0 to %many step %c1 iter_args(%a = %zero) -> f32 {
      %p = arith.mulf %a, %e : f32
      %b = arith.addf %p, %e : f32
      scf.yield %b : f32
    }
    %y = linalg.fill ins(%s : f32) outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
    return %y : tensor<?x8xf32>)");
  Worker worker = makeWorker(3);
  EXPECT_EQ(take(worker.load(endless, false)).first, Outcome::TimedOut);
}

TEST_F(ObjectTest, TrapsAreCrashes) {
  Worker worker = makeWorker();
  auto [outcome, message] = take(worker.load(compile("trap", R"(
    %many = arith.constant 1000 : index
    %none = arith.divui %n, %many : index
    %q = arith.divui %n, %none : index
    %i = arith.index_cast %q : index to i64
    %s = arith.uitofp %i : i64 to f32
    %y = linalg.fill ins(%s : f32) outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
    return %y : tensor<?x8xf32>)"),
                                             false));
  EXPECT_EQ(outcome, Outcome::Crashed);
  EXPECT_NE(message.find("killed by signal"), std::string::npos) << message;
}

TEST_F(ObjectTest, TooMuchMemoryIsAFailure) {
  Worker worker = makeWorker();
  auto [outcome, message] = take(worker.load(compile("memory", R"(
    %huge = arith.constant 1000000000000 : index
    %m = arith.muli %n, %huge : index
    %e = tensor.empty(%m) : tensor<?x8xf32>
    %one = arith.constant 1.0 : f32
    %z = linalg.fill ins(%one : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = tensor.extract_slice %z[0, 0] [%n, 8] [1, 1]
        : tensor<?x8xf32> to tensor<?x8xf32>
    return %y : tensor<?x8xf32>)"),
                                             false));
  EXPECT_EQ(outcome, Outcome::Crashed) << message;
}

TEST_F(ObjectTest, FilesThatAreNoObjectsAreRefused) {
  Worker worker = makeWorker();
  std::string path = folder / "text.o";
  std::ofstream(path) << "no object";
  EXPECT_EQ(take(worker.load(path, false)).first, Outcome::Crashed);
  EXPECT_EQ(take(worker.load(folder / "nothing.o", false)).first,
            Outcome::Crashed);
}

TEST_F(ObjectTest, AWrongReferenceEndsItAll) {
  setup.reference = compile("zero", R"(
    %zero = arith.constant 0.0 : f32
    %y = linalg.fill ins(%zero : f32) outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
    return %y : tensor<?x8xf32>)");
  Worker worker = makeWorker();
  auto [outcome, message] = take(worker.load(setup.reference, false));
  EXPECT_EQ(outcome, Outcome::Measured);
  EXPECT_NE(message.find("the default schedule cannot be measured: result 0"),
            std::string::npos)
      << message;
}

} // namespace
