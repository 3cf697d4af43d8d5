"""The deadline of a case, where a template wants it."""

from typing import Any

from django import template

from telal.cases.models import Case
from telal.counter.deadline import deadline_of

register = template.Library()


@register.inclusion_tag("counter/deadline.html")
def deadline(case: Case, may_move: bool) -> dict[str, Any]:
    return {"case": case, "deadline": deadline_of(case), "may_move": may_move}
