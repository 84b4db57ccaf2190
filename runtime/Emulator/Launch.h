//===- Launch.h - One launch of a kernel ------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the host's threads that run a launch share: the kernel, its arguments,
// the order of the CTAs, and the first failure. It must not know fibers.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_LAUNCH_H
#define SEEDNORM_RUNTIME_EMULATOR_LAUNCH_H

#include "Observer.h"
#include "Program.h"
#include "Stacks.h"
#include "llvm/Support/Error.h"
#include <atomic>
#include <mutex>

namespace seednorm::emulator {

class Launch {
public:
  /// `observer` may be null: then nothing is watched.
  Launch(const Program &program, const Kernel &kernel, const LaunchShape &shape,
         void **arguments, KernelObserver *observer, uint64_t seed,
         uint64_t maxTurns, StackPool &stacks);

  /// Runs all CTAs on so many threads of the host. An error says where the
  /// kernel failed.
  llvm::Error run(uint32_t numThreads);

  /// The first failure is kept; everybody stops.
  void fail(const llvm::Twine &message);
  bool hasStopped() const { return stopped.load(std::memory_order_relaxed); }
  /// "block [1, 0, 0], thread [5, 0, 0]"
  std::string describe(uint32_t cta, uint32_t thread) const;

  const Program &program;
  const Kernel &kernel;
  const LaunchShape shape;
  void **const arguments;
  KernelObserver *const observer;
  const uint64_t seed;
  /// Of a thread's loops, all together.
  const uint64_t maxTurns;
  StackPool &stacks;

private:
  void work();
  uint32_t permute(uint32_t cluster) const;

  /// Wider than their number: each thread of the host asks once too often.
  std::atomic<uint64_t> next{0};
  uint32_t numClusters = 0;
  std::atomic<bool> stopped{false};
  std::mutex mutex;
  std::string failure;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_LAUNCH_H
