//===- Checks.cpp - What records of measurements must be ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bounds are generous: they keep out what no tuner wrote.
//
//===----------------------------------------------------------------------===//

#include "Checks.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <tuple>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

static constexpr size_t longestName = 4096, longestMessage = 64 << 10,
                        longestProgram = 1 << 20;

static Error checkText(StringRef field, StringRef text, size_t longest) {
  if (text.size() > longest)
    return makeError(field + " has " + Twine(text.size()) +
                     " bytes, but at most " + Twine(longest) + " are expected");
  if (!json::isUTF8(text) || text.contains('\0'))
    return makeError(field + " is " + quote(text) + ", which is not text");
  return Error::success();
}

static Error checkNumber(StringRef field, int64_t value, int64_t least,
                         int64_t most) {
  if (value >= least && value <= most)
    return Error::success();
  return makeError(field + " is " + Twine(value) + ", but a number from " +
                   Twine(least) + " to " + Twine(most) + " is expected");
}

static std::string print(double value) { return formatv("{0}", value); }

static Error checkReal(StringRef field, double value, double most) {
  // Written so that a NaN is caught.
  if (value >= 0 && value <= most)
    return Error::success();
  return makeError(field + " is " + print(value) + ", but a number from 0 to " +
                   print(most) + " is expected");
}

static Error checkSchedule(StringRef text) {
  if (isScheduleText(text))
    return Error::success();
  return makeError("schedule is " + quote(text) +
                   ", but #rowwise.schedule<...> is expected");
}

static bool isHash(StringRef text) {
  return text.size() == 64 &&
         text.find_first_not_of("0123456789abcdef") == StringRef::npos;
}

static Error check(const Key &key) {
  constexpr int64_t mostThreads = 1 << 16, mostAlignment = 64;
  if (!isHash(key.program))
    return makeError("key.program is " + quote(key.program) +
                     ", but a hash of 64 hexadecimal digits is expected");
  for (auto [field, text] : {std::pair("key.types", StringRef(key.types)),
                             {"key.target", key.target},
                             {"key.compiler", key.compiler}})
    if (Error error = checkText(field, text, longestName))
      return error;
  if (Error error = checkNumber("key.width", key.width, 0, INT64_MAX))
    return error;
  if (Error error = checkNumber("key.rows", key.rows, 0, INT64_MAX))
    return error;
  if (Error error =
          checkNumber("key.alignment", key.alignment, 0, mostAlignment))
    return error;
  return checkNumber("key.threads", key.threads, 1, mostThreads);
}

Error tuning::check(const Measurement &measurement) {
  constexpr double most = 1e9;
  if (Error error = ::check(measurement.key))
    return error;
  if (Error error = checkSchedule(measurement.schedule))
    return error;
  for (auto [field, value] : {std::pair("seconds", measurement.seconds),
                              {"speedup", measurement.speedup},
                              {"low", measurement.low},
                              {"high", measurement.high}})
    if (Error error = checkReal(field, value, most))
      return error;
  if (Error error = checkReal("confidence", measurement.confidence, 1))
    return error;
  if (measurement.low > measurement.high)
    return makeError("low is " + print(measurement.low) + ", but high is " +
                     print(measurement.high));
  if (Error error = checkNumber("time", measurement.time, 0, INT64_MAX))
    return error;
  if (Error error = checkNumber("trial", measurement.trial, 0, INT64_MAX))
    return error;
  if (Error error = checkText("run", measurement.run, longestName))
    return error;
  if (Error error = checkText("origin", measurement.origin, longestName))
    return error;
  return checkText("message", measurement.message, longestMessage);
}

Error tuning::check(const Choice &choice) {
  if (Error error = ::check(choice.key))
    return error;
  if (Error error = checkSchedule(choice.schedule))
    return error;
  return checkNumber("time", choice.time, 0, INT64_MAX);
}

Error tuning::checkProgramText(StringRef text) {
  return checkText("text", text, longestProgram);
}

bool tuning::isScheduleText(StringRef text) {
  return text.size() <= longestName &&
         text.consume_front("#rowwise.schedule<") && text.consume_back(">") &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_=, ") ==
             StringRef::npos;
}

//===----------------------------------------------------------------------===//
// Outcomes
//===----------------------------------------------------------------------===//

static constexpr std::pair<Outcome, StringLiteral> outcomes[] = {
    {Outcome::Measured, "measured"},
    {Outcome::Wrong, "wrong"},
    {Outcome::Crashed, "crashed"},
    {Outcome::TimedOut, "timed-out"},
    {Outcome::Rejected, "rejected"}};

StringRef tuning::stringifyOutcome(Outcome outcome) {
  return outcomes[int(outcome)].second;
}

Expected<Outcome> tuning::parseOutcome(StringRef text) {
  for (auto &[outcome, name] : outcomes)
    if (text == name)
      return outcome;
  return makeError("outcome is " + quote(text) +
                   ", but measured, wrong, crashed, timed-out or rejected is "
                   "expected");
}

//===----------------------------------------------------------------------===//
// Identity and order
//===----------------------------------------------------------------------===//

static auto tie(const Key &key) {
  return std::tie(key.program, key.types, key.width, key.rows, key.alignment,
                  key.target, key.threads, key.compiler);
}

bool Key::operator==(const Key &other) const {
  return tie(*this) == tie(other);
}
bool Key::operator<(const Key &other) const { return tie(*this) < tie(other); }

static auto tie(const Measurement &m) {
  return std::tie(m.key, m.run, m.trial, m.schedule, m.time, m.outcome,
                  m.seconds, m.speedup, m.low, m.high, m.confidence, m.origin,
                  m.message);
}

bool tuning::isLess(const Measurement &left, const Measurement &right) {
  return tie(left) < tie(right);
}

bool tuning::isLess(const Choice &left, const Choice &right) {
  return std::tie(left.time, left.schedule) <
         std::tie(right.time, right.schedule);
}

std::string tuning::getIdentity(const Measurement &measurement) {
  BLAKE3 hasher;
  auto addNumber = [&](int64_t value) {
    support::little64_t bytes(value);
    hasher.update(StringRef(reinterpret_cast<char *>(&bytes), sizeof(bytes)));
  };
  auto addText = [&](StringRef text) {
    addNumber(text.size());
    hasher.update(text);
  };
  const Key &key = measurement.key;
  for (StringRef text :
       {StringRef(key.program), StringRef(key.types), StringRef(key.target),
        StringRef(key.compiler), StringRef(measurement.run),
        StringRef(measurement.schedule)})
    addText(text);
  for (int64_t value :
       {key.width, key.rows, key.alignment, key.threads, measurement.trial})
    addNumber(value);
  return toHex(hasher.final(), /*LowerCase=*/true);
}

std::string tuning::hashProgram(StringRef text) {
  return toHex(BLAKE3::hash(arrayRefFromStringRef(text)), /*LowerCase=*/true);
}
