//===- RowEmitter.h - Loops over vectors for the rows of one task -*- C++
//-*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits what one thread does for a range of rows: blocks of rows, sweeps over
// their columns, row scalars as vectors. Knows nothing of how tasks are
// distributed.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_ROWWISETOVECTOR_ROWEMITTER_H
#define SEEDNORM_CONVERSION_ROWWISETOVECTOR_ROWEMITTER_H

#include "mlir/IR/IRMapping.h"
#include "seednorm/Conversion/ProgramOperands.h"
#include "seednorm/Conversion/RowArithmetic.h"
#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"
#include "llvm/ADT/MapVector.h"
#include <map>

namespace mlir::rowwise {

/// The lanes of a vector of the schedule.
Value getLanes(const IndexMath &math, ScheduleAttr schedule);

class RowEmitter {
public:
  /// `partials` has a memref<tasks x width x f64> for each accumulated out,
  /// else null.
  RowEmitter(OpBuilder &builder, ProgramOp program, const RowAnalysis &analysis,
             const ProgramOperands &operands, ArrayRef<Value> partials,
             bool nontemporal);

  /// Everything for the rows from `begin` to `end`.
  void emitTask(Value task, Value begin, Value end);

private:
  /// The rows that are in flight together in a sweep.
  struct Rows {
    SmallVector<Value> index;  // within the block
    SmallVector<Value> linear; // within the program
    DenseMap<std::pair<Value, unsigned>, Value> views;
    llvm::MapVector<std::pair<Value, unsigned>, Value> prefetchViews;
    DenseMap<std::pair<Value, unsigned>, Value> splats;
  };
  /// One vector of columns of all rows in flight; at the end of a row perhaps
  /// of fewer lanes than the schedule's.
  struct Columns {
    Value begin, mask;
    int64_t narrow = 0;
  };
  /// A sweep over some rows in one loop with others; where their group-shaped
  /// values are.
  struct Part {
    const Sweep *sweep;
    Rows *rows;
    Value slot;
  };
  /// Values at one vector of columns.
  struct Known {
    DenseMap<Value, Value> shared;
    SmallVector<DenseMap<Value, Value>> ofRow;

    DenseMap<Value, Value> &at(bool isShared, unsigned row) {
      return isShared ? shared : ofRow[row];
    }
  };
  using Accumulators = SmallVector<Value>; // [row][reduction][vector]

  const RowArray &getArray(Value argument) const;
  VectorType getVectorType(Value value, int64_t narrow = 0) const;
  /// One element of a group-shaped value in its buffer, or as many as `lanes`
  /// says from there on.
  Value loadGroup(Value value, Value index, int64_t lanes = 0);
  void storeGroup(Value value, Value index, Value elements);

  void allocateBuffers();
  void fillColumnGroups();
  void emitBlock(Value firstRow, Value rows);
  Value emitPipeline(Value begin, Value end);
  Value emitKeptBlocks(Value begin, Value end);
  void emitKeptSweep(const Sweep &sweep, Value firstRow);
  void loadRowGroups(Value firstRow, Value rows);
  void storeGroupResults(Value firstRow, Value rows);

  void emitGroupOps(ArrayRef<Operation *> ops, Value firstRow, Value rows);
  void emitGroupIndex(Operation *op, Value firstRow);
  /// The value of an index operation at one row.
  Value getRowIndex(Operation *op, Value row);
  void emitElementwiseGroupOps(ArrayRef<Operation *> ops, Value rows);
  void emitGroupReduce(ReduceOp op);
  void emitGroupBroadcast(BroadcastOp op);

  void emitSweep(const Sweep &sweep, Value firstRow, Value rows);
  void emitRows(const Sweep &sweep, Value firstRow, Value index,
                unsigned count);
  void emitOverlap(const Sweep &first, Value nextRow, Value nextSlot,
                   const Sweep &last, Value firstRow, Value firstSlot);
  Rows makeRows(const Sweep &sweep, Value firstRow, Value index,
                unsigned count);
  void makeViews(const Sweep &sweep, Rows &rows, Value firstRow);
  void emitParts(ArrayRef<Part> parts);
  void initializeReductions(const Part &part);
  Accumulators getIdentities(const Part &part, unsigned vectors);
  void finishReductions(const Part &part, ArrayRef<Value> accumulators,
                        Value group);
  void emitGroupOfColumns(ArrayRef<Part> parts, Value group);
  Accumulators emitColumnLoops(ArrayRef<Part> parts, Value begin, Value length,
                               Accumulators accumulators);
  void emitCascade(Value end, Value step, const Sweep &sweep,
                   Accumulators &accumulators,
                   function_ref<void(Value, Value)> emitLoop);
  void forEachRest(Value whole, Value length, function_ref<void(Columns)> body);
  /// `vectors` vectors of columns from `first` on.
  Accumulators emitColumns(ArrayRef<Part> parts, Columns first,
                           unsigned vectors, ArrayRef<Value> accumulators);
  Value addTo(ReduceOp reduce, Value sum, Value value, const Columns &columns);
  Value evaluateIndex(Operation *op, const Rows &rows, unsigned row,
                      const Columns &columns);
  Value loadOperand(Value value, const Rows &rows, unsigned row,
                    const Columns &columns);
  Value compute(Value value, const Rows &rows, unsigned row,
                const Columns &columns, Known &known);
  Value evaluate(Value value, const Rows &rows, unsigned row,
                 const Columns &columns, Known &known);
  /// Stores the results at one vector of columns; gives back, for each
  /// row-shaped accumulation, what the rows in flight add to it, in f32 at
  /// least.
  SmallVector<Value> writeResults(const Rows &rows, const Columns &columns,
                                  Known &known);
  void emitPrefetches(const Rows &rows, const Columns &columns, unsigned u);
  void setFlags(Operation *op, Value value);
  Value widen(Value value, Type wide);
  Value narrow(Value value, Type type);
  Value divide(Value sum, Value count);
  void guardDivision(Operation *op, IRMapping &operands, Value mask);
  void addToPartials(const Columns &columns, ArrayRef<Value> sums);
  void addToPartial(Value partial, const Columns &columns, Value sum);
  void emitTiles(const Sweep &sweep, Value firstRow, Value rows);
  void emitTile(const Sweep &sweep, Value firstRow, Value rows, Value group,
                unsigned vectors, Columns first);
  void loadSplats(const Sweep &sweep, Rows &rows, Value group);
  /// Where a group of columns begins, and its length.
  std::pair<Value, Value> getColumnsOf(const Sweep &sweep, Value group);
  void finishReduction(ReduceOp reduce, const Sweep &sweep, Value vector,
                       Value rowIndex, Value group);

  Value getIdentity(ReduceOp reduce, Type type);
  Value combine(ReduceKind kind, Value a, Value b);
  void forEach(Value begin, Value end, Value step,
               function_ref<void(Value)> body);

  OpBuilder &builder;
  Location loc;
  IndexMath math;
  ProgramOp program;
  const RowAnalysis &analysis;
  ScheduleAttr schedule;
  ArrayRef<RowArray> arrays;
  ArrayRef<Value> leading;
  Value rowCount, width, lanes, task;
  /// The row of the group-shaped values' buffers that the block begins at: of a
  /// pipeline's two blocks one is `slotRows` after the other.
  Value slot;
  int64_t slotRows;
  ArrayRef<Value> partials;
  bool nontemporal, buffersOnHeap = false;
  /// What was loaded of rows that are kept, by row: at a column, up to another
  /// if the vector is masked, of so many lanes (negative) if it is narrow.
  using KeptVector = SmallVector<DenseMap<Value, Value>>;
  std::map<std::pair<int64_t, int64_t>, KeptVector> kept;
  /// The vector that is being computed, if it is kept.
  KeptVector *keeping = nullptr;
  llvm::MapVector<Value, Value> buffers; // group-shaped: memref<rows*groups>
};

} // namespace mlir::rowwise

#endif // SEEDNORM_CONVERSION_ROWWISETOVECTOR_ROWEMITTER_H
