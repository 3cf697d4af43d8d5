"""When two names become one, whoever works under them does, too."""

import pytest
from django.contrib.auth.models import User

from telal.cases.merging import Clash, merge
from telal.cases.names import Department, Officer
from telal.staff.models import Member

pytestmark = pytest.mark.django_db


def test_whoever_belonged_to_both_belongs_to_the_one(db):
    old, into = Department.called("Sluzba"), Department.called("Služba")
    amra, ana = (Member.objects.create(user=User.objects.create(username=name)) for name in ("amra", "ana"))
    amra.departments.set([old])
    ana.departments.set([old, into])
    Officer.objects.create(name="Amra", department=old)
    merge(old, into)
    assert [list(one.departments.all()) for one in (amra, ana)] == [[into], [into]]
    assert Officer.objects.get().department == into


def test_two_users_are_never_made_one(db):
    old, into = Officer.called("Alma D."), Officer.called("Alma Destanović")
    for officer in (old, into):
        Member.objects.create(user=User.objects.create(username=f"u{officer.pk}"), officer=officer)
    with pytest.raises(Clash):
        merge(old, into)
    assert Officer.objects.count() == 2
    assert Member.objects.filter(officer=old).exists()
