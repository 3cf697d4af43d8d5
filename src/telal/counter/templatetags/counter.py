"""What templates need: the way around, icons, and dates, numbers and codes in the language of the screen."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import phonenumbers
from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext as _

from telal.cases.models import Case, Kind
from telal.cases.statuses import OUTCOMES, STATUSES
from telal.counter import language, words
from telal.counter.access import has, rule_of, whoever_asks
from telal.counter.menu import MENU, Group, Place
from telal.counter.waiting import LISTS, how_many
from telal.staff.permissions import Colleague

register = template.Library()

# Drawn on a grid of 24, with strokes.
_ICONS = {
    "check": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "checks": '<path d="M2 12.5l4.5 4.5L16 7.5"/><path d="M11 16l1 1 9.5-9.5"/>',
    "eye": '<path d="M2 12s4-6.5 10-6.5S22 12 22 12s-4 6.5-10 6.5S2 12 2 12z"/><circle cx="12" cy="12" r="2.5"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>',
    "cross": '<path d="M6 6l12 12M18 6L6 18"/>',
    "minus": '<path d="M6 12h12"/>',
    "question": '<path d="M8.5 9a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3"/><path d="M12 18.5v.1"/>',
    "alert": '<path d="M12 3.5L22 20H2z"/><path d="M12 10v4.5M12 17v.1"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>',
    "print": '<path d="M7 8V3h10v5M7 17H4V9h16v8h-3"/><path d="M7 14h10v7H7z"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "user": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5a7.5 7.5 0 0 1 15 0"/>',
    "menu": '<path d="M4 6h16M4 12h16M4 18h16"/>',
    "lock": '<path d="M6 11h12v9H6z"/><path d="M8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>',
}

# The first that fits: most also name those that came before them.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon beside words; it says nothing by itself."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(_ICONS[name]),  # noqa: S308  (ours)
    )


@register.simple_tag(takes_context=True)
def may(context: Context, permission: str, case: Case | None = None) -> bool:
    """``{% may "cases.move" case as may_move %}``: is it worth offering?"""
    return has(context["request"], permission, case)


@register.simple_tag
def work_lists() -> Any:
    return LISTS


@register.simple_tag
def coat() -> str:
    """Where the municipality's coat of arms is, or our own sign."""
    return reverse("coat") if settings.TELAL_COAT else static("counter/telal.svg")


@register.simple_tag
def html_language() -> str:
    return language.TAGS[_speaks()]


@register.simple_tag
def staff_languages() -> Any:
    """What the screens can speak: code, tag and name."""
    return [(code, language.TAGS[code], name) for code, name in language.NAMES.items()]


@register.simple_tag(takes_context=True)
def menu(context: dict[str, Any]) -> list[dict[str, Any]]:
    """The groups of places for whoever looks, with how much waits in each, and where one is now."""
    request = context["request"]
    places = {group: [place for place in group.places if _is_open(place, request)] for group in MENU}
    counts = _counts([place for of_group in places.values() for place in of_group], whoever_asks(request))
    return [_group(group, of_group, counts, request) for group, of_group in places.items() if of_group]


def _is_open(place: Place, request: HttpRequest) -> bool:
    return has(request, rule_of(reverse(f"counter:{place.name}")).permission)


def _counts(places: Iterable[Place], who: Colleague) -> dict[str, str]:
    """How many wait, by the name of the place."""
    asked = {place.name: place.rows(who) for place in places}
    rows = {name: some for name, some in asked.items() if some is not None}
    return dict(zip(rows, how_many(*rows.values()), strict=True))


def _group(
    group: Group, places: Iterable[Place], counts: Mapping[str, str], request: HttpRequest
) -> dict[str, Any]:
    shown = [
        {
            "name": place.name,
            "label": place.label,
            "url": reverse(f"counter:{place.name}"),
            "key": place.key,
            "alone": place.alone,
            "count": counts.get(place.name, ""),
            "here": _here(request, place),
        }
        for place in places
    ]
    return {
        "label": group.label,
        "places": shown,
        "is_waiting": any(place["count"] for place in shown),
        "is_here": any(place["here"] for place in shown),
    }


def _here(request: HttpRequest, place: Place) -> str:
    """As ``aria-current`` says it: this page, or one that belongs to it."""
    match = request.resolver_match
    if match and match.url_name == place.name:
        return "page"
    return "true" if request.path.startswith(f"{reverse(f'counter:{place.name}')}/") else ""


def _speaks() -> str:
    return get_language() or settings.LANGUAGE_CODE


@register.filter
def day(value: date | None) -> str:
    """``22. 11. 2026.``"""
    return f"{value.day}. {value.month}. {value.year}." if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """``danas u 14:30``, ``jučer u 9:05``, ``22. 11. 2026. u 14:30``; midnight means that only the day is known."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    said = _said(local.date(), timezone.localdate())
    if local.time() == time():
        return said
    return _("%(day)s u %(time)s") % {"day": said, "time": clock(value)}


@register.filter
def clock(value: datetime | None) -> str:
    """``9:05``."""
    local = timezone.localtime(value) if value else None
    return f"{local.hour}:{local:%M}" if local else ""


@register.filter
def seconds(value: datetime | None) -> str:
    """``14:30:05``."""
    return f"{timezone.localtime(value):%H:%M:%S}" if value else ""


def _said(on: date, today: date) -> str:
    return {today: _("danas"), today - timedelta(days=1): _("jučer")}.get(on) or day(on)


@register.filter
def phone(number: str) -> str:
    """``+387 61 123 456``; what is not E.164 (somebody is still typing) stays as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace("-", " ")


@register.filter
def status_label(code: str) -> str:
    return STATUSES[code].label(_speaks())


@register.filter
def status_phase(code: str) -> str:
    return STATUSES[code].phase


@register.filter
def outcome_label(code: str) -> str:
    return OUTCOMES[code].label(_speaks())


@register.filter
def kind_label(code: str) -> Any:
    return Kind(code).label


@register.filter
def language_name(code: str) -> Any:
    return words.LANGUAGES.get(code, code)


@register.filter
def medium_name(code: str) -> Any:
    return words.MEDIA.get(code, code)


@register.filter
def caution_name(kind: str) -> Any:
    return words.CAUTIONS[kind]


@register.filter
def told_field_name(field: str) -> Any:
    return words.TOLD_FIELDS[field]


@register.simple_tag
def days_left(days: int | None) -> str:
    """How long there is still, or how late it is."""
    if days is None:
        return ""
    if days == 0:
        return gettext("ističe danas")
    if days < 0:
        return days_late(-days)
    return ngettext("još %(days)s dan", "još %(days)s dana", days) % {"days": days}


@register.simple_tag
def days_late(days: int) -> str:
    return ngettext("kasni %(days)s dan", "kasni %(days)s dana", days) % {"days": days}


@register.filter
def browser(user_agent: str) -> str:
    """``Firefox, Windows`` of what a browser says of itself; empty where it says nothing known."""
    named = (
        next((name for mark, name in known if mark in user_agent), "") for known in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(filter(None, named))


@register.filter
def source_name(code: str) -> Any:
    return words.SOURCES.get(code, code)
