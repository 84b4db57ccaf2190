//===- PTXTest.cpp - What is counted in PTX ---------------------------------
//===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small texts with one thing each, and such as no compiler writes. Whole
// kernels are lit's (test/Tools/seednorm-gpu-report).
//
//===----------------------------------------------------------------------===//

#include "seednorm/GPUReport/PTX.h"
#include "../Runtime/Testing.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;
using seednorm::testing::messageOf;

namespace {

Expected<PTXKernel> readBody(const std::string &body,
                             const std::string &directives = "") {
  auto module = readPTX(".version 8.0\n.target sm_90, debug\n.address_size 64\n"
                        ".visible .entry k(.param .u64 k_param_0)\n" +
                            directives + "\n{\n" + body + "\n}\n",
                        "k.ptx");
  if (!module)
    return module.takeError();
  EXPECT_EQ(module->kernels.size(), 1u);
  return module->kernels.front();
}

/// "global load 128 nc x2(1)": two, of which one in loops.
std::string describe(const PTXKernel &kernel) {
  std::string text;
  raw_string_ostream stream(text);
  for (const Access &access : kernel.accesses) {
    stream << getName(access.space) << " " << getName(access.kind) << " "
           << access.bits << " ";
    if (!access.hints.empty())
      stream << access.hints << " ";
    stream << "x" << access.count.total;
    if (access.count.inLoops)
      stream << "(" << access.count.inLoops << ")";
    stream << "; ";
  }
  return text;
}

std::string accessesOf(const std::string &body) {
  auto kernel = readBody(body);
  return kernel ? describe(*kernel) : toString(kernel.takeError());
}

TEST(PTXTest, WidthsAndHints) {
  EXPECT_EQ(accessesOf("ld.global.f32 %f1, [%rd1];"), "global load 32 x1; ");
  EXPECT_EQ(accessesOf("ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1+16];"),
            "global load 128 x1; ");
  EXPECT_EQ(accessesOf("ld.global.nc.v2.b64 {%rd1, %rd2}, [%rd3];"),
            "global load 128 nc x1; ");
  EXPECT_EQ(accessesOf("ld.global.nc.L1::evict_first.L2::128B.v4.b32 "
                       "{%r1, %r2, %r3, %r4}, [%rd3];"),
            "global load 128 nc.L1::evict_first.L2::128B x1; ");
  EXPECT_EQ(accessesOf("ld.global.v8.b32 {%r1,%r2,%r3,%r4,%r5,%r6,%r7,%r8}, "
                       "[%rd3];"),
            "global load 256 x1; ");
  EXPECT_EQ(accessesOf("ld.global.b128 %rq1, [%rd1];"), "global load 128 x1; ");
  EXPECT_EQ(accessesOf("ld.global.v4.b16 {%rs1,%rs2,%rs3,%rs4}, [%rd1];"),
            "global load 64 x1; ");
  EXPECT_EQ(accessesOf("st.global.cs.v4.f32 [%rd1], {%f1, %f2, %f3, %f4};"),
            "global store 128 cs x1; ");
  EXPECT_EQ(accessesOf("@%p1 st.global.u8 [%rd1], %rs1;"),
            "global store 8 x1; ");
  EXPECT_EQ(accessesOf("ld.b32 %r1, [%rd1]; st.f64 [%rd1], %fd1;"),
            "generic load 32 x1; generic store 64 x1; ");
}

TEST(PTXTest, SpacesApart) {
  EXPECT_EQ(accessesOf("ld.shared.v4.f32 {%f1,%f2,%f3,%f4}, [%r1];\n"
                       "st.shared::cta.b32 [%r1], %r2;\n"
                       "ld.shared::cluster.b32 %r1, [%r2];\n"
                       "ld.local.b32 %r1, [%rd1];\n"
                       "ld.param.u64 %rd1, [k_param_0];\n"
                       "ld.const.f32 %f1, [c];"),
            "shared load 128 x1; shared load 32 x1; shared store 32 x1; "
            "local load 32 x1; ");
}

TEST(PTXTest, AtomicsAndCopies) {
  EXPECT_EQ(accessesOf("atom.global.add.f32 %f1, [%rd1], %f2;\n"
                       "red.relaxed.gpu.global.add.f64 [%rd1], %fd1;\n"
                       "red.global.add.noftz.bf16x2 [%rd1], %r1;\n"
                       "atom.shared.cas.b32 %r1, [%r2], %r3, %r4;"),
            "global atomic 64 relaxed.gpu.add x1; global atomic 32 add x1; "
            "global atomic 32 add.noftz x1; shared atomic 32 cas x1; ");
  EXPECT_EQ(
      accessesOf("cp.async.cg.shared.global [%r1], [%rd1], 16;\n"
                 "cp.async.ca.shared.global.L2::128B [%r1], [%rd1], 4, %r2;\n"
                 "cp.async.commit_group;\ncp.async.wait_group 0;\n"
                 "cp.async.bulk.shared::cta.global.mbarrier::complete_tx::"
                 "bytes [%r1], [%rd1], %r3, [%r4];"),
      "global async copy 128 cg x1; global async copy 32 ca.L2::128B x1; "
      "global async copy 0 bulk.mbarrier::complete_tx::bytes x1; ");
  // No size that a copy can have.
  EXPECT_EQ(accessesOf("cp.async.cg.shared.global [%r1], [%rd1], 999999999;"),
            "global async copy 0 cg x1; ");
}

TEST(PTXTest, Synchronisation) {
  SEEDNORM_ASSERT_VALUE(
      kernel,
      readBody("bar.sync 0; barrier.sync.aligned 1, 64; "
               "barrier.cta.sync.aligned.all 0;\n"
               "bar.warp.sync 0xffffffff;\n"
               "barrier.cluster.arrive.release; barrier.cluster.wait.acquire;\n"
               "shfl.sync.bfly.b32 %r1|%p1, %r2, 16, 31, -1;\n"
               "vote.sync.ballot.b32 %r1, %p1, -1; redux.sync.add.s32 %r1, "
               "%r2, -1;\n"
               "call.uni (r), f, (p);"));
  EXPECT_EQ(kernel.barriers.total, 3u);
  EXPECT_EQ(kernel.clusterBarriers.total, 1u);
  EXPECT_EQ(kernel.shuffles.total, 1u);
  EXPECT_EQ(kernel.votes.total, 2u);
  EXPECT_EQ(kernel.calls.total, 1u);
  EXPECT_EQ(kernel.instructions.total, 10u);
}

TEST(PTXTest, Arithmetic) {
  SEEDNORM_ASSERT_VALUE(
      kernel,
      readBody("rsqrt.approx.ftz.f32 %f1, %f2; tanh.approx.f32 %f1, %f2;\n"
               "div.rn.f32 %f1, %f2, %f3; div.s32 %r1, %r2, %r3;\n"
               "ex2.approx.f32 %f1, %f2; fma.rn.bf16x2 %r1, %r2, %r3, %r4;\n"
               "add.rn.f32x2 %rd1, %rd2, %rd3; mul.f32 %f1, %f2, %f3;"));
  EXPECT_EQ(kernel.specialFunctions.total, 4u);
  EXPECT_EQ(kernel.packed.total, 2u);
  EXPECT_EQ(kernel.instructions.total, 8u);
}

TEST(PTXTest, LoopsAreCyclesOfBranches) {
  // The loop's body stands behind its end, and a block between them is no part
  // of it.
  SEEDNORM_ASSERT_VALUE(kernel, readBody(R"(
    ld.global.f32 %f1, [%rd1];
    bra $body;
  $between:
    ld.global.f32 %f2, [%rd1];
    ret;
  $latch:
    @%p1 bra $between;
  $body:
    ld.global.v2.f32 {%f1, %f2}, [%rd1];
    bar.sync 0;
    bra.uni $latch;
  )"));
  EXPECT_EQ(describe(kernel), "global load 64 x1(1); global load 32 x2; ");
  EXPECT_EQ(kernel.barriers.inLoops, 1u);
  EXPECT_EQ(kernel.instructions.total, 8u);
  EXPECT_EQ(kernel.instructions.inLoops, 4u);
  EXPECT_EQ(kernel.countGlobalBytes().total, 16u);
  EXPECT_EQ(kernel.countGlobalBytes().inLoops, 8u);
}

TEST(PTXTest, LoopsInsideLoops) {
  SEEDNORM_ASSERT_VALUE(kernel, readBody(R"(
    bar.sync 0;
  $outer:
    bar.sync 0;
    @%p1 bra $skip;
    bar.sync 0;
  $inner:
    bar.sync 0;
  $self:
    bar.sync 0;
    @%p2 bra $self;
    @%p3 bra $inner;
    bar.sync 0;
  $skip:
    @%p4 bra $outer;
    bar.sync 0;
    ret;
  )"));
  EXPECT_EQ(kernel.barriers.total, 7u);
  EXPECT_EQ(kernel.barriers.inLoops, 5u);
  EXPECT_EQ(kernel.barriers.byDepth, (std::vector<unsigned>{2, 3, 1, 1}));
}

TEST(PTXTest, IndirectBranches) {
  SEEDNORM_ASSERT_VALUE(kernel, readBody(R"(
  $top:
  $table: .branchtargets $top, $out;
    ld.global.f32 %f1, [%rd1];
    brx.idx %r1, $table;
  $out:
    ld.global.f32 %f1, [%rd1];
    ret;
  )"));
  EXPECT_EQ(describe(kernel), "global load 32 x2(1); ");
}

TEST(PTXTest, LabelsBeforeDirectives) {
  SEEDNORM_ASSERT_VALUE(kernel,
                        readBody("  .reg .b32 %r<3>;\n"
                                 "$top:\n  .loc 1 2 3\n"
                                 "  .pragma \"nounroll\";\n"
                                 "  { .reg .pred p; @p bra $top; }\n"
                                 "  prototype_0 : .callprototype ()_ ();\n"
                                 "  ret;"));
  EXPECT_EQ(kernel.instructions.total, 2u);
  EXPECT_EQ(kernel.instructions.inLoops, 1u);
}

TEST(PTXTest, BytesInFlight) {
  auto inFlight = [](const std::string &body) {
    return cantFail(readBody(body)).bytesInFlight;
  };
  std::string load = "ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1];\n";
  EXPECT_EQ(inFlight(load + "add.f32 %f5, %f1, %f2;" + load), 32u);
  EXPECT_EQ(inFlight(load + "bar.sync 0;" + load), 16u);
  EXPECT_EQ(inFlight(load + "st.global.f32 [%rd1], %f1;" + load + load), 32u);
  EXPECT_EQ(inFlight(load + "$top: " + load + "@%p1 bra $top;" + load), 16u);
  EXPECT_EQ(inFlight("ld.shared.f32 %f1, [%r1];"), 0u);
}

TEST(PTXTest, LaunchBounds) {
  PTXKernel kernel = cantFail(readBody("ret;", ".maxntid 32, 4, 2\n"
                                               ".minnctapersm 2"));
  EXPECT_EQ(kernel.threads, 256u);
  EXPECT_FALSE(kernel.exact);
  kernel =
      cantFail(readBody("ret;", ".reqntid 128\n.reqnctapercluster 4, 1, 1"));
  EXPECT_EQ(kernel.threads, 128u);
  EXPECT_TRUE(kernel.exact);
  EXPECT_EQ(kernel.clusterCTAs, 4u);
  EXPECT_EQ(cantFail(readBody("ret;")).threads, 0u);
  // Numbers that no launch can have are as good as none.
  for (const char *bounds : {".maxntid", ".maxntid x", ".maxntid 99999999999",
                             ".maxntid 60000, 60000, 60000"})
    EXPECT_EQ(cantFail(readBody("ret;", bounds)).threads, 0u) << bounds;
}

TEST(PTXTest, WholeFiles) {
  SEEDNORM_ASSERT_VALUE(module, readPTX(R"(
//
// Generated by a compiler; .entry in a comment {
//
.version 8.8
.target sm_90a
.address_size 64
	// .globl	first
.extern .shared .align 16 .b8 global_smem[];
.global .align 1 .b8 text[3] = {95, 36, 0};
.extern .func (.param .b32 r) vprintf (.param .b64 a, .param .b64 b);
.func (.param .b32 r) square(.param .b32 x) { /* { */ ret; { mul.f32 a, b, c; } }
.file 1 "a{b;c.py"
.visible .entry first(
	.param .u64 .ptr .global .align 1 first_param_0
)
.reqntid 128
{
	.loc	1 5 0                           // k.py:5:0
$L__func_begin0:
	mov.u32 %r1, %tid.x;
	ret;
$L__func_end0:
}
.entry second() { ret; }
.section	.debug_info
{
.b32 12; .b8 1
}
)",
                                        "two.ptx"));
  EXPECT_EQ(module.version, "8.8");
  EXPECT_EQ(module.target, "sm_90a");
  ASSERT_EQ(module.kernels.size(), 2u);
  EXPECT_EQ(module.kernels[0].name, "first");
  EXPECT_EQ(module.kernels[0].threads, 128u);
  EXPECT_EQ(module.kernels[0].instructions.total, 2u);
  EXPECT_EQ(module.kernels[1].name, "second");
}

std::string messageOf(StringRef text) {
  return seednorm::testing::messageOf(readPTX(text, "bad.ptx"));
}

TEST(PTXTest, WhatIsNoPTXIsAnError) {
  std::string notPTX = "bad.ptx is not PTX: it does not begin with '.version'";
  EXPECT_EQ(messageOf(""), notPTX);
  EXPECT_EQ(messageOf("func.func @f()"), notPTX);
  EXPECT_EQ(messageOf(StringRef("\0\xff.version", 10)), notPTX);
  std::string begin = ".version 8.0\n";
  EXPECT_EQ(messageOf(begin + "/* open"), "bad.ptx:2: a comment has no end");
  EXPECT_EQ(messageOf(begin + ".file 1 \"open\n\""),
            "bad.ptx:2: a string has no end");
  EXPECT_EQ(messageOf(begin + "entry k"),
            "bad.ptx:2: a directive is expected, but not 'entry k'");
  EXPECT_EQ(messageOf(begin + ".global .b8 x"),
            "bad.ptx:2: a declaration has no end");
  EXPECT_EQ(messageOf(begin + ".global .b8 x[1] = {1"),
            "bad.ptx:2: a statement has no ';'");
  EXPECT_EQ(messageOf(begin + ".global {1}"),
            "bad.ptx:2: '{' is not expected here");
  EXPECT_EQ(messageOf(begin + "\n.entry (.param .b32 x) {}"),
            "bad.ptx:3: '.entry' has no name");
  EXPECT_EQ(messageOf(begin + ".entry k() {\n{}"),
            "bad.ptx:2: a function's body has no end");
  EXPECT_EQ(messageOf(begin + ".entry k() {\nret }"),
            "bad.ptx:3: a statement has no ';'");
  EXPECT_EQ(messageOf(begin + ".entry k() {\n[%r1];}"),
            "bad.ptx:3: an instruction is expected, but not '[%r1];}'");
  EXPECT_EQ(messageOf(begin + ".entry k() { @%p1; }"),
            "bad.ptx:2: an instruction is expected, but not ''");
  EXPECT_EQ(messageOf(begin + ".entry k() { bra $a; }"),
            "bad.ptx: entry 'k' has a branch to '$a', but no such label");
  EXPECT_EQ(messageOf(begin + ".section .debug_info"),
            "bad.ptx:2: a statement has no '{'");
}

/// Every beginning of a file is a module or an error.
TEST(PTXTest, CutAnywhere) {
  StringRef text = ".version 8.0\n.target sm_90\n.global .b8 x[2] = {1, 2};\n"
                   "// a comment\n.visible .entry k(.param .u64 p)\n"
                   ".maxntid 128, 1, 1\n{ .loc 1 2 3\n$top: /* x */\n"
                   "@%p1 ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1+16];\n"
                   "@!%p1 bra $top; }\n.file 1 \"name\"\n";
  unsigned errors = 0;
  for (size_t length = 0; length < text.size(); ++length) {
    seednorm::testing::ExactCopy copy(text.take_front(length));
    auto module = readPTX({copy.bytes.data(), copy.bytes.size()}, "cut.ptx");
    errors += !module;
    consumeError(module.takeError());
  }
  EXPECT_GT(errors, 150u);
}

/// No stack and no square of the text's length.
TEST(PTXTest, LongAndDeepTexts) {
  constexpr unsigned count = 50000;
  std::string deep = ".version 8.0\n.entry k() {", many = deep;
  deep.append(count, '{').append(count, '}').append("}");
  EXPECT_EQ(messageOf(deep), "success");
  for (unsigned i = 0; i < count; ++i)
    many += "$" + std::to_string(i) + ": @%p bra $" +
            std::to_string((i * 7919) % count) + ";\n";
  EXPECT_EQ(messageOf(many + "}"), "success");
}

} // namespace
