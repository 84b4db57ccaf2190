//===- Memory.cpp - Buffers of the benchmarks
//-------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Input arrays and the streams' results, in memory like that of our results.
//
//===----------------------------------------------------------------------===//

#include "Native.h"
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

static constexpr uint64_t hugePage = uint64_t(2) << 20;

void *bench_allocate(int64_t bytes, int32_t isHuge) {
  uint64_t alignment = uint64_t(bytes) >= 2 * hugePage ? hugePage : 64;
  uint64_t total = (uint64_t(bytes) + alignment - 1) & -alignment;
  void *pointer = std::aligned_alloc(alignment, total ? total : alignment);
  if (!pointer)
    return nullptr;
  if (alignment == hugePage)
    madvise(pointer, total, isHuge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  std::memset(pointer, 0, total);
  return pointer;
}

void bench_free(void *pointer) { std::free(pointer); }
