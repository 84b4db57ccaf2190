//===- CompilerIdentity.cpp - Which build of the compiler this is --------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A version number does not change with every edit of a pass, but the linker's
// build id, a hash of what was linked, does.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/ObjectCache.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <link.h>

using namespace llvm;

namespace {

uint64_t alignTo4(uint64_t value) { return (value + 3) & ~uint64_t(3); }

/// The GNU build id in a loaded file's notes, in hex; empty if it has none.
std::string findBuildId(const dl_phdr_info &info) {
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const auto &header = info.dlpi_phdr[i];
    if (header.p_type != PT_NOTE)
      continue;
    auto *at = reinterpret_cast<const char *>(info.dlpi_addr + header.p_vaddr);
    const char *end = at + header.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      auto *note = reinterpret_cast<const ElfW(Nhdr) *>(at);
      const char *name = at + sizeof(*note);
      const char *contents = name + alignTo4(note->n_namesz);
      if (note->n_type == NT_GNU_BUILD_ID &&
          StringRef(name, note->n_namesz) == StringRef("GNU\0", 4))
        return toHex(StringRef(contents, note->n_descsz), /*LowerCase=*/true);
      at = contents + alignTo4(note->n_descsz);
    }
  }
  return {};
}

/// Without a build id: a file that was built anew has another time.
std::string describeFile(StringRef path) {
  sys::fs::file_status status;
  if (sys::fs::status(path, status))
    return "unknown";
  return std::to_string(status.getSize()) + "@" +
         std::to_string(
             status.getLastModificationTime().time_since_epoch().count());
}

bool contains(const dl_phdr_info &info, const void *address) {
  auto at = reinterpret_cast<uintptr_t>(address);
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const auto &header = info.dlpi_phdr[i];
    uintptr_t start = info.dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_LOAD && at >= start && at - start < header.p_memsz)
      return true;
  }
  return false;
}

int visit(dl_phdr_info *info, size_t, void *data) {
  auto &text = *static_cast<std::string *>(data);
  StringRef path(info->dlpi_name);
  StringRef file = sys::path::filename(path);
  bool ours = contains(*info, reinterpret_cast<const void *>(&visit));
  if (!ours && !file.starts_with("libLLVM") && !file.starts_with("libMLIR"))
    return 0;
  std::string id = findBuildId(*info);
  // The program itself has no name here.
  if (id.empty())
    id = describeFile(path.empty() ? "/proc/self/exe" : path);
  text += " " + id;
  return 0;
}

} // namespace

StringRef seednorm::getCompilerIdentity() {
  static std::string identity = [] {
    std::string text =
        "seednorm " SEEDNORM_VERSION " llvm " LLVM_VERSION_STRING;
    dl_iterate_phdr(visit, &text);
    return text;
  }();
  return identity;
}
