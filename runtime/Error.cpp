//===- Error.cpp - The runtime's one way to make an error -------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names that come from hostile files end up in messages on terminals and in
// logs, so control characters and broken encodings are escaped here, once for
// all. It must not know what is quoted.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

std::string seednorm::quote(StringRef text) {
  constexpr size_t kLongest = 256;
  bool isText = json::isUTF8(text);
  size_t length = std::min(text.size(), kLongest);
  // Not in the middle of a character.
  while (isText && length < text.size() && (text[length] & 0xc0) == 0x80)
    --length;
  std::string result = "'";
  for (char c : text.take_front(length)) {
    bool isASCII = (c & 0x80) == 0;
    if (isASCII ? isPrint(c) : isText)
      result += c;
    else
      result += "\\x" + toHex(StringRef(&c, 1), /*LowerCase=*/true);
  }
  return result + (length < text.size() ? "...'" : "'");
}
