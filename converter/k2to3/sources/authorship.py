"""The one answer to who wrote a file: what stands in it, then the user's word, then the architecture beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from k2to3.dataclass import dataclass
from k2to3.errors import NothingToDo, UsageError, WeightMismatch
from k2to3.options.records import SILENT, Said
from k2to3.sources.author import RELEASES, Version, Writer, parse_writer
from k2to3.sources.json_text import Json

WAY_OUT = "--backend-of-author tensorflow or theano, whichever the model was trained on"


@dataclass(frozen=True)
class Evidence:
    """What a file says of its author.

    `version` and `backend`: its attributes. `named`: the backend by the names of the weights, which TensorFlow
    ends in `:0` and Theano does not; None where there are no weights.
    """

    version: str | None = None
    backend: str | None = None
    named: str | None = None


def backend_by_names(names: Iterable[str]) -> str | None:
    """The backend that names its variables like that; None where there are none."""
    found = list(names)
    if not found:
        return None
    return "tensorflow" if any(name.endswith(":0") for name in found) else "theano"


def author(evidence: Evidence, said: Said = SILENT, config: Json | None = None, rebuilt: bool = False) -> Writer:
    """Who wrote a file; `config` is an architecture that was given beside it.

    Raises:
        WeightMismatch: the file contradicts itself.
        UsageError: the user contradicts the file.
        NothingToDo: Keras 3.
    """
    version = evidence.version or said.version
    if version is None and config is not None:
        # Keras 1 wrote no version into weights files, but into the JSON. A Keras 2 JSON beside
        # such a file was made later: Keras 2's own loader takes the weights as Keras 1's.
        given = text_of(config, "keras_version")
        version = given if given and given.startswith("1") else None
    # Before its weights are looked at: Keras 3 names them without `:0`, as Theano did.
    refuse_keras3(parse_writer(version, None))
    keras1 = version is None or version.startswith("1")
    backend = _backend(evidence, said, keras1) or text_of(config or {}, "backend")
    writer = parse_writer(version, backend, None if said.release is None else (said.release, said.release), rebuilt)
    _check_said(writer, evidence, said)
    return writer


def _backend(evidence: Evidence, said: Said, keras1: bool) -> str | None:
    """The file's own word for it; of Keras 1, which wrote none, what the names of its weights tell."""
    stated, named = evidence.backend, evidence.named
    contradicted = {stated, named} == {"tensorflow", "theano"}
    if contradicted and said.backend is None:
        ending = "end in ':0', as TensorFlow's do" if named == "tensorflow" else "do not end in ':0', as Theano's"
        raise WeightMismatch(
            f"the file says that its backend was {stated}, but the names of its weights {ending}", hint=WAY_OUT
        )
    known = None if contradicted else (stated or (named if keras1 else None))
    if known is not None and said.backend is not None and known != said.backend:
        raise UsageError(f"--backend-of-author {said.backend}: the file is of {known} ({_reason(evidence)})")
    return known or said.backend


def _reason(evidence: Evidence) -> str:
    if evidence.backend is not None:
        return f"its backend attribute says {evidence.backend!r}"
    return "the names of its weights end in ':0'" if evidence.named == "tensorflow" else "no name ends in ':0'"


def _check_said(writer: Writer, evidence: Evidence, said: Said) -> None:
    """The user may complete what the file says, not contradict it."""
    if evidence.version is None:
        return
    if said.release is not None:
        first, last = replace(writer, span=None).releases
        if not writer.tensorflow or not first <= said.release <= last:
            raise UsageError(f"--keras-version {said.text}: the file was written by Keras {evidence.version}")
    elif said.version is not None and said.version != evidence.version:
        raise UsageError(f"--keras-version {said.text}: the file says that Keras {evidence.version} wrote it")


def refuse_keras3(writer: Writer) -> None:
    """
    Raises:
        NothingToDo: Keras 3 wrote it.
    """
    if writer.version[0] >= 3:
        raise NothingToDo(
            f"written by Keras {writer.text}, which Keras 3 opens as it is",
            hint="if loading fails, the installed Keras is older than the file",
        )


def text_of(config: Json, key: str) -> str | None:
    value = config.get(key)
    return value if isinstance(value, str) else None


def keras_of(release: Version) -> str:
    """The keras_version that a TensorFlow wrote."""
    for keras, (first, last) in RELEASES.items():
        if first <= release <= last:
            return f"{'.'.join(map(str, keras))}.{PATCH.get(keras, 0)}{'-tf' if keras < (2, 4) else ''}"
    return f"{release[0]}.{release[1]}.0"


PATCH: dict[Version, int] = {(2, 0): 8, (2, 1): 6, (2, 2): 4}
