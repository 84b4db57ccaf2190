//===- Progress.h - What a tuning run shows ---------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bar on a terminal, lines elsewhere, and the closing table or its JSON.
// Knows nothing of how anything is measured.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TOOLS_TUNE_PROGRESS_H
#define SEEDNORM_TOOLS_TUNE_PROGRESS_H

#include "seednorm/Tuning/Tuner.h"

namespace seednorm::tune {

/// On stderr.
class Progress {
public:
  explicit Progress(bool isQuiet);

  /// What is tuned next, for example "forward#0 4096x2048, 2 threads".
  void begin(std::string what);
  void show(const tuning::TuningProgress &state);
  /// Takes the bar away.
  void end();

private:
  void showBar(const tuning::TuningProgress &state);
  void showLine(const tuning::TuningProgress &state);

  bool isQuiet, isTerminal;
  std::string what;
  double best = 1;
};

/// One program in one shape.
struct Row {
  std::string program, location, shape;
  int64_t threads;
  tuning::TuningResult result;
  /// Why there is no result; empty if there is one.
  std::string error;
  /// Nothing was measured.
  bool isPrediction;
};

void printTable(llvm::raw_ostream &stream, llvm::ArrayRef<Row> rows,
                double confidence);
void printJSON(llvm::raw_ostream &stream, llvm::ArrayRef<Row> rows,
               double confidence);

} // namespace seednorm::tune

#endif // SEEDNORM_TOOLS_TUNE_PROGRESS_H
