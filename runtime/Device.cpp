//===- Device.cpp - What runs compiled modules beside the host ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where the classes' tables of functions are.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Device.h"

using namespace seednorm;

Recording::~Recording() = default;
Recorder::~Recorder() = default;
Device::~Device() = default;

std::unique_ptr<Recorder> Device::createRecorder() { return nullptr; }
