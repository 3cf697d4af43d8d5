"""The opinions of a case as its screen shows them, with the forms for their answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from telal.cases.models import Case, Institution, Opinion
from telal.counter.steps import OpinionAnswerForm


@dataclass(frozen=True, slots=True)
class OnCase:
    """An opinion as the screen of its case shows it, with the form for its answer while it is awaited."""

    opinion: Opinion
    form: OpinionAnswerForm | None


def opinions_on(case: Case, answer_form: OpinionAnswerForm | None = None) -> list[OnCase]:
    """Those awaited first; ``answer_form`` is one that was not right."""
    all_ = list(Opinion.objects.filter(case=case).select_related("institution").order_by("due_on", "id"))
    awaited = [one for one in all_ if one.answered_on is None]
    answered = [one for one in all_ if one.answered_on is not None]
    return [
        *(OnCase(one, _form(case, one, awaited, answer_form)) for one in awaited),
        *(OnCase(one, None) for one in answered),
    ]


def _form(
    case: Case, opinion: Opinion, awaited: Sequence[Opinion], wrong: OpinionAnswerForm | None
) -> OpinionAnswerForm:
    if wrong and wrong.opinion == opinion:
        return wrong
    opinion.case = case
    return OpinionAnswerForm.of(opinion, in_order(case, [one for one in awaited if one != opinion]))


def in_order(case: Case, awaited: Iterable[Opinion]) -> list[Institution]:
    """The one that the citizen has been told of stays the first; then what is due first."""
    return [
        one.institution
        for one in sorted(
            awaited, key=lambda one: (one.institution_id != case.waiting_for_id, one.due_on, one.pk)
        )
    ]
