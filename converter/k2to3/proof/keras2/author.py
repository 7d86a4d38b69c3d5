"""Which Keras wrote a model, as far as the file tells: what every question of history is put to.

tf.keras wrote one version for several TensorFlows (`2.2.4-tf` for 1.13 to 2.1, `2.4.0` for 2.3 and 2.4).
What else differs in their files narrows it down; where it still matters, there is no claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from k2to3.errors import NotSpecified
from k2to3.sources.author import Writer
from k2to3.sources.json_text import Json

Version = tuple[int, ...]
NEWEST: Version = (2, 99)
# keras_version as written → the first and the last TensorFlow that wrote it.
TENSORFLOWS: dict[Version, tuple[Version, Version]] = {
    (2, 2): ((1, 13), (2, 1)),
    (2, 3): ((2, 1), (2, 2)),
    (2, 4): ((2, 3), (2, 4)),
}


@dataclass(frozen=True)
class Author:
    """`keras` is the version of multi-backend Keras, or None; `first` to `last` the TensorFlows it can be."""

    keras: Version | None
    first: Version
    last: Version
    backend: str

    @property
    def keras1(self) -> bool:
        return self.keras is not None and self.keras < (2,)

    @property
    def theano(self) -> bool:
        return self.backend == "theano"

    @property
    def standalone(self) -> bool:
        """Multi-backend Keras: 1.x to 2.3.1."""
        return self.keras is not None

    def tensorflow_since(self, *version: int) -> bool:
        """Whether it is tf.keras of that TensorFlow or a later one; False for multi-backend Keras.

        Raises:
            NotSpecified: the file fits TensorFlows before and after.
        """
        if self.standalone or self.last < version:
            return False
        if self.first >= version:
            return True
        raise NotSpecified(
            f"this changed in TensorFlow {'.'.join(map(str, version))}, and the file fits "
            f"{'.'.join(map(str, self.first))} to {'.'.join(map(str, self.last))}"
        )

    def since(self, keras: Version | None, tensorflow: Version | None) -> bool:
        """Whether it has what came with that multi-backend Keras and that TensorFlow; None: never."""
        if self.keras is not None:
            return keras is not None and self.keras >= keras
        return tensorflow is not None and self.tensorflow_since(*tensorflow)


def read_author(writer: Writer, config: Json, weight_names: Iterable[str]) -> Author:
    names = list(weight_names)
    backend = writer.backend or "tensorflow"
    if writer.keras1 and names and writer.backend is None:
        # Keras 1 did not write its backend down; TensorFlow's names do.
        backend = "tensorflow" if any(name.endswith(":0") for name in names) else "theano"
    if writer.standalone:
        return Author(writer.version, (0,), (0,), backend)
    # What was built anew speaks of the tf-keras that built it.
    first, last = _narrowed(*_tensorflows(writer), {} if writer.rebuilt else config, names)
    return Author(None, first, last, backend)


def _tensorflows(writer: Writer) -> tuple[Version, Version]:
    if writer.span is not None:
        return writer.span
    if writer.before(2, 2, 0):
        return (1, 4), (1, 12)
    found = TENSORFLOWS.get(writer.version[:2])
    return found if found is not None else (writer.version[:2], writer.version[:2])


def _narrowed(first: Version, last: Version, config: Json, names: list[str]) -> tuple[Version, Version]:
    """TensorFlow's own source, release by release: what `get_config` wrote and how cells named their weights."""
    for low, high in _evidence(config, names):
        if max(first, low) <= min(last, high):
            first, last = max(first, low), min(last, high)
    return first, last


def _evidence(config: Json, names: list[str]) -> Iterator[tuple[Version, Version]]:
    for item in _objects(config):
        inner = item["config"]
        name = str(item["class_name"])
        if name in INITIALIZERS and inner is not None:
            yield ((0,), (1, 15)) if "dtype" in inner else ((2, 0), NEWEST)
        # One that the reader has made for a Sequential without any says neither.
        if name == "InputLayer" and "sparse" in inner:
            # 2.0 was branched off before 1.15 was, and has it not yet.
            yield ((1, 15), NEWEST) if "ragged" in inner else ((0,), (2, 0))
        if name == "BatchNormalizationV1":
            yield (0,), (1, 13)
        if name == "UpSampling2D":
            yield ((1, 15), NEWEST) if "interpolation" in inner else ((0,), (1, 14))
        if name in ("TFOpLambda", "SlicingOpLambda"):
            yield (2, 4), NEWEST
        if name == "TensorFlowOpLayer":
            yield (1, 14), (2, 3)
        if "query_shape" in inner:
            yield (2, 4), NEWEST
    for name in names:
        parts = name.split("/")
        if parts[-1].startswith("recurrent_kernel"):
            yield ((2, 2), NEWEST) if len(parts) > 2 and "cell" in parts[-2] else ((0,), (2, 1))


INITIALIZERS = frozenset({"Zeros", "Ones", "GlorotUniform", "RandomUniform", "Orthogonal", "VarianceScaling"})


def _objects(node: Any) -> Iterator[Json]:
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if "class_name" in item and isinstance(item.get("config"), dict):
                yield item
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
