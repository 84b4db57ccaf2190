//===- SeeDNormOps.cpp - Normalisations ----------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What single operations have beside RowNormOpInterface: checks of their
// variants and canonicalisation.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/SeeDNorm/IR/SeeDNorm.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::seednorm;

#define GET_OP_CLASSES
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormOps.cpp.inc"

//===----------------------------------------------------------------------===//
// NormOp, and what its backward shares
//===----------------------------------------------------------------------===//

SmallVector<int64_t> NormOp::getStatisticWidths() {
  return {1, static_cast<int64_t>(getHeads())};
}

SmallVector<int64_t> NormBackwardOp::getStatisticWidths() {
  return {1, static_cast<int64_t>(getHeads())};
}

template <typename OpTy>
static LogicalResult verifyDropout(OpTy op) {
  if (!op.getDropout()) {
    if (op.getSeed())
      return op.emitOpError("has a 'seed' but no 'dropout' that draws from it");
    return success();
  }
  double p = op.getDropout()->convertToDouble();
  if (!(p >= 0 && p < 1))
    return op.emitOpError("'dropout' must be from 0 to less than 1, but is ")
           << p;
  if (!op.getBeta())
    return op.emitOpError(
        "'dropout' needs 'beta': without it there is nothing to drop");
  if (!op.getSeed())
    return op.emitOpError("'dropout' needs 'seed', two i64");
  auto seed = cast<ShapedType>(op.getSeed().getType());
  if (seed.getShape() != ArrayRef<int64_t>{2} ||
      !seed.getElementType().isSignlessInteger(64))
    return op.emitOpError("'seed' must be two i64, but is ") << seed;
  return success();
}

template <typename OpTy>
static LogicalResult verifyNorm(OpTy op, bool hasStatistics) {
  int64_t heads = op.getHeads();
  if (failed(seednorm::detail::verifyGroups(op, "heads", heads)))
    return failure();
  if (!op.getBeta() && !op.getGamma())
    return op.emitOpError(
        "needs 'beta' or 'gamma': without both every result is zero");
  if (failed(verifyDropout(op)))
    return failure();
  if (op.getSafe() && hasStatistics)
    return op.emitOpError("'safe' has no row statistics to save: they could be "
                          "out of range");
  if (!op.getElementwise())
    return success();
  if (heads != 1)
    return op.emitOpError("'elementwise' takes no dot product, so 'heads' must "
                          "be 1, but is ")
           << heads;
  if (op.getScaledDot())
    return op.emitOpError("'elementwise' takes no dot product that "
                          "'scaled_dot' could scale");
  if (hasStatistics)
    return op.emitOpError("'elementwise' has no row statistics to save");
  return success();
}

LogicalResult NormOp::verifyVariant() {
  return verifyNorm(*this, getOuts().size() > 1);
}

LogicalResult NormBackwardOp::verifyVariant() {
  return verifyNorm(*this, !getStatistics().empty());
}

namespace {

/// A beta of zero gives s = σ(0), which is 0 but for the sigmoid. It would make
/// rows with infinite elements NaN throughout; the description says that this
/// is given up.
struct DropZeroBeta : OpRewritePattern<NormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(NormOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getBeta() || !op.getGamma() ||
        !matchPattern(op.getBeta(), m_AnyZeroFloat()) ||
        op.getActivation() == Activation::sigmoid)
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getBetaMutable().clear();
      op.getSeedMutable().clear();
      op.removeDropoutAttr();
    });
    return success();
  }
};

/// Without beta what is left is RMSNorm with the scale gamma.
struct NormWithoutBetaIsRMSNorm : OpRewritePattern<NormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(NormOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getBeta() || op.getScale() || op.getShift() ||
        op.getOuts().size() != 1)
      return failure();
    rewriter.replaceOpWithNewOp<RMSNormOp>(
        op, op.getResultTypes(), op.getInput(), op.getGamma(), op.getOuts(),
        op.getEpsAttr(), op.getSafeAttr());
    return success();
  }
};

/// Statistics that nobody reads are not saved.
struct DropUnusedStatistics : OpRewritePattern<NormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(NormOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() <= 1 || !op.getResult(1).use_empty() ||
        !op.getResult(2).use_empty())
      return failure();
    NormOp::Properties properties = op.getProperties();
    properties.operandSegmentSizes.back() = 1;
    auto replacement = NormOp::create(
        rewriter, op.getLoc(), TypeRange(op.getResultTypes()).take_front(1),
        op->getOperands().drop_back(op.getNumResults() - 1), properties);
    rewriter.replaceAllUsesWith(op.getResult(0), replacement.getResult(0));
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void NormOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<DropZeroBeta, NormWithoutBetaIsRMSNorm, DropUnusedStatistics>(
      context);
}
