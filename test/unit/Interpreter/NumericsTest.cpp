//===- NumericsTest.cpp - Tests of the search for values not finite ------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Testing.h"
#include "seednorm/Interpreter/Interpreter.h"
#include "seednorm/Runtime/Model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::testing;
using ::testing::HasSubstr;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

Tensor f32(ArrayRef<double> values) {
  return tensor(DType::F32, {int64_t(values.size())}, values);
}
Tensor f16(ArrayRef<double> values) {
  return tensor(DType::F16, {int64_t(values.size())}, values);
}

/// What is found in entry f; "finite" if nothing is.
std::string check(StringRef source, ArrayRef<Tensor> arguments) {
  Expected<Model> model = Model::parse(source, "test");
  if (!model)
    return toString(model.takeError());
  ModuleSpec spec = cantFail(model->describe());
  const EntrySpec *entry = cantFail(findEntry(spec.entries, "f"));
  auto results = interpretChecked(model->getModule(), *entry, arguments);
  return results ? "finite" : toString(results.takeError());
}

TEST(Numerics, OverflowOfTheType) {
  std::string square = elementwise("arith.mulf", "f32", 2);
  EXPECT_EQ(check(square, {f32({1, 2e19}), f32({1, 2e19})}),
            "test:2:8: arith.mulf makes inf from 2e+19 and 2e+19 in f32 at "
            "[1], in entry 'f'");
  EXPECT_EQ(check(square, {f32({1.8e19, 1e-30}), f32({1.8e19, -1e-30})}),
            "finite");
  // The largest f16 is 65504; halfway to the next it rounds to infinity.
  std::string cast = elementwise("arith.truncf", "f32", 1, "f16");
  EXPECT_EQ(check(cast, {f32({65519})}), "finite");
  EXPECT_THAT(check(cast, {f32({0, 0, -65520})}),
              HasSubstr("arith.truncf makes -inf from -65520 in f16 at [2]"));
  EXPECT_THAT(check(elementwise("arith.addf", "bf16", 2),
                    {tensor(DType::BF16, {1}, {3e38}),
                     tensor(DType::BF16, {1}, {3e38})}),
              HasSubstr("arith.addf makes inf from"));
  EXPECT_THAT(check(elementwise("arith.sitofp", "i32", 1, "f16"),
                    {tensor(DType::I32, {1}, {70000})}),
              HasSubstr("arith.sitofp makes inf from 70000 in f16"));
}

TEST(Numerics, Singularities) {
  EXPECT_THAT(
      check(elementwise("arith.divf", "f32", 2), {f32({0, 1}), f32({2, 0})}),
      HasSubstr("arith.divf makes inf from 1 and 0 in f32 at [1]"));
  EXPECT_THAT(check(elementwise("math.log", "f32", 1), {f32({1, -2})}),
              HasSubstr("math.log makes NaN from -2 in f32 at [1]"));
  EXPECT_THAT(check(elementwise("math.exp", "f32", 1), {f32({88, 89})}),
              HasSubstr("math.exp makes inf from 89 in f32 at [1]"));
  EXPECT_EQ(
      check(elementwise("math.exp", "f64", 1), {tensor(DType::F64, {1}, {89})}),
      "finite");
}

/// 1 / ((1 + x) - 1) is finite in f64 for an x that f32 loses.
TEST(Numerics, EveryStepIsRounded) {
  StringRef source = R"(func.func @f(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant dense<1.0> : tensor<1xf32>
  %a = arith.addf %x, %one : tensor<1xf32>
  %b = arith.subf %a, %one : tensor<1xf32>
  %c = arith.divf %one, %b : tensor<1xf32>
  return %c : tensor<1xf32>
})";
  EXPECT_EQ(check(source, {f32({1e-6})}), "finite");
  EXPECT_THAT(check(source, {f32({1e-9})}),
              HasSubstr("test:5:8: arith.divf makes inf from 1 and 0"));
}

TEST(Numerics, InfinitiesOfConstants) {
  auto source = [](StringRef op) {
    return ("func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {\n"
            "  %i = arith.constant dense<0xFF800000> : tensor<2xf32>\n"
            "  %c = arith.constant dense<[true, false]> : tensor<2xi1>\n"
            "  %m = arith.select %c, %x, %i : tensor<2xi1>, tensor<2xf32>\n"
            "  %n = arith.maximumf %m, %i : tensor<2xf32>\n"
            "  %r = " +
            op + " : tensor<2xf32>\n  return %r : tensor<2xf32>\n}")
        .str();
  };
  EXPECT_EQ(check(source("arith.addf %m, %x"), {f32({1, 2})}), "finite");
  EXPECT_EQ(check(source("math.exp %n"), {f32({1, 2})}), "finite");
  EXPECT_THAT(
      check(source("arith.subf %m, %n"), {f32({1, 2})}),
      HasSubstr("arith.subf makes NaN from -inf and -inf in f32 at [1]"));
  EXPECT_THAT(check(source("arith.mulf %n, %x"), {f32({1, 0})}),
              HasSubstr("arith.mulf makes NaN from -inf and 0 in f32 at [1]"));
}

TEST(Numerics, ArgumentsComeFirst) {
  StringRef source = R"(
    func.func @f(%x: tensor<2x2xf32> {seednorm.name = "x"},
                 %g: tensor<2xf16> {seednorm.param = "norm.gamma"},
                 %i: tensor<1xi32>) -> tensor<2x2xf32> {
      return %x : tensor<2x2xf32>
    })";
  Tensor i = tensor(DType::I32, {1}, {-1});
  auto run = [&](ArrayRef<double> x, ArrayRef<double> g) {
    return check(source, {tensor(DType::F32, {2, 2}, x), f16(g), i});
  };
  EXPECT_EQ(run({1, 2, 3, 4}, {1, 1}), "finite");
  EXPECT_EQ(run({1, 2, nan, 4}, {1, inf}), "input 'x' is NaN at [1, 0]");
  EXPECT_EQ(run({1, 2, 3, 4}, {1, -inf}),
            "parameter 'norm.gamma' is -inf at [1]");
}

TEST(Numerics, ResultsThatNothingWrote) {
  StringRef source = R"(func.func @f(%x: tensor<2xf32>) -> tensor<3xf32> {
    %e = tensor.empty() : tensor<3xf32>
    %r = tensor.insert_slice %x into %e[0] [2] [1] : tensor<2xf32> into tensor<3xf32>
    return %r : tensor<3xf32>
  })";
  EXPECT_THAT(check(source, {f32({1, 2})}),
              HasSubstr("is NaN at [2], which no operation made"));
}

TEST(Numerics, NormsAreNamed) {
  StringRef source = R"(
func.func @f(%x: tensor<2x3x4xf32>, %b: tensor<4xf32>) -> tensor<2x3x4xf32> {
  %y = seednorm.norm ins(%x : tensor<2x3x4xf32>) beta(%b : tensor<4xf32>)
      outs(%x : tensor<2x3x4xf32>) {heads = 2 : i64} -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
})";
  std::vector<double> x(24, 1e-30);
  Tensor beta = f32({1, 1, 1, 1});
  EXPECT_EQ(check(source, {tensor(DType::F32, {2, 3, 4}, x), beta}), "finite");
  x[4 * 5 + 3] = 2e19;
  EXPECT_EQ(check(source, {tensor(DType::F32, {2, 3, 4}, x), beta}),
            "test:3:8: arith.mulf makes inf from 2e+19 and 2e+19 in f32 at "
            "row [1, 2], column 3 of seednorm.norm, in entry 'f'");
  // Squares that fit, but not their sum.
  for (int i : {20, 21, 22, 23})
    x[i] = 1e19;
  EXPECT_THAT(check(source, {tensor(DType::F32, {2, 3, 4}, x), beta}),
              HasSubstr("rowwise.reduce makes inf from 3e+38 and 1e+38 in f32"));
}

/// The row program of f on x : 2x4 with what is in its region.
std::string program(StringRef body, StringRef out) {
  return ("func.func @f(%x: tensor<2x4xf32>, %o: " + out + ") -> " + out +
          " {\n  %y = rowwise.program rows(%x : tensor<2x4xf32>) outs(%o : " +
          out + ") {\n  ^bb0(%r: tensor<4xf32>):\n" + body + "\n  } -> " + out +
          "\n  return %y : " + out + "\n}")
      .str();
}

TEST(Numerics, ReductionsOverflowInTheirType) {
  std::string sum = program("    %s = rowwise.reduce add %r : tensor<4xf32> -> "
                            "tensor<2xf32>\n"
                            "    rowwise.yield %s : tensor<2xf32>",
                            "tensor<2x2xf32>");
  auto run = [&](StringRef source, ArrayRef<double> x, Tensor out) {
    return check(source, {tensor(DType::F32, {2, 4}, x), std::move(out)});
  };
  Tensor sums = tensor(DType::F32, {2, 2}, {0, 0, 0, 0});
  EXPECT_EQ(run(sum, {1, 2, 3, 4, 3e38, -3e38, 3e38, 0}, sums), "finite");
  EXPECT_EQ(run(sum, {1, 2, 3, 4, 3e38, -3e38, 3e38, 1e38}, sums),
            "test:4:10: rowwise.reduce makes inf from 3e+38 and "
            "1e+38 in f32 at row [1], column 3 of rowwise.program, "
            "in entry 'f'");
  std::string group = program(
      "    %s = rowwise.reduce mean %r : tensor<4xf32> -> tensor<2xf32>\n"
      "    %l = math.log %s : tensor<2xf32>\n"
      "    rowwise.yield %l : tensor<2xf32>",
      "tensor<2x2xf32>");
  EXPECT_THAT(run(group, {1, 2, 3, 4, 5, 6, 1, -3}, sums),
              HasSubstr("math.log makes NaN from -1 in f32 at row [1], group 1 "
                        "of rowwise.program"));
}

TEST(Numerics, ColumnSumsAreWiderUntilTheyAreComplete) {
  std::string sum = program("    %s = rowwise.accumulate %r : tensor<4xf32>\n"
                            "    rowwise.yield %s : tensor<4xf32>",
                            "tensor<4xf32>");
  Tensor out = f32({0, 0, 0, 0});
  auto run = [&](ArrayRef<double> x) {
    return check(sum, {tensor(DType::F32, {2, 4}, x), out});
  };
  EXPECT_EQ(run({3e38, 0, 0, 0, -3e38, 0, 0, 0}), "finite");
  EXPECT_EQ(run({0, 0, 2e38, 0, 0, 0, 2e38, 0}),
            "test:4:10: rowwise.accumulate makes inf from 4e+38 in "
            "f32 in the sum, column 2 of rowwise.program, in entry 'f'");
}

TEST(Numerics, MatrixProductsAreAddedUpInF32) {
  StringRef source = R"(func.func @f(%a: tensor<2x3xf16>, %b: tensor<3x2xf16>,
                                     %c: tensor<2x2xf16>) -> tensor<2x2xf16> {
    %y = linalg.matmul ins(%a, %b : tensor<2x3xf16>, tensor<3x2xf16>)
        outs(%c : tensor<2x2xf16>) -> tensor<2x2xf16>
    return %y : tensor<2x2xf16>
  })";
  auto run = [&](ArrayRef<double> a) {
    return check(source, {tensor(DType::F16, {2, 3}, a),
                          tensor(DType::F16, {3, 2}, {1, 1, 1, 1, 1, 1}),
                          tensor(DType::F16, {2, 2}, {0, 0, 0, 0})});
  };
  EXPECT_EQ(run({60000, 60000, -60000, 1, 1, 1}), "finite");
  EXPECT_EQ(run({1, 1, 1, 60000, 60000, 0}),
            "test:3:10: linalg.matmul makes inf from 120000 in f16 at [1, 0], "
            "in entry 'f'");
}

TEST(Numerics, LoopsAndCallsAround) {
  StringRef source =
      R"(func.func private @g(%x: tensor<2x3xf32>) -> tensor<2xf32> {
  %z = arith.constant dense<0.0> : tensor<2xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                       iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<2x3xf32>) outs(%z : tensor<2xf32>) {
  ^bb0(%e: f32, %sum: f32):
    %i = math.sqrt %e : f32
    %n = arith.addf %sum, %i : f32
    linalg.yield %n : f32
  } -> tensor<2xf32>
  return %r : tensor<2xf32>
}
func.func @f(%x: tensor<2x3xf32>) -> tensor<2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %z = arith.constant dense<0.0> : tensor<2xf32>
  %one = arith.constant dense<1.0> : tensor<2x3xf32>
  %r, %last = scf.for %i = %c0 to %c9 step %c1 iter_args(%t = %z, %y = %x)
      -> (tensor<2xf32>, tensor<2x3xf32>) {
    %s = func.call @g(%y) : (tensor<2x3xf32>) -> tensor<2xf32>
    %next = arith.subf %y, %one : tensor<2x3xf32>
    scf.yield %s, %next : tensor<2xf32>, tensor<2x3xf32>
  }
  return %r : tensor<2xf32>
})";
  EXPECT_EQ(check(source, {tensor(DType::F32, {2, 3}, {9, 9, 9, 9, 9, 9})}),
            "finite");
  EXPECT_EQ(check(source, {tensor(DType::F32, {2, 3}, {9, 9, 9, 9, 9, 4})}),
            "test:7:10: math.sqrt makes NaN from -1 in f32 at [1, 2] of the "
            "loops of linalg.generic, in 'g' called at test:21:10, at 5 of the "
            "loop at test:19:15, in entry 'f'");
}

/// What is wrong for other reasons is said as without the check.
TEST(Numerics, OtherErrors) {
  EXPECT_THAT(
      check(elementwise("arith.divsi", "i32", 2),
            {tensor(DType::I32, {1}, {1}), tensor(DType::I32, {1}, {0})}),
      HasSubstr("divides by zero"));
}

} // namespace
