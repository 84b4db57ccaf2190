//===- Library.h - Shared libraries found at run time --------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// dlopen with our errors. What has been opened stays open: drivers do not
// survive being closed. It must not know which libraries there are.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CUDA_LIBRARY_H
#define SEEDNORM_RUNTIME_CUDA_LIBRARY_H

#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/ArrayRef.h"

namespace seednorm::cuda {

class Library {
public:
  /// The library that the environment variable names, if it is set; otherwise
  /// the first of `names` that the system finds. `what` is for messages.
  static llvm::Expected<Library> open(llvm::StringRef what,
                                      const char *variable,
                                      llvm::ArrayRef<const char *> names);

  /// Sets `function` to the symbol; an error if there is none.
  template <typename Function>
  llvm::Error lookup(const char *symbol, Function *&function) const {
    llvm::Expected<void *> address = find(symbol);
    if (!address)
      return address.takeError();
    function = reinterpret_cast<Function *>(*address);
    return llvm::Error::success();
  }

private:
  Library(std::string what, std::string name, void *handle)
      : what(std::move(what)), name(std::move(name)), handle(handle) {}
  llvm::Expected<void *> find(const char *symbol) const;

  std::string what, name;
  void *handle;
};

} // namespace seednorm::cuda

#endif // SEEDNORM_RUNTIME_CUDA_LIBRARY_H
