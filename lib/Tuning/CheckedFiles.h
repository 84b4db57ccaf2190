//===- CheckedFiles.h - Files that were checked before ----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// So that a database is checked whole once in a process, not once for every
// use. Knows nothing of what a check looks at.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_CHECKEDFILES_H
#define SEEDNORM_LIB_TUNING_CHECKEDFILES_H

#include "llvm/ADT/StringRef.h"
#include <array>
#include <string>

namespace seednorm::tuning {

/// A database file, and the log beside it, as they are now.
class FileVersion {
public:
  explicit FileVersion(llvm::StringRef path);

  /// Whether setChecked() was called for the path as it is in this version.
  bool isChecked() const;
  void setChecked() const;

private:
  std::string path;
  /// Device, inode, size, seconds and nanoseconds of the last change; all zero:
  /// there is no such file, or it is empty.
  using Stamp = std::array<int64_t, 5>;
  static Stamp getStamp(const std::string &path);

  std::array<Stamp, 2> stamps;
  /// Another change may leave the same stamps.
  bool isYoung;
};

} // namespace seednorm::tuning

#endif // SEEDNORM_LIB_TUNING_CHECKEDFILES_H
