"""What stands around a call of a recurrent layer, piece by piece."""

from __future__ import annotations

import pytest
from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras2.model import LayerRecord
from k2to3.keras3 import masks
from k2to3.keras3.graph import Graph, Tensor
from k2to3.rules.rnn.any_cell import reads_rows
from k2to3.rules.rnn.cell_wrappers import read_wrapper
from k2to3.rules.rnn.cudnn import could_use_cudnn
from k2to3.rules.rnn.recurrence import Flags, SequenceCall, held, holds_state, read_turn, reordered, state_call, swapped
from k2to3.rules.rnn.recurrent_cells import family
from k2to3.rules.rnn.stateful import refuse_open_state
from k2to3.sources.author import parse_writer


def inputs(*shapes: tuple[int | None, ...]) -> tuple[Graph, list[Tensor]]:
    graph = Graph()
    return graph, [graph.input(f"in_{index}", shape, "float32") for index, shape in enumerate(shapes)]


def test_states_of_a_call():
    _, (x, h, c) = inputs((None, 5, 4), (None, 3), (None, 3))
    assert state_call(x, {}) == (x, {})
    assert state_call(x, {"mask": h, "training": None, "initial_state": None}) == (x, {})
    assert state_call([x, h], {}) == (x, {"initial_state": h})
    assert state_call([x, h, c], {}) == (x, {"initial_state": [h, c]})
    assert state_call(x, {"initial_state": [h, c]}) == (x, {"initial_state": [h, c]})
    assert state_call(x, {"initial_state": h}) == (x, {"initial_state": h})
    assert state_call(x, {"training": False}) == (x, {"training": False})
    for key in ("constants", "other"):
        with pytest.raises(UnsupportedOption) as refused:
            state_call(x, {key: [1.0]})
        assert refused.value.key == key


def test_a_call_is_read():
    _, (x, h, given) = inputs((None, 5, 4), (None, 3), (None, 5))
    x.mask = masks.nonzero(given)
    assert read_turn([x, h], {"training": False}) == SequenceCall(x, [h], x.mask, {"training": False})
    assert read_turn(x, {"mask": given}).mask == masks.given(given)
    assert read_turn(x, {"mask": [given, None]}).mask == masks.given(given)
    assert read_turn(x, {"mask": []}).mask == x.mask == read_turn(x, {"mask": [None]}).mask


@pytest.mark.parametrize(
    ("version", "backend", "holds"),
    [
        ("2.2.5", "tensorflow", True),
        ("2.3.0", "tensorflow", False),
        ("2.2.5", "theano", False),
        ("2.1.6-tf", "tensorflow", True),
        ("2.2.3-tf", "tensorflow", True),
        ("2.2.4-tf", "tensorflow", False),
        ("1.2.2", "tensorflow", True),
        ("2.4.0", None, False),
    ],
)
def test_who_held_the_first_state(version, backend, holds):
    assert holds_state(parse_writer(version, backend)) == holds


def test_states_in_another_order():
    graph, (x, *states) = inputs((None, 5, 4), (None, 1), (None, 2), (None, 3))
    seen: list[SequenceCall] = []

    def run(graph: Graph, turn: SequenceCall) -> list[Tensor]:
        seen.append(turn)
        return [x, *turn.states]

    a, b, c = states
    assert reordered(run, [1, 2, 0])(graph, SequenceCall(x, states)) == [x, a, b, c]
    assert seen[-1].states == [c, a, b]
    assert reordered(run, [1, 2, 0])(graph, SequenceCall(x)) == [x] and seen[-1].states == []
    assert reordered(lambda graph, turn: [x, a, b, c], [1, 2, 0])(graph, SequenceCall(x)) == [x, b, c, a]


def test_time_first():
    graph, (x, given, h) = inputs((5, None, 4), (5, None), (None, 3))
    seen: list[SequenceCall] = []

    def run(graph: Graph, turn: SequenceCall) -> list[Tensor]:
        seen.append(turn)
        return [turn.source, *turn.states]

    first, second = swapped(run, True)(graph, SequenceCall(x, [h], masks.given(given)))
    assert seen[0].source.shape == (None, 5, 4) and (first.shape, second) == ((5, None, 4), h)
    assert first.node.operation.config == {"axes": [1, 0, 2]}
    mask = seen[0].mask
    assert mask is not None and graph.mask_tensor(mask).shape == (None, 5)
    assert swapped(run, False)(graph, SequenceCall(x, [h]))[0].shape == (None, 5, 4)
    assert seen[1].mask is None


@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
def test_the_first_state_is_held(sequences, backwards):
    graph, (x, given, h, c) = inputs((None, 5, 3), (None, 5), (None, 3), (None, 3))
    output = x if sequences else h

    def run(graph: Graph, turn: SequenceCall) -> list[Tensor]:
        return [output, c]

    around = held(run, Flags(sequences=sequences, backwards=backwards))
    assert around(graph, SequenceCall(x, [h])) == [output, c] == around(graph, SequenceCall(x, [], masks.given(given)))
    before = len(graph.nodes)
    found, state = around(graph, SequenceCall(x, [h, c], masks.given(given)))
    assert state is c and found.shape == output.shape
    added = [node.operation for node in graph.nodes[before:]]
    wanted = ["Cast", "Cumsum", "Greater", "ExpandDims", "ExpandDims", "Where"] if sequences else ["Any", "Where"]
    assert [operation.class_name for operation in added] == ["Flip"] * backwards + wanted
    settings = [operation.config for operation in added][backwards:]
    if sequences:
        assert settings == [{"dtype": "int32"}, {"axis": 1}, {}, {"axis": -1}, {"axis": 1}, {}]
        assert graph.nodes[-4].args[1] == 0
    else:
        assert settings == [{"axis": [1], "keepdims": True}, {}]
    seen, first, second = found.node.args
    assert isinstance(seen, Tensor) and seen.shape == ((None, 5, 1) if sequences else (None, 1))
    assert first is output and isinstance(second, Tensor)
    assert second.shape == ((None, 1, 3) if sequences else (None, 3))


def record(class_name: str, **config: object) -> LayerRecord:
    return LayerRecord(class_name, "it", config)  # type: ignore[arg-type]


def test_who_could_run_in_cudnn():
    plain = {"activation": "tanh", "recurrent_activation": "sigmoid"}
    assert could_use_cudnn(record("LSTM", **plain)) and could_use_cudnn(record("GRU", **plain))
    assert could_use_cudnn(record("LSTM", **plain, reset_after=False))
    assert not could_use_cudnn(record("SimpleRNN", **plain))
    assert not could_use_cudnn(record("GRU", **plain, reset_after=False))
    for key, value in (
        ("activation", "relu"), ("recurrent_activation", "tanh"), ("recurrent_dropout", 0.5), ("unroll", True),
        ("use_bias", False),
    ):  # fmt: skip
        assert not could_use_cudnn(record("LSTM", **{**plain, key: value})), key


def test_a_stateful_layer_knows_its_batch():
    _, (open_batch, batch) = inputs((None, 5, 4), (2, 5, 4))
    stateful = record("LSTM", stateful=True)
    refuse_open_state(stateful, batch)
    refuse_open_state(stateful, None)
    refuse_open_state(record("LSTM", stateful=False), open_batch)
    refuse_open_state(record("TFOpLambda", stateful=True), open_batch)
    for args in (open_batch, [open_batch, batch]):
        with pytest.raises(BadConfig) as refused:
            refuse_open_state(stateful, args)
        assert refused.value.key == "stateful" and refused.value.hint
    inner = {"class_name": "LSTM", "config": {"name": "inner", "stateful": True}}
    with pytest.raises(BadConfig):
        refuse_open_state(record("Bidirectional", layer=inner), open_batch)


def test_cells_of_rows():
    def held(class_name: str, **config: object) -> dict[str, object]:
        return {"class_name": class_name, "config": {"name": "inner", **config}}

    for name in ("LSTMCell", "LSTMCellV1", "GRUCellV2", "SimpleRNNCell", "PeepholeLSTMCell"):
        assert reads_rows(record(name)), name
        assert reads_rows(record("ResidualWrapper", cell=held(name))), name
        assert reads_rows(record("StackedRNNCells", cells=[held(name), held("Mine")])), name
    assert not reads_rows(record("Mine"))
    assert not reads_rows(record("StackedRNNCells", cells=[held("Mine"), held("LSTMCell")]))
    assert not reads_rows(record("StackedRNNCells", cells=[]))
    assert [family(name) for name in ("CuDNNLSTM", "GRUCellV2", "SimpleRNNCell")] == ["LSTM", "GRU", "SimpleRNN"]


def test_wrappers_around_cells():
    cell = {"class_name": "LSTMCell", "config": {"name": "inner"}}
    assert read_wrapper(record("ResidualWrapper", name="it", cell=cell, residual_fn_type="function"))
    assert not read_wrapper(record("DeviceWrapper", name="it", cell=cell, device="/gpu:0"))
    assert not read_wrapper(record("DropoutWrapper", name="it", cell=cell, input_keep_prob=1.0, seed=1))
    for key, value in (
        ("input_keep_prob", 0.5), ("output_keep_prob", 0.5), ("state_keep_prob", 0.5), ("residual_fn", "f"),
    ):  # fmt: skip
        with pytest.raises(UnsupportedOption) as refused:
            read_wrapper(record("DropoutWrapper", name="it", cell=cell, **{key: value}))
        assert (refused.value.layer, refused.value.key) == ("it", key)
