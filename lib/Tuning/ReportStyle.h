//===- ReportStyle.h - Style sheet and script of the report -----*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two texts that are the same on every page. The page's policy lets only
// texts with their hashes run. They must not know any measurement.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_REPORTSTYLE_H
#define SEEDNORM_LIB_TUNING_REPORTSTYLE_H

#include "llvm/ADT/StringRef.h"

namespace seednorm::tuning::report {

/// Neither has characters that HTML or XML would read otherwise.
llvm::StringRef getStyleSheet();
/// Copies schedules, filters the table and opens all for printing; the page is
/// complete without it.
llvm::StringRef getScript();

} // namespace seednorm::tuning::report

#endif // SEEDNORM_LIB_TUNING_REPORTSTYLE_H
