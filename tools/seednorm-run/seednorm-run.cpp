//===- seednorm-run.cpp - Compiles and runs models -----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The command line around the runtime library: arrays from files in, arrays to
// files out. Every mistake of a user ends with one line on stderr and exit code
// 1, before anything is written.
//
//===----------------------------------------------------------------------===//

#include "Backend.h"
#include "Command.h"
#include "Options.h"
#include "Report.h"
#include "seednorm/Runtime/CUDA.h"
#include "seednorm/Runtime/Emulator.h"
#include "seednorm/Runtime/Files.h"
#include "seednorm/Runtime/Npy.h"
#include "seednorm/Runtime/ObjectCache.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::run;

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

static void warn(StringRef text) {
  if (!text.empty())
    errs() << "seednorm-run: warning: " << text << "\n";
}

static Expected<std::optional<ObjectCache>> openCache(const Options &options) {
  if (options.noCache)
    return std::nullopt;
  std::string warning;
  auto cache = ObjectCache::fromEnvironment(warning);
  warn(warning);
  return cache;
}

static Expected<CompileOptions>
getCompileOptions(const Options &options, const DeviceSpec &device,
                  const std::optional<ObjectCache> &cache) {
  CompileOptions result;
  std::string warning;
  auto policy = tuning::getPolicyFromEnvironment(options.tuningDatabase,
                                                 options.tuningMode, warning);
  if (!policy)
    return policy.takeError();
  warn(warning);
  result.tuning = std::move(*policy);
  result.target = options.machine;
  result.device = device;
  result.cache = cache ? &*cache : nullptr;
  result.dumpAfter = options.dumpAfter;
  result.dump = &errs();
  return result;
}

/// Options that compiled code has no use for.
static Error checkCompiled(const Options &options) {
  if (options.dumpAfter.empty() && options.machine.triple.empty() &&
      options.machine.cpu.empty() && options.machine.features.empty() &&
      options.chip.empty() && options.tuningDatabase.empty() &&
      options.tuningMode.empty())
    return Error::success();
  return makeError(quote(options.model) +
                   " is compiled already: it takes no --dump-after, --triple, "
                   "--mcpu, --mattr, --chip, --tuning-db or --tuning-mode");
}

static Error emit(const Options &options) {
  auto source = readFile(options.model);
  if (!source)
    return source.takeError();
  MemoryBufferRef model((*source)->getMemBufferRef().getBuffer(),
                        options.model);
  if (isCompiledFile(options.model)) {
    if (options.emit != EmitKind::SharedLibrary)
      return makeError(quote(options.model) + " is compiled already; only "
                                              "--emit=so works on it");
    if (Error error = checkCompiled(options))
      return error;
    return linkSharedLibrary(model, options.emitPath);
  }
  auto cache = openCache(options);
  if (!cache)
    return cache.takeError();
  OutputKind kind = options.emit == EmitKind::LLVM       ? OutputKind::LLVM
                    : options.emit == EmitKind::Assembly ? OutputKind::Assembly
                                                         : OutputKind::Object;
  DeviceSpec device;
  if (usesDevice(options))
    device = {getDeviceKind(options.chip), options.chip, ""};
  auto compileOptions = getCompileOptions(options, device, *cache);
  if (!compileOptions)
    return compileOptions.takeError();
  CompileReport report;
  auto code = compileModel(model.getBuffer(), options.model, kind,
                           *compileOptions, report);
  if (!code)
    return code.takeError();
  warn(report.warning);
  if (options.report)
    report.print(errs());
  if (options.emit == EmitKind::SharedLibrary)
    return linkSharedLibrary(**code, options.emitPath);
  if (options.emitPath.empty() || options.emitPath == "-") {
    outs() << (*code)->getBuffer();
    return Error::success();
  }
  return writeFile(options.emitPath, [&](raw_ostream &stream) {
    stream << (*code)->getBuffer();
    return Error::success();
  });
}

static Expected<std::unique_ptr<seednorm::Module>>
loadModule(const Options &options, const DeviceSpec &device) {
  if (isCompiledFile(options.model)) {
    if (Error error = checkCompiled(options))
      return error;
    return seednorm::Module::loadObject(options.model);
  }
  auto source = readFile(options.model);
  if (!source)
    return source.takeError();
  auto cache = openCache(options);
  if (!cache)
    return cache.takeError();
  auto compileOptions = getCompileOptions(options, device, *cache);
  if (!compileOptions)
    return compileOptions.takeError();
  return seednorm::Module::compile((*source)->getMemBufferRef().getBuffer(),
                                   *compileOptions, options.model);
}

static Expected<std::unique_ptr<Backend>>
createCompiled(const Options &options, std::shared_ptr<Device> device) {
  DeviceSpec spec;
  if (device)
    spec = device->getSpec();
  if (!options.chip.empty())
    spec.chip = options.chip;
  auto module = loadModule(options, spec);
  if (!module)
    return module.takeError();
  const CompileReport &report = (*module)->getReport();
  warn(report.warning);
  if (options.report)
    report.print(errs());
  if (!device && (*module)->getDeviceSpec().isDevice())
    return makeError(quote(options.model) + " is compiled for " +
                     quote((*module)->getDeviceSpec().chip) +
                     ": run it with --target=cuda");
  if (device) {
    if (options.report)
      errs() << "device: " << device->getName() << ", "
             << device->getDescription() << "\n";
    if (Error error = (*module)->setDevice(std::move(device)))
      return error;
  }
  return createCompiledBackend(std::move(*module));
}

static Expected<std::unique_ptr<Backend>>
createBackend(const Options &options, std::shared_ptr<Device> device) {
  if (options.target == TargetKind::Reference) {
    if (isCompiledFile(options.model))
      return makeError(Twine(options.checkNumerics ? "--check-numerics"
                                                   : "--target=reference") +
                       " needs model IR, but " + quote(options.model) +
                       " is compiled");
    auto source = readFile(options.model);
    if (!source)
      return source.takeError();
    return createReferenceBackend((*source)->getMemBufferRef().getBuffer(),
                                  options.model, options.checkNumerics);
  }
  return createCompiled(options, std::move(device));
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static Expected<const EntrySpec *> chooseEntry(const Options &options,
                                               const Backend &backend) {
  ArrayRef<EntrySpec> entries = backend.getEntries();
  if (options.entry.empty() && entries.size() == 1)
    return &entries.front();
  if (options.entry.empty() && !entries.empty()) {
    std::string names;
    for (const EntrySpec &entry : entries)
      names += (names.empty() ? "" : ", ") + quote(entry.name);
    return makeError("the model has several entries: choose one by --entry (" +
                     names + ")");
  }
  return findEntry(entries, options.entry);
}

/// Reads the named input into its place among `inputs`.
static Error readNamedInput(StringRef text, ArrayRef<StringRef> names,
                            MutableArrayRef<std::optional<Tensor>> inputs) {
  auto [name, path] = text.split('=');
  if (path.empty())
    return makeError("--input is " + quote(text) +
                     ", but NAME=FILE is expected");
  const StringRef *found = llvm::find(names, name);
  if (found == names.end())
    return makeError("the entry has no input " + quote(name));
  std::optional<Tensor> &place = inputs[found - names.begin()];
  if (place)
    return makeError("input " + quote(name) + " is given twice");
  Expected<Tensor> tensor = readNpy(path);
  if (!tensor)
    return tensor.takeError();
  place = std::move(*tensor);
  return Error::success();
}

static Expected<SmallVector<Tensor>> readInputs(const Options &options,
                                                const EntrySpec &entry) {
  SmallVector<StringRef> names;
  for (const TensorSpec &input : entry.inputs)
    if (!input.isParameter())
      names.push_back(input.name);
  if (options.inputs.size() > names.size())
    return makeError("entry " + quote(entry.name) + " takes " +
                     Twine(names.size()) + " inputs, but --inputs has " +
                     Twine(options.inputs.size()));
  SmallVector<std::optional<Tensor>> inputs(names.size());
  for (auto [path, input] : zip(options.inputs, inputs)) {
    Expected<Tensor> tensor = readNpy(path);
    if (!tensor)
      return tensor.takeError();
    input = std::move(*tensor);
  }
  for (StringRef text : options.namedInputs)
    if (Error error = readNamedInput(text, names, inputs))
      return error;
  SmallVector<Tensor> result;
  for (auto [name, input] : zip(names, inputs)) {
    if (!input)
      return makeError("input " + quote(name) + " of entry " +
                       quote(entry.name) + " is not given");
    result.push_back(std::move(*input));
  }
  return result;
}

/// The bytes that one run must read and write at least.
static uint64_t countBytes(ArrayRef<Tensor> tensors) {
  uint64_t bytes = 0;
  for (const Tensor &tensor : tensors)
    bytes += tensor.getByteSize();
  return bytes;
}

static Error writeOutputs(const Options &options, ArrayRef<Tensor> results) {
  OutputFiles files;
  for (auto [path, result] : zip(options.outputs, results))
    if (Error error = files.write(path, [&](raw_ostream &stream) {
          return printNpy(stream, result);
        }))
      return error;
  return files.commit();
}

static Error checkCounts(const Options &options, const EntrySpec &entry) {
  size_t results = entry.results.size();
  if (!options.outputs.empty() && options.outputs.size() != results)
    return makeError("entry " + quote(entry.name) + " has " + Twine(results) +
                     " results, but --outputs has " +
                     Twine(options.outputs.size()));
  if (options.compare.size() > results)
    return makeError("entry " + quote(entry.name) + " has " + Twine(results) +
                     " results, but --compare has " +
                     Twine(options.compare.size()));
  return Error::success();
}

static Error bindWeights(const Options &options, Backend &backend) {
  Safetensors weights;
  if (!options.weights.empty()) {
    auto file = readSafetensors(options.weights);
    if (!file)
      return file.takeError();
    weights = std::move(*file);
  } else {
    for (const EntrySpec &entry : backend.getEntries())
      for (const TensorSpec &input : entry.inputs)
        if (input.isParameter())
          return makeError("the model has parameters, " + quote(input.param) +
                           " among them: give their values by --weights");
  }
  return backend.bind(weights);
}

static Error reportResults(const Options &options, const EntrySpec &entry,
                           ArrayRef<Tensor> results,
                           ArrayRef<Tensor> expected) {
  for (auto [spec, result] : zip(entry.results, results))
    if (options.outputs.empty() && options.compare.empty() &&
        !options.benchmarkRuns)
      printSummary(outs(), spec.name, result);
  Tolerance tolerance = {options.relativeTolerance, options.absoluteTolerance};
  for (auto [i, array] : enumerate(expected))
    if (Error error = compare(outs(), entry.results[i].name, results[i],
                              options.compare[i], array, tolerance))
      return error;
  return Error::success();
}

static Expected<SmallVector<Tensor>> readArrays(ArrayRef<std::string> paths) {
  SmallVector<Tensor> arrays;
  for (const std::string &path : paths) {
    Expected<Tensor> array = readNpy(path);
    if (!array)
      return array.takeError();
    arrays.push_back(std::move(*array));
  }
  return arrays;
}

static Error benchmarkEntry(const Options &options, const Backend &backend,
                            StringRef entry, ArrayRef<Tensor> inputs) {
  uint64_t bytes = countBytes(inputs) + backend.countParameterBytes(entry);
  auto call = [&]() -> Expected<uint64_t> {
    auto results = backend.run(entry, inputs);
    if (!results)
      return results.takeError();
    return bytes + countBytes(*results);
  };
  return benchmark(outs(), options.benchmarkRuns, call);
}

static Error runEntry(const Options &options, const Backend &backend,
                      const EntrySpec &entry, function_ref<Error()> check) {
  Expected<SmallVector<Tensor>> inputs = readInputs(options, entry);
  if (!inputs)
    return inputs.takeError();
  Expected<SmallVector<Tensor>> expected = readArrays(options.compare);
  if (!expected)
    return expected.takeError();
  Expected<SmallVector<Tensor>> results = backend.run(entry.name, *inputs);
  if (!results)
    return results.takeError();
  // What is counted is the host's.
  if (options.report && !usesDevice(options))
    printMemory(errs());
  if (options.checkNumerics) {
    outs() << "no non-finite value\n";
    return Error::success();
  }
  if (Error error = reportResults(options, entry, *results, *expected))
    return error;
  if (options.benchmarkRuns)
    if (Error error = benchmarkEntry(options, backend, entry.name, *inputs))
      return error;
  if (Error error = check())
    return error;
  return writeOutputs(options, *results);
}

/// `check` says after all runs whether results may be written.
static Error runOn(const Options &options, std::shared_ptr<Device> device,
                   function_ref<Error()> check) {
  Expected<std::unique_ptr<Backend>> backend =
      createBackend(options, std::move(device));
  if (!backend)
    return backend.takeError();
  Expected<const EntrySpec *> entry = chooseEntry(options, **backend);
  if (!entry)
    return entry.takeError();
  if (Error error = checkCounts(options, **entry))
    return error;
  if (Error error = bindWeights(options, **backend))
    return error;
  return runEntry(options, **backend, **entry, check);
}

/// Kernels that did something wrong are an error, whatever came out.
static Error reportKernels(const Options &options,
                           const EmulatorDevice &device) {
  if (options.report)
    device.printReport(errs());
  if (!options.gpuReport.empty())
    if (Error error = writeFile(options.gpuReport, [&](raw_ostream &stream) {
          stream << formatv("{0:2}\n", device.getReport());
          return Error::success();
        }))
      return error;
  if (device.hasFindings())
    return makeError("the kernels did what the emulator reports above");
  return Error::success();
}

static Error runEmulated(const Options &options) {
  EmulatorOptions emulator;
  emulator.seed = options.seed;
  emulator.numThreads = options.threads;
  if (!options.chip.empty())
    emulator.chip = options.chip;
  Expected<std::unique_ptr<EmulatorDevice>> created =
      createEmulatorDevice(emulator);
  if (!created)
    return created.takeError();
  std::shared_ptr<EmulatorDevice> device = std::move(*created);
  Error error =
      runOn(options, device, [&] { return reportKernels(options, *device); });
  device->printFindings(errs());
  return error;
}

static Error runModel(const Options &options) {
  seednorm::setNumThreads(options.threads);
  if (options.target == TargetKind::Emulate)
    return runEmulated(options);
  std::shared_ptr<Device> device;
  // Before compiling: without a GPU that would be for nothing.
  if (options.target == TargetKind::CUDA) {
    Expected<std::shared_ptr<Device>> created =
        createCUDADevice(options.device);
    if (!created)
      return created.takeError();
    device = std::move(*created);
  }
  return runOn(options, std::move(device), [] { return Error::success(); });
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  Expected<Options> options = parseOptions(argc, argv);
  if (!options)
    return finishCommand("seednorm-run", options.takeError());
  return finishCommand("seednorm-run", options->emit == EmitKind::None
                                           ? runModel(*options)
                                           : emit(*options));
}
