//===- Repeat.cpp - Calls of libseednorm
//------------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Repeats a call through the C interface, so that Python's time is not ours.
//
//===----------------------------------------------------------------------===//

#include "Native.h"
#include <vector>

double bench_run_seednorm(const seednorm_module *module, const char *entry,
                          const DLTensor *const *inputs, int64_t numInputs,
                          int64_t numResults, int64_t repetitions) {
  std::vector<DLManagedTensor *> results(numResults);
  return seednorm::bench::measure(repetitions, [&] {
    if (seednorm_run(module, entry, inputs, numInputs, results.data(),
                     numResults))
      return false;
    for (DLManagedTensor *result : results)
      result->deleter(result);
    return true;
  });
}
