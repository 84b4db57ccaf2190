//===- Candidates.h - Compiled candidates in a folder -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compiler of many modules at once. Knows nothing of schedules.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_CANDIDATES_H
#define SEEDNORM_LIB_TUNING_CANDIDATES_H

#include "seednorm/Tuning/Database.h"
#include "llvm/ADT/ArrayRef.h"

namespace seednorm::tuning {

/// A module to compile, and the file that it becomes.
struct Compilation {
  std::string source, object;
  /// Empty, if it went well.
  std::string error;
};

/// All on as many threads as there are cores; each has its own contexts.
void compileAll(llvm::MutableArrayRef<Compilation> compilations,
                const Target &target);

} // namespace seednorm::tuning

#endif // SEEDNORM_LIB_TUNING_CANDIDATES_H
