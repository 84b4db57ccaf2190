/*===- RuntimeABI.h - What compiled code calls -------------------*- C -*-===*\
|*
|* Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
|* See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* The functions of the shared library seednorm_rt: threads, buffers and matrix
|* products for compiled modules, and the few that a host needs around them. It
|* knows neither LLVM nor MLIR, so that a compiled .so runs without them.
|*
\*===----------------------------------------------------------------------===*/

#ifndef SEEDNORM_RUNTIME_RUNTIMEABI_H
#define SEEDNORM_RUNTIME_RUNTIMEABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SEEDNORM_RT_EXPORT __attribute__((visibility("default")))
#else
#define SEEDNORM_RT_EXPORT
#endif

/*===----------------------------------------------------------------------===*\
|* Called by compiled code.
|*
|* Where one of these fails (out of memory, a kernel that refuses), it does not
|* return: control goes back to the seednorm_rt_invoke that called the code on
|* this thread. In the body of a parallel loop it goes back to the loop, which
|* then fails when its other threads are done.
\*===----------------------------------------------------------------------===*/

/** Pooled memory, aligned to at least 64 bytes. Zero bytes give an address that
 *  must be freed too. */
SEEDNORM_RT_EXPORT void *_mlir_memref_to_llvm_alloc(uint64_t bytes);
SEEDNORM_RT_EXPORT void *_mlir_memref_to_llvm_aligned_alloc(uint64_t alignment,
                                                            uint64_t bytes);
/** Returns memory to the pool, from any thread; null is fine. */
SEEDNORM_RT_EXPORT void _mlir_memref_to_llvm_free(void *pointer);

/** Calls `body` with consecutive, disjoint ranges that cover [0, count), one
 * for each thread, and waits. Inside a parallel region it is one call. */
SEEDNORM_RT_EXPORT void seednorm_rt_parallel_for(void (*body)(void *context,
                                                              int64_t begin,
                                                              int64_t end),
                                                 void *context, int64_t count);

/** Ends the invocation with this message: an assertion of the program failed.
 */
SEEDNORM_RT_EXPORT void seednorm_rt_fail(const char *message);

enum seednorm_rt_dtype {
  SEEDNORM_RT_F32 = 0,
  SEEDNORM_RT_BF16 = 1,
  SEEDNORM_RT_F16 = 2
};

/** C = A·B, or C += A·B if `accumulate`, for each of `batch` matrices: A is
 *  m×k, B is k×n, C is m×n. Pointers are to element [0, 0, 0], strides count
 *  elements and may be anything (0 repeats; of C they must not). Sums are kept
 *  in f32. */
SEEDNORM_RT_EXPORT void
seednorm_rt_gemm(int32_t dtype, int64_t batch, int64_t m, int64_t n, int64_t k,
                 const void *a, int64_t a_batch_stride, int64_t a_row_stride,
                 int64_t a_col_stride, const void *b, int64_t b_batch_stride,
                 int64_t b_row_stride, int64_t b_col_stride, void *c,
                 int64_t c_batch_stride, int64_t c_row_stride,
                 int64_t c_col_stride, int32_t accumulate);

/*===----------------------------------------------------------------------===*\
|* Devices
|*
|* Code compiled for a GPU keeps every array in the memory of the device that
|* the host has set for this thread: allocation and matrix products above go to
|* it, and kernels and constants by the functions below. Without a device they
|* fail.
\*===----------------------------------------------------------------------===*/

enum seednorm_rt_launch_flags {
  /* The kernel waits by itself for those before it, so that it may begin early
   * (programmatic dependent launch). */
  SEEDNORM_RT_LAUNCH_DEPENDENT = 1
};

/** One launch of a kernel. */
struct seednorm_rt_launch {
  /* The GPU binary that the kernel is in: a constant of the compiled module,
   * named by its address. */
  const void *binary;
  uint64_t binary_bytes;
  const char *kernel;
  /* x, y, z in CTAs, threads and CTAs; a cluster of one CTA is none. */
  uint32_t grid[3], block[3], cluster[3];
  uint32_t shared_bytes; /* dynamic */
  uint32_t flags;
  /* The address of each argument's value. */
  void **arguments;
  uint64_t num_arguments;
};

/** Called by compiled code. Returns before the kernel has run. */
SEEDNORM_RT_EXPORT void
seednorm_rt_launch(const struct seednorm_rt_launch *launch);

/** Called by compiled code: where the device has these constant bytes of the
 *  module. */
SEEDNORM_RT_EXPORT const void *seednorm_rt_constant(const void *host,
                                                    uint64_t bytes);

/** A matrix product, as in seednorm_rt_gemm; batch, m and n are positive, and
 *  where k is 0 so are all sums. */
struct seednorm_rt_gemm_arguments {
  int32_t dtype, accumulate;
  int64_t batch, m, n, k;
  const void *a;
  int64_t a_batch_stride, a_row_stride, a_col_stride;
  const void *b;
  int64_t b_batch_stride, b_row_stride, b_col_stride;
  void *c;
  int64_t c_batch_stride, c_row_stride, c_col_stride;
};

/** What a device can do. Each function returns 0, or another value and the
 *  NUL-terminated reason in `message`, cut at `capacity` bytes. Work is done in
 *  the order in which it was asked for; only `synchronize` waits for it. */
struct seednorm_rt_device {
  void *context;
  /* Memory aligned to 256 bytes at least; zero bytes give an address too. */
  int32_t (*allocate)(void *context, uint64_t bytes, void **pointer,
                      char *message, uint64_t capacity);
  int32_t (*release)(void *context, void *pointer, char *message,
                     uint64_t capacity);
  /* Between host and device in either direction, or within the device. On
   * return host memory has been read, or written by all work before. */
  int32_t (*copy)(void *context, void *to, const void *from, uint64_t bytes,
                  char *message, uint64_t capacity);
  int32_t (*launch)(void *context, const struct seednorm_rt_launch *launch,
                    char *message, uint64_t capacity);
  int32_t (*gemm)(void *context,
                  const struct seednorm_rt_gemm_arguments *arguments,
                  char *message, uint64_t capacity);
  int32_t (*synchronize)(void *context, char *message, uint64_t capacity);
  /* Forgets all that was made of this binary, whose address may soon be
   * another's; null where nothing is kept. */
  void (*unload)(void *context, const void *binary);
};

/** Called by the host: the device of this thread from now on; null: none. Must
 *  live until another is set. Returns the one before. */
SEEDNORM_RT_EXPORT const struct seednorm_rt_device *
seednorm_rt_set_device(const struct seednorm_rt_device *device);

/** Called by the host before a module goes that has run on this device: gives
 *  back the copies of its constants, and unloads its binaries unless they have
 *  run through another structure of the same context too. So each module has a
 *  copy of the structure to itself. No-one may be using it. */
SEEDNORM_RT_EXPORT void
seednorm_rt_forget_device(const struct seednorm_rt_device *device);

/*===----------------------------------------------------------------------===*\
|* Called by the host.
\*===----------------------------------------------------------------------===*/

/** Calls `entry(args)`. Returns 0, or 1 after a failure inside: then `message`
 *  holds its NUL-terminated text (cut at `capacity` bytes) and everything that
 *  the call had allocated is back in the pool. May be nested. */
SEEDNORM_RT_EXPORT int32_t seednorm_rt_invoke(void (*entry)(void **args),
                                              void **args, char *message,
                                              uint64_t capacity);

/** The number of threads of parallel loops and matrix products, for the whole
 *  process, at most 4096. 0 restores the default: OMP_NUM_THREADS, or the cores
 *  available. */
SEEDNORM_RT_EXPORT void seednorm_rt_set_num_threads(int32_t count);
SEEDNORM_RT_EXPORT int32_t seednorm_rt_get_num_threads(void);

/** Promises that the bytes [pointer, pointer + bytes) will not change until
 *  unregistered: seednorm_rt_gemm then keeps a packed copy of each B inside.
 *  Registering twice needs unregistering twice. */
SEEDNORM_RT_EXPORT void seednorm_rt_register_constant(const void *pointer,
                                                      uint64_t bytes);
SEEDNORM_RT_EXPORT void seednorm_rt_unregister_constant(const void *pointer);

struct seednorm_rt_statistics {
  /* Of the pool: handed out now, the most ever, free but kept, and how many
   * allocations were served from what was kept or had to ask the system. */
  uint64_t live_bytes, peak_bytes, retained_bytes, pool_hits, pool_misses;
  /* Of matrix products: those kept ready to run, and packed constants. */
  uint64_t gemm_primitives, packed_constants, packed_bytes;
};
SEEDNORM_RT_EXPORT void
seednorm_rt_get_statistics(struct seednorm_rt_statistics *statistics);

/** The most bytes that the pool keeps while they are free (default 1 GiB, or
 *  SEEDNORM_POOL_MAX_MB). What exceeds it is released now. */
SEEDNORM_RT_EXPORT void seednorm_rt_set_pool_limit(uint64_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* SEEDNORM_RUNTIME_RUNTIMEABI_H */
