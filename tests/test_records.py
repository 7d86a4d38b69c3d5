"""`--json` prints one record on every outcome of every verb, after its schema, and the record says the exit code."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import FIXTURES, ROOT, small_model, write_checkpoint
from k2to3.cli.main import main
from referencing import Registry, Resource

SCHEMAS = {
    text["$id"]: text
    for text in (json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "schemas").glob("*.schema.json"))
}
OLD = "keras-2.2.4__text_lstm.h5"

REGISTRY = Registry().with_resources((name, Resource.from_contents(text)) for name, text in SCHEMAS.items())


def damaged(folder: Path) -> None:
    (folder / "damaged.h5").write_bytes((FIXTURES / OLD).read_bytes()[:900])


def other(folder: Path) -> None:
    (folder / "page.h5").write_text("<!DOCTYPE html><html></html>")


def converted(folder: Path) -> None:
    assert main(["convert", "old.h5", "new.keras", "--verify", "none", "-q"]) == 0


def taken(folder: Path) -> None:
    (folder / "new.keras").write_text("mine")


def another(folder: Path) -> None:
    shutil.copy(FIXTURES / "keras-2.2.4__shared_nested.h5", folder / "other.h5")


def batched(folder: Path) -> None:
    assert main(["batch", "old.h5", "--out", "done", "--verify", "none", "-q"]) == 0


def cut(folder: Path) -> None:
    converted(folder)
    archive = folder / "new.keras"
    archive.write_bytes(archive.read_bytes()[:-200])


Prepared = Callable[[Path], None]
CASES: list[tuple[str, int, str, tuple[Prepared, ...]]] = [
    ("convert old.h5 new.keras --verify none", 0, "report", ()),
    ("convert old.h5 new.keras --verify weights", 0, "report", ()),
    ("convert old.h5 new.keras --dry-run", 0, "report", ()),
    ("convert custom.h5 new.keras --verify none", 1, "report", ()),
    ("convert page.h5 new.keras", 9, "report", (other,)),
    ("convert damaged.h5 new.keras", 4, "report", (damaged,)),
    ("convert missing.h5 new.keras", 6, "report", ()),
    ("convert old.h5 new.keras --verify none", 6, "report", (taken,)),
    ("convert old.h5", 2, "report", ()),
    ("convert old.h5 new.txt", 2, "report", ()),
    ("convert old.h5 new.keras --drop Absent:key --verify none", 2, "report", ()),
    ("convert new.keras again.keras", 3, "report", (converted,)),
    ("convert old.h5 new.keras --no-such-option", 2, "error", ()),
    ("inspect old.h5", 0, "inspect", ()),
    ("inspect custom.h5", 1, "inspect", ()),
    ("inspect page.h5", 9, "error", (other,)),
    ("inspect damaged.h5", 4, "error", (damaged,)),
    ("inspect missing.h5", 6, "error", ()),
    ("verify old.h5 new.keras --verify weights", 0, "report", (converted,)),
    ("verify other.h5 new.keras --verify weights", 5, "report", (converted, another)),
    ("verify old.h5 new.keras --verify weights", 4, "report", (cut,)),
    ("verify old.h5 missing.keras", 6, "report", ()),
    ("diff old.h5 new.keras", 0, "diff", (converted,)),
    ("diff old.h5 other.h5", 5, "diff", (another,)),
    ("diff old.h5 missing.h5", 6, "error", ()),
    ("batch old.h5 --out done --verify none", 0, "batch", ()),
    ("batch old.h5 --out done --dry-run", 0, "batch", ()),
    ("batch old.h5 custom.h5 --out done --verify none", 1, "batch", ()),
    ("batch missing --out done", 6, "error", ()),
    ("batch old.h5 --out done --verify none", 0, "batch", (batched,)),
    ("batch --status --out done", 0, "batch", (batched,)),
    ("batch --status --out none", 6, "error", ()),
    ("rules", 0, "rules", ()),
    ("explain Unknown layer: 'TFOpLambda'", 0, "explain", ()),
    ("explain nothing that Keras says", 1, "explain", ()),
    ("no-such-verb", 2, "error", ()),
]


@pytest.mark.parametrize(
    ("command", "code", "schema", "before"), CASES, ids=[f"{command} → {code}" for command, code, *_ in CASES]
)
def test_a_record(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    code: int,
    schema: str,
    before: tuple[Prepared, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    shutil.copy(FIXTURES / OLD, tmp_path / "old.h5")
    config, weights = small_model()
    config["config"]["layers"][0]["config"]["activation"] = "mine"
    write_checkpoint(tmp_path / "custom.h5", config, weights)
    for prepare in before:
        prepare(tmp_path)
    capsys.readouterr()
    try:
        found = main([*command.split(), "--json"])
    except SystemExit as asked:
        found = int(asked.code or 0)
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(SCHEMAS[record["schema"]], registry=REGISTRY).validate(record)
    assert (found, record["schema"]) == (code, f"k2to3-{schema}-1")
    assert record.get("exit_code", code) == code
    if code and schema == "report":
        assert record["error"]["message"]
