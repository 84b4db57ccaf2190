//===- ArithmeticTest.cpp - Arithmetic of the emulated GPU ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NVVM's intrinsics by their names: roundings, flushing, conversions, packed
// and narrow floats.
//
//===----------------------------------------------------------------------===//

#include "Gpu.h"
#include <cfloat>
#include <cmath>
#include <cstring>

using namespace seednorm;
using namespace seednorm::testing;

namespace {

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

float floatOf(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

/// What an intrinsic of up to three 32-bit arguments gives; `types` are those
/// of the result and of the arguments.
uint32_t call(const std::string &name, std::vector<std::string> types,
              std::vector<uint32_t> arguments) {
  std::string declaration, operands, loads;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string number = std::to_string(i), type = types[i + 1];
    loads += "%p" + number + " = getelementptr i32, ptr %in, i32 " + number +
             "\n%a" + number + " = load " + type + ", ptr %p" + number + "\n";
    declaration += (i ? ", " : "") + type;
    operands += (i ? ", " : "") + type + " %a" + number;
  }
  std::string function = types[0] + " @llvm.nvvm." + name;
  std::string module =
      makeModule("declare " + function + "(" + declaration + ")\n" +
                 "define ptx_kernel void @k(ptr %in, ptr %out) {\n" + loads +
                 "%r = call " + function + "(" + operands + ")\n" + "store " +
                 types[0] + " %r, ptr %out\nret void\n}");
  Gpu gpu;
  uint32_t *in = gpu.upload(arguments), *out = gpu.upload<uint32_t>({0});
  EXPECT_EQ(gpu.launch(module, "k", Shape(), in, out), "") << module;
  return gpu.download(out, 1)[0];
}

float callFloat(const std::string &name, std::vector<float> arguments) {
  std::vector<uint32_t> bits;
  for (float argument : arguments)
    bits.push_back(bitsOf(argument));
  return floatOf(call(
      name, std::vector<std::string>(arguments.size() + 1, "float"), bits));
}

TEST(Arithmetic, Rounds) {
  float third = 1.0f / 3;
  EXPECT_EQ(callFloat("div.rn.f", {1, 3}), third);
  EXPECT_EQ(callFloat("div.rz.f", {1, 3}), std::nextafter(third, 0.0f));
  EXPECT_EQ(callFloat("div.rp.f", {1, 3}), third);
  EXPECT_EQ(callFloat("div.rm.f", {-1, 3}), -third);
  EXPECT_EQ(callFloat("add.rp.f", {1, FLT_MIN}), 1 + FLT_EPSILON);
  EXPECT_EQ(callFloat("add.rn.f", {1, FLT_MIN}), 1);
  EXPECT_EQ(callFloat("fma.rz.f", {1, 1, -FLT_MIN}), 1 - FLT_EPSILON / 2);
  EXPECT_EQ(callFloat("rcp.rm.f", {3}), std::nextafter(third, 0.0f));
  EXPECT_EQ(callFloat("round.f", {2.5f}), 2);
}

TEST(Arithmetic, FlushesAndSaturates) {
  float tiny = 1e-40f;
  EXPECT_EQ(callFloat("mul.rn.f", {tiny, 2}), 2 * tiny);
  EXPECT_EQ(callFloat("mul.rn.ftz.f", {tiny, 2}), 0);
  EXPECT_EQ(bitsOf(callFloat("mul.rn.ftz.f", {-FLT_MIN, 0.5f})), 0x80000000u);
  EXPECT_EQ(callFloat("add.rn.sat.f", {1, 1}), 1);
  EXPECT_EQ(callFloat("saturate.f", {NAN}), 0);
  EXPECT_EQ(callFloat("fmax.f", {NAN, 2}), 2);
  EXPECT_TRUE(std::isnan(callFloat("fmax.nan.f", {NAN, 2})));
  EXPECT_EQ(callFloat("fmin.xorsign.abs.f", {-3, 2}), -2);
  EXPECT_FLOAT_EQ(callFloat("rsqrt.approx.ftz.f", {16}), 0.25f);
  EXPECT_EQ(callFloat("rsqrt.approx.ftz.f", {tiny}), INFINITY);
  EXPECT_FLOAT_EQ(callFloat("ex2.approx.f32", {0.5f}), std::sqrt(2.0f));
}

TEST(Arithmetic, Converts) {
  auto toInt = [](const std::string &name, float value) {
    return static_cast<int32_t>(call(name, {"i32", "float"}, {bitsOf(value)}));
  };
  EXPECT_EQ(toInt("f2i.rn", 2.5f), 2);
  EXPECT_EQ(toInt("f2i.rp", 2.1f), 3);
  EXPECT_EQ(toInt("f2i.rm", -2.1f), -3);
  EXPECT_EQ(toInt("f2i.rz", -2.9f), -2);
  EXPECT_EQ(toInt("f2i.rz", 1e20f), INT32_MAX);
  EXPECT_EQ(toInt("f2ui.rz", -5), 0);
  EXPECT_EQ(toInt("f2i.rn", NAN), 0);
  auto toFloat = [](const std::string &name, uint32_t value) {
    return floatOf(call(name, {"float", "i32"}, {value}));
  };
  EXPECT_EQ(toFloat("ui2f.rn", 0xffffffff), 4294967296.0f);
  EXPECT_EQ(toFloat("ui2f.rz", 0xffffffff), 4294967040.0f);
  EXPECT_EQ(toFloat("i2f.rp", 0x80000001), -2147483520.0f);
  EXPECT_EQ(call("prmt", {"i32", "i32", "i32", "i32"},
                 {0x33221180, 0xf7665544, 0x80f7}),
            0xff80fff7u);
  EXPECT_EQ(call("mulhi.ui", {"i32", "i32", "i32"}, {0xffffffff, 0x10}), 15u);
  EXPECT_EQ(call("mulhi.i", {"i32", "i32", "i32"}, {0xffffffff, 0x10}),
            0xffffffffu);
}

TEST(Arithmetic, PacksNarrowFloats) {
  // 1.0 in the upper half, 2.0 in the lower.
  EXPECT_EQ(call("ff2f16x2.rn", {"<2 x half>", "float", "float"},
                 {bitsOf(1), bitsOf(2)}),
            0x3c004000u);
  EXPECT_EQ(call("ff2bf16x2.rn", {"<2 x bfloat>", "float", "float"},
                 {bitsOf(1), bitsOf(2)}),
            0x3f804000u);
  // 1.5 · 2 + 1 and 2 · 2 + 1.
  EXPECT_EQ(
      call("fma.rn.bf16x2",
           {"<2 x bfloat>", "<2 x bfloat>", "<2 x bfloat>", "<2 x bfloat>"},
           {0x3fc04000, 0x40004000, 0x3f803f80}),
      0x408040a0u);
  EXPECT_EQ(call("fma.rn.relu.f16x2",
                 {"<2 x half>", "<2 x half>", "<2 x half>", "<2 x half>"},
                 {0x3c00bc00, 0x40004000, 0}),
            0x40000000u);
  // One rounding: 1 + 2^-10 + 2^-11 - 2^-31 is below the middle, in f32 it is
  // the middle.
  EXPECT_EQ(call("fma.rn.f16", {"half", "half", "half", "half"},
                 {0x3c01, 0x0ffe, 0x3c01}),
            0x3c01u);
  // 448 is the largest of e4m3.
  EXPECT_EQ(call("ff.to.e4m3x2.rn", {"i16", "float", "float"},
                 {bitsOf(1000), bitsOf(1)}),
            0x7e38u);
}

} // namespace
