"""What Keras 1 had and Keras 2 has no more: names of layers, `merge`, `Model(input=, output=)`, `dim_ordering`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from k2to3.keras2.keras1 import upgrade_layer

# Classes that keep their name and words of Keras 1 in the architecture.
KEPT = ("Merge", "MaxoutDense", "Highway")
SUMS = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum"}


@dataclass
class Branches:
    """`Merge([left, right])` at the head of a Sequential: its layers stand beside those of the branches."""

    layers: list[Any]
    merging: Callable[[list[Any]], Any]


@dataclass
class Gone:
    """The vocabulary over one tf-keras; `heads` are Sequential models that begin with branches."""

    keras: Any
    heads: dict[int, tuple[list[Any], Any]] = field(default_factory=dict)

    def install(self) -> None:
        layers, backend = self.keras.layers, self.keras.backend
        names = {
            "AtrousConvolution1D": layers.Conv1D,
            "AtrousConvolution2D": layers.Conv2D,
            "Deconvolution2D": layers.Conv2DTranspose,
            "MaxoutDense": self._kept("MaxoutDense"),
            "Highway": self._kept("Highway"),
            "TimeDistributedDense": lambda *args, **kwargs: layers.TimeDistributed(layers.Dense(*args, **kwargs)),
            "Merge": self.merge_layer,
            "merge": self.merge,
        }
        for name, value in names.items():
            setattr(layers, name, value)
        # In Keras 2's names for them, so that everything below reads them too.
        backend.set_image_dim_ordering = lambda order: backend.set_image_data_format(FORMATS[order])
        backend.image_dim_ordering = lambda: ORDERS[backend.image_data_format()]
        self._models()

    def merge(self, inputs: list[Any], mode: Any = "sum", **settings: Any) -> Any:
        """`merge([a, b], mode="concat")`."""
        return self._merging(mode, **settings)(inputs)

    def merge_layer(self, layers: list[Any] | None = None, mode: Any = "sum", **settings: Any) -> Any:
        """The class `Merge`."""
        merging = self._merging(mode, **settings)
        return merging if layers is None else Branches(list(layers), merging)

    def _merging(
        self,
        mode: Any,
        concat_axis: int = -1,
        dot_axes: Any = -1,
        output_shape: Any = None,
        name: str | None = None,
        **ignored: Any,
    ) -> Any:
        layers = self.keras.layers
        if callable(mode):
            return layers.Lambda(mode, output_shape=output_shape, name=name)
        if mode == "concat":
            return layers.Concatenate(axis=concat_axis, name=name)
        if mode == "cos":
            return self._kept("Merge")(mode=mode, dot_axes=dot_axes, name=name)
        if mode == "dot":
            pair = (
                [axis[0] if isinstance(axis, (list, tuple)) else axis for axis in dot_axes]
                if not isinstance(dot_axes, int)
                else dot_axes
            )
            return layers.Dot(axes=pair, name=name)
        return getattr(layers, SUMS[mode])(name=name)

    def _kept(self, class_name: str) -> type:
        base = self.keras.layers.Layer

        def constructor(layer: Any, *args: Any, name: str | None = None, **words: Any) -> None:
            shape = {key: words.pop(key) for key in ("input_shape", "batch_input_shape") if key in words}
            if "input_dim" in words:
                shape["input_shape"] = (words.pop("input_dim"),)
            base.__init__(layer, name=name, **shape)
            layer.words = {**dict(zip(("output_dim", "nb_feature"), args, strict=False)), **words}

        def config(layer: Any) -> dict[str, Any]:
            told = {"name": layer.name, "trainable": layer.trainable, **_plain(class_name, layer.words)}
            return dict(upgrade_layer({"class_name": class_name, "config": told})["config"])

        return type(class_name, (base,), {"__init__": constructor, "get_config": config, "call": CALLS[class_name]})

    def _models(self) -> None:
        for owner in (self.keras.Sequential, self.keras.Model):
            # A script's own compile has words of its time, and is of no matter here.
            owner.compile = lambda *args, **kwargs: None
        for owner in {self.keras.Model, type(self._functional())}:
            _renamed(owner, "__new__")
            _renamed(owner, "__init__")
        original = self.keras.Sequential.add

        def add(model: Any, layer: Any) -> None:
            if isinstance(layer, Branches):
                ends = [self.ends(branch) for branch in layer.layers]
                inputs = [tensor for given, _ in ends for tensor in given]
                self.heads[id(model)] = inputs, layer.merging([output for _, output in ends])
            elif id(model) in self.heads:
                inputs, output = self.heads[id(model)]
                self.heads[id(model)] = inputs, layer(output)
            else:
                original(model, layer)

        self.keras.Sequential.add = add

    def _functional(self) -> Any:
        tensor = self.keras.Input((1,))
        return self.keras.Model(tensor, tensor)

    def ends(self, model: Any) -> tuple[list[Any], Any]:
        """Inputs and output of a model."""
        found = self.heads.get(id(model))
        return (list(model.inputs), model.outputs[0]) if found is None else found

    def whole(self, model: Any) -> Any:
        """A Sequential that began with branches as the Functional model it is."""
        if id(model) not in self.heads:
            return model
        inputs, output = self.heads[id(model)]
        return self.keras.Model(inputs=inputs, outputs=output, name=model.name)


FORMATS = {"th": "channels_first", "tf": "channels_last"}
ORDERS = {"channels_first": "th", "channels_last": "tf"}


def _plain(class_name: str, words: dict[str, Any]) -> dict[str, Any]:
    """What Keras 1 wrote besides what was said."""
    if class_name == "Merge":
        return {"concat_axis": -1, "mode_type": "raw", **words}
    if class_name == "MaxoutDense":
        return {"bias": True, "nb_feature": 4, **words}
    return {"bias": True, "activation": "linear", **words}


def _renamed(owner: Any, method: str) -> None:
    """`input` and `output` are `inputs` and `outputs` now."""
    original = getattr(owner, method)

    def renamed(first: Any, *args: Any, **kwargs: Any) -> Any:
        for old in ("input", "output"):
            if old in kwargs:
                kwargs[old + "s"] = kwargs.pop(old)
        return original(first, *args, **kwargs)

    setattr(owner, method, staticmethod(renamed) if method == "__new__" else renamed)


def _cosine(layer: Any, inputs: Any) -> Any:
    return (inputs[0][:, :1] * inputs[1][:, :1])[:, None]


def _maxout(layer: Any, inputs: Any) -> Any:
    one = inputs[:, :1]
    return one * [[0.0] * int(layer.words["output_dim"])]


CALLS = {"Merge": _cosine, "MaxoutDense": _maxout, "Highway": lambda layer, inputs: inputs * 1.0}
