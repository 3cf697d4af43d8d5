"""Serbian in its Latin script, from the Cyrillic that the texts are written in: each letter has one counterpart. Pure."""

_LETTERS = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
_PAIRS = {"љ": "lj", "њ": "nj", "џ": "dž"}
_CAPITALS = {letter.upper(): latin.upper() for letter, latin in _LETTERS.items()}
_TABLE = str.maketrans({**_LETTERS, **_CAPITALS, **_PAIRS})


def to_latin(text: str) -> str:
    """``Његов захтјев`` → ``Njegov zahtjev``, ``ЊЕГОВ`` → ``NJEGOV``; what is not Cyrillic stays as it is."""
    return "".join(_latin(text, place) for place in range(len(text))).translate(_TABLE)


def _latin(text: str, place: int) -> str:
    """The letter there, with the capitals that are two letters in Latin written out: all capitals where the word is."""
    letter = text[place]
    pair = _PAIRS.get(letter.lower())
    if pair is None or letter.islower():
        return letter
    beside = text[place + 1 : place + 2] or text[place - 1 : place]
    return pair.upper() if beside.isupper() else pair.capitalize()
