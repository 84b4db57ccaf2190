"""results.json as ratios, Markdown and plots. Measures nothing."""

import math
from collections import Counter

from .cases import DIRECTIONS, DTYPES, RESIDENCIES, STREAM

MEANINGS = {
    "forward": "Forward, of the best copy",
    "backward": "Backward with all gradients of parameters, of the best stream of two "
                "reads and a write",
    "residual": "Residual add and forward, of the best stream of two reads and two writes",
}
SIZES = {"dram": "in memory", "cache": "in cache"}


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


class Comparison:
    """One record, which must not be a failed one, and the ratios in it."""

    def __init__(self, record):
        self.record, self.case = record, record["case"]
        self.contenders = record["contenders"]
        self.name = "-".join(str(self.case[key]) for key in
                             ("direction", "dtype", "width", "residency", "threads"))

    def find(self, name, peer="SeeDNorm-MLIR"):
        for contender in self.contenders:
            if contender["name"] == name and contender["peer"] == peer:
                return contender
        return None

    def of_role(self, *roles):
        return [c for c in self.contenders if c["role"] in roles]

    def best_stream(self, kind=None):
        kind = kind or STREAM[self.case["direction"]]
        streams = [c for c in self.contenders
                   if c["role"] == "stream" and c["computes"] == kind]
        return min(streams, key=lambda c: c["median"], default=None)

    def seconds(self, contender):
        """Of one call, and whether it is sure. What a call from Python costs before
        anything is computed is taken off where it matters, in the cache: by the time
        of a call on one row. Where nothing certain is left, nothing is taken off."""
        whole, alone, rows = contender["median"], contender.get("one_row"), self.case["rows"]
        if not contender["from_python"] or alone is None or rows < 2:
            return whole, True
        net = (whole - alone) * rows / (rows - 1)
        return (net, True) if net > 0.25 * whole else (whole, False)

    def of_stream(self, name, stream=None):
        """The stream's time over ours, or None."""
        ours, stream = self.find(name), stream or self.best_stream()
        return stream["median"] / ours["median"] if ours and stream else None

    def times_as_fast(self, contender, name="tuned"):
        """As ours of this name: the contender's time over it, or None."""
        ours = self.find(name)
        return self.seconds(contender)[0] / ours["median"] if ours else None

    def over(self, name, other):
        """Time of one of ours over that of another, or None."""
        ours, rival = self.find(name), self.find(other)
        return ours["median"] / rival["median"] if ours and rival else None

    def to_relative(self, name="tuned"):
        """Time of SeeDNorm over that of the same generator's RMSNorm, or None."""
        return self.over(name, f"{name} RMSNorm")

    def fastest_peer(self, *roles):
        return min(self.of_role(*(roles or ("peer",))), default=None,
                   key=lambda c: self.seconds(c)[0])

    def line(self):
        """For the log."""
        parts = [f"{name} {ratio:.2f}" for name in ("default", "tuned")
                 if (ratio := self.of_stream(name))]
        text = ", ".join(parts) + f" of the best {STREAM[self.case['direction']]}"
        if (peer := self.fastest_peer()) and (ratio := self.times_as_fast(peer)):
            text += f", {ratio:.2f} times as fast as {title(peer)}"
        return text


def title(contender):
    """Of a column: who, and what it computes unless the name says so."""
    text = f"{contender['peer']} {contender['name']}"
    if contender["computes"].lower() in text.lower().replace("_", ""):
        return text
    return f"{text} ({contender['computes']})"


def comparisons(document):
    return [Comparison(r) for r in document["comparisons"] if "failure" not in r]


def spread(contender):
    return (contender["q3"] - contender["q1"]) / contender["median"]


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "| " + " | ".join("---" for _ in header) + " |"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def groups(found):
    """(residency, direction, dtype) -> comparisons by width and threads, in order."""
    for residency in RESIDENCIES:
        for direction in DIRECTIONS:
            for dtype in DTYPES:
                group = [c for c in found if (c.case["residency"], c.case["direction"],
                                              c.case["dtype"]) == (residency, direction, dtype)]
                if group:
                    yield residency, direction, dtype, sorted(
                        group, key=lambda c: (c.case["width"], c.case["threads"]))


def ratio_cell(comparison, name):
    ratio, ours = comparison.of_stream(name), comparison.find(name)
    return f"{ratio:.2f} ± {100 * spread(ours):.0f} %" if ratio else "–"


def peer_cell(comparison, key):
    contender = comparison.find(key[1], key[0])
    if not contender or not (ratio := comparison.times_as_fast(contender)):
        return "–"
    return f"{ratio:.2f}" + ("" if comparison.seconds(contender)[1] else "?")


def group_table(group):
    columns = {}
    for comparison in group:
        for contender in comparison.of_role("peer", "reference"):
            columns.setdefault((contender["peer"], contender["name"]), title(contender))
    cached = group[0].case["residency"] == "cache"
    header = ["D", "rows", "threads", "stream, GB/s", "default", "tuned"]
    forward = group[0].case["direction"] == "forward"
    header += ["tuned, of memcpy"] if cached and forward else []
    header += ["time / RMSNorm's"] + (["safe / default"] if forward else [])
    header += columns.values()
    rows = []
    for c in group:
        stream, relative = c.best_stream(), c.to_relative()
        speed = c.case["traffic"] / stream["median"] / 1e9 if stream else None
        row = [str(c.case["width"]), str(c.case["rows"]), str(c.case["threads"]),
               f"{speed:.1f}" if speed else "–",
               ratio_cell(c, "default"), ratio_cell(c, "tuned")]
        if "tuned, of memcpy" in header:
            memcpy = c.find("copy/memcpy", "streams")
            ratio = c.of_stream("tuned", memcpy) if memcpy else None
            row.append(f"{ratio:.2f}" if ratio else "–")
        row.append(f"{relative:.3f}" if relative else "–")
        if forward:
            safe = c.over("default safe", "default")
            row.append(f"{safe:.3f}" if safe else "–")
        rows.append(row + [peer_cell(c, key) for key in columns])
    return table(header, rows)


def environment_lines(document):
    where = document["environment"]
    versions = ", ".join(f"{n} {v}" for n, v in sorted(document["versions"].items()))
    runtimes = Counter(", ".join(r["openmp"]) or "none"
                       for r in document["comparisons"] if "failure" not in r)
    database = where.get("database") or "the default"
    settings = document["settings"]
    return [f"- {where['cpu']}, {where['cpus']} CPUs, last cache "
            f"{where['last_level_cache'] >> 20} MiB; {where['system']}",
            f"- commit {where['commit']}; {versions}; tuning database: {database}",
            f"- {settings['rounds']} rounds; inputs in {settings['pages']} pages; begun {document['created']}; "
            f"{len(document['comparisons'])} comparisons in "
            f"{sum(r.get('seconds', 0) for r in document['comparisons']) / 60:.0f} min",
            tuned_line(document), faults_line(document),
            "- OpenMP runtimes of a process: " +
            "; ".join(f"{files} ({count} comparisons)" for files, count in runtimes.items())]


def tuned_line(document):
    """How often the compiler said that it took a measured schedule."""
    notes = [tuned["note"] for c in comparisons(document) if (tuned := c.find("tuned"))]
    measured = [note for note in notes if note and ": cost model:" not in note]
    return f"- tuned: a schedule of the database in {len(measured)} of {len(notes)} " \
           "comparisons, the cost model's in the others"


def faults_line(document):
    """Who had page faults in its time: nobody should."""
    worst = {}
    for c in comparisons(document):
        for contender in c.contenders:
            if contender["page_faults"] >= 1:
                name = title(contender)
                worst[name] = max(worst.get(name, 0), contender["page_faults"])
    return "- page faults in a timed call: " + (
        ", ".join(f"{name} up to {count:.0f}" for name, count in worst.items()) or "none")


def skipped_lines(document):
    reasons = Counter((s["name"], s["reason"]) for r in document["comparisons"]
                      for s in r.get("skipped", []))
    lines = [f"- {name}: {reason} ({count} comparisons)"
             for (name, reason), count in reasons.items()]
    lines += [f"- the comparison {'-'.join(str(v) for v in list(r['case'].values())[:6])} "
              f"failed: {r['failure']}" for r in document["comparisons"] if "failure" in r]
    return lines


def tables(document):
    """The Markdown tables of a run, without what the run says of itself."""
    text = ["Ours: the fraction of the stream's speed, ± the interquartile range of our "
            "times. Others: how many times as long as tuned they take"
            " (?: mostly the call from Python).\n"]
    for residency, direction, dtype, group in groups(comparisons(document)):
        text.append(f"### {MEANINGS[direction]}: {dtype}, {SIZES[residency]}\n")
        text.append(group_table(group))
    return "\n".join(text)


def results(document):
    """All that a page about a run shows: where it ran, targets, tables, what is missing."""
    from . import targets
    text = ["\n".join(environment_lines(document)) + "\n",
            targets.markdown(targets.evaluate(document)), tables(document)]
    if skipped := skipped_lines(document):
        text += ["Skipped:\n", "\n".join(skipped) + "\n"]
    return "\n".join(text)


PLACE = ("<!-- benchmark -->", "<!-- /benchmark -->")


def insert(page, text):
    """The page with the text between the lines that mark its place; None without."""
    before, begin, rest = page.partition(f"{PLACE[0]}\n")
    _, end, after = rest.partition(PLACE[1])
    return f"{before}{begin}\n{text}\n{end}{after}" if begin and end else None


def markdown(document, plots=(), older=None):
    text = ["# SeeDNorm-MLIR: benchmark\n", results(document)]
    if older:
        text += ["### Against an older run\n", compare(document, older)]
    text += [f"![{name}]({name})\n" for name in plots]
    return "\n".join(text)


def details(document):
    """Every median and spread."""
    rows = []
    for c in comparisons(document):
        for contender in c.contenders:
            alone = contender.get("one_row")
            rows.append([c.name, title(contender), f"{contender['median'] * 1e6:.1f}",
                         f"{contender['q1'] * 1e6:.1f}", f"{contender['q3'] * 1e6:.1f}",
                         str(len(contender["samples"])), f"{contender['page_faults']:.0f}",
                         f"{alone * 1e6:.1f}" if alone else "", f"{contender['error']:.1e}"])
    return "# Every time, in µs\n\n" + table(
        ["comparison", "contender", "median", "lower quartile", "upper quartile", "samples",
         "page faults", "on one row", "relative error"], rows)


def compare(document, older):
    """Our fractions of the streams, of both runs; a change is one beyond the spreads."""
    before = {c.name: c for c in comparisons(older)}
    rows = []
    for c in comparisons(document):
        old = before.get(c.name)
        for name in ("default", "tuned"):
            new_ratio = c.of_stream(name)
            old_ratio = old.of_stream(name) if old else None
            if not new_ratio or not old_ratio:
                continue
            noise = max(0.03, spread(c.find(name)), spread(old.find(name)))
            change = new_ratio / old_ratio - 1
            verdict = "" if abs(change) <= noise else "better" if change > 0 else "worse"
            rows.append([c.name, name, f"{old_ratio:.3f}", f"{new_ratio:.3f}",
                         f"{100 * change:+.1f} %", verdict])
    if not rows:
        return "The runs have no comparison in common.\n"
    return f"The older run is of {older['created']}, commit " \
           f"{older['environment']['commit']}.\n\n" + table(
               ["comparison", "schedule", "older", "now", "change", "beyond the spread"], rows)


# ===-----------------------------------------------------------------------===#
# Plots
# ===-----------------------------------------------------------------------===#

ROLE_STYLES = {"ours": ("-", 2.2), "relative": (":", 1.2), "reference": (":", 1.2),
               "peer": ("-", 1.2)}


def lines_of(group):
    """Title -> (role, [(D, fraction of the best stream)])."""
    lines = {}
    for c in group:
        stream = c.best_stream()
        for contender in c.of_role(*ROLE_STYLES) if stream else ():
            if contender["name"] != "default safe":
                lines.setdefault(title(contender), (contender["role"], []))[1].append(
                    (c.case["width"], stream["median"] / c.seconds(contender)[0]))
    return lines


def plot_panel(axes, group, colours, label):
    from matplotlib import ticker
    for name, (role, points) in lines_of(group).items():
        style, width = ROLE_STYLES[role]
        axes.plot(*zip(*points), marker="o", markersize=2 + 1.5 * width, linewidth=width,
                  linestyle=style, label=name,
                  color=colours.setdefault(name, f"C{len(colours)}"))
    axes.axhline(1, color="black", linewidth=0.8)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    widths = sorted({c.case["width"] for c in group})
    axes.set_xticks(widths, list(map(str, widths)), rotation=45, fontsize=8)
    axes.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    axes.set_title(label, fontsize=10)
    axes.grid(True, which="both", linewidth=0.3)


def plot(document, folder):
    """SVG files in the folder; their names. None without matplotlib."""
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use("Agg")
    # No date and no random identifiers in the files.
    matplotlib.rcParams["svg.hashsalt"] = "seednorm"
    colours = matplotlib.colormaps["tab20"].colors
    matplotlib.rcParams["axes.prop_cycle"] = matplotlib.cycler(
        color=colours[::2] + colours[1::2])
    from matplotlib import pyplot
    panels = {}
    for residency, direction, dtype, group in groups(comparisons(document)):
        for threads in sorted({c.case["threads"] for c in group}):
            panels.setdefault((residency, direction), []).append(
                (f"{dtype}, {threads} thread{'s' if threads > 1 else ''}",
                 [c for c in group if c.case["threads"] == threads]))
    names, colours = [], {}
    for (residency, direction), entries in panels.items():
        columns = min(len(entries), 2)
        count = -(-len(entries) // columns)
        figure, axes = pyplot.subplots(count, columns, squeeze=False, sharey=True,
                                       figsize=(4.5 * columns + 3, 3.6 * count + 0.6))
        for place in axes.flat[len(entries):]:
            place.set_visible(False)
        for place, (label, group) in zip(axes.flat, entries):
            plot_panel(place, group, colours, label)
        handles = {text: handle for place in axes.flat
                   for handle, text in zip(*place.get_legend_handles_labels())}
        figure.suptitle(f"{MEANINGS[direction]}; {SIZES[residency]}, by D", fontsize=11)
        figure.tight_layout(rect=(0, 0, 1 - 2.6 / (4.5 * columns + 3), 1))
        figure.legend(handles.values(), handles, fontsize=8, loc="center right")
        names.append(f"{direction}-{residency}.svg")
        figure.savefig(folder / names[-1], metadata={"Date": None})
        pyplot.close(figure)
    return names
