//===- Threads.h - The thread count of libraries we call --------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// oneDNN takes its number of threads from OpenMP's setting of the calling
// thread. Nobody but this file's implementation may touch that setting.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_RT_THREADS_H
#define SEEDNORM_RUNTIME_RT_THREADS_H

#include <cstdint>

namespace seednorm::rt {

/// While it lives, OpenMP regions that this thread opens have `count` threads.
class ThreadCount {
public:
  explicit ThreadCount(int32_t count);
  ~ThreadCount();
  ThreadCount(const ThreadCount &) = delete;
  ThreadCount &operator=(const ThreadCount &) = delete;

private:
  int32_t before;
};

} // namespace seednorm::rt

#endif // SEEDNORM_RUNTIME_RT_THREADS_H
