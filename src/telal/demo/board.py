"""What the demonstration prints: where to go, how to sign in, and a tour in six steps. Bosnian first, English beside it."""

from dataclasses import dataclass

from telal.demo.environment import Place

_TEXT = """
  Telal radi (za {seconds:.1f} s).  Telal is running.

    Šalter · Counter            {place.url}/counter/
        korisnik · user         {user}
        lozinka · password      {password}
    Telefoni · Phones           {place.simulator_url}/
    Javna stranica · Public     {place.url}/
    API                         {place.url}/api/v1/docs
        ključ · key             {key}

  Obilazak u šest koraka · A tour in six steps

    1. Otvorite šalter u jednoj kartici, a telefone u drugoj; telefon „{visitor}“ je Vaš.
       Open the counter in one tab and the phones in another; the phone “{visitor}” is yours.
    2. Na šalteru zaprimite predmet sa saglasnošću. Slijedi potvrda s brojem, PIN-om i QR kodom.
       At the counter, register a case with consent. A slip with number, PIN and QR code follows.
    3. „Skenirajte“ QR kod: desni klik na njega, „Kopiraj adresu linka“, pa je zalijepite iznad telefona. Pritisnite „Počni“:
       stiže stanje predmeta, a potvrda na šalteru pozeleni.
       “Scan” the QR code: right-click it, copy the link's address, and paste it above the phones. Tap “Počni”: the state of
       the case arrives, and the slip at the counter turns green.
    4. Na šalteru promijenite stanje u „Čeka se mišljenje …“ i upišite instituciju: stiže poruka.
       At the counter, move the case to awaiting another institution's opinion: the message arrives.
    5. Na telefonu pitajte: sta ima s mojim predmetom
       On the phone, ask that question: the answer comes.
    6. Napišite STOP: više ništa ne stiže.
       Write STOP: nothing comes any more.

  Zaustavljanje · Stop: Ctrl-C      Dnevnici · Logs: {place.home}
"""


@dataclass(frozen=True, slots=True)
class Access:
    """How to sign in: a user of the counter, and a key of the API."""

    user: str
    password: str
    key: str


def board(place: Place, access: Access, *, visitor: str, seconds: float) -> str:
    return _TEXT.format(
        place=place,
        user=access.user,
        password=access.password,
        key=access.key,
        visitor=visitor,
        seconds=seconds,
    )
