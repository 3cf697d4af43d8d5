"""How well, and how fast, the bot understands: ``make understand``.

``utterances.tsv`` holds messages with their meaning. From the part ``tune`` the bot learns, so its score there says
little; ``aside`` was written before all others and ``fresh`` last of all. What they scored when new is in docs/performance.md.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import thread_time

from bench.report import Table
from telal.conversation import understand as module
from telal.conversation.understand import to_json, understand

YEAR = 2026
PARTS = ("tune", "aside", "fresh")
NOT_UNDERSTOOD = "unclear"


@dataclass(frozen=True, slots=True)
class Utterance:
    text: str
    meant: frozenset[str]
    part: str

    @property
    def heard(self) -> frozenset[str]:
        """In the names of the interface."""
        return frozenset(_outside(to_json(understand(self.text, year=YEAR))["intents"]))


def utterances() -> Iterator[Utterance]:
    table = Path(module.__file__).with_name("utterances.tsv").read_text("utf-8")
    for text, meant, part in (line.split("\t") for line in table.splitlines()):
        yield Utterance(text, frozenset(_outside(meant.split(","))), part)


def _outside(intents: object) -> Iterator[str]:
    """A question for the history of a case is to the outside one for its status."""
    assert isinstance(intents, list)
    for intent in intents:
        yield "status.mine" if intent in ("status.history", "status.by_number") else intent


def bench(rounds: int) -> Table:
    """Messages that it has not seen before, once each a round."""
    table = Table("understand", "µs a message")
    texts = [utterance.text for utterance in utterances() if utterance.part != "tune"]
    medians = [_median_microseconds(texts) for _ in range(rounds)]
    table.add("messages kept aside, median", medians)
    table.goal("a message", medians, below=200)
    return table


def _median_microseconds(texts: Iterable[str]) -> float:
    taken = []
    for text in texts:
        started = thread_time()
        understand(text, year=YEAR)
        taken.append(thread_time() - started)
    return sorted(taken)[len(taken) // 2] * 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(prog="bench.understanding")
    arguments.add_argument("--missed", action="store_true", help="show what was not understood as meant")
    chosen = arguments.parse_args()
    table = list(utterances())
    for part in PARTS:
        of_part = {utterance: utterance.heard for utterance in table if utterance.part == part}
        print(f"\n## {part}: {_score(of_part)}\n\n{_by_intent(of_part)}\n\n{_confusions(of_part)}")
        if chosen.missed:
            print(*_missed(of_part), sep="\n")
    print(f"\n{bench(rounds=5)}")


def _score(heard: Mapping[Utterance, frozenset[str]]) -> str:
    right = sum(intents == utterance.meant for utterance, intents in heard.items())
    asked_back = sum(intents == {NOT_UNDERSTOOD} != utterance.meant for utterance, intents in heard.items())
    wrong = len(heard) - right - asked_back
    return f"{right} of {len(heard)} right ({right / max(len(heard), 1):.1%}), {asked_back} asked back, {wrong} wrong"


def _by_intent(heard: Mapping[Utterance, frozenset[str]]) -> str:
    meant: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for utterance, intents in heard.items():
        meant.update(utterance.meant)
        right.update(utterance.meant & intents)
    return "\n".join(f"{intent:20} {right[intent]:3} of {count:3}" for intent, count in sorted(meant.items()))


def _confusions(heard: Mapping[Utterance, frozenset[str]]) -> str:
    """What was meant, what was heard instead, and how often."""
    pairs = Counter(
        (", ".join(sorted(utterance.meant)), ", ".join(sorted(intents)))
        for utterance, intents in heard.items()
        if intents != utterance.meant
    )
    return "\n".join(
        f"{meant:32} heard as {instead:32} {times}" for (meant, instead), times in sorted(pairs.items())
    )


def _missed(heard: Mapping[Utterance, frozenset[str]]) -> Iterator[str]:
    for utterance, intents in heard.items():
        if intents != utterance.meant:
            yield f"{','.join(sorted(utterance.meant))} heard as {','.join(sorted(intents))}: {utterance.text}"


if __name__ == "__main__":
    main()
