//===- SeeDNormToRowwise.cpp - What every normalisation means ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All semantics of the seednorm dialect: one function for each operation that
// writes its row program. A backward is the derivative of its forward's. Knows
// nothing of loops, targets or schedules.
//
//===----------------------------------------------------------------------===//

#include "WordMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Dialect/Rowwise/Transforms/Differentiate.h"
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNorm.h"
#include "llvm/ADT/StringMap.h"
#include <cmath>
#include <numeric>

namespace mlir::seednorm {
#define GEN_PASS_DEF_SEEDNORMTOROWWISE
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;
using namespace mlir::seednorm;

namespace {

/// Which operand of its program each parameter of an operation is: those with
/// rows come before the columns.
SmallVector<unsigned> getOperandNumbers(RowNormOpInterface op) {
  SmallVector<Parameter> parameters = op.getParameters();
  unsigned nextRow = 1;
  unsigned nextColumn =
      1 + llvm::count_if(parameters, [](auto &p) { return p.hasRows; });
  return llvm::map_to_vector(parameters, [&](const Parameter &parameter) {
    return parameter.hasRows ? nextRow++ : nextColumn++;
  });
}

/// Arithmetic on the values of a row program, in the type of computation. A
/// binary operation on a group-shaped and a row-shaped value repeats the first.
class RowBuilder {
public:
  RowBuilder(OpBuilder &builder, Location loc, RowNormOpInterface op,
             ValueRange arguments)
      : builder(builder), loc(loc) {
    auto input = llvm::cast<ShapedType>(op->getOperand(0).getType());
    width = input.getShape().back();
    rank = input.getRank();
    compute = input.getElementType().isF64() ? Type(builder.getF64Type())
                                             : Type(builder.getF32Type());
    row = cast(arguments[0], compute);
    SmallVector<unsigned> numbers = getOperandNumbers(op);
    for (auto [parameter, number] : llvm::zip(op.getParameters(), numbers))
      parameters[parameter.name] = toRow(cast(arguments[number], compute));
    scalars = llvm::to_vector(arguments.drop_front(1 + numbers.size()));
  }

  /// The row, and a parameter of the operation repeated over it if need be;
  /// null if it is absent.
  Value input() const { return row; }
  Value parameter(StringRef name) const { return parameters.lookup(name); }

  Value constant(double value, int64_t groups = 1) {
    auto type = RankedTensorType::get({groups}, compute);
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(type, builder.getFloatAttr(compute, value)));
  }
  Value constant(const APFloat &value) {
    return constant(value.convertToDouble());
  }
  Value add(Value a, Value b) { return binary<arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) { return binary<arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) { return binary<arith::MulFOp>(a, b); }
  Value div(Value a, Value b) { return binary<arith::DivFOp>(a, b); }
  Value maximum(Value a, Value b) { return binary<arith::MaximumFOp>(a, b); }
  Value minimum(Value a, Value b) { return binary<arith::MinimumFOp>(a, b); }
  Value tanh(Value a) { return math::TanhOp::create(builder, loc, a); }
  Value exp(Value a) { return math::ExpOp::create(builder, loc, a); }
  Value rsqrt(Value a) { return math::RsqrtOp::create(builder, loc, a); }
  Value negate(Value a) { return arith::NegFOp::create(builder, loc, a); }
  Value abs(Value a) { return math::AbsFOp::create(builder, loc, a); }
  /// The largest power of two that is at most `a`, a positive normal number.
  Value floorPowerOfTwo(Value a) {
    auto type = llvm::cast<RankedTensorType>(a.getType());
    unsigned width = compute.getIntOrFloatBitWidth();
    auto bits = type.clone(builder.getIntegerType(width));
    APInt exponent = APFloat::getInf(getSemantics()).bitcastToAPInt();
    Value kept = arith::AndIOp::create(
        builder, loc, arith::BitcastOp::create(builder, loc, bits, a),
        arith::ConstantOp::create(builder, loc,
                                  DenseElementsAttr::get(bits, exponent)));
    return arith::BitcastOp::create(builder, loc, type, kept);
  }

  Value sum(Value a, int64_t groups = 1) {
    return reduce(rowwise::ReduceKind::add, a, groups);
  }
  Value mean(Value a, int64_t groups = 1) {
    return reduce(rowwise::ReduceKind::mean, a, groups);
  }
  Value max(Value a) { return reduce(rowwise::ReduceKind::max, a, 1); }
  /// What the result does not depend on, only its rounding.
  Value detach(Value a) { return rowwise::DetachOp::create(builder, loc, a); }

  /// Of the type of computation.
  const llvm::fltSemantics &getSemantics() const {
    return llvm::cast<FloatType>(compute).getFloatSemantics();
  }

  /// For each element of `value`, 0 with the probability p, else 1/(1-p). The
  /// operation's scalars are the seed and the offset.
  Value dropout(Value value, double p) {
    int64_t to = widthOf(value);
    auto type = RankedTensorType::get({to}, builder.getI64Type());
    Value index =
        repeat(rowwise::RowIndexOp::create(builder, loc).getResult(), to);
    Value column = rowwise::IndexOp::create(builder, loc, type, rank - 1);
    WordMath words(builder, loc);
    auto [rowLow, rowHigh] = words.split(index);
    auto [keyLow, keyHigh] = words.split(repeat(scalars[0], to));
    Value offset = words.split(repeat(scalars[1], to)).first;
    Value word =
        words.philox({rowLow, rowHigh, column, offset}, {keyLow, keyHigh})[0];
    Value isKept = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::uge, word,
        words.constant(word, static_cast<uint64_t>(std::ldexp(p, 32))));
    return arith::SelectOp::create(builder, loc, isKept,
                                   repeat(constant(1 / (1 - p)), to),
                                   repeat(constant(0), to));
  }

  Value cast(Value value, Type element) {
    Type from = getElementTypeOrSelf(value);
    if (from == element)
      return value;
    auto type = llvm::cast<RankedTensorType>(value.getType()).clone(element);
    if (from.getIntOrFloatBitWidth() < element.getIntOrFloatBitWidth())
      return arith::ExtFOp::create(builder, loc, type, value);
    return arith::TruncFOp::create(builder, loc, type, value);
  }

private:
  int64_t widthOf(Value value) const {
    return llvm::cast<RankedTensorType>(value.getType()).getDimSize(0);
  }

  Value repeat(Value value, int64_t to) {
    if (widthOf(value) == to)
      return value;
    return rowwise::BroadcastOp::create(
        builder, loc, RankedTensorType::get({to}, getElementTypeOrSelf(value)),
        value);
  }
  Value toRow(Value value) { return repeat(value, width); }

  template <typename OpTy>
  Value binary(Value a, Value b) {
    int64_t to = widthOf(a) == widthOf(b) ? widthOf(a)
                 : widthOf(a) == 1        ? widthOf(b)
                 : widthOf(b) == 1        ? widthOf(a)
                                          : width;
    a = repeat(a, to);
    b = repeat(b, to);
    return OpTy::create(builder, loc, a, b);
  }

  Value reduce(rowwise::ReduceKind kind, Value a, int64_t groups) {
    return rowwise::ReduceOp::create(
        builder, loc, RankedTensorType::get({groups}, compute), kind, a);
  }

  OpBuilder &builder;
  Location loc;
  int64_t width, rank;
  Type compute;
  Value row;
  llvm::StringMap<Value> parameters;
  SmallVector<Value> scalars;
};

Value activate(RowBuilder &row, Activation activation, Value x) {
  switch (activation) {
  case Activation::tanh:
    return row.tanh(x);
  case Activation::sigmoid:
    return row.div(row.constant(1),
                   row.add(row.exp(row.negate(x)), row.constant(1)));
  case Activation::hardtanh:
    return row.maximum(row.minimum(x, row.constant(1)), row.constant(-1));
  case Activation::identity:
    return x;
  }
  llvm_unreachable("every activation is above");
}

Value inverseRMS(RowBuilder &row, Value x, Value eps, int64_t groups = 1) {
  return row.rsqrt(row.add(row.mean(row.mul(x, x), groups), eps));
}

/// The row as it is squared and summed: in safe mode divided by a unit, a power
/// of two near its largest element, which rounds nothing.
struct ScaledRow {
  Value x, eps, unit; // no unit: 1
};

ScaledRow scaleRow(RowBuilder &row, const APFloat &eps, bool safe) {
  Value x = row.input();
  if (!safe)
    return {x, row.constant(eps), {}};
  // The unit ends a quarter of the exponents before the largest number, so that
  // gradients, which are multiplied by it, stay in range as well.
  const llvm::fltSemantics &semantics = row.getSemantics();
  double rootEps = std::sqrt(eps.convertToDouble());
  double least = APFloat::getSmallestNormalized(semantics).convertToDouble();
  double most =
      std::ldexp(1.0, (APFloat::semanticsMaxExponent(semantics) + 1) / 4 * 3);
  Value largest =
      row.maximum(row.max(row.abs(x)), row.constant(std::max(rootEps, least)));
  Value unit =
      row.detach(row.floorPowerOfTwo(row.minimum(largest, row.constant(most))));
  Value inverse = row.detach(row.div(row.constant(1), unit));
  Value root = row.mul(row.constant(rootEps), inverse);
  return {row.mul(x, inverse), row.mul(root, root), unit};
}

/// y, then the statistics r and s if they are saved.
SmallVector<Value> decompose(NormOp op, RowBuilder &row) {
  auto [x, eps, unit] = scaleRow(row, op.getEps(), op.getSafe());
  Value r = inverseRMS(row, x, eps);
  Value s, scale;
  if (Value beta = row.parameter("beta")) {
    s = row.mul(x, beta);
    if (op.getScaledDot())
      s = row.mean(s, op.getHeads());
    else if (!op.getElementwise())
      s = row.sum(s, op.getHeads());
    if (unit)
      s = row.mul(s, unit);
    s = activate(row, op.getActivation(), s);
    scale = s;
    if (op.getDropout())
      scale = row.mul(s, row.dropout(s, op.getDropout()->convertToDouble()));
    if (Value alpha = row.parameter("alpha"))
      scale = row.mul(scale, alpha);
  }
  if (Value gamma = row.parameter("gamma"))
    scale = scale ? row.add(scale, gamma) : gamma;
  Value y = row.mul(scale, row.mul(x, r));
  if (Value modulation = row.parameter("scale"))
    y = row.mul(y, row.add(modulation, row.constant(1)));
  if (Value shift = row.parameter("shift"))
    y = row.add(y, shift);
  SmallVector<Value> values = {y};
  if (op.getOuts().size() == 1)
    return values;
  values.append({r, s ? s : row.constant(0, op.getHeads())});
  return values;
}

SmallVector<Value> decompose(RMSNormOp op, RowBuilder &row) {
  auto [x, eps, unit] = scaleRow(row, op.getEps(), op.getSafe());
  Value y = row.mul(x, inverseRMS(row, x, eps));
  if (Value gamma = row.parameter("gamma"))
    y = row.mul(y, gamma);
  return {y};
}

SmallVector<Value> decompose(LayerNormOp op, RowBuilder &row) {
  auto [x, eps, unit] = scaleRow(row, op.getEps(), op.getSafe());
  Value centred = row.sub(x, row.mean(x));
  Value y = row.mul(centred, inverseRMS(row, centred, eps));
  if (Value gamma = row.parameter("gamma"))
    y = row.mul(y, gamma);
  if (Value beta = row.parameter("beta"))
    y = row.add(y, beta);
  return {y};
}

SmallVector<Value> decompose(DyTOp op, RowBuilder &row) {
  Value scaled = row.input();
  if (Value a = row.parameter("a"))
    scaled = row.mul(scaled, a);
  Value y = row.tanh(scaled);
  if (Value gamma = row.parameter("gamma"))
    y = row.mul(y, gamma);
  if (Value beta = row.parameter("beta"))
    y = row.add(y, beta);
  return {y};
}

SmallVector<Value> decompose(SoftmaxOp op, RowBuilder &row) {
  Value largest = row.detach(row.max(row.input()));
  Value e = row.exp(row.sub(row.input(), largest));
  return {row.mul(e, row.div(row.constant(1), row.sum(e)))};
}

/// One element of an array.
Value takeElement(OpBuilder &builder, Location loc, Value array, int64_t i) {
  SmallVector<OpFoldResult> at = {builder.getIndexAttr(i)};
  SmallVector<OpFoldResult> one = {builder.getIndexAttr(1)};
  if (isa<RankedTensorType>(array.getType()))
    return tensor::ExtractSliceOp::create(builder, loc, array, at, one, one);
  return memref::SubViewOp::create(builder, loc, array, at, one, one);
}

/// A parameter that is as long as the row, with the length that the row's type
/// says: in a program another one would be a number of groups.
Value fitToRow(OpBuilder &builder, Location loc, Value parameter,
               int64_t width) {
  auto type = cast<ShapedType>(parameter.getType());
  SmallVector<int64_t> shape(type.getShape());
  if (shape.back() == 1 || shape.back() == width)
    return parameter;
  shape.back() = width;
  if (isa<RankedTensorType>(type))
    return tensor::CastOp::create(builder, loc, type.clone(shape), parameter);
  return memref::CastOp::create(builder, loc, type.clone(shape), parameter);
}

template <typename OpTy>
rowwise::ProgramOp createProgram(OpBuilder &builder, OpTy op) {
  auto norm = cast<RowNormOpInterface>(op.getOperation());
  SmallVector<Value> rows = {op.getInput()}, columns;
  int64_t width = cast<ShapedType>(op.getInput().getType()).getShape().back();
  for (const Parameter &parameter : norm.getParameters())
    (parameter.hasRows ? rows : columns)
        .push_back(fitToRow(builder, op.getLoc(), parameter.value, width));
  for (Value array : norm.getScalars())
    for (int64_t i = 0; i < cast<ShapedType>(array.getType()).getDimSize(0);
         ++i)
      columns.push_back(takeElement(builder, op.getLoc(), array, i));
  return rowwise::ProgramOp::create(
      builder, op.getLoc(), rows, columns, op.getOuts(),
      [&](OpBuilder &inner, Location loc, ValueRange arguments) {
        RowBuilder row(inner, loc, norm, arguments);
        SmallVector<Value> values = decompose(op, row);
        for (auto [value, out] : llvm::zip(values, op.getOuts()))
          value = row.cast(value, getElementTypeOrSelf(out));
        rowwise::YieldOp::create(inner, loc, values);
      });
}

/// The forward that an operation gives the gradients of. Outs are never read,
/// so what has their types may stand for them.
template <typename OpTy>
typename OpTy::Forward createForward(OpBuilder &builder, OpTy op) {
  using Forward = typename OpTy::Forward;
  SmallVector<Value> outs = {op.getGrad()};
  llvm::append_range(outs, op.getStatistics());
  auto segments =
      llvm::to_vector_of<int32_t>(op.getProperties().operandSegmentSizes);
  // After what the forward takes come the gradient, the statistics and the
  // outs.
  segments.resize(segments.size() - 3);
  SmallVector<Value> operands(op->getOperands().take_front(
      std::accumulate(segments.begin(), segments.end(), 0)));
  llvm::append_range(operands, outs);
  segments.push_back(outs.size());

  OperationState state(op.getLoc(), Forward::getOperationName(), operands,
                       TypeRange(ValueRange(outs)), op->getAttrs());
  StringRef sizes = OpTy::getOperandSegmentSizeAttr();
  state.attributes.erase(sizes);
  if constexpr (Forward::template hasTrait<OpTrait::AttrSizedOperandSegments>())
    state.addAttribute(sizes, builder.getDenseI32ArrayAttr(segments));
  return cast<Forward>(builder.create(state));
}

template <typename OpTy>
struct ToProgram : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, createProgram(rewriter, op).getResults());
    return success();
  }
};

/// A backward is the derivative of its forward's program.
template <typename OpTy>
struct ToDerivative : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto forward = createForward(rewriter, op);
    rowwise::ProgramOp program = createProgram(rewriter, forward);
    SmallVector<Value> cotangents(program.getNumResults()), saved(cotangents);
    cotangents[0] = op.getGrad();
    llvm::copy(op.getStatistics(), saved.begin() + 1);
    SmallVector<OpOperand *> wanted = {&program->getOpOperand(0)};
    for (unsigned number : getOperandNumbers(op))
      wanted.push_back(&program->getOpOperand(number));
    auto gradients =
        rowwise::differentiate(rewriter, program, cotangents, wanted, saved);
    if (failed(gradients))
      return failure();
    SmallVector<Value> results;
    for (auto [i, result] : llvm::enumerate(gradients->getResults())) {
      Value out = op.getOuts()[i];
      if (out.getType() == result.getType())
        gradients->getOutsMutable()[i].assign(out);
      results.push_back(rewriter.createOrFold<tensor::CastOp>(
          op.getLoc(), out.getType(), result));
    }
    rewriter.eraseOp(program);
    rewriter.eraseOp(forward);
    rewriter.replaceOp(op, results);
    return success();
  }
};

template <typename OpTy>
void addPattern(RewritePatternSet &patterns) {
  if constexpr (OpTy::template hasTrait<RowNormBackwardOpInterface::Trait>())
    patterns.add<ToDerivative<OpTy>>(patterns.getContext());
  else
    patterns.add<ToProgram<OpTy>>(patterns.getContext());
}

template <typename... Ops>
void addPatterns(RewritePatternSet &patterns) {
  (addPattern<Ops>(patterns), ...);
}

struct SeeDNormToRowwise
    : seednorm::impl::SeeDNormToRowwiseBase<SeeDNormToRowwise> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    addPatterns<
#define GET_OP_LIST
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormOps.cpp.inc"
        >(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
