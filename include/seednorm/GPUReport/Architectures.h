//===- Architectures.h - What NVIDIA publishes of its GPUs ------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Limits of each architecture, the occupancy that follows from them, and named
// devices. It must not know any kernel, nor need a GPU.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_GPUREPORT_ARCHITECTURES_H
#define SEEDNORM_GPUREPORT_ARCHITECTURES_H

#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace seednorm::gpureport {

//===----------------------------------------------------------------------===//
// Architectures
//===----------------------------------------------------------------------===//

/// Limits of one compute capability.
struct Architecture {
  llvm::StringLiteral chip;
  unsigned warpsPerSM, ctasPerSM;
  /// Named barriers; 0 where they limit nothing.
  unsigned barriersPerSM;
  /// Bytes; what a CTA may ask for leaves out the reserved ones.
  unsigned sharedPerSM, sharedPerCTA;

  // What all of them have in common.
  static constexpr unsigned threadsPerWarp = 32, threadsPerCTA = 1024;
  static constexpr unsigned registersPerSM = 65536, registersPerCTA = 65536,
                            registersPerThread = 255;
  /// Registers are given to warps in such units, from one of the partitions.
  static constexpr unsigned registerUnit = 256, partitionsPerSM = 4;
  /// Of shared memory a CTA takes the reserved bytes too, in such units.
  static constexpr unsigned sharedUnit = 128, sharedReserved = 1024;
  /// Each partition issues one instruction of one warp a cycle.
  static constexpr unsigned issuesPerCycle = partitionsPerSM;

  unsigned getThreadsPerSM() const { return warpsPerSM * threadsPerWarp; }
};

llvm::ArrayRef<Architecture> getArchitectures();

/// By the assembler's name: `sm_90`, and `sm_90a` and `sm_100f` like those
/// without the letter.
llvm::Expected<const Architecture *> findArchitecture(llvm::StringRef chip);

//===----------------------------------------------------------------------===//
// Occupancy
//===----------------------------------------------------------------------===//

/// What one CTA takes.
struct CTAResources {
  unsigned threads = 0, registersPerThread = 0, barriers = 0;
  /// Static and dynamic together.
  uint64_t sharedBytes = 0;
};

enum class Limit { Warps, CTAs, Registers, SharedMemory, Barriers };
llvm::StringRef getName(Limit limit);

struct Occupancy {
  /// Resident on one SM; none if a CTA is too large to be launched.
  unsigned ctas = 0, warps = 0;
  /// Of the warps that an SM can have.
  double fraction = 0;
  /// All that allow no more than `ctas`.
  llvm::SmallVector<Limit, 2> limits;
};

/// An error only for what can never be launched: no threads, or too many.
llvm::Expected<Occupancy> computeOccupancy(const Architecture &architecture,
                                           const CTAResources &resources);

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

/// A product; rates are those of its data sheet.
struct Device {
  llvm::StringLiteral name, title, chip;
  unsigned sms;
  double clockHz, bytesPerSecond, l2Bytes, flopsPerSecond;
  /// From a load that misses all caches to its value, on an idle device.
  double latencySeconds;
};

llvm::ArrayRef<Device> getDevices();
llvm::Expected<const Device *> findDevice(llvm::StringRef name);

} // namespace seednorm::gpureport

#endif // SEEDNORM_GPUREPORT_ARCHITECTURES_H
