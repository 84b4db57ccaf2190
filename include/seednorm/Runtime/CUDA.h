//===- CUDA.h - NVIDIA's GPUs as devices ---------------------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Over the CUDA driver and cuBLASLt, both loaded at run time: nothing of CUDA
// is needed to build. docs/gpu-runtime.md says how to use it.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CUDA_H
#define SEEDNORM_RUNTIME_CUDA_H

#include "seednorm/Runtime/Device.h"

namespace seednorm {

/// The GPU of that number; an error of one line where there is no driver, one
/// that is too old, or no such GPU.
llvm::Expected<std::shared_ptr<Device>> createCUDADevice(unsigned ordinal);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_CUDA_H
