"""Where interpreted operations go: the graph, and the layer they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedOption
from k2to3.keras3.graph import Graph, Structure, Tensor
from k2to3.keras3.layer import Layer
from k2to3.sources.author import Writer
from k2to3.sources.object_names import snake_case


@dataclass
class Emitter:
    """Adds op nodes and layers to `graph` on behalf of a Keras 2 layer.

    `name` is the stem of the names of what it adds, `layer` the Keras 2 layer as errors
    should call it. With `noise_off` the user accepts that random functions give their mean.
    """

    graph: Graph
    name: str
    layer: str
    writer: Writer
    note: Callable[[str, str], None]
    noise_off: bool = False

    def op(
        self,
        symbol: str,
        *args: Structure,
        config: Mapping[str, Any] | None = None,
        kwargs: Mapping[str, Structure] | None = None,
        name: str | None = None,
    ) -> Tensor:
        """One op node, e.g. `op("numpy.Multiply", x, 2.0)`; see `Graph.op`."""
        return self.graph.op(symbol, *args, config=config, kwargs=kwargs, name=name or self._name(symbol))

    def op_many(
        self,
        symbol: str,
        *args: Structure,
        config: Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> list[Tensor]:
        """One op node with several outputs."""
        return self.graph.op_many(symbol, *args, config=config, name=name or self._name(symbol))

    def call(self, class_name: str, config: Mapping[str, Any], inputs: Structure, **settings: Any) -> Tensor:
        """Call a built-in layer without variables; it computes in the dtype of its input."""
        layer = Layer(self.layer_name(class_name), class_name, dict(config))
        return self.call_layer(layer, inputs, **settings)

    def call_layer(self, layer: Layer, inputs: Structure, **settings: Any) -> Tensor:
        first = inputs[0] if isinstance(inputs, list) else inputs
        if layer.dtype is None and isinstance(first, Tensor) and first.dtype in ("float16", "bfloat16", "float64"):
            layer.dtype = first.dtype
        return self.graph.call(layer, inputs, settings)

    def layer_name(self, class_name: str) -> str:
        """A free name for a layer of that class."""
        return self.graph.names.reserve(f"{self.name}_{snake_case(class_name)}")

    def weight_name(self, class_name: str) -> str:
        """A free name for a layer with a weight: PyTorch takes no parameter whose name holds a dot."""
        return self.graph.names.reserve(f"{self.name}_{snake_case(class_name)}".replace(".", "_"))

    def refuse(self, message: str, *, hint: str | None = None, key: str | None = None) -> UnsupportedOption:
        """The error for something that cannot be done exactly; to be raised."""
        return UnsupportedOption(message, layer=self.layer, hint=hint, key=key)

    def _name(self, symbol: str) -> str:
        # `Graph.op` reserves the name itself.
        return f"{self.name}_{snake_case(symbol.split('.')[1])}"
