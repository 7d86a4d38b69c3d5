"""Parts of the page: a layer, its variables, the plot of the comparisons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import log10
from typing import Any

from k2to3.counting import counted
from k2to3.report.view import Row

Json = Mapping[str, Any]
Text = Callable[[object], str]
CODE = re.compile(r"`([^`]+)`")
MOST = 60
"""Comparisons in the plot, the worst first."""
LEAST, WIDTH, LEFT, LINE = -9.0, 760, 330, 18
"""Of the plot: its lowest power of ten, and pixels."""


def layer(row: Row, text: Text, *, shown: bool) -> str:
    """One layer: in a line what became of it, folded away how and why."""
    more = f" + {len(row.became) - 3}" if len(row.became) > 3 else ""
    became = ", ".join(kind for kind, _ in row.became[:3]) + more
    arrow = f' <span aria-label="became">→</span> {text(became)}' if became else ""
    kinds = [text(kind) for kind in dict.fromkeys(kind for kind, _ in row.findings)]
    tags = "".join(f' <span class="tag {kind}">{kind}</span>' for kind in kinds)
    head = f'<b>{text(row.path)}</b> <span class="soft">{text(row.class_name)}{arrow}</span>{tags}'
    changed = ' data-changed="1"' if row.changed else ""
    inner = f"<summary>{head}</summary><div>{''.join(_inside(row, text, shown))}</div>"
    return f'<div role="listitem" data-path="{text(row.path)}"{changed}><details>{inner}</details></div>'


def _inside(row: Row, text: Text, shown: bool) -> Iterator[str]:
    if shown:
        yield '<button type="button" data-show="1">Show in the graph</button>'
    facts = [("what Keras changed", CODE.sub(r"<code>\1</code>", text(row.rule)))] if row.rule else []
    facts += [(kind, text(said)) for kind, said in row.findings]
    if row.became:
        facts.append(("became", text(", ".join(f"{kind} “{name}”" for kind, name in row.became))))
    if row.variables:
        facts.append(("why it is exact", text(_why(row))))
    yield "<dl>" + "".join(f"<dt>{text(name)}</dt><dd>{said}</dd>" for name, said in facts) + "</dl>"
    if row.variables:
        yield variables(row.variables, text)
    if row.weights:
        yield _weights(row.weights, text)


def _why(row: Row) -> str:
    derived = sum(not variable["exact"] for variable in row.variables)
    copied = len(row.variables) - derived
    said = []
    if copied:
        said.append(f"{copied} copied from stored weights, bit for bit")
    if derived:
        said.append(f"{derived} computed from stored weights by the expression below, which undoes what Keras changed")
    return "variables: " + "; ".join(said)


def variables(found: Sequence[Json], text: Text) -> str:
    """A table of variables: where each comes from, and what its values look like."""
    known = any(variable.get("statistics") for variable in found)
    numbers = ("min", "max", "mean", "std", "zeros", "not finite") if known else ()
    head = "".join(f"<th>{name}</th>" for name in ("variable of Keras 3", "from", "shape", "type", "copy"))
    head += "".join(f'<th class="n">{name}</th>' for name in numbers)
    rows = "".join(f"<tr>{''.join(_cells(variable, text, known))}</tr>" for variable in found)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _cells(variable: Json, text: Text, known: bool) -> Iterator[str]:
    yield f'<td class="mono">{text(variable["path"])}</td><td class="mono">{text(variable["from"])}</td>'
    yield f"<td>{text(_shape(variable['shape']))}</td><td>{text(variable['dtype'])}</td>"
    yield f"<td>{'bit for bit' if variable['exact'] else 'computed'}</td>"
    if known:
        found = variable.get("statistics") or {}
        for name in ("min", "max", "mean", "std"):
            value = found.get(name)
            yield f'<td class="n">{"–" if value is None else f"{value:.4g}"}</td>'
        for name in ("zeros", "nonfinite"):
            yield f'<td class="n">{found.get(name, "–")}</td>'


def _weights(found: Sequence[Json], text: Text) -> str:
    cells = ((item["name"], _shape(item["shape"]), item["dtype"]) for item in found)
    rows = "".join(f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>" for row in cells)
    head = "<tr><th>weight</th><th>shape</th><th>type</th></tr>"
    return f'<div class="wide"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape)) or "scalar"


def comparisons(found: Sequence[Json], text: Text) -> Iterator[str]:
    """A plot of the relative error of every comparison, on a logarithmic scale, with what was allowed."""
    if not found:
        return
    worst = sorted(found, key=_relative, reverse=True)[:MOST]
    height, most = LINE * len(worst) + 24, f", the {MOST} worst" if len(found) > MOST else ""
    yield '<h2>Errors</h2><p class="soft">Largest difference relative to the largest output of '
    yield f"{counted(len(found), 'comparison')}{most}; dashed: what is allowed.</p>"
    label = f"relative errors, the largest {_relative(worst[0]):.1e}"
    yield f'<div class="wide"><svg class="plot" width="{WIDTH}" height="{height}" role="img" aria-label="{label}">'
    for number, item in enumerate(worst):
        yield from _bar(item, number * LINE, text)
    allowed = max(float(item["allowed"]) / float(item["scale"] or 1) for item in worst)
    x = LEFT + _x(allowed)
    yield f'<line x1="{x:.0f}" x2="{x:.0f}" y1="0" y2="{height - 20}"></line>'
    yield f'<text x="{x:.0f}" y="{height - 6}" text-anchor="middle">{allowed:.0e}</text></svg></div>'


def _bar(item: Json, y: int, text: Text) -> Iterator[str]:
    error, state = _relative(item), "bad" if item["equal"] is False else "good"
    what = f"{str(item['what'])[:48]} ({str(item.get('judge', 'layer'))[:20]})"
    yield f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{text(what)}</text>'
    yield f'<rect class="{state}" x="{LEFT}" y="{y + 3}" width="{_x(error):.0f}" height="{LINE - 6}"></rect>'
    yield f'<text x="{LEFT + _x(error) + 4:.0f}" y="{y + 13}">{f"{error:.1e}" if error else "0, equal"}</text>'


def _relative(item: Json) -> float:
    return float(item["max_error"]) / float(item["scale"] or 1)


def _x(value: float) -> float:
    """Pixels of an error: from 1e-9 at the left to 1 at the right."""
    if value <= 0:
        return 0.0
    return (min(0.0, max(LEAST, log10(value))) - LEAST) / -LEAST * (WIDTH - LEFT - 60)
