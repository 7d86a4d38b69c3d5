"""Bytecode that means harm: refused in bounded time, and nothing is executed, imported or opened."""

from __future__ import annotations

import base64
import marshal
import random
import struct
import subprocess
import sys
import textwrap
import time
from types import CodeType
from typing import Any

import pytest
from conformance.lambdas.corpus import codes
from k2to3.bytecode.graph_backend import GraphBackend
from k2to3.bytecode.recover import recover
from k2to3.bytecode.stored import stored_function
from k2to3.errors import Refused
from k2to3.functions.emitter import Emitter
from k2to3.keras3.graph import Graph
from k2to3.rules.core.lambda_ import as_outputs
from k2to3.sources.author import parse_writer

SECONDS = 8
ATTACKS = {
    "infinite loop": "def f(x):\n while True:\n  x = x + 1",
    "silent infinite loop": "def f(x):\n while True:\n  pass",
    "endless recursion": "def f(x):\n def g(n): return g(n + 1)\n return g(0)",
    "huge range": "lambda x: [i for i in range(10 ** 9)]",
    "nested ranges": "lambda x: [i for a in range(9999) for b in range(9999) for i in range(9999)]",
    "huge power": "lambda x: x * len(str(3 ** (2 ** 40 + len([x]))))",
    "tower": "def f(x):\n n = 2\n for i in range(9999):\n  n = n * n\n return x * n",
    "shift": "def f(x, n=2 ** 40):\n return x * (1 << n)",
    "huge list": "def f(x):\n a = [0]\n return x * len(a * 10 ** 12)",
    "doubling list": "def f(x):\n a = [0]\n for i in range(99):\n  a = a + a\n return x",
    "extending itself": "def f(x):\n a = [0]\n for i in range(99):\n  a.extend(a)\n return x",
    "huge array": "lambda x: x + np.zeros((10 ** 6, 10 ** 6))",
    "huge eye": "lambda x: x + np.eye(10 ** 7)",
    "huge arange": "lambda x: x + np.arange(10 ** 12)",
    "fine arange": "lambda x: x + np.arange(0, 1, 1e-12)",
    "huge tile": "lambda x: x + np.tile([1.0], 10 ** 12)",
    "huge tf constant": "lambda x: x + tf.zeros([10 ** 6, 10 ** 6])",
    "huge one_hot": "lambda x: K.one_hot(K.cast(x, 'int32'), 10 ** 17)",
    "import os": "def f(x):\n import os\n os.system('true')\n return x",
    "import by name": "lambda x: __import__('os').system('true') or x",
    "eval": "lambda x: eval('1') * x",
    "open": "lambda x: open('/etc/passwd').read() and x",
    "getattr": "lambda x: getattr(x, 'node')",
    "class walk": "lambda x: ().__class__.__base__.__subclasses__()",
    "globals": "lambda x: f.__globals__",
    "code": "def f(x):\n def g(): pass\n return g.__code__",
    "format": "lambda x: '{0.__class__}'.format(x)",
    "percent format": "lambda x: '%s' % x",
    "numpy load": "lambda x: np.load('/etc/passwd')",
    "numpy internals": "lambda x: np.core.multiarray",
    "tf io": "lambda x: tf.io.read_file('/etc/passwd')",
    "py_function": "lambda x: tf.py_function(lambda a: a, [x], tf.float32)",
    "keras load": "lambda x: keras.models.load_model('/etc/passwd')(x)",
    "graph internals": "lambda x: x.node.operation",
    "emitter": "lambda x: K.emitter",
    "global store": "def f(x):\n global y\n y = 1\n return x",
    "raise": "def f(x):\n raise ValueError(x)",
    "try": "def f(x):\n try:\n  return x.a\n except Exception:\n  return x",
    "class": "def f(x):\n class A: pass\n return x",
    "unknown method": "lambda x: x.numpy()",
    "dtype": "lambda x: np.dtype('O')",
    "string constant": "lambda x: tf.constant('a' * 10 ** 9)",
    "deep calls": "lambda x: " + "K.abs(" * 60 + "x" + ")" * 60 + " + eval",
}


def code_of(source: str) -> CodeType:
    module = compile(source, "attack.py", "exec" if source.startswith("def") else "eval")
    return next(item for item in module.co_consts if isinstance(item, CodeType))


def follow(text: str, defaults: Any = None) -> Any:
    graph = Graph()
    given = graph.input("in", (None, 4), "float32")
    emitter = Emitter(graph, "it", "it", parse_writer("2.4.0", "tensorflow"), lambda kind, note: None)
    stored = stored_function([text, defaults, None])
    return as_outputs(emitter, recover(stored, GraphBackend(emitter), [given], {}, {}), given)


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused_in_time(name: str) -> None:
    text = base64.b64encode(marshal.dumps(code_of(ATTACKS[name]))).decode()
    defaults = [2**40] if "n=2 ** 40" in ATTACKS[name] else None
    started = time.process_time()
    with pytest.raises(Refused) as caught:
        follow(text, defaults)
    assert time.process_time() - started < SECONDS
    assert caught.value.message


def crafted() -> dict[str, bytes]:
    bomb = b"\xa9\x02" + b"N" * 2
    for index in range(60):
        bomb = b"\xa9\x02" + bomb + b"r" + struct.pack("<i", index)
    return {
        "nothing": b"",
        "deep tuples": b")\x01" * 5000 + b"N",
        "two billion items": b"(" + struct.pack("<i", 2**31 - 1),
        "negative size": b"s" + struct.pack("<i", -1),
        "huge integer": b"l" + struct.pack("<i", 2**30),
        "self reference": b"\xa9\x01r" + struct.pack("<i", 0),
        "reference bomb": bomb,
        "not code": marshal.dumps((1, 2, 3)),
        "trailing bytes": marshal.dumps(code_of("lambda x: x")) + b"N",
        "a megabyte": b"N" * 1_000_000,
    }


@pytest.mark.parametrize("name", crafted())
def test_crafted_bytes_are_refused(name: str) -> None:
    started = time.process_time()
    with pytest.raises(Refused):
        follow(base64.b64encode(crafted()[name]).decode())
    assert time.process_time() - started < 2


def test_mutated_bytecode_raises_nothing_unexpected() -> None:
    generator = random.Random(0)
    pool = [base64.b64decode(code) for table in codes().values() for code in table.values()]
    started = time.process_time()
    for _ in range(1000):
        data = bytearray(generator.choice(pool))
        for _ in range(generator.randint(1, 6)):
            data[generator.randrange(len(data))] = generator.choice((0, 1, 0x7F, 0xFF, generator.randrange(256)))
        if generator.random() < 0.2:
            del data[generator.randrange(len(data)) :]
        try:
            follow(base64.b64encode(bytes(data)).decode())
        except Refused:
            continue
    assert time.process_time() - started < 120


AUDIT = """
import base64, marshal, sys
sys.path[:0] = {paths!r}
from functions.test_hostile_bytecode import ATTACKS, code_of, follow
from k2to3.errors import Refused
from k2to3.functions.registry import registry
texts = [base64.b64encode(marshal.dumps(code_of(source))).decode() for source in ATTACKS.values()]
registry()
for text in texts[:2]:
    try: follow(text)
    except Refused: pass
seen = []
def hook(event, args):
    if event.split(".")[0] in ("import", "open", "exec", "compile", "os", "subprocess", "marshal", "pickle", "socket",
                               "code", "function", "ctypes"):
        seen.append((event, str(args)[:80]))
sys.addaudithook(hook)
for text in texts:
    try: follow(text)
    except Refused: pass
print(seen)
"""


def test_audit_hook_sees_nothing() -> None:
    """No exec, import, open or code object while every attack is read and followed."""
    script = textwrap.dedent(AUDIT).format(paths=[path for path in sys.path if path])
    # Isolated as workers are: there our own records are declared before anything is read.
    command = [sys.executable, "-I", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr[-2000:]
