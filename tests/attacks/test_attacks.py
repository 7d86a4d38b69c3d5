"""Every attack through every command: the right error, nothing run, read, written or left, and little spent.

`python -m attacks` (in tests/) prints the figures; `--proof` runs all of them with the proof on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from attacks.attack import VERBS, Attack
from attacks.run import TRAIL, Range, shooting_range
from attacks.table import ATTACKS

# What a loaded machine may need beyond the two seconds of processor time; the memory of an attack that is refused.
PATIENCE = 4
MEMORY = 256 << 20
# With the proof on, an attack that is accepted costs a worker: a dozen here, all by `python -m attacks --proof`.
JUDGED = {
    "a cycle of hard links",
    "a text of 24 MB",
    "a class of a module beside the file as initializer at the top",
    "a class of a module beside the file as value of an initializer in a nested model",
    "a class of a module beside the file as value of an initializer in Bidirectional",
    "a function of a module beside the file as whether it is trained at the top",
    "a Keras 2.2 array that is a class too as initializer at the top",
    "a URL as initializer at the top",
    "bytecode as a key of its own at the top",
    "a type specification as initializer at the top",
    "an archive that calls get_file",
    "an archive with a Lambda",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Range]:
    with shooting_range(tmp_path_factory.mktemp("attacks")) as found:
        yield found


def test_names_are_distinct():
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names) > 400
    assert set(names) >= JUDGED


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_attack(attack: Attack, place: Range):
    for outcome in place.verbs(attack, VERBS):
        assert not outcome.problems, (outcome.verb, outcome.problems)
        assert outcome.seconds < attack.seconds * PATIENCE, outcome
        assert outcome.memory < MEMORY, outcome


@pytest.mark.keras
@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack.name in JUDGED], ids=str)
def test_attack_with_the_proof_on(attack: Attack, place: Range):
    verbs = ("verify",) if attack.family.startswith("attacks.archives") else ("convert",)
    for outcome in place.verbs(attack, verbs, level="outputs"):
        assert not outcome.problems, (outcome.verb, outcome.problems)


def test_a_batch_of_all(place: Range, tmp_path: Path):
    """One folder with every attack: each is reported with its error, none stops the others."""
    made = {}
    for number, attack in enumerate(ATTACKS):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        # What batch does not take: options, and what `verify` alone reads.
        if (one := attack.make(folder)).options or one.target is not None:
            _removed(folder)
        else:
            made[str(one.source)] = attack
    found = place.ask(
        ["batch", str(tmp_path), "--out", str(tmp_path / "out"), "--verify", "none", "--jobs", "2", "--json"], tmp_path
    )
    assert found["code"] == 4, found["err"]
    reports = {report["source"]: report for report in json.loads(found["all"])["reports"]}
    for source, attack in made.items():
        report = reports.get(source)
        if report is None:
            # A folder or nothing, which no walk takes for a checkpoint.
            assert not Path(source).is_file(), attack
            continue
        assert report["exit_code"] in attack.codes("convert"), (attack, report["error"])
    assert not list(tmp_path.rglob(TRAIL)) and not place.canary.opened()


def _removed(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
