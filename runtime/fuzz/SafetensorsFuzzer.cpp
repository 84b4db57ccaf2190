//===- SafetensorsFuzzer.cpp - A fuzzer of the reader -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any bytes are either refused with one line or are tensors and metadata that
// our writer and reader reproduce. It must not know the file system.
//
//===----------------------------------------------------------------------===//

#include "Fuzz.h"
#include "seednorm/Runtime/Safetensors.h"
#include "llvm/Support/raw_ostream.h"

using namespace seednorm;
using namespace seednorm::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ExactCopy input(data, size);
  llvm::Expected<Safetensors> file =
      parseSafetensors(input.bytes, input.memory);
  if (!file) {
    checkMessage(file.takeError());
    return 0;
  }
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::cantFail(printSafetensors(stream, *file));
  ExactCopy written(text.data(), text.size());
  Safetensors back =
      llvm::cantFail(parseSafetensors(written.bytes, written.memory));
  if (back.metadata != file->metadata ||
      back.tensors.size() != file->tensors.size())
    std::abort();
  for (const auto &[name, tensor] : file->tensors)
    checkEqual(tensor, back.tensors.at(name));
  return 0;
}
