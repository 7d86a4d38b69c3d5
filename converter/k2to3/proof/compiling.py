"""Inside the worker: what frameworks write before they compute, for models that run three or four times.

For such a model it takes longer than the computing to draw loops together and to write machine code for the latest
processor. Graphs are rearranged all the same, as those of `predict` are: without it an LSTM was off by 12 roundings.
Nothing here changes what is computed, beyond the last bit.
"""

from __future__ import annotations

import os
from typing import Any

# Through MLIR a fused loop takes three times as long to compile; a module in 32 parts is compiled 32 times over.
CHEAP = ("--xla_cpu_use_fusion_emitters=false", "--xla_cpu_parallel_codegen_split_count=1")
# XLA ends the process at a flag that it does not know: both are there from the first of these to before the second.
KNOWN = ((0, 5, 3), (0, 11))
SMALL = 4 << 20
"""Bytes of an archive whose matrices are too small for the width of a processor to matter."""


def compile_cheaply() -> None:
    """Add to `XLA_FLAGS` what this jaxlib knows, before JAX is imported."""
    from jaxlib.version import __version__

    release = tuple(int(part) for part in __version__.split(".")[:3] if part.isdecimal())
    if KNOWN[0] <= release < KNOWN[1]:
        os.environ["XLA_FLAGS"] = " ".join([os.environ.get("XLA_FLAGS", ""), *CHEAP]).strip()


def multiply_plainly(job: dict[str, Any]) -> None:
    """Let a small model run on matrix products that are soon written.

    Before TensorFlow's first operation. oneDNN writes these products anew in every process, those for AVX-512 in five
    times the time; where it does more than products (`TF_ENABLE_ONEDNN_OPTS`), it is left alone.
    """
    products = job["backend"] == "tensorflow" and os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0"
    if products and os.path.getsize(job["archive"]) < SMALL:
        os.environ["ONEDNN_MAX_CPU_ISA"] = "SSE41"
