"""The commands of docs/models.md, run one after the other as they stand there."""

import os
import re
import subprocess
import sys
from pathlib import Path

from harness import BUILD, ROOT


def block(text, language):
    return re.search(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[1]


def test_models(tmp_path):
    text = (ROOT / "docs/models.md").read_text()
    (tmp_path / "block.mlir").write_text(block(text, "mlir"))
    (tmp_path / "inputs.py").write_text(block(text, "python"))
    path = os.pathsep.join([str(BUILD / "bin"), str(Path(sys.executable).parent),
                            os.environ["PATH"]])
    done = subprocess.run(["bash", "-euc", block(text, "sh")], cwd=tmp_path, text=True,
                          env={**os.environ, "PATH": path, "SEEDNORM_CACHE": "off"},
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    assert "median" in done.stdout and "y: 10x32xf32" in done.stdout
    # The residual addition is in the norm's program.
    program = re.search(r"rowwise\.program.*?rowwise\.yield", done.stdout, re.DOTALL)[0]
    assert "%arg0, %arg1" in program and "linalg.add" not in done.stdout


def test_links():
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*/*.md")):
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page}: {target}"
