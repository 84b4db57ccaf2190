//===- Traffic.h - What a CTA's accesses cost -------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Puts the accesses of a warp's lanes together as the hardware does, and counts
// sectors and wavefronts. It must not know whether accesses are right.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_TRAFFIC_H
#define SEEDNORM_RUNTIME_EMULATOR_TRAFFIC_H

#include "Report.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <vector>

namespace seednorm::emulator {

/// Where one lane of a warp accesses memory.
struct LaneAddress {
  uint32_t lane;
  uint64_t address;
};

/// The sectors of 32 bytes that one access of a warp needs, and how many
/// distinct bytes of them it uses.
struct SectorCount {
  uint64_t sectors = 0, usedBytes = 0;
};
SectorCount countSectors(llvm::ArrayRef<LaneAddress> lanes, uint32_t bytes);

/// The wavefronts that one shared-memory access of a warp takes: 32 banks of 4
/// bytes serve 32 lanes at once for up to 4 bytes each, 16 for 8 and 8 for 16;
/// more are needed where lanes want different words of one bank.
struct WavefrontCount {
  uint64_t wavefronts = 0, extra = 0;
};
WavefrontCount countWavefronts(llvm::ArrayRef<LaneAddress> lanes,
                               uint32_t bytes);

/// The accesses of one CTA. Threads run one after another, so the lanes that
/// execute an instruction together are known only afterwards: they are those
/// with the same number of executions of it since the last synchronisation.
class Traffic {
public:
  Traffic(uint32_t threads, uint32_t warpWidth, uint32_t numSites);

  void access(uint32_t thread, uint32_t site, Space space, AccessKind kind,
              uint32_t bytes, uint32_t alignment, uint64_t address);
  /// These lanes have come together.
  void synchronise(uint32_t warp, uint64_t lanes);
  void synchroniseAll();

  /// Calls `visit(site, type, counters)` for each kind of access that there
  /// was.
  template <typename Visit>
  void forEach(Visit visit) const {
    for (const Stream &stream : streams)
      visit(stream.site, AccessType{stream.space, stream.kind, stream.bytes},
            stream.counters);
  }

private:
  static constexpr uint32_t None = ~0u;

  /// Accesses at equal distances.
  struct Run {
    uint64_t address = 0;
    int64_t stride = 0;
    uint64_t count = 0;
    uint64_t operator[](uint64_t index) const {
      return address + stride * index;
    }
  };
  /// The accesses of one kind at one site, or of one piece of them.
  struct Stream {
    uint32_t site = 0, bytes = 0;
    Space space = Space::Global;
    AccessKind kind = AccessKind::Load;
    uint32_t piece = 0;
    /// The site's next stream.
    uint32_t next = None;
    AccessCounters counters;
    /// Of each thread its last run since the last synchronisation; those before
    /// it are in `earlier`.
    std::vector<Run> runs;
    llvm::DenseMap<uint32_t, std::vector<Run>> earlier;
    std::vector<bool> isPending;
  };

  Stream &findStream(uint32_t site, Space space, AccessKind kind,
                     uint32_t bytes, uint32_t piece);
  void record(uint32_t streamIndex, uint32_t thread, uint64_t address);
  void flush(Stream &stream, uint32_t firstThread, uint64_t lanes);
  bool flushRegular(Stream &stream, uint32_t firstThread, uint64_t lanes);
  void flushIrregular(Stream &stream, uint32_t firstThread, uint64_t lanes);
  void count(Stream &stream, llvm::ArrayRef<LaneAddress> lanes,
             uint64_t repeats);

  uint32_t numThreads, warpWidth;
  std::vector<Stream> streams;
  /// By site, its first stream.
  std::vector<uint32_t> first;
  /// By warp, the streams that have accesses to count.
  std::vector<std::vector<uint32_t>> pending;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_TRAFFIC_H
