"""What an import refuses, and what the counter says of it, are in two apps that do not know each other."""

from telal.counter import unmatched, words
from telal.intake import entries, reasons


def test_whatever_an_import_refuses_the_counter_explains_with_what_to_do():
    codes = {f"row_{code}" for code in reasons.WORDS}
    assert codes == {code for code in unmatched._REASONS if code.startswith("row_")}
    assert codes <= set(unmatched._ADVICE)
    assert set(entries._LONGEST) | set(reasons._FIELDS) <= set(words.IMPORTED)
