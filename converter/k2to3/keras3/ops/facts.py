"""Which Keras 3 op classes exist since when, and since when they can be given a name.

Read from the class definitions in keras/src/ops/{core,image,linalg,math,nn,numpy}.py of the
releases 3.0.5, 3.1.1, ... 3.13.0, 3.15.1. Before 3.11 a class with a constructor of its
own did not take `name`: loading such an archive ends in "Error when deserializing class".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedLayer


@dataclass(frozen=True, kw_only=True)
class OpFacts:
    """The row of a class; releases are minor ones of Keras 3."""

    since: int
    """The first with the class."""
    named: int
    """The first in which it takes a name."""
    changed: int
    """The first in which constructor and call are as they are written here."""
    keys_since: Mapping[str, int]
    """Config keys that the class learnt later than it came to be."""
    unable: tuple[str, ...]
    """Backends on which it fails or computes something else, measured with 3.15.1."""
    without_integers: tuple[str, ...]
    """Backends that cannot run it on whole numbers (a convolution: dilated ones)."""


# (first release, first release that takes `name`, module, classes)
_TABLE: tuple[tuple[int, int, str, str], ...] = (
    (0, 0, "core", "Scatter ScatterUpdate Slice SliceUpdate"),
    (0, 0, "math", "Erf Erfinv Rsqrt"),
    (0, 0, "nn", "BatchNorm HardSigmoid HardSilu LogSigmoid Moments Relu Relu6 Selu Sigmoid Silu Softplus Softsign"),
    (
        0,
        0,
        "numpy",
        "Abs Absolute Add Arange Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh Array Ceil Conj "
        "Conjugate Copy Cos Cosh Digitize Divide DivideNoNan Dot Equal Exp Expm1 Floor FloorDivide Full "
        "FullLike GetItem Greater GreaterEqual Hstack Imag Isclose Isfinite Isinf Isnan Less LessEqual Log "
        "Log10 Log1p Log2 Logaddexp LogicalAnd LogicalNot LogicalOr LogicalXor Matmul Maximum Minimum Mod "
        "Multiply Ndim Negative Nonzero NotEqual OnesLike Outer Power Ravel Real Reciprocal Sign Sin Sinh "
        "Size Sqrt Square Subtract Tan Tanh TrueDivide Vdot Vstack Where ZerosLike",
    ),
    (0, 11, "core", "Cast StopGradient Unstack"),
    (0, 11, "image", "AffineTransform ExtractPatches MapCoordinates PadImages Resize"),
    (0, 11, "linalg", "Cholesky Det Eig Inv LuFactor Norm Qr SVD Solve SolveTriangular"),
    (0, 11, "math", "ExtractSequences FFT FFT2 IRFFT ISTFT InTopK Logsumexp RFFT STFT SegmentMax SegmentSum TopK"),
    (
        0,
        11,
        "nn",
        "AveragePool BinaryCrossentropy CategoricalCrossentropy Conv ConvTranspose DepthwiseConv Elu Gelu "
        "LeakyRelu LogSoftmax MaxPool Normalize OneHot SeparableConv Softmax SparseCategoricalCrossentropy",
    ),
    (
        0,
        11,
        "numpy",
        "All Amax Amin Any Append Argmax Argmin Argsort Average Bincount BroadcastTo Clip Concatenate "
        "CountNonzero Cross Cumprod Cumsum Diag Diagonal Diff Einsum ExpandDims Flip Linspace Logspace Max "
        "Mean Median Meshgrid Min Moveaxis Pad Prod Quantile Repeat Reshape Roll Round Sort Split Squeeze "
        "Stack Std Sum Swapaxes Take TakeAlongAxis Tensordot Tile Trace Transpose Tril Triu Var",
    ),
    (1, 11, "image", "CropImages"),
    (2, 11, "numpy", "Correlate"),
    (3, 11, "image", "RGBToGrayscale"),
    (3, 11, "linalg", "Eigh"),
    (3, 11, "nn", "CTCDecode CTCLoss PSNR"),
    (3, 11, "numpy", "Select Slogdet"),
    (4, 11, "image", "HSVToRGB RGBToHSV"),
    (4, 11, "linalg", "Lstsq"),
    (4, 11, "numpy", "Argpartition"),
    (5, 5, "numpy", "SearchSorted"),
    (5, 11, "math", "SegmentReduction"),
    (6, 11, "core", "SaturateCast"),
    (6, 11, "math", "Logdet"),
    (6, 11, "nn", "DotProductAttention"),
    (
        6,
        11,
        "numpy",
        "BitwiseAnd BitwiseInvert BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor "
        "Histogram LeftShift RightShift Trunc",
    ),
    (7, 7, "numpy", "Exp2 Inner"),
    (7, 11, "core", "ConvertToTensor"),
    (7, 11, "math", "IFFT2"),
    (7, 11, "nn", "Celu Glu HardShrink HardTanh SoftShrink Squareplus TanhShrink"),
    (8, 8, "nn", "SparsePlus"),
    (8, 11, "nn", "Sparsemax Threshold"),
    (8, 11, "numpy", "Diagflat UnravelIndex"),
    (9, 9, "numpy", "Signbit"),
    (9, 11, "image", "GaussianBlur PerspectiveTransform"),
    (9, 11, "nn", "Polar RMSNorm"),
    (9, 11, "numpy", "Rot90"),
    (10, 10, "math", "ViewAsComplex ViewAsReal"),
    (10, 10, "nn", "SparseSigmoid"),
    (10, 10, "numpy", "Angle"),
    (10, 11, "image", "ElasticTransform"),
    (11, 11, "nn", "LayerNorm"),
    (11, 11, "numpy", "Cbrt Corrcoef Deg2rad Heaviside"),
    (12, 12, "image", "ScaleAndTranslate"),
    (12, 12, "linalg", "CholeskyInverse"),
    (12, 12, "nn", "Unfold"),
    (12, 12, "numpy", "Gcd Hypot IsIn Isneginf Isposinf Isreal Kron Lcm Logaddexp2 Trapezoid View"),
    (13, 13, "nn", "AdaptiveAveragePool AdaptiveMaxPool"),
    (13, 13, "numpy", "ArraySplit EmptyLike Ldexp Vander"),
    (15, 15, "image", "SSIM SobelEdges"),
    (15, 15, "linalg", "MatrixRank Pinv"),
    (15, 15, "math", "CDist Erfc SegmentMin SegmentProd"),
    (15, 15, "nn", "DepthToSpace Fold SpaceToDepth"),
    (
        15,
        15,
        "numpy",
        "AllClose Dsplit Dstack Fabs Fliplr Flipud Fmax Fmin Fmod Geomspace Hsplit I0 Nanargmax Nanargmin "
        "Nancumprod Nancumsum Nanmax Nanmean Nanmedian Nanmin Nanpercentile Nanprod Nanquantile Nanstd Nansum "
        "Nanvar Nextafter Percentile Ptp Rad2deg Sinc Unique Vsplit",
    ),
)
# Classes whose constructor or call changed: only usable from the release named here on.
_CHANGED = {
    "core.ConvertToTensor": 11,
    "core.Scatter": 11,
    "core.ScatterUpdate": 15,
    "core.Slice": 11,
    "image.CropImages": 4,
    "image.PadImages": 4,
    "linalg.Cholesky": 12,
    "nn.Threshold": 11,
    "nn.RMSNorm": 11,
    "nn.BatchNorm": 11,
    "numpy.Arange": 11,
    "numpy.Array": 11,
    "numpy.Full": 11,
    "numpy.FullLike": 11,
    "numpy.Isclose": 11,
    "numpy.SearchSorted": 11,
    "math.FFT": 11,
}
_NEW_KEYS: dict[str, dict[str, int]] = {
    "image.Resize": {"pad_to_aspect_ratio": 3, "crop_to_aspect_ratio": 3},
    "nn.Normalize": {"epsilon": 6},
    "nn.OneHot": {"sparse": 2},
    "numpy.Argmax": {"keepdims": 3},
    "numpy.Argmin": {"keepdims": 3},
    "numpy.OnesLike": {"dtype": 11},
    "numpy.ZerosLike": {"dtype": 11},
}
_UNABLE: dict[str, tuple[str, ...]] = {
    "linalg.Norm": ("jax",),
    "numpy.CountNonzero": ("torch",),
    "numpy.Dot": ("torch",),
    "numpy.Imag": ("torch",),
    "numpy.Nonzero": ("jax", "torch"),
    "numpy.Quantile": ("jax",),
    "numpy.Rot90": ("jax",),
}
_WITHOUT_INTEGERS: dict[str, tuple[str, ...]] = {"nn.Conv": ("torch",), "nn.LeakyRelu": ("torch",)}


OPS: Mapping[str, OpFacts] = {
    symbol: OpFacts(
        since=since,
        named=named,
        changed=_CHANGED.get(symbol, since),
        keys_since=_NEW_KEYS.get(symbol, {}),
        unable=_UNABLE.get(symbol, ()),
        without_integers=_WITHOUT_INTEGERS.get(symbol, ()),
    )
    for since, named, module, names in _TABLE
    for symbol in (f"{module}.{name}" for name in names.split())
}


def op_facts(symbol: str) -> OpFacts:
    """The row of a class, named as `numpy.Add`.

    Raises:
        UnsupportedLayer: no Keras 3 that is on record has it.
    """
    found = OPS.get(symbol)
    if found is None:
        raise UnsupportedLayer(f"nothing is known of Keras 3's op {symbol}: which release and backend has it")
    return found


def takes_name(symbol: str) -> bool:
    """Whether the class takes `name` in every release that has it."""
    row = op_facts(symbol)
    return row.named == row.since


def symbol_of(entry: dict[str, Any]) -> str:
    """The class of a serialised op object, as `numpy.Add`."""
    return f"{entry['module'].removeprefix('keras.src.ops.')}.{entry['class_name']}"


def oldest_minor(entry: dict[str, Any]) -> int:
    """The oldest Keras 3 minor release that can open one serialised op object."""
    row, config = op_facts(symbol_of(entry)), entry["config"]
    needed = [row.since, row.changed]
    needed += [minor for key, minor in row.keys_since.items() if config.get(key) is not None]
    if "name" in config:
        needed.append(row.named)
    return max(needed)


def op_objects(config: Any) -> Iterator[dict[str, Any]]:
    """All op objects inside the `config.json` of an archive, nested models included."""
    if isinstance(config, dict):
        if str(config.get("module", "")).startswith("keras.src.ops."):
            yield config
        for value in config.values():
            yield from op_objects(value)
    elif isinstance(config, list):
        for value in config:
            yield from op_objects(value)


def oldest_keras(config: Any) -> tuple[int, str]:
    """The oldest minor release that opens all ops of an archive, and the op that needs it.

    The name is empty where the archive has no ops.
    """
    found = [
        (oldest_minor(entry), f"{entry['class_name']} {entry.get('name', '')}".strip()) for entry in op_objects(config)
    ]
    return max(found, key=lambda item: item[0], default=(0, ""))
