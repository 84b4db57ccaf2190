//===- GPU.cpp - One GPU and its context ----------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The primary context, which the CUDA runtime and other libraries use too.
//
//===----------------------------------------------------------------------===//

#include "GPU.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::cuda;

static Error readAttributes(GPU &gpu) {
  const Driver &driver = gpu.driver;
  int pools = 0, clusters = 0;
  for (auto [attribute, value] : {std::pair(ComputeCapabilityMajor, &gpu.major),
                                  {ComputeCapabilityMinor, &gpu.minor},
                                  {MemoryPoolsSupported, &pools},
                                  {ClusterLaunch, &clusters}})
    if (Error error = driver.check(
            driver.deviceGetAttribute(value, attribute, gpu.device),
            "cuDeviceGetAttribute"))
      return error;
  gpu.hasPools = pools;
  gpu.hasClusters = clusters;
  char product[256] = "";
  if (Error error = driver.check(
          driver.deviceGetName(product, sizeof(product) - 1, gpu.device),
          "cuDeviceGetName"))
    return error;
  gpu.product = product;
  return Error::success();
}

Expected<std::unique_ptr<GPU>> GPU::open(unsigned ordinal) {
  Expected<Driver> driver = Driver::load();
  if (!driver)
    return driver.takeError();
  std::unique_ptr<GPU> gpu(new GPU(std::move(*driver)));
  int count = 0;
  if (Error error = gpu->driver.check(gpu->driver.deviceGetCount(&count),
                                      "cuDeviceGetCount"))
    return error;
  if (ordinal >= static_cast<unsigned>(count))
    return makeError("there is no GPU " + Twine(ordinal) + ": the driver has " +
                     Twine(count) + ", counted from 0");
  gpu->ordinal = ordinal;
  if (Error error = gpu->driver.check(
          gpu->driver.deviceGet(&gpu->device, gpu->ordinal), "cuDeviceGet"))
    return error;
  if (Error error = readAttributes(*gpu))
    return error;
  if (Error error = gpu->driver.check(
          gpu->driver.primaryContextRetain(&gpu->context, gpu->device),
          "cuDevicePrimaryCtxRetain"))
    return error;
  return gpu;
}

GPU::~GPU() {
  if (context)
    driver.primaryContextRelease(device);
}
