// RUN: seednorm-opt %s --seednorm-nvvm-pipeline=format=none | FileCheck %s --check-prefix=LAUNCH
// RUN: seednorm-opt %s --seednorm-nvvm-pipeline | sed -f %S/Inputs/ptx.sed | FileCheck %s --check-prefix=PTX

// What a model's schedules ask for arrives in PTX and at the launch: a kernel that
// may begin early, one with the hardware's tanh, one of clusters, one with atomics.
// LAUNCH: gpu.launch_func @seednorm_kernels::@dependent_0_rows {{.*}}{seednorm.dependent}
// LAUNCH: gpu.launch_func @seednorm_kernels::@approximate_1_rows
// LAUNCH-NOT: seednorm.dependent
// LAUNCH: gpu.launch_func @seednorm_kernels::@cluster_2_rows clusters in
// LAUNCH-NOT: seednorm.dependent
// LAUNCH: gpu.launch_func @seednorm_kernels::@atomics_3_sums
// LAUNCH: gpu.launch_func @seednorm_kernels::@atomics_3_rows
// LAUNCH-NOT: seednorm.dependent

// PTX: .entry dependent_0_rows(
// PTX-NOT: ld.global
// PTX: griddepcontrol.launch_dependents
// PTX-NOT: ld.global
// PTX: griddepcontrol.wait
// PTX: .entry approximate_1_rows(
// PTX-NOT: griddepcontrol
// PTX-COUNT-4: tanh.approx.f32
// PTX: .entry cluster_2_rows(
// PTX-NOT: tanh.approx
// PTX-COUNT-2: barrier.cluster.wait.aligned
// PTX: mapa.shared::cluster.u64
// PTX: st.shared::cluster
// PTX: .entry atomics_3_sums(
// PTX: .entry atomics_3_rows(
// PTX-COUNT-4: {{(atom|red)\.global\.add\.f32}}

func.func @dependent(%x: tensor<?x128xf32>, %y: tensor<?x128xf32>) -> tensor<?x128xf32> {
  %0 = rowwise.program rows(%x : tensor<?x128xf32>) outs(%y : tensor<?x128xf32>)
      schedule <threads_per_row = 32, keep_row = 1, dependent_launch = 1> {
  ^bb0(%a: tensor<128xf32>):
    %n = arith.negf %a : tensor<128xf32>
    rowwise.yield %n : tensor<128xf32>
  } -> tensor<?x128xf32>
  return %0 : tensor<?x128xf32>
}
func.func @approximate(%x: tensor<?x128xf32>, %y: tensor<?x128xf32>) -> tensor<?x128xf32> {
  %0 = rowwise.program rows(%x : tensor<?x128xf32>) outs(%y : tensor<?x128xf32>)
      schedule <threads_per_row = 32, keep_row = 1, approximate = 1> {
  ^bb0(%a: tensor<128xf32>):
    %n = math.tanh %a : tensor<128xf32>
    rowwise.yield %n : tensor<128xf32>
  } -> tensor<?x128xf32>
  return %0 : tensor<?x128xf32>
}
func.func @cluster(%x: tensor<?x128xf32>, %y: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %0 = rowwise.program rows(%x : tensor<?x128xf32>) outs(%y : tensor<?x1xf32>)
      schedule <threads_per_row = 32, keep_row = 1, rows_per_block = 1, ctas_per_row = 2> {
  ^bb0(%a: tensor<128xf32>):
    %n = rowwise.reduce add %a : tensor<128xf32> -> tensor<1xf32>
    rowwise.yield %n : tensor<1xf32>
  } -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}
func.func @atomics(%x: tensor<?x128xf32>, %y: tensor<128xf32>) -> tensor<128xf32> {
  %0 = rowwise.program rows(%x : tensor<?x128xf32>) outs(%y : tensor<128xf32>)
      schedule <threads_per_row = 32, keep_row = 1, rows_per_block = 1, atomics = 1> {
  ^bb0(%a: tensor<128xf32>):
    %n = rowwise.accumulate %a : tensor<128xf32>
    rowwise.yield %n : tensor<128xf32>
  } -> tensor<128xf32>
  return %0 : tensor<128xf32>
}
