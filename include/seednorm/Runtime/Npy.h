//===- Npy.h - NumPy array files --------------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and writes .npy files. Nothing in a file is trusted: every malformed
// one is an error of one line. It must not know modules or parameters.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_NPY_H
#define SEEDNORM_RUNTIME_NPY_H

#include "seednorm/Runtime/Tensor.h"

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace seednorm {

/// Reads versions 1 to 3 in C or Fortran order, little endian. 'u1' loads as
/// i8 with the same bits, and two-byte voids, which is how NumPy writes the
/// bfloat16 of ml_dtypes, as bf16. Large files stay mapped: see readFile.
llvm::Expected<Tensor> readNpy(llvm::StringRef path);

/// The same for bytes in memory, which `owner` keeps alive. The tensor borrows
/// them unless they are misaligned.
llvm::Expected<Tensor> parseNpy(llvm::MutableArrayRef<char> bytes,
                                std::shared_ptr<void> owner = nullptr);

/// Writes version 1 in C order; the file appears whole or not at all.
llvm::Error writeNpy(llvm::StringRef path, const Tensor &tensor);
llvm::Error printNpy(llvm::raw_ostream &stream, const Tensor &tensor);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_NPY_H
