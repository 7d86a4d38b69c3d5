"""One call after the other for every op that k2to3 writes: ranks, dtypes, settings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from k2to3.keras3.ops import elementwise, image

Json = dict[str, Any]
FLOATS = ("float32", "float16", "bfloat16", "float64")
KINDS = (*FLOATS, "int32", "int64", "uint8", "int8", "bool")
SHAPES = ((None, 3), (2, 3, 4), (None, None, 1), (5,), ())
COLOURS = ((None, 4, 5, 3), (4, 5, 3))


def tensor(shape: Any, dtype: str = "float32") -> Json:
    return {"tensor": [list(shape), dtype]}


def case(symbol: str, *args: Any, kwargs: Json | None = None, **config: Any) -> Json:
    return {"symbol": symbol, "args": list(args), "config": config, "kwargs": kwargs or {}}


def cases() -> Iterator[Json]:
    yield from _elementwise()
    yield from _reductions()
    yield from _reshaping()
    yield from _joining()
    yield from _gathering()
    yield from _products()
    yield from _decompositions()
    yield from _signals()
    yield from _open_extents()
    yield from _written_otherwise()


SETTINGS: dict[str, Json] = {
    "numpy.Clip": {"x_min": 0, "x_max": 1},
    "numpy.Round": {"decimals": 0},
    "nn.Elu": {"alpha": 0.5},
    "nn.Gelu": {"approximate": False},
    "nn.LeakyRelu": {"negative_slope": 0.1},
    "nn.Softmax": {"axis": -1},
    "nn.LogSoftmax": {"axis": -1},
    "core.Cast": {"dtype": "float16"},
    "core.ConvertToTensor": {"ragged": False},
}
PAIRS = (
    ((None, 3), (3,)),
    ((None, 1), (None, 4)),
    ((2, 1, 4), (5, 1)),
    ((None, None), (1, 7)),
    ((), (None, 2)),
)


def _elementwise() -> Iterator[Json]:
    two = {"Divide", "TrueDivide", "Arctan2", "Mod"}
    for symbol, infer in elementwise.SPECS.items():
        name = symbol.split(".")[1]
        if infer is elementwise.chosen:
            continue
        if (
            infer in (elementwise.combined, elementwise.bits)
            or name in two
            or (infer is elementwise.compared and not name.startswith("Is") and name != "LogicalNot")
        ):
            yield from _pairs(symbol)
            continue
        for shape, dtype in product(SHAPES, KINDS if symbol.startswith(("numpy", "core")) else FLOATS):
            yield case(symbol, tensor(shape, dtype), **SETTINGS.get(symbol, {}))
    for (left, right), dtype in product(PAIRS, KINDS):
        yield case("numpy.Where", tensor(left, "bool"), tensor(left, dtype), tensor(right, dtype))
        yield case("numpy.Where", tensor(left, "bool"), tensor(right, dtype), 0.5)
    for symbol, shape, dtype in product(image.SPECS, COLOURS, FLOATS):
        yield case(symbol, tensor(shape, dtype), data_format="channels_last")


def _pairs(symbol: str) -> Iterator[Json]:
    for left, right in PAIRS:
        yield case(symbol, tensor(left), tensor(right))
    for left, right in product(KINDS, KINDS):
        yield case(symbol, tensor((None, 2), left), tensor((2,), right))
    for dtype, number in product(KINDS, (2, 0.5, True)):
        yield case(symbol, tensor((None, 2), dtype), number)
        yield case(symbol, number, tensor((None, 2), dtype))
    for dtype in ("float16", "float64", "int64"):
        yield case(symbol, tensor((None, 2), dtype), {"array": [[3, 1, 2], dtype]})


def _reductions() -> Iterator[Json]:
    names = ("All", "Any", "Max", "Mean", "Min", "Prod", "Std", "Sum", "Var", "CountNonzero")
    for name, (shape, axis), keep, dtype in product(
        names, (((None, 3), 1), ((2, 3, 4), [0, 2]), ((2, 3, 4), None), ((None, None, 1), -1)), (False, True), KINDS
    ):
        settings = {} if name == "CountNonzero" else {"keepdims": keep}
        yield case(f"numpy.{name}", tensor(shape, dtype), axis=axis, **settings)
    for name, shape, dtype in product(("Argmax", "Argmin", "Cumsum", "Cumprod"), SHAPES[:4], KINDS):
        yield case(f"numpy.{name}", tensor(shape, dtype), axis=0 if len(shape) == 1 else 1)


def _reshaping() -> Iterator[Json]:
    for shape, dtype in product(((None, 3), (2, 3, 4), (None, None, 1)), ("float32", "int32", "bool")):
        x, rank = tensor(shape, dtype), len(shape)
        for axis in range(-rank, rank + 1):
            yield case("numpy.ExpandDims", x, axis=axis)
        for axis in range(-rank, rank):
            yield case("numpy.Flip", x, axis=axis)
            yield case("numpy.Roll", x, shift=1, axis=axis)
            yield case("numpy.Sort", x, axis=axis)
            yield case("numpy.Repeat", x, repeats=3, axis=axis)
            yield case("numpy.Split", x, indices_or_sections=1, axis=axis)
        yield case("numpy.Split", x, indices_or_sections=[1], axis=1)
        yield case("numpy.Transpose", x, axes=list(reversed(range(rank))))
        yield case("numpy.Swapaxes", x, axis1=-1, axis2=-2)
        yield case("numpy.Tile", x, repeats=[2] * rank)
        yield case("numpy.Tile", x, repeats=[1, *[2] * rank])
        yield case("numpy.Reshape", x, newshape=[-1, 3])
        yield case("numpy.Pad", x, pad_width=[[1, 2]] * rank, mode="constant", kwargs={"constant_values": 0})
        yield case("numpy.Pad", x, pad_width=[[0, 1]] * rank, mode="reflect")
        yield case("numpy.Argsort", x, axis=-1)
    yield case("numpy.Reshape", tensor((2, 3, 4)), newshape=[4, -1])
    yield case("numpy.Reshape", tensor((2, 3, 4)), newshape=[6, 4])
    yield case("numpy.BroadcastTo", tensor((3, 1)), shape=[2, 3, 4])
    yield case("numpy.Squeeze", tensor((None, 1, 3, 1)), axis=[1])
    yield case("numpy.Squeeze", tensor((None, 1, 3, 1)), axis=-1)
    yield case("numpy.Squeeze", tensor((2, 1, 3, 1)), axis=None)
    yield case("numpy.Repeat", tensor((2, 3)), repeats=[1, 2, 3], axis=1)
    yield case("numpy.Split", tensor((None, 12)), indices_or_sections=4, axis=-1)


def _joining() -> Iterator[Json]:
    for left, right in product(KINDS, KINDS):
        pair = [tensor((None, 2), left), tensor((None, 2), right)]
        yield case("numpy.Concatenate", pair, axis=1)
        yield case("numpy.Stack", pair, axis=1)
    for axis in (0, 1, 2, -1):
        yield case("numpy.Concatenate", [tensor((None, 2, 3)), tensor((None, 2, 3))], axis=axis)
        yield case("numpy.Stack", [tensor((None, 2, 3))] * 3, axis=axis)
    yield case("numpy.Concatenate", [tensor((None, None, 3)), tensor((None, 2, 3))], axis=1)


KEYS: tuple[list[Any], ...] = (
    [0],
    [{"slice": [None, None]}, 1],
    [{"slice": [None, None]}, {"slice": [1, None]}],
    [{"slice": [0, 1]}, {"slice": [None, None]}, -1],
    [{"slice": [None, None]}, {"slice": [-1, None]}],
    [{"slice": [None, None]}, {"slice": [None, None, 2]}],
    [{"ellipsis": True}, 0],
    [{"slice": [None, None]}, None, {"ellipsis": True}, {"slice": [0, 2]}],
)


def _gathering() -> Iterator[Json]:
    for shape, key, dtype in product(((None, 5, 4), (2, 3, 4), (None, None, 3)), KEYS, ("float32", "int64", "bool")):
        yield case("numpy.GetItem", tensor(shape, dtype), key)
    for axis, index in product((0, 1, -1, None), ((), (None,), (2, 3))):
        yield case("numpy.Take", tensor((None, 5, 4), "float16"), tensor(index, "int32"), axis=axis)
    yield case("numpy.TakeAlongAxis", tensor((None, 5, 4)), tensor((None, 2, 4), "int32"), axis=1)
    yield case("numpy.TakeAlongAxis", tensor((None, 5, 4)), tensor((None, 2, 1), "int32"), axis=1)
    for shape, offset in product(((None, 3, 4), (2, 3, 3)), (0, 1, -1)):
        yield case("numpy.Diagonal", tensor(shape), offset=offset, axis1=-2, axis2=-1)
    yield case("numpy.SearchSorted", {"array": [[4], "float32"]}, tensor((None, 3)), side="right")
    yield case("core.Scatter", tensor((5, 1), "int32"), tensor((5, 2), "float16"), shape=[7, 2])
    yield case("core.ScatterUpdate", tensor((7, 2), "float16"), tensor((5, 1), "int32"), tensor((5, 2), "float16"))
    yield case("math.SegmentSum", tensor((6, 3), "float16"), tensor((6,), "int32"), num_segments=4, sorted=False)
    for dtype in ("float32", "int32"):
        yield case("math.TopK", tensor((None, 9), dtype), k=3, sorted=True)
    yield case("math.InTopK", tensor((None,), "int32"), tensor((None, 9)), k=3)
    for axis, dtype in product((0, 1, -1), ("float32", "int32", "float16")):
        yield case("nn.OneHot", tensor((None, 3), "int32"), num_classes=7, axis=axis, dtype=dtype)


def _products() -> Iterator[Json]:
    for left, right in (((None, 3, 4), (None, 4, 5)), ((2, 1, 3, 4), (7, 4, 5)), ((3, 4), (None, 4, 2))):
        for dtype in (*FLOATS, "int32"):
            yield case("numpy.Matmul", tensor(left, dtype), tensor(right, dtype))
    for text, *shapes in (
        ("ab,bc->ac", (None, 3), (3, 4)),
        ("abc,adc->abd", (None, 5, 3), (None, 6, 3)),
        ("a...b,bc->a...c", (None, 2, 6, 3), (3, 4)),
        ("abc->ca", (2, 3, 4)),
    ):
        for dtype in FLOATS:
            yield case("numpy.Einsum", *(tensor(shape, dtype) for shape in shapes), subscripts=text)
    for padding, strides, dilation in (("valid", 1, 1), ("same", 2, 1), ("valid", [2, 1], 1), ("same", 1, [2, 2])):
        settings = {"strides": strides, "padding": padding, "data_format": "channels_last", "dilation_rate": dilation}
        for shape in ((None, 8, 9, 3), (2, 7, 7, 3)):
            yield case("nn.Conv", tensor(shape), tensor((3, 2, 3, 4)), **settings)
            if not isinstance(strides, list):
                yield case("nn.DepthwiseConv", tensor(shape), tensor((3, 2, 3, 4)), **settings)


def _decompositions() -> Iterator[Json]:
    for shape, dtype in product(((None, 3, 3), (2, 3, 3)), ("float32", "float64")):
        x = tensor(shape, dtype)
        yield case("linalg.Cholesky", x, upper=False)
        for name in ("Det", "Inv", "Eigh"):
            yield case(f"linalg.{name}", x)
        yield case("numpy.Slogdet", x)
        for mode in ("reduced", "complete"):
            yield case("linalg.Qr", tensor((*shape[:-1], 5), dtype), mode=mode)
        yield case("linalg.SVD", tensor((*shape[:-1], 5), dtype), full_matrices=False, compute_uv=False)
        yield case("linalg.Solve", x, tensor((*shape[:-1], 2), dtype))
        yield case("linalg.SolveTriangular", x, tensor((*shape[:-1], 2), dtype), lower=True)


def _signals() -> Iterator[Json]:
    for shape in ((None, 8), (2, 3, 9)):
        yield case("math.RFFT", tensor(shape), fft_length=None)
        yield case("math.RFFT", tensor(shape), fft_length=16)
        yield case("math.IRFFT", [tensor(shape), tensor(shape)], fft_length=None)
        yield case("math.IRFFT", [tensor(shape), tensor(shape)], fft_length=6)
        yield case("math.FFT", [tensor(shape), tensor(shape)])
        yield case("math.ExtractSequences", tensor(shape), sequence_length=4, sequence_stride=2)
    for name in ("FFT2", "IFFT2"):
        yield case(f"math.{name}", [tensor((2, 4, 8)), tensor((2, 4, 8))])


def _open_extents() -> Iterator[Json]:
    """Extents that are known at a call only."""
    wide = tensor((None, None))
    yield case("math.RFFT", wide, fft_length=None)
    yield case("math.IRFFT", [wide, wide], fft_length=None)
    yield case("math.ExtractSequences", wide, sequence_length=4, sequence_stride=2)
    settings = {"strides": 2, "data_format": "channels_last", "dilation_rate": 1}
    for padding in ("valid", "same"):
        yield case("nn.Conv", tensor((None, None, 9, 3)), tensor((3, 2, 3, 4)), padding=padding, **settings)
        yield case("nn.DepthwiseConv", tensor((None, None, 9, 3)), tensor((3, 2, 3, 4)), padding=padding, **settings)
    for mode in ("reduced", "complete"):
        yield case("linalg.Qr", tensor((2, 5, 3)), mode=mode)
    yield case("linalg.SVD", tensor((2, 5, 3)), full_matrices=False, compute_uv=False)
    yield case("numpy.Matmul", tensor((None, None, 4)), tensor((4, 5)))
    yield case("numpy.Einsum", tensor((None, None, 4)), tensor((None, 6, 4)), subscripts="abc,abc->ab")
    yield case("numpy.Einsum", tensor((2, 3, 4)), tensor((2, None, 4)), subscripts="abc,adc->abd")
    yield case("numpy.Reshape", tensor((None, 3, 4)), newshape=[-1, 12])
    yield case("numpy.Repeat", tensor((None, 3)), repeats=2, axis=0)
    yield case("numpy.Tile", tensor((None, 3)), repeats=[2, 3])
    yield case("numpy.Pad", tensor((None, 3)), pad_width=[[1, 1], [2, 3]], mode="constant",
               kwargs={"constant_values": 0})  # fmt: skip
    yield case("numpy.Split", tensor((None, 3)), indices_or_sections=[1, 2], axis=-1)
    yield case("numpy.Split", tensor((None, 6)), indices_or_sections=[1, 3], axis=1)
    yield case("numpy.Concatenate", [tensor((None, 2)), tensor((None, 2))], axis=0)
    yield case("numpy.Stack", [tensor((None, 2)), tensor((None, 2))], axis=-1)


def _written_otherwise() -> Iterator[Json]:
    for offset in (0, 1, -1, 2, -2):
        yield case("numpy.Diagonal", tensor((2, 3, 4)), offset=offset, axis1=1, axis2=2)
        yield case("numpy.Diagonal", tensor((4, 2, 3)), offset=offset, axis1=0, axis2=2)
    yield case("numpy.Diagonal", tensor((4, 3, 2)))
    for shape in ((2, 3, 4), (None, 3, 4)):
        for axis in (0, 1, 2, -1):
            yield case("numpy.TakeAlongAxis", tensor(shape), tensor((2, 3, 4), "int32"), axis=axis)
    yield case("numpy.Transpose", tensor((2, 3, 4)))
    yield case("numpy.Transpose", tensor((2, 3, 4)), axes=[1, 2, 0])
    yield case("numpy.Swapaxes", tensor((2, 3, 4)), axis1=0, axis2=2)
    yield case("numpy.Squeeze", tensor((2, 1, 3, 1)), axis=[1, 3])
    yield case("numpy.OnesLike", tensor((2, 3)), dtype="int32")
    yield case("numpy.ZerosLike", tensor((2, 3)), dtype="bool")
    for name in ("Argmax", "Argmin"):
        for keep in (False, True):
            yield case(f"numpy.{name}", tensor((2, 3, 4)), axis=1, keepdims=keep)
        yield case(f"numpy.{name}", tensor((2, 3, 4)))
    for name in ("All", "Any", "Max", "Min", "Mean", "Prod", "Std", "Sum", "Var", "CountNonzero"):
        yield case(f"numpy.{name}", tensor((2, 3, 4)))
    yield case("numpy.Cumsum", tensor((2, 3)), axis=1, dtype="float64")
    yield case("nn.OneHot", tensor((2, 3), "int32"), num_classes=7)
    yield case("numpy.Nonzero", tensor((5,), "bool"))
    yield case("numpy.Argsort", tensor((2, 3)))
    yield case("numpy.SearchSorted", {"array": [[4], "float32"]}, tensor((3, 2)))
    yield case("math.SegmentSum", tensor((6, 3)), tensor((6,), "int32"), num_segments=4)
    settings = {"padding": "valid", "data_format": "channels_last"}
    yield case("nn.Conv", tensor((2, 9, 9, 3)), tensor((3, 2, 3, 4)), strides=1, dilation_rate=2, **settings)
    yield case("nn.Conv", tensor((2, 9, 8, 3)), tensor((3, 2, 3, 4)), strides=[1, 2], dilation_rate=1, **settings)
    yield case("nn.Conv", tensor((2, 9, 3)), tensor((3, 3, 4)), strides=2, dilation_rate=1, **settings)
    yield case("nn.Conv", tensor((2, 9, 8, 7, 3)), tensor((3, 2, 1, 3, 4)), strides=2, dilation_rate=1, **settings)
