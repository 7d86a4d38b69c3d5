"""Following the calls of a Keras 2 model and building the Keras 3 graph beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k2to3.errors import BadConfig, K2to3Error, UnsupportedOption
from k2to3.findings import Finding
from k2to3.functions.values import Complex, Unknowable
from k2to3.keras2.input_spec import check_inputs
from k2to3.keras2.model import OP_LAYERS, Call, LayerRecord, Model, Ref, leaves, map_leaves
from k2to3.keras2.order import calls_in_order
from k2to3.keras2.parse import parts
from k2to3.keras3.graph import Graph, Structure, Submodel, Tensor, tensors
from k2to3.keras3.layers.table import takes_explicit_mask
from k2to3.keras3.masks import Mask
from k2to3.keras3.masks import given as given_mask
from k2to3.keras3.nesting import Inline, crosses
from k2to3.keras3.types import Spec
from k2to3.matching.slots import Weights, stored_names
from k2to3.rules import extras
from k2to3.rules.base import Composite, Context, Native, apply_rule, find_rule, is_builtin, make_context
from k2to3.rules.core.inputs import guessed, read_input
from k2to3.rules.core.integers import as_floats
from k2to3.rules.rnn.bidirectional import could_use_cudnn
from k2to3.rules.training_flag import RANDOM, layer_call_settings, model_call_settings, without_idle_training
from k2to3.rules.wrappers import time_distributed_masks as steps
from k2to3.sources.author import Writer

Outputs = list[Any]
"""What a call produced: tensors, and where TensorFlow computed with shapes also constants."""


def convert_model(
    record: LayerRecord,
    weights: Weights,
    given: Sequence[Tensor],
    writer: Writer,
    findings: list[Finding],
) -> Submodel:
    """Convert a Sequential or Functional model, nested or not, into a graph of its own.

    `given` are the tensors of its first call; they only lend their shapes where the
    model does not know its own.
    """
    assert record.model is not None
    inline: set[str] = set()
    known = len(findings)
    while True:
        graph = Graph()
        tracer = Tracer(record.model, weights, writer, findings, inline)
        try:
            outputs = tracer.run(graph, None, [(t.shape, t.dtype) for t in given])
            break
        except Inline as again:
            inline.add(again.layer)
            del findings[known:]
    graph.outputs = outputs
    graph.input_structure = map_leaves(lambda ref: tracer.produced[ref.layer][0][0], record.model.inputs)
    model = Submodel(record.name.replace("/", "_"), "Functional", graph=graph, sequential=record.model.sequential)
    model.trainable = record.model.trainable
    return model


def nested_composite(composite: Composite, name: str, specs: Sequence[Spec]) -> Submodel:
    """A Functional model of the given name that computes what `composite` does."""
    graph = Graph()
    inputs = []
    for index, (shape, dtype) in enumerate(specs):
        label = graph.names.reserve(f"{name}_input" if len(specs) == 1 else f"{name}_input_{index}")
        inputs.append(graph.input(label, (None, *shape[1:]), dtype))
    given: Structure = inputs[0] if len(inputs) == 1 else list(inputs)
    found = composite.body(graph, given, {})
    graph.outputs = list(found) if isinstance(found, list) else [found]
    return Submodel(name, "Functional", graph=graph)


def fits(model: Submodel, given: Sequence[Tensor]) -> bool:
    """Whether the inputs of a nested model take these tensors."""
    pairs = zip(model.graph.inputs, given, strict=False)
    return all(
        len(wanted.shape) == len(tensor.shape)
        and all(None in (a, b) or a == b for a, b in zip(wanted.shape[1:], tensor.shape[1:], strict=True))
        for wanted, tensor in pairs
    )


class Tracer:
    """Traces one model; may run several times (a shared model that is inlined)."""

    def __init__(
        self, model: Model, weights: Weights, writer: Writer, findings: list[Finding], inline: set[str]
    ) -> None:
        self.model = model
        self.inline = inline
        self.weights = weights
        self.writer = writer
        self.findings = findings
        self.produced: dict[str, list[Outputs]] = {}
        self._names: dict[str, str] = {}
        self._converted: dict[str, tuple[Context, Native | Composite]] = {}
        self._nested: dict[str, Submodel] = {}
        self._inlined: dict[str, Tracer] = {}
        self._called: set[str] = set()

    def run(self, graph: Graph, given: Sequence[Tensor] | None, specs: Sequence[Spec] = ()) -> Structure:
        """Trace all calls into `graph`.

        With `given` the model is inlined: its inputs are those tensors. Without, it
        gets InputLayers of its own; `specs` fill in shapes that it does not know.
        """
        self.produced = {}
        self._reserve(graph)
        inputs = [ref.layer for ref in leaves(self.model.inputs)]
        for index, name in enumerate(inputs):
            spec = specs[index] if index < len(specs) else None
            tensor = given[index] if given is not None else self._input(graph, name, spec)
            self.produced[name] = [[tensor]]
        for record, call in self._ordered():
            try:
                self._call(graph, record, call)
            except K2to3Error as error:
                raise error.located(layer=record.name) from error.__cause__
        return map_leaves(self._output, self.model.outputs)

    def _output(self, ref: Ref) -> Tensor:
        found = self._tensor(ref)
        if isinstance(found, Unknowable):
            raise UnsupportedOption(f"{found.reason}, are an output of the model", layer=ref.layer)
        if isinstance(found, Complex):
            raise UnsupportedOption("a complex tensor is an output of the model", layer=ref.layer)
        if not isinstance(found, Tensor):
            raise UnsupportedOption("an output of the model that no input reaches", layer=ref.layer)
        return found

    def _reserve(self, graph: Graph) -> None:
        for record in self.model.layers:
            if record.name in self._names:
                continue
            name = self._names[record.name] = graph.names.reserve(self._wanted(record))
            if name != record.name:
                self.findings.append(Finding("renamed", record.name, record.class_name, f"to {name!r}"))

    def _wanted(self, record: LayerRecord) -> str:
        """PyTorch takes no dot in the name of a module that holds variables."""
        weights = self.weights.child(record.name)
        return record.name.replace(".", "_") if weights.slots or weights.children else record.name

    def _input(self, graph: Graph, name: str, spec: Spec | None) -> Tensor:
        record = self.model.layer(name)
        consumers = [r for r in self.model.layers if any(ref.layer == name for c in r.calls for ref in c.refs())]
        first = consumers[0] if consumers else None
        weights = self.weights.child(first.name) if first else Weights()
        shape, dtype, extra = read_input(record, first, weights, spec, self.writer)
        if guessed(record, spec):
            text = (
                f"the file does not say its shape: {list(shape)}, from the weights (if it was another: --input-shape)"
            )
            self.findings.append(Finding("warning", record.name, record.class_name, text))
        return graph.input(self._names[name], shape, dtype, **extra)

    def _ordered(self) -> list[tuple[LayerRecord, Call]]:
        """All calls, producers first, otherwise in the order of the file."""
        return calls_in_order(self.model, set(self.produced))

    def _tensor(self, ref: Ref) -> Any:
        try:
            return self.produced[ref.layer][ref.call][ref.tensor]
        except (KeyError, IndexError) as error:
            raise BadConfig(
                f"output {ref.tensor} of its call {ref.call} is used but not there", layer=ref.layer
            ) from error

    def _call(self, graph: Graph, record: LayerRecord, call: Call) -> None:
        args = map_leaves(self._tensor, call.args)
        given = {key: map_leaves(self._tensor, value) for key, value in call.kwargs.items()}
        kwargs = without_idle_training(record, given, self.writer)
        if record.model is not None:
            outputs = self._call_model(graph, record, args, kwargs)
        else:
            outputs = self._call_layer(graph, record, args, kwargs)
        self.produced.setdefault(record.name, []).append(outputs)

    def _call_model(
        self, graph: Graph, record: LayerRecord, args: Structure, kwargs: Mapping[str, Structure]
    ) -> Outputs:
        given = list(tensors(args))
        settings = model_call_settings(kwargs)
        masked = any(t.mask is not None or t.auto is not None for t in given)
        if not masked and record.name not in self._inlined and record.name not in self.inline:
            model = self._submodel(record, given)
            # Keras 2 only warned where a model was called on another shape than it was made for; Keras 3 refuses.
            if fits(model, given) and all(crosses(t, model.graph) for t in tensors(model.graph.outputs)):
                self._called.add(record.name)
                return _flat(graph.call(model, args, settings))
        if record.name in self._called:
            raise Inline(record.name)
        # Keras 2 and 3 pass masks through nested models differently: flatten it.
        if record.name not in self._inlined:
            assert record.model is not None
            self._inlined[record.name] = Tracer(
                record.model, self.weights.child(record.name), self.writer, self.findings, self.inline
            )
            self.findings.append(
                Finding(
                    "rebuilt",
                    record.name,
                    record.class_name,
                    "a mask crosses its border, it gives back its own input, or it is called on another shape than it "
                    "was made for: its layers stand in the outer model",
                )
            )
        return _flat(self._inlined[record.name].run(graph, given))

    def _submodel(self, record: LayerRecord, given: list[Tensor]) -> Submodel:
        if record.name not in self._nested:
            model = convert_model(record, self.weights.child(record.name), given, self.writer, self.findings)
            model.name = self._names[record.name]
            self._nested[record.name] = model
        return self._nested[record.name]

    def _call_layer(
        self, graph: Graph, record: LayerRecord, args: Structure, kwargs: Mapping[str, Structure]
    ) -> Outputs:
        if record.class_name not in OP_LAYERS:
            _refuse_constants(record, args)
        if is_builtin(record):
            check_inputs(extras.resolved(record), args, kwargs)
        kwargs = self._noise_off(record, kwargs)
        _refuse_open_state(record, args)
        self._refuse_forgotten_zeros(record, args, kwargs)
        if record.class_name == "TimeDistributed" and self._merges(graph, record, args, kwargs):
            return [self._call_merged(graph, record, args, kwargs)]
        args = as_floats(graph, record, args, self._names[record.name])
        if record.name not in self._converted:
            context = make_context(
                record,
                self.weights.child(record.name),
                args,
                self.writer,
                self._names[record.name],
                self.findings,
                convert_model,
            )
            context.args, context.kwargs = args, kwargs
            self._converted[record.name] = (context, apply_rule(context))
        context, outcome = self._converted[record.name]
        # A rule sees the first call; masks and kwargs are those of this one.
        context.inputs, context.args, context.kwargs = args, args, kwargs
        masks = _keras2_masks(record, context, args, kwargs)
        if isinstance(outcome, Native):
            outputs = _flat(call_native(graph, record, outcome, args, kwargs))
        else:
            outputs = self._call_composite(graph, record, outcome, args, kwargs, context.masked)
        return _with_masks(graph, outputs, masks, list(tensors(args)))

    def _merges(self, graph: Graph, record: LayerRecord, args: Structure, kwargs: Mapping[str, Structure]) -> bool:
        def masked() -> bool:
            inner = steps.stepped(record)
            weights = self.weights.child(record.name).child("layer")
            tensor = Graph().input("input", (None, *args.shape[2:]), args.dtype)
            model = convert_model(inner, weights, [tensor], self.writer, [])
            return any(output.mask is not None for output in tensors(model.graph.outputs))

        return steps.merges(record, args, mask_of(args, kwargs), self.writer, self._names_cells, masked)

    def _names_cells(self) -> bool:
        """TF 2.2, which calls itself 2.3.0-tf as TF 2.1 does, began to name the cell in the names of weights."""
        return any("_cell" in name for name in stored_names(self.weights))

    def _refuse_forgotten_zeros(self, record: LayerRecord, args: Structure, kwargs: Mapping[str, Structure]) -> None:
        if not record.config.get("zero_output_for_mask") or self.writer.version != (2, 3, 0) or self._names_cells():
            return
        if mask_of(args, kwargs) is not None and could_use_cudnn(record):
            raise UnsupportedOption("TF 2.1 forgot it where CuDNN could have run", key="zero_output_for_mask")

    def _call_merged(self, graph: Graph, record: LayerRecord, args: Tensor, kwargs: Mapping[str, Structure]) -> Tensor:
        if kwargs.get("training") is not None:
            raise UnsupportedOption("masks inside it, and a call argument", layer=record.name, key="training")
        if record.name not in self._inlined:
            model = steps.as_model(record)
            inner = model.layers[-1].name
            weights = Weights(children={inner: self.weights.child(record.name).child("layer")})
            self._inlined[record.name] = Tracer(model, weights, self.writer, self.findings, self.inline)
            text = "masks go through it: batch and time are merged in front of its layer, as in Keras 2"
            self.findings.append(Finding("rebuilt", record.name, record.class_name, text))
        mask = mask_of(args, kwargs)
        output = self._inlined[record.name].run(graph, [steps.merged(graph, record, args, mask)])
        return steps.split(graph, record, output, args, mask)

    def _noise_off(self, record: LayerRecord, kwargs: Mapping[str, Structure]) -> Mapping[str, Structure]:
        """Forced noise goes where the user accepted that; it stays in training."""
        if (
            not extras.current().accept_noise_off
            or record.class_name not in RANDOM
            or kwargs.get("training") is not True
        ):
            return kwargs
        text = "was random at inference (training=True); is so in training only"
        self.findings.append(Finding("accepted", record.name, record.class_name, text))
        return {key: value for key, value in kwargs.items() if key != "training"}

    def _call_composite(
        self,
        graph: Graph,
        record: LayerRecord,
        outcome: Composite,
        args: Structure,
        kwargs: Mapping[str, Structure],
        masked: bool,
    ) -> Outputs:
        flat = isinstance(args, Tensor) or (isinstance(args, list) and all(isinstance(x, Tensor) for x in args))
        if outcome.values:
            found = outcome.body(graph, args, kwargs)
            return found if isinstance(found, list) else [found]
        if outcome.inline or masked or kwargs or not flat or record.name in self.inline:
            if record.name in self._nested:
                raise Inline(record.name)
            self.inline.add(record.name)
            return _flat(outcome.body(graph, args, kwargs))
        if record.name not in self._nested:
            specs = [(t.shape, t.dtype) for t in tensors(args)]
            self._nested[record.name] = nested_composite(outcome, self._names[record.name], specs)
        return _flat(graph.call(self._nested[record.name], args))


def _flat(structure: Structure) -> Outputs:
    return list(tensors(structure))


def _keras2_masks(
    record: LayerRecord, context: Context, args: Structure, kwargs: Mapping[str, Structure]
) -> list[Mask | None]:
    masks = find_rule(record).masks
    given = [tensor.mask for tensor in tensors(args)]
    explicit = kwargs.get("mask")
    if isinstance(explicit, Tensor):
        given = [given_mask(explicit)]
    if masks == "drop" or not given:
        return []
    if masks == "pass":
        return given[:1]
    assert callable(masks)
    return masks(context, given)


def mask_of(args: Structure, kwargs: Mapping[str, Structure]) -> Mask | None:
    """The mask of a call on one tensor: the one given, else the tensor's own."""
    explicit = kwargs.get("mask")
    if isinstance(explicit, Tensor):
        return given_mask(explicit)
    return args.mask if isinstance(args, Tensor) else None


def _with_masks(graph: Graph, outputs: Outputs, masks: list[Mask | None], given: list[Tensor]) -> Outputs:
    found = []
    for index, output in enumerate(outputs):
        mask = masks[index] if index < len(masks) else None
        if not isinstance(output, Tensor):
            found.append(output)
            continue
        if output in given and mask != output.mask:
            # The layer became nothing, but its mask is another than its input's.
            output = graph.unmasked(output)
        output.mask = mask
        found.append(output)
    return found


def call_native(
    graph: Graph, record: LayerRecord, outcome: Native, args: Structure, kwargs: Mapping[str, Structure]
) -> Structure:
    """Emit the call of a layer that one Keras 3 layer replaces."""
    settings: Mapping[str, Structure] = {}
    if outcome.arrange is not None:
        args, settings = outcome.arrange(args, kwargs)
    else:
        settings = layer_call_settings(outcome.layer, kwargs)
    masks = None if outcome.masks is None else outcome.masks(args)
    explicit = kwargs.get("mask")
    if outcome.deaf:
        masks = {"mask": None}
    elif explicit is not None and isinstance(explicit, (Tensor, list)):
        if not takes_explicit_mask(outcome.layer):
            raise UnsupportedOption(
                f"Keras 3's {outcome.layer.class_name} takes no mask", layer=record.name, key="mask"
            )
        masks = {"mask": explicit}
    return graph.call(outcome.layer, args, {**outcome.kwargs, **settings}, masks=masks)


def _refuse_open_state(record: LayerRecord, args: Structure) -> None:
    """Keras keeps a state for each sample of a batch, so both refuse one of unknown size."""
    given = next(tensors(args), None)
    if given is None or given.shape[:1] != (None,) or record.class_name in OP_LAYERS:
        return
    if any(config.get("stateful") for _, config in parts(record)):
        raise BadConfig("needs to know the size of its batch", key="stateful", hint="batch_input_shape begins with it")


def _refuse_constants(record: LayerRecord, args: Structure) -> None:
    """A layer of its own is called on tensors; only ops take constants."""
    for item in args if isinstance(args, list) else [args]:
        if isinstance(item, list):
            _refuse_constants(record, item)
        elif not isinstance(item, (Tensor, dict)):
            raise UnsupportedOption(f"is called on the constant {' '.join(str(item).split())[:60]}", layer=record.name)
