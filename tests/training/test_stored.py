"""Optimizer arrays under the names of each generation."""

from __future__ import annotations

from typing import Any

import pytest
from k2to3.sources.tensors import StoredTensor
from k2to3.training.schedules import Unsupported
from k2to3.training.stored import check_shapes, read_slots


def tensor(name: str, *shape: int, dtype: str = "float32") -> StoredTensor:
    return StoredTensor(name, f"/{name}", shape, dtype, None)  # type: ignore[arg-type]


WEIGHTS = [tensor("lstm/lstm_cell/kernel:0", 4, 12), tensor("dense/kernel:0", 3, 2)]
STEPS = tensor("iter:0", dtype="int64")
# Two weights, two slots each, as Adam stores them.
FORMS: dict[str, list[StoredTensor]] = {
    "Keras 2.2.4": [
        tensor("Adam/iterations:0", dtype="int64"),
        *(tensor(f"training/Adam/Variable{i}:0", *s) for i, s in enumerate([(4, 12), (3, 2)] * 2)),
        *(tensor(f"training/Adam/Variable_{i}:0", 1) for i in (4, 5)),
    ],
    "Theano": [
        tensor("param_0", dtype="int64"),
        *(tensor(f"param_{i + 1}", *s) for i, s in enumerate([(4, 12), (3, 2)] * 2)),
    ],
    "Keras 2.3.1": [
        tensor("Adam/iterations:0", dtype="int64"),
        *(tensor(f"training/Adam/{k}_{i}:0", *s) for k in "mv" for i, s in enumerate([(4, 12), (3, 2)])),
        *(tensor(f"training/Adam/vhat_{i}:0", 1) for i in (0, 1)),
    ],
    "TF 1.15": [
        tensor("training/Adam/iter:0", dtype="int64"),
        *(
            tensor(f"training/Adam/{n}/{k}:0", *s)
            for k in "mv"
            for n, s in [("lstm/kernel", (4, 12)), ("dense/kernel", (3, 2))]
        ),
    ],
    "TF 2.4": [
        tensor("Adam/iter:0", dtype="int64"),
        *(tensor(f"Adam/{w.name[:-2]}/{k}:0", *w.shape) for k in "mv" for w in WEIGHTS),
    ],
    "TF 2.13": [
        tensor("iteration:0", dtype="int64"),
        *(tensor(f"Adam/{k}/{w.name}", *w.shape) for w in WEIGHTS for k in "mv"),
    ],
    "TF 2.13, mixed_float16": [
        tensor("iteration:0", dtype="int64"),
        *(tensor(f"cond_1/Adam/{k}/{w.name}", *w.shape) for w in WEIGHTS for k in "mv"),
    ],
    "TF 2.13, another order": [
        tensor("iteration:0", dtype="int64"),
        *(tensor(f"Adam/{k}/{w.name}", *w.shape) for w in reversed(WEIGHTS) for k in "vm"),
    ],
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_matched(form: str) -> None:
    found = read_slots("Adam", {}, FORMS[form], WEIGHTS)
    assert set(found.of) == {"m", "v"} and set(found.scalars) == {"iterations"}
    check_shapes("Adam", found, WEIGHTS)
    for slot in "mv":
        assert [found.of[slot][w.path].shape for w in WEIGHTS] == [w.shape for w in WEIGHTS]
    assert found.of["m"][WEIGHTS[0].path] is not found.of["v"][WEIGHTS[0].path]


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        (FORMS["Keras 2.2.4"][:-3], "3 optimizer arrays"),
        (FORMS["TF 1.15"][:-1], "1 arrays 'v' for 2"),
        ([tensor("Adam/dense/kernel/m:0", 3, 2), tensor("Adam/dense/gamma/m:0", 3)], "does not belong"),
        ([tensor(f"odd/{k}x/{w.name}", 3, 2) for w in WEIGHTS for k in "mv"], "carries the name of a weight"),
    ],
    ids=["too few", "one missing", "another weight's", "names of another form"],
)
def test_what_does_not_fit_is_refused(arrays: list[StoredTensor], reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        read_slots("Adam", {}, arrays, WEIGHTS)


def test_shapes_must_agree() -> None:
    arrays: list[Any] = [STEPS, *(tensor(f"Adam/{k}/{w.name}", 5, 5) for w in WEIGHTS for k in "mv")]
    with pytest.raises(Unsupported, match="has shape"):
        check_shapes("Adam", read_slots("Adam", {}, arrays, WEIGHTS), WEIGHTS)
