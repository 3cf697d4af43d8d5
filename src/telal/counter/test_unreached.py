"""Whoever could not be told in Viber is told by a human."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.models import Case, Change
from telal.counter.conftest import signed_in
from telal.messaging.models import Contact, Message
from telal.notices.announcer import announce
from telal.notices.consents import record_consent
from telal.notices.models import Notice, Subscription


@pytest.fixture
def told(make_case: Callable[..., Case]) -> Callable[..., Notice]:
    """A change of a case, and a message about it that ended so."""

    def tell(number: str, **end: object) -> Notice:
        case = make_case(number=number, name="Đuro Perić", phone="+38762555666")
        contact = Contact.objects.create(channel="viber", address=number, reachable=True)
        consent = record_consent(case, recorded_by="ana", medium="paper", language="bs")
        Subscription.objects.create(
            consent=consent, case=case, contact=contact, created_at=timezone.now(), told_through=1
        )
        case.move_to(Change("in_progress"), source="counter")
        while announce(lambda _: []):
            pass
        notice = Notice.objects.exclude(message=None).latest("pk")
        Message.objects.filter(pk=notice.message_id).update(
            **{"due_at": None, "ended_at": timezone.now(), **end}
        )
        return notice

    return tell


def test_who_was_not_reached_is_called_and_the_case_ticked_off(clerk: Client, told: Callable[..., Notice]):
    notice = told("06-23-1/26", state="failed", error="6")
    assert 'data-testid="unreached-count">1<' in clerk.get("/counter/").content.decode()
    page = clerk.get("/counter/unreached").content.decode()
    for words in ("06-23-1/26", "Đuro Perić", "+387 62 555 666", "Građanin nije pretplaćen"):
        assert words in page
    for told in ("letter", "call"):
        assert clerk.post(f"/counter/unreached/{notice.pk}", {"told": told}).url == "/counter/unreached"
    assert "Sve je stiglo." in clerk.get("/counter/unreached").content.decode()
    message = Message.objects.get(notice=notice)
    assert (message.settled_by, message.told_by) == ("ana", "letter")
    assert 'data-testid="unreached-count"' not in clerk.get("/counter/").content.decode()


@pytest.mark.parametrize(
    ("end", "is_listed"),
    [
        ({"state": "failed", "error": "http_429"}, True),
        ({"state": "uncertain", "error": "timeout"}, True),
        ({"state": "cancelled", "error": "unreachable"}, True),
        ({"state": "cancelled", "error": "unsubscribed"}, False),
        ({"state": "delivered", "ended_at": None}, False),
    ],
)
def test_what_was_lost_is_listed_and_what_was_not_wanted_is_not(clerk, told, end, is_listed):
    told("06-23-1/26", **end)
    assert ("06-23-1/26" in clerk.get("/counter/unreached").content.decode()) is is_listed


def test_the_list_goes_page_by_page(clerk, told, monkeypatch):
    monkeypatch.setattr("telal.counter.paging.ON_A_PAGE", 2)
    for n in (1, 2, 3):
        told(f"06-23-{n}/26", state="failed", error="6")
    first = clerk.get("/counter/unreached").content.decode()
    assert "06-23-3/26" in first
    assert "06-23-1/26" not in first
    older = first.partition('href="?after=')[2].partition('"')[0]
    assert "06-23-1/26" in clerk.get(f"/counter/unreached?after={older}").content.decode()
    for nonsense in ("x", "-1", "9" * 40, "²"):
        assert clerk.get("/counter/unreached", {"after": nonsense}).status_code == 200


def test_an_auditor_may_look_and_not_tick_off(told):
    notice = told("06-23-1/26", state="failed", error="6")
    auditor = signed_in("revizor", "auditor")
    page = auditor.get("/counter/unreached").content.decode()
    assert "06-23-1/26" in page
    assert "settle-call" not in page
    assert "62 555 666" not in page
    assert auditor.post(f"/counter/unreached/{notice.pk}").status_code == 403


@pytest.mark.parametrize(
    ("end", "kind", "advice"),
    [
        ({"state": "uncertain", "error": "6"}, "maybe", "Viber nije potvrdio."),
        ({"state": "failed", "error": "5"}, "gone", "pošaljite dopis"),
        ({"state": "failed", "error": "13"}, "phone", "ažurira Viber"),
        ({"state": "failed", "error": "defect"}, "ours", "Nije do građanina."),
    ],
)
def test_the_list_says_what_to_do_and_what_to_say(clerk: Client, told, end, kind, advice):
    told("06-23-1/26", **end)
    for query, is_listed in (
        ("", True),
        (f"?kind={kind}", True),
        ("?kind=gone", kind == "gone"),
        ("?kind=x", True),
    ):
        shown = clerk.get(f"/counter/unreached{query}").content.decode()
        assert ("06-23-1/26" in shown) is is_listed
    shown = clerk.get("/counter/unreached").content.decode()
    assert advice in shown
    assert "Na Vašem predmetu se radi." in shown


def test_a_rare_kind_is_found_step_by_step(clerk: Client, told, monkeypatch):
    monkeypatch.setattr("telal.counter.paging.LOOKED_THROUGH", 2)
    told("06-23-1/26", state="failed", error="13")
    for n in (2, 3):
        told(f"06-23-{n}/26", state="failed", error="6")
    first = clerk.get("/counter/unreached?kind=phone").content.decode()
    assert "pogledajte starije" in first
    older = first.partition("after=")[2].partition('"')[0]
    assert "06-23-1/26" in clerk.get(f"/counter/unreached?kind=phone&after={older}").content.decode()
