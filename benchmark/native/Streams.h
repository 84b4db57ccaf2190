//===- Streams.h - Kinds and variants of streams ----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A stream is what a kernel of its traffic would be if it computed nothing. The
// variants differ in how they load, prefetch and store; which is best, the
// measurement says.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_BENCHMARK_STREAMS_H
#define SEEDNORM_BENCHMARK_STREAMS_H

#include <cstdint>
#include <string>
#include <vector>

namespace seednorm::bench {

/// Copy: 1 read, 1 write. Triad: a + 3 b, 2 reads, 1 write. Sum: a + b, the
/// same traffic. Both: a + b and a - b, 2 reads, 2 writes.
enum class Kind { Copy, Triad, Sum, Both };

/// Works on the bytes [begin, end) of the arrays, which are multiples of 64.
using Range = void (*)(char *const *to, const char *const *from, int64_t begin,
                       int64_t end);

struct Stream {
  std::string name;
  Range range;
};

void addAVX2Streams(std::vector<Stream> &streams);
void addAVX512Streams(std::vector<Stream> &streams);

} // namespace seednorm::bench

#endif // SEEDNORM_BENCHMARK_STREAMS_H
