"""The words: every option with its type, its default and its help, grouped by what it is about.

A verb takes the groups that concern it as keywords (`**options: Unpack[ConvertOptions]`); the command
line makes its arguments, and the documentation its tables, from the same declarations.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import fields
from types import FunctionType
from typing import Annotated, Any, Literal, TypedDict, get_args, get_origin

from k2to3.dataclass import dataclass
from k2to3.limits import Limits

PathLike = str | os.PathLike[str]
Function = str | FunctionType
Vocabulary = PathLike | Sequence[str | int]
Level = Literal["none", "weights", "embedding", "outputs", "layers", "training"]
Judge = Literal["both", "specification", "tf-keras"]
AuthorsBackend = Literal["tensorflow", "theano", "cntk"]
Backend = Literal["auto", "tensorflow", "jax", "torch"]
Format = Literal["keras", "safetensors"]
SHARD_SIZE = 5_000_000_000
LIMITS = ", ".join(item.name for item in fields(Limits))


@dataclass(frozen=True)
class Word:
    """How an option is said and explained.

    `flag` is its name on the command line where that is not the Python name with dashes; a
    `repeated` one may be given several times; one that is not `spoken` exists in Python alone.
    """

    help: str
    default: Any = None
    metavar: str | None = None
    flag: str | None = None
    repeated: bool = False
    spoken: bool = True


class Rest(TypedDict, total=False):
    """what the file does not say, but for classes"""

    rules: Annotated[
        Sequence[PathLike] | PathLike,
        Word("Python file with your @k2to3.rule functions", (), "FILE", repeated=True),
    ]
    treat_as: Annotated[
        Mapping[str, str] | Sequence[str],
        Word("read class NAME by the rule of CLASS", (), "NAME=CLASS", repeated=True),
    ]
    lambdas: Annotated[
        Mapping[str, Function] | Sequence[str],
        Word(
            "the function of Lambda layer or activation NAME as Python over x, K, tf, np or ops; parsed, never run",
            (),
            "NAME=EXPR",
            flag="--lambda",
            repeated=True,
        ),
    ]
    lambda_globals: Annotated[
        Mapping[str, Any] | Sequence[str],
        Word(
            "a module global that a stored Lambda function uses",
            (),
            "NAME=VALUE",
            flag="--lambda-global",
            repeated=True,
        ),
    ]
    accept_noise_off: Annotated[
        bool, Word("sampling layers return their mean and forced dropout is off at inference", False)
    ]
    drop: Annotated[
        Sequence[str] | str,
        Word(
            "go without regularizer or constraint NAME, which is not Keras's own and changes training alone",
            (),
            "NAME",
            repeated=True,
        ),
    ]
    input_shape: Annotated[
        str | Sequence[int | None] | Sequence[str] | Mapping[str, str | Sequence[int | None]] | None,
        Word(
            "shape of one sample (? where free), for a Sequential model whose file does not tell, or for an InputLayer "
            "by name whose extents are open",
            (),
            "[NAME=]N,N,…",
            repeated=True,
        ),
    ]
    vocabularies: Annotated[
        Mapping[str, Vocabulary] | Sequence[str],
        Word(
            "vocabulary of a lookup layer whose file lacks it: one token a line",
            (),
            "LAYER=FILE",
            flag="--vocabulary",
            repeated=True,
        ),
    ]
    limits: Annotated[
        Mapping[str, int | str] | Sequence[str],
        Word(f"raise a limit on what a file may ask for: {LIMITS}", (), "NAME=N", flag="--limit", repeated=True),
    ]


class Own(Rest, total=False):
    """what the file does not say"""

    custom_objects: Annotated[
        PathLike | None, Word("module or .py file with your Keras 3 classes; run in a worker", metavar="MODULE")
    ]


class Architecture(TypedDict, total=False):
    """weights without an architecture"""

    architecture: Annotated[
        PathLike | None,
        Word(
            "for weights-only files: model.json, model.yaml, or file.py:function, your own code that builds the model",
            metavar="MODEL",
        ),
    ]
    keras_version: Annotated[
        str | None,
        Word(
            "which Keras wrote the weights, where the file does not say: 1.2.2, 2.2.4, or tf-1.15 for TensorFlow's",
            metavar="VERSION",
        ),
    ]
    backend_of_author: Annotated[
        AuthorsBackend | None,
        Word("what the weights were trained on, where the file does not say it or contradicts itself"),
    ]


class Form(TypedDict, total=False):
    """which Keras opens it"""

    min_keras: Annotated[str | None, Word("write a form that this Keras 3 opens too, or refuse", metavar="3.N")]


class Planning(Form, total=False):
    """what is written"""

    compile: Annotated[bool, Word("leave the optimizer, losses and metrics out", True, flag="--no-compile")]


class Cut(TypedDict, total=False):
    """a part of the model"""

    outputs: Annotated[
        Sequence[str] | str,
        Word(
            "cut the model to what the outputs of these layers need; LAYER:CALL:TENSOR (from 0) where a layer is "
            "called more than once or gives several tensors, MODEL/LAYER for a layer of a model inside",
            (),
            "LAYER,LAYER,…",
        ),
    ]


class OldestKeras(TypedDict, total=False):
    """what was written"""

    min_keras: Annotated[str | None, Word("as it was given to convert", metavar="3.N")]


class Proving(TypedDict, total=False):
    """the proof"""

    verify: Annotated[
        Level | None, Word("how far to prove (default: outputs, or as far as what is installed reaches)", None)
    ]
    judge: Annotated[
        Judge,
        Word(
            "who says what Keras 2 computes: our specification of the author's Keras, tf-keras, or both (default)",
            "both",
        ),
    ]
    backend: Annotated[
        Backend, Word("what Keras 3 runs on (default auto: the first that is installed, TensorFlow first)", "auto")
    ]
    tolerance: Annotated[float | None, Word("largest relative error (default 1e-5)", metavar="X")]
    token_ids: Annotated[Sequence[int] | str, Word("token IDs to try in every Embedding as well", (), "N,N,…")]
    seed: Annotated[int, Word("seed of all sampling (default 0)", 0, "N")]


class Recorded(TypedDict, total=False):
    """what the old Keras computed"""

    reference: Annotated[
        PathLike | None, Word("inputs in0… and outputs out0… recorded in the old Keras", metavar="NPZ")
    ]


class Writing(TypedDict, total=False):
    """files"""

    overwrite: Annotated[bool, Word("replace what exists, report included", False)]
    progress: Annotated[
        Callable[[int], None] | None, Word("called with the number of bytes written since the last call", spoken=False)
    ]
    phase: Annotated[
        Callable[[str], None] | None, Word("called with what begins now: plan, write, prove", spoken=False)
    ]


class ConvertOptions(Own, Architecture, Planning, Cut, Proving, Recorded, Writing, total=False):
    """of convert"""

    statistics: Annotated[
        bool, Word("record least, greatest, mean, deviation of every variable (a --report always does)", False)
    ]
    dry_run: Annotated[bool, Word("plan and print, write nothing", False)]
    shard_size: Annotated[int | str, Word("largest .safetensors file (default 5GB)", SHARD_SIZE, "SIZE")]


class LoadOptions(Rest, Architecture, Form, Cut, Proving, Recorded, total=False):
    """of load_model"""


class PlanOptions(Own, Architecture, Planning, Cut, total=False):
    """of plan"""


class VerifyOptions(Own, Architecture, Cut, Proving, Recorded, OldestKeras, total=False):
    """of verify"""

    statistics: Annotated[
        bool, Word("record least, greatest, mean, deviation of every variable (a --report always does)", False)
    ]


class InspectOptions(Own, Architecture, total=False):
    """of inspect"""


class DiffOptions(Own, Architecture, total=False):
    """of diff"""

    tolerance: Annotated[float, Word("largest difference that counts as equal", 0.0, "X")]


class LoadWeightsOptions(Own, Architecture, total=False):
    """of load_weights"""

    partial: Annotated[bool, Word("load what both sides have, and name the rest", False)]
    defaults_said: Annotated[
        bool, Word("the author's code said what the model says, where defaults have changed since", False)
    ]


class BatchOptions(Own, Planning, Proving, Writing, total=False):
    """of batch"""

    jobs: Annotated[int, Word("processes (default: all cores)", None, "N")]
    keep_suffix: Annotated[bool, Word("m.h5 becomes m.h5.keras, which m.hdf5 does not", False)]
    manifest: Annotated[
        PathLike | None,
        Word("files with options for each: .json, .csv or .toml (schemas/manifest.schema.json)", metavar="FILE"),
    ]
    include: Annotated[
        Sequence[str] | str, Word("only files whose name or place in the tree fits", (), "PATTERN", repeated=True)
    ]
    exclude: Annotated[Sequence[str] | str, Word("no files whose name or place fits", (), "PATTERN", repeated=True)]
    format: Annotated[Format, Word("what is written (default keras)", "keras")]
    timeout: Annotated[float | None, Word("seconds that one file may take", metavar="SECONDS")]
    memory: Annotated[
        int | str | None, Word("bytes that a proof, and all at a time, may use, such as 4GB", metavar="SIZE")
    ]
    fail_fast: Annotated[bool, Word("begin no other file once one failed", False)]
    only_failed: Annotated[bool, Word("only files that an earlier run did not finish", False)]
    dry_run: Annotated[bool, Word("plan and print, write nothing", False)]
    cluster: Annotated[
        str | None, Word("a cluster of Dask: the address of its scheduler, or local", metavar="tcp://HOST:PORT|local")
    ]
    work: Annotated[
        PathLike | None, Word("folder for the ledger of a DEST behind a URL (default k2to3-work)", metavar="FOLDER")
    ]
    executor: Annotated[
        Executor | None, Word("any executor of concurrent.futures, in place of processes of our own", spoken=False)
    ]


def hints_of(group: Any) -> Mapping[str, Any]:
    """The options of a verb or group as they are declared, with those that it takes over."""
    # Declared as objects, not as texts: to evaluate sixty texts takes longer than to read a small model.
    found: Mapping[str, Any] = group.__annotations__
    return found


def words(group: Any, *, own: bool = False) -> Iterator[tuple[str, Any, Word]]:
    """Name, type and word of every option of a verb or group, in the order of their declaration.

    `own`: without those that a verb takes over from the groups.
    """
    hints = hints_of(group)
    inherited = {name for other in groups(group) for name in hints_of(other)} if own else set()
    for name, hint in hints.items():
        if name not in inherited:
            kind, word = get_args(hint)
            yield name, kind, word


GROUPS = (Writing, Proving, Recorded, Architecture, Planning, Cut, OldestKeras, Own)


def groups(verb: Any) -> list[Any]:
    """The groups whose options a verb has."""
    hints = hints_of(verb)
    given = [(group, hints_of(group)) for group in GROUPS if group is not verb]
    return [group for group, own in given if all(hints.get(name) == hint for name, hint in own.items())]


def flag(name: str, word: Word) -> str:
    """How an option is said on the command line."""
    return word.flag or f"--{name.replace('_', '-')}"


def choices(kind: Any) -> tuple[str, ...] | None:
    """What an option may be, where it is one of a few words."""
    literals = [item for item in (kind, *get_args(kind)) if get_origin(item) is Literal]
    return get_args(literals[0]) if literals else None


def defaults(group: Any) -> dict[str, Any]:
    """Every option of a verb with its default."""
    return {name: word.default for name, _, word in words(group)}
