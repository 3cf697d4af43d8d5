"""The words of a name, as clerks look for them: without hooks, in either script, ``dj`` as good as ``đ``. Pure."""

import re

from telal.cases.folding import fold

LONGEST_WORD = 40


def name_words(text: str) -> list[str]:
    """Each once: ``Đuro Hodžić-Perić`` → ``duro``, ``hodzic``, ``peric``. Bare numbers are no part of a name."""
    words = re.findall(r"[^\W_]+", fold(text).replace("dj", "d"))
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in words if not word.isdigit()))
