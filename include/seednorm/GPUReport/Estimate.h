//===- Estimate.h - How long a kernel should take ---------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A roofline of a named device with the three things that keep a kernel of row
// programs from it: too few bytes in flight, too many instructions, and the
// launch. It must not know where the figures come from.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_GPUREPORT_ESTIMATE_H
#define SEEDNORM_GPUREPORT_ESTIMATE_H

#include "seednorm/GPUReport/Architectures.h"
#include "seednorm/GPUReport/PTX.h"

namespace seednorm::gpureport {

/// One launch.
struct Work {
  /// That must pass between DRAM and chip.
  uint64_t bytes = 0;
  /// That threads load and store, cached parameters among them; 0: `bytes`.
  uint64_t accessedBytes = 0;
};

enum class Bound { Memory, Latency, Issue };
llvm::StringRef getName(Bound bound);

struct Estimate {
  /// What the bytes take at the reachable bandwidth, with the bytes that can be
  /// in flight, and to issue the instructions. Latency is 0 if no load of the
  /// kernel's says how many are.
  double memorySeconds = 0, latencySeconds = 0, issueSeconds = 0;
  /// The longest of them and the launch.
  double seconds = 0;
  Bound bound = Bound::Memory;
  /// Of the data sheet's bandwidth, launch and all.
  double fractionOfPeak = 0;
};

/// An error if no CTA fits the device.
llvm::Expected<Estimate> estimate(const Device &device, const PTXKernel &kernel,
                                  const Occupancy &occupancy,
                                  unsigned registersPerThread,
                                  unsigned threadsPerCTA, const Work &work);

/// What the estimates take for granted, a line each.
llvm::ArrayRef<llvm::StringLiteral> getAssumptions();

} // namespace seednorm::gpureport

#endif // SEEDNORM_GPUREPORT_ESTIMATE_H
