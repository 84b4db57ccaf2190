//===- Parameters.h - Weights bound to entries ------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matches weights to a module's parameters by name, and puts them among an
// entry's inputs. Knows nothing of how entries run.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_PARAMETERS_H
#define SEEDNORM_RUNTIME_PARAMETERS_H

#include "seednorm/Runtime/Entry.h"
#include "seednorm/Runtime/Safetensors.h"
#include <map>

namespace seednorm {

class Parameters {
public:
  Parameters() = default;
  /// The parameters of all entries; an error if two uses of one differ.
  static llvm::Expected<Parameters> create(llvm::ArrayRef<EntrySpec> entries);

  /// Takes their values: the names must be the same, and the types and shapes
  /// must fit. On an error nothing changes.
  llvm::Error bind(const Safetensors &weights);

  /// All arguments of an entry in order, from its inputs without parameters.
  llvm::Expected<llvm::SmallVector<Tensor>>
  collectArguments(const EntrySpec &entry, llvm::ArrayRef<Tensor> inputs) const;

  /// The bound values, contiguous, by name.
  const std::map<std::string, Tensor> &getBound() const { return bound; }

private:
  std::map<std::string, TensorSpec> specs;
  std::map<std::string, Tensor> bound;
};

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_PARAMETERS_H
