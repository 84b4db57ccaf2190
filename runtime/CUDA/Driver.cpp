//===- Driver.cpp - The CUDA driver's functions ---------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The version is asked for before the rest, so that an old driver is called
// that instead of incomplete.
//
//===----------------------------------------------------------------------===//

#include "Driver.h"
#include "Library.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::cuda;

/// CUDA 11.8, the first with cuLaunchKernelEx.
static constexpr int oldestVersion = 11080;

static std::string formatVersion(int version) {
  return std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
}

Expected<Driver> Driver::load() {
  Expected<Library> library =
      Library::open("CUDA driver", "SEEDNORM_LIBCUDA", {"libcuda.so.1"});
  if (!library)
    return library.takeError();
  Driver driver;
  if (Error error = library->lookup("cuInit", driver.initialize))
    return error;
  if (Error error = library->lookup("cuDriverGetVersion", driver.getVersion))
    return error;
  if (Error error = library->lookup("cuGetErrorName", driver.getErrorName))
    return error;
  if (Error error = library->lookup("cuGetErrorString", driver.getErrorString))
    return error;
  if (Error error = driver.check(driver.getVersion(&driver.version),
                                 "cuDriverGetVersion"))
    return error;
  if (driver.version < oldestVersion)
    return makeError("the CUDA driver is for CUDA " +
                     formatVersion(driver.version) + ", but " +
                     formatVersion(oldestVersion) +
                     " or newer is needed: install a newer NVIDIA driver");
#define X(member, symbol, arguments)                                           \
  if (Error error = library->lookup(#symbol, driver.member))                   \
    return error;
  SEEDNORM_CUDA_FUNCTIONS(X)
#undef X
  Result initialized = driver.initialize(0);
  if (initialized == NoDevice)
    return makeError("the CUDA driver finds no GPU: " +
                     driver.describe(initialized));
  if (Error error = driver.check(initialized, "cuInit"))
    return error;
  return driver;
}

std::string Driver::describe(Result result) const {
  const char *name = nullptr, *text = nullptr;
  if (getErrorName(result, &name) != Success || !name)
    return "error " + std::to_string(int(result));
  if (getErrorString(result, &text) != Success || !text)
    return name;
  return std::string(name) + " (" + text + ")";
}

/// Whether every later call fails like this one.
static bool losesContext(Result result) {
  return result == ECCUncorrectable || result == NVLinkUncorrectable ||
         result == IllegalAddress || result == LaunchTimeout ||
         result == Assert ||
         (result >= HardwareStackError && result <= LaunchFailed);
}

Error Driver::check(Result result, const Twine &function) const {
  if (result == Success)
    return Error::success();
  std::string why = describe(result);
  if (result == Assert)
    why += ": an index check of the model failed, as for an index beyond a "
           "table";
  if (losesContext(result))
    why += "; the GPU runs nothing more in this process";
  return makeError(function + " failed: " + why);
}
