//===- TensorOps.cpp - The tensor dialect ---------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluate.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"
#include <limits>

using namespace llvm;
namespace tensor = mlir::tensor;

namespace seednorm::interpreter {

/// Memory for the operation's result, whose dynamic sizes are given in order.
template <typename OpTy>
static Result allocateResult(OpTy op, const Scope &scope) {
  SmallVector<int64_t> shape(op.getType().getShape());
  auto next = op.getDynamicSizes().begin();
  for (int64_t &size : shape) {
    if (!mlir::ShapedType::isDynamic(size))
      continue;
    auto integer = scope.getInteger(op, *next++);
    if (failed(integer))
      return mlir::failure();
    size = *integer;
  }
  return allocate(op, getKind(op.getType()), shape);
}

static void fillElement(const Tensor &tensor, int64_t offset,
                        const Tensor &scalar) {
  // Both kinds of element have eight bytes.
  tensor.getDataAs<int64_t>()[offset] = *scalar.getDataAs<int64_t>();
}

static Result evaluate(tensor::EmptyOp op, const Scope &scope) {
  Result result = allocateResult(op, scope);
  if (failed(result))
    return mlir::failure();
  if (result->getDType() == DType::F64)
    std::fill_n(result->getDataAs<double>(), result->getNumElements(),
                std::numeric_limits<double>::quiet_NaN());
  else
    std::fill_n(result->getDataAs<int64_t>(), result->getNumElements(), 0);
  return result;
}

static Result evaluate(tensor::SplatOp op, const Scope &scope) {
  Result result = allocateResult(op, scope);
  if (failed(result))
    return mlir::failure();
  for (int64_t i = 0, e = result->getNumElements(); i < e; ++i)
    fillElement(*result, i, scope.get(op.getInput()));
  return result;
}

static Result evaluate(tensor::FromElementsOp op, const Scope &scope) {
  Result result = allocate(op, getKind(op.getType()), op.getType().getShape());
  if (failed(result))
    return mlir::failure();
  for (auto [i, element] : enumerate(op.getElements()))
    fillElement(*result, i, scope.get(element));
  return result;
}

static Result evaluate(tensor::DimOp op, const Scope &scope) {
  const Tensor &source = scope.get(op.getSource());
  auto index = scope.getInteger(op, op.getIndex());
  if (failed(index))
    return mlir::failure();
  if (*index < 0 || *index >= source.getRank())
    return op.emitOpError("asks for dimension ")
           << *index << " of " << source.getRank();
  return getScalar(source.getShape()[*index]);
}

static Result evaluate(tensor::RankOp op, const Scope &scope) {
  return getScalar(scope.get(op.getTensor()).getRank());
}

/// The offset of an element, or failure if it lies outside.
static mlir::FailureOr<int64_t> getElementOffset(mlir::Operation *op,
                                                 const Tensor &tensor,
                                                 ArrayRef<int64_t> index) {
  int64_t offset = 0;
  for (auto [i, size, stride] :
       zip(index, tensor.getShape(), tensor.getStrides())) {
    if (i < 0 || i >= size)
      return op->emitOpError("index ")
             << i << " is out of bounds of a dimension of size " << size;
    offset += i * stride;
  }
  return offset;
}

/// One element, or in a linalg region one for each of its points.
static Result evaluate(tensor::ExtractOp op, const Scope &scope) {
  const Tensor &source = scope.get(op.getTensor());
  SmallVector<Tensor> indices = scope.get(op.getIndices());
  SmallVector<int64_t> shape;
  for (const Tensor &index : indices)
    if (index.getRank())
      shape.assign(index.getShape().begin(), index.getShape().end());
  Result result = allocate(op, source.getDType(), shape);
  if (failed(result))
    return mlir::failure();
  for (int64_t i = 0, e = result->getNumElements(); i < e; ++i) {
    SmallVector<int64_t> point =
        map_to_vector(indices, [&](const Tensor &index) {
          return index.getDataAs<int64_t>()[index.getRank() ? i : 0];
        });
    auto offset = getElementOffset(op, source, point);
    if (failed(offset))
      return mlir::failure();
    result->getDataAs<int64_t>()[i] = source.getDataAs<int64_t>()[*offset];
  }
  return result;
}

static Result evaluate(tensor::InsertOp op, const Scope &scope) {
  SmallVector<mlir::OpFoldResult> indices(op.getIndices());
  auto point = scope.getIntegers(op, indices);
  if (failed(point))
    return mlir::failure();
  auto offset = getElementOffset(op, scope.get(op.getDest()), *point);
  if (failed(offset))
    return mlir::failure();
  Result result = copy(op, scope.get(op.getDest()));
  if (succeeded(result))
    fillElement(*result, *offset, scope.get(op.getScalar()));
  return result;
}

/// A strided part of a tensor, without the dimensions that are dropped.
template <typename OpTy>
static Result getSlice(OpTy op, const Tensor &whole, const Scope &scope) {
  auto offsets = scope.getIntegers(op, op.getMixedOffsets());
  auto sizes = scope.getIntegers(op, op.getMixedSizes());
  auto steps = scope.getIntegers(op, op.getMixedStrides());
  if (failed(offsets) || failed(sizes) || failed(steps))
    return mlir::failure();
  int64_t start = 0;
  SmallBitVector dropped = op.getDroppedDims();
  SmallVector<int64_t> shape, strides;
  for (int64_t dim = 0; dim < whole.getRank(); ++dim) {
    int64_t offset = (*offsets)[dim], size = (*sizes)[dim],
            step = (*steps)[dim];
    int64_t extent = whole.getShape()[dim], last = offset;
    bool overflows = size > 0 && (MulOverflow(size - 1, step, last) ||
                                  AddOverflow(last, offset, last));
    if (size < 0 || offset < 0 || offset > extent || overflows ||
        (size > 0 && (offset >= extent || last < 0 || last >= extent)))
      return op.emitOpError("takes ")
             << size << " elements from " << offset << " by steps of " << step
             << ", which are out of bounds of a dimension of size " << extent;
    start += offset * whole.getStrides()[dim];
    if (dropped[dim])
      continue;
    shape.push_back(size);
    strides.push_back(step * whole.getStrides()[dim]);
  }
  // An empty slice may begin at the end, which need not be memory.
  auto *data = whole.getDataAs<int64_t>();
  return cantFail(Tensor::borrow(data ? data + start : data, whole.getDType(),
                                 shape, ArrayRef<int64_t>(strides),
                                 std::make_shared<Tensor>(whole)));
}

static Result evaluate(tensor::ExtractSliceOp op, const Scope &scope) {
  Result slice = getSlice(op, scope.get(op.getSource()), scope);
  if (failed(slice))
    return mlir::failure();
  return copy(op, *slice);
}

static Result evaluate(tensor::InsertSliceOp op, const Scope &scope) {
  Result result = copy(op, scope.get(op.getDest()));
  if (failed(result))
    return mlir::failure();
  Result slice = getSlice(op, *result, scope);
  if (failed(slice))
    return mlir::failure();
  const Tensor &source = scope.get(op.getSource());
  if (source.getShape() != slice->getShape())
    return op.emitOpError("inserts ")
           << source.getTypeString() << " into " << slice->getTypeString();
  const int64_t *from = source.getDataAs<int64_t>();
  forEachOffset(slice->getShape(), slice->getStrides(), [&](int64_t offset) {
    slice->getDataAs<int64_t>()[offset] = *from++;
  });
  return result;
}

static Result checkReshape(mlir::Operation *op, const Tensor &source,
                           ArrayRef<int64_t> shape) {
  auto count = countElements(source.getDType(), shape);
  if (!count)
    return op->emitOpError(toString(count.takeError()));
  if (*count != source.getNumElements())
    return op->emitOpError("cannot make ")
           << source.getTypeString() << " a "
           << formatType(source.getDType(), shape);
  return cantFail(Tensor::borrow(source.getData(), source.getDType(), shape,
                                 std::nullopt,
                                 std::make_shared<Tensor>(source)));
}

static Result evaluate(tensor::ExpandShapeOp op, const Scope &scope) {
  auto shape = scope.getIntegers(op, op.getMixedOutputShape());
  if (failed(shape))
    return mlir::failure();
  return checkReshape(op, scope.get(op.getSrc()), *shape);
}

static Result evaluate(tensor::CollapseShapeOp op, const Scope &scope) {
  const Tensor &source = scope.get(op.getSrc());
  SmallVector<int64_t> shape;
  for (const mlir::ReassociationIndices &group : op.getReassociationIndices()) {
    shape.push_back(1);
    for (int64_t dim : group)
      shape.back() *= source.getShape()[dim];
  }
  return checkReshape(op, source, shape);
}

static Result evaluate(tensor::CastOp op, const Scope &scope) {
  const Tensor &source = scope.get(op.getSource());
  auto type = dyn_cast<mlir::RankedTensorType>(op.getType());
  if (!type)
    return source;
  for (auto [expected, actual] : zip(type.getShape(), source.getShape()))
    if (!mlir::ShapedType::isDynamic(expected) && expected != actual)
      return op.emitOpError("casts ")
             << source.getTypeString() << " to "
             << formatType(source.getDType(), type.getShape());
  return source;
}

std::optional<Result> evaluateTensorOp(mlir::Operation *op,
                                       const Scope &scope) {
  return TypeSwitch<mlir::Operation *, std::optional<Result>>(op)
      .Case<tensor::CastOp, tensor::CollapseShapeOp, tensor::DimOp,
            tensor::EmptyOp, tensor::ExpandShapeOp, tensor::ExtractOp,
            tensor::ExtractSliceOp, tensor::FromElementsOp, tensor::InsertOp,
            tensor::InsertSliceOp, tensor::RankOp, tensor::SplatOp>(
          [&](auto op) { return evaluate(op, scope); })
      .Default([](mlir::Operation *) { return std::nullopt; });
}

} // namespace seednorm::interpreter
