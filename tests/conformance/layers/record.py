"""What tf-keras writes for every case, without the values: `tests/golden/layers/*.jsonl`.

    python -m tests.conformance.layers.record

A line is a case: architecture, version, and for each weight its dtype and shape (and value, where it is no float).
The golden plans of layers are made from them, so that the loop without frameworks sees every layer and option.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.conformance.layers.run import author, families, quiet
from tests.conformance.layers.table import Case

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "layers"


def record(case: Case, source: Path) -> dict[str, Any]:
    import h5py

    author(case, source)
    with h5py.File(source) as file:
        root = file["model_weights"]
        weights = {text(name): _weights(root[text(name)]) for name in root.attrs["layer_names"]}
        architecture, version = file.attrs["model_config"], file.attrs["keras_version"]
    return {"case": case.id, "version": text(version), "config": json.loads(architecture), "weights": weights}


def _weights(group: Any) -> dict[str, list[Any]]:
    return {text(name): _weight(group[text(name)]) for name in group.attrs["weight_names"]}


def _weight(dataset: Any) -> list[Any]:
    dtype = "bfloat16" if dataset.dtype.kind == "V" else str(dataset.dtype)
    value = [dataset[()].tolist()] if dataset.dtype.kind in "iub" else []
    return [dtype, list(dataset.shape), *value]


def text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def main() -> int:
    quiet()
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for family, cases in families().items():
            lines = [json.dumps(record(case, Path(folder) / "old.h5")) + "\n" for case in cases]
            (FOLDER / f"{family}.jsonl").write_text("".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
