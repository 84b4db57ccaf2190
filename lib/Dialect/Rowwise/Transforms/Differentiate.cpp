//===- Differentiate.cpp - Backward of a row program ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reverse mode on the region of a row program: the adjoint of a reduction is a
// broadcast, of a broadcast a reduction, of an operand that several rows share
// an accumulation. Knows no normalisation by name.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/Transforms/Differentiate.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

namespace mlir::rowwise {
#define GEN_PASS_DEF_ROWWISEDIFFERENTIATE
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h.inc"
} // namespace mlir::rowwise

using namespace mlir;
using namespace mlir::rowwise;

static int64_t getWidth(Value value) {
  return cast<RankedTensorType>(value.getType()).getDimSize(0);
}

static bool isFloat(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value));
}

/// Whether the gradient of an operand is a sum over rows.
static bool isSummed(ProgramOp program, unsigned operand) {
  return operand >= program.getRows().size() || program.isRepeated(operand);
}

Type mlir::rowwise::getSumType(Type element) {
  return element.isF64() ? element : Float32Type::get(element.getContext());
}

namespace {

/// Arithmetic on values of a region; constants take the shape of what they
/// meet.
class Arithmetic {
public:
  Arithmetic(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value constant(Value like, double value) {
    auto type = cast<RankedTensorType>(like.getType());
    Type element = type.getElementType();
    auto one = type.hasStaticShape() ? type : type.clone({1}, element);
    Value splat = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(one, builder.getFloatAttr(element, value)));
    return one == type ? splat : broadcast(splat, type.getDimSize(0));
  }
  Value add(Value a, Value b) { return make<arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) { return make<arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) { return make<arith::MulFOp>(a, b); }
  Value mul(Value a, double b) { return mul(a, constant(a, b)); }
  Value div(Value a, Value b) { return make<arith::DivFOp>(a, b); }
  Value neg(Value a) { return make<arith::NegFOp>(a); }
  /// (1 - a²) and its relatives: c + f · a².
  Value square(Value a, double c, double f) {
    Value s = mul(a, a);
    return add(f == 1 ? s : mul(s, f), constant(a, c));
  }
  Value compare(arith::CmpFPredicate predicate, Value a, Value b) {
    return arith::CmpFOp::create(builder, loc, predicate, a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return make<arith::SelectOp>(condition, a, b);
  }
  Value convert(Value value, Type element) {
    auto type = cast<RankedTensorType>(value.getType());
    unsigned from = type.getElementTypeBitWidth(),
             to = element.getIntOrFloatBitWidth();
    if (type.getElementType() == element)
      return value;
    if (from < to)
      return arith::ExtFOp::create(builder, loc, type.clone(element), value);
    return arith::TruncFOp::create(builder, loc, type.clone(element), value);
  }
  Value broadcast(Value value, int64_t width) {
    auto type = RankedTensorType::get({width}, getElementTypeOrSelf(value));
    if (type == value.getType() && type.hasStaticShape())
      return value;
    return BroadcastOp::create(builder, loc, type, value);
  }
  Value reduce(Value value, int64_t groups) {
    auto type = RankedTensorType::get({groups}, getElementTypeOrSelf(value));
    if (type == value.getType() && type.hasStaticShape())
      return value;
    return ReduceOp::create(builder, loc, type, ReduceKind::add, value);
  }
  template <typename OpTy, typename... Args>
  Value make(Args... args) {
    return OpTy::create(builder, loc, args...);
  }

protected:
  OpBuilder &builder;
  Location loc;
};

/// A sum over a row whose terms have the factors that are the same all over a
/// group taken out: reduce(a · broadcast(s)) = s · reduce(a). The reduction
/// then no longer waits for s, and shares a sweep with the one that gives s.
class FactoredSum : public Arithmetic {
public:
  FactoredSum(OpBuilder &builder, Location loc, int64_t rowWidth)
      : Arithmetic(builder, loc), rowWidth(rowWidth) {}

  /// Reductions above a value; at least this many are needed in any case, so
  /// values below it may stay inside a sum.
  unsigned getLevel(Value value);
  void setForwardLevel(unsigned level) { free = level ? level - 1 : 0; }

  Value sum(Value value, int64_t groups);

private:
  struct Term {
    SmallVector<Value> factors, divisors, groupFactors;
    bool isNegative = false;
  };
  using Terms = std::optional<SmallVector<Term>>;

  /// The terms of a value, or none if it cannot be written as a short sum.
  Terms expand(Value value);
  Terms computeTerms(Value value);
  Terms expandProduct(Value a, Value b);
  static bool isShort(const Term &term);
  std::optional<Value> sumTerm(Term &term, Value like, int64_t groups);

  static constexpr size_t mostTerms = 16, mostFactors = 8;
  int64_t rowWidth;
  unsigned free = 0;
  DenseMap<Value, unsigned> levels;
  DenseMap<Value, Terms> known;
};

} // namespace

unsigned FactoredSum::getLevel(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return 0;
  if (auto found = levels.find(value); found != levels.end())
    return found->second;
  unsigned level = 0;
  for (Value operand : op->getOperands())
    level = std::max(level, getLevel(operand));
  if (auto reduce = dyn_cast<ReduceOp>(op))
    // What is one value for a group needs no sweep.
    level += getWidth(reduce.getSource()) == rowWidth;
  return levels[value] = level;
}

/// A factor that scales the row is there at most as a square: higher powers of
/// the row without it may be out of range.
bool FactoredSum::isShort(const Term &term) {
  if (term.factors.size() > mostFactors)
    return false;
  return llvm::all_of(term.groupFactors, [&](Value factor) {
    return llvm::count(term.groupFactors, factor) <= 2;
  });
}

FactoredSum::Terms FactoredSum::expandProduct(Value a, Value b) {
  Terms left = expand(a);
  if (!left)
    return std::nullopt;
  Terms right = expand(b);
  if (!right || left->size() * right->size() > mostTerms)
    return std::nullopt;
  SmallVector<Term> terms;
  for (const Term &l : *left)
    for (const Term &r : *right) {
      Term term = l;
      llvm::append_range(term.factors, r.factors);
      llvm::append_range(term.divisors, r.divisors);
      llvm::append_range(term.groupFactors, r.groupFactors);
      term.isNegative ^= r.isNegative;
      if (!isShort(term))
        return std::nullopt;
      terms.push_back(std::move(term));
    }
  return terms;
}

FactoredSum::Terms FactoredSum::expand(Value value) {
  if (auto found = known.find(value); found != known.end())
    return found->second;
  Terms terms = computeTerms(value);
  known[value] = terms;
  return terms;
}

FactoredSum::Terms FactoredSum::computeTerms(Value value) {
  Operation *op = value.getDefiningOp();
  auto mul = dyn_cast_if_present<arith::MulFOp>(op);
  // Also below the limit, so that equal products are found; but a row that was
  // scaled there stays so, as the factors apart may be out of range.
  if (mul && (getLevel(value) > free ||
              llvm::none_of(mul->getOperands(), [](Value operand) {
                return operand.getDefiningOp<BroadcastOp>() != nullptr;
              })))
    if (Terms terms = expandProduct(mul.getLhs(), mul.getRhs());
        terms && (getLevel(value) > free || terms->size() == 1))
      return terms;
  if (getLevel(value) <= free)
    return SmallVector<Term>{Term{{value}, {}, {}, false}};
  if (auto broadcast = dyn_cast<BroadcastOp>(op))
    return SmallVector<Term>{Term{{}, {}, {broadcast.getSource()}, false}};
  if (isa<arith::AddFOp, arith::SubFOp>(op)) {
    Terms left = expand(op->getOperand(0)), right = expand(op->getOperand(1));
    if (!left || !right || left->size() + right->size() > mostTerms)
      return std::nullopt;
    for (Term &term : *right)
      term.isNegative ^= isa<arith::SubFOp>(op);
    left->append(*right);
    return left;
  }
  if (isa<arith::NegFOp>(op)) {
    Terms terms = expand(op->getOperand(0));
    if (terms)
      for (Term &term : *terms)
        term.isNegative ^= true;
    return terms;
  }
  if (auto div = dyn_cast<arith::DivFOp>(op)) {
    Terms terms = expand(div.getLhs());
    if (!terms)
      return std::nullopt;
    auto by = div.getRhs().getDefiningOp<BroadcastOp>();
    if (getLevel(div.getRhs()) > free && !by)
      return std::nullopt;
    for (Term &term : *terms)
      if (getLevel(div.getRhs()) <= free)
        term.divisors.push_back(div.getRhs());
      else
        term.groupFactors.push_back(
            this->div(constant(by.getSource(), 1), by.getSource()));
    return terms;
  }
  return std::nullopt;
}

/// The sum of one term over each of `groups` groups.
std::optional<Value> FactoredSum::sumTerm(Term &term, Value like,
                                          int64_t groups) {
  int64_t finest = groups;
  for (Value factor : term.groupFactors)
    finest = std::max(finest, getWidth(factor));
  for (Value factor : term.groupFactors)
    if (getWidth(factor) != 1 && getWidth(factor) != finest)
      return std::nullopt;
  if (finest % groups)
    return std::nullopt;
  // The same order of factors everywhere, so that equal sums are one.
  llvm::sort(term.factors, [](Value a, Value b) {
    auto left = dyn_cast<BlockArgument>(a), right = dyn_cast<BlockArgument>(b);
    if (left && right)
      return left.getArgNumber() < right.getArgNumber();
    if (left || right)
      return static_cast<bool>(left);
    return a.getDefiningOp()->isBeforeInBlock(b.getDefiningOp());
  });
  Value product;
  for (Value factor : term.factors)
    product = product ? mul(product, factor) : factor;
  if (!product)
    product = constant(like, 1);
  for (Value divisor : term.divisors)
    product = div(product, divisor);
  Value result = reduce(product, finest);
  for (Value factor : term.groupFactors)
    if (finest != 1 && getWidth(factor) == finest)
      result = mul(result, factor);
  result = reduce(result, groups);
  for (Value factor : term.groupFactors)
    if (finest == 1 || getWidth(factor) != finest)
      result = mul(result, broadcast(factor, groups));
  return result;
}

Value FactoredSum::sum(Value value, int64_t groups) {
  if (getLevel(value) > free)
    if (Terms terms = expand(value)) {
      Value total;
      for (Term &term : *terms) {
        std::optional<Value> part = sumTerm(term, value, groups);
        if (!part)
          return reduce(value, groups);
        if (term.isNegative && !total)
          part = neg(*part);
        if (total)
          total = term.isNegative ? sub(total, *part) : add(total, *part);
        else
          total = *part;
      }
      return total;
    }
  return reduce(value, groups);
}

namespace {

/// Reverse mode over the operations of one region.
class Reverse : public FactoredSum {
public:
  Reverse(OpBuilder &builder, Location loc, ProgramOp program)
      : FactoredSum(builder, loc, program.getRowWidth()), program(program) {}

  /// `mapping` takes values of the program's region to those of the new one; it
  /// holds the arguments, and values that need not be computed again. `seeds`
  /// are the adjoints of the yielded values, null for zero.
  LogicalResult run(IRMapping &mapping, ArrayRef<Value> seeds);
  /// The gradient of a region argument of the program; null if it has none.
  Value getGradient(BlockArgument argument) {
    return adjoints.lookup(argument);
  }

private:
  Type getAdjointType(Value of) const;
  void accumulate(Value of, Value contribution);
  LogicalResult visit(Operation *op, Value d, IRMapping &mapping);
  bool visitUnary(Operation *op, Value x, Value y, Value d);
  bool visitBinary(Operation *op, Value a, Value b, Value y, Value d);
  void visitReduce(ReduceOp op, Value x, Value y, Value d);

  ProgramOp program;
  DenseMap<Value, Value> adjoints; // of values of the program's own region
};

} // namespace

/// A sum over rows is not rounded to the operand's type.
Type Reverse::getAdjointType(Value of) const {
  Type element = getElementTypeOrSelf(of);
  auto argument = dyn_cast<BlockArgument>(of);
  return argument && isSummed(program, argument.getArgNumber())
             ? getSumType(element)
             : element;
}

void Reverse::accumulate(Value of, Value contribution) {
  if (!isFloat(of))
    return;
  contribution = convert(contribution, getAdjointType(of));
  Value &sum = adjoints[of];
  sum = sum ? add(sum, contribution) : contribution;
}

void Reverse::visitReduce(ReduceOp op, Value x, Value y, Value d) {
  int64_t width = getWidth(x), groups = getWidth(y);
  switch (op.getKind()) {
  case ReduceKind::add:
    break;
  case ReduceKind::mean: {
    // The number of elements need not be a number of a narrow type.
    Type element = getElementTypeOrSelf(d), wide = getSumType(element);
    bool isStatic = !ShapedType::isDynamic(width);
    d = convert(d, wide);
    Value size = isStatic ? constant(d, double(width / groups))
                          : reduce(constant(convert(x, wide), 1), groups);
    d = convert(div(d, size), element);
    break;
  }
  case ReduceKind::max:
  case ReduceKind::min: {
    // Equal extremes share the gradient.
    Value isExtreme =
        compare(arith::CmpFPredicate::OEQ, x, broadcast(y, width));
    Value mask = select(isExtreme, constant(x, 1), constant(x, 0));
    d = mul(mask, broadcast(div(d, reduce(mask, groups)), width));
    return accumulate(op.getSource(), d);
  }
  }
  accumulate(op.getSource(), broadcast(d, width));
}

/// The derivatives of functions of one argument x with the value y.
bool Reverse::visitUnary(Operation *op, Value x, Value y, Value d) {
  const double ln2 = std::log(2.0), ln10 = std::log(10.0);
  using P = arith::CmpFPredicate;
  auto result =
      llvm::TypeSwitch<Operation *, Value>(op)
          .Case([&](arith::NegFOp) { return neg(d); })
          .Case([&](math::ExpOp) { return mul(d, y); })
          .Case([&](math::Exp2Op) { return mul(d, mul(y, ln2)); })
          .Case([&](math::ExpM1Op) { return mul(d, add(y, constant(y, 1))); })
          .Case([&](math::LogOp) { return div(d, x); })
          .Case([&](math::Log2Op) { return div(d, mul(x, ln2)); })
          .Case([&](math::Log10Op) { return div(d, mul(x, ln10)); })
          .Case([&](math::Log1pOp) { return div(d, add(x, constant(x, 1))); })
          .Case([&](math::SqrtOp) { return div(d, mul(y, 2)); })
          .Case([&](math::RsqrtOp) {
            return mul(mul(d, mul(y, mul(y, y))), -0.5);
          })
          .Case([&](math::CbrtOp) { return div(d, mul(mul(y, y), 3)); })
          .Case([&](math::TanhOp) { return mul(d, square(y, 1, -1)); })
          .Case([&](math::SinOp) { return mul(d, make<math::CosOp>(x)); })
          .Case([&](math::CosOp) { return neg(mul(d, make<math::SinOp>(x))); })
          .Case([&](math::TanOp) { return mul(d, square(y, 1, 1)); })
          .Case([&](math::SinhOp) { return mul(d, make<math::CoshOp>(x)); })
          .Case([&](math::CoshOp) { return mul(d, make<math::SinhOp>(x)); })
          .Case([&](math::AsinOp) {
            return mul(d, make<math::RsqrtOp>(square(x, 1, -1)));
          })
          .Case([&](math::AcosOp) {
            return neg(mul(d, make<math::RsqrtOp>(square(x, 1, -1))));
          })
          .Case([&](math::AtanOp) { return div(d, square(x, 1, 1)); })
          .Case([&](math::AsinhOp) {
            return mul(d, make<math::RsqrtOp>(square(x, 1, 1)));
          })
          .Case([&](math::AcoshOp) {
            return mul(d, make<math::RsqrtOp>(square(x, -1, 1)));
          })
          .Case([&](math::AtanhOp) { return div(d, square(x, 1, -1)); })
          .Case([&](math::ErfOp) {
            Value e = make<math::ExpOp>(neg(mul(x, x)));
            return mul(d, mul(e, 2 / std::sqrt(M_PI)));
          })
          .Case([&](math::ErfcOp) {
            Value e = make<math::ExpOp>(neg(mul(x, x)));
            return mul(d, mul(e, -2 / std::sqrt(M_PI)));
          })
          .Case([&](math::AbsFOp) {
            Value zero = constant(x, 0);
            Value atMost = select(compare(P::OLT, x, zero), neg(d), zero);
            return select(compare(P::OGT, x, zero), d, atMost);
          })
          .Default([](Operation *) { return Value(); });
  if (!result)
    return false;
  accumulate(op->getOperand(0), result);
  return true;
}

bool Reverse::visitBinary(Operation *op, Value a, Value b, Value y, Value d) {
  Value left = op->getOperand(0), right = op->getOperand(1);
  auto give = [&](Value toLeft, Value toRight) {
    accumulate(left, toLeft);
    accumulate(right, toRight);
    return true;
  };
  // Equal arguments share the gradient, as PyTorch has it. `orNumber`: beside a
  // NaN the other argument is the result.
  using P = arith::CmpFPredicate;
  auto choose = [&](P better, bool orNumber) {
    Value half = mul(d, 0.5), zero = constant(d, 0);
    Value same = compare(P::OEQ, a, b);
    Value toLeft = select(compare(better, a, b), d, zero);
    Value toRight = select(compare(better, b, a), d, zero);
    if (orNumber) {
      toLeft = select(compare(P::UNO, b, b), d, toLeft);
      toRight = select(compare(P::UNO, a, a), d, toRight);
    }
    return give(select(same, half, toLeft), select(same, half, toRight));
  };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](arith::AddFOp) { return give(d, d); })
      .Case([&](arith::SubFOp) { return give(d, neg(d)); })
      .Case([&](arith::MulFOp) { return give(mul(d, b), mul(d, a)); })
      .Case([&](arith::DivFOp) {
        Value toLeft = div(d, b);
        return give(toLeft, neg(mul(toLeft, y)));
      })
      .Case([&](arith::MaximumFOp) { return choose(P::OGT, false); })
      .Case([&](arith::MinimumFOp) { return choose(P::OLT, false); })
      .Case([&](arith::MaxNumFOp) { return choose(P::OGT, true); })
      .Case([&](arith::MinNumFOp) { return choose(P::OLT, true); })
      .Case([&](math::PowFOp) {
        // At a base of 0 both are limits: of 0 · ∞ and of 0^b · log 0.
        Value zero = constant(a, 0);
        Value toLeft = mul(b, make<math::PowFOp>(a, sub(b, constant(b, 1))));
        toLeft = select(compare(P::OEQ, b, zero), zero, toLeft);
        Value toRight = mul(y, make<math::LogOp>(a));
        Value isLimit = arith::AndIOp::create(
            builder, loc, compare(P::OEQ, a, zero), compare(P::OGE, b, zero));
        toRight = select(isLimit, zero, toRight);
        return give(mul(d, toLeft), mul(d, toRight));
      })
      .Case([&](math::Atan2Op) {
        Value squares = add(mul(a, a), mul(b, b)), zero = constant(d, 0);
        Value over = select(compare(P::OEQ, squares, zero), zero,
                            div(d, squares)); // the origin has no direction
        return give(mul(over, b), neg(mul(over, a)));
      })
      .Default([](Operation *) { return false; });
}

/// Hands the adjoint `d` of an operation's result on to its operands.
LogicalResult Reverse::visit(Operation *op, Value d, IRMapping &mapping) {
  Value y = mapping.lookup(op->getResult(0));
  SmallVector<Value> x =
      llvm::map_to_vector(op->getOperands(), [&](Value operand) {
        return mapping.lookup(operand);
      });
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    visitReduce(reduce, x[0], y, d);
    return success();
  }
  if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
    accumulate(broadcast.getSource(), sum(d, getWidth(x[0])));
    return success();
  }
  if (isa<arith::ExtFOp, arith::TruncFOp>(op)) {
    Value source = op->getOperand(0);
    accumulate(source, convert(d, getAdjointType(source)));
    return success();
  }
  if (auto choice = dyn_cast<arith::SelectOp>(op)) {
    Value zero = constant(d, 0);
    accumulate(choice.getTrueValue(), select(x[0], d, zero));
    accumulate(choice.getFalseValue(), select(x[0], zero, d));
    return success();
  }
  if (isa<math::FmaOp>(op)) {
    accumulate(op->getOperand(0), mul(d, x[1]));
    accumulate(op->getOperand(1), mul(d, x[0]));
    accumulate(op->getOperand(2), d);
    return success();
  }
  // Steps are flat wherever they have a derivative; so is what is made of
  // integers.
  if (isa<DetachOp, math::FloorOp, math::CeilOp, math::RoundOp,
          math::RoundEvenOp, math::TruncOp>(op) ||
      llvm::none_of(op->getOperands(), isFloat))
    return success();
  if (x.size() == 1 && visitUnary(op, x[0], y, d))
    return success();
  if (x.size() == 2 && visitBinary(op, x[0], x[1], y, d))
    return success();
  return op->emitOpError("has no derivative that is known here");
}

LogicalResult Reverse::run(IRMapping &mapping, ArrayRef<Value> seeds) {
  unsigned level = 0;
  for (Operation &op : program.getBlock()->without_terminator()) {
    if (isa<AccumulateOp>(op) || mapping.contains(op.getResult(0)))
      continue;
    if (auto detach = dyn_cast<DetachOp>(op)) {
      mapping.map(detach.getResult(), mapping.lookup(detach.getSource()));
      continue;
    }
    Operation *clone = builder.clone(op, mapping);
    level = std::max(level, getLevel(clone->getResult(0)));
  }
  setForwardLevel(level);
  for (auto [yielded, seed] :
       llvm::zip(program.getYield()->getOperands(), seeds)) {
    auto total = yielded.getDefiningOp<AccumulateOp>();
    if (seed)
      accumulate(total ? total.getSource() : yielded, seed);
  }
  for (Operation &op : llvm::reverse(program.getBlock()->without_terminator()))
    if (!isa<AccumulateOp>(op))
      if (Value d = adjoints.lookup(op.getResult(0)))
        if (failed(visit(&op, d, mapping)))
          return failure();
  return success();
}

RankedTensorType mlir::rowwise::getGradientType(ProgramOp program,
                                                OpOperand &operand) {
  auto type = cast<RankedTensorType>(operand.get().getType());
  if (!isSummed(program, operand.getOperandNumber()))
    return type;
  return type.clone(getSumType(type.getElementType()));
}

/// Integers have no gradient.
static LogicalResult verifyWanted(ProgramOp program,
                                  ArrayRef<OpOperand *> wanted) {
  for (OpOperand *operand : wanted)
    if (!isFloat(operand->get()))
      return program.emitOpError("operand ")
             << operand->getOperandNumber() << " has elements of "
             << getElementTypeOrSelf(operand->get())
             << ", which have no gradient";
  return success();
}

FailureOr<ProgramOp> mlir::rowwise::differentiate(OpBuilder &builder,
                                                  ProgramOp program,
                                                  ValueRange cotangents,
                                                  ArrayRef<OpOperand *> wanted,
                                                  ValueRange saved) {
  if (program.hasBufferSemantics())
    return program.emitOpError("is on memrefs; differentiate it on tensors");
  if (failed(verifyWanted(program, wanted)))
    return failure();
  Location loc = program.getLoc();
  SmallVector<Value> rows(program.getRows()), columns(program.getColumns());
  // The cotangent of a sum over all rows is the same for each of them.
  auto isColumn = [&](unsigned result) {
    return program.isAccumulated(result) &&
           cast<ShapedType>(program.getResultTypes()[result]).getRank() == 1;
  };
  for (auto [i, cotangent] : llvm::enumerate(cotangents))
    if (cotangent)
      (isColumn(i) ? columns : rows).push_back(cotangent);
  for (Value value : saved)
    if (value)
      rows.push_back(value);
  SmallVector<Value> outs;
  for (OpOperand *operand : wanted)
    outs.push_back(tensor::EmptyOp::create(
        builder, loc, tensor::getMixedSizes(builder, loc, operand->get()),
        getGradientType(program, *operand).getElementType()));
  LogicalResult status = success();
  auto backward = ProgramOp::create(
      builder, loc, rows, columns, outs,
      [&](OpBuilder &inner, Location, ValueRange arguments) {
        unsigned nextRow = program.getRows().size();
        unsigned nextColumn = rows.size() + program.getColumns().size();
        IRMapping mapping;
        for (auto [i, argument] : llvm::enumerate(program.getRowArguments()))
          mapping.map(argument, arguments[i]);
        for (auto [i, argument] : llvm::enumerate(program.getColumnArguments()))
          mapping.map(argument, arguments[rows.size() + i]);
        SmallVector<Value> seeds;
        for (auto [i, cotangent] : llvm::enumerate(cotangents))
          seeds.push_back(
              !cotangent ? Value()
                         : arguments[isColumn(i) ? nextColumn++ : nextRow++]);
        for (auto [i, value] : llvm::enumerate(saved))
          if (value)
            mapping.map(program.getYield()->getOperand(i),
                        arguments[nextRow++]);
        Reverse reverse(inner, loc, program);
        status = reverse.run(mapping, seeds);
        SmallVector<Value> yields;
        for (OpOperand *operand : wanted) {
          unsigned number = operand->getOperandNumber();
          BlockArgument argument = program.getBlock()->getArgument(number);
          Type element = getGradientType(program, *operand).getElementType();
          Value gradient = reverse.getGradient(argument);
          if (!gradient)
            gradient = reverse.constant(mapping.lookup(argument), 0);
          gradient = reverse.convert(gradient, element);
          if (isSummed(program, number))
            gradient = AccumulateOp::create(inner, loc, gradient);
          yields.push_back(gradient);
        }
        YieldOp::create(inner, loc, yields);
      });
  if (failed(status)) {
    backward.erase();
    return failure();
  }
  // Forward values that no gradient needs.
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(*backward.getBlock())))
    if (isOpTriviallyDead(&op))
      op.erase();
  return backward;
}

namespace {
struct RowwiseDifferentiate
    : rowwise::impl::RowwiseDifferentiateBase<RowwiseDifferentiate> {
  using RowwiseDifferentiateBase::RowwiseDifferentiateBase;

  void runOnOperation() override {
    SmallVector<func::FuncOp> functions;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() &&
          (symbol.empty() || symbol == function.getSymName()))
        functions.push_back(function);
    if (functions.empty() && !symbol.empty()) {
      getOperation().emitError("has no function '")
          << symbol << "' with a body";
      return signalPassFailure();
    }
    for (func::FuncOp function : functions)
      if (failed(appendBackward(function)))
        return signalPassFailure();
  }

  /// The one program of a function, whose results are the function's.
  static FailureOr<ProgramOp> findProgram(func::FuncOp function) {
    auto programs = llvm::to_vector(function.getOps<ProgramOp>());
    if (programs.size() != 1 || !function.getBody().hasOneBlock())
      return function.emitOpError("has ")
             << programs.size()
             << " row programs, but one is what can be differentiated";
    if (programs[0].hasBufferSemantics())
      return programs[0].emitOpError(
          "is on memrefs; differentiate it on tensors");
    for (Value value :
         function.getBody().front().getTerminator()->getOperands())
      if (value.getDefiningOp() != programs[0])
        return function.emitOpError(
            "gives back more than the results of its row program");
    return programs[0];
  }

  /// The operands of a program are arguments of its function, each the row or
  /// the column operand that all its uses are: no gradient gets lost.
  static LogicalResult verifyOperands(ProgramOp program) {
    for (OpOperand &operand : program->getOpOperands()) {
      Value value = operand.get();
      unsigned number = operand.getOperandNumber(),
               rows = program.getRows().size();
      if (program.isDpsInit(&operand) || !isFloat(value) ||
          matchPattern(value, m_Constant()))
        continue;
      if (!isa<BlockArgument>(value))
        return program.emitOpError("operand ")
               << number
               << " is no argument of the function, so a gradient would be "
                  "lost";
      if (number < rows && llvm::is_contained(program.getColumns(), value))
        return program.emitOpError("operand ")
               << number << " is both a row and a column";
    }
    return success();
  }

  /// An operand that is given twice becomes one argument of the region.
  static void mergeRepeated(ProgramOp program) {
    for (auto arguments :
         {program.getRowArguments(), program.getColumnArguments()})
      for (BlockArgument later : arguments)
        for (BlockArgument first : arguments)
          if (first.getArgNumber() < later.getArgNumber() &&
              program->getOperand(first.getArgNumber()) ==
                  program->getOperand(later.getArgNumber()))
            later.replaceAllUsesWith(first);
  }

  LogicalResult appendBackward(func::FuncOp function) {
    FailureOr<ProgramOp> found = findProgram(function);
    if (failed(found))
      return failure();
    std::string backwardName = (function.getSymName() + "_backward").str();
    if (getOperation().lookupSymbol(backwardName))
      return function.emitOpError("cannot get a backward: '@")
             << backwardName << "' is there already";
    ProgramOp program = *found;
    if (failed(verifyOperands(program)))
      return failure();
    Block &body = function.getBody().front();
    Operation *end = body.getTerminator();

    // Gradients are those of arguments with floats, in their order.
    SmallVector<OpOperand *> wanted;
    for (BlockArgument argument : body.getArguments())
      for (OpOperand &operand : program->getOpOperands())
        if (operand.get() == argument && !program.isDpsInit(&operand) &&
            isFloat(argument)) {
          wanted.push_back(&operand);
          break;
        }
    if (wanted.empty())
      return function.emitOpError("has no argument that has a gradient");
    SmallVector<Type> inputs(function.getArgumentTypes()), results;
    llvm::append_range(inputs, function.getResultTypes());
    for (OpOperand *operand : wanted)
      results.push_back(getGradientType(program, *operand));

    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(function);
    auto backward =
        func::FuncOp::create(builder, function.getLoc(), backwardName,
                             builder.getFunctionType(inputs, results));
    Block *entry = backward.addEntryBlock();
    builder.setInsertionPointToStart(entry);
    IRMapping mapping;
    for (auto [from, to] :
         llvm::zip(body.getArguments(), entry->getArguments()))
      mapping.map(from, to);
    for (Operation &op : body.without_terminator())
      builder.clone(op, mapping);
    auto forward = cast<ProgramOp>(mapping.lookup(program.getOperation()));
    mergeRepeated(forward);
    SmallVector<Value> cotangents(program.getNumResults());
    for (auto [value, cotangent] :
         llvm::zip(end->getOperands(),
                   entry->getArguments().drop_front(body.getNumArguments()))) {
      Value &slot = cotangents[cast<OpResult>(value).getResultNumber()];
      if (slot)
        return function.emitOpError("gives the same result back twice");
      slot = cotangent;
    }
    if (llvm::is_contained(cotangents, Value()))
      return function.emitOpError("does not give every result back; "
                                  "canonicalize it first");
    SmallVector<OpOperand *> mapped;
    for (OpOperand *operand : wanted)
      mapped.push_back(&forward->getOpOperand(operand->getOperandNumber()));
    auto gradients = differentiate(builder, forward, cotangents, mapped);
    if (failed(gradients)) {
      backward.erase();
      return failure();
    }
    forward.erase();
    func::ReturnOp::create(builder, function.getLoc(), gradients->getResults());
    return success();
  }
};
} // namespace
