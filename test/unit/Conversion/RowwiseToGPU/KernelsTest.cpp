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
