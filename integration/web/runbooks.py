"""The runbook of each kind of exception is read in the console too, beside what it is about."""

import re
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

MANUAL = Path(__file__).parents[1] / "manual"
CODE = re.compile(r"[a-z0-9-]{1,60}")
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
"""HTML inside a page is shown as text: nothing that is written there can become part of ours."""


def title(kind: str) -> str:
    """What the runbook is called: its first line, or the kind where there is no runbook."""
    text = _text(kind)
    return text.splitlines()[0].lstrip("# ") if text else kind


def runbook(kind: str, *, below: int = 1) -> Markup | None:
    """The runbook as HTML, or None where there is none; its first heading is left out, `title` is that.

    :param below: how many levels its other headings are lowered by, for the outline of the page around it.
    """
    text = _text(kind)
    if not text:
        return None
    tokens = MARKDOWN.parse(text.partition("\n")[2])
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + below - 1)}"
    return Markup(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}))  # noqa: S704 - html is off


@cache
def _text(kind: str) -> str | None:
    path = MANUAL / f"{kind}.md"
    return path.read_text() if CODE.fullmatch(kind) and path.is_file() else None
