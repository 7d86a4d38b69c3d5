"""The downloader of third-party checkpoints, against a server of our own."""

from __future__ import annotations

import hashlib
import http.server
import importlib.util
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

PLACE = ROOT / "tests" / "conformance" / "third_party" / "fetch.py"
DATA = b"a checkpoint"
COLUMNS = ("name", "licence", "source", "commit", "path", "size", "sha256")


def load():
    spec = importlib.util.spec_from_file_location("fetch", PLACE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FETCH = load()


@pytest.fixture
def host(tmp_path) -> Iterator[tuple[str, list[str]]]:
    """A server of `tmp_path/served`, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, directory=str(tmp_path / "served"), **named)

        def log_message(self, *arguments):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def manifest(tmp_path: Path, data: bytes = DATA, **changes: str) -> Path:
    row = {
        "name": "one",
        "licence": "MIT",
        "source": "github:owner/name",
        "commit": "abc",
        "path": "models/one.h5",
        "size": str(len(data)),
        "sha256": hashlib.sha256(data).hexdigest(),
        **changes,
    }
    path = tmp_path / "manifest.tsv"
    path.write_text("\t".join(COLUMNS) + "\n" + "\t".join(row[key] for key in COLUMNS) + "\n")
    served = tmp_path / "served" / "owner" / "name" / "raw" / "abc" / "models"
    served.mkdir(parents=True, exist_ok=True)
    (served / "one.h5").write_bytes(DATA)
    return path


def run(tmp_path: Path, host: str, path: Path) -> int:
    return FETCH.main([str(tmp_path / "out"), "--manifest", str(path), "--host", host])


def test_fetched_once(tmp_path, host):
    path = manifest(tmp_path)
    assert run(tmp_path, host[0], path) == 0
    target = tmp_path / "out" / "real" / "one.h5"
    assert target.read_bytes() == DATA and len(host[1]) == 1
    assert run(tmp_path, host[0], path) == 0 and len(host[1]) == 1
    target.write_bytes(b"half of i")
    assert run(tmp_path, host[0], path) == 0 and target.read_bytes() == DATA and len(host[1]) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"commit": "gone"}, "/owner/name/raw/gone/models/one.h5: HTTP 404"),
        ({"size": "5"}, "6 bytes, not the 5 of the manifest"),
        ({"sha256": "0" * 64}, "another sha256"),
    ],
)
def test_another_file_is_refused(tmp_path, host, capsys, changes, message):
    assert run(tmp_path, host[0], manifest(tmp_path, **changes)) == 1
    said = capsys.readouterr().err
    assert f"one: {'http' if 'HTTP' in message else ''}" in said and message in said and "1 files were not" in said
    assert list((tmp_path / "out" / "real").iterdir()) == []


def test_no_network(tmp_path, capsys):
    assert run(tmp_path, "http://127.0.0.1:1", manifest(tmp_path)) == 1
    assert "one: http://127.0.0.1:1/owner/name/raw/abc/models/one.h5:" in capsys.readouterr().err


def test_a_name_that_is_not_there(tmp_path):
    with pytest.raises(FETCH.Failed, match="'two'"):
        FETCH.main([str(tmp_path), "two", "--manifest", str(manifest(tmp_path))])


def test_out_of_a_package(tmp_path):
    with zipfile.ZipFile(tmp_path / "x-1-py3-none-any.whl", "w") as file:
        file.writestr("x/model.h5", DATA)
    assert FETCH.member(tmp_path / "x-1-py3-none-any.whl", "x/model.h5") == DATA
    with pytest.raises(FETCH.Failed, match="holds no x/other"):
        FETCH.member(tmp_path / "x-1-py3-none-any.whl", "x/other.h5")


def test_the_manifest_is_complete():
    rows = list(FETCH.rows(FETCH.MANIFEST, []))
    assert len(rows) > 40 and len({row["name"] for row in rows}) == len(rows)
    for row in rows:
        assert len(row["sha256"]) == 64 and int(row["size"]) > 0 and row["licence"]
        assert row["source"].startswith(("github:", "package:")) and bool(row["commit"]) == ("github:" in row["source"])
