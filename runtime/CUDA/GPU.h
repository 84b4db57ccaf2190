//===- GPU.h - One GPU and its context ------------------------ -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What all parts of the CUDA device share: the driver, the GPU's primary
// context and its properties. It must not know memory or kernels.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CUDA_GPU_H
#define SEEDNORM_RUNTIME_CUDA_GPU_H

#include "Driver.h"
#include <memory>

namespace seednorm::cuda {

class GPU {
public:
  static llvm::Expected<std::unique_ptr<GPU>> open(unsigned ordinal);
  ~GPU();
  GPU(const GPU &) = delete;
  GPU &operator=(const GPU &) = delete;

  /// "cuda:0"
  std::string getName() const { return "cuda:" + std::to_string(ordinal); }
  /// "sm_90"
  std::string getChip() const {
    return "sm_" + std::to_string(major) + std::to_string(minor);
  }

  Driver driver;
  int ordinal = 0;
  DeviceHandle device = 0;
  ContextHandle context = nullptr;
  std::string product;
  int major = 0, minor = 0;
  bool hasPools = false, hasClusters = false;

private:
  explicit GPU(Driver driver) : driver(std::move(driver)) {}
};

/// While it lives the GPU's context is this thread's; then the one before is
/// again, which may be another library's.
class ContextScope {
public:
  explicit ContextScope(const GPU &gpu)
      : gpu(gpu), pushed(gpu.driver.contextPush(gpu.context) == Success) {}
  ~ContextScope() {
    ContextHandle popped;
    if (pushed)
      gpu.driver.contextPop(&popped);
  }
  ContextScope(const ContextScope &) = delete;
  ContextScope &operator=(const ContextScope &) = delete;

private:
  const GPU &gpu;
  bool pushed;
};

} // namespace seednorm::cuda

#endif // SEEDNORM_RUNTIME_CUDA_GPU_H
