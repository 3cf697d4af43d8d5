"""An officer's day: the list, a change with its preview, taking it back, many at once, opinions, notes, handing over."""

import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from telal.cases.merging import rename
from telal.cases.models import Case, Change, Department, Institution, Note, Officer, Opinion, Untold
from telal.cases.rules import DeadlineRules
from telal.cases.statuses import STATUSES
from telal.counter.conftest import signed_in
from telal.counter.paging import ON_A_PAGE
from telal.counter.templatetags.counter import day
from telal.counter.test_case import form_on, move
from telal.messaging.models import Contact, Message
from telal.notices.announcer import announce
from telal.staff.models import Member

pytestmark = pytest.mark.django_db

URBANISM = "Služba za urbanizam"


@pytest.fixture
def alma(db: None) -> Client:
    """An officer with her name on cases, in one department."""
    return at_desk("alma", "officer", officer="Alma Destanović", department=URBANISM)


def at_desk(name: str, role: str, officer: str = "", department: str = "") -> Client:
    client = signed_in(name, role)
    member = Member.objects.create(user=User.objects.get(username=name), officer=Officer.called(officer))
    member.departments.set([Department.called(department)] if department else [])
    return client


@pytest.fixture
def hers(make_case: Callable[..., Case]) -> Callable[..., Case]:
    """A case of Alma's, as the DMS gives it."""

    def make(number: str, *way: Change, due_in: int | None = 20, officer: str = "Alma Destanović") -> Case:
        due_on = timezone.localdate() + timedelta(days=due_in) if due_in is not None else None
        case = make_case(number, due_on=due_on)
        for change in (Change("assigned", officer=officer, department=URBANISM), *way):
            case.move_to(change, source="api")
        return case

    return make


def numbers(page: str) -> list[str]:
    return re.findall(r'<b class="number">([^<]+)</b>', page)


def page_of(client: Client, where: str = "/counter/mine") -> str:
    return client.get(where).content.decode()


def seen(page: str) -> dict[str, list[str]]:
    """What the summary of a change of many sends along."""
    return {"seen": re.findall(r'name="seen" value="([^"]+)"', page)}


def tell() -> None:
    Untold.objects.update(not_before=None)
    announce(menu=lambda language: [])


def test_who_did_not_see_what_a_colleague_has_done_meanwhile_sees_it_before_they_undo_it(alma, hers):
    case = hers("06-23-1/26", Change("in_progress"))
    stale = form_on(page_of(alma, f"/counter/cases/{case.pk}")) | {"status": "suspended"}
    case.move_to(Change("decided", outcome="granted"), source="counter", actor="mirza")
    answer = alma.post(f"/counter/cases/{case.pk}/move", stale)
    shown = answer.content.decode()
    assert f"Predmet je u međuvremenu promijenjen (mirza): {STATUSES['decided'].label('bs')}." in shown
    assert '<option value="suspended" selected>' in shown
    case.refresh_from_db()
    assert case.status == "decided"
    again = form_on(shown) | {"status": "suspended"}
    for _ in range(2):
        assert alma.post(f"/counter/cases/{case.pk}/move", again).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.events.count()) == ("suspended", 5)


def test_a_date_that_somebody_typed_goes_back_to_the_counted_one_after_a_look(alma, hers, connect):
    case = hers("06-23-1/26", Change("in_progress"))
    connect(case)
    screen = page_of(alma, f"/counter/cases/{case.pk}")
    offered = re.search(r'href="([^"]+)" data-testid="count-again">Vrati na računati rok: ([^<]+)<', screen)
    assert offered
    screen = page_of(alma, offered[1])
    assert re.search(r'name="due_counted"[^>]* checked', screen)
    assert '<option value="in_progress" selected>' in screen
    form = form_on(screen) | {"due_counted": "on", "status": "in_progress"}
    preview = alma.post(f"/counter/cases/{case.pk}/preview/move", form).content.decode()
    assert offered[2] in preview
    assert alma.post(f"/counter/cases/{case.pk}/move", form).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.due_given, day(case.due_on)) == ("in_progress", False, offered[2])
    screen = page_of(alma, f"/counter/cases/{case.pk}")
    assert "count-again" not in screen
    assert "due_counted" not in screen


def test_a_deadline_is_not_both_typed_and_counted(alma, hers):
    case = hers("06-23-1/26", Change("in_progress"))
    both = {"status": "in_progress", "due_counted": "on", "due_on": "1. 2. 2027."}
    answer = move(alma, case, **both)
    assert "Ili upišite rok, ili neka ga računa Telal." in answer.content.decode()
    case.refresh_from_db()
    assert case.due_given


# ── The list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_late_comes_first_then_what_waits_then_the_new_then_the_rest(alma, hers):
    decided = hers("06-23-6/26", Change("in_progress"), Change("decided", outcome="granted"), due_in=-9)
    working = hers("06-23-5/26", Change("in_progress"))
    new, no_deadline = hers("06-23-4/26", due_in=3), hers("06-23-7/26", due_in=None)
    supplement = hers("06-23-3/26", Change("in_progress"), Change("awaiting_applicant"), due_in=-5)
    waiting = hers("06-23-2/26", Change("in_progress"), Change("awaiting_other_body", waiting_for="Vodovod"))
    late, later = hers("06-23-1/26", due_in=-2), hers("06-23-8/26", Change("in_progress"), due_in=-1)
    hers("06-23-9/26", Change("archived"))
    hers("06-23-10/26", officer="Mirza Hadžić")
    page = page_of(alma)
    expected = [late, later, waiting, supplement, new, no_deadline, working, decided]
    assert numbers(page) == [case.number for case in expected]
    assert "kasni 2 dana" in page
    assert "Vodovod" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("section=late", ["06-23-1/26"]),
        ("status=awaiting_other_body", ["06-23-2/26"]),
        ("whose=departments", ["06-23-1/26", "06-23-2/26", "06-23-3/26"]),
        ("whose=all", ["06-23-1/26", "06-23-2/26", "06-23-3/26"]),
        ("whose=nonsense", ["06-23-1/26", "06-23-2/26"]),
        ("section=nonsense&officer=x&after=..&status=archived", ["06-23-1/26", "06-23-2/26"]),
        ("officer=99999999999999999999", ["06-23-1/26", "06-23-2/26"]),
    ],
)
def test_filters_stand_in_the_address_and_nonsense_filters_nothing(alma, hers, query, found):
    hers("06-23-1/26", due_in=-1)
    hers("06-23-2/26", Change("awaiting_other_body", waiting_for="Vodovod"))
    hers("06-23-3/26", officer="Mirza Hadžić")
    assert numbers(page_of(alma, f"/counter/mine?{query}")) == found


def test_the_list_is_paged_through_its_sections_without_losing_or_repeating_a_case(alma, hers):
    made = [
        hers(f"06-23-{n}/26", *((Change("in_progress"),) if n % 2 else ()), due_in=-1 if n % 5 == 0 else None)
        for n in range(1, ON_A_PAGE + 12)
    ]
    seen, where = [], "/counter/mine?whose=own"
    while where:
        page = page_of(alma, where)
        seen += numbers(page)
        found = re.search(r'href="(\?[^"]+)" rel="next"', page)
        where = f"/counter/mine{found[1].replace('&amp;', '&')}" if found else ""
    assert len(seen) == len(set(seen)) == len(made)


def test_the_head_sees_the_department_and_who_has_none_sees_all(clerk, hers):
    hers("06-23-1/26")
    hers("06-23-2/26", officer="Mirza Hadžić")
    head = at_desk("vesna", "head", department=URBANISM)
    assert len(numbers(page_of(head))) == 2
    assert len(numbers(page_of(signed_in("sekretar", "secretary")))) == 2
    assert len(numbers(page_of(clerk))) == 2


def test_an_officer_begins_the_day_with_the_list_and_a_clerk_at_the_counter(alma, clerk, hers):
    hers("06-23-1/26", due_in=-3)
    assert alma.get("/counter/start").url == "/counter/mine"
    assert clerk.get("/counter/start").url == "/counter/"
    assert re.search(r'data-testid="mine-count">1<', page_of(alma, "/counter/"))


def test_a_head_begins_with_the_department_and_sees_in_the_menu_what_is_late_there(hers, make_case):
    hers("06-23-1/26", due_in=-3, officer="Mirza Hadžić")
    hers("06-23-2/26", due_in=3)
    head = at_desk("vesna", "head", department=URBANISM)
    assert head.get("/counter/start").url == "/counter/mine"
    assert re.search(r'data-testid="mine-count">1<', page_of(head, "/counter/"))


def test_a_clerk_begins_at_the_counter_whatever_department_that_is_in(db):
    clerk = at_desk("ana", "counter", department=URBANISM)
    assert clerk.get("/counter/start").url == "/counter/"


def test_a_change_is_offered_only_where_it_may_be_made(alma, hers, make_case):
    own = hers("06-23-1/26")
    other = make_case(number="06-23-2/26", name="Edin")
    other.move_to(
        Change("assigned", department="Služba za finansije", officer="Senad Đozić"),
        source="counter",
        actor="ana",
    )
    listed = page_of(alma, "/counter/mine?whose=all")
    assert {own.number, other.number} <= set(numbers(listed))
    assert f"/counter/cases/{own.pk}/next" in listed
    assert f"/counter/cases/{other.pk}/next" not in listed
    assert f'name="case" value="{other.pk}"' not in listed


# ── A change, seen before it is made ─────────────────────────────────────────────────────────────────────────────────


def preview(client: Client, case: Case, **changes: str) -> str:
    form = {**form_on(page_of(client, f"/counter/cases/{case.pk}")), **changes}
    return client.post(f"/counter/cases/{case.pk}/preview/move", form).content.decode()


def test_the_preview_is_word_for_word_what_the_citizen_gets(alma, in_progress, connect):
    contact = connect(in_progress)
    Contact.objects.filter(pk=contact.pk).update(language="sr", heard_at=timezone.now())
    tell()
    Message.objects.all().delete()
    asked = {"status": "awaiting_other_body", "waiting_for": "KJKP Vodovod"}
    shown = preview(alma, in_progress, **asked)
    in_progress.refresh_from_db()
    assert in_progress.status == "in_progress"
    assert Message.objects.count() == 0
    move(alma, in_progress, **asked)
    tell()
    text = Message.objects.get().text
    assert "Чека се: KJKP Vodovod" in text
    assert re.sub(r"<br>", "\n", re.search(r'class="bubble">(.*?)</p>', shown, re.DOTALL)[1]) == text


def test_what_is_sensitive_is_previewed_as_it_will_go(alma, make_case, connect):
    case = make_case(sensitive=True)
    connect(case)
    assert "KJKP Vodovod" not in preview(alma, case, status="awaiting_other_body", waiting_for="KJKP Vodovod")


def test_that_nobody_will_be_told_is_said_with_the_reason(alma, in_progress):
    assert "Niko neće dobiti poruku: nema saglasnosti." in preview(alma, in_progress, status="decided")


def test_an_unfinished_form_is_previewed_as_nothing(alma, in_progress):
    assert "bubble" not in preview(alma, in_progress, status="awaiting_other_body", waiting_for="")


def test_a_name_in_the_text_stops_once_and_who_has_seen_it_may_go_on(alma, in_progress):
    asked = {"status": "awaiting_other_body", "waiting_for": "Amra Hodžić, Logavina"}
    page = move(alma, in_progress, **asked).content.decode()
    assert "ime stranke" in page
    in_progress.refresh_from_db()
    assert in_progress.status == "in_progress"
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    move(alma, in_progress, **asked, seen=seen)
    in_progress.refresh_from_db()
    assert in_progress.status == "awaiting_other_body"


def test_one_click_from_the_list_and_back_to_it(alma, hers):
    case = hers("06-23-1/26")
    where = re.search(r'href="([^"]+)" data-testid="next"', page_of(alma, "/counter/mine?section=new"))[1]
    page = page_of(alma, where.replace("&amp;", "&"))
    form = form_on(page)
    answer = alma.post(f"/counter/cases/{case.pk}/move", {**form, "status": "in_progress"})
    assert answer.url == "/counter/mine?section=new"
    elsewhere = {**form, "key": str(uuid.uuid4()), "status": "decided", "known": "in_progress"}
    elsewhere["back"] = "https://elsewhere.example/"
    assert alma.post(f"/counter/cases/{case.pk}/move", elsewhere).url == f"/counter/cases/{case.pk}"


# ── Taking back ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_undo_takes_the_change_back_and_the_timeline_says_so(alma, in_progress):
    move(alma, in_progress, status="decided", outcome="refused")
    page = page_of(alma, "/counter/")
    key = re.search(r'name="key" value="(counter:[^"]+)"', page)[1]
    assert "Poništeno." in alma.post("/counter/undo", {"key": key}, follow=True).content.decode()
    in_progress.refresh_from_db()
    assert (in_progress.status, in_progress.outcome) == ("in_progress", "")
    tell()
    page = page_of(alma, f"/counter/cases/{in_progress.pk}")
    assert "poništeno prije slanja" in page
    assert 'data-testid="taken-back"' in page
    assert 'data-testid="undo"' not in page


def test_a_change_of_somebody_else_is_not_mine_to_undo(alma, clerk, in_progress):
    move(clerk, in_progress, status="decided")
    assert 'data-testid="undo"' not in page_of(alma, "/counter/")
    key = in_progress.events.latest("no").key
    assert "prekasno" in alma.post("/counter/undo", {"key": key}, follow=True).content.decode()
    in_progress.refresh_from_db()
    assert in_progress.status == "decided"


def test_without_an_undo_window_nothing_is_held(alma, in_progress, settings):
    settings.TELAL_UNDO_SECONDS = 0
    move(alma, in_progress, status="decided")
    assert Untold.objects.exclude(not_before=None).count() == 0


# ── Many at once ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_many_are_looked_at_then_changed_and_taken_back_with_one_click(alma, hers, connect):
    first, second, odd = hers("06-23-1/26"), hers("06-23-2/26"), hers("06-23-3/26", Change("served"))
    connect(first)
    english = connect(second)
    Contact.objects.filter(pk=english.pk).update(language="en")
    tell()
    Message.objects.all().delete()
    ids = {"case": [first.pk, second.pk, odd.pk, 999999]}
    form = {**ids, "key": str(uuid.uuid4()), "status": "in_progress", "step": "move"}
    page = alma.post("/counter/bulk", {**form, "look": "1"}).content.decode()
    assert re.search(r'data-testid="changed">3<', page)
    assert "bosanski" in page
    assert "English" in page
    assert "Neće dobiti poruku: nema saglasnosti" in page
    assert re.search(r"neuobičajen korak</span> 1<", page)
    assert Untold.objects.count() == 0
    for _ in range(2):  # a double click
        assert alma.post("/counter/bulk", {**form, **seen(page), "do": "1"}).status_code == 302
    assert Case.objects.filter(status="in_progress").count() == 3
    assert Untold.objects.count() == 3
    bar = page_of(alma, "/counter/undo/bar")
    assert "Promijenjeno predmeta: <b>3</b>" in bar
    alma.post("/counter/undo", {"key": re.search(r'name="key" value="([^"]+)"', bar)[1]})
    assert sorted(Case.objects.values_list("status", flat=True)) == ["assigned", "assigned", "served"]
    tell()
    assert Message.objects.count() == 0


def test_a_look_at_many_reads_their_applicants_together(alma, hers):
    ids = [hers(f"06-23-{n}/26").pk for n in range(5)]
    form = {"case": ids, "key": str(uuid.uuid4()), "status": "in_progress", "step": "move", "look": "1"}
    with CaptureQueriesContext(connection) as asked:
        alma.post("/counter/bulk", form)
    assert sum('FROM "cases_applicant" WHERE' in one["sql"] for one in asked) == 1


def test_one_bad_case_spoils_no_other(alma, hers):
    good, gone = hers("06-23-1/26"), hers("06-23-2/26", Change("archived"))
    Untold.objects.all().delete()
    Case.reduce([gone.pk], timezone.now())
    yesterday = f"{timezone.localtime() - timedelta(days=1):%d.%m.%Y %H:%M}"
    form = {
        "case": [good.pk, gone.pk],
        "key": str(uuid.uuid4()),
        "status": "in_progress",
        "occurred_at": yesterday,
    }
    page = alma.post("/counter/bulk", {**form, "step": "move", "look": "1"}).content.decode()
    assert "podaci odavno obrisani" in page
    alma.post("/counter/bulk", {**form, **seen(page), "step": "move", "do": "1"})
    good.refresh_from_db()
    gone.refresh_from_db()
    assert (good.status, gone.status) == ("in_progress", "archived")


def test_a_case_that_a_colleague_has_changed_since_the_look_is_left_as_it_is(alma, hers):
    same, other = hers("06-23-1/26"), hers("06-23-2/26")
    form = {"case": [same.pk, other.pk], "key": str(uuid.uuid4()), "status": "in_progress", "step": "move"}
    page = alma.post("/counter/bulk", {**form, "look": "1"}).content.decode()
    other.move_to(Change("decided", outcome="refused"), source="api")
    said = alma.post("/counter/bulk", {**form, **seen(page), "do": "1"}, follow=True).content.decode()
    assert "Promijenjeno predmeta: 1." in said
    assert "neko u međuvremenu mijenjao: 1." in said
    assert sorted(Case.objects.values_list("status", flat=True)) == ["decided", "in_progress"]
    alma.post("/counter/bulk", {**form, "key": str(uuid.uuid4()), "do": "1"})  # without a look
    other.refresh_from_db()
    assert other.status == "decided"


def test_nothing_chosen_is_said(alma):
    page = alma.post("/counter/bulk", {"case": ["x", "-1"]}, follow=True).content.decode()
    assert "Prvo izaberite predmete." in page


# ── Opinions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def ask(client: Client, case: Case, institution: str, **more: str):
    today = timezone.localdate()
    form = {
        "key": str(uuid.uuid4()),
        "institution": institution,
        "asked_on": f"{today:%d.%m.%Y}",
        "due_on": f"{today + timedelta(days=15):%d.%m.%Y}",
    }
    return client.post(f"/counter/cases/{case.pk}/opinions", {**form, **more})


def test_without_a_date_an_institution_has_its_own_days_or_those_of_the_rules(alma, make_case):
    Institution.objects.create(name="Vodovod", opinion_days=40)
    today = timezone.localdate()
    for number, institution, days in (("06-23-1/26", "Vodovod", 40), ("06-23-2/26", "Zavod", 15)):
        assert ask(alma, make_case(number), institution, due_on="").status_code == 302
        late_by = Opinion.objects.get(institution__name=institution).due_on - today - timedelta(days=days)
        assert timedelta() <= late_by <= timedelta(days=6), "moved off days when nobody works"


def test_who_asks_again_under_another_name_is_told_that_it_is_awaited(alma, in_progress):
    ask(alma, in_progress, "Vodovod")
    Institution.objects.get().spellings.create(name="KJKP ViK")
    shown = ask(alma, in_progress, "KJKP ViK")
    assert "Mišljenje ovog organa već se čeka." in shown.content.decode()
    assert Opinion.objects.count() == 1


def answer(client: Client, opinion: Opinion, status: str, **more: str):
    form = {
        "key": str(uuid.uuid4()),
        "answered_on": f"{timezone.localdate():%d.%m.%Y}",
        "answer": "Saglasni smo",
        "status": status,
    }
    return client.post(f"/counter/opinions/{opinion.pk}/answer", {**form, **more})


def test_two_opinions_are_awaited_and_the_case_goes_on_when_both_have_come(alma, in_progress, connect):
    connect(in_progress)
    tell()
    Message.objects.all().delete()
    ask(alma, in_progress, "Vodovod")
    ask(alma, in_progress, "Elektroprivreda")
    tell()
    assert ["Vodovod" in text for text in Message.objects.order_by("id").values_list("text", flat=True)] == [
        True,
        False,
    ]
    answer(alma, Opinion.objects.get(institution__name="Elektroprivreda"), "awaiting_other_body")
    in_progress.refresh_from_db()
    assert (in_progress.status, in_progress.waiting_for.name) == ("awaiting_other_body", "Vodovod")
    answer(alma, Opinion.objects.get(institution__name="Vodovod"), "in_progress")
    in_progress.refresh_from_db()
    assert (in_progress.status, in_progress.waiting_for) == ("in_progress", None)
    tell()
    assert "Saglasni smo" not in "".join(Message.objects.values_list("text", flat=True))
    assert "Saglasni smo" in page_of(alma, f"/counter/cases/{in_progress.pk}")


def test_an_answer_says_before_what_the_citizen_will_read(alma, in_progress, connect):
    connect(in_progress)
    ask(alma, in_progress, "KJKP Vodovod")
    opinion = Opinion.objects.get()
    sent = {
        "key": str(uuid.uuid4()),
        "answered_on": f"{timezone.localdate():%d.%m.%Y}",
        "answer": "Saglasni.",
    }
    address = f"/counter/opinions/{opinion.pk}/preview"
    assert address in page_of(alma, f"/counter/cases/{in_progress.pk}")
    shown = alma.post(address, {**sent, "status": "in_progress"}).content.decode()
    assert "Na Vašem predmetu se radi." in shown
    assert "Saglasni" not in shown
    assert "bubble" not in alma.post(address, {**sent, "status": ""}).content.decode()
    assert Opinion.objects.get().answered_on is None


def test_a_late_opinion_is_flagged_on_the_case_and_in_both_lists(alma, hers):
    case = hers("06-23-1/26", Change("in_progress"))
    ask(alma, case, "Vodovod")
    month_ago = timezone.localdate() - timedelta(days=30)
    Opinion.objects.update(asked_on=month_ago, due_on=month_ago + timedelta(days=15))
    assert 'data-testid="late"' in page_of(alma, f"/counter/cases/{case.pk}")
    assert numbers(page_of(alma, "/counter/mine?opinion=late")) == [case.number]
    assert "kasni" in page_of(alma, "/counter/opinions")


def test_an_opinion_is_due_when_its_body_usually_answers_else_as_the_rules_have_it(alma, in_progress):
    vodovod = Institution.called("Vodovod")
    Institution.objects.filter(pk=vodovod.pk).update(opinion_days=7)
    DeadlineRules(opinion=21).save()
    monday = "2. 2. 2026."
    ask(alma, in_progress, "Vodovod", asked_on=monday, due_on="")
    ask(alma, in_progress, "Elektroprivreda", asked_on=monday, due_on="")
    due = dict(Opinion.objects.values_list("institution__name", "due_on"))
    assert due == {"Vodovod": date(2026, 2, 9), "Elektroprivreda": date(2026, 2, 23)}


def test_the_same_body_is_not_asked_twice_at_a_time(alma, in_progress):
    ask(alma, in_progress, "Vodovod")
    assert "već se čeka" in ask(alma, in_progress, "Vodovod").content.decode()
    assert Opinion.objects.count() == 1


def test_the_same_body_under_another_name_is_not_asked_twice_either(alma, in_progress):
    rename(Institution.called("Vodovod"), "KJKP Vodovod")
    ask(alma, in_progress, "KJKP Vodovod")
    assert "već se čeka" in ask(alma, in_progress, "Vodovod").content.decode()
    assert Opinion.objects.count() == 1


def test_of_two_who_answer_at_once_the_second_moves_nothing_and_is_told(alma, in_progress, monkeypatch):
    ask(alma, in_progress, "Vodovod")
    opinion = Opinion.objects.get()
    mirza, quicker = at_desk("mirza", "officer"), iter([True])

    def answered_meanwhile(found: Opinion) -> list[Institution]:
        if next(quicker, False):
            answer(mirza, opinion, "in_progress")
        return []

    monkeypatch.setattr("telal.counter.opinions._others", answered_meanwhile)
    answer(alma, opinion, "decided", answer="Nešto drugo")
    in_progress.refresh_from_db()
    opinion.refresh_from_db()
    assert (in_progress.status, opinion.answer) == ("in_progress", "Saglasni smo")
    assert "kolega je u međuvremenu upisao odgovor" in page_of(alma, f"/counter/cases/{in_progress.pk}")


def test_an_opinion_asked_by_mistake_is_taken_back_with_its_change(alma, in_progress):
    ask(alma, in_progress, "Vodovod")
    alma.post("/counter/undo", {"key": in_progress.events.latest("no").key})
    in_progress.refresh_from_db()
    assert in_progress.status == "in_progress"
    assert not Opinion.objects.exists()


def test_an_answer_taken_back_is_awaited_again(alma, in_progress):
    ask(alma, in_progress, "Vodovod")
    Untold.objects.update(not_before=None)
    answer(alma, Opinion.objects.get(), "in_progress")
    alma.post("/counter/undo", {"key": in_progress.events.latest("no").key})
    opinion = Opinion.objects.get()
    assert (opinion.answered_on, opinion.answer) == (None, "")


def test_an_answer_may_leave_the_case_as_it_is_and_comes_once(alma, in_progress):
    ask(alma, in_progress, "Vodovod")
    opinion = Opinion.objects.get()
    answer(alma, opinion, "")
    answer(alma, opinion, "decided", answer="Nešto drugo")
    in_progress.refresh_from_db()
    opinion.refresh_from_db()
    assert (in_progress.status, opinion.answer) == ("awaiting_other_body", "Saglasni smo")


@pytest.mark.parametrize(
    "wrong", [{"due_on": "1.1.2020."}, {"asked_on": "1.1.2099."}, {"institution": ""}, {"due_on": "sutra"}]
)
def test_a_question_that_cannot_be_is_explained_and_nothing_is_written(alma, in_progress, wrong):
    page = ask(alma, in_progress, **{"institution": "Vodovod", **wrong}).content.decode()
    assert 'class="error"' in page
    assert not Opinion.objects.exists()


# ── Notes, and handing over ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_note_is_written_once_sealed_and_never_edited(alma, case):
    sent = {"key": str(uuid.uuid4()), "text": "Stranka dolazi u petak"}
    for _ in range(2):
        alma.post(f"/counter/cases/{case.pk}/notes", sent)
    assert Note.objects.get().text == "Stranka dolazi u petak"
    assert "Stranka dolazi u petak" in page_of(alma, f"/counter/cases/{case.pk}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM cases_note")
        assert cursor.fetchone()[0].startswith("sealed:")
    for column in ("text", "written_by", "case_id"):
        with (
            pytest.raises(DatabaseError, match="never edited"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE cases_note SET {column} = {column}")


def test_an_empty_note_is_no_note(alma, case):
    assert (
        "Upišite ovaj podatak."
        in alma.post(
            f"/counter/cases/{case.pk}/notes", {"key": str(uuid.uuid4()), "text": "  "}
        ).content.decode()
    )
    assert not Note.objects.exists()


def test_a_case_handed_over_is_told_as_assigned(alma, in_progress, connect):
    connect(in_progress)
    tell()
    Message.objects.all().delete()
    department = Department.called("Služba za privredu")
    alma.post(
        f"/counter/cases/{in_progress.pk}/hand-over", {"key": str(uuid.uuid4()), "department": department.pk}
    )
    in_progress.refresh_from_db()
    assert (in_progress.status, in_progress.department, in_progress.officer) == ("assigned", department, None)
    tell()
    assert "Služba: Služba za privredu" in Message.objects.get().text


def test_a_case_that_waits_goes_on_waiting_with_another_officer(alma, in_progress):
    in_progress.move_to(Change("awaiting_other_body", waiting_for="Vodovod"), source="api")
    mirza = Officer.called("Mirza Hadžić")
    alma.post(f"/counter/cases/{in_progress.pk}/hand-over", {"key": str(uuid.uuid4()), "officer": mirza.pk})
    in_progress.refresh_from_db()
    assert (in_progress.status, in_progress.officer, in_progress.waiting_for.name) == (
        "awaiting_other_body",
        mirza,
        "Vodovod",
    )


def test_handed_over_to_nobody_is_refused(alma, in_progress):
    page = alma.post(
        f"/counter/cases/{in_progress.pk}/hand-over", {"key": str(uuid.uuid4())}
    ).content.decode()
    assert "Izaberite službu ili službenika" in page


def test_many_are_handed_over_together(alma, hers):
    cases = [hers(f"06-23-{n}/26") for n in (1, 2)]
    mirza = Officer.called("Mirza Hadžić")
    form = {
        "case": [case.pk for case in cases],
        "key": str(uuid.uuid4()),
        "officer": mirza.pk,
        "step": "hand_over",
    }
    page = alma.post("/counter/bulk", {**form, "look": "1"}).content.decode()
    assert 'data-testid="changed">2<' in page
    alma.post("/counter/bulk", {**form, **seen(page), "do": "1"})
    assert Case.objects.filter(officer=mirza).count() == 2


def test_the_auditor_sees_and_changes_nothing(in_progress):
    auditor = signed_in("revizor", "auditor")
    assert auditor.get("/counter/mine").status_code == 200
    assert auditor.get("/counter/opinions").status_code == 200
    of_case = [f"cases/{in_progress.pk}/{name}" for name in ("notes", "opinions", "hand-over")]
    for where in ("bulk", "undo", *of_case):
        assert auditor.post(f"/counter/{where}").status_code == 403


@pytest.mark.parametrize(
    "query", ["institution=" + "9" * 20, "institution=²", "after=2026-01-01_" + "9" * 20, "after=x_1"]
)
def test_nonsense_in_the_address_of_the_opinions_breaks_nothing(alma, query: str):
    assert alma.get(f"/counter/opinions?{query}").status_code == 200
