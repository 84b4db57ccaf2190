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
#include "llvm/Support/FileSystem.h"
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

Error seednorm::writeFile(StringRef path,
                          function_ref<Error(raw_ostream &)> write) {
  sys::fs::file_status status;
  SmallString<128> target(path);
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
    // Renaming onto a link would replace the link, not the file.
    if (std::error_code code = sys::fs::real_path(path, target))
      return cannot("write", path, code.message());
  }
  Expected<sys::fs::TempFile> temporary =
      sys::fs::TempFile::create(target + ".%%%%%%%%.tmp");
  if (!temporary)
    return cannot("write", path, toString(temporary.takeError()));
  if (Error error = writeTo(temporary->FD, path, write)) {
    consumeError(temporary->discard());
    return error;
  }
  if (Error error = temporary->keep(target))
    return cannot("write", path, toString(std::move(error)));
  return Error::success();
}
