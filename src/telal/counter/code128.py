"""Code 128, the barcode that every reader at a counter reads: from text to bars and spaces.

ISO/IEC 15417, code sets B (printable ASCII) and C (pairs of digits). Pure.
"""

import re
from collections.abc import Iterator

# The widths of bar, space, bar, space, bar, space of each of the 106 symbols, and of the stop with its last bar.
_WIDTHS = """
    212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
    123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321
    232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
    313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224
    111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111
    111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
    114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112
""".split()  # noqa: SIM905  (a table is read in columns)

_TO_C, _TO_B, _START_B, _START_C, _STOP = 99, 100, 104, 105, 106
# At either end, so that a reader finds the beginning.
QUIET = 10

# Four digits or more are shorter in pairs; an odd one goes before them.
_PIECE = re.compile(r"(?P<pairs>(?:[0-9]{2}){2,})(?![0-9])|(?P<other>[ -~])")


class Unprintable(ValueError):
    """The text is empty or has a character that Code 128 has no symbol for."""


def bars(text: str) -> list[tuple[int, int]]:
    """(start, width) of each bar in modules, after the quiet zone. Raises Unprintable."""
    found = []
    at = QUIET
    for symbol in symbols(text):
        for place, width in enumerate(map(int, _WIDTHS[symbol])):
            if place % 2 == 0:
                found.append((at, width))
            at += width
    return found


def width(drawn: list[tuple[int, int]]) -> int:
    """The width of a whole barcode in modules, with the quiet zones."""
    start, last = drawn[-1]
    return start + last + QUIET


def symbols(text: str) -> list[int]:
    """The values of the symbols, from start to stop. Raises Unprintable."""
    if not text or not re.fullmatch("[ -~]+", text):
        raise Unprintable("Code 128 is for printable ASCII.")
    start, *rest = _values(text)
    check = (start + sum(place * value for place, value in enumerate(rest, 1))) % 103
    return [start, *rest, check, _STOP]


def _values(text: str) -> Iterator[int]:
    code_set = ""
    for piece in _PIECE.finditer(text):
        needed = "C" if piece["pairs"] else "B"
        if needed != code_set:
            yield _START[needed] if not code_set else _SWITCH[needed]
            code_set = needed
        if piece["pairs"]:
            yield from (int(piece["pairs"][at : at + 2]) for at in range(0, len(piece["pairs"]), 2))
        else:
            yield ord(piece["other"]) - ord(" ")


_START = {"B": _START_B, "C": _START_C}
_SWITCH = {"B": _TO_B, "C": _TO_C}
