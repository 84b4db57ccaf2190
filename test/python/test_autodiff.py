"""Gradients of whole transformer blocks, from seednorm-autodiff.

The model has what a language model has: an embedding that is gathered, SeeDNorm
before and after attention, heads, rotations of slices, a causal mask, softmax, a
gated MLP, a loss that reads one logit of each row. Its gradients, with forward
values saved or computed again, are compared with PyTorch's in float64 and with
central finite differences of the compiled forward.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harness import BUILD, Compiled, run  # noqa: E402

VOCABULARY, WIDTH, HEADS, HIDDEN = 11, 12, 3, 20
HEAD = WIDTH // HEADS
BLOCK = {"wq": (WIDTH, WIDTH), "wk": (WIDTH, WIDTH), "wv": (WIDTH, WIDTH),
         "gate": (HIDDEN, WIDTH), "down": (WIDTH, HIDDEN), "alpha": (WIDTH,),
         "beta": (WIDTH,), "gamma": (WIDTH,), "gamma2": (WIDTH,)}
PARAMETERS = {"embedding": (VOCABULARY, WIDTH),
              **{f"{n}{i}": s for i in (0, 1) for n, s in BLOCK.items()}}


def tensor(shape, dtype):
    return f"tensor<{'x'.join(map(str, shape))}x{dtype}>"


def block(dtype, attributes):
    x, h = f"tensor<?x{WIDTH}x{dtype}>", f"tensor<?x{HIDDEN}x{dtype}>"
    half = f"tensor<?x{HEADS}x{HEAD // 2}x{dtype}>"
    split, heads = f"tensor<?x{HEADS}x{HEAD}x{dtype}>", f"tensor<{HEADS}x?x{HEAD}x{dtype}>"
    scores = f"tensor<{HEADS}x?x?x{dtype}>"
    rope = f"tensor<?x{HEAD // 2}x{dtype}>"
    p = {n: tensor(s, dtype) for n, s in BLOCK.items()}
    arguments = ", ".join(f"%{n}: {t}" for n, t in p.items())

    def product(name, a, b, kind):
        return f"""
          %{name}z = linalg.fill ins(%zero : {dtype}) outs(%{kind}e : {kind_type(kind)}) -> {kind_type(kind)}
          %{name} = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%{a}, %{b} : {kind_type('h' if a == 'act' else 'x')}, {p[b]})
              outs(%{name}z : {kind_type(kind)}) -> {kind_type(kind)}"""

    def kind_type(kind):
        return {"x": x, "h": h}[kind]

    def norm(name, of, gamma, extra=""):
        parameters = f"alpha(%alpha : {p['alpha']}) beta(%beta : {p['beta']}) " if extra else ""
        op = "norm" if extra else "rms_norm"
        return f"""
          %{name} = seednorm.{op} ins(%{of} : {x}) {parameters}gamma(%{gamma} : {p[gamma]})
              outs(%xe : {x}) {{{extra}}} -> {x}"""

    def rotate(name, of):
        return f"""
          %{name}s = tensor.expand_shape %{of} [[0], [1, 2]] output_shape [%n, {HEADS}, {HEAD}] : {x} into {split}
          %{name}a = tensor.extract_slice %{name}s[0, 0, 0] [%n, {HEADS}, {HEAD // 2}] [1, 1, 1] : {split} to {half}
          %{name}b = tensor.extract_slice %{name}s[0, 0, {HEAD // 2}] [%n, {HEADS}, {HEAD // 2}] [1, 1, 1] : {split} to {half}
          %{name}e = tensor.empty(%n) : {half}
          %{name}c = linalg.generic {{indexing_maps = [#ijk, #ijk, #ik, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}}
              ins(%{name}a, %{name}b, %cos : {half}, {half}, {rope}) outs(%{name}e : {half}) {{
          ^bb0(%a: {dtype}, %b: {dtype}, %c: {dtype}, %o: {dtype}):
            %turned = arith.mulf %a, %c : {dtype}
            %r = arith.subf %turned, %b : {dtype}
            linalg.yield %r : {dtype}
          }} -> {half}
          %{name}f = tensor.empty(%n) : {split}
          %{name}g = tensor.insert_slice %{name}c into %{name}f[0, 0, 0] [%n, {HEADS}, {HEAD // 2}] [1, 1, 1] : {half} into {split}
          %{name}h = tensor.insert_slice %{name}a into %{name}g[0, 0, {HEAD // 2}] [%n, {HEADS}, {HEAD // 2}] [1, 1, 1] : {half} into {split}
          {transpose(name, name + "h")}"""

    def transpose(name, of):
        return f"""
          %{name}i = tensor.empty(%n) : {heads}
          %{name} = linalg.transpose ins(%{of} : {split}) outs(%{name}i : {heads}) permutation = [1, 0, 2]"""

    return f"""
      func.func private @block(%x: {x}, %cos: {rope}, {arguments}) -> {x} {attributes} {{
          %c0 = arith.constant 0 : index
          %zero = arith.constant 0.0 : {dtype}
          %n = tensor.dim %x, %c0 : {x}
          %xe = tensor.empty(%n) : {x}
          %he = tensor.empty(%n) : {h}
          {norm("normed", "x", "gamma", "heads = 2")}
          {product("q0", "normed", "wq", "x")}
          {product("k0", "normed", "wk", "x")}
          {product("v0", "normed", "wv", "x")}
          {rotate("q", "q0")}
          {rotate("k", "k0")}
          %vs = tensor.expand_shape %v0 [[0], [1, 2]] output_shape [%n, {HEADS}, {HEAD}] : {x} into {split}
          {transpose("v", "vs")}
          %se = tensor.empty(%n, %n) : {scores}
          %sz = linalg.fill ins(%zero : {dtype}) outs(%se : {scores}) -> {scores}
          %s = linalg.batch_matmul indexing_maps = [#bmk, #bnk, #bmn] ins(%q, %k : {heads}, {heads}) outs(%sz : {scores}) -> {scores}
          %masked = linalg.generic {{indexing_maps = [#ijk, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}}
              ins(%s : {scores}) outs(%se : {scores}) {{
          ^bb0(%a: {dtype}, %o: {dtype}):
            %minus = arith.constant {"0xFFF0000000000000" if dtype == "f64" else "0xFF800000"} : {dtype}
            %from = linalg.index 1 : index
            %to = linalg.index 2 : index
            %seen = arith.cmpi ule, %to, %from : index
            %r = arith.select %seen, %a, %minus : {dtype}
            linalg.yield %r : {dtype}
          }} -> {scores}
          %probability = seednorm.softmax ins(%masked : {scores}) outs(%se : {scores}) -> {scores}
          %me = tensor.empty(%n) : {heads}
          %mz = linalg.fill ins(%zero : {dtype}) outs(%me : {heads}) -> {heads}
          %m = linalg.batch_matmul ins(%probability, %v : {scores}, {heads}) outs(%mz : {heads}) -> {heads}
          %te = tensor.empty(%n) : {split}
          %t = linalg.transpose ins(%m : {heads}) outs(%te : {split}) permutation = [1, 0, 2]
          %mixed = tensor.collapse_shape %t [[0], [1, 2]] : {split} into {x}
          {norm("after", "mixed", "gamma2")}
          %y = arith.addf %x, %after : {x}
          {product("up", "y", "gate", "h")}
          %act = linalg.generic {{indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}}
              ins(%up : {h}) outs(%he : {h}) {{
          ^bb0(%a: {dtype}, %o: {dtype}):
            %r0 = math.tanh %a : {dtype}
            %r1 = arith.mulf %a, %r0 : {dtype}
            linalg.yield %r1 : {dtype}
          }} -> {h}
          {product("z", "act", "down", "x")}
          %out = arith.addf %y, %z : {x}
          return %out : {x}
      }}"""


def model(dtype, attributes=""):
    x = f"tensor<?x{WIDTH}x{dtype}>"
    scores = f"tensor<?x{VOCABULARY}x{dtype}>"
    rope = f"tensor<?x{HEAD // 2}x{dtype}>"
    shapes = {n: tensor(s, dtype) for n, s in PARAMETERS.items()}
    parameters = ", ".join(f"%{n}: {t}" for n, t in shapes.items())
    types = ", ".join(shapes.values())
    arguments = f"%tokens: tensor<?xi32>, %cos: {rope}, {parameters}"
    call = lambda i, of: f"""
          %b{i} = call @block({', '.join([of, '%cos', *(f'%{n}{i}' for n in BLOCK)])})
            : ({', '.join([x, rope, *(tensor(s, dtype) for s in BLOCK.values())])}) -> {x}"""
    return f"""
      #mk = affine_map<(m, n, k) -> (m, k)>
      #nk = affine_map<(m, n, k) -> (n, k)>
      #mn = affine_map<(m, n, k) -> (m, n)>
      #bmk = affine_map<(b, m, n, k) -> (b, m, k)>
      #bnk = affine_map<(b, m, n, k) -> (b, n, k)>
      #bmn = affine_map<(b, m, n, k) -> (b, m, n)>
      #i = affine_map<(i) -> (i)>
      #ij = affine_map<(i, j) -> (i, j)>
      #ii = affine_map<(i, j) -> (i)>
      #ik = affine_map<(i, j, k) -> (i, k)>
      #ijk = affine_map<(i, j, k) -> (i, j, k)>
      {block(dtype, attributes)}
      func.func @loss({arguments}) -> tensor<?x{dtype}> {{
          %c0 = arith.constant 0 : index
          %zero = arith.constant 0.0 : {dtype}
          %n = tensor.dim %tokens, %c0 : tensor<?xi32>
          %e = tensor.empty(%n) : {x}
          %b = linalg.generic {{indexing_maps = [#ii, #ij], iterator_types = ["parallel", "parallel"]}}
              ins(%tokens : tensor<?xi32>) outs(%e : {x}) {{
          ^bb0(%a: i32, %o: {dtype}):
            %row = arith.index_cast %a : i32 to index
            %column = linalg.index 1 : index
            %r = tensor.extract %embedding[%row, %column] : {shapes['embedding']}
            linalg.yield %r : {dtype}
          }} -> {x}
          {call(0, "%b")}
          {call(1, "%b0")}
          %le = tensor.empty(%n) : {scores}
          %lz = linalg.fill ins(%zero : {dtype}) outs(%le : {scores}) -> {scores}
          %l = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%b1, %embedding : {x}, {shapes['embedding']})
              outs(%lz : {scores}) -> {scores}
          %p = seednorm.softmax ins(%l : {scores}) outs(%le : {scores}) -> {scores}
          %re = tensor.empty(%n) : tensor<?x{dtype}>
          %loss = linalg.generic {{indexing_maps = [#i, #i], iterator_types = ["parallel"]}}
              ins(%tokens : tensor<?xi32>) outs(%re : tensor<?x{dtype}>) {{
          ^bb0(%a: i32, %o: {dtype}):
            %column = arith.index_cast %a : i32 to index
            %row = linalg.index 0 : index
            %r0 = tensor.extract %p[%row, %column] : {scores}
            %r1 = math.log %r0 : {dtype}
            %r = arith.negf %r1 : {dtype}
            linalg.yield %r : {dtype}
          }} -> tensor<?x{dtype}>
          return %loss : tensor<?x{dtype}>
      }}
      func.func private @loss_gradient({arguments}, %d: tensor<?x{dtype}>) -> (tensor<?x{dtype}>, {types})
          attributes {{seednorm.gradient_of = @loss, seednorm.with_values,
                       seednorm.wrt = array<i64: {', '.join(str(i + 2) for i in range(len(shapes)))}>}}
      func.func @step({arguments}, %d: tensor<?x{dtype}>) -> (tensor<?x{dtype}>, {types}) {{
          %0:{1 + len(shapes)} = call @loss_gradient({', '.join(['%tokens', '%cos', *('%' + n for n in shapes), '%d'])})
            : (tensor<?xi32>, {rope}, {types}, tensor<?x{dtype}>) -> (tensor<?x{dtype}>, {types})
          return {', '.join(f'%0#{i}' for i in range(1 + len(shapes)))} : tensor<?x{dtype}>, {types}
      }}"""


def reference(tokens, cos, parameters):
    p = dict(zip(PARAMETERS, parameters))
    rms = lambda x: x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)
    n = len(tokens)

    def rotate(v):
        a, b = v.view(n, HEADS, HEAD).chunk(2, -1)
        return torch.cat([a * cos[:, None] - b, a], -1).transpose(0, 1)

    x = p["embedding"][tokens.long()]
    for i in (0, 1):
        q = lambda name: p[f"{name}{i}"]
        s = torch.tanh((x * q("beta")).view(n, 2, -1).sum(-1, keepdim=True))
        s = s.expand(n, 2, WIDTH // 2).reshape(n, WIDTH)
        normed = (s * q("alpha") + q("gamma")) * rms(x)
        query, key = rotate(normed @ q("wq").T), rotate(normed @ q("wk").T)
        value = (normed @ q("wv").T).view(n, HEADS, HEAD).transpose(0, 1)
        mask = torch.ones(n, n).tril() == 0
        weights = torch.softmax((query @ key.mT).masked_fill(mask, -torch.inf), -1)
        mixed = (weights @ value).transpose(0, 1).reshape(n, WIDTH)
        x = x + rms(mixed) * q("gamma2")
        up = x @ q("gate").T
        x = x + (up * up.tanh()) @ q("down").T
    chosen = torch.softmax(x @ p["embedding"].T, -1)[torch.arange(n), tokens.long()]
    return -torch.log(chosen)


def values(dtype, tokens=7, seed=0):
    generator = np.random.default_rng(seed)
    random = lambda *shape: generator.standard_normal(shape)
    parameters = [(random(*s) * (s[-1] ** -0.5 if len(s) == 2 else 1) /
                   (4 if "beta" in n else 1)).astype(dtype) for n, s in PARAMETERS.items()]
    return (generator.integers(0, VOCABULARY, tokens, np.int32),
            random(tokens, HEAD // 2).astype(dtype), parameters, random(tokens).astype(dtype))


def call(compiled, dtype, tokens, cos, parameters, d):
    results = [(1, dtype)] + [(len(s), dtype) for s in PARAMETERS.values()]
    return compiled("step", [tokens, cos, *parameters, d], results)


def expected(tokens, cos, parameters, d, dtype=torch.float64):
    leaves = [torch.from_numpy(p).to(dtype).requires_grad_() for p in parameters]
    loss = reference(torch.from_numpy(tokens), torch.from_numpy(cos).to(dtype), leaves)
    gradients = torch.autograd.grad(loss, leaves, torch.from_numpy(d).to(dtype))
    return [t.detach().double().numpy() for t in (loss, *gradients)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("autodiff")


@pytest.mark.parametrize("attributes", ["", "attributes {seednorm.recompute}"],
                         ids=["saved", "recomputed"])
@pytest.mark.parametrize("dtype", ["f64", "f32"])
def test_against_pytorch(attributes, dtype, folder):
    """f32: at most twice as far from float64 as PyTorch's own f32 gradients are,
    on average over several texts."""
    compiled = Compiled(model(dtype, attributes), folder)
    dtype = {"f64": np.float64, "f32": np.float32}[dtype]
    ours, theirs = np.zeros((2, 1 + len(PARAMETERS)))
    for seed, tokens in enumerate((1, 7, 7, 7, 33)):
        arguments = values(dtype, tokens, seed)
        exact = expected(*arguments)
        got = call(compiled, dtype, *arguments)
        eager = expected(*arguments, torch.float32)
        for i, (a, b, e) in enumerate(zip(got, eager, exact)):
            scale = max(np.abs(e).max(), 1e-3)
            ours[i] += np.abs(a - e).max() / scale
            theirs[i] += np.abs(b - e).max() / scale
    if dtype == np.float64:
        assert ours.max() < 1e-11
    else:
        assert (ours <= np.maximum(2 * theirs, 5e-6)).all(), ours / theirs


def test_finite_differences(folder):
    """Along several random directions of all parameters together."""
    compiled = Compiled(model("f64"), folder)
    tokens, cos, parameters, d = values(np.float64)
    _, *gradients = call(compiled, np.float64, tokens, cos, parameters, d)
    generator, step = np.random.default_rng(1), 1e-6
    for _ in range(5):
        directions = [generator.standard_normal(p.shape) for p in parameters]
        loss = []
        for sign in (1, -1):
            moved = [p + sign * step * v for p, v in zip(parameters, directions)]
            (y,) = compiled("loss", [tokens, cos, *moved], [(1, np.float64)])
            loss.append((y * d).sum())
        slope = sum((g * v).sum() for g, v in zip(gradients, directions))
        assert abs((loss[0] - loss[1]) / (2 * step) - slope) <= 1e-6 * max(abs(slope), 1)


def test_recomputing_saves_nothing():
    """With it no forward hands anything over; without, one does."""
    passes = [BUILD / "bin/seednorm-opt", "--seednorm-autodiff"]
    assert "@block_forward" in run(passes, model("f32"))
    assert "@block_forward" not in run(passes, model("f32", "attributes {seednorm.recompute}"))
    option = [passes[0], "--seednorm-autodiff=recompute"]
    assert "@block_forward" not in run(option, model("f32"))


def test_interpreter_agrees(tmp_path, folder):
    """The interpreter gives declared gradients their bodies too."""
    arguments = values(np.float64)
    tokens, cos, parameters, d = arguments
    names = []
    for i, array in enumerate((tokens, cos, *parameters, d)):
        names.append(str(tmp_path / f"{i}.npy"))
        np.save(names[-1], array)
    outs = [str(tmp_path / f"out{i}.npy") for i in range(1 + len(PARAMETERS))]
    source = tmp_path / "model.mlir"
    source.write_text(model("f64"))
    run([BUILD / "bin/seednorm-run", source, "--entry=step", "--target=reference",
         "--inputs=" + ",".join(names), "--outputs=" + ",".join(outs)], "")
    for a, out in zip(call(Compiled(model("f64"), folder), np.float64, *arguments), outs):
        np.testing.assert_allclose(a, np.load(out), rtol=1e-9, atol=1e-11)


SUMS = {
    "broadcast": ("%b: tensor<8xbf16>, %n: tensor<?x8xbf16>", """
        %y = linalg.broadcast ins(%b : tensor<8xbf16>) outs(%n : tensor<?x8xbf16>) dimensions = [0]""",
                  "tensor<?x8xbf16>", "tensor<8xbf16>", "tensor<8xf32>"),
    "gather": ("%t: tensor<3x8xbf16>, %n: tensor<?x8xbf16>", """
        %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
            outs(%n : tensor<?x8xbf16>) {
        ^bb0(%o: bf16):
          %row = arith.constant 1 : index
          %column = linalg.index 1 : index
          %v = tensor.extract %t[%row, %column] : tensor<3x8xbf16>
          linalg.yield %v : bf16
        } -> tensor<?x8xbf16>""", "tensor<?x8xbf16>", "tensor<3x8xbf16>", "tensor<3x8xf32>"),
    "slice": ("%t: tensor<2x8xbf16>, %n: tensor<?x8xbf16>", """
        %g = tensor.extract_slice %t[1, 0] [1, 8] [1, 1] : tensor<2x8xbf16> to tensor<8xbf16>
        %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>,
                                              affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
            ins(%n, %g : tensor<?x8xbf16>, tensor<8xbf16>) outs(%n : tensor<?x8xbf16>) {
        ^bb0(%a: bf16, %b: bf16, %o: bf16):
          %v = arith.mulf %a, %b : bf16
          linalg.yield %v : bf16
        } -> tensor<?x8xbf16>""", "tensor<?x8xbf16>", "tensor<2x8xbf16>", "tensor<2x8xf32>"),
}


@pytest.mark.parametrize("kind", SUMS)
def test_narrow_sums_are_not_rounded(kind, folder):
    """4097 ones are 4097; in bf16 they would be 256."""
    arguments, body, y, operand, gradient = SUMS[kind]
    types = ", ".join(a.split(": ")[1] for a in arguments.split(", "))
    names = ", ".join(a.split(": ")[0] for a in arguments.split(", "))
    text = f"""
      func.func private @f({arguments}) -> {y} {{{body}
        return %y : {y}
      }}
      func.func private @d({types}, {y}) -> {gradient}
          attributes {{seednorm.gradient_of = @f, seednorm.wrt = array<i64: 0>}}
      func.func @g({arguments}, %dy: {y}) -> {gradient} {{
        %0 = call @d({names}, %dy) : ({types}, {y}) -> {gradient}
        return %0 : {gradient}
      }}"""
    shape = [int(s) for s in operand[len("tensor<"):-len("xbf16>")].split("x")]
    one = np.float32(1).view(np.int32) >> 16  # the bits of a bf16
    ones = lambda *s: np.full(s, one, np.int16)
    (got,) = Compiled(text, folder)("g", [ones(*shape), ones(4097, 8), ones(4097, 8)],
                                    [(len(shape), np.float32)])
    assert got.max() == 4097 and got.sum() == 8 * 4097


def test_powers_stay_in_range(folder):
    """The gradient of a fourth power of normalised rows whose own fourth power
    overflows."""
    text = """
      func.func private @f(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
        %n = seednorm.rms_norm ins(%x : tensor<?x8xf32>) outs(%x : tensor<?x8xf32>) -> tensor<?x8xf32>
        %s = arith.mulf %n, %n : tensor<?x8xf32>
        %q = arith.mulf %s, %s : tensor<?x8xf32>
        return %q : tensor<?x8xf32>
      }
      func.func private @d(tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32> attributes {seednorm.gradient_of = @f}
      func.func @g(%x: tensor<?x8xf32>, %dy: tensor<?x8xf32>) -> tensor<?x8xf32> {
        %0 = call @d(%x, %dy) : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
        return %0 : tensor<?x8xf32>
      }"""
    generator = np.random.default_rng(0)
    x, d = generator.standard_normal((2, 4, 8)).astype(np.float32)
    x *= np.float32(1e11)
    leaf = torch.from_numpy(x).double().requires_grad_()
    y = (leaf * torch.rsqrt(leaf.square().mean(-1, keepdim=True) + 1e-6)) ** 4
    (exact,) = torch.autograd.grad(y, leaf, torch.from_numpy(d).double())
    (got,) = Compiled(text, folder)("g", [x, d], [(2, np.float32)])
    assert np.abs(got - exact.numpy()).max() <= 1e-5 * exact.abs().max()
