//===- LibdeviceTest.cpp - NVIDIA's math library, emulated ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions of libdevice against the host's in more precision: they are full of
// NVVM's arithmetic and inline PTX. Built where the CUDA toolkit is.
//
//===----------------------------------------------------------------------===//

#include "Gpu.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/SourceMgr.h"
#include <cmath>

using namespace seednorm;
using namespace seednorm::testing;

namespace {

struct Function {
  const char *name;
  double (*reference)(double);
  float low, high;
  /// In units in the last place: about what NVIDIA promises.
  double ulps;
};

double rsqrt(double x) { return 1 / std::sqrt(x); }
double rcp(double x) { return 1 / x; }

const Function functions[] = {
    {"__nv_tanhf", std::tanh, -10, 10, 2},
    {"__nv_expf", std::exp, -90, 80, 2},
    {"__nv_exp2f", std::exp2, -130, 120, 2},
    {"__nv_expm1f", std::expm1, -5, 5, 2},
    {"__nv_logf", std::log, 1e-40f, 1e30f, 1},
    {"__nv_log2f", std::log2, 0.1f, 1e30f, 1},
    {"__nv_log1pf", std::log1p, -0.9f, 100, 1},
    {"__nv_sinf", std::sin, -1e6f, 1e6f, 2},
    {"__nv_cosf", std::cos, -100, 100, 2},
    {"__nv_tanf", std::tan, -3, 3, 4},
    {"__nv_atanf", std::atan, -30, 30, 2},
    {"__nv_erff", std::erf, -4, 4, 2},
    {"__nv_rsqrtf", rsqrt, 1e-30f, 1e30f, 2},
    {"__nv_sqrtf", std::sqrt, 0, 1e30f, 0.5},
    {"__nv_frcp_rn", rcp, 0.001f, 1000, 0.5},
    {"__nv_rintf", std::nearbyint, -10, 10, 0},
    {"__nv_floorf", std::floor, -10, 10, 0},
};

/// A kernel for each function, with what it calls of libdevice.
std::string link() {
  std::string text;
  for (const Function &function : functions) {
    std::string name = function.name;
    text += "declare float @" + name + "(float)\n" +
            "define ptx_kernel void @k" + name +
            R"((ptr %in, ptr %out) {
      %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
      %cta = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
      %size = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
      %begin = mul i32 %cta, %size
      %i = add i32 %begin, %tid
      %p = getelementptr float, ptr %in, i32 %i
      %q = getelementptr float, ptr %out, i32 %i
      %x = load float, ptr %p
      %y = call float @)" +
            name + R"((float %x)
      store float %y, ptr %q
      ret void
    })";
  }
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  auto module = llvm::parseIR(
      llvm::MemoryBufferRef(makeModule(text), "kernels"), diagnostic, context);
  auto library = llvm::parseIRFile(SEEDNORM_LIBDEVICE, diagnostic, context);
  if (!module || !library) {
    ADD_FAILURE() << diagnostic.getMessage().str();
    return "";
  }
  library->setDataLayout(module->getDataLayout());
  library->setTargetTriple(module->getTargetTriple());
  EXPECT_FALSE(llvm::Linker::linkModules(*module, std::move(library),
                                         llvm::Linker::LinkOnlyNeeded));
  std::string bitcode;
  llvm::raw_string_ostream stream(bitcode);
  llvm::WriteBitcodeToFile(*module, stream);
  return bitcode;
}

TEST(Libdevice, AgreesWithTheHost) {
  std::string module = link();
  constexpr int count = 1024;
  for (bool optimize : {true, false}) {
    EmulatorOptions options;
    options.optimize = optimize;
    Gpu gpu(options);
    for (const Function &function : functions) {
      std::vector<float> in(count);
      for (int i = 0; i < count; ++i)
        in[i] = function.low +
                (function.high - function.low) * static_cast<float>(i) / count;
      float *x = gpu.upload(in), *y = gpu.upload(in);
      ASSERT_EQ(gpu.launch(module, ("k" + std::string(function.name)).c_str(),
                           Shape::of(8, 128), x, y),
                "");
      std::vector<float> out = gpu.download(y, count);
      for (int i = 0; i < count; ++i) {
        double expected = function.reference(in[i]);
        auto rounded = static_cast<float>(expected);
        double ulp = std::max<double>(
            std::nextafter(std::fabs(rounded), INFINITY) - std::fabs(rounded),
            1e-45);
        ASSERT_LE(std::fabs(out[i] - expected), function.ulps * ulp * 1.01)
            << function.name << "(" << in[i] << ") is " << out[i]
            << " instead of " << expected << ", optimized: " << optimize;
      }
    }
    EXPECT_EQ(gpu.findings(), "");
  }
}

} // namespace
