"""The walls of the house: no circles, imports where one sees them, arrows that point down, nothing ambient."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import k2to3
import pytest

ROOT = Path(k2to3.__file__).parent
# From top to bottom: a part imports from its own row and from those below. `proof` and `custom` have workers.
ROWS = (
    ("__main__",),
    ("cli",),
    ("__init__",),
    ("migration",),
    ("api",),
    ("report",),
    ("live",),
    ("comparison",),
    ("proof",),
    ("custom",),
    ("engine",),
    ("training",),
    ("archive",),
    ("rules",),
    ("bytecode",),
    ("functions",),
    ("matching",),
    ("keras3",),
    ("keras2",),
    ("weights",),
    ("sources",),
    ("options",),
    ("publish",),
    ("isolation",),
    ("boundary", "explain", "findings", "installed", "leftovers", "limits", "stopping"),
    ("errors",),
    ("aside", "counting", "dataclass", "printable"),
    ("version",),
)
LEVEL = {part: len(ROWS) - number for number, row in enumerate(ROWS) for part in row}
# Where imports stand in functions although anybody could do them: what only some runs use is not paid for by all. Each
# importer, and the parts or modules that it opens late.
DOORS = {
    "k2to3.cli.verbs": {"k2to3.cli"},
    "k2to3.api.convert": {"k2to3.api.cutting", "k2to3.proof.reference"},
    "k2to3.archive.forms.hdf5_variables": {"k2to3.archive.reading"},
    "k2to3.api.proving": {"k2to3.proof"},
    "k2to3.api.reading": {"k2to3.bytecode.options"},
    "k2to3.custom.session": {"k2to3.custom"},
    "k2to3.engine.plan": {"k2to3.training"},
    "k2to3.report.endings": {"k2to3.report"},
    "k2to3.report.record": {"k2to3.report.page", "k2to3.report.statistics"},
    "k2to3.rules.activations.given_activation": {"k2to3.bytecode", "k2to3.functions"},
    "k2to3.sources.architecture": {"k2to3.sources.factory", "k2to3.sources.yaml_text"},
    "k2to3.sources.dialects.table": {"k2to3.sources.keras_archive", "k2to3.sources.saved_model"},
    "k2to3.sources.read": {"k2to3.sources.sniff"},
}
FRAMEWORKS = {"keras", "tf_keras", "tensorflow", "jax", "torch", "h5py", "rich", "safetensors", "yaml", "distributed"}


@dataclass(frozen=True)
class Import:
    module: str
    line: int
    inside: bool
    """Of a function, or for types alone."""
    typing: bool = False
    """For types alone, where one sees it."""


def name_of(path: Path) -> str:
    parts = ("k2to3", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted(ROOT.rglob("*.py"))}


@cache
def imports(path: Path) -> tuple[Import, ...]:
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {
        id(node)
        for outer in ast.walk(tree)
        if isinstance(outer, (ast.FunctionDef, ast.Lambda, ast.If, ast.Try)) and outer is not tree
        for node in ast.walk(outer)
    }
    typing = {
        id(node)
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, id(node) in inner) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} is a relative import"
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                module = module if module in FILES else str(node.module)
                yield Import(module, node.lineno, id(node) in inner, id(node) in typing)


def own(path: Path) -> Iterator[Import]:
    return (found for found in imports(path) if found.module in FILES)


def part_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


@cache
def runs_frameworks(module: str) -> bool:
    """Whether a module needs what may not be installed as soon as it is imported, so that not everybody can."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for found in imports(FILES[name]):
            if found.inside:
                continue
            if found.module.split(".")[0] in {"keras", "tf_keras", "tensorflow", "yaml", "distributed"}:
                return True
            waiting += [found.module] if found.module in FILES else []
    return False


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that can reach each other."""
    reach = {name: _reached(name, arrows) for name in arrows}
    found = {
        frozenset(other for other in reach[name] if name in reach[other]) for name in arrows if name in reach[name]
    }
    return sorted(sorted(group) for group in found)


def _reached(start: str, arrows: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(arrows[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += arrows[name]
    return seen


def test_no_circles():
    arrows = {name: {found.module for found in own(path)} - {name} for name, path in FILES.items()}
    assert circles(arrows) == []


def test_a_circle_would_be_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c"]]


def late() -> Iterator[tuple[str, Import]]:
    """Imports in functions of what anybody could import."""
    return (
        (name, item)
        for name, path in FILES.items()
        for item in own(path)
        if item.inside and not item.typing and not runs_frameworks(item.module)
    )


def behind(door: str, module: str) -> bool:
    return f"{module}.".startswith(f"{door}.")


def test_imports_stand_at_the_top():
    """Only what needs a framework, what may not be installed, and what stands behind a door is imported late."""
    found = [
        f"{name}:{item.line} imports {item.module}"
        for name, item in late()
        if not any(behind(door, item.module) for door in DOORS.get(name, ()))
    ]
    assert found == []


def test_every_door_is_one():
    """Nothing is listed that nobody opens late, or that the same module imports at once all the same."""
    opened = {(name, door) for name, item in late() for door in DOORS.get(name, ()) if behind(door, item.module)}
    assert opened == {(name, door) for name, doors in DOORS.items() for door in doors}
    once = {name: {item.module for item in own(FILES[name]) if not item.inside} for name in DOORS}
    assert not [name for name, item in late() if item.module in once.get(name, ())]


def test_arrows_point_down():
    found = [
        f"{name}:{item.line} imports {item.module}"
        for name, path in FILES.items()
        for item in own(path)
        if LEVEL[part_of(name)] < LEVEL[part_of(item.module)]
    ]
    assert found == []


def test_every_part_has_its_row():
    assert {part_of(name) for name in FILES} == set(LEVEL)


def _ambient(tree: ast.Module) -> Iterator[str]:
    """Module-level state that code changes: `global`, context variables, containers that functions write to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield f"line {node.lineno}: global {', '.join(node.names)}"
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("ContextVar"):
            yield f"line {node.lineno}: a ContextVar"
    tables = {
        target.id
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        local = {name.arg for name in (*function.args.args, *function.args.kwonlyargs)}
        local |= {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        yield from (f"line {line}: writes to {name}" for name, line in _writes(function) if name in tables - local)


CHANGING = {"append", "add", "update", "setdefault", "extend", "pop", "clear", "remove", "insert"}


def _writes(function: ast.FunctionDef) -> Iterator[tuple[str, int]]:
    for node in ast.walk(function):
        changed: ast.expr | None = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
            changed = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            changed = node.func.value
        if isinstance(changed, ast.Name):
            yield changed.id, node.lineno


def test_nothing_is_ambient():
    found = {name: list(_ambient(ast.parse(path.read_text(encoding="utf-8")))) for name, path in FILES.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "text",
    ["X = {}\ndef f():\n    X['a'] = 1", "X = []\ndef f():\n    X.append(1)", "def f():\n    global x\n    x = 1"],
)
def test_ambient_state_would_be_seen(text):
    assert list(_ambient(ast.parse(text)))


def test_no_meaning_in_names_of_folders():
    """A rule says where its class comes from; nobody asks for the module that it stands in."""
    asked = [
        f"{name}:{node.lineno}"
        for name, path in FILES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare) and "module" in ast.unparse(node) and "third_party" in ast.unparse(node)
    ]
    assert asked == []


def test_no_branch_on_the_text_of_a_finding():
    asked = [
        f"{name}:{node.lineno}"
        for name, path in FILES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        and any(text in ast.unparse(node) for text in ("finding.text", "f.text", "found.text"))
    ]
    assert asked == []
