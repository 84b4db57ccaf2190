//===- Native.h - What Python calls of benchmark/native -----------*- C++
//-*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C interface that benchmark/native.py declares again. Everything that
// takes time gives the seconds that all its repetitions took, or a negative
// number.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_BENCHMARK_NATIVE_H
#define SEEDNORM_BENCHMARK_NATIVE_H

#include "seednorm/Runtime/seednorm.h"
#include <chrono>

extern "C" {

/// Touched memory, so that nobody's time has page faults in it: in huge pages
/// where there are any, as the runtime's pool takes it, or in small ones. Null:
/// there is none.
SEEDNORM_EXPORT void *bench_allocate(int64_t bytes, int32_t isHuge);
SEEDNORM_EXPORT void bench_free(void *pointer);

/// A name like "copy/avx512 nontemporal, block 4096"; null beyond the last.
/// What this CPU cannot run is not listed.
SEEDNORM_EXPORT const char *bench_stream_name(int32_t index);

/// `bytes` of each array, a multiple of 64; `to` and `from` point to two each,
/// of which a stream uses what it needs.
SEEDNORM_EXPORT double bench_run_stream(int32_t index, void *const *to,
                                        const void *const *from, int64_t bytes,
                                        int32_t threads, int64_t repetitions);

/// Calls an entry and releases its results.
SEEDNORM_EXPORT double bench_run_seednorm(const seednorm_module *module,
                                          const char *entry,
                                          const DLTensor *const *inputs,
                                          int64_t numInputs, int64_t numResults,
                                          int64_t repetitions);

struct bench_onednn;

enum bench_onednn_kind {
  BENCH_ONEDNN_FORWARD = 0,
  BENCH_ONEDNN_BACKWARD = 1,
  BENCH_ONEDNN_RESIDUAL = 2
};

/// LayerNorm of rows×width elements, bf16 or f32; `arrays` are, where the kind
/// has them: x, dy or residual, scale, shift (both f32), y or dx, sum, dscale,
/// dshift. Null: bench_onednn_error says why.
SEEDNORM_EXPORT bench_onednn *bench_onednn_create(int32_t kind, int32_t isBF16,
                                                  int64_t rows, int64_t width,
                                                  float eps,
                                                  void *const *arrays);
SEEDNORM_EXPORT double bench_onednn_run(bench_onednn *norm,
                                        int64_t repetitions);
SEEDNORM_EXPORT void bench_onednn_destroy(bench_onednn *norm);
SEEDNORM_EXPORT const char *bench_onednn_error(void);
/// "2.6.3"
SEEDNORM_EXPORT const char *bench_onednn_version(void);
}

namespace seednorm::bench {

/// The seconds that it takes to call something some times.
template <typename Call>
double measure(int64_t repetitions, Call call) {
  auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < repetitions; ++i)
    if (!call())
      return -1;
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  return elapsed.count();
}

} // namespace seednorm::bench

#endif // SEEDNORM_BENCHMARK_NATIVE_H
