//===- Modules.cpp - Kernels that a GPU has loaded ------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PTX is compiled by the driver, whose compiler's complaints are worth reading.
//
//===----------------------------------------------------------------------===//

#include "Modules.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::cuda;

/// What kernels have without being asked for more; of shared memory, static and
/// dynamic together.
static constexpr uint32_t plainSharedBytes = 48 << 10, plainClusterSize = 8;

Modules::~Modules() {
  ContextScope scope(gpu);
  for (auto &[key, module] : modules)
    gpu.driver.moduleUnload(module.handle);
}

static bool isBitcode(StringRef binary) {
  return binary.starts_with("BC\xC0\xDE") ||
         binary.starts_with("\xDE\xC0\x17\x0B");
}

static bool isPTX(StringRef binary) {
  return !binary.starts_with("\x7F"
                             "ELF") &&
         !binary.starts_with("\x50\xED\x55\xBA");
}

/// The compiler's complaints on one line.
static std::string joinLog(StringRef log) {
  SmallVector<StringRef> lines;
  log.split(lines, '\n', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  std::string text;
  for (StringRef line : lines)
    if (StringRef trimmed = line.trim(); !trimmed.empty())
      text += (text.empty() ? ": " : "; ") + trimmed.str();
  return text;
}

Expected<ModuleHandle> Modules::load(StringRef binary) {
  if (isBitcode(binary))
    return makeError("the kernels are LLVM bitcode, which only the emulator "
                     "runs");
  // As text PTX must end with a NUL.
  std::string text = isPTX(binary) ? binary.str() : "";
  const void *image =
      isPTX(binary) ? text.c_str() : static_cast<const void *>(binary.data());
  char errors[8192] = "";
  JITOption options[] = {ErrorLogBuffer, ErrorLogBufferBytes};
  void *values[] = {errors,
                    reinterpret_cast<void *>(uintptr_t(sizeof(errors) - 1))};
  ModuleHandle module = nullptr;
  Result result = gpu.driver.moduleLoad(&module, image, 2, options, values);
  if (result == Success)
    return module;
  std::string why = joinLog(errors);
  if (result == NoBinaryForGPU)
    why = ": they are for another GPU than " + gpu.getChip() + why;
  return makeError("cannot load the kernels: " + gpu.driver.describe(result) +
                   why);
}

Expected<Modules::Function *> Modules::find(Key key, StringRef name) {
  auto found = modules.find(key);
  if (found == modules.end()) {
    Expected<ModuleHandle> handle =
        load(StringRef(static_cast<const char *>(key.first), key.second));
    if (!handle)
      return handle.takeError();
    found = modules.try_emplace(key).first;
    found->second.handle = *handle;
  }
  LoadedModule &module = found->second;
  auto function = module.functions.find(name);
  if (function != module.functions.end())
    return &function->second;
  FunctionHandle handle = nullptr;
  if (Error error =
          gpu.driver.check(gpu.driver.moduleGetFunction(&handle, module.handle,
                                                        name.str().c_str()),
                           "cuModuleGetFunction"))
    return error;
  int fixedBytes = 0;
  if (Error error =
          gpu.driver.check(gpu.driver.functionGetAttribute(
                               &fixedBytes, StaticSharedBytes, handle),
                           "cuFuncGetAttribute"))
    return error;
  Function fresh = {handle,
                    plainSharedBytes -
                        std::min(uint32_t(fixedBytes), plainSharedBytes),
                    plainClusterSize};
  return &module.functions.try_emplace(name, fresh).first->second;
}

Error Modules::prepare(Function &function, uint32_t sharedBytes,
                       uint32_t clusterSize) {
  if (sharedBytes > function.sharedBytes) {
    if (Error error = gpu.driver.check(
            gpu.driver.functionSetAttribute(
                function.handle, MaxDynamicSharedBytes, int(sharedBytes)),
            "setting " + Twine(sharedBytes) + " bytes of shared memory"))
      return error;
    function.sharedBytes = sharedBytes;
  }
  if (clusterSize > function.clusterSize) {
    if (Error error = gpu.driver.check(
            gpu.driver.functionSetAttribute(function.handle,
                                            NonPortableClusterSizeAllowed, 1),
            "allowing clusters of " + Twine(clusterSize) + " CTAs"))
      return error;
    function.clusterSize = UINT32_MAX;
  }
  return Error::success();
}

Expected<FunctionHandle> Modules::getFunction(const void *binary,
                                              uint64_t bytes, const char *name,
                                              uint32_t sharedBytes,
                                              uint32_t clusterSize) {
  std::lock_guard<std::mutex> lock(mutex);
  Expected<Function *> function = find({binary, bytes}, name);
  if (!function)
    return function.takeError();
  if (Error error = prepare(**function, sharedBytes, clusterSize))
    return error;
  return (*function)->handle;
}

void Modules::unload(const void *binary) {
  std::lock_guard<std::mutex> lock(mutex);
  auto first = modules.lower_bound({binary, 0});
  while (first != modules.end() && first->first.first == binary) {
    gpu.driver.moduleUnload(first->second.handle);
    first = modules.erase(first);
  }
}
