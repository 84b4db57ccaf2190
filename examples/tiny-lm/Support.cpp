//===- Support.cpp - What the programs of tiny-lm share ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support.h"
#include "seednorm/Runtime/Files.h"
#include "seednorm/Runtime/ObjectCache.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;

llvm::Expected<std::string> readText(StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return StringRef((*buffer)->getBufferStart(), (*buffer)->getBufferSize())
      .str();
}

llvm::Expected<std::unique_ptr<seednorm::Module>> compileFile(StringRef path) {
  std::string warning;
  auto source = readText(path);
  if (!source)
    return source.takeError();
  auto cache = ObjectCache::fromEnvironment(warning);
  if (!cache)
    return cache.takeError();
  if (!warning.empty())
    WithColor::warning() << warning << '\n';
  CompileOptions options;
  options.cache = *cache ? &**cache : nullptr;
  return seednorm::Module::compile(*source, options, path);
}

void printCompileTime(const CompileReport &compiled) {
  outs() << formatv("compile time  {0:f2} s{1}, for {2}\n",
                    compiled.getTotal() / 1e3,
                    compiled.cacheHit ? " (machine code from the cache)" : "",
                    compiled.target.cpu);
}

bool report(StringRef what, bool isGood, const Twine &values) {
  outs() << left_justify(what, 14) << values;
  (isGood ? WithColor(outs(), HighlightColor::String)
          : WithColor(outs(), HighlightColor::Error))
      << (isGood ? "  ok" : "  TOO FAR");
  outs() << '\n';
  return isGood;
}

int finish(llvm::Expected<bool> isGood) {
  if (!isGood) {
    outs().flush();
    WithColor::error() << toString(isGood.takeError()) << '\n';
    return 1;
  }
  return *isGood ? 0 : 1;
}
