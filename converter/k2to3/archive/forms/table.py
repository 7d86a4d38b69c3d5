"""The table of forms, of which the name of the target chooses one."""

from __future__ import annotations

from pathlib import Path

from k2to3.archive.forms.form import Form
from k2to3.archive.forms.keras import KERAS
from k2to3.archive.forms.safetensors import SAFETENSORS
from k2to3.archive.forms.weights_h5 import WEIGHTS_H5
from k2to3.errors import UsageError

FORMS = (KERAS, SAFETENSORS, WEIGHTS_H5)


def form_of(target: Path) -> Form:
    """The form of a target that is to be written.

    Raises:
        UsageError: another ending.
    """
    for form in FORMS:
        if target.name.endswith(form.ending) and target.name != form.ending:
            return form
    *most, last = (form.ending for form in FORMS)
    raise UsageError(
        f"the target must end in {', '.join(most)} or {last}, not as {target.name!r} does",
        hint="it is the file to write; several checkpoints at once are for k2to3 batch",
    )


def form_of_existing(target: Path) -> Form:
    """The form of a file that an earlier conversion wrote.

    Raises:
        UsageError: another ending.
    """
    found = next((form for form in FORMS if target.name.endswith(form.endings)), None)
    return form_of(target) if found is None else found
