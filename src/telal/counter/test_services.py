"""The municipality writes down what it offers and how long that takes, one by one or from a table."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from telal.cases.models import Case
from telal.cases.rules import Service
from telal.counter.services_file import read_services

pytestmark = pytest.mark.django_db

HEADER = "šifra;naziv;vrsta;postupak;rok dana;provjera dana;osjetljiva;u ponudi"
SHELTER = {"name": "Saglasnost za sklonište", "code": "08-18", "kind": "administrative", "procedure": "ordinary",
           "days": "7", "active": "on"}  # fmt: skip


def page(client: Client, where: str = "services") -> str:
    return client.get(f"/counter/{where}").content.decode()


def upload(client: Client, content: str | bytes) -> str:
    content = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("usluge.csv", content, content_type="text/csv")
    return client.post("/counter/services/import", {"file": file}).content.decode()


def test_a_service_is_added_changed_and_taken_out_of_the_offer(secretary: Client):
    assert "Još nema usluga" in page(secretary)
    assert secretary.post("/counter/services/new", SHELTER).url == "/counter/services"
    service = Service.objects.get()
    assert (service.days, service.completeness_days, service.active) == (7, None, True)
    assert "7 dana" in page(secretary)
    assert "08-18" in page(secretary, f"services/{service.pk}")
    secretary.post(f"/counter/services/{service.pk}", {**SHELTER, "days": "", "active": ""})
    service.refresh_from_db()
    assert (service.days, service.active) == (None, False)
    assert "više nije u ponudi" in page(secretary)
    assert "po postupku" in page(secretary)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"days": "sedam"}, "Upišite broj dana"),
        ({"days": "0"}, "Najmanje jedan dan"),
        ({"days": "99999"}, "Najviše deset godina"),
        ({"name": ""}, "Upišite ovaj podatak"),
        ({"name": "saglasnost za SKLONISTE", "code": ""}, "Usluga s ovim nazivom već postoji"),
        ({"code": "08-18"}, "Ovu šifru već ima druga usluga"),
        ({"procedure": "brzo"}, "Izaberite nešto s popisa"),
    ],
)
def test_what_cannot_be_is_explained(secretary: Client, change, complaint):
    secretary.post("/counter/services/new", SHELTER)
    told = secretary.post("/counter/services/new", {**SHELTER, "name": "Nova", "code": "1", **change})
    assert complaint in told.content.decode()
    assert Service.objects.count() == 1


def test_a_table_goes_out_and_comes_back_the_same(secretary: Client):
    Service.objects.create(
        name="Uvjerenje; o životu", code="16-01", kind="certificate", procedure="from_records", days=1
    )
    Service.objects.create(name="Čišćenje", sensitive=True, completeness_days=2, active=False)
    answer = secretary.get("/counter/services.csv")
    before = list(Service.objects.values())
    assert "usluge.csv" in answer["Content-Disposition"]
    assert "izmijenjenih: 2" in upload(secretary, answer.content)
    assert list(Service.objects.values()) == before


def test_a_table_from_excel_in_its_old_encoding_and_with_the_words_of_the_screen(secretary: Client):
    lines = (
        f"{HEADER}\r\n08-18;Šuma;Upravni postupak;Skraćeni postupak;;;da;da\r\n;Izvod;certificate;;1;;;\r\n"
    )
    assert "Novih usluga: 2" in upload(secretary, lines.encode("cp1250"))
    forest, extract = Service.objects.get(code="08-18"), Service.objects.get(name="Izvod")
    assert (forest.procedure, forest.days, forest.sensitive) == ("shortened", None, True)
    assert (extract.kind, extract.days, extract.active) == ("certificate", 1, True)


def test_a_known_code_changes_its_service_and_the_rest_stays(secretary: Client):
    secretary.post("/counter/services/new", SHELTER)
    assert "izmijenjenih: 1" in upload(secretary, "naziv,sifra,rok dana\nSaglasnost,08-18,10\n")
    service = Service.objects.get()
    assert (service.name, service.days, service.procedure) == ("Saglasnost", 10, "ordinary")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (f"{HEADER}\n1;Dobra;;;5;;;\n2;Loša;;;pet;;;\n", "Red 3: rok mora biti broj dana"),
        (f"{HEADER}\n1;;;;5;;;\n", "Red 2: nema naziva"),
        (f"{HEADER}\n1;A;;;;;možda;\n", "samo da ili ne"),
        (f"{HEADER}\n1;A;sud;;;;;\n", "nepoznata vrsta"),
        (f"{HEADER}\n1;A;;;;;;\n1;B;;;;;;\n", "Red 3: ista šifra"),
        (f"{HEADER}\n1;{'A' * 201};;;;;;\n", "predugo"),
        ("sifra;rok\n1;5\n", "nema kolone naziv"),
        ("", "nema kolone naziv"),
        (b"PK\x03\x04\x00\x00\x81", "nije CSV"),
        ('naziv\n"bez kraja', "nije CSV"),
        ("naziv\n" + "A\n" * 5001, "Previše redova"),
    ],
)
def test_of_a_table_with_a_mistake_nothing_is_taken_and_the_line_is_named(
    secretary: Client, content, complaint
):
    told = upload(secretary, content)
    assert complaint in told
    assert "Ništa nije uvezeno" in told
    assert not Service.objects.exists()


def test_no_file_and_a_huge_one(secretary: Client):
    assert "Izaberite datoteku" in secretary.post("/counter/services/import").content.decode()
    assert "prevelika" in upload(secretary, b"x" * (1 << 20) + b"x")


def test_the_clerk_names_the_service_and_the_rest_follows(secretary: Client, filled: dict[str, str]):
    Service.objects.create(
        name="Uvjerenje o prebivalištu",
        code="16-01",
        kind="certificate",
        procedure="from_records",
        days=1,
        sensitive=True,
    )
    shown = page(secretary, "cases/new")
    assert '<option value="Uvjerenje o prebivalištu">16-01</option>' in shown
    secretary.post("/counter/cases/new", {**filled, "service": "16-01"})
    case = Case.objects.get()
    assert case.service
    assert (case.kind, case.sensitive) == ("certificate", True)
    assert case.due_on
    assert case.due_on > timezone.localdate()
    assert case.due_on - timezone.localdate() < timedelta(days=8)


def test_a_service_that_is_not_offered_is_said(secretary: Client, filled: dict[str, str]):
    Service.objects.create(name="Stara usluga", active=False)
    for said in ("Stara usluga", "nema je"):
        told = secretary.post("/counter/cases/new", {**filled, "service": said}).content.decode()
        assert "Nema takve usluge" in told
        assert said in told
    assert not Case.objects.exists()


def test_a_long_list_goes_page_by_page_what_is_offered_first_and_is_searched(secretary: Client):
    Service.objects.bulk_create(
        Service(name=f"Usluga {n:02}", code=f"08-{n}", active=n > 9) for n in range(40)
    )
    first = page(secretary)
    assert ("Usluga 10" in first, "Usluga 35" in first) == (True, False)
    further = first.partition('rel="next"')[0].rpartition('href="/counter/')[2].partition('"')[0]
    second = page(secretary, further)
    assert ("Usluga 34" in second, "Usluga 35" in second, "Usluga 09" in second) == (False, True, True)
    for sought in ("usluga", "08-12"):
        assert "Usluga 12" in page(secretary, f"services?q={sought}")
    assert "Usluga 12" not in page(secretary, "services?q=08-13")
    assert "Nema takvih." in page(secretary, "services?q=dozvola")


def test_a_name_that_came_by_itself_is_no_formula_in_a_spreadsheet(boss: Client):
    """A system of the municipality's may call a service what it likes."""
    Service.objects.create(name='=HYPERLINK("http://x.example")', code="-1")
    written = boss.get("/counter/services.csv").content
    assert b"'=HYPERLINK" in written
    assert b"'-1;" in written
    assert read_services(written) == (0, 1)
    assert Service.objects.get().name == '=HYPERLINK("http://x.example")'
