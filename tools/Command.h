//===- Command.h - How our commands begin and end ---------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mistakes on the command line as errors of one line, errors as exit codes.
// Knows no option.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TOOLS_COMMAND_H
#define SEEDNORM_TOOLS_COMMAND_H

#include "seednorm/Runtime/Error.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

namespace seednorm {

/// Parses into the options that are declared. --help and --version end the
/// process.
inline llvm::Error parseCommandLine(int argc, char **argv,
                                    const char *overview) {
  std::string complaints;
  llvm::raw_string_ostream stream(complaints);
  if (llvm::cl::ParseCommandLineOptions(argc, argv, overview, &stream))
    return llvm::Error::success();
  // One line for each mistake, each after the program's name.
  llvm::StringRef first = llvm::StringRef(complaints).ltrim().split('\n').first;
  llvm::StringRef text = first.substr(first.find(": ") + 2).trim();
  return makeError(text.empty() ? "invalid command line" : text);
}

/// That the value of an option is none.
inline llvm::Error makeOptionError(llvm::StringRef option, llvm::StringRef text,
                                   const llvm::Twine &expected) {
  return makeError("--" + option + " is " + quote(text) + ", but " + expected +
                   " is expected");
}

/// A number that an option has as text.
template <typename Number>
llvm::Error parseNumber(llvm::StringRef option, llvm::StringRef text,
                        Number least, Number most, Number &result) {
  if (!text.getAsInteger(10, result) && result >= least && result <= most)
    return llvm::Error::success();
  return makeOptionError(option, text,
                         "a number from " + llvm::Twine(least) + " to " +
                             llvm::Twine(most));
}

/// The exit code of a command that ended with this error, or with success;
/// that stdout could not be written is an error as well.
inline int finishCommand(llvm::StringRef name, llvm::Error error) {
  llvm::outs().flush();
  if (!error && llvm::outs().has_error()) {
    std::string why = llvm::outs().error().message();
    llvm::outs().clear_error();
    error = makeError("cannot write to stdout: " + why);
  }
  if (!error)
    return 0;
  llvm::errs() << name << ": error: " << llvm::toString(std::move(error))
               << "\n";
  return 1;
}

} // namespace seednorm

#endif // SEEDNORM_TOOLS_COMMAND_H
