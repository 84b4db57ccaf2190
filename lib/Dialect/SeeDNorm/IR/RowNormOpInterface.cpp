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

SmallVector<std::pair<StringRef, Value>> seednorm::detail::collectParameters(
    ArrayRef<StringRef> names, function_ref<ValueRange(unsigned)> getOperand) {
  SmallVector<std::pair<StringRef, Value>> parameters;
  for (auto [i, name] : llvm::enumerate(names))
    if (ValueRange operand = getOperand(i); !operand.empty())
      parameters.emplace_back(name, operand.front());
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

static LogicalResult verifyOut(RowNormOpInterface op, unsigned index, Value out,
                               ArrayRef<int64_t> shape, Type element) {
  ShapedType type = getArray(out);
  if (type.getElementType() != element)
    return op->emitOpError("out ")
           << index << " has elements of " << type.getElementType()
           << " but needs " << element;
  bool fits = type.getRank() == static_cast<int64_t>(shape.size());
  if (fits)
    for (auto [a, b] : llvm::zip(type.getShape(), shape))
      fits &= mayEqual(a, b);
  if (!fits)
    return op->emitOpError("out ")
           << index << " has the shape " << shapeText(type.getShape())
           << " but needs " << shapeText(shape);
  return success();
}

static LogicalResult verifyOuts(RowNormOpInterface op) {
  auto destination = cast<DestinationStyleOpInterface>(op.getOperation());
  ShapedType input = getArray(op->getOperand(0));
  SmallVector<int64_t> statistics = op.getStatisticWidths();
  OperandRange outs = destination.getDpsInits();
  if (outs.size() != 1 && outs.size() != 1 + statistics.size()) {
    InFlightDiagnostic error = op->emitOpError("has ")
                               << outs.size() << " outs but needs 1";
    if (!statistics.empty())
      error << ", or " << 1 + statistics.size() << " with statistics";
    return error;
  }
  if (failed(
          verifyOut(op, 0, outs[0], input.getShape(), input.getElementType())))
    return failure();
  Builder builder(op.getContext());
  Type statisticType = input.getElementType().isF64()
                           ? Type(builder.getF64Type())
                           : Type(builder.getF32Type());
  for (unsigned i = 1; i < outs.size(); ++i) {
    SmallVector<int64_t> shape(input.getShape());
    shape.back() = statistics[i - 1];
    if (failed(verifyOut(op, i, outs[i], shape, statisticType)))
      return failure();
  }
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

LogicalResult seednorm::detail::verifyRowNorm(RowNormOpInterface op) {
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
  for (auto [name, parameter] : op.getParameters()) {
    if (failed(verifyElementType(op, name, parameter)))
      return failure();
    ShapedType type = getArray(parameter);
    if (type.getRank() != 1)
      return op->emitOpError("'")
             << name << "' must have one dimension, but has " << type.getRank();
    if (type.getDimSize(0) != 1 && !mayEqual(type.getDimSize(0), width))
      return op->emitOpError("'") << name << "' has " << type.getDimSize(0)
                                  << " elements but the row has " << width;
  }
  if (auto eps = op->getAttrOfType<FloatAttr>("eps")) {
    if (!eps.getValue().isFinite() || eps.getValue().isNegative())
      return op->emitOpError("'eps' must be finite and not negative, but is ")
             << eps.getValueAsDouble();
  }
  if (failed(op.verifyVariant()))
    return failure();
  return verifyOuts(op);
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
