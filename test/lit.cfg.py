# How lit runs the tests: every .mlir file under Dialect, Conversion, Pipelines
# and Integration by its RUN lines, with our tools and LLVM's on PATH.
import os
import shutil
import sys

import lit.formats

config.name = "SeeDNorm-MLIR"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "unit", "python"]
config.test_source_root = os.path.join(config.seednorm_source, "test")
config.test_exec_root = os.path.join(config.seednorm_binary, "test")
config.environment["PATH"] = os.pathsep.join([
    os.path.join(config.seednorm_binary, "bin"), config.llvm_tools,
    os.environ["PATH"]])
# Tests neither see nor fill the user's cache.
config.environment["SEEDNORM_CACHE_DIR"] = os.path.join(
    config.test_exec_root, "cache")
# Nor schedules that the user measured.
config.environment["SEEDNORM_TUNING_DB"] = os.path.join(
    config.test_exec_root, "no-tuning.db")
for name in ("HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "SEEDNORM_PTXAS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
config.substitutions.append(("%examples", os.path.join(
    config.seednorm_source, "examples")))

# What the kernels of a compiled module are, for tests that look at them.
config.substitutions.append(("%kernel-binary", "'%s' '%s'" % (
    sys.executable, os.path.join(config.test_source_root, "Pipelines", "Inputs",
                                 "kernel-binary.py"))))
# A tuned schedule without tuning.
config.substitutions.append(("%measure", "'%s' '%s'" % (
    sys.executable, os.path.join(config.test_source_root, "Dialect", "Rowwise",
                                 "Transforms", "Inputs", "measure.py"))))
if shutil.which("spirv-val") and shutil.which("spirv-dis"):
    config.available_features.add("spirv-val")

# NVIDIA's assembler, where seednorm-gpu-report would find it.
ptxas = os.environ.get("SEEDNORM_PTXAS") or "ptxas"
if shutil.which(ptxas) or (ptxas == "ptxas" and
                           os.access("/usr/local/cuda/bin/ptxas", os.X_OK)):
    config.available_features.add("ptxas")
