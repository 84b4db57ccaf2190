//===- ExpandShapes.cpp - Dimensions divided into several dynamic ones ---===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream's expansion of strided metadata infers the one dynamic size of a
// group and has nothing for two. What is written at the operation is used here.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_EXPANDSHAPES
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

static bool hasAmbiguousGroup(memref::ExpandShapeOp op) {
  ArrayRef<int64_t> shape = op.getResultType().getShape();
  return llvm::any_of(op.getReassociationIndices(), [&](auto &group) {
    return llvm::count_if(group, [&](int64_t dim) {
             return ShapedType::isDynamic(shape[dim]);
           }) > 1;
  });
}

/// The stride of a dimension is that of its group times the sizes after it.
static void expand(memref::ExpandShapeOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto metadata =
      memref::ExtractStridedMetadataOp::create(builder, loc, op.getSrc());
  SmallVector<OpFoldResult> sizes = op.getMixedOutputShape();
  SmallVector<OpFoldResult> strides(sizes.size());
  auto [known, offset] = op.getResultType().getStridesAndOffset();
  for (auto [i, group] : llvm::enumerate(op.getReassociationIndices())) {
    Value stride = metadata.getStrides()[i];
    for (int64_t dim : llvm::reverse(group)) {
      strides[dim] = ShapedType::isDynamic(known[dim])
                         ? OpFoldResult(stride)
                         : builder.getIndexAttr(known[dim]);
      stride = builder.createOrFold<arith::MulIOp>(
          loc, stride,
          getValueOrCreateConstantIndexOp(builder, loc, sizes[dim]));
    }
  }
  OpFoldResult start = ShapedType::isDynamic(offset)
                           ? OpFoldResult(metadata.getOffset())
                           : builder.getIndexAttr(offset);
  auto cast = memref::ReinterpretCastOp::create(
      builder, loc, op.getResultType(), metadata.getBaseBuffer(), start, sizes,
      strides);
  op->replaceAllUsesWith(cast);
  op->erase();
}

namespace {
struct ExpandShapes : seednorm::impl::ExpandShapesBase<ExpandShapes> {
  void runOnOperation() override {
    getOperation()->walk([](memref::ExpandShapeOp op) {
      if (hasAmbiguousGroup(op))
        expand(op);
    });
  }
};
} // namespace
