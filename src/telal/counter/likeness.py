"""Which names may be another spelling of one. Pure."""

from collections.abc import Mapping
from difflib import SequenceMatcher

_ENOUGH = 0.8
_MOST = 3


def alike(folded: str, others: Mapping[str, str]) -> list[str]:
    """The names most like this one, the likest first; ``others`` are names with their folded forms."""
    matcher = SequenceMatcher(b=folded, autojunk=False)
    found = []
    for name, other in others.items():
        matcher.set_seq1(other)
        # The cheap bounds first: most names are nothing like it.
        if (
            matcher.real_quick_ratio() >= _ENOUGH
            and matcher.quick_ratio() >= _ENOUGH
            and (ratio := matcher.ratio()) >= _ENOUGH
        ):
            found.append((ratio, name))
    return [name for _, name in sorted(found, reverse=True)[:_MOST]]
