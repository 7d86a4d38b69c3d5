"""Weights of custom layers: matched where there is no doubt, else refused."""

from __future__ import annotations

import k2to3
import numpy as np
import pytest
from k2to3.custom.matching import Wanted, match
from k2to3.matching.open_slots import assign_open
from k2to3.matching.slots import Slots
from k2to3.sources.author import parse_writer
from k2to3.sources.tensors import StoredTensor
from k2to3.weights import Constant

WRITER = parse_writer("2.4.0", "tensorflow")


def stored(**shapes):
    return {name.replace("__", "/"): Constant(np.zeros(shape), name) for name, shape in shapes.items()}


@pytest.mark.parametrize(
    ("wanted", "given", "order"),
    [
        ([("a/kernel", (2, 3)), ("b/kernel", (2, 3))], {"b__kernel": (2, 3), "a__kernel": (2, 3)}, [1, 0]),
        ([("dense/kernel", (2, 3)), ("dense/bias", (3,))], {"dense_7__kernel": (2, 3), "dense_7__bias": (3,)}, [0, 1]),
        ([("inner/kernel", (2, 3)), ("kernel", (3, 3))], {"k": (3, 3), "w": (2, 3)}, [1, 0]),
        ([("a/b", (3,)), ("c/b", (3,))], {"block__a__b": (3,), "block__c__b": (3,)}, [0, 1]),
        ([("s", (3,)), ("a/b", (3,)), ("c/b", (3,))], {"s": (3,), "x__a__b": (3,), "x__c__b": (3,)}, [0, 1, 2]),
        ([("gamma", (3,)), ("x/beta", (3,))], {"beta": (3,), "gamma": (3,)}, [1, 0]),
    ],
)
def test_matched(wanted, given, order):
    found = match([Wanted(*w) for w in wanted], stored(**given), "layer")
    assert [e.label for e in found] == [list(given)[i] for i in order]


@pytest.mark.parametrize(
    ("wanted", "given", "word"),
    [
        ([("dense/kernel", (3, 3)), ("dense_1/kernel", (3, 3))], {"dense_4__kernel": (3, 3), "dense_5__kernel": (3, 3)},
         "do not tell"),
        ([("a", (3,)), ("b", (3,))], {"c": (3,), "d": (3,)}, "do not tell"),
        ([("kernel", (2, 3))], {"kernel": (3, 2)}, "do not tell"),
        ([("kernel", (2, 3))], {}, "makes 1 variables"),
        ([], {"kernel": (2, 3)}, "the file holds 1"),
    ],
)  # fmt: skip
def test_refused(wanted, given, word):
    with pytest.raises(k2to3.WeightMismatch, match=word):
        match([Wanted(*w) for w in wanted], stored(**given), "layer")


def tensors(*names):
    return [StoredTensor(name, f"/{i}", (1,), "float32", None) for i, name in enumerate(names)]


def test_open_layers_take_what_carries_their_name():
    slots = Slots(children={"dense": Slots(("kernel", "bias")), "mine": Slots(open=True)})
    found = assign_open(slots, tensors("dense/kernel:0", "dense/bias:0", "mine/part/w:0", "mine/u:0"), WRITER, "model")
    assert set(found.child("mine").slots) == {"part/w", "u"} and set(found.child("dense").slots) == {"kernel", "bias"}


@pytest.mark.parametrize(
    ("layer", "names", "wanted"),
    [
        ("tcn", ["tcn/b/kernel:0"], ["b/kernel"]),
        ("tcn_1", ["tcn/b/kernel:0", "tcn/b/bias:0"], ["b/kernel", "b/bias"]),
        ("x", ["x_W", "x_b"], ["x_W", "x_b"]),
        ("x", ["model/x/w:0"], ["w"]),
    ],
)
def test_names_below_the_layer(layer, names, wanted):
    assert list(assign_open(Slots(open=True), tensors(*names), WRITER, layer).slots) == wanted


def test_a_weight_that_two_open_layers_claim():
    slots = Slots(children={"a": Slots(open=True), "b": Slots(open=True)})
    with pytest.raises(k2to3.WeightMismatch, match="which sublayer"):
        assign_open(slots, tensors("a/b/w:0"), WRITER, "model")


RULE = "import k2to3\n@k2to3.rule('Mine', masks='drop')\ndef mine(context):\n    '''Mine.'''\n"


@pytest.mark.parametrize(
    ("text", "error", "word"),
    [
        (None, k2to3.FileError, "no such file"),
        ("x = 1", k2to3.UsageError, "holds no rule"),
        ("import nothing_of_that_name", k2to3.UsageError, "ModuleNotFoundError"),
        (RULE + RULE, k2to3.UsageError, "two functions are called"),
        (RULE + RULE.replace("def ", "def other_"), k2to3.UsageError, "two rules for Mine"),
    ],
)
def test_rules_that_cannot_be_loaded(tmp_path, checkpoint, text, error, word):
    path = tmp_path / "my_rules.py"
    if text is not None:
        path.write_text(text)
    with pytest.raises(error, match=word):
        k2to3.plan(checkpoint, rules=path)


def test_a_rule_of_the_users_stands_before_the_built_in_one_and_only_for_one_call(tmp_path, checkpoint):
    path = tmp_path / "my_rules.py"
    path.write_text(
        "import k2to3\n@k2to3.rule('Dense', slots=k2to3.as_stored)\ndef mine(context):\n    '''Mine.'''\n"
        "    weights = [context.find_weight('kernel', 4, 3), context.find_weight('bias', 3)]\n"
        "    context.config.ignore(*context.config.keys())\n    context.note('rebuilt', 'by me')\n"
        "    return k2to3.Native(context.layer('Dense', {'units': 3}, weights))\n"
    )
    assert [f.text for f in k2to3.plan(checkpoint, rules=path).findings] == ["by me"]
    assert [f.text for f in k2to3.plan(checkpoint, rules=[path]).findings] == ["by me"]
    assert k2to3.plan(checkpoint).findings == []
