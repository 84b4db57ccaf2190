//===- KernelTesting.h - Kernels of row programs, emulated ------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A normalisation and its gradients by a GPU's pipeline, executed with all
// checks: results as the f64 interpreter's, no findings, and the same bits in
// whatever order CTAs and threads run. The chip says whose GPU it is.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_UNITTEST_CONVERSION_ROWWISETOGPU_KERNELTESTING_H
#define SEEDNORM_UNITTEST_CONVERSION_ROWWISETOGPU_KERNELTESTING_H

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Dialect/SeeDNorm/Transforms/Passes.h"
#include "seednorm/Interpreter/Interpreter.h"
#include "seednorm/Runtime/Emulator.h"
#include "seednorm/Runtime/Model.h"
#include "seednorm/Runtime/Module.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

namespace seednorm::kernels {

using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

struct Case {
  std::string operation; // "norm", …
  SmallVector<StringRef> parameters;
  std::string attributes, dtype;
  int64_t width;
  bool dynamicWidth = false;
  std::string schedule = {};
};

inline std::string tensorOf(StringRef shape, StringRef dtype) {
  return ("tensor<" + shape + "x" + dtype + ">").str();
}

/// @f and @backward, its gradients for a given cotangent.
inline std::string makeModel(const Case &test) {
  std::string width = test.dynamicWidth ? "?" : std::to_string(test.width);
  std::string rows = tensorOf("?x" + width, test.dtype);
  std::string column = tensorOf(width, test.dtype);
  std::string sum = tensorOf(width, "f32");
  std::string arguments = "%x: " + rows, types = rows, gradients = rows, uses;
  for (StringRef parameter : test.parameters) {
    bool scalar = parameter == "a";
    std::string type = scalar ? tensorOf("1", test.dtype) : column;
    arguments += (", %" + parameter + ": " + type).str();
    types += ", " + type;
    gradients += ", " + (scalar ? tensorOf("1", "f32") : sum);
    uses += (" " + parameter + "(%" + parameter + " : " + type + ")").str();
  }
  std::string names = "%x", results = "%r#0";
  for (auto [i, parameter] : llvm::enumerate(test.parameters)) {
    names += (", %" + parameter).str();
    results += ", %r#" + std::to_string(i + 1);
  }
  std::string sizes = test.dynamicWidth ? "%n, %w" : "%n";
  return llvm::formatv(R"(
func.func @f({0}) -> {1} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : {1}
  %w = tensor.dim %x, %c1 : {1}
  %init = tensor.empty({2}) : {1}
  %y = seednorm.{3} ins(%x : {1}){4} outs(%init : {1}) {{{5}} -> {1}
  return %y : {1}
}
func.func private @gradient({6}, {1}) -> ({7})
    attributes {{seednorm.gradient_of = @f}
func.func @backward({0}, %dy: {1}) -> ({7}) {{
  %r:{8} = call @gradient({9}, %dy) : ({6}, {1}) -> ({7})
  return {10} : {7}
}
)",
                       arguments, rows, sizes, test.operation, uses,
                       test.attributes, types, gradients,
                       test.parameters.size() + 1, names, results);
}

/// The model as row programs that have the schedule.
inline std::string applySchedule(const std::string &text, StringRef schedule) {
  auto model = Model::parse(text, "test");
  EXPECT_TRUE(bool(model));
  mlir::PassManager passes(model->getContext());
  passes.addPass(mlir::seednorm::createSeeDNormAutodiff());
  passes.addPass(mlir::seednorm::createSeeDNormToRowwise());
  EXPECT_TRUE(succeeded(passes.run(model->getModule())));
  auto attr = mlir::parseAttribute(
      ("#rowwise.schedule<" + schedule + ">").str(), model->getContext());
  model->getModule().walk([&](mlir::rowwise::ProgramOp program) {
    program.setScheduleAttr(llvm::cast<mlir::rowwise::ScheduleAttr>(attr));
  });
  std::string result;
  llvm::raw_string_ostream(result) << model->getModule();
  return result;
}

inline Tensor makeTensor(StringRef dtype, ArrayRef<int64_t> shape,
                         unsigned seed, double scale = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  std::vector<double> values(count);
  for (double &value : values)
    value = scale * normal(random);
  return cantFail(Tensor::fromDoubles(*parseDType(dtype), shape, values));
}

/// In units of the largest element, or of what cancels in rows of one element.
inline double getError(const Tensor &got, const Tensor &expected) {
  std::vector<double> a = got.toDoubles(), b = expected.toDoubles();
  if (got.getShape() != expected.getShape())
    return INFINITY;
  double largest = 1, error = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(b[i]));
    if (std::isnan(a[i]) != std::isnan(b[i]))
      return INFINITY;
    if (!std::isnan(a[i]))
      error = std::max(error, std::abs(a[i] - b[i]));
  }
  return error / largest;
}

/// Of a single row the gradients of columns are one rounded dot product: luck.
inline double getBound(DType dtype, int64_t rows) {
  switch (dtype) {
  case DType::BF16:
    return std::ldexp(1, -7);
  case DType::F16:
    return std::ldexp(1, -10);
  case DType::F64:
    return std::ldexp(1, -46);
  default:
    return std::ldexp(1, rows == 1 ? -15 : -18);
  }
}

inline bool areSameBits(const Tensor &a, const Tensor &b) {
  return a.getByteSize() == b.getByteSize() &&
         !memcmp(a.getData(), b.getData(), a.getByteSize());
}

/// A compiled module on its own emulated GPU.
struct Emulated {
  std::shared_ptr<EmulatorDevice> device;
  std::unique_ptr<Module> module;

  static Emulated create(StringRef text, std::string chip) {
    CompileOptions compile;
    compile.device = {getDeviceKind(chip), chip, "llvm"};
    Emulated result;
    auto module = Module::compile(text, compile, "test");
    if (!module) {
      ADD_FAILURE() << toString(module.takeError()) << text.str();
      return result;
    }
    result.module = std::move(*module);
    result.use(/*seed=*/0, chip);
    return result;
  }

  /// Another GPU, whose CTAs and threads run in the order of the seed.
  void use(uint64_t seed, std::string chip) {
    EmulatorOptions options;
    options.seed = seed;
    options.chip = chip;
    device = cantFail(createEmulatorDevice(options));
    if (llvm::Error error = module->setDevice(device))
      ADD_FAILURE() << toString(std::move(error));
  }

  SmallVector<Tensor> run(StringRef entry, ArrayRef<Tensor> arguments) {
    auto results = module->run(entry, arguments);
    if (!results) {
      ADD_FAILURE() << toString(results.takeError());
      return {};
    }
    if (device->hasFindings()) {
      std::string text;
      llvm::raw_string_ostream stream(text);
      device->printFindings(stream);
      ADD_FAILURE() << text;
    }
    return std::move(*results);
  }
};

inline void check(const Case &test, ArrayRef<int64_t> rowCounts,
                  bool deterministic = true, std::string chip = "sm_90") {
  SCOPED_TRACE(test.operation + " " + test.attributes + " " + test.dtype +
               " D=" + std::to_string(test.width) + " " + test.schedule);
  std::string text = makeModel(test);
  std::string scheduled =
      test.schedule.empty() ? text : applySchedule(text, test.schedule);
  Emulated emulated = Emulated::create(scheduled, chip);
  if (!emulated.module)
    return;
  Model model = cantFail(Model::parse(text, "test"));
  // The declared gradient gets its body.
  mlir::PassManager passes(model.getContext());
  passes.addPass(mlir::seednorm::createSeeDNormAutodiff());
  passes.addPass(mlir::seednorm::createSeeDNormToRowwise());
  ASSERT_TRUE(succeeded(passes.run(model.getModule())));
  for (int64_t rows : rowCounts) {
    SCOPED_TRACE("rows=" + std::to_string(rows));
    SmallVector<Tensor> arguments = {
        makeTensor(test.dtype, {rows, test.width}, 1)};
    unsigned seed = 2;
    for (StringRef parameter : test.parameters)
      arguments.push_back(makeTensor(
          test.dtype, {parameter == "a" ? 1 : test.width}, seed++,
          parameter == "beta" ? 1 / std::sqrt(double(test.width)) : 1));
    for (StringRef entry : {"f", "backward"}) {
      SCOPED_TRACE(entry.str());
      if (entry == "backward")
        arguments.push_back(makeTensor(test.dtype, {rows, test.width}, 99));
      auto got = emulated.run(entry, arguments);
      auto expected = interpret(model.getModule(), entry, arguments);
      ASSERT_TRUE(bool(expected)) << toString(expected.takeError());
      ASSERT_EQ(got.size(), expected->size());
      for (size_t i = 0; i < got.size(); ++i)
        EXPECT_LE(getError(got[i], (*expected)[i]),
                  getBound(got[i].getDType(), rows))
            << "result " << i;
      if (!deterministic || rows < 2)
        continue;
      emulated.use(/*seed=*/rows, chip);
      auto again = emulated.run(entry, arguments);
      for (size_t i = 0; i < again.size(); ++i)
        EXPECT_TRUE(areSameBits(got[i], again[i])) << "result " << i;
    }
  }
}

inline const SmallVector<StringRef> all = {"alpha", "beta", "gamma"};

} // namespace seednorm::kernels

#endif // SEEDNORM_UNITTEST_CONVERSION_ROWWISETOGPU_KERNELTESTING_H
