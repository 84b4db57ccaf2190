//===- ReportSignature.cpp - What a program's text says of its operands --===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A key tells neither rows from columns nor results from sums; the canonical
// text of its program does. It must not know measurements.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/ReportStatistics.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;
using namespace seednorm::tuning::report;

/// More operands than a program has are nonsense.
constexpr size_t mostOperands = 64;

/// From "f32xD[*]", "f32x16[*1]" or "f32xD".
static std::optional<SignatureOperand> parseOperand(StringRef text) {
  auto [type, dims] = text.split('[');
  auto [element, size] = type.rsplit('x');
  SignatureOperand operand;
  operand.type = element.str();
  if (element.empty() || size.empty())
    return std::nullopt;
  if (size != "D") {
    int64_t number;
    if (size.getAsInteger(10, number) || number < 0)
      return std::nullopt;
    operand.size = number;
  }
  operand.isShared = dims.contains('1') || dims.contains('+');
  return operand;
}

std::optional<Signature> report::parseSignature(StringRef programText) {
  Signature result;
  std::vector<SignatureOperand> *lists[] = {&result.rows, &result.columns,
                                            &result.outs};
  static constexpr StringLiteral names[] = {"rows", "columns", "outs"};
  for (auto [name, list] : zip(names, lists)) {
    auto [line, rest] = programText.split('\n');
    programText = rest;
    SmallVector<StringRef> words;
    line.split(words, ' ', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
    if (words.empty() || words[0] != name || words.size() > mostOperands)
      return std::nullopt;
    for (StringRef word : ArrayRef(words).drop_front()) {
      std::optional<SignatureOperand> operand = parseOperand(word);
      if (!operand)
        return std::nullopt;
      list->push_back(std::move(*operand));
    }
  }
  return result;
}

/// 0 for a type that is not known.
static double getElementBytes(StringRef type) {
  unsigned bits = 0;
  StringRef digits = type.drop_until([](char c) { return isDigit(c); });
  if (digits.consumeInteger(10, bits) || bits == 0 || bits > 1024)
    return 0;
  // Memory holds no part of a byte.
  return std::ceil(bits / 8.0);
}

std::optional<double> report::getBytes(const Key &key,
                                       const Signature &signature) {
  if (key.width <= 0 || key.rows <= 0)
    return std::nullopt;
  double sum = 0;
  for (auto *list : {&signature.rows, &signature.columns, &signature.outs})
    for (const SignatureOperand &operand : *list) {
      double bytes = getElementBytes(operand.type);
      if (bytes == 0)
        return std::nullopt;
      bool isOnce = operand.isShared || list == &signature.columns;
      sum += bytes * double(operand.size.value_or(key.width)) *
             (isOnce ? 1 : double(key.rows));
    }
  if (sum == 0)
    return std::nullopt;
  return sum;
}
