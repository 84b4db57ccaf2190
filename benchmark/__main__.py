"""The command line of scripts/benchmark.sh."""

import argparse
import itertools
import os
import sys
from pathlib import Path

from . import report, run, targets
from .cases import DIRECTIONS, DTYPES, RESIDENCIES, THREADS, WIDTHS, Case
from .measure import Settings
from .peers import OPTIONAL

DESCRIPTION = """
Measures SeeDNorm-MLIR's kernels against streams of the same memory traffic, oneDNN,
PyTorch, JAX, ONNX Runtime and the same generator's RMSNorm. Each comparison is a process
of its own, in which all take turns in a random order, pinned to as many cores as they
have threads. Every result is checked against float64 first.

What it writes to the output folder: results.json, after every comparison; report.md with
the targets and tables; details.md with every time; plots as SVG.

Peers that are not installed are named as skipped. To install them all:
  .venv/bin/pip install -r benchmark/requirements.txt
"""

EXAMPLES = """
examples:
  scripts/benchmark.sh --quick
  scripts/benchmark.sh --widths 2048 4096 --directions backward --peers none
  scripts/benchmark.sh --resume                       go on after an interruption
  scripts/benchmark.sh --compare=old/results.json     what has changed
  scripts/benchmark.sh --from=build/benchmark/results.json   the report again
"""

# What --quick measures of each dimension, unless it is given.
QUICK = {"widths": [128, 2048], "dtypes": ["f32"], "directions": ["forward", "backward"],
         "threads": list(THREADS), "residencies": list(RESIDENCIES)}
FULL = {"widths": list(WIDTHS), "dtypes": list(DTYPES), "directions": list(DIRECTIONS),
        "threads": list(THREADS), "residencies": list(RESIDENCIES)}


def at_least(least):
    def parse(text):
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is no whole number")
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}, got {value}")
        return value
    return parse


def make_parser():
    parser = argparse.ArgumentParser(
        prog="scripts/benchmark.sh", description=DESCRIPTION, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_argument_group("what to measure (default: everything)")
    what.add_argument("--quick", action="store_true",
                      help="D = 128 and 2048, f32, forward and backward, fewer rounds")
    what.add_argument("--widths", nargs="+", type=at_least(1), metavar="D",
                      help=f"elements of a row ({' '.join(map(str, WIDTHS))})")
    what.add_argument("--dtypes", nargs="+", choices=DTYPES, help="element types")
    what.add_argument("--directions", nargs="+", choices=DIRECTIONS,
                      help="forward, backward with all gradients, forward after a "
                           "residual add")
    what.add_argument("--threads", nargs="+", type=at_least(1), metavar="T",
                      help="threads, and cores to pin to (1 2)")
    what.add_argument("--residencies", nargs="+", choices=RESIDENCIES,
                      help="arrays of four times the last cache, or of 32 Ki elements")
    what.add_argument("--peers", nargs="+", choices=(*OPTIONAL, "none"),
                      default=list(OPTIONAL),
                      help="besides the streams and ours (default: all)")
    how = parser.add_argument_group("how")
    how.add_argument("--rounds", type=at_least(3), metavar="N",
                     help=f"samples of each (default {Settings.rounds}; 5 if quick)")
    how.add_argument("--array-mib", type=at_least(1), metavar="N",
                     help="MiB of an array in memory (default: four times the last cache)")
    how.add_argument("--pages", choices=("huge", "small"), default="huge",
                     help="the pages that all inputs are in (default huge, where memory "
                          "is fastest; results are in huge ones always)")
    how.add_argument("--database", type=Path, metavar="FILE",
                     help="tuning database that 'tuned' uses (default: as the runtime)")
    how.add_argument("--time-limit", type=at_least(1), default=900, metavar="S",
                     help="seconds for one comparison (default 900)")
    out = parser.add_argument_group("results")
    out.add_argument("--output", type=Path, default=run.ROOT / "build/benchmark",
                     metavar="DIR", help="folder to write to (default build/benchmark)")
    out.add_argument("--resume", action="store_true",
                     help="keep what results.json there has of the same settings")
    out.add_argument("--compare", type=Path, metavar="FILE",
                     help="results.json of an older run")
    out.add_argument("--from", type=Path, metavar="FILE", dest="source",
                     help="measure nothing: make the report of this results.json")
    out.add_argument("--page", type=Path, metavar="FILE",
                     help="also put targets and tables into this Markdown file, between "
                          f"the lines '{report.PLACE[0]}' and '{report.PLACE[1]}'")
    out.add_argument("--fail", choices=("missed", "incomplete"),
                     help="exit code 1 if a target is missed, or also if one has no data")
    out.add_argument("--list", action="store_true", help="name the comparisons, run none")
    out.add_argument("--no-build", action="store_true",
                     help="do not build what the benchmark needs")
    return parser


def select(options):
    defaults = QUICK if options.quick else FULL
    values = {name: getattr(options, name) or defaults[name] for name in defaults}
    array_bytes = options.array_mib << 20 if options.array_mib else None
    return [Case.create(direction, dtype, width, residency, threads, array_bytes)
            for residency, direction, dtype, width, threads in itertools.product(
                values["residencies"], values["directions"], values["dtypes"],
                values["widths"], values["threads"])]


def check_page(parser, page):
    try:
        if report.insert(page.read_text(), "") is None:
            parser.error(f"'{page}' has no lines '{report.PLACE[0]}' and "
                         f"'{report.PLACE[1]}'")
    except OSError as error:
        parser.error(f"cannot read '{page}': {error.strerror}")


def write_reports(document, folder, older, page):
    plots = report.plot(document, folder)
    if plots is None:
        print("no plots: the Python module 'matplotlib' is not installed")
    (folder / "report.md").write_text(report.markdown(document, plots or (), older))
    (folder / "details.md").write_text(report.details(document))
    if page:
        page.write_text(report.insert(page.read_text(), report.results(document)))


def check_threads(parser, cases):
    cpus = len(os.sched_getaffinity(0))
    most = max(case.threads for case in cases)
    if most > cpus:
        parser.error(f"--threads asks for {most}, but there are {cpus} CPUs")


def main():
    parser = make_parser()
    options = parser.parse_args()
    if "none" in options.peers and len(options.peers) > 1:
        parser.error("--peers: 'none' cannot stand beside others")
    cases = select(options)
    if options.list:
        print("\n".join(f"{case.name} ({case.rows} rows)" for case in cases))
        return 0
    peers = ["streams", "seednorm", *(p for p in OPTIONAL if p in options.peers)]
    settings = Settings(rounds=options.rounds or (5 if options.quick else Settings.rounds),
                        pages=options.pages)
    if options.database:
        os.environ["SEEDNORM_TUNING_DB"] = str(options.database.resolve())
    folder = options.output
    if options.page:
        check_page(parser, options.page)
    try:
        older = run.load(options.compare) if options.compare else None
        if options.source:
            document = run.load(options.source)
            folder.mkdir(parents=True, exist_ok=True)
        else:
            check_threads(parser, cases)
            folder.mkdir(parents=True, exist_ok=True)
            document = run.run(cases, peers, settings, folder / "results.json",
                               options.resume, options.time_limit,
                               log=lambda line: print(line, flush=True))
    except run.BadFile as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print(f"interrupted; {folder / 'results.json'} has what was measured, "
              "--resume goes on", file=sys.stderr)
        return 130
    write_reports(document, folder, older, options.page)
    found = targets.evaluate(document)
    print(targets.text(found))
    for line in report.skipped_lines(document):
        print("skipped" + line[1:])
    print(f"written: {folder / 'report.md'}")
    if not report.comparisons(document):
        print("no comparison succeeded", file=sys.stderr)
        return 1
    return targets.exit_code(found, options.fail)


if __name__ == "__main__":
    sys.exit(main())
