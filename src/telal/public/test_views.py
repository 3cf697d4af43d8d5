"""What citizens and passers-by see on our pages."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from telal.cases.models import Applicant, Case
from telal.messaging.models import Contact
from telal.notices.binding import bind_opened, open_link
from telal.notices.consents import invite, record_consent, withdraw
from telal.notices.models import Invitation
from telal.notices.words import written_date
from telal.public import views
from telal.public.words import WORDS, marked

NAME, PHONE, SUBJECT = "Senad Đozić", "+38761123456", "Rušenje garaže"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def municipality(settings):
    settings.TELAL_VIBER_URI = "opcina"
    settings.TELAL_PUBLIC_URL = "https://predmeti.example.ba"
    settings.TELAL_MUNICIPALITY = {
        "name": "Općina <Vidikovac>",
        "address": "Glavna 1",
        "phone": "033 111/222",
        "email": "pisarnica@example.ba",
        "dpo": "zastita@example.ba",
    }
    return settings


@pytest.fixture
def consent_and_slip():
    case = Case.register(
        source="counter",
        ref="1",
        number="06-23-1847/26",
        kind="administrative",
        subject=SUBJECT,
        applicant=Applicant.called(NAME, PHONE),
        received_on=date(2026, 11, 2),
    )
    consent = record_consent(case, recorded_by="alma", medium="paper")
    return consent, invite(consent)


@pytest.fixture
def slip(consent_and_slip):
    return consent_and_slip[1]


def page_of(client, slip):
    return client.get(f"/f/{slip.token}")


def words(response):
    return response.content.decode()


def someone(address="viber-id"):
    return Contact.objects.create(channel="viber", address=address, reachable=True)


# ── The public page ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_public_page_says_what_it_is_how_to_stop_and_where_the_chat_is(client):
    response = client.get("/")

    assert response.status_code == 200
    assert response.headers["Content-Language"] == "bs"
    for said in ("Uputstvo", "STOP", "ODJAVA", "saglasnost", "dostava", "pisarnica@example.ba"):
        assert said in words(response)
    assert 'href="viber://pa?chatURI=opcina"' in words(response)


@pytest.mark.parametrize(
    ("liked", "tag", "said"),
    [
        ("", "bs", "Pitajte kad god želite"),
        ("de-DE,de;q=0.9", "bs", "Pitajte kad god želite"),
        ("de,en-GB;q=0.8,bs;q=0.5", "en", "Ask whenever you like"),
        ("hr-HR", "hr", "Suglasnost"),
        ("sr-RS,en;q=0.5", "sr-Cyrl", "Питајте кад год желите"),
        ("sr-Latn-BA", "bs", "Pitajte kad god želite"),
    ],
)
def test_the_page_speaks_what_the_browser_likes_best(client, liked, tag, said):
    response = client.get("/", headers={"Accept-Language": liked})
    assert said in words(response)
    assert f'<html lang="{tag}">' in words(response)
    assert response.headers["Content-Language"] == tag
    assert "Accept-Language" in response.headers["Vary"]


def test_who_chooses_another_language_keeps_it_from_page_to_page(client, slip):
    for path in ("/", "/obecanje/", f"/f/{slip.token}", "/nowhere/"):
        page = words(client.get(path, {"jezik": "sr"}, headers={"Accept-Language": "en"}))
        assert '<html lang="sr-Cyrl">' in page
        assert 'href="/obecanje/?jezik=sr"' in page
        assert '<a href="?jezik=hr" lang="hr" hreflang="hr">Hrvatski</a>' in page


def test_a_language_that_we_do_not_speak_is_none(client):
    assert '<html lang="bs">' in words(client.get("/", {"jezik": "<script>"}))


@pytest.mark.parametrize("language", ["bs", "hr", "sr", "en"])
def test_a_slip_is_explained_in_each_language(client, consent_and_slip, language):
    _, slip = consent_and_slip
    page = words(client.get(f"/f/{slip.token}", {"jezik": language}))
    assert written_date(language, timezone.localdate(slip.expires_at)) in page
    assert WORDS.label(language, "slip_found") in page


def test_words_are_data_but_for_what_is_marked():
    assert marked("a <b> *c & d*") == "a &lt;b&gt; <strong>c &amp; d</strong>"


def test_the_example_is_told_in_the_words_of_real_messages(client):
    today = timezone.localdate()
    since = today - timedelta(days=2)
    assert f"Čeka se od: {since.day}. {since.month}. {since.year}." in words(client.get("/"))


def test_while_the_chat_has_no_address_the_page_says_so(client, municipality):
    municipality.TELAL_VIBER_URI = ""
    response = client.get("/")
    assert response.status_code == 200
    assert "još nije otvoren" in words(response)
    assert "viber://" not in words(response)


def test_the_municipality_may_be_called_anything(client):
    assert "Općina &lt;Vidikovac&gt;" in words(client.get("/"))
    assert "<Vidikovac>" not in words(client.get("/"))
    assert 'href="tel:033111222"' in words(client.get("/"))


# ── The page behind the QR code ──────────────────────────────────────────────────────────────────────────────────────


def test_a_good_slip_opens_the_chat_with_its_token_in_hand(client, slip):
    response = page_of(client, slip)
    assert response.status_code == 200
    assert f'href="viber://pa?chatURI=opcina&amp;context={slip.token}"' in words(response)
    assert "Počni" in words(response)


def test_a_good_slip_waits_while_the_chat_has_no_address(client, slip, municipality):
    municipality.TELAL_VIBER_URI = ""
    response = page_of(client, slip)
    assert response.status_code == 200
    assert "pokušajte ponovo kasnije" in words(response)
    assert "viber://" not in words(response)


def test_looking_changes_nothing(client, slip):
    before = list(Invitation.objects.values())
    for look in (client.get, client.head, client.get):
        look(f"/f/{slip.token}")
    assert list(Invitation.objects.values()) == before
    assert client.post(f"/f/{slip.token}").status_code == 405


def test_who_opened_the_chat_and_came_back_to_the_paper_is_let_in(client, slip):
    open_link(someone(), slip.token, timezone.now())
    assert f"context={slip.token}" in words(page_of(client, slip))


def test_a_connected_citizen_gets_the_plain_way_back_to_the_chat(client, slip):
    citizen = someone()
    open_link(citizen, slip.token, timezone.now())
    bind_opened(citizen, timezone.now())

    response = page_of(client, slip)

    assert response.status_code == 200
    assert "već iskorišten" in words(response)
    assert 'href="viber://pa?chatURI=opcina"' in words(response)
    assert slip.token not in words(response)


def test_an_expired_slip_sends_to_the_counter(client, slip):
    Invitation.objects.update(expires_at=timezone.now())
    response = page_of(client, slip)
    assert response.status_code == 410
    assert "istekao rok" in words(response)
    assert "viber://" not in words(response)


def test_a_slip_that_was_replaced_says_so(client, consent_and_slip):
    consent, old = consent_and_slip
    new = invite(consent)
    assert page_of(client, old).status_code == 410
    assert "noviju potvrdu" in words(page_of(client, old))
    assert page_of(client, new).status_code == 200


@pytest.mark.parametrize("connected_before", [False, True])
def test_after_the_consent_is_withdrawn_the_slip_is_at_an_end(client, consent_and_slip, connected_before):
    consent, slip = consent_and_slip
    if connected_before:
        citizen = someone()
        open_link(citizen, slip.token, timezone.now())
        bind_opened(citizen, timezone.now())
    withdraw(consent, recorded_by="stranka", medium="chat")
    assert page_of(client, slip).status_code == 410
    assert "viber://" not in words(page_of(client, slip))


@pytest.mark.parametrize("token", ["x", "č" * 300, "<script>alert(1)</script>", "..%2F..", "a b"])
def test_a_token_that_nobody_has_given_out_is_kindly_unknown(client, token):
    response = client.get(f"/f/{token}")
    assert response.status_code == 404
    assert "<script" not in words(response)


# ── What all of them keep to ─────────────────────────────────────────────────────────────────────────────────────────


def every_state(client, consent_and_slip):
    """Each page once: the public one, and the slip's in every state it can have."""
    consent, slip = consent_and_slip
    yield client.get("/")
    yield client.get("/no/such/page")
    yield client.get("/f/unknown")
    yield page_of(client, slip)
    citizen = someone()
    open_link(citizen, slip.token, timezone.now())
    yield page_of(client, slip)
    bind_opened(citizen, timezone.now())
    yield page_of(client, slip)
    expired = invite(consent)
    Invitation.objects.filter(used_at=None).update(expires_at=timezone.now())
    yield page_of(client, expired)
    withdraw(consent, recorded_by="stranka", medium="chat")
    yield page_of(client, slip)


def test_whoever_finds_the_paper_learns_nothing_of_the_case(client, consent_and_slip):
    pages = list(every_state(client, consent_and_slip))
    assert [page.status_code for page in pages] == [200, 404, 404, 200, 200, 200, 410, 410]
    for page in pages[1:]:
        for secret in (NAME, "Đozić", PHONE, "61123456", SUBJECT, "1847", consent_and_slip[1].pin):
            assert secret not in words(page)


def test_no_page_sets_a_cookie_or_asks_another_host(client, consent_and_slip):
    for page in every_state(client, consent_and_slip):
        assert not page.cookies
        assert "Cookie" not in page.headers.get("Vary", "")
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "http://" not in words(page).replace("http://www.w3.org", "")
        assert "https://" not in words(page)
        assert "style=" not in words(page)
        assert "<script" not in words(page)


def test_trouble_of_ours_is_admitted_in_words(client, slip, monkeypatch):
    def broken(token):
        raise DatabaseError("somebody's data")

    monkeypatch.setattr(views, "find_invitation", broken)
    client.raise_request_exception = False
    response = page_of(client, slip)
    assert response.status_code == 500
    assert "pokušajte ponovo" in words(response)
    assert "somebody" not in words(response)
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_the_address_of_a_slip_stays_with_its_reader(client, consent_and_slip):
    _, slip = consent_and_slip
    for page in (page_of(client, slip), client.get("/f/unknown")):
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"


def broken(client, monkeypatch):
    monkeypatch.setattr(views, "chat_link", lambda *_: 1 / 0)
    client.raise_request_exception = False
    return client.get("/")


def with_too_many_fields(client, _):
    return client.post("/counter/sign-in", {f"field{n}": "x" for n in range(1001)})


@pytest.mark.parametrize(
    ("way", "status"),
    [(lambda client, _: client.get("/nema"), 404), (with_too_many_fields, 400), (broken, 500)],
)
@pytest.mark.parametrize(("liked", "tag"), [("de", "bs"), ("sr-RS", "sr-Cyrl"), ("en", "en")])
def test_a_page_about_an_error_is_in_the_language_that_it_says(client, monkeypatch, way, status, liked, tag):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = liked
    client.cookies["django_language"] = "hr"
    response = way(client, monkeypatch)
    assert response.status_code == status
    if status == 404:
        assert f'<html lang="{tag}">' in words(response)
        assert response.headers["Content-Language"] == tag
        assert "Accept-Language" in response.headers["Vary"]
    else:
        assert response.headers["Content-Language"] == "bs, hr, sr-Cyrl, en"
        assert '<html lang="bs">' in words(response)
        for other in ("hr", "sr-Cyrl", "en"):
            assert f'<p lang="{other}">' in words(response)
