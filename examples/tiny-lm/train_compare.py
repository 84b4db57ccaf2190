#!/usr/bin/env python3
"""Trains the model in PyTorch for tiny-lm-train to be compared with.

    python examples/tiny-lm/train_compare.py FOLDER
    build/bin/tiny-lm-train FOLDER --losses=examples/tiny-lm/training.csv
    python examples/tiny-lm/train_compare.py --plot examples/tiny-lm/training.csv

The first writes initial.safetensors (the weights before the first step),
batches.safetensors (for each step its windows, their targets and the learning
rate) and losses.csv into FOLDER. The last draws training.png beside the file of
losses that tiny-lm-train has written.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch.nn import functional as F

from export_train import Training, is_decayed, is_trained
from model import TinyLM
from train import batches, learning_rate, parameter_groups, pyplot, read_texts

HIGHEST_RATE = 1e-3


def train(model, stream, rates, training):
    """The loss of each step, by torch.optim.AdamW."""
    optimizer = torch.optim.AdamW(
        parameter_groups(model, training.weight_decay), eps=training.eps,
        betas=(training.beta1, training.beta2))
    for (tokens, targets), rate in zip(stream, rates):
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = F.cross_entropy(model(tokens).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def compare(folder, steps, seed):
    training = Training()
    torch.manual_seed(seed)
    model = TinyLM()
    text, _ = read_texts()
    generator = torch.Generator().manual_seed(seed)
    stream = batches(torch.tensor(list(text)), training.tokens, training.windows, generator)
    stream = [next(stream) for _ in range(steps)]
    rates = [HIGHEST_RATE * learning_rate(step, steps) for step in range(steps)]

    folder.mkdir(parents=True, exist_ok=True)
    save_file({n: t.numpy() for n, t in model.state_dict().items()},
              folder / "initial.safetensors")
    tokens, targets = (torch.stack(parts).to(torch.uint8).numpy() for parts in zip(*stream))
    save_file({"tokens": tokens, "targets": targets, "lr": np.array(rates)},
              folder / "batches.safetensors")
    with open(folder / "losses.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "loss"])
        for step, loss in enumerate(train(model, stream, rates, training)):
            writer.writerow([step, f"{loss:.7f}"])
    print(f"{steps} steps of {training.windows} windows of {training.tokens} bytes: "
          f"the last loss is {loss:.5f}")


def plot(path):
    with open(path) as file:
        rows = [[float(cell) for cell in row] for row in list(csv.reader(file))[1:]]
    steps, ours, theirs, differences = zip(*rows)
    figure, (above, below) = pyplot.subplots(
        2, sharex=True, figsize=(7, 5), height_ratios=(3, 2))
    above.plot(steps, theirs, linewidth=3, alpha=0.4, label=f"PyTorch {torch.__version__}")
    above.plot(steps, ours, linewidth=0.8, color="black", label="tiny-lm-train, compiled")
    above.set(ylabel="loss, nats a byte", title=f"tiny-lm, the same {len(rows)} steps twice")
    above.legend()
    below.semilogy(steps, differences, ".", markersize=3)
    below.axhline(1e-3, color="tab:red", linewidth=0.8, label="allowed")
    below.set(xlabel="step", ylabel="relative difference")
    below.legend(loc="center right")
    figure.tight_layout()
    figure.savefig(path.with_suffix(".png"), dpi=110)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="folder to write")
    parser.add_argument("--steps", type=int, default=200,
                        help="optimiser steps (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0,
                        help="of weights and batches (default: %(default)s)")
    parser.add_argument("--plot", type=Path, metavar="CSV",
                        help="draw these losses instead; needs matplotlib")
    arguments = parser.parse_args()
    if bool(arguments.folder) == bool(arguments.plot):
        parser.error("give a folder to write, or --plot")
    if arguments.plot and not pyplot:
        parser.error("--plot needs matplotlib")
    if arguments.plot:
        plot(arguments.plot)
    else:
        compare(arguments.folder, arguments.steps, arguments.seed)


if __name__ == "__main__":
    main()
