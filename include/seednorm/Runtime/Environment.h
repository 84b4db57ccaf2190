//===- Environment.h - What variables name ----------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the environment. Knows nothing of what the values are for.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_ENVIRONMENT_H
#define SEEDNORM_RUNTIME_ENVIRONMENT_H

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace seednorm {

/// A variable that is set and not empty.
std::optional<std::string> getVariable(llvm::StringRef name);

/// Where files that nobody named a place for are kept between processes:
/// seednorm in XDG_CACHE_HOME or ~/.cache; none: neither that nor HOME is set.
std::optional<std::string> getDefaultCacheDirectory();

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_ENVIRONMENT_H
