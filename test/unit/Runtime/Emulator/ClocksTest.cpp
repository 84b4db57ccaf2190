//===- ClocksTest.cpp - What has happened before what in a CTA --*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each way to synchronise with what it orders, and with what it must not.
//
//===----------------------------------------------------------------------===//

#include "Clocks.h"
#include "Testing.h"

using namespace seednorm::emulator;
using seednorm::emulator::testing::threads;

TEST(Clocks, NothingIsOrderedButAThreadWithItself) {
  Clocks clocks(64, 32);
  EXPECT_TRUE(clocks.isOrdered(3, clocks.now(3), 3));
  EXPECT_FALSE(clocks.isOrdered(3, clocks.now(3), 4));
  EXPECT_FALSE(clocks.isOrdered(3, clocks.now(3), 40));
}

TEST(Clocks, ABarrierOrdersWhatWasBeforeIt) {
  Clocks clocks(64, 32);
  uint32_t before = clocks.now(3);
  clocks.barrier(threads(64));
  uint32_t after = clocks.now(3);
  EXPECT_TRUE(clocks.isOrdered(3, before, 4));
  EXPECT_TRUE(clocks.isOrdered(3, before, 40));
  EXPECT_FALSE(clocks.isOrdered(3, after, 4));
  EXPECT_FALSE(clocks.isOrdered(3, after, 40));
  EXPECT_FALSE(clocks.isBeforeClusterBarrier(3, before));
  clocks.clusterBarrier();
  EXPECT_TRUE(clocks.isBeforeClusterBarrier(3, after));
  EXPECT_TRUE(clocks.isOrdered(3, after, 40));
}

TEST(Clocks, AWarpOrdersItsLanesOnly) {
  Clocks clocks(64, 32);
  uint32_t before = clocks.now(3);
  clocks.warpSync(0, ~0u);
  EXPECT_TRUE(clocks.isOrdered(3, before, 4));
  EXPECT_FALSE(clocks.isOrdered(3, before, 40));
  EXPECT_FALSE(clocks.isOrdered(3, clocks.now(3), 4));
}

TEST(Clocks, LanesOfAMaskAndWhatTheyTellOthers) {
  Clocks clocks(64, 32);
  uint32_t before = clocks.now(0);
  clocks.warpSync(0, 0b0011);
  EXPECT_TRUE(clocks.isOrdered(0, before, 1));
  EXPECT_FALSE(clocks.isOrdered(0, before, 2));
  // Lane 1 knows lane 0, and lane 2 hears it from lane 1.
  clocks.warpSync(0, 0b0110);
  EXPECT_TRUE(clocks.isOrdered(0, before, 2));
  EXPECT_FALSE(clocks.isOrdered(0, before, 3));
  // And the whole warp from both.
  clocks.warpSync(0, ~0u);
  EXPECT_TRUE(clocks.isOrdered(0, before, 31));
  EXPECT_FALSE(clocks.isOrdered(0, before, 32));
}

TEST(Clocks, WhatAWarpKnowsTravelsWithAPartialBarrier) {
  Clocks clocks(128, 32);
  uint32_t before = clocks.now(5);
  clocks.warpSync(0, ~0u);
  // Thread 5 is not in it, but lane 0 has met it.
  clocks.barrier({0, 32, 33});
  EXPECT_TRUE(clocks.isOrdered(5, before, 33));
  EXPECT_FALSE(clocks.isOrdered(5, before, 34));
  EXPECT_FALSE(clocks.isOrdered(5, before, 64));
  clocks.warpSync(1, ~0u);
  EXPECT_TRUE(clocks.isOrdered(5, before, 34));
}

TEST(Clocks, ANamedBarrierOrdersItsThreads) {
  Clocks clocks(128, 32);
  uint32_t before = clocks.now(40);
  clocks.barrier(threads(64, 32));
  EXPECT_TRUE(clocks.isOrdered(40, before, 70));
  EXPECT_FALSE(clocks.isOrdered(40, before, 3));
  EXPECT_FALSE(clocks.isOrdered(40, before, 100));
  EXPECT_FALSE(clocks.isOrdered(40, clocks.now(40), 70));
}

TEST(Clocks, ExitedThreadsAreWaitedForByNobody) {
  Clocks clocks(64, 32);
  uint32_t before = clocks.now(3);
  for (uint32_t thread = 32; thread < 64; ++thread)
    clocks.exit(thread);
  clocks.exit(63);
  clocks.barrier(threads(32));
  EXPECT_TRUE(clocks.isKnownToAll(0, before));
  EXPECT_TRUE(clocks.isOrdered(40, before, 0));
}

TEST(Clocks, AWarpOfFewThreadsIsWhole) {
  Clocks clocks(40, 32);
  uint32_t before = clocks.now(39);
  clocks.warpSync(1, 0xff);
  EXPECT_TRUE(clocks.isOrdered(39, before, 32));
}

TEST(Clocks, WavesOf64) {
  Clocks clocks(128, 64);
  uint32_t before = clocks.now(3);
  clocks.warpSync(0, ~uint64_t(0));
  EXPECT_TRUE(clocks.isOrdered(3, before, 63));
  EXPECT_FALSE(clocks.isOrdered(3, before, 64));
}
