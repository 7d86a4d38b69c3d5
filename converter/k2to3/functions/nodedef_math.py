"""NodeDef ops that compute, with arguments in attributes or in another order."""

from __future__ import annotations

import numpy as np

from k2to3.functions.emitter import Emitter
from k2to3.functions.nodedef_handlers import Handlers, Inputs, tensorflow
from k2to3.functions.nodedef_reading import NodeDef
from k2to3.functions.values import Value

node = Handlers()


@node("BiasAdd", "BiasAddV1")
def bias_add(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "nn.bias_add", *x, data_format=n.get("data_format"))


@node("LeakyRelu")
def leaky_relu(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "nn.leaky_relu", *x, alpha=n.get("alpha", 0.2))


@node("MatMul")
def matmul(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(
        emitter, "matmul", *x, transpose_a=n.get("transpose_a", False), transpose_b=n.get("transpose_b", False)
    )


@node("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
def batch_matmul(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "matmul", *x, adjoint_a=n.get("adj_x", False), adjoint_b=n.get("adj_y", False))


@node("Einsum")
def einsum(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "einsum", n.get("equation"), *x)


@node("AddN", "AccumulateNV2")
def add_n(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "math.add_n", x)


@node("Cumsum", "Cumprod")
def cumulative(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    flags = {key: n.get(key, False) for key in ("exclusive", "reverse")}
    return tensorflow(emitter, f"math.{n.op.lower()}", x[0], x[1], **flags)


@node("SparseSoftmaxCrossEntropyWithLogits")
def sparse_cross_entropy(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    """Inputs are features, then labels; the second output is the gradient."""
    return tensorflow(emitter, "nn.sparse_softmax_cross_entropy_with_logits", labels=x[1], logits=x[0])


@node("SoftmaxCrossEntropyWithLogits")
def cross_entropy(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "nn.softmax_cross_entropy_with_logits", labels=x[1], logits=x[0])


@node("MatrixDiagV2", "MatrixDiagV3")
def diag(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    names = ("k", "num_rows", "num_cols", "padding_value")
    return tensorflow(emitter, "linalg.diag", x[0], **dict(zip(names, map(_scalar, x[1:]), strict=True)))


@node("MatrixDiagPartV2", "MatrixDiagPartV3")
def diag_part(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "linalg.diag_part", x[0], k=_scalar(x[1]))


def _scalar(value: Value) -> Value:
    return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value


@node("RandomStandardNormal", "RandomUniform", "TruncatedNormal")
def noise(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    name = {"RandomStandardNormal": "normal", "RandomUniform": "uniform"}.get(n.op, "truncated_normal")
    return tensorflow(emitter, f"random.{name}", x[0], dtype=n.get("dtype", "float32"))


@node("Qr", "Svd")
def decomposition(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    options = {"full_matrices": n.get("full_matrices", False)}
    if n.op == "Svd":
        options["compute_uv"] = n.get("compute_uv", True)
    found = tensorflow(emitter, f"linalg.{n.op.lower()}", x[0], **options)
    return found if isinstance(found, list) else [found]


@node("MatrixTriangularSolve", "BatchMatrixTriangularSolve")
def triangular_solve(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    options = {"lower": n.get("lower", True), "adjoint": n.get("adjoint", False)}
    return tensorflow(emitter, "linalg.triangular_solve", *x, **options)


@node("MatrixSetDiag", "MatrixSetDiagV2", "MatrixSetDiagV3")
def set_diag(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "linalg.set_diag", x[0], x[1], k=_scalar(x[2]) if len(x) > 2 else 0)


@node("FakeQuantWithMinMaxArgs")
def fake_quant(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    values = {key: n.get(key, default) for key, default in (("min", -6.0), ("max", 6.0), ("num_bits", 8))}
    values["narrow_range"] = n.get("narrow_range", False)
    return tensorflow(emitter, "quantization.fake_quant_with_min_max_args", x[0], **values)


@node("FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel")
def fake_quant_vars(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    options = {"num_bits": n.get("num_bits", 8), "narrow_range": n.get("narrow_range", False)}
    return tensorflow(emitter, "quantization.fake_quant_with_min_max_vars", *x, **options)
