//===- ReportTest.cpp - What was seen of a kernel ---------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums over launches, and the report in both of its forms.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace seednorm::emulator;
using ::testing::HasSubstr;

/// One launch of 2 CTAs of 32 threads, with a coalesced load, a store at half
/// efficiency and conflicts in shared memory.
static KernelReport makeReport() {
  KernelReport report;
  report.kernel = "norm";
  report.launches = 1;
  report.ctas = 2;
  report.threads = 64;
  report.rows = 4;
  report.sites = {{"norm.mlir:3:5", "norm", "  %1 = load <4 x float>"},
                  {"norm.mlir:9:5", "norm", "store float"},
                  {}};
  report.accesses[{0, {Space::Global, AccessKind::Load, 16}}] = {64,   2, 32,
                                                                 1024, 0, 0};
  report.accesses[{1, {Space::Global, AccessKind::Store, 4}}] = {64,  2, 16,
                                                                 256, 0, 0};
  report.accesses[{1, {Space::Shared, AccessKind::Store, 4}}] = {64, 2, 0,
                                                                 0,  4, 2};
  report.instructions[unsigned(InstructionClass::Fp32)] = 640;
  report.barriers = 8;
  report.loadedDramBytes = 1024;
  report.storedDramBytes = 512;
  report.minimumLoadBytes = 1024;
  report.minimumStoreBytes = 256;
  report.findings = {{FindingKind::GlobalRace, 1, 1, 3, "races", 2}};
  return report;
}

static std::string printed(const KernelReport &report) {
  std::string text;
  llvm::raw_string_ostream os(text);
  report.print(os);
  return text;
}

TEST(Report, Table) {
  EXPECT_EQ(printed(makeReport()),
            R"(kernel 'norm': 1 launch, 2 CTAs, 64 threads, 4 rows
norm.mlir:9:5: data race in global memory: kernel 'norm', CTA 1, thread 3: races (2 times)
  store float
  DRAM (distinct sectors)  bytes  minimum  ratio
  loaded                    1024     1024  1.000
  stored                     512      256  2.000
  global sectors requested: 48, 1280 of 1536 bytes used (efficiency 0.833)
  shared memory wavefronts added by bank conflicts: 2
  barriers: 8 (4.000 a CTA, 2.000 a row)

  access        bytes  by warps  sectors  efficiency  wavefronts  conflicts
  global load      16         2       32       1.000           -          -
  global store      4         2       16       0.500           -          -
  shared store      4         2        -           -           4          2

  access        bytes  by warps  sectors  efficiency  wavefronts  conflicts  at
  global load      16         2       32       1.000           -          -  norm.mlir:3:5
  global store      4         2       16       0.500           -          -  norm.mlir:9:5
  shared store      4         2        -           -           4          2  norm.mlir:9:5

  instructions  by threads  a thread
  fp32                 640    10.000
)");
}

TEST(Report, WhatIsUnknownIsADash) {
  KernelReport report;
  report.kernel = "empty";
  std::string text = printed(report);
  EXPECT_THAT(text, HasSubstr("kernel 'empty': 0 launches, 0 CTAs, 0 threads\n"
                              "  no findings\n"));
  EXPECT_THAT(text, HasSubstr("barriers: 0 (- a CTA, - a row)"));
  EXPECT_THAT(text,
              HasSubstr("loaded                       0        -      -\n"));
}

TEST(Report, Json) {
  // Through text, as a reader gets it.
  std::string text;
  llvm::raw_string_ostream(text) << makeReport().toJSON();
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  ASSERT_TRUE(bool(value)) << llvm::toString(value.takeError());
  const llvm::json::Object &object = *value->getAsObject();
  EXPECT_EQ(object.getString("kernel"), "norm");
  EXPECT_EQ(object.getInteger("launches"), 1);
  EXPECT_EQ(object.getInteger("rows"), 4);
  EXPECT_EQ(object.getNumber("barriers_per_cta"), 4.0);
  EXPECT_EQ(object.getNumber("barriers_per_row"), 2.0);
  const llvm::json::Object &dram = *object.getObject("dram");
  EXPECT_EQ(dram.getInteger("loaded_bytes"), 1024);
  EXPECT_EQ(dram.getInteger("minimum_stored_bytes"), 256);
  EXPECT_EQ(dram.getNumber("ratio"), 1.2);
  EXPECT_EQ(object.getObject("global")->getInteger("moved_bytes"), 48 * 32);
  EXPECT_EQ(object.getObject("global")->getNumber("efficiency"),
            1280.0 / 1536.0);
  EXPECT_EQ(object.getObject("shared")->getInteger("extra_wavefronts"), 2);
  EXPECT_EQ(object.getObject("instructions")->getInteger("fp32"), 640);

  const llvm::json::Array &accesses = *object.getArray("accesses");
  ASSERT_EQ(accesses.size(), 3u);
  const llvm::json::Object &store = *accesses[1].getAsObject();
  EXPECT_EQ(store.getString("space"), "global");
  EXPECT_EQ(store.getString("kind"), "store");
  EXPECT_EQ(store.getInteger("bytes"), 4);
  EXPECT_EQ(store.getNumber("efficiency"), 0.5);
  EXPECT_EQ(store.getString("location"), "norm.mlir:9:5");

  const llvm::json::Array &findings = *object.getArray("findings");
  ASSERT_EQ(findings.size(), 1u);
  const llvm::json::Object &finding = *findings[0].getAsObject();
  EXPECT_EQ(finding.getString("kind"), "data race in global memory");
  EXPECT_EQ(finding.getString("operation"), "store float");
  EXPECT_EQ(finding.getInteger("cta"), 1);
  EXPECT_EQ(finding.getInteger("thread"), 3);
  EXPECT_EQ(finding.getInteger("count"), 2);
}

TEST(Report, SumsOfLaunches) {
  ExecutionReport run;
  EXPECT_FALSE(run.hasFindings());
  run.add(makeReport());
  KernelReport other = makeReport();
  other.kernel = "other";
  run.add(other);
  KernelReport again = makeReport();
  again.findings[0].cta = 0;
  again.findings[0].message = "races earlier";
  run.add(again);

  ASSERT_EQ(run.kernels().size(), 2u);
  const KernelReport &sum = run.kernels()[0];
  EXPECT_EQ(sum.launches, 2u);
  EXPECT_EQ(sum.threads, 128u);
  EXPECT_EQ(sum.rows, 8u);
  EXPECT_EQ(sum.minimumLoadBytes, 2048u);
  EXPECT_EQ(sum.loadedDramBytes, 2048u);
  EXPECT_EQ(sum.total(Space::Global).sectors, 96u);
  EXPECT_EQ(sum.barriers, 16u);
  ASSERT_EQ(sum.findings.size(), 1u);
  EXPECT_EQ(sum.findings[0].count, 4u);
  EXPECT_EQ(sum.findings[0].message, "races earlier");
  EXPECT_EQ(sum.sites.size(), 3u);
  EXPECT_TRUE(run.hasFindings());
  EXPECT_EQ(run.toJSON().getAsObject()->getArray("kernels")->size(), 2u);
}

TEST(Report, SumsOfLaunchesOfAnotherBinary) {
  // The same kernel with another table of sites: they are matched by what they
  // are. What one launch does not know, the sum does not.
  KernelReport sum = makeReport(), other = makeReport();
  other.sites = {{"norm.mlir:9:5", "norm", "store float"},
                 {"norm.mlir:7:1", "norm", "new"}};
  other.accesses.clear();
  other.accesses[{0, {Space::Global, AccessKind::Store, 4}}] = {1, 1, 1,
                                                                4, 0, 0};
  other.accesses[{1, {Space::Global, AccessKind::Load, 4}}] = {1, 1, 1,
                                                               4, 0, 0};
  other.findings[0].site = 0;
  other.rows = std::nullopt;
  sum.add(other);
  ASSERT_EQ(sum.sites.size(), 4u);
  EXPECT_EQ(sum.sites[3].text, "new");
  EXPECT_EQ((sum.accesses[{1, {Space::Global, AccessKind::Store, 4}}].threads),
            65u);
  EXPECT_EQ((sum.accesses[{3, {Space::Global, AccessKind::Load, 4}}].threads),
            1u);
  ASSERT_EQ(sum.findings.size(), 1u);
  EXPECT_EQ(sum.findings[0].count, 4u);
  EXPECT_FALSE(sum.rows);
}

TEST(Report, EveryKindHasAName) {
  for (unsigned kind = 0; kind <= unsigned(FindingKind::Execution); ++kind)
    EXPECT_NE(nameOf(FindingKind(kind)), "unknown");
  for (unsigned kind = 0; kind < NumInstructionClasses; ++kind)
    EXPECT_NE(nameOf(InstructionClass(kind)), "unknown");
}
