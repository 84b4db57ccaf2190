//===- Module.cpp - Compiled models, ready to run ------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks everything that a caller can get wrong, then calls compiled code on
// the host or hands over to the device.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Module.h"
#include "CallFrame.h"
#include "DeviceModule.h"
#include "Loader.h"
#include "seednorm/Runtime/Files.h"
#include "seednorm/Runtime/RuntimeABI.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include <chrono>

using namespace llvm;
using namespace seednorm;

void seednorm::setNumThreads(int32_t count) {
  seednorm_rt_set_num_threads(count);
}
int32_t seednorm::getNumThreads() { return seednorm_rt_get_num_threads(); }

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

Expected<std::unique_ptr<seednorm::Module>> seednorm::Module::create(
    StringRef metadata,
    function_ref<Expected<std::unique_ptr<LoadedCode>>()> load) {
  auto start = std::chrono::steady_clock::now();
  Expected<ModuleSpec> spec = parseModuleMetadata(metadata);
  if (!spec)
    return spec.takeError();
  std::unique_ptr<Module> module(new Module);
  module->spec = std::move(*spec);
  if (Error error = checkRunsOnHost(module->spec.target))
    return error;
  Expected<Parameters> parameters = Parameters::create(module->spec.entries);
  if (!parameters)
    return parameters.takeError();
  module->parameters = std::move(*parameters);
  Expected<std::unique_ptr<LoadedCode>> code = load();
  if (!code)
    return code.takeError();
  module->code = std::move(*code);
  for (const EntrySpec &entry : module->spec.entries) {
    Expected<void *> address =
        module->code->lookup((kEntryPrefix + entry.name).str());
    if (!address)
      return makeError("cannot link entry " + quote(entry.name) + ": " +
                       toString(address.takeError()));
    module->functions[entry.name] = reinterpret_cast<EntryFunction>(*address);
  }
  std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  module->report.link = elapsed.count();
  module->report.target = module->spec.target;
  module->report.device = module->spec.device;
  return module;
}

bool seednorm::isCompiledFile(StringRef path) {
  StringRef extension = sys::path::extension(path);
  return extension == ".o" || extension == ".so";
}

Expected<std::unique_ptr<seednorm::Module>>
seednorm::Module::linkObject(std::unique_ptr<MemoryBuffer> object) {
  Expected<ObjectInfo> info = inspectObject(*object);
  if (!info)
    return info.takeError();
  if (info->isSharedLibrary)
    return makeError("cannot load " + quote(object->getBufferIdentifier()) +
                     ": a shared library must be loaded from its file");
  auto module = create(info->metadata,
                       [&] { return seednorm::linkObject(std::move(object)); });
  if (module)
    (*module)->report.codeBytes = info->codeBytes;
  return module;
}

Expected<std::unique_ptr<seednorm::Module>>
seednorm::Module::loadObject(StringRef path) {
  auto file = readFile(path);
  if (!file)
    return file.takeError();
  MemoryBufferRef buffer((*file)->getMemBufferRef().getBuffer(), path);
  Expected<ObjectInfo> info = inspectObject(buffer);
  if (!info)
    return info.takeError();
  if (!info->isSharedLibrary)
    return linkObject(MemoryBuffer::getMemBufferCopy(buffer.getBuffer(), path));
  auto module = create(info->metadata, [&] { return openSharedLibrary(path); });
  if (module)
    (*module)->report.codeBytes = info->codeBytes;
  return module;
}

Expected<std::unique_ptr<seednorm::Module>>
seednorm::Module::compile(StringRef source, const CompileOptions &options,
                          StringRef name) {
  CompileReport report;
  auto object = compileModel(source, name, OutputKind::Object, options, report);
  if (!object)
    return object.takeError();
  auto module = linkObject(std::move(*object));
  if (!module)
    return module.takeError();
  report.link = (*module)->report.link;
  report.codeBytes = (*module)->report.codeBytes;
  (*module)->report = std::move(report);
  return module;
}

/// The runtime forgets what it made of bound values.
static void unregister(const Parameters &parameters) {
  for (auto &[name, tensor] : parameters.getBound())
    seednorm_rt_unregister_constant(tensor.getData());
}

seednorm::Module::~Module() { unregister(parameters); }

Error seednorm::Module::bindParameters(const Safetensors &weights) {
  Parameters fresh = parameters;
  if (Error error = fresh.bind(weights))
    return error;
  if (onDevice)
    if (Error error = onDevice->bind(fresh.getBound()))
      return error;
  // The new values come first: those that stay keep their packed copies.
  for (auto &[name, tensor] : fresh.getBound())
    seednorm_rt_register_constant(tensor.getData(), tensor.getByteSize());
  unregister(parameters);
  parameters = std::move(fresh);
  return Error::success();
}

Error seednorm::Module::setDevice(std::shared_ptr<Device> device) {
  if (!spec.device.isDevice())
    return makeError("the module is compiled for the CPU, so " +
                     device->getName() + " cannot run it");
  if (Error error = device->checkRuns(spec.device))
    return error;
  auto fresh = std::make_unique<DeviceModule>(std::move(device));
  if (Error error = fresh->bind(parameters.getBound()))
    return error;
  onDevice = std::move(fresh);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// Compiled code takes any outer strides, but aligned elements side by side.
static Expected<Tensor> makeAcceptable(const Tensor &tensor) {
  bool adjacent = tensor.getRank() == 0 || tensor.getNumElements() == 0 ||
                  tensor.getStrides().back() == 1 ||
                  tensor.getShape().back() == 1;
  return adjacent && tensor.isElementAligned() ? tensor : tensor.copy();
}

/// The result as a tensor that frees its memory.
static Expected<Tensor> takeResult(const TensorSpec &spec,
                                   const TensorView &view) {
  std::shared_ptr<void> owner(view.allocated, _mlir_memref_to_llvm_free);
  return Tensor::borrow(view.data, spec.dtype, view.shape, view.strides,
                        std::move(owner));
}

/// Takes all results, also after one of them has failed: else its memory leaks.
static Expected<SmallVector<Tensor>> takeResults(const EntrySpec &entry,
                                                 const CallFrame &frame) {
  SmallVector<Tensor> results;
  Error failure = Error::success();
  for (auto [i, spec] : enumerate(entry.results)) {
    Expected<Tensor> result = takeResult(spec, frame.getResult(i));
    if (result)
      results.push_back(std::move(*result));
    else
      failure = joinErrors(std::move(failure), result.takeError());
  }
  if (failure)
    return failure;
  return results;
}

Expected<SmallVector<Tensor>>
seednorm::Module::runOnHost(const EntrySpec &entry,
                            ArrayRef<Tensor> arguments) const {
  CallFrame frame(entry);
  SmallVector<Tensor> acceptable;
  for (const Tensor &argument : arguments) {
    Expected<Tensor> tensor = makeAcceptable(argument);
    if (!tensor)
      return tensor.takeError();
    frame.addArgument(tensor->getData(), tensor->getShape(),
                      tensor->getStrides());
    acceptable.push_back(std::move(*tensor));
  }
  if (Error error = frame.call(functions.find(entry.name)->second))
    return error;
  return takeResults(entry, frame);
}

Expected<SmallVector<Tensor>>
seednorm::Module::run(StringRef name, ArrayRef<Tensor> inputs) const {
  Expected<const EntrySpec *> entry = findEntry(spec.entries, name);
  if (!entry)
    return entry.takeError();
  if (spec.device.isDevice() && !onDevice)
    return makeError("the module is compiled for " + quote(spec.device.chip) +
                     ", so it needs a device to run");
  Expected<SmallVector<Tensor>> arguments =
      parameters.collectArguments(**entry, inputs);
  if (!arguments)
    return arguments.takeError();
  if (onDevice)
    return onDevice->run(**entry, functions.find(name)->second, *arguments);
  return runOnHost(**entry, *arguments);
}
