// DEFINE: %{schedule} = seednorm-opt %s --seednorm-to-rowwise --rowwise-differentiate --canonicalize --rowwise-schedule
// RUN: %{schedule}="triple=nvptx64-nvidia-cuda cpu=sm_90" | FileCheck %s --check-prefixes=CHECK,SM90
// RUN: %{schedule}="triple=nvptx64-nvidia-cuda cpu=sm_90a" | FileCheck %s --check-prefixes=CHECK,SM90
// RUN: %{schedule}="triple=nvptx64-nvidia-cuda cpu=sm_80" | FileCheck %s --check-prefixes=CHECK,SM80
// RUN: %{schedule}="triple=amdgcn-amd-amdhsa cpu=gfx942" | FileCheck %s --check-prefixes=CHECK,GFX942
// RUN: %{schedule}="triple=spirv64-unknown-unknown" | FileCheck %s --check-prefixes=CHECK
// RUN: %{schedule}="triple=nvptx64-nvidia-cuda cpu=sm_90" | seednorm-opt | FileCheck %s --check-prefixes=CHECK,SM90
// RUN: not seednorm-opt %s --rowwise-schedule="triple=nvptx64-nvidia-cuda cpu=sm_70" 2>&1 | FileCheck %s --check-prefix=NVIDIA
// RUN: not seednorm-opt %s --rowwise-schedule="triple=nvptx64-nvidia-cuda" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not seednorm-opt %s --rowwise-schedule="triple=amdgcn-amd-amdhsa cpu=gfx1" 2>&1 | FileCheck %s --check-prefix=AMD

// NVIDIA: error: unknown chip 'sm_70': sm_80, sm_86, sm_87, sm_89, sm_90, sm_100, sm_103 or sm_120 is expected
// NONE: error: unknown chip ''
// AMD: error: unknown chip 'gfx1': one of AMD's is expected, as gfx942

// A few threads for a row, of which a CTA has many: no barrier. With sums over
// rows each thread has 8 elements, so that its sums fit beside them. Columns are
// read again rather than kept where they would take registers from others.
// CHECK-LABEL: func @narrow(
// CHECK: schedule <vector_width = 4, {{.*}}rows_per_block = 32, rows_per_task = 32, threads_per_row = 8, {{.*}}keep_row = 1, cache_hints = 1>
// CHECK-LABEL: func.func @narrow_backward(
// CHECK: schedule <vector_width = 4, {{.*}}rows_per_block = 16, rows_per_task = 16, threads_per_row = 16, {{.*}}keep_row = 1, cache_hints = 1>
func.func @narrow(%x: tensor<?x128xf32>, %a: tensor<128xf32>, %b: tensor<128xf32>, %g: tensor<128xf32>, %init: tensor<?x128xf32>) -> tensor<?x128xf32> {
  %y = seednorm.norm ins(%x : tensor<?x128xf32>) alpha(%a : tensor<128xf32>) beta(%b : tensor<128xf32>) gamma(%g : tensor<128xf32>) outs(%init : tensor<?x128xf32>) -> tensor<?x128xf32>
  return %y : tensor<?x128xf32>
}

// A warp for each row, as many CTAs as the whole GPU runs at a time by their
// registers; with sums fewer, as each has partial sums of its own.
// CHECK-LABEL: func @warp(
// CHECK: schedule <{{.*}}rows_per_block = 8, {{.*}}threads_per_row = 32,
// SM80-SAME: ctas = 324,
// SM90-SAME: ctas = 396,
// GFX942-SAME: ctas = 2128,
// CHECK-LABEL: func.func @warp_backward(
// CHECK: schedule <{{.*}}threads_per_row = 128,
// SM80-SAME: ctas = 216,
// SM90-SAME: ctas = 264,
// GFX942-SAME: ctas = 608,
func.func @warp(%x: tensor<?x1024xf32>, %a: tensor<1024xf32>, %b: tensor<1024xf32>, %g: tensor<1024xf32>, %init: tensor<?x1024xf32>) -> tensor<?x1024xf32> {
  %y = seednorm.norm ins(%x : tensor<?x1024xf32>) alpha(%a : tensor<1024xf32>) beta(%b : tensor<1024xf32>) gamma(%g : tensor<1024xf32>) outs(%init : tensor<?x1024xf32>) -> tensor<?x1024xf32>
  return %y : tensor<?x1024xf32>
}

// Several warps for each row.
// CHECK-LABEL: func @several_warps(
// CHECK: schedule <vector_width = 4, {{.*}}rows_per_block = 1, rows_per_task = 1, threads_per_row = 256, {{.*}}keep_row = 1,
// CHECK-LABEL: func.func @several_warps_backward(
// CHECK: schedule <vector_width = 4, {{.*}}rows_per_block = 1, rows_per_task = 1, threads_per_row = 512, {{.*}}keep_row = 1,
func.func @several_warps(%x: tensor<?x4096xf32>, %a: tensor<4096xf32>, %b: tensor<4096xf32>, %g: tensor<4096xf32>, %init: tensor<?x4096xf32>) -> tensor<?x4096xf32> {
  %y = seednorm.norm ins(%x : tensor<?x4096xf32>) alpha(%a : tensor<4096xf32>) beta(%b : tensor<4096xf32>) gamma(%g : tensor<4096xf32>) outs(%init : tensor<?x4096xf32>) -> tensor<?x4096xf32>
  return %y : tensor<?x4096xf32>
}

// 128 bits are 8 elements of 16; a thread has as many elements as of 32.
// CHECK-LABEL: func @half(
// CHECK: schedule <vector_width = 8, {{.*}}threads_per_row = 256,
func.func @half(%x: tensor<?x4096xbf16>, %a: tensor<4096xbf16>, %b: tensor<4096xbf16>, %g: tensor<4096xbf16>, %init: tensor<?x4096xbf16>) -> tensor<?x4096xbf16> {
  %y = seednorm.norm ins(%x : tensor<?x4096xbf16>) alpha(%a : tensor<4096xbf16>) beta(%b : tensor<4096xbf16>) gamma(%g : tensor<4096xbf16>) outs(%init : tensor<?x4096xbf16>) -> tensor<?x4096xbf16>
  return %y : tensor<?x4096xbf16>
}

// Registers hold the row; beside the sums only AMD's do, which are twice as many.
// CHECK-LABEL: func @wide(
// CHECK: schedule <{{.*}}threads_per_row = 512, ctas = {{[0-9]+}}, keep_row = 1, cache_hints = 1>
// CHECK-LABEL: func.func @wide_backward(
// SM80: schedule <{{.*}}rows_per_block = 1, rows_per_task = 1, threads_per_row = 512, ctas = {{[0-9]+}}, cache_hints = 1>
// SM90: schedule <{{.*}}rows_per_block = 1, rows_per_task = 1, threads_per_row = 512, ctas = {{[0-9]+}}, cache_hints = 1>
// GFX942: schedule <{{.*}}rows_per_block = 1, rows_per_task = 1, threads_per_row = 512, ctas = {{[0-9]+}}, keep_row = 1,
func.func @wide(%x: tensor<?x16384xf32>, %a: tensor<16384xf32>, %b: tensor<16384xf32>, %g: tensor<16384xf32>, %init: tensor<?x16384xf32>) -> tensor<?x16384xf32> {
  %y = seednorm.norm ins(%x : tensor<?x16384xf32>) alpha(%a : tensor<16384xf32>) beta(%b : tensor<16384xf32>) gamma(%g : tensor<16384xf32>) outs(%init : tensor<?x16384xf32>) -> tensor<?x16384xf32>
  return %y : tensor<?x16384xf32>
}

// The registers of NVIDIA's processors are not enough for a row.
// CHECK-LABEL: func @wider(
// SM80: schedule <{{.*}}threads_per_row = 512, ctas = {{[0-9]+}}, cache_hints = 1>
// SM90: schedule <{{.*}}threads_per_row = 512, ctas = {{[0-9]+}}, cache_hints = 1>
// GFX942: schedule <{{.*}}threads_per_row = 512, ctas = {{[0-9]+}}, keep_row = 1, cache_hints = 1>
// CHECK-LABEL: func.func @wider_backward(
func.func @wider(%x: tensor<?x65536xf32>, %a: tensor<65536xf32>, %b: tensor<65536xf32>, %g: tensor<65536xf32>, %init: tensor<?x65536xf32>) -> tensor<?x65536xf32> {
  %y = seednorm.norm ins(%x : tensor<?x65536xf32>) alpha(%a : tensor<65536xf32>) beta(%b : tensor<65536xf32>) gamma(%g : tensor<65536xf32>) outs(%init : tensor<?x65536xf32>) -> tensor<?x65536xf32>
  return %y : tensor<?x65536xf32>
}
