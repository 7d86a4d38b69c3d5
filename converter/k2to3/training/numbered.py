"""The optimizer's arrays in files that go by path: numbered, without names.

`optimizer/vars/0` is the number of steps; the others follow in the order in which tf-keras
2.11 and later built them, which is Keras 3's but for the learning rate, which they leave
out, and the momentum of SGD, which they keep even when it is zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from k2to3.sources.json_text import Json
from k2to3.sources.tensors import StoredTensor
from k2to3.training.schedules import Unsupported
from k2to3.training.slots import AVERAGE, SLOTS, Slot

# Nadam keeps the arrays of Adam; Adafactor's depend on the rank of the weight.
SAME_AS = {"Nadam": "Adam"}
UNKNOWN = ("Adafactor",)


def named_by_path(
    class_name: str, config: Json, tensors: Sequence[StoredTensor], weights: Sequence[StoredTensor]
) -> tuple[StoredTensor, ...]:
    """The arrays under the names that an H5 file gives them: `Adam/m/NAME OF WEIGHT`.

    Raises:
        Unsupported: another number of arrays than the optimizer has.
    """
    if not tensors:
        return ()
    if class_name in UNKNOWN or SAME_AS.get(class_name, class_name) not in SLOTS:
        raise Unsupported(f"the order in which such a file keeps the arrays of {class_name} is not known")
    names = ["iteration", *_names(class_name, config, weights)]
    if len(names) != len(tensors):
        raise Unsupported(f"the file holds {len(tensors)} optimizer arrays, {class_name} has {len(names)}")
    return tuple(replace(tensor, name=name) for tensor, name in zip(tensors, names, strict=True))


def _names(class_name: str, config: Json, weights: Sequence[StoredTensor]) -> Iterator[str]:
    groups = [*([(AVERAGE,)] if config.get("use_ema") else []), *SLOTS[SAME_AS.get(class_name, class_name)]]
    for group in groups:
        slots = [slot for slot in group if slot.wanted(config) or class_name == "SGD"]
        for weight in weights:
            yield from (_name(class_name, slot, weight) for slot in slots)


def _name(class_name: str, slot: Slot, weight: StoredTensor) -> str:
    return f"{class_name}/{slot.names[0]}/{weight.name}"
