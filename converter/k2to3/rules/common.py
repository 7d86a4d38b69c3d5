"""What every Keras 2 layer config has: name, dtype policy, flags, regularizers."""

from __future__ import annotations

from shlex import quote
from typing import Any

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.rules.language import Context
from k2to3.sources.json_text import Json

# Input specs belong to the InputLayer; the rest never changed what a layer computes.
NEUTRAL = (
    "name",
    "trainable",
    "batch_input_shape",
    "batch_shape",
    "input_shape",
    "batch_size",
    "build_config",
    "build_input_shape",
    "shared_object_id",
    "module",
    "registered_name",
    "input_dtype",
)
POLICIES = frozenset({"float16", "float32", "float64", "bfloat16", "mixed_float16", "mixed_bfloat16"})
INTEGERS = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool", "string"})


def read_common(context: Context) -> Context:
    """Take the keys that all layers share."""
    config = context.config
    config.ignore(*NEUTRAL)
    config.drop("dynamic", False)
    config.drop("autocast", True, None)
    config.drop("experimental_autocast", True, None)
    context.trainable = context.record.trainable
    context.policy = policy(config.take("dtype", None), context.record.name)
    if context.policy in INTEGERS:
        context.policy = _integer_policy(context)
    return context


# Layers that cast their input to their policy, whatever it is.
CASTING = frozenset({"Rescaling"})
# Their weights are floats all the same: this is the dtype of what goes in or out.
INPUT_DTYPE = frozenset(
    {"Embedding", "StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization", "Discretization"}
)


def _integer_policy(context: Context) -> str | None:
    """What an integer `dtype` means: nothing where no float is computed.

    Raises:
        UnsupportedOption: a layer with float weights under an integer policy.
    """
    record = context.record
    if record.class_name in CASTING:
        return context.policy
    weighted = any("float" in tensor.dtype for e in context.weights.slots.values() for tensor in e.sources())
    # Multi-backend Keras wrote the input's dtype on first layers.
    if weighted and record.class_name not in INPUT_DTYPE and not context.writer.standalone:
        raise UnsupportedOption(f"policy {context.policy!r} with float weights", layer=record.name, key="dtype")
    return None


def policy(value: Any, layer: str) -> str | None:
    """A dtype policy as a string; None for the default.

    Sources: TF 2.1-2.3 wrote `PolicyV1`, 2.4 and later `Policy`, Keras 3 `DTypePolicy`.
    """
    if isinstance(value, dict):
        inner = value.get("config")
        value = inner.get("name") if isinstance(inner, dict) else inner
    if value is None or value in ("float32", "_infer", "infer"):
        return None
    if not isinstance(value, str) or value not in POLICIES | INTEGERS:
        raise UnsupportedOption(f"dtype policy {value!r} is unknown", layer=layer, key="dtype")
    return str(value)


ALIASES = {
    "zero": "zeros",
    "one": "ones",
    "normal": "random_normal",
    "uniform": "random_uniform",
    "glorotuniform": "glorot_uniform",
    "glorotnormal": "glorot_normal",
    "henormal": "he_normal",
    "heuniform": "he_uniform",
    "lecunnormal": "lecun_normal",
    "lecununiform": "lecun_uniform",
}
# Class name in Keras 3, and the constructor keys that all its releases have.
INITIALIZERS: dict[str, tuple[str, ...]] = {
    "Zeros": (),
    "Ones": (),
    "Constant": ("value",),
    "RandomNormal": ("mean", "stddev", "seed"),
    "RandomUniform": ("minval", "maxval", "seed"),
    "TruncatedNormal": ("mean", "stddev", "seed"),
    "VarianceScaling": ("scale", "mode", "distribution", "seed"),
    "GlorotUniform": ("seed",),
    "GlorotNormal": ("seed",),
    "HeNormal": ("seed",),
    "HeUniform": ("seed",),
    "LecunNormal": ("seed",),
    "LecunUniform": ("seed",),
    "Orthogonal": ("gain", "seed"),
    "Identity": ("gain",),
}
SHORT = {
    "Zeros": "zeros",
    "Ones": "ones",
    "GlorotUniform": "glorot_uniform",
    "GlorotNormal": "glorot_normal",
    "HeNormal": "he_normal",
    "HeUniform": "he_uniform",
    "LecunNormal": "lecun_normal",
    "LecunUniform": "lecun_uniform",
    "Orthogonal": "orthogonal",
    "RandomNormal": "random_normal",
    "RandomUniform": "random_uniform",
    "TruncatedNormal": "truncated_normal",
    "VarianceScaling": "variance_scaling",
    "Identity": "identity",
}
VECTORS = frozenset({"beta", "gamma", "moving_mean", "moving_variance"})
LARGEST = 3e38
"""Of float32; a seed is smaller as well."""
DISTRIBUTIONS = {"normal": "truncated_normal"}
# Keras 3 before 3.6 knows these classes by another public name.
RENAMED = {"Orthogonal": "OrthogonalInitializer", "Identity": "IdentityInitializer"}


def initializer(context: Context, key: str, default: str) -> Any:
    """An initializer with its own arguments and seed; weights overwrite what it makes."""
    value = context.config.take(key, None)
    if value is None:
        return default
    found = _initializer(value) or _given(context, key, value)
    if found is None:
        context.note("dropped", f"{key}: custom initializer {_label(value)} (its weights are in the file)")
        return default
    return found


def known_initializer(value: Any) -> bool:
    """Whether an initializer is one of Keras's own."""
    return _initializer(value) is not None


def _initializer(value: Any) -> Any:
    if isinstance(value, str):
        return _initializer({"class_name": value, "config": {}})
    if not isinstance(value, dict) or not isinstance(value.get("config"), (dict, type(None))):
        return None
    settings = value.get("config") or {}
    by_lower = {name.lower(): name for name in INITIALIZERS}
    label = str(value.get("class_name"))
    plain = label.lower().replace("_", "").removesuffix("v1").removesuffix("v2")
    plain = ALIASES.get(plain, plain).replace("_", "").removesuffix("initializer")
    name = by_lower.get(plain)
    if name is None:
        return None
    kept = {key: _plain(settings[key]) for key in INITIALIZERS[name] if settings.get(key) is not None}
    if "seed" in kept:
        # Keras 3 takes no float.
        kept["seed"] = int(kept["seed"])
    if kept.get("distribution") in DISTRIBUTIONS:
        kept["distribution"] = DISTRIBUTIONS[kept["distribution"]]
    if not kept and name in SHORT:
        return SHORT[name]
    if any(isinstance(item, (list, dict)) or _beyond_floats(item) for item in kept.values()):
        return None
    return _object("keras.initializers", RENAMED.get(name, name), kept)


def _beyond_floats(value: Any) -> bool:
    return isinstance(value, (int, float)) and abs(value) > LARGEST


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and value.get("type") == "ndarray":
        return value.get("value")
    return value


def _label(value: Any) -> str:
    return str(value.get("class_name") if isinstance(value, dict) else value)


def _object(module: str, class_name: str, config: Json) -> Json:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def _given(context: Context, key: str, value: Any) -> Json | None:
    """A regularizer, constraint or initializer of the author's, as `--custom-objects` has it."""
    classes = context.conversion.rules.custom
    settings = value.get("config") if isinstance(value, dict) else None
    if classes is None:
        return None
    found = classes.object(_label(value), key.rsplit("_", 1)[-1], settings, context.record.name)
    if found is not None:
        context.note("custom", f"not native: loading the archive needs {_label(value)} ({key})")
    return found


def _authors(context: Context, key: str, value: Any, text: str) -> Json | None:
    """What is not Keras's own: given, dropped on demand, or refused.

    Raises:
        UnsupportedOption: neither `--custom-objects` nor `--drop` names it.
    """
    found, name = _given(context, key, value), _label(value)
    if found is not None:
        return found
    if context.conversion.drops(name):
        context.note("dropped", f"{key}: {name}, as --drop says; outputs are the same, further training is not")
        return None
    raise UnsupportedOption(
        text,
        layer=context.record.name,
        key=key,
        hint=f"give it with --custom-objects; --drop {quote(name)} goes without: it changes training alone",
    )


REGULARIZERS = frozenset({"L1", "L2", "L1L2", "WeightRegularizer", "ActivityRegularizer",
                          "l1", "l2", "l1_l2", "OrthogonalRegularizer"})  # fmt: skip


def regularizer(context: Context, key: str) -> Any:
    """A built-in regularizer, or the author's own.

    Raises:
        UnsupportedOption: a custom one that is neither given nor dropped on demand.
    """
    value = context.config.take(key, None)
    if value is None:
        return None
    if isinstance(value, str) and value in ("l1", "l2", "l1_l2", "L1", "L2", "L1L2"):
        return _named_regularizer(value)
    name = value.get("class_name") if isinstance(value, dict) else value
    settings = (value.get("config") or {}) if isinstance(value, dict) else {}
    if name == "OrthogonalRegularizer":
        return _object("keras.regularizers", name, {k: settings[k] for k in ("factor", "mode") if k in settings})
    if name not in REGULARIZERS:
        return _authors(context, key, value, f"custom regularizer {name!r}")
    l1, l2 = (_penalty(str(name), key, settings) for key in ("l1", "l2"))
    return _object("keras.regularizers", "L1L2", {"l1": l1, "l2": l2}) if l1 or l2 else None


def _penalty(name: str, key: str, settings: Json) -> float:
    """A factor of a regularizer; that of L1 or L2 is 0.01 where none is given, that of L1L2 is 0."""
    value = _plain(settings.get(key))
    return float(value) if value is not None else 0.01 * (name.lower() == key)


def _named_regularizer(name: str) -> Json:
    l1 = 0.01 if "1" in name else 0.0
    l2 = 0.01 if "2" in name else 0.0
    return _object("keras.regularizers", "L1L2", {"l1": l1, "l2": l2})


CONSTRAINTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "maxnorm": ("MaxNorm", ("max_value", "axis")),
    "nonneg": ("NonNeg", ()),
    "unitnorm": ("UnitNorm", ("axis",)),
    "minmaxnorm": ("MinMaxNorm", ("min_value", "max_value", "rate", "axis")),
}


def constraint(context: Context, key: str) -> Any:
    """A built-in weight constraint, or the author's own.

    Raises:
        UnsupportedOption: a custom one, or one that Keras 3 lost (RadialConstraint), neither given nor dropped.
    """
    value = context.config.take(key, None)
    if value is None:
        return None
    name = _label(value)
    settings = value.get("config") or {} if isinstance(value, dict) else {}
    found = CONSTRAINTS.get(name.lower().replace("_", ""))
    if found is None:
        return _authors(context, key, value, f"constraint {name!r} has no equivalent")
    class_name, keys = found
    kept = {key: _plain(settings[key]) for key in keys if key in settings}
    # Keras 1 called MaxNorm's value `m`.
    if class_name == "MaxNorm" and "m" in settings:
        kept["max_value"] = settings["m"]
    return _object("keras.constraints", class_name, kept)


def trained(context: Context, *weights: str, defaults: dict[str, str] | None = None) -> Json:
    """Initializer, regularizer and constraint of each named weight, defaults left out."""
    found: Json = {}
    for weight in weights:
        default = (defaults or {}).get(weight, "zeros" if "bias" in weight else "glorot_uniform")
        start = initializer(context, f"{weight}_initializer", default)
        if start != default:
            _check_matrix(context, weight, start)
            found[f"{weight}_initializer"] = start
        for part, read in (("regularizer", regularizer), ("constraint", constraint)):
            value = read(context, f"{weight}_{part}")
            if value is not None:
                found[f"{weight}_{part}"] = value
    return found


def _check_matrix(context: Context, weight: str, start: Any) -> None:
    """Neither Keras builds a layer that begins with a matrix where its weight is a vector."""
    named = start if isinstance(start, str) else str(start.get("class_name"))
    axes = context.config.peek("axis")
    vector = weight in VECTORS and not (isinstance(axes, list) and len(axes) > 1)
    if vector and named.lower().removesuffix("initializer") in ("orthogonal", "identity"):
        key = f"{weight}_initializer"
        raise BadConfig("makes matrices, and its weight is a vector", layer=context.record.name, key=key)


def activity(context: Context) -> Json:
    """`activity_regularizer`, where a layer has one."""
    value = regularizer(context, "activity_regularizer")
    return {"activity_regularizer": value} if value is not None else {}


def forgotten_regularizer(context: Context) -> None:
    """An `activity_regularizer` of a layer that is rebuilt from others: outputs are the same."""
    if context.config.take("activity_regularizer", None) is not None:
        context.note("warning", "goes without its activity_regularizer, a penalty while training")


def forgotten_training(context: Context, *weights: str, defaults: dict[str, str] | None = None) -> None:
    """What `trained` reads, of a layer that is rebuilt from others: outputs are the same."""
    lost = [key for key in trained(context, *weights, defaults=defaults) if not key.endswith("_initializer")]
    if lost:
        context.note("warning", f"goes without its {', '.join(lost)}, which matter in training alone")
