//===- Assembler.cpp - Finding and running ptxas -------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A process without a shell, in a folder of its own that is removed whatever
// happens. It must not know what the assembler's report says.
//
//===----------------------------------------------------------------------===//

#include "seednorm/GPUReport/Assembler.h"
#include "seednorm/Runtime/Files.h"
#include "seednorm/Runtime/TemporaryFolder.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

/// A kernel takes ptxas seconds at most; what takes longer hangs.
static constexpr unsigned timeLimitSeconds = 600;

//===----------------------------------------------------------------------===//
// Finding it
//===----------------------------------------------------------------------===//

static bool isProgram(StringRef path) {
  return sys::fs::can_execute(path) && !sys::fs::is_directory(path);
}

std::optional<std::string>
gpureport::findAssemblerInPython(StringRef environment) {
  SmallString<128> libraries(environment);
  sys::path::append(libraries, "lib");
  std::vector<std::string> found;
  std::error_code code;
  for (sys::fs::directory_iterator it(libraries, code), end; it != end && !code;
       it.increment(code)) {
    if (!sys::path::filename(it->path()).starts_with("python"))
      continue;
    for (const char *package : {"triton/backends/nvidia/bin", "nvidia/cu13/bin",
                                "nvidia/cuda_nvcc/bin"}) {
      SmallString<128> program(it->path());
      sys::path::append(program, "site-packages", package, "ptxas");
      if (isProgram(program))
        found.push_back(program.str().str());
    }
  }
  if (found.empty())
    return std::nullopt;
  return *llvm::min_element(found);
}

Expected<std::optional<std::string>> gpureport::findAssembler() {
  if (std::optional<std::string> given = sys::Process::GetEnv("SEEDNORM_PTXAS");
      given && !given->empty()) {
    if (*given == "off")
      return std::nullopt;
    // It takes a path for a program without a look.
    auto program = sys::findProgramByName(*given);
    if (program && isProgram(*program))
      return *program;
    return makeError("SEEDNORM_PTXAS is " + quote(*given) +
                     ", which is no program that can be run");
  }
  if (auto program = sys::findProgramByName("ptxas"))
    return *program;
  StringRef usual = "/usr/local/cuda/bin/ptxas";
  if (isProgram(usual))
    return usual.str();
  for (const char *variable : {"VIRTUAL_ENV", "CONDA_PREFIX"})
    if (auto environment = sys::Process::GetEnv(variable))
      if (auto program = findAssemblerInPython(*environment))
        return *program;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Running it
//===----------------------------------------------------------------------===//

/// The first line that is more than information; without one, how it ended.
static std::string getComplaint(StringRef log, int status) {
  SmallVector<StringRef> lines;
  log.split(lines, '\n');
  for (StringRef line : lines)
    if (line.contains("fatal") || line.contains("error"))
      return line.trim().str();
  return "it ends with " + std::to_string(status);
}

/// Sizes of the machine code, which the assembler does not print.
static Error readCodeSizes(StringRef cubin,
                           std::vector<AssembledKernel> &kernels) {
  auto file = MemoryBuffer::getFile(cubin);
  if (!file)
    return makeError("ptxas wrote no code: " + file.getError().message());
  auto elf = object::ObjectFile::createELFObjectFile(**file);
  if (!elf)
    return makeError("ptxas wrote code that is no ELF file: " +
                     toString(elf.takeError()));
  for (const object::SectionRef &section : (*elf)->sections()) {
    Expected<StringRef> name = section.getName();
    if (!name)
      return name.takeError();
    if (!name->consume_front(".text."))
      continue;
    for (AssembledKernel &kernel : kernels)
      if (kernel.name == *name)
        kernel.codeBytes = section.getSize();
  }
  return Error::success();
}

Expected<std::vector<AssembledKernel>>
gpureport::assemble(StringRef assembler, StringRef ptx, StringRef chip) {
  auto folder = TemporaryFolder::create("seednorm-ptxas");
  if (!folder)
    return folder.takeError();
  std::string input = folder->getFile("kernels.ptx"),
              output = folder->getFile("kernels.cubin"),
              log = folder->getFile("log");
  if (Error error = writeFile(input, [&](raw_ostream &stream) {
        stream << ptx;
        return Error::success();
      }))
    return error;
  std::string why, architecture = ("-arch=" + chip).str();
  StringRef command[] = {assembler, "-v", architecture, input, "-o", output};
  int status = sys::ExecuteAndWait(
      assembler, command, /*Env=*/std::nullopt,
      {StringRef(""), StringRef(log), StringRef(log)}, timeLimitSeconds,
      /*MemoryLimit=*/0, &why);
  auto printed = MemoryBuffer::getFile(log);
  StringRef text = printed ? (*printed)->getBuffer() : "";
  if (status != 0) {
    if (why.empty())
      why = getComplaint(text, status);
    // The name of the temporary file says nothing.
    if (size_t at = why.find(input); at != std::string::npos)
      why.replace(at, input.size(), "PTX");
    return makeError(quote(assembler) + " refuses the code for " + quote(chip) +
                     ": " + why);
  }
  auto kernels = parseAssemblerReport(text);
  if (!kernels)
    return kernels.takeError();
  if (Error error = readCodeSizes(output, *kernels))
    return error;
  return std::move(*kernels);
}
