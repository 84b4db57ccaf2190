//===- Candidates.cpp - Compiled candidates in a folder ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Candidates.h"
#include "seednorm/Runtime/Compile.h"
#include "seednorm/Runtime/Files.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/raw_ostream.h"
#include <atomic>
#include <thread>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

static Error compile(const Compilation &compilation, const Target &target) {
  CompileOptions options;
  options.target = {target.triple, target.cpu, target.features};
  // Schedules are all there; nothing is to be looked up.
  options.tuning.emplace();
  CompileReport report;
  auto object = compileModel(compilation.source, "candidate",
                             OutputKind::Object, options, report);
  if (!object)
    return object.takeError();
  return writeFile(compilation.object, [&](raw_ostream &stream) {
    stream << (*object)->getBuffer();
    return Error::success();
  });
}

void tuning::compileAll(MutableArrayRef<Compilation> compilations,
                        const Target &target) {
  std::atomic<size_t> next = 0;
  auto work = [&] {
    for (size_t i; (i = next++) < compilations.size();)
      if (Error error = compile(compilations[i], target))
        compilations[i].error = toString(std::move(error));
  };
  size_t count = std::min<size_t>(
      compilations.size(), llvm::hardware_concurrency().compute_thread_count());
  std::vector<std::thread> threads;
  for (size_t i = 1; i < count; ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
}
