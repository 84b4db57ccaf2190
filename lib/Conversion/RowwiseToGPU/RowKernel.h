//===- RowKernel.h - What the threads of a row's kernel do ------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits the body of a kernel: how columns are divided over threads, sweeps in
// registers or by reading again, reductions across threads, sums over rows.
// Knows nothing of grids, of what comes after it, or of any vendor.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_ROWWISETOGPU_ROWKERNEL_H
#define SEEDNORM_CONVERSION_ROWWISETOGPU_ROWKERNEL_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/IRMapping.h"
#include "seednorm/Conversion/ProgramOperands.h"
#include "seednorm/Conversion/RowArithmetic.h"
#include "seednorm/Dialect/Rowwise/Transforms/Workspace.h"

namespace mlir::rowwise {

/// Bytes that a thread accesses at once at most.
constexpr int64_t accessBytes = 16;

inline int64_t getWidthOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getDimSize(0);
}

/// How the columns of a row lie on threads. A row's threads are divided into
/// teams, one for each group of columns (one team without groups); the vectors
/// of a group go around its team.
struct ThreadLayout {
  int64_t groups, width; // width: D, or ShapedType::kDynamic
  int64_t vector;        // elements that a thread accesses at once
  int64_t team;          // threads of a team in this CTA
  int64_t threads;       // of a row in this CTA; some may be in no team
  int64_t rows;          // of a CTA
  int64_t ctas;          // of a cluster, for one row
  int64_t warp;          // threads that shuffle

  ThreadLayout(ProgramOp program, const RowAnalysis &analysis, int64_t warp);
  int64_t getCTASize() const { return std::max(threads * rows, warp); }
};

/// The part of a row's columns that a thread has at once.
struct ColumnSlot {
  int64_t lanes;
  Value column;
  Value predicate; // null: always within the row
};

class RowKernel {
public:
  /// `partials` has a memref<tasks x width> for each accumulated out, or null
  /// where sums are added to the outs atomically. `aligned` promises that every
  /// vector of every array begins at a multiple of its size, 16 bytes at most.
  RowKernel(OpBuilder &builder, ProgramOp program, const RowAnalysis &analysis,
            const ProgramOperands &operands, const ThreadLayout &layout,
            ArrayRef<Value> partials, bool aligned);

  /// The rows and their tasks; without sums over rows `tasks` and `segmentRows`
  /// are not looked at.
  struct Rows {
    RowTasks<Value> tasks;
    Value segmentRows;
    unsigned segmentDims = 0;
  };
  void emit(gpu::LaunchOp launch, const Rows &rows);

private:
  using Values = SmallVector<Value>;
  /// What is known of one slot's columns in one sweep.
  using Known = DenseMap<Value, Value>;
  struct Contribution {
    ReduceKind kind;
    Value value;
    int64_t groups; // of the result
  };

  // Threads and columns.
  void placeThread(gpu::LaunchOp launch);
  Value teamFirst() const;
  SmallVector<ColumnSlot> getSlots();
  void forEachSlot(Values &carried,
                   function_ref<void(const ColumnSlot &, unsigned index,
                                     MutableArrayRef<Value>)>
                       body);
  Value load(const RowArray &array, Value view, const ColumnSlot &slot,
             Type element, bool streams);
  void store(const RowArray &array, Value view, const ColumnSlot &slot,
             Value value, Value predicate);
  Value getView(const RowArray &array, Value row);
  void loadColumns();

  // Rows.
  void emitTasks(Value cta, Value grid, const Rows &rows);
  Values emitRows(Value begin, Value end, Value step, Values carried);
  void beginRow(Value index, Value end);
  void emitSweep(const Sweep &sweep, MutableArrayRef<Value> sums);
  void finishReductions(const Sweep &sweep, ArrayRef<Value> accumulators);
  void finishReduction(ReduceOp reduce, Value total, Value count);

  // Values.
  void emitGroupOps(ArrayRef<Operation *> ops);
  Contribution getGroupContribution(ReduceOp reduce);
  Value isFirstOf(int64_t groups);
  void emitGroupOp(Operation *op);
  Value getRowIndex(Operation *op);
  Value cloneOp(Operation *op, IRMapping &mapping, Type type, Value predicate);
  void storeGroupResults(MutableArrayRef<Value> sums);
  Value evaluateIndex(Operation *op, const ColumnSlot &slot);
  Value evaluate(Value value, const ColumnSlot &slot, unsigned index,
                 Known &known);
  void writeResults(const ColumnSlot &slot, unsigned index, Known &known,
                    MutableArrayRef<Value> sums);

  // Sums over rows.
  unsigned getSumOffset(unsigned out) const;
  Values getZeroSums();
  void clearPartials();
  int64_t getPartialAlignment(unsigned out, int64_t lanes) const;
  void storePartial(unsigned out, const ColumnSlot &slot, Value sum);
  void addToPartial(unsigned out, const ColumnSlot &slot, Value value);
  void addAtomically(unsigned out, Value column, Value value);
  Value getSumRow(unsigned out, Value firstRow);
  void storeSums(ArrayRef<Value> sums);
  Value addShared(Value sum, Value condition,
                  function_ref<Value(int64_t)> loadPiece);
  Value combineRows(Value sum);

  // Reductions across threads.
  void barrier();
  Value makeShared(Type element, int64_t count);
  int64_t getSpan(int64_t groups) const;
  Value shuffleTree(ReduceKind kind, Value value, int64_t lanes);
  Values exchange(ArrayRef<Contribution> contributions);
  void writeShared(Value memory, int64_t count, Value value, bool byThread);
  void storeToPeer(Value memory, Value index, Value value, Value peer);
  Value spanStart(Value unit, int64_t ofRow, int64_t ofSpan, int64_t groups);
  Value readShared(const Contribution &contribution, Value memory,
                   int64_t count, int64_t span, bool byThread);

  // Small words.
  Value widen(Value value, Type least);
  Value narrow(Value value, Type type);
  Value combine(ReduceKind kind, Value a, Value b);
  Value identity(ReduceKind kind, Type type);
  Value addLanes(ReduceKind kind, Value vector);
  Value splat(TypedAttr value, Type type);
  Value both(Value a, Value b);
  Value less(Value a, Value b);
  Value equal(Value a, int64_t b);
  Value choose(Value condition, Value then, Value otherwise);
  void when(Value condition, function_ref<void()> body);
  Type typeOf(Value value, int64_t lanes) const;
  Value groupIndex(int64_t groups);

  OpBuilder &builder;
  Location loc;
  IndexMath math;
  ProgramOp program;
  const RowAnalysis &analysis;
  const ProgramOperands &operands;
  const ThreadLayout &layout;
  ScheduleAttr schedule;
  ArrayRef<Value> partials;
  bool aligned;

  gpu::LaunchOp launch;
  Value zero, width;
  /// Where this thread is: in the CTA, the row of the CTA, the place among the
  /// row's threads of all its CTAs, the team and the place in it.
  Value thread, rowOfCTA, place, group, position, rank;
  /// Null where it always holds: this thread is in a team; its row exists.
  Value inTeam, rowExists;
  Value row, parity, task;
  SmallVector<ColumnSlot> slots; // where rows are kept
  DenseMap<std::pair<Value, unsigned>, Value> kept;
  DenseMap<Value, Value> columnScalars, scalars;
  DenseMap<Value, Value> views;
  DenseMap<Type, Value> rowMemory;
};

} // namespace mlir::rowwise

#endif // SEEDNORM_CONVERSION_ROWWISETOGPU_ROWKERNEL_H
