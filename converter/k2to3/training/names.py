"""Losses and metrics: what Keras 2 wrote, and the class of Keras 3 that computes it.

Per class: the arguments that every Keras 3 from 3.3 on takes, besides `name` (and
`reduction` for losses).
"""

from __future__ import annotations

_CROSS = ("from_logits", "label_smoothing", "axis")
LOSSES: dict[str, tuple[str, ...]] = {
    "BinaryCrossentropy": _CROSS,
    "BinaryFocalCrossentropy": ("apply_class_balancing", "alpha", "gamma", *_CROSS),
    "CategoricalCrossentropy": _CROSS,
    "CategoricalFocalCrossentropy": ("alpha", "gamma", *_CROSS),
    "CategoricalHinge": (),
    "CosineSimilarity": ("axis",),
    "Hinge": (),
    "Huber": ("delta",),
    "KLDivergence": (),
    "LogCosh": (),
    "MeanAbsoluteError": (),
    "MeanAbsolutePercentageError": (),
    "MeanSquaredError": (),
    "MeanSquaredLogarithmicError": (),
    "Poisson": (),
    "SparseCategoricalCrossentropy": ("from_logits", "ignore_class"),
    "SquaredHinge": (),
}
# Function names and abbreviations of Keras 1 and 2, lower case without underscores.
ALIASES: dict[str, str] = {
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError",
    "bce": "BinaryCrossentropy",
    "kld": "KLDivergence",
    "kullbackleiblerdivergence": "KLDivergence",
    "huberloss": "Huber",
    "cosineproximity": "CosineSimilarity",
    "cosine": "CosineSimilarity",
}
_CONFUSION = ("thresholds",)
_AT = ("num_thresholds", "class_id")
METRICS: dict[str, tuple[str, ...]] = {
    "AUC": (
        "num_thresholds",
        "curve",
        "summation_method",
        "multi_label",
        "num_labels",
        "label_weights",
        "from_logits",
    ),
    "Accuracy": (),
    "BinaryAccuracy": ("threshold",),
    "BinaryCrossentropy": ("from_logits", "label_smoothing"),
    "BinaryIoU": ("target_class_ids", "threshold"),
    "CategoricalAccuracy": (),
    "CategoricalCrossentropy": _CROSS,
    "CategoricalHinge": (),
    "CosineSimilarity": ("axis",),
    "F1Score": ("average", "threshold"),
    "FBetaScore": ("average", "beta", "threshold"),
    "FalseNegatives": _CONFUSION,
    "FalsePositives": _CONFUSION,
    "Hinge": (),
    "IoU": ("num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis"),
    "KLDivergence": (),
    "LogCoshError": (),
    "Mean": (),
    "MeanAbsoluteError": (),
    "MeanAbsolutePercentageError": (),
    "MeanIoU": ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis"),
    "MeanSquaredError": (),
    "MeanSquaredLogarithmicError": (),
    "OneHotIoU": ("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis"),
    "OneHotMeanIoU": ("num_classes", "ignore_class", "sparse_y_pred", "axis"),
    "Poisson": (),
    "Precision": ("thresholds", "top_k", "class_id"),
    "PrecisionAtRecall": ("recall", *_AT),
    "R2Score": ("class_aggregation", "num_regressors"),
    "Recall": ("thresholds", "top_k", "class_id"),
    "RecallAtPrecision": ("precision", *_AT),
    "RootMeanSquaredError": (),
    "SensitivityAtSpecificity": ("specificity", *_AT),
    "SparseCategoricalAccuracy": (),
    "SparseCategoricalCrossentropy": ("from_logits", "axis"),
    "SparseTopKCategoricalAccuracy": ("k",),
    "SpecificityAtSensitivity": ("sensitivity", *_AT),
    "SquaredHinge": (),
    "Sum": (),
    "TopKCategoricalAccuracy": ("k",),
    "TrueNegatives": _CONFUSION,
    "TruePositives": _CONFUSION,
}
METRIC_ALIASES = {**ALIASES, "logcosh": "LogCoshError"}
METRIC_ALIASES.pop("huberloss")
# Keras chooses the class by the output's shape and the loss; both Kerases alike.
AUTOMATIC = frozenset({"accuracy", "acc", "crossentropy", "ce"})


def find(name: str, table: dict[str, tuple[str, ...]], aliases: dict[str, str]) -> str | None:
    """The Keras 3 class of a name in any of Keras 2's spellings."""
    plain = name.rsplit(">", 1)[-1].replace("_", "").lower()
    by_lower = {known.lower(): known for known in table}
    return aliases.get(plain) or by_lower.get(plain)
