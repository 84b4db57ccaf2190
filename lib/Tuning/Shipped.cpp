//===- Shipped.cpp - Schedules that come with the compiler ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The files in `defaults`, as they were when the compiler was built.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Contents.h"
#include "seednorm/Tuning/Policy.h"
#include "seednorm/Tuning/ProgramKey.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

static constexpr StringLiteral files[] = {
#include "Shipped.inc"
};

/// They are kept with the source that they were measured with: whatever it now
/// calls itself, they are for it.
ArrayRef<Measurement> tuning::getShippedMeasurements() {
  static std::vector<Measurement> measurements = [] {
    std::vector<Measurement> result;
    for (StringRef file : files) {
      Expected<Contents> contents = parseContents(file);
      if (!contents) {
        // A test sees to it that there are none such.
        consumeError(contents.takeError());
        continue;
      }
      for (Measurement &measurement : contents->measurements) {
        measurement.key.compiler = getCompilerName().str();
        result.push_back(std::move(measurement));
      }
    }
    return result;
  }();
  return measurements;
}
