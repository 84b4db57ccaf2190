//===- CallFrame.cpp - The arguments of one call of an entry --------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The words of a descriptor: allocated pointer, aligned pointer, offset, sizes,
// strides.
//
//===----------------------------------------------------------------------===//

#include "CallFrame.h"
#include "seednorm/Runtime/RuntimeABI.h"

using namespace llvm;
using namespace seednorm;

static size_t getDescriptorWords(size_t rank) { return 3 + 2 * rank; }

CallFrame::CallFrame(const EntrySpec &entry) : entry(entry) {
  size_t resultWords = 0;
  for (const TensorSpec &result : entry.results)
    resultWords += getDescriptorWords(result.shape.size());
  words.resize(resultWords, 0);
  if (resultWords)
    offsets.push_back(0);
}

void CallFrame::addArgument(void *data, ArrayRef<int64_t> shape,
                            ArrayRef<int64_t> strides) {
  offsets.push_back(words.size());
  auto address = reinterpret_cast<intptr_t>(data);
  words.append({address, address, 0});
  words.append(shape.begin(), shape.end());
  words.append(strides.begin(), strides.end());
  // The innermost stride is promised to be 1 even where it has no meaning.
  if (!shape.empty())
    words.back() = 1;
}

Error CallFrame::call(EntryFunction function) {
  SmallVector<void *> pointers;
  for (size_t offset : offsets)
    pointers.push_back(words.data() + offset);
  char message[512] = "";
  if (seednorm_rt_invoke(function, pointers.data(), message, sizeof(message)))
    return makeError("entry " + quote(entry.name) + " failed: " + message);
  return Error::success();
}

TensorView CallFrame::getResult(size_t index) const {
  ArrayRef<int64_t> rest = words;
  for (size_t i = 0; i < index; ++i)
    rest = rest.drop_front(getDescriptorWords(entry.results[i].shape.size()));
  const TensorSpec &spec = entry.results[index];
  size_t rank = spec.shape.size();
  auto bytes = static_cast<int64_t>(getElementSize(spec.dtype));
  return {reinterpret_cast<void *>(rest[0]),
          reinterpret_cast<char *>(rest[1]) + rest[2] * bytes,
          rest.slice(3, rank), rest.slice(3 + rank, rank)};
}
