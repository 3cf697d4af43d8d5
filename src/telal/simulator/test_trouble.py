"""Retries, faults and the log that tells of them."""

import time
from http.client import RemoteDisconnected

import orjson
import pytest

from telal.simulator.conftest import message
from telal.simulator.faults import Fault, Faults

# ── Callbacks are repeated ────────────────────────────────────────────────────────────────────────────────


def test_a_refused_callback_is_repeated_with_the_same_token(bot, viber, amra):
    answers = iter([503, 503, 503, 200])
    bot.answer = lambda event: (next(answers), b"")
    assert viber.act(amra, "say", text="Dobar dan")["answer"]["error"] == "HTTP 503"
    assert len({event["message_token"] for event in bot.told("message", 4)}) == 1
    assert [line["attempt"] for line in viber.log("callback")[1:]] == [1, 2, 3, 4]


def test_a_slow_answer_counts_for_nothing(bot, viber, amra):
    pauses = iter([0.6])
    bot.answer = lambda event: (time.sleep(next(pauses, 0)), (200, b""))[1]
    viber.control("settings", patience=0.5)
    assert "answered after" in viber.act(amra, "say", text="Dobar dan")["answer"]["error"]
    bot.told("message", 2)


def test_a_message_is_delivered_on_the_screen_once_the_bot_took_it(bot, viber, amra):
    bot.answer = lambda event: (503, b"")
    viber.act(amra, "say", text="Dobar dan")
    assert viber.phone(amra)["chat"][-1]["progress"] == "sending"
    bot.answer = lambda event: (200, b"")
    viber.act(amra, "say", text="Ima li koga")
    assert viber.phone(amra)["chat"][-1]["progress"] == "delivered"


def test_a_callback_is_told_again_though_it_was_taken(bot, viber, amra):
    viber.control("faults", kind="again", event="message", count=2, times=1)
    viber.act(amra, "say", text="Dobar dan")
    assert len({event["message_token"] for event in bot.told("message", 3)}) == 1


def test_a_late_callback_comes_behind_a_newer_one(bot, viber, amra):
    viber.control("faults", kind="late", event="message", seconds=0.05, times=1)
    assert viber.act(amra, "say", text="Prva")["answer"] is None
    viber.act(amra, "say", text="Druga")
    assert [event["message"]["text"] for event in bot.told("message", 2)] == ["Druga", "Prva"]


def test_one_fault_ends_and_the_others_stay(bot, viber, amra):
    first, second = (viber.control("faults", kind="status", status=status)["id"] for status in (12, 19))
    viber.control(f"faults/{first}", "DELETE")
    assert bot.send(amra)["status"] == 19
    assert [fault["id"] for fault in viber.control("faults", "GET")["faults"]] == [second]


# ── The answer to a send goes wrong ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["reset", "timeout"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_no_answer_says_nothing_about_acceptance(bot, viber, amra, kind, when):
    viber.control("faults", kind=kind, when=when, seconds=0.02, times=1)
    with pytest.raises((ConnectionResetError, RemoteDisconnected)):
        bot.send(amra)
    (line,) = viber.log("request")[1:]
    assert (line["accepted"], line["http"], line["fault"]) == (
        when == "after",
        None,
        {"kind": kind, "when": when},
    )
    assert bot.send(amra)["status"] == 0
    assert len(bot.told("delivered", 1 + (when == "after"))) == 1 + (when == "after")


def test_an_http_error_and_garbage(bot, viber, amra):
    viber.control("faults", kind="http", code=429, retry_after=7, times=1)
    viber.control("faults", kind="http", code=200, body="<html>", when="after", times=1)
    body = orjson.dumps(message(amra))
    status, headers, _ = bot.post("send_message", body)
    assert (status, headers["Retry-After"]) == (429, "7")
    assert bot.post("send_message", body)[2] == b"<html>"
    assert [line["accepted"] for line in viber.log("request")[1:]] == [False, True]


def test_a_status_for_one_receiver_only(bot, viber, amra):
    senad = viber.control("phones", subscribed=True)["id"]
    viber.control("faults", kind="status", status=24, receiver=senad)
    assert [bot.send(amra)["status"], bot.send(senad)["status"]] == [0, 24]


def test_a_late_answer_is_overtaken_by_the_receipt(bot, viber, amra):
    viber.control("faults", kind="delay", when="after", seconds=0.1)
    assert bot.send(amra)["message_token"] == bot.events[0]["message_token"]


# ── Receipts go wrong ─────────────────────────────────────────────────────────────────────────────────────


def test_an_early_receipt_comes_before_the_answer(bot, viber, amra):
    viber.control("faults", kind="early", times=1)
    token = bot.send(amra)["message_token"]
    assert [(e["event"], e["message_token"]) for e in bot.events] == [("delivered", token)]


def test_lost_repeated_foreign_and_failed_receipts(bot, viber, amra):
    for kind in ("lost", "repeated", "foreign", "failed"):
        viber.control("faults", kind=kind, times=1)
    lost, repeated, foreign, failed = (bot.send(amra)["message_token"] for _ in range(4))
    assert bot.told("failed")[0]["message_token"] == failed
    told = [e["message_token"] for e in bot.told("delivered", 4)]
    assert (told.count(lost), told.count(repeated), told.count(foreign)) == (0, 2, 1)
    assert len(set(told) - {repeated, foreign}) == 1
    viber.act(amra, "read")
    assert bot.told("seen")[0]["message_token"] == foreign


def test_the_same_seed_brings_the_same_trouble_in_any_order():
    def struck(receivers: list[str]) -> set[tuple[str, int]]:
        faults, counts = Faults(seed=7), dict.fromkeys(receivers, 0)
        faults.add(Fault("reset", probability=0.3))
        hits = set()
        for receiver in receivers:
            counts[receiver] += 1
            if faults.for_request("send_message", receiver):
                hits.add((receiver, counts[receiver]))
        return hits

    there = struck(["amra", "senad"] * 50)
    assert there == struck(["senad"] * 50 + ["amra"] * 50)
    assert 10 < len(there) < 50


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="kind must be one of"):
        Fault("earthquake")


# ── The log and the reset ─────────────────────────────────────────────────────────────────────────────────


def test_the_log_accounts_for_every_request_and_callback(bot, viber, amra):
    sent = [bot.send(amra, text=f"Poruka {n}")["message_token"] for n in range(3)]
    bot.send("nobody")
    bot.told("delivered", 3)
    lines = viber.log()
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    requests = [line for line in lines if line.get("method") == "send_message"]
    assert [(r["token"], r["text"]) for r in requests[:3]] == [
        (str(t), f"Poruka {n}") for n, t in enumerate(sent)
    ]
    assert (requests[3]["accepted"], requests[3]["status"]) == (False, 5)
    for token in map(str, sent):
        taken = next(line["seq"] for line in lines if line.get("token") == token)
        told = [line["seq"] for line in lines if line["kind"] == "callback" and line["token"] == token]
        assert len(told) == 1
        assert told[0] > taken
    assert viber.log("request", after=lines[-1]["seq"]) == []


def test_the_log_never_holds_the_token(bot, viber, amra):
    bot.call("send_message", token=None, auth_token=bot.viber.token, **message(amra))
    assert bot.viber.token not in str(viber.log())
    assert bot.viber.token not in str(viber.phone(amra))


def test_a_reset_forgets_people_and_keeps_the_log_and_the_webhook(bot, viber, amra):
    viber.control("receipts", held=True)
    bot.send(amra)
    seq = viber.control("reset")["seq"]
    assert bot.send(amra)["status"] == 5
    assert viber.log()[seq - 1]["kind"] == "reset"
    assert viber.control("state", "GET")["phones"] == 0
