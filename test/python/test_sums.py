"""Sums over rows: over all, over the last dimensions, over the first ones, and
several of them in one program; the memory that they take; and the gradients of
row operands that repeat, which are such sums."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harness import BUILD, Compiled, run  # noqa: E402

# The leading dimensions of the program and those of its outs; None: rank 1.
CASES = {
    "all": ("??", [None]),
    "last": ("??", ["?1"]),
    "last two": ("???", ["?11", "??1"]),
    "every": ("??", ["11", None, "?1"]),
    "first": ("??", ["1?"]),
    "mixed": ("???", [None, "?11", "1?1", "?1?", "11?"]),
    "static": ("34", ["31", "14"]),
    "no sum": ("??", ["??"]),
}


def array(leading, width, dtype="f32"):
    dims = [*(leading or []), str(width)]
    return "tensor<" + "x".join(dims) + "x" + dtype + ">"


def program(case, width):
    """Sums of x² and of its mean over two groups, as many of each as outs."""
    leading, outs = CASES[case]
    types = [t for out in outs for t in (array(out, width), array(out, 2))]
    inits, dims = [], [i for i in range(len(leading)) if leading[i] == "?"]
    lines = [f"%c{i} = arith.constant {i} : index" for i in dims]
    lines += [f"%d{i} = tensor.dim %x, %c{i} : {array(leading, width)}" for i in dims]
    for i, kind in enumerate(types):
        sizes = [f"%d{j}" for j in dims if (outs[i // 2] or "")[j:j + 1] == "?"]
        inits.append(f"%o{i}")
        lines.append(f"%o{i} = tensor.empty({', '.join(sizes)}) : {kind}")
    row, group = array(None, width), array(None, 2)
    lines += [f"""
      %y:{len(types)} = rowwise.program rows(%x : {array(leading, width)})
          outs({", ".join(inits)} : {", ".join(types)}) {{
      ^bb0(%r: {row}):
        %q = arith.mulf %r, %r : {row}
        %m = rowwise.reduce mean %q : {row} -> {group}
        %s = rowwise.accumulate %q : {row}
        %t = rowwise.accumulate %m : {group}
        rowwise.yield {", ".join(["%s, %t"] * len(outs))} : {", ".join([row, group] * len(outs))}
      }} -> {", ".join(types)}
      return {", ".join(f"%y#{i}" for i in range(len(types)))} : {", ".join(types)}"""]
    return (f"func.func @f(%x: {array(leading, width)}) -> ({', '.join(types)}) {{\n"
            + "\n".join(lines) + "\n}")


def expected(case, x):
    leading, outs = CASES[case]
    square = x.astype(np.float64) ** 2
    halves = square.reshape(*x.shape[:-1], 2, x.shape[-1] // 2).mean(-1)
    for out in outs:
        over = tuple(i for i in range(len(leading)) if out is None or out[i] == "1")
        for value in (square, halves):
            yield value.sum(over, keepdims=out is not None)


def shapes(case):
    if case == "static":
        return [(3, 4)]
    if len(CASES[case][0]) == 2:
        return [(1, 1), (3, 5), (2, 0), (0, 3), (1, 700), (700, 1), (3, 300), (65, 7)]
    return [(2, 3, 4), (1, 1, 1), (70, 1, 3), (2, 90, 5), (3, 0, 2), (0, 2, 2)]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sums")


@pytest.mark.parametrize("width", [8, 38])
@pytest.mark.parametrize("case", CASES)
def test_sums(case, width, folder):
    compiled = Compiled(program(case, width), folder)
    generator = np.random.default_rng(0)
    for shape in shapes(case):
        x = generator.standard_normal((*shape, width)).astype(np.float32)
        wanted = list(expected(case, x))
        got = compiled("f", [x], [(w.ndim, np.float32) for w in wanted])
        for a, b in zip(got, wanted):
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, rtol=2e-6, atol=1e-30)


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_reference(case, tmp_path):
    source = tmp_path / "sums.mlir"
    source.write_text(program(case, 8))
    x = np.random.default_rng(0).standard_normal((*shapes(case)[1 % len(shapes(case))], 8))
    np.save(tmp_path / "x.npy", x.astype(np.float32))
    outs = ",".join(str(tmp_path / f"{i}.npy") for i, _ in enumerate(expected(case, x)))
    common = [BUILD / "bin/seednorm-run", source, f"--inputs={tmp_path / 'x.npy'}"]
    run([*common, "--outputs=" + outs], "")
    run([*common, "--target=reference", "--compare=" + outs, "--rtol=1e-5"], "")


@pytest.mark.parametrize("shape", [(3, 300), (1, 1003), (100, 7)])
def test_same_bits_for_any_threads(shape, tmp_path):
    source = tmp_path / "sums.mlir"
    source.write_text(program("every", 768))
    x = np.random.default_rng(0).standard_normal((*shape, 768)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    seen = []
    for attempt, threads in enumerate((1, 1, 2, 3, 5)):
        outs = [str(tmp_path / f"{attempt}-{i}.npy") for i in range(6)]
        run([BUILD / "bin/seednorm-run", source, f"--threads={threads}",
             f"--inputs={tmp_path / 'x.npy'}", "--outputs=" + ",".join(outs)], "")
        seen.append([Path(out).read_bytes() for out in outs])
        assert seen[attempt] == seen[0], threads


REPEATED = """
func.func @f(%x: tensor<?x?x48xf32>, %p: tensor<?x1x48xbf16>, %q: tensor<1x?x48xf32>,
             %s: tensor<?x1x4xf32>, %c: tensor<48xf32>, %init: tensor<?x?x48xf32>) -> tensor<?x?x48xf32> {
  %y = rowwise.program rows(%x, %p, %q, %s : tensor<?x?x48xf32>, tensor<?x1x48xbf16>, tensor<1x?x48xf32>, tensor<?x1x4xf32>)
      columns(%c : tensor<48xf32>) outs(%init : tensor<?x?x48xf32>) {
  ^bb0(%xr: tensor<48xf32>, %pr: tensor<48xbf16>, %qr: tensor<48xf32>, %sr: tensor<4xf32>, %cr: tensor<48xf32>):
    %pe = arith.extf %pr : tensor<48xbf16> to tensor<48xf32>
    %sb = rowwise.broadcast %sr : tensor<4xf32> -> tensor<48xf32>
    %1 = arith.mulf %xr, %pe : tensor<48xf32>
    %2 = math.tanh %qr : tensor<48xf32>
    %3 = arith.addf %1, %2 : tensor<48xf32>
    %4 = arith.mulf %3, %sb : tensor<48xf32>
    %5 = arith.mulf %4, %cr : tensor<48xf32>
    rowwise.yield %5 : tensor<48xf32>
  } -> tensor<?x?x48xf32>
  return %y : tensor<?x?x48xf32>
}
"""


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 300), (130, 2)])
def test_gradients_of_repeated_rows(shape, folder):
    text = run([BUILD / "bin/seednorm-opt", "--rowwise-differentiate"], REPEATED)
    compiled = Compiled(text, folder)
    b, t = shape
    generator = torch.Generator().manual_seed(b * 1000 + t)
    random = lambda *s: torch.randn(*s, generator=generator)
    x, q, s, c, g = (random(b, t, 48), random(1, t, 48), random(b, 1, 4),
                     random(48), random(b, t, 48))
    p = random(b, 1, 48).bfloat16()
    leaves = [v.double().requires_grad_() for v in (x, p, q, s, c)]
    xd, pd, qd, sd, cd = leaves
    y = (xd * pd + qd.tanh()) * sd.repeat_interleave(12, -1) * cd
    wanted = torch.autograd.grad(y, leaves, g.double())
    arguments = [x, p.view(torch.int16), q, s, c, torch.empty(b, t, 48), g]
    got = compiled("f_backward", [a.numpy() for a in arguments],
                   [(w.dim(), np.float32) for w in wanted])
    for a, w in zip(got, wanted):
        assert a.shape == tuple(w.shape)
        scale = w.abs().max().item()
        assert np.abs(a - w.numpy()).max() <= 4e-6 * scale


def workspace(text, *passes):
    command = [BUILD / "bin/seednorm-opt", *passes, "--rowwise-report-workspace"]
    done = subprocess.run([str(c) for c in command], input=text, text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    return sum(map(int, re.findall(r"takes (\d+) bytes", done.stderr)))


@pytest.mark.parametrize("shape", [(1, 1), (3, 300), (1, 1003), (100, 7), (65, 64), (63, 999)])
@pytest.mark.parametrize("case", ["all", "last", "every"])
def test_workspace_is_what_is_allocated(case, shape):
    """The report against the allocations in the lowered code."""
    text = program(case, 38)
    text = text.replace("tensor<?x?x", f"tensor<{shape[0]}x{shape[1]}x")
    text = text.replace("tensor<?x1x", f"tensor<{shape[0]}x1x")
    text = text.replace("tensor.empty(%d0)", "tensor.empty()")
    programs = run([BUILD / "bin/seednorm-opt", "--seednorm-row-programs"], text)
    lowered = run([BUILD / "bin/seednorm-opt", "--rowwise-bufferize", "--rowwise-to-vector",
                   "--canonicalize"], programs)
    allocated = sum(8 * int(tasks) * int(width) for tasks, width in re.findall(
        r"memref.alloc\(\) : memref<(\d+)x(\d+)xf64>", lowered))
    assert allocated > 0
    assert workspace(programs) == allocated


def test_workspace_is_what_a_run_takes(tmp_path):
    """Sizes of which the allocator wastes nothing: the report is exact."""
    text = program("all", 1024).replace("?x?x1024", "4x2048x1024")
    source = tmp_path / "sums.mlir"
    source.write_text(text)
    np.save(tmp_path / "x.npy", np.ones((4, 2048, 1024), np.float32))
    common = [BUILD / "bin/seednorm-run", source, f"--inputs={tmp_path / 'x.npy'}"]
    for threads in (1, 3):
        done = subprocess.run([str(c) for c in common] + ["--report", f"--threads={threads}"],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        peak = int(re.search(r"memory: (\d+) bytes", done.stderr).group(1))
        # Results of 1024 elements and of 2, which take 64 bytes.
        assert peak == workspace(text, "--seednorm-row-programs") + 4096 + 64


SUM_F16 = """
func.func @sum(%x: tensor<?x8xf16>, %o: tensor<8xf16>) -> tensor<8xf16> {
  %y = rowwise.program rows(%x : tensor<?x8xf16>) outs(%o : tensor<8xf16>) SCHEDULE {
  ^bb0(%a: tensor<8xf16>):
    %b = rowwise.accumulate %a : tensor<8xf16>
    rowwise.yield %b : tensor<8xf16>
  } -> tensor<8xf16>
  return %y : tensor<8xf16>
}"""


@pytest.mark.parametrize("schedule", [
    "", "schedule <rows_per_block = 4, rows_in_flight = 4>",
    "schedule <tile_vectors = 1, rows_per_block = 256>"])
def test_f16_is_summed_in_more_than_f16(schedule, tmp_path):
    compiled = Compiled(SUM_F16.replace("SCHEDULE", schedule), tmp_path)
    # Neither ends where f16 does, nor loses what is small beside it.
    x = np.array([60000, 60000, 0.25, -60000, -60000, 0.25, 60000, -60000], np.float16)
    x = np.repeat(np.tile(x, 32)[:, None], 8, axis=1)
    (y,) = compiled("sum", [x, np.zeros(8, np.float16)], [(1, np.float16)])
    np.testing.assert_array_equal(y, np.full(8, 16))


MEAN_F16 = """
func.func @row(%x: tensor<2x70000xf16>, %o: tensor<2x1xf16>) -> tensor<2x1xf16> {
  %y = rowwise.program rows(%x : tensor<2x70000xf16>) outs(%o : tensor<2x1xf16>) {
  ^bb0(%a: tensor<70000xf16>):
    %m = rowwise.reduce mean %a : tensor<70000xf16> -> tensor<1xf16>
    rowwise.yield %m : tensor<1xf16>
  } -> tensor<2x1xf16>
  return %y : tensor<2x1xf16>
}
func.func @groups(%x: tensor<2x140000xf16>, %o: tensor<2x1xf16>) -> tensor<2x1xf16> {
  %y = rowwise.program rows(%x : tensor<2x140000xf16>) outs(%o : tensor<2x1xf16>) {
  ^bb0(%a: tensor<140000xf16>):
    %g = rowwise.reduce max %a : tensor<140000xf16> -> tensor<70000xf16>
    %m = rowwise.reduce mean %g : tensor<70000xf16> -> tensor<1xf16>
    rowwise.yield %m : tensor<1xf16>
  } -> tensor<2x1xf16>
  return %y : tensor<2x1xf16>
}"""


def test_f16_means_of_more_than_f16_counts(tmp_path):
    compiled = Compiled(MEAN_F16, tmp_path)
    for entry, width in (("row", 70000), ("groups", 140000)):
        x = np.zeros((2, width), np.float16)
        x[:, :600:2] = 100
        (y,) = compiled(entry, [x, np.zeros((2, 1), np.float16)], [(2, np.float16)])
        np.testing.assert_allclose(y, 30000 / 70000, rtol=1e-3)
