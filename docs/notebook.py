"""Run the notebooks of examples/ and write down what their cells give: python docs/notebook.py [--check]

Cells are Python and nothing else, so that no Jupyter is needed. `--check` writes nothing, and fails where a cell gives
something else than the notebook shows.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))
Json = dict[str, Any]


def main() -> int:
    changed = [path for path in NOTEBOOKS if not _up_to_date(path, check="--check" in sys.argv[1:])]
    return 1 if changed else 0


def _up_to_date(path: Path, *, check: bool) -> bool:
    old = path.read_text(encoding="utf-8")
    notebook = json.loads(old)
    with _folder():
        _run([cell for cell in notebook["cells"] if cell["cell_type"] == "code"])
    new = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    if old == new or not check:
        path.write_text(new, encoding="utf-8")
        return True
    print(f"{path.name} shows something else than its cells give:\n{new}", file=sys.stderr)
    return False


@contextlib.contextmanager
def _folder() -> Any:
    """A folder of its own in place of examples/, with the fixtures beside it."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "examples").mkdir()
        os.symlink(ROOT / "fixtures", Path(place) / "fixtures")
        with contextlib.chdir(Path(place) / "examples"):
            yield


def _run(cells: list[Json]) -> None:
    names: Json = {}
    for number, cell in enumerate(cells, 1):
        cell["execution_count"] = number
        cell["outputs"] = _outputs("".join(cell["source"]), names, number)


def _outputs(source: str, names: Json, number: int) -> list[Json]:
    """What a cell prints, and the value of its last line."""
    *body, last = ast.parse(source).body
    value = ast.Expression(last.value) if isinstance(last, ast.Expr) else None
    steps = body if value is not None else [*body, last]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(ast.Module(steps, []), f"cell {number}", "exec"), names)
        found = None if value is None else eval(compile(value, f"cell {number}", "eval"), names)
    outputs: list[Json] = []
    if printed.getvalue():
        lines = printed.getvalue().splitlines(keepends=True)
        outputs.append({"name": "stdout", "output_type": "stream", "text": lines})
    if found is not None:
        text = repr(found).splitlines(keepends=True)
        result = {"data": {"text/plain": text}, "execution_count": number, "metadata": {}}
        outputs.append({**result, "output_type": "execute_result"})
    return outputs


if __name__ == "__main__":
    sys.exit(main())
