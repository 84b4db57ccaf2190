"""seednorm-run on a GPU as far as a machine without one shows it: what is said
where the driver is missing, and a module made by hand over the fake driver of
test/unit/Runtime/FakeCUDA."""

import os
import re
import subprocess

import numpy as np
import pytest
from safetensors.numpy import save_file

from harness import BUILD

TOOL = BUILD / "bin/seednorm-run"
UNIT = BUILD / "test/unit/Runtime"
FAKE = UNIT / "FakeCUDA/libSeeDNormFakeCUDA.so"
MODULE = UNIT / "libSeeDNormDeviceHostCode.so"
MODEL = """
func.func @double(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = arith.addf %x, %x : tensor<4xf32>
  return %y : tensor<4xf32>
}
"""

# What the compiler makes of a model: its launches and products as they come.
BLOCK = """
func.func @block(%x: tensor<?x64xf32>, %alpha: tensor<64xf32>, %beta: tensor<64xf32>,
                 %w: tensor<64x32xf32>) -> tensor<?x32xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %rows = tensor.dim %x, %c0 : tensor<?x64xf32>
  %init = tensor.empty(%rows) : tensor<?x64xf32>
  %n = seednorm.norm ins(%x : tensor<?x64xf32>) alpha(%alpha : tensor<64xf32>)
      beta(%beta : tensor<64xf32>) outs(%init : tensor<?x64xf32>) {heads = 4 : i64}
      -> tensor<?x64xf32>
  %out = tensor.empty(%rows) : tensor<?x32xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%out : tensor<?x32xf32>) -> tensor<?x32xf32>
  %y = linalg.matmul ins(%n, %w : tensor<?x64xf32>, tensor<64x32xf32>)
      outs(%zeros : tensor<?x32xf32>) -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.mlir").write_text(MODEL)
    np.save(tmp_path / "x.npy", np.arange(4, dtype=np.float32))
    np.save(tmp_path / "rows.npy", np.arange(8, dtype=np.float32).reshape(2, 4))
    save_file({"g": np.float32([1, 10, 100, 1000])}, tmp_path / "w.safetensors")
    return tmp_path


def run(folder, *arguments, driver=FAKE, **env):
    environment = {**os.environ, "SEEDNORM_CACHE": "off", "SEEDNORM_LIBCUDA": str(driver),
                   "SEEDNORM_LIBCUBLASLT": str(driver), **env}
    return subprocess.run([str(TOOL), *map(str, arguments)], cwd=folder, text=True,
                          capture_output=True, env=environment)


def write_block(folder, rows):
    (folder / "block.mlir").write_text(BLOCK)
    for name, shape in {"x": (rows, 64), "a": 64, "b": 64, "w": (64, 32)}.items():
        np.save(folder / f"{name}.npy", np.ones(shape, np.float32))


def fails(done, message):
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(f"seednorm-run: error: {message}\n", done.stderr), done.stderr


@pytest.mark.parametrize("model", ["model.mlir", MODULE])
def test_without_a_driver(folder, model):
    done = run(folder, model, "--target=cuda", "--inputs=x.npy", "--outputs=y.npy",
               driver="/nowhere/libcuda.so.1")
    fails(done, r"no CUDA driver: cannot load '/nowhere/libcuda\.so\.1': cannot open shared object "
          r"file: No such file or directory \(SEEDNORM_LIBCUDA can name the file\)")
    assert not (folder / "y.npy").exists()


def test_driver_by_its_usual_name(folder):
    done = run(folder, "model.mlir", "--target=cuda", "--inputs=x.npy", driver="",
               LD_LIBRARY_PATH="")
    if done.returncode:  # else this machine has one
        fails(done, r"(no CUDA driver: cannot load 'libcuda\.so\.1': .*|the CUDA driver .*|.*sm_.*)")


def test_gpus_that_are_not_there(folder):
    arguments = (MODULE, "--target=cuda", "--entry=transpose", "--inputs=rows.npy")
    fails(run(folder, *arguments, FAKE_CUDA_DEVICES="0"), "the CUDA driver finds no GPU: .*")
    fails(run(folder, *arguments, "--device=2", FAKE_CUDA_DEVICES="2"),
          "there is no GPU 2: the driver has 2, counted from 0")
    fails(run(folder, *arguments, FAKE_CUDA_VERSION="11020"),
          "the CUDA driver is for CUDA 11.2, but 11.8 or newer is needed: .*")
    fails(run(folder, *arguments, FAKE_CUDA_CAPABILITY="75"),
          "cuda:0, Fake GPU, cannot be used: sm_75 is older than sm_80, which kernels are compiled "
          "for at least")


@pytest.mark.parametrize("graphs", ["0", "1"])
def test_runs_a_compiled_module(folder, graphs):
    done = run(folder, MODULE, "--target=cuda", "--device=1", "--entry=scale", "--inputs=rows.npy",
               "--weights=w.safetensors", "--outputs=y.npy", "--report", "--benchmark=3",
               FAKE_CUDA_DEVICES="2", SEEDNORM_CUDA_GRAPHS=graphs)
    assert done.returncode == 0, done.stderr
    assert "kernels: for sm_80, kept as isa\n" in done.stderr
    assert "device: cuda:1, Fake GPU (sm_90)\n" in done.stderr
    assert "3 runs, median" in done.stdout
    np.testing.assert_array_equal(np.load(folder / "y.npy"),
                                  np.load(folder / "rows.npy") * [1, 10, 100, 1000])


@pytest.mark.parametrize("graphs", ["0", "1"])
@pytest.mark.parametrize("rows", [0, 5])
def test_runs_what_the_compiler_writes(folder, rows, graphs):
    write_block(folder, rows)
    # The fake driver takes all PTX, and its kernels do nothing.
    done = run(folder, "block.mlir", "--target=cuda", "--inputs=x.npy,a.npy,b.npy,w.npy",
               "--outputs=y.npy", "--benchmark=3", "--report", FAKE_CUDA_ANY_KERNEL="1",
               SEEDNORM_CUDA_GRAPHS=graphs)
    assert done.returncode == 0, done.stderr
    assert "kernels: for sm_90, kept as isa\n" in done.stderr
    assert np.load(folder / "y.npy").shape == (rows, 32)


@pytest.mark.parametrize("capability, chip", [
    ("88", "sm_87"), ("110", "sm_103"), ("121", "sm_120"), ("999", "sm_120")])
def test_gpus_that_the_compiler_does_not_know(folder, capability, chip):
    write_block(folder, rows=5)
    done = run(folder, "block.mlir", "--target=cuda", "--inputs=x.npy,a.npy,b.npy,w.npy", "--report",
               FAKE_CUDA_ANY_KERNEL="1", FAKE_CUDA_CAPABILITY=capability)
    assert done.returncode == 0, done.stderr
    assert f"kernels: for {chip}, kept as isa\n" in done.stderr


@pytest.mark.parametrize("chip", ["sm_80", "sm_90"])
def test_modules_are_compiled_once_and_run_where_they_can(folder, chip):
    write_block(folder, rows=5)
    done = run(folder, "block.mlir", "--target=cuda", f"--chip={chip}", "--emit=so", "-o", "block.so",
               driver="/nowhere")
    assert done.returncode == 0, done.stderr
    arguments = ("block.so", "--target=cuda", "--inputs=x.npy,a.npy,b.npy,w.npy")
    done = run(folder, *arguments, FAKE_CUDA_ANY_KERNEL="1", FAKE_CUDA_CAPABILITY="86")
    if chip == "sm_90":
        fails(done, "the module's kernels are for 'sm_90', which cuda:0, .*, does not run")
    else:
        assert done.returncode == 0, done.stderr


def test_out_of_memory(folder):
    fails(run(folder, MODULE, "--target=cuda", "--entry=huge", "--inputs=x.npy", "--outputs=y.npy",
              "--weights=w.safetensors"),
          "entry 'huge' failed: out of memory on cuda:0: a buffer of 1099511627776 bytes, but "
          r"\d+ of 1073741824 are free")
    assert not (folder / "y.npy").exists()


def test_products_without_cublaslt(folder):
    np.save(folder / "a.npy", np.ones((2, 2), np.float32))
    fails(run(folder, MODULE, "--target=cuda", "--entry=matmul", "--inputs=a.npy,a.npy",
              "--weights=w.safetensors", SEEDNORM_LIBCUBLASLT="/nowhere/libcublasLt.so"),
          "entry 'matmul' failed: matrix product of 1 x 2x2 by 2x2: no cuBLASLt, .*")


@pytest.mark.parametrize("arguments, message", [
    (("model.mlir", "--device=1"), "--device needs --target=cuda"),
    (("model.mlir", "--target=cpu", "--device=0"), "--device needs --target=cuda"),
    (("model.mlir", "--target=cuda", "--device=-1"),
     "--device is '-1', but a number from 0 to 1024 is expected"),
    (("model.mlir", "--chip=sm_90"), "--chip needs --target=cuda.*"),
    (("model.mlir", "--target=gpu"), "--target is 'gpu', but .* is expected"),
    (("model.mlir", "--target=cuda", "--check-numerics"), "--check-numerics interprets .*"),
    (("model.mlir", "--target=cuda", "--emit=asm", "--chip=sm_1"),
     "unknown GPU architecture 'sm_1', where one like 'sm_90' is expected"),
    (("model.mlir", "--target=cuda", "--inputs=x.npy", "--chip=h100"),
     "unknown GPU architecture 'h100', where one like 'sm_90' is expected"),
    (("model.mlir", "--target=cuda", "--emit=asm", "--chip=sm_75"),
     "unknown chip 'sm_75': sm_80, .* or sm_120 is expected"),
    ((MODULE, "--target=cuda", "--chip=sm_90", "--entry=refuse", "--inputs=x.npy"),
     ".* is compiled already: it takes no --dump-after, --triple, --mcpu, --mattr, --chip, --tuning-db or --tuning-mode"),
    ((MODULE, "--entry=refuse", "--inputs=x.npy"),
     ".* is compiled for 'sm_80': run it with --target=cuda"),
])
def test_mistakes(folder, arguments, message):
    fails(run(folder, *arguments), message)


def test_modules_for_the_cpu(folder):
    done = run(folder, "model.mlir", "--emit=obj", "-o", "model.o")
    assert done.returncode == 0, done.stderr
    fails(run(folder, "model.o", "--target=cuda", "--inputs=x.npy"),
          "the module is compiled for the CPU, so cuda:0 cannot run it")
