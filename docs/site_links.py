"""Of the site: links that leave docs/ go to files of the repository, of which a site has none; their text stays."""

from __future__ import annotations

import re
from typing import Any


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    up = r"\.\./" * (page.file.src_uri.count("/") + 1)
    return re.sub(rf"\[([^\]]+)\]\({up}[^)]*\)", r"\1", markdown)
