"""What a batch is given, and what it says at the end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import k2to3
import pytest
from conftest import ROOT
from fault_helpers import checkpoint_of, environment
from k2to3.cli.main import main
from k2to3.errors import FileError, UnsupportedLayer, UsageError
from k2to3.migration.find import Search, check_apart, find_pairs
from k2to3.migration.manifest import read_manifest
from k2to3.migration.summary import causes, way_out
from k2to3.publish.identity import ASKED
from k2to3.report.pace import Pace
from k2to3.report.record import Report
from test_resume import Inline

SCHEMA = json.loads((ROOT / "schemas" / "manifest.schema.json").read_text())


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in ("zoo/a.h5", "zoo/deep/b.h5", "zoo/deep/old/c.hdf5", "more/a.h5", "more/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*sources, **search):
    pairs = find_pairs([Path(source) for source in sources], Path("out"), Search(**search))
    check_apart(pairs, bool(search.get("keep_suffix")), ASKED)
    return {pair.source.as_posix(): pair.target.as_posix() for pair in pairs}


def test_folders_files_and_patterns(tree):
    inside = {"zoo/a.h5": "out/a.keras", "zoo/deep/b.h5": "out/deep/b.keras"}
    assert found("zoo") == {**inside, "zoo/deep/old/c.hdf5": "out/deep/old/c.keras"}
    assert found("zoo/a.h5", "zoo/deep/b.h5") == {"zoo/a.h5": "out/a.keras", "zoo/deep/b.h5": "out/b.keras"}
    assert found("zoo/**/*.h5") == inside
    assert found("zoo", "zoo/a.h5") == found("zoo"), "given twice"
    assert found("zoo", "more")["more/a.h5"] == "out/more/a.keras", "as cp -r does"
    assert found("more/notes.txt") == {"more/notes.txt": "out/notes.keras"}, "what is named is tried"
    assert found("more/a.h5", suffix=".safetensors") == {"more/a.h5": "out/a.safetensors"}
    for nothing in ("nowhere", "zoo/*.pb"):
        with pytest.raises(FileError):
            found(nothing)
    with pytest.raises(UsageError, match="would both become"):
        found("zoo/a.h5", "more/a.h5")


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ({"include": ("*.hdf5",)}, ["c.hdf5"]),
        ({"include": ("deep/*",)}, ["b.h5", "c.hdf5"]),
        ({"include": ("deep",), "exclude": ("deep/old/",)}, ["b.h5"]),
        ({"exclude": ("b.*", "a.*")}, ["c.hdf5"]),
    ],
)
def test_include_and_exclude(tree, search, names):
    assert sorted(Path(source).name for source in found("zoo", **search)) == names


ENTRIES = {
    "json": json.dumps({"files": [{"source": "a.h5"}, {"source": "w.h5", "target": "x/w.keras", "verify": "none"}]}),
    "toml": '[[files]]\nsource = "a.h5"\n[[files]]\nsource = "w.h5"\ntarget = "x/w.keras"\nverify = "none"\n',
    "csv": "source,target,verify\na.h5,,\nw.h5,x/w.keras,none\n",
}


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_manifest(tmp_path, kind):
    path = tmp_path / f"list.{kind}"
    path.write_text(ENTRIES[kind])
    first, second = read_manifest(path, Path("out"), ".keras")
    assert (first.source, first.target, first.given) == (tmp_path / "a.h5", Path("out/a.keras"), {})
    assert (second.target, second.given) == (Path("out/x/w.keras"), {"verify": "none"})
    jsonschema.validate(json.loads(ENTRIES["json"]), SCHEMA)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"files": [{"source": "a.h5", "verfy": "none"}]}', "entry 1: no such option: verfy"),
        ('{"files": [{"source": "a.h5"}, {"target": "b"}]}', "entry 2: no source"),
        ('{"files": [{"source": "a.h5", "target": "../b"}]}', "not a place below"),
        ('{"files": [{"source": "a.h5", "overwrite": true}]}', "of a whole batch"),
        ('{"files": [{"source": "a.h5", "verify": "all"}]}', "not one of"),
        ('{"files": 3}', "list of entries"),
        ("{", "cannot be read"),
    ],
)
def test_a_manifest_that_means_nothing(tmp_path, text, problem):
    (tmp_path / "list.json").write_text(text)
    with pytest.raises(UsageError, match=problem):
        read_manifest(tmp_path / "list.json", Path("out"), ".keras")


def test_a_manifest_of_csv_with_lists(tmp_path):
    (tmp_path / "list.csv").write_text("source,treat_as,compile,seed\na.h5,A=Dense;B=LSTM,no,7\n")
    (pair,) = read_manifest(tmp_path / "list.csv", Path("out"), ".keras")
    assert pair.given == {"treat_as": ["A=Dense", "B=LSTM"], "compile": False, "seed": 7}


def test_options_of_one_file(tmp_path):
    checkpoint_of(tmp_path / "a.h5")
    checkpoint_of(tmp_path / "b.h5")
    text = json.dumps([{"source": "a.h5", "verify": "none"}, {"source": "b.h5"}])
    (tmp_path / "list.json").write_text(text)
    reports = k2to3.batch(out=tmp_path / "out", manifest=tmp_path / "list.json", verify="weights", executor=Inline())
    assert [report.status for report in reports] == ["converted", "proved"]


def test_a_dry_run_writes_nothing(tmp_path, capsys):
    checkpoint_of(tmp_path / "zoo.h5", 5)
    code = main(["batch", str(tmp_path / "zoo.h5"), "--out", str(tmp_path / "out"), "--dry-run", "--json"])
    summary = json.loads(capsys.readouterr().out)
    assert (code, summary["counts"], summary["bytes"]) == (0, {"planned": 1}, 4 * (4 * 5 + 5))
    assert not (tmp_path / "out").exists()


def test_fail_fast(tmp_path):
    for name in "abc":
        checkpoint_of(tmp_path / f"{name}.h5")
    (tmp_path / "b.h5").write_bytes(b"no")
    sources = [tmp_path / f"{name}.h5" for name in "abc"]
    reports = k2to3.batch(sources, tmp_path / "out", verify="none", fail_fast=True, jobs=1)
    assert [report.status for report in reports] == ["converted", "refused", "interrupted"]


def sleeps(count):
    time.sleep(60)


def test_one_file_that_takes_too_long(tmp_path):
    checkpoint_of(tmp_path / "a.h5")
    (report,) = k2to3.batch(tmp_path / "a.h5", tmp_path / "out", verify="none", timeout=2, progress=sleeps)
    assert (report.exit_code, report.error["type"]) == (7, "TimedOut") and "--timeout" in report.error["hint"]


def failed(source, message, hint=None):
    report = Report(source)
    report.fail(UnsupportedLayer(message, hint=hint))
    return report


def test_failures_by_cause():
    reports = [failed(f"{n}.h5", f"no rule for layer_{n} of kind 'Foo'", "give --rules FILE") for n in range(5)]
    reports += [failed("x.h5", "no rule for kind 'Bar'", "give --architecture FILE"), Report("good.h5")]
    first, second = causes(reports)
    assert (first.count, first.example, first.way_out) == (5, "0.h5", "give --rules FILE")
    assert second.way_out == "give --architecture FILE; for one file of a batch, in a --manifest"
    assert way_out(None) is None


def test_pages(tmp_path, capsys):
    checkpoint_of(tmp_path / "good.h5")
    bad = tmp_path / "<b>|bad.h5"
    bad.write_bytes(b"no")
    names = [tmp_path / f"summary{ending}" for ending in (".md", ".html", ".json")]
    flags = [item for name in names for item in ("--summary", str(name))]
    sources = [str(tmp_path / "good.h5"), str(bad)]
    assert main(["batch", *sources, "--out", str(tmp_path / "out"), "--verify", "none", "--quiet", *flags]) == 9
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "converted: 1  refused: 1" and "<b>|bad.h5" in printed[2]
    markdown, html, text = (name.read_text() for name in names)
    assert "&lt;b>\\|bad.h5" in markdown and "&lt;b&gt;|bad.h5" in html and "<b>" not in html
    assert json.loads(text)["causes"][0]["count"] == 1
    assert main(["batch", *sources, "--out", str(tmp_path / "out"), "--summary", "summary.txt"]) == 2


def test_a_dry_run_says_how_much_would_be_written(tmp_path, capsys):
    checkpoint_of(tmp_path / "zoo.h5", 5)
    assert main(["batch", str(tmp_path / "zoo.h5"), "--out", str(tmp_path / "out"), "--dry-run", "--quiet"]) == 0
    assert main(["batch", str(tmp_path / "zoo.h5"), "--out", str(tmp_path / "out"), "--dry-run"]) == 0
    assert f"planned: 1\nbytes that would be written: {4 * (4 * 5 + 5)}" in capsys.readouterr().out


def test_lines_of_json(tmp_path, capsys):
    checkpoint_of(tmp_path / "good.h5")
    main(["batch", str(tmp_path / "good.h5"), "--out", str(tmp_path / "out"), "--verify", "none", "--json-lines"])
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["status"] == "converted"


def test_pace():
    pace = Pace(begun=time.monotonic() - 10)
    for failed in (False, True):
        pace.add(failed)
    assert pace.line(20) == "0.2 files/s, 1 failed, 1:40 left"


def test_a_script_without_its_guard(tmp_path):
    checkpoint_of(tmp_path / "a.h5")
    script = tmp_path / "script.py"
    text = "import k2to3\nreports = k2to3.batch('a.h5', 'out', verify='none', jobs=2)\nprint(reports[0].status)\n"
    script.write_text(text)
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "__main__" in done.stderr.splitlines()[-1], done.stderr
    assert done.stderr.count("Traceback") == 1
    script.write_text(
        text.replace("reports =", "if __name__ == '__main__':\n    reports =").replace("print", "    print")
    )
    done = subprocess.run([sys.executable, script], cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert done.stdout == "converted\n", done.stderr


def test_a_console_script_without_its_guard(tmp_path):
    """Its processes would run the command anew, and wait for ever for the folder that the first one holds."""
    checkpoint_of(tmp_path / "a.h5")
    script = tmp_path / "k2to3"
    script.write_text("import sys\nfrom k2to3.cli.main import program\nsys.exit(program())\n")
    words = ["batch", "a.h5", "--out", "out", "--verify", "none", "--jobs", "2"]
    done = subprocess.run(
        [sys.executable, script, *words], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2 and "__main__" in done.stderr, done.stderr


def test_the_example(tmp_path):
    (tmp_path / "old").mkdir()
    checkpoint_of(tmp_path / "old" / "a.h5")
    (tmp_path / "old" / "b.h5").write_bytes(b"no")
    command = [sys.executable, ROOT / "examples" / "migrate.py", "old", "new", "weights"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "a.h5: proved" in done.stdout, done.stderr
    assert (tmp_path / "new" / "left.txt").read_text() == f"{Path('old') / 'b.h5'}\n"
