//===- ProgramModuleTest.cpp - Row programs on their own -----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/ProgramModule.h"
#include "mlir/AsmParser/AsmParser.h"
#include "seednorm/Runtime/Module.h"
#include <gtest/gtest.h>

using namespace seednorm;
using namespace seednorm::tuning;

namespace {

// Two programs, the second with sums over rows; and one of static shape.
constexpr const char *source = R"(
func.func @forward(%x: tensor<?x48xf32>, %g: tensor<48xf32>) -> tensor<?x48xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x48xf32>
  %init = tensor.empty(%n) : tensor<?x48xbf16>
  %y = rowwise.program rows(%x : tensor<?x48xf32>) columns(%g : tensor<48xf32>)
      outs(%init : tensor<?x48xbf16>) {
  ^bb0(%xr: tensor<48xf32>, %gr: tensor<48xf32>):
    %m = rowwise.reduce add %xr : tensor<48xf32> -> tensor<1xf32>
    %b = rowwise.broadcast %m : tensor<1xf32> -> tensor<48xf32>
    %p = arith.mulf %b, %gr : tensor<48xf32>
    %t = arith.truncf %p : tensor<48xf32> to tensor<48xbf16>
    rowwise.yield %t : tensor<48xbf16>
  } -> tensor<?x48xbf16>
  return %y : tensor<?x48xbf16>
}
func.func @sums(%x: tensor<4x?x48xf32>, %s: tensor<4x1x48xf32>, %m: tensor<4x?x48xi1>)
    -> (tensor<4x?x48xf32>, tensor<48xf32>, tensor<4x1x48xf32>) {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<4x?x48xf32>
  %init = tensor.empty(%n) : tensor<4x?x48xf32>
  %all = tensor.empty() : tensor<48xf32>
  %some = tensor.empty() : tensor<4x1x48xf32>
  %y:3 = rowwise.program rows(%x, %s, %m : tensor<4x?x48xf32>, tensor<4x1x48xf32>, tensor<4x?x48xi1>)
      outs(%init, %all, %some : tensor<4x?x48xf32>, tensor<48xf32>, tensor<4x1x48xf32>) {
  ^bb0(%xr: tensor<48xf32>, %sr: tensor<48xf32>, %mr: tensor<48xi1>):
    %p = arith.mulf %xr, %sr : tensor<48xf32>
    %q = arith.select %mr, %p, %xr : tensor<48xi1>, tensor<48xf32>
    %a = rowwise.accumulate %q : tensor<48xf32>
    %b = rowwise.accumulate %p : tensor<48xf32>
    rowwise.yield %q, %a, %b : tensor<48xf32>, tensor<48xf32>, tensor<48xf32>
  } -> tensor<4x?x48xf32>, tensor<48xf32>, tensor<4x1x48xf32>
  return %y#0, %y#1, %y#2 : tensor<4x?x48xf32>, tensor<48xf32>, tensor<4x1x48xf32>
}
func.func @fixed(%x: tensor<6x48xf32>) -> tensor<6x48xf32> {
  %init = tensor.empty() : tensor<6x48xf32>
  %y = seednorm.softmax ins(%x : tensor<6x48xf32>) outs(%init : tensor<6x48xf32>)
      -> tensor<6x48xf32>
  return %y : tensor<6x48xf32>
}
)";

std::vector<ProgramModule> extract(llvm::StringRef text = source) {
  return llvm::cantFail(ProgramModule::extract(text, "model.mlir"));
}

TEST(ProgramModuleTest, NamesProgramsByFunctionAndPlace) {
  auto programs = extract();
  ASSERT_EQ(programs.size(), 3u);
  EXPECT_EQ(programs[0].getName(), "forward#0");
  EXPECT_EQ(programs[0].getLocation(), "model.mlir:6:8");
  EXPECT_EQ(programs[1].getName(), "sums#0");
  EXPECT_EQ(programs[2].getName(), "fixed#0");
}

TEST(ProgramModuleTest, ShapesKeepWhatIsStatic) {
  auto programs = extract();
  EXPECT_FALSE(programs[0].isStatic());
  EXPECT_EQ(programs[0].getShape(100).toString(), "100x48");
  EXPECT_EQ(programs[1].getShape(100).toString(), "4x25x48");
  EXPECT_TRUE(programs[2].isStatic());
  EXPECT_EQ(programs[2].getShape(100).toString(), "6x48");
  EXPECT_EQ(programs[0].countBytes(programs[0].getShape(10)),
            10 * 48 * 4 + 48 * 4 + 10 * 48 * 2u);

  EXPECT_FALSE(bool(programs[0].checkShape({{7}, 48})));
  EXPECT_EQ(llvm::toString(programs[1].checkShape({{3, 7}, 48})),
            "shape 3x7x48 is not one of program 'sums#0', whose rows are "
            "4x?x48");
  EXPECT_EQ(llvm::toString(programs[0].checkShape({{2, 7}, 48})),
            "shape 2x7x48 is not one of program 'forward#0', whose rows are "
            "?x48");
}

TEST(ProgramModuleTest, DynamicDimensionsShareTheRows) {
  auto programs = extract(R"(
func.func @f(%x: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %a = tensor.dim %x, %c0 : tensor<?x?x?xf32>
  %b = tensor.dim %x, %c1 : tensor<?x?x?xf32>
  %c = tensor.dim %x, %c2 : tensor<?x?x?xf32>
  %init = tensor.empty(%a, %b, %c) : tensor<?x?x?xf32>
  %y = seednorm.softmax ins(%x : tensor<?x?x?xf32>) outs(%init : tensor<?x?x?xf32>)
      -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
})");
  ASSERT_EQ(programs.size(), 1u);
  EXPECT_EQ(programs[0].getShape(4096, 64).toString(), "4x1024x64");
  EXPECT_EQ(programs[0].getShape(1, 64).toString(), "1x1x64");
}

/// Compiled code agrees with the interpreter on shapes of all kinds, also on
/// ones that the model fixes otherwise.
TEST(ProgramModuleTest, TrialsGiveWhatTheInterpreterGives) {
  for (ProgramModule &program : extract()) {
    auto module = seednorm::Module::compile(program.print(nullptr));
    ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError());
    RowShape shape = program.getShape(64);
    for (int64_t rows : {1, 5, 37}) {
      RowShape check = program.getCheckShape(rows, shape);
      EXPECT_EQ(check.leading.back(), rows);
      auto inputs = llvm::cantFail(makeInputs(program.getInputs(check)));
      auto expected = llvm::cantFail(program.interpret(inputs));
      auto results = llvm::cantFail((*module)->run("f", inputs));
      ASSERT_EQ(results.size(), expected.size());
      ASSERT_EQ(results.size(), program.getRowResults().size());
      for (auto [result, right] : llvm::zip(results, expected))
        EXPECT_LE(getDifference(result, right),
                  getTolerance(right.getDType(), false))
            << program.getName().str() << " of " << check.toString();
    }
  }
}

TEST(ProgramModuleTest, KnowsSumsFromRows) {
  EXPECT_EQ(extract()[1].getRowResults(),
            (llvm::SmallVector<bool>{true, false, false}));
}

TEST(ProgramModuleTest, SchedulesAreSetAndModelsSchedulesDropped) {
  auto programs = extract(R"(
func.func @f(%x: tensor<?x16xf32>, %o: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %y = rowwise.program rows(%x : tensor<?x16xf32>) outs(%o : tensor<?x16xf32>)
      schedule <vectors = 7> {
  ^bb0(%xr: tensor<16xf32>):
    %p = arith.addf %xr, %xr : tensor<16xf32>
    rowwise.yield %p : tensor<16xf32>
  } -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
})");
  ASSERT_EQ(programs.size(), 1u);
  EXPECT_EQ(programs[0].print(nullptr).find("schedule"), std::string::npos);
  auto schedule = llvm::cast<mlir::rowwise::ScheduleAttr>(mlir::parseAttribute(
      "#rowwise.schedule<vectors = 3>", programs[0].getContext()));
  EXPECT_NE(programs[0].print(schedule).find("schedule <vectors = 3>"),
            std::string::npos);
}

TEST(ProgramModuleTest, ErrorsAreOneLine) {
  auto expectError = [](llvm::StringRef text, llvm::StringRef message) {
    auto programs = ProgramModule::extract(text, "model.mlir");
    ASSERT_FALSE(bool(programs));
    EXPECT_EQ(llvm::toString(programs.takeError()), message);
  };
  expectError("func.func @f() { return }", "'model.mlir' has no row program");
  expectError("nonsense", "model.mlir:1:1: custom op 'nonsense' is unknown "
                          "(tried 'builtin.nonsense' as well)");
}

} // namespace
