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
  if (Error error = module->collectParameters())
    return error;
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

seednorm::Module::~Module() { releaseParameters(); }

Expected<const EntrySpec *> seednorm::Module::findEntry(StringRef name) const {
  for (const EntrySpec &entry : spec.entries)
    if (entry.name == name)
      return &entry;
  if (spec.entries.empty())
    return makeError("the module has no entry " + quote(name) + ", nor any");
  std::string names =
      join(map_range(spec.entries,
                     [](const EntrySpec &entry) { return quote(entry.name); }),
           ", ");
  return makeError("the module has no entry " + quote(name) + "; it has " +
                   names);
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

Error seednorm::Module::collectParameters() {
  for (const EntrySpec &entry : spec.entries)
    for (const TensorSpec &input : entry.inputs) {
      if (!input.isParameter())
        continue;
      auto [known, isNew] = parameters.insert({input.param, input});
      if (!isNew && (known->second.dtype != input.dtype ||
                     known->second.shape != input.shape))
        return makeError("parameter " + quote(input.param) + " of entry " +
                         quote(entry.name) + " is " + input.getTypeString() +
                         ", but another use of it says " +
                         known->second.getTypeString());
    }
  return Error::success();
}

static std::string andMore(size_t others) {
  return others ? " (and " + std::to_string(others) + " more)" : "";
}

/// The name in `candidates` that `name` was most likely meant to be, or none.
static StringRef findNearest(StringRef name, ArrayRef<StringRef> candidates) {
  StringRef nearest;
  unsigned best = std::max<unsigned>(2, name.size() / 3) + 1;
  for (StringRef candidate : candidates) {
    unsigned distance =
        name.edit_distance(candidate, /*AllowReplacements=*/true, best);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/// An error unless the two maps have the same names.
static Error checkNames(const std::map<std::string, TensorSpec> &parameters,
                        const std::map<std::string, Tensor> &weights) {
  SmallVector<StringRef> missing, extra;
  for (auto &[name, spec] : parameters)
    if (!weights.count(name))
      missing.push_back(name);
  for (auto &[name, tensor] : weights)
    if (!parameters.count(name))
      extra.push_back(name);
  if (!missing.empty()) {
    StringRef nearest = findNearest(missing.front(), extra);
    return makeError(
        "parameter " + quote(missing.front()) + " is not in the weights" +
        andMore(missing.size() - 1) +
        (nearest.empty() ? ""
                         : "; did you mean " + quote(nearest) + ", which is?"));
  }
  if (!extra.empty())
    return makeError("the weights have " + quote(extra.front()) +
                     andMore(extra.size() - 1) +
                     ", which is no parameter of the module");
  return Error::success();
}

Error seednorm::Module::bindParameters(const Safetensors &weights) {
  if (Error error = checkNames(parameters, weights.tensors))
    return error;
  std::map<std::string, Tensor> fresh;
  for (auto &[name, spec] : parameters) {
    const Tensor &tensor = weights.tensors.find(name)->second;
    if (Error error = checkTensor(spec, tensor, "parameter " + quote(name)))
      return error;
    Expected<Tensor> contiguous = tensor.contiguous();
    if (!contiguous)
      return contiguous.takeError();
    fresh.insert({name, std::move(*contiguous)});
  }
  releaseParameters();
  bound = std::move(fresh);
  for (auto &[name, tensor] : bound)
    seednorm_rt_register_constant(tensor.getData(), tensor.getByteSize());
  return Error::success();
}

void seednorm::Module::releaseParameters() {
  for (auto &[name, tensor] : bound)
    seednorm_rt_unregister_constant(tensor.getData());
  bound.clear();
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

Expected<SmallVector<Tensor>>
seednorm::Module::collectArguments(const EntrySpec &entry,
                                   ArrayRef<Tensor> inputs) const {
  if (inputs.size() != entry.getNumInputs())
    return makeError("entry " + quote(entry.name) + " takes " +
                     Twine(entry.getNumInputs()) + " inputs, but got " +
                     Twine(inputs.size()));
  SmallVector<Tensor> arguments;
  const Tensor *next = inputs.begin();
  for (const TensorSpec &spec : entry.inputs) {
    if (spec.isParameter()) {
      auto found = bound.find(spec.param);
      if (found == bound.end())
        return makeError("entry " + quote(entry.name) + " needs parameter " +
                         quote(spec.param) + ", but no weights are bound");
      arguments.push_back(found->second);
      continue;
    }
    std::string what = ("input " + Twine(next - inputs.begin()) + " (" +
                        quote(spec.name) + ") of entry " + quote(entry.name))
                           .str();
    if (Error error = checkTensor(spec, *next, what))
      return error;
    Expected<Tensor> acceptable = makeAcceptable(*next++);
    if (!acceptable)
      return acceptable.takeError();
    arguments.push_back(std::move(*acceptable));
  }
  return arguments;
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
  Expected<const EntrySpec *> entry = findEntry(name);
  if (!entry)
    return entry.takeError();
  Expected<SmallVector<Tensor>> arguments = collectArguments(**entry, inputs);
  if (!arguments)
    return arguments.takeError();

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
