"""One question of each kind, as a citizen would write it, through the simulator to the real processes."""

from tests.house import House, eventually

NUMBER = "06-23-7001/26"
# Of two people in turn, since nobody asks so much in a minute. After asking for a human, what is not understood is for them.
ASKED_AND_TOLD = (
    ("status.by_number", "Dobar dan, kakvo je stanje predmeta 06-23-7001/26", "Stanje: Zaprimljen"),
    ("status.mine", "sta ima s mojim zahtjevom", "Stanje: Zaprimljen"),
    ("status.other_person", "komsijin predmet 06-23-900/24 jel ga riješio", "ne možemo reći ništa"),
    ("deadline.when", "kad ce bit gotovo više", "Rok za rješavanje: "),
    ("who.handles", "ko mi radi predmet i gdje sjedi", "Alma Destanović"),
    ("docs.missing", "dobila sam pismo da nesto fali, sta moram donijeti", "ne čekamo ništa"),
    ("decision.pickup", "jel mogu doc po rjesenje danas", "nemate šta preuzeti"),
    ("appeal.how", "odbili ste me kako da se zalim i koliko imam dana", "pouka o pravnom lijeku"),
    ("silence.complaint", "prošlo 3 mjeseca a vi ništa!!", "Žao nam je"),
    ("notify.subscribe", "hocu obavijesti na viber za moj predmet", "Obavijesti su uključene"),
    ("privacy.info", "šta radite sa mojim podacima", "Imate pravo"),
    ("privacy.delete", "obrišite sve o meni", "Evo šta to znači"),
    ("link.case", "dodaj predmet br. 06-31-55/24 pin 4821", "nije povezan"),
    ("phone.change", "promijenio sam broj sad mi je 062/987-654", "Pošalji moj broj"),
    ("office.hours", "kad radite sutra, jel praznik", "Radno vrijeme"),
    ("howto.request", "sta treba za upotrebnu dozvolu", "za novi zahtjev"),
    ("human.handover", "hocu covjeka, dajte mi nekog da pricam", "predali službenicima"),
    ("problem.report", "rupa na cesti u ulici Kovači pa kad mislite popravit", "ne primamo prijave"),
    ("lang.switch", "piši latinicom", "na bosanskom jeziku"),
    ("smalltalk.greet", "haj", "Dobar dan"),
    ("smalltalk.thanks", "hvala puno", "Nema na čemu"),
    ("help.menu", "pomoć", "Moji predmeti – stanje"),
    ("abuse", "lopovi jedni", "Vidimo da ste ljuti"),
    ("out_of_scope", "kakvo je vrijeme sutra u Sarajevu", "To ne umijemo reći"),
    ("unclear", "?", "Dodali smo to Vašem pitanju"),
    ("notify.unsubscribe", "nemojte mi vise slat poruke ba", "Odjavljeni ste"),
)


def test_a_question_of_each_kind_gets_its_answer(house: House) -> None:
    people = [house.bound(f"intent-{name}", NUMBER, name) for name in ("Ivana", "Petar")]
    for turn, (intent, asked, told) in enumerate(ASKED_AND_TOLD):
        person = people[turn % 2]
        heard = len(person.heard())
        person.say(asked)
        eventually(lambda person=person, heard=heard: len(person.heard()) > heard, f"an answer: {intent}")
        assert told in person.heard()[-1], intent
