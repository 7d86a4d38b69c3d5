"""Every error of the tree, provoked: the command says what happened, where, and what to do."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import k2to3
import pytest
from conftest import FIXTURES, dense_layer, sequential, small_model, write_checkpoint
from k2to3 import errors
from k2to3.cli.main import main
from k2to3.proof.bench import Bench

Prepare = Callable[[Path, pytest.MonkeyPatch], object]
NEVER_ALONE = {
    "K2to3Error": "the root",
    "Refused": "the root of what is refused",
    "NotSpecified": "becomes a line of NOT PROVED: tests/specification/test_model.py",
}


def whole(folder: Path, config: Any = None, weights: Any = None) -> Path:
    usual = small_model()
    return write_checkpoint(folder / "old.h5", config or usual[0], weights or usual[1])


def text(content: str) -> Prepare:
    return lambda folder, _: (folder / "old.h5").write_text(content)


def cut(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / "old.h5").write_bytes((FIXTURES / "keras-2.2.4__text_lstm.h5").read_bytes()[:9000])


def layer(**config: Any) -> Prepare:
    made = dense_layer(batch_input_shape=[None, 4], **config)
    return lambda folder, _: whole(folder, sequential(made))


def mystery(folder: Path, _: pytest.MonkeyPatch) -> None:
    whole(folder, sequential({"class_name": "Mystery", "config": {"name": "it", "batch_input_shape": [None, 4]}}))


def no_architecture(folder: Path, _: pytest.MonkeyPatch) -> None:
    whole(folder, {"class_name": "Sequential", "config": {"name": "m", "layers": "none"}})


def wrong_shape(folder: Path, _: pytest.MonkeyPatch) -> None:
    weights = small_model()[1]
    weights["dense"]["dense/bias:0"] = weights["dense"]["dense/bias:0"][:2]
    whole(folder, None, weights)


def linked(folder: Path, _: pytest.MonkeyPatch) -> None:
    with h5py.File(whole(folder), "a") as file:
        del file["model_weights/dense/dense/kernel:0"]
        file["model_weights/dense/dense/kernel:0"] = h5py.ExternalLink("/etc/passwd", "x")


def converted(folder: Path, _: pytest.MonkeyPatch) -> None:
    k2to3.convert(whole(folder), folder / "new.keras", verify="none")


def of_another(folder: Path, patch: pytest.MonkeyPatch) -> None:
    converted(folder, patch)
    weights = small_model()[1]
    weights["dense"]["dense/bias:0"] += 1
    whole(folder, None, weights)


def bare(folder: Path, patch: pytest.MonkeyPatch) -> None:
    whole(folder)
    patch.setattr("k2to3.api.convert.bench", lambda: Bench((), False))


def at_fault(folder: Path, patch: pytest.MonkeyPatch) -> None:
    whole(folder)
    patch.setattr("k2to3.api.convert.make_plan", lambda *_, **__: len(5))  # type: ignore[arg-type]


def zoo(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / "bad.h5").write_bytes(b"no")
    whole(folder)


def one(folder: Path, _: pytest.MonkeyPatch) -> None:
    whole(folder)


CONVERT = "convert old.h5 new.keras --verify weights"
BATCH = "batch bad.h5 old.h5 --out done --verify none"
CASES: list[tuple[str, Prepare, str, tuple[str, ...]]] = [
    ("UsageError", one, "convert old.h5 new.txt", ("must end in .keras", "'new.txt'", "k2to3 batch")),
    ("NotKeras2", text("<!DOCTYPE html><html></html>"), CONVERT, ("old.h5", "web page", "download")),
    ("Damaged", cut, CONVERT, ("old.h5", "truncated", "get the file again")),
    ("BadConfig", no_architecture, CONVERT, ("old.h5", "layers")),
    ("UnsupportedLayer", mystery, CONVERT, ("old.h5", "layer 'it'", "'Mystery'", "--rules")),
    ("UnsupportedOption", layer(kernel_constraint={"class_name": "Mine", "config": {}}), CONVERT,
     ("old.h5", "layer 'dense'", "'Mine'", "--drop Mine")),
    ("WeightMismatch", wrong_shape, CONVERT, ("old.h5", "layer 'dense'", "[2]", "says 3")),
    ("NothingToDo", converted, "convert new.keras again.keras", ("new.keras", "Keras 3")),
    ("UnsafeFile", linked, CONVERT, ("old.h5", "link", "kernel:0")),
    ("NotEqual", of_another, "verify old.h5 new.keras --verify weights", ("new.keras", "layer 'dense'", "differ")),
    ("FileError", lambda *_: None, CONVERT, ("old.h5", "no such file", "current folder")),
    ("ProofFailed", bare, "convert old.h5 new.keras --verify outputs", ("old.h5", "cannot be proved", "pip install")),
    ("InternalError", at_fault, CONVERT, ("old.h5", "a fault of k2to3", "api/convert.py", "report it")),
    ("Interrupted", zoo, f"{BATCH} --jobs 1 --fail-fast", ("old.h5",)),
    ("TimedOut", one, "batch old.h5 --out done --verify none --timeout 0.001", ("old.h5", "took longer", "--timeout")),
]  # fmt: skip


def errors_in(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By type; those of a batch are in its reports."""
    reports = record.get("reports", [record])
    return {report["error"]["type"]: {**report["error"], "file": report.get("source")} for report in reports
            if report.get("error")}  # fmt: skip


@pytest.mark.parametrize(("name", "prepare", "command", "says"), CASES, ids=[case[0] for case in CASES])
def test_what_happened_where_and_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    prepare: Prepare,
    command: str,
    says: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    prepare(tmp_path, monkeypatch)
    code = main([*command.split(), "--json"])
    printed = capsys.readouterr()
    record = json.loads(printed.out)
    found = errors_in(record)[name]
    in_batch = command.startswith("batch")
    assert in_batch or code == errors.by_name(name).exit_code
    told = f"{found['file']} {found['message']} {found['hint']}" if in_batch else printed.err
    assert [word for word in says if word not in told] == [], told
    assert found["message"] and found["hint"] and found["hint"] in told and "Traceback" not in printed.err
    assert found["message"] in told and len(told) < 500


def dies(count: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_a_process_that_was_killed(tmp_path: Path) -> None:
    (report,) = k2to3.batch(whole(tmp_path), tmp_path / "done", verify="none", progress=dies)
    assert (report.exit_code, report.error["type"]) == (70, "WorkerDied")
    assert "SIGKILL" in report.error["message"] and report.error["hint"]


def test_the_whole_tree_was_provoked() -> None:
    tree = {kind.__name__ for kind in errors._descendants(errors.K2to3Error) if kind.__module__ == errors.__name__}
    assert tree == {name for name, *_ in CASES} | {"WorkerDied"} | set(NEVER_ALONE)
