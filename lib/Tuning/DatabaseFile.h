//===- DatabaseFile.h - A database on the disk ------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Opens the file, whatever state it is in. Knows the tables, not what their
// rows mean.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_DATABASEFILE_H
#define SEEDNORM_LIB_TUNING_DATABASEFILE_H

#include "SQLite.h"
#include <optional>

namespace seednorm::tuning {

/// As Database::open says; null: there is no file. `absolute` is where it is.
llvm::Expected<std::unique_ptr<SQLite>> openDatabaseFile(llvm::StringRef path,
                                                         bool forWriting,
                                                         std::string &absolute,
                                                         std::string &warning);

/// Where the database is that nobody named; none: there is no place for it.
std::optional<std::string> getDefaultDatabasePath();

} // namespace seednorm::tuning

#endif // SEEDNORM_LIB_TUNING_DATABASEFILE_H
