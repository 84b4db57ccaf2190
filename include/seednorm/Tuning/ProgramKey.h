//===- ProgramKey.h - What a measurement is valid for -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a row program to the key that its measurements are filed under. Knows
// nothing of the database, nor of what schedules do.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_PROGRAMKEY_H
#define SEEDNORM_TUNING_PROGRAMKEY_H

#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Tuning/Database.h"

namespace seednorm::tuning {

/// What the program computes, the same for programs that differ only in names,
/// locations, schedule, the width of a row, how many rows there are, and
/// whether they are tensors or memrefs. Identities must have been folded.
std::string getCanonicalText(mlir::rowwise::ProgramOp program);

/// `rows`: how many there will be, where the types do not say it. Threads do
/// not matter on a GPU. An error if LLVM does not know the target.
llvm::Expected<Key> makeKey(mlir::rowwise::ProgramOp program,
                            std::optional<int64_t> rows, const Target &target,
                            int64_t threads);

bool isGPUTarget(const Target &target);

/// The key's name for a target; empty strings mean the host.
llvm::Expected<std::string> getTargetName(const Target &target);

/// The key's name for this compiler: its version and LLVM's.
llvm::StringRef getCompilerName();

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_PROGRAMKEY_H
