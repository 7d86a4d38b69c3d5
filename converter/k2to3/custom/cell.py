"""A cell of the user's inside a built-in RNN: built by real Keras 3, weights matched by name and shape."""

from __future__ import annotations

from k2to3.custom.client import CustomObjects
from k2to3.custom.rule import COMMON, config_of, lay_out
from k2to3.keras3.layer import Custom, Layer
from k2to3.rules.language import Context


class GivenClasses(CustomObjects):
    """The user's classes, also as cells."""

    def cell(self, context: Context, width: int | None) -> Layer:
        """The cell as its class makes it for `width` features.

        Raises:
            Refused: the class cannot be made or built.
        """
        return custom_cell(self, context, width)


def custom_cell(objects: CustomObjects, context: Context, width: int | None) -> Layer:
    """As `GivenClasses.cell`."""
    name = context.record.class_name
    question = {"ask": "cell", "class_name": name, "config": config_of(context), "width": width}
    found = objects.ask(question, context.record.name)
    layer = context.layer(found["class_name"], {k: v for k, v in found["config"].items() if k not in COMMON})
    layer.custom = Custom(
        found["module"],
        found["registered_name"],
        lambda inputs, kwargs: [],
        states=tuple(found["states"]),
        output=found["output"],
    )
    lay_out(context, layer, found["groups"])
    twin = "" if objects.has_twin(name) else f"; {objects.module}.KERAS2 has no class of that name to compare with"
    context.note("custom", f"not native: loading the archive needs {found['class_name']} of {objects.module}{twin}")
    return layer
