; Row normalisation and its column sums, written by hand as our kernels are: a
; CTA or a warp a row, vectors of 16 bytes, shuffles, one barrier a row with a
; double buffer, partial column sums and their second stage. MutantsTest.cpp
; runs them as they are and with one line of them broken.

target datalayout = "e-p6:32:32-i64:64-i128:128-i256:256-v16:16-v32:32-n16:32:64"
target triple = "nvptx64-nvidia-cuda"

declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
declare float @llvm.nvvm.shfl.sync.bfly.f32(i32, float, i32, i32)
declare float @llvm.nvvm.shfl.sync.down.f32(i32, float, i32, i32)
declare float @llvm.nvvm.shfl.sync.idx.f32(i32, float, i32, i32)
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
declare void @llvm.nvvm.barrier.cta.sync.aligned.count(i32, i32)
declare void @llvm.nvvm.bar.warp.sync(i32)
declare void @llvm.nvvm.griddepcontrol.wait()
declare float @llvm.vector.reduce.fadd.v4f32(float, <4 x float>)
declare float @llvm.sqrt.f32(float)

; Two buffers of one float a warp.
@partials = internal addrspace(3) global [8 x float] poison, align 16
; A float a thread.
@staging = internal addrspace(3) global [128 x float] poison, align 16

; y = gamma * x / sqrt(mean(x^2) + eps), 128 threads a row, d a multiple of 4.
define ptx_kernel void @norm_cta(ptr addrspace(1) %x, ptr addrspace(1) %gamma, ptr addrspace(1) %y, i64 %rows, i64 %d) {
entry:
  %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %cta.32 = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %nctas.32 = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
  %cta = zext i32 %cta.32 to i64
  %nctas = zext i32 %nctas.32 to i64
  %lane = and i32 %tid, 31
  %warp = lshr i32 %tid, 5
  %tid.64 = zext i32 %tid to i64
  %first = shl i64 %tid.64, 2
  %d.float = uitofp i64 %d to float
  br label %row.header

row.header:
  %row = phi i64 [ %cta, %entry ], [ %row.next, %row.latch ]
  %parity = phi i32 [ 0, %entry ], [ %parity.next, %row.latch ]
  %row.inside = icmp ult i64 %row, %rows
  br i1 %row.inside, label %row.body, label %exit

row.body:
  %offset = mul i64 %row, %d
  %x.row = getelementptr float, ptr addrspace(1) %x, i64 %offset
  %y.row = getelementptr float, ptr addrspace(1) %y, i64 %offset
  br label %sum.header

sum.header:
  %i = phi i64 [ %first, %row.body ], [ %i.next, %sum.body ]
  %sum = phi float [ 0.0, %row.body ], [ %sum.next, %sum.body ]
  %i.inside = icmp ult i64 %i, %d
  br i1 %i.inside, label %sum.body, label %sum.exit

sum.body:
  %x.1 = getelementptr float, ptr addrspace(1) %x.row, i64 %i
  %v.1 = load <4 x float>, ptr addrspace(1) %x.1, align 16
  %square = fmul <4 x float> %v.1, %v.1
  %sum.next = call float @llvm.vector.reduce.fadd.v4f32(float %sum, <4 x float> %square)
  %i.next = add i64 %i, 512
  br label %sum.header

sum.exit:
  %s.1 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %sum, i32 1, i32 31)
  %t.1 = fadd float %sum, %s.1
  %s.2 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %t.1, i32 2, i32 31)
  %t.2 = fadd float %t.1, %s.2
  %s.4 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %t.2, i32 4, i32 31)
  %t.4 = fadd float %t.2, %s.4
  %s.8 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %t.4, i32 8, i32 31)
  %t.8 = fadd float %t.4, %s.8
  %s.16 = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %t.8, i32 16, i32 31)
  %t.16 = fadd float %t.8, %s.16
  %base = shl i32 %parity, 2
  %is.first = icmp eq i32 %lane, 0
  br i1 %is.first, label %publish, label %meet

publish:
  %slot = add i32 %base, %warp
  %slot.address = getelementptr float, ptr addrspace(3) @partials, i32 %slot
  store float %t.16, ptr addrspace(3) %slot.address, align 4
  br label %meet

meet:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %all.address = getelementptr float, ptr addrspace(3) @partials, i32 %base
  %all = load <4 x float>, ptr addrspace(3) %all.address, align 16
  %total = call float @llvm.vector.reduce.fadd.v4f32(float 0.0, <4 x float> %all)
  %mean = fdiv float %total, %d.float
  %mean.safe = fadd float %mean, 0x3EE4F8B580000000
  %root = call float @llvm.sqrt.f32(float %mean.safe)
  %r = fdiv float 1.0, %root
  %r.insert = insertelement <4 x float> poison, float %r, i32 0
  %r.vector = shufflevector <4 x float> %r.insert, <4 x float> poison, <4 x i32> zeroinitializer
  br label %scale.header

scale.header:
  %j = phi i64 [ %first, %meet ], [ %j.next, %scale.body ]
  %j.inside = icmp ult i64 %j, %d
  br i1 %j.inside, label %scale.body, label %row.latch

scale.body:
  %x.2 = getelementptr float, ptr addrspace(1) %x.row, i64 %j
  %v.2 = load <4 x float>, ptr addrspace(1) %x.2, align 16
  %g.2 = getelementptr float, ptr addrspace(1) %gamma, i64 %j
  %g = load <4 x float>, ptr addrspace(1) %g.2, align 16
  %scaled = fmul <4 x float> %v.2, %r.vector
  %result = fmul <4 x float> %scaled, %g
  %y.2 = getelementptr float, ptr addrspace(1) %y.row, i64 %j
  store <4 x float> %result, ptr addrspace(1) %y.2, align 16
  %j.next = add i64 %j, 512
  br label %scale.header

row.latch:
  %row.next = add i64 %row, %nctas
  %parity.next = xor i32 %parity, 1
  br label %row.header

exit:
  ret void
}

; The same, a warp a row and four warps a CTA; rows of d elements, ld apart, with
; ld a multiple of 4: vectors, then what is left of d one by one. Lanes exchange
; their sums with their neighbours through shared memory first.
define ptx_kernel void @norm_warp(ptr addrspace(1) %x, ptr addrspace(1) %gamma, ptr addrspace(1) %y, i64 %rows, i64 %d, i64 %ld) {
entry:
  %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %cta = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %lane = and i32 %tid, 31
  %warp = lshr i32 %tid, 5
  %cta.first = shl i32 %cta, 2
  %row.32 = add i32 %cta.first, %warp
  %row = zext i32 %row.32 to i64
  %row.inside = icmp ult i64 %row, %rows
  br i1 %row.inside, label %row.body, label %exit

row.body:
  %lane.64 = zext i32 %lane to i64
  %first = shl i64 %lane.64, 2
  %d.float = uitofp i64 %d to float
  %d.vectors = and i64 %d, -4
  %tail.first = add i64 %d.vectors, %lane.64
  %offset = mul i64 %row, %ld
  %x.row = getelementptr float, ptr addrspace(1) %x, i64 %offset
  %y.row = getelementptr float, ptr addrspace(1) %y, i64 %offset
  br label %sum.header

sum.header:
  %i = phi i64 [ %first, %row.body ], [ %i.next, %sum.body ]
  %sum = phi float [ 0.0, %row.body ], [ %sum.next, %sum.body ]
  %i.inside = icmp ult i64 %i, %d.vectors
  br i1 %i.inside, label %sum.body, label %sum.tail

sum.body:
  %x.1 = getelementptr float, ptr addrspace(1) %x.row, i64 %i
  %v.1 = load <4 x float>, ptr addrspace(1) %x.1, align 16
  %square = fmul <4 x float> %v.1, %v.1
  %sum.next = call float @llvm.vector.reduce.fadd.v4f32(float %sum, <4 x float> %square)
  %i.next = add i64 %i, 128
  br label %sum.header

sum.tail:
  %tail.inside = icmp ult i64 %tail.first, %d
  br i1 %tail.inside, label %sum.tail.body, label %sum.exit

sum.tail.body:
  %x.tail = getelementptr float, ptr addrspace(1) %x.row, i64 %tail.first
  %v.tail = load float, ptr addrspace(1) %x.tail, align 4
  %square.tail = fmul float %v.tail, %v.tail
  %sum.more = fadd float %sum, %square.tail
  br label %sum.exit

sum.exit:
  %own = phi float [ %sum, %sum.tail ], [ %sum.more, %sum.tail.body ]
  %mine = getelementptr float, ptr addrspace(3) @staging, i32 %tid
  store float %own, ptr addrspace(3) %mine, align 4
  call void @llvm.nvvm.bar.warp.sync(i32 -1)
  %neighbour = xor i32 %tid, 1
  %its = getelementptr float, ptr addrspace(3) @staging, i32 %neighbour
  %s.1 = load float, ptr addrspace(3) %its, align 4
  %t.1 = fadd float %own, %s.1
  %s.2 = call float @llvm.nvvm.shfl.sync.down.f32(i32 -1, float %t.1, i32 2, i32 31)
  %t.2 = fadd float %t.1, %s.2
  %s.4 = call float @llvm.nvvm.shfl.sync.down.f32(i32 -1, float %t.2, i32 4, i32 31)
  %t.4 = fadd float %t.2, %s.4
  %s.8 = call float @llvm.nvvm.shfl.sync.down.f32(i32 -1, float %t.4, i32 8, i32 31)
  %t.8 = fadd float %t.4, %s.8
  %s.16 = call float @llvm.nvvm.shfl.sync.down.f32(i32 -1, float %t.8, i32 16, i32 31)
  %t.16 = fadd float %t.8, %s.16
  %total = call float @llvm.nvvm.shfl.sync.idx.f32(i32 -1, float %t.16, i32 0, i32 31)
  %mean = fdiv float %total, %d.float
  %mean.safe = fadd float %mean, 0x3EE4F8B580000000
  %root = call float @llvm.sqrt.f32(float %mean.safe)
  %r = fdiv float 1.0, %root
  %r.insert = insertelement <4 x float> poison, float %r, i32 0
  %r.vector = shufflevector <4 x float> %r.insert, <4 x float> poison, <4 x i32> zeroinitializer
  br label %scale.header

scale.header:
  %j = phi i64 [ %first, %sum.exit ], [ %j.next, %scale.body ]
  %j.inside = icmp ult i64 %j, %d.vectors
  br i1 %j.inside, label %scale.body, label %scale.tail

scale.body:
  %x.2 = getelementptr float, ptr addrspace(1) %x.row, i64 %j
  %v.2 = load <4 x float>, ptr addrspace(1) %x.2, align 16
  %g.2 = getelementptr float, ptr addrspace(1) %gamma, i64 %j
  %g = load <4 x float>, ptr addrspace(1) %g.2, align 16
  %scaled = fmul <4 x float> %v.2, %r.vector
  %result = fmul <4 x float> %scaled, %g
  %y.2 = getelementptr float, ptr addrspace(1) %y.row, i64 %j
  store <4 x float> %result, ptr addrspace(1) %y.2, align 16
  %j.next = add i64 %j, 128
  br label %scale.header

scale.tail:
  br i1 %tail.inside, label %scale.tail.body, label %exit

scale.tail.body:
  %x.tail.2 = getelementptr float, ptr addrspace(1) %x.row, i64 %tail.first
  %v.tail.2 = load float, ptr addrspace(1) %x.tail.2, align 4
  %g.tail.2 = getelementptr float, ptr addrspace(1) %gamma, i64 %tail.first
  %g.tail = load float, ptr addrspace(1) %g.tail.2, align 4
  %scaled.tail = fmul float %v.tail.2, %r
  %result.tail = fmul float %scaled.tail, %g.tail
  %y.tail = getelementptr float, ptr addrspace(1) %y.row, i64 %tail.first
  store float %result.tail, ptr addrspace(1) %y.tail, align 4
  br label %exit

exit:
  ret void
}

; partials[cta, c] = sum over the CTA's rows of x[row, c]: four columns a thread,
; d at most 512 and a multiple of 4.
define ptx_kernel void @column_partial(ptr addrspace(1) %x, ptr addrspace(1) %out, i64 %rows, i64 %d) {
entry:
  %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %cta.32 = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %nctas.32 = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
  %cta = zext i32 %cta.32 to i64
  %nctas = zext i32 %nctas.32 to i64
  %tid.64 = zext i32 %tid to i64
  %first = shl i64 %tid.64, 2
  %column.inside = icmp ult i64 %first, %d
  br i1 %column.inside, label %row.header, label %exit

row.header:
  %row = phi i64 [ %cta, %entry ], [ %row.next, %row.body ]
  %sum = phi <4 x float> [ zeroinitializer, %entry ], [ %sum.next, %row.body ]
  %row.inside = icmp ult i64 %row, %rows
  br i1 %row.inside, label %row.body, label %row.exit

row.body:
  %offset = mul i64 %row, %d
  %index = add i64 %offset, %first
  %x.address = getelementptr float, ptr addrspace(1) %x, i64 %index
  %v = load <4 x float>, ptr addrspace(1) %x.address, align 16
  %sum.next = fadd <4 x float> %sum, %v
  %row.next = add i64 %row, %nctas
  br label %row.header

row.exit:
  %task = mul i64 %cta, %d
  %out.index = add i64 %task, %first
  %out.address = getelementptr float, ptr addrspace(1) %out, i64 %out.index
  store <4 x float> %sum, ptr addrspace(1) %out.address, align 16
  br label %exit

exit:
  ret void
}

; out[c] = sum over tasks of partials[task, c], a thread a column; may begin
; before the partials are there.
define ptx_kernel void @column_final(ptr addrspace(1) %partials, ptr addrspace(1) %out, i64 %tasks, i64 %d) {
entry:
  call void @llvm.nvvm.griddepcontrol.wait()
  %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %cta = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %cta.first = shl i32 %cta, 7
  %column.32 = add i32 %cta.first, %tid
  %column = zext i32 %column.32 to i64
  %column.inside = icmp ult i64 %column, %d
  br i1 %column.inside, label %task.header, label %exit

task.header:
  %task = phi i64 [ 0, %entry ], [ %task.next, %task.body ]
  %sum = phi float [ 0.0, %entry ], [ %sum.next, %task.body ]
  %task.inside = icmp ult i64 %task, %tasks
  br i1 %task.inside, label %task.body, label %task.exit

task.body:
  %offset = mul i64 %task, %d
  %index = add i64 %offset, %column
  %address = getelementptr float, ptr addrspace(1) %partials, i64 %index
  %v = load float, ptr addrspace(1) %address, align 4
  %sum.next = fadd float %sum, %v
  %task.next = add i64 %task, 1
  br label %task.header

task.exit:
  %out.address = getelementptr float, ptr addrspace(1) %out, i64 %column
  store float %sum, ptr addrspace(1) %out.address, align 4
  br label %exit

exit:
  ret void
}

; out[c] += sum over rows of x[row, c], a thread a column and a CTA some rows.
define ptx_kernel void @column_atomic(ptr addrspace(1) %x, ptr addrspace(1) %out, i64 %rows, i64 %d) {
entry:
  %tid = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %cta.32 = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %nctas.32 = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
  %cta = zext i32 %cta.32 to i64
  %nctas = zext i32 %nctas.32 to i64
  %column = zext i32 %tid to i64
  %out.address = getelementptr float, ptr addrspace(1) %out, i64 %column
  %column.inside = icmp ult i64 %column, %d
  br i1 %column.inside, label %row.header, label %exit

row.header:
  %row = phi i64 [ %cta, %entry ], [ %row.next, %row.body ]
  %sum = phi float [ 0.0, %entry ], [ %sum.next, %row.body ]
  %row.inside = icmp ult i64 %row, %rows
  br i1 %row.inside, label %row.body, label %row.exit

row.body:
  %offset = mul i64 %row, %d
  %index = add i64 %offset, %column
  %x.address = getelementptr float, ptr addrspace(1) %x, i64 %index
  %v = load float, ptr addrspace(1) %x.address, align 4
  %sum.next = fadd float %sum, %v
  %row.next = add i64 %row, %nctas
  br label %row.header

row.exit:
  %old = atomicrmw fadd ptr addrspace(1) %out.address, float %sum monotonic, align 4
  br label %exit

exit:
  ret void
}
