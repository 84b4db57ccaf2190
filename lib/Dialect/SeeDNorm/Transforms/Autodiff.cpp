//===- Autodiff.cpp - Bodies of gradient functions ------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Puts functions together: forward, then backward, divided in two where it is
// called. Knows no operation but calls; what others hand on is Adjoint's.
//
//===----------------------------------------------------------------------===//

#include "Adjoint.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Dialect/Rowwise/Transforms/Differentiate.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"
#include "seednorm/Dialect/SeeDNorm/Transforms/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_SEEDNORMAUTODIFF
#include "seednorm/Dialect/SeeDNorm/Transforms/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;
using namespace mlir::seednorm;

static constexpr StringLiteral gradientOfName = "seednorm.gradient_of";
static constexpr StringLiteral withValuesName = "seednorm.with_values";
static constexpr StringLiteral wrtName = "seednorm.wrt";
static constexpr StringLiteral recomputeName = "seednorm.recompute";

/// What a gradient takes: the function's arguments, what the forward saved, and
/// the cotangents of floating-point results.
static SmallVector<Type> getGradientInputs(func::FuncOp function,
                                           ArrayRef<Value> saved = {}) {
  SmallVector<Type> inputs(function.getArgumentTypes());
  llvm::append_range(inputs, TypeRange(saved));
  llvm::append_range(inputs, llvm::make_filter_range(function.getResultTypes(),
                                                     isFloatTensor));
  return inputs;
}

/// The type of a gradient where nobody has chosen one.
static RankedTensorType getGradientType(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.clone(rowwise::getSumType(tensor.getElementType()));
}

namespace {

/// What a caller calls instead of a function whose gradient it needs.
struct Derivative {
  func::FuncOp forward;  // null: the function itself
  func::FuncOp backward; // (arguments, saved values, cotangents) -> gradients
};

/// The body of a function and that of its gradient, one after the other.
struct Joint {
  SmallVector<Value> results, gradients;
  Operation *boundary; // a constant between the two
};

class Differentiator {
public:
  Differentiator(ModuleOp module, bool recompute)
      : symbols(module), recompute(recompute) {}

  /// Gives a declared gradient its body.
  LogicalResult fill(func::FuncOp gradient);

private:
  using Key = std::pair<Operation *, SmallVector<int64_t>>;

  /// Sees to it that a function has a body.
  LogicalResult complete(func::FuncOp function);
  FailureOr<Joint> buildJoint(func::FuncOp function, Block *block,
                              ArrayRef<int64_t> wanted);
  LogicalResult visitCall(Adjoint &adjoint, OpBuilder &builder,
                          func::CallOp call, SmallVectorImpl<Value> &results);
  FailureOr<Derivative> getDerivative(func::FuncOp function,
                                      ArrayRef<int64_t> wanted);
  Derivative divide(func::FuncOp function, Block &block, const Joint &joint);
  func::FuncOp createFunction(func::FuncOp like, StringRef suffix,
                              ArrayRef<Type> inputs, ArrayRef<Type> results);

  SymbolTable symbols;
  bool recompute;
  std::map<Key, Derivative> derivatives;
  SmallVector<Operation *> underway;
};

} // namespace

//===----------------------------------------------------------------------===//
// Forward and backward in one block
//===----------------------------------------------------------------------===//

/// `block` has the arguments of the function and the cotangents of its
/// floating-point results.
FailureOr<Joint> Differentiator::buildJoint(func::FuncOp function, Block *block,
                                            ArrayRef<int64_t> wanted) {
  if (llvm::is_contained(underway, function.getOperation()))
    return function.emitOpError("has no gradient: it calls itself");
  if (failed(complete(function)))
    return failure();
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return function.emitOpError("has no gradient: its body must be one block");
  underway.push_back(function);
  Block &body = function.getBody().front();
  auto builder = OpBuilder::atBlockEnd(block);
  IRMapping mapping;
  for (auto [from, to] : llvm::zip(body.getArguments(), block->getArguments()))
    mapping.map(from, to);
  SmallVector<Operation *> ops;
  for (Operation &op : body.without_terminator())
    ops.push_back(builder.clone(op, mapping));
  Joint joint;
  for (Value value : body.getTerminator()->getOperands())
    joint.results.push_back(mapping.lookup(value));
  joint.boundary =
      arith::ConstantIndexOp::create(builder, function.getLoc(), 0);

  Adjoint adjoint(builder, [&](Adjoint &adjoint, func::CallOp call) {
    return visitCall(adjoint, builder, call, joint.results);
  });
  for (int64_t number : wanted)
    adjoint.activate(block->getArgument(number));
  SmallVector<std::pair<Value, Value>> seeds;
  unsigned next = body.getNumArguments();
  for (Value result : joint.results)
    if (isFloatTensor(result.getType()))
      seeds.emplace_back(result, block->getArgument(next++));
  if (failed(adjoint.run(ops, seeds)))
    return failure();
  for (Value result : joint.results)
    if (adjoint.isActive(result) && !isFloatTensor(result.getType()))
      return function.emitOpError("has no gradient: it gives back ")
             << result.getType() << ", but only tensors have one";
  for (int64_t number : wanted)
    joint.gradients.push_back(adjoint.getOrZeros(block->getArgument(number)));
  underway.pop_back();
  return joint;
}

LogicalResult Differentiator::visitCall(Adjoint &adjoint, OpBuilder &builder,
                                        func::CallOp call,
                                        SmallVectorImpl<Value> &results) {
  auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
  if (callee && failed(complete(callee)))
    return failure();
  if (!callee || callee.isExternal())
    return call.emitOpError("calls what has no body, and so no gradient");
  SmallVector<int64_t> wanted;
  for (auto [i, operand] : llvm::enumerate(call.getOperands()))
    if (adjoint.isActive(operand))
      wanted.push_back(i);
  auto derivative = getDerivative(callee, wanted);
  if (failed(derivative))
    return call.emitRemark("called here"), failure();
  SmallVector<Value> arguments(call.getOperands()), cotangents;
  for (Value result : call.getResults())
    if (isFloatTensor(result.getType()))
      cotangents.push_back(adjoint.convert(adjoint.getOrZeros(result),
                                           getElementTypeOrSelf(result)));
  if (derivative->forward) {
    OpBuilder before(call);
    auto forward = func::CallOp::create(before, call.getLoc(),
                                        derivative->forward, arguments);
    unsigned count = call.getNumResults();
    llvm::append_range(arguments, forward.getResults().drop_front(count));
    for (Value &result : results)
      if (result.getDefiningOp() == call)
        result = forward.getResult(cast<OpResult>(result).getResultNumber());
    call->replaceAllUsesWith(forward.getResults().take_front(count));
    call->erase();
  }
  llvm::append_range(arguments, cotangents);
  auto backward = func::CallOp::create(builder, builder.getUnknownLoc(),
                                       derivative->backward, arguments);
  for (auto [number, gradient] : llvm::zip(wanted, backward.getResults()))
    adjoint.add(arguments[number], gradient);
  return success();
}

//===----------------------------------------------------------------------===//
// Gradients of functions that are called
//===----------------------------------------------------------------------===//

func::FuncOp Differentiator::createFunction(func::FuncOp like, StringRef suffix,
                                            ArrayRef<Type> inputs,
                                            ArrayRef<Type> results) {
  auto function = func::FuncOp::create(
      like.getLoc(), (like.getSymName() + suffix).str(),
      FunctionType::get(like.getContext(), inputs, results));
  function.setPrivate();
  symbols.insert(function, std::next(Block::iterator(like)));
  return function;
}

FailureOr<Derivative> Differentiator::getDerivative(func::FuncOp function,
                                                    ArrayRef<int64_t> wanted) {
  Key key{function, llvm::to_vector(wanted)};
  if (auto found = derivatives.find(key); found != derivatives.end())
    return found->second;
  // The joint function is built by itself first.
  SmallVector<Type> results;
  for (int64_t number : wanted)
    results.push_back(getGradientType(function.getArgumentTypes()[number]));
  func::FuncOp backward = createFunction(function, "_backward",
                                         getGradientInputs(function), results);
  Block *block = backward.addEntryBlock();
  auto joint = buildJoint(function, block, wanted);
  if (failed(joint))
    return failure();
  auto builder = OpBuilder::atBlockEnd(block);
  Adjoint converter(builder, nullptr);
  for (auto [gradient, type] : llvm::zip(joint->gradients, results))
    gradient = converter.convert(gradient, getElementTypeOrSelf(type));
  func::ReturnOp::create(builder, function.getLoc(), joint->gradients);
  Derivative derivative{{}, backward};
  if (!recompute && !function->hasAttr(recomputeName))
    derivative = divide(function, *block, *joint);
  else
    joint->boundary->erase();
  return derivatives[key] = derivative;
}

/// What costs less to compute again than to keep.
static bool isCheap(Operation *op) {
  if (isa<tensor::EmptyOp, tensor::DimOp, linalg::FillOp, tensor::CastOp,
          tensor::ExpandShapeOp, tensor::CollapseShapeOp,
          tensor::ExtractSliceOp>(op) ||
      op->hasTrait<OpTrait::ConstantLike>())
    return true;
  return op->getNumRegions() == 0 && isMemoryEffectFree(op) &&
         llvm::none_of(op->getResultTypes(), llvm::IsaPred<ShapedType>);
}

/// Makes a forward that also returns what the backward reads of it, and the
/// backward of those.
Derivative Differentiator::divide(func::FuncOp function, Block &block,
                                  const Joint &joint) {
  auto whole = cast<func::FuncOp>(block.getParentOp());
  SmallVector<Operation *> before, after;
  bool passed = false;
  for (Operation &op : block) {
    if (&op == joint.boundary)
      passed = true;
    else
      (passed ? after : before).push_back(&op);
  }
  // What the second half uses of the first: kept, or computed again.
  llvm::SetVector<Value> saved;
  llvm::SetVector<Operation *> again;
  auto need = [&](auto &self, Value value) -> void {
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != &block || !op->isBeforeInBlock(joint.boundary))
      return;
    if (!isCheap(op)) {
      saved.insert(value);
      return;
    }
    if (!again.insert(op))
      return;
    for (Value operand : op->getOperands())
      self(self, operand);
  };
  for (Operation *op : after)
    op->walk([&](Operation *nested) {
      for (Value operand : nested->getOperands())
        need(need, operand);
    });

  unsigned count = function.getNumArguments();
  auto arguments = block.getArguments();
  SmallVector<Type> results(function.getResultTypes());
  llvm::append_range(results, TypeRange(saved.getArrayRef()));
  func::FuncOp forward =
      createFunction(function, "_forward",
                     llvm::to_vector(function.getArgumentTypes()), results);
  IRMapping mapping;
  Block *entry = forward.addEntryBlock();
  auto builder = OpBuilder::atBlockEnd(entry);
  mapping.map(arguments.take_front(count), entry->getArguments());
  for (Operation *op : before)
    builder.clone(*op, mapping);
  SmallVector<Value> returned;
  for (Value value :
       llvm::concat<const Value>(joint.results, saved.getArrayRef()))
    returned.push_back(mapping.lookup(value));
  func::ReturnOp::create(builder, function.getLoc(), returned);

  // It takes the name of the whole, which goes.
  std::string name = whole.getSymName().str();
  ArrayRef<Type> gradients = whole.getResultTypes();
  auto backward = func::FuncOp::create(
      function.getLoc(), name,
      FunctionType::get(function.getContext(),
                        getGradientInputs(function, saved.getArrayRef()),
                        gradients));
  backward.setPrivate();
  entry = backward.addEntryBlock();
  builder.setInsertionPointToEnd(entry);
  mapping.clear();
  SmallVector<Value> from(arguments.take_front(count));
  llvm::append_range(from, saved);
  llvm::append_range(from, arguments.drop_front(count));
  mapping.map(from, entry->getArguments());
  for (Operation *op : before)
    if (again.contains(op))
      builder.clone(*op, mapping);
  for (Operation *op : after)
    builder.clone(*op, mapping);
  symbols.erase(whole);
  symbols.insert(backward, std::next(Block::iterator(forward)));
  return {forward, backward};
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

/// The numbers of the arguments whose gradients are wanted.
static FailureOr<SmallVector<int64_t>> getWanted(func::FuncOp gradient,
                                                 func::FuncOp function) {
  SmallVector<int64_t> wanted;
  Attribute attr = gradient->getAttr(wrtName);
  if (!attr) {
    for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
      if (isFloatTensor(type))
        wanted.push_back(i);
    return wanted;
  }
  auto numbers = dyn_cast<DenseI64ArrayAttr>(attr);
  if (!numbers)
    return gradient.emitOpError("'seednorm.wrt' must be array<i64: ...>, but "
                                "is ")
           << attr;
  for (int64_t number : numbers.asArrayRef()) {
    if (number < 0 || number >= function.getNumArguments())
      return gradient.emitOpError("'seednorm.wrt' names argument ")
             << number << ", but '@" << function.getSymName() << "' has "
             << function.getNumArguments();
    if (!isFloatTensor(function.getArgumentTypes()[number]))
      return gradient.emitOpError("'seednorm.wrt' names argument ")
             << number << ", which is " << function.getArgumentTypes()[number]
             << " and has no gradient";
    if (llvm::is_contained(wanted, number))
      return gradient.emitOpError("'seednorm.wrt' names argument ")
             << number << " twice";
    wanted.push_back(number);
  }
  return wanted;
}

/// That the declaration takes and gives what a gradient does.
static LogicalResult verifyDeclaration(func::FuncOp gradient,
                                       func::FuncOp function,
                                       ArrayRef<int64_t> wanted,
                                       bool withValues) {
  SmallVector<Type> inputs = getGradientInputs(function), results;
  if (withValues)
    llvm::append_range(results, function.getResultTypes());
  unsigned values = results.size();
  for (int64_t number : wanted)
    results.push_back(function.getArgumentTypes()[number]);
  auto check = [&](StringRef what, ArrayRef<Type> have, ArrayRef<Type> need,
                   unsigned freeElements) -> LogicalResult {
    if (have.size() != need.size())
      return gradient.emitOpError("has ")
             << have.size() << " " << what << "s, but the gradient of '@"
             << function.getSymName() << "' has " << need.size();
    for (auto [i, a, b] : llvm::enumerate(have, need)) {
      bool fits = a == b;
      if (i >= freeElements && isFloatTensor(a))
        fits = cast<RankedTensorType>(a).getShape() ==
               cast<RankedTensorType>(b).getShape();
      if (!fits)
        return gradient.emitOpError(what)
               << " " << i << " is " << a << ", but the gradient of '@"
               << function.getSymName() << "' needs " << b;
    }
    return success();
  };
  if (failed(check("argument", gradient.getArgumentTypes(), inputs, ~0u)))
    return failure();
  return check("result", gradient.getResultTypes(), results, values);
}

LogicalResult Differentiator::complete(func::FuncOp function) {
  return function.isExternal() && function->hasAttr(gradientOfName)
             ? fill(function)
             : success();
}

LogicalResult Differentiator::fill(func::FuncOp gradient) {
  auto name = gradient->getAttrOfType<FlatSymbolRefAttr>(gradientOfName);
  if (!name)
    return gradient.emitOpError("'seednorm.gradient_of' must name a function");
  auto function = symbols.lookup<func::FuncOp>(name.getValue());
  if (!function)
    return gradient.emitOpError("is the gradient of '@")
           << name.getValue() << "', which is no function of this module";
  if (!gradient.isExternal())
    return gradient.emitOpError("is to be given a body, but has one");
  auto wanted = getWanted(gradient, function);
  if (failed(wanted))
    return failure();
  Attribute values = gradient->getAttr(withValuesName);
  if (values && !isa<UnitAttr>(values))
    return gradient.emitOpError(
               "'seednorm.with_values' stands without a value, but is ")
           << values;
  if (failed(verifyDeclaration(gradient, function, *wanted, values != nullptr)))
    return failure();
  for (StringRef done : {gradientOfName, withValuesName, wrtName})
    gradient->removeAttr(done);

  underway.push_back(gradient);
  Block *block = gradient.addEntryBlock();
  auto joint = buildJoint(function, block, *wanted);
  if (failed(joint))
    return failure();
  underway.pop_back();
  joint->boundary->erase();
  auto builder = OpBuilder::atBlockEnd(block);
  Adjoint converter(builder, nullptr);
  SmallVector<Value> results;
  if (values)
    results = joint->results;
  for (Value value : joint->gradients)
    results.push_back(converter.convert(
        value,
        getElementTypeOrSelf(gradient.getResultTypes()[results.size()])));
  func::ReturnOp::create(builder, gradient.getLoc(), results);
  return success();
}

namespace {

struct SeeDNormAutodiff
    : seednorm::impl::SeeDNormAutodiffBase<SeeDNormAutodiff> {
  using SeeDNormAutodiffBase::SeeDNormAutodiffBase;

  /// The declaration of the gradient that the option `function` asks for.
  LogicalResult declare() {
    auto function = getOperation().lookupSymbol<func::FuncOp>(symbol);
    if (!function || function.isExternal())
      return getOperation().emitError("has no function '")
             << symbol << "' with a body";
    std::string name = symbol + "_backward";
    if (getOperation().lookupSymbol(name))
      return function.emitOpError("cannot get a backward: '@")
             << name << "' is there already";
    SmallVector<Type> results;
    for (Type type : function.getArgumentTypes())
      if (isFloatTensor(type))
        results.push_back(getGradientType(type));
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(function);
    auto gradient = func::FuncOp::create(
        builder, function.getLoc(), name,
        builder.getFunctionType(getGradientInputs(function), results));
    gradient.setPrivate();
    gradient->setAttr(gradientOfName, FlatSymbolRefAttr::get(function));
    return success();
  }

  /// Norms, softmax and element-wise operations to fused row programs.
  LogicalResult prepare() {
    OpPassManager pm(ModuleOp::getOperationName());
    pm.addPass(createSeeDNormToRowwise());
    pm.addPass(createLinalgToRowwise());
    pm.addPass(rowwise::createRowwiseFuse());
    pm.addPass(createCanonicalizerPass());
    pm.addPass(createCSEPass());
    return runPipeline(pm, getOperation());
  }

  void runOnOperation() override {
    if (!symbol.empty() && failed(declare()))
      return signalPassFailure();
    SmallVector<func::FuncOp> declarations;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr(gradientOfName))
        declarations.push_back(function);
    if (declarations.empty())
      return;
    if (failed(prepare()))
      return signalPassFailure();
    Differentiator differentiator(getOperation(), recompute);
    for (func::FuncOp gradient : declarations)
      // Another one's body may have needed it already.
      if (gradient->hasAttr(gradientOfName) &&
          failed(differentiator.fill(gradient)))
        return signalPassFailure();
    // Additions of adjoints join the programs that they stand beside.
    if (failed(prepare()))
      return signalPassFailure();
    // One asked for by name is an entry point.
    if (!symbol.empty())
      getOperation()
          .lookupSymbol<func::FuncOp>(symbol + "_backward")
          .setPublic();
  }
};

} // namespace
