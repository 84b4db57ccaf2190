//===- Failure.h - How runtime functions fail -------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled code has no error path, so a failing runtime function jumps out of
// it to whoever invoked it. Must not be used where C++ destructors are pending.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_RT_FAILURE_H
#define SEEDNORM_RUNTIME_RT_FAILURE_H

namespace seednorm::rt {

struct Block;
struct DeviceBlocks;

/// The blocks allocated during an invocation and not freed yet, to be released
/// if it fails.
struct BlockList {
  Block *first = nullptr;
};

/// The lists of the running invocation of this thread; null outside.
BlockList *getInvocationBlocks();
DeviceBlocks *getInvocationDeviceBlocks();

/// Leaves the running invocation of this thread with a message as printf makes
/// it. Without an invocation nobody can take the error, and the process ends.
[[noreturn]] void fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/// Forgets the blocks, which now belong to the caller's results.
void detachBlocks(BlockList &list);
/// Returns the blocks to the pool.
void releaseBlocks(BlockList &list);

} // namespace seednorm::rt

#endif // SEEDNORM_RUNTIME_RT_FAILURE_H
