//===- InlinePTXTest.cpp - Inline assembly in kernels ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Accesses with cache hints, approximations, integers with carries, and what is
// not known.
//
//===----------------------------------------------------------------------===//

#include "Gpu.h"
#include "gmock/gmock.h"
#include <cmath>
#include <cstring>

using namespace seednorm;
using namespace seednorm::testing;
using ::testing::HasSubstr;

namespace {

TEST(InlinePTX, LoadsAndStoresVectors) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(ptr addrspace(1) %in, ptr addrspace(1) %out) {
      %r = call { i32, i32, i32, i32 } asm sideeffect "ld.global.L1::evict_first.v4.b32 {$0,$1,$2,$3}, [$4];", "=r,=r,=r,=r,l"(ptr addrspace(1) %in)
      %a = extractvalue { i32, i32, i32, i32 } %r, 0
      %b = extractvalue { i32, i32, i32, i32 } %r, 1
      %c = extractvalue { i32, i32, i32, i32 } %r, 2
      %d = extractvalue { i32, i32, i32, i32 } %r, 3
      call void asm sideeffect "st.global.L1::no_allocate.L2::cache_hint.v4.b32 [$0], {$4,$3,$2,$1}, $5;", "l,r,r,r,r,l"(ptr addrspace(1) %out, i32 %a, i32 %b, i32 %c, i32 %d, i64 0)
      %h = call i16 asm sideeffect "ld.global.nc.b16 $0, [$1+2];", "=h,l"(ptr addrspace(1) %in)
      call void asm sideeffect "st.global.b16 [$0+16], $1;", "l,h"(ptr addrspace(1) %out, i16 %h)
      %f = call { float, float } asm sideeffect "ld.global.v2.f32 {$0, $1}, [$2];", "=f,=f,l,~{memory}"(ptr addrspace(1) %in)
      %f1 = extractvalue { float, float } %f, 1
      call void asm sideeffect "prefetch.global.L2 [$0]; @$2 st.global.f32 [$0+20], $1;", "l,f,b"(ptr addrspace(1) %out, float %f1, i1 true)
      call void asm sideeffect "@!$2 st.global.f32 [$0+24], $1;", "l,f,b"(ptr addrspace(1) %out, float %f1, i1 true)
      ret void
    })");
  Gpu gpu;
  auto *in = gpu.upload(std::vector<uint32_t>{0x00010002, 2, 3, 4});
  auto *out = gpu.upload(std::vector<uint32_t>(8, 99));
  ASSERT_EQ(gpu.launch(module, "k", Shape(), in, out), "");
  EXPECT_EQ(gpu.download(out, 8),
            (std::vector<uint32_t>{4, 3, 2, 0x00010002, 1, 2, 99, 99}));
  EXPECT_EQ(gpu.findings(), "");
  // The claimed alignment is what the instruction needs.
  EXPECT_THAT(gpu.launch(module, "k", Shape(), in + 1, out),
              HasSubstr("invalid access to memory by "
                        "ld.global.L1::evict_first.v4.b32"));
}

TEST(InlinePTX, Approximates) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(ptr %out, float %x) {
      %a = call float asm "tanh.approx.f32 $0, $1;", "=f,f"(float %x)
      %b = call float asm "rcp.approx.ftz.f32 $0,$1;", "=f,f"(float %x)
      %c = call float asm "{ .reg .f32 t; ex2.approx.f32 t, $1; lg2.approx.f32 $0, t; }", "=f,f"(float %x)
      %d = call float asm "rsqrt.approx.f32 $0, $1;", "=f,f"(float %x)
      %e = call float asm "sqrt.approx.ftz.f32 $0, $1;", "=f,f"(float %x)
      %f = call float asm "fma.rn.f32 $0, $1, 0f40000000, $1;", "=f,f"(float %x)
      %g = call i32 asm "cvt.rn.f16x2.f32 $0, $1, $2;", "=r,f,f"(float 1.0, float %x)
      store float %a, ptr %out
      %pb = getelementptr float, ptr %out, i32 1
      store float %b, ptr %pb
      %pc = getelementptr float, ptr %out, i32 2
      store float %c, ptr %pc
      %pd = getelementptr float, ptr %out, i32 3
      store float %d, ptr %pd
      %pe = getelementptr float, ptr %out, i32 4
      store float %e, ptr %pe
      %pf = getelementptr float, ptr %out, i32 5
      store float %f, ptr %pf
      %pg = getelementptr i32, ptr %out, i32 6
      store i32 %g, ptr %pg
      ret void
    })");
  Gpu gpu;
  auto *out = gpu.upload(std::vector<float>(7));
  ASSERT_EQ(gpu.launch(module, "k", Shape(), out, 0.5f), "");
  std::vector<float> values = gpu.download(out, 7);
  EXPECT_FLOAT_EQ(values[0], std::tanh(0.5f));
  EXPECT_EQ(values[1], 2);
  EXPECT_FLOAT_EQ(values[2], 0.5f);
  EXPECT_FLOAT_EQ(values[3], std::sqrt(2.0f));
  EXPECT_FLOAT_EQ(values[4], std::sqrt(0.5f));
  EXPECT_EQ(values[5], 1.5f);
  uint32_t packed;
  std::memcpy(&packed, &values[6], 4);
  EXPECT_EQ(packed, 0x3c003800u);
  // Where flushing is said, subnormal numbers are zero.
  ASSERT_EQ(gpu.launch(module, "k", Shape(), out, 1e-40f), "");
  values = gpu.download(out, 7);
  EXPECT_EQ(values[1], INFINITY);
  EXPECT_EQ(values[4], 0);
  EXPECT_FLOAT_EQ(values[3], 1 / std::sqrt(1e-40f));
}

/// libdevice's wide product, and what selects.
TEST(InlinePTX, CarriesIntegers) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(ptr %out, i32 %a, i32 %b, i32 %c) {
      %r = call { i32, i32 } asm "{\0A\09mad.lo.cc.u32   $0, $2, $3, $4;\0A\09madc.hi.u32     $1, $2, $3,  0;\0A\09}", "=r,=r,r,r,r"(i32 %a, i32 %b, i32 %c)
      %low = extractvalue { i32, i32 } %r, 0
      %high = extractvalue { i32, i32 } %r, 1
      store i32 %low, ptr %out
      %p1 = getelementptr i32, ptr %out, i32 1
      store i32 %high, ptr %p1
      %s = call i64 asm "{ .reg .u32 l, h, m; mov.b64 {l, h}, $1; sub.cc.u32 l, l, 1; subc.u32 h, h, 0; mov.b64 $0, {l, h}; }", "=l,l"(i64 4294967296)
      %p2 = getelementptr i64, ptr %out, i32 1
      store i64 %s, ptr %p2
      %d = call i32 asm "{ .reg .pred p; // smaller\0A setp.lt.s32 p, $1, $2; selp.b32 $0, $1, $2, p; }", "=r,r,r"(i32 -5, i32 %a)
      %p4 = getelementptr i32, ptr %out, i32 4
      store i32 %d, ptr %p4
      %e = call i32 asm "bfind.shiftamt.u32 $0, $1;", "=r,r"(i32 %b)
      %p5 = getelementptr i32, ptr %out, i32 5
      store i32 %e, ptr %p5
      ret void
    })");
  Gpu gpu;
  auto *out = gpu.upload(std::vector<uint32_t>(6));
  uint32_t a = 0xfedcba98, b = 0x00345678, c = 0xffffffff;
  ASSERT_EQ(gpu.launch(module, "k", Shape(), out, a, b, c), "");
  uint64_t product = uint64_t(a) * b + c;
  EXPECT_EQ(gpu.download(out, 6),
            (std::vector<uint32_t>{uint32_t(product), uint32_t(product >> 32),
                                   0xffffffff, 0, a, 10}));
}

TEST(InlinePTX, CopiesAsynchronously) {
  static const std::string module = makeModule(R"(
    @tile = internal addrspace(3) global [2 x [32 x i32]] undef, align 16
    declare void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3), ptr addrspace(1))
    declare void @llvm.nvvm.cp.async.commit.group()
    declare void @llvm.nvvm.cp.async.wait.group(i32)
    define ptx_kernel void @k(ptr addrspace(1) %in, ptr addrspace(1) %out, i32 %second) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %s0 = getelementptr i32, ptr addrspace(3) @tile, i32 %tid
      %i1 = add i32 %tid, 32
      %s1 = getelementptr i32, ptr addrspace(3) @tile, i32 %i1
      %g0 = getelementptr i32, ptr addrspace(1) %in, i32 %tid
      %g1 = getelementptr i32, ptr addrspace(1) %in, i32 %i1
      %o = getelementptr i32, ptr addrspace(1) %out, i32 %tid
      call void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3) %s0, ptr addrspace(1) %g0)
      call void @llvm.nvvm.cp.async.commit.group()
      %to = ptrtoint ptr addrspace(3) %s1 to i32
      call void asm sideeffect "cp.async.ca.shared.global [$0], [$1], 4; cp.async.commit_group;", "r,l"(i32 %to, ptr addrspace(1) %g1)
      call void @llvm.nvvm.cp.async.wait.group(i32 1)
      %x = load i32, ptr addrspace(3) %s0
      %early = icmp eq i32 %second, 0
      br i1 %early, label %use, label %wait
    wait:
      call void asm sideeffect "cp.async.wait_all;", ""()
      br label %use
    use:
      %y = load i32, ptr addrspace(3) %s1
      %z = add i32 %x, %y
      store i32 %z, ptr addrspace(1) %o
      ret void
    })");
  Gpu gpu;
  auto *in = gpu.upload(iota<int32_t>(64));
  auto *out = gpu.upload(std::vector<int32_t>(32));
  ASSERT_EQ(gpu.launch(module, "k", Shape::of(1, 32), in, out, 1), "");
  EXPECT_EQ(gpu.download(out, 32)[5], 6 + 38);
  EXPECT_EQ(gpu.findings(), "");
  // The second group has not been waited for.
  gpu.launch(module, "k", Shape::of(1, 32), in, out, 0);
  EXPECT_THAT(gpu.findings(), HasSubstr("uninitialised"));
}

TEST(InlinePTX, AddsByAtomics) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(ptr addrspace(1) %p) {
      call void asm sideeffect "red.global.add.v2.f32 [$0], {$1, $2};", "l,f,f"(ptr addrspace(1) %p, float 1.0, float 2.0)
      %q = getelementptr float, ptr addrspace(1) %p, i32 2
      %old = call i32 asm sideeffect "atom.global.gpu.relaxed.max.s32 $0, [$1], $2;", "=r,l,r"(ptr addrspace(1) %q, i32 7)
      call void asm sideeffect "red.global.add.noftz.bf16x2 [$0+4], $1;", "l,r"(ptr addrspace(1) %q, i32 1065369472)
      ret void
    })");
  Gpu gpu;
  auto *p = gpu.upload(std::vector<float>{0, 0, 0, 0});
  ASSERT_EQ(gpu.launch(module, "k", Shape::of(4, 32), p), "");
  std::vector<float> values = gpu.download(p, 4);
  EXPECT_EQ(values[0], 128);
  EXPECT_EQ(values[1], 256);
  int32_t largest, packed;
  std::memcpy(&largest, &values[2], 4);
  EXPECT_EQ(largest, 7);
  // Twice 128 in bf16: 0x3f803f80 is twice 1.
  std::memcpy(&packed, &values[3], 4);
  EXPECT_EQ(packed, 0x43004300);
  EXPECT_EQ(gpu.findings(), "");
}

TEST(InlinePTX, NamesWhatItDoesNotKnow) {
  Gpu gpu;
  static const std::string modules[] = {
      makeModule(R"(define ptx_kernel void @k() {
        call void asm sideeffect "griddepcontrol.wait; wgmma.fence.sync.aligned;", ""()
        ret void
      })"),
      makeModule(R"(define ptx_kernel void @k() {
        %x = call float asm "add.weird.f32 $0, $1, $1;", "=f,f"(float 1.0)
        ret void
      })")};
  EXPECT_EQ(gpu.launch(modules[0], "k", Shape()),
            "the emulator does not know the inline PTX "
            "'wgmma.fence.sync.aligned' in function 'k'");
  EXPECT_EQ(gpu.launch(modules[1], "k", Shape()),
            "the emulator does not know the inline PTX 'add.weird.f32 $0, $1, "
            "$1' in function 'k'");
}

} // namespace
