"""`.safetensors` files read back with the official library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from k2to3.archive.safetensors import DTYPES, INDEX
from k2to3.errors import NotKeras2
from k2to3.installed import check_installed
from k2to3.limits import DEFAULT, Limits, too_much
from k2to3.sources.json_text import parse_object
from k2to3.sources.opened import open_file
from k2to3.sources.tensors import Array


class TensorFiles:
    """One safetensors file or all parts of a split one, open for reading.

    Raises:
        NotKeras2: not a safetensors file, or a tensor in two of them.
        UsageError: the official library is not installed.
    """

    def __init__(self, files: Mapping[str, Path], stack: ExitStack) -> None:
        check_installed("safetensors", "safetensors", "reading .safetensors")
        check_installed("ml_dtypes", "safetensors", "reading .safetensors")
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

    def names(self) -> set[str]:
        return set(self.slices)

    def holds(self, name: str, dtype: str) -> bool:
        return self.dtype(name) == DTYPES[dtype]

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
    if not names or any(not _beside(name) for name in names):
        raise NotKeras2("its index does not name files beside it", file=str(index))
    return {name: index.with_name(name) for name in names}


def _beside(name: object) -> bool:
    """Whether an index names a file of tensors in its own folder."""
    return isinstance(name, str) and Path(name).name == name and not name.endswith(INDEX)


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


@contextmanager
def tensor_files(files: Mapping[str, Path], own: bool) -> Iterator[TensorFiles]:
    """The tensors of all parts; an index holds none.

    Raises:
        NotKeras2: not a safetensors file, or a tensor in two of them.
    """
    with ExitStack() as stack:
        yield TensorFiles({name: path for name, path in files.items() if not name.endswith(INDEX)}, stack)
