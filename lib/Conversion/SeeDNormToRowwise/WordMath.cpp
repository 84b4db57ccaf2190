//===- WordMath.cpp - Random bits in a row program ------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WordMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"

using namespace mlir;
using namespace mlir::seednorm;

Value WordMath::constant(Value like, uint64_t value) {
  auto type = cast<RankedTensorType>(like.getType());
  auto own = type.hasStaticShape() ? type : type.clone(ArrayRef<int64_t>{1});
  Value splat = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(own, APInt(64, value)));
  if (own == type)
    return splat;
  return rowwise::BroadcastOp::create(builder, loc, type, splat);
}

std::pair<Value, Value> WordMath::split(Value value) {
  Value low =
      arith::AndIOp::create(builder, loc, value, constant(value, 0xffffffff));
  Value high = arith::ShRUIOp::create(builder, loc, value, constant(value, 32));
  return {low, high};
}

std::array<Value, 4> WordMath::philox(std::array<Value, 4> c,
                                      std::array<Value, 2> key) {
  auto multiply = [&](Value word, uint64_t by) {
    return split(arith::MulIOp::create(builder, loc, word, constant(word, by)));
  };
  auto exclusiveOr = [&](Value a, Value b) -> Value {
    return arith::XOrIOp::create(builder, loc, a, b);
  };
  for (uint32_t round = 0; round < 10; ++round) {
    // The key is counted up by the fractions of the golden ratio and of √3.
    auto roundKey = [&](Value word, uint32_t step) -> Value {
      if (round == 0)
        return word;
      Value sum = arith::AddIOp::create(builder, loc, word,
                                        constant(word, step * round));
      return split(sum).first;
    };
    auto [low0, high0] = multiply(c[0], 0xD2511F53);
    auto [low2, high2] = multiply(c[2], 0xCD9E8D57);
    c = {exclusiveOr(exclusiveOr(high2, c[1]), roundKey(key[0], 0x9E3779B9)),
         low2,
         exclusiveOr(exclusiveOr(high0, c[3]), roundKey(key[1], 0xBB67AE85)),
         low0};
  }
  return c;
}
