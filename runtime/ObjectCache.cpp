//===- ObjectCache.cpp - Compiled code kept on disk ----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing here is locked: whatever processes do to each other, the worst that
// can happen is that code is compiled again.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/ObjectCache.h"
#include "seednorm/Runtime/Environment.h"
#include "seednorm/Runtime/Files.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/Chrono.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;
using namespace seednorm;

static constexpr StringLiteral entrySuffix = ".entry";
static constexpr StringLiteral temporarySuffix = ".tmp";
static constexpr auto temporaryLifetime = std::chrono::hours(1);

namespace {

/// In front of the bytes of an entry.
struct Header {
  char magic[8];
  support::ulittle64_t version;
  char key[64];
  support::ulittle64_t size;
  uint8_t hash[32];
};

constexpr char expectedMagic[8] = {'S', 'D', 'N', 'C', 'A', 'C', 'H', 'E'};
constexpr uint64_t expectedVersion = 1;

} // namespace

static BLAKE3Result<> hash(StringRef bytes) {
  return BLAKE3::hash(arrayRefFromStringRef(bytes));
}

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

Expected<ObjectCache> ObjectCache::open(StringRef directory,
                                        uint64_t maxBytes) {
  auto unusable = [&](const Twine &why) {
    return makeError("cannot use the cache directory " + quote(directory) +
                     ": " + why);
  };
  if (directory.empty())
    return unusable("its name is empty");
  if (std::error_code code = sys::fs::create_directories(
          directory, /*IgnoreExisting=*/true, sys::fs::owner_all))
    return unusable(code.message());
  struct stat status;
  std::string path = directory.str();
  if (stat(path.c_str(), &status) != 0)
    return unusable(std::strerror(errno));
  if (!S_ISDIR(status.st_mode))
    return unusable("it is not a directory");
  // Entries are code that will run: a hash says that they are whole, not whose.
  if (status.st_mode & S_IWOTH)
    return unusable("everybody may write to it");
  if (access(path.c_str(), W_OK | X_OK) != 0)
    return unusable(std::strerror(errno));
  return ObjectCache(std::move(path), maxBytes);
}

Expected<std::optional<ObjectCache>>
ObjectCache::fromEnvironment(std::string &warning) {
  if (getVariable("SEEDNORM_CACHE") == "off")
    return std::nullopt;
  uint64_t maxBytes = kDefaultMaxBytes;
  if (auto text = getVariable("SEEDNORM_CACHE_MAX_MB")) {
    uint64_t megabytes;
    if (StringRef(*text).getAsInteger(10, megabytes) ||
        megabytes > UINT64_MAX >> 20)
      return makeError("SEEDNORM_CACHE_MAX_MB is " + quote(*text) +
                       ", but a number of megabytes is expected");
    maxBytes = megabytes << 20;
  }
  if (auto directory = getVariable("SEEDNORM_CACHE_DIR")) {
    Expected<ObjectCache> cache = open(*directory, maxBytes);
    if (!cache)
      return cache.takeError();
    return std::optional<ObjectCache>(std::move(*cache));
  }
  std::optional<std::string> directory = getDefaultCacheDirectory();
  if (!directory) {
    warning = "compiled code is not kept: neither SEEDNORM_CACHE_DIR, "
              "XDG_CACHE_HOME nor HOME is set";
    return std::nullopt;
  }
  Expected<ObjectCache> cache = open(*directory, maxBytes);
  if (!cache) {
    warning = "compiled code is not kept: " + toString(cache.takeError());
    return std::nullopt;
  }
  return std::optional<ObjectCache>(std::move(*cache));
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

std::string ObjectCache::makeKey(ArrayRef<StringRef> inputs) {
  BLAKE3 hasher;
  auto add = [&](StringRef text) {
    // With its length, so that no two lists of inputs look the same.
    support::ulittle64_t size(text.size());
    hasher.update(StringRef(reinterpret_cast<char *>(&size), sizeof(size)));
    hasher.update(text);
  };
  add(getCompilerIdentity());
  for (StringRef input : inputs)
    add(input);
  return toHex(hasher.final(), /*LowerCase=*/true);
}

std::string ObjectCache::getPath(StringRef key) const {
  SmallString<128> path(directory);
  sys::path::append(path, key + entrySuffix);
  return path.str().str();
}

/// The bytes of an entry's file; nullopt if it is not what it should be.
static std::optional<StringRef> checkEntry(StringRef file, StringRef key) {
  Header header;
  if (file.size() < sizeof(header))
    return std::nullopt;
  std::memcpy(&header, file.data(), sizeof(header));
  StringRef bytes = file.drop_front(sizeof(header));
  if (std::memcmp(header.magic, expectedMagic, sizeof(expectedMagic)) ||
      header.version != expectedVersion ||
      StringRef(header.key, sizeof(header.key)) != key ||
      header.size != bytes.size() ||
      std::memcmp(header.hash, hash(bytes).data(), sizeof(header.hash)))
    return std::nullopt;
  return bytes;
}

std::unique_ptr<MemoryBuffer> ObjectCache::lookup(StringRef key) const {
  std::string path = getPath(key);
  // Volatile: read, not mapped, so that nobody can change what was checked.
  auto file = MemoryBuffer::getFile(path, /*IsText=*/false,
                                    /*RequiresNullTerminator=*/false,
                                    /*IsVolatile=*/true);
  if (!file)
    return nullptr;
  std::optional<StringRef> bytes = checkEntry((*file)->getBuffer(), key);
  if (!bytes) {
    sys::fs::remove(path);
    return nullptr;
  }
  // For eviction; if it fails the entry only looks older than it is.
  (void)utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return MemoryBuffer::getMemBufferCopy(*bytes, path);
}

Error ObjectCache::insert(StringRef key, StringRef bytes) const {
  Header header = {};
  assert(key.size() == sizeof(header.key) && "not made by makeKey");
  if (sizeof(header) + bytes.size() > maxBytes)
    return Error::success();
  std::memcpy(header.magic, expectedMagic, sizeof(expectedMagic));
  header.version = expectedVersion;
  std::memcpy(header.key, key.data(), sizeof(header.key));
  header.size = bytes.size();
  std::memcpy(header.hash, hash(bytes).data(), sizeof(header.hash));
  if (Error error = writeFile(getPath(key), [&](raw_ostream &stream) {
        stream.write(reinterpret_cast<char *>(&header), sizeof(header));
        stream << bytes;
        return Error::success();
      }))
    return error;
  evict();
  return Error::success();
}

void ObjectCache::evict() const {
  struct Entry {
    std::string path;
    uint64_t size;
    sys::TimePoint<> used;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  auto now = std::chrono::system_clock::now();
  std::error_code code;
  for (sys::fs::directory_iterator it(directory, code), end; it != end && !code;
       it.increment(code)) {
    ErrorOr<sys::fs::basic_file_status> status = it->status();
    if (!status)
      continue;
    StringRef path = it->path();
    if (path.ends_with(entrySuffix)) {
      entries.push_back(
          {path.str(), status->getSize(), status->getLastModificationTime()});
      total += status->getSize();
    } else if (path.ends_with(temporarySuffix) &&
               now - status->getLastModificationTime() > temporaryLifetime) {
      // Left by a process that was killed.
      sys::fs::remove(path);
    }
  }
  llvm::sort(entries,
             [](const Entry &a, const Entry &b) { return a.used < b.used; });
  for (const Entry &entry : entries) {
    if (total <= maxBytes)
      break;
    sys::fs::remove(entry.path);
    total -= entry.size;
  }
}
