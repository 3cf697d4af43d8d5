"""Whoever writes too much, or the same for ever, hears so once; what people have a right to is always done."""

from datetime import UTC, datetime

from telal.conversation import floods
from telal.conversation.floods import Heed, heed
from telal.conversation.understand import understand
from telal.messaging.channel import Person, Said


def test_twenty_in_a_minute_are_answered_one_is_told_why_not_and_then_there_is_silence():
    minute = [heed(no, 0, 1, right=False) for no in range(1, 1001)]
    assert minute[:20] == [Heed()] * 20
    assert minute[20:] == [Heed("flood", True, False), *[Heed("flood", False, False)] * 979]


def test_the_same_is_answered_five_times_whatever_the_pace():
    times = [heed(1, 0, no, right=False) for no in range(1, 9)]
    assert times == [Heed()] * 5 + [Heed("repeated", True, False), *[Heed("repeated", False, False)] * 2]


def test_a_right_is_always_done_and_confirmed_within_reason():
    assert heed(21, 1, 1, right=True) == heed(1000, 10, 1, right=True) == Heed()
    assert heed(1000, 11, 1, right=True) == Heed("flood", False, True)
    assert heed(1, 1, 1000, right=True) == Heed("repeated", False, True)


def test_room_is_left_for_all_that_is_answered_or_told():
    assert [floods.room(said) for said in (0, 20, 21, 999)] == [21, 1, 0, 0]


def test_what_is_a_right():
    def is_right(text, phone=""):
        said = Said(Person("ivana=="), datetime(2026, 11, 22, tzinfo=UTC), "text", text, contact_phone=phone)
        return floods.is_right(said, understand(text, year=2026))

    assert all(map(is_right, ("STOP", "odjava", "Odjava 06-23-1/26", "06-23-1/26 pin 482199", "diskretno")))
    assert not any(map(is_right, ("Moji predmeti", "06-23-1/26", "radno vrijeme", "asdf", "")))
    assert is_right("", phone="+38761123456")
