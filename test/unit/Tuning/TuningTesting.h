//===- TuningTesting.h - What tests of tuning share -------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Folders that go away, errors that are failures, and measurements that nobody
// made.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_TUNING_TUNINGTESTING_H
#define SEEDNORM_TEST_UNIT_TUNING_TUNINGTESTING_H

#include "../Runtime/Testing.h"
#include "seednorm/Tuning/Database.h"
#include "llvm/ADT/SmallString.h"
#include "gtest/gtest.h"
#include <stdexcept>

namespace seednorm::tuning::testing {

using seednorm::testing::TemporaryFolder;

/// What follows an error would mean nothing: the test ends with its text.
template <typename T>
T unwrap(llvm::Expected<T> value) {
  if (!value)
    throw std::runtime_error(llvm::toString(value.takeError()));
  return std::move(*value);
}

inline void check(llvm::Error error) {
  if (error)
    ADD_FAILURE() << llvm::toString(std::move(error));
}

inline std::string schedule(int number) {
  return "#rowwise.schedule<vector_width = 16, vectors = " +
         std::to_string(number) + ">";
}

inline Key makeKey() {
  Key key;
  key.program = std::string(64, 'a');
  key.types = "f32,f32->f32";
  key.width = 1024;
  key.rows = 4096;
  key.alignment = 64;
  key.target = "cpu+01234567";
  key.threads = 1;
  key.compiler = "0/llvm-0";
  return key;
}

inline Measurement makeMeasurement(int number) {
  Measurement m;
  m.key = makeKey();
  m.schedule = schedule(number);
  m.seconds = 1e-3;
  m.speedup = 1.25;
  m.low = 1.125;
  m.high = 1.5;
  m.confidence = 0.75;
  m.time = 1000 + number;
  m.run = "run";
  m.trial = number;
  m.origin = "random";
  return m;
}

} // namespace seednorm::tuning::testing

#endif // SEEDNORM_TEST_UNIT_TUNING_TUNINGTESTING_H
