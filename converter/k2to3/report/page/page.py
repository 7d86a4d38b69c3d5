"""A record as one HTML page that opens from disk.

Its policy lets nothing load and runs one script, named by its hash. Text of a file is escaped where it is markup, and
stands in a block of data, in which no tag can end, where the script reads it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files
from typing import Any

from k2to3.counting import counted, shortened
from k2to3.printable import printable
from k2to3.report.page.parts import comparisons, layer, variables
from k2to3.report.view import View, view_of

Json = Mapping[str, Any]
KEYS = (
    "Drag or arrow keys move; + and −, or Ctrl and the wheel, zoom; 0 shows all; n and p go from layer to layer; "
    "a click or Enter unfolds a nested model. The list below says the same in words."
)
BUTTONS = {"in": "Zoom in", "out": "Zoom out", "fit": "Show all", "unfold": "Unfold all", "fold": "Fold all"}
LABELS = {"good": "holds", "bad": "fails", "part": "open"}


def page(record: Json) -> str:
    """The record of a conversion, a verification or an inspection, as HTML."""
    view = view_of(record)
    style, script = _asset("style.css"), _asset("script.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>k2to3: {text(view.title)}</title><style>{style}</style></head><body>",
            '<a class="skip" href="#layers-title">To the layers</a><main>',
            *_body(view),
            f'</main><script type="application/json" id="graphs">{_data(view.graphs)}</script>',
            f"<script>{script}</script></body></html>\n",
        ]
    )


def framed(found: str) -> str:
    """A page inside of another, as a notebook shows it: a frame of its own, which reaches nothing around it."""
    frame = 'sandbox="allow-scripts" width="100%" height="720" title="report of k2to3"'
    return f'<iframe srcdoc="{escape(found)}" {frame}></iframe>'


def text(value: object) -> str:
    """Any text as a text of HTML, with nothing invisible in it."""
    return escape(printable(str(value)))


def _body(view: View) -> Iterator[str]:
    yield f"<h1>{text(view.title)}</h1>"
    yield f'<p class="verdict {view.state}" role="status">{text(view.verdict)}</p>'
    yield "<dl>" + "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in view.facts) + "</dl>"
    yield from _list("What blocks", view.blockers, "bad", "blocks")
    claims = [(claim.state, claim.level, claim.text) for claim in view.claims]
    claims += [("part", "not proved", line) for line in view.open]
    if claims:
        yield '<h2>What is proved</h2><ul class="plain">'
        for state, level, line in claims:
            yield f'<li class="{state}"><span class="tag">{LABELS[state]}: {text(level)}</span>{text(line)}</li>'
        yield "</ul>"
    yield from comparisons(view.comparisons, text)
    yield from _findings(view)
    yield from _graphs(view)
    yield from _layers(view)
    if view.others:
        others = counted(len(view.others), "variable")
        yield f"<h2>Training state</h2><details><summary>{others} of the optimizer</summary>"
        yield f"{variables(view.others, text)}</details>"
    if view.replay:
        yield "<h2>Do it again</h2><pre>" + "\n".join(text(line) for line in view.replay) + "</pre>"


def _list(title: str, lines: list[str], state: str, label: str) -> Iterator[str]:
    if lines:
        yield f'<h2>{title}</h2><ul class="plain">'
        yield from (f'<li class="{state}"><span class="tag">{label}</span>{text(line)}</li>' for line in lines)
        yield "</ul>"


def _findings(view: View) -> Iterator[str]:
    if not view.findings:
        return
    yield '<h2>What changes</h2><ul class="plain">'
    for said in view.findings:
        names = shortened(filter(None, said.layers), 4)
        label = f"<b>{text(names)}:</b> " if names else ""
        yield f'<li><span class="tag {text(said.kind)}">{text(said.kind)}</span>{label}{text(said.text)}</li>'
    yield "</ul>"


def _graphs(view: View) -> Iterator[str]:
    if not view.graphs:
        return
    yield '<h2 id="graph-title">The graph, old beside new</h2>'
    yield f'<p class="soft" id="keys">{KEYS}</p><div class="bar">'
    yield from (f'<button type="button" data-do="{do}">{label}</button>' for do, label in BUTTONS.items())
    yield '</div><p id="said" class="soft" role="status" aria-live="polite"></p><div class="panes">'
    for side, label in (("old", "Keras 2"), ("new", "Keras 3")):
        if view.graphs.get(side):
            yield f'<figure><figcaption>{label}</figcaption><svg class="graph" id="graph-{side}" role="img"'
            yield f' tabindex="0" aria-label="graph of {label}" aria-describedby="keys"></svg></figure>'
    yield "</div>"


def _layers(view: View) -> Iterator[str]:
    changed = sum(row.changed for row in view.rows)
    yield f'<h2 id="layers-title">Layers ({len(view.rows):,}, {changed:,} changed)</h2>'
    if not view.graphs:
        yield '<p id="said" class="soft" role="status" aria-live="polite"></p>'
    yield '<div class="bar"><label for="search">Search</label><input type="search" id="search" '
    yield 'placeholder="name or class; Enter shows it in the graph">'
    yield '<label><input type="checkbox" id="only"> only what changed</label></div><div role="list" id="layers">'
    yield from (layer(row, text, shown=bool(view.graphs)) for row in view.rows)
    yield "</div>"


def _data(graphs: Json | None) -> str:
    found = json.dumps(_shown(graphs or {}), separators=(",", ":"), ensure_ascii=True)
    return found.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: _shown(item) for key, item in value.items() if item is not None and key != "vars"}
    return [_shown(item) for item in value] if isinstance(value, list) else value


def _asset(name: str) -> str:
    return files("k2to3.report.page").joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
