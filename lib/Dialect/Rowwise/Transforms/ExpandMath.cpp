//===- ExpandMath.cpp - Math functions on vectors as arithmetic ----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Branch-free expansions whose accuracy is stated in the pass's description and
// tested over the range of f32. Knows nothing of row programs.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"
#include <limits>

namespace mlir::rowwise {
#define GEN_PASS_DEF_ROWWISEEXPANDMATH
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h.inc"
} // namespace mlir::rowwise

using namespace mlir;

namespace {

/// Arithmetic on f32 values of one shape, scalar or vector.
class Float {
public:
  Float(OpBuilder &builder, Location loc, Type type)
      : builder(builder), loc(loc), type(type),
        intType(withElement(builder.getI32Type())) {}

  Value constant(float value) const {
    return splat(type, builder.getF32FloatAttr(value));
  }
  Value intConstant(int32_t value) const {
    return splat(intType, builder.getI32IntegerAttr(value));
  }
  Value add(Value a, Value b) const { return make<arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) const { return make<arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) const { return make<arith::MulFOp>(a, b); }
  Value div(Value a, Value b) const { return make<arith::DivFOp>(a, b); }
  Value fma(Value a, Value b, Value c) const {
    return math::FmaOp::create(builder, loc, a, b, c);
  }
  Value abs(Value a) const { return make<math::AbsFOp>(a); }
  Value copySign(Value a, Value b) const {
    return make<math::CopySignOp>(a, b);
  }
  Value less(Value a, Value b) const {
    return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLT, a, b);
  }
  Value select(Value c, Value a, Value b) const {
    return arith::SelectOp::create(builder, loc, c, a, b);
  }
  /// min and max that give a NaN of `a` back.
  Value atMost(Value a, float bound) const {
    return select(less(constant(bound), a), constant(bound), a);
  }
  Value atLeast(Value a, float bound) const {
    return select(less(a, constant(bound)), constant(bound), a);
  }
  Value bits(Value a) const {
    return arith::BitcastOp::create(builder, loc, intType, a);
  }
  Value fromBits(Value a) const {
    return arith::BitcastOp::create(builder, loc, type, a);
  }
  Value addInt(Value a, Value b) const { return make<arith::AddIOp>(a, b); }
  Value subInt(Value a, Value b) const { return make<arith::SubIOp>(a, b); }
  Value toFloat(Value a) const {
    return arith::SIToFPOp::create(builder, loc, type, a);
  }
  Value shiftLeft(Value a, int32_t n) const {
    return make<arith::ShLIOp>(a, intConstant(n));
  }
  Value shiftRight(Value a, int32_t n) const {
    return make<arith::ShRSIOp>(a, intConstant(n));
  }
  /// c[0] + c[1] x + c[2] x² + …
  Value polynomial(Value x, ArrayRef<float> coefficients) const {
    Value result = constant(coefficients.back());
    for (float c : llvm::reverse(coefficients.drop_back()))
      result = fma(result, x, constant(c));
    return result;
  }

private:
  template <typename OpTy, typename... Args>
  Value make(Args... args) const {
    return OpTy::create(builder, loc, args...);
  }
  Type withElement(Type element) const {
    if (auto vector = dyn_cast<VectorType>(type))
      return vector.clone(element);
    return element;
  }
  Value splat(Type of, TypedAttr value) const {
    if (auto vector = dyn_cast<VectorType>(of))
      value = DenseElementsAttr::get(vector, value);
    return arith::ConstantOp::create(builder, loc, value);
  }

  OpBuilder &builder;
  Location loc;
  Type type, intType;
};

/// exp(x) = p · 2^n.
struct ExpParts {
  Value p, n;
};

ExpParts reduceExp(const Float &f, Value x) {
  // Adding 1.5·2^23 rounds to an integer and leaves it in the low bits; unlike
  // a conversion this is defined for NaN.
  Value magic = f.constant(12582912.0f);
  Value shifted = f.fma(x, f.constant(1.44269504f), magic);
  Value n = f.subInt(f.bits(shifted), f.intConstant(0x4b400000));
  Value rounded = f.sub(shifted, magic);
  // ln 2 in two parts, the first with trailing zeros so that n times it is
  // exact.
  Value r = f.fma(rounded, f.constant(-0.693145752f), x);
  r = f.fma(rounded, f.constant(-1.42860677e-6f), r);
  // e^r = 1 + r + r² q(r) for |r| <= ln(2)/2.
  Value q = f.polynomial(r, {0.4999999403953552f, 0.1666651964187622f,
                             0.041668396443128586f, 0.008368796668946743f,
                             0.001381443114951253f});
  Value tail = f.mul(f.mul(r, r), q);
  return {f.add(f.constant(1.0f), f.add(r, tail)), n};
}

Value powerOfTwo(const Float &f, Value n) {
  return f.fromBits(f.shiftLeft(f.addInt(n, f.intConstant(127)), 23));
}

struct ExpandExp : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ExpOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    Float f(rewriter, op.getLoc(), op.getType());
    // Beyond these the result is 0 or infinite anyhow.
    Value x = f.atLeast(f.atMost(op.getOperand(), 89.0f), -104.0f);
    ExpParts parts = reduceExp(f, x);
    // In two factors, as 2^n itself may be out of range where the result is
    // not.
    Value half = f.shiftRight(parts.n, 1);
    Value y = f.mul(parts.p, powerOfTwo(f, half));
    y = f.mul(y, powerOfTwo(f, f.subInt(parts.n, half)));
    rewriter.replaceOp(op, y);
    return success();
  }
};

struct ExpandLog : OpRewritePattern<math::LogOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::LogOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    constexpr float infinity = std::numeric_limits<float>::infinity();
    Float f(rewriter, op.getLoc(), op.getType());
    Value x = op.getOperand();
    // x = m · 2^n with m around 1; a subnormal x is made normal first.
    Value tiny = f.less(x, f.constant(std::numeric_limits<float>::min()));
    Value bits = f.bits(f.select(tiny, f.mul(x, f.constant(8388608.0f)), x));
    Value exponent =
        f.shiftRight(f.subInt(bits, f.intConstant(0x3f3504f3)), 23);
    Value m = f.fromBits(f.subInt(bits, f.shiftLeft(exponent, 23)));
    Value n = f.toFloat(exponent);
    n = f.select(tiny, f.sub(n, f.constant(23.0f)), n);
    // log(1 + t) = t - t²/2 + t³ p(t).
    Value t = f.sub(m, f.constant(1.0f));
    Value square = f.mul(t, t);
    Value p =
        f.polynomial(t, {0.33333331174f, -0.24999993993f, 0.20000714765f,
                         -0.16668057665f, 0.14249322787f, -0.12420140846f,
                         0.11676998740f, -0.11514610310f, 0.070376836292f});
    // ln 2 in two parts again, the smaller terms added first.
    Value tail =
        f.fma(n, f.constant(-2.12194440e-4f), f.mul(f.mul(t, square), p));
    tail = f.fma(square, f.constant(-0.5f), tail);
    Value y = f.fma(n, f.constant(0.693359375f), f.add(t, tail));
    Value zero = f.constant(0.0f);
    y = f.select(f.less(zero, x), y, f.constant(-infinity));
    y = f.select(f.less(x, zero),
                 f.constant(std::numeric_limits<float>::quiet_NaN()), y);
    // Infinity and NaN.
    rewriter.replaceOp(op, f.select(f.less(x, f.constant(infinity)), y, x));
    return success();
  }
};

struct ExpandTanh : OpRewritePattern<math::TanhOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::TanhOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    Float f(rewriter, op.getLoc(), op.getType());
    Value x = op.getOperand();
    if (arith::bitEnumContainsAll(op.getFastmath(),
                                  arith::FastMathFlags::afn)) {
      rewriter.replaceOp(op, approximate(f, x));
      return success();
    }
    Value size = f.abs(x);
    // From 9.02 on the result rounds to 1.
    ExpParts parts =
        reduceExp(f, f.mul(f.atMost(size, 10.0f), f.constant(2.0f)));
    Value e = f.mul(parts.p, powerOfTwo(f, parts.n));
    Value large = f.sub(f.constant(1.0f),
                        f.div(f.constant(2.0f), f.add(e, f.constant(1.0f))));
    large = f.copySign(large, x);
    Value z = f.mul(x, x);
    Value p = f.polynomial(z, {-0.3333333134651184f, 0.1333320587873459f,
                               -0.05394676327705383f, 0.021700700744986534f,
                               -0.008177394978702068f, 0.0021429588086903095f});
    Value small = f.fma(f.mul(x, z), p, x);
    rewriter.replaceOp(
        op, f.select(f.less(size, f.constant(0.625f)), small, large));
    return success();
  }

  /// A rational function with a relative error below 2^-12; at its ends it
  /// rounds to 1 as closely.
  static Value approximate(const Float &f, Value x) {
    x = f.atLeast(f.atMost(x, 4.7f), -4.7f);
    Value z = f.mul(x, x);
    Value p = f.polynomial(z, {0.9999635957f, 0.1033287249f, 6.997285887e-4f});
    Value q = f.polynomial(z, {1.0f, 0.4364270901f, 0.0131034020f});
    return f.div(f.mul(x, p), q);
  }
};

struct ExpandRsqrt : OpRewritePattern<math::RsqrtOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::RsqrtOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    Float f(rewriter, op.getLoc(), op.getType());
    Value root = math::SqrtOp::create(rewriter, op.getLoc(), op.getOperand());
    rewriter.replaceOp(op, f.div(f.constant(1.0f), root));
    return success();
  }
};

/// A function of f16 or bf16 is computed in f32.
struct ComputeInF32 : RewritePattern {
  explicit ComputeInF32(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa_and_present<math::MathDialect>(op->getDialect()) ||
        op->getNumResults() != 1 ||
        isa<math::AbsFOp, math::CopySignOp, math::FmaOp>(op))
      return failure();
    auto isNarrow = [](Type type) {
      Type element = getElementTypeOrSelf(type);
      return element.isF16() || element.isBF16();
    };
    Type type = op->getResult(0).getType();
    if (!isNarrow(type) || !llvm::all_of(op->getOperandTypes(), isNarrow))
      return failure();
    auto wide = [&](Type narrow) -> Type {
      if (auto vector = dyn_cast<VectorType>(narrow))
        return vector.clone(rewriter.getF32Type());
      return rewriter.getF32Type();
    };
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(arith::ExtFOp::create(
          rewriter, op->getLoc(), wide(operand.getType()), operand));
    Operation *wider =
        rewriter.create(op->getLoc(), op->getName().getIdentifier(), operands,
                        wide(type), op->getAttrs());
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, type, wider->getResult(0));
    return success();
  }
};

struct RowwiseExpandMath
    : rowwise::impl::RowwiseExpandMathBase<RowwiseExpandMath> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandExp, ExpandLog, ExpandRsqrt, ExpandTanh, ComputeInF32>(
        &getContext());
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return name != math::ExpOp::getOperationName() &&
             name != math::LogOp::getOperationName() &&
             name != math::RsqrtOp::getOperationName() &&
             name != math::TanhOp::getOperationName();
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
