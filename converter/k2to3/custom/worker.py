"""The worker process: imports Keras 3 and the user's classes, describes layers until told to stop.

One line of JSON per question and answer.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import Any

from k2to3.custom.describe import describe, describe_cell, describe_function, describe_object
from k2to3.custom.loading import custom_objects, keras2_objects


def main() -> int:
    warnings.filterwarnings("ignore")
    answers = os.fdopen(os.dup(1), "w")
    # Frameworks and the user's module print to standard output; the answers must stand alone.
    os.dup2(2, 1)
    objects: dict[str, Any] = {}
    for line in sys.stdin:
        answer: dict[str, Any]
        try:
            answer = {"answer": _answer(objects, json.loads(line))}
            text = json.dumps(answer)
        # The user's code may raise anything at all.
        except Exception as error:
            text = json.dumps({"error": f"{type(error).__name__}: {str(error).strip()[:600]}"})
        answers.write(text + "\n")
        answers.flush()
    return 0


def _answer(objects: dict[str, Any], job: dict[str, Any]) -> Any:
    if job["ask"] == "names":
        objects.update(custom_objects(job["source"]))
        return {"names": sorted(objects), "twins": sorted(keras2_objects(job["source"]))}
    answers = {"layer": describe, "function": describe_function, "object": describe_object, "cell": describe_cell}
    return answers[job["ask"]](objects, job)


if __name__ == "__main__":
    sys.exit(main())
