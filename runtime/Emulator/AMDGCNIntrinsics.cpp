//===- AMDGCNIntrinsics.cpp - Intrinsics of AMD's GPUs --------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What kernels need that MLIR makes for gfx9 and later: indices, lanes of
// waves, barriers, and arithmetic. Waves have no masks: lanes that are at one
// place together take part.
//
//===----------------------------------------------------------------------===//

#include "Arithmetic.h"
#include "Lowering.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/Intrinsics.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

static std::optional<Register> findIndex(StringRef name) {
  using R = std::optional<Register>;
  return StringSwitch<R>(name)
      .Case("workitem.id.x", Register::TidX)
      .Case("workitem.id.y", Register::TidY)
      .Case("workitem.id.z", Register::TidZ)
      .Case("workgroup.id.x", Register::CtaIdX)
      .Case("workgroup.id.y", Register::CtaIdY)
      .Case("workgroup.id.z", Register::CtaIdZ)
      .Case("wavefrontsize", Register::WarpSize)
      .Default(std::nullopt);
}

/// The bits of a mask below the lane, in the lower or the upper half, plus a
/// number.
static Value *countBelow(Lowering &lowering, CallInst &call, bool high) {
  IRBuilder<> &builder = lowering.builder;
  Type *i64 = builder.getInt64Ty();
  Value *lane =
      builder.CreateZExt(lowering.readRegister(Register::LaneId), i64);
  Value *below = builder.CreateSub(builder.CreateShl(builder.getInt64(1), lane),
                                   builder.getInt64(1));
  Value *half = builder.CreateTrunc(
      high ? builder.CreateLShr(below, 32) : below, builder.getInt32Ty());
  Value *count = builder.CreateUnaryIntrinsic(
      Intrinsic::ctpop, builder.CreateAnd(half, call.getArgOperand(0)));
  return builder.CreateAdd(count, call.getArgOperand(1));
}

/// Of up to 64 bits.
static Value *readLane(Lowering &lowering, CallInst &call,
                       WarpOperation operation, Value *value, Value *lane) {
  IRBuilder<> &builder = lowering.builder;
  Type *type = value->getType();
  unsigned bits = type->getPrimitiveSizeInBits();
  if (!bits || bits > 64)
    return nullptr;
  Value *result =
      lowering.callWarp(operation, builder.getInt32(0),
                        builder.CreateBitCast(value, builder.getIntNTy(bits)),
                        lowering.getSite(call), lane);
  return builder.CreateBitCast(
      builder.CreateTrunc(result, builder.getIntNTy(bits)), type);
}

Value *emulator::lowerAMDGCN(Lowering &lowering, CallInst &call,
                             StringRef name) {
  IRBuilder<> &builder = lowering.builder;
  if (std::optional<Register> index = findIndex(name))
    return lowering.readRegister(*index);
  if (name == "mbcnt.lo" || name == "mbcnt.hi")
    return countBelow(lowering, call, name == "mbcnt.hi");
  // The lane's number times 4.
  if (name == "ds.bpermute")
    return readLane(lowering, call, WarpOperation::ReadLane,
                    call.getArgOperand(1),
                    builder.CreateLShr(call.getArgOperand(0), 2));
  if (name == "readlane")
    return readLane(lowering, call, WarpOperation::ReadLane,
                    call.getArgOperand(0), call.getArgOperand(1));
  if (name == "readfirstlane")
    return readLane(lowering, call, WarpOperation::ReadFirstLane,
                    call.getArgOperand(0), nullptr);
  if (name == "s.barrier")
    return lowering.callBarrier(BarrierOperation::Sync, builder.getInt32(0),
                                nullptr, /*aligned=*/false, nullptr,
                                lowering.getSite(call));
  if (is_contained({"wave.barrier", "s.waitcnt", "sched.barrier",
                    "sched.group.barrier", "s.setprio", "s.sleep"},
                   name))
    return builder.getInt32(0);
  StringRef operation = StringSwitch<StringRef>(name)
                            .Case("rcp", "rcp")
                            .Case("rsq", "rsqrt")
                            .Case("sqrt", "sqrt")
                            .Case("exp2", "ex2")
                            .Case("log", "lg2")
                            .Case("tanh", "tanh")
                            .Default("");
  if (operation.empty())
    return nullptr;
  FloatMode mode;
  mode.approximate = true;
  return emitFloatOperation(builder, operation, mode, {call.getArgOperand(0)});
}

Value *emulator::lowerOCKL(Lowering &lowering, CallInst &call, StringRef name) {
  auto *dimension = call.arg_size() == 1
                        ? dyn_cast<ConstantInt>(call.getArgOperand(0))
                        : nullptr;
  auto first = StringSwitch<std::optional<Register>>(name)
                   .Case("__ockl_get_local_size", Register::NTidX)
                   .Case("__ockl_get_num_groups", Register::NCtaIdX)
                   .Case("__ockl_get_group_id", Register::CtaIdX)
                   .Case("__ockl_get_local_id", Register::TidX)
                   .Default(std::nullopt);
  if (!first || !dimension || dimension->getZExtValue() > 2)
    return nullptr;
  auto number = static_cast<uint32_t>(dimension->getZExtValue());
  Value *value = lowering.readRegister(
      static_cast<Register>(static_cast<uint32_t>(*first) + number));
  return lowering.builder.CreateZExtOrTrunc(value, call.getType());
}
