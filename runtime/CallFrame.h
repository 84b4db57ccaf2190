//===- CallFrame.h - The arguments of one call of an entry ---- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MLIR's C interface: one descriptor for each tensor, those of the results
// first. It must not know whose memory the addresses are in.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CALLFRAME_H
#define SEEDNORM_RUNTIME_CALLFRAME_H

#include "seednorm/Runtime/Entry.h"

namespace seednorm {

/// `seednorm_entry_f` of a compiled module.
using EntryFunction = void (*)(void **);

/// A tensor as compiled code describes it.
struct TensorView {
  void *allocated;
  char *data;
  llvm::ArrayRef<int64_t> shape, strides;
};

class CallFrame {
public:
  explicit CallFrame(const EntrySpec &entry);

  void addArgument(void *data, llvm::ArrayRef<int64_t> shape,
                   llvm::ArrayRef<int64_t> strides);
  /// Once all arguments are there; may be repeated.
  llvm::Error call(EntryFunction function);
  /// After the call; valid until the next.
  TensorView getResult(size_t index) const;

private:
  const EntrySpec &entry;
  llvm::SmallVector<int64_t, 128> words;
  llvm::SmallVector<size_t> offsets;
};

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_CALLFRAME_H
