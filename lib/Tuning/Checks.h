//===- Checks.h - What records of measurements must be ----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rules for what goes into a database and what is believed of one. Knows
// neither SQL nor JSON.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_CHECKS_H
#define SEEDNORM_LIB_TUNING_CHECKS_H

#include "seednorm/Tuning/Database.h"

namespace seednorm::tuning {

/// An error begins with the field's name: "key.width is -1, but …".
llvm::Error check(const Measurement &measurement);
llvm::Error check(const Choice &choice);
/// The text that a program's hash stands for.
llvm::Error checkProgramText(llvm::StringRef text);

llvm::Expected<Outcome> parseOutcome(llvm::StringRef text);

/// The same for two measurements exactly if they are the same trial of the same
/// run, of the same schedule under the same key.
std::string getIdentity(const Measurement &measurement);

/// A total order, by key first.
bool isLess(const Measurement &left, const Measurement &right);
/// Of two choices under one key, whether the right one is to stay.
bool isLess(const Choice &left, const Choice &right);

} // namespace seednorm::tuning

#endif // SEEDNORM_LIB_TUNING_CHECKS_H
