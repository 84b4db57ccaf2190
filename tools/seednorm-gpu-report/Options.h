//===- Options.h - The command line as data ---------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the user asked for, checked as far as that needs no file. It must not
// know how a report is made.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TOOLS_GPU_REPORT_OPTIONS_H
#define SEEDNORM_TOOLS_GPU_REPORT_OPTIONS_H

#include "seednorm/GPUReport/Report.h"

namespace seednorm::gpureport {

struct Options {
  std::string input;
  /// Empty: what the input is for.
  std::vector<std::string> chips;
  bool json = false;
  ReportOptions report;
};

/// An error has the one line to print. --help and --version end the process.
llvm::Expected<Options> parseOptions(int argc, char **argv);

} // namespace seednorm::gpureport

#endif // SEEDNORM_TOOLS_GPU_REPORT_OPTIONS_H
