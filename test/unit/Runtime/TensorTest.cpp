//===- TensorTest.cpp - Tests of tensors and element types ------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shapes, strides, ownership, DLPack and conversions. Conversions are checked
// against values that follow from the formats, not against themselves.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Tensor.h"
#include "Testing.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace seednorm;
using namespace seednorm::testing;

// AddressSanitizer would end the process where malloc returns null.
extern "C" const char *__asan_default_options() {
  return "allocator_may_return_null=1";
}

namespace {

using Doubles = std::vector<double>;
using Dims = llvm::SmallVector<int64_t>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();
constexpr DType kAll[] = {DType::F64, DType::F32, DType::BF16,
                          DType::F16, DType::I64, DType::I32,
                          DType::I16, DType::I8,  DType::I1};

double roundTrip(DType dtype, double value) {
  char element[8];
  storeFromDouble(dtype, element, value);
  return loadAsDouble(dtype, element);
}

TEST(DTypeTest, NamesRoundTrip) {
  for (DType dtype : kAll)
    EXPECT_EQ(parseDType(stringifyDType(dtype)), dtype);
  EXPECT_EQ(stringifyDType(DType::BF16), "bf16");
  EXPECT_EQ(parseDType("f8"), std::nullopt);
  EXPECT_EQ(parseDType(""), std::nullopt);
}

TEST(DTypeTest, Sizes) {
  size_t sizes[] = {8, 4, 2, 2, 8, 4, 2, 1, 1};
  for (size_t i = 0; i < std::size(kAll); ++i)
    EXPECT_EQ(getElementSize(kAll[i]), sizes[i]);
  EXPECT_TRUE(isFloat(DType::F16));
  EXPECT_FALSE(isFloat(DType::I64));
}

// Every pattern of a 16-bit IEEE format: sign, exponent and fraction by the
// definition, and back to the same bits.
void checkEveryPattern(DType dtype, int fractionBits) {
  int exponentBits = 15 - fractionBits;
  int largest = (1 << exponentBits) - 1, bias = largest / 2;
  for (uint32_t i = 0; i < 0x10000; ++i) {
    uint16_t bits = i, back;
    int exponent = bits >> fractionBits & largest;
    double fraction =
        std::ldexp(bits & ((1 << fractionBits) - 1), -fractionBits);
    double value = loadAsDouble(dtype, &bits);
    if (exponent == largest && fraction != 0) {
      ASSERT_TRUE(std::isnan(value)) << i;
      continue;
    }
    double expected = std::ldexp(1 + fraction, exponent - bias);
    if (exponent == 0)
      expected = std::ldexp(fraction, 1 - bias);
    else if (exponent == largest)
      expected = kInfinity;
    ASSERT_EQ(value, bits & 0x8000 ? -expected : expected) << i;
    storeFromDouble(dtype, &back, value);
    ASSERT_EQ(back, bits);
  }
}

TEST(ElementTest, EveryHalfIsExact) { checkEveryPattern(DType::F16, 10); }

TEST(ElementTest, EveryBFloatIsExact) { checkEveryPattern(DType::BF16, 7); }

TEST(ElementTest, FloatsRoundToNearestEven) {
  EXPECT_EQ(roundTrip(DType::F16, 1 + 0x1p-11), 1.0);
  EXPECT_EQ(roundTrip(DType::F16, 1 + 0x3p-11), 1 + 0x1p-9);
  // Rounded to float first this would be the tie above, and round down.
  EXPECT_EQ(roundTrip(DType::F16, 1 + 0x1p-11 + 0x1p-40), 1 + 0x1p-10);
  EXPECT_EQ(roundTrip(DType::BF16, 1 + 0x1p-8), 1.0);
  EXPECT_EQ(roundTrip(DType::BF16, 1 + 0x1p-8 + 0x1p-40), 1 + 0x1p-7);
  EXPECT_EQ(roundTrip(DType::F16, 65519.0), 65504.0);
  EXPECT_EQ(roundTrip(DType::F16, 65520.0), kInfinity);
  EXPECT_EQ(roundTrip(DType::F32, -kInfinity), -kInfinity);
  EXPECT_TRUE(std::isnan(roundTrip(DType::BF16, std::nan(""))));
}

TEST(ElementTest, IntegersSaturate) {
  EXPECT_EQ(roundTrip(DType::I8, 127.9), 127);
  EXPECT_EQ(roundTrip(DType::I8, 1e9), 127);
  EXPECT_EQ(roundTrip(DType::I8, -kInfinity), -128);
  EXPECT_EQ(roundTrip(DType::I16, -32768.0), -32768);
  EXPECT_EQ(roundTrip(DType::I32, std::nan("")), 0);
  int64_t element;
  storeFromDouble(DType::I64, &element, 0x1p63);
  EXPECT_EQ(element, kHuge);
  storeFromDouble(DType::I64, &element, -0x1p63);
  EXPECT_EQ(element, std::numeric_limits<int64_t>::min());
  EXPECT_EQ(roundTrip(DType::I1, 0.5), 1);
}

TEST(ShapeTest, Formats) {
  EXPECT_EQ(formatType(DType::F32, {2, -1, 0}), "2x?x0xf32");
  EXPECT_EQ(formatType(DType::I1, {}), "i1");
}

TEST(ShapeTest, CountsElements) {
  EXPECT_EQ(llvm::cantFail(countElements(DType::F32, {})), 1);
  EXPECT_EQ(llvm::cantFail(countElements(DType::F32, {3, 4})), 12);
  EXPECT_EQ(llvm::cantFail(countElements(DType::F32, {3, 0, 4})), 0);
  EXPECT_EQ(llvm::cantFail(countElements(DType::I8, {kHuge})), kHuge);
}

TEST(ShapeTest, RejectsOverflow) {
  EXPECT_EQ(messageOf(countElements(DType::I16, {kHuge})),
            "the size of 9223372036854775807xi16 in bytes exceeds 64 bits");
  EXPECT_EQ(messageOf(countElements(DType::I8, {1ll << 32, 1ll << 32})),
            "the size of 4294967296x4294967296xi8 in bytes exceeds 64 bits");
  // The strides would overflow although there are no elements.
  EXPECT_EQ(messageOf(countElements(DType::I8, {0, kHuge, 2})),
            "the size of 0x9223372036854775807x2xi8 in bytes exceeds 64 bits");
}

TEST(ShapeTest, RejectsNegativeDimensions) {
  EXPECT_EQ(messageOf(countElements(DType::F32, {2, -1})),
            "dimension 1 is -1, expected 0 or more");
}

TEST(ShapeTest, RejectsTooManyDimensions) {
  EXPECT_EQ(messageOf(countElements(DType::F32, Dims(65, 1))),
            "65 dimensions, expected at most 64");
}

TEST(TensorTest, AllocatesAligned) {
  for (int64_t size : {0, 1, 63, 64, 65}) {
    SEEDNORM_ASSERT_VALUE(tensor, Tensor::allocate(DType::I8, {size}));
    ASSERT_NE(tensor.getData(), nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.getData()) % 64, 0u);
    EXPECT_EQ(tensor.getByteSize(), size_t(size));
  }
}

TEST(TensorTest, ReportsFailedAllocation) {
  EXPECT_EQ(messageOf(Tensor::allocate(DType::F32, {1ll << 60})),
            "cannot allocate 4611686018427387904 bytes for "
            "1152921504606846976xf32");
}

TEST(TensorTest, RowMajorStrides) {
  SEEDNORM_ASSERT_VALUE(tensor, Tensor::allocate(DType::F32, {2, 3, 4}));
  EXPECT_EQ(tensor.getStrides(), llvm::ArrayRef<int64_t>({12, 4, 1}));
  EXPECT_TRUE(tensor.isContiguous());
  EXPECT_EQ(tensor.getTypeString(), "2x3x4xf32");
}

TEST(TensorTest, DefaultIsEmpty) {
  Tensor tensor;
  EXPECT_EQ(tensor.getTypeString(), "0xf32");
  EXPECT_TRUE(tensor.isContiguous());
  EXPECT_TRUE(tensor.toDoubles().empty());
  EXPECT_EQ(messageOf(tensor.copy()), "success");
}

TEST(TensorTest, ScalarsHaveOneElement) {
  SEEDNORM_ASSERT_VALUE(tensor, Tensor::fromDoubles(DType::F32, {}, {2.5}));
  EXPECT_EQ(tensor.toDoubles(), Doubles({2.5}));
}

TEST(TensorTest, FromDoublesWantsAllValues) {
  EXPECT_EQ(messageOf(Tensor::fromDoubles(DType::F32, {2}, {1.0})),
            "1 values for 2xf32");
}

TEST(TensorTest, CopiesShareMemoryUntilTheLastGoes) {
  int deleted = 0;
  float value = 1;
  {
    Tensor last;
    {
      std::shared_ptr<void> owner(&value, [&](void *) { ++deleted; });
      SEEDNORM_ASSERT_VALUE(
          tensor, Tensor::borrow(&value, DType::F32, {1}, std::nullopt, owner));
      last = tensor;
    }
    EXPECT_EQ(deleted, 0);
    EXPECT_EQ(last.getData(), &value);
  }
  EXPECT_EQ(deleted, 1);
}

TEST(TensorTest, StridedViewsReadAndCopyInRowMajorOrder) {
  float memory[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  struct {
    const char *what;
    Dims shape, strides;
    int64_t offset;
    Doubles expected;
    bool contiguous;
  } cases[] = {
      {"columns", {3, 2}, {4, 1}, 0, {0, 1, 4, 5, 8, 9}, false},
      {"transposed", {2, 3}, {1, 4}, 0, {0, 4, 8, 1, 5, 9}, false},
      {"repeated", {2, 3}, {0, 1}, 3, {3, 4, 5, 3, 4, 5}, false},
      {"backwards", {3}, {-2}, 5, {5, 3, 1}, false},
      {"every third", {2, 1, 2}, {6, 77, 3}, 1, {1, 4, 7, 10}, false},
      {"any stride of 1", {1, 3}, {1000, 1}, 2, {2, 3, 4}, true},
  };
  for (const auto &c : cases) {
    SCOPED_TRACE(c.what);
    SEEDNORM_ASSERT_VALUE(view,
                          Tensor::borrow(memory + c.offset, DType::F32, c.shape,
                                         llvm::ArrayRef<int64_t>(c.strides)));
    EXPECT_EQ(view.toDoubles(), c.expected);
    EXPECT_EQ(view.isContiguous(), c.contiguous);
    SEEDNORM_ASSERT_VALUE(copy, view.copy());
    EXPECT_TRUE(copy.isContiguous());
    EXPECT_EQ(copy.toDoubles(), c.expected);
  }
}

TEST(TensorTest, ContiguousCopiesOnlyWhatIsNot) {
  alignas(8) char bytes[16] = {};
  float value = 1.5;
  std::memcpy(bytes + 1, &value, 4);
  SEEDNORM_ASSERT_VALUE(aligned, Tensor::borrow(bytes, DType::F32, {2}));
  SEEDNORM_ASSERT_VALUE(same, aligned.contiguous());
  EXPECT_EQ(same.getData(), bytes);
  SEEDNORM_ASSERT_VALUE(odd, Tensor::borrow(bytes + 1, DType::F32, {1}));
  EXPECT_FALSE(odd.isElementAligned());
  SEEDNORM_ASSERT_VALUE(copy, odd.contiguous());
  EXPECT_TRUE(copy.isElementAligned());
  EXPECT_EQ(copy.toDoubles(), Doubles({1.5}));
}

TEST(TensorTest, RejectsBadStrides) {
  float value = 0;
  Dims one = {1}, huge = {kHuge / 8};
  EXPECT_EQ(messageOf(Tensor::borrow(&value, DType::F32, {1, 1},
                                     llvm::ArrayRef<int64_t>(one))),
            "1 strides for 2 dimensions");
  EXPECT_EQ(messageOf(Tensor::borrow(&value, DType::F32, {4},
                                     llvm::ArrayRef<int64_t>(huge))),
            "stride 1152921504606846975 over 4 elements exceeds 64 bits");
}

TEST(TensorTest, RejectsNullData) {
  EXPECT_EQ(messageOf(Tensor::borrow(nullptr, DType::F32, {2})),
            "null data for 2xf32");
  EXPECT_EQ(messageOf(Tensor::borrow(nullptr, DType::F32, {2, 0})), "success");
}

TEST(TensorTest, BooleansAreZeroOrOne) {
  uint8_t bytes[] = {0, 1, 7, 1};
  auto check = [&](DType dtype, int64_t size) {
    return messageOf(
        checkBooleans(llvm::cantFail(Tensor::borrow(bytes, dtype, {size}))));
  };
  EXPECT_EQ(check(DType::I1, 4), "a boolean has the value 7, expected 0 or 1");
  EXPECT_EQ(check(DType::I1, 2), "success");
  EXPECT_EQ(check(DType::I8, 4), "success");
}

//===----------------------------------------------------------------------===//
// DLPack
//===----------------------------------------------------------------------===//

struct Foreign {
  float memory[6] = {0, 1, 2, 3, 4, 5};
  int64_t shape[2] = {2, 3};
  int64_t strides[2] = {1, 2};
  int deleted = 0;
  DLManagedTensor managed = {
      {memory, {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, strides, 0},
      this,
      [](DLManagedTensor *self) {
        ++static_cast<Foreign *>(self->manager_ctx)->deleted;
      }};
  DLTensor &tensor = managed.dl_tensor;

  std::string takeMessage() {
    std::string message = messageOf(Tensor::fromDLPack(&managed));
    EXPECT_EQ(deleted, 0) << "an error must leave the tensor the caller's";
    return message;
  }
};

TEST(DLPackTest, TakesOver) {
  Foreign foreign;
  {
    SEEDNORM_ASSERT_VALUE(tensor, Tensor::fromDLPack(&foreign.managed));
    EXPECT_EQ(tensor.toDoubles(), Doubles({0, 2, 4, 1, 3, 5}));
    EXPECT_EQ(foreign.deleted, 0);
  }
  EXPECT_EQ(foreign.deleted, 1);
}

TEST(DLPackTest, NoStridesAreRowMajor) {
  Foreign foreign;
  foreign.tensor.strides = nullptr;
  foreign.tensor.byte_offset = 4;
  foreign.tensor.ndim = 1;
  SEEDNORM_ASSERT_VALUE(tensor, Tensor::fromDLPack(&foreign.managed));
  EXPECT_EQ(tensor.toDoubles(), Doubles({1, 2}));
}

TEST(DLPackTest, RoundTripsEveryType) {
  for (DType dtype : kAll) {
    DLManagedTensor *managed;
    {
      SEEDNORM_ASSERT_VALUE(tensor,
                            Tensor::fromDoubles(dtype, {3, 1}, {1, 0, 1}));
      managed = tensor.toDLPack();
    }
    SEEDNORM_ASSERT_VALUE(back, Tensor::fromDLPack(managed));
    EXPECT_EQ(back.getDType(), dtype);
    EXPECT_EQ(back.getShape(), llvm::ArrayRef<int64_t>({3, 1}));
    EXPECT_EQ(back.toDoubles(), Doubles({1, 0, 1}));
  }
}

TEST(DLPackTest, UnsignedBytesAreI8) {
  Foreign foreign;
  foreign.tensor.dtype = {kDLUInt, 8, 1};
  SEEDNORM_ASSERT_VALUE(tensor, Tensor::fromDLPack(&foreign.managed));
  EXPECT_EQ(tensor.getDType(), DType::I8);
}

TEST(DLPackTest, RejectsOtherDevices) {
  Foreign foreign;
  foreign.tensor.device.device_type = kDLCUDA;
  EXPECT_EQ(foreign.takeMessage(), "the DLPack tensor is on a device of type "
                                   "2, expected host memory");
}

TEST(DLPackTest, RejectsOtherTypes) {
  Foreign foreign;
  auto messageFor = [](std::string what) {
    return "the DLPack tensor has an element type of " + what +
           ", expected f64, f32, bf16, f16, i64, i32, i16, i8, u8 or bool";
  };
  foreign.tensor.dtype = {kDLComplex, 64, 1};
  EXPECT_EQ(foreign.takeMessage(), messageFor("code 5, 64 bits and 1 lanes"));
  foreign.tensor.dtype = {kDLFloat, 32, 4};
  EXPECT_EQ(foreign.takeMessage(), messageFor("code 2, 32 bits and 4 lanes"));
}

TEST(DLPackTest, RejectsBadShapes) {
  Foreign foreign;
  foreign.tensor.ndim = -1;
  EXPECT_EQ(foreign.takeMessage(),
            "the DLPack tensor has -1 dimensions, expected 0 or more");
  foreign.tensor.ndim = 2;
  foreign.shape[0] = -2;
  EXPECT_EQ(foreign.takeMessage(), "dimension 0 is -2, expected 0 or more");
  foreign.tensor.shape = nullptr;
  EXPECT_EQ(foreign.takeMessage(),
            "the DLPack tensor has no shape, expected 2 dimensions");
}

TEST(DLPackTest, RejectsNullData) {
  Foreign foreign;
  foreign.tensor.data = nullptr;
  EXPECT_EQ(foreign.takeMessage(), "null data for 2x3xf32");
}

} // namespace
