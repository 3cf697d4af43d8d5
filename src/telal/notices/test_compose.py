"""What a citizen reads when something has happened to their case."""

from dataclasses import replace
from datetime import date

import pytest

from telal.cases.statuses import LANGUAGES, OUTCOMES, STATUSES
from telal.notices.compose import CaseFacts, notice, status

FACTS = CaseFacts(
    number="06-23-1847/24",
    kind="administrative",
    subject="Urbanistička saglasnost za nadogradnju",
    status="awaiting_other_body",
    outcome="",
    department="Služba za urbanizam",
    officer="Alma Destanović",
    officer_phone="033 282 385",
    officer_room="12",
    waiting_for="KJKP Vodovod i kanalizacija",
    waiting_since=date(2026, 11, 4),
    received_on=date(2026, 10, 1),
    due_on=date(2027, 3, 12),
    occurred_on=date(2026, 11, 5),
    sensitive=False,
)
EMPTY = CaseFacts("1/24", "administrative", "", "received", *[""] * 6, *[None] * 3, date(2026, 11, 5), False)

every_status = pytest.mark.parametrize("code", STATUSES)
every_language = pytest.mark.parametrize("language", LANGUAGES)
both = pytest.mark.parametrize("told", [notice, status])


def test_an_awaited_opinion() -> None:
    assert notice(FACTS, "bs") == (
        "Predmet 06-23-1847/24\n"
        "Urbanistička saglasnost za nadogradnju\n"
        "\n"
        "Za Vaš predmet je potrebno mišljenje ili saglasnost drugog organa. Čekamo njegov odgovor.\n"
        "\n"
        "Čeka se: KJKP Vodovod i kanalizacija\n"
        "Čeka se od: 4. 11. 2026.\n"
        "Služba: Služba za urbanizam\n"
        "Kontakt: Alma Destanović\n"
        "Telefon: 033 282 385\n"
        "Soba: 12\n"
        "Rok za rješavanje: 12. 3. 2027.\n"
        "\n"
        "Od Vas se sada ništa ne traži."
    )


def test_a_refusal_sends_to_the_act_itself_and_serves_nothing() -> None:
    assert notice(replace(EMPTY, status="decided", outcome="refused"), "sr") == (
        "Предмет 1/24\n"
        "\n"
        "Одлука у Вашем предмету је донесена.\n"
        "\n"
        "Исход: Захтјев одбијен\n"
        "Захтјев је размотрен и није прихваћен. Разлози пишу у документу.\n"
        "\n"
        "Важи оно што пише у документу који добијате.\n"
        "\n"
        "Ова порука је само обавјештење. Она није достава документа и од ње не почиње ниједан рок."
    )


def test_the_present_state_says_since_when() -> None:
    assert "Status: In progress\nSince: 5 November 2026\nReceived on: 1 October 2026\n" in status(
        replace(FACTS, status="in_progress"), "en"
    )


@both
@every_language
@every_status
def test_every_status_reads_well_in_every_language(told, language: str, code: str) -> None:
    full = told(replace(FACTS, status=code, outcome="partly_granted"), language)
    bare = told(replace(EMPTY, status=code), language)
    assert len(full) <= 900
    for text in (full, bare):
        assert "\n\n\n" not in text
        assert not any(line.endswith(":") or line != line.strip() for line in text.split("\n"))
        assert "riješen" not in text.lower()
        assert not set("{}*_~") & set(text)


@every_language
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_is_explained_with_a_decision_and_never_before(outcome: str, language: str) -> None:
    label = OUTCOMES[outcome].label(language)
    decided, undecided = (
        notice(replace(EMPTY, status=code, outcome=outcome), language) for code in ("served", "appealed")
    )
    assert f"{label}\n" in decided
    assert label not in undecided


@every_language
def test_the_deadline_is_told_while_it_matters(language: str) -> None:
    year = str(FACTS.due_on.year)
    told = {code for code in STATUSES if year in notice(replace(FACTS, status=code), language)}
    assert told == {code for code, row in STATUSES.items() if row.clock in ("runs", "holds", "restarts")}
    assert "decided" not in told


def test_an_institution_is_awaited_only_while_we_wait() -> None:
    told = {code for code in STATUSES if FACTS.waiting_for in notice(replace(FACTS, status=code), "bs")}
    assert told == {"awaiting_other_body", "suspended"}


@both
@every_language
@every_status
def test_a_sensitive_case_gives_nothing_away(told, language: str, code: str) -> None:
    secret = replace(FACTS, status=code, outcome="refused", sensitive=True)
    text = told(secret, language)
    assert text == told(replace(secret, status="received", number="1/24", outcome=""), language)
    hidden = (secret.number, secret.subject, secret.department, secret.officer, secret.officer_phone)
    hidden += (secret.waiting_for, OUTCOMES["refused"].label(language), STATUSES[code].label(language))
    assert not [value for value in hidden if value in text]


@both
def test_what_is_typed_into_a_field_cannot_break_the_message(told) -> None:
    odd = replace(
        FACTS, subject="{number}\n\n" + "dugo " * 80, officer="Alma\n\nIshod: {x}", number="1\n2/24"
    )
    text = told(odd, "bs")
    assert "Kontakt: Alma Ishod: {x}\n" in text
    assert text.startswith("Predmet 1 2/24\n{number} dugo dugo")
    assert len(text) <= 900
