//===- Observer.h - Watches a kernel run ------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an engine tells while it runs a kernel, and the checks and counters that
// come of it. It must not know how code is executed: threads are numbers, and
// sites are indices into a table that the engine made.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_OBSERVER_H
#define SEEDNORM_RUNTIME_EMULATOR_OBSERVER_H

#include "Buffers.h"
#include "Report.h"
#include "llvm/ADT/ArrayRef.h"
#include <memory>
#include <optional>

namespace seednorm::emulator {

struct LaunchShape {
  uint32_t grid[3] = {1, 1, 1}, block[3] = {1, 1, 1}, cluster[3] = {1, 1, 1};
  uint32_t warpWidth = 32;
  uint32_t staticSharedBytes = 0, dynamicSharedBytes = 0;

  uint64_t numCtas() const { return uint64_t(grid[0]) * grid[1] * grid[2]; }
  uint32_t threadsPerCta() const { return block[0] * block[1] * block[2]; }
  uint32_t ctasPerCluster() const {
    return cluster[0] * cluster[1] * cluster[2];
  }
  uint64_t sharedBytes() const {
    return uint64_t(staticSharedBytes) + dynamicSharedBytes;
  }
};

/// What a thread is about to do to memory. Threads of a CTA, and CTAs of a
/// grid, are numbered with x running fastest.
struct Access {
  uint32_t site = 0;
  Space space = Space::Global;
  AccessKind kind = AccessKind::Load;
  /// `alignment` is what the instruction claims: less than `bytes` where the
  /// compiler will split it.
  uint32_t bytes = 0, alignment = 1;
  /// The host's address of global and local memory; the offset in its CTA's
  /// shared memory (static, then dynamic).
  uint64_t address = 0;
  /// The CTA whose shared memory it is: the thread's own, or one of its
  /// cluster.
  uint32_t ownerCta = 0;
};

struct ObserverOptions {
  std::string kernel;
  bool checkRaces = true;
  bool checkUninitialised = true;
  bool count = true;
  /// The launch may begin before the kernels before it have ended
  /// (SEEDNORM_RT_LAUNCH_DEPENDENT).
  bool dependent = false;
  /// For the report.
  std::optional<uint64_t> rows, minimumLoadBytes, minimumStoreBytes;
};

class CtaObserver;

/// Watches one launch. All CTAs of a cluster must be begun before one of them
/// touches another's shared memory, and run on one thread of the host; apart
/// from that CTAs may run on any. Must outlive its CtaObservers.
class KernelObserver {
public:
  KernelObserver(const Buffers &buffers, llvm::ArrayRef<Site> sites,
                 const LaunchShape &shape, const ObserverOptions &options = {});
  ~KernelObserver();

  std::unique_ptr<CtaObserver> beginCta(uint32_t cta);
  void endCta(std::unique_ptr<CtaObserver> observer);
  /// After the last endCta.
  KernelReport finish();

  struct State;

private:
  std::unique_ptr<State> state;
};

/// Watches one CTA. Not thread-safe. `thread` counts within the CTA, and its
/// warp is thread / warpWidth.
class CtaObserver {
public:
  ~CtaObserver();

  /// Before the access is performed. False: it must not be, and the launch
  /// ends (it is outside memory, or misaligned).
  bool access(uint32_t thread, const Access &access);

  /// These lanes have come together. `ordersMemory`: what they did before is
  /// visible to all of them after it (bar.warp.sync; a shuffle or vote does not
  /// do that).
  void warpSync(uint32_t warp, uint64_t lanes, bool ordersMemory);

  /// A barrier of the CTA is complete, by these threads; before one of them
  /// goes on. Orders memory among them. All live threads, or those of a named
  /// barrier.
  void barrier(uint32_t id, llvm::ArrayRef<uint32_t> threads);

  /// A barrier of the cluster is complete: called for each of its CTAs, before
  /// a thread of any of them goes on.
  void clusterBarrier();

  /// The thread has waited for the kernels before this one
  /// (griddepcontrol.wait).
  void dependencyWait(uint32_t thread);

  /// The thread has returned: barriers no longer wait for it.
  void exit(uint32_t thread);

  void count(InstructionClass kind, uint64_t executions = 1);

  /// Something that the engine has found. Merged with others of its kind at its
  /// site.
  void finding(Finding finding);

  struct State;
  explicit CtaObserver(std::unique_ptr<State> state);

private:
  friend class KernelObserver;
  std::unique_ptr<State> state;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_OBSERVER_H
