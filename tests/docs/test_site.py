"""The pages as a site: strict, so that a broken link, a lost anchor or a page that no menu names fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

ROOT = Path(__file__).resolve().parents[2]


def _built(folder: Path, docs: Path) -> Path:
    config = load_config(str(ROOT / "mkdocs.yml"), docs_dir=str(docs), site_dir=str(folder / "site"), strict=True)
    build(config)
    return folder / "site"


def test_every_page_and_nothing_from_elsewhere(tmp_path: Path) -> None:
    site = _built(tmp_path, ROOT / "docs")
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert pages <= {path.relative_to(site) for path in site.rglob("*.html")}
    for page in pages:
        loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?:[^"]+)', (site / page).read_text("utf-8"))
        assert not loaded, f"{page} loads {loaded}"


@pytest.mark.parametrize("line", ["[lost](no_such_page.md)", "[lost](proof.md#no-such-heading)"])
def test_a_broken_link_fails(tmp_path: Path, line: str) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for path in (ROOT / "docs").rglob("*"):
        if path.suffix in (".md", ".png", ".py"):
            (docs / path.relative_to(ROOT / "docs")).parent.mkdir(exist_ok=True)
            (docs / path.relative_to(ROOT / "docs")).write_bytes(path.read_bytes())
    with (docs / "report.md").open("a", encoding="utf-8") as page:
        page.write(f"\n{line}\n")
    with pytest.raises(Abort):
        _built(tmp_path, docs)
