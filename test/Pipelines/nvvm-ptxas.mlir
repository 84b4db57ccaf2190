// REQUIRES: ptxas
// DEFINE: %{chip} =
// DEFINE: %{file} = %t.%{chip}.ptx
// DEFINE: %{compile} = seednorm-opt %s --seednorm-nvvm-pipeline=chip=%{chip} | sed -f %S/Inputs/ptx.sed > %{file}
// DEFINE: %{assemble} = seednorm-gpu-report %{file} --chip=%{chip} | FileCheck %s -DCHIP=%{chip}

// REDEFINE: %{chip} = sm_80
// RUN: %{compile}
// RUN: %{assemble}
// REDEFINE: %{chip} = sm_90
// RUN: %{compile}
// RUN: %{assemble}
// REDEFINE: %{chip} = sm_100
// RUN: %{compile}
// RUN: %{assemble}
// REDEFINE: %{chip} = sm_120
// RUN: %{compile}
// RUN: %{assemble}
// PTX for the oldest runs on all of them.
// REDEFINE: %{file} = %t.sm_80.ptx
// RUN: %{assemble}
// REDEFINE: %{chip} = sm_90
// RUN: %{assemble}

// No kernel of either has a register spilled; the columns, rows, and sums of both
// are accessed in 128 bits.
// CHECK: {{^}}[[CHIP]] {{ *}}forward_0_rows {{ *}}256 {{ *}}[[#]] {{ *}}0/0 {{.*}}x128 {{.*}}x128
// CHECK: {{^}}[[CHIP]] {{ *}}gradient_1_rows {{ *}}512 {{ *}}[[#]] {{ *}}0/0 {{.*}}x128 {{.*}}x128
// CHECK: {{^}}[[CHIP]] {{ *}}gradient_1_sums {{ *}}512 {{ *}}[[#]] {{ *}}0/0
func.func @forward(%x: tensor<?x4096xf32>, %a: tensor<4096xf32>, %b: tensor<4096xf32>, %g: tensor<4096xf32>) -> tensor<?x4096xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4096xf32>
  %init = tensor.empty(%n) : tensor<?x4096xf32>
  %y = seednorm.norm ins(%x : tensor<?x4096xf32>) alpha(%a : tensor<4096xf32>) beta(%b : tensor<4096xf32>) gamma(%g : tensor<4096xf32>)
      outs(%init : tensor<?x4096xf32>) -> tensor<?x4096xf32>
  return %y : tensor<?x4096xf32>
}
func.func private @gradient(tensor<?x4096xf32>, tensor<4096xf32>, tensor<4096xf32>, tensor<4096xf32>, tensor<?x4096xf32>)
    -> (tensor<?x4096xf32>, tensor<4096xf32>, tensor<4096xf32>, tensor<4096xf32>) attributes {seednorm.gradient_of = @forward}
func.func @backward(%x: tensor<?x4096xf32>, %a: tensor<4096xf32>, %b: tensor<4096xf32>, %g: tensor<4096xf32>, %dy: tensor<?x4096xf32>)
    -> (tensor<?x4096xf32>, tensor<4096xf32>, tensor<4096xf32>, tensor<4096xf32>) {
  %r:4 = call @gradient(%x, %a, %b, %g, %dy)
      : (tensor<?x4096xf32>, tensor<4096xf32>, tensor<4096xf32>, tensor<4096xf32>, tensor<?x4096xf32>)
      -> (tensor<?x4096xf32>, tensor<4096xf32>, tensor<4096xf32>, tensor<4096xf32>)
  return %r#0, %r#1, %r#2, %r#3 : tensor<?x4096xf32>, tensor<4096xf32>, tensor<4096xf32>, tensor<4096xf32>
}
