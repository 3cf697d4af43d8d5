"""A citizen asks, the bot answers: about their own cases, and about nobody else's."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from telal.cases.days_off import calendar
from telal.cases.numbers import find_references
from telal.cases.office import Exceptional, Office, Timetable, read_hours
from telal.cases.statuses import LANGUAGES, SERBIAN_IN_LATIN
from telal.conversation import bot
from telal.conversation.bot import CaseView, HistoryLine, Reply
from telal.conversation.effects import AskForErasure, EndAll, EndOne, Keep, PassOn, Speak
from telal.conversation.understand import understand
from telal.conversation.words import WORDS
from telal.notices import compose
from telal.notices.compose import CaseFacts

TONGUES = (*LANGUAGES, SERBIAN_IN_LATIN)
TODAY = date(2026, 11, 22)

OFFICE = Office(
    now=datetime(2026, 11, 22, 9, 0),  # a Sunday
    address="Zelenih beretki 4, 71000 Sarajevo",
    phone="033 282 300",
    email="info@starigrad.ba",
    dpo="zastita@starigrad.ba",
    timetable=Timetable(
        {**dict.fromkeys(range(4), read_hours("8-16")), 4: read_hours("8-14")},
        holidays=calendar((2026, 2027), {}),
    ),
)

OPINION = CaseView(
    case_id=1,
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
    return replace(
        OPINION,
        case_id=sum(map(ord, key)),
        key=key,
        barcode="",
        facts=replace(OPINION.facts, number=number, **facts),
    )


PICKUP = case(
    "06-31-55/24", "6-31-55/2024", subject="Kopija plana", status="ready_for_pickup", occurred_on=TODAY
)
SECRET = case("07-40-1847/24", "7-40-1847/2024", subject="Lična stvar", sensitive=True)
MINE = (OPINION, PICKUP)


def ask(text: str, cases=MINE, language: str = "bs", **said) -> Reply:
    return bot.reply(understand(text, year=TODAY.year), cases, language, **{"office": OFFICE, **said})


def meant(*intents: str, text: str = "", cases=MINE, language: str = "bs") -> Reply:
    understood = replace(
        understand("", year=TODAY.year), intents=intents, references=find_references(text, year=TODAY.year)
    )
    return bot.reply(understood, cases, language, office=OFFICE)


def keys(reply: Reply) -> list[str]:
    return [button.text for button in reply.buttons]


def says(name: str) -> str:
    return WORDS.text("bs", name)


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
        "Čeka se mišljenje ili saglasnost drugog organa: KJKP Vodovod i kanalizacija"
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
    told = meant("decision.pickup", cases=[PICKUP]).text
    assert told.startswith(compose.status(PICKUP.facts, "bs"))
    assert told.endswith("Sljedeći radni dan: ponedjeljak 23. 11. 2026., 8:00–16:00")
    assert says("not_ready") in meant("decision.pickup", cases=[OPINION]).text


def test_of_many_cases_only_those_are_told_that_the_question_is_about() -> None:
    many = [case(f"06-23-{n}/24", f"6-23-{n}/2024") for n in range(1, 6)]
    assert meant("decision.pickup", cases=many).text == says("not_ready")
    assert meant("docs.missing", cases=many).text == says("nothing_missing")
    told = meant("decision.pickup", cases=[*many, PICKUP]).text
    assert told.startswith(compose.heading(PICKUP.facts, "bs"))
    assert "06-23-1/24" not in told


def test_what_can_be_picked_up_gives_no_sensitive_case_away() -> None:
    ready = replace(SECRET, facts=replace(SECRET.facts, status="ready_for_pickup"))
    assert meant("decision.pickup", cases=[SECRET, OPINION]) == meant(
        "decision.pickup", cases=[ready, OPINION]
    )


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
@pytest.mark.parametrize("language", TONGUES)
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
    assert ask(typed).effects == (EndAll(),)
    assert meant("status.mine", "notify.unsubscribe").text == says("stopped")
    assert bot.wants_out(understand(typed, year=2026))


def test_nothing_else_ends_anything() -> None:
    ending = {"notify.unsubscribe", "notify.end_one"}
    for intent in set(bot._ANSWERS) - ending:
        for text in ("", "06-31-55/24"):
            assert not {EndAll, EndOne} & {type(effect) for effect in meant(intent, text=text).effects}


@pytest.mark.parametrize("kind", ["sticker", "file", "video", "something-new"])
def test_only_text_is_understood(kind: str) -> None:
    assert ask("", said_kind=kind).text == says("only_text")


def test_a_photo_of_the_slip_is_asked_for_its_number() -> None:
    assert "06-23-1847/24" in ask("", said_kind="picture").text


@pytest.mark.parametrize("typed", ["", "   ", "?", "👍", "asdf qwer"])
def test_the_unclear_is_asked_back_with_a_keyboard(typed: str) -> None:
    reply = ask(typed)
    assert reply.text
    assert keys(reply)[-2:] == ["Moji predmeti", "Pomoć"]


def test_a_thank_you_and_a_thumb_are_taken_as_such() -> None:
    assert ask("👍").text == ask("hvala puno").text == says("thanks")


def test_notices_are_on_for_my_cases_and_for_no_others() -> None:
    assert meant("notify.subscribe").text == says("notices_on")
    assert meant("notify.subscribe", text="06-31-55/24").text == says("notices_on")
    assert meant("notify.subscribe", text="06-23-900/24").text == says("connect")
    assert meant("notify.subscribe", cases=[]).text == says("connect")


def test_a_pin_and_a_phone_number_are_never_echoed() -> None:
    for typed in ("dodaj predmet br. 06-31-55/24 pin 4821", "promijenio sam broj sad mi je 062/987-654"):
        assert not [value for value in ("4821", "987", "+387") if value in ask(typed).text]


# One case, and not all.


def ends(reply: Reply) -> list[int]:
    return [effect.case_id for effect in reply.effects if isinstance(effect, EndOne)]


@pytest.mark.parametrize(
    "typed", ["Odjava 06-31-55/24", "ne želim više za 06-31-55/24", "STOP 06-31-55/24", "Одјава 06-31-55/24"]
)
def test_notices_of_one_case_end_and_of_no_other(typed: str) -> None:
    reply = ask(typed)
    assert ends(reply) == [PICKUP.case_id]
    assert EndAll() not in reply.effects
    assert not bot.wants_out(understand(typed, year=2026))


def test_who_wants_to_end_one_is_asked_which() -> None:
    reply = ask("Odjava za jedan predmet")
    assert keys(reply)[:2] == ["Odjava 06-31-55/24", "Odjava 06-23-1847/24"]
    assert ends(reply) == []
    assert ends(ask("Odjava za jedan predmet", [PICKUP])) == [PICKUP.case_id]


def test_to_end_a_case_that_is_not_mine_ends_nothing_and_asks_which() -> None:
    reply = ask("Odjava 06-23-900/24")
    assert reply.effects == ()
    assert reply.text.startswith(says("end_which"))
    assert ask("Odjava 06-23-900/24", []).effects == (EndAll(),)


def test_a_sensitive_case_can_be_ended_by_its_number_and_is_not_named() -> None:
    reply = ask("Odjava 07-40-1847/24", [SECRET, PICKUP])
    assert ends(reply) == [SECRET.case_id]
    assert "40" not in reply.text


# What it means.

REFUSED = case("06-23-7/24", "6-23-7/2024", status="decided", outcome="refused")


@pytest.mark.parametrize("outcome", compose.MIXED_UP)
def test_an_ending_that_sounds_like_another_is_explained_on_a_button(outcome: str) -> None:
    decided = replace(REFUSED, facts=replace(REFUSED.facts, outcome=outcome))
    reply = ask("06-23-7/24", [decided, PICKUP])
    assert keys(reply)[0] == "Šta to znači? 06-23-7/24"
    told = ask(keys(reply)[0], [decided, PICKUP]).text
    assert says(f"meaning_{outcome}") in told
    assert says("appeal") in told


def test_what_an_ending_means_can_be_asked_at_any_time() -> None:
    for cases in ([], [PICKUP], MINE):
        assert all(
            says(f"meaning_{outcome}") in ask("šta znači odbačen", cases).text for outcome in compose.MIXED_UP
        )
    assert keys(ask("kako da se zalim", [REFUSED]))[0] == "Šta to znači? 06-23-7/24"
    assert keys(ask("06-31-55/24"))[0] == "Historija 06-31-55/24"


# An old button.


def test_the_button_of_a_case_that_is_no_longer_mine_says_so() -> None:
    for button in ("Historija 06-23-1847/24", "Šta to znači? 06-23-1847/24", "06-23-1847/24"):
        assert ask(button, [PICKUP]).text == says("not_found")
    archived = case("06-23-7/24", "6-23-7/2024", status="archived")
    assert "arhiv" in ask("06-23-7/24", [archived]).text


# A language and a script.


@pytest.mark.parametrize(
    ("typed", "before", "after"),
    [
        ("English", "bs", "en"),
        ("moze na hrvatskom", "bs", "hr"),
        ("ćirilica", "bs", "sr"),
        ("Српски ћирилицом", "bs", "sr"),
        ("Srpski latinicom", "bs", "sr-Latn"),
        ("Srpski ćirilicom", "sr-Latn", "sr"),
        ("latinica molim", "sr", "sr-Latn"),
        ("latinica molim", "hr", "hr"),
        ("Bosanski", "en", "bs"),
    ],
)
def test_whoever_chooses_a_language_is_answered_in_it_at_once(typed: str, before: str, after: str) -> None:
    reply = ask(typed, language=before)
    assert reply.effects == (Speak(after),)
    assert reply.text == WORDS.text(after, "script_chosen")
    assert keys(reply)[-1] == WORDS.label(after, "help")


@pytest.mark.parametrize("language", TONGUES)
def test_the_languages_are_on_buttons_that_work(language: str) -> None:
    reply = ask(WORDS.label(language, "languages"), language=language)
    chosen = [ask(key, language=language).effects for key in keys(reply)[:5]]
    assert chosen == [(Speak(each),) for each in ("bs", "hr", "sr", "sr-Latn", "en")]


# Without details.


def test_discreet_and_back() -> None:
    reply = ask("diskretno")
    assert reply.effects == (Keep(discreet=True),)
    assert ask(keys(reply)[0]).effects == (Keep(discreet=False),)
    assert ask("ne prikazuj detalje").effects == (Keep(discreet=True),)


# A human.


def test_a_question_for_a_human_is_passed_on_and_says_when_somebody_is_there() -> None:
    reply = ask("hocu covjeka, dajte mi nekog da pricam")
    assert reply.effects == (PassOn(),)
    assert OFFICE.phone in reply.text
    assert reply.text.endswith("Sljedeći radni dan: ponedjeljak 23. 11. 2026., 8:00–16:00")


def test_what_follows_a_question_for_a_human_is_the_humans_unless_we_understand_it() -> None:
    assert ask("asdf qwer", with_human=True).effects == (PassOn(),)
    assert ask("Moji predmeti", with_human=True).effects == ()
    assert ask("asdf qwer").effects == ()


# Erasure, personal numbers.


def test_erasure_is_asked_for_only_when_confirmed_and_stops_nothing() -> None:
    reply = ask("obrišite sve o meni")
    assert reply.effects == ()
    confirmed = ask(keys(reply)[0])
    assert confirmed.effects == (AskForErasure(days=30),)
    assert "STOP" in confirmed.text


def test_a_personal_number_is_warned_about_and_not_repeated() -> None:
    alone = ask("0101990170001")
    assert alone.text == says("personal_number")
    both = ask("moj jmbg 0101990170001, sta je s mojim predmetom", [OPINION])
    assert both.text == "\n\n".join((says("personal_number"), compose.status(OPINION.facts, "bs")))
    assert ask("nemojte mi više slati poruke, jmbg 0101990170001").effects == (EndAll(),)


# The rest of the house.


def test_what_belongs_elsewhere_is_sent_there() -> None:
    for intent in ("howto.request", "problem.report"):
        told = meant(intent).text
        assert all(value in told for value in (OFFICE.phone, OFFICE.email, OFFICE.address))


def test_who_asks_about_their_data_learns_their_rights_and_whom_to_write_to() -> None:
    told = ask("šta radite sa mojim podacima").text
    assert OFFICE.dpo in told
    assert understand("Obrišite moje podatke", year=2026).intents == ("privacy.delete",)
    assert understand("Delete my data", year=2026).intents == ("privacy.delete",)


def test_help_offers_what_can_be_done_on_buttons() -> None:
    assert keys(ask("pomoć", [])) == [
        "Radno vrijeme",
        "Jezik",
        "Diskretno",
        "Službenik",
        "Moji predmeti",
        "Odjava",
    ]
    assert "Odjava za jedan predmet" in keys(ask("pomoć"))


def test_silence_is_met_with_the_state_and_somebody_to_call() -> None:
    reply = ask("prošlo 3 mjeseca a vi ništa!!", [OPINION])
    assert OFFICE.phone in reply.text
    assert compose.status(OPINION.facts, "bs") in reply.text
    assert "istekao" not in reply.text
    assert keys(reply)[0] == "Službenik"


def test_abuse_is_met_calmly_and_other_worlds_kindly() -> None:
    assert meant("abuse").text == says("abuse")
    assert meant("out_of_scope").text == says("out_of_scope")
    assert ask("idioti, sta je s mojim predmetom", [OPINION]).text == compose.status(OPINION.facts, "bs")


# Office hours.


def hours(text: str, language: str = "bs", **changes) -> str:
    told = ask(text, language=language, office=replace(OFFICE, **changes)).text
    return told.partition(f"\n\n{WORDS.label(language, 'address')}")[0]


def test_the_week_today_and_what_will_be_different() -> None:
    assert hours("radno vrijeme") == (
        "Radno vrijeme:\n"
        "Ponedjeljak–četvrtak: 8:00–16:00\n"
        "Petak: 8:00–14:00\n"
        "Subota–nedjelja: ne radimo\n"
        "\n"
        "Danas: ne radimo\n"
        "\n"
        "Uskoro drugačije:\n"
        "Srijeda 25. 11. 2026.: ne radimo (Dan državnosti)"
    )


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("radite li danas", "Danas, nedjelja 22. 11. 2026.: ne radimo\nSljedeći radni dan: ponedjeljak 23. 11. 2026., 8:00–16:00"),
        ("radite li sutra", "Sutra, ponedjeljak 23. 11. 2026.: 8:00–16:00"),
        ("radite u petak", "Petak 27. 11. 2026.: 8:00–14:00"),
        ("jel radite subotom", "Subota 28. 11. 2026.: ne radimo\nSljedeći radni dan: ponedjeljak 30. 11. 2026., 8:00–16:00"),
    ],
)  # fmt: skip
def test_a_day_is_answered_with_its_date(asked: str, answered: str) -> None:
    assert hours(asked) == answered


def test_holidays_by_name() -> None:
    told = hours("kad radite sutra, jel praznik")
    assert told.startswith("Sutra, ponedjeljak 23. 11. 2026.: 8:00–16:00")
    assert "Srijeda 25. 11. 2026.: Dan državnosti" in told
    assert "Wednesday 25 November 2026: closed (Statehood Day)" in hours("Opening hours", "en")
    assert "Сриједа 25. 11. 2026.: не радимо (Дан државности)" in hours("Радно вријеме", "sr")
    assert "Srijeda 25. 11. 2026.: ne radimo (Dan državnosti)" in hours("Radno vrijeme", "sr-Latn")


@pytest.mark.parametrize(
    ("clock", "told"),
    [(7, "otvaramo u 8:00"), (9, "sada je otvoreno do 16:00"), (17, "sada je zatvoreno")],
)
def test_open_now(clock: int, told: str) -> None:
    assert hours("radite li danas", now=datetime(2026, 11, 23, clock)).endswith(f"8:00–16:00, {told}")


def test_ramadan_hours_say_why() -> None:
    ramadan = Exceptional(date(2026, 11, 20), date(2026, 12, 1), read_hours("8-15"), "ramazan")
    table = replace(OFFICE.timetable, exceptional=(ramadan,))
    assert hours("radite li sutra", timetable=table).endswith("8:00–15:00 (ramazan)")
    assert hours("radno vrijeme", timetable=table).endswith(
        "Uskoro drugačije:\n"
        "Ponedjeljak 23. 11. 2026. – utorak 24. 11. 2026.: 8:00–15:00 (ramazan)\n"
        "Srijeda 25. 11. 2026.: ne radimo (Dan državnosti)\n"
        "Četvrtak 26. 11. 2026. – utorak 1. 12. 2026.: 8:00–15:00 (ramazan)"
    )


def test_hours_that_nobody_wrote_down_are_not_made_up() -> None:
    assert hours("radite li sutra", timetable=Timetable({})) == WORDS.text(
        "bs", "hours_unknown", phone=OFFICE.phone
    )
    assert "8:00" not in ask("operater", office=replace(OFFICE, timetable=Timetable({}))).text


BY_CALENDAR = Timetable({}, holidays=calendar((2026, 2027), {}))
STATEHOOD = "rijeda 25. 11. 2026.: ne radimo (Dan državnosti)"


@pytest.mark.parametrize("asked", ["radite li 25. novembra", "radite li 25.11.", "jel radite 25.11.2026"])
def test_a_holiday_is_a_day_off_also_before_hours_are_written_down(asked: str) -> None:
    assert hours(asked, timetable=BY_CALENDAR) == f"S{STATEHOOD}"
    assert hours(asked).startswith(f"S{STATEHOOD}\nSljedeći radni dan")


def test_what_the_calendar_knows_is_answered_and_what_it_does_not_is_said() -> None:
    told = hours("jel praznik sutra", timetable=BY_CALENDAR)
    assert told.startswith("Sutra, ponedjeljak 23. 11. 2026.: nije praznik\n\nNeradni praznici:\nS")
    assert told.endswith(WORDS.text("bs", "hours_unknown", phone=OFFICE.phone))
    closed = Exceptional(date(2026, 11, 23), date(2026, 11, 23), (), "nestanak struje")
    told = hours("radite li sutra", timetable=replace(BY_CALENDAR, exceptional=(closed,)))
    assert told == "Sutra, ponedjeljak 23. 11. 2026.: ne radimo (nestanak struje)"


def test_a_named_date_is_the_next_one_of_its_kind() -> None:
    assert hours("radite li prvog maja").startswith("Subota 1. 5. 2027.: ne radimo")
    assert hours("Jel radite 27. novembra?").startswith("Petak 27. 11. 2026.: 8:00–14:00")


def test_a_deadline_that_stands_is_said_to_stand_and_no_days_are_counted() -> None:
    facts = replace(OPINION.facts, status="awaiting_applicant", due_on=date(2026, 12, 12), waiting_for="")
    told = meant("deadline.when", cases=[replace(OPINION, facts=facts)]).text
    assert told.endswith("Rok za rješavanje: 12. 12. 2026. (trenutno ne teče)")


@pytest.mark.parametrize("language", TONGUES)
def test_every_button_says_what_we_understand(language: str) -> None:
    for button in meant("status.mine", cases=[OPINION], language=language).buttons:
        assert button.says == button.text

    def understood(name: str, **values: str):
        return understand(WORDS.label(language, name, **values), year=2026)

    assert understood("my_cases").intents == ("status.mine",)
    assert understood("help").intents == ("help.menu",)
    assert understood("stop").intents == ("notify.unsubscribe",)
    assert understood("history", number="06-23-1847/24").intents == ("status.history",)
    assert understood("history", number="06-23-1847/24").references[0].keys[0] == OPINION.key
    assert understood("case", number="UP-1 05-23-345/23").intents == ("status.by_number",)
    assert understood("human").intents == ("human.handover",)
    assert understood("hours").intents == ("office.hours",)
    assert understood("languages").intents == ("lang.switch",)
    assert understood("stop_one").intents == ("notify.end_one",)
    assert understood("erase").intents == ("erase.confirm",)
    assert understood("discreet").intents == ("discreet.on",)
    assert understood("details").intents == ("discreet.off",)
    assert understood("end", number="06-23-1847/24").intents == ("notify.unsubscribe",)
    assert understood("end", number="06-23-1847/24").references[0].keys[0] == OPINION.key
    assert set(understood("start").intents) <= {"smalltalk.greet", "help.menu", "unclear"}


@pytest.mark.parametrize("language", TONGUES)
def test_the_keyboard_fills_its_rows(language: str) -> None:
    for intent in bot._ANSWERS:
        for cases in ([], [OPINION], MINE, (*MINE, case("1/24", "1/2024"))):
            buttons = meant(intent, cases=cases, language=language).buttons
            assert 1 <= len(buttons) <= 8
            assert sum(button.columns for button in buttons) % 6 == 0


@pytest.mark.parametrize("language", TONGUES)
def test_the_first_words_and_the_trouble_with_links(language: str) -> None:
    assert keys(bot.welcome(language)) == [WORDS.label(language, "start")]
    told = {bot.link_problem(reason, language).text for reason in ("used", "expired", "unknown")}
    assert len(told | {bot.bound(language).text}) == 4


@pytest.mark.parametrize(
    ("chosen", "script", "answered"),
    [
        ("bs", "latn", "bs"),
        ("hr", "cyrl", "sr"),
        ("sr", "latn", "sr"),
        ("sr-Latn", "cyrl", "sr"),
        ("en", "latn", "en"),
        ("en", "cyrl", "sr"),
    ],
)
def test_cyrillic_is_answered_in_cyrillic(chosen: str, script: str, answered: str) -> None:
    assert bot.answer_language(chosen, script) == answered
