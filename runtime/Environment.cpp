//===- Environment.cpp - What variables name ------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An empty variable is as one that is not set.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Environment.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

using namespace llvm;
using namespace seednorm;

std::optional<std::string> seednorm::getVariable(StringRef name) {
  std::optional<std::string> value = sys::Process::GetEnv(name);
  return value && !value->empty() ? value : std::nullopt;
}

std::optional<std::string> seednorm::getDefaultCacheDirectory() {
  SmallString<128> path;
  if (auto base = getVariable("XDG_CACHE_HOME"))
    path = *base;
  else if (auto home = getVariable("HOME"))
    sys::path::append(path, *home, ".cache");
  else
    return std::nullopt;
  sys::path::append(path, "seednorm");
  return path.str().str();
}
