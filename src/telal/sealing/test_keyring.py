"""What a key does, and what happens without it."""

import pytest

from telal.sealing.keyring import (
    Damaged,
    KeyMissing,
    Keyring,
    NotSealed,
    Unreadable,
    key_from,
    key_id,
    keyed_hash,
    new_key,
    read_key,
)

OLD, NEW = key_from("the first secret"), key_from("the second secret")
PHONE = "+38761123456"


@pytest.mark.parametrize("text", [PHONE, "Čeka se mišljenje: Водовод 🙂", "a\0b", "x" * 100_000])
def test_what_was_sealed_is_read_again_and_cannot_be_seen(text):
    sealed = Keyring([OLD]).seal(text, "t.c")
    assert sealed.isascii()
    assert text not in sealed
    assert Keyring([OLD]).unseal(sealed, "t.c") == text


def test_equal_texts_do_not_look_equal():
    keys = Keyring([OLD])
    assert keys.seal(PHONE, "t.c") != keys.seal(PHONE, "t.c")


def test_that_nothing_is_known_is_no_secret():
    assert Keyring([OLD]).unseal(Keyring([OLD]).seal("", "t.c"), "t.c") == ""
    assert keyed_hash("", OLD) == ""


def test_the_newest_key_seals_and_the_older_still_opens():
    sealed_before = Keyring([OLD]).seal(PHONE, "t.c")
    both = Keyring([NEW, OLD])
    assert both.unseal(sealed_before, "t.c") == PHONE
    assert both.seal(PHONE, "t.c").startswith(f"sealed:{key_id(NEW)}:")


def test_without_its_key_a_value_names_the_key_and_what_to_do():
    sealed = Keyring([OLD]).seal(PHONE, "t.c")
    with pytest.raises(KeyMissing, match=f"{key_id(OLD)}.*TELAL_DATA_KEYS"):
        Keyring([NEW]).unseal(sealed, "t.c")


def test_a_value_that_lies_open_says_so():
    with pytest.raises(NotSealed, match=r"t\.c is not sealed: run telal migrate"):
        Keyring([OLD]).unseal(PHONE, "t.c")


def test_a_value_moved_to_another_column_does_not_open_there():
    keys = Keyring([OLD])
    with pytest.raises(Damaged):
        keys.unseal(keys.seal(PHONE, "t.c"), "t.d")


def test_no_character_can_be_changed_unnoticed():
    keys = Keyring([OLD])
    sealed = keys.seal(f"{PHONE}00", "t.c")  # without padding, of which some bits mean nothing
    for at, character in enumerate(sealed):
        changed = sealed[:at] + ("A" if character != "A" else "B") + sealed[at + 1 :]
        with pytest.raises(Unreadable):
            keys.unseal(changed, "t.c")
    for cut in range(1, len(sealed)):
        with pytest.raises(Unreadable):
            keys.unseal(sealed[:cut], "t.c")


def test_a_keyed_hash_is_the_same_each_time_and_nothing_without_the_key():
    assert keyed_hash(PHONE, OLD) == keyed_hash(PHONE, OLD)
    assert keyed_hash(PHONE, OLD) != keyed_hash(PHONE, NEW)
    assert keyed_hash(PHONE, OLD) != keyed_hash("+38761123457", OLD)


def test_a_key_is_read_as_it_was_written_and_anything_else_is_refused():
    written = new_key()
    assert len(read_key(written)) == 32
    for nonsense in ("", "secret", written[:-1], f"{written}A", "č" * 43, "!" * 43):
        with pytest.raises(ValueError):
            read_key(nonsense)
