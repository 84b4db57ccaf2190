//===- Module.cpp - Compiled models, ready to run ------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks everything that a caller can get wrong, then speaks MLIR's C
// interface: one descriptor a tensor.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Module.h"
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
    module->functions[entry.name] = reinterpret_cast<Function>(*address);
  }
  std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  module->report.link = elapsed.count();
  module->report.target = module->spec.target;
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
  // The new values come first: those that stay keep their packed copies.
  Parameters before = parameters;
  if (Error error = parameters.bind(weights))
    return error;
  for (auto &[name, tensor] : parameters.getBound())
    seednorm_rt_register_constant(tensor.getData(), tensor.getByteSize());
  unregister(before);
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

namespace {

/// The words of MLIR's memref descriptor: allocated pointer, aligned pointer,
/// offset, sizes, strides.
size_t getDescriptorWords(size_t rank) { return 3 + 2 * rank; }

void appendDescriptor(SmallVectorImpl<int64_t> &words, const Tensor &tensor) {
  auto address = reinterpret_cast<intptr_t>(tensor.getData());
  words.append({address, address, 0});
  words.append(tensor.getShape().begin(), tensor.getShape().end());
  words.append(tensor.getStrides().begin(), tensor.getStrides().end());
  // The innermost stride is promised to be 1 even where it has no meaning.
  if (tensor.getRank())
    words.back() = 1;
}

/// The tensor that a result's descriptor describes; it frees the memory.
Expected<Tensor> takeResult(const TensorSpec &spec, ArrayRef<int64_t> words) {
  size_t rank = spec.shape.size();
  std::shared_ptr<void> owner(reinterpret_cast<void *>(words[0]),
                              _mlir_memref_to_llvm_free);
  auto *data = reinterpret_cast<char *>(words[1]) +
               words[2] * static_cast<int64_t>(getElementSize(spec.dtype));
  return Tensor::borrow(data, spec.dtype, words.slice(3, rank),
                        words.slice(3 + rank, rank), std::move(owner));
}

/// Takes all results, also after one of them has failed: else its memory leaks.
Expected<SmallVector<Tensor>> takeResults(const EntrySpec &entry,
                                          ArrayRef<int64_t> words) {
  SmallVector<Tensor> results;
  Error failure = Error::success();
  for (const TensorSpec &spec : entry.results) {
    size_t count = getDescriptorWords(spec.shape.size());
    Expected<Tensor> result = takeResult(spec, words.take_front(count));
    words = words.drop_front(count);
    if (result)
      results.push_back(std::move(*result));
    else
      failure = joinErrors(std::move(failure), result.takeError());
  }
  if (failure)
    return failure;
  return results;
}

} // namespace

Expected<SmallVector<Tensor>>
seednorm::Module::run(StringRef name, ArrayRef<Tensor> inputs) const {
  Expected<const EntrySpec *> entry = findEntry(spec.entries, name);
  if (!entry)
    return entry.takeError();
  Expected<SmallVector<Tensor>> arguments =
      parameters.collectArguments(**entry, inputs);
  if (!arguments)
    return arguments.takeError();
  for (Tensor &argument : *arguments) {
    Expected<Tensor> acceptable = makeAcceptable(argument);
    if (!acceptable)
      return acceptable.takeError();
    argument = std::move(*acceptable);
  }

  size_t resultWords = 0;
  for (const TensorSpec &result : (*entry)->results)
    resultWords += getDescriptorWords(result.shape.size());
  SmallVector<int64_t, 128> words(resultWords, 0);
  SmallVector<size_t> offsets;
  if (resultWords)
    offsets.push_back(0);
  for (const Tensor &argument : *arguments) {
    offsets.push_back(words.size());
    appendDescriptor(words, argument);
  }
  SmallVector<void *> pointers;
  for (size_t offset : offsets)
    pointers.push_back(words.data() + offset);

  char message[512] = "";
  if (seednorm_rt_invoke(functions.find(name)->second, pointers.data(), message,
                         sizeof(message)))
    return makeError("entry " + quote(name) + " failed: " + message);
  return takeResults(**entry, ArrayRef(words).take_front(resultWords));
}
