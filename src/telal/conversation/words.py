"""The words of the bot, by name; the files are in ``texts/<language>/``."""

from pathlib import Path

from telal.notices.words import Words

_TEXTS = (
    "welcome", "bound", "link_used", "link_expired", "link_unknown", "stopped", "ended_one", "end_which",
    "greeting", "thanks", "help", "only_text", "picture", "unclear", "other", "abuse", "out_of_scope", "personal_number",
    "nothing_to_show", "not_found", "foreign_number", "other_person", "which_case",
    "more_cases", "more_changes", "officer_unknown", "deadline_unknown", "nothing_missing", "not_ready",
    "appeal", "meaning_refused", "meaning_dismissed", "meaning_discontinued", "erasure",
    "human_added", "notices_on", "connect", "script", "script_chosen", "discreet_on", "discreet_off",
    "flood", "repeated",
)  # fmt: skip

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

WORDS = Words(
    Path(__file__).parent / "texts",
    texts={
        **dict.fromkeys(_TEXTS, ()),
        **dict.fromkeys(("silence", "human", "hours_unknown"), ("phone",)),
        **dict.fromkeys(("howto", "problem"), ("phone", "email", "address")),
        "privacy": ("dpo",),
        "answered": ("answer",),
        "erasure_asked": ("days",),
    },
    labels={
        **dict.fromkeys(("start", "my_cases", "help", "stop", "human", "languages", "hours"), ()),
        **dict.fromkeys(("stop_one", "erase", "discreet", "details"), ()),
        **dict.fromkeys(("in_bs", "in_hr", "in_sr", "in_sr_latn", "in_en"), ()),
        **dict.fromkeys(("case", "history", "end"), ("number",)),
        **dict.fromkeys((*_WEEK, "today", "tomorrow", "after_tomorrow", "closed"), ()),
        **dict.fromkeys(("open_now", "open_later"), ("time",)),
        **dict.fromkeys(
            ("closed_now", "next_open", "differently", "holidays", "address", "phone", "email"), ()
        ),
        "discreet_case": ("date",),
        **dict.fromkeys(("cases_one", "cases_few", "cases_other"), ("number",)),
        **dict.fromkeys(("days_left_one", "days_left_few", "days_left_other"), ("number",)),
    },
)


def weekday(language: str, number: int) -> str:
    """``ponedjeljak`` for 0."""
    return WORDS.label(language, _WEEK[number])
