//===- Error.h - The runtime's one way to make an error ---------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every failure that a user can cause is an llvm::Error with one line of text:
// what, where, and what was expected. Callers print it or hand it on; nothing
// depends on error codes.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_ERROR_H
#define SEEDNORM_RUNTIME_ERROR_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <string>

namespace seednorm {

inline llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// Text from a file or a user for a message: in quotes, on one line, bytes that
/// are not text escaped, and cut where it would bury the message.
std::string quote(llvm::StringRef text);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_ERROR_H
