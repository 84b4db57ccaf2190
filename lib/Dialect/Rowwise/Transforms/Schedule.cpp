//===- Schedule.cpp - A schedule for every row program -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: which schedule a program gets. What a cost model chooses is
// CPUSchedule's and GPUSchedule's.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/Transforms/CPUSchedule.h"
#include "seednorm/Dialect/Rowwise/Transforms/GPUSchedule.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"
#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"

namespace mlir::rowwise {
#define GEN_PASS_DEF_ROWWISESCHEDULE
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h.inc"
} // namespace mlir::rowwise

using namespace mlir;
using namespace mlir::rowwise;

namespace {

struct RowwiseSchedule : rowwise::impl::RowwiseScheduleBase<RowwiseSchedule> {
  using RowwiseScheduleBase::RowwiseScheduleBase;

  void runOnOperation() override {
    if (isGPUTriple(triple))
      return schedule(getGPUTarget(triple, cpu), completeForGPU);
    schedule(getVectorISA(triple, cpu, features), completeForCPU);
  }

  template <typename Target>
  void schedule(llvm::Expected<Target> target,
                ScheduleAttr (*complete)(ProgramOp, const Target &)) {
    if (!target) {
      getOperation()->emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    WalkResult result = getOperation()->walk([&](ProgramOp program) {
      foldIdentities(program);
      ScheduleAttr schedule = complete(program, *target);
      if (!schedule)
        return WalkResult::interrupt();
      program.setScheduleAttr(schedule);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
