//===- OpenDatabase.cpp - The database that a subcommand works on ---------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whoever asks to see a database wants to know that it is not there.
//
//===----------------------------------------------------------------------===//

#include "OpenDatabase.h"
#include "seednorm/Tuning/Policy.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

Expected<Database> tune::openDatabase(StringRef given,
                                      Database::Access access) {
  std::optional<std::string> path = getDatabasePath(given);
  if (!path)
    return makeError("no database is given: set SEEDNORM_TUNING_DB or --db");
  if (access == Database::Access::Read && !sys::fs::exists(*path))
    return makeError("there is no database " + quote(*path));
  std::string warning;
  auto database = Database::open(*path, warning, access);
  if (!warning.empty())
    errs() << "seednorm-tune: warning: " << warning << "\n";
  return database;
}
