//===- Backend.h - What can run a model's entries ---------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled code and the reference interpreter behind one interface, so that the
// rest of the tool does not care which it drives.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TOOLS_RUN_BACKEND_H
#define SEEDNORM_TOOLS_RUN_BACKEND_H

#include "seednorm/Runtime/Module.h"

namespace seednorm::run {

class Backend {
public:
  virtual ~Backend();
  virtual llvm::ArrayRef<EntrySpec> getEntries() const = 0;
  virtual llvm::Error bind(const Safetensors &weights) = 0;
  /// The bytes of the bound parameters that an entry uses.
  virtual uint64_t countParameterBytes(llvm::StringRef entry) const = 0;
  virtual llvm::Expected<llvm::SmallVector<Tensor>>
  run(llvm::StringRef entry, llvm::ArrayRef<Tensor> inputs) const = 0;
};

std::unique_ptr<Backend> createCompiledBackend(std::unique_ptr<Module> module);

/// The f64 interpreter on model IR; if it checks numerics, a run fails at the
/// first value that is not finite.
llvm::Expected<std::unique_ptr<Backend>>
createReferenceBackend(llvm::StringRef source, llvm::StringRef name,
                       bool checksNumerics);

} // namespace seednorm::run

#endif // SEEDNORM_TOOLS_RUN_BACKEND_H
