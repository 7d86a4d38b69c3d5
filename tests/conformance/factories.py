"""Genuine checkpoints without their architecture, which the author's own script builds again.

    python tests/conformance/factories.py [--filter TEXT]

Every fixture that a function of fixtures/authoring/keras1.py or keras2.py made is stripped to its weights and
converted with `--architecture file.py:function`; what the archive computes must be what that Keras recorded. The
scripts leave out what their Keras supplied: gates, `reset_after`, `epsilon`, orders of axes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "converter")]

import h5py  # noqa: E402
import k2to3  # noqa: E402

FIXTURES = ROOT / "fixtures"
AUTHORING = FIXTURES / "authoring"
FACTORY = """
import sys
from types import SimpleNamespace
sys.path.append({folder!r})
import keras.layers, keras.models
from {module} import MODELS

def build():
    return MODELS[{name!r}](SimpleNamespace(layers=keras.layers, models=keras.models, backend={backend!r}))[0]
"""
# These need more than a namespace of layers, or TensorFlow 1 itself.
SKIPPED = frozenset({"weights_only"})


def scripts() -> Iterator[tuple[Path, str, str]]:
    """(checkpoint, module, function) of every fixture that a script wrote."""
    for path in sorted(FIXTURES.glob("*__*.h5")):
        generation, _, name = path.stem.partition("__")
        module = "keras1" if generation.startswith("keras-1") else "keras2"
        if name not in SKIPPED and f"\ndef {name}(" in (AUTHORING / f"{module}.py").read_text():
            yield path, module, name


def stripped(path: Path, target: Path) -> Path:
    """The weights alone, as `save_weights` wrote them."""
    with h5py.File(path) as old, h5py.File(target, "w") as new:
        root = old["model_weights"]
        for key in root:
            root.copy(key, new)
        for key, value in root.attrs.items():
            new.attrs[key] = value
        for key in ("keras_version", "backend"):
            # Keras 1 wrote neither into a file of weights.
            if key in root.attrs or "1.2" in path.stem:
                continue
            if key in old.attrs:
                new.attrs[key] = old.attrs[key]
    return target


def factory(folder: Path, path: Path, module: str, name: str) -> str:
    """`file.py:function` that builds the model of a fixture."""
    backend = "theano" if "theano" in path.stem else "tensorflow"
    file = folder / "script.py"
    file.write_text(FACTORY.format(folder=str(AUTHORING), module=module, name=name, backend=backend))
    return f"{file}:build"


def release_of(path: Path) -> str | None:
    """tf.keras says one version for several TensorFlows, weights of Keras 1 say none."""
    generation = path.stem.partition("__")[0]
    if generation.startswith("keras-1"):
        return "1.2.2"
    return generation if generation in ("tf-1.13", "tf-1.15", "tf-2.0") else None


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--filter", default="")
    filter_ = parser.parse_args().filter
    worker = subprocess.Popen(
        [sys.executable, str(HERE / "keras_worker.py")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""},
    )  # fmt: skip
    assert worker.stdin is not None and worker.stdout is not None
    print(worker.stdout.readline().strip())
    counted: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name_:
        folder = Path(name_)
        for path, module, name in scripts():
            if filter_ not in path.stem:
                continue
            weights, target = stripped(path, folder / "w.h5"), folder / "new.keras"
            said = {"keras_version": release} if (release := release_of(path)) else {}
            try:
                report = k2to3.convert(
                    weights, target, architecture=factory(folder, path, module, name), verify="none", overwrite=True,
                    **said,
                )  # fmt: skip
            except k2to3.K2to3Error as error:
                status, detail = "refused", str(error)[-250:]
            else:
                job = {"archive": str(target), "reference": str(path.with_suffix(".npz")), "tolerance": 1e-5}
                worker.stdin.write(json.dumps(job) + "\n")
                worker.stdin.flush()
                answer = json.loads(worker.stdout.readline())
                supplied = sum("where the code does not say it" in finding.text for finding in report.findings)
                status, detail = answer["status"], answer.get("detail", "") or f"{supplied} defaults supplied"
            counted[status] += 1
            print(f"{status:10} {path.stem:40} {detail}", flush=True)
    print(dict(counted))
    return 0 if set(counted) <= {"ok"} else 1


if __name__ == "__main__":
    sys.exit(main())
