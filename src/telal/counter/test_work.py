"""Everything that waits for a human stands in one place, with how much there is of it."""

import pytest
from django.test import Client
from django.utils import timezone

from telal.cases.models import Unmatched
from telal.conversation.models import Question
from telal.messaging.models import Contact

pytestmark = pytest.mark.django_db


def shown(client: Client, address: str = "/counter/work") -> str:
    return client.get(address).content.decode()


def test_when_nothing_waits_it_says_so(clerk: Client):
    assert "Ništa ne čeka." in shown(clerk)
    assert 'class="count"' not in shown(clerk)


def test_each_list_is_reached_and_counted(clerk: Client, db):
    contact = Contact.objects.create(channel="viber", address="amra==", reachable=True)
    Question.objects.create(contact=contact, kind="question", text="Kada?", asked_at=timezone.now())
    for name in ("unreached", "questions", "unbound", "reviews", "unmatched"):
        assert f'href="/counter/{name}"' in shown(clerk)
        assert 'aria-current="page"' in shown(clerk, f"/counter/{name}")
    assert 'data-testid="questions-count">1<' in shown(clerk)


@pytest.mark.parametrize("name", ["unreached", "questions", "unbound", "reviews", "unmatched"])
def test_nonsense_in_the_address_does_no_harm(clerk: Client, name: str):
    for query in ("after=x", "after=-1", "after=" + "9" * 40, "kind=x&why=y&days=z&from=²"):
        assert clerk.get(f"/counter/{name}?{query}").status_code == 200


def test_more_than_99_are_not_counted(clerk: Client, db):
    now = timezone.now()
    Unmatched.objects.bulk_create(
        Unmatched(source="api", sender="DMS", reason="unreadable", mark=str(n), first_at=now, last_at=now)
        for n in range(120)
    )
    assert 'data-testid="unmatched-count">99+<' in shown(clerk)
