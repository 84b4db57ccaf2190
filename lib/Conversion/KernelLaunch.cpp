//===- KernelNames.cpp - What kernels are called -------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Conversion/KernelNames.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

FlatSymbolRefAttr mlir::seednorm::getKernelModule(MLIRContext *context) {
  return FlatSymbolRefAttr::get(context, "seednorm_kernels");
}

FlatSymbolRefAttr mlir::seednorm::getKernelName(MLIRContext *context,
                                                const Twine &name) {
  std::string text = name.str();
  for (char &letter : text)
    if (!llvm::isAlnum(letter) && letter != '_')
      letter = '_';
  return FlatSymbolRefAttr::get(context, text);
}
