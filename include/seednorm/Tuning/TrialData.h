//===- TrialData.h - Made-up inputs and the right results -------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a trial is run on and what its results are compared with. Tensors alone:
// it must not know row programs or MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_TRIALDATA_H
#define SEEDNORM_TUNING_TRIALDATA_H

#include "seednorm/Runtime/Tensor.h"

namespace seednorm::tuning {

/// What an operand of a program is, by which its values are made.
enum class InputKind {
  /// A row of D elements: values of either sign around 0.
  Row,
  /// Values of a row, fewer than D: positive, as statistics are.
  Scalars,
  /// Shared by all rows: so small that a dot product with a row is about 1.
  Column,
};

struct InputSpec {
  DType dtype = DType::F32;
  llvm::SmallVector<int64_t, 4> shape;
  InputKind kind = InputKind::Row;
};

/// The same values for the same arguments. Integers are from 0 to 99 and below
/// the width of a row.
llvm::Expected<Tensor> makeInput(const InputSpec &spec, uint64_t seed);
llvm::Expected<llvm::SmallVector<Tensor>>
makeInputs(llvm::ArrayRef<InputSpec> specs);

/// The largest error of a result that is not called wrong, relative to the
/// result's largest element; of integers, in units. `approximate` schedules
/// have tanh with a relative error of 2^-11.
double getTolerance(DType dtype, bool approximate);

/// By how much `tensor` is off, as getTolerance counts. NaN and infinities are
/// right where they are expected. Infinite, where shapes or types differ.
double getDifference(const Tensor &tensor, const Tensor &expected);

/// Rows of `tensor` (all but the last dimension collapsed), in order.
llvm::Expected<Tensor> takeRows(const Tensor &tensor,
                                llvm::ArrayRef<int64_t> rows);
/// Fills these rows with bytes that no result has.
void spoilRows(const Tensor &tensor, llvm::ArrayRef<int64_t> rows);

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_TRIALDATA_H
