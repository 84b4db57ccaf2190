"""Answers as a worker does that knows how fast each candidate is.

usage: fake-worker.py rules.json: {"3.o": 0.5, "4.o": "crash", ...} gives seconds,
or what goes wrong; others take one second.
"""

import json
import os
import sys
import time

rules = json.load(open(sys.argv[1]))
incumbent = candidate = "default.o"


def rule(name):
    return rules.get(name, 1.0)


for line in sys.stdin:
    request = json.loads(line)
    what = request["do"]
    answer = {"ok": True}
    if what == "incumbent":
        incumbent = os.path.basename(request["object"])
    elif what == "load":
        candidate = os.path.basename(request["object"])
        assert os.path.exists(request["object"])
        if rule(candidate) == "crash":
            os.abort()
        elif rule(candidate) == "hang":
            time.sleep(1000)
        elif rule(candidate) == "wrong":
            answer = {"wrong": "far off"}
    elif what == "measure":
        answer = {"seconds": [rule(incumbent), rule(candidate)] * request["pairs"]}
    print(json.dumps(answer), flush=True)
