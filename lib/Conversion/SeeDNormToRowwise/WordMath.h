//===- WordMath.h - Random bits in a row program ----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arithmetic on 32-bit words, each in an i64 element of a value of a row
// program, and the generator made of it. Knows nothing of what bits are for.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_SEEDNORMTOROWWISE_WORDMATH_H
#define SEEDNORM_CONVERSION_SEEDNORMTOROWWISE_WORDMATH_H

#include "mlir/IR/Builders.h"
#include <array>

namespace mlir::seednorm {

class WordMath {
public:
  WordMath(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  /// As wide as `like`.
  Value constant(Value like, uint64_t value);
  /// The low and the high word of an i64.
  std::pair<Value, Value> split(Value value);
  /// Philox 4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2,
  /// 3, SC 2011): four words of random bits for each element's counter.
  std::array<Value, 4> philox(std::array<Value, 4> counter,
                              std::array<Value, 2> key);

private:
  OpBuilder &builder;
  Location loc;
};

} // namespace mlir::seednorm

#endif // SEEDNORM_CONVERSION_SEEDNORMTOROWWISE_WORDMATH_H
