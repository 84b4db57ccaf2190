//===- BuffersTest.cpp - The live memory of an emulated device --*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an address is found in, and which bytes have been written. Addresses are
// made up: nothing dereferences them.
//
//===----------------------------------------------------------------------===//

#include "Buffers.h"
#include "gtest/gtest.h"
#include <thread>

using namespace seednorm::emulator;

static const void *at(uint64_t address) {
  return reinterpret_cast<const void *>(static_cast<uintptr_t>(address));
}

TEST(Buffers, FindsTheAllocationThatAnAddressIsIn) {
  Buffers buffers;
  buffers.add(at(0x2000), 256);
  buffers.add(at(0x1000), 16);
  buffers.add(at(0x3000), 0);
  ASSERT_TRUE(buffers.find(0x1000));
  EXPECT_EQ(buffers.find(0x100f)->begin(), 0x1000u);
  EXPECT_FALSE(buffers.find(0x1010));
  EXPECT_FALSE(buffers.find(0xfff));
  EXPECT_EQ(buffers.find(0x20ff)->size(), 256u);
  EXPECT_FALSE(buffers.find(0x2100));
  // Nothing is in an empty one, but it can be removed.
  EXPECT_FALSE(buffers.find(0x3000));
  EXPECT_TRUE(buffers.remove(at(0x3000)));
  EXPECT_FALSE(buffers.remove(at(0x3000)));
  EXPECT_FALSE(buffers.remove(at(0x2008)));
  EXPECT_TRUE(buffers.remove(at(0x2000)));
  EXPECT_FALSE(buffers.find(0x2000));
}

TEST(Buffers, ALaunchKeepsTheListItBeganWith) {
  Buffers buffers;
  buffers.add(at(0x1000), 16);
  std::shared_ptr<const BufferSnapshot> snapshot = buffers.snapshot();
  buffers.remove(at(0x1000));
  buffers.add(at(0x2000), 16);
  ASSERT_EQ(snapshot->find(0x1008), 0u);
  EXPECT_EQ(snapshot->find(0x2000), BufferSnapshot::None);
  EXPECT_EQ(snapshot->findBelow(0x5000), 0u);
  EXPECT_EQ(snapshot->findBelow(0xfff), BufferSnapshot::None);
}

TEST(Buffers, ContainsWithoutOverflow) {
  Buffer buffer(0x1000, 16);
  EXPECT_TRUE(buffer.contains(0x1000, 16));
  EXPECT_TRUE(buffer.contains(0x1010, 0));
  EXPECT_FALSE(buffer.contains(0x1008, 9));
  EXPECT_FALSE(buffer.contains(0xffe, 4));
  EXPECT_FALSE(buffer.contains(0x1008, ~uint64_t(0)));
}

TEST(Buffers, RemembersEachWrittenByte) {
  Buffer buffer(0x1001, 200);
  EXPECT_FALSE(buffer.isWritten(0x1001, 1));
  buffer.markWritten(0x1003, 2);
  EXPECT_TRUE(buffer.isWritten(0x1003, 2));
  EXPECT_FALSE(buffer.isWritten(0x1002, 2));
  EXPECT_FALSE(buffer.isWritten(0x1004, 2));
  // Over several words of bits, and to the last byte.
  buffer.markWritten(0x1001 + 60, 140);
  EXPECT_TRUE(buffer.isWritten(0x1001 + 60, 140));
  EXPECT_FALSE(buffer.isWritten(0x1001 + 59, 141));
  EXPECT_EQ(buffer.countWritten(0x1003, 198), 2u);
  EXPECT_EQ(buffer.countWritten(0x1001, 200), 0u);
  EXPECT_EQ(buffer.countWritten(0x1001 + 70, 100), 100u);
  buffer.markWritten(0x1001, 200);
  EXPECT_TRUE(buffer.isWritten(0x1001, 200));
}

TEST(Buffers, TheHostMarksOnlyWhatIsInOneAllocation) {
  Buffers buffers;
  buffers.add(at(0x1000), 16);
  EXPECT_TRUE(buffers.markWritten(at(0x1004), 12));
  EXPECT_FALSE(buffers.markWritten(at(0x1004), 13));
  EXPECT_FALSE(buffers.markWritten(at(0x2000), 1));
  EXPECT_TRUE(buffers.markWritten(at(0x2000), 0));
  EXPECT_TRUE(buffers.find(0x1000)->isWritten(0x1004, 12));
  EXPECT_FALSE(buffers.find(0x1000)->isWritten(0x1003, 1));
}

TEST(Buffers, ManyThreadsMarkOneWord) {
  Buffer buffer(0x1000, 64 * 8);
  std::vector<std::thread> threads;
  for (uint64_t part = 0; part < 4; ++part)
    threads.emplace_back([&, part] {
      for (uint64_t byte = part; byte < buffer.size(); byte += 4)
        buffer.markWritten(buffer.begin() + byte, 1);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_TRUE(buffer.isWritten(buffer.begin(), buffer.size()));
}
