"""seednorm-run --target=emulate as a user meets it: the same results as on the
CPU, from kernels that are checked while they run, and what it says of them."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

from harness import BUILD, ROOT

TOOL = BUILD / "bin/seednorm-run"
TINY_LM = ROOT / "examples/tiny-lm"
VIT = ROOT / "examples/vit-block"

# A row of a table for each index, a norm with a constant array, a matrix product
# and a transposition: row programs, plain loops and calls of the runtime.
MIX = """
func.func @mix(%table: tensor<?x64xf32> {seednorm.name = "table"},
               %index: tensor<?xi64> {seednorm.name = "index"},
               %w: tensor<64x32xf32> {seednorm.param = "w"})
    -> (tensor<32x?xf32> {seednorm.name = "y"}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %beta = arith.constant dense<BETA> : tensor<64xf32>
  %n = tensor.dim %index, %c0 : tensor<?xi64>
  %rows = tensor.empty(%n) : tensor<?x64xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0)>,
                                        affine_map<(d0, d1) -> (d0, d1)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%index : tensor<?xi64>) outs(%rows : tensor<?x64xf32>) {
  ^bb0(%i: i64, %out: f32):
    %row = arith.index_cast %i : i64 to index
    %column = linalg.index 1 : index
    %v = tensor.extract %table[%row, %column] : tensor<?x64xf32>
    linalg.yield %v : f32
  } -> tensor<?x64xf32>
  %h = seednorm.norm ins(%x : tensor<?x64xf32>) beta(%beta : tensor<64xf32>)
      outs(%rows : tensor<?x64xf32>) {heads = 4 : i64} -> tensor<?x64xf32>
  %out = tensor.empty(%n) : tensor<?x32xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%out : tensor<?x32xf32>) -> tensor<?x32xf32>
  %p = linalg.matmul ins(%h, %w : tensor<?x64xf32>, tensor<64x32xf32>)
      outs(%zeros : tensor<?x32xf32>) -> tensor<?x32xf32>
  %turned = tensor.empty(%n) : tensor<32x?xf32>
  %y = linalg.transpose ins(%p : tensor<?x32xf32>) outs(%turned : tensor<32x?xf32>)
      permutation = [1, 0]
  return %y : tensor<32x?xf32>
}
""".replace("BETA", str(np.linspace(-1, 1, 64, dtype=np.float32).tolist()))
RUN = ("mix.mlir", "--inputs=table.npy,index.npy", "--weights=w.safetensors")
EMULATE = (*RUN, "--target=emulate")
TABLE, INDEX = (10, 64), [3, 0, 9, 9, 1]


@pytest.fixture
def folder(tmp_path):
    random = np.random.default_rng(0)
    (tmp_path / "mix.mlir").write_text(MIX)
    np.save(tmp_path / "table", random.standard_normal(TABLE, dtype=np.float32))
    np.save(tmp_path / "index", np.array(INDEX))
    save_file({"w": random.standard_normal((64, 32), dtype=np.float32)},
              tmp_path / "w.safetensors")
    return tmp_path


def run(folder, *arguments):
    environment = {**os.environ, "SEEDNORM_CACHE_DIR": str(folder / "cache")}
    return subprocess.run([str(TOOL), *map(str, arguments)], cwd=folder, text=True,
                          capture_output=True, env=environment)


def ok(folder, *arguments):
    done = run(folder, *arguments)
    assert done.returncode == 0, done.stderr
    return done


def fails(folder, expected, *arguments, lines=1):
    done = run(folder, *arguments)
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert done.stdout == ""
    assert done.stderr.count("\n") == lines, done.stderr
    assert re.match(f"seednorm-run: error: {expected}", done.stderr.splitlines()[-1]), done.stderr
    return done


def compare(folder, *arguments, tolerance=1e-5):
    """Runs on the CPU and on the emulated GPU; their results."""
    results = []
    for target in "cpu", "emulate":
        ok(folder, *arguments, f"--target={target}", f"--outputs={target}.npy")
        results.append(np.load(folder / f"{target}.npy"))
    cpu, gpu = results
    assert cpu.shape == gpu.shape and cpu.dtype == gpu.dtype
    np.testing.assert_allclose(gpu, cpu, rtol=0, atol=tolerance * np.abs(cpu).max(initial=1))
    return cpu


@pytest.mark.parametrize("rows", [0, 1, 5, 33])
def test_same_results_as_on_the_cpu(folder, rows):
    np.save(folder / "index", np.arange(rows) % 10)
    assert compare(folder, *RUN).shape == (32, rows)


@pytest.mark.parametrize("chip", ["sm_80", "sm_90", "sm_100"])
def test_same_results_whatever_the_chip(folder, chip):
    ok(folder, *RUN, "--outputs=cpu.npy")
    ok(folder, *EMULATE, f"--chip={chip}", "--compare=cpu.npy")


def test_order_of_threads_does_not_matter(folder):
    bits = set()
    for seed in 0, 1, 99:
        ok(folder, *EMULATE, f"--seed={seed}", "--outputs=y.npy")
        bits.add((folder / "y.npy").read_bytes())
    assert len(bits) == 1


def test_report(folder):
    text = ok(folder, *EMULATE, "--report").stderr
    assert "kernels: for sm_90, kept as llvm" in text
    assert "device: emulator, emulated GPU (sm_90)" in text
    kernels = re.findall(r"^kernel '(\w+)': 1 launch, (\d+) CTAs, (\d+) threads$", text, re.M)
    assert [name for name, _, _ in kernels] == ["mix_loop_0", "mix_0_rows", "mix_loop_1"]
    assert text.count("no findings") == 3
    # The gather: five rows of 64 floats are written, each by one thread.
    assert kernels[0][1:] == ("2", "512")
    gather = text[text.index("'mix_loop_0'"):text.index("'mix_0_rows'")]
    assert re.search(r"^  stored +1280 ", gather, re.M)
    assert re.search(r"^  global store +4 +10 +40 +1\.000", gather, re.M)
    assert ok(folder, *EMULATE).stderr == ""


def test_gpu_report(folder):
    assert ok(folder, *EMULATE, "--gpu-report=r.json", "--outputs=y.npy").stderr == ""
    report = json.loads((folder / "r.json").read_text())
    kernels = {kernel["kernel"]: kernel for kernel in report["kernels"]}
    assert list(kernels) == ["mix_loop_0", "mix_0_rows", "mix_loop_1"]
    for kernel in kernels.values():
        assert kernel["findings"] == []
    gather = {a["kind"]: a for a in kernels["mix_loop_0"]["access_types"]}
    assert gather["store"]["used_bytes"] == 5 * 64 * 4
    assert gather["store"]["efficiency"] == 1
    # Rows are read and written 128 bits at a time.
    assert {a["bytes"] for a in kernels["mix_0_rows"]["access_types"]
            if a["space"] == "global"} == {16}


@pytest.mark.parametrize("bad", [10, -1, 2**40])
def test_index_out_of_bounds(folder, bad):
    np.save(folder / "index", np.array([3, bad, 1]))
    done = fails(folder, r"entry 'mix' failed: kernel 'mix_loop_0': mix\.mlir:18:10: an index is out "
                 r"of bounds of dimension 0", *EMULATE, "--outputs=y.npy", lines=3)
    assert "mix.mlir:18:10: assertion: kernel 'mix_loop_0'" in done.stderr
    assert not (folder / "y.npy").exists()
    fails(folder, r"entry 'mix' failed: mix\.mlir:18:10: an index is out of bounds of dimension 0",
          *RUN)


def test_host_cannot_read_arrays(folder):
    (folder / "host.mlir").write_text("""
func.func @f(%i: tensor<1xi64>, %x: tensor<8xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.extract %i[%c0] : tensor<1xi64>
  %size = arith.index_cast %n : i64 to index
  %y = tensor.extract_slice %x[0] [%size] [1] : tensor<8xf32> to tensor<?xf32>
  return %y : tensor<?xf32>
}""")
    np.save(folder / "i", np.array([3]))
    np.save(folder / "x", np.arange(8, dtype=np.float32))
    arguments = ("host.mlir", "--inputs=i.npy,x.npy")
    ok(folder, *arguments)
    fails(folder, r"host\.mlir:4:8: .*needs an element of an array on the host, but arrays are in "
          r"the GPU's memory", *arguments, "--target=emulate")


@pytest.mark.parametrize("arguments,expected", [
    ((*RUN, "--seed=1"), "--seed needs --target=emulate"),
    ((*RUN, "--target=reference", "--seed=1"), "--seed needs --target=emulate"),
    ((*RUN, "--gpu-report=r.json"), "--gpu-report needs --target=emulate"),
    ((*RUN, "--chip=sm_90"), "--chip needs --target=cuda or --target=emulate"),
    ((*EMULATE, "--seed=many"), "--seed is 'many', but a number from 0 to 1000000000 is expected"),
    ((*EMULATE, "--device=0"), "--device needs --target=cuda"),
    ((*EMULATE, "--chip=sm_70"), ".*unknown chip 'sm_70'"),
    ((*EMULATE, "--check-numerics"), "--check-numerics interprets the model"),
])
def test_bad_command_line(folder, arguments, expected):
    fails(folder, expected, *arguments)


def test_nothing_is_written_without_the_report(folder):
    fails(folder, "cannot write 'absent/r.json': No such file", *EMULATE, "--outputs=y.npy",
          "--gpu-report=absent/r.json")
    assert not (folder / "y.npy").exists()


def test_nothing_is_written_after_a_finding(folder):
    """What is read was never written: whatever comes out is luck."""
    (folder / "empty.mlir").write_text("""
func.func @f(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %y = linalg.add ins(%x, %e : tensor<4x8xf32>, tensor<4x8xf32>)
      outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}""")
    np.save(folder / "x", np.zeros((4, 8), np.float32))
    done = run(folder, "empty.mlir", "--inputs=x.npy", "--target=emulate", "--outputs=y.npy",
               "--gpu-report=r.json")
    assert done.returncode == 1
    assert "empty.mlir:4:8: uninitialised global memory: kernel 'f_0_rows'" in done.stderr
    assert done.stderr.endswith("error: the kernels did what the emulator reports above\n")
    assert not (folder / "y.npy").exists()
    kernel, = json.loads((folder / "r.json").read_text())["kernels"]
    assert "uninitialised global memory" in {finding["kind"] for finding in kernel["findings"]}


def test_compiled_modules(folder):
    ok(folder, "mix.mlir", "--target=emulate", "--emit=so", "-o", "mix.so")
    fails(folder, r"'mix\.so' is compiled for 'sm_\d+'", "mix.so", *RUN[1:])


def test_language_model(folder):
    tokens = np.load(TINY_LM / "expected_tokens.npy")[:24]
    np.save(folder / "tokens", tokens)
    logits = compare(folder, TINY_LM / "tiny-lm.mlir", "--entry=logits", "--inputs=tokens.npy",
                     f"--weights={TINY_LM / 'model.safetensors'}")
    np.testing.assert_allclose(logits, np.load(TINY_LM / "expected_logits.npy")[:24], rtol=1e-3,
                               atol=1e-3)


def test_vision_transformer(folder):
    pytest.importorskip("torch")
    subprocess.run([sys.executable, VIT / "make_weights.py", folder], check=True)
    y = compare(folder, VIT / "vit-block.mlir", "--inputs=image.npy",
                "--weights=block.safetensors")
    assert y.shape == (197, 768)
