#!/usr/bin/env python3
"""Trains the model on the licence texts that every Debian system carries.

    python examples/tiny-lm/train.py           # about 10 minutes on one core

Writes model.safetensors, heldout.txt, loss.csv and loss.png beside this file,
then the values that examples and tests compare with: expected_tokens.npy,
expected_logits.npy and expected.json.
"""

import argparse
import csv
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from model import TinyLM

try:
    from matplotlib import pyplot
except ImportError:
    pyplot = None

HERE = Path(__file__).resolve().parent
LICENCES = Path("/usr/share/common-licenses")
PROMPT = b"This program is free software; you can redistribute it"


def read_texts():
    """The distinct licence texts: (training bytes, held-out bytes).

    The end of each text is held out, so the held-out text is prose of the same
    kind that the model has not seen.
    """
    train, held_out, seen = b"", b"", set()
    for path in sorted(LICENCES.iterdir()):
        if path.is_symlink():
            continue
        text = path.read_bytes()
        if text in seen:
            continue
        seen.add(text)
        cut = len(text) - len(text) // 20
        train += text[:cut]
        held_out += text[cut:]
    return train, held_out


def batches(data, context, size, generator):
    while True:
        starts = torch.randint(len(data) - context - 1, (size,), generator=generator)
        windows = torch.stack([data[s : s + context + 1] for s in starts])
        yield windows[:, :-1], windows[:, 1:]


def parameter_groups(model, weight_decay):
    """Weight decay on matrices and on alpha and beta, as the paper advises."""
    decayed = [p for n, p in model.named_parameters()
               if p.dim() == 2 or n.endswith(("alpha", "beta"))]
    others = [p for n, p in model.named_parameters()
              if p.dim() != 2 and not n.endswith(("alpha", "beta"))]
    return [{"params": decayed, "weight_decay": weight_decay},
            {"params": others, "weight_decay": 0.0}]


@torch.no_grad()
def perplexity(model, data):
    """Over non-overlapping windows of the context length, every byte but the
    first of each window predicted; a last window of one byte is dropped."""
    total, count = 0.0, 0
    for start in range(0, len(data) - 1, model.config.context):
        window = data[start : start + model.config.context]
        if len(window) < 2:
            break
        logits = model(window[:-1][None])[0].double()
        total += F.cross_entropy(logits, window[1:], reduction="sum").item()
        count += len(window) - 1
    return math.exp(total / count)


@torch.no_grad()
def continue_greedily(model, prompt, count):
    tokens = list(prompt)
    for _ in range(count):
        window = torch.tensor(tokens[-model.config.context:])
        tokens.append(int(model(window[None])[0, -1].argmax()))
    return bytes(tokens[len(prompt):])


def learning_rate(step, steps):
    """Relative to the peak: 100 steps of warm-up, then a cosine to 2%."""
    cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
    return min((step + 1) / 100, 0.02 + 0.98 * cosine)


def train(model, data, held_out, arguments):
    """Rows of loss.csv: step, loss, and now and then that of the held-out text."""
    optimizer = torch.optim.AdamW(parameter_groups(model, arguments.weight_decay),
                                  lr=arguments.lr, betas=(0.9, 0.95))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate(step, arguments.steps))
    generator = torch.Generator().manual_seed(arguments.seed)
    stream = batches(data, model.config.context, arguments.batch, generator)
    rows, began = [], time.time()
    for step in range(arguments.steps):
        tokens, targets = next(stream)
        loss = F.cross_entropy(model(tokens).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        rows.append([step, f"{loss.item():.5f}", ""])
        if step % 100 == 99 or step + 1 == arguments.steps:
            rows[-1][2] = f"{math.log(perplexity(model, held_out)):.5f}"
            print(f"step {step:5d}  loss {rows[-1][1]}  held out {rows[-1][2]}  "
                  f"{time.time() - began:6.0f} s", flush=True)
    return rows


def write_losses(rows):
    with open(HERE / "loss.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "loss", "held_out"])
        writer.writerows(rows)
    if not pyplot:
        print("loss.png: not written, matplotlib is not installed")
        return
    figure, axes = pyplot.subplots(figsize=(7, 4))
    axes.plot([float(loss) for _, loss, _ in rows], linewidth=0.6, label="training")
    axes.plot(*zip(*((step, float(loss)) for step, _, loss in rows if loss)),
              marker=".", label="held out")
    axes.set(xlabel="step", ylabel="loss, nats a byte", title="tiny-lm training")
    axes.legend()
    figure.tight_layout()
    figure.savefig(HERE / "loss.png", dpi=110)


@torch.no_grad()
def write_expected(model, held_out):
    window = torch.tensor(list(held_out[: model.config.context - 64]))
    np.save(HERE / "expected_tokens.npy", window.to(torch.uint8).numpy())
    np.save(HERE / "expected_logits.npy", model(window[None])[0].numpy())
    data = torch.tensor(list(held_out))
    expected = {"torch": torch.__version__,
                "perplexity": perplexity(model, data),
                "prompt": PROMPT.decode(),
                "continuation": continue_greedily(model, PROMPT, 120).decode(
                    errors="replace")}
    (HERE / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")
    print(json.dumps(expected, indent=2))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default, meaning in (
            ("steps", 1200, "optimiser steps"), ("batch", 8, "windows in a step"),
            ("lr", 3e-3, "highest learning rate"),
            ("weight-decay", 0.5, "of matrices, alpha and beta"),
            ("seed", 0, "of weights and batches"),
            ("threads", torch.get_num_threads(), "of PyTorch; moves the last bits")):
        parser.add_argument(f"--{name}", type=type(default), default=default,
                            help=f"{meaning} (default: %(default)s)")
    parser.add_argument("--expected-only", action="store_true",
                        help="keep the weights; write only the expected values")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    model = TinyLM()
    if arguments.expected_only:
        model.load_state_dict(load_file(HERE / "model.safetensors"))
        held_out = (HERE / "heldout.txt").read_bytes()
    else:
        text, held_out = read_texts()
        (HERE / "heldout.txt").write_bytes(held_out)
        print(f"{sum(p.numel() for p in model.parameters())} parameters, "
              f"{len(text)} bytes to train on, {len(held_out)} held out")
        rows = train(model, torch.tensor(list(text)), torch.tensor(list(held_out)),
                     arguments)
        save_file(model.state_dict(), HERE / "model.safetensors")
        write_losses(rows)
    write_expected(model, held_out)


if __name__ == "__main__":
    main()
