//===- Report.h - Measurements as a page to look at -------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One HTML file with its style and pictures inside, which asks nothing of a
// network. Texts of measurements are anybody's: none reaches the page
// unescaped. It must not know MLIR or where measurements are kept.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_REPORT_H
#define SEEDNORM_TUNING_REPORT_H

#include "seednorm/Tuning/Database.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"

namespace seednorm::tuning {

/// What memory gives on the machine that was measured.
struct Roof {
  std::string name;
  double bytesPerSecond = 0;
  /// That reached it; 0: whatever a kernel has.
  int64_t threads = 0;
};

struct ReportOptions {
  std::string title = "Tuning report";
  /// Where the measurements are from, for the head of the page.
  std::string source;
  std::vector<Roof> roofs;
  /// Hash and canonical text of programs, for those who wonder what a hash is.
  std::vector<std::pair<std::string, std::string>> programs;
};

/// Of all these measurements, in any order. An error where a roof is none.
llvm::Error writeReport(llvm::ArrayRef<Measurement> measurements,
                        const ReportOptions &options, llvm::raw_ostream &out);

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_REPORT_H
