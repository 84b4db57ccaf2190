//===- CPUSchedule.h - Default schedules for a CPU --------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The CPU's part of rowwise-schedule.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_CPUSCHEDULE_H
#define SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_CPUSCHEDULE_H

#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Dialect/Rowwise/Transforms/VectorISA.h"

namespace mlir::rowwise {

/// The program's schedule with every field that a CPU needs; what it has is
/// kept. Null, with an error, where that cannot be. Identities are folded.
ScheduleAttr completeForCPU(ProgramOp program, const VectorISA &isa);

/// An error if code for a CPU cannot obey the schedule, which is complete.
/// Identities are folded.
LogicalResult checkForCPU(ProgramOp program, ScheduleAttr schedule);

} // namespace mlir::rowwise

#endif // SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_CPUSCHEDULE_H
