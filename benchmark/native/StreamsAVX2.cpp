//===- StreamsAVX2.cpp - Streams in vectors of 256 bits
//---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled for AVX2, and called only where there is AVX2.
//
//===----------------------------------------------------------------------===//

#include "StreamKernels.h"

namespace {

struct Vector {
  using Type = __m256;
  static constexpr int64_t bytes = 32;
  static constexpr const char *name = "avx2";

  static Type load(const char *from) {
    return _mm256_loadu_ps(reinterpret_cast<const float *>(from));
  }
  static void store(char *to, Type value) {
    _mm256_storeu_ps(reinterpret_cast<float *>(to), value);
  }
  static void stream(char *to, Type value) {
    _mm256_stream_ps(reinterpret_cast<float *>(to), value);
  }
  static Type add(Type a, Type b) { return _mm256_add_ps(a, b); }
  static Type subtract(Type a, Type b) { return _mm256_sub_ps(a, b); }
  static Type triad(Type a, Type b) {
    return _mm256_fmadd_ps(_mm256_set1_ps(3), b, a);
  }
};

} // namespace

void seednorm::bench::addAVX2Streams(std::vector<Stream> &streams) {
  addKinds<Vector>(streams);
}
