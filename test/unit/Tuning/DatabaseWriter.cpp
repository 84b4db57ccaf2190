//===- DatabaseWriter.cpp - A process that saves measurements -------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SeeDNormDatabaseWriter DATABASE RUN COUNT
//
// Adds trials 0, 1, … of a run and prints the number of each after it was
// saved.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Database.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

static Error save(Database &database, StringRef run, int64_t trial) {
  Measurement m;
  m.key.program = hashProgram("program");
  m.key.width = 64;
  m.key.rows = trial;
  m.schedule = "#rowwise.schedule<vector_width = 8>";
  m.run = run.str();
  m.trial = trial;
  m.message = std::string(trial % 1000, 'x');
  if (trial % 4 == 0)
    if (Error error =
            database.recordChoice({m.key, m.schedule, /*time=*/trial}))
      return error;
  return database.add(m);
}

static Error writeAll(StringRef path, StringRef run, int64_t count) {
  std::string warning;
  Expected<Database> database = Database::open(path, warning);
  if (!database)
    return database.takeError();
  if (!warning.empty())
    return makeError(warning);
  for (int64_t trial = 0; trial < count; ++trial) {
    if (Error error = save(*database, run, trial))
      return error;
    outs() << trial << "\n";
    outs().flush();
  }
  return Error::success();
}

int main(int argc, char **argv) {
  int64_t count;
  if (argc != 4 || StringRef(argv[3]).getAsInteger(10, count)) {
    errs() << "usage: SeeDNormDatabaseWriter DATABASE RUN COUNT\n";
    return 2;
  }
  if (Error error = writeAll(argv[1], argv[2], count)) {
    errs() << toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
