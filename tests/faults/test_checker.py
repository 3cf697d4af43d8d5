"""The checker must see what is wrong: logs made by hand, each with one thing amiss."""

import json
from itertools import count

import pytest

from tests.faults.checker import check

IVANA, PETAR = "ivana", "petar"
MINE, OTHER, SECRET = "09-41-1/26", "09-41-2/26", "09-41-3/26"
SILENT = {"kind": "reset", "when": "after"}
STATE_OF = {
    MINE: f"Predmet {MINE}\n\nStanje: Zaprimljen",
    SECRET: "Posljednja promjena u Vašem predmetu: danas",
}


class Tale:
    """A log and notes, written a second at a time."""

    def __init__(self):
        self.notes = {"cases": {}, "people": [], "acts": []}
        self.log = []
        self._now = count(1000)
        self._token = count(1)
        for case in (MINE, OTHER, SECRET):
            self.notes["cases"][case] = {"sensitive": case == SECRET}
        for family, phone in enumerate((IVANA, PETAR)):
            self.notes["people"].append({"phone": phone, "family": family})

    def act(self, what, **facts):
        at = next(self._now)
        self.notes["acts"].append({"what": what, "at": at, "done": at + 0.1, **facts})

    def connected(self, who=IVANA, case=MINE):
        self.act("bind", who=who, case=case)
        self.says(who, "Počni")
        self.sent(STATE_OF[case], who)

    def changes(self, *names, case=MINE):
        self.act("change", family=0, case=case, names=list(names))

    def tells(self, name, **how):
        self.sent(f"Čeka se: Institucija {name}", **how)

    def sent(self, text, who=IVANA, *, reference="", fault=None, status=0, http=200, accepted=True):
        """A request of Telal's to Viber."""
        seq = len(self.log) + 1
        self.log.append({
            "seq": seq, "at": next(self._now), "kind": "request", "method": "send_message", "receiver": who, "text": text,
            "tracking_data": reference or f"m{seq}", "accepted": accepted, "status": status, "http": http, "fault": fault,
            "token": str(next(self._token)) if accepted else None,
        })  # fmt: skip

    def silence(self, name, *, taken):
        """A request that got no answer."""
        fault = SILENT if taken else {"kind": "reset", "when": "before"}
        status = 0 if taken else None
        self.tells(name, reference=name, fault=fault, http=None, status=status, accepted=taken)

    def says(self, who, text):
        body = json.dumps({"message": {"text": text}}, ensure_ascii=False, separators=(",", ":"))
        self.called("message", who, body=body)

    def called(self, event, who, *, token="", body="{}"):
        self.log.append({
            "seq": len(self.log) + 1, "at": next(self._now), "kind": "callback", "event": event, "user_id": who, "http": 200,
            "token": token or str(next(self._token)), "attempt": 1, "seconds": 0.1, "error": "", "body": body,
        })  # fmt: skip

    def problems(self):
        return check(self.notes, self.log).problems


@pytest.fixture
def tale():
    """Ivana is connected, and has heard of one change of three."""
    tale = Tale()
    tale.connected()
    tale.changes("0-1", "0-2", "0-3")
    tale.tells("0-1")
    return tale


def only(problems, word):
    assert len(problems) == 1
    assert word in problems[0]


def test_all_told_in_order_is_right(tale):
    tale.tells("0-2")
    tale.tells("0-3")
    assert tale.problems() == []


def test_a_loss(tale):
    tale.tells("0-3")
    only(tale.problems(), "lost: 0-2")


def test_a_message_that_is_stuck(tale):
    tale.tells("0-2")
    only(tale.problems(), "stuck: 0-3")


def test_a_message_that_came_much_too_late(tale):
    tale.tells("0-2")
    for _ in range(200):
        tale.called("delivered", IVANA, token="1")
    tale.tells("0-3")
    only(tale.problems(), "stuck: 0-3")


def test_a_stop_of_vibers_is_no_delay_of_ours(tale):
    tale.tells("0-2", status=9, accepted=False)
    for _ in range(200):
        tale.called("delivered", IVANA, token="1")
    tale.tells("0-2")
    tale.tells("0-3")
    assert tale.problems() == []


def test_nobody_waits_because_of_us_whose_messages_nobody_paid_for(tale):
    tale.tells("0-2", status=24, accepted=False)
    tale.act("silent")
    for _ in range(200):
        tale.sent("Odgovor", PETAR)
    tale.tells("0-2")
    tale.tells("0-3")
    assert tale.problems() == []


def test_whoever_has_written_costs_nothing_and_waits_for_nobodys_money(tale):
    tale.act("silent")
    tale.says(IVANA, f"Kako stoji {MINE}?")
    tale.sent(STATE_OF[MINE])
    tale.tells("0-2", status=24, accepted=False)
    for _ in range(200):
        tale.sent("Odgovor", PETAR)
    tale.tells("0-2")
    tale.tells("0-3")
    assert [problem[:10] for problem in tale.problems()] == ["stuck: 0-2", "stuck: 0-3"]


def test_who_became_unreachable_in_a_long_stop_of_vibers_is_excused(tale):
    tale.tells("0-2", status=9, accepted=False)
    for _ in range(200):
        tale.called("delivered", IVANA, token="1")
    tale.sent("Odgovor", PETAR)
    tale.tells("0-2", status=6, accepted=False)
    assert tale.problems() == []


def test_two_changed_places(tale):
    tale.tells("0-3")
    tale.tells("0-2")
    only(tale.problems(), "out of order")


def test_a_second_copy_for_no_reason(tale):
    tale.tells("0-2", reference="x")
    tale.tells("0-2", reference="x")
    tale.tells("0-3")
    only(tale.problems(), "twice")


def test_one_change_in_two_messages(tale):
    tale.silence("0-2", taken=True)
    tale.tells("0-2", reference="another")
    tale.tells("0-3")
    only(tale.problems(), "twice")


def test_a_second_copy_after_a_silence_is_counted(tale):
    tale.silence("0-2", taken=True)
    tale.silence("0-2", taken=True)
    tale.tells("0-3")
    verdict = check(tale.notes, tale.log)
    assert verdict.problems == []
    assert verdict.counts["second copies after no answer"] == 1


def test_a_third_copy_after_two_silences(tale):
    for _ in range(3):
        tale.silence("0-2", taken=True)
    tale.tells("0-3")
    only(tale.problems(), "three times")


def test_a_second_copy_after_a_kill_is_counted(tale):
    tale.tells("0-2", reference="x")
    tale.act("kill", name="worker1")
    tale.tells("0-2", reference="x")
    tale.tells("0-3")
    assert tale.problems() == []


def test_a_second_copy_when_the_clock_of_the_database_jumped_is_counted(tale):
    tale.tells("0-2", reference="x")
    tale.act("clock", of="database", by="+5h")
    tale.tells("0-2", reference="x")
    tale.tells("0-3")
    verdict = check(tale.notes, tale.log)
    assert verdict.problems == []
    assert verdict.counts["second copies in mid-send when the database's clock jumped"] == 1


def test_the_clock_of_another_machine_explains_nothing(tale):
    tale.tells("0-2", reference="x")
    tale.act("clock", of="machine", by="+5h")
    tale.tells("0-2", reference="x")
    tale.tells("0-3")
    only(tale.problems(), "twice")


@pytest.mark.parametrize("what", ["outage", "failover", "disk"])
@pytest.mark.parametrize(("seconds", "problems"), [(5, 0), (1, 1)])
def test_only_a_long_time_without_the_database_explains_a_second_copy(tale, what, seconds, problems):
    tale.tells("0-2", reference="x")
    tale.act(what)
    tale.notes["acts"][-1]["done"] += seconds
    tale.tells("0-2", reference="x")
    tale.tells("0-3")
    assert len(tale.problems()) == problems


def test_no_trouble_of_the_database_explains_a_loss(tale):
    for what in ("outage", "failover", "disk"):
        tale.act(what)
    tale.act("clock", of="database", by="-5h")
    tale.tells("0-3")
    only(tale.problems(), "lost: 0-2")


def test_a_stranger_is_told(tale):
    tale.tells("0-2")
    tale.tells("0-3")
    tale.tells("0-3", who=PETAR)
    only(tale.problems(), "leak")


def test_even_an_attempt_to_tell_a_stranger(tale):
    tale.tells("0-2")
    tale.tells("0-3")
    tale.tells("0-3", who="somebody unknown", status=5, accepted=False)
    only(tale.problems(), "leak")


def test_somebody_elses_number_in_an_answer(tale):
    tale.tells("0-2")
    tale.tells("0-3")
    tale.says(IVANA, "Moji predmeti")
    tale.sent(f"Predmet {OTHER}\n\nStanje: Zaprimljen")
    only(tale.problems(), "leak")


def test_words_about_a_sensitive_case():
    tale = Tale()
    tale.connected(case=SECRET)
    tale.changes("0-1", case=SECRET)
    tale.sent("Ima novosti u Vašem predmetu.")
    assert tale.problems() == []
    tale.says(IVANA, SECRET)
    tale.sent(f"Predmet {SECRET}\n\nStanje: U obradi")
    only(tale.problems(), "leak")


@pytest.mark.parametrize(("told", "word"), [(1, "lost"), (3, "invented")])
def test_sensitive_news_are_counted(told, word):
    tale = Tale()
    tale.connected(case=SECRET)
    tale.changes("0-1", "0-2", case=SECRET)
    for _ in range(told):
        tale.sent("Ima novosti u Vašem predmetu.")
    only(tale.problems(), word)


def test_a_message_after_stop(tale):
    tale.tells("0-2")
    tale.tells("0-3")
    tale.act("stop", who=IVANA)
    tale.says(IVANA, "STOP")
    tale.sent("Odjavljeni ste")
    tale.changes("0-4")
    assert tale.problems() == []
    tale.tells("0-4")
    only(tale.problems(), "leak")


def test_what_stop_met_in_the_queue_need_not_come(tale):
    tale.act("stop", who=IVANA)
    tale.says(IVANA, "STOP")
    tale.sent("Odjavljeni ste")
    assert tale.problems() == []


def test_a_withdrawal_is_the_end(tale):
    tale.act("withdraw", case=MINE)
    tale.changes("0-4")
    tale.tells("0-4")
    assert any("leak: 0-4" in problem for problem in tale.problems())


def test_a_question_without_an_answer(tale):
    tale.tells("0-2")
    tale.tells("0-3")
    tale.says(IVANA, f"Kako stoji {MINE}?")
    tale.says(IVANA, f"Kako stoji {MINE}?")
    tale.sent(STATE_OF[MINE])
    only(tale.problems(), "never answered")


def test_a_receipt_of_nobodys_message_may_stand_for_one_answer_that_never_left(tale):
    tale.tells("0-2")
    tale.tells("0-3")
    tale.says(IVANA, f"Kako stoji {MINE}?")
    tale.called("delivered", IVANA, token="4711")
    assert tale.problems() == []
    tale.says(IVANA, f"Kako stoji {MINE}?")
    only(tale.problems(), "never answered")


def test_an_answer_that_does_not_answer(tale):
    tale.tells("0-2")
    tale.tells("0-3")
    tale.says(IVANA, f"Kako stoji {MINE}?")
    tale.sent("Pod tim brojem nema predmeta koji je povezan s ovim razgovorom.")
    only(tale.problems(), "never answered")


def test_what_viber_refused_or_never_answered_is_excused_and_counted(tale):
    tale.tells("0-2", status=3, accepted=False)
    tale.silence("0-3", taken=False)
    tale.silence("0-3", taken=False)
    verdict = check(tale.notes, tale.log)
    assert verdict.problems == []
    assert verdict.counts["changes not told: refused by Viber for good"] == 1
    assert verdict.counts["changes not told: never answered twice, left to a human"] == 1


def test_one_silence_excuses_nothing(tale):
    tale.tells("0-2")
    tale.silence("0-3", taken=False)
    only(tale.problems(), "stuck: 0-3")


def test_whom_viber_calls_unreachable_hears_again_after_writing(tale):
    tale.tells("0-2", status=6, accepted=False)
    assert tale.problems() == []
    tale.says(IVANA, f"Kako stoji {MINE}?")
    tale.sent(STATE_OF[MINE])
    tale.changes("0-4")
    only(tale.problems(), "stuck: 0-4")
