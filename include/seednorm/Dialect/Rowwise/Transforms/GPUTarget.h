//===- GPUTarget.h - What a GPU has for row programs ------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The few properties of a GPU that a default schedule follows from. Knows
// nothing of row programs.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_GPUTARGET_H
#define SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_GPUTARGET_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>

namespace mlir::rowwise {

struct GPUTarget {
  /// Streaming multiprocessors (compute units) of the largest device.
  int64_t processors = 64;
  /// Threads that execute together: a warp, wavefront or subgroup.
  int64_t warp = 32;
  /// 32-bit registers of a processor.
  int64_t registers = 64 << 10;
  /// Approximate functions.
  bool isNVIDIA = false;
  /// Clusters of CTAs, and launches that begin before the one before has ended.
  bool hasClusters = false;
  /// Atomic additions of floats.
  bool hasAtomics = true;
};

/// Whether the triple is a GPU's.
bool isGPUTriple(llvm::StringRef triple);

/// An error if the triple is no GPU's, or the chip none of its.
llvm::Expected<GPUTarget> getGPUTarget(llvm::StringRef triple,
                                       llvm::StringRef chip);

/// The newest chip of NVIDIA's that getGPUTarget knows and a GPU of this
/// compute capability, as 121 for 12.1, runs PTX for; an error if it is older
/// than all.
llvm::Expected<llvm::StringRef> getNewestNVIDIAChip(unsigned capability);

} // namespace mlir::rowwise

#endif // SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_GPUTARGET_H
