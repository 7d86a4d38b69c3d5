"""Hints about a function that builds the model, which runs with tf-keras."""

from __future__ import annotations

from pathlib import Path

import k2to3
import pytest
from k2to3.errors import BadConfig, UsageError
from ways import file

pytestmark = pytest.mark.keras

CODE = """from keras.layers import Conv2D, Flatten
from keras.models import Sequential

def rows_first():
    return Sequential([Conv2D(4, 3, input_shape=(2, 6, 6), name="it")])

def channels_first():
    return Sequential([Conv2D(4, 3, input_shape=(2, 6, 6), data_format="channels_first", name="it")])
"""


def test_a_file_and_channels_first(tmp_path: Path) -> None:
    """No function is named, then one that takes channels for rows, then the right one."""
    (tmp_path / "net.py").write_text(CODE)
    weights = {"it": {"kernel": (3, 3, 2, 4), "bias": (4,)}}
    source = file(weights=weights, version="2.2.4", backend="theano", whole=False)(tmp_path)

    def convert(architecture: str) -> None:
        options = {"verify": "none", "backend_of_author": "theano"}
        k2to3.convert(source, tmp_path / "new.keras", architecture=tmp_path / architecture, **options)

    with pytest.raises(UsageError, match=r"is Python code .*file\.py:function"):
        convert("net.py")
    with pytest.raises(BadConfig, match=r"net\.py:rows_first failed.*data_format='channels_first'"):
        convert("net.py:rows_first")
    convert("net.py:channels_first")
