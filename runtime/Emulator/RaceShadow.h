//===- RaceShadow.h - Who touched each byte last ----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For a piece of memory, the accesses that a later one could race with. It must
// not know which synchronisations there are: it asks what is ordered.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_RACESHADOW_H
#define SEEDNORM_RUNTIME_EMULATOR_RACESHADOW_H

#include "Clocks.h"
#include "Report.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace seednorm::emulator {

/// The CTAs whose accesses can be ordered with one another's: those of a
/// cluster, or one alone. They run on one thread of the host.
struct ClusterClocks {
  struct Member {
    uint32_t cta;
    std::shared_ptr<Clocks> clocks;
  };
  std::vector<Member> members;
};

/// An access, as others will see it.
struct RaceParty {
  uint32_t cta = 0, thread = 0, time = 0, site = 0;
};

/// One that is about to happen.
struct RaceAccess {
  RaceParty party;
  AccessKind kind = AccessKind::Load;
  const Clocks *clocks = nullptr;
  /// Null where clusters are single CTAs.
  const ClusterClocks *cluster = nullptr;
};

/// An earlier access that is not ordered with this one.
struct RaceConflict {
  RaceParty earlier;
  AccessKind kind = AccessKind::Load;
  /// `earlier` is one of several, in CTAs that nothing orders.
  bool isByManyCtas = false;
};

/// Shadow of [0, bytes). Thread-safe. Pages of it come to life when touched, as
/// coarse as accesses allow: where all are of 16 aligned bytes, a cell is 16
/// bytes.
class RaceShadow {
public:
  RaceShadow(uint64_t bytes, unsigned pageShift);
  ~RaceShadow();

  /// Records the access, and returns one that it races with.
  std::optional<RaceConflict> access(uint64_t offset, uint32_t bytes,
                                     const RaceAccess &access);

private:
  struct Page;
  Page &page(uint64_t index);

  unsigned pageShift;
  uint64_t numPages;
  std::unique_ptr<std::atomic<Page *>[]> pages;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_RACESHADOW_H
