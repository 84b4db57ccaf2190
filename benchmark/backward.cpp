//===- backward.cpp - Backward bandwidth against the best stream ---------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures SeeDNorm's backward with all three parameter gradients beside a
// stream of two reads and one write, interleaved at random in one run. It knows
// the schedules' defaults only.
//
//===----------------------------------------------------------------------===//

#include "Common.h"
#include <immintrin.h>
#include <omp.h>

using namespace seednorm::bench;
using seednorm::Module;
using seednorm::Tensor;

namespace {

std::string getSource(int64_t width) {
  return llvm::formatv(R"(
    func.func @backward(%x: tensor<?x{0}xf32>, %alpha: tensor<{0}xf32>,
        %beta: tensor<{0}xf32>, %gamma: tensor<{0}xf32>, %dy: tensor<?x{0}xf32>)
        -> (tensor<?x{0}xf32>, tensor<{0}xf32>, tensor<{0}xf32>, tensor<{0}xf32>) {{
      %c0 = arith.constant 0 : index
      %n = tensor.dim %x, %c0 : tensor<?x{0}xf32>
      %init = tensor.empty(%n) : tensor<?x{0}xf32>
      %sum = tensor.empty() : tensor<{0}xf32>
      %dx, %da, %db, %dg = seednorm.norm_backward ins(%x : tensor<?x{0}xf32>)
          alpha(%alpha : tensor<{0}xf32>) beta(%beta : tensor<{0}xf32>)
          gamma(%gamma : tensor<{0}xf32>) grad(%dy : tensor<?x{0}xf32>)
          outs(%init, %sum, %sum, %sum : tensor<?x{0}xf32>, tensor<{0}xf32>,
               tensor<{0}xf32>, tensor<{0}xf32>)
          -> tensor<?x{0}xf32>, tensor<{0}xf32>, tensor<{0}xf32>, tensor<{0}xf32>
      return %dx, %da, %db, %dg : tensor<?x{0}xf32>, tensor<{0}xf32>,
          tensor<{0}xf32>, tensor<{0}xf32>
    })",
                       width);
}

void setBytes(benchmark::State &state) {
  state.SetBytesProcessed(state.iterations() * 3 * elements * sizeof(float));
}

void runBackward(benchmark::State &state, int64_t width, int threads) {
  auto module = Module::compile(getSource(width));
  auto x = makeRows(elements / width, width),
       g = makeRows(elements / width, width);
  auto parameter = Tensor::allocate(seednorm::DType::F32, {width});
  if (failed(state, module) || failed(state, x) || failed(state, g) ||
      failed(state, parameter))
    return;
  for (int64_t i = 0; i < width; ++i)
    static_cast<float *>(parameter->getData())[i] = 0.01f * (i % 7);
  seednorm::setNumThreads(threads);
  for (auto _ : state) {
    auto gradients = (*module)->run(
        "backward", {*x, *parameter, *parameter, *parameter, *g});
    if (failed(state, gradients))
      return;
    benchmark::DoNotOptimize(gradients->front().getData());
  }
  setBytes(state);
}

/// to = a + b with stores that bypass the cache; `Ahead` floats of prefetch.
template <int64_t Ahead>
void streamRange(float *to, const float *a, const float *b, int64_t count) {
  for (int64_t i = 0; i < count; i += 16) {
    if (Ahead) {
      _mm_prefetch(reinterpret_cast<const char *>(a + i + Ahead), _MM_HINT_T0);
      _mm_prefetch(reinterpret_cast<const char *>(b + i + Ahead), _MM_HINT_T0);
    }
    for (int64_t j = i; j < i + 16; j += 8)
      _mm256_stream_ps(to + j, _mm256_add_ps(_mm256_loadu_ps(a + j),
                                             _mm256_loadu_ps(b + j)));
  }
}

using Stream = void (*)(float *, const float *, const float *, int64_t);

void runStream(benchmark::State &state, Stream stream, int threads) {
  auto a = makeRows(1, elements), b = makeRows(1, elements),
       to = makeRows(1, elements);
  if (failed(state, a) || failed(state, b) || failed(state, to))
    return;
  auto *left = static_cast<const float *>(a->getData());
  auto *right = static_cast<const float *>(b->getData());
  auto *target = static_cast<float *>(to->getData());
  int64_t part = elements / threads;
  for (auto _ : state) {
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int thread = 0; thread < threads; ++thread)
      stream(target + thread * part, left + thread * part,
             right + thread * part, part);
    // Somebody has to read it, or a compiler may drop the stores.
    benchmark::DoNotOptimize(target[state.iterations() % elements]);
    benchmark::ClobberMemory();
  }
  setBytes(state);
}

/// The least ratio to the best stream.
double printRatios(std::map<std::string, double> &seconds) {
  double least = 1e9;
  llvm::outs() << "\n     D  threads  of best 2-read-1-write stream\n";
  for (int threads : {1, 2}) {
    double stream = std::min(seconds[key("stream", 0, threads)],
                             seconds[key("prefetched", 0, threads)]);
    for (int64_t width : widths) {
      double backward = seconds[key("backward", width, threads)];
      if (backward == 0 || stream == 0)
        continue;
      least = std::min(least, stream / backward);
      llvm::outs() << llvm::formatv("{0,6}  {1,7}  {2,29:f3}\n", width, threads,
                                    stream / backward);
    }
  }
  return least;
}

void addAll() {
  for (int threads : {1, 2}) {
    for (auto [name, stream] :
         {std::pair("stream", Stream(streamRange<0>)),
          std::pair("prefetched", Stream(streamRange<512>))})
      add(key(name, 0, threads), [=, stream = stream](benchmark::State &state) {
        runStream(state, stream, threads);
      });
    for (int64_t width : widths)
      add(key("backward", width, threads),
          [=](benchmark::State &state) { runBackward(state, width, threads); });
  }
}

} // namespace

int main(int argc, char **argv) {
  MedianReporter reporter;
  if (!seednorm::bench::run(argc, argv, reporter, addAll))
    return 1;
  return conclude(printRatios(reporter.seconds), 0.55);
}
