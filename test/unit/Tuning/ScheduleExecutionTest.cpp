//===- ScheduleExecutionTest.cpp - Every schedule computes the same ------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "seednorm/Interpreter/Interpreter.h"
#include "seednorm/Runtime/Module.h"
#include "seednorm/Tuning/SearchSpace.h"
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::testing;
using namespace seednorm::tuning;

static uint64_t getSetting(const char *name, uint64_t otherwise) {
  const char *text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

static std::string print(mlir::Operation *op) {
  std::string text;
  raw_string_ostream(text) << *op;
  return text;
}

/// The largest difference, relative to the largest element.
static double compare(const Tensor &a, const Tensor &b) {
  double difference = 0, scale = 1e-3;
  for (auto [x, y] : zip_equal(a.toDoubles(), b.toDoubles())) {
    scale = std::max(scale, std::fabs(y));
    double d = std::fabs(x - y);
    difference = d <= difference ? difference : d; // NaN stays
  }
  return difference / scale;
}

/// Rows that no block divides, and a dynamic width that no vector does.
static SmallVector<Tensor> makeInputs(mlir::func::FuncOp function,
                                      Random &random) {
  SmallVector<Tensor> inputs;
  for (mlir::Type type : function.getArgumentTypes()) {
    auto tensor = cast<mlir::RankedTensorType>(type);
    SmallVector<int64_t> shape(tensor.getShape());
    for (auto [i, size] : enumerate(shape))
      if (mlir::ShapedType::isDynamic(size))
        size = i == 0 && shape.size() == 2 ? 37 : 45;
    int64_t count = 1;
    for (int64_t size : shape)
      count *= size;
    std::vector<double> values(count);
    for (double &value : values)
      value = double(drawBelow(random, 4001)) / 2000 - 1;
    mlir::Type element = tensor.getElementType();
    DType type16 = element.isBF16() ? DType::BF16 : DType::F16;
    DType dtype = element.isF64()   ? DType::F64
                  : element.isF32() ? DType::F32
                                    : type16;
    inputs.push_back(cantFail(Tensor::fromDoubles(dtype, shape, values)));
  }
  return inputs;
}

/// Sums of halves may be kept in more than a half.
static double getTolerance(StringRef type, bool isApproximate) {
  if (type == "bf16")
    return 1e-2;
  if (type == "f16" || isApproximate)
    return 3e-3;
  return type == "f64" ? 1e-11 : 5e-6;
}

/// `count` points in one module, each a function of its own.
static void checkPoints(const NormSpec &spec, unsigned count, uint64_t seed) {
  SCOPED_TRACE(spec.getName());
  Programs programs(spec);
  SpaceOptions options;
  options.approximate = true;
  SearchSpace space =
      cantFail(SearchSpace::create(programs.get(), Target(), 37, 2, options));
  Random random(seed);
  auto module = space.getProgram()->getParentOfType<mlir::ModuleOp>();
  mlir::OwningOpRef<mlir::ModuleOp> all(
      mlir::ModuleOp::create(module.getLoc()));
  std::vector<ScheduleAttr> points;
  for (unsigned i = 0; i < count; ++i) {
    points.push_back(space.draw(random));
    ProgramOp program = space.getProgram();
    program.setScheduleAttr(points.back());
    auto function = cast<mlir::func::FuncOp>(
        (*module.getOps<mlir::func::FuncOp>().begin())->clone());
    program.removeScheduleAttr();
    function.setName("f" + std::to_string(i));
    all->push_back(function);
  }
  auto compiled = seednorm::Module::compile(print(*all));
  ASSERT_TRUE(bool(compiled)) << toString(compiled.takeError());
  SmallVector<Tensor> inputs =
      makeInputs(*all->getOps<mlir::func::FuncOp>().begin(), random);
  auto expected = interpret(*all, "f0", inputs);
  ASSERT_TRUE(bool(expected)) << toString(expected.takeError());
  for (auto [i, point] : enumerate(points)) {
    auto got = (*compiled)->run("f" + std::to_string(i), inputs);
    ASSERT_TRUE(bool(got)) << toString(got.takeError());
    for (auto [k, a, b] : enumerate(*got, *expected))
      EXPECT_LE(compare(a, b), getTolerance(spec.type, point.getApproximate()))
          << "result " << k << " under "
          << print(all->lookupSymbol("f" + std::to_string(i)));
  }
}

TEST(ScheduleExecution, DrawnSchedulesAgreeWithTheInterpreter) {
  uint64_t seed = getSetting("SEEDNORM_PROPERTY_SEED", 1);
  unsigned count = getSetting("SEEDNORM_PROPERTY_SCHEDULES", 4);
  for (bool isBackward : {false, true}) {
    for (int64_t width : {0, 13, 64, 100, 256})
      checkPoints({"norm", width, "f32", 1, isBackward}, count, ++seed);
    checkPoints({"norm", 120, "f32", 8, isBackward}, count, ++seed);
    checkPoints({"norm", 72, "bf16", 1, isBackward}, count, ++seed);
    checkPoints({"norm", 50, "f64", 1, isBackward}, count, ++seed);
    checkPoints({"layer_norm", 100, "f32", 1, isBackward}, count, ++seed);
    checkPoints({"softmax", 70, "f32", 1, isBackward}, count, ++seed);
    checkPoints({"dyt", 70, "f32", 1, isBackward}, count, ++seed);
    checkPoints({"add", 72, "f16", 1, isBackward}, count, ++seed);
  }
}
