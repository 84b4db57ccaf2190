//===- Database.h - Measured schedules kept in a file -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One SQLite file that many processes share: every measurement, and the
// schedules that recorded runs chose. Schedules and programs are texts here; it
// must not know MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_DATABASE_H
#define SEEDNORM_TUNING_DATABASE_H

#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace seednorm::tuning {

/// What code is generated for; a GPU's `cpu` is its chip.
struct Target {
  std::string triple, cpu, features;
};

/// What a measurement is valid for.
struct Key {
  /// Hash of the row program's canonical form, in which the width of a row is
  /// a symbol and there is no schedule: the same at every width.
  std::string program;
  /// Of the element types of its operands, as "f32,f32->f32"; for people and
  /// exports, as the hash has them too.
  std::string types;
  /// Elements of a row; 0: dynamic.
  int64_t width = 0;
  /// The power of two that the number of rows rounds up to; 0: not known.
  int64_t rows = 0;
  /// Bytes that every row is aligned to, at most 64.
  int64_t alignment = 0;
  /// The CPU and its features, or the GPU's triple and chip.
  std::string target;
  int64_t threads = 1;
  /// Of the compiler: a measurement says nothing of other code.
  std::string compiler;

  bool operator==(const Key &other) const;
  bool operator!=(const Key &other) const { return !(*this == other); }
  bool operator<(const Key &other) const;
};

enum class Outcome { Measured, Wrong, Crashed, TimedOut, Rejected };

/// "measured", "wrong", "crashed", "timed-out", "rejected".
llvm::StringRef stringifyOutcome(Outcome outcome);

/// One schedule that was tried.
struct Measurement {
  Key key;
  /// The attribute's text, with every field.
  std::string schedule;
  Outcome outcome = Outcome::Measured;
  /// Median of one execution; only of what was measured.
  double seconds = 0;
  /// Time of the default schedule over time of this one, measured beside each
  /// other, and the interval that holds it with `confidence`.
  double speedup = 0, low = 0, high = 0, confidence = 0;
  /// Seconds since 1970; which run of the tuner, and its how manieth trial.
  int64_t time = 0;
  std::string run;
  int64_t trial = 0;
  /// What found it: "default", "random", "evolution", …
  std::string origin;
  /// What went wrong.
  std::string message;
};

/// What a run in mode `record` used, and one in mode `pinned` has to use.
struct Choice {
  Key key;
  std::string schedule;
  /// Seconds since 1970.
  int64_t time = 0;
};

/// All that a database holds, in an order of its own: equal contents are equal.
struct Contents {
  /// Hash and canonical text.
  std::vector<std::pair<std::string, std::string>> programs;
  std::vector<Measurement> measurements;
  std::vector<Choice> choices;
};

/// Measurements that have all of what is given.
struct Filter {
  /// The hash, or what it begins with.
  std::string program;
  std::optional<int64_t> width;
  std::string target, compiler, run;
  std::optional<Outcome> outcome;
};

/// The hash of a canonical text, in hex.
std::string hashProgram(llvm::StringRef text);

/// Whether it looks like `#rowwise.schedule<…>`; what its fields may be is not
/// looked at.
bool isScheduleText(llvm::StringRef text);

/// Origins of a search's first and last measurement.
constexpr llvm::StringLiteral defaultOrigin = "default", finalOrigin = "final";

/// Whether a measured schedule is one to use: as fast as the default at least.
bool isUsable(const Measurement &measurement);

/// Of these the one to use under each of their keys; null: none.
std::map<Key, const Measurement *>
findBests(llvm::ArrayRef<Measurement> measurements);
/// The same under exactly this key.
const Measurement *findBest(llvm::ArrayRef<Measurement> measurements,
                            const Key &key);
/// The best of the other key that is nearest: the same program, types and
/// target, a width within a factor of four, rows within a factor of 16 that are
/// no less aligned than the key's. The width counts most, then the rows, then
/// the threads; where rows are not known, many count as near.
const Measurement *findNearest(llvm::ArrayRef<Measurement> measurements,
                               const Key &key);

class SQLite;

/// One connection; used by one thread at a time, and not across fork().
class Database {
public:
  /// Read: nothing is created or renamed, and a file that is not there is
  /// empty.
  enum class Access { Read, Write };

  /// A file that cannot be used is an error: it is damaged, never was a tuning
  /// database, is locked for long, cannot be read, or is of a newer version.
  /// Where it is to be written to, one that is damaged but bears the mark of a
  /// tuning database, or lies where one does by default, is renamed to
  /// PATH.damaged-N, which `warning` says, and a new one begun.
  static llvm::Expected<Database> open(llvm::StringRef path,
                                       std::string &warning,
                                       Access access = Access::Write);
  Database(Database &&);
  Database &operator=(Database &&);
  ~Database();

  /// Absolute.
  llvm::StringRef getPath() const { return path; }
  /// Changes with every measurement that is added, and with nothing else; no
  /// two files share one unless they are copies. Empty: there is no file.
  llvm::Expected<std::string> getGeneration() const;
  /// The same for choices.
  llvm::Expected<std::string> getChoiceGeneration() const;

  /// On the disk when it returns. What is there already (the same trial of the
  /// same run, of the same schedule under the same key) is not added again.
  llvm::Error add(const Measurement &measurement);
  /// For people; `text` is the canonical text that was hashed.
  llvm::Error addProgram(llvm::StringRef text);
  /// Replaces what was recorded under the key.
  llvm::Error recordChoice(const Choice &choice);
  /// All or nothing. That of two sides that differ it takes does not depend on
  /// their order.
  llvm::Error merge(const Contents &contents);

  llvm::Expected<std::optional<std::string>>
  getProgram(llvm::StringRef hash) const;
  /// In the order in which they were added.
  llvm::Expected<std::vector<Measurement>>
  getMeasurements(const Filter &filter = {}) const;
  /// What is usable of the key's program, types, target and compiler.
  llvm::Expected<std::vector<Measurement>> getCandidates(const Key &key) const;
  llvm::Expected<std::optional<Measurement>> getBest(const Key &key) const;
  llvm::Expected<std::optional<Measurement>> getNearest(const Key &key) const;
  llvm::Expected<std::optional<Choice>> getChoice(const Key &key) const;
  llvm::Expected<Contents> getContents() const;

private:
  Database(std::string path, std::unique_ptr<SQLite> sqlite);
  llvm::Error describe(llvm::Error error) const;
  llvm::Expected<std::string> getGeneration(llvm::StringRef table) const;
  std::string path;
  /// Null: there is no file.
  std::unique_ptr<SQLite> sqlite;
};

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_DATABASE_H
