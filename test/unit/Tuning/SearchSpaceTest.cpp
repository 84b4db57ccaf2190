//===- SearchSpaceTest.cpp - Tests of the search space -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "seednorm/Dialect/Rowwise/Transforms/CPUSchedule.h"
#include "seednorm/Dialect/Rowwise/Transforms/GPUSchedule.h"
#include "seednorm/Pipelines/Pipelines.h"
#include "seednorm/Tuning/SearchSpace.h"
#include "llvm/ADT/DenseSet.h"
#include <gtest/gtest.h>

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::testing;
using namespace seednorm::tuning;

using Field = ScheduleField;

static SearchSpace makeSpace(ProgramOp program, const Target &target,
                             std::optional<int64_t> rows = 16384,
                             int64_t threads = 2) {
  SpaceOptions options;
  options.approximate = options.atomics = true;
  return cantFail(SearchSpace::create(program, target, rows, threads, options));
}

static ArrayRef<int64_t> getValues(const SearchSpace &space, Field field) {
  for (const Knob &knob : space.getKnobs())
    if (knob.field == field)
      return knob.values;
  return {};
}

static std::string print(ScheduleAttr schedule) {
  std::string text;
  raw_string_ostream(text) << schedule;
  return text;
}

/// By the compiler itself, without the space's help.
static ScheduleAttr complete(ProgramOp program, const Target &target,
                             ScheduleAttr schedule) {
  ProgramOp own = program;
  own.setScheduleAttr(schedule);
  if (isGPUTriple(target.triple))
    return completeForGPU(own,
                          cantFail(getGPUTarget(target.triple, target.cpu)));
  return completeForCPU(
      own, cantFail(getVectorISA(target.triple, target.cpu, target.features)));
}

static std::vector<Target> getAllTargets() {
  std::vector<Target> targets = cpuTargets;
  llvm::append_range(targets, gpuTargets);
  return targets;
}

namespace {
/// Calls `check` for every program on every target.
template <typename Check>
void forEachSpace(Check check) {
  for (const NormSpec &spec : getNormSpecs()) {
    Programs programs(spec);
    for (const Target &target : getAllTargets()) {
      SCOPED_TRACE(spec.getName() + " on " + target.triple + " " + target.cpu);
      SearchSpace space = makeSpace(programs.get(), target);
      check(programs.get(), target, space);
      if (::testing::Test::HasFailure())
        return;
    }
  }
}
} // namespace

/// Whatever is proposed is what the compiler would do, and stays so.
TEST(SearchSpace, PointsAreFixedPointsOfTheCompiler) {
  forEachSpace([](ProgramOp program, const Target &target, SearchSpace &space) {
    Random random(1);
    auto check = [&](ScheduleAttr point, const char *how) {
      ASSERT_TRUE(point) << how;
      EXPECT_EQ(print(complete(program, target, point)), print(point)) << how;
      EXPECT_TRUE(space.contains(point)) << how << " " << print(point);
      EXPECT_EQ(space.getNearest(point), point) << how << " " << print(point);
    };
    check(space.getDefault(), "default");
    ScheduleAttr before = space.getDefault();
    for (int i = 0; i < 12; ++i) {
      ScheduleAttr drawn = space.draw(random);
      check(drawn, "drawn");
      check(space.mutate(before, random), "mutated");
      check(before = space.cross(drawn, before, random), "crossed");
    }
    int count = 0;
    space.forEach([&](ScheduleAttr point) {
      check(point, "listed");
      return ++count < 40;
    });
  });
}

TEST(SearchSpace, MutationsChangeAPoint) {
  forEachSpace([](ProgramOp, const Target &, SearchSpace &space) {
    Random random(2);
    for (int i = 0; i < 10; ++i) {
      ScheduleAttr point = space.draw(random);
      EXPECT_NE(space.mutate(point, random), point) << print(point);
    }
  });
}

/// Every value of every knob is part of some point.
TEST(SearchSpace, EveryValueIsReached) {
  for (const Target &target : getAllTargets()) {
    // A remainder for the longest vectors.
    Programs programs({"norm", 2056, "f32", 1, true});
    SearchSpace space = makeSpace(programs.get(), target);
    SCOPED_TRACE(target.triple + " " + target.cpu);
    std::map<std::pair<Field, int64_t>, int> seen;
    Random random(3);
    for (int i = 0; i < 6000; ++i) {
      ScheduleFields fields(space.draw(random));
      for (const Knob &knob : space.getKnobs())
        ++seen[{knob.field, fields[knob.field]}];
    }
    for (const Knob &knob : space.getKnobs()) {
      EXPECT_GT(knob.values.size(), 1u) << knob.name.str();
      EXPECT_TRUE(llvm::is_sorted(knob.values)) << knob.name.str();
      for (int64_t value : knob.values)
        EXPECT_GT((seen[{knob.field, value}]), 0)
            << knob.name.str() << " = " << value;
    }
  }
}

TEST(SearchSpace, ListsEveryPointOnce) {
  Programs programs({"rms_norm", 16, "f32", 1, false});
  SearchSpace space = makeSpace(programs.get(), cpuTargets[0], 8, 1);
  DenseSet<ScheduleAttr> points;
  EXPECT_TRUE(space.forEach([&](ScheduleAttr point) {
    EXPECT_TRUE(points.insert(point).second) << print(point);
    return true;
  }));
  EXPECT_LE(points.size(), space.getNumPoints());
  EXPECT_GT(points.size(), 20u);
  EXPECT_TRUE(points.contains(space.getDefault()));
  Random random(4);
  for (int i = 0; i < 3000; ++i) {
    ScheduleAttr point = space.draw(random);
    EXPECT_TRUE(points.contains(point)) << print(point);
  }
  // The same order again, and it ends when told to.
  std::vector<ScheduleAttr> first, second;
  for (auto *list : {&first, &second})
    EXPECT_FALSE(space.forEach([&](ScheduleAttr point) {
      list->push_back(point);
      return list->size() < 10;
    }));
  EXPECT_EQ(first, second);
  EXPECT_EQ(first.size(), 10u);
}

TEST(SearchSpace, SomeFieldsVaryAroundABase) {
  Programs programs({"norm", 2048, "f32", 1, false});
  SearchSpace space = makeSpace(programs.get(), wideTarget);
  ScheduleFields base(space.getDefault());
  SmallVector<int64_t> seen;
  space.forEach(space.getDefault(), {Field::PrefetchRows}, [&](ScheduleAttr p) {
    ScheduleFields fields(p);
    seen.push_back(fields[Field::PrefetchRows]);
    fields[Field::PrefetchRows] = base[Field::PrefetchRows];
    EXPECT_TRUE(fields == base) << print(p);
    return true;
  });
  EXPECT_EQ(ArrayRef<int64_t>(seen), getValues(space, Field::PrefetchRows));
}

//===----------------------------------------------------------------------===//
// What is in a space
//===----------------------------------------------------------------------===//

TEST(SearchSpace, FieldsWithoutEffectDoNotVary) {
  Programs programs({"norm", 2048, "f32", 1, false});
  SearchSpace space = makeSpace(programs.get(), wideTarget);
  ScheduleFields fields(space.getDefault());
  auto nearest = [&](Field field, int64_t value) {
    ScheduleFields changed = fields;
    changed[field] = value;
    return ScheduleFields(space.getNearest(changed.getChecked(
        [&] {
          return mlir::emitError(
              mlir::UnknownLoc::get(space.getDefault().getContext()));
        },
        space.getDefault().getContext())));
  };
  // 2048 columns have no remainder.
  EXPECT_EQ(nearest(Field::PeelRemainder, 1), fields);
  // The nearest cache is what an absent level means.
  fields[Field::PrefetchRows] = 4;
  fields[Field::PrefetchLevel] = 0;
  EXPECT_EQ(nearest(Field::PrefetchLevel, 1), fields);
  EXPECT_FALSE(nearest(Field::PrefetchLevel, 2) == fields);
  // What is not fetched goes to no cache.
  fields[Field::PrefetchRows] = 0;
  EXPECT_EQ(nearest(Field::PrefetchLevel, 2), nearest(Field::PrefetchLevel, 3));
}

TEST(SearchSpace, KnobsFollowTheProgram) {
  Programs wide({"norm", 2048, "f32", 1, false}), odd({"norm", 13}),
      softmax({"softmax", 768}), backward({"norm", 2048, "f32", 1, true});
  auto space = [](const Programs &of, const Target &target) {
    return makeSpace(of.get(), target);
  };
  EXPECT_FALSE(getValues(space(wide, wideTarget), Field::Pipeline).empty());
  EXPECT_TRUE(
      getValues(space(Programs({"dyt", 768}), wideTarget), Field::Pipeline)
          .empty());
  for (Field field : {Field::Approximate, Field::PeelRemainder, Field::KeepRow})
    EXPECT_FALSE(getValues(space(odd, wideTarget), field).empty());
  // 128 vectors do not fit registers, and leave no remainder.
  for (Field field : {Field::PeelRemainder, Field::KeepRow})
    EXPECT_TRUE(getValues(space(wide, wideTarget), field).empty());
  EXPECT_FALSE(getValues(space(wide, h100), Field::Approximate).empty());
  EXPECT_TRUE(getValues(space(softmax, h100), Field::Approximate).empty());
  EXPECT_TRUE(getValues(space(odd, wideTarget), Field::ThreadsPerRow).empty());
  EXPECT_EQ(getValues(space(odd, wideTarget), Field::VectorWidth).back(), 16);
  // Without non-temporal stores worth using.
  EXPECT_TRUE(getValues(space(wide, cpuTargets[3]), Field::NontemporalMinBytes)
                  .empty());
  // 128 MiB are above the threshold: never is the only other choice.
  EXPECT_EQ(getValues(space(wide, wideTarget), Field::NontemporalMinBytes),
            ArrayRef<int64_t>({0, 32 << 20}));
  EXPECT_FALSE(getValues(space(backward, h100), Field::Atomics).empty());
  EXPECT_TRUE(getValues(space(wide, h100), Field::Atomics).empty());
  EXPECT_FALSE(getValues(space(wide, h100), Field::CtasPerRow).empty());
  EXPECT_TRUE(getValues(space(wide, gpuTargets[0]), Field::CtasPerRow).empty());
}

TEST(SearchSpace, OptionsMustBeAskedFor) {
  Programs programs({"norm", 768, "f32", 1, true});
  for (const Target &target : {wideTarget, h100}) {
    SearchSpace space =
        cantFail(SearchSpace::create(programs.get(), target, 1024, 1));
    EXPECT_TRUE(getValues(space, Field::Atomics).empty());
    EXPECT_TRUE(getValues(space, Field::Approximate).empty());
  }
}

TEST(SearchSpace, SaysWhyAScheduleIsIllegal) {
  Programs programs({"norm", 768, "f32", 12, false});
  SearchSpace space = makeSpace(programs.get(), h100);
  ScheduleFields fields(space.getDefault());
  fields[Field::ThreadsPerRow] = 8;
  fields[Field::RowsPerBlock] = fields[Field::RowsPerTask] = 1;
  auto *context = space.getDefault().getContext();
  auto fail = [&] { return mlir::emitError(mlir::UnknownLoc::get(context)); };
  std::string why;
  EXPECT_FALSE(space.isLegal(fields.getChecked(fail, context), &why));
  EXPECT_NE(why.find("'threads_per_row' (8), which must be at least the number "
                     "of groups (12)"),
            std::string::npos)
      << why;
  EXPECT_TRUE(space.isLegal(space.getDefault(), &why));
  EXPECT_EQ(why, "");
  // One for a CPU is replaced, not obeyed.
  SearchSpace cpu = makeSpace(programs.get(), wideTarget);
  EXPECT_FALSE(space.isLegal(cpu.getDefault(), &why));
  EXPECT_NE(why.find("is not complete for the target"), std::string::npos);
}

TEST(SearchSpace, RefusesUnknownTargets) {
  Programs programs({"rms_norm", 768});
  for (Target target :
       {Target{"nvptx64-nvidia-cuda", "sm_10", ""},
        Target{"x86_64-linux-gnu", "z80", ""}, Target{"nowhere", "", ""}}) {
    Expected<SearchSpace> space =
        SearchSpace::create(programs.get(), target, 1, 1);
    ASSERT_FALSE(bool(space));
    EXPECT_NE(toString(space.takeError()).find("unknown"), std::string::npos);
  }
}

TEST(SearchSpace, DescribesDifferences) {
  Programs programs({"rms_norm", 768});
  SearchSpace space = makeSpace(programs.get(), wideTarget);
  auto *context = space.getDefault().getContext();
  auto fail = [&] { return mlir::emitError(mlir::UnknownLoc::get(context)); };
  ScheduleFields a, b;
  a[Field::Vectors] = 4;
  b[Field::Vectors] = 8;
  a[Field::PrefetchRows] = 2;
  ScheduleAttr first = a.getChecked(fail, context),
               second = b.getChecked(fail, context);
  EXPECT_EQ(describeDifference(first, second),
            "vectors 4 -> 8, prefetch_rows 2 -> off");
  EXPECT_EQ(describeDifference(first, first), "");
}

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

static bool lower(mlir::ModuleOp module, const Target &target) {
  mlir::PassManager passes(module.getContext());
  if (isGPUTriple(target.triple)) {
    mlir::seednorm::NVVMPipelineOptions options;
    mlir::seednorm::ROCDLPipelineOptions amd;
    mlir::seednorm::SPIRVPipelineOptions spirv;
    options.format = amd.format = spirv.format = "none";
    options.chip = target.cpu;
    StringRef triple = target.triple;
    if (triple.starts_with("nvptx"))
      mlir::seednorm::buildNVVMPipeline(passes, options);
    else if (triple.starts_with("amdgcn"))
      mlir::seednorm::buildROCDLPipeline(passes, amd);
    else
      mlir::seednorm::buildSPIRVPipeline(passes, spirv);
  } else {
    mlir::seednorm::CPUPipelineOptions options;
    options.triple = target.triple;
    options.cpu = target.cpu;
    mlir::seednorm::buildCPUPipeline(passes, options);
  }
  return mlir::succeeded(passes.run(module));
}

/// One point of every fourth space in turn goes through the whole pipeline.
TEST(SearchSpace, PointsAreLowered) {
  int count = 0;
  forEachSpace([&](ProgramOp, const Target &target, SearchSpace &space) {
    // Not every GPU has functions of f64, whatever the schedule.
    bool isWide = StringRef(space.getKey().types).contains("f64");
    if (++count % 4 != 0 || (isWide && space.isForGPU()))
      return;
    Random random(count);
    ScheduleAttr point = space.draw(random);
    ProgramOp program = space.getProgram();
    program.setScheduleAttr(point);
    mlir::OwningOpRef<mlir::ModuleOp> module(
        program->getParentOfType<mlir::ModuleOp>().clone());
    program.removeScheduleAttr();
    EXPECT_TRUE(lower(*module, target)) << print(point);
  });
}
