/*===- seednorm.h - The C interface of the runtime ----------------*- C -*-===*\
|*
|* Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
|* See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* Compile or load a model, bind its weights, run its entry points on DLPack
|* tensors. Link with libseednorm. examples/c-api/norm.c is a whole program.
|*
|* Functions that return an int give 0 for success and 1 for a failure; those
|* that return a pointer give NULL. seednorm_last_error says why. A null
argument
|* is such a failure, never a crash. Running a module is safe from many threads
|* at once; binding and setting a device are not safe while something runs.
|*
\*===----------------------------------------------------------------------===*/

#ifndef SEEDNORM_RUNTIME_SEEDNORM_H
#define SEEDNORM_RUNTIME_SEEDNORM_H

#include "dlpack/dlpack.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SEEDNORM_EXPORT __attribute__((visibility("default")))
#else
#define SEEDNORM_EXPORT
#endif

/** A compiled module with its parameters. */
typedef struct seednorm_module seednorm_module;

/** "0.1.0" */
SEEDNORM_EXPORT const char *seednorm_version(void);

/** One line about the last failure on this thread; "" if there was none. Valid
 *  until the next failure on this thread. */
SEEDNORM_EXPORT const char *seednorm_last_error(void);

/** The threads that parallel loops and matrix products of the whole process
 *  use, at most 4096; 0 is the default: OMP_NUM_THREADS or the cores
 *  available. */
SEEDNORM_EXPORT void seednorm_set_num_threads(int32_t count);
SEEDNORM_EXPORT int32_t seednorm_get_num_threads(void);

/** Compiles model IR in MLIR's text form for this machine. `name` is for
 *  messages and may be NULL. Compiled code is kept in the cache that the
 *  environment asks for (SEEDNORM_CACHE_DIR, SEEDNORM_CACHE); schedules that
 *  were measured are used as it asks (SEEDNORM_TUNING_DB,
 *  SEEDNORM_TUNING_MODE), for the threads that are set now. */
SEEDNORM_EXPORT seednorm_module *
seednorm_compile(const char *source, size_t length, const char *name);

/** Opens model IR (.mlir), which is compiled, or a compiled object (.o) or
 *  shared library (.so). */
SEEDNORM_EXPORT seednorm_module *seednorm_open(const char *path);

/** Frees the module, of which nothing may run; NULL is fine. Results that it
 *  gave stay valid. */
SEEDNORM_EXPORT void seednorm_close(seednorm_module *module);

/** Takes the values of all parameters from a safetensors file. Names, types and
 *  shapes must be exactly those of the module. On a failure nothing changes. */
SEEDNORM_EXPORT int seednorm_bind_parameters(seednorm_module *module,
                                             const char *path);

/** Runs the module on a GPU from now on, which one that was compiled for GPUs
 *  needs: "cuda", or "cuda:1" for the second. Parameters are copied there; the
 *  arrays of seednorm_run stay in host memory. On a failure nothing changes. */
SEEDNORM_EXPORT int seednorm_set_device(seednorm_module *module,
                                        const char *device);

/** An argument or result of an entry point; its pointers live as long as the
 *  module. */
typedef struct {
  const char *name;
  /** The name in the weights file; NULL for an input or a result. */
  const char *parameter;
  DLDataType dtype;
  int32_t ndim;
  /** Negative: any size. */
  const int64_t *shape;
} seednorm_tensor_spec;

/** The number of entry points, and their names; NULL beyond the last. */
SEEDNORM_EXPORT size_t seednorm_num_entries(const seednorm_module *module);
SEEDNORM_EXPORT const char *seednorm_entry_name(const seednorm_module *module,
                                                size_t index);

/** Describes argument `index` of an entry point, parameters among them, or its
 *  result. Fails beyond the last. */
SEEDNORM_EXPORT int seednorm_describe_argument(const seednorm_module *module,
                                               const char *entry, size_t index,
                                               seednorm_tensor_spec *spec);
SEEDNORM_EXPORT int seednorm_describe_result(const seednorm_module *module,
                                             const char *entry, size_t index,
                                             seednorm_tensor_spec *spec);

/** Calls an entry point.
 *
 *  `inputs` are its arguments in order, parameters left out: host memory of any
 *  strides and alignment, which is only read and only during the call (no
 *  strides: row-major). `results` has room for exactly its results; each is
 *  released by its own deleter. On a failure `results` is left as it was. */
SEEDNORM_EXPORT int seednorm_run(const seednorm_module *module,
                                 const char *entry,
                                 const DLTensor *const *inputs,
                                 size_t num_inputs, DLManagedTensor **results,
                                 size_t num_results);

#ifdef __cplusplus
}
#endif

#endif /* SEEDNORM_RUNTIME_SEEDNORM_H */
