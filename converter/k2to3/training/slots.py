"""Which variables an optimizer keeps for each weight: one table for both Kerases.

Sources: `_create_slots` and `get_updates` of Keras 1.2 to 2.3.1, the `optimizer_v2` of
TensorFlow 1.14 to 2.10, `build` of tf-keras 2.11 and later and of Keras 3.3 to 3.15.
"""

from __future__ import annotations

from collections.abc import Callable

from k2to3.dataclass import dataclass
from k2to3.sources.json_text import Json


@dataclass(frozen=True)
class Slot:
    """One variable per weight.

    `names` are what Keras 2 called it, newest first. `power` says how it scales with
    the gradient and the weight when the weight is stored `k` times as large: the slot
    is then `k ** power` times as large (a gradient is `1 / k`).
    """

    names: tuple[str, ...]
    power: int
    wanted: Callable[[Json], bool] = lambda config: True
    required: bool = True


def _momentum(config: Json) -> bool:
    return bool(config.get("momentum"))


def _centered(config: Json) -> bool:
    return bool(config.get("centered"))


def _amsgrad(config: Json) -> bool:
    return bool(config.get("amsgrad"))


_ADAM = (
    (Slot(("m",), -1), Slot(("v",), -2)),
    (Slot(("vhat",), -2, _amsgrad),),
)
# Per optimizer: groups in the order of Keras 3's variables; the slots of one group are
# interleaved (all slots of the first weight, then of the second).
SLOTS: dict[str, tuple[tuple[Slot, ...], ...]] = {
    "SGD": ((Slot(("m", "momentum"), 1, _momentum),),),
    "RMSprop": (
        (Slot(("velocity", "rms"), -2),),
        (Slot(("momentum",), 1, _momentum),),
        (Slot(("average_gradient", "mg"), -1, _centered),),
    ),
    "Adam": _ADAM,
    "AdamW": _ADAM,
    "Nadam": ((Slot(("m",), -1), Slot(("v",), -2)),),
    "Adamax": ((Slot(("m",), -1), Slot(("u", "v"), -1)),),
    "Adagrad": ((Slot(("accumulator",), -2),),),
    "Adadelta": (
        (
            Slot(("accumulated_grad", "accum_grad"), -2),
            Slot(("accumulated_delta_var", "accum_var"), 2),
        ),
    ),
    "Ftrl": ((Slot(("accumulator",), -2), Slot(("linear",), 0)),),
    "Lion": ((Slot(("m",), -1),),),
    "Adafactor": ((Slot(("r",), -2), Slot(("c",), -2), Slot(("v",), -2)),),
}
AVERAGE = Slot(("average",), 1, lambda config: bool(config.get("use_ema")))
# Keras 1 to 2.3.1 and tf.keras 1.13 gave no names; these are their arrays, all of one
# kind before the next, after the number of steps where `iterations` says so.
UNNAMED: dict[str, tuple[str, ...]] = {
    "SGD": ("m",),
    "RMSprop": ("velocity",),
    "Adam": ("m", "v"),
    "Adamax": ("m", "u"),
    "Nadam": ("m", "v"),
    "Adagrad": ("accumulator",),
    "Adadelta": ("accumulated_grad", "accumulated_delta_var"),
}


def wanted_slots(class_name: str, config: Json) -> list[list[Slot]]:
    """The groups of slots that Keras 3 keeps under this config, averages first."""
    groups = [(AVERAGE,), *SLOTS[class_name]]
    found = [[slot for slot in group if slot.wanted(config)] for group in groups]
    return [group for group in found if group]


def slot_names(class_name: str) -> frozenset[str]:
    """Every name a slot of this optimizer has had in a file."""
    groups = [(AVERAGE,), *SLOTS.get(class_name, _ADAM)]
    return frozenset(name for group in groups for slot in group for name in slot.names)
