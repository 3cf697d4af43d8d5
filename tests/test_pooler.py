"""PgBouncer in between. All stories on PostgreSQL have half of the house behind it; here, that it is really so."""

import pytest

from tests import pooler


def test_many_connections_share_a_few(house):
    """A web and a worker keep more connections open than the pooler has for them: none is anybody's own."""
    if not house.pooler:
        pytest.skip(pooler.why_not() or "SQLite has no connections to share")
    clients, servers = house.pooler.connections()
    assert clients > pooler.SERVER_CONNECTIONS >= servers > 0
