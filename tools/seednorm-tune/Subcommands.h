//===- Subcommands.h - What seednorm-tune can be asked for ------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function a subcommand, each with options of its own. None knows another.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TOOLS_TUNE_SUBCOMMANDS_H
#define SEEDNORM_TOOLS_TUNE_SUBCOMMANDS_H

#include "seednorm/Runtime/Error.h"

namespace seednorm::tune {

struct Subcommand {
  const char *name;
  /// One line for --help; null: it is no one's to call.
  const char *summary;
  /// Gives the exit code. `argv[0]` is the program, the subcommand's name is
  /// gone.
  llvm::Expected<int> (*run)(int argc, char **argv);
};

/// Tunes the row programs of a model (Tune.cpp).
llvm::Expected<int> runTune(int argc, char **argv);
/// The child process that runs candidates; reads commands from stdin.
llvm::Expected<int> runWorker(int argc, char **argv);
/// What is done with databases (Database.cpp).
llvm::Expected<int> runList(int argc, char **argv);
llvm::Expected<int> runExport(int argc, char **argv);
llvm::Expected<int> runImport(int argc, char **argv);
llvm::Expected<int> runMerge(int argc, char **argv);
/// What was measured, as a page (Report.cpp).
llvm::Expected<int> runReport(int argc, char **argv);

} // namespace seednorm::tune

#endif // SEEDNORM_TOOLS_TUNE_SUBCOMMANDS_H
