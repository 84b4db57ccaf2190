//===- Fuzz.h - What the fuzzers share --------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks that hold for every input, by ending the process, which is how a
// fuzzer learns of a defect. It must not know the formats.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_FUZZ_FUZZ_H
#define SEEDNORM_RUNTIME_FUZZ_FUZZ_H

#include "seednorm/Runtime/Tensor.h"
#include <cstdlib>
#include <cstring>
#include <memory>

namespace seednorm::fuzz {

/// Exactly as long as the input, so that any read beyond it is seen.
struct ExactCopy {
  ExactCopy(const void *data, size_t size)
      : memory(new char[size], std::default_delete<char[]>()),
        bytes(memory.get(), size) {
    if (size)
      std::memcpy(memory.get(), data, size);
  }
  std::shared_ptr<char> memory;
  llvm::MutableArrayRef<char> bytes;
};

/// Errors must be one line of text.
inline void checkMessage(llvm::Error error) {
  std::string message = llvm::toString(std::move(error));
  if (message.empty() || message.find('\n') != std::string::npos)
    std::abort();
}

/// Same type, same bits.
inline void checkEqual(const Tensor &a, const Tensor &b) {
  Tensor x = llvm::cantFail(a.copy()), y = llvm::cantFail(b.copy());
  if (x.getTypeString() != y.getTypeString() ||
      (x.getByteSize() != 0 &&
       std::memcmp(x.getData(), y.getData(), x.getByteSize()) != 0))
    std::abort();
  if (x.toDoubles().size() != size_t(x.getNumElements()))
    std::abort();
}

} // namespace seednorm::fuzz

#endif // SEEDNORM_RUNTIME_FUZZ_FUZZ_H
