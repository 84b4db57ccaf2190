//===- PTXParser.h - PTX text as functions and blocks -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Splits PTX into entries, their basic blocks and instructions, and finds the
// loops. It must not know what any instruction means, branches apart.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_GPUREPORT_PTXPARSER_H
#define SEEDNORM_GPUREPORT_PTXPARSER_H

#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/SmallVector.h"
#include <deque>
#include <string>

namespace seednorm::gpureport {

/// Texts belong to the parsed file.
struct PTXInstruction {
  /// `ld`, and `global`, `v4`, `f32`.
  llvm::StringRef name;
  llvm::SmallVector<llvm::StringRef, 4> modifiers;
  llvm::StringRef operands;
  /// Only executed if a predicate says so.
  bool guarded = false;

  bool has(llvm::StringRef modifier) const;
};

struct PTXBlock {
  std::vector<PTXInstruction> instructions;
  /// Only parsePTX looks at them: it takes them apart to find the loops.
  llvm::SmallVector<PTXBlock *, 2> successors;
  /// Of the loops around it; loops that have several entries count as one.
  unsigned depth = 0;
};

struct PTXEntry {
  std::string name;
  /// What stands between the parameters and the body.
  std::string directives;
  /// In the order of the text; the first is where execution begins.
  std::deque<PTXBlock> blocks;
};

struct PTXFile {
  /// The text without comments.
  std::string text;
  std::string version, target;
  std::deque<PTXEntry> entries;
};

/// Fills `file`, which must not move afterwards.
llvm::Error parsePTX(llvm::StringRef text, llvm::StringRef name, PTXFile &file);

} // namespace seednorm::gpureport

#endif // SEEDNORM_GPUREPORT_PTXPARSER_H
