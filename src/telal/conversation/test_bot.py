"""A citizen asks, the bot answers: about their own cases, and about nobody else's."""

from dataclasses import replace
from datetime import date

import pytest

from telal.cases.numbers import find_references
from telal.cases.statuses import LANGUAGES
from telal.conversation import bot
from telal.conversation.bot import CaseView, HistoryLine, Reply
from telal.conversation.understand import understand
from telal.notices import compose
from telal.notices.compose import CaseFacts

TODAY = date(2026, 11, 22)

OPINION = CaseView(
    key="6-23-1847/2024",
    barcode="111929",
    facts=CaseFacts(
        number="06-23-1847/24",
        kind="administrative",
        subject="Urbanistička saglasnost",
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
        occurred_on=date(2026, 11, 4),
        sensitive=False,
    ),
    history=(
        HistoryLine(date(2026, 11, 4), "awaiting_other_body", "KJKP Vodovod i kanalizacija", "", ""),
        HistoryLine(date(2026, 10, 5), "assigned", "", "", "Služba za urbanizam"),
        HistoryLine(date(2026, 10, 1), "received", "", "", ""),
    ),
)


def case(number: str, key: str, **facts) -> CaseView:
    return replace(OPINION, key=key, barcode="", facts=replace(OPINION.facts, number=number, **facts))


PICKUP = case(
    "06-31-55/24", "6-31-55/2024", subject="Kopija plana", status="ready_for_pickup", occurred_on=TODAY
)
SECRET = case("07-40-1847/24", "7-40-1847/2024", subject="Lična stvar", sensitive=True)
MINE = (OPINION, PICKUP)


def ask(text: str, cases=MINE, language: str = "bs", **said) -> Reply:
    return bot.reply(understand(text, year=TODAY.year), cases, language, today=TODAY, **said)


def meant(*intents: str, text: str = "", cases=MINE, language: str = "bs") -> Reply:
    understood = replace(
        understand("", year=TODAY.year), intents=intents, references=find_references(text, year=TODAY.year)
    )
    return bot.reply(understood, cases, language, today=TODAY)


def keys(reply: Reply) -> list[str]:
    return [button.text for button in reply.buttons]


def says(name: str) -> str:
    return bot._WORDS.text("bs", name)


# My cases.


def test_one_case_is_told_in_full() -> None:
    reply = ask("sta ima s mojim predmetom", [OPINION])
    assert reply.text == compose.status(OPINION.facts, "bs")
    assert keys(reply) == ["Historija 06-23-1847/24", "Moji predmeti", "Pomoć"]


def test_several_cases_are_listed_newest_first_with_a_button_each() -> None:
    reply = ask("Moji predmeti")
    assert reply.text == (
        "Imate 2 predmeta:\n"
        "\n"
        "06-31-55/24 – Kopija plana\n"
        "Spremno za preuzimanje\n"
        "\n"
        "06-23-1847/24 – Urbanistička saglasnost\n"
        "Čeka se mišljenje ili saglasnost drugog organa"
    )
    assert keys(reply) == ["06-31-55/24", "06-23-1847/24", "Moji predmeti", "Pomoć"]


def test_fifty_cases_do_not_overflow() -> None:
    many = [case(f"06-23-{n}/24", f"6-23-{n}/2024", subject="Dugo " * 50) for n in range(1, 51)]
    for reply in (ask("moji predmeti", many), meant("deadline.when", "who.handles", cases=many)):
        assert len(reply.text) < 7000
        assert len(reply.buttons) <= 8
        assert says("more_cases") in reply.text


def test_nothing_connected_says_how_to_connect() -> None:
    assert ask("moji predmeti", []) == bot.nothing_to_show("bs")


# A case by its number.


@pytest.mark.parametrize(
    "typed", ["06-23-1847/24", "jel rijeseno 1847/24 ?", "111929", "predmet 6-23-1847/24"]
)
def test_my_case_by_its_number(typed: str) -> None:
    assert ask(typed).text == compose.status(OPINION.facts, "bs")


def test_a_number_that_fits_two_asks_which() -> None:
    reply = meant(
        "status.by_number", text="1847/24", cases=[OPINION, case("05-23-1847/24", "5-23-1847/2024")]
    )
    assert reply.text.startswith("Na koji predmet mislite?")
    assert keys(reply)[:2] == ["06-23-1847/24", "05-23-1847/24"]


def test_not_mine_and_not_there_is_the_same_answer_to_every_question() -> None:
    for intent in ("status.by_number", "status.history", "deadline.when", "who.handles", "decision.pickup"):
        reply = meant(intent, text="06-23-900/24")
        assert reply.text == says("not_found")
        assert reply == meant("status.by_number", text="17/14-100/06")


def test_a_number_from_another_country_is_told_apart() -> None:
    assert meant("status.by_number", text="II-464-78/2020").text == says("foreign_number")


def test_a_neighbours_case_is_neither_confirmed_nor_denied() -> None:
    reply = ask("komsijin predmet 06-23-900/24 jel ga riješio")
    assert says("other_person") in reply.text
    assert "900" not in reply.text


def test_the_history_of_a_case() -> None:
    reply = ask("Historija 06-23-1847/24")
    assert reply.text == (
        "Predmet 06-23-1847/24\n"
        "Urbanistička saglasnost\n"
        "\n"
        "4. 11. 2026. – Čeka se mišljenje ili saglasnost drugog organa: KJKP Vodovod i kanalizacija\n"
        "5. 10. 2026. – Dodijeljen službi u rad: Služba za urbanizam\n"
        "1. 10. 2026. – Zaprimljen"
    )


def test_the_history_of_one_of_several_asks_which() -> None:
    reply = meant("status.history")
    assert keys(reply)[:2] == ["Historija 06-31-55/24", "Historija 06-23-1847/24"]


def test_a_history_tells_the_outcome_and_ends_somewhere() -> None:
    decided = HistoryLine(TODAY, "decided", "", "refused", "Služba za urbanizam")
    reply = meant("status.history", cases=[replace(OPINION, history=(decided,) * 300)])
    assert "22. 11. 2026. – Odluka donesena: Zahtjev odbijen\n" in reply.text
    assert reply.text.endswith(says("more_changes"))
    assert len(reply.text) < 2000


# Other questions about a case.


def test_the_deadline_and_the_days_until_it() -> None:
    assert meant("deadline.when", cases=[OPINION]).text.endswith(
        "Rok za rješavanje: 12. 3. 2027. (još 110 dana)"
    )


def test_a_deadline_that_has_passed_is_a_date_and_no_conclusion() -> None:
    late = case("1/24", "1/2024", due_on=date(2026, 11, 21))
    assert meant("deadline.when", cases=[late]).text.endswith("Rok za rješavanje: 21. 11. 2026.")


def test_no_deadline_once_it_is_decided() -> None:
    reply = meant("deadline.when", cases=[PICKUP])
    assert "2027" not in reply.text
    assert says("deadline_unknown") in reply.text


def test_who_handles_my_case() -> None:
    assert meant("who.handles", cases=[OPINION]).text.endswith(
        "Služba: Služba za urbanizam\nKontakt: Alma Destanović\nTelefon: 033 282 385\nSoba: 12"
    )
    nobody = case("1/24", "1/2024", department="", officer="", officer_phone="", officer_room="")
    assert says("officer_unknown") in meant("who.handles", cases=[nobody]).text


def test_what_is_missing() -> None:
    waiting = case("1/24", "1/2024", status="awaiting_applicant")
    assert meant("docs.missing", cases=[waiting]).text == compose.status(waiting.facts, "bs")
    assert says("nothing_missing") in meant("docs.missing", cases=[OPINION]).text


def test_what_can_be_picked_up() -> None:
    assert meant("decision.pickup", cases=[PICKUP]).text == compose.status(PICKUP.facts, "bs")
    assert says("not_ready") in meant("decision.pickup", cases=[OPINION]).text


def test_two_questions_get_two_answers_in_one_reply() -> None:
    reply = meant("deadline.when", "appeal.how", cases=[OPINION])
    assert "Rok za rješavanje" in reply.text
    assert says("appeal") in reply.text


def test_a_greeting_before_a_question_is_not_a_question() -> None:
    assert ask("Dobar dan, kakvo je stanje predmeta 06-23-1847/24").text == compose.status(
        OPINION.facts, "bs"
    )
    assert ask("dobar dan").text == says("greeting")


@pytest.mark.parametrize("intent", [name for name in bot._ANSWERS if name != "status.mine"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sensitive_case_gives_nothing_away_whatever_is_asked(intent: str, language: str) -> None:
    facts = SECRET.facts
    hidden = (
        facts.number,
        facts.subject,
        facts.department,
        facts.officer,
        facts.officer_phone,
        facts.waiting_for,
    )
    for cases in ([SECRET], [SECRET, PICKUP]):
        for text in ("", "1847/24", "07-40-1847/24"):
            reply = meant("status.mine", intent, text=text, cases=cases, language=language)
            shown = "\n".join((reply.text, *keys(reply))).replace(compose.status(PICKUP.facts, language), "")
            if cases == [SECRET] or text:
                assert not [value for value in hidden if value in shown]
            assert facts.number not in shown
            assert facts.subject not in shown


# Stop, and everything else.


@pytest.mark.parametrize(
    "typed", ["STOP", "stop", "СТОП", "Odjava", "ОДЈАВА", "nemojte mi vise slat poruke ba"]
)
def test_stop_goes_before_everything_and_is_the_same_for_everybody(typed: str) -> None:
    assert ask(typed) == ask(typed, [])
    assert ask(typed).ends_subscriptions
    assert meant("status.mine", "notify.unsubscribe").text == says("stopped")
    assert bot.wants_out(understand(typed, year=2026))


def test_nothing_else_ends_anything() -> None:
    assert not any(meant(intent).ends_subscriptions for intent in bot._ANSWERS)


@pytest.mark.parametrize("kind", ["sticker", "picture", "voice", "something-new"])
def test_only_text_is_understood(kind: str) -> None:
    assert ask("", said_kind=kind).text == says("only_text")


@pytest.mark.parametrize("typed", ["", "   ", "?", "👍", "asdf qwer"])
def test_the_unclear_is_asked_back_with_a_keyboard(typed: str) -> None:
    reply = ask(typed)
    assert reply.text
    assert keys(reply) == ["Moji predmeti", "Pomoć"]


def test_what_we_cannot_do_is_sent_to_the_counter() -> None:
    assert meant("office.hours").text == says("other")
    assert "šalter" in says("other")


def test_notices_are_on_for_my_cases_and_for_no_others() -> None:
    assert meant("notify.subscribe").text == says("notices_on")
    assert meant("notify.subscribe", text="06-31-55/24").text == says("notices_on")
    assert meant("notify.subscribe", text="06-23-900/24").text == says("connect")
    assert meant("notify.subscribe", cases=[]).text == says("connect")


def test_a_pin_and_a_phone_number_are_never_echoed() -> None:
    for typed in ("dodaj predmet br. 06-31-55/24 pin 4821", "promijenio sam broj sad mi je 062/987-654"):
        assert not [value for value in ("4821", "987", "+387") if value in ask(typed).text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_says_what_we_understand(language: str) -> None:
    for button in meant("status.mine", cases=[OPINION], language=language).buttons:
        assert button.says == button.text

    def understood(name: str, **values: str):
        return understand(bot._WORDS.label(language, name, **values), year=2026)

    assert understood("my_cases").intents == ("status.mine",)
    assert understood("help").intents == ("help.menu",)
    assert understood("stop").intents == ("notify.unsubscribe",)
    assert understood("history", number="06-23-1847/24").intents == ("status.history",)
    assert understood("history", number="06-23-1847/24").references[0].keys[0] == OPINION.key
    assert understood("case", number="UP-1 05-23-345/23").intents == ("status.by_number",)
    assert set(understood("start").intents) <= {"smalltalk.greet", "help.menu", "unclear"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_keyboard_fills_its_rows(language: str) -> None:
    for intent in bot._ANSWERS:
        for cases in ([], [OPINION], MINE, (*MINE, case("1/24", "1/2024"))):
            buttons = meant(intent, cases=cases, language=language).buttons
            assert 1 <= len(buttons) <= 8
            assert sum(button.columns for button in buttons) % 6 == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_words_and_the_trouble_with_links(language: str) -> None:
    assert keys(bot.welcome(language)) == [bot._WORDS.label(language, "start")]
    told = {bot.link_problem(reason, language).text for reason in ("used", "expired", "unknown")}
    assert len(told | {bot.bound(language).text}) == 4


@pytest.mark.parametrize(
    ("chosen", "script", "answered"),
    [
        ("bs", "latn", "bs"),
        ("hr", "cyrl", "sr"),
        ("sr", "latn", "sr"),
        ("en", "latn", "en"),
        ("en", "cyrl", "sr"),
    ],
)
def test_cyrillic_is_answered_in_cyrillic(chosen: str, script: str, answered: str) -> None:
    assert bot.answer_language(chosen, script) == answered
