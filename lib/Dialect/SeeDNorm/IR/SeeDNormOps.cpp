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

SmallVector<int64_t> NormOp::getStatisticWidths() {
  return {1, static_cast<int64_t>(getHeads())};
}

LogicalResult NormOp::verifyVariant() {
  int64_t heads = getHeads();
  if (failed(detail::verifyGroups(*this, "heads", heads)))
    return failure();
  if (!getBeta() && !getGamma())
    return emitOpError(
        "needs 'beta' or 'gamma': without both every result is zero");
  if (!getElementwise())
    return success();
  if (heads != 1)
    return emitOpError("'elementwise' takes no dot product, so 'heads' must be "
                       "1, but is ")
           << heads;
  if (getScaledDot())
    return emitOpError("'elementwise' takes no dot product that 'scaled_dot' "
                       "could scale");
  if (getOuts().size() > 1)
    return emitOpError("'elementwise' has no row statistics to save");
  return success();
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
    rewriter.modifyOpInPlace(op, [&] { op.getBetaMutable().clear(); });
    return success();
  }
};

/// Without beta what is left is RMSNorm with the scale gamma.
struct NormWithoutBetaIsRMSNorm : OpRewritePattern<NormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(NormOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getBeta() || op.getOuts().size() != 1)
      return failure();
    rewriter.replaceOpWithNewOp<RMSNormOp>(op, op.getResultTypes(),
                                           op.getInput(), op.getGamma(),
                                           op.getOuts(), op.getEpsAttr());
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
    auto replacement = NormOp::create(
        rewriter, op.getLoc(), op.getResult(0).getType(), op.getInput(),
        op.getAlpha(), op.getBeta(), op.getGamma(), op.getOuts().take_front(1),
        op.getHeadsAttr(), op.getActivationAttr(), op.getEpsAttr(),
        op.getScaledDotAttr(), op.getElementwiseAttr());
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
