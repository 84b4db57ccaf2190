//===- Failure.cpp - Invocations and how they fail -----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One setjmp around each call of compiled code. Knows nothing of what can fail.
//
//===----------------------------------------------------------------------===//

#include "Failure.h"
#include "Device.h"
#include "seednorm/Runtime/RuntimeABI.h"
#include <csetjmp>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace seednorm::rt {
namespace {

struct Invocation {
  jmp_buf target;
  char *message;
  uint64_t capacity;
  BlockList blocks;
  DeviceBlocks deviceBlocks;
  Invocation *outer;
};

thread_local Invocation *current = nullptr;

} // namespace

BlockList *getInvocationBlocks() {
  return current ? &current->blocks : nullptr;
}

DeviceBlocks *getInvocationDeviceBlocks() {
  return current ? &current->deviceBlocks : nullptr;
}

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (!current) {
    std::fputs("seednorm: fatal: ", stderr);
    std::vfprintf(stderr, format, arguments);
    std::fputs(" (in code that seednorm_rt_invoke did not call)\n", stderr);
    std::abort();
  }
  if (current->message && current->capacity)
    std::vsnprintf(current->message, current->capacity, format, arguments);
  va_end(arguments);
  longjmp(current->target, 1);
}

} // namespace seednorm::rt

using namespace seednorm::rt;

void seednorm_rt_fail(const char *message) { fail("%s", message); }

int32_t seednorm_rt_invoke(void (*entry)(void **), void **args, char *message,
                           uint64_t capacity) {
  Invocation invocation;
  invocation.message = message;
  invocation.capacity = capacity;
  invocation.deviceBlocks.outer = getInvocationDeviceBlocks();
  invocation.outer = current;
  current = &invocation;
  // _setjmp: saving the signal mask as well would cost a system call.
  bool failed = _setjmp(invocation.target) != 0;
  if (!failed)
    entry(args);
  current = invocation.outer;
  if (!failed) {
    detachBlocks(invocation.blocks);
    return 0;
  }
  releaseBlocks(invocation.blocks);
  invocation.deviceBlocks.release();
  return 1;
}
