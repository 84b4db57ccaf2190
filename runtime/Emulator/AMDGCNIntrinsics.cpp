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
#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/IntrinsicsAMDGPU.h"
#include "llvm/IR/IntrinsicsNVPTX.h"

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

/// The lane that is read, within 32 lanes: and, or, xor with the masks in the
/// pattern. Null for the pattern's other form.
static Value *swizzle(Lowering &lowering, CallInst &call) {
  uint64_t pattern = cast<ConstantInt>(call.getArgOperand(1))->getZExtValue();
  if (pattern & 0x8000)
    return nullptr;
  IRBuilder<> &builder = lowering.builder;
  Value *lane = lowering.readRegister(Register::LaneId);
  lane = builder.CreateAnd(lane, builder.getInt32((pattern & 31) | ~31u));
  lane = builder.CreateOr(lane, builder.getInt32(pattern >> 5 & 31));
  return builder.CreateXor(lane, builder.getInt32(pattern >> 10 & 31));
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
  if (name == "ds.swizzle") {
    Value *source = swizzle(lowering, call);
    return source ? readLane(lowering, call, WarpOperation::ReadLane,
                             call.getArgOperand(0), source)
                  : nullptr;
  }
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

//===----------------------------------------------------------------------===//
// Hidden arguments
//===----------------------------------------------------------------------===//

/// They begin with the numbers of workgroups, each of 32 bits. The register of
/// the same meaning takes a load's place, and is lowered in its turn: what is
/// there before lowering counts as the program's.
static Error replaceLoads(Lowering &lowering, Value &pointer, uint64_t offset) {
  constexpr Intrinsic::ID registers[] = {
      Intrinsic::nvvm_read_ptx_sreg_nctaid_x,
      Intrinsic::nvvm_read_ptx_sreg_nctaid_y,
      Intrinsic::nvvm_read_ptx_sreg_nctaid_z};
  const DataLayout &layout = lowering.function.getDataLayout();
  for (User *user : make_early_inc_range(pointer.users())) {
    APInt distance(layout.getIndexTypeSizeInBits(pointer.getType()), offset);
    auto *address = dyn_cast<GetElementPtrInst>(user);
    if (address && address->accumulateConstantOffset(layout, distance)) {
      if (Error error =
              replaceLoads(lowering, *address, distance.getZExtValue()))
        return error;
      address->eraseFromParent();
      continue;
    }
    auto *load = dyn_cast<LoadInst>(user);
    if (!load || !load->getType()->isIntegerTy(32) || offset % 4 || offset > 8)
      return makeError("function '" + lowering.function.getName() +
                       "' reads a hidden argument that the emulator does not "
                       "know");
    lowering.builder.SetInsertPoint(load);
    load->replaceAllUsesWith(lowering.builder.CreateIntrinsic(
        load->getType(), registers[offset / 4], {}));
    load->eraseFromParent();
  }
  return Error::success();
}

Error emulator::replaceHiddenArguments(Lowering &lowering) {
  SmallVector<CallInst *> calls;
  for (BasicBlock &block : lowering.function)
    for (Instruction &instruction : block)
      if (auto *call = dyn_cast<CallInst>(&instruction))
        if (call->getIntrinsicID() == Intrinsic::amdgcn_implicitarg_ptr)
          calls.push_back(call);
  for (CallInst *call : calls) {
    if (Error error = replaceLoads(lowering, *call, 0))
      return error;
    call->eraseFromParent();
  }
  return Error::success();
}
