"""Who gets in, and who may do what: every address of the staff is knocked at as each role, and as a stranger.

The addresses come from the list that Django serves, the answers from the table of permissions: a screen without a rule fails here.
"""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from telal.cases.models import Case, CaseEvent, Department, Institution, Opinion, Review
from telal.conversation.models import Kind, Question
from telal.counter.access import Rule
from telal.counter.conftest import signed_in
from telal.messaging.models import Contact
from telal.notices.models import Consent, Notice, Subscription, Unbound
from telal.staff.models import Member
from telal.staff.permissions import NO, OWN, PERMISSIONS, ROLES, Reach

# Whoever signs in or out has no role yet.
OPEN = ("counter/sign-in", "counter/sign-out", "counter/account/in", "counter/first", "counter/language")


def staff_pages(
    patterns: list[URLPattern | URLResolver], before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        where = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from staff_pages(one.url_patterns, where)
        elif where.startswith("counter/"):
            yield where, one


PAGES = dict(staff_pages(get_resolver().url_patterns))
GUARDED = {where: pattern for where, pattern in PAGES.items() if not where.startswith(OPEN)}
each_page = pytest.mark.parametrize("where", GUARDED)


@pytest.fixture
def town(case: Case) -> dict[str, object]:
    """Something behind every address, what its parts are filled in with: whatever has a number has the same one."""
    now = case.changed_at
    consent = Consent.objects.create(
        pk=case.pk,
        case=case,
        person="Amra",
        given_at=now,
        recorded_by="ana",
        medium="paper",
        text_version="1",
    )
    contact = Contact.objects.create(channel="viber", address="x", reachable=True)
    heard = Subscription.objects.create(
        pk=case.pk, consent=consent, case=case, contact=contact, created_at=now
    )
    Question.objects.create(pk=case.pk, contact=contact, kind=Kind.QUESTION, asked_at=now)
    event = CaseEvent.objects.get(case=case)
    Notice.objects.create(pk=case.pk, event=event, subscription=heard, created_at=now)
    vodovod = Institution.called("KJKP Vodovod")
    Opinion.objects.create(
        pk=case.pk, case=case, institution=vodovod, asked_on=now, due_on=now, asked_by="ana"
    )
    Review.objects.create(pk=event.pk, event=event)
    Unbound.objects.create(pk=case.pk, consent=consent, since=now)
    text = {"app": "notices", "part": "text", "language": "bs", "name": "received"}
    other = {"counter/reviews/<int:pk>": event.pk}  # it has the number of its line
    return {"pk": case.pk, "rest": "elsewhere", "day": "2027-01-01", **text, **other}


def rule_of(where: str) -> Rule:
    return GUARDED[where].callback.rule  # type: ignore[union-attr]


def reach_of(where: str, role: str) -> Reach:
    return dict(zip(ROLES, PERMISSIONS[rule_of(where).permission], strict=True))[role]


def knock(client: Client, where: str, town: dict[str, object]):
    """Through the method that the address takes."""
    address = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(town.get(where, town[part[1]])), where)
    answer = client.get(address)
    return client.post(address) if answer.status_code == 405 else answer


@each_page
def test_every_screen_has_a_rule(where: str):
    assert isinstance(rule_of(where), Rule)


@each_page
@pytest.mark.once
@pytest.mark.django_db
def test_a_stranger_is_sent_to_sign_in(where: str, town):
    answer = knock(Client(), where, town)
    assert answer.status_code == 302
    assert answer.url.startswith("/counter/sign-in")


@each_page
@pytest.mark.django_db
def test_a_role_gets_in_where_the_table_says_so(where: str, town):
    closed = {role for role in ROLES if knock(signed_in(role, role), where, town).status_code == 403}
    assert closed == {role for role in ROLES if reach_of(where, role) == NO}


@pytest.mark.once
@pytest.mark.parametrize(
    "where",
    [where for where in GUARDED if OWN in PERMISSIONS[rule_of(where).permission] and not rule_of(where).each],
)
@pytest.mark.django_db
def test_the_case_of_another_department_is_only_looked_at(where: str, town, case: Case):
    case.department = Department.called("Socijalna")
    case.save()
    for role in ROLES:
        client = signed_in(role, role)
        member = Member.objects.create(user=User.objects.get(username=role))
        member.departments.set([Department.called("Urbanizam")])
        assert (knock(client, where, town).status_code == 403) == (reach_of(where, role) <= OWN)
        if reach_of(where, role) <= OWN:
            member.departments.add(case.department)
            assert (knock(client, where, town).status_code == 403) == (reach_of(where, role) == NO)


def test_somebody_without_a_role_does_not_get_in(db: None):
    answer = signed_in("niko").get("/counter/")
    assert answer.status_code == 403
    assert "Nemate pristup" in answer.content.decode()


def test_the_auditor_is_not_shown_what_only_others_may_press(case: Case):
    screen = signed_in("rev", "auditor").get(f"/counter/cases/{case.pk}").content.decode()
    assert case.number in screen
    assert 'data-testid="move"' not in screen
    assert 'data-testid="new-case"' not in screen


def test_a_wrong_password_is_refused_in_bosnian(db: None):
    answer = Client().post(
        "/counter/sign-in", {"username": "ana", "password": "?"}, headers={"accept-language": "en"}
    )
    assert "Korisničko ime ili lozinka nisu tačni." in answer.content.decode()


def test_a_part_of_a_page_whose_session_has_ended_sends_the_page_to_sign_in(case: Case):
    answer = Client().get(f"/counter/cases/{case.pk}/timeline", headers={"hx-request": "true"})
    assert answer.headers["HX-Redirect"] == "/counter/sign-in"


def test_no_page_stays_in_the_browser_after_signing_out(clerk: Client):
    assert "no-store" in clerk.get("/counter/").headers["Cache-Control"]
    clerk.post("/counter/sign-out")
    assert clerk.get("/counter/").status_code == 302


def test_a_wrong_address_is_explained_in_bosnian(clerk: Client):
    for where in ("/counter/cases/999999", "/counter/nema"):
        answer = clerk.get(where)
        assert answer.status_code == 404
        assert "Nema te stranice" in answer.content.decode()


def test_of_many_cases_those_of_another_department_are_left_out(make_case):
    ours = make_case(department=Department.called("Urbanizam"))
    theirs = make_case(number="06-23-2/26", department=Department.called("Socijalna"))
    alma = signed_in("alma", "officer")
    Member.objects.create(user=User.objects.get(username="alma")).departments.set([ours.department])
    page = alma.post("/counter/bulk", {"case": [ours.pk, theirs.pk]}).content.decode()
    assert ours.number in page
    assert theirs.number not in page
    assert "Izostavljeno, jer ih vodi druga služba: 1." in page
    assert alma.post("/counter/bulk", {"case": [theirs.pk]}).status_code == 302
