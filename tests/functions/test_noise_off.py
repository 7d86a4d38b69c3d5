"""Noise is lost only where the emitter says that the user accepts it; nothing else is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from k2to3.bytecode.graph_backend import GraphBackend
from k2to3.bytecode.syntax import apply_text
from k2to3.errors import K2to3Error
from k2to3.functions.dispatch import call
from op_helpers import new_emitter

CALLS = {
    "tensorflow.random.normal": ([[2, 3]], (2, 3)),
    "keras.backend.random_normal": ([[2, 3]], (2, 3)),
    "tensorflow.random.truncated_normal": ([[4]], (4,)),
}


@pytest.mark.parametrize("symbol", CALLS)
def test_noise_becomes_its_mean(symbol):
    args, shape = CALLS[symbol]
    with pytest.raises(K2to3Error) as caught:
        call(new_emitter(), symbol, args)
    assert "--accept-noise-off" in str(caught.value.hint)
    found = call(replace(new_emitter(), noise_off=True), symbol, args)
    assert found.shape == shape
    assert not found.any()


@pytest.mark.parametrize("text", ["K.dropout(x, 0.5)", "tf.nn.dropout(x, 0.5)", "K.in_train_phase(x * 2, x)"])
def test_lambdas_ask_the_emitter(text):
    emitter = new_emitter()
    x = emitter.graph.input("x", (None, 4), "float32")
    with pytest.raises(K2to3Error) as caught:
        apply_text(text, GraphBackend(emitter), x, {})
    assert "--accept-noise-off" in str(caught.value.hint)
    assert apply_text(text, GraphBackend(replace(emitter, noise_off=True)), x, {}) is x
