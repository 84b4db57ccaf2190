//===- Clocks.h - What has happened before what in a CTA --------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each warp has a clock that ticks when a synchronisation ends an epoch of it;
// a time of a thread is its warp's clock. It must not know memory.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_CLOCKS_H
#define SEEDNORM_RUNTIME_EMULATOR_CLOCKS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/MathExtras.h"
#include <cstdint>
#include <memory>
#include <vector>

namespace seednorm::emulator {

/// Vector clocks of a CTA's threads, kept as small as synchronisations allow:
/// after a barrier of the whole CTA one number a warp says all, after one of a
/// whole warp one number for it; other groups of lanes and threads cost a
/// vector, until the next barrier of all.
class Clocks {
public:
  Clocks(uint32_t threads, uint32_t warpWidth);

  uint32_t now(uint32_t thread) const { return warps[warpOf(thread)].clock; }

  /// Whether what `earlier` did at `time` has happened before what `later` does
  /// now.
  bool isOrdered(uint32_t earlier, uint32_t time, uint32_t later) const {
    const Warp &warp = warps[warpOf(earlier)];
    if (earlier == later || time <= warp.knownToAll)
      return true;
    if (warpOf(earlier) == warpOf(later) && time <= warp.knownToWarp)
      return true;
    return !known.empty() && known[later] && (*known[later])[earlier] >= time;
  }
  /// Whether it has happened before the cluster's last barrier.
  bool isBeforeClusterBarrier(uint32_t thread, uint32_t time) const {
    return time <= warps[warpOf(thread)].knownToCluster;
  }

  /// Whether all threads of the CTA know everything that the warp did up to
  /// then.
  bool isKnownToAll(uint32_t warp, uint32_t time) const {
    return time <= warps[warp].knownToAll;
  }
  unsigned getWarpShift() const { return warpShift; }

  void warpSync(uint32_t warp, uint64_t lanes);
  void barrier(llvm::ArrayRef<uint32_t> threads);
  void clusterBarrier();
  void exit(uint32_t thread);

private:
  using Vector = std::vector<uint32_t>;
  struct Warp {
    uint32_t clock = 1;
    /// Up to when the lanes' accesses are known to the whole CTA, cluster, and
    /// to the warp itself.
    uint32_t knownToAll = 0, knownToCluster = 0, knownToWarp = 0;
    uint64_t lanes = 0, exited = 0;
  };

  uint32_t warpOf(uint32_t thread) const { return thread >> warpShift; }
  void synchronise(llvm::ArrayRef<uint32_t> threads);

  uint32_t numThreads, warpShift, numExited = 0;
  std::vector<Warp> warps;
  /// For each thread, up to when it knows each other thread beyond what the
  /// warps say; threads that know the same share it. Empty: nobody does.
  std::vector<std::shared_ptr<const Vector>> known;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_CLOCKS_H
