//===- Allocator.h - Pooled memory for the runtime itself -------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pool without invocations: what fails returns null.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_RT_ALLOCATOR_H
#define SEEDNORM_RUNTIME_RT_ALLOCATOR_H

#include "seednorm/Runtime/RuntimeABI.h"
#include <memory>

namespace seednorm::rt {

void *allocate(uint64_t alignment, uint64_t bytes);
void deallocate(void *pointer);
void getPoolStatistics(seednorm_rt_statistics &statistics);

struct Deallocate {
  void operator()(void *pointer) const { deallocate(pointer); }
};
/// Pooled memory that goes back by itself.
using Memory = std::unique_ptr<void, Deallocate>;

} // namespace seednorm::rt

#endif // SEEDNORM_RUNTIME_RT_ALLOCATOR_H
