//===- Arithmetic.cpp - GPU arithmetic as IR of the host -----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What rounds to nearest is an instruction of LLVM; other roundings are calls.
// Approximations are computed accurately: the hardware's errors are not known
// bit for bit.
//
//===----------------------------------------------------------------------===//

#include "Arithmetic.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/Intrinsics.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

bool FloatMode::take(StringRef part) {
  if (part == "rn" || part == "rz" || part == "rm" || part == "rp") {
    rounding = part;
    return true;
  }
  bool *flag = StringSwitch<bool *>(part)
                   .Case("ftz", &flush)
                   .Case("sat", &saturate)
                   .Case("relu", &relu)
                   .Cases({"approx", "full"}, &approximate)
                   .Cases({"nan", "NaN"}, &propagateNaN)
                   .Cases({"xorsign_abs", "xorsign"}, &xorSignAbs)
                   .Case("satfinite", &satfinite)
                   .Default(nullptr);
  if (flag)
    *flag = true;
  return flag;
}

Value *emulator::emitCall(IRBuilder<> &builder, StringRef name, Type *type,
                          ArrayRef<Value *> arguments) {
  SmallVector<Type *> types;
  for (Value *argument : arguments)
    types.push_back(argument->getType());
  Module *module = builder.GetInsertBlock()->getModule();
  FunctionCallee callee = module->getOrInsertFunction(
      name, FunctionType::get(type, types, /*isVarArg=*/false));
  return builder.CreateCall(callee, arguments);
}

/// Subnormal numbers to zeros of their sign. Only f32 has them flushed.
static Value *flushSubnormal(IRBuilder<> &builder, Value *value) {
  Type *type = value->getType();
  if (!type->getScalarType()->isFloatTy())
    return value;
  Value *smallest = ConstantFP::get(
      type, APFloat::getSmallestNormalized(APFloat::IEEEsingle()));
  Value *magnitude = builder.CreateUnaryIntrinsic(Intrinsic::fabs, value);
  Value *zero = builder.CreateBinaryIntrinsic(Intrinsic::copysign,
                                              ConstantFP::getZero(type), value);
  return builder.CreateSelect(builder.CreateFCmpOLT(magnitude, smallest), zero,
                              value);
}

static Value *emitMinMax(IRBuilder<> &builder, bool min, const FloatMode &mode,
                         Value *left, Value *right) {
  Value *sign = nullptr;
  Type *type = left->getType();
  if (mode.xorSignAbs) {
    Type *bits =
        type->getWithNewType(builder.getIntNTy(type->getScalarSizeInBits()));
    sign = builder.CreateBitCast(
        builder.CreateXor(builder.CreateBitCast(left, bits),
                          builder.CreateBitCast(right, bits)),
        type);
    left = builder.CreateUnaryIntrinsic(Intrinsic::fabs, left);
    right = builder.CreateUnaryIntrinsic(Intrinsic::fabs, right);
  }
  Intrinsic::ID id =
      mode.propagateNaN ? (min ? Intrinsic::minimum : Intrinsic::maximum)
                        : (min ? Intrinsic::minimumnum : Intrinsic::maximumnum);
  Value *result = builder.CreateBinaryIntrinsic(id, left, right);
  return sign ? builder.CreateBinaryIntrinsic(Intrinsic::copysign, result, sign)
              : result;
}

static Value *emitSaturate(IRBuilder<> &builder, Value *value) {
  Type *type = value->getType();
  value = builder.CreateBinaryIntrinsic(Intrinsic::maximumnum, value,
                                        ConstantFP::getZero(type));
  return builder.CreateBinaryIntrinsic(Intrinsic::minimumnum, value,
                                       ConstantFP::get(type, 1.0));
}

/// Applies a function of scalars to each element.
static Value *
mapElements(IRBuilder<> &builder, ArrayRef<Value *> arguments,
            function_ref<Value *(ArrayRef<Value *> elements)> body) {
  auto *vector = dyn_cast<FixedVectorType>(arguments[0]->getType());
  if (!vector)
    return body(arguments);
  Value *result = nullptr;
  for (unsigned i = 0; i < vector->getNumElements(); ++i) {
    SmallVector<Value *> elements;
    for (Value *argument : arguments)
      elements.push_back(builder.CreateExtractElement(argument, i));
    Value *element = body(elements);
    if (!result)
      result = PoisonValue::get(
          FixedVectorType::get(element->getType(), vector->getNumElements()));
    result = builder.CreateInsertElement(result, element, i);
  }
  return result;
}

static Value *emitFma(IRBuilder<> &builder, ArrayRef<Value *> arguments) {
  Type *scalar = arguments[0]->getType()->getScalarType();
  if (!scalar->isHalfTy() && !scalar->isBFloatTy())
    return builder.CreateIntrinsic(Intrinsic::fma, {arguments[0]->getType()},
                                   arguments);
  // LLVM would compute in f32 and round twice.
  return mapElements(builder, arguments, [&](ArrayRef<Value *> elements) {
    // All travel as f16: the host's calls of bf16 are not what C++ has.
    SmallVector<Value *> carried;
    for (Value *element : elements)
      carried.push_back(builder.CreateBitCast(element, builder.getHalfTy()));
    Value *result =
        emitCall(builder, scalar->isHalfTy() ? "emu_fma_f16" : "emu_fma_bf16",
                 builder.getHalfTy(), carried);
    return builder.CreateBitCast(result, scalar);
  });
}

/// Accurate functions of one argument. Narrow ones are computed in f32, and
/// those of f32 that would round twice in f64.
static Value *emitApproximation(IRBuilder<> &builder, StringRef operation,
                                Value *value) {
  Type *type = value->getType();
  bool narrow = type->getScalarSizeInBits() < 32;
  bool wide = operation == "rsqrt" || operation == "rcp";
  Type *computed = type->getWithNewType(
      wide ? builder.getDoubleTy()
           : (narrow ? builder.getFloatTy() : type->getScalarType()));
  if (computed != type)
    value = builder.CreateFPExt(value, computed);
  Value *one = ConstantFP::get(computed, 1.0);
  Value *result = nullptr;
  if (operation == "rcp")
    result = builder.CreateFDiv(one, value);
  else if (operation == "rsqrt")
    result = builder.CreateFDiv(
        one, builder.CreateUnaryIntrinsic(Intrinsic::sqrt, value));
  else if (Intrinsic::ID id = StringSwitch<Intrinsic::ID>(operation)
                                  .Case("ex2", Intrinsic::exp2)
                                  .Case("lg2", Intrinsic::log2)
                                  .Case("sin", Intrinsic::sin)
                                  .Case("cos", Intrinsic::cos)
                                  .Case("tanh", Intrinsic::tanh)
                                  .Case("sqrt", Intrinsic::sqrt)
                                  .Default(Intrinsic::not_intrinsic))
    result = builder.CreateUnaryIntrinsic(id, value);
  if (result && computed != type)
    result = builder.CreateFPTrunc(result, type);
  return result;
}

/// Rounded to nearest.
static Value *emitNearest(IRBuilder<> &builder, StringRef operation,
                          const FloatMode &mode, ArrayRef<Value *> arguments) {
  Value *first = arguments[0];
  Type *type = first->getType();
  if (arguments.size() == 3)
    return operation == "fma" ? emitFma(builder, arguments) : nullptr;
  if (arguments.size() == 2) {
    if (operation == "add")
      return builder.CreateFAdd(first, arguments[1]);
    if (operation == "sub")
      return builder.CreateFSub(first, arguments[1]);
    if (operation == "mul")
      return builder.CreateFMul(first, arguments[1]);
    if (operation == "div")
      return builder.CreateFDiv(first, arguments[1]);
    if (operation == "min" || operation == "max")
      return emitMinMax(builder, operation == "min", mode, first, arguments[1]);
    return nullptr;
  }
  if (arguments.size() != 1)
    return nullptr;
  if (operation == "neg")
    return builder.CreateFNeg(first);
  if (operation == "saturate")
    return emitSaturate(builder, first);
  if (operation == "rcp" && !mode.approximate)
    return builder.CreateFDiv(ConstantFP::get(type, 1.0), first);
  Intrinsic::ID id = StringSwitch<Intrinsic::ID>(operation)
                         .Case("abs", Intrinsic::fabs)
                         .Case("floor", Intrinsic::floor)
                         .Case("ceil", Intrinsic::ceil)
                         .Case("trunc", Intrinsic::trunc)
                         .Case("round", Intrinsic::roundeven)
                         .Default(Intrinsic::not_intrinsic);
  if (id)
    return builder.CreateUnaryIntrinsic(id, first);
  return emitApproximation(builder, operation, first);
}

Value *emulator::emitFloatOperation(IRBuilder<> &builder, StringRef operation,
                                    const FloatMode &mode,
                                    ArrayRef<Value *> given) {
  SmallVector<Value *> arguments(given);
  if (mode.flush)
    for (Value *&argument : arguments)
      argument = flushSubnormal(builder, argument);
  Type *type = arguments[0]->getType();
  Value *result = nullptr;
  if (mode.rounding.empty() || mode.rounding == "rn") {
    result = emitNearest(builder, operation, mode, arguments);
  } else if (is_contained({"add", "sub", "mul", "div", "rcp", "sqrt", "fma"},
                          operation) &&
             (type->isFloatTy() || type->isDoubleTy())) {
    std::string name = ("emu_" + operation + "_" + mode.rounding +
                        (type->isFloatTy() ? "_f32" : "_f64"))
                           .str();
    result = emitCall(builder, name, type, arguments);
  }
  if (!result)
    return nullptr;
  if (mode.flush)
    result = flushSubnormal(builder, result);
  if (mode.saturate)
    result = emitSaturate(builder, result);
  if (mode.relu)
    result = builder.CreateBinaryIntrinsic(Intrinsic::maximum, result,
                                           ConstantFP::getZero(type));
  return result;
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

Value *emulator::emitIntToFloat(IRBuilder<> &builder, Value *value,
                                bool isSigned, Type *type,
                                const FloatMode &mode) {
  auto convert = [&](Type *to) {
    return isSigned ? builder.CreateSIToFP(value, to)
                    : builder.CreateUIToFP(value, to);
  };
  bool exact = value->getType()->getScalarSizeInBits() <= 32;
  if (mode.rounding.empty() || mode.rounding == "rn" ||
      (exact && type->isDoubleTy()))
    return convert(type);
  if (!exact || !type->isFloatTy())
    return nullptr;
  return emitCall(builder, ("emu_narrow_" + mode.rounding + "_f32").str(), type,
                  {convert(builder.getDoubleTy())});
}

Value *emulator::emitFloatToInt(IRBuilder<> &builder, Value *value,
                                bool isSigned, Type *type,
                                const FloatMode &mode) {
  if (mode.flush)
    value = flushSubnormal(builder, value);
  Intrinsic::ID id = StringSwitch<Intrinsic::ID>(mode.rounding)
                         .Cases({"rn", "rni"}, Intrinsic::roundeven)
                         .Case("rm", Intrinsic::floor)
                         .Case("rp", Intrinsic::ceil)
                         .Default(Intrinsic::trunc);
  value = builder.CreateUnaryIntrinsic(id, value);
  return builder.CreateIntrinsic(isSigned ? Intrinsic::fptosi_sat
                                          : Intrinsic::fptoui_sat,
                                 {type, value->getType()}, {value});
}

Value *emulator::emitFloatToFloat(IRBuilder<> &builder, Value *value,
                                  Type *type, const FloatMode &mode) {
  unsigned from = value->getType()->getScalarSizeInBits();
  unsigned to = type->getScalarSizeInBits();
  if (mode.flush)
    value = flushSubnormal(builder, value);
  if (mode.relu)
    value = builder.CreateBinaryIntrinsic(
        Intrinsic::maximum, value, ConstantFP::getZero(value->getType()));
  if (mode.satfinite) {
    APFloat largest =
        APFloat::getLargest(type->getScalarType()->getFltSemantics());
    bool ignored;
    largest.convert(value->getType()->getScalarType()->getFltSemantics(),
                    APFloat::rmNearestTiesToEven, &ignored);
    Value *bound = ConstantFP::get(value->getType(), largest);
    value = builder.CreateBinaryIntrinsic(Intrinsic::minimum, value, bound);
    value = builder.CreateBinaryIntrinsic(Intrinsic::maximum, value,
                                          builder.CreateFNeg(bound));
  }
  bool nearest = mode.rounding.empty() || mode.rounding == "rn";
  Value *result = nullptr;
  if (to > from)
    result = builder.CreateFPExt(value, type);
  else if (to < from && nearest)
    result = builder.CreateFPTrunc(value, type);
  else if (from == 64 && type->isFloatTy())
    result = emitCall(builder, ("emu_narrow_" + mode.rounding + "_f32").str(),
                      type, {value});
  else if (to == from && value->getType() != type && nearest)
    result = builder.CreateFPTrunc(
        builder.CreateFPExt(value, type->getWithNewType(builder.getFloatTy())),
        type);
  return result && mode.flush ? flushSubnormal(builder, result) : result;
}

//===----------------------------------------------------------------------===//
// Names of NVVM
//===----------------------------------------------------------------------===//

/// "f2ui", "ll2d" and the like; `kinds` are the two sides of the 2.
static bool splitConversion(StringRef operation, StringRef &from,
                            StringRef &to) {
  std::tie(from, to) = operation.split('2');
  auto isKind = [](StringRef kind) {
    return is_contained({"f", "d", "h", "i", "ui", "ll", "ull", "bf", "bf16",
                         "f16", "ff", "bf16x2", "f16x2"},
                        kind);
  };
  return isKind(from) && isKind(to);
}

static Value *emitPacked(IRBuilder<> &builder, ArrayRef<Value *> arguments,
                         Type *type, const FloatMode &mode) {
  // The first operand goes to the upper half.
  Type *element = type->getScalarType();
  Value *high = emitFloatToFloat(builder, arguments[0], element, mode);
  Value *low = emitFloatToFloat(builder, arguments[1], element, mode);
  if (!high || !low)
    return nullptr;
  Value *result =
      builder.CreateInsertElement(PoisonValue::get(type), low, uint64_t(0));
  return builder.CreateInsertElement(result, high, uint64_t(1));
}

static Value *emitConversion(IRBuilder<> &builder, StringRef from, StringRef to,
                             ArrayRef<Value *> arguments, Type *type,
                             const FloatMode &mode) {
  if (from == "ff")
    return emitPacked(builder, arguments, type, mode);
  Value *value = arguments[0];
  if (value->getType()->isIntegerTy())
    return emitIntToFloat(builder, value, !from.starts_with("u"), type, mode);
  if (to == "h") {
    Value *half = emitFloatToFloat(builder, value, builder.getHalfTy(), mode);
    return half ? builder.CreateBitCast(half, type) : nullptr;
  }
  if (type->isIntegerTy())
    return emitFloatToInt(builder, value, !to.starts_with("u"), type, mode);
  return emitFloatToFloat(builder, value, type, mode);
}

/// d2i.lo, d2i.hi and lohi.i2d: the halves of a double.
static Value *emitHalves(IRBuilder<> &builder, StringRef name,
                         ArrayRef<Value *> arguments) {
  Type *i32 = builder.getInt32Ty(), *i64 = builder.getInt64Ty();
  if (name == "lohi.i2d") {
    Value *high = builder.CreateShl(builder.CreateZExt(arguments[1], i64), 32);
    Value *bits = builder.CreateOr(builder.CreateZExt(arguments[0], i64), high);
    return builder.CreateBitCast(bits, builder.getDoubleTy());
  }
  Value *bits = builder.CreateBitCast(arguments[0], i64);
  if (name == "d2i.hi")
    bits = builder.CreateLShr(bits, 32);
  return builder.CreateTrunc(bits, i32);
}

static Value *emitInteger(IRBuilder<> &builder, StringRef name,
                          ArrayRef<Value *> arguments, Type *type) {
  auto [operation, kind] = name.split('.');
  bool isUnsigned = kind.starts_with("u");
  if (operation == "mulhi") {
    unsigned bits = type->getIntegerBitWidth();
    Type *wide = builder.getIntNTy(2 * bits);
    auto extend = [&](Value *value) {
      return isUnsigned ? builder.CreateZExt(value, wide)
                        : builder.CreateSExt(value, wide);
    };
    Value *product =
        builder.CreateMul(extend(arguments[0]), extend(arguments[1]));
    return builder.CreateTrunc(builder.CreateLShr(product, bits), type);
  }
  if (operation == "mul24") {
    auto extend = [&](Value *value) {
      value = builder.CreateShl(value, 8);
      return isUnsigned ? builder.CreateLShr(value, 8)
                        : builder.CreateAShr(value, 8);
    };
    return builder.CreateMul(extend(arguments[0]), extend(arguments[1]));
  }
  if (operation == "sad") {
    Value *less = isUnsigned
                      ? builder.CreateICmpULT(arguments[0], arguments[1])
                      : builder.CreateICmpSLT(arguments[0], arguments[1]);
    Value *difference = builder.CreateSelect(
        less, builder.CreateSub(arguments[1], arguments[0]),
        builder.CreateSub(arguments[0], arguments[1]));
    return builder.CreateAdd(difference, arguments[2]);
  }
  if (name == "prmt")
    return emitCall(builder, "emu_prmt", type, arguments);
  return nullptr;
}

/// To and from pairs of 8-bit floats.
static Value *emitF8(IRBuilder<> &builder, StringRef name,
                     ArrayRef<Value *> arguments, Type *type) {
  StringRef format = name.contains("e4m3x2")   ? "e4m3"
                     : name.contains("e5m2x2") ? "e5m2"
                                               : "";
  if (format.empty() || name.contains("relu"))
    return nullptr;
  Type *i32 = builder.getInt32Ty(), *f32 = builder.getFloatTy();
  if (name.starts_with("e")) {
    Value *bits = builder.CreateZExt(arguments[0], i32);
    Value *result = PoisonValue::get(type);
    for (unsigned i = 0; i < 2; ++i) {
      Value *value = emitCall(builder, ("emu_extend_" + format).str(), f32,
                              {builder.CreateLShr(bits, 8 * i)});
      result = builder.CreateInsertElement(
          result, builder.CreateFPTrunc(value, builder.getHalfTy()), i);
    }
    return result;
  }
  Value *high = arguments[0], *low = arguments.back();
  if (arguments.size() == 1) {
    low = builder.CreateFPExt(builder.CreateExtractElement(high, uint64_t(0)),
                              f32);
    high = builder.CreateFPExt(builder.CreateExtractElement(high, uint64_t(1)),
                               f32);
  }
  std::string function = ("emu_truncate_" + format).str();
  Value *bits = builder.CreateOr(
      builder.CreateShl(emitCall(builder, function, i32, {high}), 8),
      emitCall(builder, function, i32, {low}));
  return builder.CreateTrunc(bits, type);
}

Value *emulator::emitNVVMArithmetic(IRBuilder<> &builder, StringRef name,
                                    ArrayRef<Value *> arguments, Type *type) {
  if (arguments.empty())
    return nullptr;
  if (name == "d2i.lo" || name == "d2i.hi" || name == "lohi.i2d")
    return emitHalves(builder, name, arguments);
  if (name.contains(".to."))
    return emitF8(builder, name, arguments, type);
  if (arguments[0]->getType()->isIntegerTy())
    if (Value *result = emitInteger(builder, name, arguments, type))
      return result;
  SmallVector<StringRef> parts;
  name.split(parts, '.');
  StringRef operation = parts[0], from, to;
  FloatMode mode;
  for (StringRef part : drop_begin(parts)) {
    bool isType =
        is_contained({"f", "d", "f16", "bf16", "f16x2", "bf16x2", "abs"}, part);
    if (!mode.take(part) && !isType)
      return nullptr;
  }
  if (splitConversion(operation, from, to))
    return emitConversion(builder, from, to, arguments, type, mode);
  if (!arguments[0]->getType()->isFPOrFPVectorTy())
    return nullptr;
  if (operation == "fabs" || operation == "fmin" || operation == "fmax")
    operation = operation.drop_front();
  return emitFloatOperation(builder, operation, mode, arguments);
}
