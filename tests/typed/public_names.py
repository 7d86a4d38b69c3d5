"""Every public name, as a type checker sees it: part of `python -m mypy`, never run.

A wrong word carries an `ignore`, which is an error by itself where the word would be taken.
"""

from __future__ import annotations

from collections.abc import Mapping

import k2to3
from k2to3 import (
    BadConfig,
    Comparison,
    Composite,
    Config,
    Context,
    Damaged,
    Described,
    FileError,
    Finding,
    Graph,
    Inspection,
    K2to3Error,
    Layer,
    LayerRecord,
    Loaded,
    Native,
    NotEqual,
    NothingToDo,
    NotKeras2,
    ProofFailed,
    Refused,
    Report,
    Slots,
    Tensor,
    UnsafeFile,
    UnsupportedLayer,
    UnsupportedOption,
    UsageError,
    WeightMismatch,
    Writer,
    as_stored,
    rule,
)

ERRORS: tuple[type[K2to3Error], ...] = (
    BadConfig,
    Damaged,
    FileError,
    NotEqual,
    NothingToDo,
    NotKeras2,
    ProofFailed,
    Refused,
    UnsafeFile,
    UnsupportedLayer,
    UnsupportedOption,
    UsageError,
    WeightMismatch,
)
OBJECTS: Mapping[str, type] = {"Writer": Writer, "Slots": Slots, "Described": Described, "LayerRecord": LayerRecord}


def verbs() -> str:
    report: Report = k2to3.convert("old.h5", "new.keras", verify="outputs", judge="both", backend="jax", seed=1)
    report.save("report.html", overwrite=True)
    found: Inspection = k2to3.inspect("old.h5", treat_as={"MyDense": "Dense"})
    planned: Report = k2to3.plan("old.h5", min_keras="3.3")
    proved: Report = k2to3.verify("old.h5", "new.keras", tolerance=1e-4)
    compared: Comparison = k2to3.diff("old.h5", "new.keras", tolerance=0.0)
    model = k2to3.load_model("old.h5", custom_objects={"MyLayer": object}, compile=False, safe_mode=True, verify="none")
    k2to3.batch("models", "out", verify="weights", jobs=2)
    loaded: Loaded = k2to3.load_weights(model, "old.h5", partial=True)
    findings: list[Finding] = [*report.findings, *loaded.findings]
    return f"{found.convertible} {planned.ok} {proved.status} {compared.equal} {model} {findings} {k2to3.__version__}"


def wrong_words() -> None:
    k2to3.convert("old.h5", "new.keras", verify="ouputs")  # type: ignore[arg-type]
    k2to3.plan("old.h5", input_shap="3")  # type: ignore[call-arg]
    k2to3.inspect("old.h5", verify="outputs")  # type: ignore[call-arg]
    k2to3.verify("old.h5", "new.keras", judge="keras")  # type: ignore[arg-type]
    k2to3.batch("models", "out", jobs="two")  # type: ignore[arg-type]
    k2to3.load_model("old.h5", verify="all")  # type: ignore[arg-type]


def fields() -> tuple[str | None, ...]:
    try:
        k2to3.convert("old.h5", "new.keras")
    except K2to3Error as error:
        return error.message, error.file, error.layer, error.key, error.hint
    return ()


@rule("MyScale", slots=as_stored)
def my_scale(context: Context) -> Native | Composite:
    config: Config = context.config
    factor = float(config.take("factor", 1.0))

    def body(graph: Graph, inputs: Tensor, kwargs: Mapping[str, Tensor]) -> Tensor:
        return graph.op("numpy.Multiply", inputs, factor)

    return Native(Layer(context.name, "Identity")) if factor == 1.0 else Composite(body)  # type: ignore[arg-type]
