"""The report that people look at: every form of it, and that nothing of a file can act in one."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
import shlex
import shutil
import subprocess
from typing import Any, get_args

import k2to3
import numpy as np
import pytest
from conftest import FIXTURES, dense_layer, sequential, small_model, write_checkpoint
from k2to3.cli.main import main
from k2to3.cli.parser import parser
from k2to3.cli.verbs import VERBS
from k2to3.options.words import Level
from k2to3.report.markdown import markdown
from k2to3.report.page.page import page
from k2to3.report.statistics import Moments
from k2to3.report.view import view_of

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>`|@all\u202e"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("pages") / "new.keras"
    report = k2to3.convert(FIXTURES / "keras-2.2.4__shared_nested.h5", target, verify="weights", statistics=True)
    return report.to_json()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    own = {"name": HOSTILE, "activation": "relu", "batch_input_shape": [None, 4]}
    first = {"class_name": "Activation", "config": own}
    config = sequential(first, dense_layer(activation="hard_sigmoid"))
    weights = {"dense": {"dense/kernel:0": np.ones((4, 3), "f4"), "dense/bias:0": np.ones(3, "f4")}}
    path = write_checkpoint(tmp_path_factory.mktemp("hostile") / "old.h5", config, weights)
    found = k2to3.plan(path).to_json()
    assert HOSTILE in json.dumps(found["graph"], ensure_ascii=False).replace("\\\\", "\\")
    return found


def scripts(text: str) -> list[str]:
    return re.findall(r"<script>(.*?)</script>", text, re.DOTALL)


def test_the_policy_names_the_one_script_and_style_and_nothing_else(record):
    text = page(record)
    (script,) = scripts(text)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    for kind, content in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert not re.search(r'(src|href)="(?!#)|url\(|@import|style="| on[a-z]+="', text)


def test_a_hostile_name_stays_text(hostile):
    text = page(hostile)
    assert "<img" not in text and "\u202e" not in text and len(re.findall("</script>", text)) == 2
    data = re.findall(r'id="graphs">(.*?)</script>', text, re.DOTALL)
    names = [node["name"] for node in json.loads(data[0])["old"]]
    assert any(name.startswith("</script>") for name in names)
    comment = markdown(hostile)
    outside = re.sub(r"(`+) ?.*?[^`]\1(?!`)", "", re.sub(r"\\.", "", comment))
    assert "<script" not in outside and "<img" not in outside and "@all" not in outside and "\u202e" not in comment


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_it_runs_in_a_browser_and_nothing_of_a_file_does(hostile, tmp_path):
    (tmp_path / "report.html").write_text(page(hostile), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", f"--user-data-dir={tmp_path / 'profile'}"]
    address = (tmp_path / "report.html").as_uri()
    done = subprocess.run([str(CHROMIUM), *flags, address], capture_output=True, text=True, timeout=120)
    assert "<title>k2to3: " in done.stdout and "<title>owned" not in done.stdout
    # The script drew both graphs.
    assert len(re.findall(r"<svg class=\"graph\".*?<rect ", done.stdout, re.DOTALL)) == 2


def test_every_layer_says_what_became_of_it(record):
    rows = {row.path: row for row in view_of(record).rows}
    assert rows["inner/inner_dense"].became == [("Dense", "inner_dense")]
    assert rows["inner"].became == [("Functional", "inner")]
    assert sum(len(row.variables) for row in rows.values()) == len(record["variables"])


def test_a_rebuilt_layer_shows_all_that_it_became():
    record = k2to3.plan(FIXTURES / "keras-1.2.2__gone.h5").to_json()
    rows = {row.class_name: row for row in view_of(record).rows}
    assert len(rows["Highway"].became) > 1 or record["graph"]["new"][2].get("nodes")
    assert rows["Highway"].changed and rows["Highway"].rule and len(rows["Highway"].variables) == 4
    assert not rows["Dense"].changed


def test_statistics_are_those_of_numpy(record):
    found = next(item for item in record["variables"] if item["from"].endswith("dense_1/kernel:0"))["statistics"]
    assert found["min"] < found["mean"] < found["max"] and found["nonfinite"] == 0
    moments = Moments()
    values = np.random.default_rng(0).normal(1e6, 1, 1000)
    for part in np.split(values, [3, 500]):
        moments.add(part)
    moments.add(np.array([np.nan, np.inf]))
    told = moments.to_json()
    assert told["nonfinite"] == 2 and np.isclose(told["std"], values.std(), rtol=1e-9)
    assert told["min"] == values.min() and np.isclose(told["mean"], values.mean(), rtol=1e-12)


def many(record: dict[str, Any], count: int) -> dict[str, Any]:
    """The same report with as many layers."""
    found = copy.deepcopy(record)
    name = "a_layer_of_a_rather_long_name_{}".format
    nodes = [{"name": name(i), "class": "Dense", "inputs": [i - 1] * (i > 0)} for i in range(count)]
    new = [
        {**node, "from": node["name"], "shape": [None, 8], "vars": [f"layers/dense_{i}"]}
        for i, node in enumerate(nodes)
    ]
    found["graph"] = {"old": nodes, "new": new}
    found["layers"] = [{"name": name(i), "class": "Dense", "calls": 1} for i in range(count)]
    kind = found["variables"][0]
    found["variables"] = [
        {**kind, "path": f"layers/dense_{i}/vars/{part}", "layer": name(i)} for i in range(count) for part in (0, 1)
    ]
    return found


def test_a_thousand_layers_fit_into_five_megabytes(record):
    assert len(page(many(record, 1000)).encode()) < 5_000_000


@pytest.mark.parametrize("ending", [".html", ".md", ".json"])
def test_a_report_is_written_by_its_ending(tmp_path, checkpoint, ending):
    report = tmp_path / f"report{ending}"
    arguments = [
        "convert",
        str(checkpoint),
        str(tmp_path / "new.keras"),
        "--verify",
        "weights",
        "--report",
        str(report),
    ]
    assert main(arguments) == 0
    text = report.read_text(encoding="utf-8")
    assert text.startswith({".html": "<!doctype html>", ".md": "### ✅", ".json": "{"}[ending])


@pytest.mark.parametrize("verb", ["convert", "inspect", "batch"])
def test_another_ending_is_wrong_usage_before_any_work(tmp_path, checkpoint, verb, capsys):
    more = {"convert": [str(tmp_path / "new.keras")], "inspect": [], "batch": ["--out", str(tmp_path / "out")]}[verb]
    source = str(tmp_path) if verb == "batch" else str(checkpoint)
    assert main([verb, source, *more, "--report", str(tmp_path / "report.txt")]) == 2
    assert ".json" in capsys.readouterr().err and not (tmp_path / "new.keras").exists()


def test_a_report_in_python(tmp_path, checkpoint):
    report = k2to3.convert(checkpoint, tmp_path / "new.keras", verify="weights")
    assert repr(report).endswith("new.keras: proved to the level 'weights'>") and report.ok
    assert report._repr_html_().startswith('<iframe srcdoc="') and "sandbox" in report._repr_html_()
    report.save(tmp_path / "report.md")
    with pytest.raises(k2to3.FileError):
        report.save(tmp_path / "report.md")
    report.save(tmp_path / "report.md", overwrite=True)
    named = k2to3.plan(checkpoint.rename(tmp_path / "old.json"))
    with pytest.raises(k2to3.UsageError, match="same file"):
        named.save(tmp_path / "old.json", overwrite=True)
    with pytest.raises(k2to3.UsageError):
        report.save(tmp_path / "report.pdf")


def test_an_inspection_has_the_same_page(tmp_path):
    found = k2to3.inspect(FIXTURES / "keras-2.2.4__shared_nested.h5")
    assert (len(found.layers), found.layers_in_all) == (9, 13)
    assert "9 layers" in repr(found)
    found.save(tmp_path / "found.html")
    assert "inner/inner_dense" in (tmp_path / "found.html").read_text(encoding="utf-8")


def test_a_failure_has_a_page_too(tmp_path):
    config = sequential(dense_layer(activation="mine", batch_input_shape=[None, 4]))
    path = write_checkpoint(tmp_path / "old.h5", config, small_model()[1])
    code = main(["convert", str(path), str(tmp_path / "new.keras"), "--report", str(tmp_path / "report.html")])
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert code == 1 and 'class="verdict bad"' in text and "mine" in text


def test_what_was_asked_can_be_run_again(tmp_path, checkpoint):
    report = k2to3.convert(
        checkpoint, tmp_path / "my new.keras", verify="weights", token_ids=[1, 2], drop=(), compile=False
    )
    assert report.options == {"verify": "weights", "token_ids": [1, 2], "compile": False}
    for line in view_of(report.to_json()).replay:
        parts = shlex.split(line)
        assert parts[0] == "k2to3" and str(tmp_path / "my new.keras") in parts
    arguments = parser(VERBS).parse_args(shlex.split(view_of(report.to_json()).replay[0])[1:])
    assert arguments.token_ids == "1,2" and arguments.compile is False


def test_phases_are_told_and_measured(tmp_path, checkpoint):
    told: list[str] = []
    report = k2to3.convert(checkpoint, tmp_path / "new.keras", verify="weights", phase=told.append)
    assert told == ["plan", "write", "prove weights"] == list(report.times)
    assert report.versions["k2to3"] == k2to3.__version__ and "h5py" in report.versions


def test_every_level_of_the_proof_is_shown(record):
    found = copy.deepcopy(record)
    one = {
        "judge": "tf-keras",
        "feed": "batch 1",
        "output": 0,
        "max_error": 1e-7,
        "scale": 0.5,
        "allowed": 5e-6,
        "equal": True,
    }
    table = {"name": "embedding", "path": "p", "ids": 2, "token_ids": [0, 1], "equal": True, "detail": ""}
    found["evidence"] = {
        "oracle": "tf-keras",
        "keras": "3.15",
        "backend": "jax",
        "seed": 0,
        "tolerance": 1e-5,
        "embeddings": [table],
        "outputs": [one, {**one, "max_error": 9.0, "equal": None}],
        "layers": [{**one, "layer": "lstm_1", "class_name": "LSTM", "rule": "LSTM", "how": "call"}],
        "training": [{**one, "step": 1, "what": "losses"}],
        "not_proved": [],
    }
    assert "“outputs”, within 1e-05:" in view_of({**found, "status": "proved", "level": "outputs"}).verdict
    claims = view_of(found).claims
    assert [claim.level for claim in claims] == ["weights", "embedding", "outputs", "layers", "training"]
    assert {claim.state for claim in claims} == {"good"} and "2.0e-07 of 1e-05 allowed" in claims[2].text
    assert "<code>hard_sigmoid</code>" in page(found)
    assert "lstm_1 (tf-keras)" in page(found) and "**layers**" in markdown(found)
    found["evidence"]["layers"][0]["equal"] = False
    assert [claim.state for claim in view_of(found).claims].count("bad") == 1 and 'class="bad"' in page(found)


@pytest.mark.parametrize("level", get_args(Level))
def test_every_level_has_a_verdict(record, level):
    assert level in view_of({**record, "level": level, "status": "proved"}).verdict
