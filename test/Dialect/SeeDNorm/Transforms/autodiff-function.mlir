// RUN: seednorm-opt %s --seednorm-autodiff=function=f | FileCheck %s
// RUN: not seednorm-opt %s --seednorm-autodiff=function=g 2>&1 | FileCheck %s --check-prefix=MISSING

// MISSING: error: has no function 'g' with a body

// Asked for by name, a gradient is a public function.
// CHECK: func.func @f_backward(%{{.*}}: tensor<?x8xf32>, %{{.*}}: tensor<8xbf16>, %{{.*}}: tensor<?xi8>, %{{.*}}: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<8xf32>)
func.func @f(%x: tensor<?x8xf32>, %p: tensor<8xbf16>, %tokens: tensor<?xi8>) -> tensor<?x8xf32> {
  %y = seednorm.rms_norm ins(%x : tensor<?x8xf32>) gamma(%p : tensor<8xbf16>) outs(%x : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
