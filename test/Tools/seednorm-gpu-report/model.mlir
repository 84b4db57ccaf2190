// A model goes through the pipeline for each chip.
// RUN: env SEEDNORM_PTXAS=off seednorm-gpu-report %s 2>/dev/null | FileCheck %s
// RUN: env SEEDNORM_PTXAS=off seednorm-gpu-report %s --chip=sm_90 2>/dev/null | FileCheck %s --check-prefix=ONE
// RUN: not env SEEDNORM_PTXAS=off seednorm-gpu-report %s --chip=sm_90 --bytes=rows=1 2>&1 | FileCheck %s --check-prefix=NAME

// CHECK: {{^}}sm_80 {{ *}}norm_0_rows {{.*}} {{[0-9]+}}x128 {{ *}}{{[0-9]+}}x128 {{ *}}1 
// CHECK: {{^}}sm_90 {{ *}}norm_0_rows {{.*}} {{[0-9]+}}x128 {{ *}}{{[0-9]+}}x128 {{ *}}1 
// CHECK: {{^}}sm_100 {{ *}}norm_0_rows {{.*}} {{[0-9]+}}x128 {{ *}}{{[0-9]+}}x128 {{ *}}1 
// CHECK: {{^}}sm_120 {{ *}}norm_0_rows {{.*}} {{[0-9]+}}x128 {{ *}}{{[0-9]+}}x128 {{ *}}1 
// CHECK: norm_0_rows, sm_80
// CHECK: global load, 128 bits{{.*}}in loops
// CHECK: instructions: {{[0-9]+}} ({{[0-9]+}} in loops

// ONE-NOT: sm_80
// ONE: sm_90 {{ *}}norm_0_rows
// ONE: sm_90 {{ *}}norm_0_rows_unaligned
// ONE-NOT: sm_100

// NAME: error: --bytes has 'rows', but {{.*}}model.mlir has no such kernel

func.func @norm(%x : tensor<?x2048xf32>, %g : tensor<2048xf32>, %y : tensor<?x2048xf32>)
    -> tensor<?x2048xf32> {
  %0 = seednorm.rms_norm ins(%x : tensor<?x2048xf32>) gamma(%g : tensor<2048xf32>)
      outs(%y : tensor<?x2048xf32>) -> tensor<?x2048xf32>
  return %0 : tensor<?x2048xf32>
}
