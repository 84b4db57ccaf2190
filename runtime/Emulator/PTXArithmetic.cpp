//===- PTXArithmetic.cpp - Arithmetic of inline assembly -----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Moves, conversions, comparisons, floats, and integers with carries, as
// libdevice and fused kernels use them.
//
//===----------------------------------------------------------------------===//

#include "InlinePTX.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/Intrinsics.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

/// Modes of the instruction; what is neither mode nor type is taken by the
/// caller.
static FloatMode getMode(const PTXStatement &statement) {
  FloatMode mode;
  for (StringRef part : drop_begin(statement.parts))
    mode.take(part);
  return mode;
}

bool PTXTranslator::translateMove(Statement statement, PTXType type) {
  if (statement.operands.size() != 2)
    return false;
  StringRef target = statement.operands[0], source = statement.operands[1];
  unsigned bits = type.type->getPrimitiveSizeInBits();
  Type *whole = builder.getIntNTy(bits);
  if (source.starts_with("{")) {
    SmallVector<StringRef> elements = getElements(source);
    unsigned step = bits / elements.size();
    Value *packed = ConstantInt::get(whole, 0);
    for (auto [index, element] : enumerate(elements)) {
      Value *value = read(element, builder.getIntNTy(step));
      if (!value)
        return false;
      packed = builder.CreateOr(
          packed,
          builder.CreateShl(builder.CreateZExt(value, whole), index * step));
    }
    return write(target, packed);
  }
  Value *value = read(source, whole);
  if (!value)
    return false;
  if (!target.starts_with("{"))
    return write(target, value);
  SmallVector<StringRef> elements = getElements(target);
  unsigned step = bits / elements.size();
  for (auto [index, element] : enumerate(elements))
    if (!write(element,
               builder.CreateTrunc(builder.CreateLShr(value, index * step),
                                   builder.getIntNTy(step))))
      return false;
  return true;
}

bool PTXTranslator::translateCompare(Statement statement, PTXType type) {
  if (statement.parts.size() != 3 || statement.operands.size() != 3)
    return false;
  SmallVector<Value *> arguments;
  if (!readArguments(statement, type.type, arguments))
    return false;
  using P = CmpInst::Predicate;
  StringRef name = statement.parts[1];
  P predicate;
  if (type.type->isFPOrFPVectorTy()) {
    predicate = StringSwitch<P>(name)
                    .Case("eq", P::FCMP_OEQ)
                    .Case("ne", P::FCMP_ONE)
                    .Case("lt", P::FCMP_OLT)
                    .Case("le", P::FCMP_OLE)
                    .Case("gt", P::FCMP_OGT)
                    .Case("ge", P::FCMP_OGE)
                    .Case("equ", P::FCMP_UEQ)
                    .Case("neu", P::FCMP_UNE)
                    .Case("ltu", P::FCMP_ULT)
                    .Case("leu", P::FCMP_ULE)
                    .Case("gtu", P::FCMP_UGT)
                    .Case("geu", P::FCMP_UGE)
                    .Case("num", P::FCMP_ORD)
                    .Case("nan", P::FCMP_UNO)
                    .Default(P::BAD_FCMP_PREDICATE);
    if (predicate == P::BAD_FCMP_PREDICATE)
      return false;
  } else {
    bool isSigned = type.isSigned;
    predicate = StringSwitch<P>(name)
                    .Case("eq", P::ICMP_EQ)
                    .Case("ne", P::ICMP_NE)
                    .Case("lt", isSigned ? P::ICMP_SLT : P::ICMP_ULT)
                    .Case("le", isSigned ? P::ICMP_SLE : P::ICMP_ULE)
                    .Case("gt", isSigned ? P::ICMP_SGT : P::ICMP_UGT)
                    .Case("ge", isSigned ? P::ICMP_SGE : P::ICMP_UGE)
                    .Default(P::BAD_ICMP_PREDICATE);
    if (predicate == P::BAD_ICMP_PREDICATE)
      return false;
  }
  return write(statement.operands[0],
               builder.CreateCmp(predicate, arguments[0], arguments[1]));
}

bool PTXTranslator::translateConversion(Statement statement) {
  // cvt.modes.to.from
  size_t count = statement.parts.size();
  if (count < 3 || statement.operands.size() < 2)
    return false;
  std::optional<PTXType> from = parseType(statement.parts[count - 1]);
  std::optional<PTXType> to = parseType(statement.parts[count - 2]);
  if (!from || !to)
    return false;
  FloatMode mode;
  for (StringRef part : ArrayRef(statement.parts).drop_front().drop_back(2)) {
    // To integers: rni and the like.
    StringRef name =
        part.size() == 3 && part.ends_with("i") ? part.drop_back() : part;
    if (!mode.take(name))
      return false;
  }
  SmallVector<Value *> arguments;
  if (!readArguments(statement, from->type, arguments))
    return false;
  Value *result = nullptr;
  if (arguments.size() == 2) {
    auto *pair = dyn_cast<FixedVectorType>(to->type);
    if (!pair)
      return false;
    Type *element = pair->getElementType();
    Value *high = emitFloatToFloat(builder, arguments[0], element, mode);
    Value *low = emitFloatToFloat(builder, arguments[1], element, mode);
    if (!high || !low)
      return false;
    result =
        builder.CreateInsertElement(PoisonValue::get(pair), low, uint64_t(0));
    result = builder.CreateInsertElement(result, high, uint64_t(1));
    return write(statement.operands[0], result);
  }
  if (arguments.size() != 1)
    return false;
  bool fromFloat = from->type->isFloatingPointTy();
  bool toFloat = to->type->isFloatingPointTy();
  if (fromFloat && toFloat && from->type == to->type)
    result = arguments[0];
  else if (fromFloat && toFloat)
    result = emitFloatToFloat(builder, arguments[0], to->type, mode);
  else if (fromFloat && to->type->isIntegerTy())
    result =
        emitFloatToInt(builder, arguments[0], to->isSigned, to->type, mode);
  else if (toFloat && from->type->isIntegerTy())
    result =
        emitIntToFloat(builder, arguments[0], from->isSigned, to->type, mode);
  else if (from->type->isIntegerTy() && to->type->isIntegerTy())
    result = from->isSigned ? builder.CreateSExtOrTrunc(arguments[0], to->type)
                            : builder.CreateZExtOrTrunc(arguments[0], to->type);
  return result && write(statement.operands[0], result);
}

bool PTXTranslator::translateFloat(Statement statement, PTXType type) {
  FloatMode mode = getMode(statement);
  // Nothing of the opcode may be overlooked.
  for (StringRef part : drop_begin(statement.parts)) {
    FloatMode ignored;
    if (!ignored.take(part) && !parseType(part))
      return false;
  }
  SmallVector<Value *> arguments;
  if (!readArguments(statement, type.type, arguments) || arguments.empty())
    return false;
  StringRef operation =
      statement.opcode() == "mad" ? "fma" : statement.opcode();
  if (is_contained({"floor", "ceil", "trunc", "round", "saturate"}, operation))
    return false; // Names of ours, not of PTX.
  Value *result = emitFloatOperation(builder, operation, mode, arguments);
  return result && write(statement.operands[0], result);
}

/// The position of the leading one, counted from the top if `shift`; all ones
/// where there is none.
static Value *emitFindLeading(IRBuilder<> &builder, Value *value, bool shift) {
  Type *type = value->getType();
  Value *zeros =
      builder.CreateBinaryIntrinsic(Intrinsic::ctlz, value, builder.getFalse());
  Value *position =
      shift
          ? zeros
          : builder.CreateSub(
                ConstantInt::get(type, type->getIntegerBitWidth() - 1), zeros);
  position = builder.CreateSelect(
      builder.CreateICmpEQ(value, ConstantInt::get(type, 0)),
      Constant::getAllOnesValue(type), position);
  return builder.CreateZExtOrTrunc(position, builder.getInt32Ty());
}

/// Shifts by the width or more give zero, or the sign.
static Value *emitShift(IRBuilder<> &builder, Value *value, Value *amount,
                        bool left, bool isSigned) {
  Type *type = value->getType();
  unsigned bits = type->getIntegerBitWidth();
  amount = builder.CreateZExtOrTrunc(amount, type);
  Value *last = ConstantInt::get(type, bits - 1);
  if (!left && isSigned)
    return builder.CreateAShr(
        value, builder.CreateBinaryIntrinsic(Intrinsic::umin, amount, last));
  Value *inside = builder.CreateICmpULE(amount, last);
  Value *safe = builder.CreateSelect(inside, amount, ConstantInt::get(type, 0));
  Value *shifted =
      left ? builder.CreateShl(value, safe) : builder.CreateLShr(value, safe);
  return builder.CreateSelect(inside, shifted, ConstantInt::get(type, 0));
}

bool PTXTranslator::translateInteger(Statement statement, PTXType type) {
  StringRef opcode = statement.opcode();
  bool isShift = opcode == "shl" || opcode == "shr";
  SmallVector<Value *> a;
  Type *t = type.type;
  if (isShift && statement.operands.size() == 3) {
    a.push_back(read(statement.operands[1], t));
    a.push_back(read(statement.operands[2], builder.getInt32Ty()));
    if (!a[0] || !a[1])
      return false;
    return write(
        statement.operands[0],
        emitShift(builder, a[0], a[1], opcode == "shl", type.isSigned));
  }
  if (statement.has("wide") || statement.has("sat") ||
      !readArguments(statement, t, a))
    return false;
  unsigned bits = t->getIntegerBitWidth();
  if (a.size() == 1) {
    Value *result = nullptr;
    if (opcode == "not")
      result = builder.CreateNot(a[0]);
    else if (opcode == "neg")
      result = builder.CreateNeg(a[0]);
    else if (opcode == "abs")
      result = builder.CreateBinaryIntrinsic(Intrinsic::abs, a[0],
                                             builder.getFalse());
    else if (opcode == "popc")
      result = builder.CreateUnaryIntrinsic(Intrinsic::ctpop, a[0]);
    else if (opcode == "clz")
      result = builder.CreateBinaryIntrinsic(Intrinsic::ctlz, a[0],
                                             builder.getFalse());
    else if (opcode == "brev")
      result = builder.CreateUnaryIntrinsic(Intrinsic::bitreverse, a[0]);
    else if (opcode == "bfind" && !type.isSigned)
      result = emitFindLeading(builder, a[0], statement.has("shiftamt"));
    return result && write(statement.operands[0], result);
  }
  if (a.size() == 3 && opcode == "prmt" && statement.parts.size() == 2)
    return write(statement.operands[0],
                 emitCall(builder, "emu_prmt", t, {a[0], a[1], a[2]}));
  if (a.size() == 2) {
    Value *result = nullptr;
    if (opcode == "and")
      result = builder.CreateAnd(a[0], a[1]);
    else if (opcode == "or")
      result = builder.CreateOr(a[0], a[1]);
    else if (opcode == "xor")
      result = builder.CreateXor(a[0], a[1]);
    else if (opcode == "min" || opcode == "max") {
      bool min = opcode == "min";
      result = builder.CreateBinaryIntrinsic(
          type.isSigned ? (min ? Intrinsic::smin : Intrinsic::smax)
                        : (min ? Intrinsic::umin : Intrinsic::umax),
          a[0], a[1]);
    }
    if (result)
      return write(statement.operands[0], result);
  }
  // Sums in a wider type, so that the carry is a bit of the result.
  StringRef operation = opcode;
  bool takesCarry = operation.consume_back("c") && operation != "ab";
  if (!takesCarry)
    operation = opcode;
  Type *wide = builder.getIntNTy(2 * bits);
  auto extend = [&](Value *value) {
    return type.isSigned ? builder.CreateSExt(value, wide)
                         : builder.CreateZExt(value, wide);
  };
  auto narrow = [&](Value *value) {
    return builder.CreateZExt(builder.CreateTrunc(value, t), wide);
  };
  Value *sum = nullptr;
  bool subtracts = false;
  if ((operation == "add" || operation == "sub") && a.size() == 2) {
    subtracts = operation == "sub";
    Value *left = builder.CreateZExt(a[0], wide);
    Value *right = builder.CreateZExt(a[1], wide);
    sum = subtracts ? builder.CreateSub(left, right)
                    : builder.CreateAdd(left, right);
  } else if ((operation == "mul" && a.size() == 2) ||
             (operation == "mad" && a.size() == 3)) {
    Value *product = builder.CreateMul(extend(a[0]), extend(a[1]));
    if (statement.has("hi"))
      product = builder.CreateLShr(product, bits);
    else if (!statement.has("lo"))
      return false;
    sum = narrow(product);
    if (operation == "mad")
      sum = builder.CreateAdd(sum, builder.CreateZExt(a[2], wide));
  } else {
    return false;
  }
  if (takesCarry) {
    if (!carry)
      return false;
    Value *more = builder.CreateZExt(carry, wide);
    sum =
        subtracts ? builder.CreateSub(sum, more) : builder.CreateAdd(sum, more);
  }
  if (statement.has("cc"))
    carry =
        builder.CreateTrunc(builder.CreateLShr(sum, bits), builder.getInt1Ty());
  return write(statement.operands[0], builder.CreateTrunc(sum, t));
}

bool PTXTranslator::translateArithmetic(Statement statement) {
  StringRef opcode = statement.opcode();
  if (opcode == "cvt")
    return translateConversion(statement);
  std::optional<PTXType> type = getType(statement);
  if (!type)
    return false;
  if (opcode == "mov")
    return translateMove(statement, *type);
  if (opcode == "setp")
    return translateCompare(statement, *type);
  if (opcode == "selp" && statement.operands.size() == 4) {
    Value *yes = read(statement.operands[1], type->type);
    Value *no = read(statement.operands[2], type->type);
    Value *condition = read(statement.operands[3], builder.getInt1Ty());
    return yes && no && condition &&
           write(statement.operands[0],
                 builder.CreateSelect(condition, yes, no));
  }
  if (type->type->isFPOrFPVectorTy())
    return translateFloat(statement, *type);
  return type->type->isIntegerTy() && translateInteger(statement, *type);
}
