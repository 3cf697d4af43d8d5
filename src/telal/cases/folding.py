"""One spelling for what people type in two scripts, with or without diacritics, on any keyboard.

Everything that compares texts of citizens or registers compares them folded. Each character folds on its own,
so Cyrillic letters that only look Latin may stand inside a Latin word.
"""

import unicodedata

_CYRILLIC = {
    **dict(zip("абвгдежзијклмнопрстћуфхцчшђіѕйэыё", "abvgdežzijklmnoprstćufhcčšđisjeie", strict=True)),
    **dict(zip("љњџщяю", ("lj", "nj", "dž", "šč", "ja", "ju"), strict=True)),
}

# One character for one, so that places in the text stay where they are.
_SEPARATORS = str.maketrans("‐‑‒–—―−⁃_\\⁄∕\t", "---------///" + " ")


class _Foldings(dict[int, str]):
    """Code point → its folding, worked out when first met."""

    def __missing__(self, code: int) -> str:
        folded = _folded_once(chr(code))
        while folded != (again := "".join(map(_folded_once, folded))):
            folded = again
        self[code] = folded
        return folded


def _folded_once(char: str) -> str:
    lower = unicodedata.normalize("NFKC", char).lower()
    latin = "".join(_CYRILLIC.get(char, char) for char in lower).replace("đ", "dj")
    return "".join(char for char in unicodedata.normalize("NFD", latin) if _is_visible(char))


def _is_visible(char: str) -> bool:
    """Not a combining mark, nor one of the zero-width characters."""
    return unicodedata.category(char) not in ("Mn", "Me", "Cf")


_FOLDINGS = _Foldings()


def fold(text: str) -> str:
    """NFKC, lower case, Cyrillic to Latin, đ to dj, no diacritics, nothing invisible: ``Ђак`` → ``djak``."""
    return text.translate(_FOLDINGS)


def fold_with_separators(text: str) -> str:
    """``fold``, and every dash written ``-``, every slash ``/``, every blank inside a line a space."""
    return text.translate(_FOLDINGS).translate(_SEPARATORS)


def origins(text: str) -> list[int]:
    """For each place in the folded text, the place in ``text`` it comes from."""
    return [index for index, char in enumerate(text) for _ in _FOLDINGS[ord(char)]]
