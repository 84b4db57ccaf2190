//===- Library.cpp - Shared libraries found at run time -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Says which names were tried and why the last of them is not there.
//
//===----------------------------------------------------------------------===//

#include "Library.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdlib>
#include <dlfcn.h>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::cuda;

Expected<Library> Library::open(StringRef what, const char *variable,
                                ArrayRef<const char *> names) {
  SmallVector<const char *> candidates(names);
  const char *chosen = std::getenv(variable);
  if (chosen && *chosen)
    candidates = {chosen};
  std::string tried;
  for (const char *name : candidates) {
    if (void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL))
      return Library(what.str(), name, handle);
    const char *text = dlerror();
    StringRef why = text ? text : "unknown reason";
    // It begins with the name in one case and not in another.
    why.consume_front((Twine(name) + ": ").str());
    tried += (tried.empty() ? "" : "; ") + quote(name) + ": " + why.str();
  }
  return makeError("no " + what + ": cannot load " + tried + " (" + variable +
                   " can name the file)");
}

Expected<void *> Library::find(const char *symbol) const {
  if (void *address = dlsym(handle, symbol))
    return address;
  return makeError("the " + what + " " + quote(name) + " has no '" + symbol +
                   "'; it may be too old");
}
