"""NodeDef ops that compute, with arguments in attributes or in another order."""

from __future__ import annotations

import numpy as np

from k2to3.functions.emitter import Emitter
from k2to3.functions.nodedef_handlers import Handlers, Inputs, tensorflow
from k2to3.functions.nodedef_reading import NodeDef, required
from k2to3.functions.values import Value

handles = Handlers()


@handles("BiasAdd", "BiasAddV1")
def bias_add(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "nn.bias_add", *inputs, data_format=node.get("data_format"))


@handles("LeakyRelu")
def leaky_relu(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "nn.leaky_relu", *inputs, alpha=node.get("alpha", 0.2))


@handles("MatMul")
def matmul(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(
        emitter,
        "matmul",
        *inputs,
        transpose_a=node.get("transpose_a", False),
        transpose_b=node.get("transpose_b", False),
    )


@handles("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
def batch_matmul(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(
        emitter, "matmul", *inputs, adjoint_a=node.get("adj_x", False), adjoint_b=node.get("adj_y", False)
    )


@handles("Einsum")
def einsum(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "einsum", required(emitter, node, "equation"), *inputs)


@handles("AddN", "AccumulateNV2")
def add_n(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "math.add_n", inputs)


@handles("Cumsum", "Cumprod")
def cumulative(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    flags = {key: node.get(key, False) for key in ("exclusive", "reverse")}
    return tensorflow(emitter, f"math.{node.op.lower()}", inputs[0], inputs[1], **flags)


@handles("SparseSoftmaxCrossEntropyWithLogits")
def sparse_cross_entropy(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    """Inputs are features, then labels; the second output is the gradient."""
    return tensorflow(emitter, "nn.sparse_softmax_cross_entropy_with_logits", labels=inputs[1], logits=inputs[0])


@handles("SoftmaxCrossEntropyWithLogits")
def cross_entropy(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "nn.softmax_cross_entropy_with_logits", labels=inputs[1], logits=inputs[0])


@handles("MatrixDiagV2", "MatrixDiagV3")
def diag(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    names = ("k", "num_rows", "num_cols", "padding_value")
    return tensorflow(emitter, "linalg.diag", inputs[0], **dict(zip(names, map(_scalar, inputs[1:]), strict=True)))


@handles("MatrixDiagPartV2", "MatrixDiagPartV3")
def diag_part(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "linalg.diag_part", inputs[0], k=_scalar(inputs[1]))


def _scalar(value: Value) -> Value:
    return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value


@handles("RandomStandardNormal", "RandomUniform", "TruncatedNormal")
def noise(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    name = {"RandomStandardNormal": "normal", "RandomUniform": "uniform"}.get(node.op, "truncated_normal")
    return tensorflow(emitter, f"random.{name}", inputs[0], dtype=node.get("dtype", "float32"))


@handles("Qr", "Svd")
def decomposition(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    options = {"full_matrices": node.get("full_matrices", False)}
    if node.op == "Svd":
        options["compute_uv"] = node.get("compute_uv", True)
    found = tensorflow(emitter, f"linalg.{node.op.lower()}", inputs[0], **options)
    return found if isinstance(found, list) else [found]


@handles("MatrixTriangularSolve", "BatchMatrixTriangularSolve")
def triangular_solve(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    options = {"lower": node.get("lower", True), "adjoint": node.get("adjoint", False)}
    return tensorflow(emitter, "linalg.triangular_solve", *inputs, **options)


@handles("MatrixSetDiag", "MatrixSetDiagV2", "MatrixSetDiagV3")
def set_diag(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "linalg.set_diag", inputs[0], inputs[1], k=_scalar(inputs[2]) if len(inputs) > 2 else 0)


@handles("FakeQuantWithMinMaxArgs")
def fake_quant(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    values = {key: node.get(key, default) for key, default in (("min", -6.0), ("max", 6.0), ("num_bits", 8))}
    values["narrow_range"] = node.get("narrow_range", False)
    return tensorflow(emitter, "quantization.fake_quant_with_min_max_args", inputs[0], **values)


@handles("FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel")
def fake_quant_vars(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    options = {"num_bits": node.get("num_bits", 8), "narrow_range": node.get("narrow_range", False)}
    return tensorflow(emitter, "quantization.fake_quant_with_min_max_vars", *inputs, **options)
