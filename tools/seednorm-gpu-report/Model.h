//===- Model.h - The kernels of a model as PTX ------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler as far as the report needs it. It must not know what is
// reported.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TOOLS_GPU_REPORT_MODEL_H
#define SEEDNORM_TOOLS_GPU_REPORT_MODEL_H

#include "seednorm/Runtime/Error.h"
#include <vector>

namespace seednorm::gpureport {

/// One PTX text for each module of kernels that the model becomes for a chip;
/// `name` is for messages.
llvm::Expected<std::vector<std::string>> compileToPTX(llvm::StringRef source,
                                                      llvm::StringRef name,
                                                      llvm::StringRef chip);

} // namespace seednorm::gpureport

#endif // SEEDNORM_TOOLS_GPU_REPORT_MODEL_H
