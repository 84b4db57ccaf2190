//===- MathToIntrinsics.cpp - Functions that GPUs have as instructions ---===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keeps them from becoming calls of a vendor's library. Knows nothing of the
// functions that need one.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_MATHTOINTRINSICS
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {

/// By name: the lowerings to NVVM and ROCDL turn LLVM's own operations into
/// calls as well.
template <typename OpTy>
struct ToIntrinsic : OpRewritePattern<OpTy> {
  ToIntrinsic(MLIRContext *context, StringRef name)
      : OpRewritePattern<OpTy>(context), name(name) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!LLVM::isCompatibleType(op.getType()))
      return failure();
    rewriter.replaceOpWithNewOp<LLVM::CallIntrinsicOp>(
        op, op.getType(), rewriter.getStringAttr(name), op->getOperands());
    return success();
  }

  StringRef name;
};

/// The same with a flag: whether a special operand has no result.
template <typename OpTy>
struct ToIntrinsicWithFlag : OpRewritePattern<OpTy> {
  ToIntrinsicWithFlag(MLIRContext *context, StringRef name)
      : OpRewritePattern<OpTy>(context), name(name) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!LLVM::isCompatibleType(op.getType()))
      return failure();
    Value flag =
        LLVM::ConstantOp::create(rewriter, op.getLoc(), rewriter.getI1Type(),
                                 rewriter.getBoolAttr(false));
    rewriter.replaceOpWithNewOp<LLVM::CallIntrinsicOp>(
        op, op.getType(), rewriter.getStringAttr(name),
        ValueRange{op->getOperand(0), flag});
    return success();
  }

  StringRef name;
};

/// Ours is for f32.
struct ExpandRsqrt : OpRewritePattern<math::RsqrtOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::RsqrtOp op,
                                PatternRewriter &rewriter) const override {
    if (!LLVM::isCompatibleType(op.getType()))
      return failure();
    Location loc = op.getLoc();
    Value root = LLVM::CallIntrinsicOp::create(
                     rewriter, loc, op.getType(),
                     rewriter.getStringAttr("llvm.sqrt"), op->getOperands())
                     .getResults();
    TypedAttr one =
        rewriter.getFloatAttr(getElementTypeOrSelf(op.getType()), 1);
    if (auto vector = dyn_cast<VectorType>(op.getType()))
      one = DenseElementsAttr::get(vector, one);
    rewriter.replaceOpWithNewOp<arith::DivFOp>(
        op, arith::ConstantOp::create(rewriter, loc, one), root);
    return success();
  }
};

struct MathToIntrinsics
    : seednorm::impl::MathToIntrinsicsBase<MathToIntrinsics> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<ToIntrinsic<math::SqrtOp>>(context, "llvm.sqrt");
    patterns.add<ToIntrinsic<math::FmaOp>>(context, "llvm.fma");
    patterns.add<ToIntrinsic<math::AbsFOp>>(context, "llvm.fabs");
    patterns.add<ToIntrinsic<math::CopySignOp>>(context, "llvm.copysign");
    patterns.add<ToIntrinsic<math::FloorOp>>(context, "llvm.floor");
    patterns.add<ToIntrinsic<math::CeilOp>>(context, "llvm.ceil");
    patterns.add<ToIntrinsic<math::RoundEvenOp>>(context, "llvm.roundeven");
    patterns.add<ToIntrinsic<math::TruncOp>>(context, "llvm.trunc");
    patterns.add<ToIntrinsic<math::RoundOp>>(context, "llvm.round");
    patterns.add<ToIntrinsic<math::CtPopOp>>(context, "llvm.ctpop");
    patterns.add<ToIntrinsicWithFlag<math::AbsIOp>>(context, "llvm.abs");
    patterns.add<ToIntrinsicWithFlag<math::CountLeadingZerosOp>>(context,
                                                                 "llvm.ctlz");
    patterns.add<ToIntrinsicWithFlag<math::CountTrailingZerosOp>>(context,
                                                                  "llvm.cttz");
    patterns.add<ExpandRsqrt>(context);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
