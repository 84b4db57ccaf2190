//===- ParallelFor.cpp - Parallel loops over OpenMP's threads ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The only file with OpenMP's pragmas: compiled for libgomp, whose thread pool
// is then one with oneDNN's and PyTorch's. Another pool would go behind the
// same function.
//
//===----------------------------------------------------------------------===//

#include "Failure.h"
#include "Threads.h"
#include "seednorm/Runtime/RuntimeABI.h"
#include <algorithm>
#include <atomic>
#include <cstring>
#include <omp.h>

// Where a thread cannot be created libgomp ends the process, and oneDNN takes
// memory for each.
static constexpr int32_t maxThreads = 4096;

static std::atomic<int32_t> chosenThreads{0};

int32_t seednorm_rt_get_num_threads() {
  int32_t chosen = chosenThreads.load(std::memory_order_relaxed);
  return std::min(chosen ? chosen : omp_get_max_threads(), maxThreads);
}

void seednorm_rt_set_num_threads(int32_t count) {
  chosenThreads.store(std::max(count, 0), std::memory_order_relaxed);
}

namespace {

/// What one thread does.
struct Part {
  void (*body)(void *, int64_t, int64_t);
  void *context;
  int64_t begin, end;
};

} // namespace

static void runPart(void **args) {
  auto *part = static_cast<Part *>(args[0]);
  part->body(part->context, part->begin, part->end);
}

void seednorm_rt_parallel_for(void (*body)(void *, int64_t, int64_t),
                              void *context, int64_t count) {
  if (count <= 0)
    return;
  int32_t threads = static_cast<int32_t>(
      std::min<int64_t>(seednorm_rt_get_num_threads(), count));
  if (threads == 1 || omp_in_parallel())
    return body(context, 0, count);
  // A thread that fails must not jump out of the region: each has an invocation
  // of its own, and the failure of the first indices is the loop's.
  int64_t failedAt = count;
  char failure[512];
#pragma omp parallel num_threads(threads)
  {
    // OpenMP may give fewer threads than asked for.
    int64_t total = omp_get_num_threads(), thread = omp_get_thread_num();
    int64_t share = count / total, rest = count % total;
    int64_t begin = thread * share + std::min(thread, rest);
    int64_t end = begin + share + (thread < rest);
    Part part = {body, context, begin, end};
    void *args[] = {&part};
    char message[sizeof(failure)];
    if (begin < end &&
        seednorm_rt_invoke(runPart, args, message, sizeof(message))) {
#pragma omp critical
      if (begin < failedAt) {
        failedAt = begin;
        std::memcpy(failure, message, sizeof(failure));
      }
    }
  }
  if (failedAt < count)
    seednorm::rt::fail("%s", failure);
}

namespace seednorm::rt {

ThreadCount::ThreadCount(int32_t count) : before(omp_get_max_threads()) {
  if (count != before)
    omp_set_num_threads(count);
}

ThreadCount::~ThreadCount() {
  if (omp_get_max_threads() != before)
    omp_set_num_threads(before);
}

} // namespace seednorm::rt
