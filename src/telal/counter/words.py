"""How the screens say what the code has in codes. Tables only."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from telal.messaging.models import Message, State

# What came of a message: the words, the icon, the tone of its colour.
MESSAGE_STATES: dict[State, tuple[Any, str, str]] = {
    State.QUEUED: (_("u redu za slanje"), "clock", "wait"),
    State.SENDING: (_("šalje se"), "clock", "wait"),
    State.UNCERTAIN: (_("neizvjesno"), "question", "wait"),
    State.SENT: (_("poslano"), "check", "calm"),
    State.DELIVERED: (_("isporučeno"), "checks", "good"),
    State.SEEN: (_("viđeno"), "eye", "good"),
    State.FAILED: (_("nije uspjelo"), "cross", "bad"),
    State.CANCELLED: (_("otkazano"), "minus", "calm"),
}

ATTEMPTS: dict[str, Any] = {
    "accepted": _("Viber je primio poruku"),
    "trylater": _("Viber je odgodio prijem"),
    "refused": _("Viber je odbio poruku"),
    "unreachable": _("građanin nije dostupan"),
    "uncertain": _("odgovor nije stigao"),
    "stopped": _("slanje je zaustavljeno"),
}

# What an import takes from a row of a file, as people call it.
IMPORTED: dict[str, Any] = {
    "ref": _("oznaka predmeta u sistemu općine"),
    "number": _("broj predmeta"),
    "kind": _("vrsta predmeta"),
    "subject": _("o čemu je predmet"),
    "applicant": _("stranka"),
    "phone": _("telefon"),
    "received_on": _("dan prijema"),
    "complete_since": _("dan od kojeg je zahtjev potpun"),
    "due_on": _("rok"),
    "service": _("usluga"),
    "barcode": _("bar-kod"),
    "sensitive": _("osjetljiv"),
    "status": _("stanje"),
    "time": _("vrijeme promjene"),
    "department": _("služba"),
    "officer": _("službenik"),
    "officer_phone": _("telefon službenika"),
    "officer_room": _("soba službenika"),
    "waiting_for": _("od koga se čeka"),
    "outcome": _("ishod"),
    "given_at": _("dan saglasnosti"),
    "recorded_by": _("ko je upisao saglasnost"),
    "text_version": _("izdanje izjave"),
    "language": _("jezik poruka"),
}

LANGUAGES = {"bs": "bosanski", "hr": "hrvatski", "sr": "српски", "en": "English"}
MEDIA = {
    "paper": _("na papiru"),
    "api": _("preko sistema općine"),
    "import": _("uvozom iz sistema općine"),
    "chat": _("porukom u Viberu"),
    "erasure": _("brisanjem podataka"),
    "number": _("promjenom broja"),
    "correction": _("ispravkom broja"),
    "mandate": _("prestankom zastupanja"),
}
SOURCES = {
    "counter": _("šalter"),
    "api": _("sistem općine"),
    "import": _("uvoz"),
    "clock": _("računanje roka"),
}

# In which languages citizens are written to, and about what.
TEXT_LANGUAGES = {
    "bs": "bosanski",
    "hr": "hrvatski",
    "sr": "српски",
    "sr-Latn": "srpski",
    "en": "English",
}
SAMPLE_KINDS = {
    "ordinary": _("običan predmet"),
    "sensitive": _("osjetljiv predmet"),
    "discreet": _("diskretne poruke"),
}

# When a text is said; in the order of the screen.
TEXTS_WHEN = {
    "news": _("Promjena u predmetu"),
    "decided": _("Odluka i njen ishod"),
    "without_details": _("Bez pojedinosti"),
    "connecting": _("Povezivanje predmeta"),
    "about_cases": _("Pitanja o predmetu"),
    "office": _("Općina i službenici"),
    "talk": _("Razgovor i jezik"),
    "stopping": _("Odjava"),
    "privacy": _("Privatnost"),
}

# Texts that are not asked for in words: what has happened.
UNASKED = {
    "information_only": _("Dodaje se uz svaku odluku"),
    "new_deadline": _("Promijenjen je samo rok"),
    "discreet_notice": _("Novost, kad građanin želi diskretne poruke"),
    "sensitive_notice": _("Novost u osjetljivom predmetu"),
    "still_you": _("Dugo se nije javljao, ili je isti broj potvrdio i neko drugi"),
    "welcome": _("Razgovor je prvi put otvoren"),
    "bound": _("Predmet je upravo povezan"),
    "all_bound": _("Više predmeta je upravo povezano"),
    "link_used": _("QR kod je već iskorišten"),
    "link_expired": _("QR kodu je istekao rok"),
    "link_unknown": _("QR kod nije naš"),
    "answered": _("Službenik je odgovorio na pitanje"),
    "picture": _("Građanin je poslao fotografiju"),
    "only_text": _("Građanin je poslao glasovnu poruku"),
}

# What had better not stand in a message, and in which of the texts that go into it.
CAUTIONS = {
    "personal_number": _("JMBG ili drugi broj od 13 cifara"),
    "id_number": _("broj lične karte ili pasoša"),
    "phone": _("broj telefona"),
    "name": _("ime stranke"),
    "address": _("adresa"),
}
TOLD_FIELDS = {
    "subject": _("Predmet zahtjeva"),
    "waiting_for": _("Od koga se čeka"),
    "department": _("Služba"),
    "officer": _("Službenik"),
}

# The channel's codes, as they are recorded with a message.
_ERRORS = {
    "5": _("građanin više nema Viber"),
    "6": _("građanin nije pretplaćen ili je isključio poruke"),
    "11": _("građaninov uređaj ne može prikazati poruku"),
    "12": _("previše poruka odjednom"),
    "crowded": _("u jednom satu već poslano previše poruka bez odgovora"),
    "13": _("građaninov Viber je prestar"),
    "21": _("Viber ne dopušta slanje u građaninovu državu"),
    "http_429": _("Viber traži sporije slanje"),
    "crashed": _("prekinuto usred slanja"),
    "defect": _("greška u našem programu"),
    "failed_on_device": _("građaninov telefon nije mogao prikazati poruku"),
    "unsubscribed": _("građanin se odjavio"),
    "unreachable": _("građanin više nije dostupan"),
    "withdrawn": _("saglasnost je povučena"),
    "disconnected": _("razgovor je uklonjen s predmeta"),
    "released": _("broj više ne koristi ista osoba"),
    "unreadable": _("tekst je oštećen u bazi podataka"),
    "erased": _("podaci građanina su obrisani"),
}

# The channel's codes that stop everything.
_STOPS = {
    "no_token": _("Pristupni ključ za Viber nije podešen."),
    "1": _("Viber ne može doći do našeg servera ili ne vjeruje njegovom certifikatu."),
    "2": _("Viber ne prihvata naš pristupni ključ."),
    "7": _("Viber je blokirao naš nalog."),
    "8": _("Nalog kojem pripada naš pristupni ključ ne postoji."),
    "9": _("Viber je privremeno ugasio naš nalog."),
    "10": _("Viber ne zna adresu na koju da nam javlja događaje."),
    "23": _("Mjesečna kvota besplatnih poruka je potrošena; odgovori na pitanja i dalje prolaze."),
    "24": _("Na računu kod Vibera nema sredstava; odgovori na pitanja i dalje prolaze."),
    "15": _("Naš nalog nema dozvolu za slanje."),
    "http_401": _("Viber ne prihvata naš pristupni ključ."),
    "http_403": _("Viber, ili mreža na putu do njega, odbija našu vezu."),
}


def error(code: str) -> str:
    """Why a message did not go through; empty when nothing is wrong."""
    if not code:
        return ""
    known = str(_ERRORS.get(code) or _STOPS.get(code) or "").rstrip(".")
    return known or gettext("greška u vezi s Viberom, oznaka %(code)s") % {"code": code}


def not_through(message: Message) -> str:
    """Why a message did not get through, as a sentence's beginning for a list."""
    if message.state == State.UNCERTAIN:
        return gettext("Viber nije potvrdio da je poruka stigla")
    why = error(message.error)
    return why[:1].upper() + why[1:]


def why_stopped(because: str) -> str:
    """``Stop.because`` (``code: detail``) in words for a clerk."""
    code = because.partition(":")[0]
    known = str(_STOPS.get(code) or "")
    return known or gettext("Viber ne prima naše poruke (oznaka %(code)s).") % {"code": code}
