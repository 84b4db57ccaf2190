//===- Adjoint.h - Adjoints of the tensors of a block -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reverse mode over operations on tensors: what each hands on to its operands.
// Knows nothing of how functions are put together.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_SEEDNORM_TRANSFORMS_ADJOINT_H
#define SEEDNORM_DIALECT_SEEDNORM_TRANSFORMS_ADJOINT_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "llvm/ADT/DenseSet.h"
#include <functional>

namespace mlir::seednorm {

/// Whether a value may have a gradient.
bool isFloatTensor(Type type);

class Adjoint {
public:
  /// What a call does: adds to the adjoints of its operands.
  using CallRule = std::function<LogicalResult(Adjoint &, func::CallOp)>;

  Adjoint(OpBuilder &builder, CallRule callRule)
      : builder(builder), loc(builder.getUnknownLoc()),
        callRule(std::move(callRule)) {}

  /// Marks a value whose gradient is wanted; whatever is computed from it is
  /// active.
  void activate(Value value) { active.insert(value); }
  bool isActive(Value value) const { return active.contains(value); }

  /// Goes through operations in order for what is active, then backwards from
  /// the adjoints of `seeds`; everything is computed at the builder's position.
  LogicalResult run(ArrayRef<Operation *> ops,
                    ArrayRef<std::pair<Value, Value>> seeds);

  void add(Value of, Value contribution);
  /// The adjoint of a value so far; null for zero.
  Value get(Value of) const { return adjoints.lookup(of); }
  /// The same, with zeros written out.
  Value getOrZeros(Value of);
  /// A tensor with another element type.
  Value convert(Value tensor, Type element);

private:
  void findActive(Operation *op);
  LogicalResult visit(Operation *op);
  LogicalResult visitProgram(rowwise::ProgramOp op);
  LogicalResult visitContraction(linalg::LinalgOp op, Value d);
  LogicalResult visitGather(linalg::GenericOp op, Value d);
  LogicalResult visitReduce(linalg::ReduceOp op);
  void visitBroadcast(linalg::BroadcastOp op, Value d);
  void visitSlice(tensor::ExtractSliceOp op, Value d);
  void visitInsertion(tensor::InsertSliceOp op, Value d);
  Value getEmpty(Value like, Type element = {});
  Value getZeros(Value like, Type element = {});

  OpBuilder &builder;
  Location loc;
  CallRule callRule;
  llvm::DenseSet<Value> active;
  llvm::DenseMap<Value, Value> adjoints;
};

} // namespace mlir::seednorm

#endif // SEEDNORM_DIALECT_SEEDNORM_TRANSFORMS_ADJOINT_H
