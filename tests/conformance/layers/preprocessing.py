"""Preprocessing layers, with and without state."""

from __future__ import annotations

from typing import Any

from tests.conformance.layers.table import Table, find, flags, ids, reals, words

TABLE = Table()
TF = {"backends": ("tensorflow",)}
photo = reals(9, 10, 3, low=0.0, high=255.0)
bytes_ = ids(9, 10, 3, high=256, dtype="uint8")

TABLE.each(
    "Rescaling",
    photo,
    {
        "plain": {"scale": 1 / 255},
        "offset": {"scale": 1 / 127.5, "offset": -1.0},
        "list": {"scale": [1.0, 2.0, 3.0], "offset": [0.1, 0.2, 0.3]},
    },
)
TABLE.each("Rescaling", bytes_, {"bytes": {"scale": 1 / 255}})
for way in ("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"):
    TABLE.each(
        "Resizing",
        photo,
        {
            f"{way} up": {"height": 14, "width": 13, "interpolation": way},
            f"{way} down": {"height": 5, "width": 4, "interpolation": way},
        },
    )
TABLE.each(
    "Resizing",
    photo,
    {
        "crop": {"height": 6, "width": 4, "crop_to_aspect_ratio": True},
        "crop bicubic": {"height": 12, "width": 15, "crop_to_aspect_ratio": True, "interpolation": "bicubic"},
    },
)
TABLE.each(
    "Resizing",
    bytes_,
    {"bytes": {"height": 6, "width": 4}, "bytes nearest": {"height": 6, "width": 4, "interpolation": "nearest"}},
)
TABLE.each(
    "Resizing",
    reals(None, None, 3, lengths=(7, 8)),
    {"open": {"height": 6, "width": 4}, "open nearest": {"height": 6, "width": 4, "interpolation": "nearest"}},
)
TABLE.each(
    "CenterCrop",
    photo,
    {
        "plain": {"height": 4, "width": 6},
        "odd": {"height": 5, "width": 3},
        "larger": {"height": 12, "width": 14},
        "one larger": {"height": 4, "width": 14},
    },
)
TABLE.each("CenterCrop", bytes_, {"bytes": {"height": 4, "width": 6}})
TABLE.each(
    "RandomCrop",
    photo,
    {
        "plain": {"height": 4, "width": 6},
        "same size": {"height": 9, "width": 10},
        "larger": {"height": 12, "width": 14},
    },
)
TABLE.each("RandomFlip", photo, {"plain": {}, "horizontal": {"mode": "horizontal", "seed": 3.0}})
TABLE.each(
    "RandomRotation",
    photo,
    {"plain": {"factor": 0.2}, "pair": {"factor": (-0.1, 0.3), "fill_mode": "nearest", "interpolation": "nearest"}},
)
TABLE.each("RandomTranslation", photo, {"plain": {"height_factor": 0.2, "width_factor": (-0.1, 0.3)}})
TABLE.each(
    "RandomZoom",
    photo,
    {"plain": {"height_factor": 0.2}, "both": {"height_factor": (-0.1, 0.3), "width_factor": 0.1, "fill_value": 1.0}},
)
TABLE.each(
    "RandomContrast", photo, {"plain": {"factor": 0.2}, "pair": {"factor": (0.1, 0.3)}, "large": {"factor": (0.1, 2.0)}}
)
TABLE.each(
    "RandomBrightness", photo, {"plain": {"factor": 0.2}, "range": {"factor": (0.1, 0.3), "value_range": (0.0, 1.0)}}
)
TABLE.each("RandomHeight", photo, {"plain": {"factor": 0.2}})
TABLE.each("RandomWidth", photo, {"plain": {"factor": 0.2}})


def _adapted(layer: str, data: Any, **arguments: Any) -> Any:
    def build(keras: Any, x: Any) -> Any:
        import numpy as np

        found = find(keras, layer)(**arguments)
        found.adapt(data(np.random.default_rng(1)))
        return found(x)

    return build


TABLE.each(
    "Normalization",
    reals(5, 4),
    {
        "given": {"mean": [0.1, 0.2, 0.3, 0.4], "variance": [1.0, 2.0, 3.0, 4.0]},
        "scalars": {"mean": 0.5, "variance": 2.0},
        "no axis": {"axis": None, "mean": 0.5, "variance": 2.0},
        "invert": {"mean": 0.5, "variance": 2.0, "invert": True},
        "axis 1": {"axis": 1, "mean": [0.1, 0.2, 0.3, 0.4, 0.5], "variance": [1.0, 2.0, 3.0, 4.0, 5.0]},
    },
)
TABLE.add("Normalization", "adapted", reals(5, 4), _adapted("Normalization", lambda g: g.uniform(0, 3, (20, 5, 4))))
TABLE.add(
    "Normalization",
    "adapted none",
    reals(5, 4),
    _adapted("Normalization", lambda g: g.uniform(0, 3, (20, 5, 4)), axis=None),
)
TABLE.add(
    "Normalization",
    "adapted axes",
    reals(5, 4),
    _adapted("Normalization", lambda g: g.uniform(0, 3, (20, 5, 4)), axis=(1, 2)),
)
TABLE.add("Normalization", "int", ids(4, high=9), _adapted("Normalization", lambda g: g.uniform(0, 3, (20, 4))))
TABLE.each(
    "Discretization",
    reals(4),
    {
        "int": {"bin_boundaries": [-0.5, 0.0, 0.5]},
        "one_hot": {"bin_boundaries": [-0.5, 0.0, 0.5], "output_mode": "multi_hot"},
        "count": {"bin_boundaries": [-0.5, 0.0, 0.5], "output_mode": "count"},
    },
)
TABLE.each("Discretization", reals(1), {"one_hot one": {"bin_boundaries": [-0.5, 0.0, 0.5], "output_mode": "one_hot"}})
TABLE.add(
    "Discretization", "adapted", reals(4), _adapted("Discretization", lambda g: g.uniform(-1, 1, (200, 4)), num_bins=5)
)
TABLE.add(
    "Discretization",
    "adapted few",
    reals(4),
    _adapted("Discretization", lambda g: g.uniform(-1, 1, (3, 1)), num_bins=4),
)
TABLE.each(
    "CategoryEncoding",
    ids(4, high=5),
    {
        "multi_hot": {"num_tokens": 5, "output_mode": "multi_hot"},
        "count": {"num_tokens": 5, "output_mode": "count"},
        "int64": {"num_tokens": 5, "output_mode": "multi_hot", "dtype": "float64"},
    },
)
TABLE.each("CategoryEncoding", ids(1, high=5), {"one_hot": {"num_tokens": 5, "output_mode": "one_hot"}})
TABLE.each("CategoryEncoding", ids(high=5), {"one_hot scalar": {"num_tokens": 5, "output_mode": "one_hot"}})
TABLE.add(
    "CategoryEncoding",
    "weights",
    (ids(4, high=5), reals(4)),
    lambda k, x, w: k.layers.CategoryEncoding(5, output_mode="count")(x, count_weights=w),
)
TABLE.add(
    "CategoryEncoding",
    "sparse",
    ids(4, high=5),
    lambda k, x: k.layers.CategoryEncoding(5, output_mode="multi_hot", sparse=True)(x),
)
vocabulary = ["a", "b", "c"]
for variant, arguments in {
    "int": {},
    "mask": {"mask_token": ""},
    "oov": {"num_oov_indices": 3},
    "no oov": {"num_oov_indices": 1, "oov_token": "?"},
    "multi_hot": {"output_mode": "multi_hot"},
    "count": {"output_mode": "count", "max_tokens": 6, "pad_to_max_tokens": True},
    "tf_idf": {"output_mode": "tf_idf", "idf_weights": [0.2, 0.4, 0.6]},
    "dtype": {"vocabulary_dtype": "string"} if False else {},
}.items():
    TABLE.add(
        "StringLookup",
        variant,
        words(3),
        lambda k, x, a=arguments: k.layers.StringLookup(vocabulary=vocabulary, **a)(x),
        **TF,
    )
TABLE.add(
    "StringLookup",
    "invert",
    ids(3, high=4, dtype="int64"),
    lambda k, x: k.layers.StringLookup(vocabulary=vocabulary, invert=True)(x),
    **TF,
)
TABLE.add(
    "StringLookup",
    "Embedding",
    words(3),
    lambda k, x: k.layers.Embedding(5, 3)(k.layers.StringLookup(vocabulary=vocabulary)(x)),
    **TF,
)
TABLE.add(
    "StringLookup",
    "mask Embedding",
    words(3),
    lambda k, x: k.layers.GlobalAveragePooling1D()(
        k.layers.Embedding(5, 3, mask_zero=True)(k.layers.StringLookup(vocabulary=vocabulary, mask_token="")(x))
    ),
    **TF,
)
numbers = [12, 36, 1]
for variant, arguments in {
    "int": {},
    "mask": {"mask_token": 0},
    "oov": {"num_oov_indices": 2},
    "one_hot": {"output_mode": "multi_hot"},
    "count": {"output_mode": "count"},
    "tf_idf": {"output_mode": "tf_idf", "idf_weights": [0.2, 0.4, 0.6]},
}.items():
    TABLE.add(
        "IntegerLookup",
        variant,
        ids(3, high=40, dtype="int64"),
        lambda k, x, a=arguments: k.layers.IntegerLookup(vocabulary=numbers, **a)(x),
        **TF,
    )
TABLE.add(
    "IntegerLookup",
    "invert",
    ids(3, high=4, dtype="int64"),
    lambda k, x: k.layers.IntegerLookup(vocabulary=numbers, invert=True)(x),
    **TF,
)
for variant, arguments in {
    "int": {},
    "length": {"output_sequence_length": 6},
    "multi_hot": {"output_mode": "multi_hot"},
    "count": {"output_mode": "count", "max_tokens": 6, "pad_to_max_tokens": True},
    "tf_idf": {"output_mode": "tf_idf", "idf_weights": [0.2, 0.4, 0.6]},
    "chars": {"split": "character", "standardize": "lower"},
    "none": {"split": None, "standardize": None},
    "ngrams": {"ngrams": 2, "output_mode": "count"},
}.items():
    TABLE.add(
        "TextVectorization",
        variant,
        words(1, of=("a b, c", "c C x", "b")),
        lambda k, x, a=arguments: k.layers.TextVectorization(vocabulary=vocabulary, **a)(x),
        **TF,
    )
TABLE.add(
    "TextVectorization",
    "Embedding",
    words(1, of=("a b, c", "c C x", "b")),
    lambda k, x: k.layers.GlobalAveragePooling1D()(
        k.layers.Embedding(9, 2)(k.layers.TextVectorization(vocabulary=vocabulary, output_sequence_length=4)(x))
    ),
    **TF,
)
TABLE.each(
    "Hashing",
    words(3),
    {
        "plain": {"num_bins": 5},
        "salt": {"num_bins": 5, "salt": [1, 2]},
        "one salt": {"num_bins": 5, "salt": 133},
        "mask": {"num_bins": 5, "mask_value": "a"},
        "one_hot": {"num_bins": 5, "output_mode": "multi_hot"},
    },
    **TF,
)
TABLE.each(
    "Hashing",
    ids(3, high=99, dtype="int64"),
    {"int": {"num_bins": 5}, "int count": {"num_bins": 5, "output_mode": "count"}},
    **TF,
)
TABLE.add("HashedCrossing", "plain", (words(1), words(1)), lambda k, a, b: k.layers.HashedCrossing(7)((a, b)), **TF)
TABLE.add(
    "HashedCrossing",
    "one_hot",
    (words(1), ids(1, dtype="int64")),
    lambda k, a, b: k.layers.HashedCrossing(7, output_mode="one_hot")((a, b)),
    **TF,
)
for name in ("Rescaling", "Normalization", "Identity"):
    arguments = {"Rescaling": {"scale": 0.5}, "Normalization": {"mean": 0.1, "variance": 2.0}, "Identity": {}}[name]
    TABLE.add(
        name,
        "masked",
        flags(5, 2),
        lambda k, x, n=name, a=arguments: k.layers.LSTM(3)(find(k, n)(**a)(k.layers.Masking(0)(x))),
    )


def _features(k: Any, number: Any, word: Any, code: Any) -> Any:
    import tensorflow as tf

    fc = tf.feature_column
    words_ = fc.categorical_column_with_vocabulary_list("word", ["a", "b", "c"])
    hashed = fc.categorical_column_with_hash_bucket("word", 5)
    columns = [
        fc.numeric_column("number", shape=(1,)),
        fc.bucketized_column(fc.numeric_column("number"), [-0.5, 0.0, 0.5]),
        fc.indicator_column(words_),
        fc.embedding_column(hashed, 3, combiner="sqrtn"),
        fc.embedding_column(fc.categorical_column_with_identity("code", 7), 2),
        fc.indicator_column(fc.categorical_column_with_vocabulary_list("code", [1, 3, 5])),
    ]
    return k.layers.DenseFeatures(columns)({"number": number, "word": word, "code": code})


TABLE.add("DenseFeatures", "columns", (reals(1), words(2), ids(2, dtype="int64")), _features, **TF)
TABLE.add(
    "Discretization",
    "float64",
    reals(3),
    lambda k, x: find(k, "Discretization")([0.0, 0.5], output_mode="multi_hot", dtype="float64")(x),
)
