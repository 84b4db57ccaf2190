//===- Intrinsics.cpp - Intrinsics of GPU targets ------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// By name: what each intrinsic reads, waits for or computes. To add another
// target is to add its names to these tables.
//
//===----------------------------------------------------------------------===//

#include "Arithmetic.h"
#include "Lowering.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

std::optional<Register> emulator::findRegister(StringRef name) {
  using R = Register;
  static const StringMap<Register> table = {
      {"tid.x", R::TidX},
      {"tid.y", R::TidY},
      {"tid.z", R::TidZ},
      {"ntid.x", R::NTidX},
      {"ntid.y", R::NTidY},
      {"ntid.z", R::NTidZ},
      {"ctaid.x", R::CtaIdX},
      {"ctaid.y", R::CtaIdY},
      {"ctaid.z", R::CtaIdZ},
      {"nctaid.x", R::NCtaIdX},
      {"nctaid.y", R::NCtaIdY},
      {"nctaid.z", R::NCtaIdZ},
      {"clusterid.x", R::ClusterIdX},
      {"clusterid.y", R::ClusterIdY},
      {"clusterid.z", R::ClusterIdZ},
      {"nclusterid.x", R::NClusterIdX},
      {"nclusterid.y", R::NClusterIdY},
      {"nclusterid.z", R::NClusterIdZ},
      {"cluster.ctaid.x", R::ClusterCtaIdX},
      {"cluster.ctaid.y", R::ClusterCtaIdY},
      {"cluster.ctaid.z", R::ClusterCtaIdZ},
      {"cluster.nctaid.x", R::ClusterNCtaIdX},
      {"cluster.nctaid.y", R::ClusterNCtaIdY},
      {"cluster.nctaid.z", R::ClusterNCtaIdZ},
      {"cluster.ctarank", R::ClusterCtaRank},
      {"cluster.nctarank", R::ClusterNCtaRank},
      {"warpid", R::WarpId},
      {"nwarpid", R::NWarpId},
      {"laneid", R::LaneId},
      {"warpsize", R::WarpSize},
      {"lanemask.eq", R::LaneMaskEq},
      {"lanemask.le", R::LaneMaskLe},
      {"lanemask.lt", R::LaneMaskLt},
      {"lanemask.ge", R::LaneMaskGe},
      {"lanemask.gt", R::LaneMaskGt},
      {"smid", R::SmId},
      {"nsmid", R::NSmId},
      {"dynamic_smem_size", R::DynamicSharedSize},
      {"total_smem_size", R::TotalSharedSize},
  };
  auto it = table.find(name);
  if (it == table.end())
    return std::nullopt;
  return it->second;
}

namespace {

using Handler = Value *(*)(Lowering &, CallInst &);

/// The two values that an intrinsic returns together.
Value *makePair(IRBuilder<> &builder, Type *type, Value *first, Value *second) {
  Value *pair = builder.CreateInsertValue(PoisonValue::get(type), first, 0);
  return builder.CreateInsertValue(pair, second, 1);
}

Value *testBit(IRBuilder<> &builder, Value *value, unsigned bit) {
  return builder.CreateTrunc(builder.CreateLShr(value, bit),
                             builder.getInt1Ty());
}

//===----------------------------------------------------------------------===//
// Warps
//===----------------------------------------------------------------------===//

Value *shuffle(Lowering &lowering, CallInst &call, WarpOperation operation) {
  IRBuilder<> &builder = lowering.builder;
  Type *i32 = builder.getInt32Ty();
  Value *value = call.getArgOperand(1);
  Type *type = value->getType();
  Value *result = lowering.callWarp(
      operation, call.getArgOperand(0), builder.CreateBitCast(value, i32),
      lowering.getSite(call), call.getArgOperand(2), call.getArgOperand(3));
  Value *received =
      builder.CreateBitCast(builder.CreateTrunc(result, i32), type);
  if (!call.getType()->isStructTy())
    return received;
  return makePair(builder, call.getType(), received,
                  testBit(builder, result, 32));
}

template <WarpOperation operation>
Value *shuffle(Lowering &lowering, CallInst &call) {
  return shuffle(lowering, call, operation);
}

/// mask, value → i1 or i32
template <WarpOperation operation>
Value *vote(Lowering &lowering, CallInst &call) {
  Value *result =
      lowering.callWarp(operation, call.getArgOperand(0), call.getArgOperand(1),
                        lowering.getSite(call));
  return lowering.builder.CreateTrunc(result, call.getType());
}

Value *matchAll(Lowering &lowering, CallInst &call) {
  IRBuilder<> &builder = lowering.builder;
  Value *result =
      lowering.callWarp(WarpOperation::MatchAll, call.getArgOperand(0),
                        call.getArgOperand(1), lowering.getSite(call));
  return makePair(builder, call.getType(),
                  builder.CreateTrunc(result, builder.getInt32Ty()),
                  testBit(builder, result, 32));
}

Value *elect(Lowering &lowering, CallInst &call) {
  IRBuilder<> &builder = lowering.builder;
  Value *result =
      lowering.callWarp(WarpOperation::Elect, call.getArgOperand(0),
                        builder.getInt32(0), lowering.getSite(call));
  return makePair(builder, call.getType(),
                  builder.CreateTrunc(result, builder.getInt32Ty()),
                  testBit(builder, result, 32));
}

Value *activeMask(Lowering &lowering, CallInst &call) {
  Value *zero = lowering.getInt(0);
  Value *result = lowering.callWarp(WarpOperation::ActiveMask, zero, zero,
                                    lowering.getSite(call));
  return lowering.builder.CreateTrunc(result, call.getType());
}

Value *syncWarp(Lowering &lowering, CallInst &call) {
  return lowering.callWarp(WarpOperation::Sync, call.getArgOperand(0),
                           lowering.getInt(0), lowering.getSite(call));
}

/// value, mask
Value *reduce(Lowering &lowering, CallInst &call, StringRef kind) {
  IRBuilder<> &builder = lowering.builder;
  using W = WarpOperation;
  std::optional<W> operation =
      StringSwitch<std::optional<W>>(kind)
          .Case("add", W::ReduceAdd)
          .Case("min", W::ReduceMin)
          .Case("max", W::ReduceMax)
          .Case("umin", W::ReduceUnsignedMin)
          .Case("umax", W::ReduceUnsignedMax)
          .Case("and", W::ReduceAnd)
          .Case("or", W::ReduceOr)
          .Case("xor", W::ReduceXor)
          .Cases({"fmin", "fmin.abs"}, W::ReduceFloatMin)
          .Cases({"fmax", "fmax.abs"}, W::ReduceFloatMax)
          .Cases({"fmin.NaN", "fmin.abs.NaN"}, W::ReduceFloatMinNaN)
          .Cases({"fmax.NaN", "fmax.abs.NaN"}, W::ReduceFloatMaxNaN)
          .Default(std::nullopt);
  if (!operation)
    return nullptr;
  Value *value = call.getArgOperand(0);
  if (kind.contains(".abs"))
    value = builder.CreateUnaryIntrinsic(Intrinsic::fabs, value);
  Type *i32 = builder.getInt32Ty();
  Value *result = lowering.callWarp(*operation, call.getArgOperand(1),
                                    builder.CreateBitCast(value, i32),
                                    lowering.getSite(call));
  return builder.CreateBitCast(builder.CreateTrunc(result, i32),
                               call.getType());
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

/// "sync.aligned.all", "red.popc.count" and the like.
Value *barrier(Lowering &lowering, CallInst &call, StringRef kind) {
  bool hasCount = kind.consume_back(".count");
  if (!hasCount && !kind.consume_back(".all"))
    return nullptr;
  bool aligned = kind.consume_back(".aligned");
  auto operation = StringSwitch<std::optional<BarrierOperation>>(kind)
                       .Case("sync", BarrierOperation::Sync)
                       .Case("arrive", BarrierOperation::Arrive)
                       .Case("red.popc", BarrierOperation::Count)
                       .Case("red.and", BarrierOperation::And)
                       .Case("red.or", BarrierOperation::Or)
                       .Default(std::nullopt);
  if (!operation)
    return nullptr;
  Value *predicate = kind.starts_with("red")
                         ? call.getArgOperand(call.arg_size() - 1)
                         : nullptr;
  Value *result =
      lowering.callBarrier(*operation, call.getArgOperand(0),
                           hasCount ? call.getArgOperand(1) : nullptr, aligned,
                           predicate, lowering.getSite(call));
  if (call.getType()->isVoidTy())
    return result;
  return lowering.builder.CreateZExtOrTrunc(result, call.getType());
}

Value *barrierZero(Lowering &lowering, CallInst &call) {
  return lowering.callBarrier(BarrierOperation::Sync, lowering.getInt(0),
                              nullptr, /*aligned=*/true, nullptr,
                              lowering.getSite(call));
}

Value *clusterArrive(Lowering &lowering, CallInst &call) {
  return lowering.callThread("emu_cluster_arrive", lowering.builder.getVoidTy(),
                             {lowering.getInt(lowering.getSite(call))});
}

Value *clusterWait(Lowering &lowering, CallInst &call) {
  return lowering.callThread("emu_cluster_wait", lowering.builder.getVoidTy(),
                             {lowering.getInt(lowering.getSite(call))});
}

Value *fence(Lowering &lowering, CallInst &) {
  return lowering.builder.CreateFence(AtomicOrdering::SequentiallyConsistent);
}

/// What has no effect on results.
Value *ignore(Lowering &lowering, CallInst &call) {
  return Constant::getNullValue(lowering.builder.getInt32Ty());
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value *mapToRank(Lowering &lowering, CallInst &call) {
  IRBuilder<> &builder = lowering.builder;
  Value *address =
      lowering.callThread("emu_mapa", builder.getPtrTy(),
                          {call.getArgOperand(0), call.getArgOperand(1),
                           lowering.getInt(lowering.getSite(call))});
  return builder.CreateAddrSpaceCast(address, call.getType());
}

Value *getRank(Lowering &lowering, CallInst &call) {
  return lowering.callThread("emu_cta_rank", lowering.builder.getInt32Ty(),
                             {call.getArgOperand(0)});
}

template <uint32_t bytes>
Value *copyAsync(Lowering &lowering, CallInst &call) {
  lowering.callCopyAsync(call, call.getArgOperand(0), call.getArgOperand(1),
                         bytes,
                         call.arg_size() > 2 ? call.getArgOperand(2) : nullptr);
  return lowering.getInt(0);
}

Value *commitCopies(Lowering &lowering, CallInst &) {
  return lowering.callThread("emu_copy_commit", lowering.builder.getVoidTy(),
                             {});
}

Value *waitForGroup(Lowering &lowering, CallInst &call) {
  return lowering.callThread("emu_copy_wait", lowering.builder.getVoidTy(),
                             {call.getArgOperand(0), lowering.getInt(0)});
}

Value *waitForAll(Lowering &lowering, CallInst &) {
  return lowering.callThread("emu_copy_wait", lowering.builder.getVoidTy(),
                             {lowering.getInt(0), lowering.getInt(1)});
}

Value *waitForDependency(Lowering &lowering, CallInst &) {
  return lowering.callThread("emu_dependency_wait",
                             lowering.builder.getVoidTy(), {});
}

Value *readClock(Lowering &lowering, CallInst &call) {
  Value *now = emitCall(lowering.builder, "emu_clock",
                        lowering.builder.getInt64Ty(), {});
  return lowering.builder.CreateTrunc(now, call.getType());
}

/// Of shared, global or local memory: decided by the address.
Value *isExplicitCluster(Lowering &lowering, CallInst &) {
  return lowering.builder.CreateTrunc(
      lowering.readRegister(Register::IsExplicitCluster),
      lowering.builder.getInt1Ty());
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

struct Entry {
  Handler handler;
  InstructionClass kind;
};

const StringMap<Entry> &getTable() {
  using C = InstructionClass;
  using W = WarpOperation;
  static const StringMap<Entry> table = {
      {"shfl.sync.up.i32", {shuffle<W::ShuffleUp>, C::Shuffle}},
      {"shfl.sync.up.f32", {shuffle<W::ShuffleUp>, C::Shuffle}},
      {"shfl.sync.up.i32p", {shuffle<W::ShuffleUp>, C::Shuffle}},
      {"shfl.sync.up.f32p", {shuffle<W::ShuffleUp>, C::Shuffle}},
      {"shfl.sync.down.i32", {shuffle<W::ShuffleDown>, C::Shuffle}},
      {"shfl.sync.down.f32", {shuffle<W::ShuffleDown>, C::Shuffle}},
      {"shfl.sync.down.i32p", {shuffle<W::ShuffleDown>, C::Shuffle}},
      {"shfl.sync.down.f32p", {shuffle<W::ShuffleDown>, C::Shuffle}},
      {"shfl.sync.bfly.i32", {shuffle<W::ShuffleButterfly>, C::Shuffle}},
      {"shfl.sync.bfly.f32", {shuffle<W::ShuffleButterfly>, C::Shuffle}},
      {"shfl.sync.bfly.i32p", {shuffle<W::ShuffleButterfly>, C::Shuffle}},
      {"shfl.sync.bfly.f32p", {shuffle<W::ShuffleButterfly>, C::Shuffle}},
      {"shfl.sync.idx.i32", {shuffle<W::ShuffleIndex>, C::Shuffle}},
      {"shfl.sync.idx.f32", {shuffle<W::ShuffleIndex>, C::Shuffle}},
      {"shfl.sync.idx.i32p", {shuffle<W::ShuffleIndex>, C::Shuffle}},
      {"shfl.sync.idx.f32p", {shuffle<W::ShuffleIndex>, C::Shuffle}},
      {"vote.all.sync", {vote<W::VoteAll>, C::Shuffle}},
      {"vote.any.sync", {vote<W::VoteAny>, C::Shuffle}},
      {"vote.uni.sync", {vote<W::VoteUniform>, C::Shuffle}},
      {"vote.ballot.sync", {vote<W::Ballot>, C::Shuffle}},
      {"match.any.sync.i32", {vote<W::MatchAny>, C::Shuffle}},
      {"match.any.sync.i64", {vote<W::MatchAny>, C::Shuffle}},
      {"match.all.sync.i32p", {matchAll, C::Shuffle}},
      {"match.all.sync.i64p", {matchAll, C::Shuffle}},
      {"elect.sync", {elect, C::Shuffle}},
      {"activemask", {activeMask, C::Shuffle}},
      {"bar.warp.sync", {syncWarp, C::Barrier}},
      {"barrier0", {barrierZero, C::Barrier}},
      {"barrier.cluster.arrive", {clusterArrive, C::Barrier}},
      {"barrier.cluster.arrive.aligned", {clusterArrive, C::Barrier}},
      {"barrier.cluster.arrive.relaxed", {clusterArrive, C::Barrier}},
      {"barrier.cluster.arrive.relaxed.aligned", {clusterArrive, C::Barrier}},
      {"barrier.cluster.wait", {clusterWait, C::Barrier}},
      {"barrier.cluster.wait.aligned", {clusterWait, C::Barrier}},
      {"mapa", {mapToRank, C::Integer}},
      {"mapa.shared.cluster", {mapToRank, C::Integer}},
      {"getctarank", {getRank, C::Integer}},
      {"getctarank.shared.cluster", {getRank, C::Integer}},
      {"is_explicit_cluster", {isExplicitCluster, C::Other}},
      {"cp.async.ca.shared.global.4", {copyAsync<4>, C::Other}},
      {"cp.async.ca.shared.global.8", {copyAsync<8>, C::Other}},
      {"cp.async.ca.shared.global.16", {copyAsync<16>, C::Other}},
      {"cp.async.cg.shared.global.16", {copyAsync<16>, C::Other}},
      {"cp.async.ca.shared.global.4.s", {copyAsync<4>, C::Other}},
      {"cp.async.ca.shared.global.8.s", {copyAsync<8>, C::Other}},
      {"cp.async.ca.shared.global.16.s", {copyAsync<16>, C::Other}},
      {"cp.async.cg.shared.global.16.s", {copyAsync<16>, C::Other}},
      {"cp.async.commit.group", {commitCopies, C::Other}},
      {"cp.async.wait.group", {waitForGroup, C::Other}},
      {"cp.async.wait.all", {waitForAll, C::Other}},
      {"griddepcontrol.wait", {waitForDependency, C::Other}},
      {"griddepcontrol.launch.dependents", {ignore, C::Other}},
      {"membar.cta", {fence, C::Other}},
      {"membar.gl", {fence, C::Other}},
      {"membar.sys", {fence, C::Other}},
      {"fence.sc.cluster", {fence, C::Other}},
      {"fence.mbarrier_init.release.cluster", {fence, C::Other}},
      {"fence.proxy.alias", {fence, C::Other}},
      {"fence.proxy.async", {fence, C::Other}},
      {"fence.proxy.async.global", {fence, C::Other}},
      {"fence.proxy.async.shared_cta", {fence, C::Other}},
      {"fence.proxy.async.shared_cluster", {fence, C::Other}},
      {"prefetch.L1", {ignore, C::Other}},
      {"prefetch.L2", {ignore, C::Other}},
      {"prefetch.global.L1", {ignore, C::Other}},
      {"prefetch.global.L2", {ignore, C::Other}},
      {"prefetch.global.L2.evict.last", {ignore, C::Other}},
      {"prefetch.global.L2.evict.normal", {ignore, C::Other}},
      {"prefetchu.L1", {ignore, C::Other}},
      {"applypriority.global.L2.evict.normal", {ignore, C::Other}},
      {"applypriority.L2.evict.normal", {ignore, C::Other}},
      {"nanosleep", {ignore, C::Other}},
      {"setmaxnreg.inc.sync.aligned.u32", {ignore, C::Other}},
      {"setmaxnreg.dec.sync.aligned.u32", {ignore, C::Other}},
      {"read.ptx.sreg.clock", {readClock, C::Other}},
      {"read.ptx.sreg.clock64", {readClock, C::Other}},
      {"read.ptx.sreg.globaltimer", {readClock, C::Other}},
  };
  return table;
}

} // namespace

Value *emulator::lowerIntrinsic(Lowering &lowering, CallInst &call,
                                StringRef name) {
  if (name.consume_front("llvm.amdgcn."))
    return lowerAMDGCN(lowering, call, name);
  if (!name.consume_front("llvm.nvvm."))
    return nullptr;
  auto it = getTable().find(name);
  if (it != getTable().end())
    return it->second.handler(lowering, call);
  StringRef rest = name;
  if (rest.consume_front("read.ptx.sreg.")) {
    std::optional<Register> found = findRegister(rest);
    return found ? lowering.readRegister(*found) : nullptr;
  }
  if (rest.consume_front("redux.sync."))
    return reduce(lowering, call, rest);
  if (rest.consume_front("barrier.cta."))
    return barrier(lowering, call, rest);
  SmallVector<Value *> arguments(call.args());
  return emitNVVMArithmetic(lowering.builder, name, arguments, call.getType());
}

//===----------------------------------------------------------------------===//
// Classes
//===----------------------------------------------------------------------===//

static InstructionClass classifyFloat(const Type *type) {
  const Type *scalar = type->getScalarType();
  if (scalar->isDoubleTy())
    return InstructionClass::Fp64;
  return scalar->getScalarSizeInBits() < 32 ? InstructionClass::Half
                                            : InstructionClass::Fp32;
}

static InstructionClass classifyIntrinsic(const CallBase &call,
                                          StringRef name) {
  using C = InstructionClass;
  if (name.consume_front("llvm.nvvm.")) {
    auto it = getTable().find(name);
    if (it != getTable().end())
      return it->second.kind;
    if (name.starts_with("barrier."))
      return C::Barrier;
    if (name.starts_with("redux."))
      return C::Shuffle;
    if (name.contains("approx") || name.starts_with("sqrt") ||
        name.starts_with("rcp"))
      return C::SpecialFunction;
    StringRef operation = name.split('.').first;
    if (name.starts_with("read.") || operation.contains('2'))
      return name.starts_with("read.") ? C::Other : C::Conversion;
  } else if (is_contained({Intrinsic::sqrt, Intrinsic::exp2, Intrinsic::log2,
                           Intrinsic::sin, Intrinsic::cos, Intrinsic::tanh},
                          call.getIntrinsicID())) {
    return C::SpecialFunction;
  }
  Type *type = call.getType();
  if (type->isFPOrFPVectorTy())
    return classifyFloat(type);
  return type->isIntOrIntVectorTy() ? C::Integer : C::Other;
}

InstructionClass emulator::classify(const Instruction &instruction) {
  using C = InstructionClass;
  if (auto *call = dyn_cast<CallBase>(&instruction)) {
    if (const Function *callee = call->getCalledFunction())
      if (callee->isIntrinsic())
        return classifyIntrinsic(*call, callee->getName());
    return C::Other;
  }
  if (instruction.isTerminator())
    return C::Branch;
  if (isa<FCmpInst>(instruction))
    return classifyFloat(instruction.getOperand(0)->getType());
  if (isa<FPTruncInst, FPExtInst, FPToSIInst, FPToUIInst, SIToFPInst,
          UIToFPInst>(instruction))
    return C::Conversion;
  if (isa<BinaryOperator, UnaryOperator>(instruction) &&
      instruction.getType()->isFPOrFPVectorTy())
    return classifyFloat(instruction.getType());
  if (isa<BinaryOperator, ICmpInst, GetElementPtrInst, ZExtInst, SExtInst>(
          instruction))
    return C::Integer;
  return C::Other;
}
