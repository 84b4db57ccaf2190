//===- Compiler.h - From LLVM IR to machine code ----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Optimises a module and writes it as an object, assembly or text, for the host
// or another machine. It must not know MLIR, caches or how code is run.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_COMPILER_H
#define SEEDNORM_RUNTIME_COMPILER_H

#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/SmallVector.h"
#include <memory>
#include <string>

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace seednorm {

/// What to generate code for. Empty strings mean the host as long as no triple
/// is given, and what LLVM takes for plain otherwise.
struct TargetSpec {
  std::string triple, cpu, features;
};

/// The target with nothing left to guess; an error if LLVM does not know its
/// triple, CPU or one of its features.
llvm::Expected<TargetSpec> resolveTarget(const TargetSpec &target);

/// An error if this machine lacks something that code for `target` may use.
llvm::Error checkRunsOnHost(const TargetSpec &target);

class Compiler {
public:
  static llvm::Expected<Compiler> create(const TargetSpec &target);
  Compiler(Compiler &&);
  ~Compiler();

  /// The resolved one.
  const TargetSpec &getTarget() const { return target; }

  /// Runs LLVM's O3 pipeline with both vectorisers. Of the functions only the
  /// entries stay visible, so that nothing is compiled twice.
  llvm::Error optimize(llvm::Module &module);

  llvm::Expected<llvm::SmallVector<char, 0>> emitObject(llvm::Module &module);
  llvm::Expected<llvm::SmallVector<char, 0>> emitAssembly(llvm::Module &module);

private:
  Compiler(TargetSpec target, std::unique_ptr<llvm::TargetMachine> machine);
  llvm::Expected<llvm::SmallVector<char, 0>> emit(llvm::Module &module,
                                                  bool assembly);

  TargetSpec target;
  std::unique_ptr<llvm::TargetMachine> machine;
};

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_COMPILER_H
