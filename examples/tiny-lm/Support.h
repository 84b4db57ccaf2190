//===- Support.h - What the programs of tiny-lm share -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiling a model from a file, the time, and lines that say whether a
// comparison is good. It must not know the model or its files.
//
//===----------------------------------------------------------------------===//

#ifndef TINY_LM_SUPPORT_H
#define TINY_LM_SUPPORT_H

#include "seednorm/Runtime/Module.h"
#include "llvm/ADT/Twine.h"
#include <chrono>

class Stopwatch {
public:
  double getSeconds() const {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
};

llvm::Expected<std::string> readText(llvm::StringRef path);

/// Compiles model IR with the cache that the environment asks for.
llvm::Expected<std::unique_ptr<seednorm::Module>>
compileFile(llvm::StringRef path);

/// Prints how long that took.
void printCompileTime(const seednorm::CompileReport &compiled);

/// Prints one line of the comparison and gives back whether it is good.
bool report(llvm::StringRef what, bool isGood, const llvm::Twine &values);

/// The exit code of a program that ends so: 0 if all is good.
int finish(llvm::Expected<bool> isGood);

#endif // TINY_LM_SUPPORT_H
