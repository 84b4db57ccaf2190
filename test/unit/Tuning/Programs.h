//===- Programs.h - Row programs to tune ------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Norms and their gradients of any width and type, as row programs. Knows
// nothing of schedules.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_TUNING_PROGRAMS_H
#define SEEDNORM_TEST_UNIT_TUNING_PROGRAMS_H

#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"
#include "seednorm/Runtime/Model.h"
#include "seednorm/Tuning/Database.h"

namespace seednorm::testing {

/// What a norm is made of; a width of 0 is dynamic.
struct NormSpec {
  std::string op; // "norm", "rms_norm", "layer_norm", "dyt", "softmax", "add"
  int64_t width = 0;
  std::string type = "f32";
  int64_t heads = 1;
  /// Its gradient instead.
  bool isBackward = false;

  std::string getName() const;
};

/// Model IR with the entry `f`.
std::string makeSource(const NormSpec &spec);

/// All norms, forward and backward, of several widths and types.
std::vector<NormSpec> getNormSpecs();

/// A model with its row programs, and the one with most operations.
class Programs {
public:
  explicit Programs(const NormSpec &spec);
  mlir::rowwise::ProgramOp get() const { return largest; }

private:
  Model model;
  mlir::rowwise::ProgramOp largest;
};

/// From small vectors to large ones, and scalable ones.
extern const std::vector<tuning::Target> cpuTargets;
extern const std::vector<tuning::Target> gpuTargets;
/// AVX-512.
extern const tuning::Target wideTarget;
extern const tuning::Target h100;

} // namespace seednorm::testing

#endif // SEEDNORM_TEST_UNIT_TUNING_PROGRAMS_H
