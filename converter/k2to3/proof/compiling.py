"""Inside the worker, before JAX is imported: XLA compiles what runs once or twice, and had better be quick about it."""

from __future__ import annotations

import os

# Through MLIR a fused loop takes three times as long to compile; a module in 32 parts is compiled 32 times over.
CHEAP = ("--xla_cpu_use_fusion_emitters=false", "--xla_cpu_parallel_codegen_split_count=1")
# XLA ends the process at a flag that it does not know: both are there from the first of these to before the second.
KNOWN = ((0, 5, 3), (0, 11))


def compile_cheaply() -> None:
    """Add to `XLA_FLAGS` what this jaxlib knows; the results are those of any XLA, within rounding."""
    from jaxlib.version import __version__

    release = tuple(int(part) for part in __version__.split(".")[:3] if part.isdecimal())
    if KNOWN[0] <= release < KNOWN[1]:
        os.environ["XLA_FLAGS"] = " ".join([os.environ.get("XLA_FLAGS", ""), *CHEAP]).strip()
