//===- AssemblerReport.cpp - What ptxas -v prints ------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lines of text that differ a little from release to release: what is not known
// is passed over, but a figure that cannot be read, or a kernel without
// figures, is an error, because a report with zeros in their place would be
// believed.
//
//===----------------------------------------------------------------------===//

#include "seednorm/GPUReport/Assembler.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

namespace {

class ReportReader {
public:
  Expected<std::vector<AssembledKernel>> run(StringRef text);

private:
  Error readLine(StringRef line);
  Error readProperties(StringRef line);
  Error readUse(StringRef line);

  std::vector<AssembledKernel> kernels;
  /// What "Function properties for" spoke of last: the kernel, or a function
  /// that it calls.
  StringRef properties;
  bool haveUse = true;
};

} // namespace

/// "48 bytes spill stores" as a number and the words after it.
template <typename Int>
static Error readFigure(StringRef text, Int &value, StringRef &words) {
  words = text.trim();
  if (words.consumeInteger(10, value))
    return makeError("ptxas prints " + quote(text.trim()) +
                     ", where a number is expected");
  words = words.ltrim();
  return Error::success();
}

/// "    48 bytes stack frame, 48 bytes spill stores, 72 bytes spill loads".
Error ReportReader::readProperties(StringRef line) {
  if (kernels.empty() || properties != kernels.back().name)
    return Error::success();
  SmallVector<StringRef> figures;
  line.split(figures, ',');
  AssembledKernel &kernel = kernels.back();
  for (StringRef figure : figures) {
    uint64_t value;
    StringRef words;
    if (Error error = readFigure(figure, value, words))
      return error;
    if (words == "bytes stack frame")
      kernel.stack = value;
    else if (words == "bytes spill stores")
      kernel.spillStores = value;
    else if (words == "bytes spill loads")
      kernel.spillLoads = value;
  }
  return Error::success();
}

/// "Used 64 registers, used 1 barriers, 48 bytes cumulative stack size, 128
/// bytes smem, 400 bytes cmem[0]".
Error ReportReader::readUse(StringRef line) {
  if (kernels.empty())
    return makeError("ptxas prints " + quote(line) + " before any kernel");
  AssembledKernel &kernel = kernels.back();
  SmallVector<StringRef> figures;
  line.split(figures, ',');
  for (StringRef figure : figures) {
    StringRef text = figure.trim(), words;
    if (!text.consume_front("Used "))
      text.consume_front("used ");
    // A sum of two, as "128+16 bytes smem" was once.
    uint64_t value = 0, more;
    if (Error error = readFigure(text, value, words))
      return error;
    while (words.consume_front("+")) {
      if (Error error = readFigure(words, more, words))
        return error;
      value += more;
    }
    if ((words == "registers" || words == "barriers") && value > 65536)
      return makeError("ptxas prints " + quote(figure.trim()) +
                       ", which no kernel can have");
    if (words == "registers")
      kernel.registers = value;
    else if (words == "barriers")
      kernel.barriers = value;
    else if (words == "bytes smem")
      kernel.shared = value;
    else if (words == "bytes cumulative stack size")
      kernel.stack = value;
  }
  haveUse = true;
  return Error::success();
}

Error ReportReader::readLine(StringRef line) {
  StringRef text = line.trim();
  if (!text.consume_front("ptxas info")) {
    // Only the line after the heading has no beginning of its own.
    if (properties.empty() || !text.contains("bytes stack frame"))
      return Error::success();
    Error error = readProperties(text);
    properties = "";
    return error;
  }
  text = text.ltrim();
  text.consume_front(":");
  text = text.ltrim();
  if (text.consume_front("Compiling entry function")) {
    if (!haveUse)
      return makeError("ptxas prints no registers of " +
                       quote(kernels.back().name));
    text = text.ltrim();
    size_t end = text.find('\'', 1);
    if (!text.starts_with("'") || end == StringRef::npos || end == 1)
      return makeError("ptxas prints " + quote(text) +
                       ", where a kernel's name is expected");
    kernels.emplace_back().name = text.slice(1, end).str();
    haveUse = false;
  } else if (text.consume_front("Function properties for ")) {
    properties = text.trim().trim('\'');
  } else if (text.starts_with("Used ")) {
    return readUse(text);
  }
  return Error::success();
}

Expected<std::vector<AssembledKernel>> ReportReader::run(StringRef text) {
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    if (Error error = readLine(line))
      return error;
    text = rest;
  }
  if (!haveUse)
    return makeError("ptxas prints no registers of " +
                     quote(kernels.back().name));
  return std::move(kernels);
}

Expected<std::vector<AssembledKernel>>
gpureport::parseAssemblerReport(StringRef text) {
  return ReportReader().run(text);
}
