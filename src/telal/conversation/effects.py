"""What an answer does besides being said. Values only; ``doing.py`` does them, many at a time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EndAll:
    """Stop: no notices any more, of no case."""


@dataclass(frozen=True, slots=True)
class EndOne:
    """No notices any more of this case."""

    case_id: int


@dataclass(frozen=True, slots=True)
class Speak:
    """From now on in this language and script, whatever they write in."""

    language: str


@dataclass(frozen=True, slots=True)
class Keep:
    """What comes unasked tells only that there is news (``discreet``), or all of it again."""

    discreet: bool


@dataclass(frozen=True, slots=True)
class PassOn:
    """What they have just written is for the staff, and so is what follows if we do not understand it."""


@dataclass(frozen=True, slots=True)
class AskForErasure:
    """They have confirmed that they want their data erased: the staff has so many days to answer."""

    days: int


Effect = EndAll | EndOne | Speak | Keep | PassOn | AskForErasure
