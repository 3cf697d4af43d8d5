"""How the screens say in Bosnian what the code has in codes. Tables only."""

from telal.messaging.models import Message, State

# What came of a message: the words, the icon, the tone of its colour.
MESSAGE_STATES = {
    State.QUEUED: ("u redu za slanje", "clock", "wait"),
    State.SENDING: ("šalje se", "clock", "wait"),
    State.UNCERTAIN: ("neizvjesno", "question", "wait"),
    State.SENT: ("poslano", "check", "calm"),
    State.DELIVERED: ("isporučeno", "checks", "good"),
    State.SEEN: ("viđeno", "eye", "good"),
    State.FAILED: ("nije uspjelo", "cross", "bad"),
    State.CANCELLED: ("otkazano", "minus", "calm"),
}

ATTEMPTS = {
    "accepted": "Viber je primio poruku",
    "trylater": "Viber je odgodio prijem",
    "refused": "Viber je odbio poruku",
    "unreachable": "građanin nije dostupan",
    "uncertain": "odgovor nije stigao",
    "stopped": "slanje je zaustavljeno",
}

LANGUAGES = {"bs": "bosanski", "hr": "hrvatski", "sr": "српски", "en": "English"}
MEDIA = {
    "paper": "na papiru",
    "api": "preko sistema općine",
    "chat": "porukom u Viberu",
    "erasure": "brisanjem podataka",
    "number": "promjenom broja",
    "correction": "ispravkom broja",
    "mandate": "prestankom zastupanja",
}
SOURCES = {"counter": "šalter", "api": "sistem općine", "import": "uvoz"}

# In which languages citizens are written to, and about what.
TEXT_LANGUAGES = {
    "bs": "bosanski",
    "hr": "hrvatski",
    "sr": "српски",
    "sr-Latn": "srpski",
    "en": "English",
}
SAMPLE_KINDS = {
    "ordinary": "običan predmet",
    "sensitive": "osjetljiv predmet",
    "discreet": "diskretne poruke",
}

# When a text is said; in the order of the screen.
TEXTS_WHEN = {
    "news": "Promjena u predmetu",
    "decided": "Odluka i njen ishod",
    "without_details": "Bez pojedinosti",
    "connecting": "Povezivanje predmeta",
    "about_cases": "Pitanja o predmetu",
    "office": "Općina i službenici",
    "talk": "Razgovor i jezik",
    "stopping": "Odjava",
    "privacy": "Privatnost",
}

# Texts that are not asked for in words: what has happened.
UNASKED = {
    "information_only": "Dodaje se uz svaku odluku",
    "discreet_notice": "Novost, kad građanin želi diskretne poruke",
    "sensitive_notice": "Novost u osjetljivom predmetu",
    "still_you": "Dugo se nije javljao, ili je isti broj potvrdio i neko drugi",
    "welcome": "Razgovor je prvi put otvoren",
    "bound": "Predmet je upravo povezan",
    "all_bound": "Više predmeta je upravo povezano",
    "link_used": "QR kod je već iskorišten",
    "link_expired": "QR kodu je istekao rok",
    "link_unknown": "QR kod nije naš",
    "answered": "Službenik je odgovorio na pitanje",
    "picture": "Građanin je poslao fotografiju",
    "only_text": "Građanin je poslao glasovnu poruku",
}

# The channel's codes, as they are recorded with a message.
_ERRORS = {
    "5": "građanin više nema Viber",
    "6": "građanin nije pretplaćen ili je isključio poruke",
    "11": "građaninov uređaj ne može prikazati poruku",
    "12": "previše poruka odjednom",
    "crowded": "u jednom satu već poslano previše poruka bez odgovora",
    "13": "građaninov Viber je prestar",
    "21": "Viber ne dopušta slanje u građaninovu državu",
    "http_429": "Viber traži sporije slanje",
    "crashed": "prekinuto usred slanja",
    "defect": "greška u našem programu",
    "failed_on_device": "građaninov telefon nije mogao prikazati poruku",
    "unsubscribed": "građanin se odjavio",
    "unreachable": "građanin više nije dostupan",
    "withdrawn": "saglasnost je povučena",
    "disconnected": "razgovor je uklonjen s predmeta",
    "released": "broj više ne koristi ista osoba",
    "unreadable": "tekst je oštećen u bazi podataka",
    "erased": "podaci građanina su obrisani",
}

# The channel's codes that stop everything.
_STOPS = {
    "no_token": "Pristupni ključ za Viber nije podešen.",
    "1": "Viber ne može doći do našeg servera ili ne vjeruje njegovom certifikatu.",
    "2": "Viber ne prihvata naš pristupni ključ.",
    "7": "Viber je blokirao naš nalog.",
    "8": "Nalog kojem pripada naš pristupni ključ ne postoji.",
    "9": "Viber je privremeno ugasio naš nalog.",
    "10": "Viber ne zna adresu na koju da nam javlja događaje.",
    "23": "Mjesečna kvota besplatnih poruka je potrošena; odgovori na pitanja i dalje prolaze.",
    "24": "Na računu kod Vibera nema sredstava; odgovori na pitanja i dalje prolaze.",
    "15": "Naš nalog nema dozvolu za slanje.",
    "http_401": "Viber ne prihvata naš pristupni ključ.",
    "http_403": "Viber, ili mreža na putu do njega, odbija našu vezu.",
}


def error(code: str) -> str:
    """Why a message did not go through; empty when nothing is wrong."""
    if not code:
        return ""
    known = _ERRORS.get(code) or _STOPS.get(code, "").rstrip(".")
    return known or f"greška u vezi s Viberom, oznaka {code}"


def not_through(message: Message) -> str:
    """Why a message did not get through, as a sentence's beginning for a list."""
    if message.state == State.UNCERTAIN:
        return "Viber nije potvrdio da je poruka stigla"
    why = error(message.error)
    return why[:1].upper() + why[1:]


def why_stopped(because: str) -> str:
    """``Stop.because`` (``code: detail``) in words for a clerk."""
    code = because.partition(":")[0]
    return _STOPS.get(code, f"Viber ne prima naše poruke (oznaka {code}).")
