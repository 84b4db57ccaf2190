//===- Options.h - The command line of tuning as data -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the user asked for, checked as far as that needs no file. Knows nothing
// of how it is done.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TOOLS_TUNE_OPTIONS_H
#define SEEDNORM_TOOLS_TUNE_OPTIONS_H

#include "seednorm/Tuning/Tuner.h"

namespace seednorm::tune {

struct Options {
  std::string model, database;
  /// "function" or "function#index"; empty: all.
  std::vector<std::string> programs;
  /// Numbers of rows, whole shapes, or neither: what is found.
  std::vector<int64_t> rows;
  std::vector<tuning::RowShape> shapes;
  std::vector<int64_t> threads;
  tuning::TunerOptions tuner;
  bool json = false, quiet = false;
};

/// An error has the one line to print. --help and --version end the process.
llvm::Expected<Options> parseOptions(int argc, char **argv);

} // namespace seednorm::tune

#endif // SEEDNORM_TOOLS_TUNE_OPTIONS_H
