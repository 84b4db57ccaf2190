//===- seednorm-tune.cpp - Finds and keeps the best schedules ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses the subcommand; where none is named, it is "tune".
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "Subcommands.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/InitLLVM.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tune;

/// The first is the default. The summaries of the others are in its --help.
static constexpr Subcommand subcommands[] = {
    {"tune", "tune the row programs of a model", runTune},
    {"worker", nullptr, runWorker},
    {"report", "draw what was measured as a page", runReport},
    {"list", "show what is in a database", runList},
    {"export", "write a database as JSON", runExport},
    {"import", "add what export wrote to a database", runImport},
    {"merge", "add other databases to a database", runMerge},
};

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  SmallVector<char *> arguments(argv, argv + argc);
  const Subcommand *chosen = &subcommands[0];
  for (const Subcommand &subcommand : subcommands)
    if (argc > 1 && StringRef(argv[1]) == subcommand.name) {
      chosen = &subcommand;
      arguments.erase(arguments.begin() + 1);
      break;
    }
  // Parsers end at a null pointer, as argv does.
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  cl::ResetCommandLineParser();
  Expected<int> code = chosen->run(count, arguments.data());
  if (!code)
    return finishCommand("seednorm-tune", code.takeError());
  int written = finishCommand("seednorm-tune", Error::success());
  return written ? written : *code;
}
