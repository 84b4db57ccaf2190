//===- Report.cpp - The static report on kernels -------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asks each part what it knows of a kernel. It must not know how a report is
// printed.
//
//===----------------------------------------------------------------------===//

#include "seednorm/GPUReport/Report.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

static Error addAssembled(KernelReport &report,
                          ArrayRef<AssembledKernel> assembled) {
  const AssembledKernel *found =
      llvm::find_if(assembled, [&](const AssembledKernel &kernel) {
        return kernel.name == report.ptx.name;
      });
  if (found == assembled.end())
    return makeError("ptxas says nothing of kernel " + quote(report.ptx.name));
  report.assembled = *found;
  return Error::success();
}

static Error addOccupancy(KernelReport &report,
                          const Architecture &architecture) {
  CTAResources resources{report.threads, report.assembled->registers,
                         report.assembled->barriers,
                         report.assembled->shared + report.dynamicShared};
  Expected<Occupancy> occupancy = computeOccupancy(architecture, resources);
  if (!occupancy)
    return makeError("kernel " + quote(report.ptx.name) + ": " +
                     toString(occupancy.takeError()));
  report.occupancy = *occupancy;
  return Error::success();
}

static Error addEstimates(KernelReport &report,
                          const Architecture &architecture,
                          const ReportOptions &options) {
  auto work = options.work.find(report.ptx.name);
  if (work == options.work.end())
    work = options.work.find("");
  if (work == options.work.end())
    return Error::success();
  for (const Device *device : options.devices) {
    if (device->chip != architecture.chip)
      continue;
    Expected<Estimate> result =
        estimate(*device, report.ptx, *report.occupancy,
                 report.assembled->registers, report.threads, work->second);
    if (!result)
      return result.takeError();
    report.estimates.push_back({device, *result});
  }
  return Error::success();
}

Expected<std::vector<KernelReport>>
gpureport::makeReport(const PTXModule &module, StringRef ptx, StringRef chip,
                      const ReportOptions &options) {
  Expected<const Architecture *> architecture = findArchitecture(chip);
  if (!architecture)
    return architecture.takeError();
  std::vector<AssembledKernel> assembled;
  if (options.assembler) {
    auto result = assemble(*options.assembler, ptx, chip);
    if (!result)
      return result.takeError();
    assembled = std::move(*result);
  }
  std::vector<KernelReport> reports;
  for (const PTXKernel &kernel : module.kernels) {
    KernelReport &report = reports.emplace_back();
    report.chip = chip.str();
    report.threads = kernel.threads ? kernel.threads : options.threads;
    report.dynamicShared = options.dynamicShared;
    report.ptx = kernel;
    if (!options.assembler)
      continue;
    if (Error error = addAssembled(report, assembled))
      return error;
    if (report.threads == 0)
      continue;
    if (Error error = addOccupancy(report, **architecture))
      return error;
    if (Error error = addEstimates(report, **architecture, options))
      return error;
  }
  return reports;
}
