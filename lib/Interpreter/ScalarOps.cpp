//===- ScalarOps.cpp - arith and math, element by element -----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Floats are doubles; integers are 64 bits wide, sign-extended from their own
// width after every operation.
//
//===----------------------------------------------------------------------===//

#include "Evaluate.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace llvm;
namespace arith = mlir::arith;

namespace seednorm::interpreter {

static double maximum(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<double>::quiet_NaN();
  return a == b ? (std::signbit(a) ? b : a) : std::max(a, b);
}
static double minimum(double a, double b) { return -maximum(-a, -b); }

static uint64_t mask(int64_t value, unsigned width) {
  return static_cast<uint64_t>(value) & maskTrailingOnes<uint64_t>(width);
}
static int64_t wrap(uint64_t value, unsigned width) {
  return width == 0 ? 0 : SignExtend64(value, width);
}

using Unary = double (*)(double);
static Unary findUnary(StringRef name) {
  static const StringMap<Unary> table = {
      {"arith.negf", [](double x) { return -x; }},
      {"arith.extf", [](double x) { return x; }},
      {"arith.truncf", [](double x) { return x; }},
      {"math.absf", [](double x) { return std::fabs(x); }},
      {"math.acos", [](double x) { return std::acos(x); }},
      {"math.acosh", [](double x) { return std::acosh(x); }},
      {"math.asin", [](double x) { return std::asin(x); }},
      {"math.asinh", [](double x) { return std::asinh(x); }},
      {"math.atan", [](double x) { return std::atan(x); }},
      {"math.atanh", [](double x) { return std::atanh(x); }},
      {"math.cbrt", [](double x) { return std::cbrt(x); }},
      {"math.ceil", [](double x) { return std::ceil(x); }},
      {"math.cos", [](double x) { return std::cos(x); }},
      {"math.cosh", [](double x) { return std::cosh(x); }},
      {"math.erf", [](double x) { return std::erf(x); }},
      {"math.erfc", [](double x) { return std::erfc(x); }},
      {"math.exp", [](double x) { return std::exp(x); }},
      {"math.exp2", [](double x) { return std::exp2(x); }},
      {"math.expm1", [](double x) { return std::expm1(x); }},
      {"math.floor", [](double x) { return std::floor(x); }},
      {"math.log", [](double x) { return std::log(x); }},
      {"math.log10", [](double x) { return std::log10(x); }},
      {"math.log1p", [](double x) { return std::log1p(x); }},
      {"math.log2", [](double x) { return std::log2(x); }},
      {"math.round", [](double x) { return std::round(x); }},
      {"math.roundeven", [](double x) { return std::nearbyint(x); }},
      {"math.rsqrt", [](double x) { return 1 / std::sqrt(x); }},
      {"math.sin", [](double x) { return std::sin(x); }},
      {"math.sinh", [](double x) { return std::sinh(x); }},
      {"math.sqrt", [](double x) { return std::sqrt(x); }},
      {"math.tan", [](double x) { return std::tan(x); }},
      {"math.tanh", [](double x) { return std::tanh(x); }},
      {"math.trunc", [](double x) { return std::trunc(x); }},
  };
  return table.lookup(name);
}

using Binary = double (*)(double, double);
static Binary findBinary(StringRef name) {
  static const StringMap<Binary> table = {
      {"arith.addf", [](double a, double b) { return a + b; }},
      {"arith.subf", [](double a, double b) { return a - b; }},
      {"arith.mulf", [](double a, double b) { return a * b; }},
      {"arith.divf", [](double a, double b) { return a / b; }},
      {"arith.remf", [](double a, double b) { return std::fmod(a, b); }},
      {"arith.maximumf", maximum},
      {"arith.minimumf", minimum},
      {"arith.maxnumf", [](double a, double b) { return std::fmax(a, b); }},
      {"arith.minnumf", [](double a, double b) { return std::fmin(a, b); }},
      {"math.atan2", [](double a, double b) { return std::atan2(a, b); }},
      {"math.copysign", [](double a, double b) { return std::copysign(a, b); }},
      {"math.powf", [](double a, double b) { return std::pow(a, b); }},
  };
  return table.lookup(name);
}

using Predicate = bool (*)(double);
static Predicate findPredicate(StringRef name) {
  static const StringMap<Predicate> table = {
      {"math.isfinite", [](double x) { return std::isfinite(x); }},
      {"math.isinf", [](double x) { return std::isinf(x); }},
      {"math.isnan", [](double x) { return std::isnan(x); }},
      {"math.isnormal", [](double x) { return std::isnormal(x); }},
  };
  return table.lookup(name);
}

/// On sign-extended integers of a width; the result is wrapped afterwards.
using Integers = uint64_t (*)(int64_t, int64_t, unsigned);
static Integers findIntegers(StringRef name) {
  using I = int64_t;
  using U = unsigned;
  static const StringMap<Integers> table = {
      {"arith.addi", [](I a, I b, U) { return uint64_t(a) + uint64_t(b); }},
      {"arith.subi", [](I a, I b, U) { return uint64_t(a) - uint64_t(b); }},
      {"arith.muli", [](I a, I b, U) { return uint64_t(a) * uint64_t(b); }},
      {"arith.andi", [](I a, I b, U) { return uint64_t(a & b); }},
      {"arith.ori", [](I a, I b, U) { return uint64_t(a | b); }},
      {"arith.xori", [](I a, I b, U) { return uint64_t(a ^ b); }},
      {"arith.maxsi", [](I a, I b, U) { return uint64_t(std::max(a, b)); }},
      {"arith.minsi", [](I a, I b, U) { return uint64_t(std::min(a, b)); }},
      {"arith.maxui",
       [](I a, I b, U w) { return std::max(mask(a, w), mask(b, w)); }},
      {"arith.minui",
       [](I a, I b, U w) { return std::min(mask(a, w), mask(b, w)); }},
  };
  return table.lookup(name);
}

/// As above; `b` is neither zero nor is the quotient out of range.
static Integers findDivision(StringRef name) {
  using I = int64_t;
  using U = unsigned;
  static const StringMap<Integers> table = {
      {"arith.divsi", [](I a, I b, U) { return uint64_t(a / b); }},
      {"arith.remsi", [](I a, I b, U) { return uint64_t(a % b); }},
      {"arith.floordivsi",
       [](I a, I b, U) { return uint64_t(divideFloorSigned(a, b)); }},
      {"arith.ceildivsi",
       [](I a, I b, U) { return uint64_t(divideCeilSigned(a, b)); }},
      {"arith.divui", [](I a, I b, U w) { return mask(a, w) / mask(b, w); }},
      {"arith.remui", [](I a, I b, U w) { return mask(a, w) % mask(b, w); }},
      {"arith.ceildivui",
       [](I a, I b, U w) { return divideCeil(mask(a, w), mask(b, w)); }},
  };
  return table.lookup(name);
}

/// As above; `b` is less than the width.
static Integers findShift(StringRef name) {
  using I = int64_t;
  using U = unsigned;
  static const StringMap<Integers> table = {
      {"arith.shli", [](I a, I b, U) { return uint64_t(a) << b; }},
      {"arith.shrsi", [](I a, I b, U) { return uint64_t(a >> b); }},
      {"arith.shrui", [](I a, I b, U w) { return mask(a, w) >> b; }},
  };
  return table.lookup(name);
}

/// The operands' common shape; those of rank 0 repeat.
static mlir::FailureOr<SmallVector<int64_t>>
findShape(mlir::Operation *op, ArrayRef<Tensor> operands) {
  SmallVector<int64_t> shape;
  for (const Tensor &operand : operands) {
    if (operand.getRank() == 0)
      continue;
    if (!shape.empty() && ArrayRef(shape) != operand.getShape())
      return op->emitOpError("has operands of shapes ")
             << formatType(DType::F64, shape) << " and "
             << operand.getTypeString();
    shape.assign(operand.getShape().begin(), operand.getShape().end());
  }
  return shape;
}

/// R result = function(Args...) at every element.
template <typename R, typename... Args, typename Function, size_t... I>
static Result apply(mlir::Operation *op, ArrayRef<Tensor> operands,
                    Function function, std::index_sequence<I...>) {
  auto shape = findShape(op, operands);
  if (failed(shape))
    return mlir::failure();
  Result result =
      allocate(op, std::is_same_v<R, double> ? DType::F64 : DType::I64, *shape);
  if (failed(result))
    return mlir::failure();
  std::tuple<const Args *...> in(operands[I].getDataAs<Args>()...);
  int64_t step[] = {(operands[I].getRank() ? 1 : 0)...};
  R *out = result->getDataAs<R>();
  for (int64_t i = 0, e = result->getNumElements(); i < e; ++i)
    out[i] = function(std::get<I>(in)[i * step[I]]...);
  return result;
}
template <typename R, typename... Args, typename Function>
static Result apply(mlir::Operation *op, ArrayRef<Tensor> operands,
                    Function function) {
  return apply<R, Args...>(op, operands, function,
                           std::index_sequence_for<Args...>());
}

static Result evaluateIntegers(mlir::Operation *op, ArrayRef<Tensor> operands,
                               Integers function) {
  unsigned width = getWidth(op->getResult(0).getType());
  return apply<int64_t, int64_t, int64_t>(
      op, operands,
      [=](int64_t a, int64_t b) { return wrap(function(a, b, width), width); });
}

static Result evaluateDivision(mlir::Operation *op, ArrayRef<Tensor> operands,
                               Integers function) {
  unsigned width = getWidth(op->getResult(0).getType());
  bool isSigned = op->getName().getStringRef().ends_with("si");
  bool isDefined = true;
  Result result = apply<int64_t, int64_t, int64_t>(
      op, operands, [&](int64_t a, int64_t b) -> int64_t {
        bool overflows = isSigned && b == -1 && a == minIntN(width);
        if (b == 0 || overflows)
          return isDefined = false;
        return wrap(function(a, b, width), width);
      });
  if (!isDefined)
    return op->emitOpError("divides by zero or overflows");
  return result;
}

static Result evaluateShift(mlir::Operation *op, ArrayRef<Tensor> operands,
                            Integers function) {
  unsigned width = getWidth(op->getResult(0).getType());
  bool isDefined = true;
  Result result = apply<int64_t, int64_t, int64_t>(
      op, operands, [&](int64_t a, int64_t b) -> int64_t {
        if (mask(b, width) >= width)
          return isDefined = false;
        return wrap(function(a, b, width), width);
      });
  if (!isDefined)
    return op->emitOpError("shifts by the width of its type or more");
  return result;
}

static Result evaluateCompare(arith::CmpFOp op, ArrayRef<Tensor> operands) {
  using P = arith::CmpFPredicate;
  P predicate = op.getPredicate();
  return apply<int64_t, double, double>(
      op, operands, [=](double a, double b) -> int64_t {
        bool unordered = std::isnan(a) || std::isnan(b);
        switch (predicate) {
        case P::AlwaysFalse:
          return 0;
        case P::AlwaysTrue:
          return -1;
        case P::ORD:
          return -!unordered;
        case P::UNO:
          return -unordered;
        case P::OEQ:
          return -(a == b);
        case P::OGT:
          return -(a > b);
        case P::OGE:
          return -(a >= b);
        case P::OLT:
          return -(a < b);
        case P::OLE:
          return -(a <= b);
        case P::ONE:
          return -(!unordered && a != b);
        case P::UEQ:
          return -(unordered || a == b);
        case P::UGT:
          return -(unordered || a > b);
        case P::UGE:
          return -(unordered || a >= b);
        case P::ULT:
          return -(unordered || a < b);
        case P::ULE:
          return -(unordered || a <= b);
        case P::UNE:
          return -(a != b);
        }
        llvm_unreachable("every predicate is above");
      });
}

static Result evaluateCompare(arith::CmpIOp op, ArrayRef<Tensor> operands) {
  arith::CmpIPredicate predicate = op.getPredicate();
  unsigned width = getWidth(op.getLhs().getType());
  return apply<int64_t, int64_t, int64_t>(
      op, operands, [=](int64_t a, int64_t b) -> int64_t {
        return -arith::applyCmpPredicate(predicate,
                                         APInt(width, mask(a, width)),
                                         APInt(width, mask(b, width)));
      });
}

static Result evaluateSelect(arith::SelectOp op, ArrayRef<Tensor> operands) {
  auto select = [](int64_t condition, auto a, auto b) {
    return condition ? a : b;
  };
  if (getKind(op.getType()) == DType::F64)
    return apply<double, int64_t, double, double>(op, operands, select);
  return apply<int64_t, int64_t, int64_t, int64_t>(op, operands, select);
}

static Result evaluateToInteger(mlir::Operation *op, ArrayRef<Tensor> operands,
                                bool isSigned) {
  unsigned width = getWidth(op->getResult(0).getType());
  double low = isSigned ? -std::ldexp(1.0, width - 1) : 0;
  double high = std::ldexp(1.0, isSigned ? width - 1 : width);
  bool isDefined = true;
  Result result =
      apply<int64_t, double>(op, operands, [&](double x) -> int64_t {
        x = std::trunc(x);
        if (!(x >= low && x < high))
          return isDefined = false;
        return isSigned ? int64_t(x) : wrap(uint64_t(x), width);
      });
  if (!isDefined)
    return op->emitOpError("converts a value that its type cannot hold");
  return result;
}

static Result evaluateConstant(arith::ConstantOp op) {
  mlir::Attribute value = op.getValue();
  auto type = op.getType();
  if (auto shaped = dyn_cast<mlir::ShapedType>(type)) {
    auto elements = dyn_cast<mlir::DenseElementsAttr>(value);
    if (!elements)
      return op.emitOpError(
          "is not a dense constant, as the interpreter needs");
    Result result = allocate(op, getKind(type), shaped.getShape());
    if (failed(result))
      return mlir::failure();
    if (getKind(type) == DType::F64)
      transform(elements.getValues<APFloat>(), result->getDataAs<double>(),
                [](const APFloat &x) { return x.convertToDouble(); });
    else
      transform(elements.getValues<APInt>(), result->getDataAs<int64_t>(),
                [](const APInt &x) { return x.getSExtValue(); });
    return result;
  }
  Result result = allocate(op, getKind(type), {});
  if (failed(result))
    return mlir::failure();
  if (auto real = dyn_cast<mlir::FloatAttr>(value))
    *result->getDataAs<double>() = real.getValue().convertToDouble();
  else
    *result->getDataAs<int64_t>() =
        cast<mlir::IntegerAttr>(value).getValue().getSExtValue();
  return result;
}

/// The bits of a float are those of its own type, so it is rounded to that.
static Result evaluateBitcast(arith::BitcastOp op, ArrayRef<Tensor> operands) {
  mlir::Type from = mlir::getElementTypeOrSelf(op.getIn().getType());
  mlir::Type to = mlir::getElementTypeOrSelf(op.getType());
  auto toBits = [=](double x) {
    APFloat value(x);
    bool losesInfo;
    value.convert(cast<mlir::FloatType>(from).getFloatSemantics(),
                  APFloat::rmNearestTiesToEven, &losesInfo);
    return value.bitcastToAPInt().getSExtValue();
  };
  auto fromBits = [=](int64_t x) {
    unsigned width = to.getIntOrFloatBitWidth();
    return APFloat(cast<mlir::FloatType>(to).getFloatSemantics(),
                   APInt(width, mask(x, width)))
        .convertToDouble();
  };
  bool isFromFloat = isa<mlir::FloatType>(from);
  bool isToFloat = isa<mlir::FloatType>(to);
  if (isFromFloat && isToFloat)
    return apply<double, double>(op, operands,
                                 [=](double x) { return fromBits(toBits(x)); });
  if (isFromFloat)
    return apply<int64_t, double>(op, operands, toBits);
  if (isToFloat)
    return apply<double, int64_t>(op, operands, fromBits);
  return operands[0];
}

/// Operations that a table of functions cannot express.
static std::optional<Result> evaluateSpecial(mlir::Operation *op,
                                             ArrayRef<Tensor> operands) {
  return TypeSwitch<mlir::Operation *, std::optional<Result>>(op)
      .Case([](arith::ConstantOp op) { return evaluateConstant(op); })
      .Case<arith::CmpFOp, arith::CmpIOp>(
          [&](auto op) { return evaluateCompare(op, operands); })
      .Case([&](arith::SelectOp op) { return evaluateSelect(op, operands); })
      .Case([&](arith::BitcastOp op) { return evaluateBitcast(op, operands); })
      .Case<arith::ExtSIOp, arith::TruncIOp, arith::IndexCastOp>([&](auto op) {
        unsigned width = getWidth(op.getType());
        return apply<int64_t, int64_t>(
            op, operands, [=](int64_t x) { return wrap(x, width); });
      })
      .Case<arith::ExtUIOp, arith::IndexCastUIOp>([&](auto op) {
        unsigned from = getWidth(op.getIn().getType());
        unsigned width = getWidth(op.getType());
        return apply<int64_t, int64_t>(op, operands, [=](int64_t x) {
          return wrap(mask(x, from), width);
        });
      })
      .Case([&](arith::SIToFPOp op) {
        return apply<double, int64_t>(op, operands,
                                      [](int64_t x) { return double(x); });
      })
      .Case([&](arith::UIToFPOp op) {
        unsigned from = getWidth(op.getIn().getType());
        return apply<double, int64_t>(
            op, operands, [=](int64_t x) { return double(mask(x, from)); });
      })
      .Case([&](arith::FPToSIOp op) {
        return evaluateToInteger(op, operands, /*isSigned=*/true);
      })
      .Case([&](arith::FPToUIOp op) {
        return evaluateToInteger(op, operands, /*isSigned=*/false);
      })
      .Case([&](mlir::math::FmaOp op) {
        return apply<double, double, double, double>(
            op, operands,
            [](double a, double b, double c) { return std::fma(a, b, c); });
      })
      .Case([&](mlir::math::FPowIOp op) {
        return apply<double, double, int64_t>(
            op, operands,
            [](double a, int64_t b) { return std::pow(a, double(b)); });
      })
      .Case([&](mlir::math::AbsIOp op) {
        unsigned width = getWidth(op.getType());
        return apply<int64_t, int64_t>(op, operands, [=](int64_t x) {
          return wrap(x < 0 ? -uint64_t(x) : x, width);
        });
      })
      .Default([](mlir::Operation *) { return std::nullopt; });
}

static std::optional<Result> evaluateByTable(mlir::Operation *op,
                                             ArrayRef<Tensor> operands) {
  StringRef name = op->getName().getStringRef();
  if (Unary function = findUnary(name))
    return apply<double, double>(op, operands, function);
  if (Binary function = findBinary(name))
    return apply<double, double, double>(op, operands, function);
  if (Integers function = findIntegers(name))
    return evaluateIntegers(op, operands, function);
  if (Integers function = findDivision(name))
    return evaluateDivision(op, operands, function);
  if (Integers function = findShift(name))
    return evaluateShift(op, operands, function);
  if (Predicate function = findPredicate(name))
    return apply<int64_t, double>(
        op, operands, [=](double x) -> int64_t { return -function(x); });
  return std::nullopt;
}

std::optional<Result> evaluateScalarOp(mlir::Operation *op,
                                       const Scope &scope) {
  SmallVector<Tensor> operands = scope.get(op->getOperands());
  std::optional<Result> result = evaluateByTable(op, operands);
  return result ? std::move(result) : evaluateSpecial(op, operands);
}

} // namespace seednorm::interpreter
