//===- ReportCharts.h - The pictures of the report --------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function draws one picture, or nothing and returns false where there is
// nothing to show. They must not know what the page says around them.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_REPORTCHARTS_H
#define SEEDNORM_LIB_TUNING_REPORTCHARTS_H

#include "ReportSVG.h"
#include "seednorm/Tuning/Report.h"
#include "seednorm/Tuning/ReportStatistics.h"

namespace seednorm::tuning::report {

using Kernels = llvm::ArrayRef<const KernelSummary *>;

/// Short names for kernels, which say of a key what differs on this page.
class Labels {
public:
  explicit Labels(const Summary &summary);

  /// "f32 (3 columns) → f32", and the hash where that is not one program's.
  std::string getProgram(const Key &key) const;
  /// "8192 × 2048".
  std::string getShape(const Key &key) const;
  /// Threads, alignment and compiler where they differ; may be empty.
  std::string getCircumstances(const Key &key) const;
  /// All of these.
  std::string getKernel(const Key &key) const;
  /// The number of the program among those of the page.
  unsigned getSeries(const Key &key) const;

private:
  struct Program {
    llvm::StringRef hash, types;
    std::string name;
  };
  const Program *find(const Key &key) const;

  /// By hash and types.
  std::vector<Program> programs;
  bool sameThreads = true, sameAlignment = true, sameCompiler = true;
};

/// More programs than this share the last colour.
constexpr unsigned seriesCount = 7;

/// Most kernels that a picture shows.
constexpr size_t mostBandwidths = 240, mostSpeedups = 60, mostKnobRows = 12;
/// Kernels whose searches have a median that says something.
constexpr unsigned leastForMedian = 3;

/// The fastest roof of a kernel's threads; null where none is known.
const Roof *findRoof(llvm::ArrayRef<Roof> roofs, const Key &key);
/// A field's value, where it is large in units of Ki or Mi.
std::string formatKnobValue(const KnobValue &value);
Mark getThreadsMark(int64_t threads);

/// Bytes per second of default and best, grouped by width, and the roofs.
bool drawBandwidths(Kernels kernels, llvm::ArrayRef<Roof> roofs,
                    const Labels &labels, llvm::raw_ostream &out);
/// The best's speedup over the default with its interval, a line a kernel.
bool drawSpeedups(Kernels kernels, const Labels &labels,
                  llvm::raw_ostream &out);
/// The spread of every field over all kernels, and which of it may be noise.
bool drawKnobs(llvm::ArrayRef<KnobSummary> knobs, double noise,
               llvm::raw_ostream &out);
/// How much of the final speedup was reached after how many trials.
bool drawConvergence(Kernels kernels, llvm::raw_ostream &out);
/// All trials of one kernel and the best so far.
bool drawHistory(const KernelSummary &kernel, llvm::raw_ostream &out);
/// What each value of each field of one kernel reached.
bool drawKnobValues(const KernelSummary &kernel, llvm::raw_ostream &out);

} // namespace seednorm::tuning::report

#endif // SEEDNORM_LIB_TUNING_REPORTCHARTS_H
