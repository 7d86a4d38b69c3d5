"""Lambda: Python bytecode, followed symbolically and never executed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.bytecode.given import apply_given
from k2to3.bytecode.graph_backend import GraphBackend
from k2to3.bytecode.recover import WAY_OUT, apply_stored, recover
from k2to3.bytecode.stored import Stored, plain_value, stored_function
from k2to3.bytecode.values import NotRecovered, Value
from k2to3.errors import Refused, UnsupportedOption
from k2to3.functions.dispatch import call
from k2to3.functions.emitter import Emitter
from k2to3.functions.fitting import fitting
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, tensors
from k2to3.keras3.policy import FLOATS, compute_dtype
from k2to3.rules.core.tf_ops import emitter_for
from k2to3.rules.language import Composite, Context, rule


@rule("Lambda", masks="drop")
def lambda_layer(context: Context) -> Composite:
    """Gone from safe files: the bytecode is read, and what it computes becomes native op nodes."""
    config, name = context.config, context.record.name
    config.ignore("module", "output_shape_module", "mask")
    arguments = plain_value(config.take("arguments", None) or {})
    if not isinstance(arguments, Mapping):
        raise UnsupportedOption("are no arguments by name", layer=name, key="arguments")
    value, kind = config.take("function", None), config.take("function_type", "lambda")
    shape = (config.take("output_shape", None), config.take("output_shape_type", "raw"))
    supplied = context.conversion.lambda_of(name)
    known = context.conversion.options.lambda_globals
    if supplied is not None:
        context.note("accepted", "its function was given by the user and stands in the place of the stored bytecode")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        emitter = emitter_for(context, graph)
        given = cast_inputs(emitter, context, inputs)
        if supplied is not None:
            found = apply_given(supplied, GraphBackend(emitter), given, known)
        else:
            stored = read(value, kind, name, context.record.config)
            extra = {**arguments, **call_arguments(emitter, stored, kwargs, inputs)}
            with fitting(emitter, "its function"):
                found = recover(stored, GraphBackend(emitter), [given], extra, known)
        outputs = as_outputs(emitter, found, inputs)
        check_shape(emitter, shape, inputs, outputs)
        return outputs

    return Composite(body)


def read(value: Any, kind: Any, name: str, config: Mapping[str, Any]) -> Stored:
    """The stored function.

    Raises:
        UnsupportedOption: only a name is stored, or the code is damaged.
    """
    if kind == "function" or (isinstance(value, str) and value.isidentifier()):
        module = config.get("module")
        raise UnsupportedOption(
            f"only the name of its function is stored ({value!r}{f' of {module}' if module else ''})",
            layer=name,
            hint=WAY_OUT.format(layer=name),
        )
    try:
        return stored_function(value)
    except Refused as error:
        raise UnsupportedOption(error.message, layer=name, hint=WAY_OUT.format(layer=name)) from error


def call_arguments(emitter: Emitter, stored: Stored, kwargs: Mapping[str, Any], inputs: Structure) -> dict[str, Any]:
    """`mask` and `training`, which Keras 2 passes to functions that take them."""
    found = {key: value for key, value in kwargs.items() if key not in ("mask", "training")}
    parameters = stored.code.parameters[1:]
    if "mask" in parameters:
        if any(tensor.mask is not None for tensor in tensors(inputs)):
            raise emitter.refuse("its function uses the mask of its input", hint=WAY_OUT.format(layer=emitter.layer))
        found["mask"] = kwargs.get("mask")
    if "training" in parameters:
        if kwargs.get("training") or not emitter.noise_off:
            raise emitter.refuse(
                "its function computes something else in training",
                hint="--accept-noise-off converts what it computes at inference",
            )
        emitter.note("accepted", "takes the path of inference, in training too")
        found["training"] = False
    return found


def cast_inputs(emitter: Emitter, context: Context, inputs: Structure) -> Structure:
    """TensorFlow 2 casts the float inputs of every layer to the layer's compute dtype."""
    wanted = compute_dtype(context.policy)
    other = [t for t in tensors(inputs) if t.dtype in FLOATS and t.dtype != wanted]
    if not other or context.writer.standalone:
        return inputs
    if context.writer.before(2, 3):
        raise emitter.refuse(f"a {other[0].dtype} input in TensorFlow 1 or 2.0, which treat it differently")

    def cast(value: Structure) -> Structure:
        if isinstance(value, Tensor):
            return call(emitter, "tensorflow.cast", [value, wanted]) if value in other else value
        if isinstance(value, list):
            return [cast(item) for item in value]
        return {key: cast(item) for key, item in value.items()} if isinstance(value, dict) else value

    return cast(inputs)


def as_outputs(emitter: Emitter, found: Value, inputs: Structure) -> Structure:
    """Tensors that the layer gives; one that only passes through gets a node of its own."""
    if isinstance(found, (list, tuple)) and found and all(isinstance(item, Tensor) for item in found):
        return [as_outputs(emitter, item, inputs) for item in found]
    if not isinstance(found, Tensor):
        raise emitter.refuse("its function returns no tensor that depends on its input")
    if any(found is tensor for tensor in tensors(inputs)):
        return ops.reshape(emitter, found, _same(found)) if _fits(found) else emitter.graph.unmasked(found)
    return found


def _fits(tensor: Tensor) -> bool:
    return bool(tensor.shape) and None not in tensor.shape[1:]


def _same(tensor: Tensor) -> list[int | None]:
    return [-1, *tensor.shape[1:]]


def check_shape(emitter: Emitter, stored: tuple[Any, Any], inputs: Structure, outputs: Structure) -> None:
    """Compare with the `output_shape` that the file states.

    Raises:
        UnsupportedOption: they contradict each other.
    """
    said = stated_shape(stored, inputs)
    found = [tuple(tensor.shape[1:]) for tensor in tensors(outputs)]
    if said is None or len(said) != len(found):
        return
    for want, have in zip(said, found, strict=True):
        if len(want) != len(have) or any(
            a is not None and b is not None and a != b for a, b in zip(want, have, strict=True)
        ):
            raise emitter.refuse(
                f"its recovered function gives shape {have}, but the file says output_shape {want}",
                hint=WAY_OUT.format(layer=emitter.layer),
            )


def stated_shape(stored: tuple[Any, Any], inputs: Structure) -> list[tuple[int | None, ...]] | None:
    """Shapes without the batch, as far as the file states them."""
    value, kind = stored
    if value is None:
        return None
    batched = kind != "raw"
    if batched:
        shapes = [tuple(tensor.shape) for tensor in tensors(inputs)]
        try:
            value = apply_stored(
                stored_function(value), ShapesOnly(), [shapes[0] if len(shapes) == 1 else shapes], {}, {}
            )
        except Refused:
            return None
    if isinstance(value, int):
        value = [value]
    if not isinstance(value, (list, tuple)) or not value:
        return None
    if not all(isinstance(item, (list, tuple)) for item in value):
        value = [value]
    found = [tuple(item[1:] if batched else item) for item in value]
    return found if all(n is None or isinstance(n, int) for item in found for n in item) else None


class ShapesOnly:
    """A backend for functions of shapes: there are no tensors."""

    def symbolic(self, value: Value) -> bool:
        return False

    def call(self, symbol: str, args: Any, kwargs: Any) -> Value:
        raise NotRecovered(f"{symbol} on shapes")

    def attribute(self, value: Value, name: str) -> Value:
        return self.call(name, (), {})

    def method(self, value: Value, name: str, args: Any, kwargs: Any) -> Value:
        return self.call(name, (), {})

    def constant(self, symbol: str) -> Value:
        raise KeyError(symbol)

    def noise(self, symbol: str, args: Any, kwargs: Any) -> Value:
        return self.call(symbol, (), {})

    def unroll(self, value: Value) -> Any:
        return self.call("iteration", (), {})
