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
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <vector>

namespace seednorm {

/// The contents of a regular file or pipe. Large files are mapped
/// copy-on-write, so they must not shrink while the buffer lives, and writing
/// to the buffer never changes the file.
llvm::Expected<std::shared_ptr<llvm::WritableMemoryBuffer>>
readFile(llvm::StringRef path);

/// Files that are replaced together: each is written to a temporary file of its
/// own beside it, which commit() renames. A pipe or device is written directly.
class OutputFiles {
public:
  OutputFiles() = default;
  OutputFiles(OutputFiles &&) = default;
  /// What has not been committed leaves no trace.
  ~OutputFiles();

  /// What `write` prints becomes the contents of `path`. No file twice.
  llvm::Error write(llvm::StringRef path,
                    llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write);

  /// Once, after all writes.
  llvm::Error commit();

private:
  struct Pending {
    std::string path, target;
    llvm::sys::fs::TempFile file;
  };
  std::vector<Pending> pending;
};

/// Replaces one file. On an error `path` is as it was.
llvm::Error
writeFile(llvm::StringRef path,
          llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_FILES_H
