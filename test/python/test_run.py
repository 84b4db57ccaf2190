"""seednorm-run as a user meets it: what each option does, and that every bad
input gets one line, exit code 1 and no output."""

import json
import os
import re
import struct
import subprocess

import numpy as np
import pytest
from safetensors.numpy import save_file

from harness import BUILD, LLVM

TOOL = BUILD / "bin/seednorm-run"
MODEL = """
func.func @scale(%x: tensor<?x8xf32> {seednorm.name = "x"},
                 %g: tensor<8xf32> {seednorm.param = "norm.gamma"})
    -> (tensor<?x8xf32> {seednorm.name = "y"}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %init = tensor.empty(%n) : tensor<?x8xf32>
  %y = seednorm.rms_norm ins(%x : tensor<?x8xf32>) gamma(%g : tensor<8xf32>)
      outs(%init : tensor<?x8xf32>) {eps = 1.0e-6 : f64} -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
func.func @both(%x: tensor<?x8xf32> {seednorm.name = "x"},
                %z: tensor<?x8xf32> {seednorm.name = "z"})
    -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %init = tensor.empty(%n) : tensor<?x8xf32>
  %h = linalg.add ins(%x, %z : tensor<?x8xf32>, tensor<?x8xf32>)
      outs(%init : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = seednorm.softmax ins(%h : tensor<?x8xf32>) outs(%init : tensor<?x8xf32>)
      -> tensor<?x8xf32>
  %t = linalg.exp ins(%y : tensor<?x8xf32>) outs(%init : tensor<?x8xf32>)
      -> tensor<?x8xf32>
  return %h, %t : tensor<?x8xf32>, tensor<?x8xf32>
}
"""
X = np.arange(24, dtype=np.float32).reshape(3, 8) - 11
GAMMA = np.linspace(-1, 1, 8, dtype=np.float32)


def norm(x):
    x = x.astype(np.float64)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6) * GAMMA


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.mlir").write_text(MODEL)
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", norm(X).astype(np.float32))
    save_file({"norm.gamma": GAMMA}, tmp_path / "w.safetensors")
    return tmp_path


def run(folder, *arguments, env=None):
    environment = {**os.environ, "SEEDNORM_CACHE_DIR": str(folder / "cache"), **(env or {})}
    return subprocess.run([str(TOOL), *map(str, arguments)], cwd=folder, text=True,
                          capture_output=True, env=environment)


def ok(folder, *arguments, **options):
    done = run(folder, *arguments, **options)
    assert done.returncode == 0, done.stderr
    return done


SCALE = ("model.mlir", "--entry=scale", "--weights=w.safetensors", "--inputs=x.npy")

# ---------------------------------------------------------------------------
# What it does
# ---------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_runs(folder, target):
    ok(folder, *SCALE, "--outputs=out.npy", f"--target={target}")
    got = np.load(folder / "out.npy")
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, norm(X), rtol=1e-6)


def test_prints_results_in_short(folder):
    text = ok(folder, *SCALE).stdout
    assert re.match(r"y: 3x8xf32 .*-?\d", text), text


def test_named_inputs_and_two_outputs(folder):
    np.save(folder / "z.npy", 2 * X)
    for target in ("cpu", "reference"):
        ok(folder, "model.mlir", "--entry=both", "--input", "z=z.npy", "--input", "x=x.npy",
           "--weights=w.safetensors", "--outputs=h.npy,t.npy", "--target", target)
        np.testing.assert_array_equal(np.load(folder / "h.npy"), 3 * X)
        e = np.exp(3.0 * X - (3 * X).max(-1, keepdims=True))
        np.testing.assert_allclose(np.load(folder / "t.npy"),
                                   np.exp(e / e.sum(-1, keepdims=True)), rtol=1e-6)


@pytest.mark.parametrize("x", [
    X[:0], X[:1], np.asfortranarray(X), np.full_like(X, np.nan), np.inf * X[:1],
    np.zeros_like(X), 1e30 * X,
], ids=["no rows", "one row", "columns first", "NaN", "infinite", "zero", "huge"])
def test_any_values(folder, x):
    np.save(folder / "x.npy", x)
    ok(folder, *SCALE, "--outputs=cpu.npy")
    ok(folder, *SCALE, "--outputs=reference.npy", "--target=reference")
    got, reference = np.load(folder / "cpu.npy"), np.load(folder / "reference.npy")
    assert got.shape == x.shape
    if np.abs(x[:1]).max(initial=0) < 1e19:  # else x² overflows an f32
        np.testing.assert_allclose(got, reference, rtol=2e-6, atol=1e-9)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(reference, norm(x), rtol=1e-6)


def test_threads_and_benchmark(folder):
    text = ok(folder, *SCALE, "--threads=2", "--benchmark=5").stdout
    assert re.search(r"5 runs, median [\d.]+ \w+, min", text)
    assert "GB/s" in text


def test_compare(folder):
    ok(folder, *SCALE, "--compare=y.npy", "--rtol=1e-6", "--atol=0")
    np.save(folder / "y.npy", (norm(X) * 1.01).astype(np.float32))
    done = run(folder, *SCALE, "--compare=y.npy")
    assert done.returncode == 1
    assert "y.npy" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("kind,what", [("llvm", "define"), ("asm", ".globl")])
def test_emit_text(folder, kind, what):
    assert what in ok(folder, "model.mlir", f"--emit={kind}").stdout
    ok(folder, "model.mlir", f"--emit={kind}", "-o", "out.txt")
    assert what in (folder / "out.txt").read_text()


@pytest.mark.parametrize("kind", ["obj", "so"])
def test_emit_binary_and_run_it(folder, kind):
    name = "model.o" if kind == "obj" else "model.so"
    ok(folder, "model.mlir", f"--emit={kind}", "-o", name)
    ok(folder, name, *SCALE[1:], "--outputs=out.npy")
    np.testing.assert_allclose(np.load(folder / "out.npy"), norm(X), rtol=1e-6)


def test_long_blocks_are_tuned_for_no_processor(folder):
    """Zen's scheduler needs time quadratic in the length of a block."""
    names = [f"%x{i}" for i in range(160)]
    kinds = ", ".join(["tensor<4x4xf32>"] * len(names))
    (folder / "many.mlir").write_text(
        f"func.func @many({', '.join(n + ': tensor<4x4xf32>' for n in names)}) -> ({kinds}) {{\n"
        f"  return {', '.join(names)} : {kinds}\n}}\n")
    for model, is_long in (("many.mlir", True), ("model.mlir", False)):
        text = ok(folder, model, "--emit=llvm", "--mcpu=znver4",
                  "--triple=x86_64-linux-gnu").stdout
        assert ('"tune-cpu"="generic"' in text) == is_long


def test_emit_for_another_machine(folder):
    text = ok(folder, "model.mlir", "--emit=asm", "--triple=aarch64-linux-gnu").stdout
    assert re.search(r"fmla\s+v\d+\.4s", text)
    text = ok(folder, "model.mlir", "--emit=asm", "--triple=aarch64-linux-gnu",
              "--mattr=+sve").stdout
    assert re.search(r"z\d+\.s", text)


def test_dump_and_report(folder):
    text = ok(folder, *SCALE, "--dump-after=seednorm-to-rowwise").stderr
    assert "rowwise.program" in text and "seednorm.rms_norm" not in text
    text = ok(folder, *SCALE, "--report").stderr
    for stage in ("parse", "passes", "optimise", "codegen", "total"):
        assert re.search(rf"{stage} +[\d.]+ ms", text)
    assert re.search(r"memory: [1-9]\d* bytes of results and buffers", text)


def test_help(folder):
    text = ok(folder, "--help").stdout
    for option in ("entry", "inputs", "input", "outputs", "weights", "target", "threads",
                   "benchmark", "emit", "dump-after", "report", "compare", "no-cache",
                   "check-numerics"):
        assert f"--{option}" in text


def check(folder, *arguments):
    return ok(folder, *arguments, "--check-numerics").stdout


def test_check_numerics_of_what_is_finite(folder):
    assert check(folder, *SCALE) == "no non-finite value\n"
    assert check(folder, *SCALE, "--target=reference") == "no non-finite value\n"
    np.save(folder / "x.npy", 1e-30 * X)  # x² is zero in f32
    assert check(folder, *SCALE) == "no non-finite value\n"
    np.save(folder / "x.npy", X[:0])
    assert check(folder, *SCALE) == "no non-finite value\n"


def test_check_numerics_names_operation_and_row(folder):
    x = X.copy()
    x[1, 3], x[2, 0] = 2e19, 3e19
    np.save(folder / "x.npy", x)
    ok(folder, *SCALE)  # the result is finite: 1 / sqrt(inf) = 0
    fails(folder, r"model\.mlir:8:8: arith\.mulf makes inf from 2e\+19 and 2e\+19 in f32 at "
          r"row \[1\], column 3 of seednorm\.rms_norm, in entry 'scale'",
          *SCALE, "--check-numerics")


def test_check_numerics_names_bad_arrays(folder):
    x = X.copy()
    x[2, 5] = -np.inf
    np.save(folder / "x.npy", x)
    fails(folder, r"error: input 'x' is -inf at \[2, 5\]$", *SCALE, "--check-numerics")
    np.save(folder / "x.npy", X)
    save_file({"norm.gamma": np.where(np.arange(8) == 6, np.nan, GAMMA).astype(np.float32)},
              folder / "w.safetensors")
    fails(folder, r"error: parameter 'norm\.gamma' is NaN at \[6\]$", *SCALE,
          "--check-numerics")


# A causal mask, then a softmax: minus infinity is meant.
MASK = """
func.func @f(%x: tensor<?x8xf32>, %divisor: tensor<1xf32>) -> tensor<?x8xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %init = tensor.empty(%n) : tensor<?x8xf32>
  %half = tensor.empty(%n) : tensor<?x8xf16>
  %hidden = arith.constant 0xFF800000 : f32
  %masked = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x8xf32>) outs(%init : tensor<?x8xf32>) {
  ^bb0(%e: f32, %o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %seen = arith.cmpi sle, %j, %i : index
    %v = arith.select %seen, %e, %hidden : f32
    linalg.yield %v : f32
  } -> tensor<?x8xf32>
  %y = seednorm.softmax ins(%masked : tensor<?x8xf32>) outs(%init : tensor<?x8xf32>)
      -> tensor<?x8xf32>
  %z = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (0)>,
                       affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%y, %divisor : tensor<?x8xf32>, tensor<1xf32>) outs(%half : tensor<?x8xf16>) {
  ^bb0(%e: f32, %d: f32, %o: f16):
    %q = arith.divf %e, %d : f32
    %h = arith.truncf %q : f32 to f16
    linalg.yield %h : f16
  } -> tensor<?x8xf16>
  return %z : tensor<?x8xf16>
}"""


def test_check_numerics_of_a_mask(folder):
    (folder / "model.mlir").write_text(MASK)
    command = ("model.mlir", "--inputs=x.npy,d.npy")
    np.save(folder / "d", np.ones(1, np.float32))
    assert check(folder, *command) == "no non-finite value\n"
    np.save(folder / "d", np.full(1, 1e-5, np.float32))
    fails(folder, r"model\.mlir:28:10: arith\.truncf makes inf from 100000 in f16 at \[0, 0\] "
          r"of the loops of linalg\.generic", *command, "--check-numerics")
    np.save(folder / "d", np.zeros(1, np.float32))
    fails(folder, r"model\.mlir:27:10: arith\.divf makes inf from 1 and 0 in f32 at \[0, 0\]",
          *command, "--check-numerics")


# ---------------------------------------------------------------------------
# The cache
# ---------------------------------------------------------------------------


def entries(folder):
    cache = folder / "cache"
    return sorted(p for p in cache.rglob("*") if p.is_file()) if cache.exists() else []


def report(folder, *arguments):
    return ok(folder, *SCALE, "--report", *arguments).stderr


def test_cache_is_hit_and_can_be_left(folder):
    assert "compiled" in report(folder)
    before = [(p, p.read_bytes()) for p in entries(folder)]
    assert before
    assert "cache" in report(folder)
    assert "compiled" in report(folder, "--no-cache")
    assert [(p, p.read_bytes()) for p in entries(folder)] == before
    assert "compiled" in report(folder, "--mattr=-avx512f")


@pytest.mark.parametrize("damage", [
    lambda b: b"", lambda b: b[: len(b) // 2], lambda b: b + b"x",
    lambda b: b[:40] + bytes([b[40] ^ 1]) + b[41:],
    lambda b: b[:-9] + bytes([b[-9] ^ 128]) + b[-8:],
], ids=["empty", "cut", "longer", "front", "back"])
def test_damaged_entry_is_rebuilt(folder, damage):
    ok(folder, *SCALE)
    for path in entries(folder):
        path.chmod(0o600)
        path.write_bytes(damage(path.read_bytes()))
    assert "compiled" in report(folder)
    assert "cache" in report(folder)


def test_cache_of_many_processes(folder):
    environment = dict(os.environ, SEEDNORM_CACHE_DIR=str(folder / "cache"))
    processes = [subprocess.Popen([str(TOOL), *SCALE, f"--outputs=out{i}.npy"], cwd=folder,
                                  env=environment, stderr=subprocess.PIPE)
                 for i in range(8)]
    for i, process in enumerate(processes):
        assert process.wait() == 0, process.stderr.read()
        np.testing.assert_allclose(np.load(folder / f"out{i}.npy"), norm(X), rtol=1e-6)


def test_cache_is_bounded(folder):
    for i in range(6):
        (folder / "model.mlir").write_text(MODEL + f"// {i}\n" +
                                           MODEL.replace("@scale", f"@s{i}").replace("@both", f"@b{i}"))
        ok(folder, *SCALE, env={"SEEDNORM_CACHE_MAX_MB": "1"})
    assert sum(p.stat().st_size for p in entries(folder)) <= 1 << 20


# ---------------------------------------------------------------------------
# Bad input
# ---------------------------------------------------------------------------


def fails(folder, expected, *arguments, env=None):
    before = sorted(p for p in folder.rglob("*") if "cache" not in p.parts)
    done = run(folder, *arguments, env=env)
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert done.stderr.startswith("seednorm-run: error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stdout == ""
    assert re.search(expected, done.stderr), done.stderr
    assert before == sorted(p for p in folder.rglob("*") if "cache" not in p.parts)


OUT = "--outputs=out.npy"


@pytest.mark.parametrize("source,expected", [
    ("func.func @f(", r"model\.mlir:1:\d+: expected"),
    ("", "the module has no entry points"),
    ("func.func @f(%x: tensor<2x0xf32>) -> tensor<2x0xf32> {\n"
     "  %y = seednorm.rms_norm ins(%x : tensor<2x0xf32>) outs(%x : tensor<2x0xf32>)"
     " -> tensor<2x0xf32>\n  return %y : tensor<2x0xf32>\n}",
     r"model\.mlir:2:8: .*at least one element, but D is 0"),
    ("func.func @f(%x: tensor<2x6xf32>, %b: tensor<6xf32>) -> tensor<2x6xf32> {\n"
     "  %y = seednorm.norm ins(%x : tensor<2x6xf32>) beta(%b : tensor<6xf32>)"
     " outs(%x : tensor<2x6xf32>) {heads = 4 : i64} -> tensor<2x6xf32>\n"
     "  return %y : tensor<2x6xf32>\n}", "'heads' is 4, which does not divide the 6"),
    ("func.func @f(%x: tensor<2xf32>) { return }\nfunc.func @f() { return }", "redefinition"),
    ("func.func @f(%x: i32) -> i32 { return %x : i32 }", "ranked tensors"),
], ids=["syntax", "empty", "D=0", "heads", "twice", "scalar"])
@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_bad_ir(folder, source, expected, target):
    (folder / "model.mlir").write_text(source)
    fails(folder, expected, "model.mlir", "--inputs=x.npy", OUT, "--target", target)


@pytest.mark.parametrize("array,expected", [
    (X[:, :7], r"'x'.* is 3x7xf32, but \?x8xf32 is expected"),
    (X[0], r"'x'.* is 8xf32, but \?x8xf32 is expected"),
    (X.astype(np.float64), r"'x'.* is 3x8xf64, but \?x8xf32 is expected"),
    (X.astype(">f4"), "x.npy.*big-endian|x.npy.*'>f4'"),
    (np.array([[{}] * 8]), r"x\.npy.*'\|O'"),
    (X.astype(np.complex64), r"x\.npy.*'<c8'"),
], ids=["width", "rank", "dtype", "endian", "object", "complex"])
@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_bad_array(folder, array, expected, target):
    np.save(folder / "x.npy", array, allow_pickle=True)
    fails(folder, expected, *SCALE, OUT, "--target", target)


DYNAMIC = """
func.func @f(%x: tensor<?x?xf32>, %z: tensor<?x?xf32>, %b: tensor<?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %d = tensor.dim %x, %c1 : tensor<?x?xf32>
  %init = tensor.empty(%n, %d) : tensor<?x?xf32>
  %h = linalg.add ins(%x, %z : tensor<?x?xf32>, tensor<?x?xf32>)
      outs(%init : tensor<?x?xf32>) -> tensor<?x?xf32>
  %y = seednorm.norm ins(%h : tensor<?x?xf32>) beta(%b : tensor<?xf32>)
      outs(%init : tensor<?x?xf32>) {heads = 4 : i64} -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}"""


@pytest.mark.parametrize("x,z,b,expected", [
    ((3, 8), (2, 8), 8, "leading dimensions|size 2"),
    ((3, 8), (3, 4), 8, "rows of different lengths|size 4"),
    ((3, 8), (3, 8), 4, "rows of different lengths|column operand of 4"),
    ((3, 6), (3, 6), 6, "divided into 4 groups|divide 6 elements into 4 groups"),
])
@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_dynamic_shapes_that_do_not_fit(folder, x, z, b, expected, target):
    (folder / "model.mlir").write_text(DYNAMIC)
    good = ("model.mlir", "--inputs=x.npy,z.npy,b.npy", "--target", target)
    for name, shape in (("x", (3, 8)), ("z", (3, 8)), ("b", 8)):
        np.save(folder / name, np.ones(shape, np.float32))
    ok(folder, *good)
    for name, shape in (("x", x), ("z", z), ("b", b)):
        np.save(folder / name, np.ones(shape, np.float32))
    fails(folder, rf"model\.mlir:\d+:\d+: .*({expected})", *good, OUT)


NARROW_OUTS = """
func.func @rows(%x: tensor<?x?xf32>, %o: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = rowwise.program rows(%x : tensor<?x?xf32>) outs(%o : tensor<?x8xf32>) {
  ^bb0(%a: tensor<?xf32>):
    %b = arith.addf %a, %a : tensor<?xf32>
    rowwise.yield %b : tensor<?xf32>
  } -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
func.func @sums(%x: tensor<?x?xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %y = rowwise.program rows(%x : tensor<?x?xf32>) outs(%o : tensor<8xf32>) {
  ^bb0(%a: tensor<?xf32>):
    %b = rowwise.accumulate %a : tensor<?xf32>
    rowwise.yield %b : tensor<?xf32>
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}
func.func @norm(%x: tensor<?x?xf32>, %o: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = seednorm.rms_norm ins(%x : tensor<?x?xf32>) outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}"""


@pytest.mark.parametrize("width", [4, 16])
@pytest.mark.parametrize("entry,out", [("rows", (3, 8)), ("sums", 8), ("norm", (3, 8))])
@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_rows_must_fit_static_outs(folder, entry, out, width, target):
    (folder / "model.mlir").write_text(NARROW_OUTS)
    command = ("model.mlir", f"--entry={entry}", "--inputs=x.npy,o.npy", "--target", target)
    np.save(folder / "x.npy", np.ones((3, 8), np.float32))
    np.save(folder / "o.npy", np.zeros(out, np.float32))
    ok(folder, *command)
    np.save(folder / "x.npy", np.ones((3, width), np.float32))
    fails(folder, r"model\.mlir:\d+:\d+: .*(rows of different lengths|rows of 8 elements)",
          *command, OUT)


DYNAMIC_ROWS = """
func.func @widths(%x: tensor<?x?xf32>, %z: tensor<?x?xf32>) -> tensor<?x1xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %o = tensor.empty(%n) : tensor<?x1xf32>
  %y = rowwise.program rows(%x, %z : tensor<?x?xf32>, tensor<?x?xf32>) outs(%o : tensor<?x1xf32>) {
  ^bb0(%a: tensor<?xf32>, %b: tensor<?xf32>):
    %c = rowwise.reduce add %b : tensor<?xf32> -> tensor<1xf32>
    rowwise.yield %c : tensor<1xf32>
  } -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
func.func @sums(%x: tensor<?x3x?x4xf32>, %o: tensor<?x1x?x4xf32>) -> tensor<?x1x?x4xf32> {
  %y = rowwise.program rows(%x : tensor<?x3x?x4xf32>) outs(%o : tensor<?x1x?x4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    %s = rowwise.accumulate %a : tensor<4xf32>
    rowwise.yield %s : tensor<4xf32>
  } -> tensor<?x1x?x4xf32>
  return %y : tensor<?x1x?x4xf32>
}
func.func @max(%x: tensor<?x?xf32>, %o: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = rowwise.program rows(%x : tensor<?x?xf32>) outs(%o : tensor<?x1xf32>) {
  ^bb0(%a: tensor<?xf32>):
    %b = rowwise.reduce max %a : tensor<?xf32> -> tensor<1xf32>
    rowwise.yield %b : tensor<1xf32>
  } -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}"""


@pytest.mark.parametrize("entry,x,good,bad", [
    ("widths", (3, 4), (3, 4), (3, 6)),
    ("sums", (2, 3, 5, 4), (2, 1, 5, 4), (1, 1, 5, 4)),
    ("sums", (2, 3, 5, 4), (2, 1, 5, 4), (2, 1, 6, 4)),
])
@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_programs_on_shapes_that_do_not_fit(folder, entry, x, good, bad, target):
    (folder / "model.mlir").write_text(DYNAMIC_ROWS)
    command = ("model.mlir", f"--entry={entry}", "--inputs=x.npy,z.npy", "--target", target)
    np.save(folder / "x.npy", np.ones(x, np.float32))
    np.save(folder / "z.npy", np.ones(good, np.float32))
    ok(folder, *command)
    np.save(folder / "z.npy", np.ones(bad, np.float32))
    fails(folder, r"model\.mlir:\d+:\d+: .*(different|leading dimensions are|are needed)",
          *command, OUT)


@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_rows_without_elements(folder, target):
    (folder / "model.mlir").write_text(DYNAMIC_ROWS)
    np.save(folder / "x.npy", np.ones((3, 0), np.float32))
    np.save(folder / "o.npy", np.ones((3, 1), np.float32))
    ok(folder, "model.mlir", "--entry=max", "--inputs=x.npy,o.npy", "--outputs=y.npy",
       "--target", target)
    np.testing.assert_array_equal(np.load(folder / "y.npy"), np.full((3, 1), -np.inf))


MANY_GROUPS = """
func.func @f(%x: tensor<4x524288xf32>, %o: tensor<4x262144xf32>) -> tensor<4x262144xf32> {
  %y = rowwise.program rows(%x : tensor<4x524288xf32>) outs(%o : tensor<4x262144xf32>) SCHEDULE {
  ^bb0(%a: tensor<524288xf32>):
    %s = rowwise.reduce add %a : tensor<524288xf32> -> tensor<262144xf32>
    %m = rowwise.reduce max %a : tensor<524288xf32> -> tensor<262144xf32>
    %r = arith.addf %s, %m : tensor<262144xf32>
    rowwise.yield %r : tensor<262144xf32>
  } -> tensor<4x262144xf32>
  return %y : tensor<4x262144xf32>
}"""


@pytest.mark.parametrize("schedule", ["", "schedule <rows_per_block = 16>"])
def test_groups_that_no_stack_holds(folder, schedule):
    (folder / "model.mlir").write_text(MANY_GROUPS.replace("SCHEDULE", schedule))
    x = np.random.default_rng(0).standard_normal((4, 262144, 2), np.float32)
    np.save(folder / "x.npy", x.reshape(4, -1))
    np.save(folder / "o.npy", np.zeros((4, 262144), np.float32))
    ok(folder, "model.mlir", "--inputs=x.npy,o.npy", "--outputs=y.npy")
    np.testing.assert_allclose(np.load(folder / "y.npy"), x.sum(-1) + x.max(-1), rtol=1e-6,
                               atol=1e-6)


MATMUL = """
func.func @f(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>, %c: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = linalg.matmul ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>)
      outs(%c : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}"""


@pytest.mark.parametrize("a,b,c", [((3, 8), (7, 4), (3, 4)), ((3, 8), (8, 4), (4, 4)),
                                   ((3, 8), (8, 4), (3, 5))])
@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_matrices_that_do_not_fit(folder, a, b, c, target):
    (folder / "model.mlir").write_text(MATMUL)
    for name, shape in (("a", a), ("b", b), ("c", c)):
        np.save(folder / name, np.ones(shape, np.float32))
    fails(folder, r"model\.mlir:3:8: .*(a matrix product|has a dimension of size)",
          "model.mlir", "--inputs=a.npy,b.npy,c.npy", OUT, "--target", target)


REDUCE = """
func.func @f(%x: tensor<?x8xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %r = linalg.reduce { arith.addf } ins(%x : tensor<?x8xf32>) outs(%y : tensor<?xf32>)
      dimensions = [1]
  return %r : tensor<?xf32>
}"""


@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_loop_nests_that_do_not_fit(folder, target):
    (folder / "model.mlir").write_text(REDUCE)
    arguments = ("model.mlir", "--inputs=x.npy,y.npy", "--target", target)
    np.save(folder / "y", np.ones(3, np.float32))
    ok(folder, *arguments, "--outputs=r.npy")
    np.testing.assert_array_equal(np.load(folder / "r.npy"), X.sum(-1) + 1)
    np.save(folder / "y", np.ones(2, np.float32))
    fails(folder, r"model\.mlir:3:8: .*(do not agree|has a dimension of size)", *arguments, OUT)


INDICES = """
#i = affine_map<(i, j) -> (i)>
#ij = affine_map<(i, j) -> (i, j)>
func.func @gather(%i: tensor<?xi64>, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %i, %c0 : tensor<?xi64>
  %init = tensor.empty(%n) : tensor<?x8xf32>
  %y = linalg.generic {indexing_maps = [#i, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%i : tensor<?xi64>) outs(%init : tensor<?x8xf32>) {
  ^bb0(%k: i64, %o: f32):
    %r = arith.index_cast %k : i64 to index
    %j = linalg.index 1 : index
    %v = tensor.extract %x[%r, %j] : tensor<?x8xf32>
    linalg.yield %v : f32
  } -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
func.func @one(%i: tensor<?xi64>, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %k = tensor.extract %i[%c0] : tensor<?xi64>
  %r = arith.index_cast %k : i64 to index
  %v = tensor.extract %x[%r, %c0] : tensor<?x8xf32>
  %y = tensor.insert %v into %x[%c0, %c0] : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
func.func @loop(%i: tensor<?xi64>, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %i, %c0 : tensor<?xi64>
  %y = scf.for %j = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<?x8xf32> {
    %k = tensor.extract %i[%j] : tensor<?xi64>
    %r = arith.index_cast %k : i64 to index
    %one = arith.constant 1.0 : f32
    %next = tensor.insert %one into %t[%r, %c0] : tensor<?x8xf32>
    scf.yield %next : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}"""
PLACES = {"gather": "13:10", "one": "22:8", "loop": "34:13"}


@pytest.mark.parametrize("entry", PLACES)
@pytest.mark.parametrize("index", [3, -1, 2**62])
@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_indices_out_of_bounds(folder, entry, index, target):
    (folder / "model.mlir").write_text(INDICES)
    arguments = ("model.mlir", f"--entry={entry}", "--inputs=i.npy,x.npy", "--target", target)
    np.save(folder / "i", np.array([2, 0, 2, 1]))
    ok(folder, *arguments, "--outputs=y.npy")
    if entry == "gather":
        np.testing.assert_array_equal(np.load(folder / "y.npy"), X[[2, 0, 2, 1]])
    np.save(folder / "i", np.array([index, 0, 2, index]))
    fails(folder, rf"model\.mlir:{PLACES[entry]}: .*index.* out of bounds of (a )?dimension",
          *arguments, OUT)


STEPS = """
func.func @f(%x: tensor<?xf32>) -> tensor<f32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %m = arith.addi %n, %c1 : index
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %i3 = arith.constant 3 : i32
  %zero = arith.constant 0.0 : f32
  %s = scf.for %i = %c0 to %m step %c4 iter_args(%a = %zero) -> f32 {
    %e = tensor.extract %x[%i] : tensor<?xf32>
    %b = arith.addf %a, %e : f32
    scf.yield %b : f32
  }
  %t = scf.for %i = %i0 to %i3 step %i1 iter_args(%a = %s) -> f32 : i32 {
    %e = tensor.extract %x[%c4] : tensor<?xf32>
    %b = arith.addf %a, %e : f32
    scf.yield %b : f32
  }
  %r = tensor.from_elements %t : tensor<f32>
  return %r : tensor<f32>
}"""


@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_indices_of_longer_steps(folder, target):
    (folder / "model.mlir").write_text(STEPS)
    arguments = ("model.mlir", "--inputs=x.npy", "--target", target)
    x = np.arange(9, dtype=np.float32)
    np.save(folder / "x", x)
    ok(folder, *arguments, "--outputs=y.npy")
    assert np.load(folder / "y.npy") == x[::4].sum() + 3 * x[4]
    np.save(folder / "x", x[:8])
    fails(folder, r"model\.mlir:13:10: .*index.* out of bounds", *arguments, OUT)


SLICES = """
func.func @take(%k: tensor<3xi64>, %x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %i0 = tensor.extract %k[%c0] : tensor<3xi64>
  %i1 = tensor.extract %k[%c1] : tensor<3xi64>
  %i2 = tensor.extract %k[%c2] : tensor<3xi64>
  %o = arith.index_cast %i0 : i64 to index
  %s = arith.index_cast %i1 : i64 to index
  %d = arith.index_cast %i2 : i64 to index
  %y = tensor.extract_slice %x[%o] [%s] [%d] : tensor<?xf32> to tensor<?xf32>
  return %y : tensor<?xf32>
}
func.func @put(%k: tensor<3xi64>, %x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %i0 = tensor.extract %k[%c0] : tensor<3xi64>
  %i1 = tensor.extract %k[%c1] : tensor<3xi64>
  %i2 = tensor.extract %k[%c2] : tensor<3xi64>
  %o = arith.index_cast %i0 : i64 to index
  %s = arith.index_cast %i1 : i64 to index
  %d = arith.index_cast %i2 : i64 to index
  %c9 = arith.constant 9 : index
  %few = arith.minsi %s, %c9 : index
  %p = arith.maxsi %few, %c0 : index
  %one = arith.constant 1.0 : f32
  %v = tensor.splat %one[%p] : tensor<?xf32>
  %y = tensor.insert_slice %v into %x[%o] [%s] [%d] : tensor<?xf32> into tensor<?xf32>
  return %y : tensor<?xf32>
}"""
BIG = 2**62


@pytest.mark.parametrize("entry", ["take", "put"])
@pytest.mark.parametrize("slice,good", [
    ((0, 9, 1), True), ((9, 0, 1), True), ((3, 0, 1), True), ((8, 1, 5), True),
    ((1, 3, 3), True), ((8, 3, -4), True), ((0, 3, 4), True), ((2, 1, 0), True),
    ((10, 0, 1), False), ((-1, 0, 1), False), ((0, 10, 1), False), ((9, 1, 1), False),
    ((-1, 2, 1), False), ((0, -1, 1), False), ((1, 3, 4), False), ((7, 3, -4), False),
    ((0, BIG + 1, 4), False), ((BIG, 4, 1), False), ((1, -BIG, 0), False), ((0, 2, BIG), False)])
def test_slices_out_of_bounds(folder, entry, slice, good):
    (folder / "model.mlir").write_text(SLICES)
    x = np.arange(9, dtype=np.float32)
    np.save(folder / "x", x)
    np.save(folder / "k", np.array(slice))
    for target in "cpu", "reference":
        arguments = ("model.mlir", f"--entry={entry}", "--inputs=k.npy,x.npy", "--target", target)
        if good:
            offset, size, step = slice
            ok(folder, *arguments, "--outputs=y.npy")
            places = offset + step * np.arange(size)
            wanted = x[places] if entry == "take" else x.copy()
            if entry == "put":
                wanted[places] = 1
            np.testing.assert_array_equal(np.load(folder / "y.npy"), wanted)
        else:
            place = "12:8" if entry == "take" else "30:8"
            fails(folder, rf"model\.mlir:{place}: .* out of bounds of (a )?dimension",
                  *arguments, OUT)


@pytest.mark.parametrize("size", [5, 9])
def test_sizes_that_a_static_one_is_taken_for(folder, size):
    """The canonicalised operation has a cast of its input to tensor<8xf32>."""
    (folder / "model.mlir").write_text("""
func.func @f(%x: tensor<?xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %y = linalg.exp ins(%x : tensor<?xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}""")
    np.save(folder / "o", np.zeros(8, np.float32))
    np.save(folder / "x", np.zeros(8, np.float32))
    arguments = ("model.mlir", "--inputs=x.npy,o.npy")
    ok(folder, *arguments, "--outputs=y.npy")
    np.testing.assert_array_equal(np.load(folder / "y.npy"), np.ones(8))
    np.save(folder / "x", np.zeros(size, np.float32))
    fails(folder, r"model\.mlir:3:8: dimension 0 must be of size 8", *arguments, OUT)


PARALLEL = """
func.func @f(%i: tensor<1000xi64>, %x: tensor<?xf32>) -> tensor<1000xf32> {
  %init = tensor.empty() : tensor<1000xf32>
  %y = scf.forall (%j) in (1000) shared_outs(%o = %init) -> tensor<1000xf32> {
    %k = tensor.extract %i[%j] : tensor<1000xi64>
    %r = arith.index_cast %k : i64 to index
    %v = tensor.extract %x[%r] : tensor<?xf32>
    %s = tensor.from_elements %v : tensor<1xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %s into %o[%j] [1] [1] : tensor<1xf32> into tensor<1000xf32>
    }
  }
  return %y : tensor<1000xf32>
}"""


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_indices_out_of_bounds_in_parallel(folder, threads):
    (folder / "model.mlir").write_text(PARALLEL)
    i = np.arange(1000) % 24
    np.save(folder / "i", i)
    np.save(folder / "x", X.ravel())
    arguments = ("model.mlir", "--inputs=i.npy,x.npy", f"--threads={threads}")
    ok(folder, *arguments, "--outputs=y.npy")
    np.testing.assert_array_equal(np.load(folder / "y.npy"), X.ravel()[i])
    i[[300, 900, 999]] = 24, -1, 2**40
    np.save(folder / "i", i)
    fails(folder, r"model\.mlir:7:10: an index is out of bounds of dimension 0", *arguments, OUT)


def npy(header, data=b"\0" * 96):
    text = header.encode() + b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


@pytest.mark.parametrize("content", [
    b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00\xff\xff{", b"PK\x03\x04",
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 8), }", b"\0" * 95),
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 8), }", b"\0" * 97),
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-3, -8), }"),
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 8), }"),
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,), }"),
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 8), 'shape': (3, 8), }"),
    npy("{'descr': '<f4', 'fortran_order': False}"),
    npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3, 8), }"),
    npy("__import__('os')"), npy("{" * 1000),
])
def test_hostile_npy(folder, content):
    (folder / "x.npy").write_bytes(content)
    fails(folder, r"x\.npy", *SCALE, OUT)


def safetensors(header, data=GAMMA.tobytes()):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(start=0, end=32, shape=(8,), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


@pytest.mark.parametrize("content", [
    b"", b"\x08", struct.pack("<Q", 1 << 63), struct.pack("<Q", 1 << 40) + b"{}",
    safetensors(b"{"), safetensors(b"[]"), safetensors(b"\xff\xfe"),
    safetensors({"norm.gamma": tensor(0, 31)}),
    safetensors({"norm.gamma": tensor(8, 40)}),
    safetensors({"norm.gamma": tensor(1 << 62, (1 << 62) + 32)}),
    safetensors({"norm.gamma": tensor(-32, 0)}),
    safetensors({"norm.gamma": tensor(32, 0)}),
    safetensors({"norm.gamma": tensor(shape=(1 << 62, 8))}),
    safetensors({"norm.gamma": tensor(shape=(-8,))}),
    safetensors({"norm.gamma": tensor(dtype="F99")}),
    safetensors({"norm.gamma": tensor(), "b": tensor(16, 48)}, b"\0" * 48),
    safetensors({"norm.gamma": tensor()}, b"\0" * 48),
    safetensors({"norm.gamma": tensor()}, b"\0" * 16),
    safetensors(b'{"norm.gamma":{"dtype":"F32","shape":[8],"data_offsets":[0,32]},'
                b'"norm.gamma":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}}'),
    safetensors(b"[" * 100000),
])
def test_hostile_safetensors(folder, content):
    (folder / "w.safetensors").write_bytes(content)
    fails(folder, r"w\.safetensors", *SCALE, OUT)


@pytest.mark.parametrize("weights,expected", [
    ({}, "'norm.gamma'"),
    ({"norm.gama": GAMMA}, "'norm.gam"),
    ({"norm.gamma": GAMMA, "norm.beta": GAMMA}, "'norm.beta'"),
    ({"norm.gamma": GAMMA[:7]}, "'norm.gamma' is 7xf32, but 8xf32 is expected"),
    ({"norm.gamma": GAMMA.astype(np.float16)}, "'norm.gamma' is 8xf16, but 8xf32 is expected"),
], ids=["missing", "misnamed", "extra", "shape", "dtype"])
@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_bad_parameters(folder, weights, expected, target):
    save_file(weights, folder / "w.safetensors")
    fails(folder, expected, *SCALE, OUT, "--target", target)


@pytest.mark.parametrize("arguments,expected", [
    ((), "no model is given"),
    (("absent.mlir",), "absent.mlir"),
    ((".",), r"'\.'"),
    (("model.mlir", "--inputs=x.npy", "--weights=w.safetensors"), "'scale', 'both'"),
    (("model.mlir", "--entry=absent", "--weights=w.safetensors"), "'absent'"),
    ((*SCALE[:2], "--inputs=x.npy"), "'norm.gamma'.*--weights"),
    ((*SCALE, "--inputs=x.npy"), "takes 1 inputs, but --inputs has 2"),
    (SCALE[:3], "input 'x' of entry 'scale' is not given"),
    ((*SCALE[:3], "--input=q=x.npy"), "no input 'q'"),
    ((*SCALE[:3], "--input=x"), "NAME=FILE is expected"),
    ((*SCALE, "--input=x=x.npy"), "'x' is given twice"),
    ((*SCALE[:3], "--inputs=absent.npy"), "absent.npy"),
    ((*SCALE[:3], "--inputs=."), r"'\.'"),
    ((*SCALE, "--outputs=a.npy,b.npy"), "has 1 results, but --outputs has 2"),
    ((*SCALE, "--outputs=absent/out.npy"), "absent/out.npy"),
    ((*SCALE, "--outputs=/proc/out.npy"), "/proc/out.npy"),
    ((*SCALE, "--compare=absent.npy"), "absent.npy"),
    ((*SCALE, "--target=tpu"), "--target is 'tpu'"),
    ((*SCALE, "--threads=-1"), "--threads is '-1'"),
    ((*SCALE, "--benchmark=many"), "--benchmark is 'many'"),
    ((*SCALE, "--rtol=nan"), "--rtol is 'nan'"),
    ((*SCALE, "--frobnicate"), "frobnicate"),
    ((*SCALE, "--mcpu=abacus"), "'abacus'"),
    ((*SCALE, "--triple=aarch64-linux-gnu"), "aarch64"),
    ((*SCALE, "--dump-after=absent"), "'absent'"),
    (("model.mlir", "--emit=exe"), "--emit is 'exe'"),
    (("model.mlir", "--emit=obj"), "-o FILE"),
    (("model.mlir", "--emit=obj", "-o", "absent/m.o"), "absent/m.o"),
    (("model.mlir", "--emit=so", "-o", "absent/m.so"), "absent/m.so"),
    (("model.mlir", "--emit=asm", "--triple=nowhere"), "'nowhere"),
    (("model.mlir", "--emit=asm", "--inputs=x.npy"), "--emit runs nothing"),
    (("model.mlir", "--emit=asm", "--entry=absent"), "--emit runs nothing"),
    (("model.mlir", "--emit=asm", "--weights=absent"), "--emit runs nothing"),
    ((*SCALE, "--target=reference", "--dump-after=absent"), "--target=reference compiles nothing"),
    ((*SCALE, "--target=reference", "--mcpu=abacus"), "--target=reference compiles nothing"),
    ((*SCALE, "--target=reference", "--report"), "--target=reference compiles nothing"),
    *[((*SCALE, "--check-numerics", option), "--check-numerics interprets the model") for option in
      ("--target=cpu", "--emit=asm", "--outputs=a.npy", "--compare=y.npy", "--benchmark")],
    ((*SCALE, "--check-numerics", "--report"), "--check-numerics compiles nothing"),
    ((*SCALE, "more.mlir"), "one model is expected, but 'model.mlir' and 'more.mlir' are given"),
    ((*SCALE, "--outputs=."), r"cannot write '\.': it is a directory"),
    ((*SCALE, "--outputs=x.npy/out.npy"), "cannot write 'x.npy/out.npy': Not a directory"),
    ((*SCALE, "--outputs=/dev/full"), "cannot write '/dev/full': No space left"),
    ((*SCALE, "--compare=w.safetensors"), "'w.safetensors': not a .npy file"),
])
def test_bad_command_line(folder, arguments, expected):
    fails(folder, expected, *arguments)


BOTH = ("model.mlir", "--entry=both", "--inputs=x.npy,x.npy", "--weights=w.safetensors")


@pytest.mark.parametrize("outputs,expected", [
    ("h.npy,absent/t.npy", "cannot write 'absent/t.npy': No such file"),
    ("h.npy,./h.npy", r"cannot write '\./h\.npy': 'h\.npy' is the same file"),
    ("h.npy,link.npy", r"cannot write 'link\.npy': 'h\.npy' is the same file"),
])
def test_all_outputs_or_none(folder, outputs, expected):
    (folder / "h.npy").write_text("old")
    (folder / "link.npy").symlink_to("h.npy")
    fails(folder, expected, *BOTH, f"--outputs={outputs}")
    assert (folder / "h.npy").read_text() == "old"


def test_outputs_touch_no_other_file(folder):
    (folder / "real.npy").write_text("old")
    (folder / "h.npy").symlink_to("real.npy")
    for name in ("h.npy.new", "h.npy.tmp"):
        (folder / name).write_text("mine")
    before = set(folder.iterdir())
    ok(folder, *BOTH, "--outputs=h.npy,x.npy")  # the second is an input as well
    assert set(folder.iterdir()) - {folder / "cache"} == before
    assert (folder / "h.npy").is_symlink()
    np.testing.assert_array_equal(np.load(folder / "real.npy"), 2 * X)
    assert np.load(folder / "x.npy").max() > 1
    for name in ("h.npy.new", "h.npy.tmp"):
        assert (folder / name).read_text() == "mine"
    # In either order, and to a device twice.
    ok(folder, *BOTH, "--outputs=h.npy.new,h.npy")
    np.testing.assert_array_equal(np.load(folder / "h.npy.new").shape, X.shape)
    np.testing.assert_array_equal(np.load(folder / "h.npy").shape, X.shape)
    ok(folder, *BOTH, "--outputs=/dev/null,/dev/null")


def test_compiled_models_take_no_options_of_the_compiler(folder):
    ok(folder, "model.mlir", "--emit=obj", "-o", "m.o")
    for option in ("--dump-after=absent", "--mcpu=abacus", "--triple=absent", "--mattr=+absent"):
        fails(folder, "'m.o' is compiled already", "m.o", *SCALE[1:], option)
        fails(folder, "'m.o' is compiled already", "m.o", "--emit=so", "-o", "m.so", option)
    fails(folder, "--check-numerics needs model IR, but 'm.o' is compiled", "m.o", *SCALE[1:],
          "--check-numerics")


def test_bad_object_files(folder):
    for name in ("m.o", "m.so"):
        for content in (b"", b"\x7fELF", b"\x7fELF" + bytes(200), os.urandom(999)):
            (folder / name).write_bytes(content)
            fails(folder, re.escape(name), name, *SCALE[1:], OUT)
    # Somebody else's, which say nothing of entries.
    (folder / "m.c").write_text("int f(void) { return 1; }\n")
    subprocess.run(["cc", "-c", "m.c"], cwd=folder, check=True)
    subprocess.run(["cc", "-shared", "-fPIC", "m.c", "-o", "m.so"], cwd=folder, check=True)
    for name in ("m.o", "m.so"):
        fails(folder, re.escape(name), name, *SCALE[1:], OUT)


@pytest.mark.parametrize("env", [{"SEEDNORM_CACHE_DIR": "x.npy/cache"},
                                 {"SEEDNORM_CACHE_MAX_MB": "many"}])
def test_bad_cache(folder, env):
    (name, value), = env.items()
    fails(folder, f"{re.escape(value)}", *SCALE, OUT, env=env)
    ok(folder, *SCALE, "--no-cache", env=env)


def test_failure_keeps_the_old_output(folder):
    (folder / "out.npy").write_text("old")
    np.save(folder / "x.npy", X[:, :7])
    assert run(folder, *SCALE, OUT).returncode == 1
    assert (folder / "out.npy").read_text() == "old"
