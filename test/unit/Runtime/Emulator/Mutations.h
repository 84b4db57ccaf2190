//===- Mutations.h - Bugs to put into kernels -------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small changes of LLVM IR, each a mistake that a code generator could make. It
// must not know which kernels there are.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_MUTATIONS_H
#define SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_MUTATIONS_H

#include "Report.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/IR/InstrTypes.h"
#include <ostream>

namespace llvm {
class Module;
} // namespace llvm

namespace seednorm::testing {

struct Mutator {
  llvm::StringRef name;
  /// Whether it can change this instruction.
  bool (*matches)(const llvm::Instruction &instruction);
  void (*apply)(llvm::Instruction &instruction);
  /// The kind of finding that it must give if it gives any, where there is only
  /// one.
  std::optional<emulator::FindingKind> kind;
};

/// For a failed test to show.
inline void PrintTo(const Mutator &mutator, std::ostream *os) {
  *os << mutator.name.str();
}

llvm::ArrayRef<Mutator> getMutators();

/// The instructions in kernels of this name (empty: all) that it can change.
llvm::SmallVector<llvm::Instruction *> findSites(llvm::Module &module,
                                                 const Mutator &mutator,
                                                 llvm::StringRef kernel = "");

} // namespace seednorm::testing

#endif // SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_MUTATIONS_H
