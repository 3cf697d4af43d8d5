"""Alerts and dashboard ask for what is really measured, and each alert has its runbook."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house import ask
from tests.test_docs import anchors

ROOT = Path(__file__).parent.parent
OPERATIONS = ROOT / "docs/operations.md"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((ROOT / "deploy/grafana/telal.json").read_text())
QUESTIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]] + [
    annotation["expr"] for annotation in DASHBOARD["annotations"]["list"]
]
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
# What a question in PromQL consists of, other than metrics and labels.
FUNCTIONS = {"sum", "max", "min", "rate", "increase", "histogram_quantile", "vector"}
WORDS = {"by", "and", "or", "le"}
LABELS = {"job", "instance", "scope", "queue", "state", "lane", "outcome", "result", "le"}


@pytest.fixture
def measured(house):
    """What a running installation that has just told somebody something serves at /metrics, by the name of the series."""
    house.bound("measured", "06-23-1847/26")
    metrics = str(ask("GET", f"{house.url}/metrics").body)
    return {line.split("{")[0].split(" ")[0] for line in metrics.splitlines() if not line.startswith("#")} | {
        "up"
    }


def asked_for(question: str) -> set[str]:
    """The metrics in a question."""
    bare = re.sub(r'"[^"]*"|\[[^]]*\]|\$\w+', "", question)
    bare = re.sub(r"\bby \([^)]*\)|\{[^}]*\}", "", bare)
    return set(re.findall(r"[a-z_]\w+", bare)) - FUNCTIONS - WORDS


# A worker on another machine serves its own counters: with SQLite all are in one place.
@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_every_metric_that_is_asked_for_is_measured(measured):
    for question in [rule["expr"] for rule in RULES] + QUESTIONS:
        assert asked_for(question), question
        assert asked_for(question) <= measured, question


def test_every_question_is_well_formed():
    for question in [rule["expr"] for rule in RULES] + QUESTIONS:
        bare = re.sub(r'"[^"]*"', "", question)
        for opening, closing in ("()", "[]", "{}"):
            assert bare.count(opening) == bare.count(closing), question
        labels = re.findall(
            r"(\w+)\s*(?:=~|=|!=)\s*$", "\n".join(re.split(r'"[^"]*"', question)), re.MULTILINE
        )
        assert set(labels) <= LABELS, question


@EVERY_RULE
def test_every_alert_says_what_it_is_and_where_to_read_what_to_do(rule):
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"Telal[A-Z]\w+", rule["alert"])
    assert re.fullmatch(r"\d+[mh]", rule.get("for", "1m"))
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert {"summary", "description"} <= set(rule["annotations"])
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert ROOT / page == OPERATIONS
    assert anchor == rule["alert"].lower()
    assert anchor in anchors(OPERATIONS)


@EVERY_RULE
def test_every_runbook_is_complete(rule):
    runbook = re.split(r"^##", OPERATIONS.read_text().split(f"### {rule['alert']}\n")[1], flags=re.MULTILINE)[
        0
    ]
    for part in ("**Means**", "**Citizens notice**", "**See**", "**Over**"):
        assert part in runbook, part
    assert re.search(r"\*\*[Dd]o\*\*", runbook)


def test_no_two_alerts_or_panels_are_called_the_same():
    names = [rule["alert"] for rule in RULES] + [panel["title"] for panel in DASHBOARD["panels"]]
    assert len(set(names)) == len(names)
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
