//===- Bufferize.cpp - One-Shot Bufferize around row programs ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs One-Shot Bufferize with a filter that keeps it out of the regions of row
// programs, and chooses the layout of function arguments. Knows nothing of what
// programs compute.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"

namespace mlir::rowwise {
#define GEN_PASS_DEF_ROWWISEBUFFERIZE
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h.inc"
} // namespace mlir::rowwise

using namespace mlir;
using namespace mlir::bufferization;

/// Gives every user of a filled tensor one of its own. Sharing them, as common
/// subexpressions, would cost an allocation and a copy for each.
static void unshareFills(ModuleOp module) {
  SmallVector<linalg::FillOp> fills;
  module.walk([&](linalg::FillOp fill) {
    if (fill.hasPureTensorSemantics() &&
        fill.getOutputs()[0].getDefiningOp<tensor::EmptyOp>() &&
        !fill->use_empty())
      fills.push_back(fill);
  });
  for (linalg::FillOp fill : fills)
    for (OpOperand &use : llvm::make_early_inc_range(
             llvm::drop_begin(fill.getResult(0).getUses()))) {
      OpBuilder builder(use.getOwner());
      IRMapping mapping;
      builder.clone(*fill.getOutputs()[0].getDefiningOp(), mapping);
      use.set(builder.clone(*fill, mapping)->getResult(0));
    }
}

/// Rows are contiguous, the distance between them is anybody's.
static BufferLikeType getArgumentType(TensorLikeType type, Attribute space,
                                      func::FuncOp function,
                                      const BufferizationOptions &) {
  auto tensor = cast<RankedTensorType>(type);
  if (tensor.getRank() < 2)
    return cast<BufferLikeType>(
        getMemRefTypeWithStaticIdentityLayout(tensor, space));
  SmallVector<int64_t> strides(tensor.getRank(), ShapedType::kDynamic);
  strides.back() = 1;
  auto layout = StridedLayoutAttr::get(tensor.getContext(),
                                       ShapedType::kDynamic, strides);
  return cast<BufferLikeType>(
      getMemRefType(tensor, BufferizationOptions(), layout, space));
}

/// Memory is allocated without gaps, whatever layout it is then seen through.
static FailureOr<Value> allocate(OpBuilder &builder, Location loc,
                                 MemRefType type, ValueRange sizes,
                                 unsigned alignment) {
  auto plain =
      MemRefType::get(type.getShape(), type.getElementType(),
                      MemRefLayoutAttrInterface(), type.getMemorySpace());
  Value memory = memref::AllocOp::create(builder, loc, plain, sizes,
                                         builder.getI64IntegerAttr(alignment));
  if (plain == type)
    return memory;
  return memref::CastOp::create(builder, loc, type, memory).getResult();
}

/// Whoever calls a function frees each of its results, so each is memory of its
/// own, also where the function gives one value back twice.
static void unshareResults(ModuleOp module) {
  module.walk([](func::ReturnOp op) {
    llvm::SmallPtrSet<Value, 8> seen;
    for (OpOperand &operand : op->getOpOperands()) {
      Value root = operand.get();
      while (auto view = root.getDefiningOp<ViewLikeOpInterface>())
        root = view.getViewSource();
      if (seen.insert(root).second || !isa<MemRefType>(root.getType()))
        continue;
      OpBuilder builder(op);
      operand.set(CloneOp::create(builder, op.getLoc(), operand.get()));
    }
  });
}

namespace {
struct RowwiseBufferize
    : rowwise::impl::RowwiseBufferizeBase<RowwiseBufferize> {
  void runOnOperation() override {
    unshareFills(getOperation());
    OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    options.allowReturnAllocsFromLoops = true;
    options.functionArgTypeConverterFn = getArgumentType;
    options.inferFunctionResultLayout = false;
    options.allocationFn = allocate;
    options.opFilter.denyOperation([](Operation *op) {
      return op->getParentOfType<rowwise::ProgramOp>() != nullptr;
    });
    BufferizationState state;
    if (failed(runOneShotModuleBufferize(getOperation(), options, state)))
      return signalPassFailure();
    unshareResults(getOperation());
  }
};
} // namespace
