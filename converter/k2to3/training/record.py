"""What becomes of the training state of a checkpoint."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.sources.json_text import Json
from k2to3.weights import Expression


@dataclass(frozen=True)
class Optimizer:
    """A Keras 2 optimizer in Keras 3's words.

    `config` holds every constructor argument that matters, so that no default of a
    Keras release is relied on. `inner` is set for a LossScaleOptimizer.
    """

    class_name: str
    config: Json
    legacy: bool
    inner: Optimizer | None = None

    @property
    def scheduled(self) -> bool:
        return isinstance(self.config.get("learning_rate"), dict)

    def to_json(self) -> Json:
        config = dict(self.config)
        if self.inner is not None:
            config["inner_optimizer"] = self.inner.to_json()
        return {
            "module": "keras.optimizers",
            "class_name": self.class_name,
            "config": config,
            "registered_name": None,
        }


@dataclass
class Training:
    """The plan for the training state.

    `compile_config` is None when the archive stays uncompiled; `variables` are those of
    `optimizer/vars`, empty when the optimizer starts afresh. `differs` lists why further
    training cannot equal Keras 2's, `close` what makes it equal only within a stated
    bound, `unsteady` why the author's own steps did not repeat, `moving` the
    BatchNormalization layers whose moving variance alone differs, and `debiased` those
    whose moving mean does too.
    """

    compile_config: Json | None = None
    variables: tuple[Expression, ...] = ()
    optimizer: Optimizer | None = None
    differs: list[str] = field(default_factory=list)
    close: list[str] = field(default_factory=list)
    unsteady: list[str] = field(default_factory=list)
    moving: list[str] = field(default_factory=list)
    debiased: list[str] = field(default_factory=list)
    losses: list[Any] = field(default_factory=list)
    """One loss object, or None, for each output of the model."""
