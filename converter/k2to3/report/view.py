"""What a record tells people, whatever it is shown as: a page or a comment of a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from k2to3.counting import counted
from k2to3.dataclass import dataclass
from k2to3.report.opening import opening
from k2to3.report.replay import replay
from k2to3.rules.listing import listed

Json = Mapping[str, Any]
GOOD, PART, BAD = "good", "part", "bad"
LEVELS = {
    "none": "nothing",
    "weights": "every variable, read again from the archive, equals its expression over the checkpoint",
    "embedding": "every Embedding on sample token IDs, bit for bit",
    "outputs": "whole-model outputs on seeded inputs",
    "layers": "every call of every layer, on the judge's own inputs",
    "training": "losses and weights after one and ten training steps",
}


@dataclass(frozen=True)
class Claim:
    """One level of the proof: whether it holds, and by what numbers."""

    state: str
    level: str
    text: str


@dataclass(frozen=True)
class Said:
    """Findings of one kind and text."""

    kind: str
    text: str
    layers: list[str]


@dataclass
class Row:
    """A layer of Keras 2 with what became of it; `path` names its nested models."""

    path: str
    class_name: str
    became: list[tuple[str, str]] = field(default_factory=list)
    findings: list[tuple[str, str]] = field(default_factory=list)
    variables: list[Json] = field(default_factory=list)
    weights: list[Json] = field(default_factory=list)
    rule: str | None = None
    """What Keras changed about the class."""

    @property
    def changed(self) -> bool:
        """Whether the layer is not simply there again."""
        return bool(self.findings) or any(not variable["exact"] for variable in self.variables)


@dataclass
class View:
    """Everything that is shown, in the order in which it is."""

    title: str
    state: str
    verdict: str
    facts: list[tuple[str, str]]
    claims: list[Claim] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    blockers: list[str] = field(default_factory=list)
    findings: list[Said] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    others: list[Json] = field(default_factory=list)
    """Variables that belong to no layer: those of the optimizer."""
    comparisons: list[Json] = field(default_factory=list)
    graphs: Json | None = None
    replay: list[str] = field(default_factory=list)


def view_of(record: Json) -> View:
    """The view of a conversion, a verification or an inspection."""
    found = _inspection(record) if record["schema"] == "k2to3-inspect-1" else _conversion(record)
    changed = what_changed()
    for row in found.rows:
        row.rule = changed.get(row.class_name)
    return found


def what_changed() -> dict[str, str]:
    """Class of Keras 2 → what Keras changed about it."""
    return {name: row["text"] for row in listed() for name in row["classes"]}


def _conversion(record: Json) -> View:
    arrow = f" → {record['target']}" if record["target"] else ""
    error = record["error"]
    rows, others = _rows(record)
    return View(
        title=f"{record['source']}{arrow}",
        state=BAD if error else GOOD if record["exit_code"] == 0 else PART,
        verdict=_verdict(record),
        facts=list(_facts(record)),
        claims=list(_claims(record)),
        open=record["not_proved"],
        blockers=[] if error is None else [_error(error)],
        findings=_grouped(record["findings"]),
        rows=rows,
        others=others,
        comparisons=[] if record["evidence"] is None else _comparisons(record["evidence"]),
        graphs=record["graph"],
        replay=replay(record),
    )


def _inspection(record: Json) -> View:
    rows = _with_findings(_old_rows(record["graph"]["old"] if record["graph"] else []), record["findings"])
    known = {row.path: row for row in rows}
    for layer in record["layers"]:
        row = known.get(layer["name"])
        if row is None:
            rows.append(row := Row(layer["name"], layer["class"]))
        row.weights = layer["weights"]
    _became(rows, record["graph"])
    facts = [("written by", record["writer"] or "unknown"), ("kind", record["kind"])]
    facts += [("layers", f"{len(record['layers'])}, {record['layers_in_all']} with those of nested models")]
    facts += [("parameters", f"{record['parameters']:,}"), ("compiled with", record["optimizer"] or "nothing")]
    facts += [(kind, ", ".join(names)) for kind, names in record["needs"].items()]
    return View(
        title=record["path"],
        state=GOOD if record["convertible"] else BAD,
        verdict="convertible" if record["convertible"] else "not convertible as it is",
        facts=facts,
        blockers=record["blockers"],
        findings=_grouped(record["findings"]),
        rows=rows,
        graphs=record["graph"],
    )


def _verdict(record: Json) -> str:
    if record["error"]:
        return f"{record['status']} (exit code {record['exit_code']}): {_error(record['error'])}"
    if record["status"] == "proved":
        evidence = record["evidence"]
        within = f", within {evidence['tolerance']:g}" if evidence and evidence["outputs"] else ""
        return f"proved to the level “{record['level']}”{within}: {LEVELS[record['level']]}"
    if record["status"] == "planned":
        return "planned: nothing was written"
    return f"converted, and not proved to the level “{record['level']}”" if record["exit_code"] else "converted"


def _error(error: Json) -> str:
    where = [f"layer {error['layer']!r}"] if error["layer"] else []
    where += [f"key {error['key']!r}"] if error["key"] else []
    text = f"{', '.join(where)}: {error['message']}" if where else str(error["message"])
    return f"{text} ({error['hint']})" if error["hint"] else text


def _facts(record: Json) -> Iterator[tuple[str, str]]:
    yield "written by", record["writer"] or "unknown"
    needs = record["requires"]
    if needs:
        because = f" ({'; '.join(needs['because'])})" if needs["because"] else ""
        yield (
            "opens in",
            f"Keras {needs['keras']} and later{because}, on {', '.join(needs['backends']) or 'no backend'}",
        )
    if call := opening(
        record["target"], record["status"], custom=any(f["kind"] == "custom" for f in record["findings"])
    ):
        yield "open it with", call
    for name, label in (("source", "checkpoint"), ("target", "archive")):
        size = f"{record[f'{name}_bytes']:,} bytes"
        digest = record[f"{name}_sha256"]
        if record[f"{name}_bytes"]:
            yield label, f"{size}, SHA-256 {digest}" if digest else size
    evidence = record["evidence"]
    if evidence:
        yield "proved on", f"Keras {evidence['keras']} on {evidence['backend']}, seed {evidence['seed']}"
        yield "reference", str(evidence["oracle"])
    yield "versions", ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in record["times"].items())
    yield "time", f"{record['seconds']:.1f} s" + (f" ({times})" if times else "")


def _claims(record: Json) -> Iterator[Claim]:
    weights, evidence = record["weights"], record["evidence"]
    if weights:
        equal = counted(weights["variables"], "variable")
        text = f"{equal} equal, {weights['copied']:,} of them bit-for-bit copies of a weight"
        yield Claim(GOOD, "weights", f"{LEVELS['weights']}: {text}")
    if not evidence:
        return
    for item in evidence["embeddings"]:
        tried = _few([str(number) for number in item["token_ids"]], 12)
        text = f"{item['name']}: {item['ids']} token IDs ({tried}), outputs and masks"
        yield Claim(GOOD if item["equal"] else BAD, "embedding", text + " equal bit for bit" * bool(item["equal"]))
    for level in ("outputs", "layers", "training"):
        if found := evidence[level]:
            yield _compared(level, found)


def _compared(level: str, found: Sequence[Json]) -> Claim:
    # None: rounding alone takes them as far apart, and the layers decided.
    decided = [item for item in found if item["equal"] is not None]
    worst = max((_relative(item) for item in decided), default=0.0)
    allowed = max(item["allowed"] / (item["scale"] or 1) for item in found)
    state = GOOD if all(item["equal"] for item in decided) else BAD
    compared = counted(len(found), "comparison")
    text = f"{LEVELS[level]}: {compared}, largest relative error {worst:.1e} of {allowed:.0e} allowed"
    return Claim(state, level, text)


def _relative(item: Json) -> float:
    return float(item["max_error"]) / float(item["scale"] or 1)


def _comparisons(evidence: Json) -> list[Json]:
    found: list[Json] = [{**item, "what": f"{item['feed']}, output {item['output']}"} for item in evidence["outputs"]]
    for item in evidence["layers"]:
        found.append({**item, "what": item["layer"]})
    for item in evidence["training"]:
        found.append({**item, "what": f"{item['what']} after step {item['step']}", "judge": "tf-keras"})
    return found


def _grouped(findings: Sequence[Json]) -> list[Said]:
    found: dict[tuple[str, str], list[str]] = {}
    for item in findings:
        found.setdefault((item["kind"], item["text"]), []).append(item["layer"])
    return [Said(kind, text, list(dict.fromkeys(layers))) for (kind, text), layers in found.items()]


def _rows(record: Json) -> tuple[list[Row], list[Json]]:
    graph = record["graph"]
    rows = _old_rows(graph["old"]) if graph else [Row(item["name"], item["class"]) for item in record["layers"]]
    _with_findings(rows, record["findings"])
    by_group: dict[str, list[Json]] = {}
    for variable in record["variables"]:
        by_group.setdefault(variable["path"].rpartition("/vars/")[0], []).append(variable)
    known = {row.path: row for row in rows}
    for path, node in _became(rows, graph):
        for group in node.get("vars", ()):
            known[path].variables += by_group.pop(group, [])
    for group, variables in list(by_group.items()):
        owner = known.get(variables[0]["layer"])
        if owner is not None:
            owner.variables += by_group.pop(group)
    return rows, [variable for variables in by_group.values() for variable in variables]


def _old_rows(nodes: Sequence[Json], prefix: str = "") -> list[Row]:
    found = []
    for node in nodes:
        path = f"{prefix}{node['name']}"
        found.append(Row(path, node["class"]))
        found += _old_rows(node.get("nodes", ()), f"{path}/")
    return found


def _with_findings(rows: list[Row], findings: Sequence[Json]) -> list[Row]:
    by_layer: dict[str, list[tuple[str, str]]] = {}
    for item in findings:
        by_layer.setdefault(item["layer"], []).append((item["kind"], item["text"]))
    for row in rows:
        row.findings = by_layer.get(row.path) or by_layer.get(row.path.rpartition("/")[2], [])
    return rows


def _became(rows: list[Row], graph: Json | None) -> list[tuple[str, Json]]:
    """Fill in what every layer became; old paths with the new nodes that stand for them."""
    known = {row.path: row for row in rows}
    found = [(path, node) for path, node in _traced(graph["new"] if graph else (), "", None) if path in known]
    for path, node in found:
        known[path].became.append((node["class"], node["name"]))
    return found


def _traced(nodes: Sequence[Json], prefix: str, whole: str | None) -> Iterator[tuple[str, Json]]:
    """New nodes with the path of the layer they come from; a nested model of Keras 3 alone lends its own."""
    for node in nodes:
        path = whole if node["from"] is None else f"{prefix}{node['from']}"
        if path is not None:
            yield path, node
        yield from _traced(node.get("nodes", ()), prefix if node["from"] is None else f"{path}/", path)


def _few(items: list[str], most: int) -> str:
    return ", ".join(items[:most]) + (f", … {len(items) - most} more" if len(items) > most else "")
