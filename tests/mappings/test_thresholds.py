"""A retailer's own thresholds are read from its profile, and one that is left out is the public default."""

import shutil
from pathlib import Path

import pytest

from integration.rulebook import Rulebook, RulebookError
from integration.rulebook.retailer import Thresholds

MAPPINGS = Path(__file__).parents[2] / "mappings"
WHERE = "  calendar: england-and-wales\n"


def load(tmp_path: Path, thresholds: str) -> Rulebook:
    """The rulebook of the repository, with these thresholds in Northgate's profile."""
    folder = Path(shutil.copytree(MAPPINGS, tmp_path / "mappings"))
    profile = folder / "retailers" / "northgate.yaml"
    text = profile.read_text(encoding="utf-8")
    assert text.count(WHERE) == 1
    profile.write_text(text.replace(WHERE, f"{WHERE}  thresholds: {thresholds}\n"), encoding="utf-8")
    return Rulebook.load(folder)


def test_what_a_retailer_does_not_say_is_the_default(tmp_path: Path) -> None:
    rules = load(tmp_path, '{cancelled_by_us: "0.5"}')

    assert rules.retailers["northgate"].sla.thresholds == Thresholds(cancelled_by_us="0.5")
    assert rules.retailers["calder"].sla.thresholds == Thresholds()


@pytest.mark.parametrize(("thresholds", "said"), [
    ("{dispatched_in_time: 98}", "must be text; put it in quotes"),
    ('{dispatched_in_time: "101"}', "dispatched_in_time must be between 0 and 100"),
    ('{dispatched_in_time: "many"}', "must be a number in quotes"),
    ('{on_time: "98"}', "is not a known key"),
    ('["98"]', "must be a mapping"),
    ("null", "must be a mapping"),
])  # fmt: skip
def test_a_threshold_that_cannot_be_is_found_with_its_place(tmp_path: Path, thresholds: str, said: str) -> None:
    with pytest.raises(RulebookError, match=said) as refused:
        load(tmp_path, thresholds)

    assert "sla, thresholds" in str(refused.value)
