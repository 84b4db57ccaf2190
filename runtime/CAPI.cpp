//===- CAPI.cpp - The C interface of the runtime -------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns pointers into references and llvm::Error into text. Nothing else is
// decided here.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/CUDA.h"
#include "seednorm/Runtime/Files.h"
#include "seednorm/Runtime/Module.h"
#include "seednorm/Runtime/ObjectCache.h"
#include "seednorm/Runtime/seednorm.h"

using namespace llvm;
using namespace seednorm;

struct seednorm_module {
  std::unique_ptr<seednorm::Module> module;
};

static std::string &lastError() {
  static thread_local std::string text;
  return text;
}

/// 0 for success.
static int report(Error error) {
  if (!error)
    return 0;
  lastError() = toString(std::move(error));
  return 1;
}

static seednorm_module *
wrap(Expected<std::unique_ptr<seednorm::Module>> module) {
  if (module)
    return new seednorm_module{std::move(*module)};
  report(module.takeError());
  return nullptr;
}

static Error checkPointer(const void *pointer, StringRef name) {
  if (pointer)
    return Error::success();
  return makeError("'" + name + "' is null");
}

static Expected<std::unique_ptr<seednorm::Module>> compile(StringRef source,
                                                           StringRef name) {
  std::string warning;
  auto cache = ObjectCache::fromEnvironment(warning);
  if (!cache)
    return cache.takeError();
  CompileOptions options;
  options.cache = *cache ? &**cache : nullptr;
  return seednorm::Module::compile(source, options, name);
}

static Expected<std::unique_ptr<seednorm::Module>> open(StringRef path) {
  if (isCompiledFile(path))
    return seednorm::Module::loadObject(path);
  auto file = readFile(path);
  if (!file)
    return file.takeError();
  return compile((*file)->getMemBufferRef().getBuffer(), path);
}

/// "cuda", or "cuda:1".
static Expected<std::shared_ptr<Device>> openDevice(StringRef name) {
  auto [kind, number] = name.split(':');
  unsigned ordinal = 0;
  if (kind != "cuda" || name.ends_with(":") ||
      (!number.empty() && number.getAsInteger(/*Radix=*/10, ordinal)))
    return makeError("the device is " + quote(name) +
                     ", but 'cuda' or one like 'cuda:1' is expected");
  return createCUDADevice(ordinal);
}

static Error setDevice(seednorm_module *module, const char *name) {
  if (Error error = checkPointer(module, "module"))
    return error;
  if (Error error = checkPointer(name, "device"))
    return error;
  Expected<std::shared_ptr<Device>> device = openDevice(name);
  if (!device)
    return device.takeError();
  return module->module->setDevice(std::move(*device));
}

static Error describe(const seednorm_module *module, const char *name,
                      size_t index, seednorm_tensor_spec *result,
                      std::vector<TensorSpec> EntrySpec::*list) {
  if (Error error = checkPointer(module, "module"))
    return error;
  if (Error error = checkPointer(name, "entry"))
    return error;
  if (Error error = checkPointer(result, "spec"))
    return error;
  auto entry = findEntry(module->module->getEntries(), name);
  if (!entry)
    return entry.takeError();
  const std::vector<TensorSpec> &specs = (*entry)->*list;
  if (index >= specs.size())
    return makeError("entry " + quote(name) + " has " + Twine(specs.size()) +
                     ", but number " + Twine(index) + " is asked for");
  const TensorSpec &spec = specs[index];
  DLDataType dtype =
      cantFail(Tensor::borrow(nullptr, spec.dtype, {0})).getDLTensor().dtype;
  *result = {spec.name.c_str(),
             spec.isParameter() ? spec.param.c_str() : nullptr, dtype,
             static_cast<int32_t>(spec.shape.size()), spec.shape.data()};
  return Error::success();
}

/// Views of the caller's tensors.
static Expected<SmallVector<Tensor>>
borrowInputs(ArrayRef<const DLTensor *> inputs) {
  SmallVector<Tensor> tensors;
  for (const DLTensor *input : inputs) {
    if (Error error = checkPointer(
            input, ("inputs[" + Twine(tensors.size()) + "]").str()))
      return error;
    // Without a deleter nothing is taken over.
    DLManagedTensor managed = {*input, nullptr, nullptr};
    auto tensor = Tensor::fromDLPack(&managed);
    if (!tensor)
      return tensor.takeError();
    if (Error error = checkBooleans(*tensor))
      return error;
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

static Error run(const seednorm_module *module, const char *entry,
                 const DLTensor *const *inputs, size_t numInputs,
                 DLManagedTensor **results, size_t numResults) {
  if (Error error = checkPointer(module, "module"))
    return error;
  if (Error error = checkPointer(entry, "entry"))
    return error;
  if (Error error =
          numInputs ? checkPointer(inputs, "inputs") : Error::success())
    return error;
  if (Error error =
          numResults ? checkPointer(results, "results") : Error::success())
    return error;
  auto spec = findEntry(module->module->getEntries(), entry);
  if (!spec)
    return spec.takeError();
  if ((*spec)->results.size() != numResults)
    return makeError("entry " + quote(entry) + " has " +
                     Twine((*spec)->results.size()) +
                     " results, but there is room for " + Twine(numResults));
  // Before any of them is read.
  if (Error error = (*spec)->checkNumInputs(numInputs))
    return error;
  auto tensors = borrowInputs(ArrayRef(inputs, numInputs));
  if (!tensors)
    return tensors.takeError();
  auto values = module->module->run(entry, *tensors);
  if (!values)
    return values.takeError();
  for (size_t i = 0; i < numResults; ++i)
    results[i] = (*values)[i].toDLPack();
  return Error::success();
}

const char *seednorm_version(void) { return SEEDNORM_VERSION; }

const char *seednorm_last_error(void) { return lastError().c_str(); }

void seednorm_set_num_threads(int32_t count) { setNumThreads(count); }

int32_t seednorm_get_num_threads(void) { return getNumThreads(); }

seednorm_module *seednorm_compile(const char *source, size_t length,
                                  const char *name) {
  if (report(checkPointer(source, "source")))
    return nullptr;
  return wrap(compile(StringRef(source, length), name ? name : "<memory>"));
}

seednorm_module *seednorm_open(const char *path) {
  return report(checkPointer(path, "path")) ? nullptr : wrap(open(path));
}

void seednorm_close(seednorm_module *module) { delete module; }

int seednorm_bind_parameters(seednorm_module *module, const char *path) {
  if (report(checkPointer(module, "module")) ||
      report(checkPointer(path, "path")))
    return 1;
  auto weights = readSafetensors(path);
  if (!weights)
    return report(weights.takeError());
  return report(module->module->bindParameters(*weights));
}

int seednorm_set_device(seednorm_module *module, const char *device) {
  return report(setDevice(module, device));
}

size_t seednorm_num_entries(const seednorm_module *module) {
  return module ? module->module->getEntries().size() : 0;
}

const char *seednorm_entry_name(const seednorm_module *module, size_t index) {
  if (index < seednorm_num_entries(module))
    return module->module->getEntries()[index].name.c_str();
  report(makeError("there is no entry number " + Twine(index)));
  return nullptr;
}

int seednorm_describe_argument(const seednorm_module *module, const char *entry,
                               size_t index, seednorm_tensor_spec *spec) {
  return report(describe(module, entry, index, spec, &EntrySpec::inputs));
}

int seednorm_describe_result(const seednorm_module *module, const char *entry,
                             size_t index, seednorm_tensor_spec *spec) {
  return report(describe(module, entry, index, spec, &EntrySpec::results));
}

int seednorm_run(const seednorm_module *module, const char *entry,
                 const DLTensor *const *inputs, size_t num_inputs,
                 DLManagedTensor **results, size_t num_results) {
  return report(run(module, entry, inputs, num_inputs, results, num_results));
}
