"""Which Keras 3 layers and constructor keys exist since when.

Read from the constructors of 3.3.3, 3.4.1, ... 3.13.0, 3.15.1 (`tests/keras3/keras3_keys.tsv`
holds them all). Only what came after the oldest release that k2to3 declares is listed.
"""

from __future__ import annotations

OLDEST_MINOR = 3
"""Keras 3.0 to 3.2 fail on nested models at an output and on states of Bidirectional."""
NEWEST_MINOR = 15

NEW_CLASSES: dict[str, int] = {
    "Equalization": 8,
    "Pipeline": 6,
    "RMSNormalization": 9,
    "RandomErasing": 9,
    "RandomShear": 8,
    "STFTSpectrogram": 7,
}
NEW_KEYS: dict[tuple[str, str], int] = {
    ("InputLayer", "optional"): 4,
    ("MultiHeadAttention", "seed"): 4,
    ("MultiHeadAttention", "flash_attention"): 7,
    ("ZeroPadding1D", "data_format"): 5,
    ("RandomBrightness", "data_format"): 6,
    ("RandomContrast", "data_format"): 6,
    ("RandomFlip", "data_format"): 6,
    ("RandomContrast", "value_range"): 8,
    ("Resizing", "antialias"): 9,
    ("StringLookup", "oov_method"): 15,
    ("StringLookup", "salt"): 15,
    ("IntegerLookup", "oov_method"): 15,
    ("IntegerLookup", "salt"): 15,
    ("BatchNormalization", "renorm"): 15,
}
# Wrappers ask the layer inside for its output shape, which a model can tell since 3.4.
ASKS_FOR_SHAPES = frozenset({"TimeDistributed"})
# `compute_mask` turned a symbolic mask into a tensor and failed: 3.4 to 3.6.
MASKED_SINCE = {"Attention": 7, "AdditiveAttention": 7}
# Classes that need TensorFlow's string and lookup operations, whatever the backend.
TENSORFLOW_ONLY = frozenset({"StringLookup", "TextVectorization", "Hashing", "HashedCrossing"})
