"""The proof of an erasure as it is printed and filed, in Bosnian. It names nobody."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from telal.retention import keeping
from telal.retention.models import Asker, Erasure

_FOUND_BY = {
    "phone": "po broju telefona",
    "case": "kao stranka u predmetu",
    "contact": "kao učesnik razgovora u Viberu",
}
_ERASED = {
    "contacts": "učesnici razgovora (ime i oznaka na Viberu)",
    "messages": "tekstovi poruka",
    "callbacks": "zapisi o primljenim porukama",
    "subscriptions": "praćenja predmeta (ugašena)",
    "slips": "potvrde o prijemu (kod i PIN)",
    "phones": "zapisi s brojem telefona",
    "notes": "zabilješke s brojem telefona",
}
_KEPT = {
    "consent_proof": "saglasnosti i njihova povlačenja, bez broja telefona, {consent_proof} dana od povlačenja: općina mora moći"
    " dokazati da je poruke smjela slati",
    "delivery_log": "zapisi da je poruka poslana i kada, bez teksta i bez veze s osobom na Viberu, {delivery_log} dana od slanja:"
    " općina mora moći dokazati da je obavijestila",
    "case_data": "predmeti, bez broja telefona, {case_data} dana nakon zatvaranja: vode se po propisima o kancelarijskom"
    " poslovanju",
}


def lines(erasure: Erasure) -> Iterator[str]:
    """The document, line by line."""
    yield settings.TELAL_MUNICIPALITY["name"]
    yield ""
    yield "POTVRDA O BRISANJU LIČNIH PODATAKA"
    yield ""
    yield f"Oznaka: {erasure.reference}"
    yield f"Izvršeno: {timezone.localtime(erasure.done_at):%d. %m. %Y. u %H:%M:%S}"
    yield f"Zahtjev podnio: {Asker(erasure.asked_by).label}"
    if erasure.request:
        yield f"Broj zahtjeva: {erasure.request}"
    yield f"Izvršio: {erasure.done_by}"
    yield f"Osoba je pronađena: {_FOUND_BY[erasure.found_by]}"
    yield ""
    yield "Obrisano:"
    yield from (f"  {erasure.erased[code]:>6}  {meaning}" for code, meaning in _ERASED.items())
    yield ""
    yield "Zadržano, i zašto:"
    days = keeping.days()
    yield from (f"  {erasure.kept[code]:>6}  {meaning.format(**days)}" for code, meaning in _KEPT.items())
    yield ""
    yield "Podaci koje čuva Viber, spis u arhivi općine i sigurnosne kopije nisu obuhvaćeni; kopije se brišu po svom roku."
    yield ""
    yield f"SHA-256: {erasure.digest}"
    yield f"Izjava: {erasure.statement()}"
    if not erasure.is_unchanged():
        yield "UPOZORENJE: zapis je mijenjan nakon brisanja; otisak ne odgovara izjavi."
