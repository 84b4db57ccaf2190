//===- Report.h - What the tool says about results --------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Comparing, timing and printing tensors. Knows nothing of where they come
// from.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TOOLS_RUN_REPORT_H
#define SEEDNORM_TOOLS_RUN_REPORT_H

#include "seednorm/Runtime/Tensor.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace seednorm::run {

/// Prints the name, type and first elements of a tensor on one line.
void printSummary(llvm::raw_ostream &stream, llvm::StringRef name,
                  const Tensor &tensor);

/// Prints the most memory that compiled code has held.
void printMemory(llvm::raw_ostream &stream);

struct Tolerance {
  double relative, absolute;
};

/// Prints the largest errors of `actual`, then returns an error if an element
/// differs by more than absolute + relative * |expected|. NaN equals NaN.
llvm::Error compare(llvm::raw_ostream &stream, llvm::StringRef name,
                    const Tensor &actual, llvm::StringRef path,
                    const Tensor &expected, Tolerance tolerance);

/// Runs `call` a few times to warm up and then `count` times; prints the times
/// and, with the bytes that one call reads and writes, the bandwidth.
llvm::Error benchmark(llvm::raw_ostream &stream, unsigned count,
                      llvm::function_ref<llvm::Expected<uint64_t>()> call);

} // namespace seednorm::run

#endif // SEEDNORM_TOOLS_RUN_REPORT_H
