"""A clerk, an auditor and a form filled in."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from telal.cases.models import Applicant, Case, Change
from telal.messaging.models import Contact
from telal.notices.consents import record_consent
from telal.notices.models import Subscription


@pytest.fixture(autouse=True)
def quick_hashes(settings: Any) -> None:
    """PINs and passwords are hashed slowly on purpose; stories need not wait for it."""
    settings.TELAL_SECOND_FACTOR = frozenset()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def signed_in(name: str, *roles: str) -> Client:
    user = User.objects.create(username=name)
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def clerk(db: None) -> Client:
    return signed_in("ana", "counter")


@pytest.fixture
def boss(db: None) -> Client:
    return signed_in("amra", "administrator")


@pytest.fixture
def auditor(db: None) -> Client:
    return signed_in("edin", "auditor")


@pytest.fixture
def secretary(db: None) -> Client:
    return signed_in("mirza", "secretary")


@pytest.fixture
def filled() -> dict[str, str]:
    """The registration form as a clerk fills it in, with consent."""
    return {
        "key": str(uuid.uuid4()),
        "number": "06-23-1847/26",
        "kind": "administrative",
        "subject": "Urbanistička saglasnost",
        "received_on": f"{timezone.localdate():%d.%m.%Y}",
        "applicant_name": "Amra Hodžić",
        "phone": "061/123-456",
        "consent": "on",
        "language": "bs",
    }


@pytest.fixture
def make_case(db: None) -> Callable[..., Case]:
    def make(
        number: str = "06-23-1847/26",
        name: str = "Amra Hodžić",
        phone: str = "+38761123456",
        **fields: Any,
    ) -> Case:
        return Case.register(
            source="counter",
            actor="ana",
            ref=f"test:{uuid.uuid4()}",
            number=number,
            kind="administrative",
            subject="Urbanistička saglasnost",
            received_on=timezone.localdate(),
            applicant=Applicant.called(name, phone),
            **fields,
        )

    return make


@pytest.fixture
def case(make_case: Callable[..., Case]) -> Case:
    return make_case()


@pytest.fixture
def connect() -> Callable[[Case], Contact]:
    """Consent, and a chat that hears about the case."""

    def connect(case: Case) -> Contact:
        consent = record_consent(case, recorded_by="ana", medium="paper")
        contact = Contact.objects.create(channel="viber", address=uuid.uuid4().hex, reachable=True)
        Subscription.objects.create(consent=consent, case=case, contact=contact, created_at=timezone.now())
        return contact

    return connect


@pytest.fixture
def in_progress(case: Case) -> Case:
    for status in ("assigned", "in_progress"):
        case.move_to(Change(status), source="counter", actor="ana")
    return case
