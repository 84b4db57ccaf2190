"""The static report on our kernels, and the benchmark that sets it beside Triton's."""

import importlib.util
import json
import shutil
import subprocess
import sys

import pytest
from harness import ROOT

FOLDER = ROOT / "benchmark/gpu-static"
CHIPS = ["sm_80", "sm_90", "sm_100", "sm_120"]


def load():
    spec = importlib.util.spec_from_file_location("run", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def widths(kernel, kind):
    return {access["bits"]: access["total"] for access in kernel["accesses"]
            if access["space"] == "global" and access["kind"] == kind}


@pytest.mark.parametrize("dtype", ["f32", "bf16"])
@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("norm", ["norm", "rms_norm", "layer_norm"])
def test_kernels(norm, direction, dtype, tmp_path):
    """No spills, two barriers a row at most, and aligned rows 128 bits at a time: only
    SeeDNorm's two statistics of a row are less."""
    run = load()
    statistics = 2 if norm == "norm" else 0
    for width in (768, 8192):
        path = tmp_path / f"{width}.mlir"
        path.write_text(run.source(norm, direction, dtype, width))
        kernels = run.report(path, "--chip=" + ",".join(CHIPS))
        rows = [k for k in kernels if k["name"].endswith("_rows")]
        assert [k["chip"] for k in rows] == CHIPS
        for kernel in rows:
            loads, stores = widths(kernel, "load"), widths(kernel, "store")
            narrow = loads if direction == "backward" else stores
            assert narrow.pop(32, 0) == statistics
            assert set(loads) == {128} and set(stores) == {128}, (width, kernel["chip"])
            # Where a task ends its rows' sums may be added up, once for many rows.
            assert (kernel["barriers"]["by_depth"] or [0])[-1] <= 2
        for kernel in kernels:
            if assembled := kernel["assembled"]:
                assert not assembled["spill_stores"] and not assembled["spill_loads"], \
                    (width, kernel["name"], kernel["chip"])


FAKE = """#!{python}
import pathlib, sys
if sys.argv[1] != "-c":
    assert sys.argv[1].endswith("triton_kernels.py")
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir()
    ptx = "// dynamic shared memory: 64\\n" + pathlib.Path("{ptx}").read_text()
    (folder / "column-sums.ptx").write_text(ptx)
    for norm in ("norm", "rms_norm", "layer_norm"):
        for direction in ("forward", "backward"):
            (folder / f"{{norm}}-{{direction}}-bf16-768.ptx").write_text(ptx)
    print("triton 0")
"""


def test_side_by_side(tmp_path):
    """With a Python that only says that it has Triton."""
    fake = tmp_path / "python"
    fake.write_text(FAKE.format(python=sys.executable, ptx=ROOT /
                                "test/Tools/seednorm-gpu-report/Inputs/kernels.ptx"))
    fake.chmod(0o755)
    out, table = tmp_path / "out.json", tmp_path / "table.md"
    subprocess.run([sys.executable, FOLDER / "run.py", "--widths", "768", "--dtypes", "bf16",
                    "--triton-python", fake, "--json", out, "--markdown", table], check=True)
    document = json.loads(out.read_text())
    assert document["triton"] == "triton 0" and len(document["records"]) == 12
    assert [r["by"] for r in document["records"][:2]] == ["ours", "Triton"]
    text = table.read_text()
    assert text.count("### ") == 6 and "unaligned" not in text
    row = next(line for line in text.splitlines() if line.startswith("| 768 | Triton |"))
    assert "| 1×128 | 1×128 | 1 | 1 | 19 |" in row
    if shutil.which("ptxas"):
        assert "| 1088 |" in row  # 1024 of the kernel's and 64 of the launch's
    assert "| 768 | ours, sums |" in text


@pytest.mark.parametrize("python", ["false", "/absent/python"])
def test_a_python_without_triton_is_an_error(python):
    done = subprocess.run([sys.executable, FOLDER / "run.py", "--triton-python", python],
                          text=True, capture_output=True)
    assert done.returncode == 1 and done.stderr == f"run.py: {python} has no triton\n"
