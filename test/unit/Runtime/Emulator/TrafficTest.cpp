//===- TrafficTest.cpp - What a CTA's accesses cost -------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Access patterns whose sectors and wavefronts follow from the hardware's rules
// with pencil and paper.
//
//===----------------------------------------------------------------------===//

#include "Traffic.h"
#include "Testing.h"
#include <map>
#include <random>

using namespace seednorm::emulator;

/// A warp that accesses begin + lane · stride.
static std::vector<LaneAddress> strided(uint64_t begin, int64_t stride,
                                        uint32_t lanes = 32) {
  std::vector<LaneAddress> result;
  for (uint32_t lane = 0; lane < lanes; ++lane)
    result.push_back({lane, begin + stride * lane});
  return result;
}

static void expectSectors(const std::vector<LaneAddress> &lanes, uint32_t bytes,
                          uint64_t sectors, uint64_t usedBytes) {
  SectorCount count = countSectors(lanes, bytes);
  EXPECT_EQ(count.sectors, sectors);
  EXPECT_EQ(count.usedBytes, usedBytes);
}

TEST(Traffic, SectorsOfKnownPatterns) {
  expectSectors(strided(0, 4), 4, 4, 128);      // coalesced f32
  expectSectors(strided(0, 16), 16, 16, 512);   // coalesced, 128 bits
  expectSectors(strided(0, 2), 2, 2, 64);       // coalesced bf16
  expectSectors(strided(16, 4), 4, 5, 128);     // shifted by half a sector
  expectSectors(strided(0, 8), 4, 8, 128);      // every other word
  expectSectors(strided(0, 32), 4, 32, 128);    // a sector each
  expectSectors(strided(0, 4096), 16, 32, 512); // a row each
  expectSectors(strided(64, 0), 4, 1, 4);       // broadcast
  expectSectors(strided(124, -4), 4, 4, 128);   // reversed
  expectSectors(strided(30, 4096, 2), 4, 4, 8); // across a boundary
  expectSectors(strided(0, 2), 4, 3, 66);       // overlapping
  expectSectors({}, 4, 0, 0);
}

static void expectWavefronts(const std::vector<LaneAddress> &lanes,
                             uint32_t bytes, uint64_t wavefronts,
                             uint64_t extra) {
  WavefrontCount count = countWavefronts(lanes, bytes);
  EXPECT_EQ(count.wavefronts, wavefronts);
  EXPECT_EQ(count.extra, extra);
}

TEST(Traffic, BankConflictsOfKnownPatterns) {
  expectWavefronts(strided(0, 4), 4, 1, 0);        // stride 1
  expectWavefronts(strided(0, 8), 4, 2, 1);        // stride 2
  expectWavefronts(strided(0, 32 * 4), 4, 32, 31); // stride 32: one bank
  expectWavefronts(strided(0, 33 * 4), 4, 1, 0);   // stride 33: padded
  expectWavefronts(strided(0, 16 * 4), 4, 16, 15);
  expectWavefronts(strided(12, 0), 4, 1, 0); // broadcast
  expectWavefronts(strided(0, 2), 2, 1, 0);  // two lanes a word
  expectWavefronts(strided(0, 1), 1, 1, 0);
  // Wider ones go by half and quarter warps.
  expectWavefronts(strided(0, 8), 8, 2, 0);
  expectWavefronts(strided(0, 16), 16, 4, 0);
  expectWavefronts(strided(0, 32), 16, 8, 4); // every other 128-bit word
  expectWavefronts(strided(0, 128), 16, 32, 28);
  expectWavefronts(strided(0, 16, 8), 16, 1, 0);
  expectWavefronts(strided(0, 0), 16, 4, 0);
}

/// What one warp of `threads` lanes is counted as.
static AccessCounters countersOf(const Traffic &traffic) {
  AccessCounters sum;
  traffic.forEach([&](uint32_t, const AccessType &,
                      const AccessCounters &counters) { sum.add(counters); });
  return sum;
}

TEST(Traffic, LanesThatRunOneAfterAnotherAreOneAccess) {
  Traffic traffic(64, 32, 2);
  for (uint32_t thread = 0; thread < 64; ++thread)
    for (uint64_t k = 0; k < 3; ++k) {
      traffic.access(thread, 0, Space::Global, AccessKind::Load, 4, 4,
                     thread * 4 + k * 256);
      traffic.access(thread, 1, Space::Shared, AccessKind::Store, 4, 4,
                     thread * 8 + k * 512);
    }
  traffic.synchroniseAll();
  AccessCounters sum = countersOf(traffic);
  EXPECT_EQ(sum.threads, 64u * 6);
  EXPECT_EQ(sum.warps, 2u * 6);
  EXPECT_EQ(sum.sectors, 2u * 3 * 4);
  EXPECT_EQ(sum.usedBytes, 64u * 3 * 4);
  EXPECT_EQ(sum.wavefronts, 2u * 3 * 2);
  EXPECT_EQ(sum.extraWavefronts, 2u * 3);
}

TEST(Traffic, IrregularStridesAndTripCounts) {
  Traffic traffic(32, 32, 1);
  // Lane n executes it n times, at addresses that no stride describes.
  for (uint32_t thread = 0; thread < 32; ++thread)
    for (uint64_t k = 0; k < thread; ++k)
      traffic.access(thread, 0, Space::Global, AccessKind::Load, 4, 4,
                     k * k * 128 + thread * 4);
  traffic.synchroniseAll();
  AccessCounters sum = countersOf(traffic);
  EXPECT_EQ(sum.threads, 31u * 32 / 2);
  EXPECT_EQ(sum.warps, 31u);
  // The k-th one: lanes k + 1 to 31, words k + 1 to 31 of 128 bytes.
  uint64_t sectors = 0;
  for (uint64_t k = 0; k < 31; ++k)
    sectors += 4 - (k + 1) / 8;
  EXPECT_EQ(sum.sectors, sectors);
}

TEST(Traffic, SynchronisationKeepsExecutionsApart) {
  // Half of the lanes execute it before, the others after: two accesses of 16
  // lanes, although each lane executes it once.
  Traffic traffic(32, 32, 1);
  for (uint32_t thread = 0; thread < 16; ++thread)
    traffic.access(thread, 0, Space::Global, AccessKind::Load, 4, 4,
                   thread * 4);
  traffic.synchronise(0, ~0u);
  for (uint32_t thread = 16; thread < 32; ++thread)
    traffic.access(thread, 0, Space::Global, AccessKind::Load, 4, 4,
                   thread * 4);
  traffic.synchroniseAll();
  EXPECT_EQ(countersOf(traffic).warps, 2u);
  EXPECT_EQ(countersOf(traffic).sectors, 4u);
}

TEST(Traffic, LanesOutsideTheMaskWait) {
  Traffic traffic(32, 32, 1);
  for (uint32_t thread = 0; thread < 32; ++thread)
    traffic.access(thread, 0, Space::Global, AccessKind::Load, 4, 4, 0);
  traffic.synchronise(0, 0xffff);
  EXPECT_EQ(countersOf(traffic).threads, 16u);
  traffic.synchronise(0, 0xffff);
  EXPECT_EQ(countersOf(traffic).threads, 16u);
  traffic.synchronise(0, ~0u);
  EXPECT_EQ(countersOf(traffic).threads, 32u);
}

TEST(Traffic, AnAccessBelowItsAlignmentIsSplit) {
  // <4 x float> with an alignment of 4: four accesses of 4 bytes, each of which
  // uses a quarter of its sectors.
  Traffic traffic(32, 32, 1);
  for (uint32_t thread = 0; thread < 32; ++thread)
    traffic.access(thread, 0, Space::Global, AccessKind::Load, 16, 4,
                   thread * 16);
  traffic.synchroniseAll();
  AccessCounters sum = countersOf(traffic);
  EXPECT_EQ(sum.warps, 4u);
  EXPECT_EQ(sum.sectors, 4u * 16);
  EXPECT_EQ(sum.usedBytes, 512u);
  EXPECT_DOUBLE_EQ(sum.efficiency(), 0.25);
  traffic.forEach([](uint32_t, const AccessType &type, const AccessCounters &) {
    EXPECT_EQ(type.bytes, 4u);
  });
}

TEST(Traffic, OneSiteMayReachSeveralSpaces) {
  Traffic traffic(32, 32, 1);
  for (uint32_t thread = 0; thread < 32; ++thread)
    traffic.access(thread, 0, thread < 16 ? Space::Global : Space::Shared,
                   AccessKind::Load, 4, 4, thread * 4);
  traffic.synchroniseAll();
  int kinds = 0;
  traffic.forEach([&](uint32_t site, const AccessType &type,
                      const AccessCounters &counters) {
    ++kinds;
    EXPECT_EQ(site, 0u);
    EXPECT_EQ(counters.threads, 16u);
    EXPECT_EQ(counters.sectors, type.space == Space::Global ? 2u : 0u);
    EXPECT_EQ(counters.wavefronts, type.space == Space::Shared ? 1u : 0u);
  });
  EXPECT_EQ(kinds, 2);
}

TEST(Traffic, RunsOfAccessesCountAsTheAccessesThemselves) {
  constexpr uint32_t NumThreads = 40, NumSites = 3;
  std::mt19937 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    Traffic traffic(NumThreads, 32, NumSites);
    AccessCounters expected;
    for (int epoch = 0; epoch < 2; ++epoch) {
      // By warp, site and execution, its lanes.
      std::map<std::tuple<uint32_t, uint32_t, uint64_t>,
               std::vector<LaneAddress>>
          groups;
      for (uint32_t site = 0; site < NumSites; ++site) {
        int64_t stride = int64_t(random() % 3) * 64 - 64;
        for (uint32_t thread = 0; thread < NumThreads; ++thread) {
          uint64_t count = random() % 4 ? 5 : random() % 8;
          uint64_t address = 4096 + 4 * thread;
          for (uint64_t k = 0; k < count; ++k) {
            traffic.access(thread, site, Space::Global, AccessKind::Load, 4, 4,
                           address);
            groups[{thread / 32, site, k}].push_back({thread % 32, address});
            address += random() % 8 ? stride : 4 * (random() % 100);
          }
        }
      }
      traffic.synchroniseAll();
      for (const auto &[key, lanes] : groups) {
        SectorCount sectors = countSectors(lanes, 4);
        expected.add(
            {lanes.size(), 1, sectors.sectors, sectors.usedBytes, 0, 0});
      }
    }
    AccessCounters sum = countersOf(traffic);
    EXPECT_EQ(sum.threads, expected.threads);
    EXPECT_EQ(sum.warps, expected.warps);
    EXPECT_EQ(sum.sectors, expected.sectors);
    EXPECT_EQ(sum.usedBytes, expected.usedBytes);
  }
}
