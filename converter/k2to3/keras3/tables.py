"""Facts about Keras 3 classes, by release."""

from __future__ import annotations

# Layers without variables whose constructor takes no `trainable` in some release.
NO_TRAINABLE = frozenset(
    {
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "Discretization",
        "InputLayer",
        "CategoryEncoding",
        "Hashing",
        "HashedCrossing",
        "StringLookup",
        "IntegerLookup",
        "TextVectorization",
        "StackedRNNCells",
    }
)
NO_DTYPE = frozenset({"InputLayer", "StackedRNNCells"})
