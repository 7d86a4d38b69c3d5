"""What Keras 3 said of the cases of ops and layers, kept so that no Keras is needed to compare with it.

    python tests/keras3/recorded.py      asks the installed Keras 3 and rewrites recorded/*.txt; read the diff

`op_facts.txt` is the table of `keras3/ops/facts.py` as it came out of the sources of its releases.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]
import layer_cases  # noqa: E402
import op_cases  # noqa: E402
from k2to3.keras3.ops.facts import OPS  # noqa: E402
from workers import TESTS, worker  # noqa: E402

Json = dict[str, Any]
HERE = Path(__file__).resolve().parent / "recorded"
CASES = {"ops": op_cases.cases, "layers": layer_cases.cases}


def label(case: Json) -> str:
    return str(case["symbol"] if "symbol" in case else case["layer"][0])


def recorded(kind: str) -> Iterator[tuple[Json, Json]]:
    """Each case with its answer, as `specs_worker.py` gives it."""
    lines = (HERE / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
    for case, line in zip(CASES[kind](), lines, strict=True):
        name, answer = line.split(" ", 1)
        assert name == label(case), "other cases than those on record: python tests/keras3/recorded.py"
        yield case, {"refused": ""} if answer == "refused" else dict(json.loads(answer))


def facts() -> str:
    """A class a line: the releases that have it, that name it, and that write it so; keys; backends without it."""
    rows = (
        f"{symbol} {row.since} {row.named} {row.changed} {json.dumps(row.keys_since)} {' '.join(row.unable)}".strip()
        for symbol, row in OPS.items()
    )
    return "".join(f"{row}\n" for row in rows)


def main() -> None:
    HERE.mkdir(exist_ok=True)
    with worker(TESTS / "keras3" / "specs_worker.py") as keras:
        for kind, cases in CASES.items():
            given = list(cases())
            answers = keras.ask({"jobs": given})
            lines = (f"{label(case)} {_line(answer)}\n" for case, answer in zip(given, answers, strict=True))
            (HERE / f"{kind}.txt").write_text("".join(lines), encoding="utf-8")
    (HERE / "op_facts.txt").write_text(facts(), encoding="utf-8")


def _line(answer: Any) -> str:
    return "refused" if "refused" in answer else json.dumps(answer, separators=(",", ":"))


if __name__ == "__main__":
    main()
