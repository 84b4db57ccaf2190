//===- Interpreter.h - The reference semantics, executed --------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Executes model IR directly, operation by operation, in f64. It is the oracle
// of every other way to run a model: slow, simple, and independent of lowering,
// schedules and targets.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_INTERPRETER_INTERPRETER_H
#define SEEDNORM_INTERPRETER_INTERPRETER_H

#include "mlir/IR/BuiltinOps.h"
#include "seednorm/Runtime/Entry.h"

namespace seednorm {

/// Calls the function `entry` of a module of `seednorm`, `rowwise`, `linalg`,
/// `tensor`, `arith`, `math`, `scf`, `cf.assert` and `func` operations on
/// tensors with all its arguments, parameters included, in order.
///
/// Every float of the computation is an f64 whatever its type says, and sums
/// are in f64 too; only the results are rounded, to the types of the function.
/// Integers wrap at their own width. Elements that `tensor.empty` leaves
/// undefined are NaN. The module is left as it is.
///
/// An error says where in the IR it happened, for example that an index is out
/// of bounds or that an operation is not among those above.
llvm::Expected<llvm::SmallVector<Tensor>>
interpret(mlir::ModuleOp module, llvm::StringRef entry,
          llvm::ArrayRef<Tensor> arguments);

/// The same in the precision of the declared types, to find where a value stops
/// being finite: every result of `arith` and `math` is rounded to its type, and
/// sums overflow where a partial sum of that type does. Matrix products are
/// summed in f32 at least, column sums of row programs in f64, as in compiled
/// code.
///
/// Besides the errors above, it is one if an input or a parameter is not
/// finite, and if an operation makes a NaN of others or an infinity of finite
/// values; it says which, with the operands, its place in the model and the
/// element, row and column. Infinities that come from constants are none.
llvm::Expected<llvm::SmallVector<Tensor>>
interpretChecked(mlir::ModuleOp module, const EntrySpec &entry,
                 llvm::ArrayRef<Tensor> arguments);

} // namespace seednorm

#endif // SEEDNORM_INTERPRETER_INTERPRETER_H
