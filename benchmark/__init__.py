"""Our kernels against streams, libraries and frameworks: scripts/benchmark.sh.

cases.py says what is computed, peers/ who computes it, measure.py how it is timed;
worker.py is the process of one comparison, run.py starts one after the other and keeps
results.json, report.py and targets.py read that file. docs/performance.md is the manual.
"""
