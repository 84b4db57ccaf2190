// RUN: seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4" | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v3" | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: seednorm-opt %s --rowwise-schedule="triple=aarch64-linux-gnu" | FileCheck %s --check-prefixes=CHECK,NEON
// RUN: seednorm-opt %s --rowwise-schedule="triple=aarch64-linux-gnu features=+sve" | FileCheck %s --check-prefixes=CHECK,SVE
// RUN: seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4" | seednorm-opt | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: not seednorm-opt %s --rowwise-schedule="triple=nowhere" 2>&1 | FileCheck %s --check-prefix=TRIPLE
// RUN: not seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=abacus" 2>&1 | FileCheck %s --check-prefix=CPU

// TRIPLE: error: unknown target 'nowhere'
// CPU: error: unknown CPU 'abacus' for target 'x86_64

// CHECK-LABEL: func @f32
// AVX512: schedule <vector_width = 16, {{.*}}nontemporal_min_bytes
// AVX2: schedule <vector_width = 8, {{.*}}nontemporal_min_bytes
// NEON: schedule <vector_width = 4,
// NEON-NOT: nontemporal
// SVE: schedule <vector_width = 4, scalable = 1,
func.func @f32(%x: memref<?x2048xf32>) {
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%x : memref<?x2048xf32>) {
  ^bb0(%a: tensor<2048xf32>):
    %s = math.exp %a : tensor<2048xf32>
    rowwise.yield %s : tensor<2048xf32>
  }
  return
}

// What is given stays; the rest is chosen to fit.
// CHECK-LABEL: func @given
// AVX512: schedule <vector_width = 16, vectors = 3, rows_in_flight = {{[0-9]+}}, rows_per_block = 5,
func.func @given(%x: memref<?x2048xf32>) {
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%x : memref<?x2048xf32>)
      schedule <vectors = 3, rows_per_block = 5> {
  ^bb0(%a: tensor<2048xf32>):
    rowwise.yield %a : tensor<2048xf32>
  }
  return
}

// Blocks are of so many rows in flight, and tasks of whole blocks.
// CHECK-LABEL: func @given_rows
// AVX512: schedule <{{.*}}rows_in_flight = 3, rows_per_block = 12, rows_per_task = 1032,
// AVX512: schedule <{{.*}}rows_in_flight = 1, rows_per_block = 3, rows_per_task = 3,
// AVX512: schedule <{{.*}}rows_in_flight = 2, rows_per_block = 14, rows_per_task = 28,
// AVX512: schedule <{{.*}}rows_in_flight = 5, rows_per_block = 5, rows_per_task = 35,
// AVX512: schedule <{{.*}}rows_in_flight = 32, rows_per_block = 32, rows_per_task = 96,
func.func @given_rows(%x: memref<?x64xf32>) {
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <rows_in_flight = 3> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <rows_per_task = 3> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <rows_per_task = 28> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <rows_in_flight = 5, rows_per_task = 35> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  rowwise.program rows(%x : memref<?x64xf32>) outs(%x : memref<?x64xf32>) schedule <rows_in_flight = 32, rows_per_task = 96> {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  return
}

// Vectors are as wide as the widest type that is computed with.
// CHECK-LABEL: func @f64
// AVX512: schedule <vector_width = 8,
func.func @f64(%x: memref<?x2048xf64>) {
  rowwise.program rows(%x : memref<?x2048xf64>) outs(%x : memref<?x2048xf64>) {
  ^bb0(%a: tensor<2048xf64>):
    rowwise.yield %a : tensor<2048xf64>
  }
  return
}

// Long rows go one at a time, short ones together.
// CHECK-LABEL: func @long_and_short
// AVX512: schedule <{{.*}}vectors = 8, rows_in_flight = 1, rows_per_block = 1, {{.*}}prefetch_rows = 1, prefetch_level = 2>
// AVX512: schedule <{{.*}}vectors = 2, rows_in_flight = 2, rows_per_block = 16, {{.*}}prefetch_rows = 16, prefetch_level = 2>
func.func @long_and_short(%x: memref<?x2048xf32>, %y: memref<?x64xf32>) {
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%x : memref<?x2048xf32>) {
  ^bb0(%a: tensor<2048xf32>):
    rowwise.yield %a : tensor<2048xf32>
  }
  rowwise.program rows(%y : memref<?x64xf32>) outs(%y : memref<?x64xf32>) {
  ^bb0(%a: tensor<64xf32>):
    rowwise.yield %a : tensor<64xf32>
  }
  return
}

// Sums over all rows go down tiles of columns, over blocks that the
// second-level cache holds.
// CHECK-LABEL: func @sums
// AVX512: schedule <{{.*}}rows_per_block = 32, {{.*}}tile_vectors = 8>
func.func @sums(%x: memref<?x2048xf32>, %y: memref<2048xf32>) {
  rowwise.program rows(%x : memref<?x2048xf32>) outs(%y : memref<2048xf32>) {
  ^bb0(%a: tensor<2048xf32>):
    %s = rowwise.accumulate %a : tensor<2048xf32>
    rowwise.yield %s : tensor<2048xf32>
  }
  return
}

// A row and its columns that the first-level cache does not hold: blocks go by
// tiles of columns where the row is read again.
// CHECK-LABEL: func @leaves_the_cache
// AVX512: schedule <{{.*}}vectors = 4, rows_in_flight = 4, rows_per_block = 8, {{.*}}prefetch_rows = 8, prefetch_level = 2, tile_vectors = 8>
// AVX512: schedule <{{.*}}vectors = 8, rows_in_flight = 1, rows_per_block = 1, {{.*}}prefetch_rows = 1, prefetch_level = 2>
func.func @leaves_the_cache(%x: memref<?x4096xf32>, %w: memref<4096xf32>) {
  rowwise.program rows(%x : memref<?x4096xf32>) columns(%w : memref<4096xf32>) outs(%x : memref<?x4096xf32>) {
  ^bb0(%a: tensor<4096xf32>, %b: tensor<4096xf32>):
    %s = rowwise.reduce add %a : tensor<4096xf32> -> tensor<1xf32>
    %t = rowwise.broadcast %s : tensor<1xf32> -> tensor<4096xf32>
    %m = arith.mulf %a, %b : tensor<4096xf32>
    %y = arith.mulf %m, %t : tensor<4096xf32>
    rowwise.yield %y : tensor<4096xf32>
  }
  rowwise.program rows(%x : memref<?x4096xf32>) columns(%w : memref<4096xf32>) outs(%x : memref<?x4096xf32>) {
  ^bb0(%a: tensor<4096xf32>, %b: tensor<4096xf32>):
    %m = arith.mulf %a, %b : tensor<4096xf32>
    rowwise.yield %m : tensor<4096xf32>
  }
  return
}

// Integers in between do not make vectors shorter.
// CHECK-LABEL: func @integers
// AVX512: schedule <vector_width = 16,
// AVX2: schedule <vector_width = 8,
func.func @integers(%x: memref<?x2048xf32>, %n: memref<?x2048xi64>) {
  rowwise.program rows(%x, %n : memref<?x2048xf32>, memref<?x2048xi64>) outs(%x : memref<?x2048xf32>) {
  ^bb0(%a: tensor<2048xf32>, %b: tensor<2048xi64>):
    %f = arith.sitofp %b : tensor<2048xi64> to tensor<2048xf32>
    %s = arith.mulf %a, %f : tensor<2048xf32>
    rowwise.yield %s : tensor<2048xf32>
  }
  return
}

// The groups of all rows of a block are kept: 18 KiB for each row,
// here of four that would be wanted.
// CHECK-LABEL: func @many_groups
// CHECK: schedule <{{.*}}rows_per_block = 2,
func.func @many_groups(%x: memref<?x1024xi1>, %y: memref<?x512xf32>) {
  rowwise.program rows(%x : memref<?x1024xi1>) outs(%y : memref<?x512xf32>) {
  ^bb0(%a: tensor<1024xi1>):
    %f = arith.uitofp %a : tensor<1024xi1> to tensor<1024xf32>
    %s = rowwise.reduce add %f : tensor<1024xf32> -> tensor<512xf32>
    %m = rowwise.reduce max %f : tensor<1024xf32> -> tensor<512xf32>
    %0 = arith.addf %s, %m : tensor<512xf32>
    %1 = arith.mulf %0, %0 : tensor<512xf32>
    %2 = arith.mulf %1, %1 : tensor<512xf32>
    %3 = arith.mulf %2, %2 : tensor<512xf32>
    %4 = arith.mulf %3, %3 : tensor<512xf32>
    %5 = arith.mulf %4, %4 : tensor<512xf32>
    %6 = arith.mulf %5, %5 : tensor<512xf32>
    rowwise.yield %6 : tensor<512xf32>
  }
  return
}
