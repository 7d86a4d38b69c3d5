"""The third outcome: a changed key that the archive ignores.

A closed list of what may change without a trace, and why. Everything else that a mutant
changes must be refused or must change the plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from k2to3.keras2.model import OP_LAYERS
from k2to3.rules.common import INTEGERS

from .trees import MISSING, Path, at

# Keys, joined with "/", indices left out; the first that matches.
WITHOUT_EFFECT: tuple[tuple[str, str], ...] = (
    (r"build_config", "what Keras 2 built it on; the shapes of the inputs say it again"),
    (r"(query|key|value)_shape$", "what Keras 2 built it on; the shapes of the inputs say it again"),
    (r"batch_input_shape$|batch_shape$|input_shape$|build_input_shape$", "Keras reads that of an input alone"),
    (r"/input_(dtype|length)$|/input_dim$", "as batch_input_shape"),
    (r"(^|/)name$", "names compute nothing; one that does not fit its weights is refused"),
    (r"(module|registered_name|shared_object_id|keras_version|backend|spec_name)$", "where a class comes from"),
    (r"_initializer|(^|/)(init|inner_init)$", "the weights in the file overwrite what it makes"),
    (r"(^|/)trainable$", "changes the archive where there are weights to train"),
    (r"(^|/)optional$", "whether an input may be left out in a call"),
    (r"output_mask$", "of a function of the author's; no function, no effect"),
    (r"layers/config/function$", "of stored code; also the lines, files and names, which compute nothing"),
    (r"idf_weights$", "of another output mode"),
    (r"momentum$", "of statistics that are kept in training alone"),
    (r"inbound_nodes/constant_values$", "TensorFlow reads it in one mode alone"),
    (r"inbound_nodes/validate_indices$|_mask/i$", "checks; bits of positions that are not there"),
    (r"unit_forget_bias$", "of initial weights"),
    (r"softmax_robust_masking$", "of scores that a mask lowers; where there is one; golden plans hold its effect"),
    (r"vocabulary_size$", "counted again from the vocabulary"),
    (r"return_state$", "more outputs, which nothing uses"),
    (r"is_legacy_optimizer$", "the same rule of most optimizers"),
    (
        r"node_def/attr/(Truncate|message|shape|incompatible_shape_error|compute_v|validate_indices)(/|$)",
        "checks and messages",
    ),
    (r"^training_config/optimizer(/|$)", "of a .keras file; read as optimizer_config, which stands beside it here"),
    (r"compile_config", "read as training config, which stands beside it here"),
    (r"(jit_compile|run_eagerly|steps_per_execution)$", "how to run, not what"),
    (r"node_def/(input|name|device)", "wired by inbound nodes; only the number of inputs is read"),
    (
        r"node_def/attr/(T|Tidx|Tdim|Tlen|Tindices|Tshape|Tpaddings|Index|out_type|N|num_split|_\w+)(/|$)",
        "types and counts that the inputs say again",
    ),
    (
        r"(output_shape|output_shape_type|output_shape_module|output_mask_type|mode_type|arguments)$",
        "of a function of the author's; no function, no effect",
    ),
    (r"(implementation|consume_less|rng_type|unroll)$", "another loop for the same numbers"),
    (r"(^|/)seed$", "of noise that is off at inference, or of initial weights"),
    (r"dtype/config/loss_scale|(metrics|loss)/.*dtype$", "of training"),
)
_COMPILED = [(re.compile(pattern), why) for pattern, why in WITHOUT_EFFECT]


def keys(path: Path) -> str:
    return "/".join(key for key in path if isinstance(key, str))


def ignored(before: Any, after: Any, path: Path) -> str | None:
    """The key that was changed to no effect and should not; None where that is fine."""
    if not path:
        return None
    if _masked(before, path):
        return None
    if isinstance(path[-1], int) and alike(at(before, path[:-1]), at(after, path[:-1])):
        return None  # An item that went, or came.
    for place in differences(at(before, path), at(after, path), path):
        text = keys(place)
        if _same_in_place(before, after, place):
            continue
        if place[0] == "training_config" and at(after, place) is None:
            continue  # Some versions wrote null for the default.
        if text.endswith("dtype") and str(at(after, place)) in INTEGERS:
            continue  # Keras casts floats alone, so such a policy is at rest where no weight is a float.
        if not any(pattern.search(text) for pattern, _ in _COMPILED):
            return text
    return None


def _same_in_place(before: Any, after: Any, place: Path) -> bool:
    """What says the same beside the keys that it stands beside."""
    old, new, key = at(before, place), at(after, place), place[-1]
    if key in ("strides", "stride") and new is None:
        size = {"strides": "pool_size", "stride": "pool_length"}[key]
        return bool(alike(at(before, (*place[:-1], size)), old))  # Of pooling: as wide as its windows.
    if key == "attention_axes" and new is None:
        shape = at(before, (*place[:-1], "query_shape"))
        return isinstance(shape, list) and old == list(range(1, len(shape) - 1))  # All that there are.
    holder = _layer_of(before, place)
    if holder.get("class_name") in ("Functional", "Model", "Sequential") and "inbound_nodes" in place:
        return bool(_single(old) == _single(new))  # A model flattens what it is called on.
    beside = at(before, place[:-1])
    beside = beside if isinstance(beside, dict) else {}
    mode = beside.get("mode")
    if (key == "concat_axis" and mode != "concat") or (key == "dot_axes" and mode not in ("dot", "cos")):
        return True  # Of other modes of Keras 1's Merge.
    if key == "value_dim" and new is None:
        return bool(old == beside.get("key_dim"))
    if key == "output_mode" and {old, new} == {"one_hot", "multi_hot"}:
        return True  # Of one token a sample; the seed has no other.
    if key == "dtype" and new is None and (old in ("int64", "string") or holder.get("class_name") == "Embedding"):
        return True  # A lookup has one; Keras 2.0's Embedding wrote that of its inputs.
    if key == "groups" or str(key).startswith("kernel_"):
        return str(holder.get("class_name")).startswith(("Separable", "Depthwise"))  # They have no such weight.
    if key == "metrics" and isinstance(new, list) and [item for item in new if item is not None] == old:
        return True
    if key == "output_layers" and isinstance(old, list) and isinstance(new, list) and new[: len(old)] == old:
        return True  # One more output, which nothing uses.
    if key == "inbound_nodes" and beside.get("class_name") in OP_LAYERS and isinstance(new, list):
        return new[:1] == old[:1]  # One more call, whose output nothing uses.
    if key == "fn" and isinstance(new, dict):
        return bool(at(new, ("config", "fn")) == old)  # A metric around the function of a metric.
    if key == "training" and holder.get("config", {}).get("rate") == 0:
        return True  # A Dropout that drops nothing.
    if place[-2:] == ("optimizer_config", "class_name"):
        return str(old).removeprefix("Custom>").lower() == str(new).removeprefix("Custom>").lower()
    return False


def _single(value: Any) -> Any:
    while isinstance(value, list) and len(value) == 1:
        (value,) = value
    return value


def _layer_of(tree: Any, place: Path) -> Any:
    """The innermost layer that a place is in."""
    found = [at(tree, place[:length]) for length in range(len(place)) if place[:length][-2:-1] == ("layers",)]
    return found[-1] if found and isinstance(found[-1], dict) else {}


def _masked(before: Any, path: Path) -> bool:
    """Operands of an operation: those on constants are computed, and positions of a slice have masks."""
    for length in range(3, len(path)):
        layer = at(before, path[:length])
        if isinstance(layer, dict) and layer.get("class_name") in OP_LAYERS:
            return True
    return False


def differences(old: Any, new: Any, path: Path) -> Iterator[Path]:
    """The smallest places where two values say something else; what one of them leaves out is its default."""
    if old is MISSING or new is MISSING or alike(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and old.get("class_name", "") in ("", new.get("class_name")):
        for key in old:
            yield from differences(old[key], new.get(key, MISSING), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, item in enumerate(old):
            yield from differences(item, new[index], (*path, index))
    else:
        yield path


def alike(old: Any, new: Any) -> bool:
    """Whether two values say the same: `3` and `3.0`, `[2]` and `2`, null and nothing in it."""
    old, new = _unpacked(old), _unpacked(new)
    if new in ([old], old) or old == [new] or repr(old) == repr(new):
        return True
    single = isinstance(old, list) and len(old) == 1 and isinstance(old[0], list)
    if single and isinstance(new, list) and new and not isinstance(new[0], list) and alike(old[0], new):
        return True  # One input, listed or not.
    if isinstance(old, list) and isinstance(new, list):
        if sorted(map(repr, old)) == sorted(map(repr, new)):
            return True  # Layers in another order.
        if old[1:] == new and isinstance(old[0], dict) and old[0].get("class_name") == "InputLayer":
            return True  # Of a Sequential model, whose first layer says the same shape.
        if len(old) == 3 and len(new) == 4 and new[3] == {}:
            return alike(old, new[:3])
        if len(new) == 3 and len(old) == 4 and old[3] == {}:
            return alike(old[:3], new)
        if len(new) > len(old) > 0 and new[: len(old)] == old and _is_call(new[-1]):
            return True  # One more call, whose output nothing uses.
        return len(old) == len(new) and all(alike(a, b) for a, b in zip(old, new, strict=True))
    if isinstance(old, dict) and isinstance(new, list) and "layers" in old:
        return alike(old["layers"], new)  # A Sequential model, as the first releases wrote it.
    if isinstance(old, dict) and isinstance(new, dict):
        return all(alike(old.get(key), new.get(key)) for key in {*old, *new})
    if isinstance(old, dict) and isinstance(new, list) and old.get("class_name") == "StackedRNNCells":
        return alike(old["config"].get("cells"), new)  # RNN takes the cells themselves as well.
    for one, other in ((old, new), (new, old)):
        if isinstance(one, list) and len(one) > 0 and all(alike(item, other) for item in one):
            return True
        if isinstance(one, dict) and one.get("type") == "ndarray":
            return alike(one.get("value"), other)
    if isinstance(old, str) and isinstance(new, str) and old.lower() == new.lower():
        return True
    if {str(old), str(new)} in [{"None", name} for name in ("channels_last", "float32", "linear", "utf-8")]:
        return True
    if type(old) is int and type(new) is int and (old < 0 <= new or new < 0 <= old):
        return True  # An axis counted from the other end.
    return old in (None, [], {}, False, 0, "") and new in (None, [], {}, False, 0, "")


def _unpacked(value: Any) -> Any:
    """A tuple, as Keras 2 writes it in some places, is a list in others."""
    if isinstance(value, dict) and value.get("class_name") == "__tuple__" and isinstance(value.get("items"), list):
        return value["items"]
    return value


def _is_call(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and isinstance(value[0], list)
