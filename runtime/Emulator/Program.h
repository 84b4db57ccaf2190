//===- Program.h - A GPU module as code of the host -------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM bitcode of kernels, optimised as for PTX, retargeted to the host and
// compiled. It must not know how threads run.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_PROGRAM_H
#define SEEDNORM_RUNTIME_EMULATOR_PROGRAM_H

#include "Report.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <memory>

namespace llvm::orc {
class LLJIT;
}

namespace seednorm::emulator {

struct ThreadContext;

struct Kernel {
  std::string name;
  void (*entry)(ThreadContext *context, void **arguments) = nullptr;
  uint64_t numArguments = 0;
  uint32_t staticSharedBytes = 0;
  /// Where the dynamic part begins.
  uint32_t dynamicSharedOffset = 0;
  /// The most threads of a CTA, and the sizes that it must have, where the
  /// kernel says so.
  std::optional<uint32_t> maxThreads;
  std::optional<std::array<uint32_t, 3>> requiredBlock;
};

/// Whether the chip has clusters and dependent launches, as NVIDIA's have from
/// sm_90 on.
bool hasClusters(llvm::StringRef chip);

/// An access to memory as the code has it.
struct AccessSite {
  enum class Declared : uint8_t { Generic, Global, Shared, Cluster, Local };
  uint32_t site = 0;
  AccessKind kind = AccessKind::Load;
  Declared declared = Declared::Generic;
  uint32_t bytes = 0, alignment = 1;
};

/// How many instructions of each class a basic block has.
using BlockCounts = std::array<uint32_t, NumInstructionClasses>;

/// What retargeting knows of the code that it has made.
struct CodeTables {
  std::vector<Site> sites;
  std::vector<AccessSite> accesses;
  std::vector<BlockCounts> blocks;
  std::vector<Kernel> kernels;
  /// Names and sizes of variables in global or constant memory.
  std::vector<std::pair<std::string, uint64_t>> variables;
  /// The most that the variables of one function need.
  uint64_t stackBytes = 0;
};

struct ProgramOptions {
  std::string chip = "sm_90";
  uint32_t warpWidth = 32;
  /// Calls of the observer before each access, and counts of instructions.
  bool observe = true;
  /// O3 for the GPU's target first. Binaries made by gpu-module-to-binary are
  /// optimised already.
  bool optimize = false;
};

class Program {
public:
  static llvm::Expected<std::unique_ptr<Program>>
  load(llvm::MemoryBufferRef bitcode, const ProgramOptions &options = {});
  ~Program();

  /// Null where there is none of this name.
  const Kernel *find(llvm::StringRef name) const;
  const CodeTables &getTables() const { return tables; }
  const ProgramOptions &getOptions() const { return options; }
  /// Addresses and sizes of its variables in global memory.
  llvm::ArrayRef<std::pair<void *, uint64_t>> getVariables() const {
    return variables;
  }

private:
  explicit Program(const ProgramOptions &options);

  ProgramOptions options;
  CodeTables tables;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::string reported;
  std::vector<std::pair<void *, uint64_t>> variables;
  llvm::StringMap<Kernel> kernels;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_PROGRAM_H
