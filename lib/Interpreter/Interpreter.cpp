//===- Interpreter.cpp - The reference semantics, executed ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions, control flow, and the way in and out. The norms are interpreted by
// their row programs, so that their meaning is in one place.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Interpreter/Interpreter.h"
#include "Evaluate.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/PassManager.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Dialect/SeeDNorm/Transforms/Passes.h"
#include "seednorm/Runtime/Model.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cstring>

using namespace llvm;
using mlir::func::FuncOp;
namespace scf = mlir::scf;

namespace seednorm {
namespace interpreter {

/// Calls nest no deeper: a model has no use for recursion, and the stack ends.
static constexpr unsigned maxCallDepth = 64;

static mlir::FailureOr<SmallVector<Tensor>> call(FuncOp function,
                                                 ArrayRef<Tensor> arguments,
                                                 unsigned depth,
                                                 Numerics *numerics) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("must have one block to be interpreted");
  if (depth > maxCallDepth)
    return function.emitOpError("is called more than ")
           << maxCallDepth << " levels deep";
  Scope scope(depth, numerics);
  mlir::Block &block = function.getBody().front();
  for (auto [argument, tensor] : zip(block.getArguments(), arguments))
    scope.set(argument, tensor);
  if (failed(evaluateBody(block, scope)))
    return mlir::failure();
  return scope.get(block.getTerminator()->getOperands());
}

static void setResults(mlir::Operation *op, ArrayRef<Tensor> values,
                       Scope &scope) {
  for (auto [result, value] : zip(op->getResults(), values))
    scope.set(result, value);
}

static mlir::LogicalResult evaluate(mlir::func::CallOp op, Scope &scope) {
  auto callee = mlir::SymbolTable::lookupNearestSymbolFrom<FuncOp>(
      op, op.getCalleeAttr());
  if (!callee || callee.isExternal())
    return op.emitOpError("calls a function without a body");
  auto results = call(callee, scope.get(op.getOperands()),
                      scope.getCallDepth() + 1, scope.getNumerics());
  if (failed(results)) {
    scope.addAround([&] {
      return ", in " + quote(op.getCallee()) + " called at " + formatPlace(op);
    });
    return mlir::failure();
  }
  setResults(op, *results, scope);
  return mlir::success();
}

static mlir::LogicalResult evaluate(mlir::cf::AssertOp op, Scope &scope) {
  const Tensor &condition = scope.get(op.getArg());
  if (is_contained(
          ArrayRef(condition.getDataAs<int64_t>(), condition.getNumElements()),
          0))
    return op.emitError(op.getMsg());
  return mlir::success();
}

static mlir::LogicalResult evaluate(scf::IfOp op, Scope &scope) {
  auto condition = scope.getInteger(op, op.getCondition());
  if (failed(condition))
    return mlir::failure();
  mlir::Region &region = *condition ? op.getThenRegion() : op.getElseRegion();
  if (region.empty())
    return mlir::success();
  Scope inner(&scope);
  if (failed(evaluateBody(region.front(), inner)))
    return mlir::failure();
  setResults(op, inner.get(region.front().getTerminator()->getOperands()),
             scope);
  return mlir::success();
}

static mlir::LogicalResult evaluate(scf::ForOp op, Scope &scope) {
  auto bounds = scope.getIntegers(
      op, {op.getLowerBound(), op.getUpperBound(), op.getStep()});
  if (failed(bounds))
    return mlir::failure();
  int64_t lower = (*bounds)[0], upper = (*bounds)[1], step = (*bounds)[2];
  if (step <= 0)
    return op.emitOpError("has a step of ") << step;
  SmallVector<Tensor> carried = scope.get(op.getInitArgs());
  bool isDone = lower >= upper;
  for (int64_t i = lower; !isDone;
       isDone = AddOverflow(i, step, i) || i >= upper) {
    Scope inner(&scope);
    inner.set(op.getInductionVar(), getScalar(i));
    for (auto [argument, value] : zip(op.getRegionIterArgs(), carried))
      inner.set(argument, value);
    if (failed(evaluateBody(*op.getBody(), inner))) {
      scope.addAround([&] {
        return ", at " + std::to_string(i) + " of the loop at " +
               formatPlace(op);
      });
      return mlir::failure();
    }
    carried = inner.get(op.getBody()->getTerminator()->getOperands());
  }
  setResults(op, carried, scope);
  return mlir::success();
}

/// Operations with one result, by the file that knows them.
static mlir::LogicalResult evaluateValue(mlir::Operation *op, Scope &scope) {
  if (std::optional<Result> value = evaluateScalarOp(op, scope)) {
    Numerics *numerics = scope.getNumerics();
    if (numerics && succeeded(*value) &&
        failed(numerics->check(op->getResult(0), scope.get(op->getOperands()),
                               **value)))
      return mlir::failure();
    return keep(op, std::move(*value), scope);
  }
  if (std::optional<Result> value = evaluateTensorOp(op, scope))
    return keep(op, std::move(*value), scope);
  return op->emitOpError("is not known to the interpreter");
}

mlir::LogicalResult evaluate(mlir::Operation *op, Scope &scope) {
  return TypeSwitch<mlir::Operation *, mlir::LogicalResult>(op)
      .Case<mlir::func::CallOp, mlir::cf::AssertOp, scf::IfOp, scf::ForOp>(
          [&](auto op) { return evaluate(op, scope); })
      .Case([&](mlir::rowwise::ProgramOp op) {
        return evaluateProgram(op, scope);
      })
      .Case(
          [&](mlir::linalg::LinalgOp op) { return evaluateLinalg(op, scope); })
      // Its value is in the scope of the loops.
      .Case([](mlir::linalg::IndexOp) { return mlir::success(); })
      .Default([&](mlir::Operation *op) { return evaluateValue(op, scope); });
}

mlir::LogicalResult evaluateBody(mlir::Block &block, Scope &scope) {
  for (mlir::Operation &op : block.without_terminator())
    if (failed(evaluate(&op, scope)))
      return mlir::failure();
  return mlir::success();
}

//===----------------------------------------------------------------------===//
// The way in and out
//===----------------------------------------------------------------------===//

static Expected<TensorSpec> getSpec(mlir::Type type) {
  TensorSpec spec;
  std::string name;
  raw_string_ostream(name) << mlir::getElementTypeOrSelf(type);
  auto tensor = dyn_cast<mlir::RankedTensorType>(type);
  std::optional<DType> dtype = parseDType(name);
  if (!tensor || !dtype)
    return makeError("entry points take and return ranked tensors of floats "
                     "and integers that the runtime knows, but this one has " +
                     quote(name));
  spec.dtype = *dtype;
  spec.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
  return spec;
}

/// Integers through doubles, which only an i64 would lose bits in.
static int64_t loadInteger(DType from, const char *element) {
  int64_t value;
  if (from != DType::I64)
    value = static_cast<int64_t>(loadAsDouble(from, element));
  else
    std::memcpy(&value, element, sizeof(value));
  return from == DType::I1 ? -value : value;
}

static void storeInteger(DType to, char *element, int64_t value) {
  if (to != DType::I64)
    return storeFromDouble(to, element, static_cast<double>(value));
  std::memcpy(element, &value, sizeof(value));
}

/// As values of the interpreter are kept.
static Expected<Tensor> toValue(const Tensor &tensor) {
  Expected<Tensor> source = tensor.contiguous();
  if (!source)
    return source.takeError();
  DType from = source->getDType();
  auto result = Tensor::allocate(isFloat(from) ? DType::F64 : DType::I64,
                                 source->getShape());
  if (!result)
    return result.takeError();
  size_t size = getElementSize(from);
  const char *in = source->getDataAs<char>();
  for (int64_t i = 0, e = source->getNumElements(); i < e; ++i, in += size)
    if (isFloat(from))
      result->getDataAs<double>()[i] = loadAsDouble(from, in);
    else
      result->getDataAs<int64_t>()[i] = loadInteger(from, in);
  return result;
}

static Expected<Tensor> fromValue(const Tensor &value, DType to) {
  auto result = Tensor::allocate(to, value.getShape());
  if (!result)
    return result.takeError();
  size_t size = getElementSize(to);
  char *out = result->getDataAs<char>();
  for (int64_t i = 0, e = value.getNumElements(); i < e; ++i, out += size)
    if (isFloat(to))
      storeFromDouble(to, out, value.getDataAs<double>()[i]);
    else
      storeInteger(to, out, value.getDataAs<int64_t>()[i]);
  return result;
}

static Expected<SmallVector<Tensor>> toValues(FuncOp function,
                                              ArrayRef<Tensor> arguments) {
  if (arguments.size() != function.getNumArguments())
    return makeError("entry " + quote(function.getName()) + " takes " +
                     Twine(function.getNumArguments()) +
                     " arguments, but got " + Twine(arguments.size()));
  SmallVector<Tensor> values;
  for (auto [i, argument] : enumerate(arguments)) {
    Expected<TensorSpec> spec = getSpec(function.getArgumentTypes()[i]);
    if (!spec)
      return spec.takeError();
    if (Error error = checkTensor(*spec, argument, "argument " + Twine(i)))
      return error;
    Expected<Tensor> value = toValue(argument);
    if (!value)
      return value.takeError();
    values.push_back(std::move(*value));
  }
  return values;
}

static Expected<SmallVector<Tensor>> fromValues(FuncOp function,
                                                ArrayRef<Tensor> values) {
  SmallVector<Tensor> results;
  for (auto [type, value] : zip(function.getResultTypes(), values)) {
    Expected<TensorSpec> spec = getSpec(type);
    if (!spec)
      return spec.takeError();
    Expected<Tensor> result = fromValue(value, spec->dtype);
    if (!result)
      return result.takeError();
    results.push_back(std::move(*result));
  }
  return results;
}

/// Calls an entry of a module whose norms are row programs, with values.
static Expected<SmallVector<Tensor>> runEntry(FuncOp function,
                                              ArrayRef<Tensor> arguments,
                                              const FirstError &diagnostic,
                                              Numerics *numerics) {
  auto values = toValues(function, arguments);
  if (!values)
    return values.takeError();
  auto results = call(function, *values, /*depth=*/0, numerics);
  if (failed(results)) {
    if (numerics && numerics->finding)
      emit(*numerics->finding, function.getName());
    return diagnostic.take("the model cannot be interpreted");
  }
  return fromValues(function, *results);
}

static Expected<SmallVector<Tensor>> interpret(mlir::ModuleOp module,
                                               StringRef entry,
                                               ArrayRef<Tensor> arguments,
                                               Numerics *numerics) {
  FirstError diagnostic(module.getContext());
  mlir::OwningOpRef<mlir::ModuleOp> copy = module.clone();
  nameNorms(*copy);
  mlir::PassManager passes(module.getContext());
  passes.addPass(mlir::seednorm::createSeeDNormAutodiff());
  passes.addPass(mlir::seednorm::createSeeDNormToRowwise());
  if (failed(passes.run(*copy)))
    return diagnostic.take("the norms and gradients cannot be expanded");
  auto function = copy->lookupSymbol<FuncOp>(entry);
  if (!function || function.isExternal())
    return makeError("there is no entry " + quote(entry));
  return runEntry(function, arguments, diagnostic, numerics);
}

} // namespace interpreter

Expected<SmallVector<Tensor>> interpret(mlir::ModuleOp module, StringRef entry,
                                        ArrayRef<Tensor> arguments) {
  return interpreter::interpret(module, entry, arguments, /*numerics=*/nullptr);
}

Expected<SmallVector<Tensor>> interpretChecked(mlir::ModuleOp module,
                                               const EntrySpec &entry,
                                               ArrayRef<Tensor> arguments) {
  for (auto [spec, argument] : zip(entry.inputs, arguments))
    if (Error error = interpreter::checkFinite(spec, argument))
      return error;
  interpreter::Numerics numerics;
  auto results =
      interpreter::interpret(module, entry.name, arguments, &numerics);
  if (!results)
    return results.takeError();
  for (auto [spec, result] : zip(entry.results, *results))
    if (Error error = interpreter::checkDefined(spec, result))
      return error;
  return results;
}

} // namespace seednorm
