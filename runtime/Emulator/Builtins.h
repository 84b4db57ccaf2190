//===- Builtins.h - What compiled kernels call ------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions that generated code may call, by name: ours, and those of the
// C library that LLVM's code generator falls back to. Nothing else is linked.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_BUILTINS_H
#define SEEDNORM_RUNTIME_EMULATOR_BUILTINS_H

#include "llvm/ADT/ArrayRef.h"

namespace seednorm::emulator {

struct Builtin {
  const char *name;
  void *address;
};

/// Threads, memory and errors. Their types are at their uses in Retarget.cpp
/// and Intrinsics.cpp.
llvm::ArrayRef<Builtin> getThreadBuiltins();
/// Arithmetic that has no instruction of the host.
llvm::ArrayRef<Builtin> getMathBuiltins();

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_BUILTINS_H
