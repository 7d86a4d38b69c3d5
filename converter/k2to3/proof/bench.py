"""What this machine can prove with: backends of Keras 3 and judges that are installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from k2to3.archive.requirements import Requirements
from k2to3.dataclass import dataclass
from k2to3.errors import ProofFailed, UsageError
from k2to3.installed import install, installed
from k2to3.options.records import LEVELS, ProofOptions
from k2to3.options.words import Backend

BACKENDS: tuple[Backend, ...] = tuple(name for name in get_args(Backend) if name != "auto")
ANY = f"{install('tensorflow')} proves every level; the extras jax and torch prove Embeddings and outputs"
# The levels that need Keras 3.
RUN = ("embedding", "outputs", "layers", "training")


@dataclass(frozen=True)
class Bench:
    """`backends` on which Keras 3 can run here, the preferred first; `tf_keras` whether tf-keras can judge."""

    backends: tuple[Backend, ...]
    tf_keras: bool


def bench() -> Bench:
    """What is installed."""
    backends = tuple(name for name in BACKENDS if installed("keras", name))
    return Bench(backends, installed("tensorflow", "tf_keras"))


def check_bench(proof: ProofOptions, have: Bench) -> None:
    """Make sure that what was asked for by name is there, before anything is read.

    Raises:
        UsageError: a backend or a judge that is not installed.
        ProofFailed: a level that needs what is not installed.
    """
    if proof.backend != "auto" and proof.backend not in have.backends:
        raise UsageError(f"--backend {proof.backend}: {_lacks(proof.backend, have)}", hint=install(proof.backend))
    if proof.judge == "tf-keras" and not have.tf_keras:
        raise UsageError("--judge tf-keras: tf-keras is not installed", hint=install("tensorflow"))
    asked = proof.asked or proof.reference is not None
    if asked and proof.level in RUN and not have.backends:
        raise ProofFailed(f"level {proof.level} cannot be proved: {_lacks('', have)}", hint=ANY)
    if proof.level == "training" and not have.tf_keras:
        raise ProofFailed(
            "level training cannot be proved: only tf-keras trains as Keras 2 did, and it is not installed",
            hint=install("tensorflow"),
        )


def _lacks(backend: str, have: Bench) -> str:
    if not installed("keras"):
        return "Keras 3 is not installed"
    there = f" (installed: {', '.join(have.backends)})" if have.backends else ""
    return f"{backend or 'no backend of Keras 3'} is {'not ' if backend else ''}installed{there}"


def unproved(level: str) -> list[str]:
    """What a bare installation leaves open, a line each, with the way to get it."""
    levels = LEVELS[LEVELS.index("embedding") : LEVELS.index(level) + 1]
    return [f"{name}: no Keras 3 with a backend is installed: {_extras(name)}" for name in levels]


def _extras(level: str) -> str:
    more = [] if level == "training" else [f"k2to3[{name}]" for name in ("jax", "torch")]
    return install("tensorflow") + (f" (or {', '.join(more)})" if more else "")


def backend_for(wanted: Backend, have: Bench, requires: Requirements) -> Backend:
    """The backend to prove on: the one that was asked for, else the first that can run the archive."""
    if wanted != "auto":
        return wanted
    able = [name for name in have.backends if name in requires.backends]
    return (able or have.backends)[0]


def unfit(backend: Backend, requires: Requirements) -> str | None:
    """Why Keras 3 on this backend cannot compute what the archive means, by what is known of the archive."""
    if backend in requires.backends:
        return None
    limits = [text for text in requires.limits if backend in _names(text)]
    instead = requires.backends[0] if requires.backends else "tensorflow"
    return f"Keras 3 cannot run it on {backend} ({'; '.join(limits)}): {install(instead)} and --backend {instead}"


def _names(limit: str) -> Sequence[str]:
    """`jax, torch: strings as input` → the backends it names."""
    return limit.split(":", 1)[0].split(", ")
