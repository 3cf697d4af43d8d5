"""Somebody who is no programmer writes what citizens read, sees it on a phone meanwhile, and can always go back."""

from collections.abc import Callable, Iterator
from html import unescape

import pytest
from django.test import Client

from telal.conversation import wording
from telal.conversation.models import Wording
from telal.conversation.sayable import APPS
from telal.counter import samples
from telal.counter.conftest import signed_in
from telal.counter.test_samples import OFFICE
from telal.counter.wording import _OCCASIONS, difference
from telal.notices.words import Version

pytestmark = pytest.mark.django_db

RECEIVED = "/counter/texts/notices/text/bs/received"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    for words in APPS.values():
        words.adopt([])
    wording._Seen.through = wording._Seen.looked = None


@pytest.fixture
def save(secretary: Client, django_capture_on_commit_callbacks) -> Callable[..., str]:
    """Save a text as it is said from now on; returns the page that follows."""

    def save(template: str, address: str = RECEIVED, seen: int | None = None) -> str:
        newest = Wording.objects.order_by("-id").values_list("id", flat=True).first() or 0
        with django_capture_on_commit_callbacks(execute=True):
            answer = secretary.post(
                f"{address}/version",
                {"template": template, "seen": newest if seen is None else seen},
                follow=True,
            )
        return unescape(answer.content.decode())

    return save


def page(client: Client, address: str = RECEIVED) -> str:
    return unescape(client.get(address).content.decode())


def test_a_text_is_written_in_other_words_and_citizens_read_it(secretary: Client, save):
    assert "Sada piše Telalov tekst." in page(secretary)
    shown = save("Stigao je kod nas.\r\n\r\n\r\n\r\nJavit ćemo Vam se. ")
    assert "Sačuvano." in shown
    assert Wording.objects.get().template == "Stigao je kod nas.\n\nJavit ćemo Vam se."
    assert "Stigao je kod nas." in page(secretary, "/counter/texts?q=received")
    assert "mirza" in page(secretary)


def test_every_version_is_kept_with_what_it_changed_and_can_come_back(secretary: Client, save):
    save("Predmet je stigao kod nas.")
    save("Predmet je stigao jučer kod nas.")
    first = Wording.objects.earliest("pk")
    shown = page(secretary)
    assert "<ins>jučer </ins>" in shown
    assert shown.count("Uzmi ovaj tekst") == 1
    again = page(secretary, f"{RECEIVED}?version={first.pk}")
    assert ">Predmet je stigao kod nas.</textarea>" in again
    save("Predmet je stigao kod nas.")
    assert Wording.objects.count() == 3


def test_telals_own_text_can_always_be_taken_back(secretary: Client, save):
    ours = APPS["notices"].ours("text", "bs", "received")
    save("Predmet je stigao.")
    assert ours in page(secretary, f"{RECEIVED}?version=0")
    save(ours)
    assert "Sada piše Telalov tekst." in page(secretary)
    assert "vraćen Telalov tekst" in page(secretary)


@pytest.mark.parametrize(
    ("address", "template", "complaint"),
    [
        (RECEIVED, "  ", "Tekst je prazan"),
        (RECEIVED, "x" * 1501, "najviše 1500 znakova"),
        (RECEIVED, "Stigao je.\n{broj}", "U redu 2 stoji {broj}"),
        (RECEIVED, "Stigao je. {", "vitičasta zagrada"),
        (RECEIVED, "JMBG 0101990170001", "Izostavite JMBG"),
        ("/counter/texts/conversation/text/bs/answered", "Odgovor.", "Nedostaje {answer}"),
        ("/counter/texts/conversation/label/bs/help", "Zelena livada", "računar ne bi razumio"),
        ("/counter/texts/notices/label/bs/yes", "Ne, nisam ja", "drugo dugme"),
        ("/counter/texts/notices/label/bs/status", "Sta\nnje", "u jedan red"),
    ],
)
def test_what_citizens_could_not_read_is_not_saved_and_not_lost(
    secretary, save, address, template, complaint
):
    for shown in (
        save(template, address),
        unescape(secretary.post(f"{address}/preview", {"template": template, "seen": 0}).content.decode()),
    ):
        assert complaint in shown
    assert template.strip() in save(template, address).replace("\r\n", "\n")
    assert not Wording.objects.exists()


def test_the_phone_shows_the_words_before_they_are_saved(secretary: Client):
    shown = secretary.post(f"{RECEIVED}/preview", {"template": "Eto ga kod nas.", "seen": 0}).content.decode()
    assert '<p class="bubble">' in shown
    assert "Eto ga kod nas." in shown
    assert "06-23-1847" in shown
    assert "Eto ga kod nas." not in page(secretary)


def test_a_colleagues_words_are_not_overwritten_unseen(secretary: Client, save):
    save("Predmet je stigao.")
    shown = save("Moj tekst.", seen=0)
    assert "mirza je danas" in shown
    assert ">Moj tekst.</textarea>" in shown
    assert Wording.objects.count() == 1
    save("Moj tekst.", seen=Wording.objects.get().pk)
    assert Wording.objects.count() == 2


def test_who_only_reads_saves_nothing(db):
    auditor = signed_in("revizor", "auditor")
    assert 'data-testid="save-wording"' not in page(auditor)
    assert auditor.post(f"{RECEIVED}/version", {"template": "Stigao je.", "seen": 0}).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "notices/text/bs/nema",
        "nikad/text/bs/received",
        "notices/text/sr-Latn/received",
        "notices/text/de/received",
    ],
)
def test_what_is_no_text_of_ours_is_not_found(secretary: Client, address: str):
    assert secretary.get(f"/counter/texts/{address}").status_code == 404


@pytest.mark.parametrize(("key", "occasion"), _OCCASIONS.items())
def test_a_label_is_previewed_where_it_is_said(key, occasion):
    (app, name), (where, text) = key, occasion
    say = {"notices": samples.notice, "conversation": samples.answer}[where]
    scene = samples.Scene("bs", OFFICE)
    words = APPS[app]
    before = say(scene, text).told
    unlikely = " ".join(("Ђ", *(f"{{{value}}}" for value in words.labels[name])))
    with words.as_if(Version("label", "bs", name, unlikely)):
        assert say(scene, text).told != before


def test_the_difference_is_read_word_by_word():
    assert difference("Vaš predmet je stigao.", "Vaš zahtjev je stigao.") == [
        ("same", "Vaš "),
        ("gone", "predmet"),
        ("new", "zahtjev"),
        ("same", " je stigao."),
    ]


def test_a_version_that_never_was_is_no_reason_to_break(secretary: Client, save):
    assert "Moj tekst." in save("Moj tekst.", seen=99_999)
    assert not Wording.objects.exists()
