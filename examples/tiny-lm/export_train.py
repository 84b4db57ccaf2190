#!/usr/bin/env python3
"""Writes tiny-lm-train.mlir: one optimiser step of the model of export.py.

    python examples/tiny-lm/export_train.py      # rewrites tiny-lm-train.mlir

Needs no PyTorch. The entry

    @train_step(tokens, targets, lr, step, parameters, moments)
        -> (loss, step, parameters, moments)

takes a batch of windows, of sizes that are part of the module. It computes the
mean loss and its gradient, which the compiler derives from @loss, and applies
AdamW as torch.optim.AdamW does. A result that has an argument's name is that
argument's value in the next step.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from export import (HERE, Config, Model, Value, block_function, losses,
                    parameter_shapes, values)
from mlir_writer import Module


@dataclass(frozen=True)
class Training:
    windows: int = 4
    tokens: int = 128
    beta1: float = 0.9
    beta2: float = 0.95
    eps: float = 1e-8
    weight_decay: float = 0.5


def is_trained(name):
    return not name.startswith("rope")


def is_decayed(name):
    """Matrices, alpha and beta, as the paper advises."""
    return not name.endswith("gamma")


def batch(training):
    shape = (training.windows, training.tokens)
    return [Value(f"%{name}", shape, "i8") for name in ("tokens", "targets")]


def loss_function(module, config, training):
    """The mean over all targets of all windows."""
    tokens, targets = batch(training)
    parameters = values(parameter_shapes(config))
    rows = training.windows * training.tokens
    block = block_function(module, config, rows, training.tokens)
    f = module.function("loss", [tokens, targets, *parameters.values()], private=True)
    model = Model(config, f, parameters)
    x = model.blocks(f.reshape(tokens, (rows,)), block, training.tokens)
    each = losses(model, x, f.reshape(targets, (rows,)))
    f.comment("Their mean.")
    mean = f.row_program(f.reshape(each, (1, rows)), 1, """
        %r = rowwise.reduce mean %x : ROW -> tensor<1xf32>
        rowwise.yield %r : tensor<1xf32>""")
    f.give_back(f.reshape(mean, ()))
    return f


def loss_gradient(module, loss):
    """Declares it: the compiler writes the body."""
    trained = [(i, v) for i, v in enumerate(loss.arguments)
               if v.element == "f32" and is_trained(v.name[1:])]
    wanted = ", ".join(str(i) for i, _ in trained)
    return module.declare(
        "loss_gradient", [*loss.arguments, *loss.results],
        [*loss.results, *(v for _, v in trained)],
        "seednorm.gradient_of = @loss, seednorm.with_values,\n"
        f"      seednorm.wrt = array<i64: {wanted}>")


def update_function(module, training, shape):
    """AdamW of one parameter. The step size has the bias correction of the first
    moment in it; what remains of a parameter after its decay is `keep`."""
    state = [Value(name, shape) for name in
             ("%parameter", "%gradient", "%exp_avg", "%exp_avg_sq")]
    scalars = [Value(name, ()) for name in ("%step_size", "%correction", "%keep")]
    name = "update_" + "x".join(map(str, shape))
    f = module.function(name, [*state, *scalars], private=True)
    loops = "ij"[:len(shape)]
    f.give_back(*f.generics(
        [*state, *scalars], [loops] * 4 + [""] * 3, shape, f"""
        %rate1 = arith.constant {1 - training.beta1!r} : f32
        %beta2 = arith.constant {training.beta2!r} : f32
        %rate2 = arith.constant {1 - training.beta2!r} : f32
        %eps = arith.constant {training.eps:.1e} : f32
        %change = arith.subf %b, %c : f32
        %part = arith.mulf %change, %rate1 : f32
        %m = arith.addf %c, %part : f32
        %old = arith.mulf %d, %beta2 : f32
        %square = arith.mulf %b, %b : f32
        %new = arith.mulf %square, %rate2 : f32
        %v = arith.addf %old, %new : f32
        %root = math.sqrt %v : f32
        %corrected = arith.divf %root, %f : f32
        %below = arith.addf %corrected, %eps : f32
        %kept = arith.mulf %a, %g : f32
        %direction = arith.divf %m, %below : f32
        %step = arith.mulf %direction, %e : f32
        %p = arith.subf %kept, %step : f32
        linalg.yield %p, %m, %v : f32, f32, f32""", ["f32"] * 3))
    return f


def step_scalars(f, training, lr, step):
    """Of the step with this number, counted from 1: its size, the root of the bias
    correction of the second moment, what decay keeps, and 1."""
    return f.generics([lr, step], ["", ""], (), f"""
        %one = arith.constant 1.0 : f64
        %beta1 = arith.constant {training.beta1!r} : f64
        %beta2 = arith.constant {training.beta2!r} : f64
        %decay = arith.constant {training.weight_decay!r} : f64
        %n = arith.sitofp %b : i64 to f64
        %power1 = math.powf %beta1, %n : f64
        %correction1 = arith.subf %one, %power1 : f64
        %size = arith.divf %a, %correction1 : f64
        %power2 = math.powf %beta2, %n : f64
        %correction2 = arith.subf %one, %power2 : f64
        %root = math.sqrt %correction2 : f64
        %lost = arith.mulf %a, %decay : f64
        %kept = arith.subf %one, %lost : f64
        %s = arith.truncf %size : f64 to f32
        %r = arith.truncf %root : f64 to f32
        %k = arith.truncf %kept : f64 to f32
        %all = arith.constant 1.0 : f32
        linalg.yield %s, %r, %k, %all : f32, f32, f32, f32""", ["f32"] * 4)


def train_step(module, config, training, gradient):
    tokens, targets = batch(training)
    lr, step = Value("%lr", (), "f64"), Value("%step", (), "i64")
    shapes = parameter_shapes(config)
    parameters = values(shapes)
    trained = {n: s for n, s in shapes.items() if is_trained(n)}
    moments = {f"{m}.{n}": s for m in ("exp_avg", "exp_avg_sq") for n, s in trained.items()}
    state = parameters | values(moments)
    updates = {s: update_function(module, training, s)
               for s in dict.fromkeys(trained.values())}
    named = {v.name[1:]: v for v in (tokens, targets, lr, step)} | state
    f = module.function("train_step", [(v, f'seednorm.name = "{n}"')
                                       for n, v in named.items()])

    f.comment("The loss and its gradient.")
    one = f.scalar("arith.constant dense<1.0> : tensor<f32>")
    loss, *gradients = f.call(gradient, [tokens, targets, *parameters.values(),
                                         Value(one, ())])
    f.comment("AdamW.")
    following = f.generic([step], [""], (), """
        %one = arith.constant 1 : i64
        %r = arith.addi %a, %one : i64
        linalg.yield %r : i64""", "i64")
    size, root, kept, everything = step_scalars(f, training, lr, following)
    results = {"loss": loss, "step": following}
    for (name, shape), g in zip(trained.items(), gradients):
        names = [name, f"exp_avg.{name}", f"exp_avg_sq.{name}"]
        p, m, v = (state[n] for n in names)
        results |= zip(names, f.call(updates[shape], [
            p, g, m, v, size, root, kept if is_decayed(name) else everything]))
    f.give_back(*((v, f'seednorm.name = "{n}"') for n, v in results.items()))


def export(config=Config(), training=Training()):
    module = Module(f"// Written by export_train.py: {config},\n// {training}.\n"
                    f"// A map's name lists the loops, then those that it reads.")
    loss = loss_function(module, config, training)
    train_step(module, config, training, loss_gradient(module, loss))
    return module.text()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=HERE / "tiny-lm-train.mlir",
                        help="file to write (default: %(default)s)")
    parser.parse_args().output.write_text(export())


if __name__ == "__main__":
    main()
