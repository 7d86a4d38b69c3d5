"""Inside the worker: whether the author's Bidirectional gave zeros at masked steps; tf-keras does as later releases."""

from __future__ import annotations

from typing import Any

from k2to3.errors import NotSpecified
from k2to3.keras2.model import Model
from k2to3.keras2.parse import layers_of
from k2to3.proof.keras2.author import Author, read_author
from k2to3.proof.keras2.catalogue import Builder
from k2to3.proof.keras2.misreadings import misreadings
from k2to3.proof.keras2.recurrent.bidirectional import Bidirectional
from k2to3.proof.told import authors_model
from k2to3.sources.author import read_writer

Job = dict[str, Any]


def zeroed_by(job: Job) -> dict[str, bool]:
    """Which Bidirectionals give zeros at masked steps, as far as the file tells who wrote it."""
    writer = read_writer(job["author"])
    model = authors_model(job["stored_config"], job["model_config"], writer)
    names = [item["name"] for items in job["groups"].values() for item in items]
    config = {"layers": [{"class_name": each.class_name, "config": each.config} for each in layers_of(model)]}
    try:
        with misreadings([]):
            return zeroed_steps(model, read_author(writer, config, names))
    except NotSpecified:
        return {}


def zeroed_steps(model: Model, author: Author) -> dict[str, bool]:
    """Name of a Bidirectional → whether its author's Keras gives zeros at masked steps.

    One whose two directions differ, or that the specification has no entry for, is left out.
    """
    found: dict[str, bool] = {}
    for record in layers_of(model):
        if record.class_name != "Bidirectional":
            continue
        try:
            layer = Builder(author).record(record)
            assert isinstance(layer, Bidirectional)
            flags = {layer.forward.zeroes_now(), layer.backward.zeroes_now()}
        except NotSpecified:
            continue
        if len(flags) == 1:
            found[record.name] = flags.pop()
    return found
