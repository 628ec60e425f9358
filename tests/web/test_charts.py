"""A drawing is ours from the first to the last element, and says in a table what it shows in lines."""

import re
import sys

import pygal
import pytest
from lxml import etree

from integration.web import charts

FOREIGN = re.compile(r"<(script|style|defs|title|desc)\b|\sstyle=|\sid=|<!--|url\(")


@pytest.mark.parametrize("drawn", [
    charts.sparkline([1, None, 3, 2.5], "Freshness"), charts.sparkline([7], "One"),
    charts.bars(["orders", "stock"], [3, 0], "Backlog"), charts.bars([], [], "Empty"),
    charts.sparkline([], "Empty"), charts.sparkline([None, None], "Unknown"),
    charts.bars(["a"], [10**12], "Large"), charts.bars(["a", "b"], [0, 0], "Nothing"),
])  # fmt: skip
def test_a_drawing_is_well_formed_and_brings_neither_script_nor_style(drawn: str) -> None:
    etree.fromstring(drawn)
    assert FOREIGN.search(drawn) is None
    assert "role=\"img\"" in drawn
    assert "<details>" in drawn


def test_the_table_has_every_number_with_its_name() -> None:
    drawn = charts.sparkline([1, None, 1234.5], "Age", ["14:01", "14:02", "14:03"])
    rows = re.findall(r'<th scope="row">(.*?)</th><td class="number">(.*?)</td>', drawn)
    assert rows == [("14:01", "1"), ("14:02", "–"), ("14:03", "1,234.5")]
    assert 'aria-label="Age"' in drawn


def test_bars_are_read_from_above_with_their_numbers() -> None:
    drawn = charts.bars(["orders", "stock"], [3, 12], "Backlog")
    words = sorted((float(y), word) for y, word in re.findall(r'<text [^>]*y="([\d.]+)"[^>]*>([^<]*·[^<]*)<', drawn))
    assert [word for _, word in words] == ["orders · 3", "stock · 12"]
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"[^>]*class="rect', drawn)]
    assert sorted(widths)[0] * 3.9 < sorted(widths)[1]


def test_a_name_with_markup_or_control_characters_is_text() -> None:
    drawn = charts.bars(['<script>"&', "nul\0bell\x07"], [1, 2], "<b>")
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert "&lt;script&gt;" in drawn
    assert "nul?bell?" in drawn


def test_a_line_with_a_gap_is_drawn_with_a_gap() -> None:
    whole = charts.sparkline([1, 2, 3, 4, 5, 6], "x")
    broken = charts.sparkline([1, 2, None, 4, 5, 6], "x")
    assert whole.count("<path d=") == 1
    assert broken.count("<path d=") > 1 or broken.count("M") > whole.count("M")


def test_the_drawing_library_leaves_no_hook_in_the_imports_of_the_process() -> None:
    assert not [finder for finder in sys.meta_path if isinstance(finder, pygal.PluginImportFixer)]
