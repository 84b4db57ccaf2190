//===- Options.h - The command line as data ---------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the user asked for, checked as far as that needs no file. Knows nothing
// of how it is done.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TOOLS_RUN_OPTIONS_H
#define SEEDNORM_TOOLS_RUN_OPTIONS_H

#include "seednorm/Runtime/Compiler.h"
#include <vector>

namespace seednorm::run {

enum class EmitKind { None, LLVM, Assembly, Object, SharedLibrary };
enum class TargetKind { CPU, Reference, CUDA, Emulate };

struct Options {
  std::string model, entry;
  std::vector<std::string> inputs, namedInputs, outputs, compare;
  std::string weights;
  TargetKind target = TargetKind::CPU;
  unsigned threads = 0;
  unsigned benchmarkRuns = 0;
  EmitKind emit = EmitKind::None;
  std::string emitPath;
  TargetSpec machine;
  /// The number of the GPU, and what to compile for instead of it.
  unsigned device = 0;
  std::string chip;
  /// Of the emulated GPU: the order of CTAs and threads, and where its report
  /// goes.
  unsigned seed = 0;
  std::string gpuReport;
  /// Empty: as the environment says.
  std::string tuningDatabase, tuningMode;
  std::string dumpAfter;
  bool report = false, noCache = false, checkNumerics = false;
  double relativeTolerance = 1e-4, absoluteTolerance = 1e-5;
};

/// Whether kernels run on a device, as against all code on the host.
inline bool usesDevice(const Options &options) {
  return options.target == TargetKind::CUDA ||
         options.target == TargetKind::Emulate;
}

/// An error has the one line to print. --help and --version end the process.
llvm::Expected<Options> parseOptions(int argc, char **argv);

} // namespace seednorm::run

#endif // SEEDNORM_TOOLS_RUN_OPTIONS_H
