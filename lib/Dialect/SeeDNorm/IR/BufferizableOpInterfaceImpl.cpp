//===- BufferizableOpInterfaceImpl.cpp - Normalisations on buffers -------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How One-Shot Bufferize sees normalisations: parameters and input are read,
// outs are written whole. The same for every operation of the dialect.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNorm.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace mlir::seednorm;

namespace {
template <typename OpTy>
struct RowNormInterface
    : DstBufferizableOpInterfaceExternalModel<RowNormInterface<OpTy>, OpTy> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    OpTy::create(rewriter, op->getLoc(), TypeRange(), buffers, op->getAttrs());
    replaceOpWithBufferizedValues(
        rewriter, op, ArrayRef<Value>(buffers).take_back(op->getNumResults()));
    return success();
  }
};

template <typename OpTy>
void attach(MLIRContext *context) {
  // Backward operations are on tensors alone.
  if constexpr (!OpTy::template hasTrait<RowNormBackwardOpInterface::Trait>())
    OpTy::template attachInterface<RowNormInterface<OpTy>>(*context);
}

template <typename... Ops>
void attachTo(MLIRContext *context) {
  (attach<Ops>(context), ...);
}
} // namespace

void mlir::seednorm::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, SeeDNormDialect *) {
    attachTo<
#define GET_OP_LIST
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormOps.cpp.inc"
        >(context);
  });
}
