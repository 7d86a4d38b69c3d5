"""Straight-line bytecode followed on arrays: names stand for functions, which a closed table answers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.lambdas.instructions import BINARY_OPS, Instruction, instructions
from k2to3.proof.keras2.lambdas.marshalled import Code
from k2to3.proof.keras2.ops.values import operands

Call = Callable[[str, list[Any], dict[str, Any]], Any]


@dataclass(frozen=True)
class Symbol:
    """A module or function by its dotted name."""

    name: str


@dataclass(frozen=True)
class Method:
    """A method of a value."""

    owner: Any
    name: str


NULL = object()
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "@": operator.matmul,
}
BINARY = {
    "ADD": "+", "SUBTRACT": "-", "MULTIPLY": "*", "TRUE_DIVIDE": "/", "DIVIDE": "/", "FLOOR_DIVIDE": "//",
    "MODULO": "%", "POWER": "**", "MATRIX_MULTIPLY": "@",
}  # fmt: skip
COMPARISONS = (operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge)


class Machine:
    """One call of one function."""

    def __init__(self, code: Code, local: Mapping[str, Any], closure: Sequence[Any], call: Call) -> None:
        self.code = code
        self.local = dict(local)
        self.closure = closure
        self.call = call
        self.stack: list[Any] = []
        self.keywords: tuple[str, ...] = ()

    def run(self) -> Any:
        for instruction in instructions(self.code):
            if instruction.name == "RETURN_VALUE":
                return self.stack.pop()
            self.step(instruction)
        raise NotSpecified("a function that does not return")

    def step(self, instruction: Instruction) -> None:
        name, arg = instruction
        if name.startswith(("BINARY_", "INPLACE_")) and name not in ("BINARY_SUBSCR", "BINARY_OP"):
            self.binary(BINARY[name.partition("_")[2]])
        elif name.startswith("SLICE_"):
            self.old_slice(int(name[-1]))
        else:
            getattr(self, f"do_{name}")(arg)

    def pop(self, count: int) -> list[Any]:
        if not count:
            return []
        found = self.stack[-count:]
        del self.stack[-count:]
        return found

    # Loading.

    def do_LOAD_CONST(self, arg: int) -> None:
        self.stack.append(self.code.consts[arg])

    def do_LOAD_FAST(self, arg: int) -> None:
        self.stack.append(self.local[self.code.variables[arg]])

    def do_STORE_FAST(self, arg: int) -> None:
        self.local[self.code.variables[arg]] = self.stack.pop()

    def do_LOAD_DEREF(self, arg: int) -> None:
        name = self.code.free[arg]
        if name in self.local:
            self.stack.append(self.local[name])
            return
        free = [n for n in self.code.free if n not in self.local]
        place = free.index(name) if self.code.python == (3, 11) else arg
        if place >= len(self.closure):
            raise NotSpecified(f"the closure of {name!r} is not in the file")
        self.stack.append(self.closure[place])

    def do_LOAD_GLOBAL(self, arg: int) -> None:
        if self.code.python == (3, 11):
            if arg & 1:
                self.stack.append(NULL)
            arg >>= 1
        self.stack.append(Symbol(self.code.names[arg]))

    def do_LOAD_ATTR(self, arg: int) -> None:
        self.stack.append(attribute(self.stack.pop(), self.code.names[arg]))

    def do_LOAD_METHOD(self, arg: int) -> None:
        found = attribute(self.stack.pop(), self.code.names[arg])
        self.stack += [NULL, found] if self.code.python == (3, 11) else [found]

    def do_IMPORT_NAME(self, arg: int) -> None:
        self.pop(2)
        self.stack.append(Symbol(self.code.names[arg]))

    def do_IMPORT_FROM(self, arg: int) -> None:
        self.stack.append(attribute(self.stack[-1], self.code.names[arg]))

    # Moving.

    def do_POP_TOP(self, arg: int) -> None:
        self.stack.pop()

    def do_NOP(self, arg: int) -> None:
        """Nothing; so are RESUME and the like."""

    do_RESUME = do_PRECALL = do_MAKE_CELL = do_COPY_FREE_VARS = do_NOP

    def do_PUSH_NULL(self, arg: int) -> None:
        self.stack.append(NULL)

    def do_ROT_TWO(self, arg: int) -> None:
        self.stack[-2:] = self.stack[:-3:-1]

    def do_ROT_THREE(self, arg: int) -> None:
        self.stack.insert(-2, self.stack.pop())

    def do_DUP_TOP(self, arg: int) -> None:
        self.stack.append(self.stack[-1])

    def do_SWAP(self, arg: int) -> None:
        self.stack[-1], self.stack[-arg] = self.stack[-arg], self.stack[-1]

    def do_COPY(self, arg: int) -> None:
        self.stack.append(self.stack[-arg])

    # Building.

    def do_BUILD_TUPLE(self, arg: int) -> None:
        self.stack.append(tuple(self.pop(arg)))

    def do_BUILD_LIST(self, arg: int) -> None:
        self.stack.append(self.pop(arg))

    def do_LIST_EXTEND(self, arg: int) -> None:
        given = self.stack.pop()
        self.stack[-arg] = [*self.stack[-arg], *given]

    def do_UNPACK_SEQUENCE(self, arg: int) -> None:
        given = self.stack.pop()
        if not isinstance(given, (list, tuple)) or len(given) != arg:
            raise NotSpecified("a tensor taken apart")
        self.stack += given[::-1]

    def do_BUILD_SLICE(self, arg: int) -> None:
        self.stack.append(slice(*self.pop(arg)))

    def old_slice(self, kind: int) -> None:
        """Python 2: x[:], x[a:], x[:b], x[a:b]."""
        bounds = self.pop({0: 0, 1: 1, 2: 1, 3: 2}[kind])
        low, high = {0: (None, None), 1: (*bounds, None), 2: (None, *bounds), 3: tuple(bounds)}[kind]
        self.stack.append(self.stack.pop()[low:high])

    # Computing.

    def binary(self, sign: str) -> None:
        x, y = self.pop(2)
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            x, y = operands(x, y)
        elif not (bounded(x) and bounded(y)) and not (sign == "+" and isinstance(x, (list, tuple))):
            raise NotSpecified(f"{sign} of other than numbers")
        self.stack.append(OPERATORS[sign](x, y))

    def do_BINARY_OP(self, arg: int) -> None:
        self.binary(BINARY_OPS[arg % 13])

    def do_BINARY_SUBSCR(self, arg: int) -> None:
        owner, key = self.pop(2)
        self.stack.append(owner[key])

    def do_UNARY_NEGATIVE(self, arg: int) -> None:
        self.stack.append(-self.stack.pop())

    def do_UNARY_POSITIVE(self, arg: int) -> None:
        self.stack.append(+self.stack.pop())

    def do_COMPARE_OP(self, arg: int) -> None:
        x, y = self.pop(2)
        if arg >= len(COMPARISONS) or (arg in (2, 3) and (isinstance(x, np.ndarray) or isinstance(y, np.ndarray))):
            raise NotSpecified("a comparison that TensorFlow 1 and 2 read otherwise")
        self.stack.append(COMPARISONS[arg](x, y))

    # Calling.

    def do_KW_NAMES(self, arg: int) -> None:
        self.keywords = self.code.consts[arg]

    def do_CALL(self, arg: int) -> None:
        arguments = self.pop(arg)
        first, second = self.pop(2)
        if first is not NULL:
            arguments, second = [second, *arguments], first
        self.apply(second, arguments, self.keywords)
        self.keywords = ()

    def do_CALL_FUNCTION(self, arg: int) -> None:
        if self.code.code[-2:] == b"S\x00" and self.code.python > (2, 7):
            names: tuple[str, ...] = ()
            arguments = self.pop(arg)
        else:
            pairs = self.pop(2 * (arg >> 8))
            names = tuple(x.decode() if isinstance(x, bytes) else x for x in pairs[::2])
            arguments = self.pop(arg & 0xFF) + pairs[1::2]
        self.apply(self.stack.pop(), arguments, names)

    def do_CALL_FUNCTION_KW(self, arg: int) -> None:
        names = self.stack.pop()
        arguments = self.pop(arg)
        self.apply(self.stack.pop(), arguments, names)

    def do_CALL_METHOD(self, arg: int) -> None:
        arguments = self.pop(arg)
        self.apply(self.stack.pop(), arguments, ())

    def apply(self, function: Any, arguments: list[Any], names: tuple[str, ...]) -> None:
        split = len(arguments) - len(names)
        keywords = dict(zip(names, arguments[split:], strict=True))
        self.stack.append(self.answer(function, arguments[:split], keywords))

    def answer(self, function: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        if isinstance(function, Symbol):
            return self.call(function.name, arguments, keywords)
        if isinstance(function, Method) and function.name in ("get_shape", "as_list") and not arguments:
            return list(np.shape(function.owner)) if function.name == "get_shape" else list(function.owner)
        raise NotSpecified(f"a call of {function!r}"[:100])


DTYPES = ("float16", "float32", "float64", "int32", "int64", "bool")
CONSTANTS: dict[str, Any] = {
    **{f"{module}.{name}": name for module in ("tf", "tensorflow", "np", "numpy") for name in DTYPES},
    **dict.fromkeys(("tf.newaxis", "tensorflow.newaxis", "np.newaxis", "numpy.newaxis")),
    **dict.fromkeys(("np.pi", "numpy.pi", "math.pi"), math.pi),
    **dict.fromkeys(("np.e", "numpy.e", "math.e"), math.e),
    **{f"tf.image.ResizeMethod.{name.upper()}": name for name in ("bilinear", "bicubic", "area")},
    "tf.image.ResizeMethod.NEAREST_NEIGHBOR": "nearest",
}


def bounded(value: Any) -> bool:
    """A number that arithmetic cannot make huge."""
    return isinstance(value, (int, float)) and abs(value) < 2**31


def attribute(owner: Any, name: str) -> Any:
    if isinstance(owner, Symbol):
        whole = f"{owner.name}.{name}"
        return CONSTANTS[whole] if whole in CONSTANTS else Symbol(whole)
    if name == "shape" and isinstance(owner, np.ndarray):
        return owner.shape
    return Method(owner, name)
