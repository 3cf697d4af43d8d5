"""The staff write down when they work, and citizens are told just that."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.rules import Exceptional, HolidayChoice, WeekDay, timetable

pytestmark = pytest.mark.django_db

WEEK = {
    "monday": "8-16",
    "tuesday": "8-16",
    "wednesday": "8-16",
    "thursday": "8-11.30, 12 do 16",
    "friday": "08:00 - 14:00",
    "saturday": "",
    "sunday": "",
}


def page(client: Client) -> str:
    return client.get("/counter/hours").content.decode()


def send(client: Client, where: str, said: dict[str, str]) -> str:
    answer = client.post(f"/counter/hours/{where}", said)
    return answer.content.decode() if answer.status_code == 200 else answer.url


def test_nothing_is_said_before_somebody_wrote_it_down(secretary: Client):
    assert "još nije upisano" in page(secretary)
    assert not timetable(timezone.localdate())


def test_the_week_is_kept_in_one_spelling(secretary: Client):
    assert send(secretary, "week", WEEK) == "/counter/hours"
    assert "8:00–11:30, 12:00–16:00" in page(secretary)
    assert WeekDay.objects.get(pk=4).hours == "8:00–14:00"
    send(secretary, "week", {**WEEK, "friday": ""})
    assert timetable(timezone.localdate()).weekly[4] == ()


def test_nonsense_is_said_and_nothing_is_lost(secretary: Client):
    shown = send(secretary, "week", {**WEEK, "monday": "ujutro"})
    assert "Ovo nije radno vrijeme" in shown
    assert "ujutro" in shown
    assert not WeekDay.objects.exists()


def test_a_day_closed_and_a_ramadan(secretary: Client):
    today = timezone.localdate()
    send(
        secretary,
        "exceptional",
        {"first_day": f"{today + timedelta(days=3):%d.%m.%Y}", "reason": "Nestanak struje"},
    )
    span = {
        "first_day": f"{today:%d.%m.%Y}",
        "last_day": f"{today + timedelta(days=29):%d.%m.%Y}",
        "hours": "8-15",
    }
    send(secretary, "exceptional", span)
    assert [one.hours for one in Exceptional.objects.order_by("first_day")] == ["8:00–15:00", ""]
    assert "Nestanak struje" in page(secretary)
    for one in Exceptional.objects.all():
        send(secretary, f"exceptional/{one.pk}", {})
    assert not Exceptional.objects.exists()


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"first_day": ""}, "Upišite ovaj podatak"),
        ({"first_day": "1.1.2020."}, "To je već prošlo"),
        ({"first_day": "5.1.2099.", "last_day": "1.1.2099."}, "prije prvog"),
        ({"first_day": "5.1.2099.", "hours": "do podne"}, "nije radno vrijeme"),
    ],
)
def test_an_exception_that_cannot_be_is_explained(secretary: Client, said, complaint):
    assert complaint in send(secretary, "exceptional", said)
    assert not Exceptional.objects.exists()


def test_a_holiday_is_switched_off_and_on_again(secretary: Client):
    today = timezone.localdate()
    new_year = today if (today.month, today.day) == (1, 1) else date(today.year + 1, 1, 1)
    send(secretary, "week", dict.fromkeys(WEEK, "8-16"))
    for worked in ("yes", "no"):
        send(secretary, f"holidays/{new_year}", {"worked": worked})
        assert bool(timetable(timezone.localdate()).on(new_year).hours) == (worked == "yes")
    assert HolidayChoice.objects.count() == 1


@pytest.mark.parametrize("day", ["2027-13-01", "x", "2027-06-17", "1999-01-01"])
def test_what_is_no_coming_holiday_cannot_be_chosen(secretary: Client, day):
    assert secretary.post(f"/counter/hours/holidays/{day}", {"worked": "yes"}).status_code == 404
