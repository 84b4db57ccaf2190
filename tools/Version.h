//===- Version.h - What --version says --------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's own line names only LLVM. SEEDNORM_VERSION comes from CMake.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TOOLS_VERSION_H
#define SEEDNORM_TOOLS_VERSION_H

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/raw_ostream.h"

namespace seednorm {

inline void printVersion(llvm::raw_ostream &stream) {
  stream << "SeeDNorm-MLIR " SEEDNORM_VERSION ", with LLVM " LLVM_VERSION_STRING
            "\n";
}

} // namespace seednorm

#endif // SEEDNORM_TOOLS_VERSION_H
