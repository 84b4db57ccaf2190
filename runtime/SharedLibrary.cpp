//===- SharedLibrary.cpp - Objects as shared libraries -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the system's linker, which knows where the C library is.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Compile.h"
#include "seednorm/Runtime/Files.h"
#include "seednorm/Runtime/RuntimeABI.h"
#include "seednorm/Runtime/TemporaryFolder.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <dlfcn.h>

using namespace llvm;
using namespace seednorm;

/// The file of seednorm_rt in this process.
static Expected<std::string> findRuntime() {
  Dl_info info;
  SmallString<128> path;
  if (!dladdr(reinterpret_cast<void *>(&seednorm_rt_invoke), &info) ||
      sys::fs::real_path(info.dli_fname, path))
    return makeError("cannot find the library seednorm_rt to link with");
  return path.str().str();
}

/// Arguments of the linker, or of a compiler driver that passes them on.
static Expected<std::vector<std::string>> makeCommand(StringRef object,
                                                      StringRef output) {
  Expected<std::string> runtime = findRuntime();
  if (!runtime)
    return runtime.takeError();
  std::string directory = sys::path::parent_path(*runtime).str();
  std::vector<std::string> tail = {"-shared", "-o", output.str(), object.str(),
                                   *runtime};
  auto makeFor = [&](std::string program, std::vector<std::string> more) {
    std::vector<std::string> command = {std::move(program)};
    command.insert(command.end(), tail.begin(), tail.end());
    command.insert(command.end(), more.begin(), more.end());
    return command;
  };
  for (const char *driver : {"cc", "gcc", "clang"})
    if (auto program = sys::findProgramByName(driver))
      return makeFor(*program, {"-Wl,-rpath," + directory, "-lm"});
  if (auto program = sys::findProgramByName("ld.lld"))
    return makeFor(*program, {"-rpath", directory});
  return makeError("a shared library needs 'cc' or 'ld.lld' on PATH");
}

/// Runs the command; an error with the first line of what it printed.
static Error runCommand(ArrayRef<std::string> command, StringRef log) {
  SmallVector<StringRef> arguments(command.begin(), command.end());
  std::string why;
  int status = sys::ExecuteAndWait(
      command.front(), arguments, /*Env=*/std::nullopt,
      {StringRef(""), log, log}, /*SecondsToWait=*/0, /*MemoryLimit=*/0, &why);
  if (status == 0)
    return Error::success();
  if (why.empty())
    if (auto output = MemoryBuffer::getFile(log))
      why = (*output)->getBuffer().trim().split('\n').first.str();
  return makeError(quote(command.front()) + " failed: " + why);
}

Error seednorm::linkSharedLibrary(MemoryBufferRef object, StringRef path) {
  auto folder = TemporaryFolder::create("seednorm-link");
  if (!folder)
    return folder.takeError();
  std::string input = folder->getFile("module.o"),
              output = folder->getFile("module.so");
  if (Error error = writeFile(input, [&](raw_ostream &stream) {
        stream << object.getBuffer();
        return Error::success();
      }))
    return error;
  Expected<std::vector<std::string>> command = makeCommand(input, output);
  if (!command)
    return command.takeError();
  if (Error error = runCommand(*command, folder->getFile("log")))
    return error;
  auto library = readFile(output);
  if (!library)
    return library.takeError();
  return writeFile(path, [&](raw_ostream &stream) {
    stream << (*library)->getMemBufferRef().getBuffer();
    return Error::success();
  });
}
