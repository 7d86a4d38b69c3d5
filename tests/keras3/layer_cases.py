"""A call of every Keras 3 layer class that k2to3 writes: settings, inputs, whether they have masks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

Json = dict[str, Any]
STEPS, IMAGE, VOLUME, ROW = (None, 6, 4), (None, 8, 9, 3), (None, 6, 7, 8, 2), (None, 5)
BY_RANK = {1: STEPS, 2: IMAGE, 3: VOLUME}


KEEPING = frozenset(
    {
        *("Identity", "Dropout", "Activation", "ActivityRegularization"),
        *(f"{name}{rank}D" for name in ("ZeroPadding", "Cropping", "UpSampling") for rank in (1, 2, 3)),
    }
)


def case(class_name: str, *shapes: Any, dtype: str = "float32", masked: bool = False, kwargs: Json | None = None,
         **config: Any) -> Json:  # fmt: skip
    inputs = [{"tensor": [list(shape), dtype], "masked": masked} for shape in shapes]
    return {
        "layer": [class_name, config],
        "inputs": inputs if len(inputs) > 1 else inputs[0],
        "spread": class_name == "MultiHeadAttention",
        "kwargs": kwargs or {},
        # Keras 3 declares floats for whole numbers, and keeps them when it runs.
        "runs": dtype.startswith("int") and class_name in KEEPING,
    }


def cases() -> Iterator[Json]:
    yield from _same()
    yield from _core()
    yield from _space()
    yield from _merging()
    yield from _recurrent()
    yield from _preprocessing()
    yield from _channels_first()
    yield from _written_otherwise()
    yield from _open_extents()
    yield from _stacks()


def _same() -> Iterator[Json]:
    """Layers without a shape of their own, with and without a mask, on floats and integers."""
    float_only = (
        *("ELU", "LeakyReLU", "PReLU", "Softmax", "BatchNormalization", "GroupNormalization", "LayerNormalization"),
        *("UnitNormalization", "Masking", "RMSNormalization"),
    )
    settings: dict[str, Json] = {
        "Activation": {"activation": "relu"},
        "AlphaDropout": {"rate": 0.5},
        "Dropout": {"rate": 0.5},
        "GaussianDropout": {"rate": 0.5},
        "GaussianNoise": {"stddev": 0.5},
        "GroupNormalization": {"groups": 2},
        "SpatialDropout1D": {"rate": 0.5},
    }
    for name in (*float_only, "Identity", "ReLU", "ActivityRegularization", *settings):
        for masked in (False, True):
            yield case(name, STEPS, masked=masked, **settings.get(name, {}))
    for name, dtype in product(("Identity", "Dropout", "Activation", "ActivityRegularization"), ("int32", "int64")):
        yield case(name, STEPS, dtype=dtype, **settings.get(name, {}))
    yield case("SpatialDropout2D", IMAGE, rate=0.5)
    yield case("SpatialDropout3D", VOLUME, rate=0.5)
    yield case("Rescaling", STEPS, masked=True, scale=2.0, offset=0.0)
    yield case("Normalization", STEPS, masked=True, axis=-1, mean=[0.0] * 4, variance=[1.0] * 4)


def _core() -> Iterator[Json]:
    for masked in (False, True):
        yield case("Dense", STEPS, masked=masked, units=7)
        yield case("EinsumDense", STEPS, masked=masked, equation="abc,cd->abd", output_shape=[None, 7])
        yield case("Flatten", STEPS, masked=masked)
        yield case("Reshape", STEPS, masked=masked, target_shape=[-1, 3])
        yield case("Permute", STEPS, masked=masked, dims=[2, 1])
        yield case("TimeDistributed", STEPS, masked=masked, layer=["Dense", {"units": 7}])
        yield case("SpectralNormalization", STEPS, masked=masked, layer=["Dense", {"units": 7}])
        yield case("Attention", STEPS, STEPS, masked=masked)
        yield case("AdditiveAttention", STEPS, STEPS, masked=masked)
        yield case("MultiHeadAttention", STEPS, STEPS, masked=masked, num_heads=2, key_dim=3)
    yield case("Attention", STEPS, STEPS, kwargs={"return_attention_scores": True})
    yield case("RepeatVector", ROW, n=4)
    for zero in (False, True):
        yield case("Embedding", ROW, dtype="int32", input_dim=9, output_dim=3, mask_zero=zero)


def _space() -> Iterator[Json]:
    for rank, shape in BY_RANK.items():
        for padding, stride in (("valid", 1), ("same", 2), ("valid", 2)):
            window = {"kernel_size": 3, "strides": stride, "padding": padding}
            yield case(f"Conv{rank}D", shape, filters=5, **window)
            yield case(f"Conv{rank}DTranspose", shape, filters=5, **window)
            if rank < 3:
                yield case(f"DepthwiseConv{rank}D", shape, depth_multiplier=2, **window)
                yield case(f"SeparableConv{rank}D", shape, filters=5, **window)
            for kind in ("Max", "Average"):
                yield case(f"{kind}Pooling{rank}D", shape, pool_size=2, strides=stride, padding=padding)
        for kind, keep in product(("Max", "Average"), (False, True)):
            yield case(f"Global{kind}Pooling{rank}D", shape, masked=rank == 1, keepdims=keep)
        for dtype in ("float32", "int32"):
            yield case(f"ZeroPadding{rank}D", shape, dtype=dtype, padding=1)
            yield case(f"Cropping{rank}D", shape, dtype=dtype, cropping=1)
            yield case(f"UpSampling{rank}D", shape, dtype=dtype, size=2)
    yield case("Conv1D", STEPS, filters=5, kernel_size=3, padding="causal", dilation_rate=2)
    yield case("Resizing", IMAGE, height=4, width=5)
    yield case("CenterCrop", IMAGE, height=4, width=5)


def _merging() -> Iterator[Json]:
    for name, masked in product(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), (False, True)):
        yield case(name, STEPS, STEPS, masked=masked)
        yield case(name, STEPS, (None, 1, 4), masked=False)
    for axis, masked in product((1, 2, -1), (False, True)):
        yield case("Concatenate", STEPS, STEPS, masked=masked, axis=axis)
    yield case("Dot", STEPS, (None, 6, 5), axes=1)
    yield case("Dot", ROW, ROW, axes=1)


def _recurrent() -> Iterator[Json]:
    for sequences, state, masked in product((False, True), repeat=3):
        flags = {"return_sequences": sequences, "return_state": state}
        for name in ("LSTM", "GRU", "SimpleRNN"):
            yield case(name, STEPS, masked=masked, units=3, **flags)
            yield case("RNN", STEPS, masked=masked, cell=[f"{name}Cell", {"units": 3}], **flags)
        yield case("Bidirectional", STEPS, masked=masked, layer=["LSTM", {"units": 3, **flags}])
        yield case("Bidirectional", STEPS, masked=masked, layer=["GRU", {"units": 3, **flags}], merge_mode="sum")
        for rank, shape in BY_RANK.items():
            window = {"kernel_size": 3, "strides": 1, "dilation_rate": 1, "padding": "same"}
            yield case(f"ConvLSTM{rank}D", (None, 4, *shape[1:]), filters=2, **window, **flags)


def _preprocessing() -> Iterator[Json]:
    for mode in ("int", "multi_hot", "one_hot", "count"):
        yield case("Discretization", (None, 1), bin_boundaries=[0.0, 1.0], output_mode=mode)
        yield case(
            "IntegerLookup", (None, 1), dtype="int64", vocabulary=[4, 5], max_tokens=5, pad_to_max_tokens=True,
            output_mode=mode,
        )  # fmt: skip
    for mode in ("multi_hot", "one_hot", "count"):
        yield case("CategoryEncoding", (None, 1), dtype="int32", num_tokens=4, output_mode=mode)
    yield case("RandomBrightness", IMAGE, factor=0.1)
    yield case("RandomContrast", IMAGE, factor=0.1)
    yield case("RandomFlip", IMAGE)
    yield case("RandomRotation", IMAGE, factor=0.1)
    yield case("RandomTranslation", IMAGE, height_factor=0.1, width_factor=0.1)
    yield case("RandomZoom", IMAGE, height_factor=0.1)


def _channels_first() -> Iterator[Json]:
    first = {"data_format": "channels_first"}
    for rank, shape in BY_RANK.items():
        window = {"kernel_size": 2, "strides": 2, "padding": "valid"}
        yield case(f"Conv{rank}D", shape, filters=5, **window, **first)
        yield case(f"Conv{rank}DTranspose", shape, filters=5, **window, **first)
        yield case(f"MaxPooling{rank}D", shape, pool_size=2, **first)
        for keep in (False, True):
            yield case(f"GlobalAveragePooling{rank}D", shape, keepdims=keep, **first)
        yield case(f"ZeroPadding{rank}D", shape, padding=1, **first)
        if rank > 1:
            yield case(f"Cropping{rank}D", shape, cropping=[[0, 1]] * rank, **first)
            yield case(f"UpSampling{rank}D", shape, size=2, **first)
        window = {"kernel_size": 3, "strides": 1, "dilation_rate": 1, "padding": "same"}
        yield case(f"ConvLSTM{rank}D", (None, 4, *shape[1:]), filters=2, return_state=True, **window, **first)
    yield case("DepthwiseConv2D", IMAGE, kernel_size=3, depth_multiplier=3, **first)
    yield case("SeparableConv2D", IMAGE, kernel_size=3, filters=5, **first)
    yield case("Flatten", IMAGE, **first)


def _written_otherwise() -> Iterator[Json]:
    """Sizes as lists, one for each axis, and what is left out."""
    yield case("Conv2D", IMAGE, filters=5, kernel_size=[3, 2], strides=[1, 2], padding="valid")
    yield case("Conv2D", IMAGE, filters=5, kernel_size=3, dilation_rate=[2, 3])
    yield case("DepthwiseConv1D", STEPS, kernel_size=2)
    yield case("AveragePooling2D", IMAGE, pool_size=[3, 2])
    yield case("MaxPooling3D", VOLUME, pool_size=[3, 2, 1], strides=[1, 2, 3])
    for padding, extra in product(("valid", "same"), (None, 0, 1)):
        yield case("Conv2DTranspose", IMAGE, filters=5, kernel_size=[3, 4], strides=2, padding=padding,
                   output_padding=extra)  # fmt: skip
    yield case("Conv2DTranspose", IMAGE, filters=5, kernel_size=3, strides=[2, 3], padding="same",
               output_padding=[1, 2])  # fmt: skip
    yield case("Conv1DTranspose", STEPS, filters=5, kernel_size=2, strides=4, padding="valid")
    yield case("Conv1DTranspose", STEPS, filters=5, kernel_size=3, dilation_rate=3, padding="valid")
    yield case("Conv1DTranspose", STEPS, filters=5, kernel_size=3, dilation_rate=3, padding="same", output_padding=0)
    yield case("ZeroPadding1D", STEPS, padding=[1, 2])
    yield case("ZeroPadding2D", IMAGE, padding=[1, 2])
    yield case("ZeroPadding2D", IMAGE, padding=[[1, 2], [3, 4]])
    yield case("Cropping1D", STEPS, cropping=[3, 2])
    yield case("Cropping2D", IMAGE, cropping=[1, 2])
    yield case("Cropping2D", IMAGE, cropping=[[1, 2], [3, 5]])
    yield case("UpSampling2D", IMAGE, size=[2, 3])
    yield case("EinsumDense", STEPS, equation="...c,cd->...d", output_shape=7)
    yield case("EinsumDense", STEPS, equation="ab...,bc->ac...", output_shape=7)
    yield case("EinsumDense", IMAGE, equation="...bc,cde->...bde", output_shape=[9, 7, 2])
    yield case("EinsumDense", STEPS, equation="abc,cde->abde", output_shape=[6, 7, 2])
    for axes in (2, [2, 1], [-1, -2]):
        yield case("Dot", (None, 5, 4), (None, 4, 5) if axes != 2 else (None, 3, 4), axes=axes)
    yield case("Add", (None, 4, 5), (None, 5))
    yield case("Add", STEPS, (None, 1))
    yield case("Multiply", (None, 1, 4), (None, 6, 1))
    yield case("Concatenate", (None, 6, 4), (None, 6, 5), (None, 6, 1), axis=-1)
    yield case("Attention", STEPS, (None, 5, 3), (None, 5, 4), masked=True)
    yield case("Attention", STEPS, (None, 5, 7), (None, 5, 4), kwargs={"return_attention_scores": True})
    yield case("AdditiveAttention", STEPS, (None, 5, 4))
    yield case("MultiHeadAttention", STEPS, (None, 5, 3), num_heads=2, key_dim=3, output_shape=7)
    yield case("MultiHeadAttention", IMAGE, IMAGE, num_heads=2, key_dim=3, output_shape=[7, 2], attention_axes=[2])
    yield case("SpectralNormalization", IMAGE, layer=["Conv2D", {"filters": 5, "kernel_size": 3}])
    yield case("TimeDistributed", (None, 6, *IMAGE[1:]), layer=["Conv2D", {"filters": 5, "kernel_size": 3}])
    yield case("Resizing", IMAGE[1:], height=4, width=5)
    yield case("CenterCrop", (None, 20, 30, 3), height=7, width=5)
    yield case("Reshape", ROW, target_shape=[5, 1])
    yield case("Masking", (None, 6, 2, 4), mask_value=1.0)
    yield case("RepeatVector", (None, 7), n=3)
    for size, mode in product((1, 6), ("multi_hot", "one_hot", "count")):
        if (size, mode) != (6, "one_hot"):
            yield case("CategoryEncoding", (None, 3, size), dtype="int32", num_tokens=4, output_mode=mode)
    yield case("Discretization", (None, 3), bin_boundaries=[0.0, 1.0, 2.0], output_mode="one_hot")
    yield case("Embedding", (None, 3, 5), dtype="int32", input_dim=9, output_dim=2, mask_zero=True)


def _open_extents() -> Iterator[Json]:
    """Extents that are known at a call only."""
    steps, image = (None, None, 4), (None, None, 9, 3)
    for shape, rank in ((steps, 1), (image, 2)):
        yield case(f"Conv{rank}D", shape, filters=5, kernel_size=3)
        yield case(f"Conv{rank}DTranspose", shape, filters=5, kernel_size=3, padding="same")
        yield case(f"MaxPooling{rank}D", shape, pool_size=2, strides=1)
        yield case(f"ZeroPadding{rank}D", shape, padding=1)
        yield case(f"Cropping{rank}D", shape, cropping=1)
        yield case(f"UpSampling{rank}D", shape, size=2)
        yield case("Flatten", shape)
        yield case("Concatenate", shape, (shape[0], 7, *shape[2:]), axis=1)
        yield case("Concatenate", shape, shape, axis=-1)
        yield case("Add", shape, shape)
        yield case("Add", shape, (shape[0], 1, *shape[2:]))
    yield case("Reshape", steps, target_shape=[-1, 2])
    yield case("Flatten", (None,))
    yield case("Permute", image, dims=[3, 1, 2])
    yield case("LSTM", steps, masked=True, units=3, return_sequences=True)
    yield case("TimeDistributed", steps, layer=["Dense", {"units": 7}])


def _stacks() -> Iterator[Json]:
    cells = [["LSTMCell", {"units": 3}], ["GRUCell", {"units": 2}], ["SimpleRNNCell", {"units": 5}]]
    for sequences, state, masked in product((False, True), repeat=3):
        flags = {"return_sequences": sequences, "return_state": state}
        yield case("RNN", STEPS, masked=masked, cell=cells, **flags)
        yield case("RNN", STEPS, masked=masked, cell=["StackedRNNCells", {"cells": cells[:2]}], **flags)
        inner = ["GRU", {"units": 3, **flags}]
        yield case("Bidirectional", STEPS, masked=masked, layer=inner, merge_mode=None)
    yield case("ConvLSTM2D", (None, 4, *IMAGE[1:]), filters=2, kernel_size=[3, 2], strides=[2, 1], dilation_rate=1,
               padding="valid", return_sequences=True, return_state=True)  # fmt: skip
    yield case("ConvLSTM1D", (None, 4, *STEPS[1:]), filters=2, kernel_size=2, strides=1, dilation_rate=2,
               padding="valid")  # fmt: skip
