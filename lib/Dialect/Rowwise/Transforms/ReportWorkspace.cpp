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
#include "llvm/Support/MathExtras.h"

namespace mlir::rowwise {
#define GEN_PASS_DEF_ROWWISEREPORTWORKSPACE
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h.inc"
} // namespace mlir::rowwise

using namespace mlir;
using namespace mlir::rowwise;

/// "3x8".
static std::string formatShape(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleave(shape, stream, "x");
  return text;
}

namespace {
struct RowwiseReportWorkspace
    : rowwise::impl::RowwiseReportWorkspaceBase<RowwiseReportWorkspace> {
  using RowwiseReportWorkspaceBase::RowwiseReportWorkspaceBase;

  void runOnOperation() override {
    for (int64_t size : sizes)
      if (size < 0) {
        getOperation()->emitError("sizes must not be negative, but ")
            << size << " is given";
        return signalPassFailure();
      }
    SmallVector<ProgramOp> programs;
    getOperation()->walk([&](ProgramOp program) {
      if (hasSums(program))
        programs.push_back(program);
    });
    // One that has fewer takes the first of the sizes.
    size_t most = 0;
    for (ProgramOp program : programs)
      most = std::max<size_t>(most, getRows(program).getNumDynamicDims());
    if (!programs.empty() && most < sizes.size()) {
      getOperation()->emitError("no row program with sums has more than ")
          << most << " dynamic sizes, but " << sizes.size() << " are given";
      return signalPassFailure();
    }
    for (ProgramOp program : programs)
      if (failed(report(program)))
        return signalPassFailure();
  }

  /// The first row operand, of which `sizes` are.
  static ShapedType getRows(ProgramOp program) {
    return cast<ShapedType>(program.getRows()[0].getType());
  }

  LogicalResult report(ProgramOp program) {
    ScheduleAttr schedule = program.getScheduleAttr();
    if (!schedule || !schedule.isComplete())
      return program.emitOpError(
          "has no complete schedule; run rowwise-schedule first");
    ShapedType type = getRows(program);
    SmallVector<int64_t> shape(type.getShape());
    if (type.getNumDynamicDims() > sizes.size())
      return program.emitOpError("has ")
             << type.getNumDynamicDims() << " dynamic sizes, but "
             << sizes.size() << " are given";
    ArrayRef<int64_t> given = sizes;
    for (int64_t &size : shape)
      if (ShapedType::isDynamic(size)) {
        size = given.front();
        given = given.drop_front();
      }
    // There are no more partial sums than rows.
    int64_t most = sizeof(double) * program.getOuts().size();
    for (int64_t size : shape)
      if (llvm::MulOverflow(most, std::max<int64_t>(size, 1), most))
        return program.emitOpError("of ")
               << formatShape(shape) << " has more elements than there can be";
    program.emitRemark("takes ")
        << getWorkspaceBytes(program, shape) << " bytes for its sums over "
        << "rows of " << formatShape(shape);
    return success();
  }
};
} // namespace
