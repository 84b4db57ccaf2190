//===- Tuner.h - Finds the best schedule of a program -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strings searcher, compiler, worker and database together for one program in
// one shape. How candidates are found is the searcher's, and how they are
// judged the worker's and Comparison's.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_TUNER_H
#define SEEDNORM_TUNING_TUNER_H

#include "seednorm/Tuning/Comparison.h"
#include "seednorm/Tuning/ProgramModule.h"
#include "seednorm/Tuning/Searcher.h"

namespace seednorm::tuning {

struct TunerOptions {
  Target target;
  int64_t threads = 1;
  Strategy strategy = Strategy::Evolution;
  /// Seconds for the whole, the final comparison included.
  double budget = 60;
  /// Schedules to try at most.
  unsigned trials = ~0u;
  double confidence = 0.95;
  uint64_t seed = 0;
  bool approximate = false;
  /// How the worker is started; see WorkerOptions.
  std::vector<std::string> worker;
  /// Seconds for one answer of the worker.
  double timeLimit = 10;
  /// Names this run in the database.
  std::string run;
};

/// While it runs.
struct TuningProgress {
  unsigned trials = 0;
  /// Of budget or trials, whichever is nearer to its end; from 0 to 1.
  double done = 0;
  double secondsLeft = 0;
  /// The best so far, and the trial that has just ended; null at the beginning.
  double speedup = 1;
  const Measurement *last = nullptr;
};

struct TuningResult {
  Key key;
  mlir::rowwise::ScheduleAttr defaultSchedule, best;
  /// Of the best over the default, from the final comparison.
  Speedup speedup;
  /// Seconds of one execution.
  double defaultSeconds = 0, seconds = 0;
  /// Tried in this run by what became of them, and taken from the database.
  unsigned measured = 0, failed = 0, known = 0;
  double elapsed = 0;
  bool interrupted = false;

  unsigned getNumTrials() const { return measured + failed; }
};

/// Tunes the program for one shape. Every trial is in the database, which may
/// be null, before `progress` hears of it. When `isInterrupted`, the trial in
/// flight is the last.
llvm::Expected<TuningResult>
tune(const ProgramModule &program, const RowShape &shape,
     const TunerOptions &options, Database *database,
     llvm::function_ref<void(const TuningProgress &)> progress,
     llvm::function_ref<bool()> isInterrupted);

/// What the model that learns from the database expects to be fastest, without
/// running anything.
llvm::Expected<TuningResult> predict(const ProgramModule &program,
                                     const RowShape &shape,
                                     const TunerOptions &options,
                                     const Database &database);

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_TUNER_H
