#!/usr/bin/env python3
"""Trains the model on the licence texts that every Debian system carries.

    python examples/tiny-lm/train.py --steps 3000

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


def train(model, data, arguments):
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.01), lr=arguments.lr,
                                  betas=(0.9, 0.95))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / 100,
                                    0.02 + 0.98 * 0.5 * (1 + math.cos(
                                        math.pi * step / arguments.steps))))
    generator = torch.Generator().manual_seed(arguments.seed)
    stream = batches(data, model.config.context, arguments.batch, generator)
    losses, began = [], time.time()
    for step in range(arguments.steps):
        tokens, targets = next(stream)
        loss = F.cross_entropy(model(tokens).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 50 == 0 or step + 1 == arguments.steps:
            print(f"step {step:5d}  loss {loss.item():.4f}  "
                  f"{time.time() - began:6.0f} s", flush=True)
        if step % 500 == 499:
            save_file(model.state_dict(), HERE / "model.safetensors")
    return losses


def write_losses(losses):
    with open(HERE / "loss.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "loss"])
        writer.writerows((i, f"{loss:.5f}") for i, loss in enumerate(losses))
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(7, 4))
    axes.plot(losses, linewidth=0.6)
    axes.set(xlabel="step", ylabel="loss, nats a byte", title="tiny-lm training")
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
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
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
        losses = train(model, torch.tensor(list(text)), arguments)
        save_file(model.state_dict(), HERE / "model.safetensors")
        write_losses(losses)
    write_expected(model, held_out)


if __name__ == "__main__":
    main()
