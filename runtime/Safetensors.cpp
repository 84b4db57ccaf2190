//===- Safetensors.cpp - Named tensors in a file ----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The format: a 64-bit header length, a JSON header, and data that the tensors
// cover exactly. llvm::json keeps the last of duplicate keys and recurses
// without limit, so it only decodes strings here. It must not know modules.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Safetensors.h"
#include "HeaderScanner.h"
#include "seednorm/Runtime/Files.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;

static_assert(sys::IsLittleEndianHost, "files are read in place");

namespace {

// As in the reference implementation.
constexpr uint64_t kMaxHeaderSize = 100'000'000;
constexpr StringLiteral kMetadataKey("__metadata__");

struct DTypeName {
  StringLiteral text;
  DType dtype;
};

// The first of a type is what is written.
constexpr DTypeName kDTypeNames[] = {{"F64", DType::F64},   {"F32", DType::F32},
                                     {"BF16", DType::BF16}, {"F16", DType::F16},
                                     {"I64", DType::I64},   {"I32", DType::I32},
                                     {"I16", DType::I16},   {"I8", DType::I8},
                                     {"BOOL", DType::I1},   {"U8", DType::I8}};

struct Entry {
  std::string name;
  std::optional<DType> dtype;
  std::optional<SmallVector<int64_t, 4>> shape;
  std::optional<SmallVector<int64_t, 4>> offsets;
  int64_t getBegin() const { return (*offsets)[0]; }
  int64_t getEnd() const { return (*offsets)[1]; }
};

class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : scanner(text) {}
  Error parse();

  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;

private:
  template <typename ParseValue>
  Error parseObject(ParseValue parseValue);
  Expected<std::string> parseString();
  Expected<SmallVector<int64_t, 4>> parseIntegers();
  Expected<DType> parseDType();
  Error parseMetadata();
  Error parseEntry(std::string name);

  HeaderScanner scanner;
};

// Objects of names; parseValue(key) is called once for each key.
template <typename ParseValue>
Error HeaderParser::parseObject(ParseValue parseValue) {
  if (Error error = scanner.expect('{'))
    return error;
  if (scanner.consume('}'))
    return Error::success();
  StringSet<> seen;
  do {
    Expected<std::string> key = parseString();
    if (!key)
      return key.takeError();
    if (!seen.insert(*key).second)
      return makeError("the header has the key " + quote(*key) + " twice");
    if (Error error = scanner.expect(':'))
      return error;
    if (Error error = parseValue(std::move(*key)))
      return error;
  } while (scanner.consume(','));
  return scanner.expect('}');
}

Expected<std::string> HeaderParser::parseString() {
  Expected<StringRef> token = scanner.string("\"");
  if (!token)
    return token.takeError();
  // Checks the encoding and decodes escapes, by which keys may be equal that
  // do not look so.
  Expected<json::Value> value = json::parse(*token);
  if (!value) {
    consumeError(value.takeError());
    return makeError("the header's string " + quote(*token) +
                     " is not valid JSON");
  }
  return value->getAsString()->str();
}

Expected<SmallVector<int64_t, 4>> HeaderParser::parseIntegers() {
  SmallVector<int64_t, 4> values;
  if (Error error = scanner.expect('['))
    return error;
  if (scanner.consume(']'))
    return values;
  do {
    Expected<int64_t> value = scanner.integer();
    if (!value)
      return value.takeError();
    values.push_back(*value);
  } while (scanner.consume(','));
  if (Error error = scanner.expect(']'))
    return error;
  return values;
}

Expected<DType> HeaderParser::parseDType() {
  Expected<std::string> text = parseString();
  if (!text)
    return text.takeError();
  for (const DTypeName &name : kDTypeNames)
    if (name.text == *text)
      return name.dtype;
  return makeError("unknown dtype " + quote(*text) +
                   ", expected F64, F32, BF16, F16, I64, I32, I16, I8, U8 or "
                   "BOOL");
}

Error HeaderParser::parseMetadata() {
  return parseObject([&](std::string key) -> Error {
    if (scanner.peek() != '"')
      return scanner.unexpected("a string for " + quote(key) + " in " +
                                quote(kMetadataKey));
    return parseString().moveInto(metadata[std::move(key)]);
  });
}

Error HeaderParser::parseEntry(std::string name) {
  Entry entry;
  entry.name = std::move(name);
  auto within = [&](const Twine &what) {
    return makeError(quote(entry.name) + ": " + what);
  };
  Error error = parseObject([&](std::string key) -> Error {
    if (key == "dtype")
      return parseDType().moveInto(entry.dtype.emplace());
    if (key == "shape")
      return parseIntegers().moveInto(entry.shape.emplace());
    if (key == "data_offsets")
      return parseIntegers().moveInto(entry.offsets.emplace());
    return makeError("unknown key " + quote(key) +
                     ", expected 'dtype', 'shape' and 'data_offsets'");
  });
  if (error)
    return within(toString(std::move(error)));
  if (!entry.dtype)
    return within("no 'dtype'");
  if (!entry.shape)
    return within("no 'shape'");
  if (!entry.offsets)
    return within("no 'data_offsets'");
  if (entry.offsets->size() != 2)
    return within("'data_offsets' has " + Twine(entry.offsets->size()) +
                  " elements, expected 2");
  entries.push_back(std::move(entry));
  return Error::success();
}

Error HeaderParser::parse() {
  Error error = parseObject([&](std::string key) {
    return key == kMetadataKey ? parseMetadata() : parseEntry(std::move(key));
  });
  if (error)
    return error;
  return scanner.expectEnd();
}

// One tensor against the data, of which there are `size` bytes.
Error checkEntry(const Entry &entry, int64_t size) {
  auto within = [&](const Twine &what) {
    return makeError(quote(entry.name) + ": " + what);
  };
  Expected<int64_t> count = countElements(*entry.dtype, *entry.shape);
  if (!count)
    return within(toString(count.takeError()));
  int64_t begin = entry.getBegin(), end = entry.getEnd();
  if (begin < 0 || begin > end)
    return within("data_offsets [" + Twine(begin) + ", " + Twine(end) +
                  "], expected 0 <= begin <= end");
  if (end > size)
    return within("ends at byte " + Twine(end) + " of the data, which has " +
                  Twine(size) + " bytes");
  int64_t wanted = *count * getElementSize(*entry.dtype);
  if (end - begin != wanted)
    return within(formatType(*entry.dtype, *entry.shape) + " takes " +
                  Twine(wanted) + " bytes but data_offsets give it " +
                  Twine(end - begin));
  return Error::success();
}

// The tensors, one after the other, must cover the data. Sorts them.
Error checkCoverage(std::vector<Entry> &entries, int64_t size) {
  llvm::sort(entries, [](const Entry &a, const Entry &b) {
    return std::tuple(a.getBegin(), a.getEnd(), StringRef(a.name)) <
           std::tuple(b.getBegin(), b.getEnd(), StringRef(b.name));
  });
  const Entry *previous = nullptr;
  for (const Entry &entry : entries) {
    int64_t position = previous ? previous->getEnd() : 0;
    if (entry.getBegin() < position)
      return makeError(quote(entry.name) + " begins at byte " +
                       Twine(entry.getBegin()) + " and overlaps " +
                       quote(previous->name) + ", which ends at byte " +
                       Twine(position));
    if (entry.getBegin() > position)
      return makeError("no tensor covers the bytes " + Twine(position) +
                       " to " + Twine(entry.getBegin()) + " before " +
                       quote(entry.name));
    previous = &entry;
  }
  int64_t covered = previous ? previous->getEnd() : 0;
  if (covered != size)
    return makeError("the data has " + Twine(size) +
                     " bytes but the tensors cover " + Twine(covered));
  return Error::success();
}

// Takes length and header text off the front of `bytes`.
Expected<StringRef> takeHeader(MutableArrayRef<char> &bytes) {
  if (bytes.size() < 8)
    return makeError("truncated: the file has " + Twine(bytes.size()) +
                     " bytes, expected at least 8");
  uint64_t length = support::endian::read64le(bytes.data());
  bytes = bytes.drop_front(8);
  if (length > kMaxHeaderSize)
    return makeError("not a .safetensors file: the header has " +
                     Twine(length) + " bytes, expected at most " +
                     Twine(kMaxHeaderSize));
  if (length > bytes.size())
    return makeError("truncated: the header takes " + Twine(length) +
                     " bytes but the file has " + Twine(bytes.size()) +
                     " after its length");
  StringRef header(bytes.data(), length);
  bytes = bytes.drop_front(length);
  // The format allows white space only behind the header.
  if (!header.starts_with("{"))
    return makeError("not a .safetensors file: the header does not begin with "
                     "'{'");
  return header;
}

using NamedTensors = std::vector<std::pair<StringRef, Tensor>>;

// Row-major, large elements first, so that every tensor is aligned without
// holes.
Expected<NamedTensors> arrange(const std::map<std::string, Tensor> &tensors) {
  NamedTensors sorted;
  for (const auto &[name, tensor] : tensors) {
    Expected<Tensor> dense = tensor.contiguous();
    if (!dense)
      return dense.takeError();
    sorted.emplace_back(name, std::move(*dense));
  }
  llvm::sort(sorted, [](const auto &a, const auto &b) {
    size_t sizeA = getElementSize(a.second.getDType());
    size_t sizeB = getElementSize(b.second.getDType());
    return sizeA != sizeB ? sizeA > sizeB : a.first < b.first;
  });
  return sorted;
}

Expected<json::Object> describe(const NamedTensors &tensors) {
  json::Object header;
  int64_t offset = 0;
  for (const auto &[name, tensor] : tensors) {
    if (name == kMetadataKey || !json::isUTF8(name))
      return makeError("the name " + quote(name) + " is reserved or not UTF-8");
    int64_t end = offset + tensor.getByteSize();
    StringRef dtype;
    for (const DTypeName &entry : reverse(kDTypeNames))
      if (entry.dtype == tensor.getDType())
        dtype = entry.text;
    header[name] = json::Object{{"dtype", dtype},
                                {"shape", json::Array(tensor.getShape())},
                                {"data_offsets", json::Array{offset, end}}};
    offset = end;
  }
  return header;
}

Expected<json::Object>
describe(const std::map<std::string, std::string> &metadata) {
  json::Object header;
  for (const auto &[key, value] : metadata) {
    if (!json::isUTF8(key) || !json::isUTF8(value))
      return makeError("the metadata " + quote(key) + " is not UTF-8");
    header[key] = value;
  }
  return header;
}

} // namespace

Expected<Safetensors> seednorm::parseSafetensors(MutableArrayRef<char> bytes,
                                                 std::shared_ptr<void> owner) {
  Expected<StringRef> header = takeHeader(bytes);
  if (!header)
    return header.takeError();
  HeaderParser parser(*header);
  if (Error error = parser.parse())
    return error;
  for (const Entry &entry : parser.entries)
    if (Error error = checkEntry(entry, bytes.size()))
      return error;
  if (Error error = checkCoverage(parser.entries, bytes.size()))
    return error;

  Safetensors contents;
  contents.metadata = std::move(parser.metadata);
  for (const Entry &entry : parser.entries) {
    Expected<Tensor> tensor =
        Tensor::borrow(bytes.data() + entry.getBegin(), *entry.dtype,
                       *entry.shape, std::nullopt, owner);
    if (!tensor)
      return tensor.takeError();
    if (Error error = checkBooleans(*tensor))
      return makeError(quote(entry.name) + ": " + toString(std::move(error)));
    Expected<Tensor> aligned = tensor->contiguous();
    if (!aligned)
      return aligned.takeError();
    contents.tensors.emplace(entry.name, std::move(*aligned));
  }
  return contents;
}

Expected<Safetensors> seednorm::readSafetensors(StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  Expected<Safetensors> contents =
      parseSafetensors((*buffer)->getBuffer(), *buffer);
  if (!contents)
    return makeError(quote(path) + ": " + toString(contents.takeError()));
  return contents;
}

Error seednorm::printSafetensors(raw_ostream &stream,
                                 const Safetensors &contents) {
  Expected<NamedTensors> tensors = arrange(contents.tensors);
  if (!tensors)
    return tensors.takeError();
  Expected<json::Object> header = describe(*tensors);
  if (!header)
    return header.takeError();
  if (!contents.metadata.empty()) {
    Expected<json::Object> metadata = describe(contents.metadata);
    if (!metadata)
      return metadata.takeError();
    (*header)[kMetadataKey] = std::move(*metadata);
  }
  std::string text;
  raw_string_ostream(text) << json::Value(std::move(*header));
  // Data begins at a multiple of 64 bytes of the file.
  text.append(alignTo(text.size() + 8, 64) - text.size() - 8, ' ');
  char length[8];
  support::endian::write64le(length, text.size());
  stream << StringRef(length, 8) << text;
  for (const auto &[name, tensor] : *tensors)
    stream << StringRef(tensor.getDataAs<char>(), tensor.getByteSize());
  return Error::success();
}

Error seednorm::writeSafetensors(StringRef path, const Safetensors &contents) {
  return writeFile(path, [&](raw_ostream &stream) {
    return printSafetensors(stream, contents);
  });
}
