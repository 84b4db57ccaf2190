//===- GPUSchedule.h - Default schedules for a GPU --------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The GPU's part of rowwise-schedule.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_GPUSCHEDULE_H
#define SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_GPUSCHEDULE_H

#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Dialect/Rowwise/Transforms/GPUTarget.h"

namespace mlir::rowwise {

/// The program's schedule with every field that a GPU needs; what it has is
/// kept. Null, with an error, where that cannot be. Identities are folded.
ScheduleAttr completeForGPU(ProgramOp program, const GPUTarget &target);

} // namespace mlir::rowwise

#endif // SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_GPUSCHEDULE_H
