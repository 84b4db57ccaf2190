// DEFINE: %{lower} = seednorm-opt %s --seednorm-to-rowwise --rowwise-differentiate --canonicalize --cse \
// DEFINE:   --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4" --rowwise-bufferize --canonicalize \
// DEFINE:   --rowwise-to-vector --canonicalize --cse
// RUN: %{lower} | FileCheck %s --check-prefix=X
// RUN: %{lower} | FileCheck %s --check-prefix=G
// RUN: %{lower} | FileCheck %s --check-prefix=LOAD
// RUN: %{lower} | FileCheck %s --check-prefix=STORE

// A SeeDNorm's backward under its default schedule is two sweeps over the row.
// Each loads x and its cotangent once: two vectors a step in the first, which
// reduces, and tiles of eight in the second. That one stores dx and, once for the
// rows of a block, the partial sums of three columns. The columns are loaded
// outside the loop over rows.
// X-LABEL: func.func @plain_backward(
// X: %[[V:[a-z_0-9]+]] = memref.reinterpret_cast %arg0 to
// X: step %c32
// X-COUNT-2: vector.load %[[V]][
// X-NOT: vector.load %[[V]][
// X-NOT: reinterpret_cast %arg0 to
// X: step %c128
// X: %[[V:[a-z_0-9]+]] = memref.reinterpret_cast %arg0 to
// X-COUNT-8: vector.load %[[V]][
// X-NOT: vector.load %[[V]][
// X-NOT: reinterpret_cast %arg0 to
// X: } else {
// G-LABEL: func.func @plain_backward(
// G: %[[V:[a-z_0-9]+]] = memref.reinterpret_cast %arg5 to
// G: step %c32
// G-COUNT-2: vector.load %[[V]][
// G-NOT: vector.load %[[V]][
// G-NOT: reinterpret_cast %arg5 to
// G: step %c128
// G: %[[V:[a-z_0-9]+]] = memref.reinterpret_cast %arg5 to
// G-COUNT-8: vector.load %[[V]][
// G-NOT: vector.load %[[V]][
// G-NOT: reinterpret_cast %arg5 to
// G: } else {
// LOAD-LABEL: func.func @plain_backward(
// LOAD: scf.forall
// LOAD-NOT: vector.load {{.*}} : memref<1024xf32
// LOAD: step %c32
// LOAD-COUNT-10: vector.load {{.*}} : memref<1024xf32
// LOAD-NOT: vector.load {{.*}} : memref<1024xf32
// LOAD: step %c128
// LOAD-COUNT-40: vector.load {{.*}} : memref<1024xf32
// LOAD-NOT: vector.load {{.*}} : memref<1024xf32
// LOAD: } else {
// STORE-LABEL: func.func @plain_backward(
// STORE: scf.forall
// STORE-NOT: vector.store {{.*}} : memref<1024xf32
// STORE-NOT: vector.store {{.*}} : memref<?x1024xf64
// STORE: step %c128
// STORE-COUNT-8: vector.store {{.*}} : memref<1024xf32
// STORE-COUNT-24: vector.store {{.*}} : memref<?x1024xf64>
// STORE-NOT: vector.store
// STORE: } else {
func.func @plain(%x: tensor<?x1024xf32>, %a: tensor<1024xf32>, %b: tensor<1024xf32>, %g: tensor<1024xf32>, %init: tensor<?x1024xf32>) -> tensor<?x1024xf32> {
  %y = seednorm.norm ins(%x : tensor<?x1024xf32>) alpha(%a : tensor<1024xf32>) beta(%b : tensor<1024xf32>) gamma(%g : tensor<1024xf32>) outs(%init : tensor<?x1024xf32>) -> tensor<?x1024xf32>
  return %y : tensor<?x1024xf32>
}

// The same for each of 4 heads.
// X-LABEL: func.func @heads_backward(
// X: %[[V:[a-z_0-9]+]] = memref.reinterpret_cast %arg0 to
// X: step %c32
// X-COUNT-2: vector.load %[[V]][
// X-NOT: vector.load %[[V]][
// X-NOT: reinterpret_cast %arg0 to
// X: step %c128
// X: %[[V:[a-z_0-9]+]] = memref.reinterpret_cast %arg0 to
// X-COUNT-8: vector.load %[[V]][
// X-NOT: vector.load %[[V]][
// X-NOT: reinterpret_cast %arg0 to
// X: } else {
// G-LABEL: func.func @heads_backward(
// G: %[[V:[a-z_0-9]+]] = memref.reinterpret_cast %arg5 to
// G: step %c32
// G-COUNT-2: vector.load %[[V]][
// G-NOT: vector.load %[[V]][
// G-NOT: reinterpret_cast %arg5 to
// G: step %c128
// G: %[[V:[a-z_0-9]+]] = memref.reinterpret_cast %arg5 to
// G-COUNT-8: vector.load %[[V]][
// G-NOT: vector.load %[[V]][
// G-NOT: reinterpret_cast %arg5 to
// G: } else {
// LOAD-LABEL: func.func @heads_backward(
// LOAD: scf.forall
// LOAD-NOT: vector.load {{.*}} : memref<1024xf32
// LOAD: step %c32
// LOAD-COUNT-10: vector.load {{.*}} : memref<1024xf32
// LOAD-NOT: vector.load {{.*}} : memref<1024xf32
// LOAD: step %c128
// LOAD-COUNT-40: vector.load {{.*}} : memref<1024xf32
// LOAD-NOT: vector.load {{.*}} : memref<1024xf32
// LOAD: } else {
// STORE-LABEL: func.func @heads_backward(
// STORE: scf.forall
// STORE-NOT: vector.store {{.*}} : memref<1024xf32
// STORE-NOT: vector.store {{.*}} : memref<?x1024xf64
// STORE: step %c128
// STORE-COUNT-8: vector.store {{.*}} : memref<1024xf32
// STORE-COUNT-24: vector.store {{.*}} : memref<?x1024xf64>
// STORE-NOT: vector.store
// STORE: } else {
func.func @heads(%x: tensor<?x1024xf32>, %a: tensor<1024xf32>, %b: tensor<1024xf32>, %g: tensor<1024xf32>, %init: tensor<?x1024xf32>) -> tensor<?x1024xf32> {
  %y = seednorm.norm ins(%x : tensor<?x1024xf32>) alpha(%a : tensor<1024xf32>) beta(%b : tensor<1024xf32>) gamma(%g : tensor<1024xf32>) outs(%init : tensor<?x1024xf32>) {heads = 4} -> tensor<?x1024xf32>
  return %y : tensor<?x1024xf32>
}
