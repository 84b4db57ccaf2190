//===- NpyFuzzer.cpp - A fuzzer of the .npy reader --------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any bytes are either refused with one line or are a tensor that our writer
// and reader reproduce. It must not know the file system.
//
//===----------------------------------------------------------------------===//

#include "Fuzz.h"
#include "seednorm/Runtime/Npy.h"
#include "llvm/Support/raw_ostream.h"

using namespace seednorm;
using namespace seednorm::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ExactCopy input(data, size);
  llvm::Expected<Tensor> tensor = parseNpy(input.bytes, input.memory);
  if (!tensor) {
    checkMessage(tensor.takeError());
    return 0;
  }
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::cantFail(printNpy(stream, *tensor));
  ExactCopy written(text.data(), text.size());
  checkEqual(*tensor, llvm::cantFail(parseNpy(written.bytes, written.memory)));
  return 0;
}
