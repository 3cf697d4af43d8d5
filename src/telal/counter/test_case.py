"""A case on the screen: moving it on, and how far the messages got."""

import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.models import Case, Change, Untold
from telal.counter.steps import MoveForm
from telal.messaging.models import Attempt, Contact, Message, State
from telal.notices.announcer import announce


def form_on(page: str) -> dict[str, str]:
    """The move form as a browser would send it back untouched."""
    form = re.search(r'data-testid="move-form">.*?</form>', page, re.DOTALL)[0]
    inputs = (
        (re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag))
        for tag in re.findall(r"<input[^>]*>", form)
        if "checkbox" not in tag
    )
    return {name[1]: value[1] if value else "" for name, value in inputs}


def move(clerk: Client, case: Case, **changes: str):
    where = f"/counter/cases/{case.pk}"
    return clerk.post(f"{where}/move", {**form_on(clerk.get(where).content.decode()), **changes})


def test_the_case_waits_for_an_institution(clerk: Client, in_progress: Case):
    move(clerk, in_progress, status="awaiting_other_body", waiting_for="KJKP Vodovod i kanalizacija")
    page = clerk.get(f"/counter/cases/{in_progress.pk}").content.decode()
    assert "Čeka se: KJKP Vodovod i kanalizacija" in page
    event = in_progress.events.last()
    assert (event.source, event.actor, event.expected) == ("counter", "ana", True)


def test_who_is_waited_for_must_be_said(clerk: Client, in_progress: Case):
    page = move(clerk, in_progress, status="awaiting_other_body").content.decode()
    assert "Upišite čije se mišljenje ili saglasnost čeka." in page
    in_progress.refresh_from_db()
    assert in_progress.status == "in_progress"


def test_a_double_click_moves_once(clerk: Client, in_progress: Case):
    sent = {"key": str(uuid.uuid4()), "status": "decided", "outcome": "granted"}
    for _ in range(2):
        assert clerk.post(f"/counter/cases/{in_progress.pk}/move", sent).status_code == 302
    assert in_progress.events.filter(status="decided").count() == 1


def test_what_a_clerk_leaves_alone_does_not_undo_a_colleague(clerk: Client, in_progress: Case):
    form = form_on(clerk.get(f"/counter/cases/{in_progress.pk}").content.decode())
    in_progress.move_to(
        Change("in_progress", officer="Mirza Hadžić", due_on=date(2027, 3, 12)),
        source="counter",
        actor="mirza",
    )
    clerk.post(f"/counter/cases/{in_progress.pk}/move", {**form, "status": "inspection_or_hearing"})
    in_progress.refresh_from_db()
    assert (in_progress.status, in_progress.officer.name) == ("inspection_or_hearing", "Mirza Hadžić")
    assert in_progress.due_on == date(2027, 3, 12)


def test_an_officer_can_be_taken_off_but_a_deadline_cannot(clerk: Client, case: Case):
    case.move_to(Change("assigned", officer="Mirza Hadžić", due_on=date(2027, 3, 12)), source="counter")
    move(clerk, case, status="in_progress", officer="")
    case.refresh_from_db()
    assert case.officer is None
    page = move(clerk, case, status="in_progress", due_on="").content.decode()
    assert "Rok se može promijeniti, ali ne i izbrisati." in page


def test_an_outcome_belongs_to_a_decision(clerk: Client, in_progress: Case):
    move(clerk, in_progress, status="awaiting_applicant", outcome="granted")
    in_progress.refresh_from_db()
    assert in_progress.outcome == ""


def test_usual_steps_come_first_and_a_strange_one_is_marked(clerk: Client, case: Case):
    groups = MoveForm.of(case).fields["status"].choices
    assert [code for code, _ in groups[1][1]] == ["assigned", "transferred", "merged", "cancelled"]
    move(clerk, case, status="served")
    assert "neuobičajen korak" in clerk.get(f"/counter/cases/{case.pk}").content.decode()


def test_every_status_stands_in_the_list_once(in_progress: Case):
    codes = [code for _, group in MoveForm.of(in_progress).fields["status"].choices[1:] for code, _ in group]
    assert len(codes) == len(set(codes)) == 17


def test_the_future_is_refused_and_the_past_accepted(clerk: Client, in_progress: Case):
    tomorrow = timezone.localtime() + timedelta(days=1)
    page = move(clerk, in_progress, status="decided", occurred_at=f"{tomorrow:%d. %m. %Y. %H:%M}")
    assert "vrijeme je u budućnosti" in page.content.decode()
    yesterday = timezone.localtime() - timedelta(days=1)
    move(clerk, in_progress, status="decided", occurred_at=f"{yesterday:%d.%m.%Y %H:%M}")
    assert timezone.localdate(in_progress.events.last().occurred_at) == yesterday.date()


@pytest.fixture
def message(clerk: Client, case: Case, connect: Callable[[Case], Contact]) -> Message:
    """The citizen is told that the case was assigned."""
    connect(case)
    announce(menu=lambda language: [])
    Message.objects.all().delete()
    case.move_to(Change("assigned", department="Služba za urbanizam"), source="counter", actor="ana")
    announce(menu=lambda language: [])
    return Message.objects.get()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.QUEUED, "u redu za slanje"),
        (State.SENDING, "šalje se"),
        (State.UNCERTAIN, "neizvjesno"),
        (State.SENT, "poslano"),
        (State.DELIVERED, "isporučeno"),
        (State.SEEN, "viđeno"),
        (State.FAILED, "nije uspjelo"),
        (State.CANCELLED, "otkazano"),
    ],
)
def test_the_timeline_says_how_far_a_message_got(
    clerk: Client, case: Case, message: Message, state: State, words: str
):
    Message.objects.update(state=state)
    page = clerk.get(f"/counter/cases/{case.pk}").content.decode()
    assert re.search(rf'class="mark \w+">.*?</svg>{words}<', page, re.DOTALL)
    assert "Služba: Služba za urbanizam" in page


def test_a_failure_is_explained_with_its_attempts(clerk: Client, case: Case, message: Message):
    Message.objects.update(state=State.FAILED, error="6", due_at=None)
    now = timezone.now()
    Attempt.objects.create(message=message, started_at=now, ended_at=now, outcome="unreachable", code="6")
    page = clerk.get(f"/counter/cases/{case.pk}").content.decode()
    assert "građanin nije pretplaćen ili je isključio poruke" in page
    assert "1. pokušaj" in page


def test_why_somebody_was_not_told_can_be_read(clerk: Client, case: Case):
    page = clerk.get(f"/counter/cases/{case.pk}").content.decode()
    assert "priprema se" in page
    announce(menu=lambda language: [])
    assert "nije poslano: nema saglasnosti" in clerk.get(f"/counter/cases/{case.pk}").content.decode()


def test_the_timeline_is_sent_again_only_when_it_has_changed(clerk: Client, case: Case, message: Message):
    page = clerk.get(f"/counter/cases/{case.pk}").content.decode()
    where = re.search(r'hx-get="([^"]+)" hx-trigger="every 2s"', page)[1]
    assert clerk.get(where).status_code == 204
    Message.objects.update(state=State.SEEN, due_at=None)
    fresh = clerk.get(where).content.decode()
    assert "viđeno" in fresh
    assert "every 20s" in fresh


def test_a_colleague_s_move_reaches_an_open_page(clerk: Client, case: Case, message: Message):
    page = clerk.get(f"/counter/cases/{case.pk}").content.decode()
    where = re.search(r'hx-get="([^"]+)" hx-trigger', page)[1]
    case.move_to(Change("in_progress", officer="Mirza Hadžić"), source="counter", actor="mirza")
    fresh = clerk.get(where).content.decode()
    assert re.search(r'id="case-state" hx-swap-oob="true">.*U obradi', fresh)
    assert re.search(r'id="case-facts" hx-swap-oob="true">.*Mirza Hadžić', fresh, re.DOTALL)


def test_a_case_whose_data_is_over_says_so(clerk, case):
    Untold.objects.all().delete()
    Case.reduce([case.pk], timezone.now())
    page = clerk.get(f"/counter/cases/{case.pk}").content.decode()
    assert "istekao je rok čuvanja" in page
    assert "Amra" not in page
    assert clerk.get("/counter/").status_code == 200
