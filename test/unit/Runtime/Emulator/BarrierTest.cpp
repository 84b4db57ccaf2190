//===- BarrierTest.cpp - Barriers of the emulated GPU ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Blocks and clusters: reductions, named barriers, distributed shared memory,
// and what can never come to an end.
//
//===----------------------------------------------------------------------===//

#include "Gpu.h"
#include "gmock/gmock.h"

using namespace seednorm;
using namespace seednorm::testing;
using ::testing::HasSubstr;

namespace {

/// Sums a row for each block, by shuffles and then by shared memory.
const std::string &getReduction() {
  static const std::string module = makeModule(R"(
    @partial = internal addrspace(3) global [32 x float] undef, align 4
    define ptx_kernel void @sum(ptr %in, ptr %out, i32 %n) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %cta = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
      %size = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
      %begin = mul i32 %cta, %n
      br label %loop
    loop:
      %i = phi i32 [ %tid, %0 ], [ %i2, %next ]
      %acc = phi float [ 0.0, %0 ], [ %acc2, %next ]
      %more = icmp slt i32 %i, %n
      br i1 %more, label %next, label %warp
    next:
      %at = add i32 %begin, %i
      %p = getelementptr float, ptr %in, i32 %at
      %x = load float, ptr %p
      %acc2 = fadd float %acc, %x
      %i2 = add i32 %i, %size
      br label %loop
    warp:
      %s1 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %acc, i32 1, i32 31)
      %a1 = fadd float %acc, %s1
      %s2 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %a1, i32 2, i32 31)
      %a2 = fadd float %a1, %s2
      %s3 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %a2, i32 4, i32 31)
      %a3 = fadd float %a2, %s3
      %s4 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %a3, i32 8, i32 31)
      %a4 = fadd float %a3, %s4
      %s5 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %a4, i32 16, i32 31)
      %a5 = fadd float %a4, %s5
      %lane = and i32 %tid, 31
      %first = icmp eq i32 %lane, 0
      br i1 %first, label %put, label %sync
    put:
      %w = lshr i32 %tid, 5
      %q = getelementptr float, ptr addrspace(3) @partial, i32 %w
      store float %a5, ptr addrspace(3) %q
      br label %sync
    sync:
      call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
      %leads = icmp eq i32 %tid, 0
      br i1 %leads, label %total, label %exit
    total:
      %warps = lshr i32 %size, 5
      br label %fold
    fold:
      %k = phi i32 [ 0, %total ], [ %k2, %fold ]
      %t = phi float [ 0.0, %total ], [ %t2, %fold ]
      %r = getelementptr float, ptr addrspace(3) @partial, i32 %k
      %y = load float, ptr addrspace(3) %r
      %t2 = fadd float %t, %y
      %k2 = add i32 %k, 1
      %all = icmp eq i32 %k2, %warps
      br i1 %all, label %done, label %fold
    done:
      %o = getelementptr float, ptr %out, i32 %cta
      store float %t2, ptr %o
      br label %exit
    exit:
      ret void
    })");
  return module;
}

TEST(Barrier, ReducesBlocksAlikeForEverySeed) {
  constexpr int rows = 13, columns = 1000;
  std::vector<float> in(rows * columns), first;
  for (size_t i = 0; i < in.size(); ++i)
    in[i] = 1.0f / static_cast<float>(1 + i % 977);
  for (uint64_t seed = 0; seed < 8; ++seed) {
    EmulatorOptions options;
    options.seed = seed;
    options.numThreads = 1 + seed % 3;
    Gpu gpu(options);
    float *data = gpu.upload(in);
    auto *out = static_cast<float *>(gpu.allocate(rows * 4));
    ASSERT_EQ(gpu.launch(getReduction(), "sum", Shape::of(rows, 256), data, out,
                         columns),
              "");
    std::vector<float> sums = gpu.download(out, rows);
    EXPECT_EQ(gpu.findings(), "");
    if (seed == 0)
      first = sums;
    EXPECT_EQ(sums, first) << "seed " << seed;
    for (int row = 0; row < rows; ++row)
      EXPECT_NEAR(sums[row],
                  std::accumulate(in.begin() + row * columns,
                                  in.begin() + (row + 1) * columns, 0.0),
                  1e-5);
  }
}

/// Producers hand on to consumers by two named barriers, and go on themselves.
TEST(Barrier, NamedBarriersCountThreads) {
  static const std::string module = makeModule(R"(
    @slot = internal addrspace(3) global [64 x i32] undef
    declare void @llvm.nvvm.barrier.cta.sync.aligned.count(i32, i32)
    declare void @llvm.nvvm.barrier.cta.arrive.aligned.count(i32, i32)
    define ptx_kernel void @k(ptr %out) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %i = and i32 %tid, 63
      %p = getelementptr i32, ptr addrspace(3) @slot, i32 %i
      %produces = icmp ult i32 %tid, 64
      br i1 %produces, label %put, label %get
    put:
      %value = mul i32 %tid, 3
      store i32 %value, ptr addrspace(3) %p
      call void @llvm.nvvm.barrier.cta.arrive.aligned.count(i32 3, i32 128)
      ret void
    get:
      call void @llvm.nvvm.barrier.cta.sync.aligned.count(i32 3, i32 128)
      %last = xor i32 %i, 63
      %q = getelementptr i32, ptr addrspace(3) @slot, i32 %last
      %x = load i32, ptr addrspace(3) %q
      %o = getelementptr i32, ptr %out, i32 %i
      store i32 %x, ptr %o
      ret void
    })");
  for (uint64_t seed = 0; seed < 6; ++seed) {
    EmulatorOptions options;
    options.seed = seed;
    Gpu gpu(options);
    auto *out = static_cast<int32_t *>(gpu.allocate(256));
    EXPECT_EQ(gpu.launch(module, "k", Shape::of(1, 128), out), "");
    EXPECT_EQ(gpu.download(out, 64)[60], 9);
    EXPECT_EQ(gpu.findings(), "");
    // Nobody comes for the producers' barrier.
    EXPECT_THAT(gpu.launch(module, "k", Shape::of(1, 96), out),
                HasSubstr("threads 64 to 95 wait at barrier 3 of 128 threads"));
  }
}

TEST(Barrier, CountsPredicates) {
  static const std::string module = makeModule(R"(
    declare i32 @llvm.nvvm.barrier.cta.red.popc.aligned.all(i32, i1)
    declare i1 @llvm.nvvm.barrier.cta.red.and.aligned.all(i32, i1)
    declare i1 @llvm.nvvm.barrier.cta.red.or.aligned.all(i32, i1)
    define ptx_kernel void @k(ptr %out, i32 %bound) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %yes = icmp ult i32 %tid, %bound
      %count = call i32 @llvm.nvvm.barrier.cta.red.popc.aligned.all(i32 1, i1 %yes)
      %and = call i1 @llvm.nvvm.barrier.cta.red.and.aligned.all(i32 1, i1 %yes)
      %or = call i1 @llvm.nvvm.barrier.cta.red.or.aligned.all(i32 2, i1 %yes)
      %a = select i1 %and, i32 1000, i32 0
      %o = select i1 %or, i32 2000, i32 0
      %s = add i32 %count, %a
      %r = add i32 %s, %o
      %p = getelementptr i32, ptr %out, i32 %tid
      store i32 %r, ptr %p
      ret void
    })");
  Gpu gpu;
  auto *out = static_cast<int32_t *>(gpu.allocate(256));
  for (auto [bound, expected] :
       {std::pair(0, 0), std::pair(10, 2010), std::pair(64, 3064)}) {
    ASSERT_EQ(gpu.launch(module, "k", Shape::of(1, 64), out, bound), "");
    EXPECT_EQ(gpu.download(out, 64), std::vector<int32_t>(64, expected));
  }
}

TEST(Barrier, DoesNotWaitForThreadsThatHaveReturned) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(ptr %out, i32 %bound) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %goes = icmp uge i32 %tid, %bound
      br i1 %goes, label %exit, label %stay
    stay:
      call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
      %p = getelementptr i32, ptr %out, i32 %tid
      store i32 %tid, ptr %p
      br label %exit
    exit:
      ret void
    })");
  for (uint64_t seed = 0; seed < 5; ++seed) {
    EmulatorOptions options;
    options.seed = seed;
    Gpu gpu(options);
    auto *out = static_cast<int32_t *>(gpu.allocate(256));
    EXPECT_EQ(gpu.launch(module, "k", Shape::of(1, 64), out, 40), "");
    EXPECT_EQ(gpu.download(out, 40)[39], 39);
  }
}

TEST(Barrier, FindsDivergence) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @sites(i32 %bound) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %low = icmp ult i32 %tid, %bound
      br i1 %low, label %a, label %b
    a:
      call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
      br label %exit
    b:
      call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
      br label %exit
    exit:
      ret void
    }
    define ptx_kernel void @names() {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %low = icmp ult i32 %tid, 32
      %id = zext i1 %low to i32
      call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 %id)
      ret void
    })");
  // Whole warps may come by instructions of their own, parts of one may not.
  Gpu fine;
  EXPECT_EQ(fine.launch(module, "sites", Shape::of(1, 64), 32), "");
  EXPECT_EQ(fine.findings(), "");
  Gpu gpu;
  EXPECT_EQ(gpu.launch(module, "sites", Shape::of(1, 64), 40), "");
  EXPECT_THAT(gpu.findings(), HasSubstr("lanes of one warp come to barrier 0 "
                                        "by different instructions"));
  EXPECT_THAT(gpu.launch(module, "names", Shape::of(1, 64)),
              HasSubstr("threads 0 to 31 wait at barrier 1"));
}

/// Each block of a cluster reads the next one's shared memory.
TEST(Cluster, ReadsDistributedSharedMemory) {
  static const std::string module = makeModule(R"(
    @mine = internal addrspace(3) global [32 x i32] undef
    declare ptr addrspace(7) @llvm.nvvm.mapa.shared.cluster(ptr addrspace(3), i32)
    declare ptr @llvm.nvvm.mapa(ptr, i32)
    declare i32 @llvm.nvvm.read.ptx.sreg.cluster.ctarank()
    declare i32 @llvm.nvvm.read.ptx.sreg.cluster.nctarank()
    declare i32 @llvm.nvvm.read.ptx.sreg.clusterid.x()
    declare void @llvm.nvvm.barrier.cluster.arrive.aligned()
    declare void @llvm.nvvm.barrier.cluster.wait.aligned()
    define ptx_kernel void @k(ptr %out) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %cta = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
      %rank = call i32 @llvm.nvvm.read.ptx.sreg.cluster.ctarank()
      %size = call i32 @llvm.nvvm.read.ptx.sreg.cluster.nctarank()
      %cluster = call i32 @llvm.nvvm.read.ptx.sreg.clusterid.x()
      %p = getelementptr i32, ptr addrspace(3) @mine, i32 %tid
      %high = mul i32 %cta, 100
      %value = add i32 %high, %tid
      store i32 %value, ptr addrspace(3) %p
      call void @llvm.nvvm.barrier.cluster.arrive.aligned()
      call void @llvm.nvvm.barrier.cluster.wait.aligned()
      %next0 = add i32 %rank, 1
      %next = urem i32 %next0, %size
      %other = call ptr addrspace(7) @llvm.nvvm.mapa.shared.cluster(ptr addrspace(3) %p, i32 %next)
      %x = load i32, ptr addrspace(7) %other
      %generic = addrspacecast ptr addrspace(3) %p to ptr
      %again = call ptr @llvm.nvvm.mapa(ptr %generic, i32 %next)
      %y = load i32, ptr %again
      %same = icmp eq i32 %x, %y
      %z = select i1 %same, i32 %x, i32 -1
      call void @llvm.nvvm.barrier.cluster.arrive.aligned()
      call void @llvm.nvvm.barrier.cluster.wait.aligned()
      %begin = mul i32 %cta, 32
      %i = add i32 %begin, %tid
      %o = getelementptr i32, ptr %out, i32 %i
      store i32 %z, ptr %o
      ret void
    })");
  for (uint64_t seed = 0; seed < 4; ++seed) {
    EmulatorOptions options;
    options.seed = seed;
    Gpu gpu(options);
    auto *out = static_cast<int32_t *>(gpu.allocate(12 * 32 * 4));
    ASSERT_EQ(gpu.launch(module, "k", Shape::of(12, 32).clusters(4), out), "");
    std::vector<int32_t> values = gpu.download(out, 12 * 32);
    EXPECT_EQ(gpu.findings(), "");
    for (int cta = 0; cta < 12; ++cta)
      EXPECT_EQ(values[cta * 32 + 5], (cta / 4 * 4 + (cta + 1) % 4) * 100 + 5);
  }
}

TEST(Cluster, FailsWhereABlockNeverComes) {
  static const std::string module = makeModule(R"(
    declare void @llvm.nvvm.barrier.cluster.arrive()
    declare void @llvm.nvvm.barrier.cluster.wait()
    declare ptr @llvm.nvvm.mapa(ptr, i32)
    @mine = internal addrspace(3) global i32 undef
    define ptx_kernel void @half() {
      %cta = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
      %first = icmp eq i32 %cta, 0
      br i1 %first, label %comes, label %blocks
    comes:
      call void @llvm.nvvm.barrier.cluster.arrive()
      call void @llvm.nvvm.barrier.cluster.wait()
      ret void
    blocks:
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %id = and i32 %tid, 32
      %name = lshr i32 %id, 5
      call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 %name)
      ret void
    }
    define ptx_kernel void @rank(ptr %out) {
      %p = call ptr @llvm.nvvm.mapa(ptr addrspacecast (ptr addrspace(3) @mine to ptr), i32 2)
      store ptr %p, ptr %out
      ret void
    })");
  Gpu gpu;
  EXPECT_THAT(gpu.launch(module, "half", Shape::of(2, 64).clusters(2)),
              HasSubstr("wait at the cluster's barrier"));
  auto *out = static_cast<int32_t *>(gpu.allocate(8));
  EXPECT_THAT(gpu.launch(module, "rank", Shape::of(2, 1).clusters(2), out),
              HasSubstr("shared memory of rank 2 of a cluster of 2"));
}

} // namespace
