//===- Launch.cpp - One launch of a kernel -------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hands clusters to the host's threads in an order that depends on the seed.
//
//===----------------------------------------------------------------------===//

#include "Launch.h"
#include "Cluster.h"
#include "seednorm/Runtime/Error.h"
#include <cfenv>
#include <numeric>
#include <thread>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

Launch::Launch(const Program &program, const Kernel &kernel,
               const LaunchShape &shape, void **arguments,
               KernelObserver *observer, uint64_t seed, uint64_t maxTurns,
               StackPool &stacks)
    : program(program), kernel(kernel), shape(shape), arguments(arguments),
      observer(observer), seed(seed), maxTurns(maxTurns), stacks(stacks),
      numClusters(
          static_cast<uint32_t>(shape.numCtas() / shape.ctasPerCluster())) {}

std::string Launch::describe(uint32_t cta, uint32_t thread) const {
  std::string text;
  raw_string_ostream stream(text);
  auto print = [&](StringRef what, uint32_t number,
                   const uint32_t (&sizes)[3]) {
    stream << what << " [" << number % sizes[0] << ", "
           << number / sizes[0] % sizes[1] << ", "
           << number / sizes[0] / sizes[1] << "]";
  };
  print("block", cta, shape.grid);
  print(", thread", thread, shape.block);
  stream << " of kernel '" << kernel.name << "'";
  return text;
}

void Launch::fail(const Twine &message) {
  std::lock_guard<std::mutex> lock(mutex);
  if (failure.empty())
    failure = message.str();
  stopped = true;
}

/// A permutation of the clusters: i·step + start with a step that has no factor
/// in common with their number.
uint32_t Launch::permute(uint32_t cluster) const {
  uint64_t mixed = (seed + 1) * 0x9e3779b97f4a7c15u;
  uint64_t step = (mixed >> 33) % numClusters;
  while (std::gcd(step, uint64_t(numClusters)) != 1)
    step = (step + 1) % numClusters;
  return static_cast<uint32_t>((cluster * step + (mixed >> 7 & 0xffffff)) %
                               numClusters);
}

void Launch::work() {
  Cluster cluster(*this);
  if (Error error = cluster.prepare()) {
    fail(toString(std::move(error)));
    return;
  }
  // A caller may round or flush otherwise.
  std::fenv_t environment;
  std::fegetenv(&environment);
  std::fesetenv(FE_DFL_ENV);
  while (!hasStopped()) {
    uint64_t number = next++;
    if (number >= numClusters)
      break;
    cluster.run(permute(static_cast<uint32_t>(number)));
  }
  std::fesetenv(&environment);
}

Error Launch::run(uint32_t numThreads) {
  if (!numClusters)
    return Error::success();
  std::vector<std::thread> others;
  for (uint32_t i = 1; i < std::min(numThreads, numClusters); ++i)
    others.emplace_back([this] { work(); });
  work();
  for (std::thread &other : others)
    other.join();
  if (stopped)
    return makeError(failure);
  return Error::success();
}
