//===- KernelLaunch.h - How kernels are launched ----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_KERNELLAUNCH_H
#define SEEDNORM_CONVERSION_KERNELLAUNCH_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace mlir::seednorm {

/// A launch, with an empty body, of a kernel in the module of all kernels. Of
/// its name what an assembler might not take becomes '_'.
gpu::LaunchOp createKernelLaunch(OpBuilder &builder, Location loc,
                                 const Twine &name, Value ctas,
                                 int64_t threadsX, int64_t threadsY = 1,
                                 int64_t ctasOfCluster = 1);

} // namespace mlir::seednorm

#endif // SEEDNORM_CONVERSION_KERNELLAUNCH_H
