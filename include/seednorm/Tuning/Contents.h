//===- Contents.h - A database as JSON --------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How databases are exchanged as text, between people and machines. Knows
// nothing of files.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_CONTENTS_H
#define SEEDNORM_TUNING_CONTENTS_H

#include "seednorm/Tuning/Database.h"

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace seednorm::tuning {

/// Equal contents are equal texts.
void printContents(llvm::raw_ostream &stream, const Contents &contents);

/// An error says where in the JSON it is, as "measurements[3].key.width".
llvm::Expected<Contents> parseContents(llvm::StringRef text);

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_CONTENTS_H
