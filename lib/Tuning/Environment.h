//===- Environment.h - What variables name ----------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the environment. Knows nothing of files' contents.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_ENVIRONMENT_H
#define SEEDNORM_LIB_TUNING_ENVIRONMENT_H

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace seednorm::tuning {

/// A variable that is set and not empty.
std::optional<std::string> getVariable(llvm::StringRef name);

/// Where the database is that nobody named; none: neither XDG_CACHE_HOME nor
/// HOME is set.
std::optional<std::string> getDefaultDatabasePath();

} // namespace seednorm::tuning

#endif // SEEDNORM_LIB_TUNING_ENVIRONMENT_H
