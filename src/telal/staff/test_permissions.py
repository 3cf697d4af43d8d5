"""What the table of permissions says, in cases that people ask about."""

from datetime import date

import pytest

from telal.cases.models import Applicant, Case, Department, Officer
from telal.staff.colleagues import cases_for, colleague, may_with
from telal.staff.models import Member
from telal.staff.permissions import PERMISSIONS, ROLES, Colleague, Reach

URBANISM, SOCIAL = 1, 2
ALMA, EDIN = 11, 12


def officer(**known: object) -> Colleague:
    return Colleague(frozenset({"officer"}), **known)  # type: ignore[arg-type]


def test_every_row_speaks_of_every_role():
    assert {len(row) for row in PERMISSIONS.values()} == {len(ROLES)}


def test_the_auditor_reads_and_nothing_else():
    granted = {code for code in PERMISSIONS if Colleague(frozenset({"auditor"})).may(code)}
    assert {code.partition(".")[2] for code in granted - {"account.own"}} == {"see"}


def test_somebody_without_a_role_may_nothing():
    assert not any(Colleague(frozenset({"stranger"})).may(code) for code in PERMISSIONS)


def test_a_permission_that_is_not_in_the_table_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        officer().may("cases.dream")


def test_an_officer_moves_the_cases_of_the_department_their_own_and_those_that_nobody_has():
    alma = officer(departments=frozenset({URBANISM}), officer=ALMA)
    assert alma.may_with("cases.move", department=URBANISM, officer=EDIN)
    assert alma.may_with("cases.move", department=SOCIAL, officer=ALMA)
    assert alma.may_with("cases.move", department=None, officer=None)
    assert not alma.may_with("cases.move", department=SOCIAL, officer=EDIN)
    assert not alma.may_with("cases.move", department=None, officer=EDIN)


def test_where_nobody_has_set_departments_up_nobody_is_held_back_by_them():
    assert officer().reach("cases.move") == Reach.ALL


def test_with_two_roles_the_wider_one_holds():
    both = Colleague(frozenset({"officer", "counter"}), frozenset({URBANISM}))
    assert both.may_with("cases.move", department=SOCIAL, officer=None)


@pytest.mark.django_db
def test_a_list_and_a_single_case_give_the_same_answer(django_user_model, django_assert_num_queries):
    urbanism, social = (Department.called(name) for name in ("Urbanizam", "Socijalna"))
    alma, edin = (Officer.called(name) for name in ("Alma Destanović", "Edin Kovač"))
    for place, (department, handled_by) in enumerate(
        [(urbanism, edin), (social, alma), (social, edin), (None, None), (None, edin), (social, None)]
    ):
        Case.register(
            source="test", ref=str(place), number=f"{place}/26", kind="administrative", subject="",
            received_on=date(2026, 11, 20), applicant=Applicant.called("Amra"),
            department=department, officer=handled_by,
        )  # fmt: skip
    user = django_user_model.objects.create(username="alma")
    user.groups.create(name="officer")
    Member.objects.create(user=user, officer=alma).departments.set([urbanism])
    with django_assert_num_queries(1):
        who = colleague(user.pk)
    listed = set(Case.objects.filter(cases_for(who, "cases.move")))
    assert listed == {case for case in Case.objects.all() if may_with(who, "cases.move", case)}
    assert {case.ref for case in listed} == {"0", "1", "3"}


@pytest.mark.django_db
def test_somebody_whose_access_was_ended_may_nothing_at_once(django_user_model):
    user = django_user_model.objects.create(username="alma")
    user.groups.create(name="secretary")
    assert colleague(user.pk).may("cases.move")
    user.is_active = False
    user.save()
    assert colleague(user.pk) == Colleague()
