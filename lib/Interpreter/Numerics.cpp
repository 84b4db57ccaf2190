//===- Numerics.cpp - Where a value stops being finite --------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Numerics.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/TypeUtilities.h"
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNorm.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace llvm;

namespace seednorm::interpreter {

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::string formatIndex(ArrayRef<int64_t> index) {
  return "[" +
         join(map_range(index, [](int64_t i) { return itostr(i); }), ", ") +
         "]";
}

SmallVector<int64_t> getIndex(ArrayRef<int64_t> shape, int64_t element) {
  SmallVector<int64_t> index(shape.size());
  for (size_t dim = shape.size(); dim-- > 0; element /= shape[dim])
    index[dim] = element % shape[dim];
  return index;
}

static mlir::FileLineColLoc findPlace(mlir::Operation *op) {
  for (; op; op = op->getParentOp())
    if (auto place = op->getLoc()->findInstanceOf<mlir::FileLineColLoc>())
      return place;
  return nullptr;
}

std::string formatPlace(mlir::Operation *op) {
  mlir::FileLineColLoc place = findPlace(op);
  if (!place)
    return "an unknown place";
  return (place.getFilename().getValue() + ":" + Twine(place.getLine()) + ":" +
          Twine(place.getColumn()))
      .str();
}

static std::string formatValue(double value) {
  if (std::isnan(value))
    return "NaN";
  std::string text;
  raw_string_ostream(text) << format("%.6g", value);
  return text;
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

static void roundTo(mlir::FloatType type, MutableArrayRef<double> values) {
  if (type.isF64())
    return;
  // By far the most frequent, and the compiler makes vectors of it.
  if (type.isF32()) {
    for (double &x : values)
      x = static_cast<float>(x);
    return;
  }
  for (double &x : values) {
    APFloat rounded(x);
    bool losesInfo;
    rounded.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                    &losesInfo);
    x = rounded.convertToDouble();
  }
}

mlir::FloatType Numerics::getPrecision(mlir::Type type) const {
  auto result = cast<mlir::FloatType>(type);
  return isWider && result.getWidth() < 32
             ? mlir::Float32Type::get(type.getContext())
             : result;
}

mlir::LogicalResult Numerics::check(mlir::Operation *op, mlir::Type type,
                                    ArrayRef<double> operands, double &result,
                                    int64_t element, ArrayRef<int64_t> shape) {
  mlir::FloatType precision = getPrecision(type);
  roundTo(precision, result);
  if (std::isfinite(result) || operands.empty() ||
      any_of(operands, [](double x) { return std::isnan(x); }))
    return mlir::success();
  bool fromInfinity = any_of(operands, [](double x) { return std::isinf(x); });
  if (fromInfinity && !std::isnan(result))
    return mlir::success();
  finding.emplace();
  finding->op = op;
  raw_string_ostream(finding->what)
      << op->getName() << " makes " << formatValue(result) << " from "
      << join(map_range(operands, formatValue), " and ") << " in " << precision;
  finding->element = element;
  finding->shape.assign(shape.begin(), shape.end());
  if (!shape.empty())
    finding->at = " at " + formatIndex(getIndex(shape, element));
  return mlir::failure();
}

/// An element of a value as the interpreter keeps it; rank 0 repeats.
static double getElement(const Tensor &tensor, int64_t element) {
  int64_t i = tensor.getRank() ? element : 0;
  return tensor.getDType() == DType::F64
             ? tensor.getDataAs<double>()[i]
             : static_cast<double>(tensor.getDataAs<int64_t>()[i]);
}

mlir::LogicalResult Numerics::check(mlir::OpResult value,
                                    ArrayRef<Tensor> operands, Tensor &result) {
  if (result.getDType() != DType::F64)
    return mlir::success();
  mlir::Type type = mlir::getElementTypeOrSelf(value.getType());
  MutableArrayRef<double> results(result.getDataAs<double>(),
                                  result.getNumElements());
  roundTo(getPrecision(type), results);
  for (auto [i, element] : enumerate(results)) {
    if (std::isfinite(element))
      continue;
    SmallVector<double> values = map_to_vector(
        operands, [&](const Tensor &x) { return getElement(x, i); });
    if (failed(check(value.getOwner(), type, values, element, i,
                     result.getShape())))
      return mlir::failure();
  }
  return mlir::success();
}

void emit(const Numerics::Finding &finding, StringRef entry) {
  mlir::Location loc = finding.op->getLoc();
  if (mlir::FileLineColLoc place = findPlace(finding.op))
    loc = place;
  mlir::emitError(loc) << finding.what << finding.at << finding.around
                       << ", in entry " << quote(entry);
}

void nameNorms(mlir::Operation *module) {
  module->walk([](mlir::seednorm::RowNormOpInterface op) {
    op->setLoc(mlir::FusedLoc::get(op->getContext(), {op->getLoc()},
                                   op->getName().getIdentifier()));
  });
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

/// An error about the first element that `isWrong`, with the text after it.
static Error checkElements(const Twine &name, const Tensor &tensor,
                           function_ref<bool(double)> isWrong,
                           const Twine &text = "") {
  if (!isFloat(tensor.getDType()))
    return Error::success();
  for (auto [i, value] : enumerate(tensor.toDoubles()))
    if (isWrong(value))
      return makeError(name + " is " + formatValue(value) + " at " +
                       formatIndex(getIndex(tensor.getShape(), i)) + text);
  return Error::success();
}

Error checkFinite(const TensorSpec &spec, const Tensor &tensor) {
  return checkElements((spec.isParameter() ? "parameter " + quote(spec.param)
                                           : "input " + quote(spec.name)),
                       tensor, [](double x) { return !std::isfinite(x); });
}

Error checkDefined(const TensorSpec &spec, const Tensor &tensor) {
  return checkElements(
      "result " + quote(spec.name), tensor,
      [](double x) { return std::isnan(x); },
      ", which no operation made: it comes from a constant or from an element "
      "of tensor.empty that nothing wrote");
}

} // namespace seednorm::interpreter
