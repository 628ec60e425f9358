"""What the files for Prometheus and Grafana speak of is what the system tells."""

import json
import re
from pathlib import Path

import yaml

from integration.flows.metrics import FIGURES
from integration.kinds import CATALOGUE

MONITORING = Path(__file__).parents[2] / "docs" / "monitoring"
NAME = re.compile(r"\bcvsync_\w+")
RULES = yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"][0]["rules"]
PANELS = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [target["expr"] for panel in PANELS for target in panel["targets"]]


def test_the_documented_list_is_the_list() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", (MONITORING / "metrics.md").read_text(), re.MULTILINE)

    assert rows == [
        (figure.name, ", ".join(f"`{label}`" for label in figure.labels) or "–", figure.says)
        for figure in FIGURES.values()
    ]


def test_rules_and_panels_ask_only_for_what_is_told() -> None:
    assert {name for expression in EXPRESSIONS for name in NAME.findall(expression)} <= set(FIGURES)


def test_rules_and_panels_group_and_choose_only_by_labels_that_are_there() -> None:
    for expression in EXPRESSIONS:
        known = {label for name in NAME.findall(expression) for label in FIGURES[name].labels} | {"job"}
        asked = {
            label.strip() for group in re.findall(r"\b(?:by|on) \((.*?)\)", expression) for label in group.split(",")
        } | set(re.findall(r"[{,]\s*(\w+)=", expression))
        assert asked <= known, expression


def test_a_rule_names_only_kinds_that_exist() -> None:
    named = {kind for expression in EXPRESSIONS for kind in re.findall(r'kind="([^"]+)"', expression)}

    assert named
    assert named <= set(CATALOGUE)


def test_every_rule_says_what_it_means_and_how_urgent_it_is() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) > 8
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert set(rule["annotations"]) == {"summary", "description"}


def test_panels_do_not_lie_on_each_other() -> None:
    covered: set[tuple[int, int]] = set()
    for panel in PANELS:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & covered, panel["title"]
        assert at["x"] + at["w"] <= 24
        covered |= cells
