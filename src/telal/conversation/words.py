"""The words of the bot, by name; the files are in ``texts/<language>/``."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

from telal.notices.words import Words

# The texts, by when they are said.
WHEN_SAID: Mapping[str, Sequence[str]] = {
    "connecting": (
        "welcome", "bound", "all_bound", "connect", "notices_on", "nothing_to_show", "link_used", "link_expired", "link_unknown",
        "phone_proven", "phone_refused", "phone_not_sent", "phone_change", "pin_refused", "still_you_yes", "still_you_no",
    ),
    "about_cases": (
        "which_case", "not_found", "foreign_number", "other_person", "more_cases", "more_changes", "deadline_unknown",
        "officer_unknown", "nothing_missing", "not_ready", "silence", "appeal", "meaning_refused", "meaning_dismissed",
        "meaning_discontinued",
    ),
    "office": ("hours_unknown", "howto", "problem", "human", "human_added", "answered"),
    "talk": (
        "greeting", "thanks", "help", "unclear", "out_of_scope", "abuse", "picture", "only_text",
        "script", "script_chosen", "flood", "repeated",
    ),
    "stopping": ("end_which", "ended_one", "stopped"),
    "privacy": ("discreet_on", "discreet_off", "privacy", "personal_number", "erasure", "erasure_asked"),
}  # fmt: skip

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

WORDS = Words(
    Path(__file__).parent / "texts",
    texts={
        **dict.fromkeys(chain.from_iterable(WHEN_SAID.values()), ()),
        **dict.fromkeys(("silence", "human", "hours_unknown"), ("phone",)),
        **dict.fromkeys(("howto", "problem"), ("phone", "email", "address")),
        "privacy": ("dpo",),
        "answered": ("answer",),
        "erasure_asked": ("days",),
    },
    labels={
        **dict.fromkeys(("start", "my_cases", "help", "stop", "human", "languages", "hours"), ()),
        **dict.fromkeys(("stop_one", "erase", "discreet", "details", "share_phone"), ()),
        **dict.fromkeys(("in_bs", "in_hr", "in_sr", "in_sr_latn", "in_en"), ()),
        **dict.fromkeys(("case", "history", "end"), ("number",)),
        **dict.fromkeys((*_WEEK, "today", "tomorrow", "after_tomorrow", "closed"), ()),
        **dict.fromkeys(("open_now", "open_later"), ("time",)),
        **dict.fromkeys(
            ("closed_now", "next_open", "differently", "holidays", "no_holiday", "address", "phone", "email"),
            (),
        ),
        "discreet_case": ("date",),
        **dict.fromkeys(("cases_one", "cases_few", "cases_other"), ("number",)),
        **dict.fromkeys(("days_left_one", "days_left_few", "days_left_other"), ("number",)),
    },
)


def weekday(language: str, number: int) -> str:
    """``ponedjeljak`` for 0."""
    return WORDS.label(language, _WEEK[number])
