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
#include "llvm/ADT/StringRef.h"
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
};

enum class Outcome { Measured, Wrong, Crashed, TimedOut, Rejected };

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

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_DATABASE_H
