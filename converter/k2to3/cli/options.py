"""Options of every command that reads a checkpoint: what the user adds to the built-in rules."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import Any

from k2to3.limits import Limits

LIMITS = [item.name for item in fields(Limits)]

OWN: dict[str, Any] = {
    "rules": (),
    "treat_as": (),
    "custom_objects": None,
    "lambdas": (),
    "lambda_globals": (),
    "accept_noise_off": False,
    "drop": (),
    "input_shape": None,
    "vocabularies": (),
}


def own(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the user adds to the built-in rules, as the Python API calls it."""
    return {key: getattr(arguments, key, default) for key, default in OWN.items()}


def own_options(found: Any) -> None:
    found.add_argument(
        "--custom-objects", metavar="MODULE", help="module or .py file with your Keras 3 classes; run in a worker"
    )
    found.add_argument(
        "--rules", action="append", default=[], metavar="FILE", help="Python file with your @k2to3.rule functions"
    )
    found.add_argument(
        "--treat-as", action="append", default=[], metavar="NAME=CLASS", help="read class NAME by the rule of CLASS"
    )
    found.add_argument(
        "--lambda",
        dest="lambdas",
        action="append",
        default=[],
        metavar="NAME=EXPR",
        help="the function of Lambda layer or activation NAME as Python over x, K, tf, np or ops; parsed, never run",
    )
    found.add_argument(
        "--lambda-global",
        dest="lambda_globals",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a module global that a stored Lambda function uses",
    )
    found.add_argument(
        "--limit",
        dest="limits",
        action="append",
        default=[],
        metavar="NAME=N",
        help=f"raise a limit on what a file may ask for: {', '.join(LIMITS)}",
    )
    found.add_argument(
        "--accept-noise-off",
        action="store_true",
        help="sampling layers return their mean and forced dropout is off at inference",
    )
    found.add_argument(
        "--drop",
        action="append",
        default=[],
        metavar="NAME",
        help="go without regularizer or constraint NAME, which is not Keras's own and changes training alone",
    )
    found.add_argument(
        "--input-shape",
        metavar="N,N,…",
        help="shape of one sample (? where free), for a Sequential model whose file does not tell",
    )
    found.add_argument(
        "--vocabulary",
        dest="vocabularies",
        action="append",
        default=[],
        metavar="LAYER=FILE",
        help="vocabulary of a lookup layer whose file lacks it: one token a line",
    )
