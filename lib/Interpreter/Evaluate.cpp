//===- Evaluate.cpp - Parts of the interpreter ----------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluate.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace llvm;

namespace seednorm::interpreter {

SmallVector<Tensor> Scope::get(mlir::ValueRange values) const {
  return map_to_vector(values, [&](mlir::Value value) { return get(value); });
}

mlir::FailureOr<int64_t> Scope::getInteger(mlir::Operation *op,
                                           mlir::Value value) const {
  const Tensor &tensor = get(value);
  if (tensor.getNumElements() != 1)
    return op->emitOpError("needs the same size or condition at every point of "
                           "the loops around it to be interpreted");
  return *tensor.getDataAs<int64_t>();
}

mlir::FailureOr<SmallVector<int64_t>>
Scope::getIntegers(mlir::Operation *op,
                   ArrayRef<mlir::OpFoldResult> values) const {
  SmallVector<int64_t> result;
  for (mlir::OpFoldResult value : values) {
    if (std::optional<int64_t> constant = mlir::getConstantIntValue(value)) {
      result.push_back(*constant);
      continue;
    }
    auto integer = getInteger(op, cast<mlir::Value>(value));
    if (failed(integer))
      return mlir::failure();
    result.push_back(*integer);
  }
  return result;
}

DType getKind(mlir::Type type) {
  return isa<mlir::FloatType>(mlir::getElementTypeOrSelf(type)) ? DType::F64
                                                                : DType::I64;
}

unsigned getWidth(mlir::Type type) {
  auto integer = dyn_cast<mlir::IntegerType>(mlir::getElementTypeOrSelf(type));
  return integer ? integer.getWidth() : 64;
}

static Result check(mlir::Operation *op, Expected<Tensor> tensor) {
  if (!tensor)
    return op->emitOpError(toString(tensor.takeError()));
  return std::move(*tensor);
}

Result allocate(mlir::Operation *op, DType dtype, ArrayRef<int64_t> shape) {
  return check(op, Tensor::allocate(dtype, shape));
}

Result copy(mlir::Operation *op, const Tensor &tensor) {
  return check(op, tensor.copy());
}

Tensor getScalar(int64_t value) {
  Tensor result = cantFail(Tensor::allocate(DType::I64, {}));
  *result.getDataAs<int64_t>() = value;
  return result;
}

mlir::LogicalResult
forEachIndex(ArrayRef<int64_t> shape,
             function_ref<mlir::LogicalResult(ArrayRef<int64_t>)> body) {
  if (is_contained(shape, 0))
    return mlir::success();
  SmallVector<int64_t> index(shape.size(), 0);
  while (true) {
    if (failed(body(index)))
      return mlir::failure();
    size_t dim = shape.size();
    while (dim > 0 && ++index[dim - 1] == shape[dim - 1])
      index[--dim] = 0;
    if (dim == 0)
      return mlir::success();
  }
}

int64_t getOffset(ArrayRef<int64_t> index, ArrayRef<int64_t> strides) {
  int64_t offset = 0;
  for (auto [i, stride] : zip_equal(index, strides))
    offset += i * stride;
  return offset;
}

void forEachOffset(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides,
                   function_ref<void(int64_t)> body) {
  (void)forEachIndex(shape, [&](ArrayRef<int64_t> index) {
    body(getOffset(index, strides));
    return mlir::success();
  });
}

mlir::LogicalResult keep(mlir::Operation *op, Result value, Scope &scope) {
  if (failed(value))
    return mlir::failure();
  scope.set(op->getResult(0), std::move(*value));
  return mlir::success();
}

} // namespace seednorm::interpreter
