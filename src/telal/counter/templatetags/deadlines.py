"""The deadline of a case, where a template wants it."""

from django import template

from telal.cases.models import Case
from telal.counter.deadline import Deadline, deadline_of

register = template.Library()


@register.inclusion_tag("counter/deadline.html")
def deadline(case: Case) -> dict[str, Deadline]:
    return {"deadline": deadline_of(case)}
