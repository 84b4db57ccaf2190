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
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::run;

static constexpr const char *overview =
    R"(Compiles a model and runs one of its entry points on arrays, or writes the
compiled code.

  seednorm-run model.mlir --weights=w.safetensors --inputs=x.npy --outputs=y.npy
  seednorm-run model.mlir --inputs=x.npy --compare=expected.npy --rtol=1e-5
  seednorm-run model.mlir --emit=so -o model.so
  seednorm-run model.so --entry=forward --input tokens=t.npy --benchmark=50
  seednorm-run model.mlir --inputs=x.npy --check-numerics
  seednorm-run model.mlir --target=cuda --inputs=x.npy --outputs=y.npy
  seednorm-run model.mlir --target=emulate --inputs=x.npy --report

Compiled code is kept in the directory SEEDNORM_CACHE_DIR (default: seednorm in
XDG_CACHE_HOME or ~/.cache), at most SEEDNORM_CACHE_MAX_MB megabytes of it
(default 512). SEEDNORM_CACHE=off turns that off. Schedules that were measured
are in SEEDNORM_TUNING_DB; with SEEDNORM_PRINT_TUNING=1 every program says where
its schedule comes from (docs/tuning-database.md). With SEEDNORM_PERF set, 'perf
report' names compiled functions. What an NVIDIA GPU needs, and its environment
variables, are in docs/gpu-runtime.md; what the emulator checks and counts is in
docs/emulator.md.
)";

static constexpr unsigned defaultBenchmarkRuns = 100;
static constexpr unsigned maxBenchmarkRuns = 1000000000, maxThreads = 65536,
                          maxDevices = 1024, maxSeed = 1000000000;

namespace {

/// The declarations; each stores into a field of `result`.
struct Declarations {
  using Text = cl::opt<std::string, true>;
  using List = cl::list<std::string, std::vector<std::string>>;
  using Flag = cl::opt<bool, true>;

  explicit Declarations(Options &result) : result(result) {}

  Options &result;
  std::vector<std::string> models;
  // LLVM's parsers of numbers and enumerations print their complaints
  // themselves; ours have one form.
  std::string targetText, deviceText, seedText, threadsText, benchmarkText,
      emitText, relativeText, absoluteText;
  cl::OptionCategory category{"Options of seednorm-run"};

  List model{cl::Positional, cl::location(models), cl::cat(category),
             cl::desc("<model.mlir | module.o | module.so>")};
  Text entry{"entry", cl::location(result.entry), cl::cat(category),
             cl::value_desc("name"),
             cl::desc("Entry point to run; needed if the model has several")};
  List inputs{"inputs",
              cl::location(result.inputs),
              cl::CommaSeparated,
              cl::cat(category),
              cl::value_desc("a.npy,b.npy,..."),
              cl::desc("Input arrays in the order of the entry's arguments, "
                       "parameters left out")};
  List namedInputs{
      "input", cl::location(result.namedInputs), cl::cat(category),
      cl::value_desc("name=a.npy"),
      cl::desc("One input array by the argument's name; repeatable")};
  List outputs{"outputs",
               cl::location(result.outputs),
               cl::CommaSeparated,
               cl::cat(category),
               cl::value_desc("y.npy,..."),
               cl::desc("Files for all results in order, written only after "
                        "everything has succeeded; without it, results are "
                        "printed in short")};
  Text weights{"weights", cl::location(result.weights), cl::cat(category),
               cl::value_desc("w.safetensors"),
               cl::desc("Values of the model's parameters")};
  Text target{"target", cl::location(targetText), cl::cat(category),
              cl::value_desc("cpu|reference|cuda|emulate"),
              cl::desc("What runs the model: compiled code on this machine "
                       "(cpu, default), the interpreter in f64, slow and exact "
                       "(reference), an NVIDIA GPU (cuda), which needs its "
                       "driver, or kernels for one on this machine, where an "
                       "emulator checks and counts what they do (emulate)")};
  Text device{"device", cl::location(deviceText), cl::cat(category),
              cl::value_desc("n"),
              cl::desc("The number of the GPU for --target=cuda, counted from "
                       "0 (default 0) as by CUDA_VISIBLE_DEVICES")};
  Text seed{"seed", cl::location(seedText), cl::cat(category),
            cl::value_desc("n"),
            cl::desc("For --target=emulate: decides the order in which CTAs "
                     "and threads run (default 0)")};
  Text gpuReport{"gpu-report", cl::location(result.gpuReport),
                 cl::cat(category), cl::value_desc("file.json"),
                 cl::desc("For --target=emulate: writes what its kernels did "
                          "(with --report a table goes to stderr)")};
  Text chip{"chip", cl::location(result.chip), cl::cat(category),
            cl::value_desc("sm_90"),
            cl::desc("GPU architecture to compile kernels for (default: the "
                     "GPU's own; with --emit, sm_80, which all later GPUs run "
                     "too)")};
  Text threads{"threads", cl::location(threadsText), cl::cat(category),
               cl::value_desc("n"),
               cl::desc("Threads to use; 0 (default): OMP_NUM_THREADS, or the "
                        "cores available")};
  Text benchmark{"benchmark",
                 cl::location(benchmarkText),
                 cl::ValueOptional,
                 cl::cat(category),
                 cl::value_desc("runs"),
                 cl::desc("Time the entry over so many runs (default 100)")};
  Text emit{"emit", cl::location(emitText), cl::cat(category),
            cl::value_desc("llvm|asm|obj|so"),
            cl::desc("Write compiled code, and run nothing: optimised LLVM IR, "
                     "assembly, an object file, or a shared library linked by "
                     "the system's cc")};
  Text emitPath{"o", cl::location(result.emitPath), cl::cat(category),
                cl::value_desc("file"),
                cl::desc("File for --emit; text goes to stdout without it")};
  Text triple{"triple", cl::location(result.machine.triple), cl::cat(category),
              cl::value_desc("triple"),
              cl::desc("Target triple to compile for (default: this machine)")};
  Text cpu{"mcpu", cl::location(result.machine.cpu), cl::cat(category),
           cl::value_desc("name"),
           cl::desc("CPU to compile for, as llc names it")};
  Text features{"mattr", cl::location(result.machine.features),
                cl::cat(category), cl::value_desc("+a,-b,..."),
                cl::desc("CPU features to add or remove")};
  Text tuningDatabase{
      "tuning-db", cl::location(result.tuningDatabase), cl::cat(category),
      cl::value_desc("file"),
      cl::desc("Database of measured schedules (default: SEEDNORM_TUNING_DB)")};
  Text tuningMode{
      "tuning-mode", cl::location(result.tuningMode), cl::cat(category),
      cl::value_desc("use|record|pinned|off"),
      cl::desc("Use the schedules that were measured best, also record what is "
               "chosen, use what was recorded, or neither (default: "
               "SEEDNORM_TUNING_MODE, or use)")};
  Text dumpAfter{"dump-after", cl::location(result.dumpAfter),
                 cl::cat(category), cl::value_desc("pass"),
                 cl::desc("Print the IR to stderr after every run of this "
                          "pass; compiles even if the code is cached")};
  Flag report{
      "report", cl::location(result.report), cl::cat(category),
      cl::desc("Print to stderr where compile time went, and the memory "
               "that a run takes beside its inputs and parameters")};
  Flag noCache{"no-cache", cl::location(result.noCache), cl::cat(category),
               cl::desc("Neither use nor keep compiled code")};
  Flag checkNumerics{
      "check-numerics", cl::location(result.checkNumerics), cl::cat(category),
      cl::desc("Interpret the model, every value rounded to its type, instead "
               "of writing results: exit with 1 and name the first operation, "
               "row and column that make an infinity or a NaN of finite "
               "values")};
  List compare{"compare",
               cl::location(result.compare),
               cl::CommaSeparated,
               cl::cat(category),
               cl::value_desc("y.npy,..."),
               cl::desc("Compare the first results with these arrays; exit "
                        "with 1 if one is further off than the tolerance")};
  Text relativeTolerance{
      "rtol", cl::location(relativeText), cl::cat(category),
      cl::value_desc("x"),
      cl::desc("Tolerance of --compare relative to the expected element "
               "(default 1e-4)")};
  Text absoluteTolerance{"atol", cl::location(absoluteText), cl::cat(category),
                         cl::value_desc("x"),
                         cl::desc("Tolerance of --compare to add (default "
                                  "1e-5)")};
};

} // namespace

static Error parseNumber(const Declarations::Text &option, unsigned limit,
                         unsigned &result) {
  const std::string &text = option.getValue();
  if (text.empty())
    return Error::success();
  return seednorm::parseNumber(option.ArgStr, text, 0u, limit, result);
}

static Error parseTolerance(const Declarations::Text &option, double &result) {
  const std::string &text = option.getValue();
  if (text.empty())
    return Error::success();
  // Written so that a NaN is caught.
  if (StringRef(text).getAsDouble(result) || !(result >= 0))
    return makeOptionError(option.ArgStr, text, "a number of 0 or more");
  return Error::success();
}

template <typename Kind>
static Error parseKind(const Declarations::Text &option,
                       ArrayRef<std::pair<StringRef, Kind>> kinds,
                       Kind &result) {
  StringRef text = option.getValue();
  if (text.empty())
    return Error::success();
  for (auto &[name, kind] : kinds)
    if (text == name) {
      result = kind;
      return Error::success();
    }
  return makeError("--" + option.ArgStr + " is " + quote(text) + ", but " +
                   option.ValueStr + " is expected");
}

static Error parseTexts(const Declarations &declared, Options &options) {
  if (declared.models.size() > 1)
    return makeError("one model is expected, but " + quote(declared.models[0]) +
                     " and " + quote(declared.models[1]) + " are given");
  if (!declared.models.empty())
    options.model = declared.models.front();
  if (declared.benchmark.getNumOccurrences())
    options.benchmarkRuns = defaultBenchmarkRuns;
  if (Error error = parseNumber(declared.benchmark, maxBenchmarkRuns,
                                options.benchmarkRuns))
    return error;
  if (Error error = parseNumber(declared.threads, maxThreads, options.threads))
    return error;
  if (Error error =
          parseTolerance(declared.relativeTolerance, options.relativeTolerance))
    return error;
  if (Error error =
          parseTolerance(declared.absoluteTolerance, options.absoluteTolerance))
    return error;
  if (Error error = parseKind<TargetKind>(declared.target,
                                          {{"cpu", TargetKind::CPU},
                                           {"reference", TargetKind::Reference},
                                           {"cuda", TargetKind::CUDA},
                                           {"emulate", TargetKind::Emulate}},
                                          options.target))
    return error;
  if (Error error = parseNumber(declared.device, maxDevices, options.device))
    return error;
  if (declared.device.getNumOccurrences() && options.target != TargetKind::CUDA)
    return makeError("--device needs --target=cuda");
  if (Error error = parseNumber(declared.seed, maxSeed, options.seed))
    return error;
  bool emulates = options.target == TargetKind::Emulate;
  if (!emulates && declared.seed.getNumOccurrences())
    return makeError("--seed needs --target=emulate");
  if (!emulates && !options.gpuReport.empty())
    return makeError("--gpu-report needs --target=emulate");
  if (options.checkNumerics && declared.target.getValue().empty())
    options.target = TargetKind::Reference;
  return parseKind<EmitKind>(declared.emit,
                             {{"llvm", EmitKind::LLVM},
                              {"asm", EmitKind::Assembly},
                              {"obj", EmitKind::Object},
                              {"so", EmitKind::SharedLibrary}},
                             options.emit);
}

/// Combinations that mean nothing.
static Error check(const Options &options) {
  if (options.model.empty())
    return makeError("no model is given; see --help");
  bool emits = options.emit != EmitKind::None;
  if (options.checkNumerics &&
      (emits || options.target != TargetKind::Reference ||
       !options.outputs.empty() || !options.compare.empty() ||
       options.benchmarkRuns))
    return makeError("--check-numerics interprets the model and only says "
                     "whether its values are finite: it takes no other "
                     "--target, --emit, --outputs, --compare or --benchmark");
  if (!emits && !options.emitPath.empty())
    return makeError("-o needs --emit");
  if (!options.chip.empty() && !usesDevice(options))
    return makeError("--chip needs --target=cuda or --target=emulate");
  bool binary = options.emit == EmitKind::Object ||
                options.emit == EmitKind::SharedLibrary;
  if (binary && (options.emitPath.empty() || options.emitPath == "-"))
    return makeError("--emit=obj and --emit=so need a file: -o FILE");
  if (emits && options.target == TargetKind::Reference)
    return makeError("--target=reference compiles nothing to --emit");
  const TargetSpec &machine = options.machine;
  if (options.target == TargetKind::Reference &&
      (options.report || !options.dumpAfter.empty() ||
       !options.tuningDatabase.empty() || !options.tuningMode.empty() ||
       !machine.triple.empty() || !machine.cpu.empty() ||
       !machine.features.empty()))
    return makeError(Twine(options.checkNumerics ? "--check-numerics"
                                                 : "--target=reference") +
                     " compiles nothing: it takes no --report, --dump-after, "
                     "--tuning-db, --tuning-mode, --triple, --mcpu or --mattr");
  if (emits && (!options.entry.empty() || !options.weights.empty() ||
                !options.inputs.empty() || !options.namedInputs.empty() ||
                !options.outputs.empty() || !options.compare.empty() ||
                options.benchmarkRuns))
    return makeError("--emit runs nothing: it takes no --entry, --weights, "
                     "--input, --inputs, --outputs, --compare or --benchmark");
  return Error::success();
}

Expected<Options> run::parseOptions(int argc, char **argv) {
  cl::ResetCommandLineParser();
  cl::SetVersionPrinter(printVersion);
  Options options;
  Declarations declarations(options);
  if (Error error = parseCommandLine(argc, argv, overview))
    return error;
  if (Error error = parseTexts(declarations, options))
    return error;
  if (Error error = check(options))
    return error;
  return options;
}
