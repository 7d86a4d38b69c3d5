"""Layers of matterport's Mask R-CNN that compute what Keras's do."""

from __future__ import annotations

from dataclasses import replace

from k2to3.rules.language import Composite, Context, Native, rule
from k2to3.rules.normalization.normalization import batch_slots


@rule("mask_rcnn>BatchNorm", slots=batch_slots, origin="matterport's Mask R-CNN")
def batch_norm(context: Context) -> Native | Composite:
    """Mask R-CNN's BatchNorm: BatchNormalization, which may be frozen in training.

    Source: github.com/matterport/Mask_RCNN, mrcnn/model.py.
    """
    record = replace(context.record, class_name="BatchNormalization")
    # What they mean is read below.
    context.config.ignore(*context.config.keys())
    return context.convert(record, context.weights, context.inputs, context.name)
