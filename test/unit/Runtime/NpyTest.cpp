//===- NpyTest.cpp - Tests of NumPy array files -----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files as NumPy writes them, and every kind of file that must be refused, with
// the message a user sees. Bytes are spelled out here, not made by our writer.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Npy.h"
#include "Testing.h"
#include "llvm/Support/Endian.h"

using namespace seednorm;
using namespace seednorm::testing;

namespace {

using Doubles = std::vector<double>;

const std::string kTypes =
    "expected '<f8', '<f4', '<f2', '<V2' (bfloat16), '<i8', '<i4', '<i2', "
    "'|i1', '|u1' or '|b1'";

std::string makeNpy(const std::string &header, const std::string &data,
                    char major = 1) {
  char length[4];
  llvm::support::endian::write32le(length, header.size());
  return std::string("\x93NUMPY") + major + '\0' +
         std::string(length, major == 1 ? 2 : 4) + header + data;
}

std::string makeDict(const std::string &descr, const std::string &shape,
                     const std::string &order = "False") {
  return "{'descr': " + descr + ", 'fortran_order': " + order +
         ", 'shape': " + shape + ", }    \n";
}

llvm::Expected<Tensor> parse(const std::string &bytes) {
  ExactCopy copy(bytes);
  return parseNpy(copy.bytes, copy.memory);
}

std::string messageFor(const std::string &header, const std::string &data) {
  return messageOf(parse(makeNpy(header, data)));
}

TEST(NpyTest, ReadsEveryVersion) {
  std::string data = bytesOf<float>({0, 1, 2, 3, 4, 5});
  for (char major : {1, 2, 3}) {
    SEEDNORM_ASSERT_VALUE(
        tensor, parse(makeNpy(makeDict("'<f4'", "(2, 3)"), data, major)));
    EXPECT_EQ(tensor.getTypeString(), "2x3xf32");
    EXPECT_EQ(tensor.toDoubles(), Doubles({0, 1, 2, 3, 4, 5}));
  }
}

TEST(NpyTest, ReadsEveryType) {
  struct {
    const char *descr;
    DType dtype;
    std::string data;
  } cases[] = {
      {"'<f8'", DType::F64, bytesOf<double>({1, 0})},
      {"'<f4'", DType::F32, bytesOf<float>({1, 0})},
      {"'<f2'", DType::F16, bytesOf<uint16_t>({0x3c00, 0})},
      {"'<V2'", DType::BF16, bytesOf<uint16_t>({0x3f80, 0})},
      {"'bfloat16'", DType::BF16, bytesOf<uint16_t>({0x3f80, 0})},
      {"'<i8'", DType::I64, bytesOf<int64_t>({1, 0})},
      {"'<i4'", DType::I32, bytesOf<int32_t>({1, 0})},
      {"'<i2'", DType::I16, bytesOf<int16_t>({1, 0})},
      {"'|i1'", DType::I8, bytesOf<int8_t>({1, 0})},
      {"'|u1'", DType::I8, bytesOf<int8_t>({1, 0})},
      {"\"|b1\"", DType::I1, bytesOf<int8_t>({1, 0})},
  };
  for (const auto &c : cases) {
    SCOPED_TRACE(c.descr);
    SEEDNORM_ASSERT_VALUE(tensor,
                          parse(makeNpy(makeDict(c.descr, "(2,)"), c.data)));
    EXPECT_EQ(tensor.getDType(), c.dtype);
    EXPECT_EQ(tensor.toDoubles(), Doubles({1, 0}));
  }
}

TEST(NpyTest, ReadsFortranOrder) {
  SEEDNORM_ASSERT_VALUE(tensor,
                        parse(makeNpy(makeDict("'<f4'", "(2, 3)", "True"),
                                      bytesOf<float>({0, 1, 2, 3, 4, 5}))));
  EXPECT_EQ(tensor.toDoubles(), Doubles({0, 2, 4, 1, 3, 5}));
}

TEST(NpyTest, ReadsScalarsAndEmptyArrays) {
  SEEDNORM_ASSERT_VALUE(
      scalar, parse(makeNpy(makeDict("'<f4'", "()"), bytesOf<float>({3}))));
  EXPECT_EQ(scalar.toDoubles(), Doubles({3}));
  SEEDNORM_ASSERT_VALUE(empty, parse(makeNpy(makeDict("'<f4'", "(0, 7)"), "")));
  EXPECT_EQ(empty.getTypeString(), "0x7xf32");
}

TEST(NpyTest, ReadsMisalignedData) {
  for (const char *order : {"False", "True"}) {
    std::string header = makeDict("'<f8'", "(2,)", order);
    header += header.size() % 2 ? "  " : " ";
    SEEDNORM_ASSERT_VALUE(tensor,
                          parse(makeNpy(header, bytesOf<double>({1.5, 2.5}))));
    EXPECT_TRUE(tensor.isElementAligned());
    EXPECT_EQ(tensor.toDoubles(), Doubles({1.5, 2.5}));
  }
}

TEST(NpyTest, KeysMayComeInAnyOrder) {
  SEEDNORM_ASSERT_VALUE(tensor,
                        parse(makeNpy("{\"shape\":(1,),\"fortran_order\":False,"
                                      "\"descr\":\"|i1\"}",
                                      "\5")));
  EXPECT_EQ(tensor.toDoubles(), Doubles({5}));
}

//===----------------------------------------------------------------------===//
// What must be refused
//===----------------------------------------------------------------------===//

TEST(NpyTest, RejectsBadMagic) {
  const char *message =
      "not a .npy file: it does not begin with \"\\x93NUMPY\"";
  EXPECT_EQ(messageOf(parse("")), message);
  EXPECT_EQ(messageOf(parse("PK\3\4 a zip archive")), message);
}

TEST(NpyTest, RejectsUnknownVersions) {
  EXPECT_EQ(messageOf(parse(makeNpy("{}", "", 4))),
            "format version 4.0, expected 1.0, 2.0 or 3.0");
  EXPECT_EQ(messageOf(parse(makeNpy("{}", "", 0))),
            "format version 0.0, expected 1.0, 2.0 or 3.0");
}

TEST(NpyTest, RejectsEveryTruncation) {
  std::string whole =
      makeNpy(makeDict("'<f4'", "(3,)"), bytesOf<float>({1, 2, 3}));
  for (size_t size = 1; size < whole.size(); ++size)
    EXPECT_EQ(messageOf(parse(whole.substr(0, size))).substr(0, 11),
              "truncated: ")
        << size;
  EXPECT_EQ(messageOf(parse(whole.substr(0, whole.size() - 1))),
            "truncated: 3xf32 takes 12 bytes of data but the file has 11");
  EXPECT_EQ(messageOf(parse(whole.substr(0, 9))),
            "truncated: the header takes 10 bytes but the file has 9");
}

TEST(NpyTest, RejectsTooMuchData) {
  EXPECT_EQ(messageFor(makeDict("'<f4'", "(1,)"), "12345"),
            "too long: 1xf32 takes 4 bytes of data but the file has 5");
}

TEST(NpyTest, RejectsHugeHeaders) {
  std::string bytes = makeNpy("", "", 2);
  bytes.replace(8, 4, "\xff\xff\xff\xff");
  EXPECT_EQ(messageOf(parse(bytes)),
            "the header has 4294967295 bytes, expected at most 65535");
}

TEST(NpyTest, RejectsBigEndian) {
  EXPECT_EQ(messageFor(makeDict("'>f4'", "(1,)"), "1234"),
            "the elements '>f4' are big-endian, " + kTypes);
}

TEST(NpyTest, RejectsPythonObjects) {
  EXPECT_EQ(messageFor(makeDict("'|O'", "(1,)"), "12345678"),
            "the elements '|O' are Python objects, " + kTypes);
}

TEST(NpyTest, RejectsStructuredTypes) {
  EXPECT_EQ(messageFor(makeDict("[('a', '<f4'), ('b', '<i4')]", "(1,)"), ""),
            "structured element types are not supported, " + kTypes);
}

TEST(NpyTest, RejectsUnknownTypes) {
  for (std::string descr : {"<c8", "<U5", "<M8[ns]", "", "f4", "<u4", "|V2"})
    EXPECT_EQ(messageFor(makeDict("'" + descr + "'", "(1,)"), "1234"),
              "unknown element type '" + descr + "', " + kTypes);
}

TEST(NpyTest, RejectsOverflowingShapes) {
  EXPECT_EQ(messageFor(makeDict("'<f4'", "(4611686018427387904,)"), ""),
            "the size of 4611686018427387904xf32 in bytes exceeds 64 bits");
  EXPECT_EQ(messageFor(makeDict("'|i1'", "(4294967296, 4294967296)"), ""),
            "the size of 4294967296x4294967296xi8 in bytes exceeds 64 bits");
  EXPECT_EQ(messageFor(makeDict("'|i1'", "(0, 4294967296, 4294967296)"), ""),
            "the size of 0x4294967296x4294967296xi8 in bytes exceeds 64 bits");
  EXPECT_EQ(messageFor(makeDict("'<f4'", "(99999999999999999999,)"), ""),
            "the integer '99999999999999999999' at byte 51 of the header "
            "exceeds 64 bits");
}

TEST(NpyTest, RejectsHugeShapesOfShortFiles) {
  EXPECT_EQ(messageFor(makeDict("'<f4'", "(1099511627776,)"), "1234"),
            "truncated: 1099511627776xf32 takes 4398046511104 bytes of data "
            "but the file has 4");
}

TEST(NpyTest, RejectsNegativeShapes) {
  EXPECT_EQ(messageFor(makeDict("'<f4'", "(-1, 3)"), ""),
            "dimension 0 is -1, expected 0 or more");
}

TEST(NpyTest, RejectsTooManyDimensions) {
  std::string shape = "(";
  for (int i = 0; i < 65; ++i)
    shape += "1, ";
  EXPECT_EQ(messageFor(makeDict("'<f4'", shape + ")"), "1234"),
            "65 dimensions, expected at most 64");
}

TEST(NpyTest, RejectsWhatIsNotATuple) {
  auto messageForShape = [](const char *shape) {
    return messageFor(makeDict("'<f4'", shape), "");
  };
  EXPECT_EQ(messageForShape("(3)"),
            "expected ',' at byte 52 of the header, found ')'");
  EXPECT_EQ(messageForShape("3"),
            "expected '(' at byte 50 of the header, found '3'");
  EXPECT_EQ(messageForShape("(,)"),
            "expected an integer at byte 51 of the header, found ','");
  EXPECT_EQ(messageForShape("(1.5,)"),
            "expected ',' at byte 52 of the header, found '.'");
  EXPECT_EQ(messageForShape("(-,)"),
            "expected an integer at byte 51 of the header, found '-'");
  EXPECT_EQ(messageForShape("(007,)"),
            "expected an integer at byte 51 of the header, found '0'");
}

TEST(NpyTest, RejectsDuplicateKeys) {
  EXPECT_EQ(messageFor("{'shape': (1,), 'shape': (2,), 'descr': '<f4', "
                       "'fortran_order': False}",
                       "1234"),
            "the header has 'shape' twice");
}

TEST(NpyTest, RejectsMissingKeys) {
  EXPECT_EQ(messageFor("{'shape': (1,), 'fortran_order': False}", "1234"),
            "the header has no 'descr'");
  EXPECT_EQ(messageFor("{'shape': (1,), 'descr': '<f4'}", "1234"),
            "the header has no 'fortran_order'");
  EXPECT_EQ(messageFor("{'descr': '<f4', 'fortran_order': False}", "1234"),
            "the header has no 'shape'");
}

TEST(NpyTest, RejectsUnknownKeys) {
  EXPECT_EQ(messageFor("{'order': 'C'}", ""),
            "the header has the unknown key 'order', expected 'descr', "
            "'fortran_order' and 'shape'");
}

TEST(NpyTest, RejectsMalformedDicts) {
  EXPECT_EQ(messageFor("", ""),
            "expected '{' at byte 0 of the header, found its end");
  EXPECT_EQ(messageFor("{'descr", ""),
            "the string at byte 1 of the header has no end");
  EXPECT_EQ(messageFor("{'descr'", ""),
            "expected ':' at byte 8 of the header, found its end");
  EXPECT_EQ(messageFor("{descr: '<f4'}", ""),
            "expected a string at byte 1 of the header, found 'd'");
  EXPECT_EQ(messageFor("{'fortran_order': 0}", ""),
            "expected True or False at byte 18 of the header, found '0'");
  EXPECT_EQ(messageFor("{'fortran_order': False \"descr\": '<f4'}", ""),
            "expected ',' at byte 24 of the header, found '\"'");
  EXPECT_EQ(messageFor("{'descr': '<f4', 'shape': (1,), }x", "1234"),
            "expected nothing more at byte 33 of the header, found 'x'");
  EXPECT_EQ(messageFor("{\"d\\x65scr\": '<f4'}", ""),
            "the header's string '\"d\\x65scr\"' has an escape, expected plain "
            "text");
}

TEST(NpyTest, RejectsBytesThatAreNotBooleans) {
  EXPECT_EQ(messageFor(makeDict("'|b1'", "(2,)"), "\1\2"),
            "a boolean has the value 2, expected 0 or 1");
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

TEST(NpyTest, ErrorsNameTheFile) {
  TemporaryFolder folder;
  std::string file = folder.write("x.npy", "not at all");
  EXPECT_EQ(messageOf(readNpy(file)),
            "'" + file +
                "': not a .npy file: it does not begin with \"\\x93NUMPY\"");
  std::string missing = folder / "y.npy";
  EXPECT_EQ(messageOf(readNpy(missing)),
            "cannot read '" + missing + "': No such file or directory");
}

TEST(NpyTest, WritesTheFormat) {
  SEEDNORM_ASSERT_VALUE(tensor,
                        Tensor::fromDoubles(DType::F32, {1, 2}, {1.0, 2.0}));
  std::string text;
  llvm::raw_string_ostream stream(text);
  ASSERT_EQ(messageOf(printNpy(stream, tensor)), "success");
  std::string header = "{'descr': '<f4', 'fortran_order': False, "
                       "'shape': (1, 2, ), }";
  header.resize(128 - 10 - 1, ' ');
  EXPECT_EQ(text, makeNpy(header + "\n", bytesOf<float>({1, 2})));
}

TEST(NpyTest, RoundTripsFiles) {
  TemporaryFolder folder;
  std::string file = folder / "a.npy";
  // The second is large enough to be mapped.
  for (int64_t columns : {3, 20000})
    for (DType dtype :
         {DType::F64, DType::F32, DType::BF16, DType::F16, DType::I64,
          DType::I32, DType::I16, DType::I8, DType::I1}) {
      Doubles values;
      for (int64_t i = 0; i < 2 * columns; ++i)
        values.push_back(dtype == DType::I1 ? i % 2 : i % 100);
      SEEDNORM_ASSERT_VALUE(tensor,
                            Tensor::fromDoubles(dtype, {2, columns}, values));
      ASSERT_EQ(messageOf(writeNpy(file, tensor)), "success");
      SEEDNORM_ASSERT_VALUE(back, readNpy(file));
      EXPECT_EQ(back.getTypeString(), tensor.getTypeString());
      EXPECT_TRUE(back.toDoubles() == values);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(back.getData()) % 64, 0u);
    }
}

TEST(NpyTest, WritesStridedViewsDensely) {
  float memory[] = {0, 1, 2, 3, 4, 5};
  int64_t strides[] = {1, 2};
  SEEDNORM_ASSERT_VALUE(view, Tensor::borrow(memory, DType::F32, {2, 3},
                                             llvm::ArrayRef<int64_t>(strides)));
  std::string text;
  llvm::raw_string_ostream stream(text);
  ASSERT_EQ(messageOf(printNpy(stream, view)), "success");
  SEEDNORM_ASSERT_VALUE(back, parse(text));
  EXPECT_EQ(back.toDoubles(), Doubles({0, 2, 4, 1, 3, 5}));
}

} // namespace
