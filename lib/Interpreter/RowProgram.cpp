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

static double reduce(rowwise::ReduceKind kind, ArrayRef<double> values) {
  double result = values.front();
  for (double x : values.drop_front())
    switch (kind) {
    case rowwise::ReduceKind::add:
    case rowwise::ReduceKind::mean:
      result += x;
      break;
    case rowwise::ReduceKind::max:
      result = std::isnan(x) || x > result ? x : result;
      break;
    case rowwise::ReduceKind::min:
      result = std::isnan(x) || x < result ? x : result;
      break;
    }
  return kind == rowwise::ReduceKind::mean ? result / values.size() : result;
}

static Result evaluate(rowwise::ReduceOp op, const Tensor &source) {
  int64_t groups =
      cast<mlir::ShapedType>(op.getResult().getType()).getDimSize(0);
  auto size = getGroupSize(op, source.getNumElements(), groups);
  if (failed(size))
    return mlir::failure();
  Result result = allocate(op, DType::F64, {groups});
  if (failed(result))
    return mlir::failure();
  for (int64_t i = 0; i < groups; ++i)
    result->getDataAs<double>()[i] = reduce(
        op.getKind(), ArrayRef(source.getDataAs<double>() + i * *size, *size));
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
  mlir::FailureOr<Rows> createRows(mlir::Value operand);
  mlir::LogicalResult checkColumns();
  mlir::LogicalResult runRow(ArrayRef<int64_t> index);
  mlir::LogicalResult runOp(mlir::Operation &inner, Scope &row,
                            ArrayRef<int64_t> index);
  void store(unsigned out, const Tensor &value, ArrayRef<int64_t> index);

  rowwise::ProgramOp op;
  Scope &scope;
  SmallVector<int64_t> leading;
  int64_t width = 0, rowNumber = 0;
  SmallVector<Rows> rows, outs;
  SmallVector<Tensor> results;
};

} // namespace

mlir::FailureOr<Rows> Execution::createRows(mlir::Value operand) {
  const Tensor &tensor = scope.get(operand);
  auto type = cast<mlir::ShapedType>(operand.getType());
  Rows result{&tensor, tensor.getShape().back(), {}};
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
            return evaluate(op, row.get(op.getSource()));
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

void Execution::store(unsigned out, const Tensor &value,
                      ArrayRef<int64_t> index) {
  int64_t count = value.getNumElements(),
          first = getOffset(index, outs[out].strides);
  if (!op.isAccumulated(out)) {
    std::copy_n(value.getDataAs<int64_t>(), count,
                results[out].getDataAs<int64_t>() + first);
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    results[out].getDataAs<double>()[first + i] +=
        value.getDataAs<double>()[i];
}

mlir::LogicalResult Execution::runRow(ArrayRef<int64_t> index) {
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
    const Tensor &value = row.get(yielded);
    int64_t expected = results[i].getShape().back();
    if (value.getNumElements() != expected)
      return op.emitOpError("yields ")
             << value.getNumElements() << " elements for a row of " << expected;
    store(i, value, index);
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
  for (mlir::Value operand : op.getRows()) {
    auto operands = createRows(operand);
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
    auto operands = createRows(out);
    if (failed(operands))
      return mlir::failure();
    outs.push_back(std::move(*operands));
  }
  if (failed(forEachIndex(
          leading, [&](ArrayRef<int64_t> index) { return runRow(index); })))
    return mlir::failure();
  for (auto [result, tensor] : zip(op.getResults(), results))
    scope.set(result, tensor);
  return mlir::success();
}

mlir::LogicalResult evaluateProgram(rowwise::ProgramOp op, Scope &scope) {
  return Execution(op, scope).run();
}

} // namespace seednorm::interpreter
