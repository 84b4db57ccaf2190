//===- Linalg.cpp - Structured operations ---------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One algorithm for all structured operations: the region is executed once for
// each point of the loops that are not parallel, on all points of the parallel
// loops at a time.
//
//===----------------------------------------------------------------------===//

#include "Evaluate.h"

using namespace llvm;
using mlir::linalg::LinalgOp;

namespace seednorm::interpreter {

namespace {

/// offset = start + Σ strides[loop] · index[loop] into an operand.
struct Access {
  int64_t start = 0;
  SmallVector<int64_t> strides;
  /// The offsets of all points of the parallel loops, relative to their first.
  std::vector<int64_t> parallel;
};

class Loops {
public:
  Loops(LinalgOp op, Scope &scope) : op(op), scope(scope) {}
  mlir::LogicalResult run();

private:
  mlir::LogicalResult findSizes();
  mlir::FailureOr<Access> createAccess(mlir::OpOperand &operand);
  mlir::LogicalResult checkBounds(const Access &dimension, int64_t extent);
  mlir::LogicalResult runPoint(ArrayRef<int64_t> index);
  void addPlace(ArrayRef<int64_t> index);
  mlir::LogicalResult roundResults(Numerics &numerics);
  void setIndices(Scope &region, ArrayRef<int64_t> index);

  LinalgOp op;
  Scope &scope;
  SmallVector<int64_t> sizes;
  SmallVector<unsigned> parallelLoops;
  /// Points of the parallel loops.
  int64_t count = 1;
  /// For every operand.
  SmallVector<Access> accesses;
  SmallVector<Tensor> data;
};

} // namespace

/// Takes each loop's size from the operands that it indexes directly, which
/// must agree.
mlir::LogicalResult Loops::findSizes() {
  sizes.assign(op.getNumLoops(), -1);
  for (mlir::OpOperand &operand : op->getOpOperands()) {
    mlir::AffineMap map = op.getMatchingIndexingMap(&operand);
    const Tensor &tensor = scope.get(operand.get());
    for (auto [expression, extent] : zip(map.getResults(), tensor.getShape())) {
      auto dim = dyn_cast<mlir::AffineDimExpr>(expression);
      if (!dim)
        continue;
      int64_t &size = sizes[dim.getPosition()];
      if (size >= 0 && size != extent)
        return op.emitOpError("operand #")
               << operand.getOperandNumber() << " has a dimension of size "
               << extent << " where the others have " << size;
      size = extent;
    }
  }
  if (is_contained(sizes, -1))
    return op.emitOpError("has a loop whose size no operand tells");
  return mlir::success();
}

/// The coefficients of a linear expression of the loops.
static bool getLinear(mlir::AffineExpr expression, Access &result,
                      int64_t factor) {
  if (auto dim = dyn_cast<mlir::AffineDimExpr>(expression)) {
    result.strides[dim.getPosition()] += factor;
    return true;
  }
  if (auto constant = dyn_cast<mlir::AffineConstantExpr>(expression)) {
    result.start += factor * constant.getValue();
    return true;
  }
  auto binary = dyn_cast<mlir::AffineBinaryOpExpr>(expression);
  if (!binary)
    return false;
  if (binary.getKind() == mlir::AffineExprKind::Add)
    return getLinear(binary.getLHS(), result, factor) &&
           getLinear(binary.getRHS(), result, factor);
  auto constant = dyn_cast<mlir::AffineConstantExpr>(binary.getRHS());
  return binary.getKind() == mlir::AffineExprKind::Mul && constant &&
         getLinear(binary.getLHS(), result, factor * constant.getValue());
}

mlir::LogicalResult Loops::checkBounds(const Access &dimension,
                                       int64_t extent) {
  int64_t least = dimension.start, most = dimension.start;
  for (auto [stride, size] : zip(dimension.strides, sizes)) {
    if (size == 0)
      return mlir::success();
    (stride < 0 ? least : most) += stride * (size - 1);
  }
  if (least < 0 || most >= extent)
    return op.emitOpError("indexes ")
           << least << " to " << most << " of a dimension of size " << extent;
  return mlir::success();
}

mlir::FailureOr<Access> Loops::createAccess(mlir::OpOperand &operand) {
  mlir::AffineMap map = op.getMatchingIndexingMap(&operand);
  const Tensor &tensor = scope.get(operand.get());
  Access access;
  access.strides.assign(sizes.size(), 0);
  for (auto [expression, extent, stride] :
       zip(map.getResults(), tensor.getShape(), tensor.getStrides())) {
    Access dimension;
    dimension.strides.assign(sizes.size(), 0);
    if (!getLinear(expression, dimension, 1))
      return op.emitOpError("has an indexing map that is not linear, as the "
                            "interpreter needs");
    if (failed(checkBounds(dimension, extent)))
      return mlir::failure();
    access.start += dimension.start * stride;
    for (auto [sum, term] : zip(access.strides, dimension.strides))
      sum += term * stride;
  }
  SmallVector<int64_t> shape, strides;
  for (unsigned loop : parallelLoops) {
    shape.push_back(sizes[loop]);
    strides.push_back(access.strides[loop]);
  }
  access.parallel.reserve(count);
  forEachOffset(shape, strides,
                [&](int64_t offset) { access.parallel.push_back(offset); });
  return access;
}

/// Gives `linalg.index` operations their values.
void Loops::setIndices(Scope &region, ArrayRef<int64_t> index) {
  for (auto indexOp : op.getBlock()->getOps<mlir::linalg::IndexOp>()) {
    unsigned loop = indexOp.getDim();
    auto *found = find(parallelLoops, loop);
    if (found == parallelLoops.end()) {
      region.set(indexOp, getScalar(index[loop]));
      continue;
    }
    int64_t inner = 1;
    for (unsigned after : make_range(found + 1, parallelLoops.end()))
      inner *= sizes[after];
    Tensor values = cantFail(Tensor::allocate(DType::I64, {count}));
    for (int64_t i = 0; i < count; ++i)
      values.getDataAs<int64_t>()[i] = i / inner % sizes[loop];
    region.set(indexOp, std::move(values));
  }
}

mlir::LogicalResult Loops::runPoint(ArrayRef<int64_t> index) {
  SmallVector<int64_t> starts = map_to_vector(accesses, [&](const Access &a) {
    return a.start + getOffset(index, a.strides);
  });
  Scope region(&scope);
  for (auto [argument, access, tensor, start] :
       zip(op.getBlock()->getArguments(), accesses, data, starts)) {
    mlir::FailureOr<Tensor> values = allocate(op, tensor.getDType(), {count});
    if (failed(values))
      return mlir::failure();
    const int64_t *from = tensor.getDataAs<int64_t>() + start;
    for (auto [to, offset] :
         zip(MutableArrayRef(values->getDataAs<int64_t>(), count),
             access.parallel))
      to = from[offset];
    region.set(argument, std::move(*values));
  }
  setIndices(region, index);
  if (failed(evaluateBody(*op.getBlock(), region))) {
    addPlace(index);
    return mlir::failure();
  }
  for (auto [i, yielded] :
       enumerate(op.getBlock()->getTerminator()->getOperands())) {
    unsigned operand = op.getNumDpsInputs() + i;
    const Tensor &values = region.get(yielded);
    int64_t step = values.getRank() ? 1 : 0;
    int64_t *to = data[operand].getDataAs<int64_t>() + starts[operand];
    for (auto [point, offset] : enumerate(accesses[operand].parallel))
      to[offset] = values.getDataAs<int64_t>()[point * step];
  }
  return mlir::success();
}

/// Says where in the loops a finding is.
void Loops::addPlace(ArrayRef<int64_t> index) {
  Numerics *numerics = scope.getNumerics();
  if (!numerics || !numerics->finding)
    return;
  Numerics::Finding &finding = *numerics->finding;
  SmallVector<int64_t> shape, point(index);
  for (unsigned loop : parallelLoops)
    shape.push_back(sizes[loop]);
  for (auto [loop, i] : zip(parallelLoops, getIndex(shape, finding.element)))
    point[loop] = i;
  finding.at = " at " + formatIndex(point) + " of the loops of " +
               op->getName().getStringRef().str();
}

/// Sums that were wider than their type.
mlir::LogicalResult Loops::roundResults(Numerics &numerics) {
  for (mlir::OpResult result : op->getResults()) {
    Tensor &value = data[op.getNumDpsInputs() + result.getResultNumber()];
    Result sum = copy(op, value);
    if (failed(sum) || failed(numerics.check(result, *sum, value)))
      return mlir::failure();
  }
  return mlir::success();
}

mlir::LogicalResult Loops::run() {
  if (failed(findSizes()))
    return mlir::failure();
  SmallVector<int64_t> shape;
  for (auto [loop, kind] : enumerate(op.getIteratorTypesArray())) {
    if (kind != mlir::utils::IteratorType::parallel)
      continue;
    parallelLoops.push_back(loop);
    shape.push_back(sizes[loop]);
  }
  auto elements = countElements(DType::I64, shape);
  if (!elements)
    return op.emitOpError(toString(elements.takeError()));
  count = *elements;
  for (mlir::OpOperand &operand : op->getOpOperands()) {
    auto access = createAccess(operand);
    if (failed(access))
      return mlir::failure();
    accesses.push_back(std::move(*access));
    data.push_back(scope.get(operand.get()));
    if (!op.isDpsInit(&operand))
      continue;
    auto fresh = copy(op, data.back());
    if (failed(fresh))
      return mlir::failure();
    data.back() = std::move(*fresh);
  }
  // The parallel loops are done at a time, from their first point.
  SmallVector<int64_t> points(sizes);
  for (unsigned loop : parallelLoops)
    points[loop] = std::min<int64_t>(sizes[loop], 1);
  // The runtime adds matrix products up in f32.
  bool isWider = isa<mlir::linalg::MatmulOp, mlir::linalg::BatchMatmulOp>(
      op.getOperation());
  Numerics *numerics = scope.getNumerics();
  {
    Numerics::Wider wider(isWider ? numerics : nullptr);
    if (failed(forEachIndex(
            points, [&](ArrayRef<int64_t> index) { return runPoint(index); })))
      return mlir::failure();
  }
  if (isWider && numerics && failed(roundResults(*numerics)))
    return mlir::failure();
  for (auto [i, result] : enumerate(op->getResults()))
    scope.set(result, data[op.getNumDpsInputs() + i]);
  return mlir::success();
}

mlir::LogicalResult evaluateLinalg(LinalgOp op, Scope &scope) {
  if (!op.hasPureTensorSemantics())
    return op.emitOpError(
        "works on memrefs, but the interpreter needs tensors");
  return Loops(op, scope).run();
}

} // namespace seednorm::interpreter
