//===- Occupancy.cpp - How many CTAs fit on an SM ------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rules of NVIDIA's occupancy calculator, for the largest split of the
// first-level cache in favour of shared memory. It must not know any chip by
// name.
//
//===----------------------------------------------------------------------===//

#include "seednorm/GPUReport/Architectures.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

static constexpr uint64_t unlimited = std::numeric_limits<unsigned>::max();

StringRef gpureport::getName(Limit limit) {
  switch (limit) {
  case Limit::Warps:
    return "warps";
  case Limit::CTAs:
    return "CTAs";
  case Limit::Registers:
    return "registers";
  case Limit::SharedMemory:
    return "shared memory";
  case Limit::Barriers:
    return "barriers";
  }
  llvm_unreachable("all limits have a name");
}

static uint64_t limitByRegisters(const CTAResources &resources,
                                 uint64_t warps) {
  using A = Architecture;
  if (resources.registersPerThread > A::registersPerThread)
    return 0;
  uint64_t perWarp =
      alignTo(uint64_t(resources.registersPerThread) * A::threadsPerWarp,
              A::registerUnit);
  if (perWarp == 0)
    return unlimited;
  // The hardware's check at launch takes warps for spread evenly.
  if (perWarp * alignTo(warps, A::partitionsPerSM) > A::registersPerCTA)
    return 0;
  uint64_t warpsPerPartition = A::registersPerSM / A::partitionsPerSM / perWarp;
  return warpsPerPartition * A::partitionsPerSM / warps;
}

static uint64_t limitByShared(const Architecture &architecture,
                              const CTAResources &resources) {
  if (resources.sharedBytes > architecture.sharedPerCTA)
    return 0;
  return architecture.sharedPerSM /
         alignTo(resources.sharedBytes + Architecture::sharedReserved,
                 Architecture::sharedUnit);
}

Expected<Occupancy>
gpureport::computeOccupancy(const Architecture &architecture,
                            const CTAResources &resources) {
  if (resources.threads == 0 || resources.threads > Architecture::threadsPerCTA)
    return makeError("a CTA has " + Twine(resources.threads) +
                     " threads, but 1 to " +
                     Twine(Architecture::threadsPerCTA) + " are possible");
  uint64_t warps = divideCeil(resources.threads, Architecture::threadsPerWarp);
  std::pair<Limit, uint64_t> limits[] = {
      {Limit::Warps, architecture.warpsPerSM / warps},
      {Limit::CTAs, architecture.ctasPerSM},
      {Limit::Registers, limitByRegisters(resources, warps)},
      {Limit::SharedMemory, limitByShared(architecture, resources)},
      {Limit::Barriers, architecture.barriersPerSM && resources.barriers
                            ? architecture.barriersPerSM / resources.barriers
                            : unlimited},
  };
  Occupancy occupancy;
  occupancy.ctas = *llvm::min_element(make_second_range(limits));
  for (auto [limit, ctas] : limits)
    if (ctas == occupancy.ctas)
      occupancy.limits.push_back(limit);
  occupancy.warps = occupancy.ctas * warps;
  occupancy.fraction = double(occupancy.warps) / architecture.warpsPerSM;
  return occupancy;
}
