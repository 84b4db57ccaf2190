//===- RandomProgram.h - Row programs drawn at random -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions of one row program whose operations, shapes and sizes are drawn at
// random, with arguments at which every operation is smooth but for rare luck.
// Knows nothing of differentiation.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_ROWWISE_RANDOMPROGRAM_H
#define SEEDNORM_TEST_UNIT_ROWWISE_RANDOMPROGRAM_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include <random>

namespace seednorm::testing {

class Random {
public:
  explicit Random(uint64_t seed) : engine(seed) {}

  /// From 0 to count - 1.
  int64_t below(int64_t count) { return engine() % uint64_t(count); }
  bool once(int64_t in) { return below(in) == 0; }
  double between(double low, double high) {
    return low + (high - low) * (double(engine() >> 11) * 0x1p-53);
  }
  template <typename Range>
  auto pick(const Range &range) {
    return *(std::begin(range) + below(std::size(range)));
  }

private:
  std::mt19937_64 engine;
};

struct RandomProgramOptions {
  int64_t mostColumns = 12, mostRows = 4;
  /// Conversions to f32 in between, which the interpreter does not round.
  bool converts = true;
};

struct RandomProgram {
  mlir::func::FuncOp function;
  /// Of the function's arguments: the row operands, then the columns.
  llvm::SmallVector<llvm::SmallVector<int64_t>> shapes;
};

/// The one row program of a function.
inline mlir::rowwise::ProgramOp getProgram(mlir::func::FuncOp function) {
  return *function.getOps<mlir::rowwise::ProgramOp>().begin();
}

/// The operations that random programs are made of, all of f64 but for
/// conversions, comparison and selection.
llvm::SmallVector<llvm::StringRef> getRandomOperations();

/// Appends the function `name` to the module. The same seed and options give
/// the same program. Its results are f64.
RandomProgram appendRandomProgram(mlir::ModuleOp module, llvm::StringRef name,
                                  uint64_t seed,
                                  const RandomProgramOptions &options = {});

} // namespace seednorm::testing

#endif // SEEDNORM_TEST_UNIT_ROWWISE_RANDOMPROGRAM_H
