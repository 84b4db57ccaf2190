//===- ThreadContext.h - What compiled kernels see of a thread --*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The layout that generated code and the engine agree on. Every function of a
// kernel takes the address of its thread's context as its first argument. It
// must not know how threads are scheduled.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_THREADCONTEXT_H
#define SEEDNORM_RUNTIME_EMULATOR_THREADCONTEXT_H

#include <cstddef>
#include <cstdint>

namespace seednorm::emulator {

/// Registers that a kernel may read, each of 32 bits.
enum class Register : uint32_t {
  TidX,
  TidY,
  TidZ,
  NTidX,
  NTidY,
  NTidZ,
  CtaIdX,
  CtaIdY,
  CtaIdZ,
  NCtaIdX,
  NCtaIdY,
  NCtaIdZ,
  ClusterIdX,
  ClusterIdY,
  ClusterIdZ,
  NClusterIdX,
  NClusterIdY,
  NClusterIdZ,
  ClusterCtaIdX,
  ClusterCtaIdY,
  ClusterCtaIdZ,
  ClusterNCtaIdX,
  ClusterNCtaIdY,
  ClusterNCtaIdZ,
  ClusterCtaRank,
  ClusterNCtaRank,
  WarpId,
  NWarpId,
  LaneId,
  WarpSize,
  LaneMaskEq,
  LaneMaskLe,
  LaneMaskLt,
  LaneMaskGe,
  LaneMaskGt,
  SmId,
  NSmId,
  /// Where dynamic shared memory begins in the CTA's, and its size.
  DynamicSharedOffset,
  DynamicSharedSize,
  TotalSharedSize,
  IsExplicitCluster,
  Count
};

struct ThreadContext {
  /// The shared memory of the thread's CTA.
  char *shared = nullptr;
  /// How often each basic block has run, for all threads of the CTA.
  uint64_t *blocks = nullptr;
  /// Turns of loops until the thread lets others run.
  uint32_t fuel = 0;
  uint32_t registers[static_cast<unsigned>(Register::Count)] = {};

  uint32_t &operator[](Register name) {
    return registers[static_cast<unsigned>(name)];
  }
  uint32_t operator[](Register name) const {
    return registers[static_cast<unsigned>(name)];
  }
  static constexpr size_t offsetOf(Register name) {
    return offsetof(ThreadContext, registers) + 4 * static_cast<size_t>(name);
  }
};

/// What a warp does together; the value travels from generated code.
enum class WarpOperation : uint32_t {
  Sync,
  ShuffleUp,
  ShuffleDown,
  ShuffleButterfly,
  ShuffleIndex,
  VoteAll,
  VoteAny,
  VoteUniform,
  Ballot,
  MatchAny,
  MatchAll,
  Elect,
  ReduceAdd,
  ReduceMin,
  ReduceMax,
  ReduceUnsignedMin,
  ReduceUnsignedMax,
  ReduceAnd,
  ReduceOr,
  ReduceXor,
  ReduceFloatMin,
  ReduceFloatMax,
  ReduceFloatMinNaN,
  ReduceFloatMaxNaN,
  // From here on without a mask: the lanes that come together.
  ActiveMask,
  ReadLane,
  ReadFirstLane,
};

constexpr bool isImplicit(WarpOperation operation) {
  return operation >= WarpOperation::ActiveMask;
}

/// What a barrier of the CTA does besides waiting.
enum class BarrierOperation : uint32_t { Sync, Arrive, Count, And, Or };

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_THREADCONTEXT_H
