"""What every layer of the specification is: options, weights in their order, a call, masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.keras2.model import LayerRecord
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.policy import compute_dtype, rounded
from k2to3.proof.keras2.tensor import Array, Structure, Tensor, flatten, floating, map_tensors
from k2to3.sources.json_text import Json

Slot = tuple["Layer", str]
"""A weight: whose it is, and its name there."""


class Make(Protocol):
    """Builds the layers inside of a layer."""

    author: Author

    def config(self, config: Json) -> Layer: ...
    def record(self, record: LayerRecord) -> Layer: ...


@dataclass
class Context:
    """One run: the float type it computes in, and the states of stateful layers."""

    dtype: np.dtype[Any]
    states: dict[int, list[Array]] = field(default_factory=dict)
    calls: dict[str, list[list[Tensor]]] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    keeps: bool = True
    """Whether the outputs of calls are kept."""
    training: bool = False
    """Whether the innermost call that said so had `training=True`."""
    fixed_batch: bool = False
    """Whether the model fixes its batch size."""
    numbers: list[int] = field(default_factory=list)
    """For each name in `path`, the number of its call."""
    trace: list[Traced] | None = None
    """Every call with its inputs, where it is asked for; outputs of calls are then rounded to float32."""
    steps: list[Step] | None = None
    """Every step of a recurrence, where it is asked for."""

    def record(self, name: str, outputs: list[Tensor]) -> None:
        if not self.keeps:
            return
        self.calls.setdefault("/".join([*self.path, name]), []).append(outputs)


@dataclass(frozen=True)
class Traced:
    """One call of a layer in a model: `path` names it, each name with the number of its call."""

    path: tuple[tuple[str, int], ...]
    layer: Layer
    args: Structure
    kwargs: Mapping[str, Structure]
    outputs: list[Tensor]
    states: Mapping[int, list[Array]]
    """What stateful layers held before."""


@dataclass(frozen=True)
class Step:
    """One step of a recurrent layer: what its cell was given and what it gave, before masks choose."""

    layer: Layer
    inputs: Array
    before: list[Array]
    output: Array
    after: list[Array]


class Layer:
    """A layer of Keras 2. A subclass says since when there is one, where that is written, and what it computes.

    `masking`: "passes" (the mask goes on), "drops" (it ends here; multi-backend Keras and TensorFlow 1.13 raise).
    """

    since: ClassVar[str]
    source: ClassVar[str]
    history: ClassVar[tuple[str, ...]] = ()
    masking: ClassVar[str] = "drops"
    names: ClassVar[tuple[str, ...]] = ()
    wants_floats: ClassVar[bool] = False
    """Casts whole numbers to its compute dtype first (others refuse them, or compute with them)."""

    def __init__(self, record: LayerRecord, make: Make) -> None:
        self.name = record.name
        self.class_name = record.class_name
        self.author = make.author
        self.trainable = record.trainable
        self.dtype = compute_dtype(record.config.get("dtype"))
        self.weights: dict[str, Array] = {}
        self._cast: dict[tuple[str, str], Array] = {}
        options = Options(record.config, record.name)
        self.read(options, make)
        options.finish()

    # What a subclass fills in.

    def read(self, options: Options, make: Make) -> None:
        """Take what the config says."""

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        """Names of the trainable and of the other weights, in the order in which Keras creates them."""
        return (), ()

    def children(self) -> Sequence[tuple[str, Layer]]:
        """Layers whose weights stand in this layer's group, by the attribute that holds them."""
        return ()

    def inner(self) -> Sequence[Layer]:
        return [layer for _, layer in self.children()]

    def prepared(self, weights: dict[str, Array]) -> dict[str, Array]:
        """The weights as TensorFlow's Keras 2 lays them out, from the layout of the file."""
        return weights

    def compute(self, value: Array, context: Context) -> Array:
        raise NotImplementedError

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        """From tensors to tensors; most layers only say `compute`, from one array to one array."""
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        return Tensor(self.compute(tensor.value, context), self.next_mask(tensor.mask))

    # What it builds on.

    def __call__(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        mask, training = kwargs.pop("mask", None), kwargs.pop("training", None)
        if mask is not None:
            inputs = with_masks(inputs, mask)
        self.check_masks(inputs)
        inputs = map_tensors(lambda tensor: self.incoming(tensor, context), inputs)
        outside, context.training = context.training, context.training if training is None else bool(training)
        if context.training and self.differs_in_training():
            raise self.unspecified("training=True")
        found = self.call(inputs, context, **kwargs)
        context.training = outside
        return map_tensors(self.outgoing, found)

    def check_masks(self, inputs: Structure) -> None:
        """tf.keras before TensorFlow 1.13 was not read."""
        unread = not self.author.standalone and self.author.last < (1, 13)
        if unread and any(tensor.mask is not None for tensor in flatten(inputs)):
            raise self.unspecified("masks before TensorFlow 1.13")

    def incoming(self, tensor: Tensor, context: Context) -> Tensor:
        if self.wants_floats and not floating(tensor.value):
            tensor = replace(tensor, value=tensor.value.astype(context.dtype))
        if self.dtype not in ("float16", "bfloat16") or self.author.standalone:
            return tensor
        return replace(tensor, value=rounded(tensor.value, self.dtype))

    def outgoing(self, tensor: Tensor) -> Tensor:
        return replace(tensor, value=rounded(tensor.value, self.dtype))

    def single(self, inputs: Structure) -> Tensor:
        if isinstance(inputs, list) and len(inputs) == 1:
            inputs = inputs[0]
        if not isinstance(inputs, Tensor):
            raise self.unspecified("it is called on several tensors")
        return inputs

    def several(self, inputs: Structure) -> list[Tensor]:
        return list(flatten(inputs))

    def passes(self) -> bool:
        """Whether `supports_masking` is true in the author's generation."""
        return self.masking == "passes"

    def next_mask(self, mask: Array | None) -> Array | None:
        """`compute_mask` of the base class."""
        if mask is None or self.passes():
            return mask
        if self.author.standalone or not self.author.tensorflow_since(1, 14):
            raise self.unspecified("its author's Keras refuses a mask here")
        return None

    def weight(self, name: str, context: Context) -> Array:
        key = (name, context.dtype.name)
        if key not in self._cast:
            value = self.weights[name]
            value = value.astype(context.dtype) if floating(value) else value
            self._cast[key] = value if self.author.standalone else rounded(value, self.dtype)
        return self._cast[key]

    def differs_in_training(self) -> bool:
        """Whether `training=True` asks for what has no entry: noise, mostly."""
        return False

    def refuse_arguments(self, kwargs: Json) -> None:
        for key, value in kwargs.items():
            raise self.unspecified(f"call argument {key}={value!r}"[:120])

    def unspecified(self, reason: str) -> NotSpecified:
        return NotSpecified(reason, layer=self.name)


def with_masks(inputs: Structure, mask: Any) -> Structure:
    """A mask given to the call takes the place of the one attached."""
    if isinstance(inputs, Tensor):
        if isinstance(mask, list) and len(mask) == 1:
            mask = mask[0]
        return replace(inputs, mask=mask.value if isinstance(mask, Tensor) else np.asarray(mask))
    if isinstance(inputs, list) and isinstance(mask, list) and len(mask) == len(inputs):
        return [x if m is None else with_masks(x, m) for x, m in zip(inputs, mask, strict=True)]
    if isinstance(inputs, list) and inputs:
        return [with_masks(inputs[0], mask), *inputs[1:]]
    return inputs


def ordered(layer: Layer) -> tuple[list[Slot], list[Slot]]:
    """Trainable and other weights of a group, each in the order of the file.

    `Layer.weights` is `trainable_weights + non_trainable_weights` and so is what Keras saves, from 1.x to
    `_legacy_weights` of 2.15: inside of wrappers and models all trainable ones come first. A frozen layer has
    only the latter, in its own order (engine/base_layer.py, engine/network.py).
    """
    own, others = layer.own_weights()
    trainable: list[Slot] = [(layer, name) for name in own]
    fixed: list[Slot] = [(layer, name) for name in others]
    for inner in layer.inner():
        first, second = ordered(inner)
        trainable += first
        fixed += second
    return (trainable, fixed) if layer.trainable else ([], trainable + fixed)
