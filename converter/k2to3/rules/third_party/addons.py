"""Layers of TensorFlow Addons, which its files name `Addons>…`.

Source: github.com/tensorflow/addons, tensorflow_addons/layers/{normalizations,wrappers}.py.
"""

from __future__ import annotations

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer
from k2to3.matching.slots import Slots, Weights
from k2to3.rules.common import activity, trained
from k2to3.rules.language import Composite, Context, Described, Native, as_stored, rule
from k2to3.rules.normalization.normalization import DEFAULTS, layer_slots, read_axes
from k2to3.rules.normalization.spectral import ADDONS, spectral_normalization, spectral_slots
from k2to3.sources.json_text import Json
from k2to3.weights import Expression
from k2to3.weights.normalised import Normalised

NO_WAY = "--rules or --custom-objects"


@rule("Addons>GroupNormalization", "Addons>InstanceNormalization", slots=layer_slots, origin="tensorflow-addons")
def group_normalization(context: Context) -> Native:
    """TensorFlow Addons' GroupNormalization and InstanceNormalization: Keras 3's GroupNormalization.

    Unlike Keras 2's own, they leave masks alone, as Keras 3 does.
    """
    config = context.config
    axis = read_axes(context)[0]
    width, rank = context.shape[axis], len(context.shape)
    groups = config.integer("groups", -1)
    instance = context.record.class_name.endswith("InstanceNormalization")
    if width is None:
        raise BadConfig(f"normalises over axis {axis} of unknown extent", layer=context.record.name)
    settings: Json = {
        "groups": width if instance or groups == -1 else groups,
        "axis": -1 if axis == rank - 1 else axis,
        "epsilon": config.number("epsilon", 1e-3),
        "center": config.flag("center", True),
        "scale": config.flag("scale", True),
    }
    settings |= trained(context, "gamma", "beta", defaults=DEFAULTS) | activity(context)
    names = ["gamma"] * settings["scale"] + ["beta"] * settings["center"]
    variables = [context.weight(name, width) for name in names]
    return Native(context.layer("GroupNormalization", settings, variables))


@rule(ADDONS, slots=spectral_slots, masks="drop", origin="tensorflow-addons")
def addons_spectral_normalization(context: Context) -> Native | Composite:
    """TensorFlow Addons' SpectralNormalization: Keras 3's, which goes on normalising while training."""
    return spectral_normalization(context)


def weight_norm_slots(layer: Described) -> Slots:
    return as_stored(layer)


@rule("Addons>WeightNormalization", slots=weight_norm_slots, masks="drop", origin="tensorflow-addons")
def weight_normalization(context: Context) -> Native | Composite:
    """TensorFlow Addons' WeightNormalization: the layer inside, its kernel g · v / |v|."""
    config = context.config
    record = parse_layer(config.take("layer"))
    config.ignore("data_init")
    if record.class_name not in ("Dense", "Conv1D", "Conv2D", "Conv3D"):
        raise UnsupportedOption(
            f"weight normalisation around {record.class_name}", layer=context.record.name, key="layer", hint=NO_WAY
        )
    own = r"(?!(?:.*/)?data_dep_init(?:/|$))(?:.*/)?"
    kernel = context.find_weight(f"{own}kernel", *(None,) * _rank(record))
    gain = context.find_weight(f"{own}g", kernel.shape[-1])
    flag = context.find_weight(f"{own}initialized")
    slots: dict[str, Expression] = {"kernel": Normalised(kernel, gain, flag)}
    if record.config.get("use_bias", True):
        slots["bias"] = context.find_weight(f"{own}bias", kernel.shape[-1])
    context.note("dropped", "weight normalisation is folded into the kernel: training goes on without it")
    return context.convert(record, Weights(slots), context.inputs, context.name)


def _rank(record: LayerRecord) -> int:
    return 2 if record.class_name == "Dense" else int(record.class_name[4]) + 2
