//===- SearchSpace.h - The schedules worth trying ---------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All schedules of one row program on one target, derived from both. What is
// legal is completeForCPU's and completeForGPU's to say; it must not know what
// is fast, nor how anything is measured.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_SEARCHSPACE_H
#define SEEDNORM_TUNING_SEARCHSPACE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "seednorm/Dialect/Rowwise/IR/ScheduleFields.h"
#include "seednorm/Dialect/Rowwise/Transforms/GPUTarget.h"
#include "seednorm/Dialect/Rowwise/Transforms/VectorISA.h"
#include "seednorm/Tuning/Database.h"
#include <random>

namespace seednorm::tuning {

/// The same numbers everywhere: use its values, not std's distributions.
using Random = std::mt19937_64;
/// From 0 to `count` - 1; `count` is not 0.
uint64_t drawBelow(Random &random, uint64_t count);

struct SpaceOptions {
  /// Schedules with `approximate`, which change results.
  bool approximate = false;
  /// Schedules with `atomics`, whose sums depend on the order of execution.
  bool atomics = false;
};

/// One field of the schedule that varies.
struct Knob {
  mlir::rowwise::ScheduleField field;
  llvm::StringRef name;
  /// Ascending; 0 is off.
  llvm::SmallVector<int64_t> values;
};

/// Points are complete schedules. Those that generate the same code are one
/// point: fields without effect have the default schedule's value. The program
/// that it is made from is copied. Not for many threads at a time.
class SearchSpace {
public:
  /// Rows: unknown if none. An error for what neither the target nor the
  /// program allows.
  static llvm::Expected<SearchSpace> create(mlir::rowwise::ProgramOp program,
                                            const Target &target,
                                            std::optional<int64_t> rows,
                                            int64_t threads,
                                            const SpaceOptions &options = {});

  /// What the cost model chooses.
  mlir::rowwise::ScheduleAttr getDefault() const { return defaultSchedule; }
  llvm::ArrayRef<Knob> getKnobs() const { return knobs; }
  /// An upper bound: every combination of knobs, illegal ones and those that
  /// equal others among them.
  uint64_t getNumPoints() const;

  /// Any point; all knobs alike.
  mlir::rowwise::ScheduleAttr draw(Random &random) const;
  /// Another point with one or two knobs at a neighbouring value.
  mlir::rowwise::ScheduleAttr mutate(mlir::rowwise::ScheduleAttr schedule,
                                     Random &random) const;
  /// A point with each knob from one of the two.
  mlir::rowwise::ScheduleAttr cross(mlir::rowwise::ScheduleAttr a,
                                    mlir::rowwise::ScheduleAttr b,
                                    Random &random) const;
  /// The point that generates the code nearest to this schedule's: values that
  /// no knob has become the nearest that one has. Null if it is not legal.
  mlir::rowwise::ScheduleAttr
  getNearest(mlir::rowwise::ScheduleAttr schedule) const;

  using Callback = llvm::function_ref<bool(mlir::rowwise::ScheduleAttr)>;
  /// Every point, in a fixed order, until the callback returns false; whether
  /// it never did.
  bool forEach(Callback callback) const;
  /// Those that differ from `base` in these fields at most; what the other
  /// fields have to be then is repaired.
  bool forEach(mlir::rowwise::ScheduleAttr base,
               llvm::ArrayRef<mlir::rowwise::ScheduleField> fields,
               Callback callback) const;

  /// Whether the schedule can be compiled as it stands; else `why` is what the
  /// compiler says. Points always are; what is legal may be no point.
  bool isLegal(mlir::rowwise::ScheduleAttr schedule,
               std::string *why = nullptr) const;
  bool contains(mlir::rowwise::ScheduleAttr schedule) const;

  /// A copy, in a module of its own: the one operation of its kind there.
  mlir::rowwise::ProgramOp getProgram() const { return program; }
  const Target &getTarget() const { return target; }
  bool isForGPU() const { return gpu.has_value(); }
  /// What measurements of its points are filed under.
  const Key &getKey() const { return key; }

private:
  SearchSpace() = default;

  using Fields = mlir::rowwise::ScheduleFields;
  /// What knobs and their effects depend on.
  struct Facts {
    int64_t width = 0; // 0: dynamic
    int64_t groups = 1, sweepGroups = 1, numSweeps = 0;
    /// Of the sweep that has most; sums over rows of row-shaped values.
    int64_t reductions = 0, sums = 0;
    int64_t segmentDims = 0;
    /// Of row-shaped operands and results, for each column.
    int64_t readBytes = 0, storedBytes = 0;
    bool writes = false, readsRows = false, hasColumns = false,
         hasNarrow = false, hasTanh = false, hasSums = false;
  };
  void findFacts();
  void addCPUKnobs(int64_t threads, const SpaceOptions &options);
  void addGPUKnobs(const SpaceOptions &options);
  void addKnob(mlir::rowwise::ScheduleField field,
               llvm::ArrayRef<int64_t> values);
  void addFlag(mlir::rowwise::ScheduleField field);
  llvm::SmallVector<int64_t> getTaskSizes(int64_t rows, int64_t threads) const;
  llvm::SmallVector<int64_t> getNontemporalSizes() const;
  const Knob *findKnob(mlir::rowwise::ScheduleField field) const;

  int64_t capCount(mlir::rowwise::ScheduleField field, int64_t value,
                   int64_t whole) const;
  void dropWithoutEffectOnCPU(Fields &fields) const;
  void dropWithoutEffectOnGPU(Fields &fields) const;
  bool isSensible(const Fields &fields) const;
  /// Rows in flight divide blocks, blocks tasks, and CTAs fit.
  void repairRows(Fields &fields) const;
  /// The nearest values that fit each other and that knobs have.
  Fields repair(Fields fields) const;
  /// Sets a knob, and those that it cannot be without.
  void change(Fields &fields, const Knob &knob, int64_t value) const;
  /// The program's schedule as the compiler completes it; null, with an error.
  mlir::rowwise::ScheduleAttr complete() const;
  /// Null if it is not legal.
  mlir::rowwise::ScheduleAttr getPoint(const Fields &fields) const;

  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::rowwise::ProgramOp program;
  Target target;
  std::optional<mlir::rowwise::VectorISA> isa;
  std::optional<mlir::rowwise::GPUTarget> gpu;
  Key key;
  Facts facts;
  mlir::rowwise::ScheduleAttr defaultSchedule;
  llvm::SmallVector<Knob> knobs;
};

/// As "vectors 4 -> 8, prefetch_rows 2 -> off"; empty if they are equal.
std::string describeDifference(mlir::rowwise::ScheduleAttr from,
                               mlir::rowwise::ScheduleAttr to);

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_SEARCHSPACE_H
