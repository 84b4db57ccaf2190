"""Writes model IR as text: functions, structured operations, normalisations.

A value is a name and a type; every method appends one operation and gives its
value back. Dimensions are integers, or the name of an index value for a dynamic
one. The writer knows MLIR's syntax and no model.
"""

from dataclasses import dataclass, replace
from string import ascii_lowercase
from textwrap import fill

INDENT = " " * 6


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
    return f"{names(values)} : {types(values)}"


def names(values):
    return ", ".join(v.name for v in values)


def types(values):
    return ", ".join(v.type for v in values)


def listed(values, named=True):
    """Values, or (value, attributes), one a line: "%a: type {attributes}"."""
    return ",\n    ".join((f"{v.name}: " if named else "") + v.type +
                          (f" {{{attributes}}}" if attributes else "")
                          for v, attributes in map(with_attributes, values))


def with_attributes(value):
    return value if isinstance(value, tuple) else (value, None)


class Module:
    """Functions, and the affine maps that they share."""

    def __init__(self, title):
        self.title, self.maps, self.functions = title, {}, []

    def map(self, loops, dims):
        """The name of a map, both sides given as letters: "mnk", "nk"."""
        name = f"#{loops}_{dims or 'scalar'}"
        self.maps[name] = (f"affine_map<({', '.join(loops)}) -> "
                           f"({', '.join(dims)})>")
        return name

    def function(self, name, arguments, private=False):
        """A new function. `arguments` are values, or (value, attributes)."""
        function = Function(self, name, arguments, private)
        self.functions.append(function)
        return function

    def declare(self, name, arguments, results, attributes):
        """A private function without a body: a pass writes it."""
        function = self.function(name, arguments, private=True)
        function.results, function.attributes = results, attributes
        return function

    def text(self):
        maps = "\n".join(f"{n} = {m}" for n, m in sorted(self.maps.items()))
        return "\n\n".join([self.title, maps, *map(Function.text, self.functions)]) + "\n"


class Function:
    def __init__(self, module, name, arguments, private):
        self.module, self.name, self.private = module, name, private
        self.arguments, self.results, self.attributes = arguments, [], None
        self.lines, self.count = [], 0

    # Lines and names.

    def comment(self, *lines):
        self.lines += ["", *(f"  // {line}" for line in lines)]

    def statement(self, text):
        """An operation without results."""
        self.lines.append(f"  {text}")

    def scalar(self, text, count=1):
        """An operation that gives a scalar or an index; its name."""
        name = f"%{self.count}"
        self.count += 1
        self.lines.append(f"  {name}{f':{count}' if count > 1 else ''} = {text}")
        return name

    def emit(self, text, shape, element="f32"):
        """An operation that gives a tensor, whose type stands for TYPE."""
        [value] = self.emit_all(text, [Value("", tuple(shape), element)])
        return value

    def emit_all(self, text, likes):
        """An operation that gives tensors like those; TYPE stands for its type or
        types."""
        kind = types(likes) if len(likes) == 1 else f"({types(likes)})"
        name = self.scalar(text.replace("TYPE", kind), len(likes))
        return [replace(v, name=name if len(likes) == 1 else f"{name}#{i}")
                for i, v in enumerate(likes)]

    def give_back(self, *values):
        """Ends the function. Results are values, or (value, attributes)."""
        self.results = values
        self.statement(f"return {joined([with_attributes(v)[0] for v in values])}")

    # Scalars.

    def index(self, number):
        return self.scalar(f"arith.constant {number} : index")

    def dim(self, value, index):
        return self.scalar(f"tensor.dim {value.name}, {self.index(index)} : {value.type}")

    def count_rows(self, value):
        """Defines the name of the first dimension of an argument."""
        self.statement("%zero = arith.constant 0 : index")
        self.statement(f"{value.shape[0]} = tensor.dim {value.name}, %zero : {value.type}")

    def require(self, left, predicate, right, message):
        """Ends the invocation with an error unless two indices compare so."""
        holds = self.scalar(f"arith.cmpi {predicate}, {left}, {right} : index")
        self.statement(f'cf.assert {holds}, "{message}"')

    # Tensors.

    def empty(self, shape, element="f32"):
        dynamic = ", ".join(d for d in shape if isinstance(d, str))
        return self.emit(f"tensor.empty({dynamic}) : TYPE", shape, element)

    def zeros(self, shape):
        zero = self.scalar("arith.constant 0.0 : f32")
        init = self.empty(shape)
        return self.emit(f"linalg.fill ins({zero} : f32) outs({init.name} : "
                         f"{init.type}) -> TYPE", shape)

    def reshape(self, value, shape):
        """Splits or joins dimensions, read off the two shapes."""
        splits = len(shape) > len(value.shape)
        wide, narrow = (shape, value.shape) if splits else (value.shape, shape)
        refused = ValueError(f"{value.type} cannot become {Value('', tuple(shape)).type}")
        groups, rest = [], list(range(len(wide)))
        for size in narrow:
            group, rest = rest[:1], rest[1:]
            total = wide[group[0]] if group else None
            while rest and isinstance(size, int) and isinstance(total, int) and total < size:
                group.append(rest.pop(0))
                total *= wide[group[-1]]
            if total != size:
                raise refused
            groups.append(group)
        if any(wide[i] != 1 for i in rest):
            raise refused
        if groups:
            groups[-1] += rest
        text = "[" + ", ".join(str(g) for g in groups) + "]"
        if splits:
            sizes = ", ".join(str(d) for d in shape)
            return self.emit(f"tensor.expand_shape {value.name} {text} output_shape "
                             f"[{sizes}] : {value.type} into TYPE", shape,
                             value.element)
        return self.emit(f"tensor.collapse_shape {value.name} {text} : "
                         f"{value.type} into TYPE", shape, value.element)

    def slice(self, value, offsets, sizes):
        ones = ", ".join("1" for _ in sizes)
        return self.emit(
            f"tensor.extract_slice {value.name}[{', '.join(map(str, offsets))}] "
            f"[{', '.join(map(str, sizes))}] [{ones}] : {value.type} to TYPE",
            sizes, value.element)

    def insert(self, value, into, offsets):
        ones = ", ".join("1" for _ in value.shape)
        return self.emit(
            f"tensor.insert_slice {value.name} into {into.name}"
            f"[{', '.join(map(str, offsets))}] [{', '.join(map(str, value.shape))}] "
            f"[{ones}] : {value.type} into TYPE", into.shape, into.element)

    def transpose(self, value, order):
        out = self.empty([value.shape[i] for i in order], value.element)
        name = self.scalar(
            f"linalg.transpose ins({value.name} : {value.type}) "
            f"outs({out.name} : {out.type}) permutation = {list(order)}")
        return Value(name, out.shape, out.element)

    # Structured operations.

    def product(self, a, b, transposed=False):
        """a · b of matrices or batches of them; `transposed`: a · bᵀ."""
        batch = "b" if len(a.shape) == 3 else ""
        columns = b.shape[-2] if transposed else b.shape[-1]
        out = self.zeros((*a.shape[:-1], columns))
        maps = ""
        if transposed:
            maps = " indexing_maps = [" + ", ".join(
                self.module.map(f"{batch}mnk", f"{batch}{dims}")
                for dims in ("mk", "nk", "mn")) + "]"
        name = "linalg.batch_matmul" if batch else "linalg.matmul"
        return self.emit(f"{name}{maps} ins({joined([a, b])}) "
                         f"outs({out.name} : {out.type}) -> TYPE", out.shape)

    def generic(self, inputs, dims, shape, body, element="f32"):
        """A parallel `linalg.generic`. `dims` gives the loops i, j, k, … that
        each input is read by; `body` is text, with the inputs as %a, %b, …"""
        [value] = self.generics(inputs, dims, shape, body, [element])
        return value

    def generics(self, inputs, dims, shape, body, elements):
        """The same with a result of each element type."""
        loops = ascii_lowercase[8 : 8 + len(shape)]
        maps = ", ".join(self.module.map(loops, d)
                         for d in [*dims, *(loops for _ in elements)])
        kinds = ", ".join(['"parallel"'] * len(shape))
        outs = [self.empty(shape, element) for element in elements]
        arguments = [f"%{ascii_lowercase[i]}: {v.element}" for i, v in enumerate(inputs)]
        arguments += [f"%out{i or ''}: {v.element}" for i, v in enumerate(outs)]
        operands = f"ins({joined(inputs)}) " if inputs else ""
        text = "\n    ".join(line.strip() for line in body.strip().splitlines())
        return self.emit_all(
            f"linalg.generic {{indexing_maps = [{maps}], iterator_types = [{kinds}]}}\n"
            f"      {operands}outs({joined(outs)}) {{\n"
            f"  ^bb0({', '.join(arguments)}):\n    {text}\n"
            f"  }} -> TYPE", outs)

    def elementwise(self, inputs, body):
        loops = ascii_lowercase[8 : 8 + len(inputs[0].shape)]
        return self.generic(inputs, [loops] * len(inputs), inputs[0].shape, body)

    def add(self, a, b):
        """a + b, where b may be one row for all of a's."""
        loops = ascii_lowercase[8 : 8 + len(a.shape)]
        return self.generic([a, b], [loops, loops[-len(b.shape):]], a.shape, """
            %r = arith.addf %a, %b : f32
            linalg.yield %r : f32""")

    # Rows.

    def norm(self, x, alpha, beta, gamma, attributes):
        out = self.empty(x.shape)
        parameters = " ".join(f"{name}({p.name} : {p.type})" for name, p in
                              (("alpha", alpha), ("beta", beta), ("gamma", gamma)))
        return self.emit(f"seednorm.norm ins({x.name} : {x.type})\n"
                         f"      {parameters}\n"
                         f"      outs({out.name} : {out.type}) {{{attributes}}} -> TYPE",
                         x.shape)

    def softmax(self, x):
        out = self.empty(x.shape)
        return self.emit(f"seednorm.softmax ins({x.name} : {x.type}) "
                         f"outs({out.name} : {out.type}) -> TYPE", x.shape)

    def row_program(self, x, width, body):
        """One row of `width` values of each row %x; `body` is text in which ROW
        is the type of %x."""
        out = self.empty((*x.shape[:-1], width))
        row = Value("", x.shape[-1:]).type
        text = "\n    ".join(line.strip() for line in body.strip().splitlines())
        return self.emit(
            f"rowwise.program rows({x.name} : {x.type}) outs({out.name} : {out.type}) {{\n"
            f"  ^bb0(%x: {row}):\n    {text.replace('ROW', row)}\n"
            f"  }} -> TYPE", out.shape)

    # The whole.

    def call(self, callee, arguments):
        """The results. Dynamic dimensions have the same names in the caller and
        `callee`."""
        operands, kinds = (fill(text, 96, initial_indent=INDENT, subsequent_indent=INDENT)
                           for text in (names(arguments), types(arguments)))
        return self.emit_all(f"call @{callee.name}(\n{operands})\n      : (\n{kinds})"
                             f" -> TYPE", callee.results)

    def text(self):
        visibility = "private " if self.private else ""
        is_declared = self.attributes is not None
        head = (f"func.func {visibility}@{self.name}(\n"
                f"    {listed(self.arguments, not is_declared)}) -> ")
        if len(self.results) == 1 and not isinstance(self.results[0], tuple):
            head += self.results[0].type
        else:
            head += f"(\n    {listed(self.results, named=False)})"
        if is_declared:
            return f"{head}\n    attributes {{{self.attributes}}}"
        return "\n".join([f"{head} {{", *self.lines, "}"])
