// RUN: seednorm-opt %s --index-checks | FileCheck %s

#i = affine_map<(i, j) -> (i)>
#ij = affine_map<(i, j) -> (i, j)>

// An index from data is compared where it is used; the column once before.
// CHECK-LABEL: func @gather
// CHECK-DAG: %[[COLUMNS:.*]] = memref.dim %arg2, %c1
// CHECK-DAG: %[[WIDTH:.*]] = memref.dim %arg1
// CHECK: arith.cmpi sle, %[[COLUMNS]], %[[WIDTH]]
// CHECK: cf.assert {{.*}}index-checks.mlir:[[@LINE+13]]:10: an index is out of bounds of dimension 1"
// CHECK: linalg.generic
// CHECK: %[[ROW:.*]] = arith.index_cast
// CHECK: %[[ROWS:.*]] = memref.dim %arg1
// CHECK: %[[HOLDS:.*]] = arith.cmpi ult, %[[ROW]], %[[ROWS]]
// CHECK-NEXT: cf.assert %[[HOLDS]], {{.*}}an index is out of bounds of dimension 0"
// CHECK-NEXT: memref.load
// CHECK-NEXT: linalg.yield
func.func @gather(%i: memref<?xi64>, %t: memref<?x?xf32>, %y: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [#i, #ij], iterator_types = ["parallel", "parallel"]} ins(%i : memref<?xi64>) outs(%y : memref<?x?xf32>) {
  ^bb0(%k: i64, %o: f32):
    %r = arith.index_cast %k : i64 to index
    %j = linalg.index 1 : index
    %v = memref.load %t[%r, %j] : memref<?x?xf32>
    linalg.yield %v : f32
  }
  return
}

// CHECK-LABEL: func @known
// CHECK-NOT: cf.assert
func.func @known(%i: memref<?xi8>, %t: memref<256x64xf32>, %y: memref<?x64xf32>) {
  linalg.generic {indexing_maps = [#i, #ij], iterator_types = ["parallel", "parallel"]} ins(%i : memref<?xi8>) outs(%y : memref<?x64xf32>) {
  ^bb0(%k: i8, %o: f32):
    %b = arith.extui %k : i8 to i64
    %r = arith.index_cast %b : i64 to index
    %j = linalg.index 1 : index
    %v = memref.load %t[%r, %j] : memref<256x64xf32>
    linalg.yield %v : f32
  }
  return
}

// A signed byte may be negative.
// CHECK-LABEL: func @signed
// CHECK: cf.assert
func.func @signed(%k: i8, %t: memref<256xf32>) -> f32 {
  %r = arith.index_cast %k : i8 to index
  %v = memref.load %t[%r] : memref<256xf32>
  return %v : f32
}

// CHECK-LABEL: func @loops
// CHECK-NOT: cf.assert
// CHECK: scf.for
// CHECK-NOT: cf.assert
// CHECK: return
func.func @loops(%x: memref<?xf32>, %y: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  scf.for %i = %c0 to %n step %c1 {
    %v = memref.load %x[%i] : memref<?xf32>
    scf.for %j = %c0 to %c8 step %c1 {
      memref.store %v, %y[%j] : memref<8xf32>
    }
  }
  return
}

// What the inner loop does not change is compared before it, if it runs at all.
// CHECK-LABEL: func @outer
// CHECK-SAME: %[[X:.*]]: memref<?x?xf32>, %[[N:.*]]: index, %[[M:.*]]: index
// CHECK: scf.for %[[I:.*]] =
// CHECK: %[[IN:.*]] = arith.cmpi ult, %[[I]]
// CHECK: %[[EMPTY:.*]] = arith.cmpi sle, %[[M]]
// CHECK: %[[OK:.*]] = arith.ori %[[IN]], %[[EMPTY]]
// CHECK: cf.assert %[[OK]], {{.*}}dimension 0"
// CHECK: arith.cmpi sle, %[[M]]
// CHECK: cf.assert {{.*}}dimension 1"
// CHECK: scf.for
// CHECK-NOT: cf.assert
// CHECK: memref.store
func.func @outer(%x: memref<?x?xf32>, %n: index, %m: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = arith.constant 0.0 : f32
  scf.for %i = %c0 to %n step %c1 {
    scf.for %j = %c0 to %m step %c1 {
      memref.store %v, %x[%i, %j] : memref<?x?xf32>
    }
  }
  return
}

// Under a condition nothing is compared before the loop.
// CHECK-LABEL: func @condition
// CHECK: scf.for
// CHECK: scf.if
// CHECK: arith.cmpi ult
// CHECK-NEXT: cf.assert
// CHECK-NEXT: memref.load
func.func @condition(%x: memref<?xf32>, %c: i1, %n: index, %i: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %j = %c0 to %n step %c1 {
    scf.if %c {
      %v = memref.load %x[%i] : memref<?xf32>
      memref.store %v, %x[%c0] : memref<?xf32>
    }
  }
  return
}

// Where a longer step ends is not computed: each index is compared.
// CHECK-LABEL: func @steps
// CHECK-SAME: , %[[M:.*]]: index)
// CHECK-NOT: cf.assert
// CHECK: scf.for %[[I:.*]] =
// CHECK: %[[IN:.*]] = arith.cmpi ult, %[[I]]
// CHECK-NEXT: cf.assert %[[IN]], {{.*}}dimension 0"
// CHECK-NEXT: memref.store
// CHECK-NOT: cf.assert
// CHECK: return
func.func @steps(%x: memref<9xf32>, %y: memref<8xf32>, %m: index) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %v = arith.constant 0.0 : f32
  scf.for %i = %c0 to %m step %c4 {
    memref.store %v, %x[%i] : memref<9xf32>
  }
  // Whatever the step, no index reaches the bound.
  scf.for %i = %c0 to %c8 step %c4 {
    memref.store %v, %y[%i] : memref<8xf32>
  }
  return
}

// Loops that do not compare as indices do are left alone.
// CHECK-LABEL: func @other_loops
// CHECK: scf.for
// CHECK: arith.cmpi ult
// CHECK-NEXT: cf.assert
// CHECK-NEXT: memref.store
// CHECK: scf.for unsigned
// CHECK: arith.cmpi ult
// CHECK-NEXT: cf.assert
// CHECK-NEXT: memref.store
func.func @other_loops(%x: memref<?xf32>, %n: i32, %m: index, %j: index) {
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = arith.constant 0.0 : f32
  scf.for %i = %i0 to %n step %i1 : i32 {
    memref.store %v, %x[%j] : memref<?xf32>
  }
  scf.for unsigned %i = %c0 to %m step %c1 {
    memref.store %v, %x[%i] : memref<?xf32>
  }
  return
}

// A slice may take all there is from its offset on, and nothing from the end.
// CHECK-LABEL: func @slice
// CHECK-SAME: %[[X:.*]]: memref<?xf32>, %[[O:.*]]: index, %[[S:.*]]: index)
// CHECK: %[[N:.*]] = memref.dim %[[X]]
// CHECK: %[[REST:.*]] = arith.subi %[[N]], %[[O]]
// CHECK: %[[ROOM:.*]] = arith.subi %[[REST]], %c1
// CHECK: %[[STEPS:.*]] = arith.divui %[[ROOM]], %c2
// CHECK: %[[MOST:.*]] = arith.addi %[[STEPS]], %c1
// CHECK-DAG: %[[FIRST:.*]] = arith.cmpi ult, %[[O]], %[[N]]
// CHECK-DAG: %[[LAST:.*]] = arith.cmpi ule, %[[S]], %[[MOST]]
// CHECK: %[[IN:.*]] = arith.andi %[[FIRST]], %[[LAST]]
// CHECK-DAG: %[[EMPTY:.*]] = arith.cmpi eq, %[[S]], %c0
// CHECK-DAG: %[[END:.*]] = arith.cmpi eq, %[[O]], %[[N]]
// CHECK: %[[NOTHING:.*]] = arith.andi %[[EMPTY]], %[[END]]
// CHECK: %[[HOLDS:.*]] = arith.ori %[[IN]], %[[NOTHING]]
// CHECK-NEXT: cf.assert %[[HOLDS]], {{.*}}a slice is out of bounds of dimension 0"
// CHECK-NEXT: memref.subview
func.func @slice(%x: memref<?xf32>, %o: index, %s: index) -> memref<?xf32, strided<[2], offset: ?>> {
  %y = memref.subview %x[%o] [%s] [2] : memref<?xf32> to memref<?xf32, strided<[2], offset: ?>>
  return %y : memref<?xf32, strided<[2], offset: ?>>
}

// CHECK-LABEL: func @known_slices
// CHECK-NOT: cf.assert
// CHECK: return
func.func @known_slices(%x: memref<?x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %n = memref.dim %x, %c0 : memref<?x64xf32>
  // Whole rows and a part of the columns.
  %a = memref.subview %x[0, 16] [%n, 48] [1, 1] : memref<?x64xf32> to memref<?x48xf32, strided<[64, 1], offset: 16>>
  scf.for %i = %c0 to %n step %c1 {
    %b = memref.subview %x[%i, 0] [1, 64] [1, 1] : memref<?x64xf32> to memref<1x64xf32, strided<[64, 1], offset: ?>>
  }
  // Every eighth column from each of eight.
  scf.for %j = %c0 to %c8 step %c1 {
    %b = memref.subview %x[0, %j] [%n, 8] [1, 8] : memref<?x64xf32> to memref<?x8xf32, strided<[64, 8], offset: ?>>
  }
  return
}

// What no loop changes is compared before it. The last of nine first columns is
// one too many.
// CHECK-LABEL: func @slices_in_loop
// CHECK-SAME: %[[X:.*]]: memref<?x64xf32>, %[[M:.*]]: index, %[[O:.*]]: index)
// CHECK: cf.assert {{.*}}a slice is out of bounds of dimension 0"
// CHECK: scf.for %[[J:.*]] =
// CHECK: arith.cmpi ult, %[[J]],
// CHECK: cf.assert {{.*}}a slice is out of bounds of dimension 1"
// CHECK-NEXT: memref.subview
// CHECK-NOT: cf.assert
// CHECK: return
func.func @slices_in_loop(%x: memref<?x64xf32>, %m: index, %o: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  scf.for %j = %c0 to %c9 step %c1 {
    %b = memref.subview %x[%o, %j] [%m, 8] [1, 8] : memref<?x64xf32> to memref<?x8xf32, strided<[64, 8], offset: ?>>
  }
  return
}

// A static size is compared with the dynamic one that it is taken for.
// CHECK-LABEL: func @cast
// CHECK-SAME: %[[X:.*]]: memref<?x?x4xf32>
// CHECK-DAG: %[[C:.*]] = arith.constant 8
// CHECK-DAG: %[[N:.*]] = memref.dim %[[X]], %c1
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[N]], %[[C]]
// CHECK-NEXT: cf.assert %[[SAME]], {{.*}}dimension 1 must be of size 8"
// CHECK-NEXT: memref.cast
// CHECK-NOT: cf.assert
// CHECK: return
func.func @cast(%x: memref<?x?x4xf32>) -> (memref<?x8x4xf32>, memref<?x?x?xf32>, memref<*xf32>) {
  %y = memref.cast %x : memref<?x?x4xf32> to memref<?x8x4xf32>
  %z = memref.cast %x : memref<?x?x4xf32> to memref<?x?x?xf32>
  %u = memref.cast %x : memref<?x?x4xf32> to memref<*xf32>
  return %y, %z, %u : memref<?x8x4xf32>, memref<?x?x?xf32>, memref<*xf32>
}
