"""Lambda layers in whole files: what is recovered, what is refused and how, and the ways out."""

from __future__ import annotations

import base64
import marshal
from collections.abc import Sequence
from pathlib import Path
from types import CodeType
from typing import Any

import k2to3
import numpy as np
import pytest
from conftest import Json, write_checkpoint
from k2to3.errors import Refused, UsageError


def code(source: str, filename: str = "/home/me/train.py") -> str:
    module = compile(source, filename, "exec" if source.startswith("def") else "eval")
    found = next(item for item in module.co_consts if isinstance(item, CodeType))
    return base64.encodebytes(marshal.dumps(found)).decode()


def lambda_model(source: Any, shapes: Sequence[Sequence[int]] = ((4,),), **config: Any) -> Json:
    inputs = [
        {"class_name": "InputLayer", "name": f"in{i}", "inbound_nodes": [],
         "config": {"name": f"in{i}", "batch_input_shape": [None, *shape], "dtype": "float32"}}
        for i, shape in enumerate(shapes)
    ]  # fmt: skip
    settings = {"name": "lam", "function": [code(source), None, None], "function_type": "lambda", "arguments": {}}
    node = [[f"in{i}", 0, 0, {}] for i in range(len(shapes))]
    layer = {"class_name": "Lambda", "name": "lam", "inbound_nodes": [node], "config": {**settings, **config}}
    ends = [[f"in{i}", 0, 0] for i in range(len(shapes))]
    return {
        "class_name": "Functional",
        "config": {"name": "m", "layers": [*inputs, layer], "input_layers": ends, "output_layers": [["lam", 0, 0]]},
    }


def plan(tmp_path: Path, config: Json, version: str = "2.4.0", **options: Any) -> k2to3.Report:
    path = write_checkpoint(tmp_path / "old.h5", config, {}, version=version)
    return k2to3.convert(path, tmp_path / "new.keras", verify="weights", overwrite=True, **options)


REFUSED = [
    ("lambda x: x * alpha", "--lambda-global alpha=VALUE"),
    ("lambda x: secret.net(x)", "--lambda-global secret=VALUE"),
    ("lambda x: tf.py_function(x)", "no exact equivalent"),
    ("lambda x: K.random_normal(K.shape(x)) + x", "--accept-noise-off"),
    ("lambda x: K.dropout(x, 0.5)", "--accept-noise-off"),
    ("lambda x, training=None: x * 2 if training else x", "--accept-noise-off"),
    ("lambda x: x if K.sum(x) > 0 else -x", "depends on the values of a tensor"),
    ("lambda x: 3", "no tensor"),
]


@pytest.mark.parametrize(("source", "text"), REFUSED)
def test_refused_with_the_way_out(source: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="lam") as caught:
        plan(tmp_path, lambda_model(source))
    assert text in str(caught.value)


def test_a_function_of_the_authors_own_is_given_with_the_whole(tmp_path: Path) -> None:
    config = lambda_model("lambda x: helper(x, 2)")
    with pytest.raises(Refused, match=r"--lambda 'lam=lambda x: \.\.\.'"):
        plan(tmp_path, config)
    assert plan(tmp_path, config, lambdas=["lam=lambda x: x * 2"]).status == "proved"


def test_refusal_shows_file_line_and_sketch(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        plan(tmp_path, lambda_model("def f(x):\n    y = K.abs(x)\n    return y * alpha[0]"))
    text = str(caught.value)
    assert "/home/me/train.py, line 1, Python 3." in text
    assert "y = K.abs(x)" in text
    assert "return (y * alpha[0])" in text


@pytest.mark.parametrize(
    ("version", "text"), [("2.4.0", ""), ("2.2.4", ""), ("2.3.1", "does not say"), ("2.2.4-tf", "does not say")]
)
def test_resize_of_tensorflow_1_or_2(version: str, text: str, tmp_path: Path) -> None:
    config = lambda_model("lambda x: tf.image.resize(x, (7, 5))", [(4, 4, 3)])
    if text:
        with pytest.raises(Refused, match=text):
            plan(tmp_path, config, version)
    else:
        plan(tmp_path, config, version)


def test_a_lambda_of_keras_applications_is_read_like_any_other(tmp_path: Path) -> None:
    config = lambda_model("lambda inputs, scale: inputs[0] + inputs[1] * scale", [(4,), (4,)], arguments={"scale": 0.2})
    settings = config["config"]["layers"][-1]["config"]
    where = "/usr/lib/python3/site-packages/tensorflow/python/keras/applications/inception_resnet_v2.py"
    settings["function"] = [code("lambda inputs, scale: inputs[0] + inputs[1] * scale", where), None, None]
    assert plan(tmp_path, config).status == "proved"


def test_contradicting_output_shape_is_refused(tmp_path: Path) -> None:
    plan(tmp_path, lambda_model("lambda x: x[:, :2]", output_shape=[2], output_shape_type="raw"))
    with pytest.raises(Refused, match="output_shape"):
        plan(tmp_path, lambda_model("lambda x: x[:, :2]", output_shape=[3], output_shape_type="raw"))
    shape = [code("lambda s: (s[0], s[1] // 2)"), None, None]
    plan(tmp_path, lambda_model("lambda x: x[:, :2]", output_shape=shape, output_shape_type="lambda"))
    with pytest.raises(Refused, match="output_shape"):
        plan(tmp_path, lambda_model("lambda x: x[:, :3]", output_shape=shape, output_shape_type="lambda"))


def test_a_bare_name_is_refused(tmp_path: Path) -> None:
    config = lambda_model("lambda x: x", function="my_function", function_type="function", module="net")
    with pytest.raises(Refused, match=r"only the name .*'my_function' of net.*--lambda"):
        plan(tmp_path, config)


def test_bad_options_are_usage_errors(tmp_path: Path) -> None:
    config = lambda_model("lambda x: x")
    for options in (
        {"lambdas": ["lam"]},
        {"lambdas": {"lam": "import os"}},
        {"lambdas": {"lam": "lambda x:"}},
        {"lambda_globals": {"a": "os.system"}},
        {"lambdas": {"other": "lambda x: x"}},
    ):
        with pytest.raises(UsageError):
            plan(tmp_path, config, **options)


@pytest.mark.keras
def test_proved_against_keras_2(tmp_path: Path) -> None:
    """One process for several: recovered, given, with a global, with noise off."""
    generator = np.random.default_rng(0)
    rows: list[tuple[Json, dict[str, Any], str]] = [
        (lambda_model("lambda t: K.abs(t[0] - t[1])", [(4,), (4,)]), {}, "proved"),
        (lambda_model("lambda x: x * alpha"), {"lambda_globals": ["alpha=2.5"]}, "proved"),
        (lambda_model("lambda x: act(x)"), {"lambda_globals": {"act": "tf.nn.relu"}}, "proved"),
        (lambda_model("lambda x: x ** 2"), {"lambdas": {"lam": "lambda x: K.square(x)"}}, "proved"),
        (lambda_model("lambda x: secret(x)"), {"lambdas": ["lam=x * 2 + tf.abs(x)"]}, "converted"),
        (
            lambda_model(
                "def sample(a):\n    m, v = a\n    e = K.random_normal(shape=(K.shape(m)[0], 4))\n"
                "    return m + K.exp(v / 2) * e",
                [(4,), (4,)],
            ),
            {"accept_noise_off": True},
            "proved",
        ),
    ]
    for config, options, status in rows:
        path = write_checkpoint(tmp_path / f"{generator.integers(1 << 30)}.h5", config, {})
        report = k2to3.convert(path, tmp_path / "new.keras", overwrite=True, **options)
        assert report.status == status, report.not_proved
        assert report.evidence is not None
        oracle = str(report.evidence.oracle)
        assert "interpreted, not executed" in oracle or "the specification" in oracle
        assert any("given by the user" in text for text in report.not_proved) == (status == "converted")


def test_a_custom_activation_is_given_as_text(tmp_path: Path) -> None:
    """Refused without, converted with it; a name that nothing uses is an error."""
    layer = {"name": "act", "activation": "softplus2", "batch_input_shape": [None, 4]}
    model = {"name": "m", "layers": [{"class_name": "Activation", "config": layer}]}
    path = write_checkpoint(tmp_path / "old.h5", {"class_name": "Sequential", "config": model}, {})
    with pytest.raises(k2to3.UnsupportedOption, match="softplus2"):
        k2to3.plan(path)
    text = "lambda x: K.softplus(x) - K.log(2.0)"
    report = k2to3.convert(path, tmp_path / "new.keras", verify="weights", lambdas={"softplus2": text})
    assert any(finding.kind == "accepted" for finding in report.findings)
    with pytest.raises(k2to3.UsageError, match="other"):
        k2to3.convert(path, tmp_path / "b.keras", verify="none", lambdas={"softplus2": text, "other": text})


@pytest.mark.keras
def test_a_wrong_function_of_the_user_is_caught(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "old.h5", lambda_model("lambda x: x ** 2"), {})
    with pytest.raises(k2to3.NotEqual):
        k2to3.convert(path, tmp_path / "new.keras", lambdas={"lam": "lambda x: x * 3"})
