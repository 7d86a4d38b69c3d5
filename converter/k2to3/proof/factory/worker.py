"""Inside the worker: call the user's function with tf-keras in the place of Keras.

Reads `{"source": MODULE_OR_FILE, "function": NAME, "author": WRITER}` on standard input; prints one line of JSON:
`model` (its `to_json()`), `supplied` (the defaults it was given), or `error` and `hint`.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from k2to3.proof.factory.constructors import Era, Undecided
from k2to3.proof.factory.gone import KEPT, Gone
from k2to3.proof.factory.modules import OldKeras
from k2to3.sources.author import Writer, read_writer


def load(source: str) -> ModuleType:
    """The module of that name, or the file.

    Its folder goes to the end of the path: what stands beside the user's file can be imported from it, but
    a `json.py` there takes the place of nothing.
    """
    if not source.endswith(".py"):
        sys.path.append(os.getcwd())
        return importlib.import_module(source)
    file = Path(source).resolve()
    sys.path.append(str(file.parent))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def architecture(model: Any) -> str:
    """JSON text of what the function returned: a model, its JSON, or its config."""
    if isinstance(model, str):
        return model
    if isinstance(model, dict):
        return json.dumps(model)
    if not hasattr(model, "to_json"):
        raise TypeError(f"the function returned a {type(model).__name__}, not a Keras model")
    return str(model.to_json())


def _author_of(job: dict[str, Any]) -> tuple[Era | None, Callable[[Any], Any]]:
    """Put Keras into the time of the author; gives what a returned model has to go through."""
    if job["author"] is None:
        return None, lambda model: model
    import tf_keras

    writer: Writer = read_writer(job["author"])
    gone = Gone(tf_keras)
    if writer.standalone:
        gone.install()
    era = Era(writer, tf_keras.backend.image_data_format)
    era.install(tf_keras.layers)
    if writer.standalone or writer.releases[1] < (2, 11):
        for name in ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"):
            setattr(tf_keras.optimizers, name, getattr(tf_keras.optimizers.legacy, name))
    return era, gone.whole


def _in_keras1_words(text: str) -> str:
    """Classes that stand for Keras 1's own are no classes of the user's."""
    return json.dumps(_cleaned(json.loads(text)))


def _cleaned(node: Any) -> Any:
    if isinstance(node, list):
        return [_cleaned(item) for item in node]
    if not isinstance(node, dict):
        return node
    gone = ("module", "registered_name") if node.get("class_name") in KEPT else ()
    return {key: _cleaned(value) for key, value in node.items() if key not in gone}


def main() -> int:
    answer = os.fdopen(os.dup(1), "w")
    # The user's code may print; the answer must stand alone.
    os.dup2(2, 1)
    job = json.load(sys.stdin)
    sys.meta_path.insert(0, OldKeras())
    found: dict[str, Any] = {"model": "", "error": "", "hint": None, "supplied": []}
    era: Era | None = None
    try:
        era, whole = _author_of(job)
        model = whole(getattr(load(job["source"]), job["function"])())
        found["model"] = _in_keras1_words(architecture(model))
        found["supplied"] = [] if era is None else era.supplied
    except Exception as error:  # whatever the user's code raises is told to the user
        kind = "" if isinstance(error, Undecided) else f"{type(error).__name__}: "
        found["error"] = f"{kind}{error} ({_place(error, job['source'])})"
        theano = era is not None and era.writer.theano
        found["hint"] = error.hint if isinstance(error, Undecided) else CALLED + CHANNELS * theano
    answer.write(json.dumps(found) + "\n")
    answer.close()
    return 0


CALLED = "the function is called without arguments, with tf-keras as keras and tf.keras"
CHANNELS = "; shapes that begin with channels, as on Theano, need data_format='channels_first' in each layer"


def _place(error: Exception, source: str) -> str:
    """The last line of the user's own, or where else it happened."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == source]
    where = own[-1] if own and isinstance(error, Undecided) else frames[-1]
    return f"{Path(where.filename).name}, line {where.lineno}"


if __name__ == "__main__":
    sys.exit(main())
