//===- Policy.h - Which tuned schedule is used when -------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a key to the schedules to try, by the mode that the user asked for.
// Knows nothing of MLIR, nor whether a schedule fits.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_POLICY_H
#define SEEDNORM_TUNING_POLICY_H

#include "seednorm/Tuning/Database.h"

namespace seednorm::tuning {

/// use: what was measured best, else the cost model. record: the same, and
/// writes down what was chosen. pinned: what was written down, or an error.
/// off: the cost model alone.
enum class Mode { Use, Record, Pinned, Off };

llvm::StringRef stringifyMode(Mode mode);
/// An error names `what` was given the text.
llvm::Expected<Mode> parseMode(llvm::StringRef text, const llvm::Twine &what);

/// As options say it.
struct PolicyOptions {
  Mode mode = Mode::Off;
  /// Path; empty: only the schedules that come with the compiler.
  std::string database;
  /// That code will run with; 0: as OMP_NUM_THREADS says, or all cores.
  int64_t threads = 0;
  /// A line on stderr for every program.
  bool print = false;
};

/// What SEEDNORM_TUNING_DB, SEEDNORM_TUNING_MODE and SEEDNORM_PRINT_TUNING ask
/// for; a `database` or `mode` that is not empty stands in place of its
/// variable. Without either, the database is tuning.db in XDG_CACHE_HOME or
/// ~/.cache, in `seednorm` there: if that cannot be used, `warning` says why.
llvm::Expected<PolicyOptions> getPolicyFromEnvironment(llvm::StringRef database,
                                                       llvm::StringRef mode,
                                                       std::string &warning);

/// The file that is named by `given`, SEEDNORM_TUNING_DB or nobody; none: there
/// is no place for it.
std::optional<std::string> getDatabasePath(llvm::StringRef given);

int64_t getDefaultThreads();

/// Where a schedule came from, and the key that it was measured under.
struct Suggestion {
  enum class Origin { Recorded, Exact, Nearest, ShippedExact, ShippedNearest };
  Origin origin;
  Key key;
  std::string schedule;
};

llvm::StringRef stringifyOrigin(Suggestion::Origin origin);

class Policy {
public:
  static llvm::Expected<Policy> create(const PolicyOptions &options,
                                       std::string &warning);

  const PolicyOptions &getOptions() const { return options; }

  /// Of everything here that changes schedules; empty in mode `off`.
  llvm::Expected<std::string> getCacheKey() const;

  /// In the order to try them in; where none fits, it is for the cost model. An
  /// error in mode `pinned` if nothing was recorded.
  llvm::Expected<std::vector<Suggestion>> suggest(const Key &key) const;

  /// Says what was chosen; writes only in mode `record`.
  llvm::Error record(const Key &key, llvm::StringRef programText,
                     llvm::StringRef schedule);

private:
  llvm::Expected<std::vector<Suggestion>> suggestRecorded(const Key &key) const;
  Policy(PolicyOptions options, std::optional<Database> database)
      : options(std::move(options)), database(std::move(database)) {}

  PolicyOptions options;
  std::optional<Database> database;
};

/// The measurements that come with the compiler.
llvm::ArrayRef<Measurement> getShippedMeasurements();

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_POLICY_H
