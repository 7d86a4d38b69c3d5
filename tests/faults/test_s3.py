"""A real S3-compatible server, started here, as source and destination."""

from __future__ import annotations

import k2to3
import pytest
from fault_helpers import checkpoint_of

pytest.importorskip("s3fs")
pytest.importorskip("moto")


@pytest.fixture
def s3(monkeypatch):
    import s3fs
    from moto.server import ThreadedMotoServer

    for name, value in (
        ("AWS_ACCESS_KEY_ID", "a"),
        ("AWS_SECRET_ACCESS_KEY", "b"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    s3fs.S3FileSystem.clear_instance_cache()
    system = s3fs.S3FileSystem(use_listings_cache=False)
    system.mkdir("zoo")
    yield system
    system.rm("zoo", recursive=True)
    server.stop()


def test_a_bucket_is_migrated_by_processes_and_again_by_nothing(tmp_path, s3):
    for number, name in enumerate(("a.h5", "b ü.h5", "c.h5")):
        checkpoint_of(tmp_path / name, 3 + number)
        s3.put_file(str(tmp_path / name), f"zoo/old/deep/{name}")
    s3.pipe_file("zoo/old/bad.h5", b"no checkpoint")

    def run():
        worked = []
        k2to3.batch(
            "s3://zoo/old", "s3://zoo/new", verify="weights", jobs=2, work=tmp_path / "work",
            done=lambda report, *_: worked.append(report.status),
        )  # fmt: skip
        return sorted(worked)

    assert run() == ["proved", "proved", "proved", "refused"]
    s3.invalidate_cache()
    found = {name: s3.cat_file(name) for name in s3.find("zoo/new")}
    assert sorted(found) == ["zoo/new/deep/a.keras", "zoo/new/deep/b ü.keras", "zoo/new/deep/c.keras"]
    k2to3.batch(tmp_path, tmp_path / "here", verify="weights", jobs=1)
    assert found["zoo/new/deep/a.keras"] == (tmp_path / "here" / "a.keras").read_bytes()
    assert run() == []
    checkpoint_of(tmp_path / "c.h5", 9)
    s3.put_file(str(tmp_path / "c.h5"), "zoo/old/deep/c.h5")
    assert run() == ["proved"]


def test_a_bucket_that_is_not_there(tmp_path, s3):
    with pytest.raises(k2to3.FileError, match="no such file or folder"):
        k2to3.batch("s3://nowhere/old", tmp_path / "out")
