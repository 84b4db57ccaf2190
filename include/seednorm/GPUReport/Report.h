//===- Report.h - The static report on kernels ------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PTX, assembler, occupancy and estimate of each kernel put together, as a
// table and as JSON. It must not know where the PTX comes from.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_GPUREPORT_REPORT_H
#define SEEDNORM_GPUREPORT_REPORT_H

#include "seednorm/GPUReport/Assembler.h"
#include "seednorm/GPUReport/Estimate.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace seednorm::gpureport {

struct ReportOptions {
  /// None: registers, spills and occupancy stay unknown.
  std::optional<std::string> assembler;
  /// Of a CTA, where the PTX does not say; 0: unknown.
  unsigned threads = 0;
  uint64_t dynamicShared = 0;
  /// Those of the chip are estimated for.
  std::vector<const Device *> devices;
  /// By the kernel's name; that of "" is every other kernel's.
  llvm::StringMap<Work> work;
};

struct KernelReport {
  std::string chip;
  PTXKernel ptx;
  /// Of a CTA; 0: unknown.
  unsigned threads = 0;
  /// As the options say; what the code itself has is in `assembled`.
  uint64_t dynamicShared = 0;
  std::optional<AssembledKernel> assembled;
  std::optional<Occupancy> occupancy;
  std::vector<std::pair<const Device *, Estimate>> estimates;
};

/// All kernels of a module for one chip; `ptx` is the text that it was read
/// from.
llvm::Expected<std::vector<KernelReport>>
makeReport(const PTXModule &module, llvm::StringRef ptx, llvm::StringRef chip,
           const ReportOptions &options);

void printTable(llvm::raw_ostream &stream,
                llvm::ArrayRef<KernelReport> kernels);
llvm::json::Value toJSON(llvm::ArrayRef<KernelReport> kernels);

} // namespace seednorm::gpureport

#endif // SEEDNORM_GPUREPORT_REPORT_H
