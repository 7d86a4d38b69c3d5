"""What a plan says, as one text to compare: the archive's config, its variables, the findings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from k2to3.engine.plan import Plan
from k2to3.weights.expression import Constant, Expression


def constants(expression: Expression) -> Iterator[Constant]:
    if isinstance(expression, Constant):
        yield expression
    for part in getattr(expression, "parts", None) or [getattr(expression, "source", None)]:
        if isinstance(part, Expression):
            yield from constants(part)


def digest(plan: Plan) -> str:
    lines = [json.dumps(plan.config, sort_keys=True)]
    lines += [f"{group.path} {variable}" for group in plan.groups for variable in group.variables]
    values = [constant for group in plan.groups for v in group.variables for constant in constants(v)]
    lines += [str(constant.value.tolist()) for constant in values]
    lines += [f"{finding.kind} {finding.layer} {finding.text}" for finding in plan.findings]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
