//===- ObjectCache.h - Compiled code kept on disk ---------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A directory of entries that many processes share without locks: each is
// written aside and renamed, and believed only after its hash was checked. It
// must not know what the bytes are.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_OBJECTCACHE_H
#define SEEDNORM_RUNTIME_OBJECTCACHE_H

#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include <optional>
#include <string>

namespace seednorm {

class ObjectCache {
public:
  static constexpr uint64_t kDefaultMaxBytes = uint64_t(512) << 20;

  /// Uses the directory, which is created if need be; an error if entries could
  /// not be written there, or by anybody.
  static llvm::Expected<ObjectCache> open(llvm::StringRef directory,
                                          uint64_t maxBytes = kDefaultMaxBytes);

  /// What the environment asks for. None if SEEDNORM_CACHE is "off", or, with a
  /// reason in `warning`, if the default directory (seednorm in XDG_CACHE_HOME
  /// or ~/.cache) cannot be used. A directory named by SEEDNORM_CACHE_DIR must
  /// be usable. SEEDNORM_CACHE_MAX_MB bounds the size.
  static llvm::Expected<std::optional<ObjectCache>>
  fromEnvironment(std::string &warning);

  /// The key of what is made of these inputs by this build of the compiler.
  static std::string makeKey(llvm::ArrayRef<llvm::StringRef> inputs);

  /// The bytes inserted under the key, or null. A damaged entry is removed.
  std::unique_ptr<llvm::MemoryBuffer> lookup(llvm::StringRef key) const;

  /// Adds or replaces an entry, then removes those unused for longest until
  /// the whole is within its bound.
  llvm::Error insert(llvm::StringRef key, llvm::StringRef bytes) const;

  llvm::StringRef getDirectory() const { return directory; }

private:
  ObjectCache(std::string directory, uint64_t maxBytes)
      : directory(std::move(directory)), maxBytes(maxBytes) {}
  std::string getPath(llvm::StringRef key) const;
  void evict() const;

  std::string directory;
  uint64_t maxBytes;
};

/// Names this build of the compiler: its version, LLVM's, and the build ids of
/// the files that hold the code.
llvm::StringRef getCompilerIdentity();

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_OBJECTCACHE_H
