"""What the bot says about office hours: of the days that were named, or of the whole week, today, and what will be different."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from telal.cases.office import Day, Office, Timetable, same_hours, written_hours, written_time
from telal.conversation.dates import next_of
from telal.conversation.words import WORDS, weekday
from telal.notices.words import written_date

_MOST_HOLIDAYS = 5
_NEAR = {"today": 0, "tomorrow": 1, "after_tomorrow": 2}
_WEEKDAYS = {name: (number,) for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_ON_WEEKDAYS = {**_WEEKDAYS, "weekend": (5, 6)}


Dates = Sequence[tuple[int, int, int | None]]


def hours(office: Office, days: Sequence[str], language: str, dates: Dates = ()) -> str:
    """The answer to *radite li …*. ``days`` and ``dates`` are named as in ``Understood``."""
    answer = _told if office.timetable else _told_by_calendar
    told = "\n\n".join(filter(None, answer(office, days, dates, language)))
    return f"{told}\n\n{contacts(office, language)}"


def contacts(office: Office, language: str) -> str:
    """Where to find it, a line each."""
    known = (("address", office.address), ("phone", office.phone), ("email", office.email))
    return "\n".join(f"{WORDS.label(language, name)}: {value}" for name, value in known if value)


def when_somebody_is_there(office: Office, language: str) -> str:
    """One line: until when today, or when next; empty where the hours are not known."""
    if not office.timetable:
        return ""
    today = office.timetable.on(office.now.date())
    if today.closes_at(office.now.time()) or today.opens_at(office.now.time()):
        return f"{WORDS.label(language, 'hours')}: {_of_today(office, language)}"
    return _next(office.timetable, today.on, language)


def _told(office: Office, days: Sequence[str], dates: Dates, language: str) -> Iterator[str]:
    timetable, today = office.timetable, office.now.date()
    named = _dates(days, dates, today)
    for on in named:
        yield _one_day(office, on, language)
    if "holiday" in days:
        yield _holidays(timetable, today, language)
    if not days and not dates:
        yield "\n".join((f"{WORDS.label(language, 'hours')}:", *_week(timetable, language)))
        yield _line(language, "today", _of_today(office, language))
        yield _differently(timetable, today, language)


def _told_by_calendar(office: Office, days: Sequence[str], dates: Dates, language: str) -> Iterator[str]:
    """What the calendar and the exceptions know while the usual hours are not written down."""
    named = [office.timetable.on(on) for on in _dates(days, dates, office.now.date())]
    about_holidays = "holiday" in days
    yield from filter(None, (_by_calendar(office, day, language, about_holidays) for day in named))
    if about_holidays:
        yield _holidays(office.timetable, office.now.date(), language)
    if not named or not all(day.is_unusual for day in named):
        yield WORDS.text(language, "hours_unknown", phone=office.phone)


def _by_calendar(office: Office, day: Day, language: str, about_holidays: bool) -> str:
    holiday = (office.timetable.holidays or {}).get(day.on)
    if day.is_unusual:
        told = _hours(day, language)
    elif holiday:
        told = holiday.names[language]
    else:
        told = WORDS.label(language, "no_holiday") if about_holidays else ""
    return _line_of_day(office, day.on, told, language) if told else ""


def _dates(days: Sequence[str], dates: Dates, today: date) -> list[date]:
    """The days named, each the next of its kind; today is one."""
    near = {today + timedelta(days=_NEAR[name]) for name in days if name in _NEAR}
    wanted = {number for name in days for number in _ON_WEEKDAYS.get(name, ())}
    week = (today + timedelta(days=n) for n in range(7))
    by_date = {next_of(today, named) for named in dates}
    return sorted(near | by_date | {on for on in week if on.weekday() in wanted})


def _one_day(office: Office, on: date, language: str) -> str:
    day, is_today = office.timetable.on(on), on == office.now.date()
    hours_then = _of_today(office, language) if is_today else _hours(day, language)
    told = _line_of_day(office, on, hours_then, language)
    return told if day.hours else "\n".join(filter(None, (told, _next(office.timetable, on, language))))


def _line_of_day(office: Office, on: date, told: str, language: str) -> str:
    """``Sutra, srijeda 25. 11. 2026.: …``"""
    ahead = {office.now.date() + timedelta(days=days): name for name, days in _NEAR.items()}
    near = (WORDS.label(language, ahead[on]),) if on in ahead else ()
    return _capital(f"{', '.join((*near, _dated(on, language)))}: {told}")


def _of_today(office: Office, language: str) -> str:
    day, now = office.timetable.on(office.now.date()), office.now.time()
    told = _hours(day, language)
    if closes := day.closes_at(now):
        return f"{told}, {WORDS.label(language, 'open_now', time=written_time(closes))}"
    if opens := day.opens_at(now):
        return f"{told}, {WORDS.label(language, 'open_later', time=written_time(opens))}"
    return f"{told}, {WORDS.label(language, 'closed_now')}" if day.hours else told


def _hours(day: Day, language: str) -> str:
    told = written_hours(day.hours) or WORDS.label(language, "closed")
    because = day.holiday.names[language] if day.holiday else day.reason
    return f"{told} ({because})" if because else told


def _next(timetable: Timetable, after: date, language: str) -> str:
    day = timetable.next_open(after)
    return _line(language, "next_open", f"{_dated(day.on, language)}, {_hours(day, language)}") if day else ""


def _week(timetable: Timetable, language: str) -> Iterator[str]:
    for first, last, of_days in same_hours(timetable.weekly):
        days = "–".join(dict.fromkeys((weekday(language, first), weekday(language, last))))
        yield _capital(f"{days}: {written_hours(of_days) or WORDS.label(language, 'closed')}")


def _differently(timetable: Timetable, today: date, language: str) -> str:
    """A line for each run of days with the same hours for the same reason."""
    days = [day for day in timetable.unusual(today) if day.on != today]
    runs = (list(run) for _, run in groupby(days, key=lambda day: (day.hours, day.holiday, day.reason)))
    lines = [f"{_capital(_from_until(run, language))}: {_hours(run[0], language)}" for run in runs]
    return "\n".join((f"{WORDS.label(language, 'differently')}:", *lines)) if lines else ""


def _from_until(run: Sequence[Day], language: str) -> str:
    return " – ".join(dict.fromkeys(_dated(day.on, language) for day in (run[0], run[-1])))


def _holidays(timetable: Timetable, today: date, language: str) -> str:
    coming = timetable.coming_holidays(today)[:_MOST_HOLIDAYS]
    lines = [f"{_capital(_dated(one.day, language))}: {one.names[language]}" for one in coming]
    return "\n".join((f"{WORDS.label(language, 'holidays')}:", *lines)) if lines else ""


def _dated(on: date, language: str) -> str:
    return f"{weekday(language, on.weekday())} {written_date(language, on)}"


def _line(language: str, label: str, value: str) -> str:
    return f"{WORDS.label(language, label)}: {value}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
