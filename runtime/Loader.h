//===- Loader.h - Compiled objects in this process --------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Links an object file into the process, or opens a shared library, after a
// look at what it is. It must not know what entries mean.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_LOADER_H
#define SEEDNORM_RUNTIME_LOADER_H

#include "seednorm/Runtime/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <string>

namespace seednorm {

/// What an object or shared library says about itself, without running it.
struct ObjectInfo {
  std::string metadata;
  uint64_t codeBytes = 0;
  bool isSharedLibrary = false;
};
llvm::Expected<ObjectInfo> inspectObject(llvm::MemoryBufferRef object);

/// Code that stays callable as long as this lives.
class LoadedCode {
public:
  virtual ~LoadedCode();
  virtual llvm::Expected<void *> lookup(llvm::StringRef symbol) = 0;
};

llvm::Expected<std::unique_ptr<LoadedCode>>
linkObject(std::unique_ptr<llvm::MemoryBuffer> object);
llvm::Expected<std::unique_ptr<LoadedCode>>
openSharedLibrary(llvm::StringRef path);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_LOADER_H
