//===- Numerics.h - Where a value stops being finite ------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rounds what operations compute to their declared types, and keeps the first
// that makes an infinity or a NaN of other values. Knows nothing of how any of
// them computes; where it happened is added by those who execute what is
// around it, while the failure goes up through them.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_INTERPRETER_NUMERICS_H
#define SEEDNORM_LIB_INTERPRETER_NUMERICS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "seednorm/Runtime/Entry.h"

namespace seednorm::interpreter {

/// "[1, 2]".
std::string formatIndex(llvm::ArrayRef<int64_t> index);
/// The index of an element in row-major order.
llvm::SmallVector<int64_t> getIndex(llvm::ArrayRef<int64_t> shape,
                                    int64_t element);
/// "model.mlir:3:8", for an operation without a place that of what it is in.
std::string formatPlace(mlir::Operation *op);

class Numerics {
public:
  /// Rounds the result of an operation on the operands, element by element, to
  /// the type that it declares. Fails at an element that is NaN though no
  /// operand is, or infinite though all operands are finite.
  mlir::LogicalResult check(mlir::OpResult value,
                            llvm::ArrayRef<Tensor> operands, Tensor &result);
  /// The same for one element, here of `shape`.
  mlir::LogicalResult check(mlir::Operation *op, mlir::Type type,
                            llvm::ArrayRef<double> operands, double &result,
                            int64_t element, llvm::ArrayRef<int64_t> shape);

  /// While it lives, types narrower than f32 are taken for f32.
  class Wider {
  public:
    explicit Wider(Numerics *numerics) : numerics(numerics) {
      if (numerics)
        numerics->isWider = true;
    }
    ~Wider() {
      if (numerics)
        numerics->isWider = false;
    }

  private:
    Numerics *numerics;
  };

  struct Finding {
    mlir::Operation *op;
    /// "arith.divf makes inf from 1 and 0 in f32".
    std::string what;
    /// Which element of a value of that shape it is.
    int64_t element;
    llvm::SmallVector<int64_t> shape;
    /// The same in the words of what computes many such values: " at row [3]".
    std::string at;
    /// Loops and calls around that, innermost first, each after a comma.
    std::string around;
  };
  std::optional<Finding> finding;

private:
  mlir::FloatType getPrecision(mlir::Type type) const;

  bool isWider = false;
};

/// Says that an input or a parameter of an entry is not finite.
llvm::Error checkFinite(const TensorSpec &spec, const Tensor &tensor);
/// Says that a result is NaN though no operation made it so.
llvm::Error checkDefined(const TensorSpec &spec, const Tensor &tensor);
/// Reports the finding at its place in the model.
void emit(const Numerics::Finding &finding, llvm::StringRef entry);

/// Gives the operations of a norm's row program, which are at the norm's
/// location, its name as well.
void nameNorms(mlir::Operation *module);

} // namespace seednorm::interpreter

#endif // SEEDNORM_LIB_INTERPRETER_NUMERICS_H
