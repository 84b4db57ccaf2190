//===- RandomProgram.cpp - Row programs drawn at random ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every value carries a bound of its magnitude, by which the arguments of an
// operation are first brought to where it is smooth: log(0.25 + x²).
//
//===----------------------------------------------------------------------===//

#include "RandomProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rowwise;
using namespace ::seednorm::testing;

namespace {

/// Where the arguments of an operation must lie.
enum class Domain {
  Any,      // at most 8 in magnitude
  Small,    // at most 2
  Inner,    // at most 0.9
  Positive, // from 0.25 to 4.25
  NonZero,  // the same or its negative
  AboveOne, // from 1.1 to 5.1
};

struct UnaryOperation {
  StringRef name;
  Domain domain;
  double most; // magnitude of the result; 0: as the argument's, and 1 more
};
constexpr UnaryOperation unaryOperations[] = {
    {"arith.negf", Domain::Any, 0},      {"math.exp", Domain::Small, 8},
    {"math.exp2", Domain::Small, 4},     {"math.expm1", Domain::Small, 7},
    {"math.log", Domain::Positive, 2},   {"math.log2", Domain::Positive, 3},
    {"math.log10", Domain::Positive, 1}, {"math.log1p", Domain::Inner, 3},
    {"math.sqrt", Domain::Positive, 3},  {"math.rsqrt", Domain::Positive, 2},
    {"math.cbrt", Domain::NonZero, 2},   {"math.tanh", Domain::Any, 1},
    {"math.sin", Domain::Any, 1},        {"math.cos", Domain::Any, 1},
    {"math.tan", Domain::Inner, 2},      {"math.sinh", Domain::Small, 4},
    {"math.cosh", Domain::Small, 4},     {"math.asin", Domain::Inner, 2},
    {"math.acos", Domain::Inner, 4},     {"math.atan", Domain::Any, 2},
    {"math.asinh", Domain::Any, 3},      {"math.acosh", Domain::AboveOne, 3},
    {"math.atanh", Domain::Inner, 2},    {"math.erf", Domain::Small, 1},
    {"math.erfc", Domain::Small, 2},     {"math.absf", Domain::Any, 0},
    {"math.floor", Domain::Any, 0},      {"math.ceil", Domain::Any, 0},
    {"math.round", Domain::Any, 0},      {"math.roundeven", Domain::Any, 0},
    {"math.trunc", Domain::Any, 0},
};

struct BinaryOperation {
  StringRef name;
  Domain left, right;
  double most; // as above; here 0 is the larger of both
};
constexpr BinaryOperation binaryOperations[] = {
    {"arith.addf", Domain::Any, Domain::Any, 16},
    {"arith.subf", Domain::Any, Domain::Any, 16},
    {"arith.mulf", Domain::Any, Domain::Any, 64},
    {"arith.divf", Domain::Any, Domain::NonZero, 32},
    {"arith.maximumf", Domain::Any, Domain::Any, 0},
    {"arith.minimumf", Domain::Any, Domain::Any, 0},
    {"arith.maxnumf", Domain::Any, Domain::Any, 0},
    {"arith.minnumf", Domain::Any, Domain::Any, 0},
    {"math.powf", Domain::Positive, Domain::Small, 19},
    {"math.atan2", Domain::Any, Domain::Positive, 4},
};

/// A value of the region; its width is that of its type.
struct Bounded {
  Value value;
  double most;
};

int64_t widthOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getDimSize(0);
}

/// Writes the region.
class Writer {
public:
  Writer(OpBuilder &builder, Location loc, Random &random, int64_t rowWidth,
         int64_t columns, bool converts)
      : builder(builder), loc(loc), random(random), rowWidth(rowWidth),
        columns(columns), converts(converts) {}

  void addArgument(Value argument);
  void addOperation();
  /// A value of this width, of the last ones if possible.
  Value finish(int64_t width);

private:
  Value make(StringRef name, ValueRange operands, Type result = {}) {
    OperationState state(loc, name, operands,
                         {result ? result : operands[0].getType()});
    return builder.create(state)->getResult(0);
  }
  Value constant(Value like, double value) {
    auto type = cast<RankedTensorType>(like.getType());
    auto one =
        type.hasStaticShape() ? type : type.clone({1}, builder.getF64Type());
    Value splat = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(one, builder.getF64FloatAttr(value)));
    return repeat(splat, widthOf(like));
  }
  Value repeat(Value value, int64_t width) {
    if (widthOf(value) == width)
      return value;
    return BroadcastOp::create(
        builder, loc, RankedTensorType::get({width}, builder.getF64Type()),
        value);
  }
  /// Widths of at least one element for each group of a value.
  int64_t sizeOf(int64_t width) const {
    return ShapedType::isDynamic(width) ? columns : width;
  }

  /// The last values are drawn more often, so that programs get deep.
  Bounded draw() {
    size_t count = pool.size();
    return pool[std::max(random.below(count), random.below(count))];
  }
  Bounded limit(Bounded x, double most);
  Value bring(Bounded x, Domain domain);
  /// Gives all the same width.
  void unify(MutableArrayRef<Bounded> values);
  void addSelect();
  void addReduce(Bounded x, int64_t groups);

  OpBuilder &builder;
  Location loc;
  Random &random;
  int64_t rowWidth, columns;
  bool converts;
  SmallVector<Bounded> pool;
};

} // namespace

void Writer::addArgument(Value argument) {
  auto type = cast<RankedTensorType>(argument.getType());
  if (!type.getElementType().isF64())
    argument = make("arith.extf", argument, type.clone(builder.getF64Type()));
  pool.push_back({argument, 2});
}

Bounded Writer::limit(Bounded x, double most) {
  if (x.most <= most)
    return x;
  if (most >= 3 && random.once(3))
    return {make("math.asinh", x.value), std::asinh(x.most)};
  if (random.once(2))
    return {make("arith.mulf", {x.value, constant(x.value, most / x.most)}),
            most};
  Value tanh = make("math.tanh", x.value);
  if (most >= 1)
    return {tanh, 1};
  return {make("arith.mulf", {constant(tanh, most), tanh}), most};
}

Value Writer::bring(Bounded x, Domain domain) {
  switch (domain) {
  case Domain::Any:
    return limit(x, 8).value;
  case Domain::Small:
    return limit(x, 2).value;
  case Domain::Inner:
    return limit(x, 0.9).value;
  case Domain::NonZero:
    if (random.once(2))
      return make("arith.negf", bring(x, Domain::Positive));
    [[fallthrough]];
  case Domain::Positive:
  case Domain::AboveOne: {
    Value small = limit(x, 2).value;
    Value square = make("arith.mulf", {small, small});
    double least = domain == Domain::AboveOne ? 1.1 : 0.25;
    return make("arith.addf", {square, constant(small, least)});
  }
  }
  llvm_unreachable("every domain is above");
}

void Writer::unify(MutableArrayRef<Bounded> values) {
  int64_t width = 1;
  for (Bounded &x : values) {
    int64_t own = widthOf(x.value);
    if (own != 1 && own != width)
      width = width == 1 ? own : rowWidth;
  }
  for (Bounded &x : values)
    x.value = repeat(x.value, width);
}

void Writer::addSelect() {
  Bounded x[] = {draw(), draw(), draw(), draw()};
  unify(x);
  using P = arith::CmpFPredicate;
  constexpr P predicates[] = {P::OLT, P::OGT, P::OLE, P::OGE,
                              P::OEQ, P::ONE, P::ULT, P::UGE};
  Value condition = arith::CmpFOp::create(builder, loc, random.pick(predicates),
                                          x[0].value, x[1].value);
  pool.push_back(
      {arith::SelectOp::create(builder, loc, condition, x[2].value, x[3].value),
       std::max(x[2].most, x[3].most)});
}

void Writer::addReduce(Bounded x, int64_t groups) {
  constexpr ReduceKind kinds[] = {ReduceKind::add, ReduceKind::mean,
                                  ReduceKind::max, ReduceKind::min};
  ReduceKind kind = random.pick(kinds);
  if (kind == ReduceKind::add)
    x = limit(x, 8);
  double terms =
      kind == ReduceKind::add ? double(sizeOf(widthOf(x.value))) / groups : 1;
  auto type = RankedTensorType::get({groups}, builder.getF64Type());
  pool.push_back(
      {ReduceOp::create(builder, loc, type, kind, x.value), x.most * terms});
}

void Writer::addOperation() {
  int64_t choice = random.below(20);
  if (choice < 6) {
    const UnaryOperation op = random.pick(unaryOperations);
    Bounded x = draw();
    pool.push_back({make(op.name, bring(x, op.domain)),
                    op.most != 0 ? op.most : std::min(x.most, 8.0) + 1});
  } else if (choice < 12) {
    const BinaryOperation op = random.pick(binaryOperations);
    Bounded x[] = {draw(), draw()};
    unify(x);
    pool.push_back(
        {make(op.name, {bring(x[0], op.left), bring(x[1], op.right)}),
         op.most != 0 ? op.most : 8});
  } else if (choice < 13) {
    Bounded x[] = {draw(), draw(), draw()};
    unify(x);
    pool.push_back(
        {make("math.fma", {bring(x[0], Domain::Any), bring(x[1], Domain::Any),
                           bring(x[2], Domain::Any)}),
         72});
  } else if (choice < 14) {
    addSelect();
  } else if (choice < 17) {
    Bounded x = draw();
    SmallVector<int64_t> groups;
    for (int64_t n = 1, size = sizeOf(widthOf(x.value)); n <= size; ++n)
      if (size % n == 0 && (n < size || n == 1))
        groups.push_back(n);
    addReduce(x, random.pick(groups));
  } else if (choice < 18) {
    Bounded x = draw();
    pool.push_back({repeat(x.value, rowWidth), x.most});
  } else if (choice < 19) {
    Bounded x = draw();
    double factor = random.between(-2, 2);
    pool.push_back(
        {make("arith.mulf", {limit(x, 8).value, constant(x.value, factor)}),
         16});
  } else if (converts) {
    Bounded x = draw();
    auto type = cast<RankedTensorType>(x.value.getType());
    Value narrow =
        make("arith.truncf", x.value, type.clone(builder.getF32Type()));
    pool.push_back({make("arith.extf", narrow, type), x.most});
  }
}

Value Writer::finish(int64_t width) {
  Bounded x = draw();
  if (widthOf(x.value) != width && widthOf(x.value) != 1 && width != rowWidth)
    x.value = repeat(x.value, rowWidth);
  if (widthOf(x.value) == rowWidth && width != rowWidth) {
    addReduce(x, width);
    return pool.back().value;
  }
  return repeat(x.value, width);
}

namespace seednorm::testing {

SmallVector<StringRef> getRandomOperations() {
  SmallVector<StringRef> names = {"math.fma",           "arith.cmpf",
                                  "arith.select",       "arith.constant",
                                  "arith.extf",         "arith.truncf",
                                  "rowwise.reduce",     "rowwise.broadcast",
                                  "rowwise.accumulate", "rowwise.yield"};
  for (const UnaryOperation &op : unaryOperations)
    names.push_back(op.name);
  for (const BinaryOperation &op : binaryOperations)
    names.push_back(op.name);
  return names;
}

namespace {

/// What is drawn before the region: sizes, operands and outs.
class Signature {
public:
  Signature(Builder &builder, Random &random,
            const RandomProgramOptions &options);

  struct Out {
    int64_t width;
    bool isAccumulated;
  };
  int64_t rowWidth, columns; // the first may be dynamic
  int64_t numRowOperands;
  SmallVector<Type> types;
  SmallVector<SmallVector<int64_t>> shapes;
  SmallVector<Out> outs;

private:
  int64_t drawWidth();
  void add(ArrayRef<int64_t> leading, ArrayRef<int64_t> sizes, int64_t width);

  Builder &builder;
  Random &random;
  SmallVector<int64_t> groups;
};

} // namespace

/// D more often than a number of groups.
int64_t Signature::drawWidth() {
  return random.below(5) < 3 ? rowWidth : random.pick(groups);
}

void Signature::add(ArrayRef<int64_t> leading, ArrayRef<int64_t> sizes,
                    int64_t width) {
  SmallVector<int64_t> shape(leading), actual(sizes);
  shape.push_back(width);
  actual.push_back(ShapedType::isDynamic(width) ? columns : width);
  Type element =
      random.once(6) ? Type(builder.getF32Type()) : Type(builder.getF64Type());
  types.push_back(RankedTensorType::get(shape, element));
  shapes.push_back(actual);
}

Signature::Signature(Builder &builder, Random &random,
                     const RandomProgramOptions &options)
    : builder(builder), random(random) {
  columns = 1 + random.below(options.mostColumns);
  rowWidth = random.once(5) ? ShapedType::kDynamic : columns;
  for (int64_t n = 1; n <= columns; ++n)
    if (columns % n == 0)
      groups.push_back(n);
  SmallVector<int64_t> leading, sizes;
  for (int64_t rank = random.once(10) ? random.below(3) : 1; rank > 0; --rank) {
    sizes.push_back(1 + random.below(options.mostRows));
    leading.push_back(random.once(2) ? ShapedType::kDynamic : sizes.back());
  }
  numRowOperands = 1 + random.below(3);
  add(leading, sizes, rowWidth);
  for (int64_t i = 1; i < numRowOperands; ++i) {
    SmallVector<int64_t> own(leading), ownSizes(sizes);
    if (!own.empty() && random.once(6))
      own[0] = ownSizes[0] = 1; // repeats
    add(own, ownSizes, drawWidth());
  }
  for (int64_t i = random.below(4); i > 0; --i)
    add({}, {}, drawWidth());
  for (int64_t i = 1 + random.below(3); i > 0; --i)
    outs.push_back({drawWidth(), random.once(3)});
}

RandomProgram appendRandomProgram(ModuleOp module, StringRef name,
                                  uint64_t seed,
                                  const RandomProgramOptions &options) {
  Random random(seed);
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  Location loc = builder.getUnknownLoc();
  Signature signature(builder, random, options);
  auto function = func::FuncOp::create(
      builder, loc, name, builder.getFunctionType(signature.types, {}));
  Block *entry = function.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  auto operands = ValueRange(entry->getArguments());
  SmallVector<Value> outs;
  for (const Signature::Out &out : signature.outs) {
    auto sizes = tensor::getMixedSizes(builder, loc, operands[0]);
    if (out.isAccumulated)
      sizes.erase(sizes.begin(), sizes.end() - 1);
    if (!ShapedType::isDynamic(out.width))
      sizes.back() = builder.getIndexAttr(out.width);
    outs.push_back(
        tensor::EmptyOp::create(builder, loc, sizes, builder.getF64Type()));
  }
  auto program = ProgramOp::create(
      builder, loc, operands.take_front(signature.numRowOperands),
      operands.drop_front(signature.numRowOperands), outs,
      [&](OpBuilder &inner, Location, ValueRange arguments) {
        Writer writer(inner, loc, random, signature.rowWidth, signature.columns,
                      options.converts);
        for (Value argument : arguments)
          writer.addArgument(argument);
        for (int64_t i = 3 + random.below(16); i > 0; --i)
          writer.addOperation();
        SmallVector<Value> yields;
        for (const Signature::Out &out : signature.outs) {
          Value value = writer.finish(out.width);
          if (out.isAccumulated)
            value = AccumulateOp::create(inner, loc, value);
          yields.push_back(value);
        }
        YieldOp::create(inner, loc, yields);
      });
  func::ReturnOp::create(builder, loc, program.getResults());
  function.setType(
      builder.getFunctionType(signature.types, program.getResultTypes()));
  return {function, std::move(signature.shapes)};
}

} // namespace seednorm::testing
