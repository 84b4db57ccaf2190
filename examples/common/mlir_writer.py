"""Writes model IR as text: functions, structured operations, normalisations.

A value is a name and a type; every method appends one operation and gives its
value back. Dimensions are integers, or the name of an index value for a dynamic
one. The writer knows MLIR's syntax and no model.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Value:
    name: str
    shape: tuple
    element: str = "f32"

    @property
    def type(self):
        dims = "".join(f"{'?' if isinstance(d, str) else d}x" for d in self.shape)
        return f"tensor<{dims}{self.element}>"


def joined(values):
    """"%a, %b : type, type" of a list of values."""
    return (", ".join(v.name for v in values) + " : " +
            ", ".join(v.type for v in values))


class Function:
    """The body of one `func.func`."""

    def __init__(self):
        self.lines, self.count = [], 0

    def comment(self, text):
        self.lines.append(f"\n  // {text}")

    def emit(self, text, shape=None, element="f32"):
        if shape is None:
            self.lines.append(f"  {text}")
            return None
        value = Value(f"%{self.count}", tuple(shape), element)
        self.count += 1
        self.lines.append(f"  {value.name} = {text.replace('TYPE', value.type)}")
        return value

    def scalar(self, text):
        """An operation that gives a scalar or an index; its name."""
        name = f"%{self.count}"
        self.count += 1
        self.lines.append(f"  {name} = {text}")
        return name

    def dim(self, value, index):
        constant = self.scalar(f"arith.constant {index} : index")
        return self.scalar(f"tensor.dim {value.name}, {constant} : {value.type}")

    def empty(self, shape, element="f32"):
        dynamic = ", ".join(d for d in shape if isinstance(d, str))
        return self.emit(f"tensor.empty({dynamic}) : TYPE", shape, element)

    def zeros(self, shape):
        zero = self.scalar("arith.constant 0.0 : f32")
        init = self.empty(shape)
        return self.emit(f"linalg.fill ins({zero} : f32) outs({init.name} : "
                         f"{init.type}) -> TYPE", shape)

    def product(self, a, b, transposed=False):
        """a · b of matrices or batches of them; `transposed`: a · bᵀ."""
        batch, loops = a.shape[:-2], "m, n, k"
        columns = b.shape[-2] if transposed else b.shape[-1]
        out = self.zeros((*batch, a.shape[-2], columns))
        prefix = "b, " if batch else ""
        maps = ""
        if transposed:
            maps = " indexing_maps = [" + ", ".join(
                f"affine_map<({prefix}{loops}) -> ({prefix}{dims})>"
                for dims in ("m, k", "n, k", "m, n")) + "]"
        name = "linalg.batch_matmul" if batch else "linalg.matmul"
        return self.emit(f"{name}{maps} ins({joined([a, b])}) "
                         f"outs({out.name} : {out.type}) -> TYPE", out.shape)

    def generic(self, inputs, maps, shape, body, element="f32"):
        """A parallel `linalg.generic`. `maps` gives each input's loops, as
        "(t, d)"; `body` is its text, with the inputs as %a, %b, …"""
        loops = [chr(ord("i") + n) for n in range(len(shape))]
        domain = f"({', '.join(loops)})"
        every = [f"affine_map<{domain} -> ({', '.join(loops[i] for i in m)})>"
                 for m in maps]
        every.append(f"affine_map<{domain} -> {domain}>")
        out = self.empty(shape, element)
        names = [f"%{'abcdefgh'[i]}: {v.element}" for i, v in enumerate(inputs)]
        kinds = ", ".join(['"parallel"'] * len(shape))
        operands = f"ins({joined(inputs)}) " if inputs else ""
        text = "\n    ".join(line.strip() for line in body.strip().splitlines())
        return self.emit(
            f"linalg.generic {{indexing_maps = [{', '.join(every)}], "
            f"iterator_types = [{kinds}]}} {operands}outs({out.name} : {out.type}) {{\n"
            f"  ^bb0({', '.join(names + [f'%out: {element}'])}):\n    {text}\n"
            f"  }} -> TYPE", shape, element)

    def elementwise(self, inputs, body):
        identity = tuple(range(len(inputs[0].shape)))
        return self.generic(inputs, [identity] * len(inputs), inputs[0].shape, body)

    def add(self, a, b):
        return self.elementwise([a, b], """
            %r = arith.addf %a, %b : f32
            linalg.yield %r : f32""")

    def reshape(self, value, shape):
        """Splits or joins dimensions, read off the two shapes."""
        wide, narrow = ((shape, value.shape) if len(shape) > len(value.shape)
                        else (value.shape, shape))
        groups, rest = [], list(range(len(wide)))
        for size in narrow:
            group = [rest.pop(0)]
            if not isinstance(size, str):
                total = wide[group[0]]
                while total < size:
                    group.append(rest.pop(0))
                    total *= wide[group[-1]]
            groups.append(group)
        text = "[" + ", ".join(str(g) for g in groups) + "]"
        if len(shape) > len(value.shape):
            sizes = ", ".join(str(d) for d in shape)
            return self.emit(f"tensor.expand_shape {value.name} {text} output_shape "
                             f"[{sizes}] : {value.type} into TYPE", shape)
        return self.emit(f"tensor.collapse_shape {value.name} {text} : "
                         f"{value.type} into TYPE", shape)

    def transpose(self, value, order):
        out = self.empty([value.shape[i] for i in order])
        self.lines.append(
            f"  %{self.count} = linalg.transpose ins({value.name} : {value.type}) "
            f"outs({out.name} : {out.type}) permutation = {list(order)}")
        self.count += 1
        return Value(f"%{self.count - 1}", out.shape)

    def slice(self, value, offsets, sizes):
        ones = ", ".join("1" for _ in sizes)
        return self.emit(
            f"tensor.extract_slice {value.name}[{', '.join(map(str, offsets))}] "
            f"[{', '.join(map(str, sizes))}] [{ones}] : {value.type} to TYPE", sizes)

    def insert(self, value, into, offsets):
        ones = ", ".join("1" for _ in value.shape)
        return self.emit(
            f"tensor.insert_slice {value.name} into {into.name}"
            f"[{', '.join(map(str, offsets))}] [{', '.join(map(str, value.shape))}] "
            f"[{ones}] : {value.type} into {into.type}", into.shape)

    def norm(self, x, alpha, beta, gamma, attributes):
        out = self.empty(x.shape)
        parameters = " ".join(f"{name}({p.name} : {p.type})" for name, p in
                              (("alpha", alpha), ("beta", beta), ("gamma", gamma)))
        return self.emit(f"seednorm.norm ins({x.name} : {x.type}) {parameters} "
                         f"outs({out.name} : {out.type}) {{{attributes}}} -> TYPE",
                         x.shape)

    def softmax(self, x):
        out = self.empty(x.shape)
        return self.emit(f"seednorm.softmax ins({x.name} : {x.type}) "
                         f"outs({out.name} : {out.type}) -> TYPE", x.shape)

    def text(self, head, result):
        return "\n".join([f"{head} -> {result.type} {{", *self.lines,
                          f"  return {result.name} : {result.type}", "}"])
