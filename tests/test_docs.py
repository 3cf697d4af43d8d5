"""The documentation keeps up with the code."""

import re
from pathlib import Path

import pytest

from telal.cases.statuses import OUTCOMES
from telal.retention.classes import CLASSES

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
OPERATIONS = (ROOT / "docs/operations.md").read_text()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    for link in re.findall(r"(?<!!)\[[^]]+\]\((?!https?:)([^)]+)\)", page.read_text().replace("\n", " ")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_environment_variable_is_documented():
    settings = (ROOT / "src/telal/config/settings.py").read_text()
    for name in set(re.findall(r"\"(TELAL_[A-Z_]+)\"", settings)):
        assert name in OPERATIONS or f"…{name.removeprefix('TELAL_MUNICIPALITY')}" in OPERATIONS


def test_every_metric_and_every_line_of_the_log_is_documented():
    for source in (ROOT / "src/telal").rglob("*.py"):
        if "simulator" in source.parts or source.name.startswith("test_"):
            continue
        text = source.read_text()
        for name in re.findall(r"(?:Counter|Histogram|GaugeMetricFamily|_gauge)\(\s*\"(telal_\w+)\"", text):
            assert f"`{name}" in OPERATIONS, name
        for event in re.findall(r"\blog\.\w+\(\s*\"([^\"]+)\"", text):
            assert f"`{event}`" in OPERATIONS, event


def test_every_outcome_has_a_word_in_the_glossary():
    glossary = (ROOT / "docs/glossary.md").read_text()
    assert [code for code in OUTCOMES if f"`{code}`" not in glossary] == []


def test_every_class_of_data_has_its_days_in_the_documentation():
    for kept in CLASSES:
        assert re.search(rf"\| `{kept.variable}` \| {kept.days} \|", OPERATIONS), kept.variable
