"""What plain Keras 3 says of files: a path a line, a JSON text a line, null where it opens the file."""

from __future__ import annotations

import json
import os
import sys

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

import keras  # noqa: E402

for line in sys.stdin:
    try:
        keras.saving.load_model(line.strip())
        said = None
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    answers.write(json.dumps(said) + "\n")
