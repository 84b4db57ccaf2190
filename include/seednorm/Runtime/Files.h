//===- Files.h - Reading and writing whole files ----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files in, files out, for every part of the runtime: a reader that maps, and a
// writer that never leaves a half-written file behind. It must not know any
// file format.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_FILES_H
#define SEEDNORM_RUNTIME_FILES_H

#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace seednorm {

/// The contents of a regular file or pipe. Large files are mapped
/// copy-on-write, so they must not shrink while the buffer lives, and writing
/// to the buffer never changes the file.
llvm::Expected<std::shared_ptr<llvm::WritableMemoryBuffer>>
readFile(llvm::StringRef path);

/// Replaces `path` by what `write` prints: to a temporary file in the same
/// folder, then renamed. On an error `path` is as it was. A pipe or device is
/// written directly.
llvm::Error
writeFile(llvm::StringRef path,
          llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_FILES_H
