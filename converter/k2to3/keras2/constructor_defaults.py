"""What a constructor of an earlier Keras took for an argument that was left out, where tf-keras 2.21 takes another.

Read out of the signatures of Keras 1.0.4 to 2.3.1 and of tf.keras in TensorFlow 1.10 to 2.15;
`tests/conformance/constructor_defaults.py` compares this table with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.sources.author import Version, Writer

ALWAYS: Version = (99,)
Spans = tuple[tuple[Version, Any], ...]
"""(before this release, the default), ascending; after the last one it is today's."""


@dataclass(frozen=True)
class Past:
    """The history of one argument: in releases of multi-backend Keras, and of TensorFlow."""

    classes: tuple[str, ...]
    argument: str
    today: Any
    keras: Spans = ()
    tensorflow: Spans = ()


GATED = ("LSTM", "GRU", "LSTMCell", "GRUCell")
HISTORY = (
    Past(GATED, "recurrent_activation", "sigmoid", (((2, 3), "hard_sigmoid"),), (((2, 0), "hard_sigmoid"),)),
    Past(("GRU", "GRUCell"), "reset_after", True, ((ALWAYS, False),), (((2, 0), False),)),
    Past(("BatchNormalization",), "epsilon", 0.001, (((1, 0, 8), 1e-6), ((1, 2), 1e-5))),
    # Of training alone, from here on only where it is known.
    Past(("BatchNormalization",), "momentum", 0.99, (((1, 0, 7), 0.9),)),
    # None is today whatever `image_data_format` says; these did not listen to it.
    Past(("Flatten",), "data_format", None, (((2, 2), "channels_last"),)),
    Past(("Conv2DTranspose",), "data_format", None, (((2, 0, 3), "channels_last"),)),
    Past(("SeparableConv1D",), "data_format", None, (((2, 2, 3), None), (ALWAYS, "channels_last"))),
    Past(
        ("MaxPooling1D", "AveragePooling1D", "MaxPool1D", "AvgPool1D"),
        "data_format",
        "channels_last",
        (),
        (((1, 13), None),),
    ),
    Past(("RandomRotation", "RandomTranslation"), "fill_mode", "reflect", (), (((2, 3), "constant"),)),
    Past(("TextVectorization",), "pad_to_max_tokens", False, (), (((2, 5), True),)),
    Past(("StringLookup",), "mask_token", None, (), (((2, 6), ""),)),
    Past(("IntegerLookup",), "mask_token", None, (), (((2, 6), 0),)),
)


@dataclass(frozen=True)
class Default:
    """What an argument stood for that was left out; several values where the file fits several releases."""

    class_name: str
    argument: str
    values: tuple[Any, ...]
    today: Any

    @property
    def value(self) -> Any:
        return self.values[0]

    @property
    def certain(self) -> bool:
        return len(self.values) == 1


def defaults_of(writer: Writer) -> Iterator[Default]:
    """The defaults of the author's Keras that are not (or may not have been) those of today."""
    first, last = writer.releases
    for past in HISTORY:
        spans = past.tensorflow if writer.tensorflow else past.keras
        values = tuple(_values(spans, past.today, first, last))
        if values != (past.today,):
            yield from (Default(name, past.argument, values, past.today) for name in past.classes)


def _values(spans: Spans, today: Any, first: Version, last: Version) -> Iterator[Any]:
    """Every value that held in some release from `first` to `last`."""
    since: Version = ()
    for before, value in (*spans, ((*ALWAYS, 1), today)):
        if first < before and last >= since:
            yield value
        since = before
