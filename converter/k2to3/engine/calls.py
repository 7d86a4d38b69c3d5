"""Following the calls of a Keras 2 model and building the Keras 3 graph beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from k2to3.engine.constants import as_tensors
from k2to3.engine.native import Outputs, call_native, flat, keras2_masks, with_masks
from k2to3.engine.nested import fits, nested_composite
from k2to3.engine.shared import Shared
from k2to3.errors import BadConfig, K2to3Error, UnsupportedOption
from k2to3.findings import Finding
from k2to3.functions.values import Complex, Unknowable
from k2to3.keras2.model import OP_LAYERS, Call, LayerRecord, Model, Ref, leaves, map_leaves
from k2to3.keras2.order import calls_in_order
from k2to3.keras2.parse import INPUTS
from k2to3.keras2.unused import TRAINING_ONLY, for_losses_alone
from k2to3.keras3.graph import Graph, Structure, Submodel, Tensor, tensors
from k2to3.keras3.naming import scope_name
from k2to3.keras3.nesting import Inline, crosses
from k2to3.keras3.origins import Origin, Path
from k2to3.keras3.types import Spec
from k2to3.matching.slots import Weights
from k2to3.rules.core.core import GONE_AFTER_TRAINING
from k2to3.rules.core.inputs import as_declared, check_sparse, guessed, handed_on, read_input
from k2to3.rules.core.integers import as_floats
from k2to3.rules.core.ragged import padded, ragged_tensors
from k2to3.rules.input_spec import check_inputs, check_model_inputs
from k2to3.rules.language import CallSite, Composite, Conversion, Instead, Native
from k2to3.rules.rnn.stateful import refuse_open_state
from k2to3.rules.training_flag import model_call_settings, without_accepted_noise, without_idle_training


class ModelCalls:
    """The calls of one model; may run several times (a shared model that is inlined)."""

    def __init__(self, model: Model, weights: Weights, conversion: Conversion, inline: set[str]) -> None:
        self.model = model
        self.inline = inline
        self.weights = weights
        self.conversion = conversion
        self.produced: dict[str, list[Outputs]] = {}
        self._names: dict[str, str] = {}
        self._shared: dict[str, Shared] = {}
        self._nested: dict[str, Submodel] = {}
        self._inlined: dict[str, ModelCalls] = {}
        self._called: set[str] = set()
        self._path: Path | None = ()
        self._ragged: frozenset[Ref] = frozenset()

    def run(
        self, graph: Graph, given: Sequence[Tensor] | None, specs: Sequence[Spec] = (), path: Path | None = ()
    ) -> Structure:
        """Follow all calls into `graph`.

        With `given` the model is inlined: its inputs are those tensors. Without, it
        gets InputLayers of its own; `specs` fill in shapes that it does not know. `path` is
        the call of the model in that of the graph; None where it is no call of Keras 2.
        """
        self.produced, self._path = {}, path
        self._ragged = ragged_tensors(self.model)
        self._reserve(graph)
        inputs = [ref.layer for ref in leaves(self.model.inputs)]
        for index, name in enumerate(inputs):
            spec = specs[index] if index < len(specs) else None
            tensor = self._input(graph, name, spec) if given is None else self._given(graph, name, given[index])
            tensor.node.origin = tensor.node.origin or name
            self.produced[name] = [[tensor]]
        idle = for_losses_alone(self.model)
        for record, call in self._ordered():
            if record.name in idle:
                self._leave_out(record)
                continue
            known = len(graph.nodes)
            try:
                self._call(graph, record, call)
            except K2to3Error as error:
                raise error.located(layer=record.name) from error.__cause__
            for node in graph.nodes[known:]:
                node.origin = record.name if node.origin is None else f"{record.name}/{node.origin}"
        return map_leaves(self._output, self.model.outputs)

    def _leave_out(self, record: LayerRecord) -> None:
        if record.class_name in TRAINING_ONLY:
            self.conversion.findings.append(Finding("dropped", record.name, record.class_name, GONE_AFTER_TRAINING))

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
                self.conversion.findings.append(Finding("renamed", record.name, record.class_name, f"to {name!r}"))

    def _wanted(self, record: LayerRecord) -> str:
        """PyTorch takes no dot in the name of a module that holds variables; names of inputs are never scopes."""
        if record.class_name in INPUTS:
            return record.name
        weights, name = self.weights.child(record.name), scope_name(record.name)
        return name.replace(".", "_") if weights.slots or weights.children else name

    def _input(self, graph: Graph, name: str, spec: Spec | None) -> Tensor:
        record = self.model.layer(name)
        consumers = [r for r in self.model.layers if any(ref.layer == name for c in r.calls for ref in c.refs())]
        check_sparse(record, consumers)
        first = consumers[0] if consumers else None
        weights = self.weights.child(first.name) if first else Weights()
        shape, dtype, extra = read_input(record, first, weights, spec, self.conversion.writer)
        if guessed(record, spec):
            text = (
                f"the file does not say its shape: {list(shape)}, from the weights (if it was another: --input-shape)"
            )
            self.conversion.findings.append(Finding("warning", record.name, record.class_name, text))
        return graph.input(self._names[name], shape, dtype, **extra)

    def _given(self, graph: Graph, name: str, tensor: Tensor) -> Tensor:
        return as_declared(graph, self.model.layer(name), tensor, self.conversion.writer)

    def _ordered(self) -> list[tuple[LayerRecord, Call]]:
        """All calls, producers first, otherwise in the order of the file."""
        return calls_in_order(self.model, set(self.produced))

    def _tensor(self, ref: Ref) -> Structure:
        try:
            return self.produced[ref.layer][ref.call][ref.tensor]
        except (KeyError, IndexError) as error:
            raise BadConfig(
                f"output {ref.tensor} of its call {ref.call} is used but not there", layer=ref.layer
            ) from error

    def _call(self, graph: Graph, record: LayerRecord, call: Call) -> None:
        args = map_leaves(self._tensor, call.args)
        if any(ref in self._ragged for ref in call.refs()):
            args = padded(graph, record, args)
        given = {key: map_leaves(self._tensor, value) for key, value in call.kwargs.items()}
        kwargs = without_idle_training(record, given, self.conversion)
        if record.model is not None:
            outputs = self._call_model(graph, record, args, kwargs)
        else:
            outputs = self._call_layer(graph, record, args, kwargs)
        if self.model.sequential and len(outputs) != 1:
            raise BadConfig(f"gives {len(outputs)} outputs; in a Sequential model each layer gives one")
        self._remember(graph, record, outputs)
        self.produced.setdefault(record.name, []).append(outputs)

    def _here(self, record: LayerRecord) -> Path | None:
        """The path of the call that is being followed."""
        return None if self._path is None else (*self._path, (record.name, len(self.produced.get(record.name, ()))))

    def _remember(self, graph: Graph, record: LayerRecord, outputs: Outputs) -> None:
        path = self._here(record)
        if path is None or not all(isinstance(output, Tensor) for output in outputs):
            return
        rule = "a nested model" if record.model is not None else self.conversion.rules.find(record).label
        graph.origins.append(Origin(path, record.class_name, rule, tuple(tensors(outputs))))

    def _call_model(
        self, graph: Graph, record: LayerRecord, args: Structure, kwargs: Mapping[str, Structure]
    ) -> Outputs:
        given = list(tensors(args))
        check_model_inputs(record, given)
        settings = model_call_settings(kwargs)
        masked = any(t.mask is not None or t.auto is not None for t in given)
        if not masked and record.name not in self._inlined and record.name not in self.inline:
            model = self._submodel(record, given)
            # Keras 2 only warned where a model was called on another shape than it was made for; Keras 3 refuses.
            if fits(model, given) and all(crosses(t, model.graph) for t in tensors(model.graph.outputs)):
                self._called.add(record.name)
                return graph.call_many(model, args, settings)
        if record.name in self._called:
            raise Inline(record.name)
        # Keras 2 and 3 pass masks through nested models differently: flatten it.
        if record.name not in self._inlined:
            assert record.model is not None
            self._inlined[record.name] = ModelCalls(
                record.model, self.weights.child(record.name), self.conversion, self.inline
            )
            self.conversion.findings.append(
                Finding(
                    "rebuilt",
                    record.name,
                    record.class_name,
                    "a mask crosses its border, it gives back its own input, or it is called on another shape than it "
                    "was made for: its layers stand in the outer model",
                )
            )
        return flat(self._inlined[record.name].run(graph, given, path=self._here(record)))

    def _submodel(self, record: LayerRecord, given: list[Tensor]) -> Submodel:
        if record.name not in self._nested:
            weights, engine = self.weights.child(record.name), self.conversion.engine
            model = engine.model(record, weights, given, self.conversion)
            model.name = self._names[record.name]
            self._nested[record.name] = model
        return self._nested[record.name]

    def _call_layer(
        self, graph: Graph, record: LayerRecord, args: Structure, kwargs: Mapping[str, Structure]
    ) -> Outputs:
        rules = self.conversion.rules
        if record.class_name not in OP_LAYERS:
            args = as_tensors(graph, record, args)
        if rules.is_builtin(record):
            check_inputs(rules.resolved(record), args, kwargs)
        kwargs = without_accepted_noise(record, kwargs, self.conversion)
        refuse_open_state(record, args)
        args = handed_on(graph, record, args)
        site, rule = CallSite(record, args, kwargs, self.weights, self.conversion), rules.find(record)
        if rule.check is not None:
            rule.check(site)
        instead = None if rule.instead is None else rule.instead(site)
        if instead is not None:
            return [self._call_instead(graph, record, instead)]
        args = as_floats(graph, record, args, self._names[record.name])
        if record.name not in self._shared:
            weights, name = self.weights.child(record.name), self._names[record.name]
            self._shared[record.name] = Shared(record, weights, name, self.conversion)
        shared = self._shared[record.name]
        context, outcome = shared.on(args, kwargs)
        if shared.several and record.name in self._nested:
            raise Inline(record.name)
        # A rule sees the first call; masks and kwargs are those of this one.
        context.inputs, context.args, context.kwargs = args, args, kwargs
        masks = keras2_masks(rule, context, args, kwargs)
        if isinstance(outcome, Native):
            outputs: Outputs = call_native(graph, record, outcome, args, kwargs)
        else:
            outputs = self._call_composite(graph, record, outcome, args, kwargs, context.masked)
        return with_masks(graph, outputs, masks, list(tensors(args)))

    def _call_instead(self, graph: Graph, record: LayerRecord, instead: Instead) -> Tensor:
        if record.name not in self._inlined:
            self._inlined[record.name] = ModelCalls(instead.model, instead.weights, self.conversion, self.inline)
            self.conversion.findings.append(Finding("rebuilt", record.name, record.class_name, instead.why))
        output = self._inlined[record.name].run(graph, [instead.inputs(graph)], path=None)
        return instead.output(graph, output)

    def _call_composite(
        self,
        graph: Graph,
        record: LayerRecord,
        outcome: Composite,
        args: Structure,
        kwargs: Mapping[str, Structure],
        masked: bool,
    ) -> Outputs:
        plain = isinstance(args, Tensor) or (isinstance(args, list) and all(isinstance(x, Tensor) for x in args))
        if outcome.values:
            found = outcome.body(graph, args, kwargs)
            return found if isinstance(found, list) else [found]
        if outcome.inline or masked or kwargs or not plain or record.name in self.inline:
            if record.name in self._nested:
                raise Inline(record.name)
            self.inline.add(record.name)
            return flat(outcome.body(graph, args, kwargs))
        if record.name not in self._nested:
            specs = [(t.shape, t.dtype) for t in tensors(args)]
            self._nested[record.name] = nested_composite(outcome, self._names[record.name], specs)
        return graph.call_many(self._nested[record.name], args)
