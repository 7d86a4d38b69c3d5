"""Inside the worker: load both models, feed both, compare."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from k2to3.proof.feeds import Feed, feeds, stretches
from k2to3.proof.variety import Variety
from k2to3.proof.worker import available_bytes

Job = dict[str, Any]
Found = dict[str, Any]


@dataclass(frozen=True)
class Objects:
    """Classes and functions of the user's own, by the names in the files."""

    keras3: dict[str, Any] = field(default_factory=dict)
    keras2: dict[str, Any] = field(default_factory=dict)


class Exhausted(Exception):
    """The worker may use no more memory."""


# Both models, their inputs and activations, against the table sizes on disk.
MEMORY_FACTOR = 6
THEANO_MARGINS = (
    "outputs: tf-keras cannot be the judge of 'same' padding on Theano; record inputs and outputs where the file was "
    "written (fixtures/authoring/record.py) and give them with --reference"
)


def run(job: Job, objects: Objects) -> Found:
    """Prove what the job asks for; every claim ends up proved, refuted or explained."""
    try:
        return _run(job, objects)
    except Exhausted as error:
        return {"failed": f"it needs more than the {job['memory']} bytes of memory that it may use: {error}"}


def _run(job: Job, objects: Objects) -> Found:
    import keras

    keras.utils.disable_interactive_logging()
    evidence: Found = {
        "oracle": None,
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "seed": job["seed"],
        "embeddings": [],
        "outputs": [],
        "training": [],
        "not_proved": [],
    }
    found: Found = {"evidence": evidence, "mismatch": None}
    size = os.path.getsize(job["archive"])
    memory = available_bytes()
    if memory is not None and size * MEMORY_FACTOR > memory:
        evidence["not_proved"].append(
            f"outputs: the model ({size} bytes) is too large to run beside Keras 2 in {memory} bytes of memory"
        )
        return found
    try:
        compiled = job["training"] is not None
        model = keras.saving.load_model(job["archive"], compile=compiled, safe_mode=True, custom_objects=objects.keras3)
    except Exception as error:
        check_memory(error)
        found["mismatch"] = f"Keras {keras.__version__} cannot open the archive: {first_line(error)}"
        return found
    found["mismatch"] = _embeddings(job, model, evidence)
    if found["mismatch"] is None and job["level"] in ("outputs", "training"):
        found["mismatch"] = _outputs(job, model, evidence, objects)
    if found["mismatch"] is None and job["level"] == "training":
        from k2to3.proof.training import compare_training

        found["mismatch"] = compare_training(job, evidence)
    return found


def user_objects(job: Job) -> Objects:
    """The classes that the user named, for the archives that keep them, and their twins for tf-keras."""
    from k2to3.custom.loading import custom_objects, keras2_objects

    source = job.get("custom_objects")
    return Objects(custom_objects(source), keras2_objects(source)) if source else Objects()


def check_memory(error: BaseException) -> None:
    """Tell a lack of memory from a model that cannot run.

    Raises:
        Exhausted: the worker's limit on memory was met.
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError" or "bad_alloc" in str(error):
        raise Exhausted(first_line(error)) from error


def first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {(lines or [''])[0]}"[:400]


def _embeddings(job: Job, model: Any, evidence: Found) -> str | None:
    from k2to3.proof.embeddings import compare_embedding

    for item in job["embeddings"]:
        result = compare_embedding(item, model, job)
        evidence["embeddings"].append(result)
        if not result["equal"]:
            return f"Embedding {item['name']!r}: {result['detail']}"
    return None


def _outputs(job: Job, model: Any, evidence: Found, objects: Objects) -> str | None:
    if job["reference"]:
        evidence["oracle"] = f"recorded outputs in {os.path.basename(job['reference'])}"
        return _recorded(job, model, evidence)
    if job["theano_margins"]:
        evidence["not_proved"].append(THEANO_MARGINS)
        return None
    from k2to3.proof.oracle import load_oracle

    try:
        oracle, label = load_oracle(job, objects.keras2)
    except Exception as error:
        check_memory(error)
        evidence["not_proved"].append(f"outputs: tf-keras cannot load this file: {first_line(error)}")
        return None
    evidence["oracle"] = label
    evidence["not_proved"] += unproved_lambdas(job)
    failures: list[str] = []
    for stretch in stretches(job):
        problems, variety = [], Variety()
        for feed in feeds(job, stretch):
            try:
                reference = predict(oracle, feed.values)
            except Exception as error:
                check_memory(error)
                problems.append(f"outputs on {feed.label}: tf-keras cannot run it: {first_line(error)}")
                continue
            variety.add(reference)
            message = _compare_feed(job, model, oracle, feed, reference, evidence)
            if message:
                return message
        failures = failures or problems
        if evidence["outputs"]:
            evidence["not_proved"] += [*problems, *variety.problems()]
            return None
    evidence["not_proved"] += failures
    evidence["oracle"] = None
    return None


def unproved_lambdas(job: Job) -> list[str]:
    """Layers whose stored function could not be followed, so that the user's stood in on both sides."""
    if not job["lambdas"]:
        return []
    from k2to3.proof.interpreted import InterpretedLambda

    return [
        f"layer {name!r}: its function was given by the user; the stored bytecode cannot be run"
        for name in sorted(InterpretedLambda.supplied)
    ]


def _compare_feed(job: Job, model: Any, oracle: Any, feed: Feed, reference: list[Any], evidence: Found) -> str | None:
    try:
        outputs = predict(model, feed.values)
    except Exception as error:
        check_memory(error)
        return f"Keras 3 cannot run the model on {feed.label}: {first_line(error)}"
    if len(outputs) != len(reference):
        return f"{len(outputs)} outputs instead of {len(reference)}"
    allowance = Allowance(job, oracle, feed, reference)
    for label, part in parts(feed, [*reference, *outputs]):
        for index, (want, have) in enumerate(zip(reference, outputs, strict=True)):
            gap, scale, problem = difference(want[part], have[part])
            allowed = job["tolerance"] * scale
            if not problem and gap > allowed:
                allowed = max(allowed, allowance.of(index, part, scale))
            equal = not problem and gap <= allowed
            evidence["outputs"].append(
                {
                    "feed": label,
                    "output": index,
                    "max_error": gap,
                    "scale": scale,
                    "allowed": allowed,
                    "equal": equal,
                }
            )
            if not equal:
                return f"output {index} on {label}: {problem or f'differs by {gap:.3g} (allowed {allowed:.3g})'}"
    return None


Part = Any
"""An index: all of an array, or one of its rows."""


def parts(feed: Feed, arrays: list[Any]) -> list[tuple[str, Part]]:
    """The whole of a feed, or its rows where every output has one row for each."""
    if not feed.rows or any(array.ndim == 0 or len(array) != len(feed.rows) for array in arrays):
        return [(feed.label, ...)]
    return [(f"{feed.label}: {kind}", slice(row, row + 1)) for row, kind in enumerate(feed.rows)]


class Allowance:
    """How much Keras 2's own outputs move when its inputs and weights move in their last bit; found when asked."""

    def __init__(self, job: Job, oracle: Any, feed: Feed, reference: list[Any]) -> None:
        self._job, self._oracle, self._feed, self._reference = job, oracle, feed, reference
        self._moved: list[Any] | None = None

    def of(self, index: int, part: Part, scale: float) -> float:
        """The largest error of one output that rounding explains; never more than 1e-3 of its largest value."""
        if self._oracle is None:
            return 0.0
        if self._moved is None:
            self._moved = _moved(self._oracle, self._feed.values, self._job["inputs"])
        gap, _, problem = difference(self._reference[index][part], self._moved[index][part])
        return 0.0 if problem else min(4 * gap, 1e-3 * scale)


def _moved(oracle: Any, values: list[Any], specs: list[Job]) -> list[Any]:
    generator = np.random.default_rng(0)
    weights = oracle.get_weights()
    oracle.set_weights([_nudged(weight, generator) for weight in weights])
    # A token ID is a name, not a quantity: half a token is another token.
    tokens = [spec["vocabulary"] is not None for spec in specs]
    moved = [value if token else _nudged(value, generator) for value, token in zip(values, tokens, strict=True)]
    try:
        return predict(oracle, moved)
    finally:
        oracle.set_weights(weights)


def _nudged(value: Any, generator: np.random.Generator) -> Any:
    if value.dtype.kind != "f":
        return value
    step = generator.choice([-1.0, 1.0], size=value.shape) * np.finfo(value.dtype).eps
    return (value * (1 + step)).astype(value.dtype)


def _recorded(job: Job, model: Any, evidence: Found) -> str | None:
    with np.load(job["reference"], allow_pickle=False) as stored:
        inputs = [stored[f"in{i}"] for i in range(sum(k.startswith("in") for k in stored.files))]
        outputs = [stored[f"out{i}"] for i in range(sum(k.startswith("out") for k in stored.files))]
    return _compare_feed(job, model, None, Feed("the recorded inputs", inputs), outputs, evidence)


def predict(model: Any, values: list[Any]) -> list[Any]:
    """All outputs as a flat list of arrays."""
    if any(value.dtype.kind in "OUS" for value in values):
        import tensorflow as tf

        # Keras 3 takes text as tensors only, and then everything else too.
        values = [tf.constant(value) for value in values]
    batch = max(1, len(values[0]))
    found = model.predict(_structured(model, values), batch_size=batch, verbose=0)
    return [_dense(item) for item in _flat(found)]


def _flat(found: Any) -> list[Any]:
    if isinstance(found, dict):
        found = [found[key] for key in sorted(found)]
    # A SparseTensorValue is a tuple.
    nested = isinstance(found, (list, tuple)) and not hasattr(found, "dense_shape")
    return [leaf for item in found for leaf in _flat(item)] if nested else [found]


def _dense(value: Any) -> Any:
    if hasattr(value, "dense_shape"):
        import tensorflow as tf

        value = tf.sparse.to_dense(tf.sparse.reorder(tf.SparseTensor(value.indices, value.values, value.dense_shape)))
    return np.asarray(value)


def _structured(model: Any, values: list[Any]) -> Any:
    names = getattr(model, "input_names", None)
    structure = getattr(model, "_inputs_struct", None)
    if isinstance(structure, dict) or isinstance(getattr(model, "_nested_inputs", None), dict):
        return dict(zip(names or list(structure or ()), values, strict=True))
    return values[0] if len(values) == 1 else list(values)


def _texts(values: Any) -> list[str]:
    return [text.decode() if isinstance(text, bytes) else str(text) for text in values.ravel()]


def difference(want: Any, have: Any) -> tuple[float, float, str]:
    """(largest error, largest reference value, problem); NaN and infinities must match."""
    if want.shape != have.shape:
        return 0.0, 1.0, f"shape {have.shape} instead of {want.shape}"
    if want.dtype.kind not in "fiub":
        return 0.0, 1.0, "" if _texts(want) == _texts(have) else "strings differ"
    a, b = want.astype("float64"), have.astype("float64")
    finite = np.isfinite(a)
    if not np.array_equal(finite, np.isfinite(b)) or not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return 0.0, 1.0, "NaN or infinite values differ"
    if not finite.any():
        return 0.0, 1.0, ""
    return float(np.abs(a - b)[finite].max()), float(np.abs(a[finite]).max()) or 1.0, ""
