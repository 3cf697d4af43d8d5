"""What people have written before, and what they meant: the second opinion where no phrase fits.

Naive Bayes over words, their beginnings and their neighbours, counted from ``utterances.tsv`` when first imported.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import exp, log

# What an unseen sign counts for, and how much of its certainty we take off: neighbouring words are not independent.
_SMOOTHING = 0.3
_DOUBT = 0.5

# From so many words on, each takes off more: in a long story most words are about something else.
_LONG = 12

# Fewer familiar words resemble anything.
_FEWEST_WORDS = 2


class Examples:
    """Which intent a message's words resemble most."""

    def __init__(self, examples: Iterable[tuple[Sequence[str], str]]) -> None:
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        signs_of: Counter[str] = Counter()
        messages: Counter[str] = Counter()
        for words, intent in examples:
            messages[intent] += 1
            for sign in _signs(words):
                counts[sign][intent] += 1
                signs_of[intent] += 1
        self._speaks_for: Mapping[str, Sequence[tuple[str, float]]] = {
            sign: [(intent, log(count / _SMOOTHING + 1)) for intent, count in of_sign.items()]
            for sign, of_sign in counts.items()
        }
        self._rarity = {intent: log(total / _SMOOTHING + len(counts)) for intent, total in signs_of.items()}
        self._share = {intent: _DOUBT * log(count) for intent, count in messages.items()}

    def sureness(self, words: Sequence[str]) -> Mapping[str, float]:
        """How sure each intent is, between 0 and 1, the likeliest first; empty where too little is familiar."""
        known = [speaks for sign in _signs(words) if (speaks := self._speaks_for.get(sign))]
        familiar = sum(f"{word[:5]}-" in self._speaks_for for word in words)
        if 2 * familiar < len(words) or familiar < _FEWEST_WORDS:
            return {}
        scores = {intent: share - len(known) * self._rarity[intent] for intent, share in self._share.items()}
        for speaks in known:
            for intent, weight in speaks:
                scores[intent] += weight
        best = max(scores.values())
        doubt = _DOUBT * min(1, _LONG / len(words))
        weights = {intent: exp(doubt * (score - best)) for intent, score in scores.items()}
        total = sum(weights.values())
        return {
            intent: weights[intent] / total
            for intent in sorted(weights, key=weights.__getitem__, reverse=True)
        }


def _signs(words: Sequence[str]) -> Iterator[str]:
    signs: set[str] = set(words)
    for word in words:
        signs.update((f"{word[:5]}-", f"{word[:3]}-"))
    signs.update(f"{first[:4]}-{second[:4]}-" for first, second in pairwise(words))
    return iter(signs)
