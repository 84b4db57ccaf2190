//===- Scenes.h - Runs of the kernels in Kernels.ll -------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each with shapes that leave some threads without work, and what is seen of
// it. It must not know which bugs are put into the kernels.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_SCENES_H
#define SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_SCENES_H

#include "Gpu.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstring>
#include <map>
#include <set>

namespace seednorm::testing {

/// What a run shows of a module.
struct Outcome {
  std::string error;
  std::set<std::string> kinds;
  std::string findings;
  std::vector<float> results;
};

/// The input of all kernels: nothing in it is zero or symmetric.
inline std::vector<float> makeInput(size_t count) {
  std::vector<float> values(count);
  for (size_t index = 0; index < count; ++index)
    values[index] = float((index * 37 + index / 11) % 64 + 1) / 16 - 1.97f;
  return values;
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

/// One run of the kernels under test on a device of its own.
class Scene {
public:
  Scene(llvm::StringRef module, Outcome &outcome)
      : module(module), outcome(outcome), gpu(makeOptions()) {}
  ~Scene() {
    llvm::json::Value report = gpu.device->getReport();
    for (llvm::json::Value &kernel : *report.getAsObject()->getArray("kernels"))
      for (llvm::json::Value &finding :
           *kernel.getAsObject()->getArray("findings"))
        outcome.kinds.insert(finding.getAsObject()->getString("kind")->str());
    outcome.findings = gpu.findings();
  }

  template <typename... Arguments>
  void launch(const char *kernel, const Shape &shape, Arguments... arguments) {
    if (outcome.error.empty())
      outcome.error = gpu.launch(module, kernel, shape, arguments...);
  }
  float *allocate(size_t count) {
    return static_cast<float *>(gpu.allocate(count * sizeof(float)));
  }
  /// Nothing where a launch has failed: that the rest is garbage is no finding
  /// of its own.
  void download(const float *pointer, size_t count) {
    if (!outcome.error.empty())
      return;
    for (float value : gpu.download(pointer, count))
      outcome.results.push_back(value);
  }

private:
  static EmulatorOptions makeOptions() {
    EmulatorOptions options;
    options.numThreads = 1;
    return options;
  }

  llvm::StringRef module;
  Outcome &outcome;

public:
  Gpu gpu; // after what its destructor needs
};

inline constexpr uint32_t kBlock = 128;

/// The second turn of each loop is for one warp of four only.
inline constexpr int64_t kNormRows = 5, kNormColumns = 640;

inline void runNormCta(Scene &scene) {
  float *x = scene.gpu.upload(makeInput(kNormRows * kNormColumns));
  float *gamma = scene.gpu.upload(makeInput(kNormColumns));
  float *y = scene.allocate(kNormRows * kNormColumns);
  scene.launch("norm_cta", Shape::of(2, kBlock), x, gamma, y, kNormRows,
               kNormColumns);
  scene.download(y, kNormRows * kNormColumns);
}

/// One vector for some lanes only, and a tail of three elements; two warps have
/// no row.
inline constexpr int64_t kWarpRows = 6, kWarpColumns = 167, kWarpStride = 168;

/// Rows as they lie in memory: nobody has written what is between them.
inline void runNormWarp(Scene &scene, int64_t stride) {
  std::vector<float> input = makeInput(kWarpRows * kWarpColumns);
  float *x = scene.allocate(kWarpRows * stride);
  float *y = scene.allocate(kWarpRows * stride);
  for (int64_t row = 0; row < kWarpRows; ++row)
    scene.gpu.copy(x + row * stride, input.data() + row * kWarpColumns,
                   kWarpColumns * sizeof(float));
  float *gamma = scene.gpu.upload(makeInput(kWarpColumns));
  scene.launch("norm_warp", Shape::of(2, kBlock), x, gamma, y, kWarpRows,
               kWarpColumns, stride);
  for (int64_t row = 0; row < kWarpRows; ++row)
    scene.download(y + row * stride, kWarpColumns);
}
inline void runNormWarp(Scene &scene) { runNormWarp(scene, kWarpStride); }

inline constexpr int64_t kSumRows = 7, kSumColumns = 320, kSumTasks = 3;

inline void runColumns(Scene &scene) {
  float *x = scene.gpu.upload(makeInput(kSumRows * kSumColumns));
  float *partials = scene.allocate(kSumTasks * kSumColumns);
  float *out = scene.allocate(kSumColumns);
  scene.launch("column_partial", Shape::of(kSumTasks, kBlock), x, partials,
               kSumRows, kSumColumns);
  Shape final = Shape::of(3, kBlock);
  final.flags = SEEDNORM_RT_LAUNCH_DEPENDENT;
  scene.launch("column_final", final, partials, out, kSumTasks, kSumColumns);
  scene.download(out, kSumColumns);
}

inline constexpr int64_t kAtomicColumns = 100;

inline void runAtomic(Scene &scene) {
  float *x = scene.gpu.upload(makeInput(kSumRows * kAtomicColumns));
  float *out = scene.gpu.upload(std::vector<float>(kAtomicColumns, 0));
  scene.launch("column_atomic", Shape::of(kSumTasks, kBlock), x, out, kSumRows,
               kAtomicColumns);
  scene.download(out, kAtomicColumns);
}

using Scenario = void (*)(Scene &scene);

template <typename Body>
Outcome runWith(llvm::StringRef module, Body body) {
  Outcome outcome;
  {
    Scene scene(module, outcome);
    body(scene);
  }
  return outcome;
}

inline std::string readKernels() {
  auto buffer = llvm::MemoryBuffer::getFile(SEEDNORM_TEST_KERNELS);
  if (!buffer) {
    ADD_FAILURE() << "cannot read " << SEEDNORM_TEST_KERNELS;
    return "";
  }
  return (*buffer)->getBuffer().str();
}

inline bool isSame(const std::vector<float> &left,
                   const std::vector<float> &right) {
  return left.size() == right.size() &&
         std::memcmp(left.data(), right.data(), left.size() * sizeof(float)) ==
             0;
}

inline const Outcome &unbroken(Scenario scenario) {
  static std::map<Scenario, Outcome> outcomes;
  auto it = outcomes.find(scenario);
  if (it == outcomes.end())
    it = outcomes
             .emplace(scenario, runWith(readKernels(),
                                        [&](Scene &scene) { scenario(scene); }))
             .first;
  return it->second;
}

} // namespace seednorm::testing

#endif // SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_SCENES_H
