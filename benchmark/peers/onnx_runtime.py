"""ONNX Runtime on the CPU: SeeDNorm's formula as a graph, and the norms it has kernels of.

Results are bound to arrays made before. It has no gradients, and its kernels no bf16.
"""

import numpy as np

from .. import native
from ..cases import EPS
from . import Contender, Skipped, against, missing, repeat

NAME = "ONNX Runtime"


def formula(node, x):
    node("Mul", [x, x], "square")
    node("ReduceMean", ["square", "axis"], "mean")
    node("Add", ["mean", "eps"], "shifted")
    node("Sqrt", ["shifted"], "root")
    node("Div", [x, "root"], "normal")
    node("Mul", [x, "beta"], "product")
    node("ReduceSum", ["product", "axis"], "dot")
    node("Tanh", ["dot"], "s")
    node("Mul", ["s", "alpha"], "dynamic")
    node("Add", ["dynamic", "gamma"], "scale")
    node("Mul", ["scale", "normal"], "y")


def layer_norm(node, x):
    node("LayerNormalization", [x, "gamma", "beta"], "y", axis=-1, epsilon=EPS)


def rms_norm(node, x):
    node("RMSNormalization", [x, "gamma"], "y", axis=-1, epsilon=EPS)


def skip_rms_norm(node, x):
    """Adds and normalises in one kernel of Microsoft's domain."""
    node("SkipSimplifiedLayerNormalization", ["x", "other", "gamma"],
         ["y", "", "", "h"], domain="com.microsoft", epsilon=EPS)


GRAPHS = (("formula", "SeeDNorm", formula, ("alpha", "beta", "gamma")),
          ("LayerNorm", "LayerNorm", layer_norm, ("gamma", "beta")),
          ("RMSNorm", "RMSNorm", rms_norm, ("gamma",)),
          ("SkipRMSNorm", "RMSNorm", skip_rms_norm, ("gamma",)))


def build(onnx, case, graph, names):
    """The model's bytes."""
    helper, f32 = onnx.helper, onnx.TensorProto.FLOAT
    nodes = []

    def node(kind, inputs, outputs, **attributes):
        outputs = [outputs] if isinstance(outputs, str) else outputs
        nodes.append(helper.make_node(kind, inputs, outputs, **attributes))

    fused = graph is skip_rms_norm
    if case.direction == "residual" and not fused:
        node("Add", ["x", "other"], "h")
    graph(node, "h" if case.direction == "residual" else "x")
    rows, columns = [case.rows, case.width], [case.width]
    inputs = [("x", rows)] + ([("other", rows)] if case.direction == "residual" else [])
    inputs += [(name, columns) for name in names]
    outputs = (["h"] if case.direction == "residual" else []) + ["y"]
    made = helper.make_graph(
        nodes, "norm", [helper.make_tensor_value_info(n, f32, s) for n, s in inputs],
        [helper.make_tensor_value_info(n, f32, rows) for n in outputs],
        [helper.make_tensor("axis", onnx.TensorProto.INT64, [1], [-1]),
         helper.make_tensor("eps", f32, [], [EPS])])
    opsets = [helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(made, opset_imports=opsets,
                             ir_version=10).SerializeToString(), inputs, outputs


def prepare(case, arrays):
    try:
        import onnx
    except ImportError as error:
        yield missing(NAME, "onnx", error)
        return
    try:
        import onnxruntime
    except ImportError as error:
        yield missing(NAME, "onnxruntime", error)
        return
    if case.direction == "backward":
        yield Skipped(NAME, "it has no gradients")
        return
    if case.dtype == "bf16":
        yield Skipped(NAME, "its CPU kernels have no bf16")
        return
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = case.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # All of one case write to the same arrays: they run one after the other.
    made = {name: native.allocate(arrays.x.shape, np.float32) for name in ("h", "y")}
    for name, computes, graph, names in GRAPHS:
        if graph is skip_rms_norm and case.direction != "residual":
            continue
        try:
            model, inputs, outputs = build(onnx, case, graph, names)
            session = onnxruntime.InferenceSession(model, options,
                                                   providers=["CPUExecutionProvider"])
            binding = session.io_binding()
            for key, _ in inputs:
                binding.bind_ortvalue_input(
                    key, onnxruntime.OrtValue.ortvalue_from_numpy(getattr(arrays, key)))
            for key in outputs:
                array = made[key]
                binding.bind_output(key, "cpu", 0, np.float32, array.shape,
                                    array.ctypes.data)
            session.run_with_iobinding(binding)
        except Exception as error:
            yield Skipped(f"{NAME} {name}", str(error).strip().splitlines()[0])
            continue

        def call(session=session, binding=binding):
            session.run_with_iobinding(binding)

        def results(call=call, outputs=outputs):
            call()
            return [made[key].copy() for key in outputs], {}

        yield Contender(name, computes, "peer", repeat(call), against(computes, results))
