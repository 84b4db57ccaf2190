//===- Npy.cpp - NumPy array files ------------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The format is numpy.lib.format: magic, version, header length, and a Python
// literal that is parsed here strictly, without Python. It must not know
// modules or parameters.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Npy.h"
#include "HeaderScanner.h"
#include "seednorm/Runtime/Files.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;

static_assert(sys::IsLittleEndianHost, "files are read in place");

namespace {

constexpr StringLiteral kMagic("\x93NUMPY");
constexpr StringLiteral kExpectedTypes(
    "'<f8', '<f4', '<f2', '<V2' (bfloat16), '<i8', '<i4', '<i2', '|i1', "
    "'|u1' or '|b1'");
// Longer ones occur only with structured types, which are refused anyway.
constexpr size_t kMaxHeaderSize = 65535;

struct Descr {
  StringLiteral text;
  DType dtype;
};

// The first of a type is what is written.
constexpr Descr kDescrs[] = {
    {"<f8", DType::F64}, {"<f4", DType::F32},      {"<V2", DType::BF16},
    {"<f2", DType::F16}, {"<i8", DType::I64},      {"<i4", DType::I32},
    {"<i2", DType::I16}, {"|i1", DType::I8},       {"|b1", DType::I1},
    {"|u1", DType::I8},  {"bfloat16", DType::BF16}};

struct Header {
  std::optional<DType> dtype;
  std::optional<bool> fortranOrder;
  std::optional<SmallVector<int64_t, 4>> shape;
};

Expected<StringRef> parseString(HeaderScanner &scanner) {
  Expected<StringRef> token = scanner.string("'\"");
  if (!token)
    return token;
  if (token->contains('\\'))
    return makeError("the header's string " + quote(*token) +
                     " has an escape, expected plain text");
  return token->drop_front().drop_back();
}

Expected<DType> parseDescr(HeaderScanner &scanner) {
  if (scanner.peek() == '[' || scanner.peek() == '(')
    return makeError("structured element types are not supported, expected " +
                     kExpectedTypes);
  Expected<StringRef> text = parseString(scanner);
  if (!text)
    return text.takeError();
  for (const Descr &descr : kDescrs)
    if (descr.text == *text)
      return descr.dtype;
  if (text->contains('O'))
    return makeError("the elements " + quote(*text) +
                     " are Python objects, expected " + kExpectedTypes);
  if (text->starts_with(">"))
    return makeError("the elements " + quote(*text) +
                     " are big-endian, expected " + kExpectedTypes);
  return makeError("unknown element type " + quote(*text) + ", expected " +
                   kExpectedTypes);
}

Expected<bool> parseBool(HeaderScanner &scanner) {
  if (scanner.consumeWord("True"))
    return true;
  if (scanner.consumeWord("False"))
    return false;
  return scanner.unexpected("True or False");
}

Expected<SmallVector<int64_t, 4>> parseShape(HeaderScanner &scanner) {
  SmallVector<int64_t, 4> shape;
  if (Error error = scanner.expect('('))
    return error;
  while (!scanner.consume(')')) {
    Expected<int64_t> dim = scanner.integer();
    if (!dim)
      return dim.takeError();
    shape.push_back(*dim);
    // In Python (3,) is a tuple but (3) is an integer.
    if (scanner.peek() == ')' && shape.size() > 1)
      continue;
    if (Error error = scanner.expect(','))
      return error;
  }
  return shape;
}

template <typename T>
Error setOnce(std::optional<T> &field, StringRef key, Expected<T> value) {
  if (!value)
    return value.takeError();
  if (field)
    return makeError("the header has '" + key + "' twice");
  field = std::move(*value);
  return Error::success();
}

Error parseEntry(HeaderScanner &scanner, Header &header) {
  Expected<StringRef> key = parseString(scanner);
  if (!key)
    return key.takeError();
  if (Error error = scanner.expect(':'))
    return error;
  if (*key == "descr")
    return setOnce(header.dtype, *key, parseDescr(scanner));
  if (*key == "fortran_order")
    return setOnce(header.fortranOrder, *key, parseBool(scanner));
  if (*key == "shape")
    return setOnce(header.shape, *key, parseShape(scanner));
  return makeError("the header has the unknown key " + quote(*key) +
                   ", expected 'descr', 'fortran_order' and 'shape'");
}

Expected<Header> parseHeader(StringRef text) {
  HeaderScanner scanner(text);
  Header header;
  if (Error error = scanner.expect('{'))
    return error;
  while (!scanner.consume('}')) {
    if (Error error = parseEntry(scanner, header))
      return error;
    if (scanner.peek() == '}')
      continue;
    if (Error error = scanner.expect(','))
      return error;
  }
  if (Error error = scanner.expectEnd())
    return error;
  auto missing = [](StringRef key) {
    return makeError("the header has no '" + key + "'");
  };
  if (!header.dtype)
    return missing("descr");
  if (!header.fortranOrder)
    return missing("fortran_order");
  if (!header.shape)
    return missing("shape");
  return header;
}

// Takes magic, version, length and header text off the front of `bytes`.
Expected<Header> takeHeader(MutableArrayRef<char> &bytes) {
  StringRef text(bytes.data(), bytes.size());
  auto truncated = [&](size_t wanted) {
    return makeError("truncated: the header takes " + Twine(wanted) +
                     " bytes but the file has " + Twine(text.size()));
  };
  if (!text.starts_with(kMagic.take_front(std::max<size_t>(text.size(), 1))))
    return makeError("not a .npy file: it does not begin with \"\\x93NUMPY\"");
  size_t prefix = kMagic.size() + 2;
  if (text.size() < prefix)
    return truncated(prefix);
  unsigned major = uint8_t(text[6]), minor = uint8_t(text[7]);
  if (major < 1 || major > 3 || minor != 0)
    return makeError("format version " + Twine(major) + "." + Twine(minor) +
                     ", expected 1.0, 2.0 or 3.0");
  size_t lengthSize = major == 1 ? 2 : 4;
  if (text.size() < prefix + lengthSize)
    return truncated(prefix + lengthSize);
  const char *lengthBytes = text.data() + prefix;
  size_t length = major == 1 ? support::endian::read16le(lengthBytes)
                             : support::endian::read32le(lengthBytes);
  if (length > kMaxHeaderSize)
    return makeError("the header has " + Twine(length) +
                     " bytes, expected at most " + Twine(kMaxHeaderSize));
  prefix += lengthSize;
  if (text.size() - prefix < length)
    return truncated(prefix + length);
  bytes = bytes.drop_front(prefix + length);
  return parseHeader(text.substr(prefix, length));
}

} // namespace

Expected<Tensor> seednorm::parseNpy(MutableArrayRef<char> bytes,
                                    std::shared_ptr<void> owner) {
  Expected<Header> header = takeHeader(bytes);
  if (!header)
    return header.takeError();
  DType dtype = *header->dtype;
  ArrayRef<int64_t> shape = *header->shape;
  Expected<int64_t> count = countElements(dtype, shape);
  if (!count)
    return count.takeError();
  uint64_t wanted = uint64_t(*count) * getElementSize(dtype);
  if (bytes.size() != wanted)
    return makeError((bytes.size() < wanted ? "truncated: " : "too long: ") +
                     formatType(dtype, shape) + " takes " + Twine(wanted) +
                     " bytes of data but the file has " + Twine(bytes.size()));
  std::optional<ArrayRef<int64_t>> strides;
  SmallVector<int64_t, 4> columnMajor;
  if (*header->fortranOrder) {
    int64_t stride = 1;
    for (int64_t dim : shape) {
      columnMajor.push_back(stride);
      stride *= std::max<int64_t>(dim, 1);
    }
    strides = columnMajor;
  }
  Expected<Tensor> tensor =
      Tensor::borrow(bytes.data(), dtype, shape, strides, std::move(owner));
  if (!tensor)
    return tensor;
  if (Error error = checkBooleans(*tensor))
    return error;
  return tensor->isElementAligned() ? std::move(tensor) : tensor->copy();
}

Expected<Tensor> seednorm::readNpy(StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  Expected<Tensor> tensor = parseNpy((*buffer)->getBuffer(), *buffer);
  if (!tensor)
    return makeError(quote(path) + ": " + toString(tensor.takeError()));
  return tensor;
}

Error seednorm::printNpy(raw_ostream &stream, const Tensor &tensor) {
  Expected<Tensor> dense = tensor.contiguous();
  if (!dense)
    return dense.takeError();
  std::string header = "{'descr': '";
  header += find_if(kDescrs, [&](const Descr &descr) {
              return descr.dtype == tensor.getDType();
            })->text;
  header += "', 'fortran_order': False, 'shape': (";
  for (int64_t dim : tensor.getShape())
    header += std::to_string(dim) + ", ";
  header += "), }";
  // Data begins at a multiple of 64 bytes, so that readers can map it.
  size_t prefix = kMagic.size() + 4;
  header.append(63 - (prefix + header.size()) % 64, ' ');
  header += '\n';
  char length[2];
  support::endian::write16le(length, header.size());
  stream << kMagic << '\1' << '\0' << StringRef(length, 2) << header
         << StringRef(dense->getDataAs<char>(), dense->getByteSize());
  return Error::success();
}

Error seednorm::writeNpy(StringRef path, const Tensor &tensor) {
  return writeFile(
      path, [&](raw_ostream &stream) { return printNpy(stream, tensor); });
}
