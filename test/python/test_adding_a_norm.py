"""The walk of docs/adding-a-norm.md, taken: its patches applied to a copy of the
sources, built, tested, run and compared with NumPy."""

import os
import re
import shutil
import subprocess

import numpy as np
import pytest

from harness import BUILD, LLVM, ROOT

PATCH = "".join(
    re.findall(r"^```diff\n(.*?)^```$", (ROOT / "docs/adding-a-norm.md").read_text(),
               re.DOTALL | re.MULTILINE))
MODEL = """
func.func @f(%x: tensor<?x24xf32>, %g: tensor<24xf32>) -> tensor<?x24xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x24xf32>
  %init = tensor.empty(%n) : tensor<?x24xf32>
  %y = seednorm.group_rms_norm ins(%x : tensor<?x24xf32>) gamma(%g : tensor<24xf32>)
      outs(%init : tensor<?x24xf32>) {groups = 3 : i64} -> tensor<?x24xf32>
  return %y : tensor<?x24xf32>
}"""


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True,
                          **options)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.fixture(scope="module")
def patched(tmp_path_factory):
    sources = tmp_path_factory.mktemp("sources")
    for name in ("CMakeLists.txt", "cmake", "include", "lib", "runtime", "test", "tools"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, sources / name)
    run("patch", "-p1", "--no-backup-if-mismatch", cwd=sources, input=PATCH)
    run("cmake", "-G", "Ninja", "-S", sources, "-B", sources / "build",
        "-DCMAKE_BUILD_TYPE=Release", "-DSEEDNORM_INCLUDE_EXAMPLES=OFF",
        "-DSEEDNORM_INCLUDE_BENCHMARKS=OFF")
    run("ninja", "-C", sources / "build", "seednorm-opt", "seednorm-run", "seednorm_rt")
    return sources


def test_is_short():
    added = [l for l in PATCH.splitlines() if l[:1] == "+" and l[:3] != "+++"]
    removed = [l for l in PATCH.splitlines() if l[:1] == "-" and l[:3] != "---"]
    files = re.findall(r"^\+\+\+ b/(\S+)", PATCH, re.MULTILINE)
    assert len(added) <= 60
    assert not removed
    assert [os.path.dirname(f) for f in files] == [
        "include/seednorm/Dialect/SeeDNorm/IR", "lib/Conversion/SeeDNormToRowwise",
        "test/Dialect/SeeDNorm/IR"]


def test_lit(patched):
    run(LLVM / "lit", "-sv", patched / "build/test", "--filter", "group-rms-norm")


def test_runs(patched, tmp_path):
    generator = np.random.default_rng(0)
    x = generator.standard_normal((5, 24)).astype(np.float32)
    gamma = generator.standard_normal(24).astype(np.float32)
    groups = x.astype(np.float64).reshape(5, 3, 8)
    groups /= np.sqrt((groups**2).mean(-1, keepdims=True) + 1e-6)
    (tmp_path / "model.mlir").write_text(MODEL)
    for name, array in (("x", x), ("g", gamma),
                        ("y", (groups.reshape(5, 24) * gamma).astype(np.float32))):
        np.save(tmp_path / name, array)
    for target in ("cpu", "reference"):
        run(patched / "build/bin/seednorm-run", "model.mlir", "--inputs=x.npy,g.npy",
            "--compare=y.npy", "--rtol=1e-6", "--atol=1e-7", "--target=" + target,
            "--no-cache", cwd=tmp_path)


def test_backward_needs_no_code(patched, tmp_path):
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(0)
    random = lambda *s: torch.randn(*s, generator=generator)
    x, gamma, dy = random(5, 24), random(24), random(5, 24)
    leaves = [t.double().requires_grad_() for t in (x, gamma)]
    groups = leaves[0].unflatten(-1, (3, 8))
    y = groups * torch.rsqrt(groups.square().mean(-1, keepdim=True) + 1e-6)
    expected = torch.autograd.grad(y.flatten(-2) * leaves[1], leaves, dy.double())
    (tmp_path / "model.mlir").write_text(MODEL)
    run(patched / "build/bin/seednorm-opt", "model.mlir", "--seednorm-to-rowwise",
        "--rowwise-differentiate", "-o", "backward.mlir", cwd=tmp_path)
    entry = re.search(r"@(\w+_backward)", (tmp_path / "backward.mlir").read_text())[1]
    for name, tensor in (("x", x), ("g", gamma), ("dy", dy)):
        np.save(tmp_path / name, tensor.numpy())
    run(patched / "build/bin/seednorm-run", "backward.mlir", "--entry=" + entry,
        "--inputs=x.npy,g.npy,dy.npy", "--outputs=dx.npy,dg.npy", "--no-cache",
        cwd=tmp_path)
    for name, gradient in zip(("dx", "dg"), expected):
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), gradient,
                                   rtol=1e-5, atol=1e-5)
