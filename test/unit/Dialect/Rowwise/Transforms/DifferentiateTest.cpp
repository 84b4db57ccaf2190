//===- DifferentiateTest.cpp - Gradients of random row programs ----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Row programs drawn at random are differentiated and executed by the
// reference interpreter; the gradients must be the slopes of the program, and
// compiled code must compute the same. To see more programs, or one again:
//
//   SEEDNORM_PROPERTY_PROGRAMS=100000 SEEDNORM_PROPERTY_SEED=1 <this program>
//
//===----------------------------------------------------------------------===//

#include "RandomProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "seednorm/Dialect/Rowwise/IR/ScheduleFields.h"
#include "seednorm/Dialect/Rowwise/Transforms/CPUSchedule.h"
#include "seednorm/Dialect/Rowwise/Transforms/Differentiate.h"
#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"
#include "seednorm/InitAll.h"
#include "seednorm/Interpreter/Interpreter.h"
#include "seednorm/Pipelines/Pipelines.h"
#include "seednorm/Runtime/Model.h"
#include "seednorm/Runtime/Module.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <cmath>
#include <map>

using namespace mlir;
using namespace mlir::rowwise;
using namespace ::seednorm::testing;
using ::seednorm::DType;
using ::seednorm::Tensor;

namespace {

uint64_t getSetting(const char *name, uint64_t otherwise) {
  const char *text = std::getenv(name);
  uint64_t value = otherwise;
  if (text && StringRef(text).getAsInteger(10, value))
    ADD_FAILURE() << name << " is not a number: " << text;
  return value;
}

std::string print(Operation *op) {
  std::string text;
  llvm::raw_string_ostream(text) << *op;
  return text;
}

MLIRContext &getContext() {
  static MLIRContext *context = [] {
    DialectRegistry registry;
    mlir::seednorm::registerAllDialects(registry);
    auto *made = new MLIRContext(registry, MLIRContext::Threading::DISABLED);
    made->loadAllAvailableDialects();
    return made;
  }();
  return *context;
}

OwningOpRef<ModuleOp> makeModule() {
  return ModuleOp::create(UnknownLoc::get(&getContext()));
}

/// The operands of a program whose gradients exist: not those that repeat.
SmallVector<unsigned> getDifferentiable(ProgramOp program) {
  SmallVector<unsigned> numbers;
  for (OpOperand &operand : program->getOpOperands()) {
    unsigned number = operand.getOperandNumber();
    ArrayRef<int64_t> shape =
        cast<ShapedType>(operand.get().getType()).getShape();
    bool isRow = number < program.getRows().size();
    if (!program.isDpsInit(&operand) &&
        (!isRow || shape.drop_back() == program.getLeadingShape()))
      numbers.push_back(number);
  }
  return numbers;
}

/// Appends `name`, from the arguments of `forward` and a cotangent for each of
/// its results to the gradients of the operands `wanted` of its program.
FailureOr<func::FuncOp> appendBackward(func::FuncOp forward, StringRef name,
                                       ArrayRef<unsigned> wanted) {
  auto program = getProgram(forward);
  SmallVector<Type> inputs(forward.getArgumentTypes()), results;
  llvm::append_range(inputs, forward.getResultTypes());
  for (unsigned number : wanted)
    results.push_back(getGradientType(program, program->getOpOperand(number)));
  OpBuilder builder(forward);
  builder.setInsertionPointAfter(forward);
  auto backward =
      func::FuncOp::create(builder, forward.getLoc(), name,
                           builder.getFunctionType(inputs, results));
  Block *entry = backward.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  IRMapping mapping;
  mapping.map(forward.getArguments(),
              entry->getArguments().take_front(forward.getNumArguments()));
  for (Operation &op : forward.getBody().front().without_terminator())
    builder.clone(op, mapping);
  auto clone = cast<ProgramOp>(mapping.lookup(program.getOperation()));
  SmallVector<OpOperand *> operands;
  for (unsigned number : wanted)
    operands.push_back(&clone->getOpOperand(number));
  auto gradients = differentiate(
      builder, clone,
      entry->getArguments().drop_front(forward.getNumArguments()), operands);
  if (failed(gradients)) {
    backward.erase();
    return failure();
  }
  clone.erase();
  func::ReturnOp::create(builder, forward.getLoc(), gradients->getResults());
  return backward;
}

//===----------------------------------------------------------------------===//
// Arguments and slopes
//===----------------------------------------------------------------------===//

/// The elements of all arguments, or a direction among them.
using Point = std::vector<std::vector<double>>;

DType getDType(Type type) {
  return getElementTypeOrSelf(type).isF64() ? DType::F64 : DType::F32;
}

class Arguments {
public:
  Arguments(TypeRange types, ArrayRef<SmallVector<int64_t>> shapes)
      : shapes(shapes) {
    for (Type type : types)
      dtypes.push_back(getDType(type));
  }

  /// Values and steps of f32 arguments are such that their sums are exact.
  Point draw(Random &random, double most, double grid) const {
    Point point;
    for (auto [shape, dtype] : llvm::zip(shapes, dtypes)) {
      std::vector<double> &values = point.emplace_back();
      for (int64_t left = count(shape); left > 0; --left) {
        double value = random.between(-most, most);
        values.push_back(dtype == DType::F32 ? std::round(value / grid) * grid
                                             : value);
      }
    }
    return point;
  }
  Point drawValues(Random &random) const { return draw(random, 1.5, 0x1p-10); }
  Point drawDirection(Random &random) const { return draw(random, 1.5, 0.125); }

  SmallVector<Tensor> at(const Point &point) const {
    SmallVector<Tensor> tensors;
    for (auto [shape, dtype, values] : llvm::zip(shapes, dtypes, point))
      tensors.push_back(
          llvm::cantFail(Tensor::fromDoubles(dtype, shape, values)));
    return tensors;
  }

  static int64_t count(ArrayRef<int64_t> shape) {
    return llvm::product_of(shape);
  }

private:
  SmallVector<SmallVector<int64_t>> shapes;
  SmallVector<DType> dtypes;
};

Point moved(const Point &from, const Point &direction, double by) {
  Point to = from;
  for (size_t i = 0; i < to.size(); ++i)
    for (size_t j = 0; j < to[i].size(); ++j)
      to[i][j] += by * direction[i][j];
  return to;
}

double dot(ArrayRef<Tensor> a, ArrayRef<Tensor> b) {
  double sum = 0;
  for (auto [left, right] : llvm::zip_equal(a, b))
    for (auto [x, y] : llvm::zip_equal(left.toDoubles(), right.toDoubles()))
      sum += x * y;
  return sum;
}

/// How a program and its gradients compare along several directions.
struct Verdict {
  bool agrees = true;
  /// Some direction crosses a kink or a step, where slopes say nothing.
  bool isUnclear = false;
  double largestSlope = 0;
  std::string message;

  void fail(const llvm::Twine &text) {
    agrees = false;
    message = text.str();
  }
};

/// Changes a backward function before it is executed.
using Mutation = llvm::function_ref<void(func::FuncOp)>;

/// Compares the gradients of some operands of the one program of @f with
/// central differences.
class SlopeCheck {
public:
  SlopeCheck(func::FuncOp forward, ArrayRef<SmallVector<int64_t>> shapes,
             uint64_t seed)
      : forward(forward), arguments(forward.getArgumentTypes(), shapes),
        random(seed) {}

  Verdict run(Mutation mutate = {});

private:
  LogicalResult makeBackward(Mutation mutate);
  /// <cotangents, outputs> at a point.
  llvm::Expected<double> evaluate(const Point &point);
  void compare(const Point &direction);
  void drawWanted();

  func::FuncOp forward;
  Arguments arguments;
  Random random;
  SmallVector<unsigned> wanted;
  Point values;
  SmallVector<Tensor> cotangents, gradients;
  OwningOpRef<ModuleOp> backward;
  Verdict verdict;
};

} // namespace

void SlopeCheck::drawWanted() {
  wanted = getDifferentiable(getProgram(forward));
  if (wanted.size() > 1 && random.once(4))
    wanted.erase(wanted.begin() + random.below(wanted.size()));
}

LogicalResult SlopeCheck::makeBackward(Mutation mutate) {
  backward = cast<ModuleOp>(forward->getParentOp()->clone());
  auto clone = backward->lookupSymbol<func::FuncOp>(forward.getSymName());
  auto made = appendBackward(clone, "backward", wanted);
  if (failed(made))
    return failure();
  if (mutate)
    mutate(*made);
  return verify(*backward);
}

llvm::Expected<double> SlopeCheck::evaluate(const Point &point) {
  auto module = cast<ModuleOp>(forward->getParentOp());
  auto results =
      ::seednorm::interpret(module, forward.getSymName(), arguments.at(point));
  if (!results)
    return results.takeError();
  if (cotangents.empty())
    for (const Tensor &result : *results) {
      std::vector<double> weights(result.getNumElements());
      for (double &weight : weights)
        weight = random.between(-1, 1);
      cotangents.push_back(llvm::cantFail(
          Tensor::fromDoubles(DType::F64, result.getShape(), weights)));
    }
  return dot(cotangents, *results);
}

void SlopeCheck::compare(const Point &direction) {
  // A power of two that keeps f32 arguments exact.
  constexpr double step = 0x1p-13, tolerance = 1e-6;
  double slopes[2];
  for (int halvings : {0, 1}) {
    double by = std::ldexp(step, -halvings);
    auto above = evaluate(moved(values, direction, by)),
         below = evaluate(moved(values, direction, -by));
    if (!above || !below)
      return verdict.fail("a point beside the first one fails");
    slopes[halvings] = (*above - *below) / (2 * by);
  }
  double slope = (4 * slopes[1] - slopes[0]) / 3;
  double scale = 1 + std::fabs(slope);
  if (!std::isfinite(slope))
    return verdict.fail("the program is not finite");
  verdict.largestSlope = std::max(verdict.largestSlope, std::fabs(slope));
  if (std::fabs(slopes[1] - slopes[0]) > tolerance * scale) {
    verdict.isUnclear = true;
    return;
  }
  Point along;
  for (unsigned number : wanted)
    along.push_back(direction[number]);
  double predicted = 0;
  for (auto [gradient, part] : llvm::zip_equal(gradients, along))
    for (auto [x, y] : llvm::zip_equal(gradient.toDoubles(), part))
      predicted += y == 0 ? 0 : x * y;
  if (!(std::fabs(predicted - slope) <= tolerance * scale))
    verdict.fail(llvm::formatv("the slope is {0:e9} but the gradients say "
                               "{1:e9}",
                               slope, predicted));
}

Verdict SlopeCheck::run(Mutation mutate) {
  drawWanted();
  values = arguments.drawValues(random);
  auto loss = evaluate(values);
  if (!loss) {
    verdict.fail("the forward fails: " + llvm::toString(loss.takeError()));
    return verdict;
  }
  if (failed(makeBackward(mutate))) {
    verdict.fail("the backward cannot be made");
    return verdict;
  }
  SmallVector<Tensor> inputs = arguments.at(values);
  llvm::append_range(inputs, cotangents);
  auto results = ::seednorm::interpret(*backward, "backward", inputs);
  if (!results) {
    verdict.fail("the backward fails: " + llvm::toString(results.takeError()));
    return verdict;
  }
  gradients = *results;

  // All operands that count together, each alone, then a few coordinates.
  Point whole = arguments.drawDirection(random), none = whole;
  for (std::vector<double> &values : none)
    values.assign(values.size(), 0);
  Point together = none;
  std::vector<Point> directions;
  for (unsigned number : wanted) {
    Point alone = none;
    together[number] = alone[number] = whole[number];
    directions.push_back(alone);
    Point coordinate = none;
    coordinate[number][random.below(coordinate[number].size())] = 1;
    directions.push_back(coordinate);
  }
  directions.push_back(together);
  for (const Point &direction : directions)
    if (verdict.agrees)
      compare(direction);
  return verdict;
}

//===----------------------------------------------------------------------===//
// Smaller programs
//===----------------------------------------------------------------------===//

namespace {
/// The program of one seed, and how to make it smaller when it fails.
struct Case {
  explicit Case(uint64_t seed, const RandomProgramOptions &options = {})
      : seed(seed), module(makeModule()) {
    shapes = appendRandomProgram(*module, "f", seed, options).shapes;
  }

  Verdict check(Mutation mutate = {}) { return check(*module, mutate); }
  /// Drops operations as long as the program still fails.
  void shrink();
  std::string describe() {
    return "SEEDNORM_PROPERTY_SEED=" + std::to_string(seed) +
           " SEEDNORM_PROPERTY_PROGRAMS=1\n" + print(*module);
  }

  uint64_t seed;
  OwningOpRef<ModuleOp> module;
  SmallVector<SmallVector<int64_t>> shapes;

private:
  Verdict check(ModuleOp of, Mutation mutate = {}) {
    return SlopeCheck(of.lookupSymbol<func::FuncOp>("f"), shapes, seed)
        .run(mutate);
  }
  bool dropOne();
};
} // namespace

static Block *getRegion(ModuleOp module) {
  auto function = *module.getOps<func::FuncOp>().begin();
  return getProgram(function).getBlock();
}

static void eraseDead(Block *block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

/// Puts one operand of an operation in its place.
bool Case::dropOne() {
  unsigned size = getRegion(*module)->getOperations().size();
  for (unsigned i = 0; i + 1 < size; ++i)
    for (unsigned j = 0; j < 3; ++j) {
      OwningOpRef<ModuleOp> smaller(cast<ModuleOp>((*module)->clone()));
      Block *block = getRegion(*smaller);
      Operation *op = &*std::next(block->begin(), i);
      if (j >= op->getNumOperands() ||
          op->getOperand(j).getType() != op->getResult(0).getType() ||
          isa<AccumulateOp>(op))
        continue;
      op->getResult(0).replaceAllUsesWith(op->getOperand(j));
      op->erase();
      eraseDead(block);
      if (check(*smaller).agrees)
        continue;
      module = std::move(smaller);
      return true;
    }
  return false;
}

void Case::shrink() {
  ScopedDiagnosticHandler quiet(&getContext(), [](Diagnostic &) {});
  eraseDead(getRegion(*module));
  while (dropOne())
    ;
}

//===----------------------------------------------------------------------===//
// Tests
//===----------------------------------------------------------------------===//

TEST(Differentiate, SlopesOfRandomPrograms) {
  uint64_t first = getSetting("SEEDNORM_PROPERTY_SEED", 1);
  uint64_t count = getSetting("SEEDNORM_PROPERTY_PROGRAMS", 1200);
  uint64_t unclear = 0, flat = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    Case program(seed);
    ASSERT_TRUE(succeeded(verify(*program.module))) << program.describe();
    Verdict verdict = program.check();
    if (!verdict.agrees) {
      std::string whole = program.describe();
      program.shrink();
      FAIL() << verdict.message << "\n"
             << whole << "\nsmaller:\n"
             << print(*program.module);
    }
    unclear += verdict.isUnclear;
    flat += verdict.largestSlope < 1e-3;
  }
  // Otherwise the programs would not show what they are for.
  if (count >= 100) {
    EXPECT_LT(unclear, count / 10);
    EXPECT_LT(flat, count / 5);
  }
}

/// Every operation and every shape that can stand in a program does.
TEST(Differentiate, RandomProgramsCoverTheLanguage) {
  std::map<std::string, int> seen;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    Case one(seed);
    auto program = getProgram(*one.module->getOps<func::FuncOp>().begin());
    program.getBlock()->walk([&](Operation *op) {
      ++seen[op->getName().getStringRef().str()];
      if (auto reduce = dyn_cast<ReduceOp>(op)) {
        ++seen[stringifyReduceKind(reduce.getKind()).str()];
        seen["group of groups"] +=
            reduce.getType().getDimSize(0) > 1 &&
            reduce.getSource().getType().getDimSize(0) != program.getRowWidth();
      }
    });
    seen["dynamic D"] += ShapedType::isDynamic(program.getRowWidth());
    seen["D = 1"] += program.getRowWidth() == 1;
    ++seen["leading " + std::to_string(program.getLeadingShape().size())];
    seen["repeats"] += getDifferentiable(program).size() <
                       program.getRows().size() + program.getColumns().size();
    for (auto [i, value] : llvm::enumerate(program.getYield()->getOperands())) {
      bool isRow = cast<RankedTensorType>(value.getType()).getDimSize(0) ==
                   program.getRowWidth();
      ++seen[std::string(isRow ? "row" : "group") +
             (program.isAccumulated(i) ? " accumulated" : " out")];
    }
    for (Value column : program.getColumns()) {
      auto type = cast<RankedTensorType>(column.getType());
      ++seen[type.getElementType().isF32() ? "f32 column" : "f64 column"];
      ++seen[type.getDimSize(0) == 1                       ? "scalar"
             : type.getDimSize(0) == program.getRowWidth() ? "column"
                                                           : "group column"];
    }
  }
  for (StringRef name : getRandomOperations())
    EXPECT_GE(seen[name.str()], 10) << name.str();
  for (const char *feature : {"add",
                              "mean",
                              "max",
                              "min",
                              "group of groups",
                              "dynamic D",
                              "D = 1",
                              "leading 0",
                              "leading 1",
                              "leading 2",
                              "repeats",
                              "row out",
                              "group out",
                              "row accumulated",
                              "group accumulated",
                              "f32 column",
                              "f64 column",
                              "scalar",
                              "column",
                              "group column"})
    EXPECT_GE(seen[feature], 10) << feature;
}

/// An operation of arith or math that gets a derivative is one that random
/// programs have.
TEST(Differentiate, EveryDerivativeIsTested) {
  MLIRContext &context = getContext();
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) {});
  SmallVector<StringRef> tested = getRandomOperations();
  int found = 0;
  for (RegisteredOperationName name : context.getRegisteredOperations()) {
    if (name.getDialectNamespace() != "arith" &&
        name.getDialectNamespace() != "math")
      continue;
    for (int operands : {1, 2, 3}) {
      OwningOpRef<ModuleOp> module = makeModule();
      OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
      Location loc = builder.getUnknownLoc();
      auto type = RankedTensorType::get({2, 4}, builder.getF64Type());
      auto function = func::FuncOp::create(
          builder, loc, "f", builder.getFunctionType({type, type, type}, type));
      builder.setInsertionPointToStart(function.addEntryBlock());
      Value out =
          tensor::EmptyOp::create(builder, loc, {2, 4}, builder.getF64Type());
      auto program = ProgramOp::create(
          builder, loc, function.getArguments(), {}, out,
          [&](OpBuilder &inner, Location, ValueRange arguments) {
            OperationState state(loc, name.getStringRef(),
                                 arguments.take_front(operands),
                                 {arguments[0].getType()});
            YieldOp::create(inner, loc, inner.create(state)->getResults());
          });
      func::ReturnOp::create(builder, loc, program.getResults());
      if (failed(verify(*module)) ||
          failed(appendBackward(function, "backward", {0, 1, 2})))
        continue;
      ++found;
      EXPECT_TRUE(llvm::is_contained(tested, name.getStringRef()))
          << name.getStringRef().str();
    }
  }
  EXPECT_GE(found, 40);
}

/// Gradients that are wrong by a hundredth are found.
TEST(Differentiate, SmallErrorsAreFound) {
  int wrong = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    Case program(seed);
    Verdict right = program.check();
    if (right.isUnclear || right.largestSlope < 1e-2)
      continue;
    Verdict mutated = program.check([](func::FuncOp backward) {
      // Of all operands: some may have none.
      Operation *yield = getProgram(backward).getBlock()->getTerminator();
      for (OpOperand &operand : yield->getOpOperands()) {
        Value value = operand.get();
        auto total = value.getDefiningOp<AccumulateOp>();
        OpBuilder builder(total ? total.getOperation() : yield);
        Value gradient = total ? total.getSource() : value;
        auto type = cast<RankedTensorType>(gradient.getType());
        auto one = type.clone({1}, type.getElementType());
        Value factor = arith::ConstantOp::create(
            builder, total ? total.getLoc() : yield->getLoc(),
            DenseElementsAttr::get(
                one, builder.getFloatAttr(type.getElementType(), 1.01)));
        factor = BroadcastOp::create(builder, yield->getLoc(), type, factor);
        Value scaled =
            arith::MulFOp::create(builder, yield->getLoc(), gradient, factor);
        if (total)
          total->setOperand(0, scaled);
        else
          operand.set(scaled);
      }
    });
    ++wrong;
    EXPECT_FALSE(mutated.agrees) << program.describe();
  }
  EXPECT_GE(wrong, 50);
}

/// So are most operations of the backward that have the wrong sign; what is
/// left are zeros, even functions and what only a step depends on.
TEST(Differentiate, WrongSignsAreFound) {
  int changed = 0, found = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Case program(seed);
    if (Verdict right = program.check(); right.isUnclear)
      continue;
    Random random(seed);
    bool hasChanged = false;
    Verdict mutated = program.check([&](func::FuncOp backward) {
      Block *block = getProgram(backward).getBlock();
      eraseDead(block);
      SmallVector<Operation *> floats;
      for (Operation &op : block->without_terminator())
        if (getElementTypeOrSelf(op.getResult(0)).isF64() &&
            !isa<AccumulateOp>(op))
          floats.push_back(&op);
      if (floats.empty())
        return;
      Operation *op = floats[random.below(floats.size())];
      OpBuilder builder(op->getContext());
      builder.setInsertionPointAfter(op);
      Value result = op->getResult(0);
      Value negative = arith::NegFOp::create(builder, op->getLoc(), result);
      result.replaceAllUsesExcept(negative, negative.getDefiningOp());
      hasChanged = true;
    });
    changed += hasChanged;
    found += hasChanged && !mutated.agrees;
  }
  EXPECT_GE(changed, 200);
  EXPECT_GE(found, changed * 3 / 5) << "of " << changed;
}

//===----------------------------------------------------------------------===//
// Compiled code
//===----------------------------------------------------------------------===//

/// One that the compiler accepts for the program as it is.
static ScheduleAttr drawSchedule(Random &random, ProgramOp program) {
  VectorISA isa = llvm::cantFail(getVectorISA("", "", ""));
  ScopedDiagnosticHandler quiet(&getContext(), [](Diagnostic &) {});
  auto some = [&](int64_t value) { return random.once(4) ? 0 : value; };
  while (true) {
    // Of half of the programs all rows of a block are in flight.
    bool pipelines = random.once(4), keeps = !pipelines && random.once(3);
    int64_t inFlight = 1 + random.below(4);
    int64_t block =
        pipelines || keeps ? inFlight : inFlight * (1 + random.below(6));
    ScheduleFields fields;
    fields[ScheduleField::VectorWidth] = some(1 << random.below(5));
    fields[ScheduleField::Vectors] = some(1 + random.below(4));
    fields[ScheduleField::RowsInFlight] = inFlight;
    fields[ScheduleField::RowsPerBlock] = block;
    fields[ScheduleField::RowsPerTask] = block * (1 + random.below(4));
    fields[ScheduleField::NontemporalMinBytes] = random.once(2);
    fields[ScheduleField::PrefetchRows] = random.below(4);
    fields[ScheduleField::PrefetchLevel] = random.below(4);
    fields[ScheduleField::Pipeline] = pipelines;
    fields[ScheduleField::KeepRow] = keeps;
    fields[ScheduleField::PeelRemainder] = random.once(3);
    if (!pipelines && !keeps)
      fields[ScheduleField::TileVectors] =
          random.once(2) ? 0 : 1 + random.below(5);
    ScheduleAttr drawn = fields.getChecked(
        [] { return emitError(UnknownLoc::get(&getContext())); },
        &getContext());
    if (!drawn)
      continue;
    program.setScheduleAttr(drawn);
    ScheduleAttr complete = completeForCPU(program, isa);
    program.removeScheduleAttr();
    if (complete)
      return complete;
  }
}

/// The largest difference of two tensors, relative to the largest element.
static double compareTensors(const Tensor &a, const Tensor &b) {
  double difference = 0, scale = 1;
  for (auto [x, y] : llvm::zip_equal(a.toDoubles(), b.toDoubles())) {
    scale = std::max(scale, std::fabs(y));
    double d = std::fabs(x - y);
    difference = d <= difference ? difference : d; // NaN stays
  }
  return difference / scale;
}

static void runCompiled(uint64_t firstSeed, bool drawsSchedules) {
  OwningOpRef<ModuleOp> module = makeModule();
  struct Entry {
    std::string forward, backward;
    SmallVector<SmallVector<int64_t>> shapes;
    SmallVector<Type> types;
  };
  std::vector<Entry> entries;
  RandomProgramOptions options{/*mostColumns=*/40, /*mostRows=*/70,
                               /*converts=*/false};
  for (uint64_t seed = firstSeed; entries.size() < 24; ++seed) {
    // Close to a step, rounding decides.
    if (Case(seed, options).check().isUnclear)
      continue;
    std::string name = "f" + std::to_string(seed);
    RandomProgram program = appendRandomProgram(*module, name, seed, options);
    auto backward =
        appendBackward(program.function, name + "_backward",
                       getDifferentiable(getProgram(program.function)));
    ASSERT_TRUE(succeeded(backward));
    entries.push_back({name, name + "_backward", program.shapes,
                       SmallVector<Type>(program.function.getArgumentTypes())});
  }
  Random random(firstSeed);
  if (drawsSchedules) {
    // What is legal depends on the program that is lowered.
    for (int i = 0; i < 2; ++i) {
      PassManager passes(&getContext());
      mlir::seednorm::buildFusionPipeline(passes);
      ASSERT_TRUE(succeeded(passes.run(*module)));
    }
    unsigned pipelines = 0, keeps = 0, peels = 0;
    module->walk([&](ProgramOp op) {
      foldIdentities(op);
      ScheduleAttr schedule = drawSchedule(random, op);
      op.setScheduleAttr(schedule);
      pipelines += schedule.getPipeline();
      keeps += schedule.getKeepRow();
      peels += schedule.getPeelRemainder();
    });
    EXPECT_GE(std::min({pipelines, keeps, peels}), 3u);
  }
  std::string source = print(*module);
  auto compiled = ::seednorm::Module::compile(source);
  ASSERT_TRUE(bool(compiled)) << llvm::toString(compiled.takeError()) << source;

  auto compare = [&](StringRef name, ArrayRef<Tensor> inputs) {
    auto expected = ::seednorm::interpret(*module, name, inputs);
    auto got = (*compiled)->run(name, inputs);
    if (!expected || !got) {
      ADD_FAILURE() << name.str() << ": "
                    << (expected ? llvm::toString(got.takeError())
                                 : llvm::toString(expected.takeError()));
      return SmallVector<Tensor>();
    }
    for (auto [i, a, b] : llvm::enumerate(*got, *expected))
      EXPECT_LE(compareTensors(a, b), a.getDType() == DType::F64 ? 1e-11 : 1e-6)
          << "result " << i << " of\n"
          << print(module->lookupSymbol(name));
    return *expected;
  };
  for (const Entry &entry : entries) {
    Arguments arguments(entry.types, entry.shapes);
    SmallVector<Tensor> inputs = arguments.at(arguments.drawValues(random));
    for (const Tensor &result : compare(entry.forward, inputs)) {
      std::vector<double> weights(result.getNumElements());
      for (double &weight : weights)
        weight = random.between(-1, 1);
      inputs.push_back(llvm::cantFail(
          Tensor::fromDoubles(DType::F64, result.getShape(), weights)));
    }
    compare(entry.backward, inputs);
  }
}

TEST(Differentiate, CompiledCodeAgrees) {
  runCompiled(getSetting("SEEDNORM_PROPERTY_SEED", 1), false);
}

TEST(Differentiate, CompiledCodeAgreesUnderAnySchedule) {
  runCompiled(getSetting("SEEDNORM_PROPERTY_SEED", 1) + 1000, true);
}
