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
#include "llvm/Support/FormatVariadic.h"
#include "gmock/gmock.h"
#include <algorithm>

using namespace seednorm;
using namespace seednorm::testing;
using ::testing::HasSubstr;

namespace {

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

/// X86 cannot select such a load as it is.
TEST(Emulator, LoadsAndStoresNontemporally) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(ptr addrspace(1) %p, ptr addrspace(1) %q) {
      %x = load <1 x half>, ptr addrspace(1) %p, align 2, !nontemporal !0
      %y = fpext <1 x half> %x to <1 x float>
      %z = fadd <1 x float> %y, %y
      %w = fptrunc <1 x float> %z to <1 x half>
      store <1 x half> %w, ptr addrspace(1) %q, align 2, !nontemporal !0
      ret void
    }
    !0 = !{i32 1})");
  Gpu gpu;
  auto *p = gpu.upload<uint16_t>({0x3c00}), *q = gpu.upload<uint16_t>({0});
  EXPECT_EQ(gpu.launch(module, "k", Shape(), p, q), "");
  EXPECT_EQ(gpu.download(q, 1)[0], 0x4000);
}

/// Each thread adds 1 to all of 8 counters by atomics of several kinds.
TEST(Emulator, AddsByAtomics) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @count(ptr %f32, ptr %f64, ptr %i32, ptr %f16x2, ptr %max) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %a = atomicrmw fadd ptr %f32, float 1.0 monotonic
      %b = atomicrmw fadd ptr %f64, double 0.5 syncscope("block") monotonic
      %c = atomicrmw add ptr %i32, i32 3 syncscope("device") seq_cst
      %d = atomicrmw fadd ptr %f16x2, <2 x half> <half 1.0, half 2.0> monotonic, align 4
      %e = atomicrmw umax ptr %max, i32 %tid monotonic
      ret void
    })");
  Gpu gpu;
  auto *f32 = gpu.upload<float>({0});
  auto *f64 = gpu.upload<double>({0});
  auto *i32 = gpu.upload<int32_t>({0}), *max = gpu.upload<int32_t>({0});
  auto *f16 = gpu.upload<uint32_t>({0});
  EXPECT_EQ(
      gpu.launch(module, "count", Shape::of(8, 128), f32, f64, i32, f16, max),
      "");
  EXPECT_EQ(gpu.download(f32, 1)[0], 1024);
  EXPECT_EQ(gpu.download(f64, 1)[0], 512);
  EXPECT_EQ(gpu.download(i32, 1)[0], 3072);
  EXPECT_EQ(gpu.download(max, 1)[0], 127);
  // 1024 and 2048 as f16.
  EXPECT_EQ(gpu.download(f16, 1)[0], 0x68006400u);
  EXPECT_EQ(gpu.findings(), "");
}

TEST(Emulator, ReversesInDynamicSharedMemory) {
  static const std::string module = makeModule(R"(
    @fixed = internal addrspace(3) global [4 x i32] undef, align 16
    @dynamic = external addrspace(3) global [0 x i32], align 16
    define ptx_kernel void @reverse(ptr %data, i32 %n) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %cta = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
      %p = getelementptr i32, ptr addrspace(3) @dynamic, i32 %tid
      store i32 %cta, ptr addrspace(3) @fixed
      %begin = mul i32 %cta, %n
      %i = add i32 %begin, %tid
      %g = getelementptr i32, ptr %data, i32 %i
      %x = load i32, ptr %g
      store i32 %x, ptr addrspace(3) %p
      call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
      %last = sub i32 %n, 1
      %other = sub i32 %last, %tid
      %q = getelementptr i32, ptr addrspace(3) @dynamic, i32 %other
      %y = load i32, ptr addrspace(3) %q
      store i32 %y, ptr %g
      ret void
    })");
  // All threads of a block store the same to @fixed, which is still a race.
  EmulatorOptions options;
  options.checks = EmulatorChecks::Accesses;
  Gpu gpu(options);
  auto *data = gpu.upload(iota<int32_t>(300));
  EXPECT_EQ(
      gpu.launch(module, "reverse", Shape::of(3, 100).shared(400), data, 100),
      "");
  std::vector<int32_t> expected = iota<int32_t>(300);
  for (int block = 0; block < 3; ++block)
    std::reverse(expected.begin() + 100 * block,
                 expected.begin() + 100 * (block + 1));
  EXPECT_EQ(gpu.download(data, 300), expected);
  EXPECT_EQ(gpu.findings(), "");
  // Without the dynamic part there is no memory there.
  EXPECT_THAT(gpu.launch(module, "reverse", Shape::of(3, 100), data, 100),
              HasSubstr("invalid access to memory by store i32 %x"));
}

TEST(Emulator, NamesWhatItDoesNotKnow) {
  Gpu gpu;
  static const std::string intrinsic = makeModule(R"(
    declare void @llvm.nvvm.wgmma.fence.sync.aligned()
    define ptx_kernel void @k() {
      call void @llvm.nvvm.wgmma.fence.sync.aligned()
      ret void
    })");
  EXPECT_EQ(gpu.launch(intrinsic, "k", Shape()),
            "the emulator does not know the intrinsic "
            "'llvm.nvvm.wgmma.fence.sync.aligned' in function 'k'");
  static const std::string function = makeModule(R"(
    declare float @__nv_tanhf(float)
    define ptx_kernel void @k(ptr %p) {
      %x = call float @__nv_tanhf(float 1.0)
      store float %x, ptr %p
      ret void
    })");
  EXPECT_EQ(gpu.launch(function, "k", Shape(), nullptr),
            "function 'k' calls '__nv_tanhf', which is not in its module: "
            "libdevice is not linked");
  static const std::string indirect = makeModule(R"(
    define ptx_kernel void @k(ptr %f) {
      call void %f()
      ret void
    })");
  EXPECT_THAT(gpu.launch(indirect, "k", Shape(), nullptr),
              HasSubstr("calls through a pointer"));
  static const std::string initialised = makeModule(R"(
    @s = internal addrspace(3) global i32 5
    define ptx_kernel void @k(ptr %p) {
      %x = load i32, ptr addrspace(3) @s
      store i32 %x, ptr %p
      ret void
    })");
  EXPECT_EQ(gpu.launch(initialised, "k", Shape(), nullptr),
            "shared memory 's' has initial values, which no GPU gives it");
  EXPECT_THAT(gpu.launch("nonsense", "k", Shape()),
              HasSubstr("cannot read the GPU module"));
  static const std::string host = "define void @k() {\n ret void\n}";
  EXPECT_THAT(gpu.launch(host, "k", Shape()),
              HasSubstr("for nvptx64 and amdgcn"));
}

TEST(Emulator, RefusesRecursion) {
  static const std::string module = makeModule(R"(
    define i32 @even(i32 %n) noinline {
      %done = icmp eq i32 %n, 0
      br i1 %done, label %exit, label %again
    again:
      %m = sub i32 %n, 1
      %x = call i32 @odd(i32 %m)
      ret i32 %x
    exit:
      ret i32 1
    }
    define i32 @odd(i32 %n) noinline {
      %m = sub i32 %n, 1
      %x = call i32 @even(i32 %m)
      ret i32 %x
    }
    define ptx_kernel void @k(ptr %p) {
      %x = call i32 @even(i32 4)
      store i32 %x, ptr %p
      ret void
    })");
  Gpu gpu;
  EXPECT_EQ(gpu.launch(module, "k", Shape(), nullptr),
            "function 'even' calls itself, directly or through others, which "
            "the emulator does not know");
  // Two ways to a function are none back.
  static const std::string twice = makeModule(R"(
    define i32 @leaf(i32 %n) noinline {
      %m = sub i32 %n, 1
      ret i32 %m
    }
    define i32 @inner(i32 %n) noinline {
      %m = call i32 @leaf(i32 %n)
      ret i32 %m
    }
    define ptx_kernel void @k(ptr %p) {
      %x = call i32 @leaf(i32 4)
      %y = call i32 @inner(i32 %x)
      store i32 %y, ptr %p
      ret void
    })");
  auto *p = gpu.upload<int32_t>({0});
  EXPECT_EQ(gpu.launch(twice, "k", Shape(), p), "");
  EXPECT_EQ(gpu.download(p, 1)[0], 2);
}

TEST(Emulator, RefusesWrongLaunches) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(i32 %x) #0 { ret void }
    attributes #0 = { "nvvm.maxntid"="64,2" }
    define void @nokernel() { ret void })");
  Gpu gpu;
  EXPECT_EQ(gpu.launch(module, "k", Shape(), 1), "");
  EXPECT_EQ(gpu.launch(module, "k", Shape()),
            "kernel 'k' takes 1 arguments, but 0 are given");
  EXPECT_EQ(gpu.launch(module, "nokernel", Shape()),
            "the GPU module has no kernel 'nokernel'");
  EXPECT_EQ(gpu.launch(module, "k", Shape::of(1, 129), 1),
            "kernel 'k' is launched with blocks of 129 threads, but takes 1 to "
            "128");
  EXPECT_EQ(gpu.launch(module, "k", Shape::of(1, 0), 1),
            "kernel 'k' is launched with blocks of 0 threads, but takes 1 to "
            "128");
  EXPECT_EQ(gpu.launch(module, "k", Shape::of(5, 1).clusters(2), 1),
            "kernel 'k' is launched with 5 blocks in dimension 0, which "
            "clusters of 2 do not divide");
  EXPECT_EQ(gpu.launch(module, "k", Shape().shared(300000), 1),
            "kernel 'k' needs 300000 bytes of shared memory, but a block of "
            "'sm_90' has 232448");
}

TEST(Emulator, RefusesSizesThatNoGPUTakes) {
  static const std::string module = makeModule(R"(
    @large = internal addrspace(3) global [49153 x i8] undef, align 16
    define ptx_kernel void @k() { ret void }
    define ptx_kernel void @exact() #0 { ret void }
    define ptx_kernel void @shared() {
      store i8 1, ptr addrspace(3) @large
      ret void
    }
    attributes #0 = { "nvvm.reqntid"="64,2" })");
  Gpu gpu;
  auto launch = [&](const char *kernel, std::array<uint32_t, 3> grid,
                    std::array<uint32_t, 3> block) {
    return gpu.launch(module, kernel, Shape{grid, block});
  };
  EXPECT_EQ(launch("k", {0, 65535, 65535}, {1, 1, 64}), "");
  EXPECT_EQ(launch("k", {1, 70000, 1}, {1, 1, 1}),
            "kernel 'k' is launched with 70000 blocks in dimension 1, but at "
            "most 65535 can be");
  EXPECT_THAT(launch("k", {1, 1, 65536}, {1, 1, 1}),
              HasSubstr("65536 blocks in dimension 2"));
  EXPECT_THAT(launch("k", {0x80000000u, 1, 1}, {1, 1, 1}),
              HasSubstr("2147483648 blocks in dimension 0"));
  EXPECT_EQ(launch("k", {65536, 65535, 2}, {1, 1, 1}),
            "kernel 'k' is launched with 65536x65535x2 blocks, more than the "
            "emulator can count");
  EXPECT_EQ(launch("k", {1, 1, 1}, {1, 1, 65}),
            "kernel 'k' is launched with blocks of 65 threads in dimension 2, "
            "but at most 64 can be");
  EXPECT_THAT(launch("k", {1, 1, 1}, {64, 32, 1}),
              HasSubstr("blocks of 2048 threads, but takes 1 to 1024"));
  EXPECT_EQ(launch("exact", {1, 1, 1}, {64, 2, 1}), "");
  EXPECT_EQ(launch("exact", {1, 1, 1}, {128, 1, 1}),
            "kernel 'exact' is launched with blocks of 128x1x1 threads, but "
            "takes 64x2x1");
  EXPECT_EQ(launch("shared", {1, 1, 1}, {1, 1, 1}),
            "kernel 'shared' has 49153 bytes of static shared memory, but at "
            "most 49152 can be");
}

TEST(Emulator, RefusesClustersOnChipsWithoutThem) {
  static const std::string plain = makeModule(R"(
    define ptx_kernel void @k() { ret void })");
  static const std::string wait = makeModule(R"(
    declare void @llvm.nvvm.griddepcontrol.wait()
    define ptx_kernel void @k() {
      call void @llvm.nvvm.griddepcontrol.wait()
      ret void
    })");
  static const std::string assembly = makeModule(R"(
    define ptx_kernel void @k() {
      call void asm sideeffect "griddepcontrol.wait;", "~{memory}"()
      ret void
    })");
  EmulatorOptions options;
  options.chip = "sm_80";
  Gpu old(options), gpu;
  EXPECT_EQ(gpu.launch(plain, "k", Shape::of(2, 1).clusters(2)), "");
  EXPECT_EQ(old.launch(plain, "k", Shape::of(2, 1)), "");
  EXPECT_EQ(old.launch(plain, "k", Shape::of(2, 1).clusters(2)),
            "kernel 'k' is launched with clusters of 2 blocks, but 'sm_80' has "
            "none");
  EXPECT_EQ(gpu.launch(wait, "k", Shape()), "");
  EXPECT_EQ(old.launch(wait, "k", Shape()),
            "'llvm.nvvm.griddepcontrol.wait' in function 'k' needs sm_90, but "
            "the emulated chip is 'sm_80'");
  EXPECT_EQ(gpu.launch(assembly, "k", Shape()), "");
  EXPECT_EQ(old.launch(assembly, "k", Shape()),
            "'griddepcontrol.wait;' in function 'k' needs sm_90, but the "
            "emulated chip is 'sm_80'");
}

TEST(Emulator, EndsWithTheMessageOfAnAssertion) {
  static const std::string module = makeModule(R"(
    declare void @__assertfail(ptr, ptr, i32, ptr, i64)
    @message = private constant [20 x i8] c"index out of bounds\00"
    @file = private constant [7 x i8] c"a.mlir\00"
    @function = private constant [2 x i8] c"f\00"
    define ptx_kernel void @k(i32 %bound) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %inside = icmp ult i32 %tid, %bound
      br i1 %inside, label %fine, label %fail
    fine:
      ret void
    fail:
      call void @__assertfail(ptr @message, ptr @file, i32 7, ptr @function, i64 1)
      unreachable
    })");
  Gpu gpu;
  EXPECT_EQ(gpu.launch(module, "k", Shape::of(4, 64), 64), "");
  EXPECT_EQ(gpu.launch(module, "k", Shape::of(1, 64), 63),
            "index out of bounds at a.mlir:7, in block [0, 0, 0], thread [63, "
            "0, 0] of kernel 'k'");
  EXPECT_THAT(gpu.findings(), HasSubstr("index out of bounds"));
}

TEST(Emulator, EndsAtTrapsAndDivisionsByZero) {
  static const std::string module = makeModule(R"(
    declare void @llvm.trap()
    define ptx_kernel void @trap(i32 %x) {
      call void @llvm.trap()
      unreachable
    }
    define ptx_kernel void @divide(i32 %x, ptr %p) {
      %y = sdiv i32 -2147483648, %x
      store i32 %y, ptr %p
      ret void
    }
    define ptx_kernel void @forever(ptr %p) {
      br label %loop
    loop:
      %x = load volatile i32, ptr %p
      %again = icmp eq i32 %x, 5
      br i1 %again, label %loop, label %exit
    exit:
      ret void
    })");
  EmulatorOptions options;
  options.maxTurns = 100000;
  Gpu gpu(options);
  auto *p = gpu.upload<int32_t>({5});
  EXPECT_THAT(gpu.launch(module, "forever", Shape::of(2, 33), p),
              HasSubstr("the kernel does not come to an end: after 100000 "
                        "turns of its loops it still runs"));
  EXPECT_THAT(gpu.launch(module, "trap", Shape(), 1),
              HasSubstr("the kernel has executed a trap"));
  EXPECT_EQ(gpu.launch(module, "divide", Shape(), 2, p), "");
  EXPECT_EQ(gpu.download(p, 1)[0], -1073741824);
  for (int32_t divisor : {0, -1})
    EXPECT_THAT(
        gpu.launch(module, "divide", Shape(), divisor, p),
        HasSubstr("an integer division by zero, or one that overflows"));
}

/// Memory of a thread, also where an index of it is computed.
/// The host traps at each of these; the launch must end instead.
TEST(Emulator, EndsAtDivisionsOfVectorsAndByConstants) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @vector(ptr %p) {
      %x = load <2 x i32>, ptr %p
      %y = sdiv <2 x i32> <i32 7, i32 -2147483648>, %x
      store <2 x i32> %y, ptr %p
      ret void
    }
    define ptx_kernel void @remainder(ptr %p) {
      %x = load <2 x i32>, ptr %p
      %y = urem <2 x i32> <i32 7, i32 9>, %x
      store <2 x i32> %y, ptr %p
      ret void
    }
    define ptx_kernel void @constant(ptr %p) {
      %x = load i32, ptr %p
      %y = srem i32 %x, -1
      store i32 %y, ptr %p
      ret void
    })");
  Gpu gpu;
  auto *p = gpu.upload<int32_t>({2, 3});
  EXPECT_EQ(gpu.launch(module, "vector", Shape(), p), "");
  EXPECT_EQ(gpu.download(p, 2), (std::vector<int32_t>{3, -715827882}));
  auto *q = gpu.upload<int32_t>({4, 5});
  EXPECT_EQ(gpu.launch(module, "remainder", Shape(), q), "");
  EXPECT_EQ(gpu.download(q, 2), (std::vector<int32_t>{3, 4}));
  EXPECT_EQ(gpu.launch(module, "constant", Shape(), q), "");
  EXPECT_EQ(gpu.download(q, 1)[0], 0);
  auto expectError = [&](const char *kernel, std::vector<int32_t> values) {
    EXPECT_THAT(gpu.launch(module, kernel, Shape(), gpu.upload(values)),
                HasSubstr("an integer division by zero, or one that overflows"))
        << kernel;
  };
  expectError("vector", {2, 0});
  expectError("vector", {0, 2});
  expectError("vector", {2, -1});
  expectError("remainder", {0, 2});
  expectError("constant", {INT32_MIN});
}

TEST(Emulator, KeepsLocalMemory) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(ptr %out, i32 %index) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %array = alloca [4 x i32]
      %last = getelementptr i32, ptr %array, i32 3
      store i32 7, ptr %last
      %second = getelementptr i32, ptr %array, i32 1
      store i32 %tid, ptr %second
      %at = getelementptr i32, ptr %array, i32 %index
      %x = load i32, ptr %at
      %p = getelementptr i32, ptr %out, i32 %tid
      store i32 %x, ptr %p
      ret void
    })");
  Gpu gpu;
  auto *out = gpu.upload(std::vector<int32_t>(40));
  EXPECT_EQ(gpu.launch(module, "k", Shape::of(1, 40), out, 1), "");
  EXPECT_EQ(gpu.download(out, 40)[33], 33);
  EXPECT_EQ(gpu.launch(module, "k", Shape::of(1, 40), out, 3), "");
  EXPECT_EQ(gpu.download(out, 40)[33], 7);
  EXPECT_THAT(gpu.launch(module, "k", Shape::of(1, 40), out, 4),
              HasSubstr("access to 4 bytes at offset 16 of a local variable of "
                        "16 bytes"));
}

/// Findings say where in the source an access comes from.
TEST(Emulator, SaysWhereCodeComesFrom) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(ptr %p) !dbg !4 {
      %q = getelementptr i32, ptr %p, i32 1
      store i32 1, ptr %q, !dbg !7
      ret void, !dbg !8
    }
    !llvm.dbg.cu = !{!0}
    !llvm.module.flags = !{!3}
    !0 = distinct !DICompileUnit(language: DW_LANG_C, file: !1, producer: "MLIR", isOptimized: true, runtimeVersion: 0, emissionKind: LineTablesOnly)
    !1 = !DIFile(filename: "norm.mlir", directory: "/")
    !3 = !{i32 2, !"Debug Info Version", i32 3}
    !4 = distinct !DISubprogram(name: "k", linkageName: "k", scope: !1, file: !1, line: 10, type: !5, spFlags: DISPFlagDefinition, unit: !0)
    !5 = !DISubroutineType(types: !6)
    !6 = !{}
    !7 = !DILocation(line: 12, column: 5, scope: !4)
    !8 = !DILocation(line: 13, column: 5, scope: !4))");
  Gpu gpu;
  auto *p = gpu.upload<int32_t>({0});
  EXPECT_EQ(gpu.launch(module, "k", Shape(), p),
            "invalid access to memory by norm.mlir:12:5, in block [0, 0, 0], "
            "thread [0, 0, 0] of kernel 'k'");
  EXPECT_THAT(gpu.findings(),
              HasSubstr("norm.mlir:12:5: access out of bounds"));
}

/// A thread that waits in a loop for another one lets it run.
TEST(Emulator, LetsThreadsWaitInLoops) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(ptr %flag) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %last = icmp eq i32 %tid, 63
      br i1 %last, label %set, label %wait
    set:
      store atomic i32 1, ptr %flag release, align 4
      ret void
    wait:
      %x = load atomic i32, ptr %flag acquire, align 4
      %done = icmp eq i32 %x, 1
      br i1 %done, label %exit, label %wait
    exit:
      ret void
    })");
  for (uint64_t seed = 0; seed < 4; ++seed) {
    EmulatorOptions options;
    options.seed = seed;
    Gpu gpu(options);
    auto *flag = gpu.upload<int32_t>({0});
    EXPECT_EQ(gpu.launch(module, "k", Shape::of(1, 64), flag), "");
  }
}

TEST(Emulator, ChecksCopiesAndReleases) {
  Gpu gpu;
  const seednorm_rt_device &device = gpu.device->getInterface();
  auto *data = static_cast<char *>(gpu.allocate(100));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % 256, 0u);
  char host[101], message[200];
  EXPECT_EQ(device.copy(device.context, data, host, 101, message, 200), 1);
  EXPECT_STREQ(message, "a copy to device memory of 101 bytes at offset 0 of a "
                        "device buffer of 100 bytes");
  EXPECT_EQ(device.copy(device.context, host, data + 90, 11, message, 200), 1);
  EXPECT_EQ(device.release(device.context, data + 1, message, 200), 1);
  EXPECT_EQ(device.release(device.context, data, message, 200), 0);
  EXPECT_EQ(device.release(device.context, data, message, 200), 1);
  EXPECT_STREQ(message, "a device buffer is released that is not allocated");
  EXPECT_EQ(device.copy(device.context, host, data, 4, message, 200), 1);
  EXPECT_STREQ(message, "a copy from device memory of 4 bytes is in no live "
                        "device buffer");
  gpu.release(gpu.allocate(0));
}

TEST(Emulator, CopiesAsynchronouslyWhatWasThere) {
  static const std::string module = makeModule(R"(
    declare void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3), ptr addrspace(1))
    declare void @llvm.nvvm.cp.async.wait.all()
    @s = internal addrspace(3) global i32 undef, align 16
    define ptx_kernel void @k(ptr addrspace(1) %from, ptr addrspace(1) %changed, ptr addrspace(1) %to) {
      call void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3) @s, ptr addrspace(1) %from)
      store i32 5, ptr addrspace(1) %changed
      call void @llvm.nvvm.cp.async.wait.all()
      %x = load i32, ptr addrspace(3) @s
      store i32 %x, ptr addrspace(1) %to
      ret void
    })");
  Gpu gpu;
  auto *from = gpu.upload<int32_t>({3}), *other = gpu.upload<int32_t>({4});
  auto *to = gpu.upload<int32_t>({0});
  EXPECT_EQ(gpu.launch(module, "k", Shape(), from, other, to), "");
  EXPECT_EQ(gpu.download(to, 1)[0], 3);
  EXPECT_EQ(gpu.findings(), "");
  EXPECT_EQ(gpu.launch(module, "k", Shape(), from, from, to), "");
  EXPECT_EQ(gpu.download(to, 1)[0], 3);
  EXPECT_THAT(gpu.findings(),
              HasSubstr("what an asynchronous copy of 4 bytes reads has "
                        "changed before it is waited for"));
}

/// However near or far it misses, no other buffer is there, nor one where
/// another has been.
TEST(Emulator, KeepsBuffersApart) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(ptr %p, i64 %offset) {
      %q = getelementptr i8, ptr %p, i64 %offset
      store i32 1, ptr %q
      ret void
    })");
  for (int64_t bytes : {256, 3000000}) {
    Gpu gpu;
    void *first = gpu.allocate(512), *data = gpu.allocate(bytes);
    void *last = gpu.allocate(512), *released = gpu.allocate(bytes);
    gpu.release(released);
    for (int i = 0; i < 100; ++i) {
      void *other = gpu.allocate(bytes);
      ASSERT_NE(other, released);
      gpu.release(other);
    }
    EXPECT_EQ(gpu.launch(module, "k", Shape(), data, bytes - 4), "");
    EXPECT_EQ(gpu.findings(), "");
    for (int64_t offset : {bytes, bytes + 512, 2 * bytes - 4, bytes + 1000000,
                           int64_t(-4), -bytes, int64_t(-1000000)})
      EXPECT_THAT(gpu.launch(module, "k", Shape(), data, offset),
                  HasSubstr("invalid access to memory"))
          << offset << " in " << first << " " << data << " " << last;
    EXPECT_THAT(gpu.launch(module, "k", Shape(), released, int64_t(0)),
                HasSubstr("invalid access to memory"));
  }
}

/// More in sum than the addresses that are reserved at once.
TEST(Emulator, AllocatesAgainAndAgain) {
  Gpu gpu;
  auto *kept = gpu.upload<int32_t>({5});
  for (int i = 0; i < 40; ++i)
    gpu.release(gpu.allocate(uint64_t(1) << (i % 2 ? 20 : 4)));
  std::vector<void *> live;
  for (int i = 0; i < 2000; ++i)
    live.push_back(gpu.allocate(64));
  std::sort(live.begin(), live.end());
  for (size_t i = 1; i < live.size(); ++i)
    ASSERT_GE(static_cast<char *>(live[i]) - static_cast<char *>(live[i - 1]),
              1 << 20);
  for (void *pointer : live)
    gpu.release(pointer);
  for (int i = 0; i < 40000; ++i)
    gpu.release(gpu.allocate(64));
  EXPECT_EQ(gpu.download(kept, 1)[0], 5);
  const seednorm_rt_device &device = gpu.device->getInterface();
  void *pointer;
  char message[200];
  EXPECT_EQ(device.allocate(device.context, ~uint64_t(0), &pointer, message,
                            sizeof(message)),
            1);
}

TEST(Emulator, MultipliesOnTheHost) {
  Gpu gpu;
  const seednorm_rt_device &device = gpu.device->getInterface();
  auto *a = gpu.upload(std::vector<float>{1, 2, 3, 4, 5, 6});
  auto *b = gpu.upload(std::vector<float>{1, 1, 2});
  auto *c = gpu.upload(std::vector<float>{0, 0});
  char message[200] = "";
  seednorm_rt_gemm_arguments product = {};
  product.batch = 1, product.m = 2, product.n = 1, product.k = 3;
  product.a = a, product.a_row_stride = 3, product.a_col_stride = 1;
  product.b = b, product.b_row_stride = 1, product.b_col_stride = 1;
  product.c = c, product.c_row_stride = 1, product.c_col_stride = 1;
  ASSERT_EQ(device.gemm(device.context, &product, message, 200), 0) << message;
  EXPECT_EQ(gpu.download(c, 2), (std::vector<float>{9, 21}));
  product.b_row_stride = 2;
  EXPECT_EQ(device.gemm(device.context, &product, message, 200), 1);
  EXPECT_STREQ(message, "operand 'b' of a matrix product of 20 bytes at offset "
                        "0 of a device buffer of 12 bytes");
}

TEST(Emulator, FindsGarbageInCopiesAndProducts) {
  Gpu gpu;
  auto find = [&] {
    std::string text = gpu.findings();
    gpu.device->clearReport();
    return text;
  };
  // The second column of three rows.
  auto *a = static_cast<float *>(gpu.allocate(24));
  auto *b = gpu.upload<float>({2});
  auto *c = static_cast<float *>(gpu.allocate(24));
  for (int row = 0; row < 3; ++row)
    gpu.copy(a + 2 * row + 1, b, 4);
  EXPECT_EQ(gpu.download(a + 1, 1)[0], 2);
  EXPECT_EQ(find(), "");
  const seednorm_rt_device &device = gpu.device->getInterface();
  char message[200] = "";
  seednorm_rt_gemm_arguments product = {};
  product.batch = 1, product.m = 3, product.n = 1, product.k = 1;
  product.a = a + 1, product.a_row_stride = 2, product.a_col_stride = 1;
  product.b = b, product.b_row_stride = 1, product.b_col_stride = 1;
  product.c = c, product.c_row_stride = 2, product.c_col_stride = 1;
  auto multiply = [&] {
    EXPECT_EQ(device.gemm(device.context, &product, message, 200), 0)
        << message;
    return find();
  };
  EXPECT_EQ(multiply(), "");
  EXPECT_EQ(gpu.download(c + 4, 1)[0], 4);
  EXPECT_EQ(find(), "");
  // Between the rows of the result there is still nothing.
  gpu.download(c, 2);
  EXPECT_THAT(find(), HasSubstr("a copy to the host reads byte 4 of a buffer "
                                "of 24 bytes, which nobody has written"));
  product.accumulate = 1;
  EXPECT_EQ(multiply(), "");
  product.c = c + 1;
  EXPECT_THAT(multiply(), HasSubstr("operand 'c' of a matrix product reads "
                                    "byte 4 of a buffer of 24 bytes"));
  product.a = a, product.a_row_stride = 1, product.a_col_stride = 2;
  product.accumulate = 0;
  EXPECT_THAT(multiply(), HasSubstr("operand 'a' of a matrix product reads "
                                    "byte 0 of a buffer of 24 bytes"));
  // Garbage that is copied on the device is garbage there.
  auto *d = static_cast<float *>(gpu.allocate(24));
  gpu.copy(d, a, 24);
  EXPECT_EQ(find(), "");
  EXPECT_EQ(gpu.download(d + 5, 1)[0], 2);
  EXPECT_EQ(find(), "");
  gpu.download(d + 2, 2);
  EXPECT_THAT(find(), HasSubstr("reads byte 8 of a buffer of 24 bytes"));
}

TEST(Emulator, ReportsCostsAndForgetsModules) {
  static const std::string module = makeModule(R"(
    define ptx_kernel void @k(ptr %p) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %q = getelementptr float, ptr %p, i32 %tid
      %x = load float, ptr %q
      %y = fmul float %x, %x
      store float %y, ptr %q
      ret void
    })");
  Gpu gpu;
  auto *data = gpu.upload(iota(64));
  gpu.device->setMinimum("k", {64, 256, 256});
  ASSERT_EQ(gpu.launch(module, "k", Shape::of(1, 64), data), "");
  // One product and one index in each thread, and sectors as few as can be.
  std::string text = llvm::formatv("{0:2}", gpu.device->getReport());
  EXPECT_THAT(text, HasSubstr(R"("fp32": 64,)"));
  EXPECT_THAT(text, HasSubstr(R"("integer": 64)"));
  EXPECT_THAT(text, HasSubstr(R"("ratio": 1,)"));
  gpu.device->clearReport();
  const seednorm_rt_device &device = gpu.device->getInterface();
  device.unload(device.context, module.data());
  ASSERT_EQ(gpu.launch(module, "k", Shape::of(1, 64), data), "");
  EXPECT_EQ(gpu.download(data, 2)[1], 16);
}

} // namespace
