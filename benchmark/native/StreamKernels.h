//===- StreamKernels.h - Streams over a kind of vector ---------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Included by one file for each instruction set, which is compiled for it: so
// everything here is that file's own.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_BENCHMARK_STREAMKERNELS_H
#define SEEDNORM_BENCHMARK_STREAMKERNELS_H

#include "Streams.h"
#include <immintrin.h>

namespace {

using seednorm::bench::Kind;
using seednorm::bench::Stream;

constexpr int64_t line = 64;

template <typename V, bool nontemporal>
void put(char *to, typename V::Type value) {
  if (nontemporal)
    V::stream(to, value);
  else
    V::store(to, value);
}

template <typename V, Kind kind, bool nontemporal>
void doLine(char *const *to, const char *const *from, int64_t at) {
  for (int64_t i = at; i < at + line; i += V::bytes) {
    typename V::Type a = V::load(from[0] + i);
    if (kind == Kind::Copy) {
      put<V, nontemporal>(to[0] + i, a);
      continue;
    }
    typename V::Type b = V::load(from[1] + i);
    put<V, nontemporal>(to[0] + i,
                        kind == Kind::Triad ? V::triad(a, b) : V::add(a, b));
    if (kind == Kind::Both)
      put<V, nontemporal>(to[1] + i, V::subtract(a, b));
  }
}

template <Kind kind>
void prefetch(const char *const *from, int64_t at) {
  _mm_prefetch(from[0] + at, _MM_HINT_T0);
  if (kind != Kind::Copy)
    _mm_prefetch(from[1] + at, _MM_HINT_T0);
}

template <typename V, Kind kind, bool nontemporal, int64_t ahead, int64_t block>
void range(char *const *to, const char *const *from, int64_t begin,
           int64_t end) {
  constexpr int64_t step = block ? block : int64_t(1) << 62;
  for (int64_t start = begin; start < end;) {
    int64_t stop = end - start < step ? end : start + step;
    if (block)
      for (int64_t i = start; i < stop; i += line)
        prefetch<kind>(from, i);
    for (int64_t i = start; i < stop; i += line) {
      if (ahead)
        prefetch<kind>(from, i + ahead);
      doLine<V, kind, nontemporal>(to, from, i);
    }
    start = stop;
  }
  if (nontemporal)
    _mm_sfence();
}

template <typename V, Kind kind>
void addKind(std::vector<Stream> &streams, const std::string &name) {
  std::string prefix = name + "/" + V::name + " ";
  streams.push_back({prefix + "cached", range<V, kind, false, 0, 0>});
  streams.push_back(
      {prefix + "cached, prefetch 2048", range<V, kind, false, 2048, 0>});
  streams.push_back({prefix + "nontemporal", range<V, kind, true, 0, 0>});
  streams.push_back(
      {prefix + "nontemporal, prefetch 1024", range<V, kind, true, 1024, 0>});
  streams.push_back(
      {prefix + "nontemporal, prefetch 4096", range<V, kind, true, 4096, 0>});
  streams.push_back(
      {prefix + "nontemporal, block 4096", range<V, kind, true, 0, 4096>});
  streams.push_back(
      {prefix + "nontemporal, block 16384", range<V, kind, true, 0, 16384>});
}

template <typename V>
void addKinds(std::vector<Stream> &streams) {
  addKind<V, Kind::Copy>(streams, "copy");
  addKind<V, Kind::Triad>(streams, "triad");
  addKind<V, Kind::Sum>(streams, "sum");
  addKind<V, Kind::Both>(streams, "both");
}

} // namespace

#endif // SEEDNORM_BENCHMARK_STREAMKERNELS_H
