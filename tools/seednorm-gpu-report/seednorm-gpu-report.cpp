//===- seednorm-gpu-report.cpp - The static report on GPU kernels --------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a file to a report on stdout. What a report has is lib/GPUReport's.
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "Model.h"
#include "Options.h"
#include "seednorm/Runtime/Files.h"
#include "llvm/Support/InitLLVM.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

/// One of each generation that the pipeline has schedules for.
static std::vector<std::string> defaultChips() {
  return {"sm_80", "sm_90", "sm_100", "sm_120"};
}

static void warn(const Twine &text) {
  errs() << "seednorm-gpu-report: warning: " << text << "\n";
}

/// Adds the kernels of a PTX text for one chip, or for the one that it names.
static Error addPTX(StringRef text, const Options &options, StringRef chip,
                    std::vector<KernelReport> &reports) {
  Expected<PTXModule> module = readPTX(text, options.input);
  if (!module)
    return module.takeError();
  if (module->kernels.empty())
    return makeError(options.input + " has no kernel ('.entry')");
  auto made = makeReport(*module, text, chip.empty() ? module->target : chip,
                         options.report);
  if (!made)
    return makeError(options.input + ": " + toString(made.takeError()));
  llvm::move(*made, std::back_inserter(reports));
  return Error::success();
}

/// Adds the kernels that a model becomes for one chip.
static Error addModel(StringRef source, const Options &options, StringRef chip,
                      std::vector<KernelReport> &reports) {
  auto texts = compileToPTX(source, options.input, chip);
  if (!texts)
    return texts.takeError();
  if (texts->empty())
    return makeError(options.input + " becomes no kernel");
  for (StringRef text : *texts)
    if (Error error = addPTX(text, options, chip, reports))
      return error;
  return Error::success();
}

/// A name that is misspelt would leave its kernel without an estimate.
static Error checkNames(const Options &options,
                        ArrayRef<KernelReport> reports) {
  for (StringRef name : options.report.work.keys())
    if (!name.empty() && none_of(reports, [&](const KernelReport &report) {
          return report.ptx.name == name;
        }))
      return makeError("--bytes has " + quote(name) + ", but " + options.input +
                       " has no such kernel");
  return Error::success();
}

static Error run(Options &options) {
  auto file = readFile(options.input);
  if (!file)
    return file.takeError();
  Expected<std::optional<std::string>> assembler = findAssembler();
  if (!assembler)
    return assembler.takeError();
  options.report.assembler = *assembler;
  if (!*assembler)
    warn("ptxas is not used or not found (SEEDNORM_PTXAS, PATH, "
         "/usr/local/cuda/bin, a Python environment's triton or nvidia): "
         "registers, spills, occupancy and estimates are left out");
  std::vector<KernelReport> reports;
  StringRef text = (*file)->getMemBufferRef().getBuffer();
  bool isPTX = StringRef(options.input).ends_with(".ptx");
  std::vector<std::string> chips = options.chips;
  if (chips.empty())
    chips = isPTX ? std::vector<std::string>{""} : defaultChips();
  for (StringRef chip : chips)
    if (Error error = isPTX ? addPTX(text, options, chip, reports)
                            : addModel(text, options, chip, reports))
      return error;
  if (Error error = checkNames(options, reports))
    return error;
  if (options.json)
    outs() << formatv("{0:2}", toJSON(reports)) << "\n";
  else
    printTable(outs(), reports);
  return Error::success();
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  Expected<Options> options = parseOptions(argc, argv);
  if (!options)
    return finishCommand("seednorm-gpu-report", options.takeError());
  return finishCommand("seednorm-gpu-report", run(*options));
}
