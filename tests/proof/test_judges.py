"""Who decides: both judges, one of them, and what their disagreement means."""

from __future__ import annotations

import k2to3
import numpy as np
import pytest
from conftest import FIXTURES
from k2to3.errors import NotSpecified
from k2to3.proof.feeds import Feed
from k2to3.proof.judges import Specified
from k2to3.proof.judging import Allowance, judge_outputs

SPEC = {"shape": [None, 3], "dtype": "float32", "vocabulary": None, "padded": False, "ragged": False, "name": "x"}


class Archive:
    """Keras 3: twice the input."""

    def predict(self, x, batch_size, verbose):
        return 2.0 * x


class Judge:
    def __init__(self, factor=2.0, error=None, noise=0.0):
        self.name = self.label = "tf-keras"
        self.factor, self.error, self.noise = factor, error, noise

    def predict(self, values):
        if self.error:
            raise self.error
        return [self.factor * values[0].astype("float64")]

    def moved(self, values):
        return [found * (1 + self.noise) for found in self.predict(values)]


class Specification(Judge, Specified):
    def __init__(self, *args, **kwargs):
        Judge.__init__(self, *args, **kwargs)
        self.name = self.label = "the specification"

    predict, moved = Judge.predict, Judge.moved


class Broken(Archive):
    def predict(self, x, batch_size, verbose):
        raise ValueError("no such kernel")


def heard(*judges, before_2_4=False, reasons=(), archive=None):
    job = {"seed": 0, "inputs": [SPEC], "model_config": {}, "tolerance": 1e-5, "before_2_4": before_2_4}
    evidence = {"outputs": [], "not_proved": [], "oracle": None}
    return judge_outputs(job, archive or Archive(), list(judges), list(reasons), evidence), evidence


def test_both_agree():
    mismatch, evidence = heard(Specification(), Judge())
    assert mismatch is None and evidence["oracle"] == "the specification; tf-keras" and not evidence["not_proved"]
    assert {item["judge"] for item in evidence["outputs"]} == {"the specification", "tf-keras"}


@pytest.mark.parametrize("early", [False, True])
def test_what_the_specification_refutes_is_not_equal(early):
    mismatch, _ = heard(Specification(3.0), Judge(), before_2_4=early)
    assert "from the specification, though not from tf-keras" in mismatch


def test_an_archive_that_never_runs_is_not_equal():
    mismatch, evidence = heard(Specification(), Judge(), archive=Broken())
    assert "Keras 3 cannot run the model" in mismatch and "no such kernel" in mismatch and not evidence["outputs"]
    # Where no judge runs it either, nothing is said.
    mismatch, evidence = heard(Judge(error=ValueError("nor I")), archive=Broken())
    assert mismatch is None and "nor I" in evidence["not_proved"][0]


def test_tf_keras_is_overruled_on_old_files_alone():
    mismatch, evidence = heard(Specification(), Judge(3.0), before_2_4=True)
    assert mismatch is None and "not tf-keras, which computes as a later Keras" in evidence["oracle"]
    mismatch, _ = heard(Specification(), Judge(3.0))
    assert "from tf-keras, though not from the specification" in mismatch


def test_nobody_is_overruled_by_a_judge_that_says_nothing():
    mismatch, _ = heard(Specification(error=NotSpecified("a class")), Judge(3.0), before_2_4=True)
    assert "from tf-keras" in mismatch


@pytest.mark.parametrize("silent", [NotSpecified("a class"), TimeoutError("slow")])
def test_one_is_enough(silent):
    mismatch, evidence = heard(Specification(error=silent), Judge())
    assert mismatch is None and not evidence["not_proved"] and evidence["oracle"] == "tf-keras"
    mismatch, evidence = heard(Specification(), Judge(error=RuntimeError("no")))
    assert mismatch is None and not evidence["not_proved"] and evidence["oracle"] == "the specification"


def test_without_a_judge_nothing_is_proved():
    mismatch, evidence = heard(Specification(error=NotSpecified("a class")), reasons=["outputs: tf-keras cannot load"])
    assert mismatch is None and len(evidence["not_proved"]) == 2 and evidence["oracle"] is None


def test_rounding_is_what_a_judge_says_it_is():
    feed, reference = Feed("x", [np.ones((1, 3))]), [np.full((1, 3), 2.0)]
    assert Allowance(Judge(noise=5e-7), feed, reference).of(0, ..., 2.0) == pytest.approx(4e-6)
    assert Allowance(Judge(noise=1.0), feed, reference).of(0, ..., 2.0) == 2e-3
    mismatch, _ = heard(Judge(2.0 * (1 + 3e-5)))
    assert "differs by" in mismatch
    assert heard(Judge(2.0 * (1 + 3e-5), noise=2e-5))[0] is None


class Counting:
    """Keeps state: every batch adds one."""

    def __init__(self):
        self.name = self.label = "tf-keras"
        self.count = 0

    def predict(self, values, **kwargs):
        self.count += 1
        found = (values[0] if isinstance(values, list) else values) + self.count
        return [found.astype("float64")] if isinstance(values, list) else found


def test_a_stateful_archive_is_asked_once_for_each_input():
    job = {"seed": 0, "inputs": [SPEC], "model_config": {}, "tolerance": 1e-5, "before_2_4": False}
    evidence = {"outputs": [], "not_proved": [], "oracle": None}
    assert judge_outputs(job, Counting(), [Counting(), Counting()], [], evidence) is None
    assert len(evidence["outputs"]) == 2 * 5


@pytest.mark.keras
def test_theano_is_judged_by_the_specification(tmp_path):
    """tf-keras has no 'same' of Theano."""
    report = k2to3.convert(FIXTURES / "keras-1.2.2-theano__cnn.h5", tmp_path / "new.keras")
    assert report.status == "proved" and report.evidence.oracle.startswith("the specification of Keras 1")


@pytest.mark.keras
def test_a_meaning_of_an_older_keras_is_proved_by_the_specification(tmp_path):
    """`K.batch_dot` of two tensors of rank 4 was a matrix product before Keras 2.2.5; tf-keras knows the later one."""
    import base64
    import marshal

    from conftest import write_checkpoint

    code = compile("lambda x: K.batch_dot(x, x, axes=[3, 3])", "author.py", "eval").co_consts[0]
    text = base64.b64encode(marshal.dumps(code)).decode()
    layers = [
        {"class_name": "Lambda", "config": {"name": "dot", "batch_input_shape": [None, 3, 5, 4], "arguments": {},
                                            "function": [text, None, None], "function_type": "lambda",
                                            "output_shape": None, "output_shape_type": "raw"}},
    ]  # fmt: skip
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}}
    source = write_checkpoint(tmp_path / "old.h5", config, {"dot": {}}, version="2.2.4")
    report = k2to3.convert(source, tmp_path / "new.keras")
    assert report.status == "proved" and report.evidence.oracle.startswith("the specification of Keras 2.2.4")


@pytest.mark.keras
@pytest.mark.parametrize("name", ["tf-2.15__steps_masked", "tf-2.4__steps_make_masks"])
def test_masks_reach_recurrent_layers_inside_of_wrappers(tmp_path, name):
    """Both judges: tf-keras hands a mask on where it sees the argument."""
    report = k2to3.convert(FIXTURES / f"{name}.h5", tmp_path / "new.keras")
    assert report.status == "proved"
    assert {item["judge"] for item in report.evidence.outputs} == {"the specification", "tf-keras"}


@pytest.mark.parametrize(("half", "decides"), [(True, True), (False, False)])
def test_layers_decide_where_half_precision_alone_may_make_the_difference(half, decides):
    """A LayerNormalization of small numbers in float16: tf-keras's own rounding is 0.016 of its largest output."""
    job = {"seed": 0, "inputs": [SPEC], "model_config": {}, "tolerance": 5e-3, "before_2_4": False, "half": half}
    evidence = {"outputs": [], "not_proved": [], "oracle": None}
    judges = [Specification(), Judge(2.03)]
    mismatch = judge_outputs(job, Archive(), judges, [], evidence, lambda: (True, "layer by layer"))
    assert (mismatch is None) == decides
    assert judge_outputs(job, Archive(), [Specification(), Judge(2.2)], [], evidence, lambda: (True, ""))


@pytest.mark.parametrize("cannot", [None, "Keras 3 cannot run it on torch (torch: LeakyReLU of whole numbers (x))"])
def test_what_a_backend_is_said_to_lack_explains_a_failure_and_nothing_else(cannot):
    """It comes from the plan, which is on trial: what runs and differs is not equal all the same."""
    job = {"seed": 0, "inputs": [SPEC], "model_config": {}, "tolerance": 1e-5, "before_2_4": False, "cannot": cannot}
    evidence = {"outputs": [], "not_proved": [], "oracle": None}
    mismatch = judge_outputs(job, Broken(), [Specification()], [], evidence)
    assert (mismatch is None) == (cannot is not None) and evidence["oracle"] is None
    assert cannot is None or cannot in evidence["not_proved"][0]
    evidence = {"outputs": [], "not_proved": [], "oracle": None}
    assert "differs by" in judge_outputs(job, Archive(), [Specification(3.0)], [], evidence)
