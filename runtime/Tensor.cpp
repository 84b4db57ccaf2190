//===- Tensor.cpp - Typed, strided memory over DLPack -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks of shapes, strides and DLPack descriptors, and element conversion.
// Nothing here trusts a number that came from a file or another framework. It
// must not know files, compiled modules or MLIR.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Tensor.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <sys/mman.h>

using namespace llvm;
using namespace seednorm;

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

namespace {

struct DTypeInfo {
  StringLiteral name;
  uint8_t size;
  uint8_t dlCode;
};

// DLPack has had a code for bool since version 0.8; older headers lack it.
constexpr uint8_t kDLBoolCode = 6;

// In the order of the enum.
constexpr DTypeInfo kDTypes[] = {
    {"f64", 8, kDLFloat}, {"f32", 4, kDLFloat}, {"bf16", 2, kDLBfloat},
    {"f16", 2, kDLFloat}, {"i64", 8, kDLInt},   {"i32", 4, kDLInt},
    {"i16", 2, kDLInt},   {"i8", 1, kDLInt},    {"i1", 1, kDLBoolCode}};

const DTypeInfo &getInfo(DType dtype) {
  return kDTypes[static_cast<size_t>(dtype)];
}

std::optional<DType> parseDLDataType(DLDataType type) {
  if (type.lanes != 1)
    return std::nullopt;
  if (type.code == kDLUInt && type.bits == 8)
    return DType::I8;
  for (auto [index, info] : enumerate(kDTypes))
    if (info.dlCode == type.code && info.size * 8 == type.bits)
      return static_cast<DType>(index);
  return std::nullopt;
}

template <typename T>
T load(const void *element) {
  T value;
  std::memcpy(&value, element, sizeof(T));
  return value;
}

template <typename T>
void store(void *element, T value) {
  std::memcpy(element, &value, sizeof(T));
}

double loadHalf(uint16_t bits) {
  int exponent = bits >> 10 & 0x1f;
  int mantissa = bits & 0x3ff;
  double magnitude;
  if (exponent == 0x1f)
    magnitude = mantissa ? std::numeric_limits<double>::quiet_NaN()
                         : std::numeric_limits<double>::infinity();
  else if (exponent == 0)
    magnitude = std::ldexp(mantissa, -24);
  else
    magnitude = std::ldexp(mantissa + 1024, exponent - 25);
  return std::copysign(magnitude, bits & 0x8000 ? -1.0 : 1.0);
}

// Straight from double: by way of float it would be rounded twice.
uint16_t roundTo(const fltSemantics &semantics, double value) {
  APFloat rounded(value);
  bool losesInfo;
  rounded.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return rounded.bitcastToAPInt().getZExtValue();
}

template <typename T>
void storeSaturated(void *element, double value) {
  // 2^(bits-1), exact, unlike the largest value of int64_t.
  constexpr double limit = -double(std::numeric_limits<T>::min());
  T result;
  if (std::isnan(value))
    result = 0;
  else if (value >= limit)
    result = std::numeric_limits<T>::max();
  else if (value <= -limit)
    result = std::numeric_limits<T>::min();
  else
    result = static_cast<T>(value);
  store(element, result);
}

} // namespace

StringRef seednorm::stringifyDType(DType dtype) { return getInfo(dtype).name; }

std::optional<DType> seednorm::parseDType(StringRef text) {
  for (auto [index, info] : enumerate(kDTypes))
    if (info.name == text)
      return static_cast<DType>(index);
  return std::nullopt;
}

size_t seednorm::getElementSize(DType dtype) { return getInfo(dtype).size; }

bool seednorm::isFloat(DType dtype) { return dtype <= DType::F16; }

double seednorm::loadAsDouble(DType dtype, const void *element) {
  switch (dtype) {
  case DType::F64:
    return load<double>(element);
  case DType::F32:
    return load<float>(element);
  case DType::BF16: {
    uint32_t bits = uint32_t(load<uint16_t>(element)) << 16;
    return load<float>(&bits);
  }
  case DType::F16:
    return loadHalf(load<uint16_t>(element));
  case DType::I64:
    return load<int64_t>(element);
  case DType::I32:
    return load<int32_t>(element);
  case DType::I16:
    return load<int16_t>(element);
  case DType::I8:
    return load<int8_t>(element);
  case DType::I1:
    return load<uint8_t>(element) != 0;
  }
  llvm_unreachable("all element types handled");
}

void seednorm::storeFromDouble(DType dtype, void *element, double value) {
  switch (dtype) {
  case DType::F64:
    return store<double>(element, value);
  case DType::F32:
    return store<float>(element, value);
  case DType::BF16:
    return store(element, roundTo(APFloat::BFloat(), value));
  case DType::F16:
    return store(element, roundTo(APFloat::IEEEhalf(), value));
  case DType::I64:
    return storeSaturated<int64_t>(element, value);
  case DType::I32:
    return storeSaturated<int32_t>(element, value);
  case DType::I16:
    return storeSaturated<int16_t>(element, value);
  case DType::I8:
    return storeSaturated<int8_t>(element, value);
  case DType::I1:
    return store<uint8_t>(element, value != 0);
  }
  llvm_unreachable("all element types handled");
}

//===----------------------------------------------------------------------===//
// Shapes and strides
//===----------------------------------------------------------------------===//

std::string seednorm::formatType(DType dtype, ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t dim : shape)
    text += (dim < 0 ? "?" : std::to_string(dim)) + "x";
  return text + stringifyDType(dtype).str();
}

Expected<int64_t> seednorm::countElements(DType dtype,
                                          ArrayRef<int64_t> shape) {
  if (shape.size() > kMaxRank)
    return makeError(Twine(shape.size()) + " dimensions, expected at most " +
                     Twine(kMaxRank));
  int64_t bytes = getElementSize(dtype), elements = 1;
  for (auto [index, dim] : enumerate(shape)) {
    if (dim < 0)
      return makeError("dimension " + Twine(index) + " is " + Twine(dim) +
                       ", expected 0 or more");
    if (MulOverflow(bytes, std::max<int64_t>(dim, 1), bytes))
      return makeError("the size of " + formatType(dtype, shape) +
                       " in bytes exceeds 64 bits");
    // Cannot overflow: at most the product above.
    elements *= dim;
  }
  return elements;
}

namespace {

// The caller has checked the shape with countElements.
SmallVector<int64_t, 4> getRowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t, 4> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * std::max<int64_t>(shape[i], 1);
  return strides;
}

Error checkStrides(DType dtype, ArrayRef<int64_t> shape,
                   ArrayRef<int64_t> strides) {
  if (strides.size() != shape.size())
    return makeError(Twine(strides.size()) + " strides for " +
                     Twine(shape.size()) + " dimensions");
  // Addresses of all elements, and every partial sum on the way, must fit.
  int64_t span = getElementSize(dtype);
  for (auto [dim, stride] : zip_equal(shape, strides)) {
    int64_t step;
    bool overflow = MulOverflow(stride, int64_t(getElementSize(dtype)), step) ||
                    MulOverflow(step, std::max<int64_t>(dim, 1), step) ||
                    step == std::numeric_limits<int64_t>::min() ||
                    AddOverflow(span, std::abs(step), span);
    if (overflow)
      return makeError("stride " + Twine(stride) + " over " + Twine(dim) +
                       " elements exceeds 64 bits");
  }
  return Error::success();
}

// Calls visit(address of the row's first element) for each innermost row, in
// row-major order. There must be elements.
template <typename Visit>
void forEachRow(const Tensor &tensor, Visit visit) {
  int64_t size = getElementSize(tensor.getDType());
  ArrayRef<int64_t> shape = tensor.getShape(), strides = tensor.getStrides();
  size_t outerRank = shape.empty() ? 0 : shape.size() - 1;
  SmallVector<int64_t, 4> index(outerRank, 0);
  const char *row = tensor.getDataAs<const char>();
  while (true) {
    visit(row);
    size_t d = outerRank;
    while (d-- > 0) {
      row += strides[d] * size;
      if (++index[d] < shape[d])
        break;
      row -= strides[d] * size * shape[d];
      index[d] = 0;
    }
    if (d == size_t(-1))
      return;
  }
}

} // namespace

//===----------------------------------------------------------------------===//
// Tensor
//===----------------------------------------------------------------------===//

Expected<Tensor> Tensor::allocate(DType dtype, ArrayRef<int64_t> shape) {
  Expected<int64_t> count = countElements(dtype, shape);
  if (!count)
    return count.takeError();
  uint64_t bytes = uint64_t(*count) * getElementSize(dtype);
  // aligned_alloc wants a multiple of the alignment; an empty tensor still
  // gets an address that compiled code may compute with.
  // Large arrays are in huge pages where the system has them, as those of
  // compiled code are.
  constexpr uint64_t hugePage = uint64_t(2) << 20;
  bool isLarge = bytes >= 2 * hugePage;
  uint64_t alignment = isLarge ? hugePage : kAlignment;
  uint64_t rounded = alignTo(std::max<uint64_t>(bytes, 1), alignment);
  std::shared_ptr<void> memory(std::aligned_alloc(alignment, rounded),
                               std::free);
  if (!memory)
    return makeError("cannot allocate " + Twine(bytes) + " bytes for " +
                     formatType(dtype, shape));
  void *data = memory.get();
  if (isLarge)
    madvise(data, rounded, MADV_HUGEPAGE);
  return borrow(data, dtype, shape, std::nullopt, std::move(memory));
}

Expected<Tensor> Tensor::borrow(void *data, DType dtype,
                                ArrayRef<int64_t> shape,
                                std::optional<ArrayRef<int64_t>> strides,
                                std::shared_ptr<void> owner) {
  Expected<int64_t> count = countElements(dtype, shape);
  if (!count)
    return count.takeError();
  if (strides)
    if (Error error = checkStrides(dtype, shape, *strides))
      return error;
  if (!data && *count != 0)
    return makeError("null data for " + formatType(dtype, shape));
  Tensor tensor;
  tensor.dtype = dtype;
  tensor.shape.assign(shape.begin(), shape.end());
  tensor.strides =
      strides ? SmallVector<int64_t, 4>(*strides) : getRowMajorStrides(shape);
  tensor.numElements = *count;
  tensor.data = data;
  tensor.owner = std::move(owner);
  return tensor;
}

Expected<Tensor> Tensor::fromDoubles(DType dtype, ArrayRef<int64_t> shape,
                                     ArrayRef<double> values) {
  Expected<Tensor> tensor = allocate(dtype, shape);
  if (!tensor)
    return tensor;
  if (values.size() != size_t(tensor->getNumElements()))
    return makeError(Twine(values.size()) + " values for " +
                     tensor->getTypeString());
  char *element = tensor->getDataAs<char>();
  for (double value : values) {
    storeFromDouble(dtype, element, value);
    element += getElementSize(dtype);
  }
  return tensor;
}

bool Tensor::isContiguous() const {
  if (numElements == 0)
    return true;
  for (auto [dim, stride, wanted] :
       zip_equal(shape, strides, getRowMajorStrides(shape)))
    if (dim != 1 && stride != wanted)
      return false;
  return true;
}

bool Tensor::isElementAligned() const {
  return reinterpret_cast<uintptr_t>(data) % getElementSize(dtype) == 0;
}

Expected<Tensor> Tensor::contiguous() const {
  if (isContiguous() && isElementAligned())
    return *this;
  return copy();
}

Expected<Tensor> Tensor::copy() const {
  Expected<Tensor> result = allocate(dtype, shape);
  if (!result || numElements == 0)
    return result;
  char *to = result->getDataAs<char>();
  if (isContiguous()) {
    std::memcpy(to, data, getByteSize());
    return result;
  }
  int64_t size = getElementSize(dtype);
  int64_t columns = shape.back(), step = strides.back() * size;
  forEachRow(*this, [&](const char *row) {
    if (step == size) {
      std::memcpy(to, row, columns * size);
      to += columns * size;
      return;
    }
    for (int64_t i = 0; i < columns; ++i, to += size)
      std::memcpy(to, row + i * step, size);
  });
  return result;
}

std::vector<double> Tensor::toDoubles() const {
  std::vector<double> values;
  if (numElements == 0)
    return values;
  values.reserve(numElements);
  int64_t columns = shape.empty() ? 1 : shape.back();
  int64_t step = shape.empty() ? 0 : strides.back() * getElementSize(dtype);
  forEachRow(*this, [&](const char *row) {
    for (int64_t i = 0; i < columns; ++i)
      values.push_back(loadAsDouble(dtype, row + i * step));
  });
  return values;
}

Error seednorm::checkBooleans(const Tensor &tensor) {
  if (tensor.getDType() != DType::I1 || tensor.getNumElements() == 0)
    return Error::success();
  int64_t columns = tensor.getRank() ? tensor.getShape().back() : 1;
  int64_t step = tensor.getRank() ? tensor.getStrides().back() : 0;
  std::optional<unsigned> wrong;
  forEachRow(tensor, [&](const char *row) {
    for (int64_t i = 0; i < columns; ++i)
      if (uint8_t byte = row[i * step]; byte > 1)
        wrong = byte;
  });
  if (wrong)
    return makeError("a boolean has the value " + Twine(*wrong) +
                     ", expected 0 or 1");
  return Error::success();
}

//===----------------------------------------------------------------------===//
// DLPack
//===----------------------------------------------------------------------===//

Expected<Tensor> Tensor::fromDLPack(DLManagedTensor *managed) {
  const DLTensor &from = managed->dl_tensor;
  if (from.device.device_type != kDLCPU &&
      from.device.device_type != kDLCUDAHost)
    return makeError("the DLPack tensor is on a device of type " +
                     Twine(int(from.device.device_type)) +
                     ", expected host memory");
  std::optional<DType> dtype = parseDLDataType(from.dtype);
  if (!dtype)
    return makeError("the DLPack tensor has an element type of code " +
                     Twine(unsigned(from.dtype.code)) + ", " +
                     Twine(unsigned(from.dtype.bits)) + " bits and " +
                     Twine(unsigned(from.dtype.lanes)) +
                     " lanes, expected f64, f32, bf16, f16, i64, i32, i16, "
                     "i8, u8 or bool");
  if (from.ndim < 0)
    return makeError("the DLPack tensor has " + Twine(from.ndim) +
                     " dimensions, expected 0 or more");
  if (from.ndim > 0 && !from.shape)
    return makeError("the DLPack tensor has no shape, expected " +
                     Twine(from.ndim) + " dimensions");
  void *data =
      from.data ? static_cast<char *>(from.data) + from.byte_offset : nullptr;
  std::optional<ArrayRef<int64_t>> strides;
  if (from.strides)
    strides = ArrayRef<int64_t>(from.strides, from.ndim);
  Expected<Tensor> tensor =
      borrow(data, *dtype, ArrayRef<int64_t>(from.shape, from.ndim), strides);
  // Owned only from here on, so that an error leaves it the caller's.
  if (tensor && managed->deleter)
    tensor->owner = std::shared_ptr<void>(
        data, [managed](void *) { managed->deleter(managed); });
  return tensor;
}

DLTensor Tensor::getDLTensor() const {
  // DLPack's struct has no const; consumers do not write through these.
  return {data,
          {kDLCPU, 0},
          int(shape.size()),
          {getInfo(dtype).dlCode, uint8_t(getInfo(dtype).size * 8), 1},
          const_cast<int64_t *>(shape.data()),
          const_cast<int64_t *>(strides.data()),
          0};
}

DLManagedTensor *Tensor::toDLPack() const {
  // The copy keeps the memory alive and holds shape and strides.
  auto *kept = new Tensor(*this);
  return new DLManagedTensor{kept->getDLTensor(), kept,
                             [](DLManagedTensor *self) {
                               delete static_cast<Tensor *>(self->manager_ctx);
                               delete self;
                             }};
}
