//===- RowNormOpInterface.cpp - What normalisations share ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks, effects and shapes that follow from an operation being one on rows
// with shared parameters. Knows no normalisation by name.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/SeeDNorm/IR/SeeDNorm.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::seednorm;

#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormInterfaces.cpp.inc"

static bool mayEqual(int64_t a, int64_t b) {
  return a == b || ShapedType::isDynamic(a) || ShapedType::isDynamic(b);
}

static std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [i, dim] : llvm::enumerate(shape))
    text += (i ? ", " : "") +
            (ShapedType::isDynamic(dim) ? "?" : std::to_string(dim));
  return text + "]";
}

static ShapedType getArray(Value value) {
  return cast<ShapedType>(value.getType());
}

SmallVector<Parameter> seednorm::detail::collectParameters(
    ArrayRef<StringRef> names, unsigned numColumns,
    function_ref<ValueRange(unsigned)> getOperand) {
  SmallVector<Parameter> parameters;
  for (auto [i, name] : llvm::enumerate(names))
    if (ValueRange operand = getOperand(i); !operand.empty())
      parameters.push_back({name, operand.front(), i >= numColumns});
  return parameters;
}

static LogicalResult verifyElementType(RowNormOpInterface op, StringRef name,
                                       Value value) {
  Type type = getArray(value).getElementType();
  if (type.isF16() || type.isBF16() || type.isF32() || type.isF64())
    return success();
  return op->emitOpError("'")
         << name << "' has elements of " << type
         << ", but f16, bf16, f32 and f64 are what is supported";
}

static LogicalResult verifyArray(RowNormOpInterface op, const Twine &name,
                                 Value value, ArrayRef<int64_t> shape,
                                 Type element) {
  ShapedType type = getArray(value);
  if (type.getElementType() != element)
    return op->emitOpError(name) << " has elements of " << type.getElementType()
                                 << " but needs " << element;
  bool fits = type.getRank() == static_cast<int64_t>(shape.size());
  if (fits)
    for (auto [a, b] : llvm::zip(type.getShape(), shape))
      fits &= mayEqual(a, b);
  // To a row program a static 1 says that rows share one.
  if (fits && type.getRank() > 1)
    for (auto [a, b] :
         llvm::zip(type.getShape().drop_back(), shape.drop_back()))
      fits &= a != 1 || b == 1;
  if (!fits)
    return op->emitOpError(name)
           << " has the shape " << shapeText(type.getShape()) << " but needs "
           << shapeText(shape);
  return success();
}

/// Whether several rows of the input may share one of a parameter's.
static bool isShared(const Parameter &parameter, ShapedType input) {
  return !parameter.hasRows ||
         llvm::any_of(
             llvm::zip(getArray(parameter.value).getShape().drop_back(),
                       input.getShape()),
             [](auto dims) {
               auto [own, whole] = dims;
               return own == 1 && whole != 1;
             });
}

static LogicalResult verifyParameter(RowNormOpInterface op,
                                     const Parameter &parameter) {
  auto [name, value, hasRows] = parameter;
  if (failed(verifyElementType(op, name, value)))
    return failure();
  ShapedType type = getArray(value), input = getArray(op->getOperand(0));
  if (!hasRows && type.getRank() != 1)
    return op->emitOpError("'")
           << name << "' must have one dimension, but has " << type.getRank();
  if (hasRows) {
    ArrayRef<int64_t> leading = input.getShape().drop_back();
    bool fits = type.getRank() == input.getRank();
    if (fits)
      for (auto [own, whole] : llvm::zip(type.getShape().drop_back(), leading))
        fits &= own == 1 || mayEqual(own, whole);
    if (!fits)
      return op->emitOpError("'")
             << name << "' has the shape " << shapeText(type.getShape())
             << " but needs the leading dimensions " << shapeText(leading)
             << " of 'input', or 1 in place of any";
  }
  int64_t own = type.getShape().back(), width = input.getShape().back();
  if (own != 1 && !mayEqual(own, width))
    return op->emitOpError("'")
           << name << "' has " << own << " elements but the row has " << width;
  return success();
}

/// The type that sums of an array's elements are made in.
static Type getSumType(Value value) {
  Type type = getArray(value).getElementType();
  return type.isF64() ? type : Float32Type::get(type.getContext());
}

/// Statistics of each row, as outs of the forward or operands of the backward.
static LogicalResult verifyStatistics(RowNormOpInterface op, StringRef name,
                                      unsigned firstNumber,
                                      ValueRange statistics) {
  Value input = op->getOperand(0);
  for (auto [i, value, width] :
       llvm::enumerate(statistics, op.getStatisticWidths())) {
    SmallVector<int64_t> shape(getArray(input).getShape());
    shape.back() = width;
    if (failed(verifyArray(op, name + Twine(" ") + Twine(firstNumber + i),
                           value, shape, getSumType(input))))
      return failure();
    if (getArray(value).getShape().back() != width)
      return op->emitOpError(name)
             << " " << firstNumber + i << " has the shape "
             << shapeText(getArray(value).getShape())
             << " but its last dimension must be a static " << width;
  }
  return success();
}

static LogicalResult verifyResults(RowNormOpInterface op, OperandRange outs) {
  bool tensors = isa<RankedTensorType>(op->getOperand(0).getType());
  if (op->getNumResults() != (tensors ? outs.size() : 0))
    return op->emitOpError("has ")
           << op->getNumResults() << " results but " << outs.size()
           << (tensors ? " outs" : " memref outs, which give no results");
  for (auto [result, out] : llvm::zip(op->getResults(), outs))
    if (result.getType() != out.getType())
      return op->emitOpError("result type ")
             << result.getType() << " differs from the type of its out, "
             << out.getType();
  return success();
}

static LogicalResult verifyInputs(RowNormOpInterface op) {
  Value input = op->getOperand(0);
  bool tensors = isa<RankedTensorType>(input.getType());
  for (Value operand : op->getOperands())
    if (isa<RankedTensorType>(operand.getType()) != tensors)
      return op->emitOpError(
          "operands must be all tensors or all memrefs, but got both");
  if (getArray(input).getRank() == 0)
    return op->emitOpError("'input' has no dimension; its last one is the row");
  if (failed(verifyElementType(op, "input", input)))
    return failure();
  int64_t width = getArray(input).getShape().back();
  if (width == 0)
    return op->emitOpError(
        "rows of 'input' must have at least one element, but D is 0");
  for (const Parameter &parameter : op.getParameters())
    if (failed(verifyParameter(op, parameter)))
      return failure();
  if (auto eps = op->getAttrOfType<FloatAttr>("eps")) {
    if (!eps.getValue().isFinite() || eps.getValue().isNegative())
      return op->emitOpError("'eps' must be finite and not negative, but is ")
             << eps.getValueAsDouble();
  }
  return op.verifyVariant();
}

LogicalResult seednorm::detail::verifyRowNorm(RowNormOpInterface op) {
  if (failed(verifyInputs(op)))
    return failure();
  auto destination = cast<DestinationStyleOpInterface>(op.getOperation());
  ShapedType input = getArray(op->getOperand(0));
  size_t statistics = op.getStatisticWidths().size();
  OperandRange outs = destination.getDpsInits();
  if (outs.size() != 1 && outs.size() != 1 + statistics) {
    InFlightDiagnostic error = op->emitOpError("has ")
                               << outs.size() << " outs but needs 1";
    if (statistics)
      error << ", or " << 1 + statistics << " with statistics";
    return error;
  }
  if (failed(verifyArray(op, "out 0", outs[0], input.getShape(),
                         input.getElementType())) ||
      failed(verifyStatistics(op, "out", 1, outs.drop_front())))
    return failure();
  return verifyResults(op, outs);
}

LogicalResult
seednorm::detail::verifyRowNormBackward(RowNormBackwardOpInterface op) {
  auto norm = cast<RowNormOpInterface>(op.getOperation());
  if (failed(verifyInputs(norm)))
    return failure();
  ShapedType input = getArray(op->getOperand(0));
  if (failed(verifyArray(norm, "'grad'", op.getGrad(), input.getShape(),
                         input.getElementType())))
    return failure();
  OperandRange statistics = op.getStatistics();
  size_t saved = norm.getStatisticWidths().size();
  if (!statistics.empty() && statistics.size() != saved)
    return op->emitOpError("has ") << statistics.size() << " statistics but "
                                   << saved << " are what the forward saves";
  if (failed(verifyStatistics(norm, "statistic", 0, statistics)))
    return failure();
  auto parameters = norm.getParameters();
  OperandRange outs =
      cast<DestinationStyleOpInterface>(op.getOperation()).getDpsInits();
  if (outs.size() != 1 + parameters.size())
    return op->emitOpError("has ")
           << outs.size() << " outs but needs " << 1 + parameters.size()
           << ": the gradients of the input and of each parameter";
  if (failed(verifyArray(norm, "out 0", outs[0], input.getShape(),
                         input.getElementType())))
    return failure();
  for (auto [i, parameter] : llvm::enumerate(parameters)) {
    ShapedType type = getArray(parameter.value);
    Type element = isShared(parameter, input) ? getSumType(parameter.value)
                                              : type.getElementType();
    if (failed(verifyArray(norm,
                           "out " + Twine(i + 1) + ", the gradient of '" +
                               parameter.name + "',",
                           outs[i + 1], type.getShape(), element)))
      return failure();
  }
  return verifyResults(norm, outs);
}

LogicalResult seednorm::detail::verifyGroups(RowNormOpInterface op,
                                             StringRef name, int64_t count) {
  int64_t width = getArray(op->getOperand(0)).getShape().back();
  if (count < 1)
    return op->emitOpError("'")
           << name << "' must be at least 1, but is " << count;
  if (!ShapedType::isDynamic(width) && width % count)
    return op->emitOpError("'")
           << name << "' is " << count << ", which does not divide the "
           << width << " elements of a row";
  return success();
}

void seednorm::detail::getRowNormEffects(
    RowNormOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  auto destination = cast<DestinationStyleOpInterface>(op.getOperation());
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    MemoryEffects::Effect *effect = MemoryEffects::Read::get();
    if (destination.isDpsInit(&operand))
      effect = MemoryEffects::Write::get();
    effects.emplace_back(effect, &operand, SideEffects::DefaultResource::get());
  }
}

LogicalResult
seednorm::detail::reifyRowNormShapes(RowNormOpInterface op, OpBuilder &builder,
                                     ReifiedRankedShapedTypeDims &shapes) {
  SmallVector<OpFoldResult> shape =
      tensor::getMixedSizes(builder, op.getLoc(), op->getOperand(0));
  SmallVector<int64_t> statistics = op.getStatisticWidths();
  for (unsigned i = 0; i < op->getNumResults(); ++i) {
    if (i > 0)
      shape.back() = builder.getIndexAttr(statistics[i - 1]);
    shapes.push_back(shape);
  }
  return success();
}

LogicalResult seednorm::detail::reifyRowNormBackwardShapes(
    RowNormOpInterface op, OpBuilder &builder,
    ReifiedRankedShapedTypeDims &shapes) {
  auto add = [&](Value value) {
    shapes.push_back(tensor::getMixedSizes(builder, op.getLoc(), value));
  };
  add(op->getOperand(0));
  for (const Parameter &parameter : op.getParameters())
    add(parameter.value);
  return success();
}
