//===- RowProgram.cpp - Row programs --------------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The region is executed for one row after the other.
//
//===----------------------------------------------------------------------===//

#include "Evaluate.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <numeric>

using namespace llvm;
namespace rowwise = mlir::rowwise;

namespace seednorm::interpreter {

/// Elements of each group, or failure if they do not divide evenly.
static mlir::FailureOr<int64_t> getGroupSize(mlir::Operation *op, int64_t width,
                                             int64_t groups) {
  if (groups == 0 || width % groups != 0)
    return op->emitOpError("cannot divide ")
           << width << " elements into " << groups << " groups";
  return width / groups;
}

static double combine(rowwise::ReduceKind kind, double a, double b) {
  switch (kind) {
  case rowwise::ReduceKind::add:
  case rowwise::ReduceKind::mean:
    return a + b;
  case rowwise::ReduceKind::max:
    return std::isnan(b) || b > a ? b : a;
  case rowwise::ReduceKind::min:
    return std::isnan(b) || b < a ? b : a;
  }
  llvm_unreachable("every kind is above");
}

/// Of `size` columns from `first`. Partial results must fit the type if
/// numerics are checked, but only the last one is rounded to it: compiled code
/// adds in an order of its own.
static mlir::FailureOr<double> reduce(rowwise::ReduceOp op,
                                      const Tensor &source, int64_t first,
                                      int64_t size, Numerics *numerics) {
  const double *values = source.getDataAs<double>() + first;
  mlir::Type type = mlir::getElementTypeOrSelf(op.getResult().getType());
  // Of no elements, as in compiled code: what changes nothing.
  if (size == 0)
    switch (op.getKind()) {
    case rowwise::ReduceKind::add:
      return -0.0;
    case rowwise::ReduceKind::mean:
      return std::numeric_limits<double>::quiet_NaN();
    case rowwise::ReduceKind::max:
      return -std::numeric_limits<double>::infinity();
    case rowwise::ReduceKind::min:
      return std::numeric_limits<double>::infinity();
    }
  double result = values[0], rounded = result;
  for (int64_t i = 1; i < size; ++i) {
    double before = result;
    rounded = result = combine(op.getKind(), before, values[i]);
    if (numerics &&
        failed(numerics->check(op, type, {before, values[i]}, rounded,
                               first + i, source.getShape())))
      return mlir::failure();
  }
  if (op.getKind() != rowwise::ReduceKind::mean)
    return rounded;
  double mean = result / size;
  if (numerics && failed(numerics->check(op, type, {result}, mean, first,
                                         source.getShape())))
    return mlir::failure();
  return mean;
}

static Result evaluate(rowwise::ReduceOp op, const Tensor &source,
                       int64_t rowWidth, Numerics *numerics) {
  int64_t groups =
      cast<mlir::ShapedType>(op.getResult().getType()).getDimSize(0);
  if (mlir::ShapedType::isDynamic(groups))
    groups = rowWidth;
  auto size = getGroupSize(op, source.getNumElements(), groups);
  if (failed(size))
    return mlir::failure();
  Result result = allocate(op, DType::F64, {groups});
  if (failed(result))
    return mlir::failure();
  for (int64_t i = 0; i < groups; ++i) {
    auto value = reduce(op, source, i * *size, *size, numerics);
    if (failed(value))
      return mlir::failure();
    result->getDataAs<double>()[i] = *value;
  }
  return result;
}

static Result evaluate(rowwise::BroadcastOp op, const Tensor &source,
                       int64_t rowWidth) {
  int64_t width =
      cast<mlir::ShapedType>(op.getResult().getType()).getDimSize(0);
  if (mlir::ShapedType::isDynamic(width))
    width = rowWidth;
  auto size = getGroupSize(op, width, source.getNumElements());
  if (failed(size))
    return mlir::failure();
  Result result = allocate(op, source.getDType(), {width});
  if (failed(result))
    return mlir::failure();
  // Elements are 64 bits of either kind.
  for (int64_t i = 0; i < width; ++i)
    result->getDataAs<int64_t>()[i] = source.getDataAs<int64_t>()[i / *size];
  return result;
}

/// `index` is that of the row.
static Result evaluate(rowwise::IndexOp op, ArrayRef<int64_t> index,
                       int64_t rowWidth) {
  int64_t width =
      cast<mlir::ShapedType>(op.getResult().getType()).getDimSize(0);
  Result result = allocate(
      op, DType::I64, {mlir::ShapedType::isDynamic(width) ? rowWidth : width});
  if (failed(result))
    return mlir::failure();
  MutableArrayRef elements(result->getDataAs<int64_t>(),
                           result->getNumElements());
  if (op.isInRow())
    std::iota(elements.begin(), elements.end(), 0);
  else
    elements[0] = index[op.getDimension()];
  return result;
}

namespace {

/// A row operand or an out, as a sequence of rows.
struct Rows {
  const Tensor *tensor;
  int64_t width;
  /// Strides of the leading dimensions; 0 where one row serves several.
  SmallVector<int64_t> strides;
};

class Execution {
public:
  Execution(rowwise::ProgramOp op, Scope &scope) : op(op), scope(scope) {}
  mlir::LogicalResult run();

private:
  /// `value` is what one row of the operand is in the region.
  mlir::FailureOr<Rows> createRows(mlir::Value operand, mlir::Value value);
  mlir::LogicalResult checkColumns();
  mlir::LogicalResult runRow(ArrayRef<int64_t> index);
  mlir::LogicalResult runRowOps(ArrayRef<int64_t> index);
  mlir::LogicalResult runOp(mlir::Operation &inner, Scope &row,
                            ArrayRef<int64_t> index);
  mlir::LogicalResult store(unsigned out, const Tensor &value,
                            ArrayRef<int64_t> index);
  mlir::LogicalResult roundSums();
  void addPlace(std::optional<ArrayRef<int64_t>> row);

  rowwise::ProgramOp op;
  Scope &scope;
  SmallVector<int64_t> leading;
  int64_t width = 0, rowNumber = 0;
  SmallVector<Rows> rows, outs;
  SmallVector<Tensor> results;
};

} // namespace

mlir::FailureOr<Rows> Execution::createRows(mlir::Value operand,
                                            mlir::Value value) {
  const Tensor &tensor = scope.get(operand);
  auto type = cast<mlir::ShapedType>(operand.getType());
  Rows result{&tensor, tensor.getShape().back(), {}};
  int64_t expected = cast<mlir::ShapedType>(value.getType()).getDimSize(0);
  if (mlir::ShapedType::isDynamic(expected))
    expected = width;
  if (result.width != expected)
    return op.emitOpError("has an operand with rows of ")
           << result.width << " elements where " << expected << " are needed";
  // A sum over all rows.
  if (type.getRank() == 1) {
    result.strides.assign(leading.size(), 0);
    return result;
  }
  for (auto [dim, size] : enumerate(leading)) {
    bool repeats = type.getDimSize(dim) == 1 && size != 1;
    if (!repeats && tensor.getShape()[dim] != size)
      return op.emitOpError("has operands whose leading dimensions are ")
             << size << " and " << tensor.getShape()[dim];
    result.strides.push_back(repeats ? 0 : tensor.getStrides()[dim]);
  }
  return result;
}

/// That a column has one element for each of the row, or for each group.
mlir::LogicalResult Execution::checkColumns() {
  for (mlir::Value column : op.getColumns()) {
    const Tensor &tensor = scope.get(column);
    if (mlir::ShapedType::isDynamic(
            cast<mlir::ShapedType>(column.getType()).getDimSize(0)) &&
        tensor.getNumElements() != width)
      return op.emitOpError("has a column operand of ")
             << tensor.getNumElements() << " elements, but the row has "
             << width;
  }
  return mlir::success();
}

mlir::LogicalResult Execution::runOp(mlir::Operation &inner, Scope &row,
                                     ArrayRef<int64_t> index) {
  auto result =
      TypeSwitch<mlir::Operation *, std::optional<Result>>(&inner)
          .Case([&](rowwise::ReduceOp op) {
            return evaluate(op, row.get(op.getSource()), width,
                            row.getNumerics());
          })
          .Case([&](rowwise::BroadcastOp op) {
            return evaluate(op, row.get(op.getSource()), width);
          })
          .Case([&](rowwise::IndexOp op) { return evaluate(op, index, width); })
          .Case([&](rowwise::RowIndexOp op) -> Result {
            Tensor result = cantFail(Tensor::allocate(DType::I64, {1}));
            *result.getDataAs<int64_t>() = rowNumber;
            return result;
          })
          // The sum is taken where the value is yielded.
          .Case<rowwise::AccumulateOp, rowwise::DetachOp>(
              [&](auto op) -> Result { return row.get(op.getSource()); })
          .Default([](mlir::Operation *) { return std::nullopt; });
  return result ? keep(&inner, std::move(*result), row)
                : interpreter::evaluate(&inner, row);
}

mlir::LogicalResult Execution::store(unsigned out, const Tensor &value,
                                     ArrayRef<int64_t> index) {
  int64_t count = value.getNumElements(),
          first = getOffset(index, outs[out].strides);
  if (!op.isAccumulated(out)) {
    std::copy_n(value.getDataAs<int64_t>(), count,
                results[out].getDataAs<int64_t>() + first);
    return mlir::success();
  }
  mlir::Operation *accumulate = op.getYield()->getOperand(out).getDefiningOp();
  mlir::Type type = mlir::Float64Type::get(op.getContext());
  for (int64_t i = 0; i < count; ++i) {
    double &sum = results[out].getDataAs<double>()[first + i];
    double before = sum, x = value.getDataAs<double>()[i];
    sum += x;
    if (Numerics *numerics = scope.getNumerics())
      if (failed(numerics->check(accumulate, type, {before, x}, sum, i,
                                 value.getShape())))
        return mlir::failure();
  }
  return mlir::success();
}

/// Column sums take their type when they are complete.
mlir::LogicalResult Execution::roundSums() {
  Numerics *numerics = scope.getNumerics();
  for (auto [out, result] : enumerate(results)) {
    if (!numerics || !op.isAccumulated(out))
      continue;
    auto accumulate = cast<mlir::OpResult>(op.getYield()->getOperand(out));
    Result sum = copy(op, result);
    if (failed(sum) || failed(numerics->check(accumulate, *sum, result)))
      return mlir::failure();
  }
  return mlir::success();
}

/// Says where in the rows a finding is.
void Execution::addPlace(std::optional<ArrayRef<int64_t>> row) {
  Numerics *numerics = scope.getNumerics();
  if (!numerics || !numerics->finding)
    return;
  Numerics::Finding &finding = *numerics->finding;
  SmallVector<int64_t> place = getIndex(finding.shape, finding.element);
  if (row)
    finding.at = " at row " + formatIndex(*row);
  else if (place.size() > 1)
    finding.at = " in sum " + formatIndex(ArrayRef(place).drop_back());
  else
    finding.at = " in the sum";
  if (finding.shape.back() == width)
    finding.at += ", column " + std::to_string(place.back());
  else if (finding.shape.back() != 1)
    finding.at += ", group " + std::to_string(place.back());
  // The name of a norm is with its location; see nameNorms.
  auto norm =
      op.getLoc()->findInstanceOf<mlir::FusedLocWith<mlir::StringAttr>>();
  finding.at +=
      " of " +
      (norm ? norm.getMetadata() : op->getName().getIdentifier()).str();
}

mlir::LogicalResult Execution::runRow(ArrayRef<int64_t> index) {
  if (succeeded(runRowOps(index)))
    return mlir::success();
  addPlace(index);
  return mlir::failure();
}

mlir::LogicalResult Execution::runRowOps(ArrayRef<int64_t> index) {
  Scope row(&scope);
  for (auto [argument, operand] : zip(op.getRowArguments(), rows))
    row.set(argument, cantFail(Tensor::borrow(
                          operand.tensor->getDataAs<int64_t>() +
                              getOffset(index, operand.strides),
                          operand.tensor->getDType(), {operand.width})));
  for (auto [argument, column] : zip(op.getColumnArguments(), op.getColumns()))
    row.set(argument, scope.get(column));
  for (mlir::Operation &inner : op.getBlock()->without_terminator())
    if (failed(runOp(inner, row, index)))
      return mlir::failure();
  for (auto [i, yielded] : enumerate(op.getYield()->getOperands())) {
    if (failed(store(i, row.get(yielded), index)))
      return mlir::failure();
  }
  ++rowNumber;
  return mlir::success();
}

mlir::LogicalResult Execution::run() {
  if (op.hasBufferSemantics())
    return op.emitOpError(
        "works on memrefs, but the interpreter needs tensors");
  ArrayRef<int64_t> shape = scope.get(op.getRows()[0]).getShape();
  leading.assign(shape.begin(), shape.end() - 1);
  width = shape.back();
  for (auto [operand, argument] : zip(op.getRows(), op.getRowArguments())) {
    auto operands = createRows(operand, argument);
    if (failed(operands))
      return mlir::failure();
    rows.push_back(std::move(*operands));
  }
  if (failed(checkColumns()))
    return mlir::failure();
  for (auto [i, out] : enumerate(op.getOuts())) {
    Result result =
        allocate(op, getKind(out.getType()), scope.get(out).getShape());
    if (failed(result))
      return mlir::failure();
    std::fill_n(result->getDataAs<int64_t>(), result->getNumElements(), 0);
    results.push_back(std::move(*result));
    auto operands = createRows(out, op.getYield()->getOperand(i));
    if (failed(operands))
      return mlir::failure();
    outs.push_back(std::move(*operands));
  }
  if (failed(forEachIndex(
          leading, [&](ArrayRef<int64_t> index) { return runRow(index); })))
    return mlir::failure();
  if (failed(roundSums())) {
    addPlace(std::nullopt);
    return mlir::failure();
  }
  for (auto [result, tensor] : zip(op.getResults(), results))
    scope.set(result, tensor);
  return mlir::success();
}

mlir::LogicalResult evaluateProgram(rowwise::ProgramOp op, Scope &scope) {
  return Execution(op, scope).run();
}

} // namespace seednorm::interpreter
