//===- InterpreterTest.cpp - Tests of the reference interpreter ----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Interpreter/Interpreter.h"
#include "Testing.h"
#include "seednorm/Runtime/Model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::testing;
using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

Tensor f64(ArrayRef<double> values) {
  return tensor(DType::F64, {int64_t(values.size())}, values);
}
Tensor i64(ArrayRef<double> values) {
  return tensor(DType::I64, {int64_t(values.size())}, values);
}

Expected<SmallVector<Tensor>> run(StringRef source, ArrayRef<Tensor> arguments,
                                  StringRef entry = "f") {
  Expected<Model> model = Model::parse(source, "test");
  if (!model)
    return model.takeError();
  return interpret(model->getModule(), entry, arguments);
}

/// The only result's elements; none after a failure.
std::vector<double> values(StringRef source, ArrayRef<Tensor> arguments) {
  auto results = run(source, arguments);
  if (!results) {
    ADD_FAILURE() << toString(results.takeError());
    return {};
  }
  EXPECT_EQ(results->size(), 1u);
  return results->front().toDoubles();
}

std::string error(StringRef source, ArrayRef<Tensor> arguments,
                  StringRef entry = "f") {
  auto results = run(source, arguments, entry);
  return results ? "success" : toString(results.takeError());
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

struct UnaryCase {
  const char *op;
  double x, expected;
};

TEST(Scalar, UnaryFloats) {
  const UnaryCase cases[] = {
      {"arith.negf", 2, -2},
      {"math.absf", -2, 2},
      {"math.acos", 0.5, std::acos(0.5)},
      {"math.acosh", 2, std::acosh(2.0)},
      {"math.asin", 0.5, std::asin(0.5)},
      {"math.asinh", 0.5, std::asinh(0.5)},
      {"math.atan", 0.5, std::atan(0.5)},
      {"math.atanh", 0.5, std::atanh(0.5)},
      {"math.cbrt", 27, 3},
      {"math.ceil", 1.25, 2},
      {"math.cos", 0.5, std::cos(0.5)},
      {"math.cosh", 0.5, std::cosh(0.5)},
      {"math.erf", 0.5, std::erf(0.5)},
      {"math.erfc", 0.5, std::erfc(0.5)},
      {"math.exp", 0.5, std::exp(0.5)},
      {"math.exp2", 3, 8},
      {"math.expm1", 1e-9, std::expm1(1e-9)},
      {"math.floor", -1.25, -2},
      {"math.log", 2, std::log(2.0)},
      {"math.log10", 1000, 3},
      {"math.log1p", 1e-9, std::log1p(1e-9)},
      {"math.log2", 8, 3},
      {"math.round", 2.5, 3},
      {"math.roundeven", 2.5, 2},
      {"math.rsqrt", 4, 0.5},
      {"math.sin", 0.5, std::sin(0.5)},
      {"math.sinh", 0.5, std::sinh(0.5)},
      {"math.sqrt", 9, 3},
      {"math.tan", 0.5, std::tan(0.5)},
      {"math.tanh", 0.5, std::tanh(0.5)},
      {"math.trunc", -1.75, -1},
  };
  for (const UnaryCase &c : cases)
    EXPECT_THAT(values(elementwise(c.op, "f64", 1), f64({c.x})),
                ElementsAre(DoubleEq(c.expected)))
        << c.op;
}

struct BinaryCase {
  const char *op;
  double a, b, expected;
};

TEST(Scalar, BinaryFloats) {
  const BinaryCase cases[] = {
      {"arith.addf", 1, 2, 3},        {"arith.subf", 1, 2, -1},
      {"arith.mulf", 3, 2, 6},        {"arith.divf", 3, 2, 1.5},
      {"arith.remf", 7, 4, 3},        {"arith.maximumf", 1, 2, 2},
      {"arith.maxnumf", 1, nan, 1},   {"arith.minimumf", 1, 2, 1},
      {"arith.minnumf", nan, 2, 2},   {"math.atan2", 1, 1, std::atan2(1, 1)},
      {"math.copysign", 3, -1, -3},   {"math.powf", 2, 10, 1024},
      {"arith.maximumf", -0.0, 0, 0}, {"arith.minimumf", 0, -0.0, -0.0},
      {"arith.divf", 1, 0, inf},
  };
  for (const BinaryCase &c : cases) {
    auto got = values(elementwise(c.op, "f64", 2), {f64({c.a}), f64({c.b})});
    EXPECT_THAT(got, ElementsAre(c.expected)) << c.op;
    EXPECT_EQ(std::signbit(got.front()), std::signbit(c.expected)) << c.op;
  }
  for (const char *op : {"arith.maximumf", "arith.minimumf"})
    EXPECT_TRUE(std::isnan(
        values(elementwise(op, "f64", 2), {f64({1}), f64({nan})}).front()))
        << op;
  EXPECT_THAT(
      values(elementwise("math.fma", "f64", 3), {f64({2}), f64({3}), f64({4})}),
      ElementsAre(10));
}

struct IntegerCase {
  const char *op;
  int a, b, expected;
};

TEST(Scalar, IntegersWrapAtTheirWidth) {
  const IntegerCase cases[] = {
      {"arith.addi", 127, 1, -128},     {"arith.subi", -128, 1, 127},
      {"arith.muli", 64, 3, -64},       {"arith.andi", 12, 10, 8},
      {"arith.ori", 12, 10, 14},        {"arith.xori", 12, 10, 6},
      {"arith.maxsi", -1, 1, 1},        {"arith.minsi", -1, 1, -1},
      {"arith.maxui", -1, 1, -1},       {"arith.minui", -1, 1, 1},
      {"arith.divsi", -7, 2, -3},       {"arith.remsi", -7, 2, -1},
      {"arith.floordivsi", -7, 2, -4},  {"arith.ceildivsi", 7, 2, 4},
      {"arith.divui", -1, 2, 127},      {"arith.remui", -1, 16, 15},
      {"arith.ceildivui", -1, 2, -128}, {"arith.shli", 65, 1, -126},
      {"arith.shrsi", -128, 1, -64},    {"arith.shrui", -128, 1, 64},
  };
  for (const IntegerCase &c : cases)
    EXPECT_THAT(values(elementwise(c.op, "i8", 2),
                       {tensor(DType::I8, {1}, {double(c.a)}),
                        tensor(DType::I8, {1}, {double(c.b)})}),
                ElementsAre(c.expected))
        << c.op;
  EXPECT_THAT(values(elementwise("math.absi", "i64", 1), i64({-3})),
              ElementsAre(3));
}

TEST(Scalar, UndefinedIntegersAreErrors) {
  EXPECT_THAT(error(elementwise("arith.divsi", "i64", 2), {i64({1}), i64({0})}),
              HasSubstr("divides by zero or overflows"));
  EXPECT_THAT(
      error(elementwise("arith.divsi", "i8", 2),
            {tensor(DType::I8, {1}, {-128}), tensor(DType::I8, {1}, {-1})}),
      HasSubstr("divides by zero or overflows"));
  EXPECT_THAT(error(elementwise("arith.shli", "i64", 2), {i64({1}), i64({64})}),
              HasSubstr("shifts by the width of its type or more"));
  EXPECT_THAT(error(elementwise("arith.fptosi", "f64", 1, "i8"), f64({128})),
              HasSubstr("converts a value that its type cannot hold"));
  EXPECT_THAT(error(elementwise("arith.fptosi", "f64", 1, "i64"), f64({nan})),
              HasSubstr("converts a value that its type cannot hold"));
}

TEST(Scalar, Conversions) {
  EXPECT_THAT(values(elementwise("arith.sitofp", "i64", 1, "f64"), i64({-3})),
              ElementsAre(-3));
  EXPECT_THAT(values(elementwise("arith.uitofp", "i8", 1, "f64"),
                     tensor(DType::I8, {1}, {-1})),
              ElementsAre(255));
  EXPECT_THAT(values(elementwise("arith.fptosi", "f64", 1, "i64"), f64({-2.9})),
              ElementsAre(-2));
  EXPECT_THAT(values(elementwise("arith.fptoui", "f64", 1, "i8"), f64({255.5})),
              ElementsAre(-1));
  EXPECT_THAT(values(elementwise("arith.extui", "i8", 1, "i64"),
                     tensor(DType::I8, {1}, {-1})),
              ElementsAre(255));
  EXPECT_THAT(values(elementwise("arith.extsi", "i8", 1, "i64"),
                     tensor(DType::I8, {1}, {-1})),
              ElementsAre(-1));
  EXPECT_THAT(values(elementwise("arith.trunci", "i64", 1, "i8"), i64({300})),
              ElementsAre(44));
  EXPECT_THAT(values(elementwise("arith.bitcast", "f32", 1, "i32"),
                     tensor(DType::F32, {3}, {1, -2, 0.1})),
              ElementsAre(0x3F800000, -0x40000000, 0x3DCCCCCD));
  EXPECT_THAT(values(elementwise("arith.bitcast", "i32", 1, "f32"),
                     tensor(DType::I32, {2}, {0x3F800000, -0x40000000})),
              ElementsAre(1, -2));
  // A cast to a narrow float rounds nothing: everything is an f64.
  EXPECT_THAT(
      values("func.func @f(%a: tensor<?xf64>) -> tensor<?xf64> {\n"
             "  %0 = arith.truncf %a : tensor<?xf64> to tensor<?xbf16>\n"
             "  %1 = arith.extf %0 : tensor<?xbf16> to tensor<?xf64>\n"
             "  return %1 : tensor<?xf64>\n}",
             f64({1.0001})),
      ElementsAre(1.0001));
}

TEST(Scalar, ComparisonsAndSelect) {
  auto compare = [](StringRef predicate) {
    return ("func.func @f(%a: tensor<?xf64>, %b: tensor<?xf64>) -> "
            "tensor<?xi1> {\n"
            "  %0 = arith.cmpf " +
            predicate +
            ", %a, %b : tensor<?xf64>\n"
            "  return %0 : tensor<?xi1>\n}")
        .str();
  };
  Tensor a = f64({1, 2, 3, nan}), b = f64({2, 2, 2, 2});
  std::pair<const char *, std::array<double, 4>> cases[] = {
      {"false", {0, 0, 0, 0}}, {"true", {1, 1, 1, 1}}, {"ord", {1, 1, 1, 0}},
      {"uno", {0, 0, 0, 1}},   {"oeq", {0, 1, 0, 0}},  {"ogt", {0, 0, 1, 0}},
      {"oge", {0, 1, 1, 0}},   {"olt", {1, 0, 0, 0}},  {"ole", {1, 1, 0, 0}},
      {"one", {1, 0, 1, 0}},   {"ueq", {0, 1, 0, 1}},  {"ugt", {0, 0, 1, 1}},
      {"uge", {0, 1, 1, 1}},   {"ult", {1, 0, 0, 1}},  {"ule", {1, 1, 0, 1}},
      {"une", {1, 0, 1, 1}},
  };
  for (auto &[predicate, expected] : cases)
    EXPECT_THAT(values(compare(predicate), {a, b}), ElementsAreArray(expected))
        << predicate;
  const char *unsignedLess = R"(
    func.func @f(%a: tensor<?xi8>, %b: tensor<?xi8>) -> tensor<?xi8> {
      %0 = arith.cmpi ult, %a, %b : tensor<?xi8>
      %1 = arith.select %0, %a, %b : tensor<?xi1>, tensor<?xi8>
      return %1 : tensor<?xi8>
    })";
  EXPECT_THAT(values(unsignedLess, {tensor(DType::I8, {2}, {-1, 3}),
                                    tensor(DType::I8, {2}, {1, 4})}),
              ElementsAre(1, 3));
}

TEST(Scalar, DifferentShapesAreAnError) {
  EXPECT_THAT(
      error(elementwise("arith.addf", "f64", 2), {f64({1}), f64({1, 2})}),
      HasSubstr("test:2:8: 'arith.addf' op has operands of shapes"));
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

TEST(TensorOps, SlicesAndReshapes) {
  const char *source = R"(
    func.func @f(%x: tensor<?x4xf64>) -> tensor<?xf64> {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %x, %c0 : tensor<?x4xf64>
      %right = tensor.extract_slice %x[0, 1] [%n, 2] [1, 2]
          : tensor<?x4xf64> to tensor<?x2xf64>
      %row = tensor.extract_slice %x[1, 0] [1, 2] [1, 1]
          : tensor<?x4xf64> to tensor<2xf64>
      %both = tensor.insert_slice %row into %right[0, 0] [1, 2] [1, 1]
          : tensor<2xf64> into tensor<?x2xf64>
      %flat = tensor.collapse_shape %both [[0, 1]]
          : tensor<?x2xf64> into tensor<?xf64>
      return %flat : tensor<?xf64>
    })";
  EXPECT_THAT(
      values(source, tensor(DType::F64, {2, 4}, {0, 1, 2, 3, 4, 5, 6, 7})),
      ElementsAre(4, 5, 5, 7));
  EXPECT_THAT(
      error(source, tensor(DType::F64, {1, 4}, {0, 1, 2, 3})),
      HasSubstr("takes 1 elements from 1 by steps of 1, which are out of "
                "bounds of a dimension of size 1"));
}

TEST(TensorOps, Elements) {
  const char *elements = R"(
    func.func @f(%x: tensor<?xf64>) -> tensor<4xf64> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c3 = arith.constant 3 : index
      %a = tensor.extract %x[%c0] : tensor<?xf64>
      %b = tensor.extract %x[%c1] : tensor<?xf64>
      %0 = tensor.from_elements %b, %a, %b, %a : tensor<4xf64>
      %two = arith.constant 2.0 : f64
      %1 = tensor.insert %two into %0[%c3] : tensor<4xf64>
      return %1 : tensor<4xf64>
    })";
  EXPECT_THAT(values(elements, f64({5, 6})), ElementsAre(6, 5, 6, 2));
  EXPECT_THAT(error(elements, f64({5})),
              HasSubstr("index 1 is out of bounds of a dimension of size 1"));
}

TEST(TensorOps, UndefinedElementsAreNaN) {
  EXPECT_TRUE(std::isnan(values("func.func @f() -> tensor<1xf64> {\n"
                                "  %0 = tensor.empty() : tensor<1xf64>\n"
                                "  return %0 : tensor<1xf64>\n}",
                                {})
                             .front()));
}

TEST(TensorOps, CastChecksTheShape) {
  const char *source =
      "func.func @f(%x: tensor<?xf64>) -> tensor<3xf64> {\n"
      "  %0 = tensor.cast %x : tensor<?xf64> to tensor<3xf64>\n"
      "  return %0 : tensor<3xf64>\n}";
  EXPECT_THAT(values(source, f64({1, 2, 3})), ElementsAre(1, 2, 3));
  EXPECT_THAT(error(source, f64({1, 2})), HasSubstr("casts 2xf64 to 3xf64"));
}

TEST(TensorOps, TooLargeIsAnError) {
  const char *source = R"(
    func.func @f() -> tensor<?xf64> {
      %n = arith.constant 9223372036854775807 : index
      %0 = tensor.empty(%n) : tensor<?xf64>
      return %0 : tensor<?xf64>
    })";
  EXPECT_THAT(error(source, {}), HasSubstr("'tensor.empty' op"));
}

//===----------------------------------------------------------------------===//
// linalg
//===----------------------------------------------------------------------===//

TEST(Linalg, MatmulTransposeReduceBroadcast) {
  const char *source = R"(
    func.func @f(%a: tensor<?x3xf64>, %b: tensor<3x?xf64>) -> tensor<?xf64> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %zero = arith.constant 0.0 : f64
      %m = tensor.dim %a, %c0 : tensor<?x3xf64>
      %n = tensor.dim %b, %c1 : tensor<3x?xf64>
      %e = tensor.empty(%m, %n) : tensor<?x?xf64>
      %f = linalg.fill ins(%zero : f64) outs(%e : tensor<?x?xf64>) -> tensor<?x?xf64>
      %p = linalg.matmul ins(%a, %b : tensor<?x3xf64>, tensor<3x?xf64>)
                         outs(%f : tensor<?x?xf64>) -> tensor<?x?xf64>
      %te = tensor.empty(%n, %m) : tensor<?x?xf64>
      %t = linalg.transpose ins(%p : tensor<?x?xf64>) outs(%te : tensor<?x?xf64>)
                            permutation = [1, 0]
      %re = tensor.empty(%n) : tensor<?xf64>
      %rz = linalg.fill ins(%zero : f64) outs(%re : tensor<?xf64>) -> tensor<?xf64>
      %r = linalg.reduce { arith.addf } ins(%t : tensor<?x?xf64>)
                         outs(%rz : tensor<?xf64>) dimensions = [1]
      return %r : tensor<?xf64>
    })";
  Tensor a = tensor(DType::F64, {2, 3}, {1, 2, 3, 4, 5, 6});
  // a·b = [[14, 32, 3], [32, 77, 6]], columns summed.
  Tensor b = tensor(DType::F64, {3, 3}, {1, 4, 0, 2, 5, 0, 3, 6, 1});
  EXPECT_THAT(values(source, {a, b}), ElementsAre(46, 109, 9));
  EXPECT_THAT(values(source, {tensor(DType::F64, {0, 3}, {}), b}),
              ElementsAre(0, 0, 0));
}

TEST(Linalg, IndicesGatherAndConvolution) {
  const char *gather = R"(
    #id = affine_map<(i, j) -> (i, j)>
    #i = affine_map<(i, j) -> (i)>
    func.func @f(%table: tensor<?x2xf64>, %at: tensor<?xi64>) -> tensor<?x2xf64> {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %at, %c0 : tensor<?xi64>
      %e = tensor.empty(%n) : tensor<?x2xf64>
      %r = linalg.generic {indexing_maps = [#i, #id], iterator_types = ["parallel", "parallel"]}
          ins(%at : tensor<?xi64>) outs(%e : tensor<?x2xf64>) {
      ^bb0(%row: i64, %out: f64):
        %i = arith.index_cast %row : i64 to index
        %j = linalg.index 1 : index
        %v = tensor.extract %table[%i, %j] : tensor<?x2xf64>
        %k = linalg.index 0 : index
        %ki = arith.index_cast %k : index to i64
        %kf = arith.sitofp %ki : i64 to f64
        %s = arith.addf %v, %kf : f64
        linalg.yield %s : f64
      } -> tensor<?x2xf64>
      return %r : tensor<?x2xf64>
    })";
  Tensor table = tensor(DType::F64, {2, 2}, {10, 20, 30, 40});
  EXPECT_THAT(values(gather, {table, i64({1, 0, 1})}),
              ElementsAre(30, 40, 11, 21, 32, 42));
  EXPECT_THAT(error(gather, {table, i64({2})}),
              HasSubstr("index 2 is out of bounds of a dimension of size 2"));
  const char *convolution = R"(
    func.func @f(%x: tensor<?xf64>, %k: tensor<2xf64>, %y: tensor<?xf64>) -> tensor<?xf64> {
      %r = linalg.conv_1d ins(%x, %k : tensor<?xf64>, tensor<2xf64>)
                          outs(%y : tensor<?xf64>) -> tensor<?xf64>
      return %r : tensor<?xf64>
    })";
  EXPECT_THAT(values(convolution, {f64({1, 2, 3}), f64({1, 10}), f64({0, 0})}),
              ElementsAre(21, 32));
  EXPECT_THAT(error(convolution, {f64({1, 2}), f64({1, 10}), f64({0, 0})}),
              HasSubstr("indexes 0 to 2 of a dimension of size 2"));
}

TEST(Linalg, SizesMustAgree) {
  const char *source = R"(
    func.func @f(%a: tensor<?xf64>, %b: tensor<?xf64>) -> tensor<?xf64> {
      %r = linalg.add ins(%a, %b : tensor<?xf64>, tensor<?xf64>)
                      outs(%a : tensor<?xf64>) -> tensor<?xf64>
      return %r : tensor<?xf64>
    })";
  EXPECT_THAT(values(source, {f64({1, 2}), f64({3, 4})}), ElementsAre(4, 6));
  EXPECT_THAT(error(source, {f64({1, 2}), f64({3})}),
              HasSubstr("operand #1 has a dimension of size 1 where the others "
                        "have 2"));
}

//===----------------------------------------------------------------------===//
// Row programs and norms
//===----------------------------------------------------------------------===//

TEST(RowProgram, ReductionsGroupsAndAccumulation) {
  const char *source = R"(
    func.func @f(%x: tensor<?x4xf64>, %o: tensor<?x2xf64>, %s: tensor<4xf64>)
        -> (tensor<?x2xf64>, tensor<4xf64>) {
      %0:2 = rowwise.program rows(%x : tensor<?x4xf64>)
          outs(%o, %s : tensor<?x2xf64>, tensor<4xf64>) {
      ^bb0(%r: tensor<4xf64>):
        %m = rowwise.reduce max %r : tensor<4xf64> -> tensor<2xf64>
        %a = rowwise.accumulate %r : tensor<4xf64>
        rowwise.yield %m, %a : tensor<2xf64>, tensor<4xf64>
      } -> tensor<?x2xf64>, tensor<4xf64>
      return %0#0, %0#1 : tensor<?x2xf64>, tensor<4xf64>
    })";
  auto results = run(
      source, {tensor(DType::F64, {2, 4}, {1, 2, 4, 3, 5, nan, 0, -1}),
               tensor(DType::F64, {2, 2}, {9, 9, 9, 9}), f64({9, 9, 9, 9})});
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  auto maxima = (*results)[0].toDoubles();
  EXPECT_EQ(maxima[0], 2);
  EXPECT_EQ(maxima[1], 4);
  EXPECT_TRUE(std::isnan(maxima[2]));
  EXPECT_EQ(maxima[3], 0);
  auto sums = (*results)[1].toDoubles();
  EXPECT_EQ(sums[0], 6);
  EXPECT_TRUE(std::isnan(sums[1]));
  EXPECT_EQ(sums[3], 2);
}

TEST(RowProgram, SumsOverSomeRows) {
  auto source = [](StringRef out) {
    return formatv(R"(
      func.func @f(%x: tensor<2x3x1xf64>, %o: {0}) -> {0} {{
        %0 = rowwise.program rows(%x : tensor<2x3x1xf64>) outs(%o : {0}) {{
        ^bb0(%r: tensor<1xf64>):
          %s = rowwise.accumulate %r : tensor<1xf64>
          rowwise.yield %s : tensor<1xf64>
        } -> {0}
        return %0 : {0}
      })",
                   out)
        .str();
  };
  Tensor x = tensor(DType::F64, {2, 3, 1}, {1, 2, 4, 8, 16, 32});
  EXPECT_THAT(values(source("tensor<2x1x1xf64>"),
                     {x, tensor(DType::F64, {2, 1, 1}, {9, 9})}),
              ElementsAre(7, 56));
  EXPECT_THAT(values(source("tensor<1x3x1xf64>"),
                     {x, tensor(DType::F64, {1, 3, 1}, {9, 9, 9})}),
              ElementsAre(9, 18, 36));
  EXPECT_THAT(values(source("tensor<1x1x1xf64>"),
                     {x, tensor(DType::F64, {1, 1, 1}, {9})}),
              ElementsAre(63));
}

TEST(RowProgram, RowsOfOneRepeat) {
  const char *source = R"(
    func.func @f(%x: tensor<?x2x2xf64>, %b: tensor<?x1x2xf64>) -> tensor<?x2x2xf64> {
      %0 = rowwise.program rows(%x, %b : tensor<?x2x2xf64>, tensor<?x1x2xf64>)
          outs(%x : tensor<?x2x2xf64>) {
      ^bb0(%r: tensor<2xf64>, %s: tensor<2xf64>):
        %t = arith.addf %r, %s : tensor<2xf64>
        rowwise.yield %t : tensor<2xf64>
      } -> tensor<?x2x2xf64>
      return %0 : tensor<?x2x2xf64>
    })";
  EXPECT_THAT(
      values(source, {tensor(DType::F64, {2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
                      tensor(DType::F64, {2, 1, 2}, {10, 20, 30, 40})}),
      ElementsAre(11, 22, 13, 24, 35, 46, 37, 48));
  EXPECT_THAT(
      error(source, {tensor(DType::F64, {2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
                     tensor(DType::F64, {1, 1, 2}, {10, 20})}),
      HasSubstr("leading dimensions are 2 and 1"));
}

/// The formula of the paper, written again.
std::vector<double> seednorm(ArrayRef<double> x, ArrayRef<double> alpha,
                             ArrayRef<double> beta, ArrayRef<double> gamma,
                             size_t heads) {
  double squares = 0;
  for (double v : x)
    squares += v * v;
  double r = 1 / std::sqrt(squares / x.size() + 1e-6);
  size_t length = x.size() / heads;
  std::vector<double> y;
  for (size_t i = 0; i < x.size(); ++i) {
    double dot = 0;
    for (size_t j = i / length * length; j < (i / length + 1) * length; ++j)
      dot += x[j] * beta[j];
    y.push_back((std::tanh(dot) * alpha[i] + gamma[i]) * x[i] * r);
  }
  return y;
}

TEST(Norm, SeeDNormOfTwoHeadsAndAnyWidth) {
  const char *source = R"(
    func.func @f(%x: tensor<?x?xf64>, %a: tensor<?xf64>, %b: tensor<?xf64>, %g: tensor<?xf64>)
        -> tensor<?x?xf64> {
      %y = seednorm.norm ins(%x : tensor<?x?xf64>) alpha(%a : tensor<?xf64>)
          beta(%b : tensor<?xf64>) gamma(%g : tensor<?xf64>)
          outs(%x : tensor<?x?xf64>) {heads = 2 : i64, eps = 1.0e-6 : f64}
          -> tensor<?x?xf64>
      return %y : tensor<?x?xf64>
    })";
  double x[] = {0.5, -1, 2, 0.25}, a[] = {1, 2, 3, 4},
         b[] = {0.1, 0.2, -0.3, 0.4}, g[] = {1, 1, -1, 0.5};
  auto got =
      values(source, {tensor(DType::F64, {1, 4}, x), f64(a), f64(b), f64(g)});
  auto expected = seednorm(x, a, b, g, 2);
  ASSERT_EQ(got.size(), expected.size());
  for (auto [y, e] : zip(got, expected))
    EXPECT_NEAR(y, e, 1e-14);
  EXPECT_THAT(error(source, {tensor(DType::F64, {1, 3}, {1, 2, 3}),
                             f64({1, 2, 3}), f64({1, 2, 3}), f64({1, 2, 3})}),
              HasSubstr("cannot divide 3 elements into 2 groups"));
  EXPECT_THAT(
      error(source,
            {tensor(DType::F64, {1, 4}, x), f64({1, 2}), f64(b), f64(g)}),
      HasSubstr("has a column operand of 2 elements, but the row has 4"));
}

//===----------------------------------------------------------------------===//
// Control flow, functions, and the boundary
//===----------------------------------------------------------------------===//

TEST(ControlFlow, LoopsAndConditions) {
  const char *source = R"(
    func.func private @square(%x: f64) -> f64 {
      %0 = arith.mulf %x, %x : f64
      return %0 : f64
    }
    func.func @f(%x: tensor<?xf64>) -> tensor<1xf64> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %zero = arith.constant 0.0 : f64
      %n = tensor.dim %x, %c0 : tensor<?xf64>
      %sum = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> f64 {
        %v = tensor.extract %x[%i] : tensor<?xf64>
        %positive = arith.cmpf ogt, %v, %zero : f64
        %t = scf.if %positive -> f64 {
          %q = func.call @square(%v) : (f64) -> f64
          scf.yield %q : f64
        } else {
          scf.yield %zero : f64
        }
        %next = arith.addf %s, %t : f64
        scf.yield %next : f64
      }
      %r = tensor.from_elements %sum : tensor<1xf64>
      return %r : tensor<1xf64>
    })";
  EXPECT_THAT(values(source, f64({3, -5, 4})), ElementsAre(25));
  EXPECT_THAT(values(source, f64({})), ElementsAre(0));
}

TEST(ControlFlow, AssertionsFail) {
  const char *source = R"(
    func.func @f(%x: tensor<1xi1>) -> tensor<1xi1> {
      %c0 = arith.constant 0 : index
      %v = tensor.extract %x[%c0] : tensor<1xi1>
      cf.assert %v, "the token is not in the vocabulary"
      return %x : tensor<1xi1>
    })";
  EXPECT_THAT(values(source, tensor(DType::I1, {1}, {1})), ElementsAre(1));
  EXPECT_THAT(error(source, tensor(DType::I1, {1}, {0})),
              HasSubstr("the token is not in the vocabulary"));
}

TEST(ControlFlow, RecursionEnds) {
  const char *source = R"(
    func.func @f(%x: tensor<1xf64>) -> tensor<1xf64> {
      %0 = func.call @f(%x) : (tensor<1xf64>) -> tensor<1xf64>
      return %0 : tensor<1xf64>
    })";
  EXPECT_THAT(error(source, f64({1})), HasSubstr("levels deep"));
}

TEST(Boundary, ArgumentsAreChecked) {
  const char *source = "func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {\n"
                       "  return %x : tensor<2xf32>\n}";
  EXPECT_THAT(error(source, {}), HasSubstr("takes 1 arguments, but got 0"));
  EXPECT_THAT(error(source, f64({1, 2})), HasSubstr("argument 0"));
  EXPECT_THAT(error(source, tensor(DType::F32, {3}, {1, 2, 3})),
              HasSubstr("argument 0"));
  EXPECT_THAT(error(source, {}, "g"), HasSubstr("there is no entry 'g'"));
}

TEST(Boundary, ResultsAreRoundedAndViewsRead) {
  const char *source =
      "func.func @f(%x: tensor<?xf64>) -> tensor<?xf16> {\n"
      "  %0 = arith.truncf %x : tensor<?xf64> to tensor<?xf16>\n"
      "  return %0 : tensor<?xf16>\n}";
  double memory[] = {1.0001, 7, 70000, 7};
  Tensor view =
      cantFail(Tensor::borrow(memory, DType::F64, {2}, ArrayRef<int64_t>({2})));
  EXPECT_THAT(values(source, view), ElementsAre(1, inf));
}

TEST(Boundary, LongIntegersKeepTheirBits) {
  const char *source = "func.func @f(%x: tensor<1xi64>) -> tensor<1xi64> {\n"
                       "  return %x : tensor<1xi64>\n}";
  int64_t value = (int64_t(1) << 62) + 1;
  auto results = run(source, cantFail(Tensor::borrow(&value, DType::I64, {1})));
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  EXPECT_EQ(*results->front().getDataAs<int64_t>(), value);
}

TEST(Boundary, UnknownOperationsAreNamed) {
  const char *pad = R"(
    func.func @f(%x: tensor<4xf64>) -> tensor<6xf64> {
      %z = arith.constant 0.0 : f64
      %0 = tensor.pad %x low[1] high[1] {
      ^bb0(%i: index):
        tensor.yield %z : f64
      } : tensor<4xf64> to tensor<6xf64>
      return %0 : tensor<6xf64>
    })";
  EXPECT_THAT(
      error(pad, f64({1, 2, 3, 4})),
      HasSubstr("test:4:12: 'tensor.pad' op is not known to the interpreter"));
}

} // namespace
