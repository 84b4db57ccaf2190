//===- KernelsTest.cpp - Kernels of row programs on the emulated GPU ------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of every width, type, variant and schedule, for NVIDIA's GPUs.
//
//===----------------------------------------------------------------------===//

#include "KernelTesting.h"

using namespace seednorm;
using namespace seednorm::kernels;
using llvm::SmallVector;
using llvm::StringRef;

namespace {

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

/// Sums of the groups of two divisions of a row, and of the row by them.
std::string makeGroups(int64_t width, int64_t many, int64_t few,
                       StringRef schedule) {
  return llvm::formatv(
      R"(
func.func @f(%x: tensor<?x{0}xf32>) -> (tensor<?x{0}xf32>, tensor<?x{2}xf32>, tensor<{0}xf32>) {{
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x{0}xf32>
  %y = tensor.empty(%n) : tensor<?x{0}xf32>
  %s = tensor.empty(%n) : tensor<?x{2}xf32>
  %c = tensor.empty() : tensor<{0}xf32>
  %r:3 = rowwise.program rows(%x : tensor<?x{0}xf32>)
      outs(%y, %s, %c : tensor<?x{0}xf32>, tensor<?x{2}xf32>, tensor<{0}xf32>) {3} {{
  ^bb0(%a: tensor<{0}xf32>):
    %many = rowwise.reduce add %a : tensor<{0}xf32> -> tensor<{1}xf32>
    %few = rowwise.reduce add %a : tensor<{0}xf32> -> tensor<{2}xf32>
    %max = rowwise.reduce max %many : tensor<{1}xf32> -> tensor<{2}xf32>
    %m = rowwise.broadcast %many : tensor<{1}xf32> -> tensor<{0}xf32>
    %b = rowwise.broadcast %few : tensor<{2}xf32> -> tensor<{0}xf32>
    %t = arith.mulf %a, %m : tensor<{0}xf32>
    %u = arith.addf %t, %b : tensor<{0}xf32>
    %sum = rowwise.accumulate %u : tensor<{0}xf32>
    %v = arith.addf %few, %max : tensor<{2}xf32>
    rowwise.yield %u, %v, %sum : tensor<{0}xf32>, tensor<{2}xf32>, tensor<{0}xf32>
  } -> tensor<?x{0}xf32>, tensor<?x{2}xf32>, tensor<{0}xf32>
  return %r#0, %r#1, %r#2 : tensor<?x{0}xf32>, tensor<?x{2}xf32>, tensor<{0}xf32>
}
)",
      width, many, few,
      schedule.empty() ? "" : ("schedule <" + schedule + ">").str());
}

TEST(Kernels, TwoDivisionsOfARow) {
  struct Groups {
    int64_t width, many, few;
    StringRef schedule;
  };
  const Groups all[] = {
      {48, 6, 2, ""},
      {768, 12, 4, ""},
      {768, 12, 1, ""},
      // Threads left over, and spans that are no power of two.
      {768, 3, 1, "threads_per_row = 224, keep_row = 1"},
      {768, 2, 1, "threads_per_row = 160, keep_row = 1"},
      {768, 6, 2, "threads_per_row = 224, keep_row = 1"},
      // Several rows of an odd number of warps.
      {768, 4, 2, "threads_per_row = 160, rows_per_block = 2, keep_row = 1"},
      {768, 3, 1, "threads_per_row = 96, rows_per_block = 4, keep_row = 1"},
      {768, 6, 3, "threads_per_row = 96, rows_per_block = 4, keep_row = 1"},
      {768, 6, 3, "threads_per_row = 96, rows_per_block = 1"},
      // What was chosen for a CPU.
      {768, 4, 2,
       "vector_width = 16, vectors = 4, rows_in_flight = 2, rows_per_block = "
       "8, rows_per_task = 8"}};
  for (const Groups &groups : all) {
    SCOPED_TRACE(std::to_string(groups.width) + " " +
                 std::to_string(groups.many) + " " +
                 std::to_string(groups.few) + " " + groups.schedule.str());
    std::string schedule = groups.schedule.str();
    if (!schedule.empty() && !groups.schedule.contains("rows_per_block"))
      schedule += ", rows_per_block = 1";
    std::string text =
        makeGroups(groups.width, groups.many, groups.few, schedule);
    Emulated emulated = Emulated::create(text, "sm_90");
    if (!emulated.module)
      continue;
    Model model = cantFail(Model::parse(text, "test"));
    for (int64_t rows : {1, 37}) {
      Tensor x = makeTensor("f32", {rows, groups.width}, 5);
      auto got = emulated.run("f", x);
      auto expected = interpret(model.getModule(), "f", x);
      ASSERT_TRUE(bool(expected)) << toString(expected.takeError());
      ASSERT_EQ(got.size(), expected->size());
      for (size_t i = 0; i < got.size(); ++i)
        EXPECT_LE(getError(got[i], (*expected)[i]), getBound(DType::F32, 2))
            << "result " << i << " of " << rows << " rows";
    }
  }
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
    traffic.dram +=
        (*dram.getNumber("loaded_bytes") + *dram.getNumber("stored_bytes")) /
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
