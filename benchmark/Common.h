//===- Common.h - What the bandwidth benchmarks share -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arrays, medians and the command line of benchmarks that compare kernels with
// streams of the same bytes in one run. Knows no kernel.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_BENCHMARK_COMMON_H
#define SEEDNORM_BENCHMARK_COMMON_H

#include "seednorm/Runtime/Module.h"
#include "llvm/Support/FormatVariadic.h"
#include <benchmark/benchmark.h>
#include <map>

namespace seednorm::bench {

constexpr int64_t elements = 32 << 20;
constexpr int64_t widths[] = {768, 2048, 4096};

/// Aborts a benchmark, not the process, on an error.
template <typename T>
bool failed(benchmark::State &state, llvm::Expected<T> &value) {
  if (value)
    return false;
  state.SkipWithError(llvm::toString(value.takeError()).c_str());
  return true;
}

inline llvm::Expected<Tensor> makeRows(int64_t rows, int64_t width) {
  auto tensor = Tensor::allocate(seednorm::DType::F32, {rows, width});
  if (tensor) {
    auto *data = static_cast<float *>(tensor->getData());
    for (int64_t i = 0; i < rows * width; ++i)
      data[i] = static_cast<float>((i * 2654435761u) % 1000) / 500.0f - 1.0f;
  }
  return tensor;
}

inline std::string key(llvm::StringRef name, int64_t width, int threads) {
  return llvm::formatv("{0}/{1}/{2}", name, width, threads);
}

/// Keeps the medians, by the name of the benchmark.
class MedianReporter : public benchmark::ConsoleReporter {
public:
  MedianReporter() : ConsoleReporter(OO_Tabular) {}

  void ReportRuns(const std::vector<Run> &runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run &run : runs)
      if (run.aggregate_name == "median" && !run.error_occurred)
        seconds[run.run_name.function_name] = run.GetAdjustedRealTime();
  }

  std::map<std::string, double> seconds;
};

inline void add(const std::string &name,
                std::function<void(benchmark::State &)> function) {
  benchmark::RegisterBenchmark(name.c_str(), function)
      ->UseRealTime()
      ->MinTime(0.05)
      ->Unit(benchmark::kMillisecond);
}

/// Runs everything that `addAll` adds, interleaved; false for a wrong option.
inline bool run(int argc, char **argv, MedianReporter &reporter,
                llvm::function_ref<void()> addAll) {
  std::vector<char *> arguments(argv, argv + argc);
  std::string interleave = "--benchmark_enable_random_interleaving=true";
  std::string repetitions = "--benchmark_repetitions=9";
  std::string aggregates = "--benchmark_report_aggregates_only=true";
  arguments.insert(arguments.begin() + 1,
                   {interleave.data(), repetitions.data(), aggregates.data()});
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data()))
    return false;
  addAll();
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return true;
}

/// Prints whether the least ratio reaches the target; gives the exit code.
inline int conclude(double least, double target) {
  llvm::outs() << llvm::formatv("least ratio {0:f3}, target {1:f2}: {2}\n",
                                least, target,
                                least >= target ? "reached" : "missed");
  return least >= target ? 0 : 1;
}

} // namespace seednorm::bench

#endif // SEEDNORM_BENCHMARK_COMMON_H
