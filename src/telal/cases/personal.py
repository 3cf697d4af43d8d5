"""The number that stands for a person from birth: seen so that it is neither kept nor taken for anything else."""

import re

# Thirteen digits that begin with a date of birth: DDMMYYY, region, running number, check digit. People pause in between.
JMBG = re.compile(
    r"(?<![0-9])(?<![0-9][-/.])"
    r"(?:0[1-9]|[12][0-9]|3[01])[ .-]?(?:0[1-9]|1[0-2])[ .-]?[09][0-9]{2}[ .-]{0,3}[0-9]{2} ?[0-9]{3} ?[0-9]"
    r"(?![0-9/]|-[0-9])"
)


def without_jmbg(folded: str) -> str:
    """The folded text with each JMBG blanked; places stay where they are."""
    return JMBG.sub(lambda match: "\0" * len(match[0]), folded)
