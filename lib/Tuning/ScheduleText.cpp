//===- ScheduleText.cpp - Schedules as texts of a database ---------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the fields without MLIR's parser: files may hold anything. Knows
// nothing of what fits a program or a target.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/LearnedModel.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;

std::optional<ScheduleFields> tuning::parseScheduleFields(StringRef text) {
  text = text.trim();
  text.consume_front("#rowwise.schedule");
  text = text.trim();
  if (!text.consume_front("<") || !text.consume_back(">"))
    return std::nullopt;
  ScheduleFields fields;
  if (text.trim().empty())
    return fields;
  ArrayRef<ScheduleFieldInfo> infos = getScheduleFieldInfos();
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    auto [name, number] = part.split('=');
    const auto *info = find_if(infos, [&, name = name.trim()](auto &info) {
      return info.name == name;
    });
    int64_t value;
    if (info == infos.end() || number.trim().getAsInteger(10, value) ||
        value < 0 || value > info->most)
      return std::nullopt;
    fields[ScheduleField(info - infos.begin())] = value;
  }
  return fields;
}
