//===- MutantsTest.cpp - Broken kernels are caught -----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernels of Kernels.ll with one line of them changed, as a bug would
// change it. Each mutant must be caught, by a finding of the right kind or by a
// result that differs from the unbroken kernel's; or its row says why it cannot
// be.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "Scenes.h"
#include "gmock/gmock.h"
#include <cmath>

using namespace seednorm;
using namespace seednorm::emulator;
using namespace seednorm::testing;

namespace {

//===----------------------------------------------------------------------===//
// Mutants
//===----------------------------------------------------------------------===//

enum class Caught {
  ByFinding,
  ByResult,
  /// Not at all, and rightly so.
  Equivalent,
};

struct Mutant {
  const char *name;
  /// The kernel that it changes, or null: what is outside of them.
  const char *kernel;
  Scenario scenario;
  /// What stands once in the kernel, and what a bug makes of it.
  const char *from, *to;
  Caught caught;
  FindingKind kind = FindingKind::Execution;
  /// Why an equivalent one is.
  const char *reason = "";
};

void PrintTo(const Mutant &mutant, std::ostream *os) { *os << mutant.name; }

constexpr Caught Finds = Caught::ByFinding, Differs = Caught::ByResult,
                 Equivalent = Caught::Equivalent;
using Kind = FindingKind;
constexpr Kind None = Kind::Execution;

const Mutant kMutants[] = {
    // Synchronisation.
    {"BarrierRemoved", "norm_cta", runNormCta,
     "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)", "", Finds,
     Kind::SharedRace},
    {"BarrierOfHalfTheThreads", "norm_cta", runNormCta,
     "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)",
     "call void @llvm.nvvm.barrier.cta.sync.aligned.count(i32 0, i32 64)",
     Finds, Kind::SharedRace},
    {"BarrierOfAWarpOnly", "norm_cta", runNormCta,
     "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)",
     "call void @llvm.nvvm.bar.warp.sync(i32 -1)", Finds, Kind::SharedRace},
    {"BarrierBeforeTheStore", "norm_cta", runNormCta,
     "br i1 %is.first, label %publish, label %meet\n"
     "\n"
     "publish:\n"
     "  %slot = add i32 %base, %warp\n"
     "  %slot.address = getelementptr float, ptr addrspace(3) @partials, i32 "
     "%slot\n"
     "  store float %t.16, ptr addrspace(3) %slot.address, align 4\n"
     "  br label %meet\n"
     "\n"
     "meet:\n"
     "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n",
     "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n"
     "  br i1 %is.first, label %publish, label %meet\n"
     "\n"
     "publish:\n"
     "  %slot = add i32 %base, %warp\n"
     "  %slot.address = getelementptr float, ptr addrspace(3) @partials, i32 "
     "%slot\n"
     "  store float %t.16, ptr addrspace(3) %slot.address, align 4\n"
     "  br label %meet\n"
     "\n"
     "meet:\n",
     Finds, Kind::SharedRace},
    {"OneBarrierMore", "norm_cta", runNormCta,
     "%is.first = icmp eq i32 %lane, 0\n",
     "%is.first = icmp eq i32 %lane, 0\n"
     "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n",
     Equivalent, None, "one barrier more orders more"},
    {"BarrierOfEachWarp", "norm_cta", runNormCta,
     "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)",
     "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 %warp)", Finds,
     Kind::BarrierDivergence},
    // The other lanes wait for the first one in the next row's shuffle.
    {"BarrierForTheFirstLanes", "norm_cta", runNormCta,
     "br label %meet\n\nmeet:\n"
     "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n",
     "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n"
     "  br label %meet\n\nmeet:\n",
     Finds, Kind::InactiveLane},
    {"ParityDropped", "norm_cta", runNormCta, "xor i32 %parity, 1",
     "xor i32 %parity, 0", Finds, Kind::SharedRace},
    {"HalvesThatOverlap", "norm_cta", runNormCta, "shl i32 %parity, 2",
     "shl i32 %parity, 0", Finds, Kind::Misaligned},
    {"ParityBeginsWithOne", "norm_cta", runNormCta,
     "%parity = phi i32 [ 0, %entry ]", "%parity = phi i32 [ 1, %entry ]",
     Equivalent, None,
     "the halves of the double buffer are alike: only that they take turns "
     "matters"},
    {"ReadsTheOtherHalf", "norm_cta", runNormCta, "@partials, i32 %base\n",
     "@partials, i32 4\n", Finds, Kind::UninitialisedShared},
    {"WarpSyncRemoved", "norm_warp", runNormWarp,
     "call void @llvm.nvvm.bar.warp.sync(i32 -1)", "", Finds, Kind::SharedRace},
    {"ShuffleInsteadOfWarpSync", "norm_warp", runNormWarp,
     "call void @llvm.nvvm.bar.warp.sync(i32 -1)",
     "%meet = call float @llvm.nvvm.shfl.sync.idx.f32(i32 -1, float %own, i32 "
     "0, i32 31)",
     Finds, Kind::SharedRace},
    {"WarpSyncOfHalfTheLanes", "norm_warp", runNormWarp,
     "call void @llvm.nvvm.bar.warp.sync(i32 -1)",
     "call void @llvm.nvvm.bar.warp.sync(i32 65535)", Finds,
     Kind::InactiveLane},
    {"DependencyWaitRemoved", "column_final", runColumns,
     "call void @llvm.nvvm.griddepcontrol.wait()", "", Finds,
     Kind::EarlyAccess},

    // Shuffles.
    {"ShuffleMaskOfHalfTheLanes", "norm_cta", runNormCta,
     "(i32 -1, float %sum, i32 1, i32 31)",
     "(i32 65535, float %sum, i32 1, i32 31)", Finds, Kind::InactiveLane},
    {"ShuffleOfHalfTheLanes", "norm_cta", runNormCta,
     "  %s.16 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %t.8, "
     "i32 16, i32 31)\n",
     "  %lower = icmp ult i32 %lane, 16\n"
     "  br i1 %lower, label %shuffle, label %shuffled\n"
     "shuffle:\n"
     "  %s.lower = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float "
     "%t.8, i32 16, i32 31)\n"
     "  br label %shuffled\n"
     "shuffled:\n"
     "  %s.16 = phi float [ %s.lower, %shuffle ], [ %t.8, %sum.exit ]\n",
     Finds, Kind::InactiveLane},
    {"ThreadsWithoutARowLeaveTheirWarp", "norm_warp", runNormWarp,
     "%row.inside = icmp ult i64 %row, %rows",
     "%is.row = icmp ult i64 %row, %rows\n"
     "  %is.lane = icmp ult i32 %lane, 30\n"
     "  %row.inside = and i1 %is.row, %is.lane",
     Finds, Kind::InactiveLane},
    {"ShuffleDistance", "norm_cta", runNormCta, "float %t.8, i32 16, i32 31",
     "float %t.8, i32 8, i32 31", Differs},
    {"ShuffleDistanceBeyondTheWarp", "norm_warp", runNormWarp,
     "float %t.8, i32 16, i32 31", "float %t.8, i32 32, i32 31", Differs},
    {"ShuffleClamp", "norm_cta", runNormCta, "float %t.8, i32 16, i32 31",
     "float %t.8, i32 16, i32 7199", Differs},
    {"BroadcastOfTheLastLane", "norm_warp", runNormWarp,
     "float %t.16, i32 0, i32 31", "float %t.16, i32 31, i32 31", Differs},
    {"ShuffleOfTheWrongValue", "norm_cta", runNormCta, "float %t.4, i32 8",
     "float %t.2, i32 8", Differs},

    // Shared memory.
    {"EveryLanePublishes", "norm_cta", runNormCta, "br i1 %is.first",
     "br i1 true", Finds, Kind::SharedRace},
    {"AnotherLanePublishes", "norm_cta", runNormCta, "icmp eq i32 %lane, 0",
     "icmp eq i32 %lane, 1", Equivalent, None,
     "a butterfly leaves the sum in every lane"},
    {"NoLanePublishes", "norm_cta", runNormCta, "icmp eq i32 %lane, 0",
     "icmp eq i32 %lane, 32", Finds, Kind::UninitialisedShared},
    {"SharedOffset", "norm_cta", runNormCta, "@partials, i32 %slot\n",
     "@partials, i32 %warp\n", Finds, Kind::UninitialisedShared},
    {"SlotByThread", "norm_cta", runNormCta, "add i32 %base, %warp",
     "add i32 %base, %tid", Finds, Kind::OutOfBounds},
    {"OneSlotForAllWarps", "norm_cta", runNormCta, "@partials, i32 %slot\n",
     "@partials, i32 %base\n", Finds, Kind::SharedRace},
    {"UnusedSharedMemoryTooSmall", nullptr, runNormCta,
     "@staging = internal addrspace(3) global [128 x float]",
     "@staging = internal addrspace(3) global [64 x float]", Equivalent, None,
     "norm_cta does not use it"},
    {"StagingTooSmall", nullptr, runNormWarp,
     "@staging = internal addrspace(3) global [128 x float]",
     "@staging = internal addrspace(3) global [64 x float]", Finds,
     Kind::OutOfBounds},
    {"StagingByLane", "norm_warp", runNormWarp, "@staging, i32 %tid\n",
     "@staging, i32 %lane\n", Finds, Kind::SharedRace},
    {"StagingOfTheNeighbourWarp", "norm_warp", runNormWarp, "xor i32 %tid, 1\n",
     "xor i32 %tid, 33\n", Finds, Kind::SharedRace},

    // Indices, strides, conditions.
    {"LoopEndInclusive", "norm_cta", runNormCta, "icmp ult i64 %i, %d",
     "icmp ule i64 %i, %d", Finds, Kind::OutOfBounds},
    {"StoreLoopEndInclusive", "norm_cta", runNormCta, "icmp ult i64 %j, %d",
     "icmp ule i64 %j, %d", Finds, Kind::OutOfBounds},
    {"LoopEndTooEarly", "norm_cta", runNormCta, "icmp ult i64 %i, %d",
     "icmp ult i64 %i, 512", Differs},
    {"StoreLoopEndTooEarly", "norm_cta", runNormCta, "icmp ult i64 %j, %d",
     "icmp ult i64 %j, 512", Differs},
    {"RowEndInclusive", "norm_cta", runNormCta, "icmp ult i64 %row, %rows",
     "icmp ule i64 %row, %rows", Finds, Kind::OutOfBounds},
    {"RowEndInclusiveByWarps", "norm_warp", runNormWarp,
     "icmp ult i64 %row, %rows", "icmp ule i64 %row, %rows", Finds,
     Kind::OutOfBounds},
    {"VectorTailByTheElement", "norm_warp", runNormWarp,
     "icmp ult i64 %i, %d.vectors", "icmp ult i64 %i, %d", Finds,
     Kind::UninitialisedGlobal},
    {"TailEndInclusive", "norm_warp", runNormWarp,
     "icmp ult i64 %tail.first, %d", "icmp ule i64 %tail.first, %d", Finds,
     Kind::UninitialisedGlobal},
    {"TailEndTooEarly", "norm_warp", runNormWarp,
     "icmp ult i64 %tail.first, %d", "icmp ult i64 %tail.first, 166", Differs},
    {"TailBeginsTooEarly", "norm_warp", runNormWarp,
     "%tail.first = add i64 %d.vectors, %lane.64",
     "%tail.first = add i64 160, %lane.64", Finds, Kind::GlobalRace},
    {"ColumnOffByOne", "norm_cta", runNormCta,
     "%x.1 = getelementptr float, ptr addrspace(1) %x.row, i64 %i\n",
     "%i.off = add i64 %i, 1\n"
     "  %x.1 = getelementptr float, ptr addrspace(1) %x.row, i64 %i.off\n",
     Finds, Kind::Misaligned},
    {"VectorOffByOne", "norm_cta", runNormCta,
     "%x.1 = getelementptr float, ptr addrspace(1) %x.row, i64 %i\n",
     "%i.off = add i64 %i, 4\n"
     "  %x.1 = getelementptr float, ptr addrspace(1) %x.row, i64 %i.off\n",
     Finds, Kind::OutOfBounds},
    {"StoredOneVectorOff", "norm_cta", runNormCta,
     "%y.row = getelementptr float, ptr addrspace(1) %y, i64 %offset",
     "%offset.more = add i64 %offset, 4\n"
     "  %y.row = getelementptr float, ptr addrspace(1) %y, i64 %offset.more",
     Finds, Kind::OutOfBounds},
    {"StoredOneElementOff", "norm_warp", runNormWarp,
     "%y.tail = getelementptr float, ptr addrspace(1) %y.row, i64 %tail.first",
     "%y.index = add i64 %tail.first, 1\n"
     "  %y.tail = getelementptr float, ptr addrspace(1) %y.row, i64 %y.index",
     Differs},
    {"ParameterByThread", "norm_cta", runNormCta,
     "ptr addrspace(1) %gamma, i64 %j", "ptr addrspace(1) %gamma, i64 %first",
     Differs},
    {"ParameterByRow", "norm_cta", runNormCta,
     "getelementptr float, ptr addrspace(1) %gamma, i64 %j",
     "getelementptr float, ptr addrspace(1) %gamma, i64 %offset", Finds,
     Kind::OutOfBounds},
    {"RowStride", "norm_cta", runNormCta, "mul i64 %row, %d",
     "mul i64 %row, 512", Finds, Kind::GlobalRace},
    {"RowStrideOfOddLength", "norm_warp", runNormWarp, "mul i64 %row, %ld",
     "mul i64 %row, %d", Finds, Kind::Misaligned},
    {"RowOffsetIn32Bits", "norm_cta", runNormCta, "mul i64 %row, %d\n",
     "mul i64 %row, 6871947673600\n", Finds, Kind::OutOfBounds},
    {"GridStride", "norm_cta", runNormCta, "add i64 %row, %nctas",
     "add i64 %row, 1", Finds, Kind::GlobalRace},
    {"ThreadStride", "norm_cta", runNormCta, "add i64 %j, 512",
     "add i64 %j, 256", Finds, Kind::GlobalRace},
    {"RowOfTheCta", "norm_warp", runNormWarp, "add i32 %cta.first, %warp",
     "add i32 %cta.first, 0", Finds, Kind::GlobalRace},
    {"CtaOfThreeWarps", "norm_warp", runNormWarp, "shl i32 %cta, 2",
     "mul i32 %cta, 3", Finds, Kind::GlobalRace},

    // Alignment.
    {"AlignmentClaimedByTheVector", "norm_warp", runNormWarp,
     "%v.tail = load float, ptr addrspace(1) %x.tail, align 4",
     "%v.tail = load float, ptr addrspace(1) %x.tail, align 16", Finds,
     Kind::Misaligned},
    {"FirstColumnByTheElement", "norm_cta", runNormCta,
     "%first = shl i64 %tid.64, 2", "%first = add i64 %tid.64, 0", Finds,
     Kind::Misaligned},

    // Arithmetic and initial values.
    {"SumBeginsWithOne", "norm_cta", runNormCta,
     "%sum = phi float [ 0.0, %row.body ]",
     "%sum = phi float [ 1.0, %row.body ]", Differs},
    {"EpsilonForgotten", "norm_cta", runNormCta, "0x3EE4F8B580000000", "0.0",
     Differs},
    {"MeanOverThePaddedRow", "norm_warp", runNormWarp, "uitofp i64 %d to float",
     "uitofp i64 %ld to float", Differs},
    {"SumBeginsWithMinusZero", "norm_cta", runNormCta,
     "float 0.0, <4 x float> %all", "float -0.0, <4 x float> %all", Equivalent,
     None, "0.0 and -0.0 add nothing to a sum of squares above zero"},

    // Column sums.
    {"PartialOfTheWrongTask", "column_partial", runColumns,
     "%task = mul i64 %cta, %d", "%task = mul i64 0, %d", Finds,
     Kind::GlobalRace},
    {"PartialsOverlap", "column_partial", runColumns,
     "%task = mul i64 %cta, %d", "%task = mul i64 %cta, 256", Finds,
     Kind::GlobalRace},
    {"PartialWithoutAnInitialValue", "column_partial", runColumns,
     "[ zeroinitializer, %entry ]",
     "[ <float 1.0, float 0.0, float 0.0, float 0.0>, %entry ]", Differs},
    {"ColumnEndInclusive", "column_partial", runColumns,
     "icmp ult i64 %first, %d", "icmp ule i64 %first, %d", Finds,
     Kind::OutOfBounds},
    {"ColumnsBeyondTheRow", "column_final", runColumns,
     "icmp ult i64 %column, %d", "icmp ult i64 %column, 384", Finds,
     Kind::OutOfBounds},
    {"ColumnsMissing", "column_final", runColumns, "icmp ult i64 %column, %d",
     "icmp ult i64 %column, 256", Differs},
    {"TaskEndInclusive", "column_final", runColumns,
     "icmp ult i64 %task, %tasks", "icmp ule i64 %task, %tasks", Finds,
     Kind::OutOfBounds},
    {"FirstTaskForgotten", "column_final", runColumns,
     "%task = phi i64 [ 0, %entry ]", "%task = phi i64 [ 1, %entry ]", Differs},
    {"TaskStride", "column_final", runColumns, "mul i64 %task, %d",
     "mul i64 %task, 256", Differs},
    {"AtomicMadeAPlainAdd", "column_atomic", runAtomic,
     "%old = atomicrmw fadd ptr addrspace(1) %out.address, float %sum "
     "monotonic, align 4",
     "%old = load float, ptr addrspace(1) %out.address, align 4\n"
     "  %new = fadd float %old, %sum\n"
     "  store float %new, ptr addrspace(1) %out.address, align 4",
     Finds, Kind::GlobalRace},
    {"AtomicMadeAStore", "column_atomic", runAtomic,
     "%old = atomicrmw fadd ptr addrspace(1) %out.address, float %sum "
     "monotonic, align 4",
     "store float %sum, ptr addrspace(1) %out.address, align 4", Finds,
     Kind::GlobalRace},
    {"AtomicBeyondTheRow", "column_atomic", runAtomic,
     "icmp ult i64 %column, %d", "icmp ule i64 %column, %d", Finds,
     Kind::OutOfBounds},
};

/// The module with the mutant's line changed, or "" where it does not stand
/// there exactly once.
std::string mutate(const std::string &module, const Mutant &mutant) {
  size_t begin = 0, end = module.size();
  if (mutant.kernel) {
    begin = module.find("define ptx_kernel void @" +
                        std::string(mutant.kernel) + "(");
    end = module.find("\n}\n", begin);
  }
  if (begin == std::string::npos || end == std::string::npos)
    return "";
  size_t at = module.find(mutant.from, begin);
  size_t length = std::strlen(mutant.from);
  if (at == std::string::npos || at + length > end ||
      module.find(mutant.from, at + 1) < end)
    return "";
  std::string result = module;
  return result.replace(at, length, mutant.to);
}

class Mutants : public ::testing::TestWithParam<Mutant> {};

TEST_P(Mutants, AreCaught) {
  const Mutant &mutant = GetParam();
  std::string module = mutate(readKernels(), mutant);
  ASSERT_NE(module, "") << "what it changes is not there exactly once";
  Outcome outcome =
      runWith(module, [&](Scene &scene) { mutant.scenario(scene); });
  bool differs = !isSame(outcome.results, unbroken(mutant.scenario).results);
  std::string shown = outcome.error + "\n" + outcome.findings;
  switch (mutant.caught) {
  case Caught::ByFinding:
    EXPECT_TRUE(outcome.kinds.count(nameOf(mutant.kind).str())) << shown;
    break;
  case Caught::ByResult:
    EXPECT_EQ(outcome.error, "");
    EXPECT_TRUE(differs);
    break;
  case Caught::Equivalent:
    EXPECT_NE(std::string(mutant.reason), "");
    EXPECT_FALSE(differs);
    EXPECT_TRUE(outcome.kinds.empty()) << shown;
    EXPECT_EQ(outcome.error, "");
    break;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Mutants, ::testing::ValuesIn(kMutants),
                         [](const ::testing::TestParamInfo<Mutant> &info) {
                           return std::string(info.param.name);
                         });

//===----------------------------------------------------------------------===//
// The kernels as they are, and hosts that are wrong
//===----------------------------------------------------------------------===//

void expectClean(const Outcome &outcome) {
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.findings, "");
}

void expectNormalised(const std::vector<float> &y, int64_t rows,
                      int64_t columns) {
  std::vector<float> x = makeInput(rows * columns);
  std::vector<float> gamma = makeInput(columns);
  ASSERT_EQ(y.size(), x.size());
  for (int64_t row = 0; row < rows; ++row) {
    double sum = 0;
    for (int64_t column = 0; column < columns; ++column)
      sum += std::pow(double(x[row * columns + column]), 2);
    double r = 1 / std::sqrt(sum / columns + 1e-5);
    for (int64_t column = 0; column < columns; ++column) {
      double expected = x[row * columns + column] * r * gamma[column];
      EXPECT_NEAR(y[row * columns + column], expected, 1e-5)
          << row << ", " << column;
    }
  }
}

void expectColumnSums(const std::vector<float> &sums, int64_t columns) {
  std::vector<float> x = makeInput(kSumRows * columns);
  ASSERT_EQ(int64_t(sums.size()), columns);
  for (int64_t column = 0; column < columns; ++column) {
    double expected = 0;
    for (int64_t row = 0; row < kSumRows; ++row)
      expected += x[row * columns + column];
    EXPECT_NEAR(sums[column], expected, 1e-5) << column;
  }
}

TEST(Kernels, NormalisesByCtas) {
  expectClean(unbroken(runNormCta));
  expectNormalised(unbroken(runNormCta).results, kNormRows, kNormColumns);
}

TEST(Kernels, NormalisesByWarps) {
  expectClean(unbroken(runNormWarp));
  expectNormalised(unbroken(runNormWarp).results, kWarpRows, kWarpColumns);
}

TEST(Kernels, SumsColumns) {
  expectClean(unbroken(runColumns));
  expectColumnSums(unbroken(runColumns).results, kSumColumns);
}

TEST(Kernels, SumsColumnsAtomically) {
  expectClean(unbroken(runAtomic));
  expectColumnSums(unbroken(runAtomic).results, kAtomicColumns);
}

TEST(Kernels, CountersOfTheNorm) {
  Outcome outcome;
  std::string module = readKernels();
  Scene scene(module, outcome);
  runNormCta(scene);
  llvm::json::Value report = scene.gpu.device->getReport();
  const llvm::json::Object &kernel =
      *(*report.getAsObject()->getArray("kernels"))[0].getAsObject();
  uint64_t rowBytes = kNormColumns * 4, bytes = kNormRows * rowBytes;
  // x once, the parameters, y; each row is read twice and asks for its sectors
  // twice, and for those of the parameters.
  EXPECT_EQ(kernel.getObject("dram")->getInteger("loaded_bytes"),
            int64_t(bytes + rowBytes));
  EXPECT_EQ(kernel.getObject("dram")->getInteger("stored_bytes"),
            int64_t(bytes));
  EXPECT_EQ(kernel.getObject("global")->getInteger("moved_bytes"),
            int64_t(4 * bytes));
  EXPECT_EQ(kernel.getObject("global")->getNumber("efficiency"), 1.0);
  EXPECT_EQ(kernel.getObject("shared")->getInteger("extra_wavefronts"), 0);
  EXPECT_EQ(kernel.getInteger("barriers"), kNormRows);
  // Every access to global memory is of 128 bits.
  for (const llvm::json::Value &type : *kernel.getArray("access_types"))
    if (type.getAsObject()->getString("space") == "global") {
      EXPECT_EQ(type.getAsObject()->getInteger("bytes"), 16);
    }
}

TEST(Hosts, RowsThatAreNotAligned) {
  Outcome outcome = runWith(
      readKernels(), [](Scene &scene) { runNormWarp(scene, kWarpColumns); });
  EXPECT_EQ(outcome.kinds, std::set<std::string>{"misaligned access"})
      << outcome.findings;
}

TEST(Hosts, AtomicsWithoutAnInitialValue) {
  Outcome outcome = runWith(readKernels(), [](Scene &scene) {
    float *x = scene.gpu.upload(makeInput(kSumRows * kAtomicColumns));
    float *out = scene.allocate(kAtomicColumns);
    scene.launch("column_atomic", Shape::of(kSumTasks, kBlock), x, out,
                 kSumRows, kAtomicColumns);
  });
  EXPECT_EQ(outcome.kinds, std::set<std::string>{"uninitialised global memory"})
      << outcome.findings;
}

TEST(Hosts, AResultThatIsTooShort) {
  Outcome outcome = runWith(readKernels(), [](Scene &scene) {
    float *x = scene.gpu.upload(makeInput(kNormRows * kNormColumns));
    float *gamma = scene.gpu.upload(makeInput(kNormColumns));
    float *y = scene.allocate(kNormRows * kNormColumns - 2);
    scene.launch("norm_cta", Shape::of(2, kBlock), x, gamma, y, kNormRows,
                 kNormColumns);
  });
  EXPECT_EQ(outcome.kinds, std::set<std::string>{"access out of bounds"})
      << outcome.findings;
  EXPECT_THAT(outcome.findings, ::testing::HasSubstr("by 8 bytes"));
}

TEST(Hosts, ABufferThatIsReleased) {
  Outcome outcome = runWith(readKernels(), [](Scene &scene) {
    float *x = scene.gpu.upload(makeInput(kNormRows * kNormColumns));
    float *gamma = scene.gpu.upload(makeInput(kNormColumns));
    float *y = scene.allocate(kNormRows * kNormColumns);
    scene.gpu.release(x);
    scene.launch("norm_cta", Shape::of(2, kBlock), x, gamma, y, kNormRows,
                 kNormColumns);
  });
  EXPECT_EQ(outcome.kinds, std::set<std::string>{"access out of bounds"})
      << outcome.findings;
}

TEST(Hosts, AResultThatIsTheInputOfOtherRows) {
  // y begins one row into x: in place, but not quite.
  Outcome outcome = runWith(readKernels(), [](Scene &scene) {
    float *x = scene.gpu.upload(makeInput((kNormRows + 1) * kNormColumns));
    float *gamma = scene.gpu.upload(makeInput(kNormColumns));
    scene.launch("norm_cta", Shape::of(2, kBlock), x, gamma, x + kNormColumns,
                 kNormRows, kNormColumns);
  });
  EXPECT_EQ(outcome.kinds, std::set<std::string>{"data race in global memory"})
      << outcome.findings;
}

TEST(Hosts, AResultInPlace) {
  Outcome outcome = runWith(readKernels(), [](Scene &scene) {
    float *x = scene.gpu.upload(makeInput(kNormRows * kNormColumns));
    float *gamma = scene.gpu.upload(makeInput(kNormColumns));
    scene.launch("norm_cta", Shape::of(2, kBlock), x, gamma, x, kNormRows,
                 kNormColumns);
    scene.download(x, kNormRows * kNormColumns);
  });
  expectClean(outcome);
  EXPECT_TRUE(isSame(outcome.results, unbroken(runNormCta).results));
}

} // namespace
