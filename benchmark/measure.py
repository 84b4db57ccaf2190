"""How contenders are timed: interleaved, in a random order in every round.

Knows nothing of what they compute. A contender that takes long sits rounds out.
"""

import random
import resource
import time
from dataclasses import dataclass

import numpy as np


@dataclass
class Settings:
    rounds: int = 11
    # Of one sample, at least; shorter calls are repeated.
    seconds: float = 0.02
    # Of one contender over all rounds; it always has three samples.
    budget: float = 2.0
    # Between contenders, until the threads of the one before sleep. Not spent on one
    # thread.
    pause: float = 0.01
    seed: int = 0
    # Streams that stay after a first look at all of them, of each kind.
    finalists: int = 3
    # "huge" or "small": what all inputs are in. Results are in huge ones.
    pages: str = "huge"


LEAST_SAMPLES = 3
# A call longer than this has no cache to warm.
LONG = 0.2


def page_faults():
    """Of all threads of the process, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


class Timing:
    def __init__(self, contender, settings):
        self.contender, self.samples, self.faults = contender, [], []
        contender.timed(1)
        once = contender.timed(1)
        self.repetitions = 1
        while once * self.repetitions < settings.seconds / 2 and self.repetitions < 1 << 24:
            self.repetitions = int(max(2, min(settings.seconds / max(once, 1e-9),
                                              self.repetitions * 64)))
            once = contender.timed(self.repetitions) / self.repetitions
        self.once = once
        count = int(settings.budget / max(2 * once * self.repetitions, 1e-9))
        count = min(max(count, LEAST_SAMPLES), settings.rounds)
        # Spread evenly over the rounds.
        self.rounds = {i * settings.rounds // count for i in range(count)}

    def sample(self):
        if self.once < LONG:
            # What the one before left in the caches and has not written back is not
            # this one's matter.
            self.contender.timed(1)
        before = page_faults()
        self.samples.append(self.contender.timed(self.repetitions) / self.repetitions)
        self.faults.append((page_faults() - before) / self.repetitions)


def screen(contenders, settings):
    """All but the streams that are not among the best of their kind."""
    best = {}
    for contender in contenders:
        if contender.role == "stream":
            contender.timed(1)
            once = min(contender.timed(1) for _ in range(3))
            best.setdefault(contender.computes, []).append((once, contender.name))
    kept = {name for kind in best.values() for _, name in sorted(kind)[:settings.finalists]}
    # What everybody has is always of interest.
    kept.add("copy/memcpy")
    return [c for c in contenders if c.role != "stream" or c.name in kept]


def measure(contenders, threads, settings):
    """Timings, in the order of the contenders."""
    shuffle = random.Random(settings.seed)
    timings = [Timing(c, settings) for c in screen(contenders, settings)]
    for number in range(settings.rounds):
        order = [t for t in timings if number in t.rounds]
        shuffle.shuffle(order)
        for timing in order:
            if threads > 1:
                time.sleep(settings.pause)
            timing.sample()
    return timings


def summarise(samples):
    """Median and quartiles."""
    low, middle, high = np.percentile(samples, [25, 50, 75]).tolist()
    return {"median": middle, "q1": low, "q3": high, "samples": samples}
