//===- ScheduleFields.h - The fields of a schedule as data ------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `#rowwise.schedule` as an array of numbers, for code that changes fields or
// treats them alike. Knows nothing of what fits a program or a target.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_ROWWISE_IR_SCHEDULEFIELDS_H
#define SEEDNORM_DIALECT_ROWWISE_IR_SCHEDULEFIELDS_H

#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include <array>

namespace mlir::rowwise {

/// In the order of the attribute's parameters.
enum class ScheduleField : unsigned {
  VectorWidth,
  Scalable,
  Vectors,
  RowsInFlight,
  RowsPerBlock,
  RowsPerTask,
  NontemporalMinBytes,
  PrefetchRows,
  PrefetchLevel,
  Pipeline,
  TileVectors,
  PeelRemainder,
  ThreadsPerRow,
  Ctas,
  CtasPerRow,
  KeepRow,
  KeepColumns,
  CacheHints,
  Atomics,
  DependentLaunch,
  Approximate,
};

struct ScheduleFieldInfo {
  StringLiteral name;
  int64_t (ScheduleAttr::*get)() const;
  /// The largest value.
  int64_t most;
};

/// Indexed by ScheduleField.
ArrayRef<ScheduleFieldInfo> getScheduleFieldInfos();

class ScheduleFields {
public:
  static constexpr unsigned count = unsigned(ScheduleField::Approximate) + 1;

  /// All absent.
  ScheduleFields() { values.fill(0); }
  /// A null attribute has none.
  explicit ScheduleFields(ScheduleAttr schedule);

  int64_t &operator[](ScheduleField field) { return values[unsigned(field)]; }
  int64_t operator[](ScheduleField field) const {
    return values[unsigned(field)];
  }
  bool operator==(const ScheduleFields &other) const {
    return values == other.values;
  }

  /// Null, with an error through `emitError`, where the fields contradict each
  /// other.
  ScheduleAttr getChecked(function_ref<InFlightDiagnostic()> emitError,
                          MLIRContext *context) const;

private:
  std::array<int64_t, count> values;
};

} // namespace mlir::rowwise

#endif // SEEDNORM_DIALECT_ROWWISE_IR_SCHEDULEFIELDS_H
