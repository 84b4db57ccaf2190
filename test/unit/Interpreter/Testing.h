//===- Testing.h - What the tests of the interpreter share ------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_INTERPRETER_TESTING_H
#define SEEDNORM_TEST_UNIT_INTERPRETER_TESTING_H

#include "seednorm/Runtime/Tensor.h"

namespace seednorm::testing {

inline Tensor tensor(DType dtype, llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<double> values) {
  return llvm::cantFail(Tensor::fromDoubles(dtype, shape, values));
}

/// f maps the element-wise operation over tensors of `type`.
inline std::string elementwise(llvm::StringRef op, llvm::StringRef type,
                               int operands, llvm::StringRef result = "") {
  std::string in = ("tensor<?x" + type + ">").str();
  std::string out = result.empty() ? in : ("tensor<?x" + result + ">").str();
  std::string arguments, names;
  for (int i = 0; i < operands; ++i) {
    arguments += (i ? ", %" : "%") + std::string(1, 'a' + i) + ": " + in;
    names += (i ? ", %" : "%") + std::string(1, 'a' + i);
  }
  return "func.func @f(" + arguments + ") -> " + out +
         " {\n  %r = " + op.str() + " " + names + " : " + in +
         (result.empty() ? "" : " to " + out) + "\n  return %r : " + out +
         "\n}";
}

} // namespace seednorm::testing

#endif // SEEDNORM_TEST_UNIT_INTERPRETER_TESTING_H
