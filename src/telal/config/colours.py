"""The municipality's own colour, made fit for reading on light and on dark screens. Pure; contrast as WCAG 2 counts it."""

import re
from dataclasses import dataclass
from itertools import count

# As in the stylesheets: the paler and the darker ground that coloured words stand on.
LIGHT_GROUND = "#f2ece0"
DARK_GROUND = "#2a3132"
READABLE = 4.5

_WRITTEN = re.compile(r"#[0-9a-fA-F]{6}")
_STEP = 0.03

Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Scheme:
    """``brand`` for words, lines and grounds; ``on_brand`` for words on such a ground."""

    brand: str
    on_brand: str


def is_colour(text: str) -> bool:
    return bool(_WRITTEN.fullmatch(text))


def light(colour: str) -> Scheme:
    """The colour itself, or as much darker as words on paper need."""
    return _scheme(_until_readable(_rgb(colour), LIGHT_GROUND, towards=0.0))


def dark(colour: str) -> Scheme:
    return _scheme(_until_readable(_rgb(colour), DARK_GROUND, towards=1.0))


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    less, more = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (more + 0.05) / (less + 0.05)


def _scheme(brand: str) -> Scheme:
    # On any colour, one of the two is readable.
    return Scheme(brand, max("#ffffff", "#000000", key=lambda ink: contrast(ink, brand)))


def _until_readable(colour: Rgb, ground: str, *, towards: float) -> str:
    return next(
        mixed
        for step in count()
        if contrast(mixed := _written(colour, min(1.0, step * _STEP), towards), ground) >= READABLE
    )


def _written(colour: Rgb, share: float, towards: float) -> str:
    mixed = (part + (towards - part) * share for part in colour)
    return "#" + "".join(f"{round(255 * part):02x}" for part in mixed)


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
