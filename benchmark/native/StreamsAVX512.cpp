//===- StreamsAVX512.cpp - Streams in vectors of 512 bits
//-------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled for AVX512, and called only where there is AVX512.
//
//===----------------------------------------------------------------------===//

#include "StreamKernels.h"

namespace {

struct Vector {
  using Type = __m512;
  static constexpr int64_t bytes = 64;
  static constexpr const char *name = "avx512";

  static Type load(const char *from) {
    return _mm512_loadu_ps(reinterpret_cast<const float *>(from));
  }
  static void store(char *to, Type value) {
    _mm512_storeu_ps(reinterpret_cast<float *>(to), value);
  }
  static void stream(char *to, Type value) {
    _mm512_stream_ps(reinterpret_cast<float *>(to), value);
  }
  static Type add(Type a, Type b) { return _mm512_add_ps(a, b); }
  static Type subtract(Type a, Type b) { return _mm512_sub_ps(a, b); }
  static Type triad(Type a, Type b) {
    return _mm512_fmadd_ps(_mm512_set1_ps(3), b, a);
  }
};

} // namespace

void seednorm::bench::addAVX512Streams(std::vector<Stream> &streams) {
  addKinds<Vector>(streams);
}
