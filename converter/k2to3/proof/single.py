"""Inside the worker: what computes in half precision, once more in single.

Half precision has eleven bits, and rounding is amplified from layer to layer: an epsilon, or a weight that is a
thousandth off, disappears in what has to be allowed. Here both read float32 where the file and the archive say half,
and the difference may be as small as elsewhere. That the archive says half where the file does, the first comparison
shows.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from k2to3.errors import NotSpecified
from k2to3.proof.judges import specified
from k2to3.proof.judging import judge_outputs
from k2to3.proof.levels.level import Job, Trial
from k2to3.proof.memory import check_memory

POLICIES = ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16")
# What they compute may depend on how numbers are stored.
FREE = frozenset({"Lambda", "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"})


def in_single(trial: Trial) -> tuple[Trial, str] | None:
    """What is wrong with an archive of half precision when it computes in single, and the trial that says so.

    None where nothing is, or where it cannot be said: the comparison in half precision stands alone then.
    """
    job = trial.job
    if not job["half"] or job["judge"] == "tf-keras" or _is_free(job["stored_config"]):
        return None
    strict: Job = {**job, "tolerance": job["strict"], "half": False, "stored_config": _wide(job["stored_config"])}
    try:
        model = _loaded(job["archive"], trial.objects.keras3)
        judge = specified(strict)
    except NotSpecified:
        return None
    except Exception as error:
        # Not every layer of Keras 3 that was saved in half precision can be built in another.
        check_memory(error)
        return None
    evidence: dict[str, Any] = {"outputs": [], "not_proved": [], "oracle": None, "divergence": None, "layers": []}
    problem = judge_outputs(strict, model, [judge], [], evidence)
    trial.evidence["outputs"] += [
        {**item, "feed": f"{item['feed']}, in single precision"} for item in evidence["outputs"]
    ]
    return None if problem is None else (replace(trial, job=strict, model=model), f"in single precision: {problem}")


def _is_free(node: Any) -> bool:
    if isinstance(node, Mapping):
        return node.get("class_name") in FREE or any(map(_is_free, node.values()))
    return isinstance(node, list) and any(map(_is_free, node))


def _wide(node: Any) -> Any:
    return json.loads(_renamed(json.dumps(node).encode()))


def _loaded(archive: str, objects: dict[str, Any]) -> Any:
    import keras

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "single.keras"
        with zipfile.ZipFile(archive) as source, zipfile.ZipFile(target, "w") as written:
            for name in source.namelist():
                data = source.read(name)
                written.writestr(name, _renamed(data) if name == "config.json" else data)
        return keras.saving.load_model(target, compile=False, safe_mode=True, custom_objects=objects)


def _renamed(config: bytes) -> bytes:
    for policy in POLICIES:
        config = config.replace(f'"{policy}"'.encode(), b'"float32"')
    return config
