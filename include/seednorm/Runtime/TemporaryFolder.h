//===- TemporaryFolder.h - Files that go when they are no more needed -----===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A folder of its own among the system's temporary files. Knows nothing of what
// is in it.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_TEMPORARYFOLDER_H
#define SEEDNORM_RUNTIME_TEMPORARYFOLDER_H

#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/Twine.h"

namespace seednorm {

class TemporaryFolder {
public:
  /// Its name begins with `prefix`.
  static llvm::Expected<TemporaryFolder> create(llvm::StringRef prefix);
  TemporaryFolder(TemporaryFolder &&other) : path(std::move(other.path)) {
    other.path.clear();
  }
  /// With everything in it.
  ~TemporaryFolder();

  std::string getFile(const llvm::Twine &name) const;

private:
  explicit TemporaryFolder(llvm::StringRef path) : path(path) {}
  llvm::SmallString<128> path;
};

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_TEMPORARYFOLDER_H
