"""The closed list is whole whatever is imported first, and nothing can be added to it later."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from types import ModuleType

import k2to3.bytecode
import k2to3.functions
import pytest
from k2to3.bytecode.handlers import Handlers
from k2to3.bytecode.instructions import HANDLERS
from k2to3.functions.entries import Family, entries
from k2to3.functions.nodedef import NODES
from k2to3.functions.nodedef_handlers import Handlers as NodeHandlers
from k2to3.functions.registry import COMPLEX, REAL
from k2to3.functions.spelling import full
from k2to3.functions.table import Table, joined


def modules(package: ModuleType) -> list[ModuleType]:
    return [
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    ]


def tables(package: ModuleType, kind: type) -> list[tuple[str, Table]]:
    own = [(f"{m.__name__}.{key}", value) for m in modules(package) for key, value in vars(m).items()]
    return [(where, table) for where, table in own if isinstance(table, kind)]


def test_every_family_is_in_the_closed_list():
    families = tables(k2to3.functions, Family)
    assert len(families) > 40
    for where, family in families:
        known = COMPLEX if where.endswith("complex_symbol") else REAL
        for name, function in family.close().items():
            assert known[full(name)].function is function, (where, name)


@pytest.mark.parametrize(
    ("package", "kind", "known"), [(k2to3.functions, NodeHandlers, NODES), (k2to3.bytecode, Handlers, HANDLERS)]
)
def test_every_handler_is_in_its_table(package, kind, known):
    found = {name: handler for _, table in tables(package, kind) for name, handler in table.close().items()}
    assert len(found) > 60
    assert found == known


ALONE = """
import importlib, sys
def forget():
    for name in [n for n in sys.modules if n.startswith(("k2to3.functions", "k2to3.bytecode"))]:
        del sys.modules[name]
found = set()
for name in {names!r}:
    forget()
    importlib.import_module(name)
    registry = importlib.import_module("k2to3.functions.registry")
    instructions = importlib.import_module("k2to3.bytecode.instructions")
    nodedef = importlib.import_module("k2to3.functions.nodedef")
    known = (registry.REAL, registry.COMPLEX, instructions.HANDLERS, nodedef.NODES)
    found.add(tuple(hash(tuple(sorted(table))) for table in known))
    sizes = [len(table) for table in known]
print(len(found), *sizes)
"""


@pytest.mark.slow
def test_no_import_comes_too_early():
    """Each module is the first to be imported once: there are no circles, and always the same is known."""
    names = [m.__name__ for package in (k2to3.functions, k2to3.bytecode) for m in modules(package)]
    script = ALONE.format(names=names)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=False)
    sizes = [len(table) for table in (REAL, COMPLEX, HANDLERS, NODES)]
    assert done.stdout.split() == [str(n) for n in (1, *sizes)], done.stdout + done.stderr[-2000:]


@pytest.mark.parametrize("table", [REAL, COMPLEX, HANDLERS, NODES])
def test_tables_are_frozen(table):
    with pytest.raises(TypeError):
        table["tensorflow.late"] = None


def test_a_late_function_is_an_error():
    family = Family()
    family("tf.early")(lambda emitter: None)
    assert list(entries(family)) == ["tensorflow.early"]
    with pytest.raises(ValueError, match="late"):
        family("tf.late")(lambda emitter: None)


def test_two_functions_of_one_name_are_an_error():
    one, other = Family(), Family()
    one("tf.cast", "K.cast")(lambda emitter: 1)
    other("tf.cast")(lambda emitter: 2)
    with pytest.raises(ValueError, match=r"tf\.cast"):
        joined(one, other)
    with pytest.raises(ValueError, match=r"tf\.cast"):
        Family()("tf.cast", "tf.cast")(lambda emitter: 3)
    spelled = Family()
    spelled("tf.cast")(lambda emitter: 4)
    spelled("tensorflow.cast")(lambda emitter: 5)
    with pytest.raises(ValueError, match="spellings"):
        entries(spelled)
