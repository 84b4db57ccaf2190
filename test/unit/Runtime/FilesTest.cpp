//===- FilesTest.cpp - Tests of reading and writing files -------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is at a path before and after a write that fails, what is not a file,
// and how names are quoted. Messages are those that users see.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Files.h"
#include "Testing.h"
#include <unistd.h>

using namespace seednorm;
using namespace seednorm::testing;

namespace {

llvm::Error writeText(llvm::StringRef path, llvm::StringRef text) {
  return writeFile(path, [&](llvm::raw_ostream &stream) {
    stream << text;
    return llvm::Error::success();
  });
}

TEST(FilesTest, WritesAndReplaces) {
  TemporaryFolder folder;
  EXPECT_EQ(messageOf(writeText(folder / "a", "first")), "success");
  EXPECT_EQ(messageOf(writeText(folder / "a", "second")), "success");
  EXPECT_EQ(folder.read(folder / "a"), "second");
  EXPECT_EQ(folder.countFiles(), 1);
}

TEST(FilesTest, FailedWriteLeavesTheOldFileAndNothingElse) {
  TemporaryFolder folder;
  std::string file = folder.write("a", "old");
  llvm::Error error = writeFile(file, [](llvm::raw_ostream &stream) {
    stream << "half";
    return makeError("out of ideas");
  });
  EXPECT_EQ(messageOf(std::move(error)),
            "cannot write '" + file + "': out of ideas");
  EXPECT_EQ(folder.read(file), "old");
  EXPECT_EQ(folder.countFiles(), 1);
}

TEST(FilesTest, WritesThroughLinks) {
  TemporaryFolder folder;
  std::string file = folder.write("file", "old"), link = folder / "link";
  ASSERT_EQ(symlink(file.c_str(), link.c_str()), 0);
  EXPECT_EQ(messageOf(writeText(link, "new")), "success");
  EXPECT_EQ(folder.read(file), "new");
  EXPECT_TRUE(llvm::sys::fs::is_symlink_file(link));
}

TEST(FilesTest, WritesDevicesInPlace) {
  EXPECT_EQ(messageOf(writeText("/dev/null", "x")), "success");
  EXPECT_FALSE(llvm::sys::fs::is_regular_file("/dev/null"));
}

TEST(FilesTest, FullDiskIsAnError) {
  EXPECT_EQ(messageOf(writeText("/dev/full", "x")),
            "cannot write '/dev/full': No space left on device");
}

TEST(FilesTest, MissingFolderIsAnError) {
  TemporaryFolder folder;
  std::string file = folder / "no/a";
  EXPECT_EQ(messageOf(writeText(file, "x")),
            "cannot write '" + file + "': No such file or directory");
}

TEST(FilesTest, FoldersAreNotFiles) {
  TemporaryFolder folder;
  std::string path = folder.path.str().str();
  EXPECT_EQ(messageOf(writeText(path, "x")),
            "cannot write '" + path + "': it is a directory");
  EXPECT_EQ(messageOf(readFile(path)),
            "cannot read '" + path + "': expected a regular file or a pipe");
}

TEST(FilesTest, EndlessDevicesAreNotRead) {
  EXPECT_EQ(messageOf(readFile("/dev/zero")),
            "cannot read '/dev/zero': expected a regular file or a pipe");
}

TEST(FilesTest, MissingFileIsAnError) {
  EXPECT_EQ(messageOf(readFile("/nowhere/a")),
            "cannot read '/nowhere/a': No such file or directory");
}

TEST(FilesTest, ReadsPipes) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "text", 4), 4);
  close(ends[1]);
  SEEDNORM_ASSERT_VALUE(buffer, readFile("/dev/fd/" + std::to_string(ends[0])));
  close(ends[0]);
  EXPECT_EQ(llvm::StringRef(buffer->getBufferStart(), buffer->getBufferSize()),
            "text");
}

TEST(FilesTest, WritingToTheBufferLeavesTheFile) {
  TemporaryFolder folder;
  // Large enough to be mapped.
  std::string text(1 << 20, 'a'), file = folder.write("a", text);
  SEEDNORM_ASSERT_VALUE(buffer, readFile(file));
  buffer->getBufferStart()[0] = 'b';
  EXPECT_TRUE(folder.read(file) == text);
}

TEST(QuoteTest, EscapesWhatIsNotText) {
  EXPECT_EQ(quote("blocks.0"), "'blocks.0'");
  EXPECT_EQ(quote("größe"), "'größe'");
  EXPECT_EQ(quote("a\nb\x1b[2J"), "'a\\x0ab\\x1b[2J'");
  EXPECT_EQ(quote("\x93NUMPY"), "'\\x93NUMPY'");
}

TEST(QuoteTest, CutsBetweenCharacters) {
  EXPECT_EQ(quote(std::string(300, 'a')), "'" + std::string(256, 'a') + "...'");
  EXPECT_EQ(quote(std::string(255, 'a') + "ßb"),
            "'" + std::string(255, 'a') + "...'");
}

} // namespace
