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


def seconds(name):
    return rule(name) if isinstance(rule(name), (int, float)) else 1.0


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
        elif str(rule(candidate)).startswith("kill"):
            # "kill" always, "kill-once" the first time
            mark = request["object"] + ".tries"
            tries = os.path.exists(mark)
            open(mark, "w").close()
            if rule(candidate) == "kill" or not tries:
                os.kill(os.getpid(), 9)
        elif rule(candidate) == "hang":
            time.sleep(1000)
        elif rule(candidate) == "wrong":
            answer = {"wrong": "far off"}
    elif what == "measure":
        answer = {"seconds": [seconds(incumbent), seconds(candidate)] * request["pairs"]}
    print(json.dumps(answer), flush=True)
