//===- Workspace.h - Tasks of a row program and their memory ----*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How the rows of a scheduled program are divided into tasks, and the memory
// that sums over rows take for it. Knows nothing of what a task does.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_WORKSPACE_H
#define SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_WORKSPACE_H

#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"

namespace mlir::rowwise {

template <typename Index>
struct RowTasks {
  Index rows; // of a task; the last one of a segment may have fewer
  Index perSegment, count;
};

/// The tasks of `segments` segments of `segmentRows` adjacent rows each.
/// Written once for numbers and for IR that computes them: `Math` does
/// arithmetic on `Index`. With sums over rows the division depends on these
/// numbers and the schedule alone, and gives at most 64 tasks, on a GPU as many
/// as the schedule has CTAs, more than there are segments.
template <typename Math, typename Index>
RowTasks<Index> divideIntoTasks(const Math &math, ScheduleAttr schedule,
                                bool hasSums, Index segments,
                                Index segmentRows) {
  int64_t mostPartials = schedule.isForGPU() ? schedule.getCtas() : 64;
  auto ceilDiv = [&](Index a, Index b) {
    return math.div(math.sub(math.add(a, b), math.constant(1)), b);
  };
  Index rows = math.constant(schedule.getRowsPerTask());
  if (hasSums) {
    Index block = math.constant(schedule.getRowsPerBlock());
    Index most = ceilDiv(math.constant(mostPartials),
                         math.max(segments, math.constant(1)));
    Index blocks = ceilDiv(ceilDiv(segmentRows, most), block);
    rows = math.max(rows, math.mul(blocks, block));
  }
  Index perSegment = ceilDiv(segmentRows, rows);
  return {rows, perSegment, math.mul(segments, perSegment)};
}

/// Whether any out receives sums over rows.
bool hasSums(ProgramOp program);

/// What partial sums of elements of this type are kept in: f64 on a CPU; on a
/// GPU, where each is of few rows, f32 for what is narrower than f64.
FloatType getPartialType(ScheduleAttr schedule, Type type);

/// How many leading dimensions tell the segments apart that tasks stay within:
/// those of the finest sums.
unsigned getSegmentDims(ProgramOp program);

/// The bytes that compiled code allocates for partial sums over rows while
/// `program`, whose schedule is complete, runs on a first row operand of this
/// shape. Zero without sums.
uint64_t getWorkspaceBytes(ProgramOp program, ArrayRef<int64_t> shape);

} // namespace mlir::rowwise

#endif // SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_WORKSPACE_H
