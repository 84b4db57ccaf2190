//===- ProgramModule.h - A row program as a module of its own ---*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes the row programs out of a model so that each can be compiled with any
// schedule and called on made-up inputs. Knows nothing of searching and
// measuring.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_PROGRAMMODULE_H
#define SEEDNORM_TUNING_PROGRAMMODULE_H

#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Runtime/Model.h"
#include "seednorm/Tuning/TrialData.h"

namespace seednorm::tuning {

/// The leading dimensions of a program's rows, and its width.
struct RowShape {
  llvm::SmallVector<int64_t, 4> leading;
  int64_t width = 0;

  int64_t getNumRows() const;
  /// "8x512x2048".
  std::string toString() const;
};

/// One program of a model.
class ProgramModule {
public:
  /// The programs of a model as they come to be scheduled; schedules that the
  /// model gives are dropped. An error if there are none.
  static llvm::Expected<std::vector<ProgramModule>>
  extract(llvm::StringRef source, llvm::StringRef name);

  /// "function#index", counted from 0 in each function.
  llvm::StringRef getName() const { return name; }
  /// "file:line:column" of the operation it comes from; empty if not known.
  llvm::StringRef getLocation() const { return location; }
  /// The program where it stood in the model: static dimensions are there.
  mlir::rowwise::ProgramOp getProgram() const { return program; }

  mlir::MLIRContext *getContext() const { return model->getContext(); }

  /// The shape that has about so many rows; dimensions that the program fixes
  /// stay. A dynamic width is `width`.
  RowShape getShape(int64_t rows, int64_t width = 1024) const;
  /// One with so many rows at least and as few as possible in other dimensions,
  /// for `f` alone: dimensions that the program fixes may be others.
  RowShape getCheckShape(int64_t rows, const RowShape &like) const;
  /// An error if the shape contradicts the program.
  llvm::Error checkShape(const RowShape &shape) const;
  /// Whether every dimension is static.
  bool isStatic() const;
  /// Bytes that one execution reads and writes at least.
  uint64_t countBytes(const RowShape &shape) const;

  /// The text of a module whose entry `f` executes the program once. Leading
  /// dimensions are dynamic, so that the same code runs on few rows.
  std::string print(mlir::rowwise::ScheduleAttr schedule) const;
  /// The arguments of `f`.
  std::vector<InputSpec> getInputs(const RowShape &shape) const;
  /// What `f` gives for these arguments, by the interpreter.
  llvm::Expected<llvm::SmallVector<Tensor>>
  interpret(llvm::ArrayRef<Tensor> inputs) const;
  /// For each result, whether it has a row for each row of the program, as
  /// against sums over rows.
  llvm::SmallVector<bool> getRowResults() const;

private:
  ProgramModule() = default;

  std::string name, location;
  /// Shared by the programs of one model.
  std::shared_ptr<Model> model;
  mlir::rowwise::ProgramOp program;
  mutable mlir::OwningOpRef<mlir::ModuleOp> trial;
  mlir::rowwise::ProgramOp trialProgram;
};

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_PROGRAMMODULE_H
