"""The commands of pages in docs, run one after the other as they stand there."""

import os
import re
import subprocess
import sys
from pathlib import Path

from harness import BUILD, ROOT


def execute(page, folder):
    """Writes the files whose names their first lines say, and runs the commands."""
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", (ROOT / "docs" / page).read_text(),
                        re.DOTALL | re.MULTILINE)
    commands = "".join(code for language, code in blocks if language == "sh")
    for language, code in blocks:
        if language != "sh":
            name = re.match(r"(?://|#) ([\w-]+\.\w+)", code)[1]
            assert name in commands
            (folder / name).write_text(code)
    path = os.pathsep.join([str(BUILD / "bin"), str(Path(sys.executable).parent),
                            os.environ["PATH"]])
    done = subprocess.run(["bash", "-euc", commands], cwd=folder, text=True,
                          env={**os.environ, "PATH": path, "SEEDNORM_CACHE": "off"},
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    return done


def test_models(tmp_path):
    out = execute("models.md", tmp_path).stdout
    assert "median" in out and "y: 10x32xf32" in out
    # The residual addition is in the norm's program.
    program = re.search(r"rowwise\.program.*?rowwise\.yield", out, re.DOTALL)[0]
    assert "%arg0, %arg1" in program and "linalg.add" not in out


def test_training(tmp_path):
    done = execute("training.md", tmp_path)
    losses = [float(x) for x in re.search("^losses: (.*)", done.stdout, re.MULTILINE)[1].split()]
    assert len(losses) == 5 and all(a > b > 0 for a, b in zip(losses, losses[1:]))
    assert "result3: 64xf32" in done.stdout and "nan" not in done.stdout
    # Three sums of 64 columns in f64, and 64 partial sums of each at most.
    tasks, rest = divmod(int(re.search(r"takes (\d+) bytes", done.stderr)[1]), 3 * 64 * 8)
    assert 0 < tasks <= 64 and rest == 0
    # The last lines of the page are what --check-numerics said.
    text = (ROOT / "docs/training.md").read_text()
    place, where = re.search(r"^    (step\.mlir.* from )… (in f32.*)$", text, re.MULTILINE).groups()
    assert re.search(re.escape(place) + r"\S+ and \S+ " + re.escape(where), done.stderr)


def test_gpu(tmp_path):
    done = execute("gpu.md", tmp_path)
    assert "threads_per_row = 256" in done.stdout  # as chosen; then edited
    assert done.stdout.count("nvvm.maxntid = array<i32: 512\n") == 2
    assert "ld.global.L1::evict_first.v4.b32" in done.stdout and "bar.sync" in done.stdout
    assert "no findings" in done.stderr
    assert "norm_0_rows" in (tmp_path / "report.json").read_text()


def test_tuning(tmp_path):
    out = execute("tuning.md", tmp_path).stdout
    assert "norm#0   4096x256  1        " in out and "known: " in out
    assert "x expected" in out


def test_tuning_database(tmp_path):
    done = execute("tuning-database.md", tmp_path)
    recorded, pinned = re.findall(r"^tuning: @norm .* width 1024 rows 4096 alignment 64 threads 2 on .*: "
                                  r"[^:]+: (#rowwise.*)$", done.stderr, re.MULTILINE)
    assert recorded == pinned and done.stdout.count(pinned) == 1
    assert "rowwise.reduce" in done.stdout and "not a database\n" in done.stdout
    assert "threads 3): no schedule is recorded" in done.stderr
    # All was shared.
    assert (tmp_path / "team.json").read_text().count(pinned) == 1
    assert re.search("is damaged .*broken.db.damaged-1", done.stderr)


def test_links():
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*/*.md")):
        for target in re.findall(r"\]\((?!http)([^)#]+)[^)]*\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page}: {target}"
