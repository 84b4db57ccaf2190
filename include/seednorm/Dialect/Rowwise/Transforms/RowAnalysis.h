//===- RowAnalysis.h - Sweeps over the row of a row program -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Divides a row program into sweeps over the row and what happens between
// them. Every target's lowering starts from it; it knows none of them.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_ROWANALYSIS_H
#define SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_ROWANALYSIS_H

#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace mlir::rowwise {

/// One pass over the columns of a row.
struct Sweep {
  /// Reductions of row-shaped values that this sweep completes.
  SmallVector<ReduceOp> reductions;
  /// Whether it writes the row-shaped results and accumulations: the last one.
  bool writes = false;
  /// Row-shaped operations to evaluate at each column, in order.
  SmallVector<Operation *> ops;
  /// The least number of groups that every reduction and broadcast of the sweep
  /// divides: the sweep goes group by group.
  int64_t groups = 1;
  /// Operations on group-shaped values that come before this sweep, in order.
  SmallVector<Operation *> groupOps;
};

/// A value's level is the number of row reductions above it; what has the same
/// level shares a sweep. Reductions and broadcasts that change nothing must
/// have been folded.
class RowAnalysis {
public:
  explicit RowAnalysis(ProgramOp program);

  /// Row-shaped, as against group-shaped.
  bool isRow(Value value) const;
  /// The same for every row: made of columns and constants alone.
  bool isRowInvariant(Value value) const { return invariant.contains(value); }
  /// Whether a comparison or an extreme depends on how the value is rounded: it
  /// must come out the same in every sweep, or no element equals the largest.
  bool isCompared(Value value) const { return compared.contains(value); }
  ArrayRef<Sweep> getSweeps() const { return sweeps; }
  /// The least number of groups that every group-shaped value divides.
  int64_t getNumGroups() const { return groups; }
  /// Group-shaped operations after the last sweep.
  ArrayRef<Operation *> getFinalGroupOps() const { return finalGroupOps; }

private:
  void computeLevels();
  void findCompared();
  void addRoot(Sweep &sweep, Value root);

  ProgramOp program;
  int64_t rowWidth, groups = 1;
  llvm::DenseMap<Value, unsigned> levels;
  llvm::DenseSet<Value> invariant, compared;
  SmallVector<Sweep> sweeps;
  SmallVector<Operation *> finalGroupOps;
};

/// Folds what changes nothing: detached values, and reductions and broadcasts of
/// D elements in D groups, which `RowAnalysis` could not tell from others by
/// their width.
void foldIdentities(ProgramOp program);

} // namespace mlir::rowwise

#endif // SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_ROWANALYSIS_H
