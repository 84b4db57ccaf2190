//===- Testing.h - What the runtime's unit tests share ----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Error messages as strings, values out of Expected, and a folder that goes
// away. It must not know what is tested.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_RUNTIME_TESTING_H
#define SEEDNORM_TEST_UNIT_RUNTIME_TESTING_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <memory>
#include <string>

namespace seednorm::testing {

inline std::string messageOf(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "success";
}

template <typename T>
std::string messageOf(llvm::Expected<T> value) {
  return messageOf(value.takeError());
}

/// Declares `name` as the value, or prints the error and ends the test.
#define SEEDNORM_ASSERT_VALUE(name, ...)                                       \
  auto name##OrError = (__VA_ARGS__);                                          \
  ASSERT_TRUE(bool(name##OrError))                                             \
      << llvm::toString(name##OrError.takeError());                            \
  auto &name = *name##OrError

/// The values as the bytes of a file.
template <typename T>
std::string bytesOf(std::initializer_list<T> values) {
  return std::string(reinterpret_cast<const char *>(values.begin()),
                     values.size() * sizeof(T));
}

/// A copy on the heap that is exactly as long as the text, so that a sanitizer
/// sees any read beyond it.
struct ExactCopy {
  explicit ExactCopy(llvm::StringRef text)
      : memory(new char[text.size()], std::default_delete<char[]>()),
        bytes(memory.get(), text.size()) {
    llvm::copy(text, memory.get());
  }
  std::shared_ptr<char> memory;
  llvm::MutableArrayRef<char> bytes;
};

class TemporaryFolder {
public:
  TemporaryFolder() {
    if (llvm::sys::fs::createUniqueDirectory("seednorm-test", path))
      ADD_FAILURE() << "cannot create a temporary folder";
  }
  ~TemporaryFolder() { llvm::sys::fs::remove_directories(path); }

  std::string operator/(llvm::StringRef name) const {
    llvm::SmallString<128> file(path);
    llvm::sys::path::append(file, name);
    return file.str().str();
  }

  std::string write(llvm::StringRef name, llvm::StringRef contents) const {
    std::string file = *this / name;
    std::error_code code;
    llvm::raw_fd_ostream(file, code) << contents;
    EXPECT_FALSE(code) << code.message();
    return file;
  }

  static std::string read(llvm::StringRef file) {
    auto buffer = llvm::MemoryBuffer::getFile(file);
    return buffer ? (*buffer)->getBuffer().str() : "unreadable";
  }

  int countFiles() const {
    std::error_code code;
    int files = 0;
    for (llvm::sys::fs::directory_iterator it(path, code), end;
         it != end && !code; it.increment(code))
      ++files;
    return files;
  }

  llvm::SmallString<128> path;
};

} // namespace seednorm::testing

#endif // SEEDNORM_TEST_UNIT_RUNTIME_TESTING_H
