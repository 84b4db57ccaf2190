//===- Tensor.h - Typed, strided memory over DLPack -------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one tensor type of the runtime, its tools and its bindings: a view of
// memory that it may own, exchangeable with other frameworks through DLPack. It
// must not know files, compiled modules or MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_TENSOR_H
#define SEEDNORM_RUNTIME_TENSOR_H

#include "dlpack/dlpack.h"
#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace seednorm {

/// Element types at the boundary of a compiled module. An i1 takes one byte,
/// which is 0 or 1. Unsigned bytes (text) are I8 with the same bits.
enum class DType : uint8_t { F64, F32, BF16, F16, I64, I32, I16, I8, I1 };

/// "f64", "f32", "bf16", … as MLIR and the module metadata spell them.
llvm::StringRef stringifyDType(DType dtype);
std::optional<DType> parseDType(llvm::StringRef text);
/// Bytes of one element in memory.
size_t getElementSize(DType dtype);
bool isFloat(DType dtype);

/// One element as a double (exact but for i64 beyond 2^53), and back: rounded
/// to nearest even for floats, saturated for integers. `element` need not be
/// aligned.
double loadAsDouble(DType dtype, const void *element);
void storeFromDouble(DType dtype, void *element, double value);

/// NumPy's limit, which also bounds messages about shapes.
constexpr size_t kMaxRank = 64;

/// "2x?x64xf32"; negative dimensions print as '?'.
std::string formatType(DType dtype, llvm::ArrayRef<int64_t> shape);

/// The number of elements. An error if there are more than kMaxRank dimensions,
/// if one is negative, or if the bytes of the shape, zero dimensions taken as
/// 1, exceed int64_t, so that row-major strides never overflow either.
llvm::Expected<int64_t> countElements(DType dtype,
                                      llvm::ArrayRef<int64_t> shape);

/// A view of elements in host memory. Copying a Tensor copies the view; all
/// copies share the memory, which goes when the last one does.
class Tensor {
public:
  static constexpr size_t kAlignment = 64;

  /// An empty f32 tensor of shape [0].
  Tensor() = default;

  /// Fresh, uninitialised, row-major memory aligned to 64 bytes.
  static llvm::Expected<Tensor> allocate(DType dtype,
                                         llvm::ArrayRef<int64_t> shape);

  /// A view of memory that is kept alive by `owner` (with any deleter), or by
  /// the caller if that is null. Strides are in elements; without them the
  /// memory is row-major.
  static llvm::Expected<Tensor>
  borrow(void *data, DType dtype, llvm::ArrayRef<int64_t> shape,
         std::optional<llvm::ArrayRef<int64_t>> strides = std::nullopt,
         std::shared_ptr<void> owner = nullptr);

  /// A row-major tensor with the given values, converted by storeFromDouble.
  static llvm::Expected<Tensor> fromDoubles(DType dtype,
                                            llvm::ArrayRef<int64_t> shape,
                                            llvm::ArrayRef<double> values);

  /// Takes over `managed` and calls its deleter at the end. On an error it
  /// stays the caller's.
  static llvm::Expected<Tensor> fromDLPack(DLManagedTensor *managed);
  /// A new DLManagedTensor that shares the memory; release it by its deleter.
  DLManagedTensor *toDLPack() const;
  /// A plain DLTensor, valid as long as this object is not moved or changed.
  DLTensor getDLTensor() const;

  DType getDType() const { return dtype; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  llvm::ArrayRef<int64_t> getStrides() const { return strides; }
  int64_t getRank() const { return shape.size(); }
  int64_t getNumElements() const { return numElements; }
  /// Bytes of the elements when stored densely.
  size_t getByteSize() const { return numElements * getElementSize(dtype); }
  std::string getTypeString() const { return formatType(dtype, shape); }

  /// The address of element [0, …, 0].
  void *getData() const { return data; }
  template <typename T>
  T *getDataAs() const {
    return static_cast<T *>(data);
  }

  /// Row-major without gaps (dimensions of size 1 may have any stride).
  bool isContiguous() const;
  /// The address is a multiple of the element size.
  bool isElementAligned() const;

  /// This tensor if it is contiguous and its elements are aligned, else a copy.
  llvm::Expected<Tensor> contiguous() const;
  /// A row-major copy in fresh memory.
  llvm::Expected<Tensor> copy() const;
  /// The elements in row-major order.
  std::vector<double> toDoubles() const;

private:
  DType dtype = DType::F32;
  llvm::SmallVector<int64_t, 4> shape = {0};
  llvm::SmallVector<int64_t, 4> strides = {1};
  int64_t numElements = 0;
  void *data = nullptr;
  std::shared_ptr<void> owner;
};

/// An error if an i1 tensor has a byte other than 0 and 1, on which compiled
/// code is undefined.
llvm::Error checkBooleans(const Tensor &tensor);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_TENSOR_H
