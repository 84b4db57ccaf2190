//===- Compile.h - From model IR to files of code ---------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The whole compiler as one function, with its cache and its report. It must
// not know how code is loaded and run.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_COMPILE_H
#define SEEDNORM_RUNTIME_COMPILE_H

#include "seednorm/Runtime/Compiler.h"
#include "seednorm/Runtime/DeviceSpec.h"
#include "seednorm/Tuning/Policy.h"
#include "llvm/Support/MemoryBuffer.h"

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace seednorm {

class ObjectCache;

struct CompileOptions {
  TargetSpec target;
  DeviceSpec device;
  /// Where compiled code is kept between processes; null: nowhere.
  const ObjectCache *cache = nullptr;
  /// Which tuned schedules are used; none: what the environment asks for. Its 0
  /// threads are those of the runtime.
  std::optional<tuning::PolicyOptions> tuning;
  /// Prints the IR after every run of the pass of this name (its argument in
  /// seednorm-opt) to `dump`.
  std::string dumpAfter;
  llvm::raw_ostream *dump = nullptr;
};

/// Where the time went, in milliseconds.
struct CompileReport {
  double parse = 0, passes = 0, translate = 0, optimize = 0, codegen = 0,
         link = 0;
  /// The code came from the cache: of the stages only parse and link ran.
  bool cacheHit = false;
  /// Of machine instructions.
  uint64_t codeBytes = 0;
  TargetSpec target;
  DeviceSpec device;
  /// What went wrong without harm; empty if nothing did.
  std::string warning;

  double getTotal() const {
    return parse + passes + translate + optimize + codegen + link;
  }
  void print(llvm::raw_ostream &stream) const;
};

enum class OutputKind { LLVM, Assembly, Object };

/// Compiles model IR in MLIR's text form, whose `name` is for messages.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
compileModel(llvm::StringRef source, llvm::StringRef name, OutputKind kind,
             const CompileOptions &options, CompileReport &report);

/// Makes a shared library of an object by the system's compiler driver (`cc`),
/// linked to seednorm_rt. The file appears whole or not at all.
llvm::Error linkSharedLibrary(llvm::MemoryBufferRef object,
                              llvm::StringRef path);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_COMPILE_H
