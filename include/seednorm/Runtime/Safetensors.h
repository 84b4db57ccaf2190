//===- Safetensors.h - Named tensors in a file ------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and writes .safetensors files, the weights of models. Nothing in a file
// is trusted: every malformed one is an error of one line. It must not know
// which parameters a module wants.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_SAFETENSORS_H
#define SEEDNORM_RUNTIME_SAFETENSORS_H

#include "seednorm/Runtime/Tensor.h"
#include <map>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace seednorm {

struct Safetensors {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads a file, whose data stays mapped while a tensor lives: see readFile.
/// 'U8' loads as i8 with the same bits.
llvm::Expected<Safetensors> readSafetensors(llvm::StringRef path);

/// The same for bytes in memory, which `owner` keeps alive. Tensors borrow
/// them unless they are misaligned.
llvm::Expected<Safetensors>
parseSafetensors(llvm::MutableArrayRef<char> bytes,
                 std::shared_ptr<void> owner = nullptr);

/// Writes every tensor at an offset that is a multiple of its element size;
/// the file appears whole or not at all.
llvm::Error writeSafetensors(llvm::StringRef path, const Safetensors &contents);
llvm::Error printSafetensors(llvm::raw_ostream &stream,
                             const Safetensors &contents);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_SAFETENSORS_H
