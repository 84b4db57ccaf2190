//===- forward.cpp - Forward bandwidth against the best stream -----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures compiled normalisations beside the best streaming copy of the same
// bytes, interleaved at random in one run, and prints the ratio of medians. It
// knows the schedules' defaults only.
//
//===----------------------------------------------------------------------===//

#include "Common.h"
#include <cstring>
#include <immintrin.h>
#include <omp.h>

using namespace seednorm::bench;
using seednorm::Module;
using seednorm::Tensor;

namespace {

/// The variant "safe" is the norm in safe mode.
std::string getSource(llvm::StringRef variant, int64_t width) {
  bool isSafe = variant == "safe";
  llvm::StringRef operation = isSafe ? "norm" : variant;
  std::string parameters;
  for (llvm::StringRef name : {"alpha", "beta", "gamma"})
    if (operation == "norm" || name == "gamma")
      parameters += llvm::formatv("{0}(%{0} : tensor<{1}xf32>) ", name, width);
  return llvm::formatv(R"(
    func.func @forward(%x: tensor<?x{1}xf32>, %alpha: tensor<{1}xf32>,
        %beta: tensor<{1}xf32>, %gamma: tensor<{1}xf32>) -> tensor<?x{1}xf32> {{
      %c0 = arith.constant 0 : index
      %n = tensor.dim %x, %c0 : tensor<?x{1}xf32>
      %init = tensor.empty(%n) : tensor<?x{1}xf32>
      %y = seednorm.{0} ins(%x : tensor<?x{1}xf32>) {2}
          outs(%init : tensor<?x{1}xf32>) {3} -> tensor<?x{1}xf32>
      return %y : tensor<?x{1}xf32>
    })",
                       operation, width, parameters, isSafe ? "{safe}" : "");
}

void setBytes(benchmark::State &state) {
  state.SetBytesProcessed(state.iterations() * 2 * elements * sizeof(float));
}

void runNorm(benchmark::State &state, llvm::StringRef variant, int64_t width,
             int threads) {
  auto module = Module::compile(getSource(variant, width));
  auto x = makeRows(elements / width, width);
  auto parameter = Tensor::allocate(seednorm::DType::F32, {width});
  if (failed(state, module) || failed(state, x) || failed(state, parameter))
    return;
  for (int64_t i = 0; i < width; ++i)
    static_cast<float *>(parameter->getData())[i] = 0.01f * (i % 7);
  seednorm::setNumThreads(threads);
  for (auto _ : state) {
    auto y =
        (*module)->run("forward", {*x, *parameter, *parameter, *parameter});
    if (failed(state, y))
      return;
    benchmark::DoNotOptimize(y->front().getData());
  }
  setBytes(state);
}

/// Copies with stores that bypass the cache, the best that streams here.
void streamRange(float *to, const float *from, int64_t count) {
  for (int64_t i = 0; i < count; i += 16) {
    _mm_prefetch(reinterpret_cast<const char *>(from + i + 512), _MM_HINT_T0);
    _mm256_stream_ps(to + i, _mm256_loadu_ps(from + i));
    _mm256_stream_ps(to + i + 8, _mm256_loadu_ps(from + i + 8));
  }
  _mm_sfence();
}

void memcpyRange(float *to, const float *from, int64_t count) {
  std::memcpy(to, from, count * sizeof(float));
}

void runCopy(benchmark::State &state,
             void (*copy)(float *, const float *, int64_t), int threads) {
  auto from = makeRows(1, elements), to = makeRows(1, elements);
  if (failed(state, from) || failed(state, to))
    return;
  auto *source = static_cast<const float *>(from->getData());
  auto *target = static_cast<float *>(to->getData());
  int64_t part = elements / threads;
  for (auto _ : state) {
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int thread = 0; thread < threads; ++thread)
      copy(target + thread * part, source + thread * part, part);
    // Somebody has to read it, or a compiler may drop the stores.
    benchmark::DoNotOptimize(target[state.iterations() % elements]);
    benchmark::ClobberMemory();
  }
  setBytes(state);
}

/// The least ratio to the best copy.
double printRatios(std::map<std::string, double> &seconds) {
  double least = 1e9;
  llvm::outs() << "\n     D  threads  of best copy  SeeDNorm / RMSNorm time  "
                  "safe / default time\n";
  for (int threads : {1, 2}) {
    double copy = std::min(seconds[key("memcpy", 0, threads)],
                           seconds[key("stream", 0, threads)]);
    for (int64_t width : widths) {
      double norm = seconds[key("norm", width, threads)];
      double rms = seconds[key("rms_norm", width, threads)];
      double safe = seconds[key("safe", width, threads)];
      if (norm == 0 || copy == 0)
        continue;
      least = std::min(least, copy / norm);
      llvm::outs() << llvm::formatv(
          "{0,6}  {1,7}  {2,12:f3}  {3,23:f3}  {4,19:f3}\n", width, threads,
          copy / norm, norm / rms, safe / norm);
    }
  }
  return least;
}

void addAll() {
  for (int threads : {1, 2}) {
    add(key("memcpy", 0, threads),
        [=](benchmark::State &state) { runCopy(state, memcpyRange, threads); });
    add(key("stream", 0, threads),
        [=](benchmark::State &state) { runCopy(state, streamRange, threads); });
    for (int64_t width : widths)
      for (const char *variant : {"norm", "rms_norm", "safe"})
        add(key(variant, width, threads), [=](benchmark::State &state) {
          runNorm(state, variant, width, threads);
        });
  }
}

} // namespace

int main(int argc, char **argv) {
  MedianReporter reporter;
  if (!seednorm::bench::run(argc, argv, reporter, addAll))
    return 1;
  return conclude(printRatios(reporter.seconds), 0.60);
}
