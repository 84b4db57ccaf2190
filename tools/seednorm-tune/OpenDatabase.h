//===- OpenDatabase.h - The database that a subcommand works on -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Knows no subcommand.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TOOLS_TUNE_OPENDATABASE_H
#define SEEDNORM_TOOLS_TUNE_OPENDATABASE_H

#include "seednorm/Tuning/Database.h"

namespace seednorm::tune {

/// The file `given`, or if that is empty the one of the environment. Warnings
/// go to stderr. To read one that is not there is an error.
llvm::Expected<tuning::Database> openDatabase(llvm::StringRef given,
                                              tuning::Database::Access access);

} // namespace seednorm::tune

#endif // SEEDNORM_TOOLS_TUNE_OPENDATABASE_H
