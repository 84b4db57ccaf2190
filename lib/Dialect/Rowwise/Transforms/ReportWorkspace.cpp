//===- ReportWorkspace.cpp - Says what sums over rows take ---------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A remark at every row program with sums over rows. Knows no more of them than
// Workspace.h tells.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"
#include "seednorm/Dialect/Rowwise/Transforms/Workspace.h"

namespace mlir::rowwise {
#define GEN_PASS_DEF_ROWWISEREPORTWORKSPACE
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h.inc"
} // namespace mlir::rowwise

using namespace mlir;
using namespace mlir::rowwise;

namespace {
struct RowwiseReportWorkspace
    : rowwise::impl::RowwiseReportWorkspaceBase<RowwiseReportWorkspace> {
  using RowwiseReportWorkspaceBase::RowwiseReportWorkspaceBase;

  void runOnOperation() override {
    WalkResult result = getOperation()->walk([&](ProgramOp program) {
      return WalkResult(hasSums(program) ? report(program) : success());
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

  LogicalResult report(ProgramOp program) {
    ScheduleAttr schedule = program.getScheduleAttr();
    if (!schedule || !schedule.isComplete())
      return program.emitOpError(
          "has no complete schedule; run rowwise-schedule first");
    auto type = cast<ShapedType>(program.getRows()[0].getType());
    SmallVector<int64_t> shape(type.getShape());
    if (type.getNumDynamicDims() > static_cast<int64_t>(sizes.size()))
      return program.emitOpError("has ")
             << type.getNumDynamicDims() << " dynamic sizes, but "
             << sizes.size() << " are given";
    ArrayRef<int64_t> given = sizes;
    for (int64_t &size : shape)
      if (ShapedType::isDynamic(size)) {
        size = given.front();
        given = given.drop_front();
      }
    program.emitRemark("takes ")
        << getWorkspaceBytes(program, shape) << " bytes for its sums over rows";
    return success();
  }
};
} // namespace
