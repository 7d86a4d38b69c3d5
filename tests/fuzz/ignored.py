"""The third outcome: a changed key that the archive ignores.

A closed list of what may change without a trace, and why. Everything else that a mutant
changes must be refused or must change the plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

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
    for place in differences(at(before, path), at(after, path), path):
        text = keys(place)
        if not any(pattern.search(text) for pattern, _ in _COMPILED):
            return text
    return None


def differences(old: Any, new: Any, path: Path) -> Iterator[Path]:
    """The smallest places where two values say something else; what one of them leaves out is its default."""
    if old is MISSING or new is MISSING or alike(old, new):
        return
    if (isinstance(old, dict) and isinstance(new, dict) and "class_name" not in new) or (
        isinstance(old, dict) and isinstance(new, dict) and old.get("class_name") == new.get("class_name")
    ):
        for key in old:
            yield from differences(old[key], new.get(key, MISSING), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, item in enumerate(old):
            yield from differences(item, new[index], (*path, index))
    else:
        yield path


def alike(old: Any, new: Any) -> bool:
    """Whether two values say the same: `3` and `3.0`, `[2]` and `2`, null and nothing in it."""
    if old == new or repr(old) == repr(new):
        return True
    if isinstance(old, list) and isinstance(new, list):
        if len(old) == 3 and len(new) == 4 and new[3] == {}:
            return alike(old, new[:3])
        if len(new) == 3 and len(old) == 4 and old[3] == {}:
            return alike(old[:3], new)
        return len(old) == len(new) and all(alike(a, b) for a, b in zip(old, new, strict=True))
    if isinstance(old, dict) and isinstance(new, dict):
        return all(alike(old.get(key), new.get(key)) for key in {*old, *new})
    for one, other in ((old, new), (new, old)):
        if isinstance(one, list) and len(one) > 0 and all(alike(item, other) for item in one):
            return True
        if isinstance(one, dict) and one.get("type") == "ndarray":
            return alike(one.get("value"), other)
    if {str(old), str(new)} == {"None", "channels_last"}:
        return True
    return old in (None, [], {}, False, 0, "") and new in (None, [], {}, False, 0, "")
