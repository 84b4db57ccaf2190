//===- Contents.cpp - A database as JSON ----------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads strictly: a member that nobody knows is a mistake of someone, and says
// of every mistake where it is.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Contents.h"
#include "Checks.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

static constexpr StringLiteral formatName = "seednorm-tuning";
static constexpr int64_t currentVersion = 1;

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static void print(json::OStream &json, const Key &key) {
  json.attributeObject("key", [&] {
    json.attribute("program", key.program);
    json.attribute("types", key.types);
    json.attribute("width", key.width);
    json.attribute("rows", key.rows);
    json.attribute("alignment", key.alignment);
    json.attribute("target", key.target);
    json.attribute("threads", key.threads);
    json.attribute("compiler", key.compiler);
  });
}

static void print(json::OStream &json, const Measurement &measurement) {
  json.object([&] {
    print(json, measurement.key);
    json.attribute("schedule", measurement.schedule);
    json.attribute("outcome", stringifyOutcome(measurement.outcome));
    json.attribute("seconds", measurement.seconds);
    json.attribute("speedup", measurement.speedup);
    json.attribute("low", measurement.low);
    json.attribute("high", measurement.high);
    json.attribute("confidence", measurement.confidence);
    json.attribute("time", measurement.time);
    json.attribute("run", measurement.run);
    json.attribute("trial", measurement.trial);
    json.attribute("origin", measurement.origin);
    json.attribute("message", measurement.message);
  });
}

static void print(json::OStream &json, const Choice &choice) {
  json.object([&] {
    print(json, choice.key);
    json.attribute("schedule", choice.schedule);
    json.attribute("time", choice.time);
  });
}

void tuning::printContents(raw_ostream &stream, const Contents &contents) {
  json::OStream json(stream, /*IndentSize=*/1);
  json.object([&] {
    json.attribute("format", formatName);
    json.attribute("version", currentVersion);
    json.attributeArray("programs", [&] {
      for (const auto &[hash, text] : contents.programs)
        json.object([&, &hash = hash, &text = text] {
          json.attribute("hash", hash);
          json.attribute("text", text);
        });
    });
    json.attributeArray("measurements", [&] {
      for (const Measurement &measurement : contents.measurements)
        print(json, measurement);
    });
    json.attributeArray("choices", [&] {
      for (const Choice &choice : contents.choices)
        print(json, choice);
    });
  });
  stream << "\n";
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

/// The members of an object; keeps the first mistake.
class Members {
public:
  Members(const json::Value &value, std::string path)
      : object(value.getAsObject()), path(std::move(path)) {
    if (!object)
      fail("", "an object is expected");
  }

  void read(StringRef name, std::string &result) {
    if (const json::Value *value = get(name)) {
      if (std::optional<StringRef> text = value->getAsString())
        result = text->str();
      else
        fail(name, "a text is expected");
    }
  }
  void read(StringRef name, int64_t &result) {
    if (const json::Value *value = get(name)) {
      if (std::optional<int64_t> number = value->getAsInteger())
        result = *number;
      else
        fail(name, "an integer is expected");
    }
  }
  void read(StringRef name, double &result) {
    if (const json::Value *value = get(name)) {
      if (std::optional<double> number = value->getAsNumber())
        result = *number;
      else
        fail(name, "a number is expected");
    }
  }
  /// Calls `read` with every element and its path.
  void readAll(StringRef name,
               function_ref<Error(const json::Value &, std::string)> read) {
    const json::Value *value = get(name);
    if (!value)
      return;
    const json::Array *array = value->getAsArray();
    if (!array)
      return fail(name, "an array is expected");
    for (auto [i, element] : enumerate(*array))
      if (Error error = read(element, (name + "[" + Twine(i) + "]").str()))
        return keep(std::move(error));
  }
  const json::Value *get(StringRef name) {
    known.push_back(name);
    const json::Value *value = object ? object->get(name) : nullptr;
    if (!value)
      fail(name, "it is missing");
    return value;
  }
  void keep(Error error) {
    if (!error)
      return;
    if (mistake.empty())
      mistake = toString(std::move(error));
    else
      consumeError(std::move(error));
  }

  /// Once, after all members were read.
  Error finish() {
    if (object && mistake.empty())
      for (const auto &[name, value] : *object)
        if (!is_contained(known, StringRef(name)))
          fail(quote(name), "nothing of this name is expected");
    return mistake.empty() ? Error::success() : makeError(mistake);
  }
  std::string getPath(StringRef name) const {
    return path.empty() || name.empty() ? path + name.str()
                                        : path + "." + name.str();
  }

private:
  void fail(StringRef name, StringRef what) {
    std::string where = getPath(name);
    keep(makeError((where.empty() ? "the top level" : where) + ": " + what));
  }

  const json::Object *object;
  std::string path, mistake;
  SmallVector<StringRef> known;
};

} // namespace

static Expected<Key> parseKey(const json::Value &value, std::string path) {
  Key key;
  Members members(value, std::move(path));
  members.read("program", key.program);
  members.read("types", key.types);
  members.read("width", key.width);
  members.read("rows", key.rows);
  members.read("alignment", key.alignment);
  members.read("target", key.target);
  members.read("threads", key.threads);
  members.read("compiler", key.compiler);
  if (Error error = members.finish())
    return error;
  return key;
}

static void readKey(Members &members, Key &result) {
  const json::Value *value = members.get("key");
  if (!value)
    return;
  if (Expected<Key> key = parseKey(*value, members.getPath("key")))
    result = std::move(*key);
  else
    members.keep(key.takeError());
}

/// What the rules for records say of it, with where it is.
template <typename Record>
static Error checkAt(const Record &record, StringRef path) {
  if (Error error = check(record))
    return makeError(path + "." + toString(std::move(error)));
  return Error::success();
}

static Expected<Measurement> parseMeasurement(const json::Value &value,
                                              const std::string &path) {
  Measurement result;
  std::string outcome;
  Members members(value, path);
  readKey(members, result.key);
  members.read("schedule", result.schedule);
  members.read("outcome", outcome);
  members.read("seconds", result.seconds);
  members.read("speedup", result.speedup);
  members.read("low", result.low);
  members.read("high", result.high);
  members.read("confidence", result.confidence);
  members.read("time", result.time);
  members.read("run", result.run);
  members.read("trial", result.trial);
  members.read("origin", result.origin);
  members.read("message", result.message);
  if (Error error = members.finish())
    return error;
  Expected<Outcome> parsed = parseOutcome(outcome);
  if (!parsed)
    return makeError(path + "." + toString(parsed.takeError()));
  result.outcome = *parsed;
  if (Error error = checkAt(result, path))
    return error;
  return result;
}

static Expected<Choice> parseChoice(const json::Value &value,
                                    const std::string &path) {
  Choice result;
  Members members(value, path);
  readKey(members, result.key);
  members.read("schedule", result.schedule);
  members.read("time", result.time);
  if (Error error = members.finish())
    return error;
  if (Error error = checkAt(result, path))
    return error;
  return result;
}

static Expected<std::pair<std::string, std::string>>
parseProgram(const json::Value &value, const std::string &path) {
  std::pair<std::string, std::string> result;
  Members members(value, path);
  members.read("hash", result.first);
  members.read("text", result.second);
  if (Error error = members.finish())
    return error;
  if (Error error = checkProgramText(result.second))
    return makeError(path + "." + toString(std::move(error)));
  if (hashProgram(result.second) != result.first)
    return makeError(path + ".hash is " + quote(result.first) +
                     ", which is not that of the text");
  return result;
}

/// LLVM's parser calls itself for every level.
static Error checkDepth(StringRef text) {
  constexpr unsigned deepest = 16;
  unsigned depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        inString = false;
    } else if (c == '"') {
      inString = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest)
        return makeError("byte " + Twine(i) + ": deeper than " +
                         Twine(deepest) + " levels");
    } else if ((c == ']' || c == '}') && depth) {
      --depth;
    }
  }
  return Error::success();
}

Expected<Contents> tuning::parseContents(StringRef text) {
  if (Error error = checkDepth(text))
    return error;
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return value.takeError();
  Contents result;
  Members members(*value, "");
  std::string format;
  int64_t version = 0;
  members.read("format", format);
  members.read("version", version);
  // Another version has other members.
  if (format == formatName && version > currentVersion)
    return makeError("version is " + Twine(version) +
                     ", but this compiler knows versions up to " +
                     Twine(currentVersion));
  auto append = [](auto &records, auto record) -> Error {
    if (!record)
      return record.takeError();
    records.push_back(std::move(*record));
    return Error::success();
  };
  members.readAll("programs", [&](const json::Value &value, std::string path) {
    return append(result.programs, parseProgram(value, path));
  });
  members.readAll(
      "measurements", [&](const json::Value &value, std::string path) {
        return append(result.measurements, parseMeasurement(value, path));
      });
  members.readAll("choices", [&](const json::Value &value, std::string path) {
    return append(result.choices, parseChoice(value, path));
  });
  if (Error error = members.finish())
    return error;
  if (format != formatName || version != currentVersion)
    return makeError("format is " + quote(format) + " and version " +
                     Twine(version) + ", but " + quote(formatName) + " and " +
                     Twine(currentVersion) + " are expected");
  return result;
}
