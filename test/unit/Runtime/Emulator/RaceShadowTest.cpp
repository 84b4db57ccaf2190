//===- RaceShadowTest.cpp - Who touched each byte last ----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random threads, synchronisations and accesses, against an oracle that forgets
// nothing: a vector clock for every thread and all accesses of every byte.
//
//===----------------------------------------------------------------------===//

#include "RaceShadow.h"
#include "Testing.h"
#include <random>

using namespace seednorm::emulator;

namespace {

/// All threads of all CTAs in one list; what each knows of each other's time.
class Oracle {
public:
  Oracle(uint32_t threads, uint64_t bytes)
      : clocks(threads, std::vector<uint32_t>(threads, 0)), history(bytes),
        hasRaced(bytes) {
    for (uint32_t thread = 0; thread < threads; ++thread)
      clocks[thread][thread] = 1;
  }

  void synchronise(const std::vector<uint32_t> &threads) {
    std::vector<uint32_t> joint(clocks.size(), 0);
    for (uint32_t thread : threads)
      for (size_t other = 0; other < joint.size(); ++other)
        joint[other] = std::max(joint[other], clocks[thread][other]);
    for (uint32_t thread : threads) {
      clocks[thread] = joint;
      ++clocks[thread][thread];
    }
  }

  /// Whether it races, or nothing where an earlier race has left its bytes
  /// undefined.
  std::optional<bool> access(uint32_t thread, uint64_t offset, uint32_t bytes,
                             AccessKind kind) {
    bool races = false, isDefined = true;
    for (uint64_t byte = offset; byte < offset + bytes; ++byte) {
      isDefined &= !hasRaced[byte];
      bool byteRaces = false;
      for (const Entry &entry : history[byte])
        byteRaces |= conflict(kind, entry.kind) && entry.thread != thread &&
                     entry.time > clocks[thread][entry.thread];
      history[byte].push_back({thread, clocks[thread][thread], kind});
      hasRaced[byte] = hasRaced[byte] || byteRaces;
      races |= byteRaces;
    }
    return isDefined ? std::optional(races) : std::nullopt;
  }

private:
  struct Entry {
    uint32_t thread, time;
    AccessKind kind;
  };
  static bool conflict(AccessKind left, AccessKind right) {
    return left != right || left == AccessKind::Store;
  }

  std::vector<std::vector<uint32_t>> clocks;
  std::vector<std::vector<Entry>> history;
  std::vector<bool> hasRaced;
};

/// Two clusters of two CTAs, each of them two warps and a half.
class RandomRun {
public:
  explicit RandomRun(uint32_t seed)
      : random(seed), shadow(Bytes, 6), oracle(NumCtas * NumThreads, Bytes) {
    for (uint32_t cta = 0; cta < NumCtas; ++cta) {
      clocks.push_back(std::make_shared<Clocks>(NumThreads, WarpWidth));
      clusters[cta / 2].members.push_back({cta, clocks.back()});
    }
  }

  void run() {
    for (int step = 0; step < 400 && !::testing::Test::HasFailure(); ++step) {
      uint32_t what = below(100);
      if (what < 80)
        access();
      else if (what < 92)
        warpSync();
      else if (what < 97)
        barrier();
      else
        clusterBarrier();
    }
  }

  int races = 0, others = 0;

private:
  static constexpr uint32_t NumCtas = 4, NumThreads = 20, WarpWidth = 8;
  static constexpr uint64_t Bytes = 160;

  uint32_t below(uint32_t limit) { return random() % limit; }

  void access() {
    static constexpr AccessKind kinds[] = {AccessKind::Load, AccessKind::Load,
                                           AccessKind::Load, AccessKind::Store,
                                           AccessKind::Atomic};
    // Some parts of memory are only read in 16 bytes, some in any way.
    bool isWide = below(2);
    uint32_t bytes = isWide ? 16 : 1u << below(5);
    uint64_t offset = isWide ? 16 * below(Bytes / 32)
                             : Bytes / 2 + below(Bytes / 2 - bytes + 1);
    RaceAccess access;
    access.party = {below(NumCtas), below(NumThreads), 0, 0};
    // Most of the time somebody goes on that has been here before.
    if (below(3))
      access.party.cta = lastCta;
    lastCta = access.party.cta;
    access.kind = kinds[below(5)];
    access.clocks = clocks[lastCta].get();
    access.party.time = access.clocks->now(access.party.thread);
    access.cluster = &clusters[lastCta / 2];
    bool found = shadow.access(offset, bytes, access).has_value();
    std::optional<bool> expected = oracle.access(
        lastCta * NumThreads + access.party.thread, offset, bytes, access.kind);
    if (!expected)
      return;
    EXPECT_EQ(found, *expected);
    ++(found ? races : others);
  }

  void synchronise(uint32_t cta, std::vector<uint32_t> threads) {
    for (uint32_t &thread : threads)
      thread += cta * NumThreads;
    oracle.synchronise(threads);
  }

  void warpSync() {
    uint32_t cta = below(NumCtas), warp = below(3);
    uint64_t lanes = warp == 2 ? 0xf : 0xff;
    if (below(2))
      lanes &= random();
    if (!lanes)
      return;
    clocks[cta]->warpSync(warp, lanes);
    std::vector<uint32_t> threads;
    for (uint32_t lane = 0; lane < WarpWidth; ++lane)
      if (lanes >> lane & 1)
        threads.push_back(warp * WarpWidth + lane);
    synchronise(cta, threads);
  }

  void barrier() {
    uint32_t cta = below(NumCtas);
    std::vector<uint32_t> threads;
    bool isWhole = below(3);
    for (uint32_t thread = 0; thread < NumThreads; ++thread)
      if (isWhole || below(2))
        threads.push_back(thread);
    if (threads.empty())
      return;
    clocks[cta]->barrier(threads);
    synchronise(cta, threads);
  }

  void clusterBarrier() {
    uint32_t cluster = below(2);
    std::vector<uint32_t> threads;
    for (const ClusterClocks::Member &member : clusters[cluster].members) {
      member.clocks->clusterBarrier();
      for (uint32_t thread = 0; thread < NumThreads; ++thread)
        threads.push_back(member.cta * NumThreads + thread);
    }
    oracle.synchronise(threads);
  }

  std::mt19937 random;
  RaceShadow shadow;
  Oracle oracle;
  std::vector<std::shared_ptr<Clocks>> clocks;
  ClusterClocks clusters[2];
  uint32_t lastCta = 0;
};

} // namespace

TEST(RaceShadow, AgreesWithAnOracleThatForgetsNothing) {
  int races = 0, others = 0;
  for (uint32_t seed = 0; seed < 2000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    RandomRun run(seed);
    run.run();
    races += run.races;
    others += run.others;
  }
  // Both kinds have been seen often.
  EXPECT_GT(races, 5000);
  EXPECT_GT(others, 50000);
}
