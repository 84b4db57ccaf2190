//===- TemporaryFolder.cpp - Files that go when no more needed ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What cannot be removed is left.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/TemporaryFolder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace seednorm;

Expected<TemporaryFolder> TemporaryFolder::create(StringRef prefix) {
  SmallString<128> path;
  if (std::error_code code = sys::fs::createUniqueDirectory(prefix, path))
    return makeError("cannot make a temporary directory: " + code.message());
  return TemporaryFolder(path);
}

TemporaryFolder::~TemporaryFolder() {
  if (!path.empty())
    sys::fs::remove_directories(path, /*IgnoreErrors=*/true);
}

std::string TemporaryFolder::getFile(const Twine &name) const {
  SmallString<128> file(path);
  sys::path::append(file, name);
  return std::string(file);
}
