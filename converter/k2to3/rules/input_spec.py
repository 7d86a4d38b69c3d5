"""How many inputs a layer takes, and of how many axes: Keras 2's `InputSpec`.

Both Kerases refuse others when the layer is called, so no rule has to think of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from k2to3.errors import BadConfig
from k2to3.keras2.model import OP_LAYERS, LayerRecord, leaves
from k2to3.keras3.graph import Structure, Tensor, tensors

MANY = 1 << 16
Range = tuple[int, int]
ONE: Range = (1, 1)

# Class name → the numbers of inputs, and of axes with the batch, that it takes.
SPECS: tuple[tuple[str, Range, Range], ...] = (
    (r"ConvLSTM([123])D", (1, 3), (3, 3)),
    (r"(Separable|Depthwise)?Conv(?:olution)?([123])D(?!Transpose)", ONE, (2, MANY)),
    (r"(?:Conv|Convolution)([123])DTranspose|Deconvolution([123])D|AtrousConvolution([123])D", ONE, (2, 2)),
    (r"LocallyConnected([123])D", ONE, (2, 2)),
    (r"(?:Max|Average|Avg)Pool(?:ing)?([123])D", ONE, (2, 2)),
    (r"Global(?:Max|Average|Avg)Pool(?:ing)?([123])D", ONE, (2, 2)),
    (r"(?:ZeroPadding|Cropping|UpSampling|SpatialDropout)([123])D", ONE, (2, 2)),
    (r"(?:CuDNN)?(?:LSTM|GRU)(?:V[12])?|SimpleRNN", (1, 3), (3, 3)),
    (r"RNN", (1, MANY), (3, MANY)),
    (r"Bidirectional", (1, MANY), (3, MANY)),
    (r"TimeDistributed", ONE, (3, MANY)),
    (r"RepeatVector|Highway|MaxoutDense", ONE, (2, 2)),
    (r"Dense|BatchNormalization(?:V[12])?|LayerNormalization|SyncBatchNormalization", ONE, (2, MANY)),
    (r"Resizing|CenterCrop|Random(?:Crop|Flip|Rotation|Translation|Zoom|Height|Width)", ONE, (3, 4)),
    (r"Attention|AdditiveAttention", (2, 3), (3, MANY)),
    # Its value and key are call arguments; a list for its query is none that it takes.
    (r"MultiHeadAttention", ONE, (2, MANY)),
    (r"Subtract|subtract|Dot|dot", (2, 2), (1, MANY)),
    (r"Add|Multiply|Average|Maximum|Minimum|Concatenate|add|multiply|average|maximum|minimum|concatenate",
     (2, MANY), (1, MANY)),
    (r"Merge|DenseFeatures|LinearModel|WideDeepModel|AddLoss|AddMetric|Lambda|HashedCrossing|Bias",
     (0, MANY), (0, MANY)),
)  # fmt: skip


@cache
def spec_of(class_name: str) -> tuple[Range, Range]:
    """Numbers of inputs and axes; of layers in N dimensions N is added to the axes."""
    for pattern, inputs, axes in SPECS:
        match = re.fullmatch(pattern, class_name)
        if match is not None:
            rank = next((int(group) for group in match.groups() if group and group.isdigit()), 0)
            return inputs, (axes[0] + rank, axes[1] + rank)
    return ONE, (0, MANY)


def check_inputs(record: LayerRecord, args: Structure, kwargs: Mapping[str, Any]) -> None:
    """The inputs of a call are such as the layer takes.

    Raises:
        BadConfig: too many or too few, or of too many or too few axes.
    """
    if record.class_name in OP_LAYERS or record.model is not None:
        return
    given = list(tensors(args))
    (least, most), axes = spec_of(record.class_name)
    if not least <= len(given) <= most:
        wanted = str(least) if least == most else f"{least} or more" if most == MANY else f"{least} to {most}"
        raise BadConfig(f"is called on {len(given)} inputs and takes {wanted}", layer=record.name, key="inbound_nodes")
    if most == 1 and isinstance(args, list):
        # What a layer makes of a list of one differs from layer to layer and from Keras to Keras.
        raise BadConfig("is called on a list, not on a tensor", layer=record.name, key="inbound_nodes")
    states = states_of(record.class_name, record.config)
    if states is not None and len(given) not in (1, 1 + states):
        text = f"is called on {len(given)} inputs; it takes one, and {states} states or none"
        raise BadConfig(text, layer=record.name, key="inbound_nodes")
    if states is not None:
        _check_states(record, given[0], [*given[1:], *tensors(kwargs.get("initial_state"))])
    if record.class_name in JOINING:
        _check_joined(record, given)
    if given:
        _check_axes(record, given[0], axes)
        _check_named_axes(record, len(given[0].shape))
    if record.class_name in DOTTING:
        _check_dotted(record, [len(tensor.shape) for tensor in given])


def check_model_inputs(record: LayerRecord, given: Sequence[Tensor]) -> None:
    """A nested model is called on as many tensors as it has inputs.

    Raises:
        BadConfig: on more or fewer.
    """
    wanted = 0 if record.model is None else len(list(leaves(record.model.inputs)))
    if len(given) != wanted:
        text = f"is called on {len(given)} inputs; this model has {wanted}"
        raise BadConfig(text, layer=record.name, key="inbound_nodes")


CONVOLVING = re.compile(r"(Separable|Depthwise)?Conv[123]D(Transpose)?")


def _check_axes(record: LayerRecord, first: Tensor, axes: Range) -> None:
    least, most = axes
    if not least <= len(first.shape) <= most:
        wanted = str(least) if least == most else f"{least} or more"
        raise BadConfig(f"its input has {len(first.shape)} axes with the batch; it takes {wanted}", layer=record.name)
    if CONVOLVING.fullmatch(record.class_name):
        place = 1 if record.config.get("data_format") == "channels_first" else -1
        if first.shape[place] is None:
            raise BadConfig("the number of channels of its input is not known", layer=record.name)

    # What MultiHeadAttention was built on (TensorFlow 2.8 and later write it) is what its equations are for.
    built = record.config.get("query_shape") if record.class_name == "MultiHeadAttention" else None
    if isinstance(built, list) and len(built) != len(first.shape):
        text = f"was built on {len(built)} axes and is called on {len(first.shape)}"
        raise BadConfig(text, layer=record.name, key="query_shape")


# Layers whose config names axes of their (first) input.
NAMING = re.compile(
    r"BatchNormalization(V[12])?|SyncBatchNormalization|(Layer|Group|Unit)?Normalization|Softmax|PReLU|Permute"
    r"|[Cc]oncatenate|MultiHeadAttention"
)
DOTTING = frozenset({"Dot", "dot"})


def _check_dotted(record: LayerRecord, ranks: Sequence[int]) -> None:
    """One axis for both inputs, or one for each: `[1, 2]` contracts axis 1 of the first with axis 2 of the second."""
    value = record.config.get("axes")
    axes = value if isinstance(value, list) else [value] * len(ranks)
    for axis, rank in zip(axes, ranks, strict=False):
        if isinstance(axis, int) and not -rank <= axis < rank:
            raise BadConfig(f"{value} are no axes of inputs that have {ranks}", layer=record.name, key="axes")


def _check_named_axes(record: LayerRecord, rank: int) -> None:
    """Axes that there are, each once."""
    if not NAMING.fullmatch(record.class_name):
        return
    if record.config.get("virtual_batch_size") is not None:
        # Virtual batches are an axis of their own, and what the file says counts it.
        rank += 1
    for key in ("axis", "attention_axes", "shared_axes", "dims"):
        value = record.config.get(key)
        if value is None:
            continue
        axes = [axis for axis in (value if isinstance(value, list) else [value]) if isinstance(axis, int)]
        twice = len({axis % rank for axis in axes}) != len(axes)
        if twice or not all(-rank <= axis < rank for axis in axes):
            raise BadConfig(f"{value} are no axes of an input that has {rank}", layer=record.name, key=key)
        if key == "attention_axes" and {axis % rank for axis in axes} & {0, rank - 1}:
            raise BadConfig(
                f"{value} are samples or features, which no attention goes over", layer=record.name, key=key
            )
        if key == "dims" and sorted(axes) != list(range(1, rank)):
            raise BadConfig(f"{value} is no order of the {rank - 1} axes", layer=record.name, key=key)


JOINING = frozenset({"Concatenate", "concatenate"})
STATES = {"LSTM": 2, "PeepholeLSTM": 2, "GRU": 1, "SimpleRNN": 1, "ConvLSTM1D": 2, "ConvLSTM2D": 2, "ConvLSTM3D": 2}


def states_of(class_name: str, config: Mapping[str, Any]) -> int | None:
    """How many states a recurrent layer or cell has; None where that is not known."""
    plain = re.sub(r"^CuDNN|(Cell)?(V[12])?$", "", class_name)
    if plain in STATES:
        return STATES[plain]
    held = config.get({"RNN": "cell", "Bidirectional": "layer"}.get(class_name, ""))
    if isinstance(held, dict):
        inner = states_of(str(held.get("class_name")), held.get("config") or {})
        return None if inner is None else inner * (2 if class_name == "Bidirectional" else 1)
    if class_name == "StackedRNNCells":
        each = [states_of(str(cell.get("class_name")), cell.get("config") or {}) for cell in config.get("cells") or []]
        return None if None in each else sum(n or 0 for n in each)
    return None


def _check_states(record: LayerRecord, source: Tensor, states: list[Tensor]) -> None:
    """Each as its input without the steps; the features of all but stacks are `units`."""
    units = record.config.get("units") if record.class_name in STATES else None
    for state in states:
        fits = len(state.shape) == len(source.shape) - 1
        if not fits or (units is not None and state.shape[-1] not in (None, units)):
            raise BadConfig(f"its initial state has shape {list(state.shape)}", layer=record.name, key="initial_state")


def _check_joined(record: LayerRecord, given: list[Tensor]) -> None:
    """Equal extents, but along the axis."""
    axis, first = record.config.get("axis", -1), given[0].shape
    for other in (tensor.shape for tensor in given):
        if len(other) != len(first) or any(
            None not in (a, b) and a != b
            for place, (a, b) in enumerate(zip(first, other, strict=True))
            if place != axis % (len(first) or 1)
        ):
            raise BadConfig(f"cannot join shapes {list(first)} and {list(other)}", layer=record.name)
