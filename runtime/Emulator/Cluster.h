//===- Cluster.h - The threads that run together ----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The CTAs of one cluster (mostly a single one) on one thread of the host, one
// fiber for each GPU thread. It must not know how kernels are compiled; what
// they may ask for is in Builtins.h.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_CLUSTER_H
#define SEEDNORM_RUNTIME_EMULATOR_CLUSTER_H

#include "Launch.h"
#include "Stacks.h"
#include "ThreadContext.h"
#include "llvm/ADT/SmallVector.h"
#include <vector>

namespace seednorm::emulator {

class Cluster;
struct Cta;
struct FiberEntry;

/// Something that can be switched to.
struct Fiber {
  void *context = nullptr;
  Cluster *cluster = nullptr;
  /// For AddressSanitizer.
  const void *stackBottom = nullptr;
  size_t stackBytes = 0;
  void *fakeStack = nullptr;
};

/// What a thread is waiting for.
enum class Wait : uint8_t { Nothing, Warp, Barrier, ClusterBarrier };

struct AsyncCopy {
  char *to;
  const char *from;
  uint32_t bytes, copied;
  /// Of the table of accesses; the write happens when the copy is waited for.
  uint32_t loadAccess, storeAccess;
  uint32_t group;
  /// What was at `from` when the copy was issued, then zeros.
  std::array<char, 16> data;
};

struct Thread : ThreadContext, Fiber {
  Cta *cta = nullptr;
  /// Within the CTA.
  uint32_t index = 0;
  /// Within the cluster.
  uint32_t warp = 0;
  uint32_t lane = 0;
  bool exited = false;
  Wait wait = Wait::Nothing;
  /// Of what it waits for.
  uint32_t site = 0;
  /// Of its loops, as granted so far and the last time.
  uint64_t turns = 0;
  uint32_t grant = 0;

  // A warp operation that it takes part in.
  WarpOperation operation = WarpOperation::Sync;
  uint32_t b = 0, c = 0;
  uint64_t mask = 0, value = 0, result = 0;

  // A barrier of the CTA.
  uint32_t barrier = 0;

  // The cluster's barrier: the phase that it has arrived at.
  uint64_t clusterPhase = 0;
  bool clusterArrived = false;

  uint32_t copyGroup = 0;
  std::vector<AsyncCopy> copies;

  uint64_t laneBit() const { return uint64_t(1) << lane; }
};

struct Warp {
  /// Lanes that there are, that have returned, that wait for others of the
  /// warp, and that can run.
  uint64_t present = 0, exited = 0, waiting = 0, ready = 0;
  /// In which order ready lanes run.
  uint32_t rotation = 0;
  Cta *cta = nullptr;
  Thread *lanes = nullptr;
};

struct Barrier {
  /// Threads to wait for; 0: all.
  uint32_t expected = 0;
  BarrierOperation operation = BarrierOperation::Sync;
  bool aligned = false;
  /// Threads that have come, in the CTA's numbering.
  std::vector<uint32_t> arrived;
  uint32_t trueCount = 0;
};

struct Cta {
  uint32_t index = 0;
  Cluster *cluster = nullptr;
  std::unique_ptr<CtaObserver> observer;
  char *shared = nullptr;
  Thread *threads = nullptr;
  uint32_t live = 0;
  /// 16 of them have names.
  Barrier barriers[16];
  /// Barriers that at least one thread waits at.
  uint32_t open = 0;
  std::vector<uint64_t> blocks;
};

/// Runs the clusters of a launch, one after the other.
class Cluster {
public:
  explicit Cluster(Launch &launch);
  ~Cluster();

  /// The memory for any cluster of the launch.
  llvm::Error prepare();
  /// Runs the CTAs of one cluster to their end, or the launch's failure.
  void run(uint32_t cluster);

  //===--------------------------------------------------------------------===//
  // Called on the stack of a thread.
  //===--------------------------------------------------------------------===//

  /// Runs others until the thread is made ready.
  void suspend(Thread &thread, Wait wait, uint32_t site);
  /// Lets others run; an error where the thread has gone round its loops too
  /// often.
  void yield(Thread &thread, uint32_t site);
  /// Ends the launch.
  [[noreturn]] void fail(Thread &thread, FindingKind kind, uint32_t site,
                         const llvm::Twine &message);
  /// Ends the launch for a reason that the observer knows already.
  [[noreturn]] void leave(Thread &thread);

  /// The warp's operation that the thread has filled in.
  void join(Thread &thread, uint32_t site);
  /// Comes to a barrier, and waits unless it only arrives. Returns what the
  /// barrier computes.
  uint32_t arrive(Thread &thread, uint32_t id, uint32_t count,
                  BarrierOperation operation, bool aligned, bool predicate,
                  uint32_t site);
  void arriveAtCluster(Thread &thread, uint32_t site);
  void waitForCluster(Thread &thread, uint32_t site);

  /// Of the cluster's CTAs, all in one piece.
  char *getShared() const { return shared; }
  uint64_t getSharedStride() const { return sharedStride; }
  Cta &getCta(uint32_t rank) { return ctas[rank]; }
  uint32_t getNumCtas() const { return static_cast<uint32_t>(ctas.size()); }
  Launch &getLaunch() { return launch; }
  bool isOnStack(const Thread &thread, const void *address) const;

private:
  void begin(uint32_t cluster);
  void beginCta(Cta &cta, uint32_t rank, const uint32_t (&clusterId)[3]);
  void end();
  friend struct FiberEntry;
  void finishThread(Thread &thread);

  Thread *pick();
  /// Gives the host's thread to a fiber.
  void switchTo(Fiber &from, Fiber &to);
  void makeReady(uint32_t warp, uint64_t lanes);
  uint64_t random();

  bool complete(Warp &warp, uint64_t lanes);
  /// Lets the lanes go that wait for nothing but the end of divergence.
  bool converge();
  void checkMask(Thread &thread, uint64_t lanes);
  void completeBarrier(Cta &cta, uint32_t id);
  bool isComplete(const Cta &cta, const Barrier &barrier) const;
  void checkAlignment(Cta &cta, uint32_t id);
  void completeClusterBarrier();
  void reportDeadlock();
  std::string describeWait(const Thread &thread) const;

  Launch &launch;
  std::unique_ptr<Stacks> stacks;
  std::vector<Cta> ctas;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  std::vector<uint64_t> readyWarps;
  uint32_t warpsPerCta = 0;
  uint32_t current = 0;
  uint32_t live = 0;
  uint64_t state = 0;
  char *shared = nullptr;
  uint64_t sharedBytes = 0, sharedStride = 0;
  uint64_t phase = 0;
  uint32_t clusterArrived = 0;
  bool failed = false;
  Fiber scheduler;
  Fiber *running = nullptr;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_CLUSTER_H
