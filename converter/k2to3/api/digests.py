"""The digests of a conversion with a proof, taken beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from k2to3.aside import one_thread
from k2to3.sources.digest import Begun, sha256_without

if TYPE_CHECKING:
    from concurrent.futures import Future


class Digests:
    """SHA-256 of source and target, each on a thread of its own beside the copy, the proof and the flush to disk."""

    def __init__(self, source: Callable[[], str]) -> None:
        self._threads = ExitStack()
        self._source = self._threads.enter_context(one_thread()).submit(source)
        self._target: Future[Begun] | None = None

    def __enter__(self) -> Digests:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._threads.close()

    def follow(self, target: Path, rest: int) -> None:
        """The target is written, but for its last `rest` bytes."""
        self._target = self._threads.enter_context(one_thread()).submit(sha256_without, target, rest)

    def source(self) -> str:
        """Hex digest of the source, waited for."""
        return self._source.result()

    def target(self) -> str:
        """Hex digest of the target, of which all is written by now."""
        assert self._target is not None
        return self._target.result().with_rest()
