"""Level one for `.safetensors`: read back with the official library, every bit compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from k2to3.archive.paths import Group
from k2to3.archive.safetensors import DTYPES, INDEX, Variable, variables_of
from k2to3.errors import NotEqual, NotKeras2
from k2to3.limits import DEFAULT, Limits, too_much
from k2to3.proof.weights import WeightProof, same_bits
from k2to3.sources.json_text import parse_object
from k2to3.sources.opened import open_file
from k2to3.sources.tensors import Array


class TensorFiles:
    """One safetensors file or all parts of a split one, open for reading.

    Raises:
        NotKeras2: not a safetensors file, or a tensor in two of them.
    """

    def __init__(self, files: Mapping[str, Path], stack: ExitStack) -> None:
        import ml_dtypes  # noqa: F401  NumPy knows bfloat16 once this is loaded
        import safetensors

        self.slices: dict[str, Any] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        for name, path in files.items():
            check_header(path)
            try:
                opened = stack.enter_context(safetensors.safe_open(path, framework="numpy"))
            except (safetensors.SafetensorError, OSError) as error:
                raise NotKeras2(f"not a sound safetensors file: {error}", file=str(path)) from error
            self.metadata[name] = opened.metadata() or {}
            for key in opened.keys():  # noqa: SIM118  not a mapping
                if key in self.slices:
                    raise NotKeras2(f"tensor {key!r} is in two files", file=str(path))
                self.slices[key] = opened.get_slice(key)

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self.slices[name].get_shape())

    def dtype(self, name: str) -> str:
        return str(self.slices[name].get_dtype())

    def part(self, name: str, start: int, stop: int) -> Array:
        """Rows `start:stop`; the whole tensor where it has no rows."""
        found = self.slices[name]
        shape = self.shape(name)
        if not shape or shape[0] == 0 or (start, stop) == (0, shape[0]):
            return np.asarray(found[...])
        return np.asarray(found[start:stop])


def check_header(path: Path, limits: Limits = DEFAULT) -> None:
    """A regular file whose header is no longer than it may be; it is parsed whole.

    Raises:
        FileError: missing, or no regular file. NotKeras2: too short. UnsafeFile: a header beyond the limit.
    """
    file = open_file(path)
    try:
        length = int.from_bytes(file.read_at(0, 8), "little")
        if file.size < 8 or length > file.size:
            raise NotKeras2("not a sound safetensors file: its header is longer than the file", file=str(path))
        if length > limits.config_bytes:
            raise too_much("config_bytes", f"a header of {length} bytes").located(file=str(path))
    finally:
        file.close()


def parts_of(target: Path) -> dict[str, Path]:
    """The files behind `new.safetensors`, which may stand for its index.

    Raises:
        FileError: missing. NotKeras2: an index that points elsewhere.
    """
    index = target if target.name.endswith(INDEX) else target.with_name(target.name + INDEX)
    if index != target and (target.exists() or not index.exists()):
        return {target.name: target}
    names = parse_object(_text(index), index.name).get("weight_map")
    names = sorted(set(names.values())) if isinstance(names, dict) else []
    if not names or any(not isinstance(name, str) or Path(name).name != name for name in names):
        raise NotKeras2("its index does not name files beside it", file=str(index))
    return {name: index.with_name(name) for name in names}


def _text(index: Path, limits: Limits = DEFAULT) -> str:
    file = open_file(index)
    try:
        if file.size > limits.config_bytes:
            raise too_much("config_bytes", f"an index of {file.size} bytes").located(file=str(index))
        return file.read_at(0, file.size).decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotKeras2("its index is not UTF-8 text", file=str(index)) from error
    finally:
        file.close()


def prove_tensors(groups: Sequence[Group], files: Mapping[str, Path], target: str) -> WeightProof:
    """Compare every tensor with what the plan says it is.

    Raises:
        NotEqual: a tensor is missing, left over, or differs in one bit.
    """
    wanted = {variable.name: variable for variable in variables_of(groups)}
    with ExitStack() as stack:
        found = TensorFiles(files, stack)
        if missing := sorted(set(wanted) - set(found.slices)):
            raise NotEqual(f"variable {missing[0]} is missing", file=target)
        if extra := sorted(set(found.slices) - set(wanted)):
            raise NotEqual(f"variable {extra[0]} is in no layer", file=target)
        for variable in wanted.values():
            _compare(variable, found, target)
    expressions = [variable.expression for variable in wanted.values()]
    return WeightProof(len(expressions), sum(e.exact for e in expressions), sum(e.nbytes for e in expressions))


def _compare(variable: Variable, found: TensorFiles, target: str) -> None:
    expression, name = variable.expression, variable.name
    if found.shape(name) != tuple(expression.shape) or found.dtype(name) != DTYPES[expression.dtype]:
        raise NotEqual(f"{name} is {found.dtype(name)} {list(found.shape(name))}", file=target, layer=variable.layer)
    start = 0
    for piece in expression.rows():
        stop = start + (piece.shape[0] if piece.shape else 0)
        if not same_bits(piece, found.part(name, start, stop)):
            raise NotEqual(f"{name} differs from {expression}", file=target, layer=variable.layer)
        start = stop
