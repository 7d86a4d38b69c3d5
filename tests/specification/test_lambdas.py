"""Lambdas: bytecode is read, followed, and answered from a closed table."""

from __future__ import annotations

import base64
import marshal
import sys

import numpy as np
import pytest
from conformance.lambdas.corpus import Entry, codes, entries
from k2to3.errors import NotSpecified
from k2to3.proof.keras2.author import read_author
from k2to3.proof.keras2.lambdas.function import StoredFunction
from k2to3.sources.author import parse_writer
from shapes import entry, layer, sequential, specify

# `lambda t: K.abs(t[0] - t[1])` as Python 2.7 (Keras 2.0.2) and 3.6 (Keras 2.2.4) stored it.
PYTHON_2 = (
    "c\x01\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x00S\x00\x00\x00s\x19\x00\x00\x00t\x00\x00j\x01\x00|\x00\x00d\x01"
    "\x00\x19|\x00\x00d\x02\x00\x19\x18\x83\x01\x00S(\x03\x00\x00\x00Ni\x00\x00\x00\x00i\x01\x00\x00\x00(\x02\x00\x00"
    "\x00t\x01\x00\x00\x00Kt\x03\x00\x00\x00abs(\x01\x00\x00\x00t\x01\x00\x00\x00t(\x00\x00\x00\x00(\x00\x00\x00\x00"
    "s\x01\x00\x00\x00at\x08\x00\x00\x00<lambda>\x01\x00\x00\x00s\x00\x00\x00\x00"
)
PYTHON_36 = (
    "4wEAAAAAAAAAAQAAAAQAAABTAAAAcxYAAAB0AGoBfABkARkAfABkAhkAGACDAVMAKQNO6QAAAADp\nAQAAACkC2gFL2gNhYnMpAdoBdKkAcgYA"
    "AAD6Gy93b3JrL2xhYi9hdXRob3JzL2F1dGhvci5wedoI\nPGxhbWJkYT5eAQAAcwAAAAA=\n"
)
HERE = pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="stores bytecode of this Python, and 3.11 is read")
X, Y = np.array([[1.0, 5.0]]), np.array([[3.0, 2.0]])


def author(version="2.15.0"):
    return read_author(parse_writer(version, "tensorflow"), {}, ())


def stored(function, version="2.15.0", defaults=None, closure=None):
    code = base64.b64encode(marshal.dumps(function.__code__)).decode()
    return StoredFunction([code, defaults, closure], author(version))


@pytest.mark.parametrize("text", [PYTHON_2, PYTHON_36])
def test_old_bytecode(text):
    assert StoredFunction([text, None, None], author("2.2.4"))([X, Y]).tolist() == [[2.0, 3.0]]


@HERE
def test_this_pythons_bytecode():
    assert stored(lambda t: abs(t[0] - t[1]) * 2.0)([X, Y]).tolist() == [[4.0, 6.0]]
    assert stored(lambda t: t[:, ::-1])(X).tolist() == [[5.0, 1.0]]
    assert stored(lambda t, a, b: t * a + b, defaults=[0.5])(X, a=2.0).tolist() == [[2.5, 10.5]]


@HERE
def test_globals_are_names_of_a_closed_table():
    square = compile("lambda t: K.sum(K.square(t), axis=-1, keepdims=True)", "f", "eval").co_consts[0]
    function = StoredFunction([base64.b64encode(marshal.dumps(square)).decode(), None, None], author())
    assert function(X).tolist() == [[26.0]]
    evil = compile("lambda t: os.system('true')", "f", "eval").co_consts[0]
    function = StoredFunction([base64.b64encode(marshal.dumps(evil)).decode(), None, None], author())
    with pytest.raises(NotSpecified, match=r"no entry for os\.system"):
        function(X)


@HERE
def test_the_closure_comes_from_the_file():
    scale = 3.0
    function = lambda t: t * scale  # noqa: E731
    assert stored(function, closure=[4.0])(X).tolist() == [[4.0, 20.0]]
    with pytest.raises(NotSpecified, match="closure"):
        stored(function)(X)


@HERE
def test_tf_where_picks_rows_in_tensorflow_1():
    picks = compile("lambda t: tf.where(t[:, 0] > 0, t, -t)", "f", "eval").co_consts[0]
    code = base64.b64encode(marshal.dumps(picks)).decode()
    x = np.array([[1.0, 2.0], [-1.0, 2.0]])
    assert StoredFunction([code, None, None], author("2.2.4"))(x).tolist() == [[1, 2], [1, -2]]
    assert StoredFunction([code, None, None], author("2.15.0"))(x).tolist() == [[1, -2], [-1, -2]]
    with pytest.raises(NotSpecified, match="rank 1"):
        StoredFunction([code, None, None], author("2.3.1"))(x)


@HERE
@pytest.mark.parametrize(
    "source",
    [
        "lambda t: [x for x in t]",
        "lambda t: t if t.sum() else -t",
        "lambda t: t == 0",
        "lambda t: t.mean()",
        "lambda t, n=3: t * ((n ** 40) ** 40)",
        "lambda t, n=3: [0] * n",
    ],
)
def test_what_is_not_straight_or_not_known_has_no_claim(source):
    code = next(c for c in compile(source, "f", "eval").co_consts if hasattr(c, "co_code"))
    function = StoredFunction([base64.b64encode(marshal.dumps(code)).decode(), [3], None], author())
    if len(function.parameters) == 1:
        function.defaults = []
    with pytest.raises(NotSpecified):
        function(X)


@pytest.mark.parametrize("cut", [0, 1, 5, 40, 90])
def test_damaged_bytecode_is_refused(cut):
    raw = base64.b64decode(PYTHON_36)
    with pytest.raises(NotSpecified):
        StoredFunction([base64.b64encode(raw[:cut]).decode(), None, None], author("2.2.4"))


def test_in_a_model(tmp_path):
    given = layer("Lambda", "f", function=[PYTHON_36, None, None], function_type="lambda", arguments={})
    x = np.array([[1.0, 5.0], [4.0, 1.0]], np.float32)
    config = sequential(entry("x", [2]), given)
    assert specify(tmp_path, config, version="2.2.4").predict([x])[0].tolist() == [3.0, 4.0]


def test_a_function_by_name_is_not_in_the_file(tmp_path):
    given = layer("Lambda", "f", function="relu", function_type="function", arguments={})
    with pytest.raises(NotSpecified, match="by name"):
        specify(tmp_path, sequential(entry("x", [2]), given))


CODES = codes()
READ = ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11")


def followed(entry: Entry, code: str) -> list[np.ndarray] | None:
    """What the bytecode computes; None where there is no claim."""
    draw = np.random.default_rng(3)
    given = [
        draw.standard_normal((3, *shape)) if dtype == "float32" else draw.integers(0, 3, (3, *shape)).astype(dtype)
        for shape, dtype in entry.shapes
    ]
    try:
        with np.errstate(all="ignore"):
            found = StoredFunction([code, entry.defaults, None], author())(given[0] if len(given) == 1 else given)
    except (NotSpecified, TypeError, ValueError, IndexError, KeyError):
        return None
    return [np.asarray(x) for x in (found if isinstance(found, (list, tuple)) else [found])]


@pytest.mark.parametrize("entry", list(entries()), ids=lambda entry: entry.name)
def test_seven_pythons_bytecode_means_the_same(entry):
    found = [followed(entry, CODES[version][entry.name]) for version in READ if entry.name in CODES[version]]
    covered = [outputs for outputs in found if outputs is not None]
    for outputs in covered[1:]:
        assert all(np.allclose(a, b, equal_nan=True) for a, b in zip(covered[0], outputs, strict=True))


def test_most_lambdas_that_people_write_are_covered():
    covered = [entry for entry in entries() if followed(entry, CODES["3.10"].get(entry.name, ""))]
    assert len(covered) > 200


@pytest.mark.parametrize("version", ["3.12", "3.13", "3.14"])
def test_later_pythons_are_not_read_as_311(version):
    for item in entries():
        if version in ("3.13", "3.14") and item.name in CODES[version]:
            assert followed(item, CODES[version][item.name]) is None
        older, newer = (CODES[v].get(item.name) for v in ("3.11", version))
        if older and newer and (outputs := followed(item, newer)) is not None:
            assert all(np.allclose(a, b) for a, b in zip(outputs, followed(item, older), strict=True))
