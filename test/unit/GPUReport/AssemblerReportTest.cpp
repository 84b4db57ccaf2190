//===- AssemblerReportTest.cpp - What ptxas -v prints -----------------------
//===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Texts are those that ptxas of CUDA 11 to 13 prints, and such as it never
// does.
//
//===----------------------------------------------------------------------===//

#include "../Runtime/Testing.h"
#include "seednorm/GPUReport/Assembler.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;
using seednorm::testing::messageOf;

namespace {

TEST(AssemblerReportTest, Spills) {
  SEEDNORM_ASSERT_VALUE(kernels, parseAssemblerReport(R"(
ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function 'heavy' for 'sm_90'
ptxas info    : Function properties for heavy
    48 bytes stack frame, 40 bytes spill stores, 72 bytes spill loads
ptxas info    : Used 64 registers, used 1 barriers, 48 bytes cumulative stack size, 128 bytes smem
ptxas info    : Compile time = 12.862 ms
)"));
  ASSERT_EQ(kernels.size(), 1u);
  EXPECT_EQ(kernels[0].name, "heavy");
  EXPECT_EQ(kernels[0].registers, 64u);
  EXPECT_EQ(kernels[0].barriers, 1u);
  EXPECT_EQ(kernels[0].stack, 48u);
  EXPECT_EQ(kernels[0].spillStores, 40u);
  EXPECT_EQ(kernels[0].spillLoads, 72u);
  EXPECT_EQ(kernels[0].shared, 128u);
  EXPECT_EQ(kernels[0].codeBytes, 0u);
}

/// A function that a kernel calls has properties too, which are not the
/// kernel's.
TEST(AssemblerReportTest, SeveralKernelsAndFunctions) {
  SEEDNORM_ASSERT_VALUE(kernels,
                        parseAssemblerReport(
                            R"(ptxas info    : 11 bytes gmem, 4 bytes cmem[3]
ptxas info    : Compiling entry function 'vec' for 'sm_90'
ptxas info    : Function properties for vec
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 21 registers, used 0 barriers
ptxas info    : Compile time = 4.761 ms
ptxas info    : Compiling entry function 'calls' for 'sm_90'
ptxas info    : Function properties for calls
    160 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 26 registers, used 0 barriers, 160 bytes cumulative stack size
ptxas info    : Compile time = 5.771 ms
ptxas info    : Function properties for _Z4slowfPf
    16 bytes stack frame, 8 bytes spill stores, 4 bytes spill loads
)"));
  ASSERT_EQ(kernels.size(), 2u);
  EXPECT_EQ(kernels[0].registers, 21u);
  EXPECT_EQ(kernels[1].registers, 26u);
  EXPECT_EQ(kernels[1].stack, 160u);
  EXPECT_EQ(kernels[1].spillStores, 0u);
}

/// CUDA 11 prints no barriers, but constant memory; windows end lines twice.
TEST(AssemblerReportTest, OlderReleasesAndLineEnds) {
  SEEDNORM_ASSERT_VALUE(
      kernels,
      parseAssemblerReport(
          "ptxas info    : Compiling entry function 'k' for 'sm_80'\r\n"
          "ptxas info    : Function properties for k\r\n"
          "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill "
          "loads\r\n"
          "ptxas warning : something\r\n"
          "ptxas info    : Used 40 registers, 1024+16 bytes smem, 400 bytes "
          "cmem[0], 8 bytes cmem[2], 2 textures\r\n"));
  ASSERT_EQ(kernels.size(), 1u);
  EXPECT_EQ(kernels[0].registers, 40u);
  EXPECT_EQ(kernels[0].shared, 1040u);
}

TEST(AssemblerReportTest, NothingToSay) {
  EXPECT_TRUE(cantFail(parseAssemblerReport("")).empty());
  EXPECT_TRUE(
      cantFail(parseAssemblerReport("ptxas info : 0 bytes gmem\n")).empty());
}

std::string message(StringRef tail) {
  return messageOf(parseAssemblerReport(
      ("ptxas info    : Compiling entry function 'k' for 'sm_80'\n" + tail)
          .str()));
}

TEST(AssemblerReportTest, WhatCannotBeReadIsAnError) {
  EXPECT_EQ(message(""), "ptxas prints no registers of 'k'");
  EXPECT_EQ(message("ptxas info : Compiling entry function 'l' for 'sm_80'\n"),
            "ptxas prints no registers of 'k'");
  EXPECT_EQ(message("ptxas info : Used many registers"),
            "ptxas prints 'many registers', where a number is expected");
  EXPECT_EQ(message("ptxas info : Used 1,"),
            "ptxas prints '', where a number is expected");
  EXPECT_EQ(message("ptxas info : Used 99999999999999999999 registers"),
            "ptxas prints '99999999999999999999 registers', where a number is "
            "expected");
  EXPECT_EQ(message("ptxas info : Used 70000 registers"),
            "ptxas prints 'Used 70000 registers', which no kernel can have");
  EXPECT_EQ(message("ptxas info : Used 1+ registers"),
            "ptxas prints 'registers', where a number is expected");
  EXPECT_EQ(message("ptxas info : Function properties for k\n"
                    "  x bytes stack frame, 0 bytes spill stores\n"),
            "ptxas prints 'x bytes stack frame', where a number is expected");
  EXPECT_EQ(messageOf(parseAssemblerReport("ptxas info : Used 1 registers")),
            "ptxas prints 'Used 1 registers' before any kernel");
  for (const char *name : {"", "'", "''", "k", "'k"})
    EXPECT_EQ(
        messageOf(parseAssemblerReport(
            "ptxas info : Compiling entry function " + std::string(name))),
        "ptxas prints '" + StringRef(name).str() +
            "', where a kernel's name is expected");
}

/// Every beginning of a report is a report or an error.
TEST(AssemblerReportTest, CutAnywhere) {
  StringRef text = "ptxas info    : Compiling entry function 'k' for 'sm_80'\n"
                   "ptxas info    : Function properties for k\n"
                   "    8 bytes stack frame, 0 bytes spill stores, 0 bytes "
                   "spill loads\n"
                   "ptxas info    : Used 40 registers, used 1 barriers\n";
  unsigned errors = 0;
  for (size_t length = 0; length < text.size(); ++length) {
    seednorm::testing::ExactCopy copy(text.take_front(length));
    auto kernels = parseAssemblerReport({copy.bytes.data(), copy.bytes.size()});
    errors += !kernels;
    consumeError(kernels.takeError());
  }
  EXPECT_GT(errors, 100u);
}

TEST(AssemblerTest, FoundInPythonEnvironments) {
  seednorm::testing::TemporaryFolder folder;
  EXPECT_FALSE(findAssemblerInPython(folder / "absent"));
  EXPECT_FALSE(findAssemblerInPython(folder.path));
  std::string packages = folder / "lib/python3.11/site-packages";
  auto add = [&](StringRef directory) {
    std::string path = packages + "/" + directory.str();
    EXPECT_FALSE(sys::fs::create_directories(path));
    std::string file = path + "/ptxas";
    std::error_code code;
    raw_fd_ostream(file, code) << "#!/bin/sh\n";
    EXPECT_FALSE(sys::fs::setPermissions(file, sys::fs::owner_all));
    return file;
  };
  std::string nvidia = add("nvidia/cu13/bin");
  EXPECT_EQ(findAssemblerInPython(folder.path), nvidia);
  // What cannot be run is none.
  EXPECT_FALSE(sys::fs::setPermissions(nvidia, sys::fs::owner_read));
  std::string triton = add("triton/backends/nvidia/bin");
  EXPECT_EQ(findAssemblerInPython(folder.path), triton);
}

} // namespace
