"""Every address of the API is knocked at without a key, with a revoked one and with a good one.

The addresses come from the list that Django serves: a new call that forgets to ask for a key fails here.
"""

import re

import pytest
from django.test import Client

from telal.api import keys
from telal.api.v1.urls import urlpatterns

# The description of the API, and the answer that there is nothing.
OPEN = {"openapi.json", "docs", ""}
METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH")
ROUTES = [str(pattern.pattern) for pattern in urlpatterns]
each_call = pytest.mark.parametrize("method", METHODS)
each_route = pytest.mark.parametrize("route", [route for route in ROUTES if route not in OPEN])

pytestmark = pytest.mark.django_db


def knock(method: str, route: str, key: str = "") -> int:
    where = re.sub(r"<\w+:ref>", "A-1", route)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Client().generic(method, f"/api/v1/{where}", headers=headers).status_code


def test_the_calls_are_where_they_are_looked_for():
    assert {"events", "cases/<ref:ref>"} <= set(ROUTES)


@each_route
@each_call
def test_nobody_calls_without_a_valid_key(dms, method: str, route: str):
    keys.revoke("DMS")
    is_a_call = knock(method, route, keys.create("DMS")) not in (401, 405)
    for key in ("", dms.key, "nonsense"):
        assert knock(method, route, key) == (401 if is_a_call else 405)


@each_route
def test_every_address_can_be_called_with_a_key(dms, route: str):
    assert any(knock(method, route, dms.key) not in (401, 405) for method in METHODS)
