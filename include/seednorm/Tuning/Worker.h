//===- Worker.h - A child process that runs candidates ----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled candidates run in a process that may crash, hang or write anywhere:
// this one only talks to it, and begins a new one where that is needed. It must
// not know searching, schedules or the database.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_WORKER_H
#define SEEDNORM_TUNING_WORKER_H

#include "seednorm/Tuning/Database.h"
#include "seednorm/Tuning/TrialData.h"
#include "llvm/Support/JSON.h"

namespace seednorm::tuning {

/// A small problem whose results are known.
struct TrialCheck {
  std::vector<InputSpec> inputs;
  /// Files (.npy) of the right results.
  std::vector<std::string> expected;
};

/// What a child has to know to judge candidates.
struct TrialSetup {
  /// Of the entry `f` in the shape that is measured.
  std::vector<InputSpec> inputs;
  std::vector<TrialCheck> checks;
  /// The object (.o) of the default schedule, which must be right.
  std::string reference;
  /// The results that are sums over rows; the others have a row for each of the
  /// program's.
  std::vector<int64_t> sums;
  int64_t threads = 1;
  /// Of address space; 0: as it is.
  uint64_t memoryBytes = 0;
};

llvm::json::Object toJSON(const TrialSetup &setup);
llvm::Expected<TrialSetup> parseTrialSetup(const llvm::json::Object &object);

/// What became of a candidate that cannot be used.
class TrialError : public llvm::ErrorInfo<TrialError> {
public:
  static char ID;

  TrialError(Outcome outcome, std::string message, bool isKilled = false)
      : outcome(outcome), message(std::move(message)), isKilled(isKilled) {}

  /// Whether the machine may be to blame, which was out of memory or busy.
  bool mayPass() const { return isKilled || outcome == Outcome::TimedOut; }

  Outcome getOutcome() const { return outcome; }
  const std::string &getMessage() const { return message; }
  void log(llvm::raw_ostream &stream) const override;
  std::error_code convertToErrorCode() const override;

private:
  Outcome outcome;
  std::string message;
  bool isKilled;
};

struct WorkerOptions {
  /// The program and its arguments: it answers as runWorkerProcess does.
  std::vector<std::string> command;
  /// Seconds for one answer, or four times as much as such an answer took
  /// before where that is more.
  double timeLimit = 10;
  /// A file for what it writes to stderr, of which messages quote the end.
  std::string log;
};

/// Seconds of the incumbent and of the candidate.
struct TimePair {
  double incumbent = 0, candidate = 0;
};

class Worker {
public:
  Worker(WorkerOptions options, TrialSetup setup)
      : options(std::move(options)), setup(std::move(setup)) {}
  Worker(const Worker &) = delete;
  /// The child does not outlive it.
  ~Worker();

  /// Loads the candidate and checks its results. Errors are TrialErrors where
  /// the candidate is to blame; all others mean that nothing can be measured.
  llvm::Error load(llvm::StringRef object, bool approximate);
  /// Of the candidate that was loaded, each pair in an order drawn at random.
  llvm::Expected<std::vector<TimePair>> measure(unsigned pairs);
  /// What the next candidates are measured beside: an object that was loaded
  /// before. The reference, at first.
  llvm::Error setIncumbent(llvm::StringRef object);

  /// How many children have been started.
  unsigned getNumStarts() const { return numStarts; }

private:
  llvm::Error start();
  llvm::Error spawn();
  void stop();
  llvm::Expected<llvm::json::Object> request(llvm::json::Object object,
                                             double usualSeconds = 0);
  llvm::Error send(llvm::StringRef line, double &patience);
  llvm::Expected<std::string> receive(double &patience);
  llvm::Error describeEnd();
  llvm::Error fail(Outcome outcome, const llvm::Twine &message);

  WorkerOptions options;
  TrialSetup setup;
  std::string incumbent;
  int pid = -1, socket = -1;
  unsigned numStarts = 0;
  /// What the first candidate took to load, and each pair of the last one that
  /// was measured; 0: not known.
  double loadSeconds = 0, pairSeconds = 0;
  /// Of the request in flight.
  double limit = 0;
};

/// The child's side: reads requests from `input`, one JSON object a line, and
/// writes as many answers to `output` until `input` ends. Gives the exit code.
int runWorkerProcess(int input, int output);

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_WORKER_H
