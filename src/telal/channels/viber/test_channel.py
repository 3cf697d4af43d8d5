"""The channel against a small Viber: what leaves, what comes back, and what breaks between."""

import asyncio
import contextlib
import json
import logging
import socket
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from telal.channels.viber import Viber
from telal.messaging.channel import (
    Accepted,
    Account,
    Button,
    Outgoing,
    Refused,
    Stopped,
    TryLater,
    Uncertain,
    Unreachable,
)

NOW = datetime(2025, 12, 22, 11, 0, tzinfo=UTC)
TOKEN = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"
NOTICE = Outgoing("q83vEjRWeJASNFZ4kKvN7w==", "Предмет је ријешен.", [Button("Hvala", "hvala")], "m:17")
OK = {"status": 0, "status_message": "ok", "message_token": 5741311803571721087, "billing_status": 2}


class FakeViber:
    """Answers each request with the next of ``answers`` (the last for ever), and remembers what it got."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    async def handle(self, request):
        self.requests.append((request.path, dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            return await answer(request)
        return web.json_response(answer)

    @property
    def bodies(self):
        return [json.loads(body) for _, _, body in self.requests]

    @contextlib.asynccontextmanager
    async def running(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/pa"
        finally:
            await runner.cleanup()


def response(**arguments):
    async def respond(_request):
        return web.Response(**arguments)

    return respond


def bot(api, **options):
    return Viber(TOKEN, api=api, name="Grad Primjer", now=lambda: NOW, **options)


def talk(fake, conversation, **options):
    """Run ``conversation(viber)`` against ``fake``."""

    async def run():
        async with fake.running() as api:
            viber = bot(api, **options)
            try:
                return await conversation(viber)
            finally:
                await viber.aclose()

    return asyncio.run(run())


def send(fake, outgoing=NOTICE, **options):
    return talk(fake, lambda viber: viber.send(outgoing), **options)


def send_to(api, **options):
    async def run():
        viber = bot(api, **options)
        try:
            return await viber.send(NOTICE)
        finally:
            await viber.aclose()

    return asyncio.run(run())


# ── Sending ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_leaves_with_the_token_in_the_header_alone():
    fake = FakeViber(OK)
    assert send(fake) == Accepted(5741311803571721087, billing=2)
    [(path, headers, body)] = fake.requests
    assert (path, headers["X-Viber-Auth-Token"]) == ("/pa/send_message", TOKEN)
    assert headers["Content-Type"] == "application/json"
    assert TOKEN.encode() not in body
    assert "Предмет је ријешен.".encode() in body  # raw UTF-8: escaped Cyrillic would be three times as large
    assert json.loads(body)["tracking_data"] == "m:17"


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"message_token": 4912661846655238145}, Accepted(4912661846655238145, 2)),
        ({"message_token": "4912661846655238145"}, Accepted(4912661846655238145, 2)),
        ({"status": "0", "billing_status": "5"}, Accepted(5741311803571721087, 5)),
        ({"billing_status": None}, Accepted(5741311803571721087)),
        ({"billing_status": "out of session"}, Accepted(5741311803571721087)),
        ({"billing_status": 10**12}, Accepted(5741311803571721087)),
    ],
)
def test_numbers_are_exact_and_may_be_text(fields, outcome):
    assert send(FakeViber({**OK, **fields})) == outcome


@pytest.mark.parametrize("token", [None, "", "abc", 5.7e18, True, []])
def test_taken_without_a_number_is_uncertain_and_must_not_be_repeated_at_once(token):
    outcome = send(FakeViber({**OK, "message_token": token}))
    assert isinstance(outcome, Uncertain)
    assert not outcome.answered


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"status": 1, "chat_hostname": "SN-CHAT-06_"}, Stopped),
        ({"status": 2, "status_message": "Invalid token"}, Stopped),
        ({"status": 3, "status_message": "keyboard is not valid"}, Refused),
        ({"status": 6, "status_message": "notSubscribed"}, Unreachable),
        ({"status": "6"}, Unreachable),
        ({"status": 12}, TryLater),
        ({"status": 77}, TryLater),
    ],
)
def test_a_refusal_comes_with_http_200(answer, outcome):
    assert isinstance(send(FakeViber(answer)), outcome)


def test_no_detail_repeats_what_viber_quotes():
    refused = send(FakeViber({"status": 3, "status_message": "text is too long: Predmet 07-19"}))
    assert "07-19" not in refused.detail


@pytest.mark.parametrize("status", [13, 14])
def test_an_old_phone_gets_the_words_without_the_keyboard(status):
    fake = FakeViber({"status": status}, OK)
    assert isinstance(send(fake), Accepted)
    first, second = fake.bodies
    assert "keyboard" in first
    assert "keyboard" not in second
    assert "min_api_version" not in second
    assert (second["text"], second["tracking_data"]) == (first["text"], first["tracking_data"])


@pytest.mark.parametrize(("status", "outcome"), [(13, Unreachable), (14, Refused)])
def test_a_phone_that_is_too_old_for_words_is_given_up_after_two(status, outcome):
    fake = FakeViber({"status": status})
    assert isinstance(send(fake), outcome)
    assert len(fake.requests) == 2


def test_a_long_text_goes_in_parts_one_after_the_other():
    fake = FakeViber({**OK, "message_token": 1}, {**OK, "message_token": 2})
    assert send(fake, Outgoing("id==", "x" * 7005, NOTICE.buttons)) == Accepted(2, 2)
    assert [(len(body["text"]), "keyboard" in body) for body in fake.bodies] == [(7000, False), (5, True)]


def test_a_part_that_is_not_taken_ends_the_sending():
    fake = FakeViber({"status": 12}, OK)
    assert isinstance(send(fake, Outgoing("id==", "x" * 7005)), TryLater)
    assert len(fake.requests) == 1


def test_a_message_larger_than_viber_takes_never_leaves():
    fake = FakeViber(OK)
    refused = send(fake, Outgoing("id==", "x", [Button("Ž" * 250, "ž" * 100)] * 60))
    assert isinstance(refused, Refused)
    assert fake.requests == []


def test_without_a_token_nothing_leaves():
    fake = FakeViber(OK)

    async def send_without_token(viber):
        tokenless = Viber("", api=viber._api, name="Grad")
        return await tokenless.send(NOTICE)

    assert isinstance(talk(fake, send_without_token), Stopped)
    assert fake.requests == []


# ── When HTTP fails ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (response(status=401), Stopped),
        (response(status=403), Stopped),
        (response(status=404), Refused),
        (response(status=500, text="oops"), Uncertain),
        (response(status=200, text="<html>"), Uncertain),
        (response(status=200, text="[]"), Uncertain),
        (response(status=200, text=""), Uncertain),
        (response(status=200, text='{"status_message": "ok"}'), Uncertain),
        (response(status=200, text='{"status": 0, "x": "' + "x" * 70_000 + '"}'), Uncertain),
    ],
)
def test_an_answer_that_is_none(answer, outcome):
    result = send(FakeViber(answer))
    assert isinstance(result, outcome)
    assert getattr(result, "answered", True)


def test_viber_asks_us_to_slow_down():
    outcome = send(FakeViber(response(status=429, headers={"Retry-After": "30"})))
    assert outcome.after == timedelta(seconds=30)


def test_a_redirect_is_not_followed_so_that_the_token_stays_home():
    fake = FakeViber(response(status=307, headers={"Location": "/elsewhere"}))
    outcome = send(fake)
    assert isinstance(outcome, TryLater)
    assert outcome.alarm
    assert len(fake.requests) == 1


def test_nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert isinstance(send_to(f"http://127.0.0.1:{port}/pa"), TryLater)


def test_nobody_knows_the_name(monkeypatch):
    def unknown(*_arguments, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert isinstance(send_to("https://chatapi.example/pa"), TryLater)


def test_the_other_side_speaks_no_tls():
    fake = FakeViber(OK)

    async def over_tls(viber):
        secure = bot(viber._api.replace("http://", "https://"))
        try:
            return await secure.send(NOTICE)
        finally:
            await secure.aclose()

    assert isinstance(talk(fake, over_tls), TryLater)
    assert fake.requests == []


def test_connecting_takes_for_ever():
    with socket.create_server(("127.0.0.1", 0)) as mute:  # accepts, and never says a word of TLS
        outcome = send_to(f"https://127.0.0.1:{mute.getsockname()[1]}/pa", timeout=0.2)
    assert isinstance(outcome, TryLater)


def test_no_free_connection_in_time_is_surely_not_sent():
    async def slow(_request):
        await asyncio.sleep(0.25)
        return web.json_response(OK)

    async def two_at_once(viber):
        return await asyncio.gather(viber.send(NOTICE), viber.send(NOTICE))

    fake = FakeViber(slow)
    first, second = talk(fake, two_at_once, in_flight=1, timeout=0.4)
    assert isinstance(first, Accepted)
    assert isinstance(second, TryLater)
    assert len(fake.requests) == 1


def test_an_answer_that_does_not_come_leaves_us_uncertain():
    async def never(_request):
        await asyncio.sleep(0.4)

    outcome = send(FakeViber(never), timeout=0.2)
    assert outcome == Uncertain("timeout", outcome.detail)


def test_a_connection_that_breaks_after_the_request_leaves_us_uncertain():
    async def hang_up(request):
        request.transport.abort()

    outcome = send(FakeViber(hang_up))
    assert outcome == Uncertain("disconnected", outcome.detail)


def test_an_answer_that_breaks_off_leaves_us_uncertain():
    async def break_off(request):
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b'{"status": 0')
        request.transport.close()
        return answer

    assert send(FakeViber(break_off)) == Uncertain(
        "disconnected", "The connection to Viber broke before an answer came."
    )


def test_an_answer_that_comes_in_drops_is_read_to_its_end():
    async def drop_by_drop(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        for byte in json.dumps(OK):
            await answer.write(byte.encode())
            await asyncio.sleep(0.001)
        return answer

    assert send(FakeViber(drop_by_drop)) == Accepted(OK["message_token"], billing=2)


def test_closing_twice_and_sending_again_is_fine():
    async def again(viber):
        await viber.send(NOTICE)
        await viber.aclose()
        await viber.aclose()
        return await viber.send(NOTICE)

    assert isinstance(talk(FakeViber(OK), again), Accepted)


# ── Account and webhook ─────────────────────────────────────────────────────────────────────────────────────

EVENTS = ["delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started"]
HOOK = "https://viber.grad.example/hooks/viber/"


def account(answer):
    return talk(FakeViber(answer), lambda viber: viber.account())


def register(fake, url=HOOK):
    return talk(fake, lambda viber: viber.register(url))


def test_an_account_in_order():
    answer = {
        "status": 0,
        "name": "Grad",
        "uri": "grad",
        "webhook": HOOK,
        "event_types": EVENTS,
        "members": [],
    }
    assert account(answer) == Account("Grad", "grad", HOOK)


def test_an_account_that_would_not_tell_us_of_failures():
    answer = {
        "status": 0,
        "name": "Grad",
        "uri": "grad",
        "webhook": HOOK,
        "event_types": ["delivered", "seen"],
    }
    assert account(answer).missing_events == ("failed", "conversation_started")


def test_an_account_without_webhook_is_shown_as_it_is():
    assert account({"status": 0, "name": "Grad"}).webhook == ""


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 2}, "TELAL_VIBER_TOKEN"),
        ({"status": 7}, "blocked"),
        (response(status=502), "failed"),
        (response(text="?"), "read"),
    ],
)
def test_an_account_in_trouble_says_so_in_words(answer, words):
    assert words in account(answer).problem


def test_registering_names_every_event_we_need():
    fake = FakeViber({"status": 0, "status_message": "ok", "event_types": [*EVENTS, "client_status"]})
    assert register(fake) == ""
    [(path, _, body)] = fake.requests
    assert path == "/pa/set_webhook"
    assert json.loads(body) == {"url": HOOK, "event_types": EVENTS, "send_name": True, "send_photo": False}


def test_registering_notices_what_viber_will_not_report():
    assert "failed" in register(FakeViber({"status": 0, "event_types": ["delivered", "seen"]}))


def test_a_refused_webhook_is_explained():
    trouble = register(FakeViber({"status": 1, "status_message": f"Connect refused {TOKEN}"}))
    assert "could not reach" in trouble
    assert "Connect refused" in trouble
    assert TOKEN not in trouble


@pytest.mark.parametrize(
    "url",
    [
        "",
        "grad.example/hooks",
        "ftp://grad.example/",
        "https://",
        "https://[",
        "https://č.example/",
        f"{HOOK}?a=1",
    ],
)
def test_an_address_viber_cannot_call_is_never_sent(url):
    fake = FakeViber(OK)
    assert register(fake, url) != ""
    assert fake.requests == []


# ── The token stays a secret ────────────────────────────────────────────────────────────────────────────────


def test_the_token_is_in_no_repr_no_log_and_no_outcome(caplog):
    caplog.set_level(logging.DEBUG)
    outcomes = [send(FakeViber(answer)) for answer in (OK, {"status": 2}, response(status=403))]
    outcomes.append(send_to("http://127.0.0.1:1/pa"))
    told = caplog.text + repr(outcomes) + repr(bot("http://127.0.0.1:1/pa"))
    assert TOKEN not in told


@pytest.mark.parametrize(
    ("token", "api"),
    [(f"{TOKEN}\n", "https://x.example"), (f"đ{TOKEN}", "https://x.example"), (TOKEN, "x.example")],
)
def test_a_bot_that_could_never_speak_is_not_made(token, api):
    with pytest.raises(ValueError, match=r"must|consists") as error:
        Viber(token, api=api, name="Grad")
    assert TOKEN not in str(error.value)
