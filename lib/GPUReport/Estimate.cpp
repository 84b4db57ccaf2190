//===- Estimate.cpp - How long a kernel should take ----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The model and what it assumes stand side by side here: who changes one
// changes the other.
//
//===----------------------------------------------------------------------===//

#include "seednorm/GPUReport/Estimate.h"
#include <algorithm>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

static constexpr double reachableBandwidth = 0.92, launchSeconds = 2e-6,
                        loadedLatency = 1.5;

static constexpr StringLiteral assumptions[] = {
    "bandwidth: 92 % of the data sheet's can be reached, the launch takes 2 "
    "us, "
    "and the grid fills all SMs evenly from start to end",
    "bytes are those given; caches keep what is read twice, and nothing else "
    "is "
    "using the device",
    "latency: Little's law, with the latency published for an idle device "
    "times "
    "1.5; a thread has all loads in flight that stand between two barriers, "
    "shuffles, stores, calls or edges of loops, but no more than fit into its "
    "registers, and all bytes are taken for loaded ones",
    "issue: an instruction of the PTX is one machine instruction, an SM issues "
    "four a cycle at the boost clock, and instructions and bytes come in the "
    "proportion in which they stand in the loops that access global memory, or "
    "in the whole kernel if none does",
    "shared memory is given as much of the first-level cache as possible; bank "
    "conflicts, divergence and waiting at barriers cost nothing",
};

ArrayRef<StringLiteral> gpureport::getAssumptions() { return assumptions; }

StringRef gpureport::getName(Bound bound) {
  switch (bound) {
  case Bound::Memory:
    return "memory";
  case Bound::Latency:
    return "latency";
  case Bound::Issue:
    return "issue";
  }
  llvm_unreachable("all bounds have a name");
}

static double estimateLatency(const Device &device, const PTXKernel &kernel,
                              double residentThreads,
                              unsigned registersPerThread, uint64_t bytes) {
  double perThread =
      std::min<double>(kernel.bytesInFlight, 4.0 * registersPerThread);
  if (perThread == 0)
    return 0;
  double inFlight = perThread * residentThreads;
  return bytes * device.latencySeconds * loadedLatency / inFlight;
}

static double estimateIssue(const Device &device, const PTXKernel &kernel,
                            uint64_t accessedBytes) {
  Count bytes = kernel.countGlobalBytes();
  double perByte = 0;
  if (bytes.inLoops)
    perByte = double(kernel.instructions.inLoops) / bytes.inLoops;
  else if (bytes.total)
    perByte = double(kernel.instructions.total) / bytes.total;
  double warpInstructions =
      perByte * accessedBytes / Architecture::threadsPerWarp;
  return warpInstructions /
         (device.clockHz * device.sms * Architecture::issuesPerCycle);
}

Expected<Estimate>
gpureport::estimate(const Device &device, const PTXKernel &kernel,
                    const Occupancy &occupancy, unsigned registersPerThread,
                    unsigned threadsPerCTA, const Work &work) {
  if (occupancy.ctas == 0)
    return makeError("kernel " + quote(kernel.name) +
                     " does not fit an SM of " + device.title);
  double residentThreads = double(occupancy.ctas) * threadsPerCTA * device.sms;
  Estimate result;
  result.memorySeconds =
      work.bytes / (device.bytesPerSecond * reachableBandwidth);
  result.latencySeconds = estimateLatency(device, kernel, residentThreads,
                                          registersPerThread, work.bytes);
  result.issueSeconds = estimateIssue(
      device, kernel, work.accessedBytes ? work.accessedBytes : work.bytes);
  std::pair<double, Bound> bounds[] = {{result.memorySeconds, Bound::Memory},
                                       {result.latencySeconds, Bound::Latency},
                                       {result.issueSeconds, Bound::Issue}};
  auto longest =
      *std::max_element(std::begin(bounds), std::end(bounds),
                        [](auto a, auto b) { return a.first < b.first; });
  result.bound = longest.second;
  result.seconds = launchSeconds + longest.first;
  result.fractionOfPeak = work.bytes / device.bytesPerSecond / result.seconds;
  return result;
}
