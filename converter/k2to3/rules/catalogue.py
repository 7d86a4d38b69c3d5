"""`docs/layers.md`: every class Keras 1 and 2 could store, and what becomes of it.

Written from the docstrings of the rules: their first paragraph says what Keras changed and
what is done about it, a paragraph or sentence that begins with "Refused:" what is refused.

    python -m k2to3.rules.catalogue docs/layers.md
"""

from __future__ import annotations

import sys
from pathlib import Path

from k2to3.dataclass import dataclass
from k2to3.rules.language import Rule
from k2to3.rules.refused import REASONS
from k2to3.rules.registry import built_in

ABSTRACT = "An abstract base: never in a file by itself. A subclass is a custom layer."
BASES = (
    "InputSpec _RNNCellWrapper BatchNormalizationBase ConvRNN ConvLSTM _CuDNNRNN Conv DepthwiseConv SeparableConv "
    "Pooling1D Pooling2D Pooling3D GlobalPooling1D GlobalPooling2D GlobalPooling3D _Merge BaseDenseAttention"
)
# What is no layer with a rule of its own.
OTHERS: dict[str, tuple[str, str]] = {
    "Sequential": ("Becomes Sequential again where masks allow, else Functional.", ""),
    "Functional": ("Inbound nodes, masks and node indices are rewritten; masks across a border flatten it.", ""),
    "Model": (
        "As Functional, which files before TF 2.3 call Model.",
        "Subclassed models, whose code is not in the file.",
    ),
    "TimeDistributedDense": ("Keras 1: a Dense layer.", ""),
    "AtrousConvolution1D": ("Keras 1: Conv1D with a dilation rate.", ""),
    "AtrousConvolution2D": ("Keras 1: Conv2D with a dilation rate.", ""),
    "Lambda": ("Its Python bytecode is never executed.", "The class."),
    **dict.fromkeys(BASES.split(), (ABSTRACT, "The class.")),
}
HEADER = """\
# What becomes of every layer

One row per class that Keras 1.2 to 2.15 or tf-keras could store in an HDF5 file: what Keras 3
changed and what k2to3 does about it, and what it refuses. Whatever a row does not mention is
refused too: an unknown key with a value, an unused weight, a missing one.

This page is written from the rules by `python -m k2to3.rules.catalogue docs/layers.md`.

| class | what Keras changed, what k2to3 does | refused |
|---|---|---|
"""


@dataclass(frozen=True)
class Row:
    """One line of the table; `classes` share a rule."""

    classes: tuple[str, ...]
    text: str
    refused: str


def rows() -> list[Row]:
    """All rows, by first class name."""
    rules: dict[str, Rule] = {rule.classes[0]: rule for rule in built_in().values()}
    found = [Row(rule.classes, *_split(rule.doc)) for rule in rules.values() if rule.classes[0] not in REASONS]
    found += [Row((name,), f"It {reason}.", "The class.") for name, (reason, _) in REASONS.items()]
    known = {name for row in found for name in row.classes}
    grouped: dict[tuple[str, str], list[str]] = {}
    for name, texts in OTHERS.items():
        if name not in known:
            grouped.setdefault(texts, []).append(name)
    found += [Row(tuple(names), *texts) for texts, names in grouped.items()]
    return sorted(found, key=lambda row: row.classes[0].lower())


def _split(doc: str) -> tuple[str, str]:
    text, _, refused = " ".join(doc.split()).partition("Refused: ")
    return text.strip(), refused[:1].upper() + refused[1:].rstrip()


def page() -> str:
    """The whole page."""
    return HEADER + "".join(f"| {_code(row.classes)} | {_cell(row.text)} | {_cell(row.refused)} |\n" for row in rows())


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
