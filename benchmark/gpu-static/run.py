#!/usr/bin/env python3
"""Our GPU kernels side by side with Triton's, without a GPU.

SeeDNorm, RMSNorm and LayerNorm, forward and backward, as our compiler writes them
and as triton_kernels.py does, compiled for sm_90 and put through the same reader of
PTX and the same ptxas (build/bin/seednorm-gpu-report): registers, spills, occupancy,
widths of the global accesses, barriers, shuffles and instructions.

  benchmark/gpu-static/run.py
  benchmark/gpu-static/run.py --widths 4096 --dtypes bf16 --json out.json

Triton comes from --triton-python or SEEDNORM_TRITON_PYTHON, the Python of an
environment that has it, or from this Python if it does; else an environment of its
own is made in ~/.cache/seednorm-gpu-static (about 1 GB) by pip.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = Path(os.environ.get("SEEDNORM_BUILD_DIR", ROOT / "build"))
TRITON = "triton==3.9.0"
CHIP = "sm_90"
NORMS = {"norm": "SeeDNorm", "rms_norm": "RMSNorm", "layer_norm": "LayerNorm"}
DIRECTIONS = ("forward", "backward")
DTYPES = ("f32", "bf16")


#===-----------------------------------------------------------------------===#
# Ours
#===-----------------------------------------------------------------------===#

def source(norm, direction, dtype, width):
    """SeeDNorm's backward gets the statistics that its forward saved, as Triton's
    do; the other two compute theirs again from the row, which they read anyway."""
    x, p = f"tensor<?x{width}x{dtype}>", f"tensor<{width}x{dtype}>"
    s, sums = "tensor<?x1xf32>", f"tensor<{width}xf32>"
    names = {"norm": ("alpha", "beta", "gamma"), "rms_norm": ("gamma",),
             "layer_norm": ("gamma", "beta")}[norm]
    arguments = [f"%x : {x}", *(f"%{n} : {p}" for n in names)]
    ins = f"ins(%x : {x}) " + " ".join(f"{n}(%{n} : {p})" for n in names)
    if direction == "forward":
        inits, results = ["%y"], [x]
        if norm == "norm":
            inits += ["%s", "%s"]
            results += [s, s]
        op = norm
    else:
        arguments.append(f"%dy : {x}")
        ins += f" grad(%dy : {x})"
        if norm == "norm":
            arguments += [f"%r : {s}", f"%t : {s}"]
            ins += f" statistics(%r, %t : {s}, {s})"
        inits, results = ["%y", *["%p"] * len(names)], [x, *[sums] * len(names)]
        op = f"{norm}_backward"
    types = ", ".join(results)
    returned = ", ".join(f"%o#{i}" for i in range(len(results))) if len(results) > 1 else "%o"
    bound = f"%o:{len(results)}" if len(results) > 1 else "%o"
    return f"""
      func.func @{direction}({", ".join(arguments)}) -> ({types}) {{
        %c0 = arith.constant 0 : index
        %n = tensor.dim %x, %c0 : {x}
        %y = tensor.empty(%n) : {x}
        %s = tensor.empty(%n) : {s}
        %p = tensor.empty() : {sums}
        {bound} = seednorm.{op} {ins} outs({", ".join(inits)} : {types}) -> {types}
        return {returned} : {types}
      }}"""


def report(path, *options):
    """The tool's kernels; it says on stderr what it lacks."""
    done = subprocess.run([BUILD / "bin/seednorm-gpu-report", path, "--json", *options],
                          text=True, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"run.py: seednorm-gpu-report failed for {path}")
    return json.loads(done.stdout)["kernels"]


def compile_ours(folder, norm, direction, dtype, width):
    path = folder / f"{norm}-{direction}-{dtype}-{width}.mlir"
    path.write_text(source(norm, direction, dtype, width))
    return report(path, f"--chip={CHIP}")


#===-----------------------------------------------------------------------===#
# Triton's
#===-----------------------------------------------------------------------===#

def has_triton(python):
    try:
        return subprocess.run([python, "-c", "import triton"],
                              stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def find_triton(given):
    if given:
        if not has_triton(given):
            sys.exit(f"run.py: {given} has no triton")
        return given
    if has_triton(sys.executable):
        return sys.executable
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "seednorm-gpu-static"
    python = folder / "bin/python"
    if not has_triton(python):
        print(f"run.py: installing {TRITON} in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", TRITON], check=True)
    return python


def report_triton(path):
    shared = path.read_text().split("\n", 1)[0].rsplit(" ", 1)[1]
    return report(path, f"--dynamic-shared={shared}")


def compile_tritons(folder, python, options):
    done = subprocess.run([python, HERE / "triton_kernels.py", folder,
                           "--widths", *map(str, options.widths),
                           "--dtypes", *options.dtypes], text=True, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit("run.py: Triton's kernels do not compile")
    return done.stdout.strip()


#===-----------------------------------------------------------------------===#
# The table
#===-----------------------------------------------------------------------===#

def widths(kernel, kind):
    counts = {}
    for access in kernel["accesses"]:
        if access["space"] == "global" and access["kind"] == kind:
            counts[access["bits"]] = counts.get(access["bits"], 0) + access["total"]
    return " ".join(f"{n}×{bits}" for bits, n in sorted(counts.items(), reverse=True)) or "0"


def cells(kernel):
    assembled, occupancy = kernel["assembled"] or {}, kernel["occupancy"] or {}
    spills = assembled.get("spill_stores", 0) + assembled.get("spill_loads", 0)
    shared = assembled.get("shared", 0) + kernel["dynamic_shared"]
    return [kernel["threads"] or "–", assembled.get("registers", "–"),
            spills if assembled else "–", shared if assembled else "–",
            f"{occupancy['fraction']:.0%}" if occupancy else "–",
            widths(kernel, "load"), widths(kernel, "store"),
            kernel["barriers"]["total"], kernel["shuffles"]["total"],
            kernel["instructions"]["total"], assembled.get("code_bytes", "–")]


def label(by, kernel):
    """None for our kernels for arrays that are not aligned to 16 bytes: Triton's were
    compiled for arrays that are. The JSON has them."""
    name = kernel["name"]
    if name.endswith("_unaligned"):
        return None
    return by + (", sums" if name.endswith("_sums") else "")


HEADER = ["D", "", "threads", "registers", "spill B", "shared B", "occupancy", "loads",
          "stores", "barriers", "shuffles", "PTX", "code B"]


def print_table(stream, records):
    """One for each norm, direction and type; kernels that add up partial sums have
    rows of their own."""
    for norm, title in NORMS.items():
        for direction in DIRECTIONS:
            for dtype in DTYPES:
                chosen = [r for r in records if (r["norm"], r["direction"], r["dtype"]) ==
                          (norm, direction, dtype)]
                if not chosen:
                    continue
                print(f"\n### {title}, {direction}, {dtype}\n", file=stream)
                print(f"| {' | '.join(HEADER)} |", file=stream)
                print(f"| {' | '.join(['---:', '---'] + ['---:'] * 11)} |", file=stream)
                for record in chosen:
                    for kernel in record["kernels"]:
                        whose = label(record["by"], kernel)
                        if whose:
                            row = [record["width"], whose, *cells(kernel)]
                            print(f"| {' | '.join(map(str, row))} |", file=stream)


def measure(options, folder):
    python = find_triton(options.triton_python)
    version = compile_tritons(folder / "triton", python, options)
    sums = report_triton(folder / "triton/column-sums.ptx")
    records = []
    for norm in NORMS:
        for direction in DIRECTIONS:
            for dtype in options.dtypes:
                for width in options.widths:
                    case = {"norm": norm, "direction": direction, "dtype": dtype,
                            "width": width}
                    ours = compile_ours(folder, norm, direction, dtype, width)
                    records.append({**case, "by": "ours", "kernels": ours})
                    tritons = report_triton(folder / "triton" /
                                            f"{norm}-{direction}-{dtype}-{width}.ptx")
                    if direction == "backward":
                        tritons += sums
                    records.append({**case, "by": "Triton", "kernels": tritons})
    return version, records


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=list(DTYPES),
                        help="element types (default: all)")
    parser.add_argument("--widths", nargs="+", type=int, metavar="D",
                        default=[768, 2048, 4096, 8192],
                        help="lengths of a row (default: 768 2048 4096 8192)")
    parser.add_argument("--triton-python", default=os.environ.get("SEEDNORM_TRITON_PYTHON"),
                        metavar="PYTHON", help="the Python of an environment with Triton")
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help="write everything that the reports say to this file")
    parser.add_argument("--markdown", type=Path, metavar="FILE",
                        help="write the table to this file (default: stdout)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        version, records = measure(options, Path(folder))
    if options.json:
        options.json.write_text(json.dumps({"triton": version, "chip": CHIP,
                                            "records": records}, indent=1) + "\n")
    if options.markdown:
        with options.markdown.open("w") as stream:
            print_table(stream, records)
    else:
        print_table(sys.stdout, records)


if __name__ == "__main__":
    main()
