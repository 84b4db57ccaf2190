//===- CheckedFiles.cpp - Files that were checked before ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files that changed a moment ago are not remembered: clocks of file systems
// are coarse, and the next change could leave the same time.
//
//===----------------------------------------------------------------------===//

#include "CheckedFiles.h"
#include <chrono>
#include <map>
#include <mutex>
#include <sys/stat.h>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

/// In seconds.
static constexpr int64_t youngest = 2;

FileVersion::Stamp FileVersion::getStamp(const std::string &path) {
  struct stat status;
  // SQLite leaves an empty log or none, as it happens.
  if (stat(path.c_str(), &status) != 0 || status.st_size == 0)
    return {};
  return {int64_t(status.st_dev), int64_t(status.st_ino),
          int64_t(status.st_size), int64_t(status.st_mtim.tv_sec),
          int64_t(status.st_mtim.tv_nsec)};
}

FileVersion::FileVersion(StringRef path)
    : path(path.str()),
      stamps{getStamp(this->path), getStamp(this->path + "-wal")} {
  int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count();
  isYoung = std::max(stamps[0][3], stamps[1][3]) + youngest > now;
}

using Checked = std::map<std::string, std::array<std::array<int64_t, 5>, 2>>;

/// Threads share what was checked.
static std::pair<std::unique_lock<std::mutex>, Checked &> getChecked() {
  static std::mutex mutex;
  static Checked checked;
  return {std::unique_lock(mutex), checked};
}

bool FileVersion::isChecked() const {
  auto [lock, checked] = getChecked();
  auto found = checked.find(path);
  return found != checked.end() && found->second == stamps;
}

void FileVersion::setChecked() const {
  if (isYoung)
    return;
  auto [lock, checked] = getChecked();
  checked[path] = stamps;
}
