"""Which layers and ops a backend cannot run on whole numbers, though TensorFlow can: the rows' `without_integers`.

    python tests/conformance/integers.py torch      or jax; asks plain Keras 3 for every case of tests/keras3

Prints what is known and wrong, or unknown; exits 1 where there is any.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent / "converter"), str(TESTS), str(TESTS / "keras3")]
KINDS = ("int32", "int64", "bool")
FLOAT = "float32"
# Neither TensorFlow's `one_hot` nor its `bincount` takes a truth value for an index: no old model asks for it.
INDEXED = frozenset({"CategoryEncoding", "nn.OneHot"})


def asked() -> dict[str, bool]:
    """Inside a process of one backend: whether each case runs."""
    import importlib

    import keras
    import numpy as np
    from layer_cases import cases as layer_cases
    from op_cases import cases as op_cases

    def given(node: Any, kind: str) -> Any:
        if isinstance(node, dict) and "tensor" in node:
            extents = [3 if n is None else n for n in node["tensor"][0]]
            return keras.ops.convert_to_tensor((np.indices(extents or [1]).sum(0) % 2).reshape(extents).astype(kind))
        if isinstance(node, dict):
            return {key: given(value, kind) for key, value in node.items()}
        return [given(value, kind) for value in node] if isinstance(node, list) else node

    def runs(case: Any, kind: str) -> bool:
        try:
            if "symbol" in case:
                module, name = case["symbol"].split(".")
                op = getattr(importlib.import_module(f"keras.src.ops.{module}"), name)(**case["config"])
                op(*given(case["args"], kind), **given(case["kwargs"], kind))
            else:
                name, config = case["layer"]
                values = given(case["inputs"], kind)
                layer = getattr(keras.layers, name)(**config)
                layer(*(values if case["spread"] else [values]), **given(case["kwargs"], kind))
        except Exception:
            return False
        return True

    found: dict[str, bool] = {}
    for number, case in enumerate([*layer_cases(), *op_cases()]):
        for kind in (*KINDS, FLOAT):
            found[f"{case.get('symbol') or case['layer'][0]} {number} {kind}"] = runs(case, kind)
    return found


def answers(backend: str) -> dict[str, bool]:
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, __file__], env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(backend: str) -> int:
    from k2to3.keras3.layers.table import LAYERS
    from k2to3.keras3.ops.facts import OPS

    ours, able = answers("tensorflow"), answers(backend)
    # What does not run on floats either is not about whole numbers.
    on_floats = {key.rpartition(" ")[0] for key, ran in able.items() if ran and key.endswith(FLOAT)}
    lost = (key for key, ran in ours.items() if ran and not able[key] and key.rpartition(" ")[0] in on_floats)
    unable = Counter(key.split(" ")[0] for key in lost if not (key.endswith("bool") and key.split(" ")[0] in INDEXED))
    rows = {**LAYERS, **OPS}
    known = {name for name, row in rows.items() if backend in row.without_integers}
    for name in sorted(known ^ set(unable)):
        print(f"{name}: {'runs, though the table says no' if name in known else f'fails {unable[name]} times'}")
    said = ", ".join(sorted(unable)) or "none"
    print(f"{backend}: {len(ours)} calls, {sum(ours.values())} run on TensorFlow; not here: {said}")
    return 1 if known ^ set(unable) else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(sys.argv[1]))
    print(json.dumps(asked()))
