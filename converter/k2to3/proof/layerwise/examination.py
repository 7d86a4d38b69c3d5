"""Inside the worker: every call of a layer in both Kerases, on the judge's own inputs.

Keras 3 runs its graph call by call. Where a tensor answers for a call of Keras 2, it is compared and then the judge's
values take its place, so that no call sees the errors of those before it: what differs, differs by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from k2to3.keras3.origins import Path
from k2to3.proof.differences import difference
from k2to3.proof.feeds import Feed
from k2to3.proof.judges import Judged, Specified
from k2to3.proof.layerwise.difference import compared, worst_element
from k2to3.proof.layerwise.places import Known, Places
from k2to3.proof.layerwise.recurrence import proved_by_steps
from k2to3.proof.layerwise.walk import Made, Stopped, as_array, functional_of, mask_of, replaced, walk
from k2to3.proof.memory import first_line
from k2to3.proof.running import structured

Json = dict[str, Any]
HALF_TOLERANCE = {"float16": 5e-3, "bfloat16": 4e-2}
# What rounding may explain, relative to the largest value of an output.
NOISE_LIMIT = 1e-3
NOISE_FACTOR = 4
MOST_ITEMS = 32
CALL, STEPS, SENSITIVE, CANNOT_RUN = "call", "step by step", "sensitive to rounding", "cannot run"


class Examination:
    """One judge and one archive; `results` in the order in which Keras 2 makes the calls."""

    def __init__(self, model: Any, judge: Specified, places: Places, tolerance: float) -> None:
        self._model, self._judge, self._places, self._tolerance = model, judge, places, tolerance
        self.results: list[Json] = []
        self.compared: set[Path] = set()

    def run(self, feed: Feed) -> None:
        """Compare every call on one feed, and the model's outputs."""
        judged, wanted = self._judge.calls(feed.values)
        calls = {call.path: call for call in judged}
        order = {path: number for number, path in enumerate(calls)}
        pass_ = _Pass(self, feed, calls)
        functional = functional_of(self._model)
        try:
            outputs = walk(functional, structured(self._model, feed.values), pass_.visit)
            pass_.ends(outputs, wanted)
        except Stopped as stop:
            pass_.stopped(stop)
        pass_.found.sort(key=lambda item: order.get(item["path"], len(order)))
        self.results += pass_.found
        self.compared |= {item["path"] for item in pass_.found}


class _Pass:
    """One feed."""

    def __init__(self, examination: Examination, feed: Feed, calls: dict[Path, Judged]) -> None:
        self._examination, self._feed, self._calls = examination, feed, calls
        self.found: list[Json] = []
        self.unmasked: list[Known] = []

    def visit(self, made: Made) -> list[Any]:
        return [self._output(made, index, tensor) for index, tensor in enumerate(made.outputs)]

    def _output(self, made: Made, index: int, tensor: Any) -> Any:
        for known, which in self._examination._places.of(made.chain, index):
            call = self._calls.get(known.path)
            if call is None or which >= len(call.outputs):
                continue
            want, have = call.outputs[which].value, as_array(tensor)
            self.found.append(self._result(made, known, call, which, want, have))
            self._note_mask(known, call.outputs[which].mask, mask_of(tensor))
            if want.shape == have.shape and want.dtype.kind in "fiub" and have.dtype.kind in "fiub":
                tensor = replaced(tensor, want)
        return tensor

    def _note_mask(self, known: Known, want: Any, have: Any) -> None:
        """A mask that only one of them has need not be wrong: the archive may write it out."""
        if want is not None and (have is None or not np.array_equal(want, as_array(have))):
            self.unmasked.append(known)

    def _result(self, made: Made, known: Known, call: Judged, which: int, want: Any, have: Any) -> Json:
        tolerance = self._examination._tolerance
        result = compared(want, have, max(tolerance, HALF_TOLERANCE.get(call.dtype or "", 0.0)))
        result |= {"path": known.path, "layer": known.label, "class_name": known.class_name, "rule": known.rule}
        result |= {"output": which, "feed": self._feed.label, "judge": self._examination._judge.name, "how": CALL}
        result["equal"] = not result["problem"] and result["max_error"] <= result["allowed"]
        if not result["equal"] and not result["problem"]:
            self._by_rounding(made, call, which, want, result)
        if result["equal"] is False:
            result |= worst_element(want, have) | self._configs(made, call)
            result["mask_since"] = self.unmasked[0].label if self.unmasked else None
        return result

    def _by_rounding(self, made: Made, call: Judged, which: int, want: Any, result: Json) -> None:
        judge = self._examination._judge
        moved, _, problem = difference(want, judge.moved_call(call)[which])
        if problem or result["max_error"] > NOISE_FACTOR * moved:
            return
        result["allowed"] = max(result["allowed"], min(NOISE_FACTOR * moved, NOISE_LIMIT * result["scale"]))
        if result["max_error"] <= result["allowed"]:
            result["equal"] = True
            return
        found = proved_by_steps(made, call, judge, self._examination._tolerance)
        if isinstance(found, str):
            result |= {"how": SENSITIVE, "equal": False if found else None, "problem": found}
            return
        error, scale = found
        result |= {"how": STEPS, "equal": True, "max_error": error, "scale": scale}
        result["allowed"] = self._examination._tolerance * scale

    def _configs(self, made: Made, call: Judged) -> Json:
        return {"keras2": self._examination._judge.config(call), "keras3": list(configs(made.node))}

    def stopped(self, stop: Stopped) -> None:
        known = [known for known, _ in self._examination._places.of(stop.chain, 0)]
        path: Path = known[0].path if known else ()
        name = known[0].label if known else stop.chain[-1][0]
        self.found.append(
            {
                "path": path,
                "layer": name,
                "class_name": known[0].class_name if known else "",
                "rule": known[0].rule if known else "",
                "output": 0,
                "feed": self._feed.label,
                "judge": self._examination._judge.name,
                "how": CANNOT_RUN,
                "equal": None,
                "problem": f"Keras 3 cannot run it: {first_line(stop.error)}",
                "max_error": 0.0,
                "scale": 1.0,
                "allowed": 0.0,
                "mask_since": None,
            }
        )

    def ends(self, outputs: list[Any], wanted: list[Any]) -> None:
        """The model's own outputs, behind everything that took the judge's values."""
        for index, (want, tensor) in enumerate(zip(wanted, outputs, strict=True)):
            have = as_array(tensor)
            result = compared(want, have, 10 * self._examination._tolerance)
            result["equal"] = not result["problem"] and result["max_error"] <= result["allowed"]
            result |= {"path": (), "layer": f"output {index}", "class_name": "", "rule": "", "output": index}
            result |= {"feed": self._feed.label, "judge": self._examination._judge.name, "how": CALL}
            result |= {"mask_since": None} | worst_element(want, have)
            if not result["equal"]:
                self.found.append(result)


def configs(node: Any, most: int = 8) -> Iterator[Json]:
    """The operation of a call as Keras 3 tells it, and the ops right before it."""
    seen: set[int] = set()
    waiting = [node.operation]
    while waiting and len(seen) < most:
        operation = waiting.pop(0)
        if id(operation) in seen:
            continue
        seen.add(id(operation))
        yield {"class_name": type(operation).__name__, "config": _plain(_config(operation))}
        if isinstance(operation, keras.Layer):
            return
        nodes = [x._keras_history.operation for n in operation._inbound_nodes[:1] for x in n.input_tensors]
        waiting += [found for found in nodes if not isinstance(found, keras.Layer)]


def _config(operation: Any) -> Any:
    if functional_of(operation) is not None:
        return {"name": operation.name}
    try:
        return operation.get_config()
    except (NotImplementedError, TypeError, ValueError, AttributeError):
        return {"name": operation.name}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value[:MOST_ITEMS]]
    return value if value is None or isinstance(value, (bool, int, str)) else _text(value)


def _text(value: Any) -> Any:
    return value if isinstance(value, float) and np.isfinite(value) else str(value)[:80]
