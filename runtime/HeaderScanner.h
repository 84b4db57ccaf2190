//===- HeaderScanner.h - Strict scanning of small text headers --*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the headers of .npy (a Python literal) and .safetensors (JSON) files
// have in common: punctuation, quoted strings and integers. It never recurses,
// so that no input exhausts the stack, and must not know either format.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_HEADERSCANNER_H
#define SEEDNORM_RUNTIME_HEADERSCANNER_H

#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

namespace seednorm {

class HeaderScanner {
public:
  explicit HeaderScanner(llvm::StringRef text) : text(text) {}

  /// The next character that is not white space; 0 at the end.
  char peek() {
    position =
        std::min(text.find_first_not_of(" \t\r\n", position), text.size());
    return position < text.size() ? text[position] : 0;
  }

  bool consume(char wanted) {
    if (atEnd() || peek() != wanted)
      return false;
    ++position;
    return true;
  }

  bool consumeWord(llvm::StringRef word) {
    peek();
    if (!text.substr(position).starts_with(word))
      return false;
    position += word.size();
    return true;
  }

  bool atEnd() {
    peek();
    return position == text.size();
  }

  /// "expected WHAT at byte 12 of the header, found 'x'".
  llvm::Error unexpected(const llvm::Twine &what) {
    std::string found = atEnd() ? "its end" : quote(text.substr(position, 1));
    return makeError("expected " + what + " at byte " + llvm::Twine(position) +
                     " of the header, found " + found);
  }

  llvm::Error expect(char wanted) {
    if (consume(wanted))
      return llvm::Error::success();
    return unexpected("'" + llvm::Twine(wanted) + "'");
  }

  llvm::Error expectEnd() {
    return atEnd() ? llvm::Error::success() : unexpected("nothing more");
  }

  /// A string in one of `quotes`, returned with them and with its escapes.
  llvm::Expected<llvm::StringRef> string(llvm::StringRef quotes) {
    char quote = peek();
    if (atEnd() || !quotes.contains(quote))
      return unexpected("a string");
    size_t begin = position++;
    while (position < text.size()) {
      char c = text[position++];
      if (c == quote)
        return text.slice(begin, position);
      if (c == '\\')
        ++position;
    }
    position = begin;
    return makeError("the string at byte " + llvm::Twine(begin) +
                     " of the header has no end");
  }

  llvm::Expected<int64_t> integer() {
    peek();
    size_t begin = position, end = begin;
    if (end < text.size() && text[end] == '-')
      ++end;
    while (end < text.size() && llvm::isDigit(text[end]))
      ++end;
    llvm::StringRef digits = text.slice(begin, end);
    llvm::StringRef magnitude = digits.ltrim('-');
    if (magnitude.empty() || (magnitude.size() > 1 && magnitude[0] == '0'))
      return unexpected("an integer");
    int64_t value;
    if (digits.getAsInteger(10, value))
      return makeError("the integer " + quote(digits) + " at byte " +
                       llvm::Twine(begin) + " of the header exceeds 64 bits");
    position = end;
    return value;
  }

private:
  llvm::StringRef text;
  size_t position = 0;
};

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_HEADERSCANNER_H
