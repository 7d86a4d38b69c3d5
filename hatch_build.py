"""The README as a package index shows it, where a link to a file of the repository would lead nowhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"\[([^\]]+)\]\((?!https?://|#)([^)]+)\)")
NOTE = "Files that are named here (`docs/…`, `fixtures/…`) are in the source distribution of the same version."


class CustomMetadataHook(MetadataHookInterface):
    """Fills in `readme`."""

    def update(self, metadata: dict[str, Any]) -> None:
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": shown(readme)}


def shown(readme: str) -> str:
    """Without a link to a file."""
    title, _, rest = readme.partition("\n")
    return f"{title}\n\n{NOTE}\n{LINK.sub(_named, rest)}"


def _named(link: re.Match[str]) -> str:
    label, target = link.groups()
    return f"`{target}`" if label.rstrip("/") == target.rstrip("/") else f"{label} (`{target}`)"
