//===- KernelsTest.cpp - Kernels of row programs on the emulated GPU ------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Normalisations and their gradients by the GPU pipeline, executed with all
// checks: results as the f64 interpreter's, no findings, and the same bits in
// whatever order CTAs and threads run.
//
//===----------------------------------------------------------------------===//

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

using namespace seednorm;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace {

struct Case {
  std::string operation; // "norm", …
  SmallVector<StringRef> parameters;
  std::string attributes, dtype;
  int64_t width;
  bool dynamicWidth = false;
  std::string schedule = {};
};

std::string tensorOf(StringRef shape, StringRef dtype) {
  return ("tensor<" + shape + "x" + dtype + ">").str();
}

/// @f and @backward, its gradients for a given cotangent.
std::string makeModel(const Case &test) {
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
std::string applySchedule(const std::string &text, StringRef schedule) {
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

Tensor makeTensor(StringRef dtype, ArrayRef<int64_t> shape, unsigned seed,
                  double scale = 1) {
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
double getError(const Tensor &got, const Tensor &expected) {
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
double getBound(DType dtype, int64_t rows) {
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

bool areSameBits(const Tensor &a, const Tensor &b) {
  return a.getByteSize() == b.getByteSize() &&
         !memcmp(a.getData(), b.getData(), a.getByteSize());
}

/// A compiled module on its own emulated GPU.
struct Emulated {
  std::shared_ptr<EmulatorDevice> device;
  std::unique_ptr<Module> module;

  static Emulated create(StringRef text, std::string chip) {
    CompileOptions compile;
    compile.device = {DeviceKind::NVVM, chip, "llvm"};
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

void check(const Case &test, ArrayRef<int64_t> rowCounts,
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

const SmallVector<StringRef> all = {"alpha", "beta", "gamma"};

TEST(Kernels, SeeDNormOfEveryWidth) {
  for (int64_t width : {1, 3, 64, 127, 128, 768, 2048, 4096})
    check({"norm", all, "", "f32", width}, {0, 1, 5, 300});
}

TEST(Kernels, SeeDNormOfWideRows) {
  for (int64_t width : {8191, 8192, 16384, 65536})
    check({"norm", all, "", "f32", width}, {0, 1, 5});
}

TEST(Kernels, NarrowTypes) {
  for (StringRef dtype : {"bf16", "f16"})
    for (int64_t width : {1, 3, 127, 128, 768, 4096, 16384})
      check({"norm", all, "", dtype.str(), width}, {5, 37});
}

TEST(Kernels, Variants) {
  for (int64_t width : {48, 768, 4608}) {
    check({"norm", all, "heads = 12", "f32", width}, {1, 33});
    check({"norm", all, "heads = 16, scaled_dot", "bf16", width}, {33});
    check({"norm", all, "heads = 3, safe", "f32", width}, {33});
    check({"norm", all, "elementwise", "f32", width}, {33});
    check({"rms_norm", {"gamma"}, "", "bf16", width}, {33});
    check({"layer_norm", {"gamma", "beta"}, "", "f32", width}, {1, 33});
    check({"dyt", {"a", "gamma", "beta"}, "", "f32", width}, {33});
    check({"softmax", {}, "", "f32", width}, {33});
  }
}

TEST(Kernels, DynamicWidth) {
  for (int64_t width : {1, 127, 2048})
    check({"norm", all, "", "f32", width, /*dynamicWidth=*/true}, {0, 33});
}

TEST(Kernels, Schedules) {
  auto withSchedule = [](int64_t width, std::string schedule,
                         std::string attributes = "") {
    return Case{"norm", all, attributes, "f32", width, false, schedule};
  };
  // Below a warp, several rows a warp, several warps, more than the row has.
  for (StringRef threads : {"8", "16", "32", "96", "512"})
    check(withSchedule(768, ("threads_per_row = " + threads +
                             ", keep_row = 1, rows_per_block = 1")
                                .str()),
          {37});
  check(withSchedule(64, "threads_per_row = 8, rows_per_block = 64, keep_row = "
                         "1, keep_columns = 1"),
        {300});
  // Rows that are read again, and no hints.
  check(withSchedule(768, "threads_per_row = 64, rows_per_block = 1"), {37});
  check(withSchedule(768,
                     "threads_per_row = 64, rows_per_block = 1, "
                     "vector_width = 1, vectors = 1",
                     "heads = 4"),
        {37});
  // Few CTAs for many rows.
  check(withSchedule(128, "threads_per_row = 32, rows_per_block = 4, ctas = 3, "
                          "keep_row = 1, cache_hints = 1"),
        {300});
  check(withSchedule(768, "threads_per_row = 64, rows_per_block = 4, ctas = 3, "
                          "keep_row = 1, dependent_launch = 1"),
        {300});
  // Sums in no fixed order.
  check(withSchedule(768,
                     "threads_per_row = 64, rows_per_block = 2, keep_row = "
                     "1, atomics = 1"),
        {37}, /*deterministic=*/false);
  check(withSchedule(768, "threads_per_row = 64, rows_per_block = 1, "
                          "atomics = 1"),
        {37}, /*deterministic=*/false);
}

TEST(Kernels, Clusters) {
  for (StringRef ctas : {"2", "4", "8"})
    check({"norm", all, "", "f32", 16384, false,
           ("threads_per_row = 256, rows_per_block = 1, keep_row = 1, "
            "ctas_per_row = " +
            ctas)
               .str()},
          {1, 7});
}

/// What the launches of one entry moved, over what they must.
struct Traffic {
  double dram = 0, efficiency = 1, conflicts = 0, barriersPerRow = 0;
};

Traffic measure(const Case &test, StringRef entry, int64_t rows) {
  std::string text = makeModel(test);
  if (!test.schedule.empty())
    text = applySchedule(text, test.schedule);
  Emulated emulated = Emulated::create(text, "sm_90");
  SmallVector<Tensor> arguments = {
      makeTensor(test.dtype, {rows, test.width}, 1)};
  for (size_t i = 0; i < test.parameters.size(); ++i)
    arguments.push_back(makeTensor(test.dtype, {test.width}, 2));
  if (entry == "backward")
    arguments.push_back(makeTensor(test.dtype, {rows, test.width}, 3));
  double minimum = 0;
  for (const Tensor &argument : arguments)
    minimum += argument.getByteSize();
  for (const Tensor &result : emulated.run(entry, arguments))
    minimum += result.getByteSize();
  Traffic traffic;
  llvm::json::Value report = emulated.device->getReport();
  for (const llvm::json::Value &value :
       *report.getAsObject()->getArray("kernels")) {
    const llvm::json::Object &kernel = *value.getAsObject();
    const llvm::json::Object &dram = *kernel.getObject("dram");
    traffic.dram += (*dram.getNumber("loaded_bytes") +
                     *dram.getNumber("stored_bytes")) /
                    minimum;
    traffic.efficiency =
        std::min(traffic.efficiency,
                 *kernel.getObject("global")->getNumber("efficiency"));
    traffic.conflicts +=
        *kernel.getObject("shared")->getNumber("extra_wavefronts");
    if (kernel.getString("kernel")->ends_with("_rows"))
      traffic.barriersPerRow = *kernel.getNumber("barriers") / rows;
  }
  return traffic;
}

TEST(Traffic, Forward) {
  Traffic traffic = measure({"norm", all, "", "f32", 4096}, "f", 4096);
  EXPECT_LE(traffic.dram, 1.02);
  EXPECT_GE(traffic.efficiency, 0.99);
  EXPECT_EQ(traffic.conflicts, 0);
  EXPECT_LE(traffic.barriersPerRow, 2);
}

TEST(Traffic, Backward) {
  // Partial sums, written and read again, are what is above the minimum.
  Traffic traffic = measure({"norm", all, "", "f32", 4096}, "backward", 4096);
  EXPECT_LE(traffic.dram, 1.07);
  EXPECT_GE(traffic.efficiency, 0.99);
  EXPECT_EQ(traffic.conflicts, 0);
  EXPECT_LE(traffic.barriersPerRow, 2);
  traffic = measure({"norm", all, "", "f32", 4096, false,
                     "threads_per_row = 512, rows_per_block = 1, ctas = 96, "
                     "keep_row = 1"},
                    "backward", 4096);
  EXPECT_LE(traffic.dram, 1.05);
}

TEST(Traffic, NarrowRowsAndTypes) {
  for (int64_t width : {64, 768, 2048}) {
    for (StringRef dtype : {"f32", "bf16"})
      for (StringRef entry : {"f", "backward"}) {
        SCOPED_TRACE(entry.str() + " " + dtype.str() + std::to_string(width));
        Traffic traffic =
            measure({"norm", all, "", dtype.str(), width}, entry, 2000);
        // Sums are wider than what is read: eight of them a thread are two
        // accesses of half sectors, once for each task.
        bool widens = dtype == "bf16" && entry == "backward";
        EXPECT_GE(traffic.efficiency, widens ? 0.92 : 0.99);
        EXPECT_EQ(traffic.conflicts, 0);
        EXPECT_LE(traffic.barriersPerRow, 2);
      }
  }
}

} // namespace
