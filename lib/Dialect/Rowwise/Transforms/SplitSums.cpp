//===- SplitSums.cpp - Sums of rows that are not adjacent -----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Leaves row programs with sums that a target's lowering makes chunk by chunk
// and gives the others to linalg. Knows nothing of what is summed.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "seednorm/Conversion/SizeChecks.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"

namespace mlir::rowwise {
#define GEN_PASS_DEF_ROWWISESPLITSUMS
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h.inc"
} // namespace mlir::rowwise

using namespace mlir;
using namespace mlir::rowwise;

/// Sums `whole` over the dimensions where `type` has a 1, in f64.
static Value sumInto(OpBuilder &builder, Location loc, Value whole,
                     RankedTensorType type) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, whole),
                            keptSizes, outSizes;
  SmallVector<int64_t> summed;
  SmallVector<ReassociationIndices> groups(1);
  for (auto [dim, size] : llvm::enumerate(type.getShape())) {
    bool isLast = static_cast<int64_t>(dim) + 1 == type.getRank();
    outSizes.push_back(size == 1 ? builder.getIndexAttr(1) : sizes[dim]);
    groups.back().push_back(dim);
    if (size == 1 && !isLast) {
      summed.push_back(dim);
      continue;
    }
    keptSizes.push_back(sizes[dim]);
    if (!isLast)
      groups.emplace_back();
  }
  Value zero = arith::ConstantOp::create(
      builder, loc, builder.getZeroAttr(builder.getF64Type()));
  Value init =
      tensor::EmptyOp::create(builder, loc, keptSizes, builder.getF64Type());
  init = linalg::FillOp::create(builder, loc, zero, init).getResult(0);
  Value sum =
      linalg::ReduceOp::create(
          builder, loc, whole, init, summed,
          [](OpBuilder &inner, Location at, ValueRange values) {
            Value term = values[0];
            if (!term.getType().isF64())
              term = arith::ExtFOp::create(inner, at, inner.getF64Type(), term);
            term = arith::AddFOp::create(inner, at, values[1], term);
            linalg::YieldOp::create(inner, at, term);
          })
          .getResult(0);
  if (!type.getElementType().isF64())
    sum = arith::TruncFOp::create(
        builder, loc,
        cast<RankedTensorType>(sum.getType()).clone(type.getElementType()),
        sum);
  auto expanded =
      RankedTensorType::get(cast<RankedTensorType>(whole.getType()).getShape(),
                            type.getElementType());
  SmallVector<int64_t> shape(expanded.getShape());
  for (int64_t dim : summed)
    shape[dim] = 1;
  sum = tensor::ExpandShapeOp::create(builder, loc, expanded.clone(shape), sum,
                                      groups, outSizes);
  return sum.getType() == type
             ? sum
             : tensor::CastOp::create(builder, loc, type, sum).getResult();
}

/// The new out has its sizes from the rows; those of the old one, which no code
/// writes any more, must be the same.
static void assertSameSizes(OpBuilder &builder, Location loc, Value out,
                            ArrayRef<OpFoldResult> sizes) {
  auto type = cast<RankedTensorType>(out.getType());
  SmallVector<std::pair<Value, Value>> pairs;
  for (int64_t dim = 0; dim + 1 < type.getRank(); ++dim)
    if (type.getDimSize(dim) != 1)
      pairs.push_back(
          {getValueOrCreateConstantIndexOp(
               builder, loc, tensor::getMixedSize(builder, loc, out, dim)),
           getValueOrCreateConstantIndexOp(builder, loc, sizes[dim])});
  seednorm::assertEqualSizes(builder, loc, pairs,
                             "arrays have different leading dimensions");
}

static void splitSums(ProgramOp program) {
  Location loc = program.getLoc();
  OpBuilder builder(program);
  for (OpResult result : program.getResults()) {
    unsigned i = result.getResultNumber();
    if (!program.isAccumulated(i) || program.getSumDims(i))
      continue;
    auto type = cast<RankedTensorType>(result.getType());
    auto total =
        program.getYield()->getOperand(i).getDefiningOp<AccumulateOp>();
    builder.setInsertionPoint(program);
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, loc, program.getRows()[0]);
    assertSameSizes(builder, loc, program.getOuts()[i], sizes);
    sizes.back() = tensor::getMixedSize(builder, loc, program.getOuts()[i],
                                        type.getRank() - 1);
    Value whole =
        tensor::EmptyOp::create(builder, loc, sizes, type.getElementType());
    program.getOutsMutable()[i].set(whole);
    program.getYield()->setOperand(i, total.getSource());
    builder.setInsertionPointAfter(program);
    result.setType(cast<RankedTensorType>(whole.getType()));
    SmallVector<OpOperand *> uses = llvm::map_to_vector(
        result.getUses(), [](OpOperand &use) { return &use; });
    Value sum = sumInto(builder, loc, result, type);
    for (OpOperand *use : uses)
      use->set(sum);
    if (total->use_empty())
      total.erase();
  }
}

namespace {
struct RowwiseSplitSums
    : rowwise::impl::RowwiseSplitSumsBase<RowwiseSplitSums> {
  void runOnOperation() override {
    getOperation()->walk([](ProgramOp program) {
      if (!program.hasBufferSemantics())
        splitSums(program);
    });
  }
};
} // namespace
