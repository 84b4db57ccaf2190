//===- Streams.cpp - The list of streams, and running one
//-------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Splits the bytes over threads as a kernel does, each a range of its own, and
// has what the C library and the compiler make of a stream.
//
//===----------------------------------------------------------------------===//

#include "Streams.h"
#include "Native.h"
#include <algorithm>
#include <cstring>
#include <omp.h>

using namespace seednorm::bench;

static void copyMemory(char *const *to, const char *const *from, int64_t begin,
                       int64_t end) {
  std::memcpy(to[0] + begin, from[0] + begin, end - begin);
}

template <Kind kind>
static void compiled(char *const *to, const char *const *from, int64_t begin,
                     int64_t end) {
  auto *x = reinterpret_cast<float *>(to[0]);
  auto *y = reinterpret_cast<float *>(to[1]);
  auto *a = reinterpret_cast<const float *>(from[0]);
  auto *b = reinterpret_cast<const float *>(from[1]);
#pragma omp simd
  for (int64_t i = begin / 4; i < end / 4; ++i) {
    float left = a[i], right = b[i];
    x[i] = kind == Kind::Triad ? left + 3 * right : left + right;
    if (kind == Kind::Both)
      y[i] = left - right;
  }
}

static const std::vector<Stream> &getStreams() {
  static const std::vector<Stream> streams = [] {
    std::vector<Stream> list = {{"copy/memcpy", copyMemory},
                                {"triad/compiled", compiled<Kind::Triad>},
                                {"sum/compiled", compiled<Kind::Sum>},
                                {"both/compiled", compiled<Kind::Both>}};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      addAVX2Streams(list);
    if (__builtin_cpu_supports("avx512f"))
      addAVX512Streams(list);
#endif
    return list;
  }();
  return streams;
}

const char *bench_stream_name(int32_t index) {
  const std::vector<Stream> &streams = getStreams();
  if (index < 0 || index >= static_cast<int32_t>(streams.size()))
    return nullptr;
  return streams[index].name.c_str();
}

double bench_run_stream(int32_t index, void *const *to, const void *const *from,
                        int64_t bytes, int32_t threads, int64_t repetitions) {
  Range range = getStreams()[index].range;
  auto *const *results = reinterpret_cast<char *const *>(to);
  auto *const *arrays = reinterpret_cast<const char *const *>(from);
  // Whole pages where there are enough of them.
  int64_t unit = bytes >= threads * 65536 ? 4096 : 64;
  int64_t share = (bytes / threads + unit - 1) / unit * unit;
  return measure(repetitions, [&] {
    if (threads == 1) {
      range(results, arrays, 0, bytes);
    } else {
#pragma omp parallel num_threads(threads)
      {
        int64_t begin = std::min(omp_get_thread_num() * share, bytes);
        range(results, arrays, begin, std::min(begin + share, bytes));
      }
    }
    // Nobody reads the result: without this the stores might be dropped.
    asm volatile("" : : : "memory");
    return true;
  });
}
