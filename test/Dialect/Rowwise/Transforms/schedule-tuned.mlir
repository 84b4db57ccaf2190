// What was measured for this program: exactly, near it, or nothing that fits.

// RUN: rm -f %t.db %t.rec.db
// RUN: seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4 threads=2 db=%t.rec.db tuning-mode=record print-tuning=1" 2>&1 | FileCheck %s --check-prefix=MODEL
// MODEL: tuning: @f {{.*}}f32,f32->f32 width 64 rows 0 alignment 64 threads 2 on x86-64-v4+{{[0-9a-f]+}}: cost model: #rowwise.schedule<vector_width = 16
// MODEL: tuning: @given {{.*}}: given: #rowwise.schedule<vector_width = 16, vectors = 7

// RUN: seednorm-tune export --db %t.rec.db | %measure "vector_width = 8, vectors = 3, rows_in_flight = 1, rows_per_block = 2, rows_per_task = 6" width=128 rows=4096 > %t.near.json
// RUN: seednorm-tune import --db %t.db %t.near.json
// RUN: seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4 threads=2 db=%t.db print-tuning=1" 2>&1 | FileCheck %s --check-prefix=NEAR
// NEAR: tuning: @f {{.*}}: nearest (width 128, rows 4096, threads 2): #rowwise.schedule<vector_width = 8, vectors = 3
// NEAR-LABEL: func.func @f
// NEAR: schedule <vector_width = 8, vectors = 3, rows_in_flight = 1, rows_per_block = 2, rows_per_task = 6>

// RUN: seednorm-tune export --db %t.rec.db | %measure "vector_width = 8, vectors = 5, rows_in_flight = 1, rows_per_block = 2, rows_per_task = 6" > %t.exact.json
// RUN: seednorm-tune import --db %t.db %t.exact.json
// RUN: seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4 threads=2 db=%t.db" | FileCheck %s --check-prefix=EXACT
// EXACT-LABEL: func.func @f
// EXACT: schedule <vector_width = 8, vectors = 5, rows_in_flight = 1, rows_per_block = 2, rows_per_task = 6>
// EXACT-LABEL: func.func @given
// EXACT: vectors = 7

// Through the pipelines as well; where it does not fit, the next is taken.
// RUN: seednorm-opt %s --seednorm-row-programs="triple=x86_64-linux-gnu cpu=x86-64-v4 threads=2 db=%t.db" | FileCheck %s --check-prefix=EXACT
// RUN: seednorm-opt %s --seednorm-cpu-pipeline="triple=x86_64-linux-gnu cpu=x86-64-v4 threads=2 db=%t.db print-tuning=1" 2>&1 | grep "tuning: @f .*: exact:"
// RUN: seednorm-tune export --db %t.rec.db | %measure "scalable = 1" > %t.misfit.json
// RUN: rm %t.db
// RUN: seednorm-tune import --db %t.db %t.misfit.json %t.near.json
// RUN: seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4 threads=2 db=%t.db" | FileCheck %s --check-prefix=NEAR-IR
// NEAR-IR: schedule <vector_width = 8, vectors = 3, rows_in_flight = 1

// Neither for another target, nor in another mode.
// RUN: seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v3 threads=2 db=%t.db print-tuning=1" 2>&1 | grep "tuning: @f .*: cost model:"
// RUN: seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4 threads=2 db=%t.db tuning-mode=off" | FileCheck %s --check-prefix=OFF
// OFF: schedule <vector_width = 16
// RUN: seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4 threads=2 db=%t.rec.db tuning-mode=pinned" | FileCheck %s --check-prefix=OFF
// RUN: not seednorm-opt %s --rowwise-schedule="triple=x86_64-linux-gnu cpu=x86-64-v4 threads=3 db=%t.rec.db tuning-mode=pinned" 2>&1 | FileCheck %s --check-prefix=PINNED
// PINNED: cannot be scheduled (program {{[0-9a-f]+}}, f32,f32->f32, width 64, rows 0, threads 3): no schedule is recorded in '{{.*}}.rec.db', and tuning is pinned
// RUN: not seednorm-opt %s --rowwise-schedule="tuning-mode=fast" 2>&1 | FileCheck %s --check-prefix=MODE
// MODE: 'tuning-mode' is 'fast', but use, record, pinned or off is expected

// A GPU's schedules are its own.
// RUN: seednorm-opt %s --rowwise-schedule="triple=nvptx64-nvidia-cuda cpu=sm_90 db=%t.gpu.db tuning-mode=record print-tuning=1" 2>&1 | grep "on nvptx64-nvidia-cuda:sm_90: "
// RUN: seednorm-tune export --db %t.gpu.db | %measure "vector_width = 4, vectors = 1, rows_per_block = 8, rows_per_task = 8, threads_per_row = 8, ctas = 77, keep_row = 1" > %t.gpu.json
// RUN: seednorm-tune import --db %t.db %t.gpu.json
// RUN: seednorm-opt %s --seednorm-nvvm-pipeline="chip=sm_90 format=none threads=5 db=%t.db print-tuning=1" 2>&1 | grep "threads 1 on nvptx64-nvidia-cuda:sm_90: exact: .*ctas = 77"

func.func @f(%x: tensor<?x64xf32>, %g: tensor<64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = rowwise.program rows(%x : tensor<?x64xf32>) columns(%g : tensor<64xf32>)
                       outs(%init : tensor<?x64xf32>) {
  ^bb0(%xr: tensor<64xf32>, %gr: tensor<64xf32>):
    %sq = arith.mulf %xr, %xr : tensor<64xf32>
    %ms = rowwise.reduce mean %sq : tensor<64xf32> -> tensor<1xf32>
    %r = math.rsqrt %ms : tensor<1xf32>
    %rb = rowwise.broadcast %r : tensor<1xf32> -> tensor<64xf32>
    %n = arith.mulf %xr, %rb : tensor<64xf32>
    %yr = arith.mulf %n, %gr : tensor<64xf32>
    rowwise.yield %yr : tensor<64xf32>
  } -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

func.func @given(%x: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = rowwise.program rows(%x : tensor<?x64xf32>) outs(%init : tensor<?x64xf32>)
      schedule <vectors = 7> {
  ^bb0(%xr: tensor<64xf32>):
    %e = math.exp %xr : tensor<64xf32>
    rowwise.yield %e : tensor<64xf32>
  } -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
