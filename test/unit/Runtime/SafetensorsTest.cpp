//===- SafetensorsTest.cpp - Tests of safetensors files ---------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Well-formed files, and every kind of file that must be refused, with the
// message a user sees. Bytes are spelled out here, not made by our writer.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Safetensors.h"
#include "Testing.h"
#include "llvm/Support/Endian.h"

using namespace seednorm;
using namespace seednorm::testing;

namespace {

using Doubles = std::vector<double>;

std::string makeFile(const std::string &header, const std::string &data) {
  char length[8];
  llvm::support::endian::write64le(length, header.size());
  return std::string(length, 8) + header + data;
}

std::string makeEntry(const std::string &name, const std::string &dtype,
                      const std::string &shape, const std::string &offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

llvm::Expected<Safetensors> parse(const std::string &bytes) {
  ExactCopy copy(bytes);
  return parseSafetensors(copy.bytes, copy.memory);
}

std::string messageFor(const std::string &header, const std::string &data) {
  return messageOf(parse(makeFile(header, data)));
}

// A file of one tensor 'x'.
std::string messageForEntry(const std::string &dtype, const std::string &shape,
                            const std::string &offsets,
                            const std::string &data) {
  return messageFor("{" + makeEntry("x", dtype, shape, offsets) + "}", data);
}

TEST(SafetensorsTest, ReadsTensorsAndMetadata) {
  std::string header =
      "{\"__metadata__\":{\"format\":\"pt\",\"by\":\"\\u00e9\"}," +
      makeEntry("b", "F32", "[2, 1]", "[4,12]") + ", " +
      makeEntry("a", "I32", "[]", "[0,4]") + "," +
      makeEntry("none", "F64", "[0,3]", "[4,4]") + "}   ";
  std::string data = bytesOf<int32_t>({7}) + bytesOf<float>({1.5, 2.5});
  SEEDNORM_ASSERT_VALUE(file, parse(makeFile(header, data)));
  EXPECT_EQ(file.metadata.at("format"), "pt");
  EXPECT_EQ(file.metadata.at("by"), "é");
  ASSERT_EQ(file.tensors.size(), 3u);
  EXPECT_EQ(file.tensors.at("a").getTypeString(), "i32");
  EXPECT_EQ(file.tensors.at("a").toDoubles(), Doubles({7}));
  EXPECT_EQ(file.tensors.at("b").getTypeString(), "2x1xf32");
  EXPECT_EQ(file.tensors.at("b").toDoubles(), Doubles({1.5, 2.5}));
  EXPECT_EQ(file.tensors.at("none").getTypeString(), "0x3xf64");
}

TEST(SafetensorsTest, ReadsEveryType) {
  struct {
    const char *name;
    DType dtype;
    std::string data;
  } cases[] = {
      {"F64", DType::F64, bytesOf<double>({1, 0})},
      {"F32", DType::F32, bytesOf<float>({1, 0})},
      {"BF16", DType::BF16, bytesOf<uint16_t>({0x3f80, 0})},
      {"F16", DType::F16, bytesOf<uint16_t>({0x3c00, 0})},
      {"I64", DType::I64, bytesOf<int64_t>({1, 0})},
      {"I32", DType::I32, bytesOf<int32_t>({1, 0})},
      {"I16", DType::I16, bytesOf<int16_t>({1, 0})},
      {"I8", DType::I8, bytesOf<int8_t>({1, 0})},
      {"U8", DType::I8, bytesOf<int8_t>({1, 0})},
      {"BOOL", DType::I1, bytesOf<int8_t>({1, 0})},
  };
  for (const auto &c : cases) {
    SCOPED_TRACE(c.name);
    std::string offsets = "[0," + std::to_string(c.data.size()) + "]";
    std::string header = "{" + makeEntry("x", c.name, "[2]", offsets) + "}";
    SEEDNORM_ASSERT_VALUE(file, parse(makeFile(header, c.data)));
    EXPECT_EQ(file.tensors.at("x").getDType(), c.dtype);
    EXPECT_EQ(file.tensors.at("x").toDoubles(), Doubles({1, 0}));
  }
}

TEST(SafetensorsTest, ReadsMisalignedData) {
  for (std::string padding : {"", " ", "  ", "   "}) {
    std::string header = "{" + makeEntry("x", "F32", "[1]", "[0,4]") + "}";
    SEEDNORM_ASSERT_VALUE(
        file, parse(makeFile(header + padding, bytesOf<float>({1.5}))));
    EXPECT_TRUE(file.tensors.at("x").isElementAligned());
    EXPECT_EQ(file.tensors.at("x").toDoubles(), Doubles({1.5}));
  }
}

TEST(SafetensorsTest, ReadsEmptyFiles) {
  SEEDNORM_ASSERT_VALUE(file, parse(makeFile("{}", "")));
  EXPECT_TRUE(file.tensors.empty());
}

//===----------------------------------------------------------------------===//
// What must be refused
//===----------------------------------------------------------------------===//

TEST(SafetensorsTest, RejectsEveryTruncation) {
  std::string whole =
      makeFile("{" + makeEntry("x", "F32", "[1]", "[0,4]") + "}", "1234");
  for (size_t size = 0; size < whole.size() - 4; ++size)
    EXPECT_EQ(messageOf(parse(whole.substr(0, size))).substr(0, 11),
              "truncated: ")
        << size;
  EXPECT_EQ(messageOf(parse(whole.substr(0, 7))),
            "truncated: the file has 7 bytes, expected at least 8");
  EXPECT_EQ(messageOf(parse(whole.substr(0, 18))),
            "truncated: the header takes 54 bytes but the file has 10 after "
            "its length");
  EXPECT_EQ(messageOf(parse(whole.substr(0, whole.size() - 1))),
            "'x': ends at byte 4 of the data, which has 3 bytes");
}

TEST(SafetensorsTest, RejectsHugeHeaders) {
  EXPECT_EQ(messageOf(parse(std::string(8, '\xff') + "{}")),
            "not a .safetensors file: the header has 18446744073709551615 "
            "bytes, expected at most 100000000");
}

TEST(SafetensorsTest, RejectsOtherFiles) {
  const char *message =
      "not a .safetensors file: the header does not begin with '{'";
  EXPECT_EQ(messageFor(" {}", ""), message);
  EXPECT_EQ(messageFor("", ""), message);
}

TEST(SafetensorsTest, RejectsOffsetsOutOfRange) {
  EXPECT_EQ(messageForEntry("F32", "[2]", "[0,8]", "1234"),
            "'x': ends at byte 8 of the data, which has 4 bytes");
  EXPECT_EQ(messageForEntry("F32", "[1]", "[4,0]", "1234"),
            "'x': data_offsets [4, 0], expected 0 <= begin <= end");
  EXPECT_EQ(messageForEntry("F32", "[1]", "[-4,0]", "1234"),
            "'x': data_offsets [-4, 0], expected 0 <= begin <= end");
  EXPECT_EQ(messageForEntry("F32", "[1]", "[0,18446744073709551615]", "1234"),
            "'x': the integer '18446744073709551615' at byte 50 of the header "
            "exceeds 64 bits");
}

TEST(SafetensorsTest, RejectsOverlaps) {
  EXPECT_EQ(messageFor("{" + makeEntry("a", "I8", "[4]", "[0,4]") + "," +
                           makeEntry("b", "I8", "[4]", "[2,6]") + "}",
                       "123456"),
            "'b' begins at byte 2 and overlaps 'a', which ends at byte 4");
}

TEST(SafetensorsTest, RejectsHoles) {
  EXPECT_EQ(messageFor("{" + makeEntry("a", "I8", "[2]", "[0,2]") + "," +
                           makeEntry("b", "I8", "[2]", "[4,6]") + "}",
                       "123456"),
            "no tensor covers the bytes 2 to 4 before 'b'");
  EXPECT_EQ(messageForEntry("I8", "[2]", "[1,3]", "123"),
            "no tensor covers the bytes 0 to 1 before 'x'");
}

TEST(SafetensorsTest, RejectsDataBehindTheTensors) {
  EXPECT_EQ(messageForEntry("I8", "[2]", "[0,2]", "123"),
            "the data has 3 bytes but the tensors cover 2");
  EXPECT_EQ(messageFor("{}", "1"),
            "the data has 1 bytes but the tensors cover 0");
}

TEST(SafetensorsTest, RejectsWrongSizes) {
  EXPECT_EQ(messageForEntry("F32", "[2,2]", "[0,8]", "12345678"),
            "'x': 2x2xf32 takes 16 bytes but data_offsets give it 8");
}

TEST(SafetensorsTest, RejectsOverflowingShapes) {
  EXPECT_EQ(messageForEntry("F32", "[4294967296,4294967296]", "[0,0]", ""),
            "'x': the size of 4294967296x4294967296xf32 in bytes exceeds 64 "
            "bits");
}

TEST(SafetensorsTest, RejectsNegativeShapes) {
  EXPECT_EQ(messageForEntry("F32", "[-1]", "[0,4]", "1234"),
            "'x': dimension 0 is -1, expected 0 or more");
}

TEST(SafetensorsTest, RejectsUnknownTypes) {
  EXPECT_EQ(messageForEntry("F8_E4M3", "[1]", "[0,1]", "1"),
            "'x': unknown dtype 'F8_E4M3', expected F64, F32, BF16, F16, I64, "
            "I32, I16, I8, U8 or BOOL");
}

TEST(SafetensorsTest, RejectsDuplicateTensors) {
  // The second time the name is spelled with an escape.
  for (const char *name : {"x", "\\u0078"})
    EXPECT_EQ(messageFor("{" + makeEntry("x", "I8", "[1]", "[0,1]") + "," +
                             makeEntry(name, "I8", "[1]", "[1,2]") + "}",
                         "12"),
              "the header has the key 'x' twice");
}

TEST(SafetensorsTest, RejectsDuplicateKeysWithin) {
  EXPECT_EQ(messageFor("{\"x\":{\"dtype\":\"I8\",\"dtype\":\"F32\"}}", ""),
            "'x': the header has the key 'dtype' twice");
  EXPECT_EQ(messageFor("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", ""),
            "the header has the key 'a' twice");
  EXPECT_EQ(messageFor("{\"__metadata__\":{},\"__metadata__\":{}}", ""),
            "the header has the key '__metadata__' twice");
}

TEST(SafetensorsTest, RejectsMissingKeys) {
  EXPECT_EQ(messageFor("{\"x\":{}}", ""), "'x': no 'dtype'");
  EXPECT_EQ(messageFor("{\"x\":{\"dtype\":\"I8\"}}", ""), "'x': no 'shape'");
  EXPECT_EQ(messageFor("{\"x\":{\"dtype\":\"I8\",\"shape\":[]}}", ""),
            "'x': no 'data_offsets'");
  EXPECT_EQ(messageForEntry("I8", "[]", "[0,1,2]", "1"),
            "'x': 'data_offsets' has 3 elements, expected 2");
}

TEST(SafetensorsTest, RejectsUnknownKeys) {
  EXPECT_EQ(messageFor("{\"x\":{\"stride\":[1]}}", ""),
            "'x': unknown key 'stride', expected 'dtype', 'shape' and "
            "'data_offsets'");
}

TEST(SafetensorsTest, RejectsMetadataThatIsNotStrings) {
  EXPECT_EQ(messageFor("{\"__metadata__\":{\"a\":1}}", ""),
            "expected a string for 'a' in '__metadata__' at byte 21 of the "
            "header, found '1'");
  EXPECT_EQ(messageFor("{\"__metadata__\":\"a\"}", ""),
            "expected '{' at byte 16 of the header, found '\"'");
}

TEST(SafetensorsTest, RejectsMalformedJSON) {
  EXPECT_EQ(messageFor("{", ""),
            "expected a string at byte 1 of the header, found its end");
  for (const char *header : {"{\"x", "{\"x\\\"", "{\"x\\"})
    EXPECT_EQ(messageFor(header, ""),
              "the string at byte 1 of the header has no end");
  EXPECT_EQ(messageFor("{\"x\":1}", ""),
            "'x': expected '{' at byte 5 of the header, found '1'");
  EXPECT_EQ(messageFor("{},", ""),
            "expected nothing more at byte 2 of the header, found ','");
  EXPECT_EQ(messageFor("{\"__metadata__\":{},}", ""),
            "expected a string at byte 19 of the header, found '}'");
  EXPECT_EQ(messageFor("{\"\xff\":{}}", ""),
            "the header's string '\"\\xff\"' is not valid JSON");
  EXPECT_EQ(messageFor("{\"x\":{\"shape\":[1.0]}}", ""),
            "'x': expected ']' at byte 16 of the header, found '.'");
}

// A parser that recursed would run out of stack.
TEST(SafetensorsTest, RejectsDeepNesting) {
  EXPECT_EQ(messageFor("{\"x\":{\"shape\":" + std::string(10'000'000, '['), ""),
            "'x': expected an integer at byte 15 of the header, found '['");
}

TEST(SafetensorsTest, RejectsBytesThatAreNotBooleans) {
  EXPECT_EQ(messageForEntry("BOOL", "[2]", "[0,2]", "\1\5"),
            "'x': a boolean has the value 5, expected 0 or 1");
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

TEST(SafetensorsTest, ErrorsNameTheFile) {
  TemporaryFolder folder;
  std::string file = folder.write("x.safetensors", "short");
  EXPECT_EQ(messageOf(readSafetensors(file)),
            "'" + file +
                "': truncated: the file has 5 bytes, expected at least 8");
}

TEST(SafetensorsTest, RoundTripsFiles) {
  TemporaryFolder folder;
  Safetensors contents;
  contents.metadata["key"] = "a \"quoted\" välue";
  // Odd sizes in an order of names that would misalign the others, and one
  // that makes the file large enough to be mapped.
  struct {
    const char *name;
    DType dtype;
    int64_t size;
  } entries[] = {{"a", DType::I8, 3},   {"b\n", DType::F64, 5},
                 {"c", DType::BF16, 7}, {"d", DType::I1, 1},
                 {"e", DType::F32, 0},  {"größe", DType::F32, 20001}};
  for (const auto &entry : entries) {
    Doubles values;
    for (int64_t i = 0; i < entry.size; ++i)
      values.push_back(i % 2);
    SEEDNORM_ASSERT_VALUE(
        tensor, Tensor::fromDoubles(entry.dtype, {1, entry.size}, values));
    contents.tensors.emplace(entry.name, tensor);
  }
  std::string file = folder / "a.safetensors";
  ASSERT_EQ(messageOf(writeSafetensors(file, contents)), "success");
  EXPECT_EQ(folder.countFiles(), 1);
  SEEDNORM_ASSERT_VALUE(back, readSafetensors(file));
  EXPECT_EQ(back.metadata, contents.metadata);
  ASSERT_EQ(back.tensors.size(), contents.tensors.size());
  for (const auto &[name, tensor] : contents.tensors) {
    const Tensor &other = back.tensors.at(name);
    EXPECT_EQ(other.getTypeString(), tensor.getTypeString());
    EXPECT_TRUE(other.toDoubles() == tensor.toDoubles()) << name;
  }
}

TEST(SafetensorsTest, WriterLeavesNoHolesAndAligns) {
  Safetensors contents;
  contents.tensors.emplace(
      "a", llvm::cantFail(Tensor::fromDoubles(DType::I8, {1}, {1.0})));
  contents.tensors.emplace(
      "b", llvm::cantFail(Tensor::fromDoubles(DType::F64, {1}, {2.0})));
  std::string text;
  llvm::raw_string_ostream stream(text);
  ASSERT_EQ(messageOf(printSafetensors(stream, contents)), "success");
  size_t header = text.size() - 9;
  EXPECT_EQ(header % 64, 0u);
  EXPECT_EQ(text.substr(header), bytesOf<double>({2.0}) + "\1");
  EXPECT_EQ(messageOf(parse(text)), "success");
}

TEST(SafetensorsTest, WriterRejectsBadNames) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  Safetensors reserved, broken, metadata;
  reserved.tensors["__metadata__"] = Tensor();
  EXPECT_EQ(messageOf(printSafetensors(stream, reserved)),
            "the name '__metadata__' is reserved or not UTF-8");
  broken.tensors["\xff"] = Tensor();
  EXPECT_EQ(messageOf(printSafetensors(stream, broken)),
            "the name '\\xff' is reserved or not UTF-8");
  metadata.metadata["\xff"] = "";
  EXPECT_EQ(messageOf(printSafetensors(stream, metadata)),
            "the metadata '\\xff' is not UTF-8");
}

} // namespace
