//===- WarpTest.cpp - Warps of the emulated GPU ---------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shuffles, votes, matches and reductions against what PTX says of them.
//
//===----------------------------------------------------------------------===//

#include "Gpu.h"
#include "gmock/gmock.h"
#include <cstring>

using namespace seednorm;
using namespace seednorm::testing;
using ::testing::HasSubstr;

namespace {

/// A kernel that stores what an operation on the thread's number gives.
std::string makeOperation(llvm::StringRef declarations, llvm::StringRef body) {
  return makeModule((declarations + R"(
    define ptx_kernel void @k(ptr %out, i32 %mask, i32 %b, i32 %c) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
      %bit = shl i32 1, %lane
      %mine = and i32 %mask, %bit
      %takes = icmp ne i32 %mine, 0
      br i1 %takes, label %do, label %exit
    do:
      %value = add i32 %tid, 100
      )" + body + R"(
      %p = getelementptr i32, ptr %out, i32 %tid
      store i32 %result, ptr %p
      br label %exit
    exit:
      ret void
    })")
                        .str());
}

std::vector<int32_t> run(Gpu &gpu, const std::string &module, uint32_t mask,
                         int32_t b, int32_t c, uint32_t threads = 32) {
  auto *out = gpu.upload(std::vector<int32_t>(threads, -1));
  EXPECT_EQ(gpu.launch(module, "k", Shape::of(1, threads), out, mask, b, c),
            "");
  std::vector<int32_t> values = gpu.download(out, threads);
  gpu.release(out);
  return values;
}

std::string makeShuffle(llvm::StringRef mode) {
  return makeOperation(("declare { i32, i1 } @llvm.nvvm.shfl.sync." + mode +
                        ".i32p(i32, i32, i32, i32)")
                           .str(),
                       ("%r = call { i32, i1 } @llvm.nvvm.shfl.sync." + mode +
                        R"(.i32p(i32 %mask, i32 %value, i32 %b, i32 %c)
      %v = extractvalue { i32, i1 } %r, 0
      %ok = extractvalue { i32, i1 } %r, 1
      %negative = sub i32 0, %v
      %result = select i1 %ok, i32 %v, i32 %negative)")
                           .str());
}

TEST(Warp, ShufflesAsPTXSays) {
  static const std::string up = makeShuffle("up"), down = makeShuffle("down"),
                           bfly = makeShuffle("bfly"), idx = makeShuffle("idx");
  Gpu gpu;
  constexpr int32_t all = -1;
  // Values are the lane plus 100, negative where the predicate is false.
  std::vector<int32_t> values = run(gpu, up, all, 3, 0);
  EXPECT_EQ(values[2], -102);
  EXPECT_EQ(values[3], 100);
  EXPECT_EQ(values[31], 128);
  values = run(gpu, down, all, 3, 31);
  EXPECT_EQ(values[28], 131);
  EXPECT_EQ(values[29], -129);
  values = run(gpu, bfly, all, 16, 31);
  EXPECT_EQ(values[1], 117);
  EXPECT_EQ(values[17], 101);
  values = run(gpu, idx, all, 5, 31);
  EXPECT_EQ(values[0], 105);
  EXPECT_EQ(values[31], 105);
  // Segments of 8 lanes: the mask of the segment is in bits 8 to 12.
  values = run(gpu, idx, all, 5, 31 | 24 << 8);
  EXPECT_EQ(values[9], 113);
  values = run(gpu, down, all, 2, 7 | 24 << 8);
  EXPECT_EQ(values[13], 115);
  EXPECT_EQ(values[14], -114);
  EXPECT_EQ(gpu.findings(), "");
}

/// The predicate follows the clamp: upstream's reductions of a part of a warp.
TEST(Warp, ShufflesPartsOfAWarp) {
  static const std::string bfly = makeShuffle("bfly");
  Gpu gpu;
  std::vector<int32_t> values = run(gpu, bfly, 0x1f, 4, 4);
  EXPECT_EQ(values[0], 104);
  EXPECT_EQ(values[4], 100);
  EXPECT_EQ(values[1], -101);
  EXPECT_EQ(values[5], -1);
  EXPECT_EQ(gpu.findings(), "");
}

TEST(Warp, FindsLanesThatTakeNoPart) {
  static const std::string bfly = makeShuffle("bfly");
  Gpu gpu;
  run(gpu, bfly, 0xff, 8, 31);
  EXPECT_THAT(gpu.findings(),
              HasSubstr("reads lane 8, which does not take part"));
  // The second half of the warp has no lanes to read.
  Gpu half;
  auto *out = half.upload(std::vector<int32_t>(16, -1));
  half.launch(bfly, "k", Shape::of(1, 16), out, -1, 16, 31);
  EXPECT_THAT(half.findings(), HasSubstr("reads lane 16"));
}

TEST(Warp, RefusesMasksWithoutTheLane) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k() {
      call void @llvm.nvvm.bar.warp.sync(i32 254)
      ret void
    })");
  Gpu gpu;
  EXPECT_THAT(gpu.launch(module, "k", Shape::of(1, 8)),
              HasSubstr("lane 0 takes part in an operation of the lanes 0xfe, "
                        "which it is not one of"));
}

TEST(Warp, VotesAndMatches) {
  static const std::string votes = makeOperation(R"(
      declare i1 @llvm.nvvm.vote.all.sync(i32, i1)
      declare i1 @llvm.nvvm.vote.any.sync(i32, i1)
      declare i1 @llvm.nvvm.vote.uni.sync(i32, i1)
      declare i32 @llvm.nvvm.vote.ballot.sync(i32, i1))",
                                                 R"(
      %yes = icmp uge i32 %lane, %b
      %all = call i1 @llvm.nvvm.vote.all.sync(i32 %mask, i1 %yes)
      %any = call i1 @llvm.nvvm.vote.any.sync(i32 %mask, i1 %yes)
      %uni = call i1 @llvm.nvvm.vote.uni.sync(i32 %mask, i1 %yes)
      %ballot = call i32 @llvm.nvvm.vote.ballot.sync(i32 %mask, i1 %yes)
      %all1 = zext i1 %all to i32
      %any0 = zext i1 %any to i32
      %any1 = shl i32 %any0, 1
      %uni0 = zext i1 %uni to i32
      %uni1 = shl i32 %uni0, 2
      %ballot1 = shl i32 %ballot, 8
      %r0 = or i32 %all1, %any1
      %r1 = or i32 %uni1, %ballot1
      %result = or i32 %r0, %r1)");
  Gpu gpu;
  EXPECT_EQ(run(gpu, votes, 0xff, 4, 0)[3], 0xf002);
  EXPECT_EQ(run(gpu, votes, 0xff, 0, 0)[7], 0xff07);
  EXPECT_EQ(run(gpu, votes, 0xff, 8, 0)[0], 0x0004);
  EXPECT_EQ(run(gpu, votes, 0xff, 8, 0)[8], -1);

  static const std::string match = makeOperation(R"(
      declare i32 @llvm.nvvm.match.any.sync.i32(i32, i32)
      declare { i32, i1 } @llvm.nvvm.match.all.sync.i64p(i32, i64))",
                                                 R"(
      %third = urem i32 %lane, 3
      %any = call i32 @llvm.nvvm.match.any.sync.i32(i32 %mask, i32 %third)
      %wide = zext i32 %b to i64
      %pair = call { i32, i1 } @llvm.nvvm.match.all.sync.i64p(i32 %mask, i64 %wide)
      %lanes = extractvalue { i32, i1 } %pair, 0
      %equal = extractvalue { i32, i1 } %pair, 1
      %same = icmp eq i32 %lanes, %mask
      %good = and i1 %same, %equal
      %result = select i1 %good, i32 %any, i32 0)");
  EXPECT_EQ(run(gpu, match, 0x3f, 7, 0)[1], 0x12);
  EXPECT_EQ(gpu.findings(), "");
}

TEST(Warp, Reduces) {
  static const std::string module = makeOperation(R"(
      declare i32 @llvm.nvvm.redux.sync.add(i32, i32)
      declare i32 @llvm.nvvm.redux.sync.max(i32, i32)
      declare i32 @llvm.nvvm.redux.sync.umin(i32, i32)
      declare float @llvm.nvvm.redux.sync.fmax.abs(float, i32))",
                                                  R"(
      %negative = sub i32 0, %value
      %sum = call i32 @llvm.nvvm.redux.sync.add(i32 %value, i32 %mask)
      %max = call i32 @llvm.nvvm.redux.sync.max(i32 %negative, i32 %mask)
      %min = call i32 @llvm.nvvm.redux.sync.umin(i32 %value, i32 %mask)
      %float = sitofp i32 %negative to float
      %largest = call float @llvm.nvvm.redux.sync.fmax.abs(float %float, i32 %mask)
      %int = fptosi float %largest to i32
      %m1 = mul i32 %max, 1000
      %r0 = add i32 %sum, %m1
      %m2 = mul i32 %min, 1000000
      %r1 = add i32 %r0, %m2
      %result = add i32 %r1, %int)");
  Gpu gpu;
  // 100 + … + 103 = 406, -100, 100, 103.
  EXPECT_EQ(run(gpu, module, 0xf, 0, 0)[2],
            406 - 100 * 1000 + 100 * 1000000 + 103);
  EXPECT_EQ(run(gpu, module, -1, 0, 0, 40)[39],
            1084 - 132 * 1000 + 132 * 1000000 + 139);
}

TEST(Warp, KnowsWhoIsTogether) {
  static const std::string module = makeOperation(
      R"(declare i32 @llvm.nvvm.activemask()
         declare { i32, i1 } @llvm.nvvm.elect.sync(i32))",
      R"(
      %active = call i32 @llvm.nvvm.activemask()
      %pair = call { i32, i1 } @llvm.nvvm.elect.sync(i32 %active)
      %leader = extractvalue { i32, i1 } %pair, 0
      %first = extractvalue { i32, i1 } %pair, 1
      %high = shl i32 %leader, 16
      %both = or i32 %active, %high
      %result = select i1 %first, i32 %both, i32 %active)");
  Gpu gpu;
  std::vector<int32_t> values = run(gpu, module, 0xf0, 0, 0);
  EXPECT_EQ(values[4], 0x400f0);
  EXPECT_EQ(values[7], 0xf0);
}

TEST(Warp, FailsWhereALaneNeverComes) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k() {
      %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
      %low = icmp ult i32 %lane, 16
      br i1 %low, label %warp, label %block
    warp:
      call void @llvm.nvvm.bar.warp.sync(i32 -1)
      br label %exit
    block:
      call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
      br label %exit
    exit:
      ret void
    })");
  Gpu gpu;
  std::string message = gpu.launch(module, "k", Shape::of(1, 32));
  EXPECT_THAT(message, HasSubstr("deadlock in block [0, 0, 0]"));
  EXPECT_THAT(message, HasSubstr("threads 0 to 15 wait in an operation of the "
                                 "lanes 0xffffffff"));
  EXPECT_THAT(message, HasSubstr("threads 16 to 31 wait at barrier 0"));
  EXPECT_THAT(gpu.findings(), HasSubstr("deadlock"));
}

} // namespace
