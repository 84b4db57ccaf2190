//===- GPUEstimate.h - How fast a schedule should be on a GPU ---*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a schedule for an NVIDIA GPU, has ptxas count its registers, and
// estimates its time without running anything. It must not know how candidates
// are found.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_GPUESTIMATE_H
#define SEEDNORM_TUNING_GPUESTIMATE_H

#include "seednorm/GPUReport/Report.h"
#include "seednorm/Tuning/SearchSpace.h"

namespace seednorm::tuning {

struct GPUEstimate {
  /// Of all kernels of the program.
  double seconds = 0;
  /// Of the kernel that goes over the rows: a thread's, and warps that an SM
  /// has at a time of those that it can have.
  unsigned registers = 0;
  uint64_t spilledBytes = 0;
  double occupancy = 0;
};

/// The estimate is that of seednorm-gpu-report (GPUReport/Estimate.h) for the
/// first device of the chip, with what a schedule adds to it: CTAs that the
/// grid lacks to fill the device, rows that its last round lacks, lanes beyond
/// the row, spilled registers, and the kernel that adds partial sums up. It
/// knows nothing of what caches make of neighbouring rows, of the cost of
/// barriers, shuffles, clusters and atomics, of cache hints and dependent
/// launches, and was never fitted to a clock: it tells what is hopeless from
/// what is not, and not the best from the second best.
class GPUEstimator {
public:
  /// None where there is nothing to go by: the target is not NVIDIA's, no
  /// device of its chip is known, or ptxas is nowhere. The space must outlive
  /// it.
  static llvm::Expected<std::optional<GPUEstimator>>
  create(const SearchSpace &space);

  llvm::Expected<GPUEstimate>
  estimate(mlir::rowwise::ScheduleAttr schedule) const;

private:
  explicit GPUEstimator(const SearchSpace &space) : space(&space) {}

  llvm::Expected<std::vector<gpureport::KernelReport>>
  report(mlir::rowwise::ScheduleAttr schedule) const;
  gpureport::Work getRowWork(mlir::rowwise::ScheduleAttr schedule) const;
  gpureport::Work getSumWork(mlir::rowwise::ScheduleAttr schedule) const;
  double addSchedule(const gpureport::KernelReport &kernel,
                     const gpureport::Estimate &estimate,
                     mlir::rowwise::ScheduleAttr schedule) const;

  const SearchSpace *space;
  const gpureport::Device *device = nullptr;
  std::string assembler;
};

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_GPUESTIMATE_H
