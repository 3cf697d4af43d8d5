"""An administrator puts the lists of departments, officers and institutions in order."""

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.models import Change, Opinion
from telal.cases.names import Department, Institution, Officer
from telal.counter.likeness import alike

pytestmark = pytest.mark.django_db


def page(client: Client, where: str) -> str:
    return client.get(f"/counter/settings/{where}").content.decode()


def send(client: Client, where: str, **said: str) -> str:
    """Where it leads, or what the page that comes back says."""
    answer = client.post(f"/counter/settings/{where}", said)
    return answer.content.decode() if answer.status_code == 200 else answer.url


def test_a_list_is_pasted(boss: Client):
    send(
        boss, "departments/add", names="Služba za urbanizam\n\n  Služba za   privredu \nSlužba za urbanizam\n"
    )
    assert [one.name for one in Department.objects.all()] == ["Služba za privredu", "Služba za urbanizam"]
    assert "Dodano: 2." in page(boss, "departments")
    send(boss, "departments/add", names="Služba za urbanizam\nProtokol")
    assert "Dodano: 1. Već je bilo na popisu: 1." in page(boss, "departments")


def test_officers_come_from_a_spreadsheet(boss: Client):
    send(
        boss, "officers/add", names="Alma Destanović\t033 282 385\t14\tSlužba za urbanizam\nEdin Čaušević;;12"
    )
    alma, edin = Officer.objects.order_by("name")
    assert (alma.phone, alma.room, alma.department.name, alma.checked) == (
        "033 282 385",
        "14",
        "Služba za urbanizam",
        True,
    )
    assert (edin.phone, edin.room, edin.department) == ("", "12", None)
    assert "033 282 385" in page(boss, "officers")


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        ("", "Upišite ovaj podatak."),
        ("EP BiH\nVodovod;petnaest", "Red 2: Upišite broj dana"),
        ("EP BiH\n" + "x" * 201, "Red 2: Predugo"),
        ("\n".join(map(str, range(501))), "Najviše 500 redova"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_half_done(boss: Client, names: str, complaint: str):
    shown = send(boss, "institutions/add", names=names)
    assert complaint in shown
    assert names.splitlines()[:1] == [] or names.splitlines()[0] in shown
    assert not Institution.objects.exists()


def test_what_came_by_itself_is_marked_until_somebody_has_looked(boss: Client, case):
    case.move_to(Change("assigned", department="Sluzba za urbanizam"), source="import")
    Department.objects.create(name="Protokol", checked=True)
    assert "iz DMS-a, provjerite" in page(boss, "departments")
    assert "Za provjeru: 1." in page(boss, "departments")
    assert "Protokol" not in page(boss, "departments?show=unchecked")
    send(boss, "departments/checked", seen=str(case.events.last().case.department_id))
    assert "provjerite" not in page(boss, "departments")


def test_a_department_is_renamed_and_history_is_not(boss: Client, case):
    case.move_to(Change("assigned", department="Sluzba"), source="import")
    department = Department.objects.get()
    assert send(boss, f"departments/{department.pk}/change", name="Služba", active="on").endswith(
        "departments"
    )
    department.refresh_from_db()
    assert (department.name, department.checked) == ("Služba", True)
    assert case.events.last().department == "Sluzba"
    assert "Sluzba" in page(boss, f"departments/{department.pk}")


def test_a_name_of_anothers_is_refused(boss: Client):
    one, _ = Department.called("Služba"), Department.called("Protokol")
    shown = send(boss, f"departments/{one.pk}/change", name="Protokol", active="on")
    assert "spojite ih" in shown
    assert 'value="Protokol"' in shown


def test_what_is_not_offered_stays_on_its_cases(boss: Client, clerk: Client, case):
    case.move_to(Change("assigned", department="Ukinuta služba"), source="counter")
    department = Department.objects.get()
    send(boss, f"departments/{department.pk}/change", name="Ukinuta služba")
    assert "Ukinuta služba" not in clerk.get("/counter/cases/new").content.decode()
    assert "Ukinuta služba" in clerk.get(f"/counter/cases/{case.pk}").content.decode()
    assert "ne nudi se" in page(boss, "departments?show=inactive")


def test_two_spellings_become_one_after_a_look(boss: Client, case):
    case.move_to(Change("assigned", department="Sluzba za urbanizam"), source="import")
    wrong, right = Department.objects.get(), Department.called("Služba za urbanizam")
    where = f"departments/{wrong.pk}"
    assert 'value="Služba za urbanizam"' in page(boss, where)
    shown = send(boss, f"{where}/merge", into=right.name)
    assert "Predmeta koji prelaze: <b>1</b>" in shown
    assert Department.objects.count() == 2
    send(boss, f"{where}/merge", into=right.name, confirmed=str(right.pk))
    case.refresh_from_db()
    assert case.department == right
    shown = page(boss, f"departments/{right.pk}")
    assert "Predmeta koji su prešli: 1." in shown
    assert "Sluzba za urbanizam" in shown


def test_where_the_opinion_of_both_is_awaited_the_cases_are_named_and_nothing_is_merged(boss: Client, case):
    old, into = Institution.called("EP BiH"), Institution.called("Elektroprivreda BiH")
    today = timezone.localdate()
    for institution in (old, into):
        Opinion.objects.create(
            case=case, institution=institution, asked_on=today, due_on=today, asked_by="ana"
        )
    where = f"institutions/{old.pk}/merge"
    for confirmed in ("", str(into.pk)):
        shown = send(boss, where, into=into.name, confirmed=confirmed)
        assert "Neka službenik za jedno upiše odgovor" in shown
        assert f"/counter/cases/{case.pk}" in shown
    Opinion.objects.filter(institution=into).update(answered_on=today)
    send(boss, where, into=into.name, confirmed=str(into.pk))
    assert Opinion.objects.filter(institution=into).count() == 2
    assert not Institution.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize("into", ["", "Nema takve", "Služba"])
def test_a_merge_with_nothing_is_explained(boss: Client, into: str):
    one = Department.called("Služba")
    assert "Upišite drugi naziv" in send(boss, f"departments/{one.pk}/merge", into=into)


def test_an_institution_has_its_days_and_its_contact(boss: Client):
    one = Institution.called("KJKP Vodovod i kanalizacija")
    where = f"institutions/{one.pk}/change"
    assert "od 1 do 365" in send(boss, where, name=one.name, active="on", opinion_days="0")
    send(boss, where, name=one.name, active="on", opinion_days="15", contact="033 210 000, tehnički arhiv")
    one.refresh_from_db()
    assert (one.opinion_days, one.contact) == (15, "033 210 000, tehnički arhiv")


def test_a_long_list_is_turned_page_by_page_and_searched(boss: Client):
    Officer.objects.bulk_create(Officer(name=f"Službenik {n:03}") for n in range(120))
    first = page(boss, "officers")
    assert ("Službenik 024" in first, "Službenik 025" in first) == (True, False)
    last = Officer.objects.get(name="Službenik 099")
    assert "Službenik 119" in page(boss, f"officers?after={last.pk}")
    Officer.objects.create(name="Đenana Hodžić")
    assert "Đenana Hodžić" in page(boss, "officers?q=hodzic+djenana")
    for nonsense in ("x", "9" * 30, "-1"):
        assert "Službenik 000" in page(boss, f"officers?after={nonsense}")


def test_the_auditor_sees_the_lists_and_changes_nothing(auditor: Client):
    one = Department.called("Služba")
    assert "Služba" in page(auditor, "departments")
    for where in ("add", f"{one.pk}/change", f"{one.pk}/merge", "checked"):
        assert auditor.post(f"/counter/settings/departments/{where}").status_code == 403


def test_what_looks_alike_is_found():
    others = {name: name.lower() for name in ("služba za urbanizam", "Služba za urbanizam", "Protokol")}
    assert alike("sluzba za urbanizam", others)[0].lower() == "služba za urbanizam"
    assert alike("vodovod", others) == []
