//===- MathBuiltins.cpp - Arithmetic that kernels call -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Directed rounding, narrow floats, and the names that LLVM's code generator
// calls by itself. Functions of narrow floats are passed as _Float16 whatever
// their format: both travel in the same register.
//
//===----------------------------------------------------------------------===//

#include "Builtins.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"
#include <cfenv>
#include <cmath>
#include <cstring>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

//===----------------------------------------------------------------------===//
// Directed rounding
//===----------------------------------------------------------------------===//

namespace {

/// While it lives, the host rounds otherwise.
class Rounding {
public:
  explicit Rounding(int mode) : before(fegetround()) { fesetround(mode); }
  ~Rounding() { fesetround(before); }

private:
  int before;
};

template <int Mode>
struct Rounded {
  // Volatile, or the compiler computes before the mode is set.
  template <typename T>
  static T add(volatile T a, volatile T b) {
    Rounding rounding(Mode);
    volatile T result = a + b;
    return result;
  }
  template <typename T>
  static T sub(volatile T a, volatile T b) {
    Rounding rounding(Mode);
    volatile T result = a - b;
    return result;
  }
  template <typename T>
  static T mul(volatile T a, volatile T b) {
    Rounding rounding(Mode);
    volatile T result = a * b;
    return result;
  }
  template <typename T>
  static T div(volatile T a, volatile T b) {
    Rounding rounding(Mode);
    volatile T result = a / b;
    return result;
  }
  template <typename T>
  static T rcp(volatile T a) {
    return div<T>(T(1), a);
  }
  template <typename T>
  static T sqrt(volatile T a) {
    Rounding rounding(Mode);
    volatile T result = std::sqrt(a);
    return result;
  }
  template <typename T>
  static T fma(volatile T a, volatile T b, volatile T c) {
    Rounding rounding(Mode);
    volatile T result = std::fma(a, b, c);
    return result;
  }
  static float narrow(volatile double a) {
    Rounding rounding(Mode);
    volatile float result = static_cast<float>(a);
    return result;
  }
};

//===----------------------------------------------------------------------===//
// Narrow floats
//===----------------------------------------------------------------------===//

float extendBF16(_Float16 carrier) {
  uint16_t bits;
  std::memcpy(&bits, &carrier, 2);
  return llvm::bit_cast<float>(uint32_t(bits) << 16);
}

_Float16 carry(uint16_t bits) {
  _Float16 carrier;
  std::memcpy(&carrier, &bits, 2);
  return carrier;
}

_Float16 truncateBF16(float value) {
  auto bits = llvm::bit_cast<uint32_t>(value);
  if (std::isnan(value))
    return carry(static_cast<uint16_t>(bits >> 16 | 0x40));
  bits += 0x7fff + (bits >> 16 & 1);
  return carry(static_cast<uint16_t>(bits >> 16));
}

/// To odd: the last bit says whether there was a remainder, so that a second
/// rounding is right.
float narrowToOdd(double value) {
  float rounded = static_cast<float>(value);
  if (static_cast<double>(rounded) == value || std::isnan(value) ||
      std::isinf(rounded))
    return rounded;
  auto bits = llvm::bit_cast<uint32_t>(rounded);
  if (bits & 1)
    return rounded;
  // The neighbour on the other side of the value is odd.
  bool away = std::fabs(value) > std::fabs(static_cast<double>(rounded));
  return llvm::bit_cast<float>(away ? bits + 1 : bits - 1);
}

_Float16 truncateDoubleBF16(double value) {
  return truncateBF16(narrowToOdd(value));
}

float extendF16(_Float16 value) { return value; }
_Float16 truncateF16(float value) { return static_cast<_Float16>(value); }
_Float16 truncateDoubleF16(double value) {
  return static_cast<_Float16>(narrowToOdd(value));
}

/// Products of narrow floats are exact in f64, and sums of them almost: rounded
/// to odd the result is what one rounding gives.
_Float16 fmaF16(_Float16 a, _Float16 b, _Float16 c) {
  return truncateDoubleF16(static_cast<double>(a) * static_cast<double>(b) +
                           static_cast<double>(c));
}
_Float16 fmaBF16(_Float16 a, _Float16 b, _Float16 c) {
  return truncateDoubleBF16(static_cast<double>(extendBF16(a)) * extendBF16(b) +
                            static_cast<double>(extendBF16(c)));
}

/// To 8 bits, nearest even, beyond the range to the largest finite value.
uint32_t truncateF8(float value, const fltSemantics &semantics) {
  APFloat narrow(value);
  bool ignored;
  if (std::isnan(value))
    return 0x7f;
  APFloat largest = APFloat::getLargest(semantics, std::signbit(value));
  if (std::fabs(value) > std::fabs(largest.convertToFloat()))
    narrow = largest;
  else
    narrow.convert(semantics, APFloat::rmNearestTiesToEven, &ignored);
  return static_cast<uint32_t>(narrow.bitcastToAPInt().getZExtValue());
}
uint32_t truncateE4M3(float value) {
  return truncateF8(value, APFloat::Float8E4M3FN());
}
uint32_t truncateE5M2(float value) {
  return truncateF8(value, APFloat::Float8E5M2());
}

float extendF8(uint32_t bits, const fltSemantics &semantics) {
  APFloat value(semantics, APInt(8, bits & 0xff));
  bool ignored;
  value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &ignored);
  return value.convertToFloat();
}
float extendE4M3(uint32_t bits) {
  return extendF8(bits, APFloat::Float8E4M3FN());
}
float extendE5M2(uint32_t bits) {
  return extendF8(bits, APFloat::Float8E5M2());
}

/// Of eight bytes the four that the selector names.
uint32_t permuteBytes(uint32_t a, uint32_t b, uint32_t selector) {
  uint64_t bytes = uint64_t(b) << 32 | a;
  uint32_t result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    unsigned choice = selector >> 4 * i & 15;
    auto byte = static_cast<uint8_t>(bytes >> 8 * (choice & 7));
    if (choice & 8)
      byte = byte & 0x80 ? 0xff : 0;
    result |= uint32_t(byte) << 8 * i;
  }
  return result;
}

using Wide = __int128;
using UnsignedWide = unsigned __int128;
Wide divideWide(Wide a, Wide b) { return a / b; }
Wide remainderWide(Wide a, Wide b) { return a % b; }
UnsignedWide divideUnsignedWide(UnsignedWide a, UnsignedWide b) {
  return a / b;
}
UnsignedWide remainderUnsignedWide(UnsignedWide a, UnsignedWide b) {
  return a % b;
}

template <typename F>
void *addressOf(F *function) {
  return reinterpret_cast<void *>(function);
}

} // namespace

#define SEEDNORM_ROUNDED(NAME, MODE)                                           \
  {"emu_add_" NAME "_f32", addressOf(Rounded<MODE>::add<float>)},              \
      {"emu_sub_" NAME "_f32", addressOf(Rounded<MODE>::sub<float>)},          \
      {"emu_mul_" NAME "_f32", addressOf(Rounded<MODE>::mul<float>)},          \
      {"emu_div_" NAME "_f32", addressOf(Rounded<MODE>::div<float>)},          \
      {"emu_rcp_" NAME "_f32", addressOf(Rounded<MODE>::rcp<float>)},          \
      {"emu_sqrt_" NAME "_f32", addressOf(Rounded<MODE>::sqrt<float>)},        \
      {"emu_fma_" NAME "_f32", addressOf(Rounded<MODE>::fma<float>)},          \
      {"emu_add_" NAME "_f64", addressOf(Rounded<MODE>::add<double>)},         \
      {"emu_sub_" NAME "_f64", addressOf(Rounded<MODE>::sub<double>)},         \
      {"emu_mul_" NAME "_f64", addressOf(Rounded<MODE>::mul<double>)},         \
      {"emu_div_" NAME "_f64", addressOf(Rounded<MODE>::div<double>)},         \
      {"emu_rcp_" NAME "_f64", addressOf(Rounded<MODE>::rcp<double>)},         \
      {"emu_sqrt_" NAME "_f64", addressOf(Rounded<MODE>::sqrt<double>)},       \
      {"emu_fma_" NAME "_f64", addressOf(Rounded<MODE>::fma<double>)}, {       \
    "emu_narrow_" NAME "_f32", addressOf(Rounded<MODE>::narrow)                \
  }

#define SEEDNORM_LIBM1(NAME)                                                   \
  {#NAME, addressOf(static_cast<double (*)(double)>(NAME))}, {                 \
    #NAME "f", addressOf(static_cast<float (*)(float)>(NAME##f))               \
  }
#define SEEDNORM_LIBM2(NAME)                                                   \
  {#NAME, addressOf(static_cast<double (*)(double, double)>(NAME))}, {         \
    #NAME "f", addressOf(static_cast<float (*)(float, float)>(NAME##f))        \
  }

ArrayRef<Builtin> emulator::getMathBuiltins() {
  static const Builtin table[] = {
      SEEDNORM_ROUNDED("rz", FE_TOWARDZERO),
      SEEDNORM_ROUNDED("rm", FE_DOWNWARD),
      SEEDNORM_ROUNDED("rp", FE_UPWARD),
      {"emu_fma_f16", addressOf(fmaF16)},
      {"emu_fma_bf16", addressOf(fmaBF16)},
      {"emu_truncate_e4m3", addressOf(truncateE4M3)},
      {"emu_truncate_e5m2", addressOf(truncateE5M2)},
      {"emu_extend_e4m3", addressOf(extendE4M3)},
      {"emu_extend_e5m2", addressOf(extendE5M2)},
      {"emu_prmt", addressOf(permuteBytes)},
      {"__extendhfsf2", addressOf(extendF16)},
      {"__truncsfhf2", addressOf(truncateF16)},
      {"__truncdfhf2", addressOf(truncateDoubleF16)},
      {"__truncsfbf2", addressOf(truncateBF16)},
      {"__truncdfbf2", addressOf(truncateDoubleBF16)},
      {"__divti3", addressOf(divideWide)},
      {"__modti3", addressOf(remainderWide)},
      {"__udivti3", addressOf(divideUnsignedWide)},
      {"__umodti3", addressOf(remainderUnsignedWide)},
      {"memcpy", addressOf(std::memcpy)},
      {"memmove", addressOf(std::memmove)},
      {"memset", addressOf(std::memset)},
      SEEDNORM_LIBM1(exp),
      SEEDNORM_LIBM1(exp2),
      SEEDNORM_LIBM1(log),
      SEEDNORM_LIBM1(log2),
      SEEDNORM_LIBM1(log10),
      SEEDNORM_LIBM1(sin),
      SEEDNORM_LIBM1(cos),
      SEEDNORM_LIBM1(tan),
      SEEDNORM_LIBM1(tanh),
      SEEDNORM_LIBM1(sinh),
      SEEDNORM_LIBM1(cosh),
      SEEDNORM_LIBM1(asin),
      SEEDNORM_LIBM1(acos),
      SEEDNORM_LIBM1(atan),
      SEEDNORM_LIBM1(sqrt),
      SEEDNORM_LIBM1(floor),
      SEEDNORM_LIBM1(ceil),
      SEEDNORM_LIBM1(trunc),
      SEEDNORM_LIBM1(rint),
      SEEDNORM_LIBM1(nearbyint),
      SEEDNORM_LIBM1(round),
      SEEDNORM_LIBM2(pow),
      SEEDNORM_LIBM2(atan2),
      SEEDNORM_LIBM2(fmod),
      SEEDNORM_LIBM2(fmin),
      SEEDNORM_LIBM2(fmax),
      {"fma", addressOf(static_cast<double (*)(double, double, double)>(fma))},
      {"fmaf", addressOf(static_cast<float (*)(float, float, float)>(fmaf))},
      {"ldexp", addressOf(static_cast<double (*)(double, int)>(ldexp))},
      {"ldexpf", addressOf(static_cast<float (*)(float, int)>(ldexpf))},
  };
  return table;
}
