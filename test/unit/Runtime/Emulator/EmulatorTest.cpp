//===- EmulatorTest.cpp - Kernels on the emulated GPU --------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels in LLVM's text form, one for each thing that threads do together,
// against what they must give.
//
//===----------------------------------------------------------------------===//

#include "Gpu.h"
#include "gmock/gmock.h"
#include <cmath>
#include <numeric>

using namespace seednorm;
using namespace seednorm::testing;
using ::testing::HasSubstr;

static constexpr char kPrelude[] = R"(
target triple = "nvptx64-nvidia-cuda"
target datalayout = "e-p6:32:32-i64:64-i128:128-i256:256-v16:16-v32:32-n16:32:64"
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.laneid()
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
declare i32 @llvm.nvvm.shfl.sync.bfly.i32(i32, i32, i32, i32)
declare float @llvm.nvvm.shfl.sync.bfly.f32(i32, float, i32, i32)
)";

/// A module with what most kernels call.
static std::string makeModule(llvm::StringRef body) {
  return (kPrelude + body).str();
}

namespace {

std::vector<float> iota(size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

TEST(Emulator, AddsVectors) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @add(ptr %a, ptr %b, ptr %c, i64 %n) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %cta = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
      %size = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
      %begin = mul i32 %cta, %size
      %i32 = add i32 %begin, %tid
      %i = zext i32 %i32 to i64
      %inside = icmp ult i64 %i, %n
      br i1 %inside, label %do, label %exit
    do:
      %pa = getelementptr float, ptr %a, i64 %i
      %pb = getelementptr float, ptr %b, i64 %i
      %pc = getelementptr float, ptr %c, i64 %i
      %x = load float, ptr %pa
      %y = load float, ptr %pb
      %z = fadd float %x, %y
      store float %z, ptr %pc
      br label %exit
    exit:
      ret void
    })");
  Gpu gpu;
  std::vector<float> a = iota(1000), expected;
  for (float value : a)
    expected.push_back(2 * value);
  float *pa = gpu.upload(a), *pb = gpu.upload(a);
  auto *pc = static_cast<float *>(gpu.allocate(4000));
  EXPECT_EQ(
      gpu.launch(module, "add", Shape::of(8, 128), pa, pb, pc, int64_t(1000)),
      "");
  EXPECT_EQ(gpu.download(pc, 1000), expected);
  EXPECT_EQ(gpu.findings(), "");
}

} // namespace
