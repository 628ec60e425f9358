"""Numbers that people compare are drawn, and the same numbers stand in a table for those who read rather than look."""

import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pygal
from lxml import etree
from markupsafe import Markup
from pygal.style import Style

# It looks for plug-ins of its own at every import of the process, in a way that Python gives up; we have none.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

Number = int | float | None
BARE: dict[str, Any] = {"js": (), "css": (), "show_legend": False, "show_y_guides": False, "show_x_guides": False}
LARGER = Style(label_font_size=13)
"""pygal leaves as much room for words as this needs; how they look is the business of our style sheet."""
NOT_OURS = ("defs", "title", "desc")
"""Parts of a drawing that a page of ours may not carry, for its CSP refuses them, or that say nothing."""
NO_TEXT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML can hold."""


def sparkline(values: Sequence[Number], label: str, moments: Sequence[str] = ()) -> Markup:
    """A small line without axes. `label` says what it shows; its table has `moments`, or numbers, in front."""
    return _sparkline(tuple(values), label, tuple(moments))


def bars(labels: Sequence[str], values: Sequence[Number], label: str) -> Markup:
    """A bar for each of `labels`, the first at the top. `label` says what they show."""
    largest = max([1, *(value for value in values if value is not None)])
    chart = pygal.HorizontalBar(
        **BARE, width=280, height=16 + 26 * max(1, len(values)), margin=4, spacing=4, style=LARGER,
        range=(0, largest), zero=0, show_x_labels=False,
    )  # fmt: skip
    # pygal draws them from below; people read from above.
    names = [NO_TEXT.sub("?", name)[:24] for name in labels]
    chart.x_labels = [f"{name} · {_shown(value)}" for name, value in zip(names, values, strict=True)][::-1]
    chart.add("", list(reversed(values)))
    return _figure("chart bars", chart, labels, values, label)


@lru_cache(maxsize=256)
def _sparkline(values: tuple[Number, ...], label: str, moments: tuple[str, ...]) -> Markup:
    # A drawing takes ten milliseconds, a page has a dozen of them, and what they show changes once a minute.
    chart = pygal.Line(
        **BARE, width=240, height=40, margin=3, spacing=0, show_dots=len(values) == 1, allow_interruptions=True,
        show_x_labels=False, show_y_labels=False,
    )  # fmt: skip
    chart.add("", list(values))
    names = moments or [str(number) for number in range(1, len(values) + 1)]
    return _figure("chart sparkline", chart, names, values, label)


def _figure(css: str, chart: Any, names: Sequence[str], values: Sequence[Number], label: str) -> Markup:
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td class="number">{}</td></tr>').format(name, _shown(value))
        for name, value in zip(names, values, strict=True)
    )
    return Markup(
        '<figure class="{}"><div role="img" aria-label="{}">{}</div><details><summary>As a table</summary>'
        "<table><caption>{}</caption><tbody>{}</tbody></table></details></figure>"
    ).format(css, label, _drawn(chart, values), label, rows)


def _drawn(chart: Any, values: Sequence[Number]) -> Markup:
    if all(value is None for value in values):
        return Markup("<p>No numbers yet.</p>")
    drawing = chart.render_tree()
    for part in list(drawing.iter()):
        overlay = "overlay" in str(part.get("class", "")).split() or "tooltip-overlay" in str(part.get("class", ""))
        if part.tag is etree.Comment or part.tag in NOT_OURS or overlay:
            part.getparent().remove(part)
        elif part.tag is not etree.Comment:
            part.attrib.pop("style", None)
            part.attrib.pop("id", None)
    # The words of the drawing were escaped by the library that writes the XML.
    return Markup(etree.tostring(drawing, encoding="unicode"))  # noqa: S704 - escaped, as said above


def _shown(value: Number) -> str:
    return "–" if value is None else f"{value:,.10g}"
