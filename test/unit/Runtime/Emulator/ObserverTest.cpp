//===- ObserverTest.cpp - Watches a kernel run ------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each kind of finding with a case that has it, and beside it the nearest case
// that is right. The test plays the engine.
//
//===----------------------------------------------------------------------===//

#include "Testing.h"
#include "gmock/gmock.h"
#include <thread>

using namespace seednorm::emulator;
using namespace seednorm::emulator::testing;
using ::testing::HasSubstr;

static constexpr AccessKind Load = AccessKind::Load, Store = AccessKind::Store,
                            Atomic = AccessKind::Atomic;

/// Expects exactly one finding, of this kind.
static Finding onlyFinding(const KernelReport &report, FindingKind kind) {
  EXPECT_EQ(report.findings.size(), 1u) << summary(report);
  if (report.findings.empty())
    return {};
  EXPECT_EQ(report.findings[0].kind, kind) << summary(report);
  return report.findings[0];
}

#define EXPECT_CLEAN(launch)                                                   \
  do {                                                                         \
    KernelReport report = (launch).finish();                                   \
    EXPECT_TRUE(report.findings.empty()) << summary(report);                   \
  } while (false)

//===----------------------------------------------------------------------===//
// Bounds and alignment
//===----------------------------------------------------------------------===//

TEST(Observer, AccessesInsideABufferAreRight) {
  TestLaunch launch;
  EXPECT_TRUE(launch.global(0, Load, 0));
  EXPECT_TRUE(launch.global(0, Load, 4080, 16));
  EXPECT_TRUE(launch.global(0, Store, 4095, 1));
  EXPECT_TRUE(launch.global(0, Load, 1 << 20, 0));
  EXPECT_CLEAN(launch);
}

TEST(Observer, ReadPastTheEnd) {
  TestLaunch launch;
  EXPECT_FALSE(launch.global(7, Load, 4100));
  Finding finding = onlyFinding(launch.finish(), FindingKind::OutOfBounds);
  EXPECT_EQ(finding.thread, 7u);
  EXPECT_EQ(finding.site, 2u);
  EXPECT_EQ(finding.message, "a load of 4 bytes at 0x11004 is 4 bytes past the "
                             "end of a buffer of 4096 bytes");
}

TEST(Observer, WriteAcrossTheEnd) {
  TestLaunch launch;
  launch.cta();
  EXPECT_FALSE(
      launch.cta().access(1, makeAccess(3, Space::Global, Store,
                                        TestLaunch::Global + 4088, 16, 8)));
  Finding finding = onlyFinding(launch.finish(), FindingKind::OutOfBounds);
  EXPECT_EQ(finding.message,
            "a store of 16 bytes at 0x10ff8 crosses the end of "
            "a buffer of 4096 bytes by 8 bytes");
}

TEST(Observer, AcrossTheEndIntoTheNextBuffer) {
  TestLaunch launch;
  launch.buffers.add(pointerTo(TestLaunch::Global + 4096), 4096, true);
  EXPECT_FALSE(launch.cta().access(
      1, makeAccess(2, Space::Global, Load, TestLaunch::Global + 4092, 8, 4)));
  onlyFinding(launch.finish(), FindingKind::OutOfBounds);
}

TEST(Observer, BeforeEveryBuffer) {
  TestLaunch launch;
  EXPECT_FALSE(
      launch.cta().access(0, makeAccess(2, Space::Global, Load, 0, 4)));
  EXPECT_THAT(onlyFinding(launch.finish(), FindingKind::OutOfBounds).message,
              HasSubstr("is in no live buffer"));
}

TEST(Observer, FreedMemory) {
  TestLaunch launch;
  launch.buffers.remove(pointerTo(TestLaunch::Global));
  EXPECT_FALSE(launch.global(0, Load, 0));
  onlyFinding(launch.finish(), FindingKind::OutOfBounds);
}

TEST(Observer, OutsideSharedMemory) {
  TestLaunch launch;
  EXPECT_TRUE(launch.shared(0, Store, 1020));
  EXPECT_FALSE(launch.shared(0, Store, 1022));
  EXPECT_FALSE(launch.shared(0, Store, ~uint64_t(0)));
  Finding finding = onlyFinding(launch.finish(), FindingKind::OutOfBounds);
  EXPECT_EQ(finding.count, 2u);
  EXPECT_EQ(finding.message,
            "a store of 4 bytes at offset 1022 of 1024 bytes of shared memory");
}

TEST(Observer, Misaligned) {
  TestLaunch launch;
  EXPECT_TRUE(launch.cta().access(
      0, makeAccess(2, Space::Global, Load, TestLaunch::Global + 4, 16, 4)));
  EXPECT_FALSE(launch.cta().access(
      0, makeAccess(2, Space::Global, Load, TestLaunch::Global + 4, 16, 16)));
  EXPECT_FALSE(
      launch.cta().access(0, makeAccess(2, Space::Shared, Store, 8, 16, 16)));
  Finding finding = onlyFinding(launch.finish(), FindingKind::Misaligned);
  EXPECT_EQ(finding.count, 2u);
  EXPECT_EQ(finding.message,
            "a load of 16 bytes at 0x10004, which is no multiple of 16");
}

//===----------------------------------------------------------------------===//
// Uninitialised memory
//===----------------------------------------------------------------------===//

TEST(Observer, UninitialisedSharedMemoryByTheByte) {
  TestLaunch launch;
  launch.shared(0, Store, 0, 2);
  launch.shared(0, Load, 0, 2);
  launch.shared(0, Store, 3, 1);
  launch.shared(0, Load, 0, 4);
  Finding finding =
      onlyFinding(launch.finish(), FindingKind::UninitialisedShared);
  EXPECT_EQ(finding.count, 1u);
  EXPECT_EQ(finding.message, "a load of 4 bytes at offset 0 of shared memory: "
                             "nobody has written byte 2");
}

TEST(Observer, AnAtomicNeedsAnInitialValue) {
  TestLaunch launch;
  launch.shared(0, Atomic, 0);
  onlyFinding(launch.finish(), FindingKind::UninitialisedShared);
}

TEST(Observer, SharedMemoryOfEachCtaIsItsOwn) {
  TestLaunch launch(2);
  launch.shared(0, Store, 0, 4, 0, 0);
  launch.shared(0, Load, 0, 4, 1, 1);
  EXPECT_EQ(onlyFinding(launch.finish(), FindingKind::UninitialisedShared).cta,
            1u);
}

TEST(Observer, UninitialisedGlobalMemory) {
  TestLaunch launch;
  launch.buffers.add(pointerTo(0x40000), 64);
  auto access = [&](AccessKind kind, uint64_t offset) {
    launch.cta().access(
        0, makeAccess(0, Space::Global, kind, 0x40000 + offset, 4));
  };
  access(Store, 0);
  access(Load, 0);
  access(Load, 8);
  Finding finding =
      onlyFinding(launch.finish(), FindingKind::UninitialisedGlobal);
  EXPECT_EQ(finding.count, 1u);
  EXPECT_THAT(finding.message, HasSubstr("at byte 8 of a buffer of 64 bytes"));
}

TEST(Observer, AStoreOfOneLaunchIsSeenByTheNext) {
  Buffers buffers;
  buffers.add(pointerTo(0x1000), 64);
  for (AccessKind kind : {Store, Load}) {
    KernelObserver kernel(buffers, someSites(), LaunchShape());
    std::unique_ptr<CtaObserver> cta = kernel.beginCta(0);
    cta->access(0, makeAccess(0, Space::Global, kind, 0x1000, 16));
    kernel.endCta(std::move(cta));
    KernelReport report = kernel.finish();
    EXPECT_TRUE(report.findings.empty()) << summary(report);
  }
}

//===----------------------------------------------------------------------===//
// Races in shared memory
//===----------------------------------------------------------------------===//

TEST(Observer, SharedReadAfterWrite) {
  TestLaunch launch;
  launch.shared(0, Store, 0);
  launch.shared(1, Load, 0);
  Finding finding = onlyFinding(launch.finish(), FindingKind::SharedRace);
  EXPECT_EQ(finding.site, 0u);
  EXPECT_EQ(finding.thread, 1u);
  EXPECT_EQ(finding.message,
            "a load of 4 bytes races with the store at k.mlir:2:1 by thread 0: "
            "no barrier between them");
}

TEST(Observer, SharedWriteAfterRead) {
  TestLaunch launch;
  launch.shared(0, Store, 0);
  launch.barrier();
  launch.shared(0, Load, 0);
  launch.shared(40, Store, 0);
  Finding finding = onlyFinding(launch.finish(), FindingKind::SharedRace);
  EXPECT_THAT(finding.message, HasSubstr("the load at k.mlir:1:1"));
}

TEST(Observer, SharedWriteAfterManyReads) {
  for (uint32_t missing : {0u, 1u}) {
    TestLaunch launch;
    launch.shared(0, Store, 0);
    launch.barrier();
    // All threads read; the writer is ordered after all of them, or after its
    // own warp only.
    for (uint32_t thread = 0; thread < 64; ++thread)
      launch.shared(thread, Load, 0);
    if (missing)
      launch.cta().warpSync(0, ~0u, true);
    else
      launch.barrier();
    launch.shared(0, Store, 0);
    KernelReport report = launch.finish();
    if (missing)
      EXPECT_THAT(onlyFinding(report, FindingKind::SharedRace).message,
                  HasSubstr("by thread 32"));
    else
      EXPECT_TRUE(report.findings.empty()) << summary(report);
  }
}

TEST(Observer, SharedWriteAfterWriteOfTheSameValueToo) {
  TestLaunch launch;
  launch.shared(0, Store, 0);
  launch.shared(1, Store, 0);
  onlyFinding(launch.finish(), FindingKind::SharedRace);
}

TEST(Observer, ABarrierOrders) {
  TestLaunch launch;
  launch.shared(0, Store, 0);
  launch.barrier();
  for (uint32_t thread = 0; thread < 64; ++thread)
    launch.shared(thread, Load, 0);
  launch.barrier();
  launch.shared(1, Store, 0);
  launch.barrier();
  launch.shared(2, Store, 0);
  EXPECT_CLEAN(launch);
}

TEST(Observer, ABarrierBeforeOneOfThemOnly) {
  // Double buffering without the parity: written again while others may read.
  TestLaunch launch;
  for (int row = 0; row < 2; ++row) {
    launch.shared(row, Store, 0);
    launch.barrier();
    launch.shared(50, Load, 0);
  }
  onlyFinding(launch.finish(), FindingKind::SharedRace);
}

TEST(Observer, DoubleBufferingNeedsOneBarrier) {
  TestLaunch launch;
  for (int row = 0; row < 8; ++row) {
    uint64_t offset = row % 2 * 64;
    for (uint32_t warp = 0; warp < 2; ++warp)
      launch.shared(warp * 32, Store, offset + 4 * warp);
    launch.barrier();
    for (uint32_t thread = 0; thread < 64; ++thread)
      for (uint32_t warp = 0; warp < 2; ++warp)
        launch.shared(thread, Load, offset + 4 * warp);
  }
  EXPECT_CLEAN(launch);
}

TEST(Observer, AWarpSyncOrdersItsWarp) {
  TestLaunch launch;
  launch.shared(0, Store, 0);
  launch.cta().warpSync(0, ~0u, /*ordersMemory=*/true);
  launch.shared(31, Load, 0);
  EXPECT_CLEAN(launch);

  TestLaunch other;
  other.shared(0, Store, 0);
  other.cta().warpSync(0, ~0u, true);
  other.shared(32, Load, 0);
  onlyFinding(other.finish(), FindingKind::SharedRace);
}

TEST(Observer, AShuffleOrdersNothing) {
  TestLaunch launch;
  launch.shared(0, Store, 0);
  launch.cta().warpSync(0, ~0u, /*ordersMemory=*/false);
  launch.shared(1, Load, 0);
  onlyFinding(launch.finish(), FindingKind::SharedRace);
}

TEST(Observer, AWarpSyncOrdersItsMaskOnly) {
  TestLaunch launch;
  launch.shared(0, Store, 0);
  launch.cta().warpSync(0, 0x0f, true);
  launch.shared(3, Load, 0);
  EXPECT_CLEAN(launch);

  TestLaunch other;
  other.shared(0, Store, 0);
  other.cta().warpSync(0, 0x0f, true);
  other.shared(4, Load, 0);
  onlyFinding(other.finish(), FindingKind::SharedRace);
}

TEST(Observer, ANamedBarrierOrdersItsThreads) {
  TestLaunch launch(1, 1, 128);
  launch.shared(0, Store, 0);
  launch.cta().barrier(1, threads(64));
  launch.shared(63, Load, 0);
  EXPECT_CLEAN(launch);

  TestLaunch other(1, 1, 128);
  other.shared(0, Store, 0);
  other.cta().barrier(1, threads(64));
  other.shared(64, Load, 0);
  onlyFinding(other.finish(), FindingKind::SharedRace);
}

TEST(Observer, ABarrierWithoutThoseThatHaveLeft) {
  TestLaunch launch;
  launch.shared(0, Store, 0);
  for (uint32_t thread = 32; thread < 64; ++thread)
    launch.cta().exit(thread);
  launch.cta().barrier(0, threads(32));
  launch.shared(31, Load, 0);
  EXPECT_CLEAN(launch);
}

TEST(Observer, NeighboursInOneWordDoNotRace) {
  TestLaunch launch;
  for (uint32_t thread = 0; thread < 64; ++thread)
    launch.shared(thread, Store, thread, 1);
  launch.shared(0, Store, 128, 2);
  launch.shared(1, Store, 130, 2);
  EXPECT_CLEAN(launch);
}

TEST(Observer, AWideAccessRacesWithANarrowOne) {
  for (bool wideFirst : {false, true}) {
    TestLaunch launch;
    launch.shared(0, Store, wideFirst ? 0 : 14, wideFirst ? 16 : 2);
    launch.shared(1, Store, wideFirst ? 14 : 0, wideFirst ? 2 : 16);
    onlyFinding(launch.finish(), FindingKind::SharedRace);
  }
}

TEST(Observer, ACoarseShadowKeepsItsReadersWhenItGetsFine) {
  TestLaunch launch;
  launch.shared(0, Store, 0, 16);
  launch.barrier();
  launch.shared(1, Load, 0, 16);
  launch.shared(33, Load, 0, 16);
  launch.shared(1, Store, 3, 1); // races with thread 33
  launch.shared(40, Load, 4, 1); // with nobody
  launch.shared(1, Store, 8, 4); // races with thread 33
  Finding finding = onlyFinding(launch.finish(), FindingKind::SharedRace);
  EXPECT_EQ(finding.count, 2u);
  EXPECT_THAT(finding.message, HasSubstr("by thread 33"));
}

TEST(Observer, AtomicsRaceOnlyWithOthers) {
  TestLaunch launch;
  launch.shared(0, Store, 0);
  launch.barrier();
  for (uint32_t thread = 0; thread < 64; ++thread)
    launch.shared(thread, Atomic, 0);
  launch.barrier();
  launch.shared(5, Load, 0);
  EXPECT_CLEAN(launch);
}

TEST(Observer, ALoadAfterAtomicsOfOthers) {
  // Ordered after the last atomic, but not after the one before it.
  TestLaunch launch;
  launch.shared(0, Store, 0);
  launch.barrier();
  launch.shared(33, Atomic, 0);
  launch.shared(1, Atomic, 0);
  launch.cta().warpSync(0, ~0u, true);
  launch.shared(2, Load, 0);
  EXPECT_THAT(onlyFinding(launch.finish(), FindingKind::SharedRace).message,
              HasSubstr("the atomic at k.mlir:2:1 by thread 33"));
}

TEST(Observer, APlainAddAmongAtomics) {
  TestLaunch launch;
  launch.shared(0, Store, 0);
  launch.barrier();
  launch.shared(1, Atomic, 0);
  launch.shared(2, Store, 0);
  onlyFinding(launch.finish(), FindingKind::SharedRace);
}

//===----------------------------------------------------------------------===//
// Clusters
//===----------------------------------------------------------------------===//

TEST(Observer, AClusterBarrierOrdersItsCtas) {
  TestLaunch launch(2, 2);
  launch.cta(1);
  launch.shared(0, Store, 0, 4, 0, 0);
  launch.cta(0).clusterBarrier();
  launch.cta(1).clusterBarrier();
  launch.shared(0, Load, 0, 4, 1, /*owner=*/0);
  // And what is global.
  launch.global(0, Store, 0, 4, 0);
  launch.cta(0).clusterBarrier();
  launch.cta(1).clusterBarrier();
  launch.global(0, Load, 0, 4, 1);
  KernelReport report = launch.finish();
  EXPECT_TRUE(report.findings.empty()) << summary(report);
  EXPECT_EQ(report.clusterBarriers, 4u);
}

TEST(Observer, ABarrierOfACtaDoesNotOrderItsCluster) {
  TestLaunch launch(2, 2);
  launch.cta(1);
  launch.shared(0, Store, 0, 4, 0, 0);
  launch.barrier(0);
  launch.barrier(1);
  launch.shared(0, Load, 0, 4, 1, /*owner=*/0);
  EXPECT_THAT(onlyFinding(launch.finish(), FindingKind::SharedRace).message,
              HasSubstr("no cluster barrier between them"));
}

TEST(Observer, SharedMemoryOfAnotherCluster) {
  TestLaunch launch(4, 2);
  for (uint32_t cta = 0; cta < 4; ++cta)
    launch.cta(cta);
  EXPECT_FALSE(launch.shared(0, Store, 0, 4, 0, /*owner=*/2));
  onlyFinding(launch.finish(), FindingKind::DeadShared);
}

TEST(Observer, SharedMemoryOfACtaThatHasEnded) {
  TestLaunch launch(2, 2);
  launch.cta(0);
  launch.cta(1);
  launch.end(0);
  EXPECT_FALSE(launch.shared(3, Store, 0, 4, 1, /*owner=*/0));
  EXPECT_THAT(onlyFinding(launch.finish(), FindingKind::DeadShared).message,
              HasSubstr("CTA 0, which has ended"));
}

//===----------------------------------------------------------------------===//
// Races in global memory
//===----------------------------------------------------------------------===//

TEST(Observer, GlobalRaceOfThreads) {
  TestLaunch launch;
  launch.global(0, Store, 0, 16);
  launch.global(1, Load, 4);
  EXPECT_EQ(onlyFinding(launch.finish(), FindingKind::GlobalRace).site, 2u);

  TestLaunch ordered;
  ordered.global(0, Store, 0, 16);
  ordered.barrier();
  ordered.global(1, Load, 4);
  EXPECT_CLEAN(ordered);
}

TEST(Observer, GlobalRaceOfCtas) {
  for (auto [first, second] :
       {std::pair(Store, Load), std::pair(Store, Store), std::pair(Load, Store),
        std::pair(Atomic, Load), std::pair(Store, Atomic)}) {
    TestLaunch launch(2);
    launch.global(0, first, 0, 4, 0);
    launch.barrier(0);
    launch.barrier(1);
    launch.global(0, second, 0, 4, 1);
    Finding finding = onlyFinding(launch.finish(), FindingKind::GlobalRace);
    EXPECT_THAT(finding.message, HasSubstr("of CTA 0: nothing orders CTAs"));
  }
}

TEST(Observer, CtasReadTogetherAndAddAtomically) {
  TestLaunch launch(3);
  for (uint32_t cta = 0; cta < 3; ++cta)
    for (uint32_t thread = 0; thread < 64; ++thread) {
      launch.global(thread, Load, 16 * (thread % 4), 16, cta);
      launch.global(thread, Atomic, 1024, 4, cta);
      launch.global(thread, Store, 2048 + 4 * (thread + 64 * cta), 4, cta);
    }
  EXPECT_CLEAN(launch);
}

TEST(Observer, AWriteToWhatAllCtasRead) {
  TestLaunch launch(3);
  for (uint32_t cta = 0; cta < 3; ++cta)
    launch.global(0, Load, 0, 4, cta);
  launch.global(0, Store, 0, 4, 0);
  EXPECT_THAT(onlyFinding(launch.finish(), FindingKind::GlobalRace).message,
              HasSubstr("by several CTAs"));
}

TEST(Observer, LaunchesAreOrdered) {
  Buffers buffers;
  buffers.add(pointerTo(0x1000), 64, true);
  for (uint32_t thread : {0, 1}) {
    LaunchShape shape;
    shape.block[0] = 32;
    KernelObserver kernel(buffers, someSites(), shape);
    std::unique_ptr<CtaObserver> cta = kernel.beginCta(0);
    cta->access(thread, makeAccess(0, Space::Global, Store, 0x1000, 16));
    kernel.endCta(std::move(cta));
    EXPECT_TRUE(kernel.finish().findings.empty());
  }
}

TEST(Observer, ManyCtasOnManyThreads) {
  constexpr uint32_t NumCtas = 32, RowBytes = 256;
  Buffers buffers;
  buffers.add(pointerTo(0x100000), NumCtas * RowBytes);
  buffers.add(pointerTo(0x200000), RowBytes, true);
  LaunchShape shape;
  shape.grid[0] = NumCtas;
  shape.block[0] = 64;
  KernelObserver kernel(buffers, someSites(), shape);
  std::vector<std::thread> workers;
  for (uint32_t worker = 0; worker < 4; ++worker)
    workers.emplace_back([&, worker] {
      for (uint32_t index = worker; index < NumCtas; index += 4) {
        std::unique_ptr<CtaObserver> cta = kernel.beginCta(index);
        for (uint32_t thread = 0; thread < 64; ++thread) {
          cta->access(thread, makeAccess(0, Space::Global, Load,
                                         0x200000 + thread * 4, 4));
          cta->access(thread,
                      makeAccess(1, Space::Global, Store,
                                 0x100000 + index * RowBytes + thread * 4, 4));
        }
        cta->count(InstructionClass::Fp32, 64);
        // One race: everybody writes the first element of the parameters.
        if (index % 8 == 0)
          cta->access(0, makeAccess(3, Space::Global, Store, 0x200000, 4));
        kernel.endCta(std::move(cta));
      }
    });
  for (std::thread &worker : workers)
    worker.join();
  KernelReport report = kernel.finish();
  for (const Finding &finding : report.findings)
    EXPECT_EQ(finding.kind, FindingKind::GlobalRace) << summary(report);
  EXPECT_FALSE(report.findings.empty());
  EXPECT_EQ(report.ctas, NumCtas);
  EXPECT_EQ(report.threads, NumCtas * 64u);
  EXPECT_EQ(report.instructions[0], NumCtas * 64u);
  EXPECT_EQ(report.loadedDramBytes, RowBytes);
  EXPECT_EQ(report.storedDramBytes, NumCtas * RowBytes + 32u);
  EXPECT_EQ(report.total(Space::Global, Load).sectors, NumCtas * 2 * 4u);
  EXPECT_EQ(report.total(Space::Global, Load).efficiency(), 1);
}

//===----------------------------------------------------------------------===//
// Dependent launches
//===----------------------------------------------------------------------===//

/// One access by a launch that may begin early, to a buffer that the launch
/// before it touches.
static KernelReport dependentLaunch(AccessKind before, AccessKind after,
                                    bool waits) {
  Buffers buffers;
  buffers.add(pointerTo(0x1000), 64, true);
  for (bool dependent : {false, true}) {
    ObserverOptions options;
    options.dependent = dependent;
    KernelObserver kernel(buffers, someSites(), LaunchShape(), options);
    std::unique_ptr<CtaObserver> cta = kernel.beginCta(0);
    if (dependent && waits)
      cta->dependencyWait(0);
    cta->access(0, makeAccess(0, Space::Global, dependent ? after : before,
                              0x1000, 16));
    kernel.endCta(std::move(cta));
    KernelReport report = kernel.finish();
    if (dependent)
      return report;
    EXPECT_TRUE(report.findings.empty());
  }
  return {};
}

TEST(Observer, ADependentLaunchWaits) {
  EXPECT_TRUE(dependentLaunch(Store, Load, true).findings.empty());
  EXPECT_TRUE(dependentLaunch(Load, Load, false).findings.empty());
  EXPECT_THAT(
      onlyFinding(dependentLaunch(Store, Load, false), FindingKind::EarlyAccess)
          .message,
      HasSubstr("a kernel before this one writes"));
  EXPECT_THAT(
      onlyFinding(dependentLaunch(Load, Store, false), FindingKind::EarlyAccess)
          .message,
      HasSubstr("a kernel before this one reads"));
}

//===----------------------------------------------------------------------===//
// Findings and counters
//===----------------------------------------------------------------------===//

TEST(Observer, AFindingIsReportedOnceForItsSite) {
  TestLaunch launch(2);
  for (uint32_t cta : {1, 0})
    for (uint32_t thread = 0; thread < 64; ++thread)
      launch.shared(thread, Store, 0, 4, cta, cta);
  launch.cta(1).finding({FindingKind::BarrierDivergence, 2, 0, 9, "text", 3});
  launch.cta(1).finding({FindingKind::BarrierDivergence, 2, 0, 9, "text", 1});
  launch.cta(1).finding({FindingKind::Assertion, 1000, 0, 0, "no site", 1});
  KernelReport report = launch.finish();
  ASSERT_EQ(report.findings.size(), 3u) << summary(report);
  EXPECT_EQ(report.findings[0].kind, FindingKind::SharedRace);
  EXPECT_EQ(report.findings[0].count, 2u * 63);
  EXPECT_EQ(report.findings[0].cta, 0u);
  EXPECT_EQ(report.findings[1].count, 4u);
  EXPECT_EQ(report.findings[1].cta, 1u);
  EXPECT_EQ(report.sites[report.findings[2].site].location, "");
}

TEST(Observer, CountsWhatItIsTold) {
  TestLaunch launch(2);
  launch.options.rows = 8;
  launch.options.minimumLoadBytes = 256;
  launch.options.minimumStoreBytes = 512;
  for (uint32_t cta : {0, 1}) {
    for (uint32_t thread = 0; thread < 64; ++thread) {
      launch.global(thread, Load, 4 * thread, 4, cta);
      launch.global(thread, Store, 2048 + 256 * cta + 4 * thread, 4, cta);
      launch.shared(thread, Store, 8 * thread, 4, cta, cta);
      launch.cta(cta).count(InstructionClass::Shuffle, 5);
    }
    launch.barrier(cta);
    launch.cta(cta).warpSync(0, ~0u, true);
    launch.cta(cta).warpSync(0, ~0u, false);
  }
  KernelReport report = launch.finish();
  EXPECT_TRUE(report.findings.empty()) << summary(report);
  EXPECT_EQ(report.barriers, 2u);
  EXPECT_EQ(report.warpSyncs, 2u);
  EXPECT_EQ(report.loadedDramBytes, 256u);
  EXPECT_EQ(report.storedDramBytes, 512u);
  EXPECT_DOUBLE_EQ(*report.dramRatio(), 1);
  EXPECT_EQ(report.extraWavefronts(), 4u);
  EXPECT_EQ(report.instructions[unsigned(InstructionClass::Shuffle)], 640u);
  EXPECT_EQ(report.total(Space::Global, Load).warps, 4u);
}

TEST(Observer, ChecksAndCountersCanBeLeftOut) {
  TestLaunch launch;
  launch.options.checkRaces = false;
  launch.options.checkUninitialised = false;
  launch.options.count = false;
  launch.shared(0, Load, 0);
  launch.shared(0, Store, 0);
  launch.shared(1, Store, 0);
  launch.barrier();
  EXPECT_FALSE(launch.global(0, Load, 5000));
  KernelReport report = launch.finish();
  onlyFinding(report, FindingKind::OutOfBounds);
  EXPECT_TRUE(report.accesses.empty());
}
