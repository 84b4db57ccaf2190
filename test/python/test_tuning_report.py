"""The page of seednorm-tune report: well-formed, whatever the database says,
and shown by a browser that has no network."""

import html.parser
import json
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from harness import BUILD

TOOL = BUILD / "bin/seednorm-tune"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HOSTILE = "</script><script>document.title='taken'</script>\"'&\x1b[31m"


def trial(number, speedup, **changes):
    key = {"program": "0123456789abcdef" * 4, "types": "f32,f32,f32,f32->f32",
           "width": 1024 << number % 3, "rows": 4096, "alignment": 64,
           "target": "znver4+12345678", "threads": 1, "compiler": "1/llvm-22"}
    fields = [f"vectors = {1 + number % 4}", f"prefetch_rows = {number % 5}"]
    result = {"key": key, "schedule": f"#rowwise.schedule<{', '.join(fields)}>",
              "outcome": "measured", "seconds": 1e-3 / speedup,
              "speedup": speedup, "low": speedup * 0.98, "high": speedup * 1.02,
              "confidence": 0.95, "time": 1700000000 + number, "run": "run",
              "trial": number, "origin": "random" if number else "default",
              "message": ""}
    key.update(changes.pop("key", {}))
    result.update(changes)
    return result


def failure(number, outcome, message):
    result = trial(number, 1, outcome=outcome, message=message)
    for field in ("seconds", "speedup", "low", "high", "confidence"):
        result[field] = 0
    return result


TRIALS = {
    "some": [trial(i, 1 + i % 7 / 20) for i in range(60)],
    "none": [],
    "one": [trial(0, 1)],
    "failed": [failure(0, "wrong", "row 3 differs"), failure(1, "crashed", "")],
    "hostile": [trial(i, 1.1, run=HOSTILE, origin=HOSTILE) for i in range(4)]
    + [failure(5, "crashed", HOSTILE)],
}


def seednorm_tune(*arguments):
    return subprocess.run([str(TOOL), *map(str, arguments)], text=True,
                          capture_output=True)


def make_page(folder, trials, *options):
    database, page = folder / "tuning.db", folder / "report.html"
    contents = {"format": "seednorm-tuning", "version": 1, "choices": [],
                "programs": [], "measurements": trials}
    (folder / "trials.json").write_text(json.dumps(contents))
    done = seednorm_tune("import", f"--db={database}", folder / "trials.json")
    assert done.returncode == 0, done.stderr
    done = seednorm_tune("report", f"--db={database}", f"--output={page}",
                         *options)
    assert done.returncode == 0, done.stderr
    return page


class Outline(html.parser.HTMLParser):
    """What a browser would make of the page, by the rules of HTML."""

    VOID = {"meta", "br", "input", "link", "img"}

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("name", TRIALS)
def test_is_well_formed(tmp_path, name):
    text = make_page(tmp_path, TRIALS[name], "--roof=copy=12.5").read_text()
    outline = Outline()
    outline.feed(text)
    outline.close()
    assert not outline.open
    assert outline.tags.count("script") == 1
    assert {"img", "link", "iframe", "object"}.isdisjoint(outline.tags)
    assert not [a for a, _ in outline.attributes
                if a.startswith("on") or a in ("src", "style")]
    assert [v for a, v in outline.attributes
            if a == "href" and not v.startswith("#")] == []
    # As XML too, which forgives nothing.
    ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>"))


def test_shows_what_was_measured(tmp_path):
    page = make_page(tmp_path, TRIALS["some"]).read_text()
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))
    table = next(t for t in root.iter("table") if t.get("class") == "kernels")
    assert len(table.findall("tbody")) == 3
    schedules = ["".join(pre.itertext()) for pre in table.iter("pre")]
    known = [t["schedule"] for t in TRIALS["some"]]
    assert len(schedules) == 3 and set(schedules) <= set(known)
    labels = [svg.get("aria-label") for svg in root.iter("svg")]
    assert labels.count("history of the search") == 3


def test_filters(tmp_path):
    other = trial(0, 1, key={"program": "ff00" * 16, "target": "other+1"})
    trials = TRIALS["some"] + [other]
    page = make_page(tmp_path, trials, "--program=ff").read_text()
    assert "other+1" in page and "znver4" not in page
    page = make_page(tmp_path, trials, "--target=znver4+12345678").read_text()
    assert "other+1" not in page and "znver4" in page


@pytest.mark.parametrize("options, message", [
    (["--program=abc"], "has no measurement of program 'abc'"),
    (["--target=abc"], "has no measurement on target 'abc'"),
    (["--roof=copy"], "--roof is 'copy', but name=GB/s"),
    (["--roof=copy=-1"], "--roof is 'copy=-1', but name=GB/s"),
    (["--roof=copy=nan"], "--roof is 'copy=nan', but name=GB/s"),
    (["--roof=copy=1@x"], "--roof is 'copy=1@x', but name=GB/s"),
    (["--output=/nowhere/at/all.html"], "/nowhere/at/all.html"),
    (["--no-such-option"], "--no-such-option"),
])
def test_refuses(tmp_path, options, message):
    page = make_page(tmp_path, TRIALS["one"])
    page.unlink()
    done = seednorm_tune("report", f"--db={tmp_path / 'tuning.db'}",
                         f"--output={page}", *options)
    assert done.returncode == 1
    assert message in done.stderr and done.stderr.count("\n") == 1
    assert done.stdout == "" and not page.exists()


def render(page, folder, *flags):
    """The picture that a browser without a network makes, and its title."""
    picture = folder / "page.png"
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
               "--hide-scrollbars", f"--user-data-dir={folder / 'profile'}",
               "--virtual-time-budget=3000",
               # Every name resolves to nothing.
               "--host-resolver-rules=MAP * ~NOTFOUND", "--window-size=1000,1600",
               *flags]
    done = subprocess.run(
        command + [f"--screenshot={picture}", page.as_uri()],
        capture_output=True, text=True, timeout=300)
    assert picture.exists(), done.stderr[-2000:]
    done = subprocess.run(command + ["--dump-dom", page.as_uri()],
                          capture_output=True, text=True, timeout=300)
    return picture, done.stdout


@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
@pytest.mark.parametrize("name, scheme", [("some", "1"), ("some", "0"),
                                          ("hostile", "1")])
def test_is_shown_by_a_browser(tmp_path, name, scheme):
    page = make_page(tmp_path, TRIALS[name])
    picture, dom = render(page, tmp_path,
                          f"--blink-settings=preferredColorScheme={scheme}")
    image = pytest.importorskip("PIL.Image").open(picture).convert("RGB")
    colors = image.getcolors(1 << 24)
    count, page_color = max(colors)
    assert (min(page_color) > 240) if scheme == "1" else (max(page_color) < 40)
    # Neither blank nor a single block: words and pictures.
    assert 0.5 < count / (image.width * image.height) < 0.98
    assert len(colors) > 100
    # Its own script ran, and nobody else's.
    assert "<button" in dom and "<title>Tuning report</title>" in dom
