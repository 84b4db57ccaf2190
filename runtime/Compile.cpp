//===- Compile.cpp - From model IR to files of code ----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strings the stages together: parse, look into the cache, passes, translation,
// optimisation, code. Every stage is someone else's.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Compile.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "seednorm/Pipelines/Pipelines.h"
#include "seednorm/Runtime/Model.h"
#include "seednorm/Runtime/Module.h"
#include "seednorm/Runtime/ObjectCache.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace llvm;
using namespace seednorm;

void CompileReport::print(raw_ostream &stream) const {
  auto line = [&](StringRef name, double time) {
    stream << formatv("  {0,-10} {1,10:f2} ms\n", name, time);
  };
  stream << "compile time (" << (cacheHit ? "from the cache" : "compiled")
         << "):\n";
  line("parse", parse);
  line("passes", passes);
  line("translate", translate);
  line("optimise", optimize);
  line("codegen", codegen);
  line("link", link);
  line("total", getTotal());
  stream << "code: " << codeBytes << " bytes for " << target.triple << " ("
         << target.cpu << ")\n";
  if (device.isDevice())
    stream << "kernels: for " << device.chip << ", kept as " << device.format
           << "\n";
}

namespace {

/// Measures one stage after the other.
class Stopwatch {
public:
  double lap() {
    auto now = std::chrono::steady_clock::now();
    std::chrono::duration<double, std::milli> elapsed = now - start;
    start = now;
    return elapsed.count();
  }

private:
  std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();
};

/// Whether the pipeline runs a pass of this name anywhere.
bool hasPass(mlir::OpPassManager &passes, StringRef name) {
  std::string pipeline;
  raw_string_ostream stream(pipeline);
  passes.printAsTextualPipeline(stream);
  SmallVector<StringRef> words;
  SplitString(pipeline, words, "(){}<>,= ");
  return is_contained(words, name);
}

/// For the host `target`; `Options` of a GPU for the kernels too.
template <typename Options>
void buildPipeline(mlir::PassManager &passes, const TargetSpec &target,
                   const DeviceSpec &device,
                   const tuning::PolicyOptions &tuning,
                   void (*build)(mlir::OpPassManager &, const Options &)) {
  Options options;
  options.triple = target.triple;
  options.cpu = target.cpu;
  options.features = target.features;
  options.database = tuning.database;
  options.mode = tuning::stringifyMode(tuning.mode).str();
  options.threads = tuning.threads;
  options.printTuning = tuning.print;
  if constexpr (!std::is_same_v<Options, mlir::seednorm::CPUPipelineOptions>) {
    options.chip = device.chip;
    options.format = device.format;
  }
  build(passes, options);
}

void buildPipeline(mlir::PassManager &passes, const TargetSpec &target,
                   const DeviceSpec &device,
                   const tuning::PolicyOptions &tuning) {
  switch (device.kind) {
  case DeviceKind::CPU:
    return buildPipeline(passes, target, device, tuning,
                         mlir::seednorm::buildCPUPipeline);
  case DeviceKind::NVVM:
    return buildPipeline(passes, target, device, tuning,
                         mlir::seednorm::buildNVVMPipeline);
  case DeviceKind::ROCDL:
    return buildPipeline(passes, target, device, tuning,
                         mlir::seednorm::buildROCDLPipeline);
  }
}

class Compilation {
public:
  Compilation(StringRef source, StringRef name, OutputKind kind,
              const CompileOptions &options, CompileReport &report)
      : source(source), name(name), kind(kind), options(options),
        report(report) {}

  Expected<std::unique_ptr<MemoryBuffer>> run();

private:
  Error choosePolicy();
  Error runPasses(Model &model);
  std::string makeKey(const Model &model);
  void warn(std::string text);
  Expected<SmallVector<char, 0>> generate(Model &model, Compiler &compiler);
  Expected<SmallVector<char, 0>> write(Compiler &compiler,
                                       llvm::Module &module);

  StringRef source, name;
  OutputKind kind;
  const CompileOptions &options;
  CompileReport &report;
  Stopwatch watch;
  tuning::PolicyOptions tuning;
  /// Of what tuning may change.
  std::string tuningKey;
};

void Compilation::warn(std::string text) {
  if (text.empty())
    return;
  report.warning += (report.warning.empty() ? "" : "; ") + text;
}

/// Before anything is compiled: what cannot be used is an error or, if nobody
/// asked for it, without effect.
Error Compilation::choosePolicy() {
  std::string warning;
  if (options.tuning) {
    tuning = *options.tuning;
  } else {
    auto asked = tuning::getPolicyFromEnvironment("", "", warning);
    if (!asked)
      return asked.takeError();
    tuning = std::move(*asked);
    warn(std::exchange(warning, ""));
  }
  if (tuning.threads <= 0)
    tuning.threads = getNumThreads();
  auto policy = tuning::Policy::create(tuning, warning);
  if (!policy)
    return policy.takeError();
  warn(std::move(warning));
  auto key = policy->getCacheKey();
  if (!key)
    return key.takeError();
  tuningKey = std::move(*key);
  return Error::success();
}

Error Compilation::runPasses(Model &model) {
  FirstError error(model.getContext());
  mlir::PassManager passes(model.getContext());
  buildPipeline(passes, report.target, report.device, tuning);
  if (!options.dumpAfter.empty()) {
    if (!hasPass(passes, options.dumpAfter))
      return makeError("the pipeline has no pass " + quote(options.dumpAfter));
    passes.enableIRPrinting(
        /*shouldPrintBeforePass=*/nullptr,
        [&](mlir::Pass *pass, mlir::Operation *) {
          return pass->getArgument() == options.dumpAfter;
        },
        /*printModuleScope=*/false, /*printAfterOnlyOnChange=*/false,
        /*printAfterOnlyOnFailure=*/false, *options.dump);
  }
  if (mlir::failed(passes.run(model.getModule())))
    return error.take("the pipeline failed on " + name.str());
  report.passes = watch.lap();
  return Error::success();
}

/// Of everything that the output depends on. The schedule is either in the IR
/// or follows from the target, this build of the compiler and the tuning.
std::string Compilation::makeKey(const Model &model) {
  std::string text;
  raw_string_ostream stream(text);
  // Without locations, which are the file's name among others.
  model.getModule()->print(
      stream,
      mlir::OpPrintingFlags().printGenericOpForm().enableDebugInfo(false));
  const TargetSpec &target = report.target;
  const DeviceSpec &device = report.device;
  std::string kindText = std::to_string(int(kind));
  SmallVector<StringRef> inputs = {
      text,        stringifyDeviceKind(device.kind),
      device.chip, device.format,
      kindText,    target.triple,
      target.cpu,  target.features};
  if (!tuningKey.empty())
    inputs.push_back(tuningKey);
  return ObjectCache::makeKey(inputs);
}

Expected<SmallVector<char, 0>> Compilation::write(Compiler &compiler,
                                                  llvm::Module &module) {
  switch (kind) {
  case OutputKind::Object:
    return compiler.emitObject(module);
  case OutputKind::Assembly:
    return compiler.emitAssembly(module);
  case OutputKind::LLVM:
    break;
  }
  SmallVector<char, 0> bytes;
  raw_svector_ostream stream(bytes);
  module.print(stream, /*AAW=*/nullptr);
  return bytes;
}

Expected<SmallVector<char, 0>> Compilation::generate(Model &model,
                                                     Compiler &compiler) {
  if (Error error = runPasses(model))
    return error;
  LLVMContext llvmContext;
  const TargetSpec &target = report.target;
  FirstError diagnostic(model.getContext());
  auto module = mlir::seednorm::translateToLLVM(
      model.getModule(), llvmContext,
      {target.triple, target.cpu, target.features});
  if (!module)
    return diagnostic.take(toString(module.takeError()));
  report.translate = watch.lap();
  if (Error error = compiler.optimize(**module))
    return error;
  report.optimize = watch.lap();
  auto bytes = write(compiler, **module);
  report.codegen = watch.lap();
  return bytes;
}

Expected<std::unique_ptr<MemoryBuffer>> Compilation::run() {
  Expected<Compiler> compiler = Compiler::create(options.target);
  if (!compiler)
    return compiler.takeError();
  report.target = compiler->getTarget();
  Expected<DeviceSpec> device = resolveDevice(options.device);
  if (!device)
    return device.takeError();
  report.device = std::move(*device);
  Expected<Model> model = Model::parse(source, name);
  if (!model)
    return model.takeError();
  if (Error error = choosePolicy())
    return error;
  report.parse = watch.lap();
  std::string key;
  if (options.cache && options.dumpAfter.empty()) {
    key = makeKey(*model);
    // Choices are made, and told, only while compiling.
    bool mustCompile = tuning.mode == tuning::Mode::Record || tuning.print;
    if (!mustCompile)
      if (std::unique_ptr<MemoryBuffer> found = options.cache->lookup(key)) {
        report.cacheHit = true;
        report.parse += watch.lap();
        return found;
      }
    watch.lap();
  }
  auto bytes = generate(*model, *compiler);
  if (!bytes)
    return bytes.takeError();
  StringRef text(bytes->data(), bytes->size());
  if (!key.empty())
    if (Error error = options.cache->insert(key, text))
      warn("compiled code is not kept: " + toString(std::move(error)));
  return MemoryBuffer::getMemBufferCopy(text, name);
}

} // namespace

Expected<std::unique_ptr<MemoryBuffer>>
seednorm::compileModel(StringRef source, StringRef name, OutputKind kind,
                       const CompileOptions &options, CompileReport &report) {
  return Compilation(source, name, kind, options, report).run();
}
