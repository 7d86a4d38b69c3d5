"""Quantizers as QKeras stores them: objects with settings, or text like `quantized_bits(4,0,1)`.

Source: qkeras/quantizers.py, qkeras/safe_eval.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedOption

ACTIVATION = "activation"
NOISE = {"qnoise_factor": 1.0, "use_ste": True, "var_name": None, "use_variables": False}
# Defaults, in the order of arguments as far as it has stayed the same in all releases.
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "quantized_bits": {"bits": 8, "integer": 0, "symmetric": 0, "keep_negative": True, "alpha": None,
                       "use_stochastic_rounding": False, "scale_axis": None, **NOISE},
    "binary": {"use_01": False, "alpha": None, "use_stochastic_rounding": False},
    "ternary": {"alpha": None, "threshold": None, "use_stochastic_rounding": False, "number_of_unrolls": 5},
    "quantized_po2": {"bits": 8, "max_value": None, "use_stochastic_rounding": False, "quadratic_approximation": False,
                      "log2_rounding": "rnd", **NOISE},
    "quantized_relu_po2": {"bits": 8, "max_value": None, "negative_slope": 0, "use_stochastic_rounding": False,
                           "quadratic_approximation": False, "log2_rounding": "rnd", **NOISE},
    "quantized_relu": {"bits": 8, "integer": 0, "use_sigmoid": 0, "negative_slope": 0.0,
                       "use_stochastic_rounding": False, "relu_upper_bound": None, "is_quantized_clip": True, **NOISE},
}  # fmt: skip
IN_ORDER = {"quantized_relu": 3, "quantized_relu_po2": 2}
"""How many arguments may be told by their place, where releases differ in the later ones."""
# What is done while training alone, or is about variables.
NEUTRAL = frozenset({"use_stochastic_rounding", "use_variables", "var_name"})
FIXED = ("use_ste", "scale_axis")
SCALES = (None, "auto", "auto_po2")


@dataclass(frozen=True)
class Quantizer:
    """`settings` has all of the class's, defaults filled in."""

    name: str
    settings: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.settings[key]

    def __str__(self) -> str:
        defaults = SETTINGS[self.name]
        said = [f"{key}={value}" for key, value in self.settings.items() if value != defaults[key]]
        return f"{self.name}({', '.join(said)})"


def not_understood(what: str, layer: str, key: str) -> UnsupportedOption:
    """The error for a quantizer that is not folded or rebuilt, with what helps."""
    if key == ACTIVATION:
        given = f"--lambda {layer}='lambda x: tf.round(x * 8) / 8', with what the quantizer computes"
        return UnsupportedOption(what, layer=layer, key=key, hint=given)
    hint = "--custom-objects with a Keras 3 class of yours, or --rules"
    return UnsupportedOption(what, layer=layer, key=key, hint=hint)


def is_quantizer(value: Any) -> bool:
    """Whether an activation is one of QKeras's, not one of Keras's own."""
    name = value.get("class_name") if isinstance(value, dict) else value
    return isinstance(name, str) and re.match(r"(quantized_|binary|ternary|stochastic_|bernoulli)", name) is not None


def read_quantizer(value: Any, layer: str, key: str) -> Quantizer | None:
    """
    Raises:
        UnsupportedOption: another quantizer than those that are understood, or settings that are not.
    """
    if value is None:
        return None
    name, given = _parts(value, layer, key)
    defaults = SETTINGS[name]
    for setting, said in given.items():
        if setting not in defaults and said is not None:
            raise not_understood(f"{name} with {setting}={said!r}", layer, key)
    settings = {setting: given.get(setting, default) for setting, default in defaults.items()}
    _check(name, settings, layer, key)
    return Quantizer(name, settings)


def _check(name: str, settings: Mapping[str, Any], layer: str, key: str) -> None:
    wrong = [k for k in FIXED if settings.get(k, SETTINGS[name].get(k)) != SETTINGS[name].get(k)]
    numbers = {k: v for k, v in settings.items() if k not in NEUTRAL and k not in ("alpha", "log2_rounding")}
    wrong += [k for k, v in numbers.items() if v is not None and not isinstance(v, (int, float))]
    alpha = settings.get("alpha")
    if alpha not in SCALES and not isinstance(alpha, (int, float)):
        wrong.append("alpha")
    if wrong:
        said = ", ".join(f"{k}={settings[k]!r}" for k in wrong)
        raise not_understood(f"{name} with {said}", layer, key)


def _parts(value: Any, layer: str, key: str) -> tuple[str, dict[str, Any]]:
    found = re.fullmatch(r"(\w+)(?:\((.*)\))?", str(value.get("class_name") if isinstance(value, dict) else value))
    if found is None or found[1] not in SETTINGS:
        raise not_understood(f"quantizer {_shown(value)}", layer, key)
    if isinstance(value, dict):
        return found[1], dict(value.get("config") or {})
    name, text = found[1], found[2]
    order = list(SETTINGS.get(name, {}))[: IN_ORDER.get(name, 99)]
    given: dict[str, Any] = {}
    for place, item in enumerate(text.split(",") if text and text.strip() else []):
        setting, equals, said = (part.strip() for part in item.rpartition("="))
        if not equals and place >= len(order):
            text = f"{name} with {place + 1} arguments told by their place"
            raise not_understood(text, layer, key)
        given[setting if equals else order[place]] = _literal(said)
    return name, given


def _shown(value: Any) -> str:
    return str(value.get("class_name") if isinstance(value, dict) else value)[:60]


def _literal(text: str) -> Any:
    """A number, a truth value, or a text in quotes, as QKeras reads them."""
    if text in ("True", "False"):
        return text == "True"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None if text == "None" else text.strip("'\"")
