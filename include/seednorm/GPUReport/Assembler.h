//===- Assembler.h - What ptxas says of a kernel ----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds NVIDIA's assembler, runs it and reads its report. It must not know what
// the figures are used for.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_GPUREPORT_ASSEMBLER_H
#define SEEDNORM_GPUREPORT_ASSEMBLER_H

#include "seednorm/Runtime/Error.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace seednorm::gpureport {

struct AssembledKernel {
  std::string name;
  unsigned registers = 0, barriers = 0;
  /// Bytes of a thread.
  uint64_t stack = 0, spillStores = 0, spillLoads = 0;
  /// Static bytes of a CTA.
  uint64_t shared = 0;
  /// Of machine code, its padding included; 0 if there is no code to look at.
  uint64_t codeBytes = 0;
};

/// Where ptxas is: SEEDNORM_PTXAS, PATH, CUDA's usual folder, or the packages
/// `triton` and `nvidia` of the Python environment that is active. None if it
/// is nowhere or SEEDNORM_PTXAS is `off`; an error if SEEDNORM_PTXAS names
/// nothing that can be run.
llvm::Expected<std::optional<std::string>> findAssembler();

/// In the packages of a Python environment that bring one.
std::optional<std::string> findAssemblerInPython(llvm::StringRef environment);

/// What `ptxas -v` prints.
llvm::Expected<std::vector<AssembledKernel>>
parseAssemblerReport(llvm::StringRef text);

/// Assembles for a chip; no file is left behind.
llvm::Expected<std::vector<AssembledKernel>>
assemble(llvm::StringRef assembler, llvm::StringRef ptx, llvm::StringRef chip);

} // namespace seednorm::gpureport

#endif // SEEDNORM_GPUREPORT_ASSEMBLER_H
