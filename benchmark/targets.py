"""What the project promises of its speed, and whether a run keeps it.

  python -m benchmark.targets results.json [--fail=missed|incomplete]
"""

import argparse
import sys
from dataclasses import dataclass, field

from .report import comparisons, geometric_mean, table, title

WIDE = 768


@dataclass
class Target:
    """One line of the list. `figures` are (where, value); all of them must reach the
    bound, and so must `mean`, if there is a bound of it."""
    name: str
    bound: float
    at_most: bool = False
    mean_bound: float = 0.0
    figures: list = field(default_factory=list)
    # What this tool cannot measure.
    elsewhere: str = ""

    def reaches(self, value, bound):
        return value <= bound if self.at_most else value >= bound

    @property
    def missed(self):
        return [f for f in self.figures if not self.reaches(f[1], self.bound)]

    @property
    def mean(self):
        return geometric_mean([value for _, value in self.figures])

    @property
    def worst(self):
        return (max if self.at_most else min)(self.figures, key=lambda f: f[1])

    @property
    def status(self):
        if not self.figures:
            return "no data"
        if self.missed or (self.mean_bound and not self.reaches(self.mean, self.mean_bound)):
            return "missed"
        return "reached"


def select(found, **wanted):
    """Comparisons whose case has these values, or a value for which a test holds."""
    def fits(case):
        return all(test(case[key]) if callable(test) else case[key] == test
                   for key, test in wanted.items())
    return [c for c in found if fits(c.case)]


def of_stream(found, stream=None):
    """(where, tuned's fraction of the stream)."""
    figures = []
    for c in found:
        rival = c.find(stream, "streams") if stream else c.best_stream()
        if rival and (ratio := c.of_stream("tuned", rival)):
            figures.append((c.name, ratio))
    return figures


def stream_targets(found):
    memory = select(found, residency="dram")
    wide = lambda width: width >= WIDE
    forward = select(memory, direction="forward")
    backward = select(memory, direction="backward", dtype="f32", width=wide)
    yield Target("forward f32, D ≥ 768, of the best copy: mean", 0.90, mean_bound=0.95,
                 figures=of_stream(select(forward, dtype="f32", width=wide)))
    yield Target("forward bf16, D ≥ 768, of the best copy", 0.90,
                 figures=of_stream(select(forward, dtype="bf16", width=wide)))
    for threads, bound in ((2, 0.90), (1, 0.75)):
        yield Target("backward f32, D ≥ 768, of the best stream of 2 reads and a write, "
                     f"{threads} thread{'s' if threads > 1 else ''}", bound,
                     figures=of_stream(select(backward, threads=threads)))
    yield Target("forward, D = 64 and 128, of the best copy", 0.85,
                 figures=of_stream(select(forward, width=lambda w: w in (64, 128))))
    yield Target("forward, 16 rows of 2048 in cache, of memcpy", 0.65, figures=of_stream(
        select(found, residency="cache", direction="forward", width=2048), "copy/memcpy"))


def relative_targets(found):
    for direction in ("forward", "backward", "residual"):
        cases = select(found, residency="dram", direction=direction)
        figures = [(c.name, ratio) for c in cases if (ratio := c.to_relative())]
        yield Target(f"{direction}, in memory, time over the same generator's RMSNorm", 1.03,
                     at_most=True, figures=figures)


def peer_targets(found):
    figures = []
    for c in found:
        if (peer := c.fastest_peer()) and (ratio := c.times_as_fast(peer)):
            called = "" if c.seconds(peer)[1] else ", its call from Python included"
            figures.append((f"{c.name} against {title(peer)}{called}", ratio))
    yield Target("times as fast as the fastest peer", 1.0, figures=figures)
    for direction in ("forward", "backward", "residual"):
        figures = []
        for c in select(found, direction=direction):
            peer = c.find("compile", "PyTorch")
            if peer and (ratio := c.times_as_fast(peer)):
                figures.append((c.name, ratio))
        yield Target(f"{direction}, times as fast as torch.compile", 2.0, figures=figures)


def default_target(found):
    pairs = [(c.find("default"), c.find("tuned")) for c in found]
    ratios = [t["median"] / d["median"] for d, t in pairs if d and t]
    figures = [("geometric mean over the table", geometric_mean(ratios))] if ratios else []
    return Target("speed of default over tuned", 0.9, figures=figures)


def evaluate(document):
    found = comparisons(document)
    return [*stream_targets(found), *relative_targets(found), *peer_targets(found),
            default_target(found),
            Target("tuning a kernel to within 2 % of the exhaustive best, seconds", 60,
                   at_most=True, elsewhere="measured by seednorm-tune, not here")]


def describe(target):
    """The cells of a target."""
    sign = "≤" if target.at_most else "≥"
    bound = f"{sign} {target.bound:g}"
    if target.mean_bound:
        bound = f"{sign} {target.mean_bound:g}, each {bound}"
    if not target.figures:
        return [target.name, bound, target.elsewhere or "–", "", target.status]
    where, value = target.worst
    figure = f"{value:.3f} ({where})"
    if target.mean_bound:
        figure = f"mean {target.mean:.3f}; {figure}"
    kept = f"{len(target.figures) - len(target.missed)} of {len(target.figures)}"
    return [target.name, bound, figure, kept, target.status]


def markdown(targets):
    return table(["target", "bound", "worst", "kept", ""], map(describe, targets))


def text(targets, every=False):
    """For a terminal; with every figure that misses its bound if asked for."""
    lines = []
    for target in targets:
        name, bound, figure, kept, status = describe(target)
        lines.append(f"{status:8} {name}: {figure}, bound {bound}" +
                     (f", {kept}" if kept else ""))
        if every:
            lines += [f"           {value:.3f} {where}" for where, value in
                      sorted(target.missed, key=lambda f: f[1])]
    return "\n".join(lines)


def exit_code(targets, fail):
    statuses = {t.status for t in targets if not t.elsewhere}
    if fail and "missed" in statuses:
        return 1
    return 1 if fail == "incomplete" and "no data" in statuses else 0


def main():
    from .run import BadFile, load
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0],
                                     prog="python -m benchmark.targets")
    parser.add_argument("results", help="results.json of a run")
    parser.add_argument("--fail", choices=("missed", "incomplete"),
                        help="exit code 1 if a target is missed, or also if one has no data")
    options = parser.parse_args()
    try:
        targets = evaluate(load(options.results))
    except BadFile as error:
        parser.error(str(error))
    print(text(targets, every=True))
    return exit_code(targets, options.fail)


if __name__ == "__main__":
    sys.exit(main())
