//===- ProgramKeyTest.cpp - Which programs are the same -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pairs of row programs: those that a schedule cannot tell apart have one hash,
// all others different ones.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/ProgramKey.h"
#include "TuningTesting.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"
#include "seednorm/InitAll.h"

using namespace mlir;
using namespace mlir::rowwise;
using namespace ::seednorm;
using namespace ::seednorm::tuning;
using namespace ::seednorm::tuning::testing;
using Target = ::seednorm::tuning::Target;

namespace {

MLIRContext &getContext() {
  static MLIRContext *context = [] {
    DialectRegistry registry;
    mlir::seednorm::registerAllDialects(registry);
    auto *result = new MLIRContext(registry);
    result->loadAllAvailableDialects();
    return result;
  }();
  return *context;
}

/// Owns the module that a program is in.
class Program {
public:
  explicit Program(const std::string &text)
      : module(parseSourceString<ModuleOp>(text, &getContext())) {
    EXPECT_TRUE(module) << text;
  }
  void bufferize() {
    PassManager passes(&getContext());
    passes.addPass(createRowwiseBufferize());
    EXPECT_TRUE(succeeded(passes.run(*module)));
  }
  ProgramOp get() {
    ProgramOp found;
    module->walk([&](ProgramOp program) { found = program; });
    return found;
  }
  std::string getText() { return getCanonicalText(get()); }
  Key getKey(std::optional<int64_t> rows = std::nullopt, Target target = {},
             int64_t threads = 1) {
    return unwrap(::seednorm::tuning::makeKey(get(), rows, target, threads));
  }

private:
  OwningOpRef<ModuleOp> module;
};

std::string replace(std::string text, const std::string &from,
                    const std::string &to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// SeeDNorm without its parameters but two, with 4 heads.
const std::string norm = R"(
func.func @f(%x: tensor<?x64xf32>, %a: tensor<64xf32>, %b: tensor<64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %init = tensor.empty(%n) : tensor<?x64xf32>
  %y = rowwise.program rows(%x : tensor<?x64xf32>) columns(%a, %b : tensor<64xf32>, tensor<64xf32>)
                       outs(%init : tensor<?x64xf32>) {
  ^bb0(%xr: tensor<64xf32>, %ar: tensor<64xf32>, %br: tensor<64xf32>):
    %eps = arith.constant dense<1.0e-6> : tensor<1xf32>
    %sq = arith.mulf %xr, %xr : tensor<64xf32>
    %ms = rowwise.reduce mean %sq : tensor<64xf32> -> tensor<1xf32>
    %me = arith.addf %ms, %eps : tensor<1xf32>
    %r = math.rsqrt %me : tensor<1xf32>
    %xb = arith.mulf %xr, %br : tensor<64xf32>
    %d = rowwise.reduce add %xb : tensor<64xf32> -> tensor<4xf32>
    %s = math.tanh %d : tensor<4xf32>
    %sb = rowwise.broadcast %s : tensor<4xf32> -> tensor<64xf32>
    %rb = rowwise.broadcast %r : tensor<1xf32> -> tensor<64xf32>
    %k = arith.mulf %sb, %ar : tensor<64xf32>
    %n1 = arith.mulf %xr, %rb : tensor<64xf32>
    %yr = arith.mulf %n1, %k : tensor<64xf32>
    rowwise.yield %yr : tensor<64xf32>
  } -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
)";

/// Column sums, a row operand that repeats.
const std::string sums = R"(
func.func @f(%x: tensor<?x?x64xf32>, %z: tensor<?x1x64xf32>, %y: tensor<?x?x64xf32>, %w: tensor<64xf32>) -> (tensor<?x?x64xf32>, tensor<64xf32>) {
  %r:2 = rowwise.program rows(%x, %z : tensor<?x?x64xf32>, tensor<?x1x64xf32>)
                         outs(%y, %w : tensor<?x?x64xf32>, tensor<64xf32>) {
  ^bb0(%xr: tensor<64xf32>, %zr: tensor<64xf32>):
    %m = arith.mulf %xr, %zr : tensor<64xf32>
    %t = rowwise.accumulate %m : tensor<64xf32>
    rowwise.yield %m, %t : tensor<64xf32>, tensor<64xf32>
  } -> tensor<?x?x64xf32>, tensor<64xf32>
  return %r#0, %r#1 : tensor<?x?x64xf32>, tensor<64xf32>
}
)";

TEST(ProgramKey, SamePrograms) {
  std::string text = Program(norm).getText();
  auto isSame = [&](const std::string &other) {
    EXPECT_EQ(Program(other).getText(), text);
  };
  isSame(replace(replace(norm, "%xr", "%row"), "%sb", "%other"));
  isSame(replace(norm, "@f", "@g"));
  // At other widths, static and dynamic row counts, another rank.
  isSame(replace(norm, "64xf32", "4096xf32"));
  isSame(replace(norm, "64xf32", "100xf32"));
  isSame(replace(replace(norm, "?x64", "7x64"), "(%n)", "()"));
  isSame(replace(replace(norm, "?x64", "2x3x64"), "(%n)", "()"));
  isSame(replace(replace(norm, "?x64", "1x64"), "(%n)", "()"));
  // With a schedule.
  isSame(replace(norm, "outs(%init : tensor<?x64xf32>)",
                 "outs(%init : tensor<?x64xf32>) schedule <vectors = 3>"));
  // In a row of unknown width.
  std::string dynamic = replace(norm, "64xf32", "?xf32");
  dynamic = replace(dynamic, "tensor.empty(%n)", "tensor.empty(%n, %n)");
  isSame(dynamic);
}

TEST(ProgramKey, ANumberThatIsTheWidthFollowsIt) {
  std::string divided = replace(norm, "dense<1.0e-6>", "dense<64.0>");
  std::string wide = replace(divided, "64xf32", "128xf32");
  EXPECT_NE(Program(divided).getText(), Program(wide).getText());
  EXPECT_EQ(Program(divided).getText(),
            Program(replace(wide, "dense<64.0>", "dense<128.0>")).getText());
}

TEST(ProgramKey, TensorsAndBuffersAreTheSame) {
  for (const std::string &source : {norm, sums}) {
    Program program(source);
    std::string text = program.getText();
    Key key = program.getKey();
    program.bufferize();
    EXPECT_TRUE(program.get().hasBufferSemantics());
    EXPECT_EQ(program.getText(), text);
    EXPECT_EQ(program.getKey(), key);
  }
}

TEST(ProgramKey, OtherPrograms) {
  std::string text = Program(norm).getText();
  auto isOther = [&](const std::string &other) {
    EXPECT_NE(Program(other).getText(), text);
  };
  isOther(replace(norm, "1.0e-6", "1.0e-5"));
  isOther(replace(norm, "math.tanh", "math.exp"));
  isOther(replace(norm, "reduce mean", "reduce add"));
  isOther(replace(norm, "<4xf32>", "<8xf32>"));
  isOther(replace(norm, "f32", "f64"));
  isOther(
      replace(norm, "%k = arith.mulf %sb, %ar", "%k = arith.mulf %ar, %sb"));
  isOther(
      replace(norm, "%xb = arith.mulf %xr, %br", "%xb = arith.mulf %xr, %ar"));
  isOther(replace(norm, "%n1 = arith.mulf", "%n1 = arith.addf"));
  isOther(replace(norm, "%n1 = arith.mulf %xr, %rb",
                  "%n1 = arith.mulf %xr, %rb fastmath<fast>"));
  isOther(sums);
}

TEST(ProgramKey, WhichRowsShareIsPartOfTheProgram) {
  std::string text = Program(sums).getText();
  auto isSame = [&](const std::string &other) {
    return Program(other).getText() == text;
  };
  // Along the other dimension; in all of them; nowhere.
  EXPECT_FALSE(isSame(replace(sums, "?x1x64", "1x?x64")));
  EXPECT_FALSE(isSame(replace(sums, "?x1x64", "1x1x64")));
  EXPECT_FALSE(isSame(replace(sums, "?x1x64", "?x?x64")));
  // More dimensions that do the same.
  std::string deeper =
      replace(replace(sums, "?x1x64", "?x?x1x64"), "?x?x64", "?x?x?x64");
  EXPECT_TRUE(isSame(deeper));
  // Sums over all rows, written in full.
  std::string full =
      replace(replace(sums, "%w: tensor<64", "%w: tensor<1x1x64"),
              "tensor<?x?x64xf32>, tensor<64xf32>)",
              "tensor<?x?x64xf32>, tensor<1x1x64xf32>)");
  full = replace(full, "-> tensor<?x?x64xf32>, tensor<64xf32>",
                 "-> tensor<?x?x64xf32>, tensor<1x1x64xf32>");
  full = replace(full, "return %r#0, %r#1 : tensor<?x?x64xf32>, tensor<64xf32>",
                 "return %r#0, %r#1 : tensor<?x?x64xf32>, tensor<1x1x64xf32>");
  EXPECT_TRUE(isSame(full));
}

TEST(ProgramKey, Fields) {
  Program program(norm);
  Key key = program.getKey(1000, {}, 3);
  EXPECT_EQ(key.program, hashProgram(program.getText()));
  EXPECT_EQ(key.types, "f32,f32,f32->f32");
  EXPECT_EQ(key.width, 64);
  EXPECT_EQ(key.rows, 1024);
  EXPECT_EQ(key.alignment, 64);
  EXPECT_EQ(key.threads, 3);
  EXPECT_EQ(key.compiler, getCompilerName().str());
  EXPECT_EQ(program.getKey().rows, 0);
  // What the types say is so.
  Program fixed(replace(replace(norm, "?x64", "3x5x64"), "(%n)", "()"));
  EXPECT_EQ(fixed.getKey(1000).rows, 16);
  EXPECT_EQ(Program(replace(norm, "64xf32", "100xf32")).getKey().alignment, 16);
  EXPECT_EQ(Program(replace(replace(norm, "f32", "f16"), "64xf16", "4xf16"))
                .getKey()
                .alignment,
            8);
}

TEST(ProgramKey, Targets) {
  std::string host = unwrap(getTargetName({}));
  EXPECT_EQ(unwrap(getTargetName({"", "", ""})), host);
  std::string plain = unwrap(getTargetName({"x86_64-linux-gnu", "znver4", ""}));
  EXPECT_EQ(plain.substr(0, 7), "znver4+");
  EXPECT_NE(unwrap(getTargetName({"x86_64-linux-gnu", "znver4", "-avx512f"})),
            plain);
  EXPECT_EQ(unwrap(getTargetName({"x86_64-linux-gnu", "znver4", "+avx512f"})),
            plain);
  EXPECT_NE(unwrap(getTargetName({"x86_64-linux-gnu", "", ""})),
            unwrap(getTargetName({"aarch64-linux-gnu", "", ""})));
  Target gpu = {"nvptx64-nvidia-cuda", "sm_90", ""};
  EXPECT_EQ(unwrap(getTargetName(gpu)), "nvptx64-nvidia-cuda:sm_90");
  EXPECT_EQ(Program(norm).getKey(std::nullopt, gpu, 8).threads, 1);
  auto unknown = getTargetName({"nowhere-at-all", "", ""});
  EXPECT_FALSE(bool(unknown));
  consumeError(unknown.takeError());
}

} // namespace
