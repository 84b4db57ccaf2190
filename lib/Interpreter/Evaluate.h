//===- Evaluate.h - Parts of the interpreter --------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the files of the interpreter share. A value is a row-major Tensor: f64
// elements for floats, i64 for integers and indices (sign-extended; a true i1
// is -1), rank 0 for scalars.
//
// Inside a linalg region, a scalar of the IR stands for one value at each point
// of the parallel loops: a tensor of rank 1 then, or still of rank 0 if it is
// the same everywhere. So every scalar operation works on both.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_INTERPRETER_EVALUATE_H
#define SEEDNORM_LIB_INTERPRETER_EVALUATE_H

#include "Numerics.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/OpDefinition.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Runtime/Tensor.h"

namespace seednorm::interpreter {

/// The values known in a region and those around it.
class Scope {
public:
  /// Of a function that is called at this depth.
  Scope(unsigned callDepth, Numerics *numerics)
      : callDepth(callDepth), numerics(numerics) {}
  /// Of a region within.
  explicit Scope(const Scope *outer)
      : outer(outer), callDepth(outer->callDepth), numerics(outer->numerics) {}

  void set(mlir::Value value, Tensor tensor) {
    values[value] = std::move(tensor);
  }
  const Tensor &get(mlir::Value value) const {
    auto found = values.find(value);
    return found != values.end() ? found->second : outer->get(value);
  }
  llvm::SmallVector<Tensor> get(mlir::ValueRange values) const;

  /// Scalar integers that are the same everywhere: sizes, bounds, offsets.
  mlir::FailureOr<int64_t> getInteger(mlir::Operation *op,
                                      mlir::Value value) const;
  mlir::FailureOr<llvm::SmallVector<int64_t>>
  getIntegers(mlir::Operation *op,
              llvm::ArrayRef<mlir::OpFoldResult> values) const;

  unsigned getCallDepth() const { return callDepth; }
  /// Null if values are neither rounded nor checked.
  Numerics *getNumerics() const { return numerics; }
  /// Says what is around a finding, if that is why something in it failed.
  void addAround(llvm::function_ref<std::string()> text) const {
    if (numerics && numerics->finding)
      numerics->finding->around += text();
  }

private:
  const Scope *outer = nullptr;
  unsigned callDepth;
  Numerics *numerics;
  llvm::DenseMap<mlir::Value, Tensor> values;
};

/// F64 or I64, as values of this type are kept.
DType getKind(mlir::Type type);
/// Bits of an integer of this type; an index has 64.
unsigned getWidth(mlir::Type type);

using Result = mlir::FailureOr<Tensor>;

/// Tensor::allocate, with errors at the operation.
Result allocate(mlir::Operation *op, DType dtype,
                llvm::ArrayRef<int64_t> shape);
Result copy(mlir::Operation *op, const Tensor &tensor);
Tensor getScalar(int64_t value);

/// Calls `body` with every index, the last dimension fastest, until it fails.
mlir::LogicalResult forEachIndex(
    llvm::ArrayRef<int64_t> shape,
    llvm::function_ref<mlir::LogicalResult(llvm::ArrayRef<int64_t>)> body);
/// Σ index[i] · strides[i].
int64_t getOffset(llvm::ArrayRef<int64_t> index,
                  llvm::ArrayRef<int64_t> strides);
/// Calls `body` with the offset of every index.
void forEachOffset(llvm::ArrayRef<int64_t> shape,
                   llvm::ArrayRef<int64_t> strides,
                   llvm::function_ref<void(int64_t)> body);

/// Executes one operation and keeps its results in the scope. Each of those
/// below reports its errors at the operation.
mlir::LogicalResult evaluate(mlir::Operation *op, Scope &scope);
/// Executes all but the terminator.
mlir::LogicalResult evaluateBody(mlir::Block &block, Scope &scope);

/// `arith` and `math`; none if the operation is not known.
std::optional<Result> evaluateScalarOp(mlir::Operation *op, const Scope &scope);
/// `tensor`; none if the operation is not known.
std::optional<Result> evaluateTensorOp(mlir::Operation *op, const Scope &scope);
/// Keeps the value of the operation's one result.
mlir::LogicalResult keep(mlir::Operation *op, Result value, Scope &scope);
mlir::LogicalResult evaluateLinalg(mlir::linalg::LinalgOp op, Scope &scope);
mlir::LogicalResult evaluateProgram(mlir::rowwise::ProgramOp op, Scope &scope);

} // namespace seednorm::interpreter

#endif // SEEDNORM_LIB_INTERPRETER_EVALUATE_H
