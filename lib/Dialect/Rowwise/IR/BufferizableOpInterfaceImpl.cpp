//===- BufferizableOpInterfaceImpl.cpp - Row programs on buffers ---------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How One-Shot Bufferize sees rowwise.program: rows and columns are read, outs
// are written in place. The region is not its business.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace mlir::rowwise;

namespace {
struct ProgramInterface
    : DstBufferizableOpInterfaceExternalModel<ProgramInterface, ProgramOp> {
  /// Outs are overwritten whole, so nothing of them is read.
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return !cast<ProgramOp>(op).isDpsInit(&operand);
  }

  /// A row is read before the same row of an out is written, but only an
  /// operand that holds exactly the out's rows may share its buffer.
  bool bufferizesToElementwiseAccess(Operation *op, const AnalysisState &,
                                     ArrayRef<OpOperand *>) const {
    return false;
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto program = cast<ProgramOp>(op);
    if (program.hasBufferSemantics())
      return success();
    SmallVector<Value> buffers;
    for (Value operand : program->getOperands()) {
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    ArrayRef<Value> all = buffers;
    size_t rows = program.getRows().size(),
           columns = program.getColumns().size();
    auto replacement = ProgramOp::create(
        rewriter, op->getLoc(), TypeRange(), all.take_front(rows),
        all.slice(rows, columns), all.drop_front(rows + columns),
        program.getScheduleAttr());
    replacement->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    rewriter.inlineRegionBefore(program.getBody(), replacement.getBody(),
                                replacement.getBody().end());
    replaceOpWithBufferizedValues(rewriter, op, all.drop_front(rows + columns));
    return success();
  }
};
} // namespace

void mlir::rowwise::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RowwiseDialect *) {
    ProgramOp::attachInterface<ProgramInterface>(*context);
  });
}
