"""The mapping says what every text of the sample means, and says at once what is wrong with itself."""

from collections import Counter

import phonenumbers
import pytest

from telal.cases.models import number_key
from telal.intake.commands import SAMPLE
from telal.intake.entries import read_entries
from telal.intake.files import read_table
from telal.intake.mapping import MappingTrouble, load_mapping


@pytest.fixture(scope="module")
def wabo():
    return load_mapping(SAMPLE / "wabo.toml")


@pytest.fixture(scope="module")
def reading(wabo):
    return read_entries(read_table(SAMPLE / "wabo-permit-events.csv.gz", wabo.columns()).rows, wabo)


def test_every_activity_of_the_sample_is_mapped_or_ignored(reading):
    assert reading.rows == 6089
    assert Counter(entry.change.status for entry in reading.entries) == {
        "received": 1000,
        "in_progress": 1020 + 910 + 6 + 1 + 2 + 5,
        "awaiting_other_body": 11,
        "suspended": 10,
        "decided": 28,
        "dispatched": 28,
    }
    assert {text[:5].strip(): count for text, count in reading.ignored.items()} == {
        "T02 C": 972,
        "T03 A": 49,
        "T04 D": 920,
        "T05 P": 916,
        "T07-1": 43,
        "T07-2": 26,
        "T07-3": 6,
        "T07-4": 4,
        "T07-5": 26,
        "T11 C": 32,
        "T12 C": 30,
        "T13 A": 2,
        "T17 C": 16,
        "T18 A": 6,
        "T19 D": 10,
        "T20 P": 10,
    }
    assert (reading.unmapped, reading.wrong, reading.remarks) == (Counter(), [], [])


def test_no_activity_is_mapped_that_the_sample_does_not_have(wabo, reading):
    activities = {
        row.cells["activity"].casefold()
        for row in read_table(SAMPLE / "wabo-permit-events.csv.gz", ["activity"]).rows
    }
    assert set(wabo.meanings) | wabo.ignored == activities


def test_what_is_made_up_is_valid_and_distinct(reading):
    cases = {entry.case.ref: entry.case for entry in reading.entries}
    keys = {number_key(case.number, case.received_on.year) for case in cases.values()}
    assert len(keys) == 1000
    assert all(key.startswith("UP1 5-23-") for key in keys)
    for case in cases.values():
        number = phonenumbers.parse(case.phone)
        assert number.country_code == 387
        assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    agreed = {entry.case.ref for entry in reading.entries if entry.consent}
    assert 0.75 < len(agreed) / 1000 < 0.85


def test_an_opinion_asked_names_the_institution_and_its_arrival_the_party(reading):
    asked = [entry for entry in reading.entries if entry.change.status == "awaiting_other_body"]
    assert all(entry.change.waiting_for for entry in asked)
    notes = [
        entry.change.note for entry in reading.entries if entry.case.ref == "case-8061" and entry.change.note
    ]
    assert notes == [f"Stiglo mišljenje: strana {party}" for party in (3, 1, 2, 4)]


def test_the_same_case_gets_the_same_officer_throughout(reading):
    officers = {}
    for entry in reading.entries:
        officers.setdefault(entry.case.ref, set()).add(entry.change.officer)
    assert {len(of_a_case) for of_a_case in officers.values()} == {1}
    assert len(set.union(*officers.values())) == 32
    assert not any(officer.startswith(("Resource", "admin")) for officer in set.union(*officers.values()))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('ref = "Oznaka"', ""), "[case]: ref is missing"),
        (('ref = "Oznaka"', 'ref = "Oznaka"\ncolour = "x"'), "'colour' is not known"),
        (('"Riješeno" = "decided"', '"Riješeno" = "solved"'), "the status must be one of received"),
        (('outcome = "refused"', 'outcome = "no"'), "the outcome must be one of granted"),
        (('translate = "vrsta"', 'translate = "vrste"'), "there is no [translate.vrste]"),
        (('"Na potpisu"', '"riješeno"'), "'riješeno' is in [status] and in ignore"),
        (('subject = "Predmet"', 'subject = { made_up = "subject" }'), "[made_up] subjects is missing"),
        (('subject = "Predmet"', 'subject = { made_up = "poem" }'), "can be made up"),
        (('subject = "Predmet"', 'subject = { column = "a", value = "b" }'), "[case] subject: write"),
        (('key = ["Status", "Datum statusa", "Ceka se"]', "key = []"), "[event] key must be a list"),
        (('time_zone = "Europe/Sarajevo"', 'time_zone = "Sarajevo"'), "time_zone: 'Sarajevo' is not known"),
        (("[status]", "[status"), "The mapping is not TOML"),
    ],
)
def test_a_wrong_mapping_says_what_to_correct(tmp_path, change, said):
    text = (SAMPLE / "primjer.toml").read_text()
    assert change[0] in text
    path = tmp_path / "wrong.toml"
    path.write_text(text.replace(*change))
    with pytest.raises(MappingTrouble) as trouble:
        load_mapping(path)
    assert said in str(trouble.value)


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text(
        "[case]\n[event]\n[made_up]\nconsent_share = 'many'\nnumber = '{what}'\nfirst_names = [1]\n"
    )
    with pytest.raises(MappingTrouble) as trouble:
        load_mapping(path)
    assert str(trouble.value).count("\n") > 10
