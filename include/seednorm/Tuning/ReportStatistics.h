//===- ReportStatistics.h - What measurements say ---------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measurements gathered by kernel: the best schedule, how the search got there
// and which fields of schedules decided. It must not know how this is shown.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_REPORTSTATISTICS_H
#define SEEDNORM_TUNING_REPORTSTATISTICS_H

#include "seednorm/Tuning/Database.h"
#include "llvm/ADT/ArrayRef.h"
#include <array>
#include <map>

namespace seednorm::tuning::report {

struct ScheduleEntry {
  llvm::StringRef name;
  int64_t value = 0;
};

/// The `name = number` pairs of a schedule's text in their order; whatever else
/// is there is passed over.
std::vector<ScheduleEntry> parseSchedule(llvm::StringRef text);

/// An operand as the canonical text of a program has it: `f32xD[*]`.
struct SignatureOperand {
  std::string type;
  /// Elements; none: as many as the row is wide.
  std::optional<int64_t> size;
  /// The same row for all, or a sum over all.
  bool isShared = false;
};

struct Signature {
  std::vector<SignatureOperand> rows, columns, outs;
};

/// From the lines of a canonical text that begin with "rows", "columns" and
/// "outs"; none where they cannot be read.
std::optional<Signature> parseSignature(llvm::StringRef programText);

/// Bytes that an execution must move: every operand read once and every result
/// written once, those of a row for each of `key.rows`. None where rows, width
/// or a type is not known.
std::optional<double> getBytes(const Key &key, const Signature &signature);

/// Whether the measurement has a time and a speedup that can be.
bool hasTimes(const Measurement &measurement);
/// Whether it has an interval around its speedup, however wide.
bool hasInterval(const Measurement &measurement);
/// Of two usable ones: by the lower end of the interval, so that a lucky run
/// with a wide one does not win; by the speedup where ends are equal.
bool isBetter(const Measurement &left, const Measurement &right);

/// A value of a field, or neighbouring ones together.
struct KnobValue {
  int64_t low = 0, high = 0;
  /// Speedup of the best trial that had it.
  double best = 0;
  unsigned trials = 0;
};

/// A field that took more than one value in the trials of a kernel.
struct Knob {
  std::string name;
  /// In increasing order, at most `mostKnobValues`.
  std::vector<KnobValue> values;
  /// Best speedup with the best value over best speedup with the worst.
  double spread = 1;
};
constexpr size_t mostKnobValues = 6;

/// A field over all kernels that varied it.
struct KnobSummary {
  std::string name;
  /// Geometric mean of `spreads`, which is in the order of the kernels.
  double spread = 1;
  std::vector<double> spreads;
};

constexpr unsigned outcomeCount = unsigned(Outcome::Rejected) + 1;

/// All trials with the same key.
struct KernelSummary {
  const Key *key = nullptr;
  /// Null where the program's text is not known; then there are no bytes.
  const Signature *signature = nullptr;
  std::optional<double> bytes;
  /// In the order in which they were made.
  std::vector<const Measurement *> trials;
  /// For each trial the speedup of the best one so far; 0 while there is none.
  std::vector<double> bestSoFar;
  /// Of trials with times, the best one's schedule where it was measured most
  /// exactly; null where there is none.
  const Measurement *best = nullptr;
  /// The trial of the default schedule, if it was one.
  const Measurement *fallback = nullptr;
  /// Largest spread first.
  std::vector<Knob> knobs;
  /// Median of half the intervals' widths over their speedups; 0: none known.
  double noise = 0;
  std::array<unsigned, outcomeCount> outcomes = {};
  /// Trials that say they were measured but are not usable.
  unsigned unusable = 0;

  /// At least 1: where nothing beat the default schedule, that is the best.
  double getGain() const { return best ? std::max(best->speedup, 1.0) : 1; }
  /// Bytes per second at this many seconds.
  std::optional<double> getBandwidth(double seconds) const;
};

/// Failures with the same message.
struct FailureGroup {
  const Measurement *first = nullptr;
  unsigned count = 0, kernels = 0;
  const KernelSummary *last = nullptr;
};

struct Summary {
  /// By the programs' hashes.
  std::map<std::string, Signature> signatures;
  /// By target, program, types, width, rows, threads and the rest of the key.
  std::vector<KernelSummary> kernels;
  std::vector<KnobSummary> knobs;
  /// Most frequent first; without what was rejected before it ran.
  std::vector<FailureGroup> failures;
  std::array<unsigned, outcomeCount> outcomes = {};
  unsigned unusable = 0;
  /// Kernels with a usable trial, and the geometric mean of their gains.
  unsigned tuned = 0;
  double gain = 1;
  unsigned runs = 0;
  /// Median of the kernels' noises.
  double noise = 0;
  /// Of the measurements that have one; 0 where none has.
  int64_t firstTime = 0, lastTime = 0;
};

/// Hash and canonical text.
using ProgramText = std::pair<std::string, std::string>;

/// Refers to the measurements.
Summary summarize(llvm::ArrayRef<Measurement> measurements,
                  llvm::ArrayRef<ProgramText> programs = {});

} // namespace seednorm::tuning::report

#endif // SEEDNORM_TUNING_REPORTSTATISTICS_H
