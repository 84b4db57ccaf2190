//===- Options.cpp - The command line as data ----------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's libraries register hundreds of options of their own, some with our
// names: ours come into being after those are gone.
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "Command.h"
#include "Version.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

static constexpr const char *overview =
    R"(Says of every GPU kernel, without a GPU, what it takes and what it does to
memory: registers, spills, shared memory and occupancy, the widths of its
accesses, barriers, shuffles and instructions, and how long it should take.

  seednorm-gpu-report model.mlir
  seednorm-gpu-report model.mlir --chip=sm_90,sm_120 --json
  seednorm-gpu-report kernels.ptx --gpu=h100 --bytes=forward=268435456

Registers, spills and occupancy come from NVIDIA's assembler, ptxas, which is
looked for in SEEDNORM_PTXAS, PATH, /usr/local/cuda/bin and the packages triton
and nvidia of the active Python environment. SEEDNORM_PTXAS=off does without.
)";

namespace {

/// The declarations; each stores into a field or a text of ours.
struct Declarations {
  using Text = cl::opt<std::string, true>;
  using List = cl::list<std::string, std::vector<std::string>>;

  explicit Declarations(Options &result) : result(result) {}

  Options &result;
  std::vector<std::string> files, gpuNames, bytesTexts, accessTexts;
  std::string threadsText, sharedText;
  cl::OptionCategory category{"Options of seednorm-gpu-report"};

  List input{cl::Positional, cl::location(files), cl::cat(category),
             cl::desc("<model.mlir | kernels.ptx>")};
  List chips{"chip",
             cl::location(result.chips),
             cl::CommaSeparated,
             cl::cat(category),
             cl::value_desc("sm_90,..."),
             cl::desc("Architectures to report on (default: those of --gpu; "
                      "else sm_80,sm_90,sm_100,sm_120 for a model, and for PTX "
                      "what it names)")};
  List gpus{"gpu",
            cl::location(gpuNames),
            cl::CommaSeparated,
            cl::cat(category),
            cl::value_desc("h100,..."),
            cl::desc("Devices to estimate the time of a launch for; needs "
                     "--bytes")};
  List bytes{"bytes",
             cl::location(bytesTexts),
             cl::CommaSeparated,
             cl::cat(category),
             cl::value_desc("[kernel=]n,..."),
             cl::desc("Bytes that a launch must read from and write to DRAM; "
                      "without a kernel's name, of all not named")};
  List accesses{"accessed-bytes",
                cl::location(accessTexts),
                cl::CommaSeparated,
                cl::cat(category),
                cl::value_desc("[kernel=]n,..."),
                cl::desc("Bytes that the threads of a launch load and store, "
                         "cached ones among them (default: those of --bytes)")};
  Text threads{"threads", cl::location(threadsText), cl::cat(category),
               cl::value_desc("n"),
               cl::desc("Threads of a CTA, where the PTX does not say")};
  Text shared{"dynamic-shared", cl::location(sharedText), cl::cat(category),
              cl::value_desc("bytes"),
              cl::desc("Dynamic shared memory of a CTA (default 0)")};
  cl::opt<bool, true> json{"json", cl::location(result.json), cl::cat(category),
                           cl::desc("Print JSON instead of a table")};
};

} // namespace

/// "n" or "kernel=n" into the field of the kernel's work.
static Error parseBytes(StringRef option, ArrayRef<std::string> texts,
                        uint64_t Work::*field, StringMap<Work> &work) {
  // A petabyte, far from where sums of bytes overflow.
  constexpr uint64_t limit = uint64_t(1) << 50;
  for (StringRef text : texts) {
    auto [kernel, number] = text.rsplit('=');
    if (!text.contains('='))
      std::swap(kernel, number);
    if (Error error = parseNumber(option, number, uint64_t(0), limit,
                                  work[kernel].*field))
      return error;
  }
  return Error::success();
}

static Error parseDevices(const Declarations &declared, Options &options) {
  for (StringRef name : declared.gpuNames) {
    Expected<const Device *> device = findDevice(name);
    if (!device)
      return device.takeError();
    options.report.devices.push_back(*device);
  }
  bool chipsGiven = !options.chips.empty();
  for (StringRef chip : options.chips)
    if (auto architecture = findArchitecture(chip); !architecture)
      return architecture.takeError();
  for (const Device *device : options.report.devices) {
    bool reported = any_of(options.chips, [&](StringRef chip) {
      return cantFail(findArchitecture(chip))->chip == device->chip;
    });
    if (!reported && chipsGiven)
      return makeError("--gpu has " + quote(device->name) + ", which is of " +
                       device->chip + ", but --chip leaves that out");
    if (!reported)
      options.chips.push_back(device->chip.str());
  }
  return Error::success();
}

static Error parseTexts(const Declarations &declared, Options &options) {
  if (declared.files.empty())
    return makeError("no file is given; see --help");
  if (declared.files.size() > 1)
    return makeError("one file is expected, but " + quote(declared.files[0]) +
                     " and " + quote(declared.files[1]) + " are given");
  options.input = declared.files.front();
  ReportOptions &report = options.report;
  uint64_t threads = 0;
  if (!declared.threadsText.empty())
    if (Error error =
            parseNumber<uint64_t>("threads", declared.threadsText, 0,
                                  Architecture::threadsPerCTA, threads))
      return error;
  report.threads = threads;
  if (!declared.sharedText.empty())
    if (Error error =
            parseNumber<uint64_t>("dynamic-shared", declared.sharedText, 0,
                                  1 << 20, report.dynamicShared))
      return error;
  if (Error error =
          parseBytes("bytes", declared.bytesTexts, &Work::bytes, report.work))
    return error;
  if (Error error = parseBytes("accessed-bytes", declared.accessTexts,
                               &Work::accessedBytes, report.work))
    return error;
  if (Error error = parseDevices(declared, options))
    return error;
  if (!report.devices.empty() && declared.bytesTexts.empty())
    return makeError("--gpu needs --bytes: how long a launch takes depends on "
                     "the bytes that it moves");
  return Error::success();
}

Expected<Options> gpureport::parseOptions(int argc, char **argv) {
  cl::ResetCommandLineParser();
  cl::SetVersionPrinter(printVersion);
  Options options;
  Declarations declarations(options);
  if (Error error = parseCommandLine(argc, argv, overview))
    return error;
  if (Error error = parseTexts(declarations, options))
    return error;
  return options;
}
