//===- Files.cpp - Reading and writing whole files --------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Errors are prefixed with the path. LLVM's own writeToOutput is not used
// because a full disk makes it end the process. It must not know any file
// format.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Files.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;

static Error cannot(StringRef verb, StringRef path, const Twine &why) {
  return makeError("cannot " + verb + " " + quote(path) + ": " + why);
}

Expected<std::shared_ptr<WritableMemoryBuffer>>
seednorm::readFile(StringRef path) {
  sys::fs::file_status status;
  if (std::error_code code = sys::fs::status(path, status))
    return cannot("read", path, code.message());
  // A device such as /dev/zero may never end.
  if (status.type() != sys::fs::file_type::regular_file &&
      status.type() != sys::fs::file_type::fifo_file)
    return cannot("read", path, "expected a regular file or a pipe");
  ErrorOr<std::unique_ptr<WritableMemoryBuffer>> buffer =
      WritableMemoryBuffer::getFile(path, /*IsVolatile=*/false, Align(64));
  if (!buffer)
    return cannot("read", path, buffer.getError().message());
  return std::shared_ptr<WritableMemoryBuffer>(std::move(*buffer));
}

// Runs `write` on the descriptor and reports what the stream swallowed.
static Error writeTo(int descriptor, StringRef path,
                     function_ref<Error(raw_ostream &)> write) {
  raw_fd_ostream stream(descriptor, /*shouldClose=*/false);
  Error error = write(stream);
  stream.flush();
  std::error_code code = stream.error();
  // Otherwise the destructor ends the process.
  stream.clear_error();
  if (error)
    return cannot("write", path, toString(std::move(error)));
  if (code)
    return cannot("write", path, code.message());
  return Error::success();
}

/// The file that `path` leads to, whether it exists or not: two names of one
/// file give the same, and renaming onto a link would replace the link.
static std::error_code findTarget(StringRef path, SmallString<128> &target) {
  if (sys::fs::exists(path))
    return sys::fs::real_path(path, target);
  StringRef parent = sys::path::parent_path(path);
  if (parent.empty() && !path.empty())
    parent = ".";
  std::error_code code = sys::fs::real_path(parent, target);
  sys::path::append(target, sys::path::filename(path));
  return code;
}

OutputFiles::~OutputFiles() {
  for (Pending &output : pending)
    consumeError(output.file.discard());
}

Error OutputFiles::write(StringRef path,
                         function_ref<Error(raw_ostream &)> write) {
  sys::fs::file_status status;
  if (!sys::fs::status(path, status)) {
    if (status.type() == sys::fs::file_type::directory_file)
      return cannot("write", path, "it is a directory");
    if (status.type() != sys::fs::file_type::regular_file) {
      int descriptor;
      if (std::error_code code = sys::fs::openFileForWrite(
              path, descriptor, sys::fs::CD_OpenExisting))
        return cannot("write", path, code.message());
      Error error = writeTo(descriptor, path, write);
      sys::Process::SafelyCloseFileDescriptor(descriptor);
      return error;
    }
  }
  SmallString<128> target;
  if (std::error_code code = findTarget(path, target))
    return cannot("write", path, code.message());
  for (const Pending &other : pending)
    if (other.target == target)
      return cannot("write", path, quote(other.path) + " is the same file");
  Expected<sys::fs::TempFile> file =
      sys::fs::TempFile::create(target + ".%%%%%%%%.tmp");
  if (!file)
    return cannot("write", path, toString(file.takeError()));
  pending.push_back({path.str(), target.str().str(), std::move(*file)});
  return writeTo(pending.back().file.FD, path, write);
}

Error OutputFiles::commit() {
  for (Pending &output : pending)
    if (Error error = output.file.keep(output.target))
      return cannot("write", output.path, toString(std::move(error)));
  return Error::success();
}

Error seednorm::writeFile(StringRef path,
                          function_ref<Error(raw_ostream &)> write) {
  OutputFiles files;
  if (Error error = files.write(path, write))
    return error;
  return files.commit();
}
