"""Hints about operations and functions."""

from __future__ import annotations

import base64
import marshal
from types import CodeType
from typing import Any

from ways import Json, Way, called, dense, dense_weights, file, functional, layer


def code(source: str) -> str:
    module = compile(source, "/home/me/train.py", "exec" if source.startswith("def") else "eval")
    found = next(item for item in module.co_consts if isinstance(item, CodeType))
    return base64.encodebytes(marshal.dumps(found)).decode()


def lam(*shape: int | None, source: str = "lambda x: x", **config: Any) -> Json:
    stored = {"function": [code(source), None, None], "function_type": "lambda", "arguments": {}, **config}
    return layer("Lambda", *shape, name="lam", **stored)


def given(place: str, before: str, after: str, said: str, *shape: int | None) -> Way:
    """The function of a Lambda layer as it is given, and as the hint says to write it."""
    return Way(place, file(lam(*(shape or (4,)))), then={"lambdas": [f"lam=lambda x: {after}"]},
               given={"lambdas": [f"lam=lambda x: {before}"]}, said=said)  # fmt: skip


def stored(place: str, source: str, then: Json, *shape: int | None, version: str = "2.4.0", **config: Any) -> Way:
    """The function of a Lambda layer as the file holds it."""
    return Way(place, file(lam(*(shape or (4,)), source=source, **config), version=version), then)


INT = "tf.cast(x, 'int32')"
FLOAT = "tf.cast(x, 'float32')"
OTHER = {"lambdas": ["lam=lambda x: x[:, :3]"]}
CTC = layer("TFOpLambda", name="loss", function="nn.ctc_loss", trainable=True, dtype="float32")
DROPOUT = layer("TFOpLambda", name="op", function="nn.dropout", trainable=True, dtype="float32")
EINSUM = layer("TFOpLambda", name="op", function="linalg.einsum", trainable=True, dtype="float32")
GRAPH_OP = {"name": "op", "trainable": True, "dtype": "float32", "constants": {}}
MASKED = {"function": [code("def f(x, mask=None):\n    return x * 2"), None, None]}

WAYS = [
    given("functions/arithmetic.py:truediv", f"tf.math.truediv({INT}, {INT})", f"tf.math.truediv({FLOAT}, {FLOAT})",
          "cast to float32"),
    given("functions/reductions.py:reduce_mean", f"tf.reduce_mean({INT}, axis=1)", f"tf.reduce_mean({FLOAT}, axis=1)",
          "cast to float32"),
    given("functions/conditions.py:where", "tf.where(x > 0)", "x * tf.cast(x > 0, 'float32')",
          "multiply by the condition"),
    given("functions/counting.py:bincount", f"tf.math.bincount({INT}, axis=-1)",
          f"tf.math.bincount({INT}, axis=-1, minlength=3, maxlength=3)", "of one value"),
    given("functions/dispatch.py:call", "tf.nn.relu(tf.signal.rfft(x))", "tf.nn.relu(tf.math.real(tf.signal.rfft(x)))",
          "real and imaginary parts"),
    given("functions/keras_ops.py:_same_dtype", "ops.add(x, ops.cast(x, 'int32'))",
          "ops.add(x, ops.cast(ops.cast(x, 'int32'), 'float32'))", "keras.ops.cast"),
    given("functions/slicing.py:_expanded", "x[:, np.array([0, 2])]", "tf.gather(x, [0, 2], axis=1)", "tf.gather"),
    given("functions/subscripts.py:_index", f"x[:, {INT}[0, :2]]", f"tf.gather(x, {INT}[0, :2], axis=1)", "tf.gather"),
    given("functions/creation.py:range_of", f"x * tf.cast(tf.reduce_sum(tf.range({INT}[0, 0])), 'float32')",
          f"x * tf.cast(tf.reduce_sum(tf.range(9) * tf.sequence_mask({INT}[0, 0], 9, dtype='int32')), 'float32')",
          "tf.sequence_mask"),
    given("functions/subscripts.py:_slice", f"x[:, :{INT}[0, 0]:2]",
          f"x * tf.sequence_mask({INT}[0, 0], 4, dtype='float32')", "tf.sequence_mask"),
    Way("functions/signal.py:_frames_at_run_time",
        file(lam(None, source="lambda x: tf.signal.frame(x, 4, 2, pad_end=True)")), {"input_shape": "16"}),
    Way("functions/advice.py:unsupported",
        file(architecture=functional({"in": (4,)}, called(dense(), "in"), called(CTC, "dense"), outputs=["loss"]),
             weights={"dense": dense_weights(4)}), {"outputs": ["dense"]}),
    Way("functions/linalg.py:einsum",
        file(architecture=functional({"in": (4,)}, {**called(EINSUM, "in"), "inbound_nodes": [
            ["_CONSTANT_VALUE", -1, "ab,bc->ac", {}]]}, outputs=["op"])),
        mended=file(architecture=functional({"in": (4,)}, called(layer(
            "EinsumDense", name="op", equation="ab,bc->ac", output_shape=3), "in"), outputs=["op"]),
            weights={"op": {"kernel": (4, 3)}}), said="EinsumDense"),
    Way("functions/nodedef_reading.py:read_nodedef",
        file(architecture=functional({"in": (4,)}, called(layer("TensorFlowOpLayer", **{**GRAPH_OP, "node_def": "op"}),
                                                          "in"), outputs=["op"]), version="2.2.4-tf"),
        mended=file(architecture=functional({"in": (4,)}, called(layer("TensorFlowOpLayer", **{
            **GRAPH_OP, "node_def": {"name": "op", "op": "Relu", "input": ["in"], "attr": {"T": {"type": "DT_FLOAT"}}},
        }), "in"), outputs=["op"]), version="2.2.4-tf"), said="TF 1.15 to 2.3"),
    stored("functions/batch_dot.py:multiplies", "lambda x: K.batch_dot(x, x, axes=[3, 2])",
           {"keras_version": "tf-1.15"}, 2, 3, 3, version="2.2.4-tf"),
    Way("functions/noise.py:random_refused",
        file(architecture=functional({"in": (4,)}, called(DROPOUT, "in", rate=0.5), outputs=["op"])),
        {"accept_noise_off": True}),
    stored("bytecode/noise.py:random_refused", "lambda x: K.in_train_phase(x * 2, x)", {"accept_noise_off": True}),
    stored("bytecode/runtime.py:name", "lambda x: x * alpha", {"lambda_globals": ["alpha=2"]}),
    stored("bytecode/recover.py:explained", "lambda x: helper(x)", {"lambdas": ["lam=lambda x: x * 2"]}),
    stored("rules/core/lambda_.py:read", "lambda x: x", OTHER, function="helper", function_type="function"),
    stored("rules/core/lambda_.py:read/2", "lambda x: x", OTHER, function=["bm9wZQ==", None, None]),
    Way("rules/core/lambda_.py:call_arguments",
        file(layer("Masking", 5, 4, name="first", mask_value=0.0), layer("Lambda", name="lam", function_type="lambda",
                                                                         arguments={}, **MASKED)), OTHER),
    stored("rules/core/lambda_.py:call_arguments/2", "lambda x, training=None: x", {"accept_noise_off": True}),
    stored("rules/core/lambda_.py:check_shape", "lambda x: x[:, :2]", OTHER, output_shape=[3], output_shape_type="raw"),
    Way("rules/core/tf_ops.py:body",
        file(architecture=functional({"in": (4,)}, called(layer("InstanceProperty", name="op", attr_name="values"),
                                                          "in"), outputs=["op"])),
        mended=file(layer("Masking", 5, 4, mask_value=0.0)), said="pad to a dense tensor with a mask"),
]  # fmt: skip
