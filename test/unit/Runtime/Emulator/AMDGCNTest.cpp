//===- AMDGCNTest.cpp - AMD's waves on the emulated GPU -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reduction as MLIR makes it for gfx942: 64 lanes, permutations without
// masks, shared memory of 32-bit addresses, local variables in a space of their
// own.
//
//===----------------------------------------------------------------------===//

#include "Gpu.h"
#include "gmock/gmock.h"

using namespace seednorm;
using namespace seednorm::testing;
using ::testing::HasSubstr;

namespace {

/// All lanes get the sum of a wave's, then waves meet in shared memory.
std::string makeReduction() {
  std::string body = R"(
target triple = "amdgcn-amd-amdhsa"
target datalayout = "e-p:64:64-p1:64:64-p2:32:32-p3:32:32-p4:64:64-p5:32:32-p6:32:32-p7:160:256:256:32-p8:128:128:128:48-p9:192:256:256:32-i64:64-v16:16-v24:32-v32:32-v48:64-v96:128-v192:256-v256:256-v512:512-v1024:1024-v2048:2048-n32:64-S32-A5-G1-ni:7:8:9"
@partial = internal addrspace(3) global [16 x i32] undef
declare i32 @llvm.amdgcn.workitem.id.x()
declare i32 @llvm.amdgcn.workgroup.id.x()
declare i32 @llvm.amdgcn.mbcnt.lo(i32, i32)
declare i32 @llvm.amdgcn.mbcnt.hi(i32, i32)
declare i32 @llvm.amdgcn.ds.bpermute(i32, i32)
declare i32 @llvm.amdgcn.readfirstlane.i32(i32)
declare void @llvm.amdgcn.s.barrier()
declare i64 @__ockl_get_local_size(i32)
define amdgpu_kernel void @sum(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %tid = call i32 @llvm.amdgcn.workitem.id.x()
  %group = call i32 @llvm.amdgcn.workgroup.id.x()
  %size64 = call i64 @__ockl_get_local_size(i32 0)
  %size = trunc i64 %size64 to i32
  %begin = mul i32 %group, %size
  %i = add i32 %begin, %tid
  %p = getelementptr i32, ptr addrspace(1) %in, i32 %i
  %v0 = load i32, ptr addrspace(1) %p
  %low = call i32 @llvm.amdgcn.mbcnt.lo(i32 -1, i32 0)
  %lane = call i32 @llvm.amdgcn.mbcnt.hi(i32 -1, i32 %low)
)";
  for (int step = 0; step < 6; ++step) {
    std::string n = std::to_string(step), next = std::to_string(step + 1);
    body += "  %o" + n + " = xor i32 %lane, " + std::to_string(1 << step) +
            "\n  %b" + n + " = shl i32 %o" + n + ", 2\n  %s" + n +
            " = call i32 @llvm.amdgcn.ds.bpermute(i32 %b" + n + ", i32 %v" + n +
            ")\n  %v" + next + " = add i32 %v" + n + ", %s" + n + "\n";
  }
  body += R"(
  %wave = lshr i32 %tid, 6
  %q = getelementptr i32, ptr addrspace(3) @partial, i32 %wave
  %leads = icmp eq i32 %lane, 0
  br i1 %leads, label %put, label %sync
put:
  store i32 %v6, ptr addrspace(3) %q
  br label %sync
sync:
  fence syncscope("workgroup") release
  call void @llvm.amdgcn.s.barrier()
  fence syncscope("workgroup") acquire
  %array = alloca [2 x i32], addrspace(5)
  %odd = and i32 %tid, 1
  %slot = getelementptr i32, ptr addrspace(5) %array, i32 %odd
  %other = xor i32 %wave, 1
  %r = getelementptr i32, ptr addrspace(3) @partial, i32 %other
  %theirs = load i32, ptr addrspace(3) %r
  store i32 %theirs, ptr addrspace(5) %slot
  %mine = load i32, ptr addrspace(5) %slot
  %first = call i32 @llvm.amdgcn.readfirstlane.i32(i32 %i)
  %t = add i32 %mine, %v6
  %u = mul i32 %t, 1000
  %w = add i32 %u, %first
  %x = getelementptr i32, ptr addrspace(1) %out, i32 %i
  store i32 %w, ptr addrspace(1) %x
  ret void
}
define amdgpu_kernel void @part(ptr addrspace(1) %out) {
  %tid = call i32 @llvm.amdgcn.workitem.id.x()
  %low = icmp ult i32 %tid, 40
  br i1 %low, label %do, label %exit
do:
  %up = add i32 %tid, 1
  %b = shl i32 %up, 2
  %v = call i32 @llvm.amdgcn.ds.bpermute(i32 %b, i32 %tid)
  %x = getelementptr i32, ptr addrspace(1) %out, i32 %tid
  store i32 %v, ptr addrspace(1) %x
  br label %exit
exit:
  ret void
})";
  return body;
}

TEST(AMDGCN, ReducesWavesOf64) {
  static const std::string module = makeReduction();
  for (uint64_t seed = 0; seed < 4; ++seed) {
    EmulatorOptions options;
    options.chip = "gfx942";
    options.seed = seed;
    Gpu gpu(options);
    auto *in = gpu.upload(std::vector<int32_t>(384, 1));
    auto *out = gpu.upload(std::vector<int32_t>(384, 0));
    ASSERT_EQ(gpu.launch(module, "sum", Shape::of(3, 128), in, out), "");
    std::vector<int32_t> values = gpu.download(out, 384);
    EXPECT_EQ(values[0], 128000);
    EXPECT_EQ(values[63], 128000);
    EXPECT_EQ(values[64], 128064);
    EXPECT_EQ(values[383], 128320);
    EXPECT_EQ(gpu.findings(), "");
  }
}

TEST(AMDGCN, FindsLanesThatAreElsewhere) {
  static const std::string module = makeReduction();
  EmulatorOptions options;
  options.chip = "gfx942";
  Gpu gpu(options);
  auto *out = gpu.upload(std::vector<int32_t>(64, -1));
  EXPECT_EQ(gpu.launch(module, "part", Shape::of(1, 64), out), "");
  EXPECT_EQ(gpu.download(out, 64)[38], 39);
  EXPECT_EQ(gpu.download(out, 64)[39], 0);
  EXPECT_THAT(gpu.findings(),
              HasSubstr("lane 39 reads lane 40, which does not take part"));
}

/// Exchanges in 32 lanes, and sizes of the grid from hidden arguments.
std::string makeSwizzle(llvm::StringRef pattern, llvm::StringRef offset) {
  return (R"(
target triple = "amdgcn-amd-amdhsa"
target datalayout = "e-p:64:64-p1:64:64-p2:32:32-p3:32:32-p4:64:64-p5:32:32-p6:32:32-p7:160:256:256:32-p8:128:128:128:48-p9:192:256:256:32-i64:64-v16:16-v24:32-v32:32-v48:64-v96:128-v192:256-v256:256-v512:512-v1024:1024-v2048:2048-n32:64-S32-A5-G1-ni:7:8:9"
declare i32 @llvm.amdgcn.workitem.id.x()
declare i32 @llvm.amdgcn.ds.swizzle(i32, i32)
declare ptr addrspace(4) @llvm.amdgcn.implicitarg.ptr()
define amdgpu_kernel void @swap(ptr addrspace(1) %out) {
  %tid = call i32 @llvm.amdgcn.workitem.id.x()
  %v = call i32 @llvm.amdgcn.ds.swizzle(i32 %tid, i32 )" +
          pattern + R"()
  %hidden = call ptr addrspace(4) @llvm.amdgcn.implicitarg.ptr()
  %at = getelementptr i8, ptr addrspace(4) %hidden, i64 )" +
          offset + R"(
  %groups = load i32, ptr addrspace(4) %at
  %scaled = mul i32 %groups, 1000
  %sum = add i32 %v, %scaled
  %x = getelementptr i32, ptr addrspace(1) %out, i32 %tid
  store i32 %sum, ptr addrspace(1) %x
  ret void
})")
      .str();
}

TEST(AMDGCN, SwizzlesAndHiddenArguments) {
  EmulatorOptions options;
  options.chip = "gfx942";
  // All bits of the lane, xor 5.
  static const std::string module = makeSwizzle("5151", "0");
  Gpu gpu(options);
  auto *out = gpu.upload(std::vector<int32_t>(64, -1));
  EXPECT_EQ(gpu.launch(module, "swap", Shape::of(1, 64), out), "");
  std::vector<int32_t> values = gpu.download(out, 64);
  for (int32_t lane = 0; lane < 64; ++lane)
    EXPECT_EQ(values[lane], 1000 + (lane ^ 5));
  EXPECT_EQ(gpu.findings(), "");

  static const std::string quads = makeSwizzle("32769", "0");
  EXPECT_THAT(
      gpu.launch(quads, "swap", Shape::of(1, 64), out),
      HasSubstr("does not know the intrinsic 'llvm.amdgcn.ds.swizzle'"));
  static const std::string sizes = makeSwizzle("5151", "12");
  EXPECT_EQ(gpu.launch(sizes, "swap", Shape::of(1, 64), out),
            "function 'swap' reads a hidden argument that the emulator does "
            "not know");
}

TEST(AMDGCN, RunsOnItsOwnChipsAlone) {
  static const std::string module = makeReduction();
  Gpu gpu;
  EXPECT_EQ(gpu.launch(module, "part", Shape::of(1, 64), nullptr),
            "the GPU module is for 'amdgcn-amd-amdhsa', but the emulated chip "
            "is 'sm_90'");
}

} // namespace
