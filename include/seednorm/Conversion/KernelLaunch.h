//===- KernelNames.h - What kernels are called ------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_KERNELNAMES_H
#define SEEDNORM_CONVERSION_KERNELNAMES_H

#include "mlir/IR/BuiltinAttributes.h"

namespace mlir::seednorm {

/// The module of all kernels.
FlatSymbolRefAttr getKernelModule(MLIRContext *context);

/// A kernel's name, of letters that every GPU's assembler takes.
FlatSymbolRefAttr getKernelName(MLIRContext *context, const Twine &name);

} // namespace mlir::seednorm

#endif // SEEDNORM_CONVERSION_KERNELNAMES_H
